//! The configuration of a node: one TOML file, validated once, all faults reported together.

pub mod duplicates;

use std::{
    collections::BTreeMap,
    fmt, fs,
    net::SocketAddr,
    num::NonZeroU64,
    path::{Path, PathBuf},
};

use lika_core::{
    income_year::IncomeYear,
    suppression::ORDINARY_THRESHOLD,
    value::{AreaCode, Label, NodeId, Ppm},
};
use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

use crate::policy::package::{Signer, Trust};

/// Below this an ordinary batch takes minutes, and a node never catches up.
const LEAST_BYTES_PER_SECOND: u64 = 1_000;
/// A threshold of 2 leaves out who is alone; less protects nobody.
const LEAST_THRESHOLD: u64 = 2;
const MOST_THRESHOLD: u64 = 1_000;

/// A validated configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The permanent id of the node.
    pub node: NodeId,
    /// Its name.
    pub name: Label,
    /// The area that it serves.
    pub area: AreaCode,
    /// The data folder: log, keys of data subjects, registry, components and their machine code.
    pub data: PathBuf,
    /// The node key; kept apart from the data, whose copies it protects.
    pub node_key: PathBuf,
    /// The folder of certificates.
    pub certificates: PathBuf,
    /// Where gRPC listens.
    pub grpc: SocketAddr,
    /// Where the console listens.
    pub console: SocketAddr,
    /// Whether the console speaks TLS. Without it, it listens on loopback only.
    pub console_tls: bool,
    /// The node above, as `https://host:port`.
    pub upper: Option<String>,
    /// What the link to it may send on average, in bytes a second; none for any number.
    pub most_bytes_per_second: Option<NonZeroU64>,
    /// Memory for the registry's pages, in bytes.
    pub cache_bytes: u64,
    /// Whose signatures of policies count here.
    pub trust: Trust,
    /// Which part of the evaluations that nodes below have made is run again here.
    pub sample: Ppm,
    /// When income years begin.
    pub income_year: IncomeYear,
    /// Counts above 0 and below it are not published.
    pub threshold: u64,
    /// What it does about people whom two counties have registered.
    pub duplicates: duplicates::Roles,
}

/// The file as it is written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The node.
    pub node: Node,
    /// Where things are kept; paths are relative to the file.
    pub paths: Paths,
    /// Where it listens.
    pub listen: Listen,
    /// The node above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<Upper>,
    /// The store.
    #[serde(default)]
    pub store: Store,
    /// Policies.
    #[serde(default)]
    pub policies: Policies,
    /// How it counts.
    #[serde(default)]
    pub counting: Counting,
    /// People whom two counties have registered.
    #[serde(default)]
    pub duplicates: duplicates::Duplicates,
}

/// The node.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The permanent id, a UUID.
    pub id: String,
    /// The name.
    pub name: String,
    /// The area code: 0, 2, 4, 6, 9 or 12 digits.
    pub area: String,
}

/// Where things are kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// The data folder.
    pub data: PathBuf,
    /// The node key.
    pub node_key: PathBuf,
    /// The folder of certificates.
    pub certificates: PathBuf,
}

/// Where it listens.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// gRPC, always with mutual TLS.
    pub grpc: String,
    /// The console.
    pub console: String,
    /// Whether the console speaks TLS.
    #[serde(default)]
    pub console_tls: bool,
}

/// The node above.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Upper {
    /// Its address.
    pub address: String,
    /// What the link to it may send on average, in bytes a second; any number when nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_bytes_per_second: Option<u64>,
}

/// The store.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// Memory for the registry's pages, in MiB.
    pub cache_mib: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self { cache_mib: 128 }
    }
}

/// How it counts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Counting {
    /// The month in which an income year begins; one that begins in October is named after the year in which it ends.
    #[serde(default = "january")]
    pub income_year_from_month: u8,
    /// Counts above 0 and below it are not published.
    #[serde(default = "ordinary_threshold")]
    pub threshold: u64,
}

fn january() -> u8 {
    IncomeYear::default().first_month()
}

fn ordinary_threshold() -> u64 {
    ORDINARY_THRESHOLD
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            income_year_from_month: january(),
            threshold: ordinary_threshold(),
        }
    }
}

/// Policies.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// How many people must have signed a policy before it is admitted.
    #[serde(default = "one")]
    pub signatures: usize,
    /// Which part of the evaluations that nodes below have made is run again here, such as `1%`; `0%` for none.
    #[serde(default = "ordinary_sample")]
    pub sample: String,
    /// Whose signatures count.
    #[serde(default, rename = "signer", skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<PolicySigner>,
}

/// Somebody whose signature of a policy counts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySigner {
    /// Who: two keys of one person count once.
    pub person: String,
    /// The public key that `lika policy key` printed, or that the minisign tool made.
    pub key: String,
}

fn one() -> usize {
    1
}

fn ordinary_sample() -> String {
    "1%".to_owned()
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            signatures: one(),
            sample: ordinary_sample(),
            signers: Vec::new(),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {file}")]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is not TOML, or a key is unknown.
    #[error("{file} is not a configuration")]
    Parse {
        /// The file.
        file: PathBuf,
        /// Where and what.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// Values are wrong, all of them.
    #[error("{file} has {} wrong values:{}", faults.len(), Lines(faults))]
    Invalid {
        /// The file.
        file: PathBuf,
        /// One line a fault.
        faults: Vec<String>,
    },
}

impl Config {
    /// Reads and validates a file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|source| Error::Read {
            file: path.to_owned(),
            source,
        })?;
        let file: File = toml::from_str(&text).map_err(|source| Error::Parse {
            file: path.to_owned(),
            source: Box::new(source),
        })?;
        let base = path.parent().unwrap_or(Path::new("."));
        validate(file, base).map_err(|faults| Error::Invalid {
            file: path.to_owned(),
            faults,
        })
    }
}

/// Holds every value against what it may be.
fn validate(file: File, base: &Path) -> Result<Config, Vec<String>> {
    let mut faults = Vec::new();
    let File {
        node,
        paths,
        listen,
        upper,
        store,
        policies,
        counting,
        duplicates,
    } = file;
    let id = keep(&mut faults, "node.id", NodeId::parse(&node.id));
    let name = keep(&mut faults, "node.name", Label::parse(&node.name));
    let area = keep(&mut faults, "node.area", AreaCode::parse(&node.area));
    let grpc = keep(
        &mut faults,
        "listen.grpc",
        listen.grpc.parse::<SocketAddr>(),
    );
    let console = keep(
        &mut faults,
        "listen.console",
        listen.console.parse::<SocketAddr>(),
    );
    if console.is_some_and(|address| !address.ip().is_loopback()) && !listen.console_tls {
        faults.push(
            "listen.console_tls: must be true unless the console listens on loopback".to_owned(),
        );
    }
    let (upper, most_bytes_per_second) = above(upper, &mut faults);
    if !(16..=65_536).contains(&store.cache_mib) {
        faults.push("store.cache_mib: must be from 16 to 65536".to_owned());
    }
    let income_year = IncomeYear::beginning_in(counting.income_year_from_month);
    if income_year.is_none() {
        faults.push("counting.income_year_from_month: must be from 1 to 12".to_owned());
    }
    if !(LEAST_THRESHOLD..=MOST_THRESHOLD).contains(&counting.threshold) {
        faults.push(format!(
            "counting.threshold: must be from {LEAST_THRESHOLD} to {MOST_THRESHOLD}"
        ));
    }
    let sample = Ppm::parse_share(&policies.sample);
    let sample = sample.map_err(|error| faults.push(format!("policies.sample: {error}")));
    let trust = trust(&policies, &mut faults);
    let duplicates = duplicates::validate(duplicates, upper.is_some(), &mut faults);
    match (id, name, area, grpc, console, sample) {
        (Some(node), Some(name), Some(area), Some(grpc), Some(console), Ok(sample))
            if faults.is_empty() =>
        {
            Ok(Config {
                node,
                name,
                area,
                data: base.join(paths.data),
                node_key: base.join(paths.node_key),
                certificates: base.join(paths.certificates),
                grpc,
                console,
                console_tls: listen.console_tls,
                upper,
                most_bytes_per_second,
                cache_bytes: store.cache_mib << 20,
                trust,
                sample,
                income_year: income_year.unwrap_or_default(),
                threshold: counting.threshold,
                duplicates,
            })
        }
        _ => Err(faults),
    }
}

/// Where the node above is, and how much is sent to it at most.
fn above(upper: Option<Upper>, faults: &mut Vec<String>) -> (Option<String>, Option<NonZeroU64>) {
    let most = upper.as_ref().and_then(|upper| upper.most_bytes_per_second);
    if most.is_some_and(|most| most < LEAST_BYTES_PER_SECOND) {
        faults.push(format!(
            "upper.most_bytes_per_second: must be at least {LEAST_BYTES_PER_SECOND}, or absent for any number"
        ));
    }
    let address = upper.map(|upper| upper.address);
    let is_odd = |address: &String| !address.starts_with("https://");
    if address.as_ref().is_some_and(is_odd) {
        faults.push("upper.address: must be https://host:port".to_owned());
    }
    (address, most.and_then(NonZeroU64::new))
}

/// Whose signatures count, each key for one person.
fn trust(policies: &Policies, faults: &mut Vec<String>) -> Trust {
    let signers = policies.signers.iter().filter_map(|signer| {
        let key = Signer::new(&signer.person, &signer.key);
        let text = key.map_err(|error| format!("{}: {error}", signer.person));
        keep(faults, "policies.signer", text)
    });
    let signers: Vec<Signer> = signers.collect();
    let mut keys = BTreeMap::new();
    for signer in &signers {
        let person = *keys.entry(signer.key()).or_insert(signer.person());
        if person != signer.person() {
            let other = signer.person();
            faults.push(format!(
                "policies.signer: {person} and {other} cannot have one key"
            ));
        }
    }
    if policies.signatures == 0 {
        faults.push("policies.signatures: must be at least 1".to_owned());
    }
    Trust {
        needed: policies.signatures,
        signers,
    }
}

fn keep<T, E: fmt::Display>(faults: &mut Vec<String>, key: &str, value: Result<T, E>) -> Option<T> {
    value
        .map_err(|error| faults.push(format!("{key}: {error}")))
        .ok()
}

struct Lines<'a>(&'a [String]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// For `lika config show`: the configuration in force, paths resolved.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            node,
            name,
            area,
            data,
            node_key,
            certificates,
            grpc,
            console,
            console_tls,
            upper,
            most_bytes_per_second,
            cache_bytes,
            trust,
            sample,
            income_year,
            threshold,
            duplicates,
        } = self;
        writeln!(f, "node.id            = {node}")?;
        writeln!(f, "node.name          = {name}")?;
        writeln!(f, "node.area          = {area}")?;
        writeln!(f, "paths.data         = {}", data.display())?;
        writeln!(f, "paths.node_key     = {}", node_key.display())?;
        writeln!(f, "paths.certificates = {}", certificates.display())?;
        writeln!(f, "listen.grpc        = {grpc}")?;
        writeln!(f, "listen.console     = {console}")?;
        writeln!(f, "listen.console_tls = {console_tls}")?;
        writeln!(
            f,
            "upper.address      = {}",
            upper.as_deref().unwrap_or("none")
        )?;
        if let Some(most) = most_bytes_per_second {
            writeln!(f, "upper.most_bytes_per_second = {most}")?;
        }
        writeln!(f, "store.cache_mib    = {}", cache_bytes >> 20)?;
        writeln!(f, "policies.signatures = {}", trust.needed)?;
        writeln!(f, "policies.sample    = {}", sample.share())?;
        let month = income_year.first_month();
        writeln!(f, "counting.income_year_from_month = {month}")?;
        writeln!(f, "counting.threshold = {threshold}")?;
        write!(f, "{duplicates}")?;
        let mut signers = trust.signers.iter();
        signers.try_for_each(|signer| {
            writeln!(f, "policies.signer    = {} {}", signer.key(), signer.person)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Config, Vec<String>> {
        let file: File = toml::from_str(text).map_err(|error| vec![error.message().to_owned()])?;
        validate(file, Path::new("/srv/lika"))
    }

    const GOOD: &str = r#"
        node = { id = "0198f3c2-0000-8000-8000-000000000001", name = "芦溪县", area = "360323" }
        paths = { data = "data", node_key = "node.key", certificates = "certificates" }
        listen = { grpc = "127.0.0.1:0", console = "127.0.0.1:0" }
    "#;

    #[test]
    fn paths_are_relative_to_the_file() {
        assert_eq!(check(GOOD).unwrap().data, Path::new("/srv/lika/data"));
    }

    #[test]
    fn all_faults_are_reported_together() {
        let bad = GOOD
            .replace("360323", "36032")
            .replace("0198f3c2", "?")
            .replace("grpc = \"127.0.0.1:0\"", "grpc = \"x\"");
        let faults = check(&bad).unwrap_err();
        let keys: Vec<_> = faults
            .iter()
            .filter_map(|fault| fault.split(':').next())
            .collect();
        assert_eq!(keys, ["node.id", "node.area", "listen.grpc"]);
    }

    #[test]
    fn what_is_sampled_is_a_share_and_one_per_cent_when_nobody_says() {
        let sampled = |policies: &str| check(&format!("{GOOD}\n{policies}"));
        assert_eq!(sampled("").unwrap().sample, Ppm(10_000));
        let none = r#"policies = { sample = "0%" }"#;
        assert_eq!(sampled(none).unwrap().sample, Ppm(0));
        let shown = sampled(r#"policies = { sample = "0.250 %" }"#).unwrap();
        let shown = shown.to_string();
        assert!(shown.contains("policies.sample    = 0.25%\n"), "{shown}");
        let faults = sampled(r#"policies = { sample = "some" }"#).unwrap_err();
        assert!(faults[0].starts_with("policies.sample"), "{faults:?}");
    }

    #[test]
    fn how_it_counts_is_a_setting() {
        let counted = |counting: &str| check(&format!("{GOOD}\n{counting}"));
        let ordinary = counted("").unwrap();
        assert_eq!(
            (ordinary.income_year.first_month(), ordinary.threshold),
            (1, 10)
        );
        let own = counted("counting = { income_year_from_month = 10, threshold = 5 }").unwrap();
        assert_eq!((own.income_year.first_month(), own.threshold), (10, 5));
        let wrong = "counting = { income_year_from_month = 13, threshold = 1 }";
        assert_eq!(counted(wrong).unwrap_err().len(), 2);
    }

    #[test]
    fn the_link_up_may_be_bounded() {
        let bounded = |most: &str| {
            let upper = format!(r#"upper = {{ address = "https://x:1", {most} }}"#);
            check(&format!("{GOOD}\n{upper}"))
        };
        let most = |config: Config| config.most_bytes_per_second.map(NonZeroU64::get);
        assert_eq!(bounded("").map(most).unwrap(), None);
        let some = bounded("most_bytes_per_second = 20_000").map(most);
        assert_eq!(some.unwrap(), Some(20_000));
        for little in ["0", "999"] {
            let faults = bounded(&format!("most_bytes_per_second = {little}")).unwrap_err();
            assert!(
                faults[0].starts_with("upper.most_bytes_per_second"),
                "{faults:?}"
            );
        }
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let faults = check(&GOOD.replace("console =", "consol =")).unwrap_err();
        assert!(faults[0].contains("consol"), "{faults:?}");
    }

    #[test]
    fn a_console_in_the_open_needs_tls() {
        let faults =
            check(&GOOD.replace("console = \"127.0.0.1:0\"", "console = \"0.0.0.0:8080\""))
                .unwrap_err();
        assert_eq!(faults.len(), 1);
    }
}
