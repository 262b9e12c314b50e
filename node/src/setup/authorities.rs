//! What an office does with the authorities of its node: invite, list, revoke, issue.

use std::path::{Path, PathBuf};

use lika_core::value::{AreaCode, NodeId, RecordId};

use super::{AUTHORITY_DAYS, Error, VALID_DAYS, issue_own, put};
use crate::{
    clock::Clock,
    config::Config,
    pki::{
        Authority, Fingerprint, Register, Serial, Token, TokenId, Validity,
        register::{Event, Fate, Ground, Holder, Issued, Revoked, Standing},
    },
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// How long the certificates of nodes below hold where nobody says otherwise, in milliseconds.
pub const CERTIFICATE_MS: u64 = VALID_DAYS as u64 * DAY_MS;

/// Who shall be let in.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The area that the node serves.
    pub area: AreaCode,
    /// The only node that may use the token. A token without one cannot enrol a node that is known here already.
    pub node: Option<NodeId>,
    /// For people.
    pub name: String,
    /// How long the token may be used, in milliseconds.
    pub valid_ms: u64,
    /// How long the certificate holds, in milliseconds.
    pub certificate_ms: u64,
}

/// What is carried to the node below.
#[derive(Debug)]
pub struct Invited {
    /// The token, which is kept nowhere else.
    pub token: Token,
    /// What the node below holds the authority against.
    pub fingerprint: Fingerprint,
    /// Until when the token may be used, in milliseconds since 1970-01-01T00:00:00Z.
    pub until_ms: u64,
}

/// The two authorities of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// That names the nodes below, and this node to its callers.
    Nodes,
    /// That names this node's officers.
    Clients,
}

impl Which {
    /// The name of its files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::Clients => "clients",
        }
    }
}

/// Makes an authority that is missing or, when asked, in the place of the one that is there; that one is kept beside it
/// under another name, where nobody believes it. Gives its fingerprint.
pub fn found_authority(
    config: &Path,
    which: Which,
    replace: bool,
    clock: &dyn Clock,
) -> Result<Fingerprint, Error> {
    let read = Config::read(config)?;
    let (folder, name) = (&read.certificates, which.name());
    let files = ["pem", "key"].map(|kind| folder.join(format!("{name}.{kind}")));
    if let Some(file) = files.iter().find(|file| file.exists()) {
        if !replace {
            return Err(Error::AlreadyThere(file.clone()));
        }
        let number = clock.now_ms();
        for file in files.iter().filter(|file| file.exists()) {
            let kind = file.extension().unwrap_or_default().to_string_lossy();
            let aside = folder.join(format!("{name}.replaced-{number}.{kind}"));
            std::fs::rename(file, &aside).map_err(|source| Error::Write {
                file: aside,
                source,
            })?;
        }
    }
    let validity = Validity::days(clock.now_ms(), AUTHORITY_DAYS)?;
    let authority = Authority::create(&format!("{} {name}", read.name), validity)?;
    authority.save(folder, name)?;
    if which == Which::Nodes {
        let own = super::own_hosts(folder)?;
        let hosts: Vec<&str> = own.iter().map(String::as_str).collect();
        issue_own(folder, &authority, (read.node, read.area), &hosts, clock)?;
    }
    Ok(authority.fingerprint()?)
}

/// Lets a node below enrol, once.
pub fn invite(config: &Path, new: &NewToken, clock: &dyn Clock) -> Result<Invited, Error> {
    let read = Config::read(config)?;
    let (area, own) = (new.area, read.area);
    if area == own || !own.contains(&area) {
        let message = match area == own {
            true => format!("{area} is the area of this node itself"),
            false => format!("{area} is not in {own}, the area of this node"),
        };
        return Err(Error::Invalid {
            field: "area",
            message,
        });
    }
    if new.node == Some(read.node) {
        let message = "it is this node itself".to_owned();
        return Err(Error::Invalid {
            field: "node",
            message,
        });
    }
    let authority = Authority::open(&read.certificates, Which::Nodes.name())?;
    let now_ms = clock.now_ms();
    // Refused now rather than when the certificate is made.
    Validity::lasting(now_ms, new.certificate_ms)?;
    let until_ms = now_ms.saturating_add(new.valid_ms);
    let token = Token::make()?;
    let event = Event::TokenMade {
        token: token.id().clone(),
        hash: token.hash(),
        area,
        node: new.node,
        name: new.name.clone(),
        until_ms,
        certificate_ms: new.certificate_ms,
    };
    write(&read, clock, |_| Ok((vec![event], ())))?;
    Ok(Invited {
        token,
        fingerprint: authority.fingerprint()?,
        until_ms,
    })
}

/// Takes a token back that nobody has used.
pub fn revoke_token(config: &Path, token: &TokenId, clock: &dyn Clock) -> Result<(), Error> {
    let read = Config::read(config)?;
    write(&read, clock, |standing| {
        let known = standing.token(token);
        let known = known.ok_or_else(|| Error::Unknown(format!("token {token}")))?;
        match &known.fate {
            Fate::Open => {
                let token = token.clone();
                Ok((vec![Event::TokenRevoked { token }], ()))
            }
            Fate::Revoked => Ok((Vec::new(), ())),
            Fate::Used(serial) => Err(Error::Invalid {
                field: "token",
                message: format!("it was used; `lika ca revoke {serial}` revokes the certificate"),
            }),
        }
    })
}

/// Revokes a certificate by its number, or all that a node or an officer has: by the id, or as `node/<id>` or
/// `client/<id>` where the register does not know it. Gives what was revoked, as it stands in the register.
pub fn revoke(
    config: &Path,
    what: &str,
    reason: &str,
    clock: &dyn Clock,
) -> Result<Revoked, Error> {
    let read = Config::read(config)?;
    write(&read, clock, |standing| {
        let what = find(standing, what)?;
        let is_own = match &what {
            Revoked::Holder(holder) => *holder == Holder::Node(read.node),
            Revoked::Serial(serial) => {
                let issued = standing.certificate(serial);
                issued.is_some_and(|issued| issued.ground == Ground::Own)
            }
        };
        if is_own {
            return Err(Error::Invalid {
                field: "certificate",
                message: "it is this node's own, which nobody would hold against the register; \
                          `lika ca init --of nodes --replace` makes another"
                    .to_owned(),
            });
        }
        let reason = reason.to_owned();
        let event = Event::Revoked {
            what: what.clone(),
            reason,
        };
        Ok((vec![event], what))
    })
}

/// The register of a node, as it stands.
pub fn register(config: &Path) -> Result<Register, Error> {
    let read = Config::read(config)?;
    Ok(Register::open(&read.certificates)?)
}

/// Issues a client certificate to an officer.
pub fn issue_client(
    config: &Path,
    officer: RecordId,
    name: &str,
    clock: &dyn Clock,
) -> Result<PathBuf, Error> {
    let read = Config::read(config)?;
    let clients = Authority::open(&read.certificates, Which::Clients.name())?;
    let validity = Validity::days(clock.now_ms(), VALID_DAYS)?;
    let credentials = clients.issue_client(officer, validity)?;
    put(&read.certificates, &credentials, Ground::Officer, clock)?;
    credentials.save(&read.certificates, name)?;
    Ok(read.certificates.join(format!("{name}.pem")))
}

fn write<T>(
    config: &Config,
    clock: &dyn Clock,
    decide: impl FnOnce(&Standing) -> Result<(Vec<Event>, T), Error>,
) -> Result<T, Error> {
    Register::open(&config.certificates)?.record(clock.now_ms(), decide)
}

fn find(standing: &Standing, what: &str) -> Result<Revoked, Error> {
    let unknown = || Error::Unknown(format!("certificate of {what}"));
    match what.split_once('/') {
        Some(("node", id)) => {
            let node = NodeId::parse(id).map_err(|_| unknown())?;
            return Ok(Revoked::Holder(Holder::Node(node)));
        }
        Some(("client", id)) => {
            let officer = RecordId::parse(id).map_err(|_| unknown())?;
            return Ok(Revoked::Holder(Holder::Client(officer)));
        }
        _ => {}
    }
    if let Ok(id) = NodeId::parse(what) {
        let holders = [Holder::Node(id), Holder::Client(RecordId(id.0))];
        let has = |holder: &Holder| {
            let issued = standing.issued();
            issued
                .into_iter()
                .any(|Issued { to, .. }| Holder::from(*to) == *holder)
        };
        let found = holders.into_iter().find(has);
        return found.map(Revoked::Holder).ok_or_else(unknown);
    }
    let serial = Serial::parse(what).ok_or_else(unknown)?;
    standing.certificate(&serial).ok_or_else(unknown)?;
    Ok(Revoked::Serial(serial))
}
