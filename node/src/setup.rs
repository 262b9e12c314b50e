//! A new node: its id, keys, certificates, and the first entries of its log.
//!
//! ```text
//!  <folder>/
//!    lika.toml               the configuration
//!    node.key                the node key, mode 0600; back it up apart from the data
//!    data/                   see `store`
//!      packages/             policies as they came, by their digests
//!      components/           what is in them, by the digests that the log names
//!      machine-code/         what components were compiled to; made again where it is missing
//!      inspection.json       how far the node has looked at what arrived, and what it chooses with: tell nobody
//!    certificates/
//!      node.pem .key         what the node shows: issued by the node above, or by itself
//!      clients.pem .key      the authority that names this node's officers
//!      nodes.pem .key        the authority that names the nodes below
//!      upper.pem             the authority of the node above; only with a node above
//!      <login>.pem .key      client certificates that were issued here
//!      own-roots.pem         the authority behind node.pem, for those who call this node
//! ```

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use lika_core::{
    command::{Change, Command},
    record::{Area, Grant, Node, Officer, OfficerIdentity},
    value::{ActorId, AreaCode, Code, Label, Name, NodeId, RecordId, RequestId, Text},
};
use thiserror::Error as ThisError;

use crate::{
    clock::Clock,
    config, gateway,
    pki::{self, Authority, Credentials, Validity},
    policy::package::Signer,
    store::{self, Store},
};

/// Certificates hold so long: without revocation they are short, and a year is what an office remembers to renew.
const VALID_DAYS: u32 = 397;
/// An authority outlives what it issues.
const AUTHORITY_DAYS: u32 = 3650;

/// What a new node is. `Debug` leaves the password out.
#[derive(Clone)]
pub struct NewNode {
    /// The folder, which must not have a configuration yet.
    pub folder: PathBuf,
    /// The name.
    pub name: Label,
    /// The area.
    pub area: AreaCode,
    /// Host names and addresses at which it is called.
    pub hosts: Vec<String>,
    /// Where gRPC listens.
    pub grpc: String,
    /// Where the console listens.
    pub console: String,
    /// The first officer.
    pub login: String,
    /// The first officer's password.
    pub password: String,
    /// What a scenario tells the time by; the first entry of its log says that it is one. Certificates go by the real
    /// time all the same, because whoever checks them does.
    pub scenario: Option<Arc<dyn Clock>>,
}

impl fmt::Debug for NewNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            folder,
            name,
            area,
            hosts,
            grpc,
            console,
            login,
            password: _,
            scenario,
        } = self;
        f.debug_struct("NewNode")
            .field("folder", folder)
            .field("name", name)
            .field("area", area)
            .field("hosts", hosts)
            .field("grpc", grpc)
            .field("console", console)
            .field("login", login)
            .field("scenario", scenario)
            .finish_non_exhaustive()
    }
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The configuration file.
    pub config: PathBuf,
    /// The node's id.
    pub node: NodeId,
    /// The first officer.
    pub officer: RecordId,
}

/// The node above: how to reach it and who vouches for it.
#[derive(Clone, Debug)]
pub struct Upper {
    /// `https://host:port`.
    pub address: String,
    /// The certificate of its authority, in PEM.
    pub roots: String,
    /// The node certificate that it issued to this node.
    pub credentials: Credentials,
}

/// Why there is no new node.
#[derive(Debug, ThisError)]
pub enum Error {
    /// There is one already.
    #[error("{0} is there already; choose another folder")]
    AlreadyThere(PathBuf),
    /// A file cannot be written.
    #[error("cannot write {file}")]
    Write {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Certificates cannot be made.
    #[error("the certificates cannot be made")]
    Pki(#[from] pki::Error),
    /// The store cannot be made.
    #[error("the store cannot be made")]
    Store(#[from] store::Error),
    /// The password cannot be hashed.
    #[error("the password cannot be hashed")]
    Password(#[source] gateway::Error),
    /// A name cannot be used.
    #[error("{field}: {message}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong.
        message: String,
    },
    /// The configuration cannot be read back.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// The machine gives no randomness.
    #[error("the machine gives no random bytes")]
    NoRandomness,
}

/// Makes a node: folder, keys, certificates, configuration, and the first entries of its log.
pub fn create(new: &NewNode, clock: Arc<dyn Clock>) -> Result<Made, Error> {
    let config = new.folder.join("lika.toml");
    if config.exists() {
        return Err(Error::AlreadyThere(config));
    }
    let certificates = new.folder.join("certificates");
    make_folder(&certificates)?;
    let node = NodeId(random()?);
    let validity = |days| Validity::days(clock.now_ms(), days);
    let clients = Authority::create(&format!("{} clients", new.name), validity(AUTHORITY_DAYS)?)?;
    let nodes = Authority::create(&format!("{} nodes", new.name), validity(AUTHORITY_DAYS)?)?;
    clients.save(&certificates, "clients")?;
    nodes.save(&certificates, "nodes")?;
    let hosts: Vec<&str> = new.hosts.iter().map(String::as_str).collect();
    nodes
        .issue_node(node, new.area, &hosts, validity(VALID_DAYS)?)?
        .save(&certificates, "node")?;
    write(&certificates.join("own-roots.pem"), nodes.certificate_pem())?;
    let officer = RecordId(random()?);
    clients
        .issue_client(officer, validity(VALID_DAYS)?)?
        .save(&certificates, &new.login)?;
    write_config(&config, &file_of(new, node))?;
    found(&config, new, officer, clock)?;
    Ok(Made {
        config,
        node,
        officer,
    })
}

/// Joins a node to the one above: its certificate from there replaces the one that the node gave itself.
pub fn join(config: &Path, upper: &Upper) -> Result<(), Error> {
    let read = config::Config::read(config)?;
    let certificates = &read.certificates;
    for name in ["node.pem", "node.key"] {
        let file = certificates.join(name);
        fs::remove_file(&file).map_err(|source| Error::Write { file, source })?;
    }
    upper.credentials.save(certificates, "node")?;
    write(&certificates.join("upper.pem"), &upper.roots)?;
    write(&certificates.join("own-roots.pem"), &upper.roots)?;
    let mut file = read_config(config)?;
    file.upper = Some(config::Upper {
        address: upper.address.clone(),
    });
    write_config(config, &file)
}

/// Lets the signatures of one more person's key count for policies. Two keys may belong to one person, who then counts
/// once; a key that is listed already stays as it is.
pub fn trust(config: &Path, person: &str, key: &str) -> Result<(), Error> {
    let known = config::Config::read(config)?.trust.signers;
    let invalid = |message| Error::Invalid {
        field: "key",
        message,
    };
    let signer = Signer::new(person, key).map_err(|error| invalid(error.to_string()))?;
    let key = signer.key();
    if let Some(known) = known.iter().find(|known| known.key() == key) {
        return if known.person() == person {
            Ok(())
        } else {
            Err(invalid(format!("it is the key of {}", known.person())))
        };
    }
    let mut file = read_config(config)?;
    file.policies.signers.push(config::PolicySigner {
        person: person.to_owned(),
        key,
    });
    write_config(config, &file)
}

/// Issues a certificate to a node below.
pub fn issue_below(
    config: &Path,
    node: NodeId,
    area: AreaCode,
    hosts: &[String],
    clock: &dyn Clock,
) -> Result<(Credentials, String), Error> {
    let read = config::Config::read(config)?;
    if !read.area.contains(&area) {
        let message = format!("{area} is not in {}, the area of this node", read.area);
        return Err(Error::Invalid {
            field: "area",
            message,
        });
    }
    let nodes = Authority::open(&read.certificates, "nodes")?;
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let credentials = nodes.issue_node(
        node,
        area,
        &hosts,
        Validity::days(clock.now_ms(), VALID_DAYS)?,
    )?;
    Ok((credentials, nodes.certificate_pem().to_owned()))
}

/// Issues a client certificate to an officer.
pub fn issue_client(
    config: &Path,
    officer: RecordId,
    name: &str,
    clock: &dyn Clock,
) -> Result<PathBuf, Error> {
    let read = config::Config::read(config)?;
    let clients = Authority::open(&read.certificates, "clients")?;
    let validity = Validity::days(clock.now_ms(), VALID_DAYS)?;
    clients
        .issue_client(officer, validity)?
        .save(&read.certificates, name)?;
    Ok(read.certificates.join(format!("{name}.pem")))
}

/// The settings of a node's store.
pub fn store_settings(config: &config::Config) -> store::Settings {
    let mut settings =
        store::Settings::new(&config.data, &config.node_key, config.node, config.area);
    settings.cache_bytes = config.cache_bytes;
    settings
}

/// The first command of a log: the node itself, the area it serves, and the first officer.
fn found(
    config: &Path,
    new: &NewNode,
    officer: RecordId,
    clock: Arc<dyn Clock>,
) -> Result<(), Error> {
    let read = config::Config::read(config)?;
    let clock = new.scenario.clone().unwrap_or(clock);
    let store = Store::open(&store_settings(&read), clock, &mut |_| {})?;
    let node = Node {
        name: new.name.clone(),
        public_key: Vec::new(),
        scenario: new.scenario.is_some(),
    };
    let area = Area {
        code: new.area,
        name: new.name.clone(),
        key_village: Vec::new(),
        from: None,
        until: None,
        successors: Vec::new(),
    };
    let password_hash = gateway::hash_password(&new.password).map_err(Error::Password)?;
    let first = Officer {
        grants: vec![Grant {
            role: valid("role", Code::parse("county-office"))?,
            area: new.area,
        }],
        cadre: None,
        locked: false,
        identity: Some(OfficerIdentity {
            login: valid("login", Text::parse(&new.login))?,
            name: valid("login", Name::parse(&new.login))?,
        }),
        password_hash: Some(valid("password", Text::parse(&password_hash))?),
    };
    let changes = vec![
        Change::create(RecordId(read.node.0), new.area, node),
        Change::create(lika_core::record::area_id(&new.area), new.area, area),
        Change::create(officer, new.area, first),
    ];
    let command = Command {
        request: RequestId(random()?),
        actor: ActorId(read.node.0),
        changes,
    };
    store.submit_blocking(command)?;
    Ok(store.close()?)
}

fn file_of(new: &NewNode, node: NodeId) -> config::File {
    config::File {
        node: config::Node {
            id: node.to_string(),
            name: new.name.to_string(),
            area: new.area.digits().to_owned(),
        },
        paths: config::Paths {
            data: "data".into(),
            node_key: "node.key".into(),
            certificates: "certificates".into(),
        },
        listen: config::Listen {
            grpc: new.grpc.clone(),
            console: new.console.clone(),
            console_tls: false,
        },
        upper: None,
        store: config::Store::default(),
        policies: config::Policies::default(),
        counting: config::Counting::default(),
    }
}

fn read_config(path: &Path) -> Result<config::File, Error> {
    let text = fs::read_to_string(path).map_err(|source| config::Error::Read {
        file: path.to_owned(),
        source,
    })?;
    let file = toml::from_str(&text).map_err(|source| config::Error::Parse {
        file: path.to_owned(),
        source: Box::new(source),
    })?;
    Ok(file)
}

fn write_config(path: &Path, file: &config::File) -> Result<(), Error> {
    let text = toml::to_string_pretty(file).map_err(|error| Error::Invalid {
        field: "configuration",
        message: error.to_string(),
    })?;
    write(path, &text)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|source| Error::Write {
        file: path.to_owned(),
        source,
    })
}

fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|source| Error::Write {
        file: path.to_owned(),
        source,
    })
}

fn random() -> Result<[u8; 16], Error> {
    use ring::rand::SecureRandom as _;
    let mut bytes = [0; 16];
    ring::rand::SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::NoRandomness)?;
    // A UUID of version 4 (RFC 9562, 5.4).
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Ok(bytes)
}

fn valid<T, E: std::fmt::Display>(field: &'static str, value: Result<T, E>) -> Result<T, Error> {
    value.map_err(|error| Error::Invalid {
        field,
        message: error.to_string(),
    })
}
