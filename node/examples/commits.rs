//! How many commands a second the store makes durable, against what the disk itself can do.
//!
//! ```text
//! cargo run --release -p lika --example commits -- [submitters] [seconds]
//! ```
//!
//! Each command registers a household with its head: two entries, four sealed parts, two new keys. Then the bytes of
//! the log are written once more, in as many pieces as there were batches, each made durable: the disk's own speed.
//! Prints one JSON object.

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use lika::{
    clock::{Clock, Stopwatch, System},
    store::{Settings, Store},
};
use lika_core::{
    command::{Change, Command},
    record::{Area, Household, HouseholdIdentity, Member, MemberIdentity, area_id},
    value::{
        ActorId, AreaCode, Code, Date, IdentityDocument, Label, Name, NodeId, RecordId, RequestId,
        Text,
    },
};

const COUNTY: &str = "360323";
const TOWNSHIP: &str = "360323104";
const VILLAGES: u64 = 100;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u64>());
    let submitters = arguments.next().transpose()?.unwrap_or(64);
    let seconds = arguments.next().transpose()?.unwrap_or(5);
    let folder = tempfile::Builder::new()
        .prefix("lika-commits-")
        .tempdir_in(".")?;
    let settings = Settings::new(
        folder.path().join("data"),
        folder.path().join("node.key"),
        NodeId([1; 16]),
        AreaCode::parse(COUNTY)?,
    );
    let clock: Arc<dyn Clock> = Arc::new(System);
    let store = Arc::new(Store::open(&settings, clock, &mut |_| ())?);
    store.submit(areas()?).await?;

    let before = store.reader().standing().order;
    let (commands, elapsed) = submit_for(&store, submitters, Duration::from_secs(seconds)).await?;
    let batches = store.reader().standing().order - before;
    Arc::into_inner(store)
        .context("a submitter is left over")?
        .close()?;

    let bytes = std::fs::read(only_segment(&settings.folder.join("log"))?)?;
    let raw = raw_append(&folder.path().join("raw"), &bytes, batches)?;
    let batches_a_second = per_second(batches, elapsed);
    let raw_a_second = per_second(batches, raw);
    let report = format!(
        r#"{{"submitters":{submitters},"commands":{commands},"commands_per_second":{:.0},"batches":{batches},"batches_per_second":{batches_a_second:.0},"raw_batches_per_second":{raw_a_second:.0},"ratio":{:.3},"log_bytes":{}}}"#,
        per_second(commands, elapsed),
        batches_a_second / raw_a_second,
        bytes.len(),
    );
    writeln!(std::io::stdout(), "{report}")?;
    Ok(())
}

async fn submit_for(
    store: &Arc<Store>,
    submitters: u64,
    duration: Duration,
) -> anyhow::Result<(u64, Duration)> {
    let next = Arc::new(AtomicU64::new(0));
    let watch = Stopwatch::start();
    let mut tasks = Vec::new();
    for _ in 0..submitters {
        let (store, next) = (Arc::clone(store), Arc::clone(&next));
        tasks.push(tokio::spawn(async move {
            while watch.elapsed() < duration {
                let number = next.fetch_add(1, Ordering::Relaxed);
                store.submit(register(number)?).await?;
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok((next.load(Ordering::Relaxed), watch.elapsed()))
}

fn raw_append(file: &Path, bytes: &[u8], pieces: u64) -> anyhow::Result<Duration> {
    let mut file = OpenOptions::new()
        .append(true)
        .create_new(true)
        .open(file)?;
    let piece = bytes.len().div_ceil(usize::try_from(pieces)?.max(1));
    let watch = Stopwatch::start();
    for piece in bytes.chunks(piece) {
        file.write_all(piece)?;
        file.sync_data()?;
    }
    Ok(watch.elapsed())
}

fn only_segment(logs: &Path) -> anyhow::Result<std::path::PathBuf> {
    let log = std::fs::read_dir(logs)?
        .next()
        .context("there is no log")??;
    Ok(std::fs::read_dir(log.path())?
        .next()
        .context("there is no segment")??
        .path())
}

fn areas() -> anyhow::Result<Command> {
    let mut changes = Vec::new();
    for code in [COUNTY, TOWNSHIP]
        .map(AreaCode::parse)
        .into_iter()
        .chain((0..VILLAGES).map(village))
    {
        let code = code?;
        let area = Area {
            code,
            name: Label::parse("名")?,
            key_village: Vec::new(),
            from: None,
            until: None,
            successors: Vec::new(),
        };
        changes.push(Change::create(area_id(&code), code, area));
    }
    Ok(Command {
        request: RequestId([0; 16]),
        actor: ActorId([0; 16]),
        changes,
    })
}

fn village(number: u64) -> Result<AreaCode, lika_core::value::area_code::Error> {
    AreaCode::parse(&format!("{TOWNSHIP}{}", 200 + number % VILLAGES))
}

fn register(number: u64) -> anyhow::Result<Command> {
    let village = village(number)?;
    let key = number.to_be_bytes();
    let household = RecordId::derived("household", &key);
    let changes = vec![
        Change::create(household, village, card(number)?),
        Change::create(
            RecordId::derived("member", &key),
            village,
            head(number, household)?,
        ),
    ];
    Ok(Command {
        request: RequestId::derived("request", &key),
        actor: ActorId([0; 16]),
        changes,
    })
}

fn card(number: u64) -> anyhow::Result<Household> {
    let identity = HouseholdIdentity {
        number: Some(Text::parse(&format!("{number:012}"))?),
        hamlet: Some(Text::parse("第三组")?),
        address: Some(Text::parse("宣风镇京口村第三组十二号")?),
        ..HouseholdIdentity::default()
    };
    Ok(Household {
        household_type: Code::parse("general")?,
        standard: None,
        main_cause: None,
        other_causes: Vec::new(),
        identified_on: Some(Date::new(2014, 6, 1)?),
        exit_year: None,
        risk_removed: None,
        dangerous_house: Some(false),
        safe_water: Some(true),
        willing: None,
        identity: Some(identity),
        note: None,
    })
}

fn head(number: u64, household: RecordId) -> anyhow::Result<Member> {
    let identity = MemberIdentity {
        number: Some(Text::parse(&format!("{number:014}"))?),
        name: Name::parse("张建国")?,
        document: IdentityDocument::None {
            reason: Code::parse("not-given")?,
        },
        phone: None,
    };
    Ok(Member {
        household,
        from: Date::new(2014, 6, 1)?,
        until: None,
        sex: Some(Code::parse("1")?),
        birth_year: None,
        relation: Code::parse("02")?,
        ethnic_group: None,
        political: None,
        education: None,
        schooling: None,
        labour: None,
        work_region: None,
        work_months: None,
        allowance: None,
        medical_insurance: None,
        illness_insurance: None,
        pension_insurance: None,
        identified_on: None,
        measures: Vec::new(),
        identity: Some(identity),
        health: Some(Vec::new()),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
fn per_second(count: u64, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}
