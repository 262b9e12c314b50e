//! `lika policy`: a file for each thing that can be done.
//!
//! ```text
//! an author:  new, build, test, run, watch, bench, check, doctor, pack
//! signers:    key, sign, show
//! a county:   admit, list, preview, diff, propose, approve, suspend, resume, bring-back, evaluate, accept
//! anybody:    replay, reverify, bundle, capture
//! ```

mod accept;
mod admit;
mod admitted;
mod bench;
mod build;
mod bundle;
mod capture;
mod check;
mod doctor;
mod evaluate;
mod lifecycle;
mod list;
mod new;
mod package;
mod preview;
mod replay;
mod reverify;
mod run;
mod test;
mod watch;

use std::future::Future;

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::value::{Date, RecordId};
use lika_proto::v1::policies_client::PoliciesClient;
use tonic::transport::Channel;

use super::{Answer, Called, Output, block_on, client};
use crate::config::Config;

/// Write, sign, admit, preview, enact, run and replay policies.
#[derive(Debug, Subcommand)]
pub enum Policy {
    New(new::New),
    Doctor(doctor::Doctor),
    Build(build::Build),
    Test(test::Test),
    Run(run::Run),
    Watch(watch::Watch),
    Bench(bench::Bench),
    Check(check::Check),
    Pack(package::Pack),
    Key(package::Key),
    Sign(package::Sign),
    Show(package::Show),
    Admit(admit::Admit),
    List(list::List),
    Preview(preview::Preview),
    Diff(preview::Diff),
    Propose(lifecycle::Propose),
    Approve(lifecycle::Approve),
    Suspend(lifecycle::Suspend),
    Resume(lifecycle::Resume),
    BringBack(lifecycle::BringBack),
    Evaluate(evaluate::Evaluate),
    Accept(accept::Accept),
    Replay(replay::Replay),
    Reverify(reverify::Reverify),
    Bundle(bundle::Bundle),
    Capture(capture::Capture),
}

/// Runs `lika policy`.
pub fn run(command: &Policy, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Policy::New(command) => new::run(command, output),
        Policy::Doctor(command) => doctor::run(command, output),
        Policy::Build(command) => build::run(command, output),
        Policy::Test(command) => test::run(command, output),
        Policy::Run(command) => run::run(command, output),
        Policy::Watch(command) => watch::run(command, output),
        Policy::Bench(command) => bench::run(command, output),
        Policy::Check(command) => check::run(command, output),
        Policy::Pack(command) => package::pack(command, output),
        Policy::Key(command) => package::key(command, output),
        Policy::Sign(command) => package::sign(command, output),
        Policy::Show(command) => package::show(command, output),
        Policy::Admit(command) => admit::run(command, output),
        Policy::List(command) => list::run(command, output),
        Policy::Preview(command) => preview::preview(command, output),
        Policy::Diff(command) => preview::diff(command, output),
        Policy::Propose(command) => lifecycle::propose(command, output),
        Policy::Approve(command) => lifecycle::approve(command, output),
        Policy::Suspend(command) => lifecycle::suspend(command, output),
        Policy::Resume(command) => lifecycle::resume(command, output),
        Policy::BringBack(command) => lifecycle::bring_back(command, output),
        Policy::Evaluate(command) => evaluate::run(command, output),
        Policy::Accept(command) => accept::run(command, output),
        Policy::Replay(command) => replay::run(command, output),
        Policy::Reverify(command) => reverify::run(command, output),
        Policy::Bundle(command) => bundle::run(command, output),
        Policy::Capture(command) => capture::run(command, output),
    }
}

/// Asks the node one thing.
fn call<T, F: Future<Output = Result<tonic::Response<T>, tonic::Status>>>(
    called: &Called,
    ask: impl FnOnce(PoliciesClient<Channel>) -> F,
) -> anyhow::Result<T> {
    block_on(async {
        let policies = client::policies(called).await?;
        Ok(ask(policies).await.map_err(client::refused)?.into_inner())
    })
}

/// The area that is named or, where none is, that of the node.
fn area_or_own(area: Option<&str>, called: &Called) -> anyhow::Result<String> {
    Ok(match area {
        Some(area) => area.to_owned(),
        None => Config::read(&called.config)?.area.to_string(),
    })
}

fn day(text: Option<&str>) -> anyhow::Result<u32> {
    Ok(text.map(Date::parse).transpose()?.map_or(0, Date::number))
}

fn id(bytes: &[u8]) -> anyhow::Result<RecordId> {
    Ok(RecordId(bytes.try_into().context(
        "the node answered with an id that is not 16 bytes",
    )?))
}
