//! Who a certificate names.

use lika_core::value::{AreaCode, NodeId, RecordId};
use x509_parser::{
    certificate::X509Certificate,
    extensions::{ExtendedKeyUsage, GeneralName},
    prelude::FromDer as _,
};

use crate::pki::Error;

const SCHEME: &str = "lika:";

/// Who a certificate names. That the certificate is genuine and in its time is checked by TLS before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A node of the federation.
    Node {
        /// Its permanent id.
        node: NodeId,
        /// The area that it serves, and under which alone it may write.
        area: AreaCode,
    },
    /// A program that acts for an officer.
    Client {
        /// The officer's record.
        officer: RecordId,
    },
}

impl Identity {
    /// Reads the identity out of a certificate, strictly: exactly one `lika://` address, and the uses of its profile.
    pub fn from_certificate(der: &[u8]) -> Result<Self, Error> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| Error::Unreadable)?;
        if !rest.is_empty() {
            return Err(Error::Unreadable);
        }
        let identity = Self::parse(sole_address(&certificate)?)?;
        let uses = certificate
            .extended_key_usage()
            .map_err(|_| Error::Unreadable)?;
        let fits = uses.is_some_and(|uses| identity.fits(uses.value));
        if !fits || certificate.is_ca() {
            return Err(Error::WrongUses(identity.profile()));
        }
        Ok(identity)
    }

    /// The `lika://` address that [`from_certificate`](Self::from_certificate) reads.
    pub fn address(&self) -> String {
        match self {
            Self::Node { node, area } => format!("lika://node/{node}/{area}"),
            Self::Client { officer } => format!("lika://client/{officer}"),
        }
    }

    pub(super) fn parse(address: &str) -> Result<Self, Error> {
        let path = address.strip_prefix("lika://").ok_or(Error::BadIdentity)?;
        let segments: Vec<&str> = path.split('/').collect();
        match segments.as_slice() {
            ["node", node, area] => Ok(Self::Node {
                node: NodeId::parse(node).map_err(|_| Error::BadIdentity)?,
                area: AreaCode::parse(area).map_err(|_| Error::BadIdentity)?,
            }),
            ["client", officer] => Ok(Self::Client {
                officer: RecordId::parse(officer).map_err(|_| Error::BadIdentity)?,
            }),
            _ => Err(Error::BadIdentity),
        }
    }

    fn fits(&self, uses: &ExtendedKeyUsage<'_>) -> bool {
        let may_serve = matches!(self, Self::Node { .. });
        uses.client_auth && uses.server_auth == may_serve && !uses.any
    }

    fn profile(&self) -> &'static str {
        match self {
            Self::Node { .. } => "node",
            Self::Client { .. } => "client",
        }
    }
}

fn sole_address<'a>(certificate: &'a X509Certificate<'_>) -> Result<&'a str, Error> {
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| Error::Unreadable)?
        .ok_or(Error::NoIdentity)?;
    let addresses: Vec<&str> = names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::URI(uri) if is_ours(uri) => Some(*uri),
            _ => None,
        })
        .collect();
    match addresses.as_slice() {
        [] => Err(Error::NoIdentity),
        [address] => Ok(address),
        several => Err(Error::SeveralIdentities(several.len())),
    }
}

/// In any case of letters: `LIKA://…` beside `lika://…` must count as a second one, not be overlooked.
fn is_ours(uri: &str) -> bool {
    uri.get(..SCHEME.len())
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
}
