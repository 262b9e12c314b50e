//! Officers: people who sign in.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{AreaCode, Code, Name, RecordId, Text},
};

/// A person who signs in, with roles bound to areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// What the officer may do, and where.
    pub grants: Vec<Grant>,
    /// The cadre record of the same person.
    pub cadre: Option<RecordId>,
    /// Whether signing in is stopped.
    pub locked: bool,
    /// Who it is; not known where it was withheld.
    pub identity: Option<OfficerIdentity>,
    /// The password in the PHC string format, argon2id; not known anywhere but on the officer's own node.
    pub password_hash: Option<Text>,
}

/// A role in an area and everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Code list role.
    pub role: Code,
    /// The area.
    pub area: AreaCode,
}

/// Who an officer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficerIdentity {
    /// The name to sign in with.
    pub login: Text,
    /// The person's name.
    pub name: Name,
}

impl Document for Officer {
    type Message = message::Officer;

    fn parse(message: message::Officer) -> Result<Self, Fault> {
        let message::Officer {
            open,
            identity,
            credential,
        } = message;
        let message::officer::Open {
            grants,
            cadre,
            locked,
        } = field::required("open", open)?;
        let grants = grants
            .into_iter()
            .map(|message::officer::Grant { role, area }| {
                Ok(Grant {
                    role: field::code("role", "grants.role", &role)?,
                    area: field::malformed("grants.area", AreaCode::parse(&area))?,
                })
            })
            .collect::<Result<_, Fault>>()?;
        let identity = identity
            .map(|message::officer::Identity { login, name }| {
                Ok::<_, Fault>(OfficerIdentity {
                    login: field::malformed("login", Text::parse(&login))?,
                    name: field::malformed("name", Name::parse(&name))?,
                })
            })
            .transpose()?;
        let password_hash = match credential {
            Some(message::officer::Credential { password_hash }) => Some(field::required(
                "password_hash",
                field::optional_text("password_hash", &password_hash, Text::parse)?,
            )?),
            None => None,
        };
        Ok(Self {
            grants,
            cadre: field::optional_id("cadre", &cadre)?,
            locked,
            identity,
            password_hash,
        })
    }

    fn message(&self) -> message::Officer {
        let Self {
            grants,
            cadre,
            locked,
            identity,
            password_hash,
        } = self;
        message::Officer {
            open: Some(message::officer::Open {
                grants: grants
                    .iter()
                    .map(|Grant { role, area }| message::officer::Grant {
                        role: role.to_string(),
                        area: area.digits().to_owned(),
                    })
                    .collect(),
                cadre: field::id_bytes(cadre.as_ref()),
                locked: *locked,
            }),
            identity: identity.as_ref().map(|OfficerIdentity { login, name }| {
                message::officer::Identity {
                    login: login.to_string(),
                    name: name.to_string(),
                }
            }),
            credential: password_hash
                .as_ref()
                .map(|hash| message::officer::Credential {
                    password_hash: hash.to_string(),
                }),
        }
    }

    parts!(Officer, identity = Identity, credential = Credential);

    fn keys(&self) -> Vec<Key> {
        self.identity
            .as_ref()
            .map(|identity| Key::blind(Index::Login, identity.login.as_str()))
            .into_iter()
            .collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}
