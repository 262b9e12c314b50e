//! The command line.
//!
//! Standard output carries data, standard error everything else. Exit codes are an interface: 0 yes or done, 1 a
//! truthful no, 2 trouble; a broken pipe is success.

mod alert;
mod area;
mod ca;
mod cadre;
mod case;
mod client;
mod comparison;
mod demo;
mod doubt;
mod duplicates;
mod fund;
mod household;
mod import;
mod loan;
mod local;
mod log;
mod node;
mod notice;
mod objection;
mod output;
mod payment;
mod policy;
mod policy_host;
mod project;
mod report;
mod rollup;
mod scenario;
mod statistic;
mod table;
mod training;
mod village;

mod assessment;
mod award;
mod duty;
mod finding;
mod letter;
mod post;
mod sanction;
mod satisfaction;
mod subject;
mod task;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use self::output::Output;

/// Registry for targeted rural assistance: one small binary for a county, a prefecture or a province.
#[derive(Debug, Parser)]
#[command(name = "lika", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a made-up county and its province on this machine.
    Demo(demo::Demo),
    /// Hold the figures of a source document against a node that is made for it.
    Scenario(scenario::Scenario),
    /// Make, run and look at a node.
    #[command(subcommand)]
    Node(node::Node),
    /// Certificates that this node's authorities issue.
    #[command(subcommand)]
    Ca(ca::Ca),
    /// The administrative division below a node; the first thing that a new node needs.
    #[command(subcommand)]
    Area(area::Area),
    /// What a person has to look at.
    #[command(subcommand)]
    Alert(alert::Alert),
    /// The ledger: accounts, and money that goes from one to another.
    #[command(subcommand)]
    Fund(fund::Fund),
    /// Money of a fund that a bank pays out to households.
    #[command(subcommand)]
    Payment(payment::Payment),
    /// Cases: what households, people and villages go through by the procedures in force.
    #[command(subcommand)]
    Case(case::Case),
    /// Public notices.
    #[command(subcommand)]
    Notice(notice::Notice),
    /// Objections to what a notice lists.
    #[command(subcommand)]
    Objection(objection::Objection),
    /// Import a spreadsheet: households with the national headings, or another list that a county keeps.
    Import(import::Import),
    /// Write a workbook to fill in for `lika import`.
    Template(import::Template),
    /// Export registered data under the headings that import reads, or as a view to print.
    Export(import::Export),
    /// Write the spreadsheet of a made-up county.
    Sample(local::Sample),
    /// Admit, enact, run and replay policies.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Run one policy for the node that started this process.
    #[command(hide = true)]
    PolicyHost(policy_host::PolicyHost),
    /// The log: verify all of it, prove an entry, check a proof.
    #[command(subcommand)]
    Log(log::Log),
    /// Totals of areas: printed, added up once more, committed to, inspected.
    #[command(subcommand)]
    Rollup(rollup::Rollup),
    /// The configuration.
    #[command(subcommand)]
    Config(local::Config),
    /// Projects, from proposal to follow-up.
    #[command(subcommand)]
    Project(project::Project),
    /// Loans to households, from application to the last fen, and the guarantee funds behind them.
    #[command(subcommand)]
    Loan(loan::Loan),
    /// Training courses, joint meetings and advisory visits.
    #[command(subcommand)]
    Training(training::Training),
    /// What is asked of villages, and whole-village batches.
    #[command(subcommand)]
    Village(village::Village),
    /// Lists of other bureaus, held against the registry.
    #[command(subcommand)]
    Comparison(comparison::Comparison),
    /// People whom two counties have registered, found without telling anybody above who they are.
    #[command(subcommand)]
    Duplicates(duplicates::Duplicates),
    /// What such lists say of people who are registered.
    #[command(subcommand)]
    Doubt(doubt::Doubt),
    /// Indicators, and tables that may be published.
    #[command(subcommand)]
    Statistic(statistic::Statistic),
    /// Figures that areas report, and lock.
    #[command(subcommand)]
    Report(report::Report),
    /// Households over time: what happens to them, what is due after an exit, and how many may be registered.
    #[command(subcommand)]
    Household(household::Household),
    /// Cadres.
    #[command(subcommand)]
    Cadre(cadre::Cadre),
    /// Offices that cadres hold.
    #[command(subcommand)]
    Post(post::Post),
    /// What falls due again and again, and for whom.
    #[command(subcommand)]
    Duty(duty::Duty),
    /// What is due, what is late, and what was done.
    #[command(subcommand)]
    Task(task::Task),
    /// What inspections found.
    #[command(subcommand)]
    Finding(finding::Finding),
    /// Reprimand, interview, accountability, and what stands beside the ladder.
    #[command(subcommand)]
    Sanction(sanction::Sanction),
    /// Responsibility letters, signed level by level.
    #[command(subcommand)]
    Letter(letter::Letter),
    /// What people who are helped think of it.
    #[command(subcommand)]
    Satisfaction(satisfaction::Satisfaction),
    /// How somebody did in a period, and rankings.
    #[command(subcommand)]
    Assessment(assessment::Assessment),
    /// Who is commended in a year.
    #[command(subcommand)]
    Award(award::Award),
}

/// Which running node to call, and as whom.
#[derive(Args, Clone, Debug)]
struct Called {
    /// The node's configuration file; its address and certificates are used.
    #[arg(long, default_value = "lika.toml", value_name = "FILE")]
    config: PathBuf,
    /// The officer's client certificate, by its name in the folder of certificates.
    #[arg(long = "as", default_value = "admin", value_name = "LOGIN")]
    login: String,
    /// Call this address instead of the configured one.
    #[arg(long, value_name = "https://HOST:PORT")]
    address: Option<String>,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let mut output = Output::new(cli.json);
    let done = match cli.command {
        Command::Demo(demo) => demo::run(&demo, &mut output),
        Command::Scenario(scenario) => scenario::run(&scenario, &mut output),
        Command::Node(command) => node::run(command, &mut output),
        Command::Ca(command) => ca::run(&command, &mut output),
        Command::Area(command) => area::run(&command, &mut output),
        Command::Alert(command) => alert::run(&command, &mut output),
        Command::Fund(command) => fund::run(&command, &mut output),
        Command::Payment(command) => payment::run(&command, &mut output),
        Command::Case(command) => case::run(&command, &mut output),
        Command::Notice(command) => notice::run(&command, &mut output),
        Command::Objection(command) => objection::run(&command, &mut output),
        Command::Import(import) => import::import(&import, &mut output),
        Command::Template(template) => import::template(&template, &mut output),
        Command::Export(export) => import::export(&export, &mut output),
        Command::Sample(sample) => local::sample(&sample, &mut output),
        Command::Policy(command) => policy::run(&command, &mut output),
        Command::PolicyHost(command) => policy_host::run(command, &mut output),
        Command::Log(command) => log::run(&command, &mut output),
        Command::Rollup(rollup) => rollup::run(&rollup, &mut output),
        Command::Config(command) => local::config(&command, &mut output),
        Command::Project(command) => project::run(&command, &mut output),
        Command::Loan(command) => loan::run(&command, &mut output),
        Command::Training(command) => training::run(&command, &mut output),
        Command::Village(command) => village::run(&command, &mut output),
        Command::Comparison(command) => comparison::run(&command, &mut output),
        Command::Doubt(command) => doubt::run(&command, &mut output),
        Command::Duplicates(command) => duplicates::run(&command, &mut output),
        Command::Statistic(command) => statistic::run(&command, &mut output),
        Command::Report(command) => report::run(&command, &mut output),
        Command::Household(command) => household::run(&command, &mut output),
        Command::Cadre(command) => cadre::run(&command, &mut output),
        Command::Post(command) => post::run(&command, &mut output),
        Command::Duty(command) => duty::run(&command, &mut output),
        Command::Task(command) => task::run(&command, &mut output),
        Command::Finding(command) => finding::run(&command, &mut output),
        Command::Sanction(command) => sanction::run(&command, &mut output),
        Command::Letter(command) => letter::run(&command, &mut output),
        Command::Satisfaction(command) => satisfaction::run(&command, &mut output),
        Command::Assessment(command) => assessment::run(&command, &mut output),
        Command::Award(command) => award::run(&command, &mut output),
    };
    match done {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lika: {}", crate::telemetry::chain(&*error));
            ExitCode::from(2)
        }
    }
}

/// What a command has to say, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Yes, or done.
    Yes,
    /// A truthful no.
    No,
}

/// Runs a future on a runtime of its own.
fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(future)
}
