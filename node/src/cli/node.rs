//! `lika node`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lika_core::value::{AreaCode, Label, NodeId, hex};
use lika_proto::v1;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::{Answer, Called, Output, block_on, client, output::instant};
use crate::{
    clock::System,
    config::Config,
    enrolment::Invitation,
    evidence::SigningKey,
    federation::Skew,
    pki::{self, Token},
    policy::HostProgram,
    serve, setup,
    store::{self, Progress, Step},
    telemetry,
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
    /// Hold the keys, certificates and the register of a node against each other. What its log keeps is verified by
    /// `lika log verify`.
    Check {
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
    },
    /// Ask a running node how it is.
    Status {
        #[command(flatten)]
        called: Called,
    },
    /// Enrol at the node above: make a key, have it certified there, and link to it from the next start on.
    Enrol {
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
        /// The node above.
        #[arg(long, value_name = "https://HOST:PORT")]
        upper: String,
        /// What `lika ca token` printed there; it works once.
        #[arg(
            long,
            required_unless_present = "token_file",
            conflicts_with = "token_file"
        )]
        token: Option<String>,
        /// The file with the token, where other people of this machine see what is typed.
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
        /// What `lika ca token` printed with it. Nothing is sent to a node that does not belong to this authority.
        #[arg(long, value_name = "sha256:DIGITS")]
        fingerprint: String,
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
        Node::Check { config } => check(&config, output),
        Node::Run { config } => serve_until_told(&config),
        Node::Status { called } => status(&called, output),
        Node::Enrol {
            config,
            upper,
            token,
            token_file,
            fingerprint,
        } => {
            let token = match token_file {
                Some(file) => std::fs::read_to_string(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?,
                None => token.unwrap_or_default(),
            };
            let invitation = Invitation {
                address: upper,
                token: Token::parse(&token).context("--token: it is not a token as printed")?,
                fingerprint: fingerprint.parse().context("--fingerprint")?,
            };
            enrol(&config, &invitation, output)
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

fn enrol(
    config: &std::path::Path,
    invitation: &Invitation,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let read = Config::read(config)?;
    // A node of an older version has none before it starts.
    let key = SigningKey::open(&setup::signing_key(&read), read.node).ok();
    let key = key.map(|key| key.public().bytes);
    let joined = setup::join(config, invitation, key, &System);
    let certificate = block_on(async { Ok(joined.await?) })?;
    let upper = &invitation.address;
    let until = instant(certificate.until_ms);
    let until = until.map_or_else(String::new, |until| format!("{until:.0}"));
    output.answer(
        || format!("enrolled at {upper} until {until}; start the node again to open the link"),
        || json!({"upper": upper, "serial": certificate.serial.to_string(), "until": until}),
    )?;
    Ok(Answer::Yes)
}

fn check(config: &Path, output: &mut Output) -> anyhow::Result<Answer> {
    let config = Config::read(config)?;
    let mut wrong = pki::check(&config.certificates, &[setup::SIGNING_KEY])?
        .into_iter()
        .map(|(file, error)| (file, telemetry::chain(&error)))
        .collect::<Vec<_>>();
    let signing = setup::signing_key(&config);
    if let Err(error) = SigningKey::open(&signing, config.node) {
        wrong.push((signing, telemetry::chain(&error)));
    }
    let text = || match wrong.as_slice() {
        [] => "keys, certificates and register belong together".to_owned(),
        wrong => {
            let lines = wrong
                .iter()
                .map(|(file, why)| format!("{}: {why}", file.display()));
            lines.collect::<Vec<_>>().join("\n")
        }
    };
    let value = || {
        let wrong = wrong
            .iter()
            .map(|(file, why)| json!({"file": file.display().to_string(), "wrong": why}));
        json!({"sound": wrong.len() == 0, "files": wrong.collect::<Vec<_>>()})
    };
    output.answer(text, value)?;
    Ok(if wrong.is_empty() {
        Answer::Yes
    } else {
        Answer::No
    })
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
        let state = match (peer.connected, peer.carried_by == peer.node) {
            (false, _) => "not connected".to_owned(),
            (true, true) => "connected".to_owned(),
            (true, false) => format!("passed through by {}", node_text(&peer.carried_by)),
        };
        lines.push(format!(
            "below {}  {}, {state}",
            peer.area,
            head_text(peer.head.as_ref())
        ));
        lines.extend(clock_text(peer.clock_ahead_ms));
        if !peer.refusal.is_empty() {
            lines.push(format!("  no more of it is taken: {}", peer.refusal));
        }
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
        lines.extend(clock_text(above.clock_ahead_ms));
        for passed in &above.passed {
            let v1::PassedLog {
                node: _,
                area,
                acknowledged,
                refusal,
            } = passed;
            let acknowledged = head_text(acknowledged.as_ref());
            let refused = match refusal.is_empty() {
                true => String::new(),
                false => format!(", goes no further: {refusal}"),
            };
            lines.push(format!(
                "  passed on {area}  acknowledged {acknowledged}{refused}"
            ));
        }
    }
    if status.open_alerts > 0 {
        lines.push(format!(
            "{} alerts nobody has looked at; `lika alert list --open` lists them",
            status.open_alerts
        ));
    }
    lines.join("\n")
}

/// A clock that somebody should look after.
fn clock_text(ahead_ms: Option<i64>) -> Option<String> {
    let ahead_ms = ahead_ms.filter(|ahead_ms| {
        Skew {
            ahead_ms: *ahead_ms,
        }
        .is_notable()
    })?;
    let seconds = ahead_ms.unsigned_abs() / 1000;
    let direction = match ahead_ms > 0 {
        true => "ahead of",
        false => "behind",
    };
    Some(format!(
        "  its clock is {seconds} s {direction} this node's; check both"
    ))
}

fn node_text(node: &[u8]) -> String {
    let id = node.try_into().map(NodeId);
    id.map_or_else(|_| hex(node), |id| id.to_string())
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
            "node": node_text(&peer.node), "clock_ahead_ms": peer.clock_ahead_ms, "refusal": peer.refusal,
            "carried_by": peer.connected.then(|| node_text(&peer.carried_by)),
            "sampling": peer.sampling.as_ref().map(|it| json!({
                "since": instant(it.since).map(|since| since.to_string()), "seq": it.seq, "chosen": it.chosen, "same": it.same,
                "mismatches": it.mismatches, "not_run": it.not_run,
            })),
        })).collect::<Vec<_>>(),
        "above": status.above.as_ref().map(|above| json!({
            "address": above.address, "connected": above.connected,
            "acknowledged": head(above.acknowledged.as_ref()), "last_failure": above.last_failure,
            "clock_ahead_ms": above.clock_ahead_ms,
            "passed": above.passed.iter().map(|passed| json!({
                "node": node_text(&passed.node), "area": passed.area, "refusal": passed.refusal,
                "acknowledged": head(passed.acknowledged.as_ref()),
            })).collect::<Vec<_>>(),
        })),
    })
}
