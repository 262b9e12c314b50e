//! Replays and bundles on the wire.

use lika_core::value::{AreaCode, Digest, Ppm, RecordId};
use lika_proto::v1;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{super::record, super::status::malformed, super::status::status};
use crate::gateway::{
    Caller, Error, Gateway,
    bundle::Wanted,
    replay::{Came, Differing, Replayed, Reverified, Sample, Sampled},
};
use crate::policy::engine::PROFILE;

/// Messages that a slow reader may leave waiting.
const WAITING: usize = 8;
/// The longest piece of a bundle.
const PIECE: usize = 1 << 20;
/// Evaluations between two words about how far a reverification is.
const TELL_EVERY: u64 = 100;
/// The whole, in parts per million.
const ALL: u32 = 1_000_000;

/// How a sample goes.
pub type SampleStream = ReceiverStream<Result<v1::ReplaySampleResponse, Status>>;
/// How a reverification goes.
pub type ReverifyStream = ReceiverStream<Result<v1::ReverifyResponse, Status>>;
/// The pieces of a bundle.
pub type BundleStream = ReceiverStream<Result<v1::BundleChunk, Status>>;

/// What came of one evaluation.
pub fn replayed(replayed: &Replayed) -> v1::ReplayResponse {
    let Replayed {
        evaluation,
        recorded,
        replayed: again,
        came,
        decisions,
        differing,
        changing,
    } = replayed;
    let each = |some: &[Differing]| {
        let some = some.iter().map(|it| v1::DifferingDecision {
            decision: it.decision.0.to_vec(),
            subject: it.subject.0.to_vec(),
            recorded: it.recorded.clone(),
            replayed: it.replayed.clone(),
        });
        some.collect()
    };
    v1::ReplayResponse {
        same: replayed.is_same(),
        recorded: recorded.0.to_vec(),
        replayed: again.0.to_vec(),
        evaluation: evaluation.0.to_vec(),
        mismatch: match came {
            Came::Otherwise(why) => why.clone(),
            Came::Same | Came::OtherEngine(_) | Came::Attempt | Came::Unfinished(_) => {
                String::new()
            }
        },
        attempt: matches!(came, Came::Attempt),
        unfinished: match came {
            Came::Unfinished(code) => (*code).to_owned(),
            Came::Same | Came::OtherEngine(_) | Came::Attempt | Came::Otherwise(_) => String::new(),
        },
        decisions: *decisions,
        differing: each(differing),
        other_engine: match came {
            Came::OtherEngine(engine) => engine.clone(),
            _ => String::new(),
        },
        changing: each(changing),
    }
}

/// Reads which evaluations a sample is of.
pub fn sample(request: &v1::ReplaySampleRequest) -> Result<Sample, Status> {
    let v1::ReplaySampleRequest {
        area,
        since,
        share,
        seed,
    } = request;
    if *share == 0 || *share > ALL {
        return Err(malformed("share: must be 1 to 1,000,000 parts per million"));
    }
    Ok(Sample {
        area: record::area("area", area)?,
        since: record::day("since", *since)?,
        share: Ppm(i64::from(*share)),
        seed: *seed,
    })
}

/// Reads what to export.
pub fn wanted(request: &v1::BundleRequest) -> Result<Wanted, Status> {
    let v1::BundleRequest {
        evaluations,
        sample: chosen,
    } = request;
    let records = evaluations
        .iter()
        .map(|id| Ok(RecordId(record::bytes16("evaluations", id)?)))
        .collect::<Result<Vec<_>, Status>>()?;
    let sample = chosen.as_ref().map(sample).transpose()?;
    if records.is_empty() && sample.is_none() {
        return Err(malformed("evaluations: give some, or a sample"));
    }
    Ok(Wanted { records, sample })
}

/// Replays a sample and tells how it goes.
pub fn run_sample(gateway: Gateway, caller: Caller, sample: Sample) -> SampleStream {
    stream(move |sender| {
        let done = gateway.replay_sample(&caller, &sample, |sampled, mismatch| {
            sender.blocking_send(Ok(how_far(sampled, mismatch))).is_ok()
        })?;
        Ok(Some(how_far(&done, None)))
    })
}

/// Exports a bundle.
pub fn run_bundle(gateway: Gateway, caller: Caller, wanted: Wanted) -> BundleStream {
    stream(move |sender| {
        gateway.bundle(&caller, &wanted, |bytes| {
            bytes.chunks(PIECE).all(|piece| {
                let chunk = piece.to_vec();
                sender.blocking_send(Ok(v1::BundleChunk { chunk })).is_ok()
            })
        })?;
        Ok(None)
    })
}

/// Runs again what other engines decided in an area, and tells how far it is.
pub fn run_reverify(gateway: Gateway, caller: Caller, area: AreaCode) -> ReverifyStream {
    stream(move |sender| {
        let mut looked_at = 0;
        let policies = gateway.reverify(&caller, &area, |done| {
            looked_at = done;
            let told = || v1::ReverifyResponse {
                looked_at,
                ..v1::ReverifyResponse::default()
            };
            done % TELL_EVERY != 0 || sender.blocking_send(Ok(told())).is_ok()
        })?;
        Ok(Some(v1::ReverifyResponse {
            looked_at,
            policies: policies.iter().map(reverified).collect(),
            engine: PROFILE.to_owned(),
        }))
    })
}

fn reverified((component, told): (&Digest, &Reverified)) -> v1::ReverifiedPolicy {
    let Reverified {
        name,
        checked,
        same,
        would_change,
        changing,
        could_not_run,
        mismatches,
    } = told;
    v1::ReverifiedPolicy {
        component: component.0.to_vec(),
        name: name.clone(),
        checked: *checked,
        same: *same,
        would_change: *would_change,
        changing: changing.iter().map(|id| id.0.to_vec()).collect(),
        could_not_run: *could_not_run,
        mismatches: *mismatches,
    }
}

/// Runs where it may block; what fails ends the stream.
fn stream<T: Send + 'static>(
    run: impl FnOnce(&mpsc::Sender<Result<T, Status>>) -> Result<Option<T>, Error> + Send + 'static,
) -> ReceiverStream<Result<T, Status>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let last = match run(&sender) {
            Ok(None) => return,
            Ok(Some(last)) => Ok(last),
            Err(error) => Err(status(&error)),
        };
        // The reader may have left, and then nobody hears it.
        let _ = sender.blocking_send(last);
    });
    ReceiverStream::new(receiver)
}

fn how_far(sampled: &Sampled, mismatch: Option<&Replayed>) -> v1::ReplaySampleResponse {
    let Sampled {
        chosen,
        same,
        mismatches,
        attempts,
        unfinished,
        without_component,
        decisions,
        other_engine,
        missing,
    } = sampled;
    v1::ReplaySampleResponse {
        chosen: *chosen,
        same: *same,
        mismatches: *mismatches,
        attempts: *attempts,
        unfinished: *unfinished,
        without_component: *without_component,
        decisions: *decisions,
        missing: missing.iter().map(|digest| digest.0.to_vec()).collect(),
        mismatch: mismatch.map(replayed),
        other_engine: *other_engine,
    }
}
