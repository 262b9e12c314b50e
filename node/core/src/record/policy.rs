//! Policies as records; the component itself is a content-addressed file.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Digest, Label, RecordId},
};

/// A WebAssembly component and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Name.
    pub name: Label,
    /// Version of the policy.
    pub version: Label,
    /// What it can be enacted for.
    pub purpose: Code,
    /// SHA-256 of the component.
    pub component: Digest,
    /// Size of the component in bytes.
    pub size: u64,
    /// SHA-256 of the package that it came in.
    pub package: Digest,
    /// The public keys whose signatures counted when it was admitted, in minisign's base64.
    pub signed_with: Vec<Label>,
}

impl Policy {
    /// The record id of the policy with this component.
    pub fn id_for(component: &Digest) -> RecordId {
        RecordId::derived("lika.policy", &component.0)
    }
}

impl Document for Policy {
    type Message = message::Policy;

    fn parse(message: message::Policy) -> Result<Self, Fault> {
        let message::policy::Open {
            name,
            version,
            purpose,
            component,
            size,
            package,
            signed_with,
        } = field::required("open", message.open)?;
        Ok(Self {
            name: field::malformed("name", Label::parse(&name))?,
            version: field::malformed("version", Label::parse(&version))?,
            purpose: field::malformed("purpose", Code::parse(&purpose))?,
            component: digest("component", &component)?,
            size,
            package: digest("package", &package)?,
            signed_with: signed_with
                .iter()
                .map(|key| field::malformed("signed_with", Label::parse(key)))
                .collect::<Result<_, _>>()?,
        })
    }

    fn message(&self) -> message::Policy {
        let Self {
            name,
            version,
            purpose,
            component,
            size,
            package,
            signed_with,
        } = self;
        message::Policy {
            open: Some(message::policy::Open {
                name: name.to_string(),
                version: version.to_string(),
                purpose: purpose.to_string(),
                component: component.0.to_vec(),
                size: *size,
                package: package.0.to_vec(),
                signed_with: signed_with.iter().map(ToString::to_string).collect(),
            }),
        }
    }

    parts!(Policy);

    fn keys(&self) -> Vec<Key> {
        vec![Key::open(Index::PolicyComponent, &[&self.component.0])]
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}

pub(super) fn digest(field: &'static str, bytes: &[u8]) -> Result<Digest, Fault> {
    bytes.try_into().map(Digest).map_err(|_| {
        Fault::new(
            field,
            Problem::Malformed("must be 32 bytes, a SHA-256 digest".to_owned()),
        )
    })
}
