//! `lika node` and `lika ca`.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lika_core::value::{AreaCode, Label, NodeId, RecordId, hex};
use lika_proto::v1;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::{Answer, Called, Output, block_on, client, output::instant};
use crate::{
    clock::System,
    config::Config,
    pki::{Credentials, Identity},
    policy::HostProgram,
    serve, setup,
    store::{self, Progress, Step},
};

/// Make, run and look at a node.
#[derive(Debug, Subcommand)]
pub enum Node {
    /// Make a node in a new folder: id, keys, certificates, configuration, first officer.
    Init {
        /// The folder.
        folder: PathBuf,
        /// The area that it serves.
        #[arg(long)]
        area: String,
        /// Its name, for example 芦溪县.
        #[arg(long)]
        name: String,
        /// Where gRPC listens.
        #[arg(long, default_value = "127.0.0.1:7443")]
        grpc: String,
        /// Where the console listens.
        #[arg(long, default_value = "127.0.0.1:8080")]
        console: String,
        /// A host name or address at which it is called; may be repeated.
        #[arg(long = "host", default_values = ["localhost", "127.0.0.1"])]
        hosts: Vec<String>,
        /// The first officer's name to sign in with.
        #[arg(long, default_value = "admin")]
        login: String,
        /// The file with the first officer's password; one is made and printed when it is not given.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Run a node until it is told to stop (SIGTERM or SIGINT).
    Run {
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
    },
    /// Ask a running node how it is.
    Status {
        #[command(flatten)]
        called: Called,
    },
    /// Join the node above: take the certificate that it issued.
    Join {
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
        /// The node above.
        #[arg(long, value_name = "https://HOST:PORT")]
        upper: String,
        /// The folder that `lika ca issue-node` wrote at the node above.
        #[arg(long, value_name = "FOLDER")]
        issued: PathBuf,
    },
    /// Let the signature of somebody's key count for policies at this node, which must be restarted then.
    Trust {
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
        /// Who: two keys of one person count once.
        #[arg(long)]
        person: String,
        /// The public key, as `lika policy key` or the minisign tool prints it.
        key: String,
    },
}

/// Certificates that this node's authorities issue.
#[derive(Debug, Subcommand)]
pub enum Ca {
    /// Issue the certificate of a node below.
    IssueNode {
        /// The configuration file of this node, the one above.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
        /// The id of the node below.
        #[arg(long)]
        node: String,
        /// The area of the node below.
        #[arg(long)]
        area: String,
        /// A host name or address at which it is called; may be repeated.
        #[arg(long = "host", default_values = ["localhost", "127.0.0.1"])]
        hosts: Vec<String>,
        /// A new folder for certificate, key and authority.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Issue the client certificate of an officer of this node.
    IssueClient {
        /// The configuration file of this node.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
        /// The officer's record.
        #[arg(long)]
        officer: String,
        /// The name of the certificate's file.
        #[arg(long)]
        name: String,
    },
}

/// Runs `lika node`.
pub fn run(command: Node, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Node::Init {
            folder,
            area,
            name,
            grpc,
            console,
            hosts,
            login,
            password_file,
        } => {
            let (password, is_made) = password(password_file)?;
            let new = setup::NewNode {
                folder,
                name: Label::parse(&name).context("--name")?,
                area: AreaCode::parse(&area).context("--area")?,
                hosts,
                grpc,
                console,
                login,
                password,
                scenario: None,
            };
            init(&new, is_made, output)
        }
        Node::Run { config } => serve_until_told(&config),
        Node::Status { called } => status(&called, output),
        Node::Join {
            config,
            upper,
            issued,
        } => {
            let credentials = Credentials::open(&issued, "node")?;
            let roots = std::fs::read_to_string(issued.join("upper.pem"))
                .with_context(|| format!("cannot read {}", issued.join("upper.pem").display()))?;
            check_own(&Config::read(&config)?, &credentials)?;
            setup::join(
                &config,
                &setup::Upper {
                    address: upper.clone(),
                    roots,
                    credentials,
                },
            )?;
            output.answer(
                || format!("joined {upper}; restart the node"),
                || json!({"upper": upper}),
            )?;
            Ok(Answer::Yes)
        }
        Node::Trust {
            config,
            person,
            key,
        } => {
            setup::trust(&config, &person, &key)?;
            output.answer(
                || format!("the signature of {person} counts; restart the node"),
                || json!({"person": person, "key": key}),
            )?;
            Ok(Answer::Yes)
        }
    }
}

/// Runs `lika ca`.
pub fn run_ca(command: &Ca, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Ca::IssueNode {
            config,
            node,
            area,
            hosts,
            out,
        } => {
            let node = NodeId::parse(node).context("--node")?;
            let area = AreaCode::parse(area).context("--area")?;
            let (credentials, roots) = setup::issue_below(config, node, area, hosts, &System)?;
            std::fs::create_dir(out).with_context(|| format!("cannot make {}", out.display()))?;
            credentials.save(out, "node")?;
            std::fs::write(out.join("upper.pem"), roots)?;
            let folder = out.display().to_string();
            output.answer(
                || format!("{folder}: carry it to the node below over a safe way, then `lika node join`"),
                || json!({"folder": folder}),
            )?;
        }
        Ca::IssueClient {
            config,
            officer,
            name,
        } => {
            let officer = RecordId::parse(officer).context("--officer")?;
            let path = setup::issue_client(config, officer, name, &System)?
                .display()
                .to_string();
            output.answer(|| path.clone(), || json!({"certificate": path}))?;
        }
    }
    Ok(Answer::Yes)
}

/// Shows long steps of a store on standard error.
pub fn print_progress() -> impl FnMut(Progress) + Send {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg} {pos}/{len} {wide_bar} {elapsed}") {
        bar.set_style(style);
    }
    move |progress| {
        bar.set_message(match progress.step {
            Step::Replay => "replaying",
            Step::Rebuild => "rebuilding the registry",
            Step::Verify => "verifying",
        });
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        if progress.done >= progress.total {
            bar.finish_and_clear();
        }
    }
}

fn init(new: &setup::NewNode, is_made: bool, output: &mut Output) -> anyhow::Result<Answer> {
    let made = setup::create(new, Arc::new(System))?;
    let config = made.config.display().to_string();
    let password = is_made.then_some(new.password.as_str());
    output.answer(
        || {
            let password = password
                .map(|password| format!(" with password {password}"))
                .unwrap_or_default();
            format!(
                "node {} in {config}\nsign in as {}{password}",
                made.node, new.login
            )
        },
        || {
            json!({
                "config": config,
                "node": made.node.to_string(),
                "officer": made.officer.to_string(),
                "login": new.login,
                "password": password,
            })
        },
    )?;
    Ok(Answer::Yes)
}

fn password(file: Option<PathBuf>) -> anyhow::Result<(String, bool)> {
    match file {
        Some(file) => {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            Ok((text.trim_end_matches(['\n', '\r']).to_owned(), false))
        }
        None => Ok((uuid::Uuid::new_v4().simple().to_string(), true)),
    }
}

fn check_own(config: &Config, credentials: &Credentials) -> anyhow::Result<()> {
    match credentials.identity()? {
        Identity::Node { node, area } if node == config.node && area == config.area => Ok(()),
        other => anyhow::bail!(
            "the certificate is that of {}, not of this node",
            other.address()
        ),
    }
}

fn serve_until_told(config: &std::path::Path) -> anyhow::Result<Answer> {
    crate::telemetry::start();
    let config = Config::read(config)?;
    block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let clock = Arc::new(System);
        let node =
            serve::Node::start(&config, clock, HostProgram::Own, &mut print_progress()).await?;
        // For whoever started the node and waits for its addresses (they may have been chosen by the system).
        eprintln!("gRPC https://{}", node.grpc());
        eprintln!("console {}", node.console());

        let stopped = tokio::select! {
            _ = terminate.recv() => None,
            _ = interrupt.recv() => None,
            why = node.gateway().store().until_stopped() => Some(why),
        };
        node.stop().await;
        match stopped {
            None => Ok(Answer::Yes),
            // Whoever supervises the node starts it again, and opening repairs what can be repaired.
            Some(why) => Err(store::Error::Stopped(why).into()),
        }
    })
}

fn status(called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let status = block_on(async {
        let mut reports = client::reports(called).await?;
        Ok(reports
            .status(v1::StatusRequest {})
            .await
            .map_err(client::refused)?
            .into_inner())
    })?;
    output.answer(|| status_text(&status), || status_value(&status))?;
    Ok(Answer::Yes)
}

fn status_text(status: &v1::StatusResponse) -> String {
    let mut lines = vec![format!(
        "{} {} (version {})",
        status.area, status.name, status.version
    )];
    lines.push(format!("own log    {}", head_text(status.head.as_ref())));
    for peer in &status.below {
        let state = if peer.connected {
            "connected"
        } else {
            "not connected"
        };
        lines.push(format!(
            "below {}  {}, {state}",
            peer.area,
            head_text(peer.head.as_ref())
        ));
        if let Some(sampling) = &peer.sampling {
            lines.push(format!("  {}", sampling_text(sampling)));
        }
    }
    if let Some(above) = &status.above {
        let state = if above.connected {
            "connected".to_owned()
        } else {
            format!("not connected: {}", above.last_failure)
        };
        lines.push(format!(
            "above {}  acknowledged {}, {state}",
            above.address,
            head_text(above.acknowledged.as_ref())
        ));
    }
    if status.open_alerts > 0 {
        lines.push(format!(
            "{} alerts nobody has looked at; `lika alert list --open` lists them",
            status.open_alerts
        ));
    }
    lines.join("\n")
}

fn sampling_text(sampling: &v1::Sampling) -> String {
    let v1::Sampling {
        since,
        seq,
        chosen,
        same,
        mismatches,
        not_run,
    } = sampling;
    let since = instant(*since);
    let since = since.map_or_else(String::new, |since| format!(" since {since:.0}"));
    format!(
        "looked at up to entry {seq}{since}: {chosen} evaluations run again, {same} the same, {mismatches} \
         mismatches, {not_run} not run"
    )
}

fn head_text(head: Option<&v1::Head>) -> String {
    head.map_or("empty".to_owned(), |head| {
        format!("epoch {} entry {}", head.epoch, head.seq)
    })
}

fn status_value(status: &v1::StatusResponse) -> serde_json::Value {
    let head = |head: Option<&v1::Head>| {
        head.map(|head| json!({"epoch": head.epoch, "seq": head.seq, "hash": hex(&head.hash)}))
    };
    json!({
        "area": status.area,
        "open_alerts": status.open_alerts,
        "name": status.name,
        "version": status.version,
        "head": head(status.head.as_ref()),
        "below": status.below.iter().map(|peer| json!({
            "area": peer.area, "connected": peer.connected, "head": head(peer.head.as_ref()),
            "sampling": peer.sampling.as_ref().map(|it| json!({
                "since": instant(it.since).map(|since| since.to_string()), "seq": it.seq, "chosen": it.chosen, "same": it.same,
                "mismatches": it.mismatches, "not_run": it.not_run,
            })),
        })).collect::<Vec<_>>(),
        "above": status.above.as_ref().map(|above| json!({
            "address": above.address, "connected": above.connected,
            "acknowledged": head(above.acknowledged.as_ref()), "last_failure": above.last_failure,
        })),
    })
}
