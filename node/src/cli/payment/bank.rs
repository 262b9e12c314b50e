//! `lika payment send` and `take-back`.

use std::{fs, io::Write as _, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use lika_core::value::{Date, Fen, RecordId};
use lika_proto::v1;
use serde_json::json;

use crate::cli::{Answer, Called, Output, block_on, client, output::shown_id};

/// Write the bank's file of a batch that two people have approved: names and accounts in the clear.
///
/// The first time writes down that it was sent; afterwards the same file is written again.
#[derive(Args, Debug)]
pub struct Send {
    /// The batch's record.
    batch: String,
    /// Where to write it; what is there is never overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    called: Called,
}

/// Read what the bank answers: what was paid is spent, what failed goes back to the fund.
#[derive(Args, Debug)]
pub struct TakeBack {
    /// The batch's record.
    batch: String,
    /// The bank's answer, XLSX or CSV, with the headings 序号 账号 金额 结果 失败原因.
    file: PathBuf,
    /// The external account to which what was paid went.
    #[arg(long, value_name = "ACCOUNT")]
    payees: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

pub fn send(command: &Send, output: &mut Output) -> anyhow::Result<Answer> {
    let Send { batch, out, called } = command;
    // Before anything is written down as sent.
    let mut file =
        fs::File::create_new(out).with_context(|| format!("cannot write {}", out.display()))?;
    let sent = block_on(async {
        let request = v1::SendPaymentsRequest {
            request: client::request_id(),
            batch: RecordId::parse(batch).context("the batch")?.0.to_vec(),
        };
        let mut payments = client::payments(called).await?;
        let sent = payments.send(request).await.map_err(client::refused)?;
        Ok(sent.into_inner())
    });
    let written = sent.and_then(|sent| {
        file.write_all(&sent.content)?;
        file.sync_all()?;
        Ok(sent)
    });
    let sent = match written {
        Ok(sent) => sent,
        Err(error) => {
            // An empty file must not go to a bank.
            fs::remove_file(out).with_context(|| format!("cannot remove {}", out.display()))?;
            return Err(error);
        }
    };
    let (payments, total) = (sent.payments, sent.total);
    output.answer(
        || format!("{payments} payments, {} together: {}", Fen(total), out.display()),
        || json!({"batch": batch, "payments": payments, "total": total, "file": out.display().to_string()}),
    )?;
    Ok(Answer::Yes)
}

pub fn take_back(command: &TakeBack, output: &mut Output) -> anyhow::Result<Answer> {
    let TakeBack {
        batch,
        file,
        payees,
        on,
        called,
    } = command;
    let on = on.as_deref().map(Date::parse).transpose();
    let on = on.context("--on")?.map_or(0, Date::number);
    let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let taken = block_on(async {
        let request = v1::TakeBackRequest {
            request: client::request_id(),
            batch: RecordId::parse(batch).context("the batch")?.0.to_vec(),
            payees: RecordId::parse(payees).context("--payees")?.0.to_vec(),
            on,
            content,
        };
        let mut payments = client::payments(called).await?;
        let taken = payments.take_back(request).await.map_err(client::refused)?;
        Ok(taken.into_inner())
    })?;
    let v1::TakeBackResponse {
        payment_return,
        paid,
        paid_total,
        failed,
        failed_total,
    } = taken;
    output.answer(
        || {
            let (paid_total, failed_total) = (Fen(paid_total), Fen(failed_total));
            format!("{paid} paid, {paid_total} together; {failed} failed, {failed_total} went back")
        },
        || {
            json!({
                "return": shown_id(&payment_return),
                "paid": paid,
                "paid_total": paid_total,
                "failed": failed,
                "failed_total": failed_total,
            })
        },
    )?;
    Ok(Answer::Yes)
}
