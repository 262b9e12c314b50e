//! A running node: the one place that introduces the parts to each other.
//!
//! ```text
//!                    ┌── wire: gRPC, mutual TLS ──┐
//!  Config ─► start ──┼── console: pages           ├──► gateway ─► store
//!                    ├── federation: from below ──┼──────────────► store
//!                    └── federation: to above ◄───┴─────────────── store
//! ```

mod certificates;
mod duplicates;
mod evidence;
mod inspection;
mod links;
mod sentences;
mod signing;

use std::{fs, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use lika_proto::v1::{
    cases_server::CasesServer, comparisons_server::ComparisonsServer,
    evidence_server::EvidenceServer, households_server::HouseholdsServer,
    payments_server::PaymentsServer, policies_server::PoliciesServer,
    registry_server::RegistryServer, reports_server::ReportsServer,
    statistics_server::StatisticsServer, supervision_server::SupervisionServer,
    works_server::WorksServer,
};
use thiserror::Error as ThisError;
use tokio::{
    sync::{mpsc::UnboundedReceiver, watch},
    task::JoinHandle,
};
use tonic::transport::{
    Server,
    server::{Router, TcpIncoming},
};
use tower::layer::util::{Identity, Stack};
use zeroize::Zeroizing;

use self::{
    certificates::{Certificates, link_credentials},
    evidence::Evidence,
    links::{LinkView, PeerStore, UplinkStore},
    sentences::ManifestSentences,
};
use crate::{
    clock::{Clock, System},
    config::Config,
    console,
    evidence::SigningKey,
    federation::{self, Dialer, Handle, KEEP_ALIVE, Links, Member, Pace},
    gateway::{Counting, Gateway, Policies},
    pki,
    policy::{self, Cache, Host, HostProgram, Limits, host::Suspension},
    setup,
    store::{self, Progress, Store},
    wire::{
        CasesService, ComparisonsService, Door, DuplicatesService, EnrolmentService,
        EvidenceService, HouseholdsService, PaymentsService, PoliciesService, RegistryService,
        ReportsService, StatisticsService, SupervisionService, WorksService, listener, tls,
    },
};

/// Pages that are under way when the node stops may take so long.
const DRAIN: Duration = Duration::from_secs(5);
/// Import messages carry pieces of 1 MiB.
const LARGEST_MESSAGE: usize = 4 << 20;

/// A node that serves.
pub struct Node {
    gateway: Gateway,
    grpc: SocketAddr,
    console: SocketAddr,
    links: Links,
    uplink: Option<Handle>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Why a node does not start.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The store cannot be opened.
    #[error("the store cannot be opened")]
    Store(#[from] store::Error),
    /// The host of policies cannot be set up.
    #[error("policies cannot be run")]
    Policies(#[from] policy::host::Error),
    /// The signing key cannot be used.
    #[error(transparent)]
    Signing(#[from] signing::Error),
    /// Tokens cannot be held, made or compared.
    #[error("duplicates cannot be found")]
    Duplicates(#[from] crate::duplicates::Error),
    /// A certificate cannot be read.
    #[error("the certificates cannot be used")]
    Pki(#[from] pki::Error),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] tls::Error),
    /// Reflection cannot describe the services.
    #[error("the services cannot be described")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The link to the node above cannot be set up.
    #[error("the link to the node above cannot be set up")]
    Uplink(#[from] federation::uplink::Error),
    /// The checkpoints cannot be kept.
    #[error("the checkpoints of the logs cannot be kept")]
    Evidence(#[from] crate::evidence::Error),
    /// An address is taken.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read {file}")]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Node {
    /// Opens the store and starts everything that the configuration asks for. Policies run in children of this process
    /// that have the given program.
    pub async fn start(
        config: &Config,
        clock: Arc<dyn Clock>,
        policy_host: HostProgram,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Self, Error> {
        let (gateway, key, suspensions) = open(config, Arc::clone(&clock), policy_host, progress)?;
        let (stop, stopped) = watch::channel(false);
        let inspected = inspect(config, &gateway, suspensions, &stopped);
        let certificates = Certificates::open(config)?;
        let dialer = dialer(config)?;
        let evidence = Evidence::open(gateway.clone(), Arc::clone(&key), &config.data)?;
        let evidence = Arc::new(evidence);
        let logs = Arc::new(UplinkStore::new(gateway.clone(), Arc::clone(&evidence)));
        let uplink = dialer
            .clone()
            .map(|dialer| start_uplink(dialer, logs, &clock));
        let uplink = uplink.transpose()?;
        let member = Member {
            node: config.node,
            area: config.area,
        };
        let peers = Arc::new(PeerStore::new(gateway.clone(), evidence));
        let (from_below, links) = federation::service(member, peers, Arc::clone(&clock));
        let view = Arc::new(LinkView::new(
            config.upper.clone(),
            uplink.clone(),
            links.clone(),
        ));
        let shown = Arc::clone(&certificates.shown);
        let (console, pages) = console(config, &gateway, view.clone(), shown, stopped.clone())?;
        let incoming = listen(config.grpc)?;
        let grpc = incoming.local_addr().map_err(not_listening(config.grpc))?;
        let enrolment = EnrolmentService::server(certificates.office(&gateway)?);
        let (roles, rounds) = duplicates::start(config, &gateway, &key, stopped.clone())?;
        let duplicates = DuplicatesService::server(gateway.clone(), roles, Arc::new(System));
        let router = services(&gateway, key, view, certificates.door())
            .await?
            .add_service(from_below)
            .add_service(enrolment)
            .add_service(duplicates);
        let connections = listener::accept(incoming, certificates.server()?);
        let server = router.serve_with_incoming_shutdown(connections, is_stopped(stopped.clone()));
        let mut tasks = vec![
            tokio::spawn(ended("gRPC", server)),
            pages,
            tokio::spawn(certificates.clone().keep_reading(stopped.clone())),
            tokio::spawn(certificates.keep_renewed(dialer, stopped.clone())),
        ];
        tasks.extend(inspected);
        tasks.extend(rounds);
        if let Some((handle, address)) = uplink.clone().zip(config.upper.as_deref()) {
            tasks.push(tokio::spawn(evidence::hear_of_forks(
                gateway.clone(),
                handle.clone(),
                stopped.clone(),
            )));
            tasks.push(tokio::spawn(links::note_acknowledged(
                gateway.clone(),
                handle,
                address.to_owned(),
                stopped,
            )));
        }
        tracing::info!(%grpc, %console, node = %config.node, area = %config.area, "serving");
        Ok(Self {
            gateway,
            grpc,
            console,
            links,
            uplink,
            stop,
            tasks,
        })
    }

    /// Where the console listens.
    pub fn console(&self) -> SocketAddr {
        self.console
    }

    /// The door to it, for what runs in the same process.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// Where gRPC listens.
    pub fn grpc(&self) -> SocketAddr {
        self.grpc
    }

    /// The link to the node above.
    pub fn uplink(&self) -> Option<&Handle> {
        self.uplink.as_ref()
    }

    /// Stops serving, lets what is under way end, and closes the store.
    pub async fn stop(self) {
        let Self {
            gateway,
            grpc: _,
            console: _,
            links,
            uplink,
            stop,
            tasks,
        } = self;
        if let Some(uplink) = uplink {
            uplink.stop().await;
        }
        links.close();
        stop.send_replace(true);
        for task in tasks {
            // A task that panicked has been reported by the runtime.
            let _ = task.await;
        }
        tokio::task::block_in_place(|| drop(gateway));
    }
}

fn open(
    config: &Config,
    clock: Arc<dyn Clock>,
    policy_host: HostProgram,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(Gateway, Arc<SigningKey>, UnboundedReceiver<Suspension>), Error> {
    tokio::task::block_in_place(|| {
        let settings = setup::store_settings(config);
        let store = Store::open(&settings, Arc::clone(&clock), progress)?;
        let key = signing::open(config, &store)?;
        let cache = machine_code(config)?;
        let host = Host::start_with(policy_host, Limits::default(), cache)?;
        let suspensions = host.suspensions();
        let policies = Policies::new(host, config.trust.clone(), &settings.folder);
        let counting = Counting {
            income_year: config.income_year,
            threshold: config.threshold,
        };
        let gateway = Gateway::counting(store, clock, config.area, policies, counting);
        Ok((gateway, Arc::new(key), suspensions))
    })
}

/// Has the node look at what its policies did, here and below.
fn inspect(
    config: &Config,
    gateway: &Gateway,
    suspensions: UnboundedReceiver<Suspension>,
    stopped: &watch::Receiver<bool>,
) -> [JoinHandle<()>; 2] {
    let heard = inspection::hear_of_suspensions(gateway.clone(), suspensions, stopped.clone());
    let inspected = inspection::inspect(gateway.clone(), config.sample, stopped.clone());
    [tokio::spawn(heard), tokio::spawn(inspected)]
}

/// Where machine code of policies is kept: with the data, under the node key, which is not.
fn machine_code(config: &Config) -> Result<Cache, Error> {
    let file = &config.node_key;
    let key = fs::read(file).map(Zeroizing::new);
    let key = key.map_err(|source| Error::Read {
        file: file.clone(),
        source,
    })?;
    Ok(Cache::in_folder(config.data.join("machine-code"), &key))
}

/// The services for clients, behind the door: registry, policies, reports, health and reflection.
async fn services(
    gateway: &Gateway,
    key: Arc<SigningKey>,
    view: Arc<LinkView>,
    door: Door,
) -> Result<Router<Stack<Door, Identity>>, Error> {
    let (health_reporter, health) = tonic_health::server::health_reporter();
    health_reporter
        .set_serving::<RegistryServer<RegistryService>>()
        .await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(lika_proto::DESCRIPTORS)
        .build_v1()?;
    let registry = RegistryServer::new(RegistryService::new(gateway.clone()));
    let policies = PoliciesServer::new(PoliciesService::new(gateway.clone()));
    let cases = CasesServer::new(CasesService::new(gateway.clone()));
    let payments = PaymentsServer::new(PaymentsService::new(gateway.clone()));
    let comparisons = ComparisonsServer::new(ComparisonsService::new(gateway.clone()));
    let statistics = StatisticsServer::new(StatisticsService::new(gateway.clone()));
    let households = HouseholdsServer::new(HouseholdsService::new(gateway.clone()));
    let supervision = SupervisionServer::new(SupervisionService::new(gateway.clone()));
    let evidence = EvidenceServer::new(EvidenceService::new(gateway.clone(), key));
    let works = WorksServer::new(WorksService::new(gateway.clone()));
    let reports = ReportsServer::new(ReportsService::new(gateway.clone(), view));
    Ok(Server::builder()
        .layer(door)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .http2_keepalive_timeout(Some(KEEP_ALIVE))
        .add_service(health)
        .add_service(reflection)
        .add_service(registry.max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(policies.max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(reports)
        .add_service(cases)
        .add_service(payments)
        .add_service(comparisons.max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(statistics)
        .add_service(households)
        .add_service(supervision)
        .add_service(works)
        .add_service(evidence))
}

/// Starts the console: its address, and the task that ends with the node.
fn console(
    config: &Config,
    gateway: &Gateway,
    view: Arc<LinkView>,
    shown: Arc<tls::Shown>,
    stopped: watch::Receiver<bool>,
) -> Result<(SocketAddr, JoinHandle<()>), Error> {
    let sentences = Arc::new(ManifestSentences::new(gateway.clone()));
    let options = console::Options {
        secure_cookies: config.console_tls,
    };
    let pages = console::router(console::State::new(
        gateway.clone(),
        view,
        sentences,
        options,
    ));
    let pages = pages.into_make_service_with_connect_info::<SocketAddr>();
    let listener =
        std::net::TcpListener::bind(config.console).map_err(not_listening(config.console))?;
    listener
        .set_nonblocking(true)
        .map_err(not_listening(config.console))?;
    let address = listener
        .local_addr()
        .map_err(not_listening(config.console))?;
    let handle = axum_server::Handle::new();
    let ending = handle.clone();
    tokio::spawn(async move {
        is_stopped(stopped).await;
        ending.graceful_shutdown(Some(DRAIN));
    });
    let task = if config.console_tls {
        let tls = axum_server::tls_rustls::RustlsConfig::from_config(tls::console(shown)?);
        let server = axum_server::from_tcp_rustls(listener, tls).map_err(not_listening(address))?;
        tokio::spawn(ended("console", server.handle(handle).serve(pages)))
    } else {
        let server = axum_server::from_tcp(listener).map_err(not_listening(address))?;
        tokio::spawn(ended("console", server.handle(handle).serve(pages)))
    };
    Ok((address, task))
}

fn not_listening(address: SocketAddr) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Listen { address, source }
}

/// How the node above is reached, where there is one.
fn dialer(config: &Config) -> Result<Option<Dialer>, Error> {
    let Some(address) = &config.upper else {
        return Ok(None);
    };
    let credentials = link_credentials(&config.certificates)?;
    let roots = read(config, "upper.pem")?;
    let dialer = Dialer::new(address, &credentials, &roots)?;
    Ok(Some(
        dialer.with_most_bytes_per_second(config.most_bytes_per_second),
    ))
}

fn start_uplink(
    dialer: Dialer,
    logs: Arc<UplinkStore>,
    clock: &Arc<dyn Clock>,
) -> Result<Handle, Error> {
    let rng = rand::make_rng::<rand_chacha::ChaCha12Rng>();
    Ok(federation::uplink::start(
        dialer,
        logs,
        Pace::default(),
        Arc::clone(clock),
        rng,
    )?)
}

fn read(config: &Config, name: &str) -> Result<String, Error> {
    let file = config.certificates.join(name);
    fs::read_to_string(&file).map_err(|source| Error::Read { file, source })
}

fn listen(address: SocketAddr) -> Result<TcpIncoming, Error> {
    let incoming =
        TcpIncoming::bind(address).map_err(|source| Error::Listen { address, source })?;
    // With Nagle's algorithm a first call takes 40 ms instead of one.
    Ok(incoming.with_nodelay(Some(true)))
}

async fn is_stopped(mut stopped: watch::Receiver<bool>) {
    // An error means that the node is gone, which is as good.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn ended<E: std::error::Error>(
    name: &'static str,
    server: impl Future<Output = Result<(), E>>,
) {
    if let Err(error) = server.await {
        tracing::error!(
            %error,
            "the {name} server has ended"
        );
    }
}
