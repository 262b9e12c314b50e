//! Decisions: what a policy said, why, and how to run it again.

use askama::Template;
use axum::{
    extract::{Extension, Path, State as Extract},
    response::Response,
};
use lika_core::{
    log::Kind,
    record::{Body, Evaluation, Outcome, Policy, Reason},
    value::RecordId,
};

use super::{
    State,
    areas::{self, Link},
    door::{self, Frame, Visitor},
    previews, records,
    sentence::Sentence,
    sheet,
    words::{Cell, Words},
};
use crate::gateway::{
    Caller, Error, Seen,
    pages::{Item, Judged, Judgement},
};

#[derive(Template)]
#[template(path = "decision.html")]
struct DecisionPage {
    page: Frame,
    crumbs: Vec<Link>,
    verdict: Verdict,
    subject: Link,
    subject_kind: &'static str,
    amount: String,
    missing: Vec<String>,
    comparisons: Vec<ComparisonLine>,
    proposals: Vec<ProposalLine>,
    evaluation: Option<EvaluationView>,
    history: String,
}

/// A decision in short: what for, what, and why.
pub struct Verdict {
    /// The decision's page.
    pub to: String,
    /// The purpose.
    pub purpose: String,
    /// The answer.
    pub outcome: &'static str,
    /// How the answer is shown: granted, refused or undetermined.
    pub class: &'static str,
    /// The category of a grant; empty without one.
    pub category: String,
    /// Why.
    pub reasons: Vec<ReasonView>,
}

/// A reason in both languages, the page's own first.
pub struct ReasonView {
    /// In the language of the page.
    pub text: String,
    /// In the other one; empty when the policy's sentences are not known here.
    pub other: String,
    /// The other language.
    pub other_tag: &'static str,
    /// The stable code.
    pub code: String,
    /// The facts that were used.
    pub facts: String,
}

struct ComparisonLine {
    fact: String,
    value: String,
    threshold: String,
    is_met: bool,
}

struct ProposalLine {
    role: String,
    kind: &'static str,
    name: Cell,
    rank: String,
}

struct EvaluationView {
    id: RecordId,
    component: String,
    settings: String,
    engine: String,
    as_of: String,
    failure: Cell,
    to: String,
    preview: String,
}

/// The page of a decision.
pub async fn decision(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let caller = visitor.caller()?;
        let judgement = console
            .gateway()
            .judgement(caller, &records::parse_id(&id)?)?;
        build(console, visitor, caller, &judgement)
    })
    .await
}

impl Verdict {
    /// Of a decision, in the words of its policy.
    pub fn new(console: &State, words: Words, judged: &Judged) -> Self {
        let Judged {
            decision,
            component,
        } = judged;
        let sentences = &console.inner.sentences;
        let category = match &decision.body.outcome {
            Outcome::Granted(category) => {
                let label = component
                    .as_ref()
                    .and_then(|component| sentences.category(component, category.as_str()));
                label.map_or_else(
                    || category.to_string(),
                    |label| label.text(words.0).to_owned(),
                )
            }
            Outcome::Refused | Outcome::Undetermined(_) => String::new(),
        };
        let reasons = decision.body.reasons.iter().map(|reason| {
            let sentence = component.as_ref();
            let sentence = sentence.and_then(|component| {
                sentences.reason(component, reason.code.as_str(), &reason.arguments)
            });
            ReasonView::new(words, reason, sentence)
        });
        Self {
            to: format!("/decisions/{}", decision.id),
            purpose: words.purpose(&decision.body.purpose),
            outcome: words.outcome(&decision.body.outcome),
            class: decision.body.outcome.code(),
            category,
            reasons: reasons.collect(),
        }
    }
}

impl ReasonView {
    fn new(words: Words, reason: &Reason, sentence: Option<Sentence>) -> Self {
        let Reason {
            code,
            facts,
            arguments,
        } = reason;
        let (text, other) = match sentence {
            Some(Sentence { zh, en }) => match words.0 {
                super::Language::Chinese => (zh, en),
                super::Language::English => (en, zh),
            },
            None => (
                [&[code.to_string()][..], arguments].concat().join(" "),
                String::new(),
            ),
        };
        let other_tag = words.t("en", "zh-CN");
        Self {
            text,
            other,
            other_tag,
            code: code.to_string(),
            facts: facts.join(words.t("、", ", ")),
        }
    }
}

fn build(
    console: &State,
    visitor: &Visitor,
    caller: &Caller,
    judgement: &Judgement,
) -> Result<DecisionPage, Error> {
    let Judgement {
        judged,
        evaluation,
        resources: _,
        subject,
    } = judgement;
    let words = Words(visitor.language);
    let body = &judged.decision.body;
    let verdict = Verdict::new(console, words, judged);
    let comparisons = body.comparisons.iter().map(|comparison| ComparisonLine {
        fact: comparison.fact.clone(),
        value: words.count(comparison.value),
        threshold: words.count(comparison.threshold),
        is_met: comparison.met,
    });
    let missing = match &body.outcome {
        Outcome::Undetermined(missing) => missing.clone(),
        Outcome::Granted(_) | Outcome::Refused => Vec::new(),
    };
    let place = console.gateway().place(caller, &judged.decision.area)?;
    let title = format!("{} · {}", words.t("决定", "Decision"), verdict.purpose);
    Ok(DecisionPage {
        page: visitor.frame(title),
        crumbs: areas::crumbs(words, &place),
        subject: subject_link(words, body.subject_kind, body.subject, subject.as_ref()),
        subject_kind: words.kind(body.subject_kind),
        amount: body
            .amount
            .map(|amount| words.money(amount))
            .unwrap_or_default(),
        missing,
        comparisons: comparisons.collect(),
        proposals: proposals(console, words, judgement),
        evaluation: evaluation
            .as_ref()
            .map(|evaluation| evaluation_view(words, evaluation)),
        history: records::history_of(&judged.decision.id),
        verdict,
    })
}

fn proposals(console: &State, words: Words, judgement: &Judgement) -> Vec<ProposalLine> {
    let Judged {
        decision,
        component,
    } = &judgement.judged;
    let lines = decision.body.proposals.iter().map(|proposal| {
        let (name, rank) = areas::holder(words, judgement.resources.get(&proposal.resource));
        let role = proposal.role.as_str();
        let label = component
            .as_ref()
            .and_then(|component| console.inner.sentences.role(component, role));
        ProposalLine {
            role: label.map_or_else(|| role.to_owned(), |label| label.text(words.0).to_owned()),
            kind: words.kind(proposal.resource_kind),
            name,
            rank,
        }
    });
    lines.collect()
}

fn evaluation_view(words: Words, evaluation: &Item<Evaluation>) -> EvaluationView {
    let (epoch, seq) = evaluation.body.as_of;
    let failure = evaluation.body.failure.clone();
    EvaluationView {
        id: evaluation.id,
        component: evaluation.body.component.to_string(),
        settings: evaluation.body.settings.to_string(),
        engine: evaluation.body.engine.clone(),
        as_of: sheet::position(words, epoch, seq),
        failure: failure.map_or_else(|| words.nothing(), Cell::of),
        to: records::history_of(&evaluation.id),
        preview: format!(
            "{}?area={}",
            previews::address(&Policy::id_for(&evaluation.body.component)),
            evaluation.area.digits()
        ),
    }
}

/// The subject with the number of its card, where the reader may see it.
pub fn subject_link(words: Words, kind: Kind, id: RecordId, subject: Option<&Seen>) -> Link {
    match subject.map(|subject| &subject.record.body) {
        Some(Body::Area(area)) => Link {
            to: areas::address(&area.code),
            text: area.name.to_string(),
        },
        Some(Body::Household(household)) => {
            let number = household
                .identity
                .as_ref()
                .and_then(|identity| identity.number.as_ref());
            let text = number.map_or_else(|| id.to_string(), ToString::to_string);
            Link {
                to: format!("/households/{id}"),
                text,
            }
        }
        Some(_) => Link {
            to: records::history_of(&id),
            text: id.to_string(),
        },
        None => Link {
            to: String::new(),
            text: format!("{} {id}", words.kind(kind)),
        },
    }
}
