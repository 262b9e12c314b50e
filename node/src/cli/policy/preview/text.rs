//! A preview for people.

use lika_core::value::{Date, Fen, hex};
use lika_proto::v1::{self, PreviewDirection};

use super::{Told, outcome, shown_id};
use crate::{
    cli::table::{
        Column::{Left, Right},
        table,
    },
    policy::Peak,
};

/// The tables, an empty line between them.
pub fn of(told: &Told) -> String {
    let summary = &told.summary;
    let mut parts = vec![heading(summary), transitions(summary), tallies(summary)];
    parts.extend(failures(summary));
    for (direction, title) in [
        (PreviewDirection::Loss, "who loses"),
        (PreviewDirection::Gain, "who gains"),
        (PreviewDirection::Other, "who changes otherwise"),
    ] {
        parts.extend(changes(told, direction, title));
    }
    parts.extend(close(told));
    parts.extend(effects(summary));
    parts.push(last_words(summary));
    parts.join("\n\n")
}

fn heading(summary: &v1::PreviewSummary) -> String {
    let on =
        Date::from_number(summary.on).map_or_else(|_| summary.on.to_string(), |on| on.to_string());
    let (after, purpose, area) = (&summary.after_name, &summary.purpose, &summary.area);
    let name = match summary.before_name.as_str() {
        "" => "what says nothing here",
        name => name,
    };
    let against = match &summary.before {
        None => "nothing is in force".to_owned(),
        Some(before) if before.enactment.is_empty() => format!("against {name}"),
        Some(before) => {
            let enactment = shown_id(&before.enactment);
            format!("against {name}, in force by enactment {enactment}")
        }
    };
    format!("{after} for {purpose} in area {area} on {on}\n{against}")
}

fn transitions(summary: &v1::PreviewSummary) -> String {
    let rows = summary.transitions.iter().map(|transition| {
        vec![
            words(transition.before.as_ref()),
            words(transition.after.as_ref()),
            transition.subjects.to_string(),
        ]
    });
    let rows: Vec<_> = rows.collect();
    table(&[Left("now"), Left("then"), Right("subjects")], &rows)
}

fn tallies(summary: &v1::PreviewSummary) -> String {
    let total = summary.total.iter().map(|it| row("all", it));
    let townships = summary.townships.iter();
    let townships = townships.filter_map(|it| Some(row(&it.area, it.tally.as_ref()?)));
    let types = summary
        .household_types
        .iter()
        .filter(|it| !it.code.is_empty());
    let types = types.filter_map(|it| Some(row(&it.code, it.tally.as_ref()?)));
    let rows: Vec<_> = total.chain(townships).chain(types).collect();
    let columns = [
        Left("of these"),
        Right("subjects"),
        Right("lose"),
        Right("gain"),
        Right("otherwise"),
        Right("undetermined now"),
        Right("then"),
        Right("yuan now"),
        Right("then"),
    ];
    table(&columns, &rows)
}

fn row(name: &str, tally: &v1::PreviewTally) -> Vec<String> {
    vec![
        name.to_owned(),
        tally.subjects.to_string(),
        tally.losses.to_string(),
        tally.gains.to_string(),
        tally.others.to_string(),
        tally.undetermined_before.to_string(),
        tally.undetermined_after.to_string(),
        Fen::new(tally.money_before).to_string(),
        Fen::new(tally.money_after).to_string(),
    ]
}

fn failures(summary: &v1::PreviewSummary) -> Option<String> {
    let rows = summary.failures.iter();
    let rows = rows.map(|it| vec![it.code.clone(), it.before.to_string(), it.after.to_string()]);
    let columns = [Left("no answer"), Right("now"), Right("then")];
    shown(&columns, rows.collect())
}

fn changes(told: &Told, direction: PreviewDirection, title: &'static str) -> Option<String> {
    let of_this = told.changes.iter().filter(|it| it.direction() == direction);
    let rows = of_this.filter_map(|it| {
        let change = it.change.as_ref()?;
        Some(vec![
            shown_id(&change.subject),
            change.area.clone(),
            verdict(change.before.as_ref()),
            verdict(change.after.as_ref()),
            reasons(&it.reasons_before),
            reasons(&it.reasons_after),
        ])
    });
    let columns = [
        Left(title),
        Left("area"),
        Left("now"),
        Left("then"),
        Left("why now"),
        Left("why then"),
    ];
    shown(&columns, rows.collect())
}

fn close(told: &Told) -> Option<String> {
    let rows = told.close.iter();
    let rows = rows.map(|it| vec![shown_id(&it.subject), it.area.clone(), it.facts.join(", ")]);
    let columns = [
        Left("within 2 % of a threshold"),
        Left("area"),
        Left("facts"),
    ];
    shown(&columns, rows.collect())
}

fn effects(summary: &v1::PreviewSummary) -> Option<String> {
    let rows = summary.effects.iter().map(|effect| {
        let moved = vec![
            effect.setting.clone(),
            effect.value.to_string(),
            effect.tried.to_string(),
        ];
        let came = match &effect.tally {
            None => ["not taken", "", "", ""].map(str::to_owned),
            Some(tally) => [
                tally.losses.to_string(),
                tally.gains.to_string(),
                tally.undetermined_after.to_string(),
                Fen::new(tally.money_after).to_string(),
            ],
        };
        [moved, came.to_vec()].concat()
    });
    let columns = [
        Left("setting"),
        Right("is"),
        Right("tried"),
        Right("lose"),
        Right("gain"),
        Right("undetermined"),
        Right("yuan"),
    ];
    shown(&columns, rows.collect())
}

fn last_words(summary: &v1::PreviewSummary) -> String {
    let mut lines = vec![format!(
        "{} calls of the policy, the longest {} ms of {} ms",
        summary.calls, summary.longest_ms, summary.limit_ms
    )];
    let peak = Peak {
        fuel: summary.fuel_ppm,
        memory: summary.memory_ppm,
        output: summary.output_ppm,
    };
    let [fuel, memory, output] = peak.per_cent();
    lines.push(format!(
        "at most {fuel} of their instructions, {memory} of their memory, {output} of what they may answer"
    ));
    if let Some(position) = &summary.as_of {
        lines.push(format!(
            "records as of epoch {} entry {}",
            position.epoch, position.seq
        ));
    }
    if !summary.digest.is_empty() {
        lines.push(format!("digest {}", hex(&summary.digest)));
    }
    lines.join("\n")
}

fn shown(columns: &[crate::cli::table::Column], rows: Vec<Vec<String>>) -> Option<String> {
    (!rows.is_empty()).then(|| table(columns, &rows))
}

fn words(verdict: Option<&v1::DifferenceVerdict>) -> String {
    let (outcome, category) = outcome(verdict);
    format!("{outcome} {category}").trim_end().to_owned()
}

fn verdict(verdict: Option<&v1::DifferenceVerdict>) -> String {
    let amount = verdict.and_then(|verdict| verdict.amount);
    let amount = amount.map(|fen| format!(" {} yuan", Fen::new(fen)));
    words(verdict) + &amount.unwrap_or_default()
}

/// The sentences, or what there is of a reason whose policy is not known.
fn reasons(reasons: &[v1::PreviewReason]) -> String {
    let sentence = |reason: &v1::PreviewReason| match reason.en.as_str() {
        "" => [&[reason.code.clone()][..], &reason.arguments]
            .concat()
            .join(" "),
        en => en.to_owned(),
    };
    reasons.iter().map(sentence).collect::<Vec<_>>().join("; ")
}
