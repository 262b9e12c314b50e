//! What follows from the lines of the register: pure, so that it can be asked in every order.

use std::collections::BTreeMap;

use lika_core::value::{AreaCode, NodeId};

use crate::pki::{
    Certificate, Identity, Serial, Token, TokenHash, TokenId,
    register::{Event, Holder, Issued, Revoked},
};

/// What has been issued, what may still be, and what no longer counts.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    tokens: BTreeMap<TokenId, KnownToken>,
    issued: BTreeMap<Serial, Entry>,
    revoked: BTreeMap<Serial, Revocation>,
    barred: BTreeMap<Holder, Bar>,
    lines: u64,
}

/// A token as the register knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownToken {
    /// What is kept of its secret.
    pub hash: TokenHash,
    /// The area that it is good for.
    pub area: AreaCode,
    /// The only node that may use it, where that was said.
    pub node: Option<NodeId>,
    /// For people.
    pub name: String,
    /// When it was made, in milliseconds since 1970-01-01T00:00:00Z.
    pub made_ms: u64,
    /// Until when it may be used, likewise.
    pub until_ms: u64,
    /// How long the certificate holds, in milliseconds.
    pub certificate_ms: u64,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing yet.
    Open,
    /// It was used for this certificate.
    Used(Serial),
    /// It was taken back.
    Revoked,
}

/// Why a certificate counts no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// When it was revoked, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: u64,
    /// In a person's words.
    pub reason: String,
}

#[derive(Clone, Debug)]
struct Entry {
    line: u64,
    issued: Issued,
}

/// Everything up to a line is barred; what is issued to the holder afterwards is not.
#[derive(Clone, Debug)]
struct Bar {
    line: u64,
    revocation: Revocation,
}

impl Standing {
    /// Takes note of the next line.
    pub fn apply(&mut self, at_ms: u64, event: Event) {
        self.lines += 1;
        match event {
            Event::TokenMade {
                token,
                hash,
                area,
                node,
                name,
                until_ms,
                certificate_ms,
            } => {
                let known = KnownToken {
                    hash,
                    area,
                    node,
                    name,
                    made_ms: at_ms,
                    until_ms,
                    certificate_ms,
                    fate: Fate::Open,
                };
                self.tokens.insert(token, known);
            }
            Event::TokenRevoked { token } => self.decide(&token, Fate::Revoked),
            Event::Issued(issued) => {
                if let crate::pki::register::Ground::Token(token) = &issued.ground {
                    self.decide(&token.clone(), Fate::Used(issued.serial.clone()));
                }
                let line = self.lines;
                let entry = Entry { line, issued };
                self.issued.insert(entry.issued.serial.clone(), entry);
            }
            Event::Revoked { what, reason } => {
                let revocation = Revocation { at_ms, reason };
                match what {
                    Revoked::Serial(serial) => {
                        self.revoked.entry(serial).or_insert(revocation);
                    }
                    Revoked::Holder(holder) => {
                        let line = self.lines;
                        self.barred.insert(holder, Bar { line, revocation });
                    }
                }
            }
            Event::Refused { .. } => {}
        }
    }

    /// Every token that was made, in the order of ids.
    pub fn tokens(&self) -> impl Iterator<Item = (&TokenId, &KnownToken)> {
        self.tokens.iter()
    }

    /// The token of this id.
    pub fn token(&self, id: &TokenId) -> Option<&KnownToken> {
        self.tokens.get(id)
    }

    /// The token that somebody shows, if it is the one that was made.
    pub fn shown(&self, token: &Token) -> Option<&KnownToken> {
        let known = self.tokens.get(token.id())?;
        token.is(&known.hash).then_some(known)
    }

    /// Every certificate that was issued, in the order of issuing.
    pub fn issued(&self) -> Vec<&Issued> {
        let mut entries: Vec<&Entry> = self.issued.values().collect();
        entries.sort_by_key(|entry| entry.line);
        entries.into_iter().map(|entry| &entry.issued).collect()
    }

    /// The certificate of this number.
    pub fn certificate(&self, serial: &Serial) -> Option<&Issued> {
        self.issued.get(serial).map(|entry| &entry.issued)
    }

    /// Whether a node has a certificate that still counts.
    pub fn is_enrolled(&self, node: &NodeId, now_ms: u64) -> bool {
        self.issued.values().any(|Entry { issued, .. }| {
            let is_theirs =
                matches!(issued.to, Identity::Node { node: other, .. } if other == *node);
            let holds = issued.until_ms > now_ms;
            is_theirs && holds && self.of_issued(issued).is_none()
        })
    }

    /// Why a certificate counts no more, if it does not.
    pub fn revocation(&self, certificate: &Certificate) -> Option<&Revocation> {
        self.revocation_of(&certificate.serial, certificate.identity)
    }

    /// The same of a certificate that stands in the register.
    pub fn of_issued(&self, issued: &Issued) -> Option<&Revocation> {
        self.revocation_of(&issued.serial, issued.to)
    }

    fn revocation_of(&self, serial: &Serial, identity: Identity) -> Option<&Revocation> {
        if let Some(revocation) = self.revoked.get(serial) {
            return Some(revocation);
        }
        let bar = self.barred.get(&identity.into())?;
        let is_later = self
            .issued
            .get(serial)
            .is_some_and(|entry| entry.line > bar.line);
        (!is_later).then_some(&bar.revocation)
    }

    fn decide(&mut self, token: &TokenId, fate: Fate) {
        if let Some(known) = self.tokens.get_mut(token)
            && known.fate == Fate::Open
        {
            known.fate = fate;
        }
    }
}
