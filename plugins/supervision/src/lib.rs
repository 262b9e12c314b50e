//! Supervision of cadres: from tasks, visits and findings it proposes the next rung of the ladder, or nothing.
//!
//! It only proposes: a sanction is written by the office, rests on a finding, and core holds the order of the rungs
//! whatever a policy says.

pub mod facts;
pub mod reason;
pub mod settings;

use lika_sdk::decision::{Cell, Comparison};
use lika_sdk::{
    About, Comparator, Date, Decision, Fact, LegalBasis, SubjectPolicy, export_subject_policy,
};

pub use facts::Rung;
pub use reason::Reason;
pub use settings::Settings;

use facts::{Cadre, Case};

/// The policy.
pub struct Supervision;

/// What speaks for a rung.
#[derive(Default)]
struct Causes {
    reasons: Vec<(Reason, Vec<Cell>)>,
    comparisons: Vec<Comparison>,
}

impl SubjectPolicy for Supervision {
    type Settings = Settings;
    type Subject<'a> = Case;
    type Category = Rung;
    type Reason = Reason;

    const ABOUT: About = About {
        name: "supervision",
        version: env!("CARGO_PKG_VERSION"),
        purpose: "supervision",
        zh: "按任务、走访和督查情况提出通报、约谈、问责的下一步",
        en: "proposes the next of reprimand, interview and accountability from tasks, visits and findings",
        legal_basis: &[LegalBasis {
            number: None,
            title: "芦溪县关于全面推进精准扶贫工作的实施意见（一次通报、二次约谈、三次问责）",
        }],
    };

    fn judge(settings: &Settings, case: &Case) -> Decision<Rung, Reason> {
        let cadre = &case.cadre;
        let Causes {
            mut reasons,
            comparisons,
        } = Causes::of(settings, cadre);
        if reasons.is_empty() {
            return Decision::refused()
                .because(Reason::NothingFound)
                .compared_all(comparisons);
        }
        let today = case.context.as_of;
        let cells = vec![Cadre::RUNG.of(0), Cadre::RUNG_ON.of(0)];
        let rung = match (cadre.rung, cadre.rung_on) {
            (Some(rung), Some(since)) => {
                if today.days() - since.days() < settings.respite_days {
                    return Decision::refused()
                        .because_of(Reason::Respite { since }, cells)
                        .compared_all(comparisons);
                }
                if is_forgotten(settings, since, today) {
                    reasons.push((Reason::Forgotten { since }, cells));
                    Rung::Reprimand
                } else {
                    reasons.push((Reason::Follows { since }, cells));
                    after(rung)
                }
            }
            _ => Rung::Reprimand,
        };
        Decision::granted(rung)
            .because_all(reasons)
            .compared_all(comparisons)
    }
}

fn is_forgotten(settings: &Settings, since: Date, today: Date) -> bool {
    since <= today.plus_months(-settings.memory_months)
}

/// The next rung; after the last one the last one again.
fn after(rung: Rung) -> Rung {
    match rung {
        Rung::Reprimand => Rung::Interview,
        Rung::Interview | Rung::Accountability => Rung::Accountability,
    }
}

impl Causes {
    fn of(settings: &Settings, cadre: &Cadre) -> Self {
        let mut causes = Self::default();
        causes.count(
            Cadre::TASKS_LATE,
            cadre.tasks_late,
            settings.late_tasks,
            |tasks| Reason::TasksLate { tasks },
        );
        causes.count(
            Cadre::UNVISITED,
            cadre.unvisited,
            settings.unvisited,
            |households| Reason::Unvisited { households },
        );
        causes.count(
            Cadre::FINDINGS,
            cadre.findings,
            settings.findings,
            |findings| Reason::Findings { findings },
        );
        causes.count(
            Cadre::OVERDUE,
            cadre.overdue,
            settings.overdue,
            |findings| Reason::Overdue { findings },
        );
        causes
    }

    fn count(&mut self, fact: Fact, value: i64, threshold: i64, reason: fn(i64) -> Reason) {
        if threshold == 0 {
            return;
        }
        let comparison = fact.of(0).compared(Comparator::AtLeast, value, threshold);
        self.comparisons.push(comparison);
        if comparison.holds() {
            self.reasons.push((reason(value), vec![fact.of(0)]));
        }
    }
}

export_subject_policy!(Supervision);

#[cfg(test)]
mod tests;
