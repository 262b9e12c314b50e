//! A preview on the wire: the summary, then the subjects, in pieces.

use lika_core::value::{Code, RecordId};
use lika_proto::v1::{self, preview_response::Part};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{super::record, super::status::malformed, super::status::status};
use crate::gateway::{
    Caller, Gateway,
    difference::{Change, Judged, Outcome, content},
    preview::{Ask, Effect},
    report::{Direction, Report, Tally, Words},
};

/// Subjects of one message.
const PIECE: usize = 500;
/// Messages that a slow reader may leave waiting.
const WAITING: usize = 8;

/// The stream of a preview.
pub type Stream = ReceiverStream<Result<v1::PreviewResponse, Status>>;

/// Reads what is asked.
pub fn ask(request: &v1::PreviewRequest) -> Result<Ask, Status> {
    let v1::PreviewRequest {
        policy,
        against,
        area,
        on,
        effects,
    } = request;
    let policy = policy.as_ref().map(|it| candidate("policy", it));
    let (policy, settings) = policy.ok_or_else(|| malformed("policy: must be given"))??;
    Ok(Ask {
        policy,
        settings,
        against: against
            .as_ref()
            .map(|it| candidate("against", it))
            .transpose()?,
        area: record::area("area", area)?,
        on: record::day("on", *on)?,
        effects: *effects,
    })
}

/// Tries the policy, and sends what came of it.
pub async fn run(gateway: Gateway, caller: Caller, ask: Ask) -> Result<Stream, Status> {
    let is_against_another = ask.against.is_some();
    let report = gateway.preview(&caller, ask).await;
    let report = report.map_err(|error| status(&error))?;
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let parts = parts(&gateway, &report, is_against_another);
        for part in parts {
            let response = v1::PreviewResponse { part: Some(part) };
            if sender.send(Ok(response)).await.is_err() {
                // The client has left.
                break;
            }
        }
    });
    Ok(ReceiverStream::new(receiver))
}

fn candidate(
    field: &str,
    candidate: &v1::PreviewCandidate,
) -> Result<(RecordId, Option<String>), Status> {
    let v1::PreviewCandidate { policy, settings } = candidate;
    let policy = RecordId(record::bytes16(field, policy)?);
    Ok((policy, Some(settings.clone()).filter(|it| !it.is_empty())))
}

fn parts(gateway: &Gateway, report: &Report, is_against_another: bool) -> Vec<Part> {
    let mut parts = vec![Part::Summary(summary(gateway, report, is_against_another))];
    let changes = report.difference.changes.chunks(PIECE);
    parts.extend(changes.map(|changes| {
        let changes = changes.iter().map(|it| change(&report.words, it));
        Part::Changes(v1::PreviewChanges {
            changes: changes.collect(),
        })
    }));
    parts.extend(report.close.chunks(PIECE).map(|close| {
        let close = close.iter().map(|close| v1::PreviewCloseSubject {
            subject: close.subject.0.to_vec(),
            area: close.area.digits().to_owned(),
            facts: close.facts.clone(),
        });
        Part::Close(v1::PreviewClose {
            subjects: close.collect(),
        })
    }));
    parts
}

fn summary(gateway: &Gateway, report: &Report, is_against_another: bool) -> v1::PreviewSummary {
    let difference = &report.difference;
    let node = gateway.reader().node();
    let digest = (!is_against_another).then(|| difference.digest().0.to_vec());
    let name = |named: &crate::gateway::report::Named| format!("{} {}", named.name, named.version);
    let transitions = difference.summary.transitions.iter();
    let townships = report.townships.iter();
    let types = report.household_types.iter();
    let effects = report.effects.iter();
    v1::PreviewSummary {
        digest: digest.unwrap_or_default(),
        as_of: Some(record::position(&node, difference.as_of)),
        purpose: difference.purpose.to_string(),
        area: difference.area.digits().to_owned(),
        on: difference.on.number(),
        before: difference.before.as_ref().map(content::side),
        before_name: report.policies.0.as_ref().map(name).unwrap_or_default(),
        after: Some(content::side(&difference.after)),
        after_name: name(&report.policies.1),
        total: Some(tally(&report.total)),
        transitions: transitions
            .map(|((before, after), subjects)| v1::PreviewTransition {
                before: before.as_ref().map(content::outcome),
                after: after.as_ref().map(content::outcome),
                subjects: *subjects,
            })
            .collect(),
        townships: townships
            .map(|(area, it)| v1::PreviewPlace {
                area: area.digits().to_owned(),
                tally: Some(tally(it)),
            })
            .collect(),
        household_types: types
            .map(|(kind, it)| v1::PreviewHouseholdType {
                code: kind.as_ref().map(ToString::to_string).unwrap_or_default(),
                tally: Some(tally(it)),
            })
            .collect(),
        failures: failures(report),
        changes: difference.changes.len() as u64,
        close: report.close.len() as u64,
        effects: effects.map(effect).collect(),
        calls: report.used.calls,
        longest_ms: report.used.longest_ms,
        limit_ms: report.used.limit_ms,
        fuel_ppm: report.used.peak.fuel,
        memory_ppm: report.used.peak.memory,
        output_ppm: report.used.peak.output,
        categories: categories(report),
    }
}

fn tally(tally: &Tally) -> v1::PreviewTally {
    let Tally {
        subjects,
        gains,
        losses,
        others,
        undetermined,
        money,
    } = tally;
    // Every amount is an i64, and no county has so many that their sum is none.
    let fen = |sum: i128| i64::try_from(sum).unwrap_or(i64::MAX);
    v1::PreviewTally {
        subjects: *subjects,
        gains: *gains,
        losses: *losses,
        others: *others,
        undetermined_before: undetermined.0,
        undetermined_after: undetermined.1,
        money_before: fen(money.0),
        money_after: fen(money.1),
    }
}

fn effect(effect: &Effect) -> v1::PreviewEffect {
    let Effect {
        setting,
        value,
        tried,
        tally: it,
    } = effect;
    v1::PreviewEffect {
        setting: setting.clone(),
        value: *value,
        tried: *tried,
        tally: it.as_ref().map(tally),
    }
}

fn failures(report: &Report) -> Vec<v1::PreviewFailure> {
    let (before, after) = &report.failures;
    let codes = before.keys().chain(after.keys());
    let codes: std::collections::BTreeSet<&String> = codes.collect();
    let count = |side: &std::collections::BTreeMap<String, u64>, code: &String| {
        side.get(code).copied().unwrap_or_default()
    };
    let failure = |code: &String| v1::PreviewFailure {
        code: code.clone(),
        before: count(before, code),
        after: count(after, code),
    };
    codes.into_iter().map(failure).collect()
}

/// The names of the categories that occur.
fn categories(report: &Report) -> Vec<v1::PreviewCategory> {
    let transitions = report.difference.summary.transitions.keys();
    let outcomes = transitions.flat_map(|(before, after)| [before, after]);
    let categories = outcomes.flatten().filter_map(Outcome::category);
    let categories: std::collections::BTreeSet<&Code> = categories.collect();
    let named = |code: &Code| {
        let (zh, en) = report.words.category(code).unwrap_or_default();
        v1::PreviewCategory {
            code: code.to_string(),
            zh,
            en,
        }
    };
    categories.into_iter().map(named).collect()
}

fn change(words: &Words, change: &Change) -> v1::PreviewChange {
    let direction = match change.direction() {
        Direction::Gain => v1::PreviewDirection::Gain,
        Direction::Loss => v1::PreviewDirection::Loss,
        Direction::Other => v1::PreviewDirection::Other,
    };
    let before = change.before.as_ref();
    let after = change.after.as_ref();
    let reasons_before = before.map(|judged| {
        reasons(judged, |code, arguments| {
            words.reason_before(code, arguments)
        })
    });
    let reasons_after = after.map(|judged| {
        reasons(judged, |code, arguments| {
            words.reason_after(code, arguments)
        })
    });
    v1::PreviewChange {
        direction: direction.into(),
        change: Some(content::change(change)),
        reasons_before: reasons_before.unwrap_or_default(),
        reasons_after: reasons_after.unwrap_or_default(),
        missing: after
            .map(|judged| judged.missing.clone())
            .unwrap_or_default(),
    }
}

fn reasons(
    judged: &Judged,
    sentences: impl Fn(&Code, &[String]) -> Option<(String, String)>,
) -> Vec<v1::PreviewReason> {
    let reason = |(code, arguments): &(Code, Vec<String>)| {
        let (zh, en) = sentences(code, arguments).unwrap_or_default();
        v1::PreviewReason {
            code: code.to_string(),
            arguments: arguments.clone(),
            zh,
            en,
        }
    };
    judged.reasons.iter().map(reason).collect()
}
