//! What a node shows and believes, and how it stays so: renewal before expiry, and what others write into the register.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::spawn_blocking, time::sleep};

use super::Error;
use crate::{
    clock::{Clock, System},
    config::Config,
    enrolment::{self, Joining, LINK, Office, Peer, check_after_ms, is_due},
    federation::Dialer,
    gateway::Gateway,
    pki::{self, Authority, Certificate, Credentials, Register},
    setup::{self, Which},
    telemetry,
    wire::{self, Door, tls, tls::Shown},
};

/// How long a revocation by the command line takes to end a link over which nobody says anything.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After a renewal that failed.
const TRY_AGAIN: Duration = Duration::from_secs(600);

/// The certificates of a node that serves. They go by the real time, whatever a scenario's clock says, because whoever
/// checks them does.
#[derive(Clone)]
pub(super) struct Certificates {
    config: Arc<Config>,
    pub(super) shown: Arc<Shown>,
    register: Arc<Register>,
}

/// Why a certificate was not renewed.
#[derive(Debug, thiserror::Error)]
enum NotRenewed {
    #[error("its time is over; enrol this node again with a new token")]
    Expired,
    #[error(transparent)]
    Call(#[from] wire::enrolment::Failed),
    #[error(transparent)]
    Answer(#[from] enrolment::Error),
    #[error(transparent)]
    Own(#[from] setup::Error),
    #[error(transparent)]
    Pki(#[from] pki::Error),
    #[error(transparent)]
    Tls(#[from] tls::Error),
    #[error(transparent)]
    Link(#[from] crate::federation::uplink::Error),
    #[error("the renewal was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl Certificates {
    /// Reads what the folder of certificates has.
    pub(super) fn open(config: &Config) -> Result<Self, Error> {
        let folder = &config.certificates;
        let credentials = Credentials::open(folder, "node")?;
        let shown = Shown::new(&credentials, &super::read(config, "nodes.pem")?)?;
        let register = Register::open(folder).map_err(pki::Error::from)?;
        Ok(Self {
            config: Arc::new(config.clone()),
            shown: Arc::new(shown),
            register: Arc::new(register),
        })
    }

    /// What stands before every service.
    pub(super) fn door(&self) -> Door {
        Door::new(Arc::clone(&self.register), Arc::new(System))
    }

    /// TLS of the gRPC server: believed are the own authorities for officers and for the nodes below.
    pub(super) fn server(&self) -> Result<Arc<rustls::ServerConfig>, Error> {
        let roots = ["clients.pem", "nodes.pem"].map(|name| super::read(&self.config, name));
        let [clients, nodes] = roots;
        let roots = [clients?, nodes?].concat();
        Ok(tls::server(Arc::clone(&self.shown), &roots)?)
    }

    /// Who issues certificates to the nodes below.
    pub(super) fn office(&self, gateway: &Gateway) -> Result<Arc<Office>, Error> {
        let authority = Authority::open(&self.config.certificates, Which::Nodes.name())?;
        let gateway = gateway.clone();
        Ok(Arc::new(Office::new(
            self.config.node,
            self.config.area,
            authority,
            Arc::clone(&self.register),
            Arc::new(System),
            move |node| gateway.reader().head(node).is_some(),
        )))
    }

    /// Reads what the command line writes into the register, until the node is stopped.
    pub(super) async fn keep_reading(self, mut stopped: watch::Receiver<bool>) {
        let mut is_readable = true;
        loop {
            let read = self.register.refresh();
            if let Err(error) = &read
                && is_readable
            {
                tracing::error!(error = %telemetry::chain(error), "revocations are not seen");
            }
            is_readable = read.is_ok();
            tokio::select! {
                () = sleep(LOOK_EVERY) => {}
                _ = stopped.wait_for(|stopped| *stopped) => return,
            }
        }
    }

    /// Renews what ends soon, until the node is stopped.
    pub(super) async fn keep_renewed(
        self,
        dialer: Option<Dialer>,
        mut stopped: watch::Receiver<bool>,
    ) {
        loop {
            // Not both in one: a node whose upper node is away still renews what it shows to its own people.
            let own = told("node", self.renew_own().await);
            let link = match &dialer {
                Some(dialer) => told("link", self.renew_link(dialer).await),
                None => own,
            };
            tokio::select! {
                () = sleep(own.min(link)) => {}
                _ = stopped.wait_for(|stopped| *stopped) => return,
            }
        }
    }

    /// What this node shows to its callers.
    async fn renew_own(&self) -> Result<Certificate, NotRenewed> {
        let folder = &self.config.certificates;
        let current = Credentials::open(folder, "node")?;
        let certificate = current.certificate()?;
        if !is_due(&certificate, System.now_ms()) {
            return Ok(certificate);
        }
        let config = Arc::clone(&self.config);
        let next = spawn_blocking(move || {
            let folder = &config.certificates;
            let authority = Authority::open(folder, Which::Nodes.name())?;
            let hosts = setup::own_hosts(folder)?;
            let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
            let own = (config.node, config.area);
            setup::issue_own(folder, &authority, own, &hosts, &System)
        });
        let next = next.await??;
        self.shown.replace(&next)?;
        let certificate = next.certificate()?;
        tracing::info!(serial = %certificate.serial, "this node's own certificate renewed");
        Ok(certificate)
    }

    /// What this node shows to the node above. The open link stays as it is; the next one is opened with the new one.
    async fn renew_link(&self, dialer: &Dialer) -> Result<Certificate, NotRenewed> {
        let folder = &self.config.certificates;
        let current = link_credentials(folder)?;
        let certificate = current.certificate()?;
        let now_ms = System.now_ms();
        if !is_due(&certificate, now_ms) {
            return Ok(certificate);
        }
        if certificate.until_ms <= now_ms {
            return Err(NotRenewed::Expired);
        }
        let own = certificate.identity;
        let joining = Joining::begin_renewal(folder, own, Peer::Upper)?;
        let (address, roots) = (dialer.address(), dialer.roots());
        let answered = wire::enrolment::renew(address, &current, roots, &joining, None).await?;
        let next = joining.renew(&answered, System.now_ms())?;
        dialer.renew(&next)?;
        let certificate = next.certificate()?;
        tracing::info!(serial = %certificate.serial, "the certificate for the node above renewed");
        Ok(certificate)
    }
}

/// What a node shows to the node above. One that has not enrolled by itself was given what it shows to everybody.
pub(super) fn link_credentials(folder: &std::path::Path) -> Result<Credentials, pki::Error> {
    match Credentials::exist(folder, LINK) {
        true => Credentials::open(folder, LINK),
        false => Credentials::open(folder, "node"),
    }
}

/// Logs what became of a renewal, and says when to look again.
fn told(which: &'static str, renewed: Result<Certificate, NotRenewed>) -> Duration {
    match renewed {
        Ok(certificate) => Duration::from_millis(check_after_ms(&certificate, System.now_ms())),
        Err(error @ NotRenewed::Expired) => {
            tracing::error!(which, code = "certificate-expired", %error, "certificate not renewed");
            TRY_AGAIN
        }
        Err(error) => {
            tracing::warn!(which, error = %telemetry::chain(&error), "certificate not renewed");
            TRY_AGAIN
        }
    }
}
