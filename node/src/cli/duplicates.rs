//! `lika duplicates`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};
use lika_core::value::hex;
use lika_proto::v1;
use serde_json::{Value, json};

use super::{
    Answer, Called, Output, block_on, client,
    output::{instant, shown_id},
    table::{Column, table},
};
use crate::{
    clock::System,
    config::Config,
    duplicates::key::{self, Keys},
    enrolment::{Invitation, Peer},
    pki::Token,
    setup,
};

const COLUMNS: [Column; 3] = [
    Column::Left("alert"),
    Column::Left("state"),
    Column::Left("found, or stands for the member"),
];

/// People whom two counties have registered, found without telling anybody above who they are.
#[derive(Debug, Subcommand)]
pub enum Duplicates {
    /// What the node knows: a county its alerts and members, a comparing node all alerts and who takes part, a key-holder
    /// its keys and what it has evaluated. Exit code 1 where an alert is open.
    List {
        /// Also alerts that lapsed, or that both counties have signed.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        called: Called,
    },
    /// Say, in the name of this county, where the person stays registered. It counts once the other county says the same;
    /// the losing county then closes its member by its ordinary procedure.
    Resolve {
        /// The alert.
        alert: String,
        /// In this county, or in the other one.
        #[arg(long)]
        keep: Keep,
        /// Why; it stays sealed in this county.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        called: Called,
    },
    /// Make the next version of the key for tokens. Those before it stay usable until they are retired.
    Rotate {
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
    },
    /// Forget a version of the key for good, once the comparing node lists nobody under it any more.
    Retire {
        /// The version.
        version: u32,
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
    },
    /// Enrol this node at a key-holder or a comparing node that is not the node above.
    Enrol {
        /// At which of the two.
        at: At,
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
        /// Its address.
        #[arg(long, value_name = "https://HOST:PORT")]
        address: String,
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
        /// What `lika ca token` printed with it.
        #[arg(long, value_name = "sha256:DIGITS")]
        fingerprint: String,
    },
}

/// Where somebody stays registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Keep {
    /// In this county.
    Here,
    /// In the other.
    There,
}

/// At whom to enrol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum At {
    /// The key-holder.
    KeyHolder,
    /// The comparing node.
    Comparing,
}

/// Runs `lika duplicates`.
pub fn run(command: &Duplicates, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Duplicates::List { all, called } => list(*all, called, output),
        Duplicates::Resolve {
            alert,
            keep,
            reason,
            called,
        } => resolve(alert, *keep, reason, called, output),
        Duplicates::Rotate { config } => rotate(config, output),
        Duplicates::Retire { version, config } => retire(*version, config, output),
        Duplicates::Enrol {
            at,
            config,
            address,
            token,
            token_file,
            fingerprint,
        } => {
            let token = match token_file {
                Some(file) => std::fs::read_to_string(file)
                    .with_context(|| format!("cannot read {}", file.display()))?,
                None => token.clone().unwrap_or_default(),
            };
            let invitation = Invitation {
                address: address.clone(),
                token: Token::parse(&token).context("--token: it is not a token as printed")?,
                fingerprint: fingerprint.parse().context("--fingerprint")?,
            };
            enrol(*at, config, &invitation, output)
        }
    }
}

fn list(all: bool, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let listed = block_on(async {
        let mut duplicates = client::duplicates(called).await?;
        let request = v1::ListDuplicatesRequest { all };
        let listed = duplicates.list_duplicates(request).await;
        Ok(listed.map_err(client::refused)?.into_inner())
    })?;
    output.answer(|| list_text(&listed), || list_value(&listed))?;
    let is_open = |listed: &v1::ListedDuplicate| {
        let alert = listed.alert.clone().unwrap_or_default();
        state(&alert) == "open"
    };
    match listed.alerts.iter().any(is_open) {
        true => Ok(Answer::No),
        false => Ok(Answer::Yes),
    }
}

fn resolve(
    alert: &str,
    keep: Keep,
    reason: &str,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let request = v1::ResolveDuplicateRequest {
        request: client::request_id(),
        alert: client::id("the alert", alert)?,
        keep_here: keep == Keep::Here,
        reason: reason.to_owned(),
    };
    let resolved = block_on(async {
        let mut duplicates = client::duplicates(called).await?;
        let resolved = duplicates.resolve_duplicate(request).await;
        Ok(resolved.map_err(client::refused)?.into_inner())
    })?;
    let transfer = shown_id(&resolved.transfer);
    output.answer(
        || format!("signed as {transfer}; it counts once the other county signs the same"),
        || json!({"transfer": transfer}),
    )?;
    Ok(Answer::Yes)
}

fn rotate(config: &std::path::Path, output: &mut Output) -> anyhow::Result<Answer> {
    let file = held(config)?;
    let version = match Keys::open(&file)? {
        Some(mut keys) => keys.rotate(&file)?,
        None => bail!(
            "{} is not there; the node makes the first version when it starts",
            file.display()
        ),
    };
    output.answer(
        || {
            format!(
                "version {version}; the versions before it stay usable until every county has moved"
            )
        },
        || json!({"version": version}),
    )?;
    Ok(Answer::Yes)
}

fn retire(version: u32, config: &std::path::Path, output: &mut Output) -> anyhow::Result<Answer> {
    let file = held(config)?;
    let mut keys = Keys::open(&file)?.context("there is no key here")?;
    let is_done = keys.retire(version, &file)?;
    output.answer(
        || match is_done {
            true => format!("version {version} is gone"),
            false => format!("version {version} is the last one, or is not there"),
        },
        || json!({"version": version, "retired": is_done}),
    )?;
    match is_done {
        true => Ok(Answer::Yes),
        false => Ok(Answer::No),
    }
}

fn held(config: &std::path::Path) -> anyhow::Result<PathBuf> {
    let config = Config::read(config)?;
    if config.duplicates.holder.is_none() {
        bail!("this node holds no key: hold_key is not set under [duplicates]");
    }
    Ok(key::file(&config.certificates))
}

fn enrol(
    at: At,
    config: &std::path::Path,
    invitation: &Invitation,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let peer = match at {
        At::KeyHolder => Peer::KeyHolder,
        At::Comparing => Peer::Comparing,
    };
    let joined = setup::join_peer(config, peer, invitation, None, &System);
    let certificate = block_on(async { Ok(joined.await?) })?;
    let address = &invitation.address;
    output.answer(
        || format!("enrolled at {address}; start the node again to call it"),
        || json!({"address": address, "serial": certificate.serial.to_string()}),
    )?;
    Ok(Answer::Yes)
}

/// Where an alert stands.
fn state(alert: &v1::DuplicateAlert) -> &'static str {
    let said = alert.sides.iter().map(|side| side.statement.as_ref());
    let keeps: Option<Vec<&[u8]>> = said.map(|said| Some(&said?.keeps[..])).collect();
    let is_settled = keeps.is_some_and(|keeps| keeps.windows(2).all(|two| two[0] == two[1]));
    match (alert.lapsed, is_settled) {
        (_, true) => "settled",
        (true, false) => "lapsed",
        (false, false) => "open",
    }
}

fn list_text(listed: &v1::ListDuplicatesResponse) -> String {
    let mut lines = Vec::new();
    if !listed.failure.is_empty() {
        lines.push(format!("the last round did not end: {}", listed.failure));
    }
    if listed.comparable > 0 {
        lines.push(format!(
            "{} of {} members are compared",
            listed.submitted, listed.comparable
        ));
    }
    let rows = listed.alerts.iter().flat_map(|listed| {
        let alert = listed.alert.clone().unwrap_or_default();
        let found = instant(alert.found_at).map_or_else(String::new, |it| format!("{it:.0}"));
        let mut rows = vec![vec![
            shown_id(&alert.alert),
            state(&alert).to_owned(),
            found,
        ]];
        rows.extend(alert.sides.iter().map(|side| {
            let said = side.statement.as_ref().map(|said| said.keeps == side.node);
            let said = match said {
                Some(true) => "keeps the person",
                Some(false) => "lets the other keep the person",
                None => "has not said",
            };
            vec![
                format!("  {} {}", side.area, side.name),
                said.to_owned(),
                hex(&side.handle),
            ]
        }));
        if !listed.member.is_empty() {
            let own = vec![
                "  own member".to_owned(),
                shown_id(&listed.member),
                String::new(),
            ];
            rows.push(own);
        }
        rows
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        lines.push(table(&COLUMNS, &rows));
    }
    for participant in &listed.participants {
        let versions = participant.submitted.iter().map(|it| {
            let whole = if it.complete { "" } else { ", not complete" };
            format!("version {} with {} tokens{whole}", it.version, it.tokens)
        });
        let versions: Vec<String> = versions.collect();
        lines.push(format!(
            "takes part {}  {}",
            participant.area,
            versions.join("; ")
        ));
    }
    let keys = listed.keys.iter();
    lines.extend(keys.map(|key| format!("key {}:{}", key.version, hex(&key.public_key))));
    lines.extend(listed.evaluated.iter().map(|it| {
        format!(
            "evaluated {} for {} {}: {}",
            it.day,
            it.area,
            shown_id(&it.node),
            it.elements
        )
    }));
    match lines.is_empty() {
        true => "nothing".to_owned(),
        false => lines.join("\n"),
    }
}

fn list_value(listed: &v1::ListDuplicatesResponse) -> Value {
    let side = |side: &v1::AlertSide| {
        json!({
            "node": shown_id(&side.node), "area": side.area, "name": side.name, "handle": hex(&side.handle),
            "keeps": side.statement.as_ref().map(|said| shown_id(&said.keeps)),
        })
    };
    let submitted = |it: &v1::Submitted| json!({"version": it.version, "number": it.number, "tokens": it.tokens, "complete": it.complete});
    let alerts = listed.alerts.iter().map(|listed| {
        let alert = listed.alert.clone().unwrap_or_default();
        json!({
            "alert": shown_id(&alert.alert), "state": state(&alert), "found_at": alert.found_at,
            "sides": alert.sides.iter().map(side).collect::<Vec<_>>(),
            "member": (!listed.member.is_empty()).then(|| shown_id(&listed.member)),
        })
    });
    let participants = listed.participants.iter().map(|it| {
        let versions: Vec<Value> = it.submitted.iter().map(submitted).collect();
        json!({"node": shown_id(&it.node), "area": it.area, "submitted": versions})
    });
    let keys = listed.keys.iter();
    let keys = keys.map(|key| json!({"version": key.version, "public_key": hex(&key.public_key)}));
    let evaluated = listed.evaluated.iter().map(|it| {
        json!({"node": shown_id(&it.node), "area": it.area, "day": it.day, "elements": it.elements})
    });
    json!({
        "alerts": alerts.collect::<Vec<_>>(),
        "participants": participants.collect::<Vec<_>>(),
        "keys": keys.collect::<Vec<_>>(),
        "evaluated": evaluated.collect::<Vec<_>>(),
        "failure": listed.failure, "submitted": listed.submitted, "comparable": listed.comparable,
    })
}
