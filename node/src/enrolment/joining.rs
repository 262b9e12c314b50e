//! The lower node's side: a key that asks, and an answer that is believed only when all of it is right.

use std::path::{Path, PathBuf};

use lika_core::value::NodeId;
use thiserror::Error as ThisError;

use crate::{
    crash,
    pki::{
        self, Certificate, Credentials, Fingerprint, Identity, NewKey, Token, check_issuer, forget,
        replace,
    },
};

/// The name of the credentials with which a node opens its link upwards.
pub const LINK: &str = "link";

/// At whom a node enrols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The node above, for the link.
    Upper,
    /// A key-holder for tokens that is another node.
    KeyHolder,
    /// A node that compares tokens and is another one.
    Comparing,
}

impl Peer {
    /// The name of the credentials that are shown there.
    pub fn credentials(self) -> &'static str {
        match self {
            Self::Upper => LINK,
            Self::KeyHolder => "key-holder",
            Self::Comparing => "comparing",
        }
    }

    /// The file of its authority.
    pub fn authority(self) -> &'static str {
        match self {
            Self::Upper => "upper.pem",
            Self::KeyHolder => "key-holder-authority.pem",
            Self::Comparing => "comparing-authority.pem",
        }
    }

    /// The key that waits for its certificate: made and kept before anything is asked, so that an answer that was lost
    /// can be asked for again.
    fn waiting(self) -> String {
        format!("{}.waiting.key", self.credentials())
    }
}

/// What somebody carried from the upper node to the lower one.
#[derive(Debug)]
pub struct Invitation {
    /// `https://host:port`.
    pub address: String,
    /// The token.
    pub token: Token,
    /// The upper node's authority.
    pub fingerprint: Fingerprint,
}

/// A key that asks for a certificate.
pub struct Joining {
    certificates: PathBuf,
    own: Identity,
    peer: Peer,
    key: NewKey,
}

/// What the upper node answered; nothing of it is believed yet.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The certificate and what stands between it and the authority, in PEM.
    pub chain: String,
    /// The authority, in PEM.
    pub authority: String,
    /// The upper node.
    pub upper: NodeId,
    /// Its time, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: u64,
}

/// Why an answer is not taken. Nothing has changed, and the same may be tried again.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The certificate of somebody else.
    #[error("the certificate is that of {0}, not of this node")]
    OtherIdentity(String),
    /// A certificate of another key.
    #[error("the certificate is not for the key that was sent")]
    OtherKey,
    /// Not the authority that was named.
    #[error("the authority's fingerprint is {seen}, not the one that was given")]
    OtherAuthority {
        /// That of the authority that answered.
        seen: Fingerprint,
    },
    /// One of the clocks is wrong.
    #[error(
        "the certificate does not hold at this node's time; its clock and the upper node's differ by {0} minutes"
    )]
    Clock(u64),
    /// A certificate, key or file.
    #[error("the answer cannot be used")]
    Pki(#[from] pki::Error),
}

impl Error {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherIdentity(_) => "certificate-foreign",
            Self::OtherKey => "certificate-key",
            Self::OtherAuthority { .. } => "fingerprint-differs",
            Self::Clock(_) => "clock-differs",
            Self::Pki(pki::Error::OtherIssuer) => "certificate-issuer",
            Self::Pki(_) => "certificate-unusable",
        }
    }
}

impl Joining {
    /// Takes the key that waits in the folder of certificates, or makes one. `own` is this node.
    pub fn begin(certificates: &Path, own: Identity, peer: Peer) -> Result<Self, Error> {
        let key = NewKey::kept_in(&certificates.join(peer.waiting()))?;
        crash::point("key-made");
        Ok(Self {
            certificates: certificates.to_owned(),
            own,
            peer,
            key,
        })
    }

    /// The same for the next certificate, which is for another key than the current one: that one still waits where the
    /// node was stopped just after a switch.
    pub fn begin_renewal(certificates: &Path, own: Identity, peer: Peer) -> Result<Self, Error> {
        let waiting = certificates.join(peer.waiting());
        let current = Credentials::open(certificates, peer.credentials())?.certificate()?;
        if NewKey::kept_in(&waiting)?.fits(&current) {
            forget(&waiting)?;
        }
        Self::begin(certificates, own, peer)
    }

    /// Who asks.
    pub fn own(&self) -> Identity {
        self.own
    }

    /// The request to send, in DER.
    pub fn request(&self) -> Result<Vec<u8>, Error> {
        Ok(self.key.request()?)
    }

    /// Takes the first certificate: checks the answer against the fingerprint, and puts authority and credentials in
    /// place. Until [`finish`](Self::finish) all of it may be done again with the same token.
    pub fn join(
        &self,
        answered: &Answered,
        fingerprint: Fingerprint,
        now_ms: u64,
    ) -> Result<Certificate, Error> {
        let seen = Fingerprint::of(&pki::first_certificate(&answered.authority)?);
        if seen != fingerprint {
            return Err(Error::OtherAuthority { seen });
        }
        let certificate = self.check(answered, &answered.authority, now_ms)?;
        let upper = self.certificates.join(self.peer.authority());
        replace(&upper, answered.authority.as_bytes(), 0o644)?;
        self.switch(answered)?;
        Ok(certificate)
    }

    /// Nothing is left to do that would need the same key again.
    pub fn finish(self) -> Result<(), Error> {
        Ok(forget(&self.certificates.join(self.peer.waiting()))?)
    }

    /// Takes the next certificate, which the authority must have signed that signed the one before. All of it is
    /// switched by one renaming: a node that is stopped anywhere has the old pair or the new one.
    pub fn renew(self, answered: &Answered, now_ms: u64) -> Result<Credentials, Error> {
        let file = self.certificates.join(self.peer.authority());
        let known = pki::read_text(&file)?;
        self.check(answered, &known, now_ms)?;
        let credentials = self.switch(answered)?;
        self.finish()?;
        Ok(credentials)
    }

    fn check(
        &self,
        answered: &Answered,
        authority: &str,
        now_ms: u64,
    ) -> Result<Certificate, Error> {
        let certificate = Certificate::read_pem(&answered.chain)?;
        if certificate.identity != self.own {
            return Err(Error::OtherIdentity(certificate.identity.address()));
        }
        if !self.key.fits(&certificate) {
            return Err(Error::OtherKey);
        }
        check_issuer(&answered.chain, authority)?;
        if now_ms < certificate.from_ms || certificate.until_ms <= now_ms {
            let apart = now_ms.abs_diff(answered.now_ms) / 60_000;
            return Err(Error::Clock(apart));
        }
        Ok(certificate)
    }

    fn switch(&self, answered: &Answered) -> Result<Credentials, Error> {
        let credentials = self.key.certified(&answered.chain);
        crash::point("certificate-answered");
        credentials.replace(&self.certificates, self.peer.credentials())?;
        crash::point("certificate-switched");
        Ok(credentials)
    }
}
