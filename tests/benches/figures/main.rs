//! The figures of the node, each against a peer or a limit of the same run. It reports and asserts nothing: times on a
//! shared machine mean little, ratios more.
//!
//! Everything is on loopback and in a temporary folder. Nodes are child processes: this program started with other
//! arguments than a benchmark gets.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its figures"
)]

mod admission;
mod county;
mod federation;
mod history;
mod hostile;
mod node;
mod packages;
mod peers;
mod policy;
mod preview;
mod reading;
mod rollup;
mod table;
mod writes;

#[path = "../../../sdk/examples/screening.rs"]
mod screening;

use std::{path::Path, process::ExitCode, sync::Arc, time::Instant};

use anyhow::Result;
use tokio::runtime::Runtime;

use self::{
    county::County,
    packages::Signer,
    table::{Row, Table},
};

/// The allocator of the command `lika`: this program is measured in its place.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let is_bench = |argument: &str| argument.starts_with("--");
    if std::env::args()
        .nth(1)
        .is_some_and(|argument| !is_bench(&argument))
    {
        return lika::cli::run();
    }
    let mut rows = Vec::new();
    let only = std::env::args().find_map(|it| it.strip_prefix("--only=").map(str::to_owned));
    let measured = measure(only.as_deref(), &mut rows);
    println!("{}", Table(&rows));
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

/// Measures all, or only what is named: `policies`, `county` (60,000 people), `rollup` (4 million households in totals) or
/// `large` (100,000 households).
fn measure(only: Option<&str>, rows: &mut Vec<Row>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let begun = Instant::now();
    let say = |what: &str| eprintln!("{:5.1} s  {what}", begun.elapsed().as_secs_f64());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let is_wanted = |what| only.is_none_or(|only| only == what);
    if is_wanted("policies") {
        say("policies");
        policy::measure(rows)?;
    }
    if is_wanted("county") {
        county(folder.path(), &runtime, &say, rows)?;
    }
    if is_wanted("rollup") {
        say("roll-ups of 4 million households");
        rollup::measure(folder.path(), &runtime, rows)?;
    }
    if is_wanted("large") {
        say("100,000 households");
        let large = preview::County::create(folder.path())?;
        say("preview");
        runtime.block_on(large.measure(rows))?;
        say("five years of history");
        history::measure(&large, &runtime, rows)?;
    }
    say("done");
    Ok(())
}

fn county(
    folder: &Path,
    runtime: &Runtime,
    say: &impl Fn(&str),
    rows: &mut Vec<Row>,
) -> Result<()> {
    say("sample and nodes");
    let county = Arc::new(County::create(folder)?);
    let node = runtime.block_on(async {
        say("import");
        let node = county.import(rows).await?;
        say("questions");
        reading::measure(&county, &node, rows).await?;
        let node = reading::reopen(&county, node, rows).await?;
        say("federation");
        federation::measure(&county, &node, folder, rows).await?;
        anyhow::Ok(node)
    })?;
    say("writes");
    writes::measure(&county, node, folder, runtime, rows)?;
    say("admission");
    let signer = Signer::trusted_by(&county.office)?;
    let node = Arc::new(county.office.start()?.0);
    runtime.block_on(admission::measure(&node, &signer, rows))?;
    say("hostile policies");
    runtime.block_on(hostile::measure(&county, &node, &signer, rows))
}
