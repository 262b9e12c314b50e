//! The upper node's side: decides who gets a certificate, and writes it down before it is given out.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use lika_core::value::{AreaCode, NodeId};

use super::{Refusal, attempts::Attempts};
use crate::{
    clock::Clock,
    pki::{
        Authority, Certificate, Identity, Register, Request, Token, Validity,
        register::{Event, Fate, Ground, Issued, KnownToken, Standing},
    },
    telemetry,
};

/// Issues certificates to the nodes below.
pub struct Office {
    node: NodeId,
    area: AreaCode,
    authority: Authority,
    register: Arc<Register>,
    clock: Arc<dyn Clock>,
    has_log_of: Box<dyn Fn(&NodeId) -> bool + Send + Sync>,
    attempts: Mutex<Attempts>,
}

/// Who asks with a token, and for what.
#[derive(Clone)]
pub struct Asked {
    /// The token as it was typed.
    pub token: String,
    /// The certificate request, in DER.
    pub request: Vec<u8>,
    /// The node.
    pub node: NodeId,
    /// The area that it serves.
    pub area: AreaCode,
    /// The key with which it signs its log.
    pub signing_key: Option<[u8; 32]>,
}

/// What a node asks for with its certificate.
#[derive(Clone, Debug)]
pub struct Renewing {
    /// The certificate request, in DER.
    pub request: Vec<u8>,
    /// The key with which it signs its log; none keeps the one that the certificate has.
    pub signing_key: Option<[u8; 32]>,
}

/// A certificate that was issued, and is written down.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The certificate, in PEM.
    pub certificate: String,
    /// That of the authority, in PEM.
    pub authority: String,
    /// The node that issues.
    pub upper: NodeId,
    /// Its time, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: u64,
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Office")
            .field("node", &self.node)
            .field("area", &self.area)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked")
            .field("node", &self.node)
            .field("area", &self.area)
            .finish_non_exhaustive()
    }
}

impl Office {
    /// The office of a node. `has_log_of` says of which nodes there are logs here: a log must not be taken over by
    /// somebody who enrols under its id.
    pub fn new(
        node: NodeId,
        area: AreaCode,
        authority: Authority,
        register: Arc<Register>,
        clock: Arc<dyn Clock>,
        has_log_of: impl Fn(&NodeId) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            node,
            area,
            authority,
            register,
            clock,
            has_log_of: Box::new(has_log_of),
            attempts: Mutex::default(),
        }
    }

    /// The first certificate of a node, for a token. May block.
    pub fn enrol(&self, from: Option<IpAddr>, asked: &Asked) -> Result<Granted, Refusal> {
        let now_ms = self.clock.now_ms();
        let may_try = self.attempts().may_try(now_ms, from);
        if !may_try {
            tracing::warn!(?from, code = Refusal::TooMany.code(), "enrolment refused");
            return Err(Refusal::TooMany);
        }
        let granted = Token::parse(&asked.token)
            .ok_or(Refusal::UnknownToken)
            .and_then(|token| {
                self.register.record(now_ms, |standing| {
                    self.by_token(standing, &token, asked, now_ms)
                })
            });
        let about = format!("node/{} area {:?}", asked.node, asked.area.digits());
        match granted {
            Ok(certificate) => Ok(self.granted(certificate, now_ms, &about)),
            Err(refusal) => {
                self.attempts().failed(now_ms, from);
                Err(self.refused(refusal, from, about, now_ms))
            }
        }
    }

    /// The next certificate of the node that shows this one. May block.
    pub fn renew(
        &self,
        from: Option<IpAddr>,
        shown: &Certificate,
        asked: &Renewing,
    ) -> Result<Granted, Refusal> {
        let now_ms = self.clock.now_ms();
        let certificate = self.register.record(now_ms, |standing| {
            self.by_certificate(standing, shown, asked, now_ms)
        });
        let about = shown.identity.address();
        match certificate {
            Ok(certificate) => Ok(self.granted(certificate, now_ms, &about)),
            Err(refusal) => {
                // A node that asks again and again must not fill the disk.
                let is_news = self.attempts().may_try(now_ms, from);
                self.attempts().failed(now_ms, from);
                match is_news {
                    true => Err(self.refused(refusal, from, about, now_ms)),
                    false => Err(refusal),
                }
            }
        }
    }

    fn by_token(
        &self,
        standing: &Standing,
        token: &Token,
        asked: &Asked,
        now_ms: u64,
    ) -> Result<(Vec<Event>, String), Refusal> {
        let known = standing.shown(token).ok_or(Refusal::UnknownToken)?;
        if known.fate == Fate::Revoked {
            return Err(Refusal::RevokedToken);
        }
        if known.area != asked.area {
            let (allowed, asked) = (known.area, asked.area);
            return Err(Refusal::OtherArea { allowed, asked });
        }
        if known.node.is_some_and(|node| node != asked.node) {
            return Err(Refusal::OtherNode(asked.node));
        }
        let request = Request::read(&asked.request)?;
        if let Fate::Used(serial) = &known.fate {
            // The answer was lost: whoever has the same key gets the same certificate, and nobody else anything.
            let before = standing.certificate(serial).ok_or(Refusal::UsedToken)?;
            let is_same = before.key == request.key() && before.to == identity(asked);
            is_same.then_some(()).ok_or(Refusal::UsedToken)?;
            return again(standing, before);
        }
        if known.until_ms <= now_ms {
            return Err(Refusal::ExpiredToken);
        }
        self.check_free(standing, known, asked.node, now_ms)?;
        let validity = Validity::lasting(now_ms, known.certificate_ms)?;
        let ground = Ground::Token(token.id().clone());
        let key = asked.signing_key;
        self.sign(&request, identity(asked), key, validity, ground)
    }

    /// A token that names no node cannot make anybody the node whose log or certificate is here already.
    fn check_free(
        &self,
        standing: &Standing,
        known: &KnownToken,
        node: NodeId,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        let is_named = known.node == Some(node);
        let is_taken = standing.is_enrolled(&node, now_ms) || (self.has_log_of)(&node);
        if node == self.node || (is_taken && !is_named) {
            return Err(Refusal::TakenNode(node));
        }
        Ok(())
    }

    fn by_certificate(
        &self,
        standing: &Standing,
        shown: &Certificate,
        asked: &Renewing,
        now_ms: u64,
    ) -> Result<(Vec<Event>, String), Refusal> {
        let Identity::Node { area, .. } = shown.identity else {
            return Err(Refusal::NotANode);
        };
        if area == self.area || !self.area.contains(&area) {
            let own = self.area;
            return Err(Refusal::OutsideArea { asked: area, own });
        }
        if let Some(revocation) = standing.revocation(shown) {
            return Err(Refusal::RevokedCertificate(revocation.reason.clone()));
        }
        if shown.until_ms <= now_ms {
            return Err(Refusal::ExpiredCertificate);
        }
        let request = Request::read(&asked.request)?;
        let before = standing
            .issued()
            .into_iter()
            .find(|issued| issued.key == request.key() && issued.to == shown.identity);
        if let Some(before) = before {
            return again(standing, before);
        }
        let length = shown.until_ms.saturating_sub(shown.from_ms);
        let left = shown.until_ms.saturating_sub(now_ms);
        if left > length / 2 {
            return Err(Refusal::TooEarly);
        }
        let validity = Validity::lasting(now_ms, Validity::lasted(shown))?;
        let signing_key = asked.signing_key.or(shown.signing_key);
        let ground = Ground::Renewal(shown.serial.clone());
        self.sign(&request, shown.identity, signing_key, validity, ground)
    }

    fn sign(
        &self,
        request: &Request,
        to: Identity,
        signing_key: Option<[u8; 32]>,
        validity: Validity,
        ground: Ground,
    ) -> Result<(Vec<Event>, String), Refusal> {
        let Identity::Node { node, area } = to else {
            return Err(Refusal::NotANode);
        };
        let pem = self
            .authority
            .certify_node(request, node, area, signing_key, validity)?;
        let certificate = Certificate::read_pem(&pem)?;
        let issued = Issued::new(&certificate, &pem, ground);
        Ok((vec![Event::Issued(issued)], pem))
    }

    fn granted(&self, certificate: String, now_ms: u64, about: &str) -> Granted {
        tracing::info!(%about, "certificate issued");
        Granted {
            certificate,
            authority: self.authority.certificate_pem().to_owned(),
            upper: self.node,
            now_ms,
        }
    }

    /// Leaves a trace of who was refused. What cannot be written down is refused all the same.
    fn refused(
        &self,
        refusal: Refusal,
        from: Option<IpAddr>,
        about: String,
        now_ms: u64,
    ) -> Refusal {
        let code = refusal.code();
        tracing::warn!(?from, code, %refusal, %about, "certificate refused");
        let event = Event::Refused {
            code: code.to_owned(),
            from: from.map(|from| from.to_string()).unwrap_or_default(),
            about,
        };
        let written = self
            .register
            .record(now_ms, |_| Ok::<_, Refusal>((vec![event], ())));
        if let Err(error) = written {
            tracing::error!(error = %telemetry::chain(&error), "a refusal could not be written down");
        }
        refusal
    }

    fn attempts(&self) -> std::sync::MutexGuard<'_, Attempts> {
        // Counters, each a whole value.
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn identity(asked: &Asked) -> Identity {
    Identity::Node {
        node: asked.node,
        area: asked.area,
    }
}

/// What was issued before, unless it was revoked since.
fn again(standing: &Standing, before: &Issued) -> Result<(Vec<Event>, String), Refusal> {
    match standing.of_issued(before) {
        None => Ok((Vec::new(), before.pem.clone())),
        Some(revocation) => Err(Refusal::RevokedCertificate(revocation.reason.clone())),
    }
}
