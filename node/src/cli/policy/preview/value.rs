//! A preview for programs.

use lika_core::value::hex;
use lika_proto::v1::{self, PreviewDirection};
use serde_json::{Value, json};

use super::{Told, outcome, shown_id};

/// The whole answer as one value.
pub fn of(told: &Told) -> Value {
    let summary = &told.summary;
    let transitions = summary.transitions.iter().map(|it| {
        json!({
            "before": verdict(it.before.as_ref()),
            "after": verdict(it.after.as_ref()),
            "subjects": it.subjects,
        })
    });
    let townships = summary.townships.iter();
    let townships = townships.map(|it| (it.area.clone(), tally(it.tally.as_ref())));
    let types = summary.household_types.iter();
    let types = types.map(|it| (it.code.clone(), tally(it.tally.as_ref())));
    let failures = summary.failures.iter();
    let failures = failures.map(|it| {
        (
            it.code.clone(),
            json!({"before": it.before, "after": it.after}),
        )
    });
    let effects = summary.effects.iter().map(|it| {
        json!({
            "setting": it.setting,
            "value": it.value,
            "tried": it.tried,
            "tally": it.tally.as_ref().map(|it| tally(Some(it))),
        })
    });
    let close = told
        .close
        .iter()
        .map(|it| json!({"subject": shown_id(&it.subject), "area": it.area, "facts": it.facts}));
    json!({
        "digest": hex(&summary.digest),
        "as_of": summary.as_of.as_ref().map(|it| json!({"epoch": it.epoch, "seq": it.seq})),
        "purpose": summary.purpose,
        "area": summary.area,
        "on": summary.on,
        "before": side(summary.before.as_ref(), &summary.before_name),
        "after": side(summary.after.as_ref(), &summary.after_name),
        "total": tally(summary.total.as_ref()),
        "transitions": transitions.collect::<Vec<_>>(),
        "townships": townships.collect::<serde_json::Map<_, _>>(),
        "household_types": types.collect::<serde_json::Map<_, _>>(),
        "failures": failures.collect::<serde_json::Map<_, _>>(),
        "effects": effects.collect::<Vec<_>>(),
        "used": {
            "calls": summary.calls,
            "longest_ms": summary.longest_ms,
            "limit_ms": summary.limit_ms,
            "fuel_ppm": summary.fuel_ppm,
            "memory_ppm": summary.memory_ppm,
            "output_ppm": summary.output_ppm,
        },
        "changes": told.changes.iter().map(change).collect::<Vec<_>>(),
        "close": close.collect::<Vec<_>>(),
    })
}

fn side(side: Option<&v1::DifferenceSide>, name: &str) -> Value {
    side.map_or(Value::Null, |side| {
        let enactment = Some(&side.enactment).filter(|it| !it.is_empty());
        json!({
            "policy": name,
            "enactment": enactment.map(|it| shown_id(it)),
            "component": hex(&side.component),
            "settings": hex(&side.settings),
        })
    })
}

fn tally(tally: Option<&v1::PreviewTally>) -> Value {
    tally.map_or(Value::Null, |it| {
        json!({
            "subjects": it.subjects,
            "gain": it.gains,
            "lose": it.losses,
            "otherwise": it.others,
            "undetermined": {"before": it.undetermined_before, "after": it.undetermined_after},
            "fen": {"before": it.money_before, "after": it.money_after},
        })
    })
}

fn change(change: &v1::PreviewChange) -> Value {
    let direction = match change.direction() {
        PreviewDirection::Gain => "gain",
        PreviewDirection::Loss => "lose",
        PreviewDirection::Other | PreviewDirection::Unspecified => "otherwise",
    };
    let (reasons_before, reasons_after) = (&change.reasons_before, &change.reasons_after);
    let missing = &change.missing;
    let change = change.change.clone().unwrap_or_default();
    json!({
        "subject": shown_id(&change.subject),
        "area": change.area,
        "direction": direction,
        "before": verdict(change.before.as_ref()),
        "after": verdict(change.after.as_ref()),
        "reasons_before": reasons_before.iter().map(reason).collect::<Vec<_>>(),
        "reasons_after": reasons_after.iter().map(reason).collect::<Vec<_>>(),
        "missing": missing,
    })
}

fn verdict(verdict: Option<&v1::DifferenceVerdict>) -> Value {
    let Some(it) = verdict else {
        return Value::Null;
    };
    let (outcome, category) = outcome(verdict);
    json!({"outcome": outcome, "category": category, "fen": it.amount})
}

fn reason(reason: &v1::PreviewReason) -> Value {
    json!({
        "code": reason.code,
        "arguments": reason.arguments,
        "zh": reason.zh,
        "en": reason.en,
    })
}
