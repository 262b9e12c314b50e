//! What is admitted and enacted, for people.

use jiff::tz::Offset;
use lika_core::{record::Enactment, value::hex};

use super::{Admitted, Enacted, Told, date};
use crate::cli::{
    output::{instant, shown_id},
    table::{Column::Left, table},
};

/// Digits of a component's digest that tell it from the others.
const SHORT: usize = 12;

/// The tables, an empty line between them.
pub fn of(told: &Told, in_force: bool) -> String {
    let Told {
        policies,
        enactments,
    } = told;
    let enacted = match enactments.is_empty() {
        true if in_force => "nothing is in force".to_owned(),
        true => "nothing is enacted".to_owned(),
        false => table(
            &[
                "purpose",
                "area",
                "from",
                "state",
                "policy",
                "enactment",
                "preview",
            ]
            .map(Left),
            &enactments.iter().map(enactment).collect::<Vec<_>>(),
        ),
    };
    if in_force {
        return enacted;
    }
    let admitted = match policies.is_empty() {
        true => "no policy is admitted".to_owned(),
        false => table(
            &[
                "purpose",
                "name",
                "version",
                "family",
                "component",
                "signed by",
                "admitted",
                "policy",
            ]
            .map(Left),
            &policies.iter().map(policy).collect::<Vec<_>>(),
        ),
    };
    format!("{admitted}\n\n{enacted}")
}

fn policy(admitted: &Admitted) -> Vec<String> {
    let Admitted {
        told,
        record: stored,
        body,
    } = admitted;
    let mut component = hex(&body.component);
    component.truncate(SHORT);
    let family = match told.family.as_str() {
        "" => "-",
        family => family,
    };
    vec![
        body.purpose.clone(),
        body.name.clone(),
        body.version.clone(),
        family.to_owned(),
        component,
        told.signers.join(", "),
        when(stored.recorded_at),
        shown_id(&stored.id),
    ]
}

fn enactment(enacted: &Enacted) -> Vec<String> {
    let Enacted {
        record: stored,
        body,
        ..
    } = enacted;
    vec![
        body.purpose.clone(),
        stored.area.clone(),
        date(body.from),
        state(enacted),
        enacted.policy(),
        shown_id(&stored.id),
        hex(&body.preview),
    ]
}

/// `proposed (1/2: 易春), binding`
fn state(enacted: &Enacted) -> String {
    let Enacted { told, body, .. } = enacted;
    let mut state = enacted.standing().to_owned();
    let approvals = body.approvals.len();
    if approvals < Enactment::APPROVERS {
        let names = approvers(enacted).join(", ");
        let names = if names.is_empty() {
            names
        } else {
            format!(": {names}")
        };
        state += &format!(" ({approvals}/{}{names})", Enactment::APPROVERS);
    }
    if !told.superseded_by.is_empty() {
        state += &format!(" by {}", shown_id(&told.superseded_by));
    }
    if body.binding {
        state += ", binding";
    }
    if body.suspended && enacted.standing() != "suspended" {
        state += ", suspended";
    }
    state
}

/// Names, and of those that may not be read the records of the officers.
fn approvers(enacted: &Enacted) -> Vec<String> {
    let names = enacted.told.approvers.iter();
    let approvals = enacted.body.approvals.iter().zip(names);
    let shown = approvals.map(|(approval, name)| match name.as_str() {
        "" => shown_id(&approval.officer),
        name => name.to_owned(),
    });
    shown.collect()
}

/// The minute in China's time, as the console shows it.
fn when(recorded_at: u64) -> String {
    instant(recorded_at).map_or_else(
        || recorded_at.to_string(),
        |at| {
            let there = Offset::constant(8).to_datetime(at);
            there.strftime("%Y-%m-%d %H:%M").to_string()
        },
    )
}
