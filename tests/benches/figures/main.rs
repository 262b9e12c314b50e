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
mod hostile;
mod node;
mod packages;
mod peers;
mod policy;
mod preview;
mod reading;
mod table;
mod writes;

#[path = "../../../sdk/examples/screening.rs"]
mod screening;

use std::{process::ExitCode, sync::Arc, time::Instant};

use anyhow::Result;

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
    let measured = measure(&mut rows);
    println!("{}", Table(&rows));
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn measure(rows: &mut Vec<Row>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let begun = Instant::now();
    let say = |what: &str| eprintln!("{:5.1} s  {what}", begun.elapsed().as_secs_f64());
    say("policies");
    policy::measure(rows)?;
    say("sample and nodes");
    let county = Arc::new(County::create(folder.path())?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let node = runtime.block_on(async {
        say("import");
        let node = county.import(rows).await?;
        say("questions");
        reading::measure(&county, &node, rows).await?;
        let node = reading::reopen(&county, node, rows).await?;
        say("federation");
        federation::measure(&county, &node, folder.path(), rows).await?;
        anyhow::Ok(node)
    })?;
    say("writes");
    writes::measure(&county, node, folder.path(), &runtime, rows)?;
    say("admission");
    let signer = Signer::trusted_by(&county.office)?;
    let node = Arc::new(county.office.start()?.0);
    runtime.block_on(admission::measure(&node, &signer, rows))?;
    say("hostile policies");
    runtime.block_on(hostile::measure(&county, &node, &signer, rows))?;
    drop(node);
    say("100,000 households");
    let large = preview::County::create(folder.path())?;
    say("preview");
    runtime.block_on(large.measure(rows))?;
    say("done");
    Ok(())
}
