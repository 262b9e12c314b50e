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
//!      duplicates/           tokens, what was evaluated, alerts: see `duplicates`; made again where it is missing
//!      inspection.json       how far the node has looked at what arrived, and what it chooses with: tell nobody
//!    certificates/
//!      node.credentials      what the node shows to its callers: key and certificate, issued by its own `nodes`
//!      link.credentials      what it shows to the node above, issued there; only with a node above
//!      link.waiting.key      a key that waits for its certificate, while one is being asked for
//!      clients.pem .key      the authority that names this node's officers
//!      nodes.pem .key        the authority that names the nodes below, and this one to its callers
//!      key-holder.credentials, key-holder-authority.pem      what it shows to a key-holder that is not the node above, and
//!                            that one's authority; likewise comparing.credentials
//!      duplicates.key        the key for tokens, of a key-holder; back it up apart from everything else
//!      signing.key           signs what the node says of its log; back it up apart from the data
//!      register.log          what both have issued, allowed, refused and revoked; never shorten it
//!      upper.pem             the authority of the node above; only with a node above
//!      <login>.pem .key      client certificates that were issued here
//!      own-roots.pem         the authority behind node.credentials, for those who call this node
//! ```

mod authorities;
mod joining;

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

pub use self::{
    authorities::{
        CERTIFICATE_MS, Invited, NewToken, Which, found_authority, invite, issue_client, register,
        revoke, revoke_token,
    },
    joining::{join, join_peer},
};
use crate::{
    clock::Clock,
    config, enrolment,
    evidence::{self, SigningKey},
    gateway,
    pki::{
        self, Authority, Certificate, Credentials, Register, Validity,
        register::{Event, Ground, Issued},
    },
    policy::package::Signer,
    store::{self, Store},
    wire,
};

/// Certificates hold so long. Nodes renew theirs by themselves; of an officer's an office thinks once a year.
const VALID_DAYS: u32 = 397;
/// An authority outlives what it issues.
const AUTHORITY_DAYS: u32 = 3650;
/// The file of the key that the node signs its log with.
pub const SIGNING_KEY: &str = "signing.key";

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

/// Why a node is not made or changed.
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
    /// A file cannot be read.
    #[error("cannot read {file}")]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Certificates cannot be made.
    #[error("the certificates cannot be made")]
    Pki(#[from] pki::Error),
    /// The signing key cannot be made.
    #[error("the signing key cannot be made")]
    SigningKey(#[from] evidence::Error),
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
    /// The register of certificates cannot be used.
    #[error("the register of certificates cannot be used")]
    Register(#[from] pki::register::Error),
    /// The register does not have it.
    #[error("the register knows no {0}; `lika ca list` and `lika ca tokens` show what it knows")]
    Unknown(String),
    /// The upper node gave no certificate.
    #[error("no certificate was issued")]
    NotIssued(#[from] wire::enrolment::Failed),
    /// The upper node's answer is not taken.
    #[error("{0} ({code})", code = .0.code())]
    NotJoined(#[from] enrolment::Error),
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
    clients.save(&certificates, Which::Clients.name())?;
    nodes.save(&certificates, Which::Nodes.name())?;
    let hosts: Vec<&str> = new.hosts.iter().map(String::as_str).collect();
    issue_own(&certificates, &nodes, (node, new.area), &hosts, &*clock)?;
    let key = SigningKey::create(&certificates.join(SIGNING_KEY), node)?;
    let officer = RecordId(random()?);
    let first = clients.issue_client(officer, validity(VALID_DAYS)?)?;
    put(&certificates, &first, Ground::Officer, &*clock)?;
    first.save(&certificates, &new.login)?;
    write_config(&config, &file_of(new, node))?;
    found(&config, new, &key, officer, clock)?;
    Ok(Made {
        config,
        node,
        officer,
    })
}

/// Issues what a node shows to its callers, by its own authority. Those who call it learn of the authority first: a node
/// that is stopped in between shows what they still believe, or what they believe already.
pub fn issue_own(
    certificates: &Path,
    authority: &Authority,
    own: (NodeId, AreaCode),
    hosts: &[&str],
    clock: &dyn Clock,
) -> Result<Credentials, Error> {
    let (node, area) = own;
    let validity = Validity::days(clock.now_ms(), VALID_DAYS)?;
    let credentials = authority.issue_node(node, area, hosts, validity)?;
    let roots = certificates.join("own-roots.pem");
    pki::replace(&roots, authority.certificate_pem().as_bytes(), 0o644)?;
    put(certificates, &credentials, Ground::Own, clock)?;
    credentials.replace(certificates, "node")?;
    Ok(credentials)
}

/// The hosts that the certificate names which a node shows to its callers.
pub fn own_hosts(certificates: &Path) -> Result<Vec<String>, Error> {
    Ok(Credentials::open(certificates, "node")?.hosts()?)
}

/// Writes down in the register what was issued.
fn put(
    certificates: &Path,
    credentials: &Credentials,
    ground: Ground,
    clock: &dyn Clock,
) -> Result<(), Error> {
    let certificate: Certificate = credentials.certificate()?;
    let issued = Issued::new(&certificate, credentials.certificate_pem(), ground);
    Register::open(certificates)?.record(clock.now_ms(), |_| {
        Ok::<_, Error>((vec![Event::Issued(issued)], ()))
    })
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

/// The file of a node's signing key.
pub fn signing_key(config: &config::Config) -> PathBuf {
    config.certificates.join(SIGNING_KEY)
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
    key: &SigningKey,
    officer: RecordId,
    clock: Arc<dyn Clock>,
) -> Result<(), Error> {
    let read = config::Config::read(config)?;
    let clock = new.scenario.clone().unwrap_or(clock);
    let store = Store::open(&store_settings(&read), clock, &mut |_| {})?;
    let node = Node {
        name: new.name.clone(),
        public_key: key.public().bytes.to_vec(),
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
        duplicates: config::duplicates::Duplicates::default(),
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

/// Wholly or not at all: a node whose configuration is half a file does not start.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    Ok(pki::replace(path, text.as_bytes(), 0o644)?)
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
