//! Messages of posts, duties, findings and assessments.

use lika_core::record::BodyMessage;
use lika_proto::log::v1 as message;
use proptest::{collection::btree_set, option, prelude::*, sample::select};

use super::{Any, area, code, code_set, date, id, label, or_empty, period, plain_code, text, year};

const POST: u32 = 50;

/// A cadre, a unit or an area.
fn somebody() -> Any<(u32, Vec<u8>)> {
    (select(vec![1u32, 5, 6]), id()).boxed()
}

fn ids(most: usize) -> Any<Vec<Vec<u8>>> {
    btree_set(any::<[u8; 16]>(), 0..most)
        .prop_map(|ids| ids.into_iter().map(Vec::from).collect())
        .boxed()
}

fn note() -> Any<Option<String>> {
    option::of(or_empty(text())).boxed()
}

pub fn post() -> Any<BodyMessage> {
    (id(), code("post-role"), period())
        .prop_map(|(cadre, role, (from, until))| {
            let open = message::post::Open {
                cadre,
                role,
                from,
                until,
            };
            message::Post { open: Some(open) }.into()
        })
        .boxed()
}

pub fn duty() -> Any<BodyMessage> {
    let bound = prop_oneof![
        code_set("post-role", 6)
            .prop_filter("somebody", |roles| !roles.is_empty())
            .prop_map(|roles| (roles, (0, Vec::new()))),
        somebody().prop_map(|one| (Vec::new(), one)),
    ];
    let words = (plain_code(), label(), code("rhythm"), code("duty-side"));
    (words, bound, 0u32..=366, period())
        .prop_map(|(words, bound, grace, (from, until))| {
            let (code, name, rhythm, side) = words;
            let (roles, (subject_kind, subject)) = bound;
            let open = message::duty::Open {
                code,
                name,
                rhythm,
                side,
                roles,
                subject_kind,
                subject,
                grace,
                from,
                until,
            };
            message::Duty { open: Some(open) }.into()
        })
        .boxed()
}

pub fn task() -> Any<BodyMessage> {
    let holder = (select(vec![POST, 1, 5, 6]), id());
    let found = (or_empty(plain_code()), or_empty(date()));
    let result = code("task-result");
    (id(), holder, (date(), date()), result, found, note())
        .prop_map(|(duty, holder, (period, on), result, found, note)| {
            let (holder_kind, holder) = holder;
            let (code, due) = found;
            let open = message::task::Open {
                duty,
                holder_kind,
                holder,
                period,
                result,
                on,
                code,
                due,
            };
            let free_text = note.map(|note| message::task::FreeText { note });
            message::Task {
                open: Some(open),
                free_text,
            }
            .into()
        })
        .boxed()
}

pub fn finding() -> Any<BodyMessage> {
    let settled = option::of((date(), code("finding-end")));
    let what = (code("finding-kind"), code("inspection"), or_empty(id()));
    (somebody(), what, date(), settled, note())
        .prop_map(|(subject, what, found_on, settled, note)| {
            let (subject_kind, subject) = subject;
            let (kind, inspection, duty) = what;
            let (settled_on, end) = settled.unwrap_or_default();
            let open = message::finding::Open {
                subject_kind,
                subject,
                kind,
                inspection,
                found_on,
                deadline: found_on,
                duty,
                settled_on,
                end,
            };
            let free_text = note.map(|note| message::finding::FreeText {
                settlement: note.clone(),
                note,
            });
            message::Finding {
                open: Some(open),
                free_text,
            }
            .into()
        })
        .boxed()
}

pub fn sanction() -> Any<BodyMessage> {
    let kind = (
        code("sanction-kind"),
        code("penalty"),
        any::<bool>(),
        any::<bool>(),
    );
    (somebody(), kind, date(), ids(5), or_empty(id()), note())
        .prop_map(|(subject, kind, on, findings, decision, note)| {
            let (subject_kind, subject) = subject;
            let (kind, penalty, first, second) = kind;
            let (is_card, is_last) = (kind == "yellow-card", kind == "accountability");
            let is_rung = is_last || kind == "reprimand" || kind == "interview";
            let when = |is: bool, day: u32| if is { day } else { 0 };
            let open = message::sanction::Open {
                subject_kind,
                subject,
                on,
                findings,
                lapses_on: when(is_rung && first, on + 10_000),
                deadline: when(is_card, on + 10_000),
                lifted_on: when(is_card && second, on),
                penalty: if is_last && second {
                    penalty
                } else {
                    String::new()
                },
                decision,
                kind,
            };
            let free_text = note.map(|note| message::sanction::FreeText { note });
            message::Sanction {
                open: Some(open),
                free_text,
            }
            .into()
        })
        .boxed()
}

pub fn letter() -> Any<BodyMessage> {
    let goals = code_set("letter-goal", 5).prop_filter("a goal", |goals| !goals.is_empty());
    let signature = (code("letter-side"), id(), date());
    let signatures = proptest::collection::vec(signature, 0..3);
    let lower = (select(vec![1u32, 6]), id());
    (year(), area(), lower, goals, signatures, 0i64..1_000_000)
        .prop_map(|(year, upper, lower, goals, signatures, target)| {
            let (lower_kind, lower) = lower;
            let goal = |item| message::responsibility_letter::Goal { item, target };
            let signature =
                |(side, cadre, on)| message::responsibility_letter::Signature { side, cadre, on };
            let open = message::responsibility_letter::Open {
                year,
                upper,
                lower_kind,
                lower,
                goals: goals.into_iter().map(goal).collect(),
                signatures: signatures.into_iter().map(signature).collect(),
            };
            message::ResponsibilityLetter { open: Some(open) }.into()
        })
        .boxed()
}

pub fn survey() -> Any<BodyMessage> {
    let answers = (code_set("satisfaction", 4), 0u32..1000);
    (somebody(), date(), 1u32..10_000, answers)
        .prop_map(|((subject_kind, subject), on, asked, (answers, people))| {
            let answer = |answer| message::satisfaction_survey::Answer { answer, people };
            let open = message::satisfaction_survey::Open {
                subject_kind,
                subject,
                on,
                asked,
                answers: answers.into_iter().map(answer).collect(),
            };
            message::SatisfactionSurvey { open: Some(open) }.into()
        })
        .boxed()
}

pub fn assessment() -> Any<BodyMessage> {
    let basis = prop_oneof![
        id().prop_map(|decision| (decision, String::new())),
        label().prop_map(|source| (Vec::new(), source)),
    ];
    let what = (code("rhythm"), code("grade"), -10_000i64..=10_000);
    (somebody(), what, date(), basis)
        .prop_map(|((subject_kind, subject), what, period, basis)| {
            let (rhythm, grade, score) = what;
            let (decision, source) = basis;
            let open = message::assessment::Open {
                subject_kind,
                subject,
                rhythm,
                period,
                score,
                grade,
                decision,
                source,
            };
            message::Assessment { open: Some(open) }.into()
        })
        .boxed()
}

pub fn award() -> Any<BodyMessage> {
    (year(), code("award-category"), 1u32..=1000, ids(12))
        .prop_map(|(year, category, most, recipients)| {
            let open = message::award::Open {
                year,
                category,
                most,
                recipients,
            };
            message::Award { open: Some(open) }.into()
        })
        .boxed()
}
