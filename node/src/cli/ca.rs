//! `lika ca`: who gets in, with what, until when, and who no longer.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use lika_core::value::{AreaCode, NodeId, RecordId};
use serde_json::{Value, json};

use super::{Answer, Output, output::instant};
use crate::{
    clock::{Clock as _, System},
    pki::{
        TokenId,
        register::{Fate, Ground, Issued, KnownToken, Revoked, Standing},
    },
    setup::{self, CERTIFICATE_MS, NewToken, Which},
};

/// Certificates that this node's authorities issue.
#[derive(Debug, Subcommand)]
pub enum Ca {
    /// Make an authority that is not there, or another one in its place.
    Init {
        /// The configuration file of this node.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
        /// Which of the two: for the nodes below, or for this node's officers.
        #[arg(long, value_enum)]
        of: Authorities,
        /// Replace the one that is there. Nobody believes its certificates any more: every node below enrols again, and
        /// every officer needs another certificate.
        #[arg(long)]
        replace: bool,
    },
    /// Let a node below enrol: a token that works once, and the fingerprint that the node below checks.
    Token {
        /// The configuration file of this node, the one above.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
        /// The area that the node below serves.
        #[arg(long)]
        area: String,
        /// The only node that may use it, by its id. Needed for a node that has enrolled before.
        #[arg(long)]
        node: Option<String>,
        /// Whom it is meant for, in words.
        #[arg(long, default_value = "")]
        node_name: String,
        /// How long it may be used, such as 3d, 12h or 30m.
        #[arg(long, default_value = "3d", value_name = "TIME")]
        valid: String,
        /// How long the certificate holds; 397d when nobody says.
        #[arg(long, value_name = "TIME")]
        certificate_valid: Option<String>,
    },
    /// List the tokens that were made.
    Tokens {
        /// The configuration file of this node.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
    },
    /// Take a token back that nobody has used.
    RevokeToken {
        /// The configuration file of this node.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
        /// Its id, the part before the hyphen.
        token: String,
    },
    /// List the certificates that were issued.
    List {
        /// The configuration file of this node.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
    },
    /// Let a certificate count no more, from the next message on.
    Revoke {
        /// The configuration file of this node.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
        /// The number of a certificate, or the id of a node or an officer for all that it has.
        certificate: String,
        /// Why, for those who ask later.
        #[arg(long)]
        reason: String,
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

/// The two authorities of a node.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Authorities {
    /// For the nodes below.
    Nodes,
    /// For this node's officers.
    Clients,
}

/// Runs `lika ca`.
pub fn run(command: &Ca, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Ca::Init {
            config,
            of,
            replace,
        } => init(config, *of, *replace, output)?,
        Ca::Token {
            config,
            area,
            node,
            node_name,
            valid,
            certificate_valid,
        } => {
            let node = node.as_deref().map(NodeId::parse).transpose();
            let certificate_ms = certificate_valid.as_deref().map(milliseconds).transpose();
            let new = NewToken {
                area: AreaCode::parse(area).context("--area")?,
                node: node.context("--node")?,
                name: node_name.clone(),
                valid_ms: milliseconds(valid).context("--valid")?,
                certificate_ms: certificate_ms
                    .context("--certificate-valid")?
                    .unwrap_or(CERTIFICATE_MS),
            };
            token(config, &new, output)?;
        }
        Ca::Tokens { config } => {
            let register = setup::register(config)?;
            register.ask(|standing| tokens(standing, output))??;
        }
        Ca::RevokeToken { config, token } => {
            let id = TokenId::parse(token).context("the id of a token has eight digits")?;
            setup::revoke_token(config, &id, &System)?;
            output.answer(
                || format!("token {id} counts no more"),
                || json!({"token": id.to_string()}),
            )?;
        }
        Ca::List { config } => {
            let register = setup::register(config)?;
            register.ask(|standing| list(standing, output))??;
        }
        Ca::Revoke {
            config,
            certificate,
            reason,
        } => {
            let what = match setup::revoke(config, certificate, reason, &System)? {
                Revoked::Serial(serial) => serial.to_string(),
                Revoked::Holder(holder) => holder.to_string(),
            };
            output.answer(|| format!("{what} is revoked"), || json!({"revoked": what}))?;
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

fn init(config: &Path, of: Authorities, replace: bool, output: &mut Output) -> anyhow::Result<()> {
    let which = match of {
        Authorities::Nodes => Which::Nodes,
        Authorities::Clients => Which::Clients,
    };
    let fingerprint = setup::found_authority(config, which, replace, &System)?;
    output.answer(
        || format!("authority {} {fingerprint}; restart the node", which.name()),
        || json!({"authority": which.name(), "fingerprint": fingerprint.to_string()}),
    )
}

fn token(config: &Path, new: &NewToken, output: &mut Output) -> anyhow::Result<()> {
    let invited = setup::invite(config, new, &System)?;
    let token = invited.token.expose();
    let fingerprint = invited.fingerprint;
    let until = time(invited.until_ms);
    let area = new.area;
    output.answer(
        || {
            format!(
                "token       {}\nfingerprint {fingerprint}\nfor area    {area}, once, until {until}\n\
                 at the node below: lika node enrol --upper https://HOST:PORT --token TOKEN --fingerprint FINGERPRINT",
                *token
            )
        },
        || {
            json!({
                "token": *token,
                "id": invited.token.id().to_string(),
                "fingerprint": fingerprint.to_string(),
                "area": area.digits(),
                "until": until,
            })
        },
    )
}

fn tokens(standing: &Standing, output: &mut Output) -> anyhow::Result<()> {
    let now_ms = System.now_ms();
    let rows: Vec<Value> = standing
        .tokens()
        .map(|(id, known)| {
            let KnownToken {
                hash: _,
                area,
                node,
                name,
                made_ms,
                until_ms,
                certificate_ms: _,
                fate,
            } = known;
            let (state, certificate) = match fate {
                Fate::Open if *until_ms <= now_ms => ("expired", None),
                Fate::Open => ("open", None),
                Fate::Used(serial) => ("used", Some(serial.to_string())),
                Fate::Revoked => ("revoked", None),
            };
            json!({
                "id": id.to_string(), "area": area.digits(), "name": name, "state": state,
                "node": node.map(|node| node.to_string()), "certificate": certificate,
                "made": time(*made_ms), "until": time(*until_ms),
            })
        })
        .collect();
    let text = || lines(&rows, &["id", "area", "state", "until", "name"]);
    output.answer(text, || json!({"tokens": rows}))
}

fn list(standing: &Standing, output: &mut Output) -> anyhow::Result<()> {
    let now_ms = System.now_ms();
    let rows: Vec<Value> = standing
        .issued()
        .into_iter()
        .map(|issued| row(standing, issued, now_ms))
        .collect();
    let text = || lines(&rows, &["serial", "to", "state", "until", "ground"]);
    output.answer(text, || json!({"certificates": rows}))
}

fn row(standing: &Standing, issued: &Issued, now_ms: u64) -> Value {
    let Issued {
        serial,
        to,
        from_ms,
        until_ms,
        key: _,
        ground,
        pem: _,
    } = issued;
    let revocation = standing.of_issued(issued);
    let state = match revocation {
        Some(_) => "revoked",
        None if *until_ms <= now_ms => "expired",
        None => "valid",
    };
    let ground = match ground {
        Ground::Own => "own".to_owned(),
        Ground::Officer => "officer".to_owned(),
        Ground::Token(token) => format!("token {token}"),
        Ground::Renewal(before) => format!("renewal of {before}"),
    };
    let area = match to {
        crate::pki::Identity::Node { area, .. } => Some(area.digits().to_owned()),
        crate::pki::Identity::Client { .. } => None,
    };
    json!({
        "serial": serial.to_string(), "to": to.address(), "area": area, "state": state,
        "from": time(*from_ms), "until": time(*until_ms), "ground": ground,
        "revoked": revocation.map(|it| json!({"at": time(it.at_ms), "reason": it.reason})),
    })
}

fn lines(rows: &[Value], columns: &[&str]) -> String {
    let line = |row: &Value| {
        let cells = columns.iter().map(|column| row[*column].as_str());
        let cells: Vec<&str> = cells.map(Option::unwrap_or_default).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn time(ms: u64) -> String {
    instant(ms).map_or_else(String::new, |time| format!("{time:.0}"))
}

/// Reads days, hours, minutes or seconds, such as `3d`.
fn milliseconds(text: &str) -> anyhow::Result<u64> {
    let unreadable =
        || anyhow::anyhow!("{text:?} is no time; expected such as 3d, 12h, 30m or 90s");
    let unit = text.chars().last().ok_or_else(unreadable)?;
    let unit_ms: u64 = match unit {
        'd' => 24 * 60 * 60 * 1000,
        'h' => 60 * 60 * 1000,
        'm' => 60 * 1000,
        's' => 1000,
        _ => return Err(unreadable()),
    };
    let count = text.strip_suffix(unit).ok_or_else(unreadable)?;
    let count: u64 = count.parse().map_err(|_| unreadable())?;
    let ms = count.checked_mul(unit_ms).filter(|ms| *ms > 0);
    ms.ok_or_else(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_number_and_a_unit() {
        assert_eq!(milliseconds("3d").unwrap(), 3 * 24 * 60 * 60 * 1000);
        assert_eq!(milliseconds("90s").unwrap(), 90_000);
        for text in [
            "",
            "3",
            "d",
            "-3d",
            "0d",
            "3 d",
            "3dd",
            "三天",
            "99999999999999999999d",
        ] {
            assert!(milliseconds(text).is_err(), "{text}");
        }
    }
}
