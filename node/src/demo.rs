//! The demonstration: a made-up county and its province on one machine, from the first file to the province's totals.
//!
//! Nothing here takes a short cut: the spreadsheet goes through the ordinary import, the policies through admission,
//! the proposals through acceptance, the log over mutual TLS, and every figure comes from the node's own roll-up.

mod office;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::Kind,
    record::{Body, Record},
    value::{AreaCode, Code, Date, Label, RequestId},
};

pub(crate) use self::office::packed;
use self::office::{Office, SIGNER};
use crate::{
    clock::Clock,
    config::Config,
    enrolment::Invitation,
    gateway::{AreaTotals, Caller, Evaluated, Gateway, Import, What},
    policy::{HostProgram, package::KeyPair},
    sample::{self, County, Registered},
    serve::Node,
    setup::{self, CERTIFICATE_MS, Made, NewNode, NewToken},
    store::{Lifecycle, Listing, Tail},
};

/// The first officer of both nodes.
pub const LOGIN: &str = "admin";

/// The policies of the demonstration, in the order in which they run.
const POLICIES: [&str; 2] = ["village-team", "pairing"];

/// What to show.
#[derive(Clone)]
pub struct Settings {
    /// An empty folder.
    pub folder: PathBuf,
    /// The folder of built policies.
    pub policies: PathBuf,
    /// How many households.
    pub households: usize,
    /// The same seed makes the same county.
    pub seed: u64,
    /// The password of the first officer of both nodes.
    pub password: String,
    /// Where gRPC and console listen: any free port (0) or, for people, fixed ones.
    pub ports: Ports,
}

/// The ports on loopback.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// The county's gRPC and console.
    pub county: (u16, u16),
    /// The province's gRPC and console.
    pub province: (u16, u16),
}

/// Both nodes, running.
pub struct Running {
    /// The county.
    pub county: Node,
    /// The province.
    pub province: Node,
    county_caller: Caller,
    province_caller: Caller,
    /// What the policies said after their proposals were accepted.
    pub evaluated: Vec<Evaluated>,
}

/// The figures of one node, from its own roll-ups.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The totals of the node's area.
    pub totals: AreaTotals,
    /// The head of the county's log as the node has it.
    pub head: Option<Tail>,
}

/// Makes both nodes and fills the county; `tell` hears what is being done.
pub async fn run(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    tell: &mut (dyn FnMut(&str) + Send),
) -> anyhow::Result<Running> {
    tell("making a province and a county");
    let (province_made, county_made) = tokio::task::block_in_place(|| make(settings, &clock))?;
    let signer = KeyPair::generate()?;
    for made in [&province_made, &county_made] {
        setup::trust(&made.config, SIGNER, &signer.public())?;
    }
    let province = start(&province_made.config, &clock).await?;
    join(&province_made, &county_made, &province, &*clock).await?;
    let county = start(&county_made.config, &clock).await?;
    let county_caller = county.gateway().caller(county_made.officer)?;
    let province_caller = province.gateway().caller(province_made.officer)?;
    fill(settings, county.gateway(), &county_caller, &*clock, tell).await?;
    let office = Office::open(
        county.gateway().clone(),
        county_caller.clone(),
        signer,
        &settings.folder,
    )
    .await?;
    let evaluated = judge(settings, &office, clock.today(), tell).await?;
    Ok(Running {
        county,
        province,
        county_caller,
        province_caller,
        evaluated,
    })
}

impl Running {
    /// The county's figures.
    pub fn county_figures(&self) -> anyhow::Result<Figures> {
        self.figures(&self.county, &self.county_caller)
    }

    /// The province's figures.
    pub fn province_figures(&self) -> anyhow::Result<Figures> {
        self.figures(&self.province, &self.province_caller)
    }

    /// Waits until the province has made everything durable that the county has recorded by now.
    pub async fn delivered(&self) -> anyhow::Result<()> {
        let seq = self.county_head().map_or(0, |tail| tail.position.seq);
        let uplink = self.county.uplink().context("the county has no link")?;
        anyhow::ensure!(
            uplink.delivered(seq).await,
            "the link was stopped before everything had arrived"
        );
        Ok(())
    }

    /// Stops both nodes.
    pub async fn stop(self) {
        let Self {
            county, province, ..
        } = self;
        county.stop().await;
        province.stop().await;
    }

    fn county_head(&self) -> Option<Tail> {
        let reader = self.county.gateway().reader();
        reader.head(&reader.node())
    }

    fn figures(&self, node: &Node, caller: &Caller) -> anyhow::Result<Figures> {
        let gateway = node.gateway();
        let county = self.county.gateway().reader().node();
        Ok(Figures {
            totals: gateway.totals(caller, &gateway.area())?,
            head: gateway.reader().head(&county),
        })
    }
}

fn make(settings: &Settings, clock: &Arc<dyn Clock>) -> anyhow::Result<(Made, Made)> {
    let new =
        |folder: &str, area: AreaCode, name: &str, ports: (u16, u16)| -> anyhow::Result<Made> {
            let new = NewNode {
                folder: settings.folder.join(folder),
                name: Label::parse(name)?,
                area,
                hosts: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
                grpc: format!("127.0.0.1:{}", ports.0),
                console: format!("127.0.0.1:{}", ports.1),
                login: LOGIN.to_owned(),
                password: settings.password.clone(),
                scenario: None,
            };
            Ok(setup::create(&new, Arc::clone(clock))?)
        };
    let province = new(
        "province",
        AreaCode::parse("36")?,
        "江西省",
        settings.ports.province,
    )?;
    let county = new("county", County::area(), "芦溪县", settings.ports.county)?;
    Ok((province, county))
}

async fn join(
    province: &Made,
    county: &Made,
    running: &Node,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    let new = NewToken {
        area: County::area(),
        node: Some(county.node),
        name: "芦溪县".to_owned(),
        valid_ms: 60_000,
        certificate_ms: CERTIFICATE_MS,
    };
    let invited = setup::invite(&province.config, &new, clock)?;
    let invitation = Invitation {
        address: format!("https://127.0.0.1:{}", running.grpc().port()),
        token: invited.token,
        fingerprint: invited.fingerprint,
    };
    setup::join(&county.config, &invitation, None, clock).await?;
    Ok(())
}

async fn start(config: &Path, clock: &Arc<dyn Clock>) -> anyhow::Result<Node> {
    let config = Config::read(config)?;
    Ok(Node::start(&config, Arc::clone(clock), HostProgram::Own, &mut |_| {}).await?)
}

async fn fill(
    settings: &Settings,
    gateway: &Gateway,
    caller: &Caller,
    clock: &dyn Clock,
    tell: &mut (dyn FnMut(&str) + Send),
) -> anyhow::Result<()> {
    let Settings {
        folder,
        seed,
        households,
        ..
    } = settings;
    let wanted = sample::Settings {
        seed: *seed,
        households: *households,
        as_of: clock.today(),
    };
    let county = County::generate(&wanted);
    let file = folder.join("households.xlsx");
    county.write_xlsx(&file)?;
    tell("registering areas, units and cadres");
    // The node registered its own area when it was made.
    let own = lika_core::record::area_id(&gateway.area());
    let areas: Vec<Change> = county
        .area_changes
        .into_iter()
        .filter(|change| change.id != own)
        .collect();
    gateway.apply(caller, request("areas"), areas).await?;
    gateway
        .apply(caller, request("units"), county.unit_changes)
        .await?;
    gateway
        .apply(caller, request("cadres"), county.cadre_changes)
        .await?;
    tell("importing the spreadsheet");
    let import = Import {
        what: What::Households { income_year: None },
        request: request("households"),
        dry_run: false,
        valid_rows: false,
        as_of: None,
    };
    let imported = gateway
        .import(
            caller,
            import,
            "households".to_owned(),
            fs::File::open(&file)?,
            |_| {},
        )
        .await?;
    anyhow::ensure!(
        imported.receipt.is_some(),
        "the import was refused: {:?}",
        imported.plan.faults.list().first()
    );
    tell("registering surveys, published figures and a co-operative");
    let registered = registered(gateway)?;
    let surveys = sample::surveys(&wanted, &county.households, &registered);
    gateway.apply(caller, request("surveys"), surveys).await?;
    Ok(())
}

fn registered(gateway: &Gateway) -> anyhow::Result<Vec<Registered>> {
    let listing = Listing {
        kind: Kind::Household,
        area: gateway.area(),
        lifecycle: Lifecycle::Open,
        after: None,
        limit: usize::MAX,
    };
    let mut registered = Vec::new();
    for stored in gateway.reader().list(&listing)?.items {
        if let Some(Record {
            id,
            area,
            body: Body::Household(household),
            ..
        }) = stored.into_record()
        {
            let number = household.identity.and_then(|identity| identity.number);
            registered.push(Registered {
                id,
                village: area,
                number: number.map(|number| number.to_string()).unwrap_or_default(),
            });
        }
    }
    Ok(registered)
}

async fn judge(
    settings: &Settings,
    office: &Office,
    today: Date,
    tell: &mut (dyn FnMut(&str) + Send),
) -> anyhow::Result<Vec<Evaluated>> {
    let (gateway, caller) = (&office.gateway, &office.caller);
    let area = gateway.area();
    let mut evaluated = Vec::new();
    for policy in POLICIES {
        tell(&format!(
            "policy {policy}: sign, admit, preview, approve, evaluate, accept, evaluate again"
        ));
        let file = settings.policies.join(format!("{policy}.wasm"));
        let component = fs::read(&file).with_context(|| {
            format!("cannot read {}; `make policies` builds it", file.display())
        })?;
        office.put_in_force(policy, component, today).await?;
        let step = |what: &str| request(&format!("{policy}/{what}"));
        let purpose = Code::parse(policy)?;
        gateway
            .evaluate(caller, step("first"), &purpose, &area, Some(today))
            .await?;
        gateway
            .accept(caller, step("accept"), &purpose, &area, Some(today))
            .await?;
        evaluated.push(
            gateway
                .evaluate(caller, step("again"), &purpose, &area, Some(today))
                .await?,
        );
    }
    Ok(evaluated)
}

/// The same step of the demonstration has the same request id, so that it could be repeated.
fn request(step: &str) -> RequestId {
    RequestId::derived("lika.demo", step.as_bytes())
}
