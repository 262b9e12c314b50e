//! The door before every service: whose certificate counts, at each message.
//!
//! It is shut by default. Without a certificate nothing is called but what [`WITHOUT_CERTIFICATE`] lists; a service that
//! is added later is behind the door without a word of its own. A certificate that is revoked while a call is under way
//! ends that call, in both directions, before the next message.

mod guarded;
#[cfg(test)]
mod tests;

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tonic::{
    Status,
    body::Body,
    codegen::{Service, http},
    transport::server::{TcpConnectInfo, TlsConnectInfo},
};
use tower::Layer;

use self::guarded::{Direction, Guarded};
use super::status::refusal;
use crate::{
    clock::Clock,
    pki::{Certificate, Register},
};

/// What may be called without a certificate: a node that enrols has none yet.
const WITHOUT_CERTIFICATE: [&str; 1] = ["/lika.v1.Enrolment/Enrol"];

/// Knows what no longer counts; a [`Layer`] around all services.
#[derive(Clone, Debug)]
pub struct Door {
    register: Arc<Register>,
    clock: Arc<dyn Clock>,
}

/// A service behind the door.
#[derive(Clone, Debug)]
pub struct Behind<S> {
    door: Door,
    service: S,
}

/// Somebody who was let in, and may be put out again.
#[derive(Clone, Debug)]
struct Pass {
    certificate: Arc<Certificate>,
    register: Arc<Register>,
}

impl Door {
    /// A door to a node. Certificates go by the real time, whatever a scenario's clock says.
    pub fn new(register: Arc<Register>, clock: Arc<dyn Clock>) -> Self {
        Self { register, clock }
    }

    /// Who calls, or why not; none for what needs no certificate.
    fn admit<B>(&self, request: &http::Request<B>) -> Result<Option<Pass>, Status> {
        let shown = request
            .extensions()
            .get::<TlsConnectInfo<TcpConnectInfo>>()
            .and_then(TlsConnectInfo::peer_certs);
        let Some(der) = shown.as_deref().and_then(|chain| chain.first()) else {
            let path = request.uri().path();
            return match WITHOUT_CERTIFICATE.contains(&path) {
                true => Ok(None),
                false => Err(refusal(
                    "certificate-missing",
                    "no certificate was shown; call with a certificate of this node's authority",
                )),
            };
        };
        let certificate = Certificate::read(der)
            .map_err(|error| refusal("certificate-unusable", error.to_string()))?;
        if certificate.until_ms <= self.clock.now_ms() {
            // A connection may be older than this; its handshake was refused otherwise.
            return Err(refusal(
                "certificate-expired",
                "the certificate has expired",
            ));
        }
        let pass = Pass {
            certificate: Arc::new(certificate),
            register: Arc::clone(&self.register),
        };
        pass.check()?;
        Ok(Some(pass))
    }
}

impl Pass {
    /// Whether the certificate still counts.
    fn check(&self) -> Result<(), Status> {
        let Some(revocation) = self.register.revocation(&self.certificate) else {
            return Ok(());
        };
        let whom = self.certificate.identity.address();
        let serial = &self.certificate.serial;
        tracing::warn!(%whom, %serial, code = "certificate-revoked", "call refused or ended");
        let message = format!("the certificate was revoked: {}", revocation.reason);
        Err(refusal("certificate-revoked", message))
    }

    /// Waits until the certificate counts no more.
    async fn revoked(self) -> Status {
        let mut lines = self.register.subscribe();
        loop {
            if let Err(status) = self.check() {
                return status;
            }
            if lines.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}

impl<S> Layer<S> for Door {
    type Service = Behind<S>;

    fn layer(&self, service: S) -> Self::Service {
        Behind {
            door: self.clone(),
            service,
        }
    }
}

impl<S> Service<http::Request<Body>> for Behind<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let pass = match self.door.admit(&request) {
            Ok(pass) => pass,
            Err(status) => {
                let path = request.uri().path().to_owned();
                tracing::info!(%path, message = status.message(), "call refused at the door");
                return Box::pin(async move { Ok(status.into_http()) });
            }
        };
        let Some(pass) = pass else {
            return Box::pin(self.service.call(request));
        };
        let asked = pass.clone();
        let request = request.map(|body| Guarded::new(body, asked, Direction::Asked).into_body());
        let answer = self.service.call(request);
        Box::pin(async move {
            let answer = answer.await?;
            Ok(answer.map(|body| Guarded::new(body, pass, Direction::Answered).into_body()))
        })
    }
}
