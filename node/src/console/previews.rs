//! Previews: what a policy would change, before it counts.
//!
//! The form is posted: a preview costs the node some seconds, and no link should start one.

use askama::Template;
use axum::{
    extract::{
        Extension, Form, Path, Query, State as Extract,
        rejection::{FormRejection, QueryRejection},
    },
    response::Response,
};
use lika_core::{
    authority::Permission,
    log::Kind,
    record::{Body, Policy},
    value::{AreaCode, Code, Date, Fen, RecordId},
};
use serde::Deserialize;

use super::{
    State,
    account::malformed,
    areas::{self, Link},
    decisions,
    door::{self, Frame, Visitor},
    records,
    words::Words,
};
use crate::{
    gateway::{
        Caller, Error, ListQuery,
        difference::{Change, Judged, Outcome},
        preview::Ask,
        report::{Direction, Report, Tally, Used, Words as Sentences},
    },
    store::Lifecycle,
};

/// The most subjects that the page lists of one sort; the command line lists all.
const MOST: usize = 500;

#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage {
    page: Frame,
    crumbs: Vec<Link>,
    address: String,
    policy: String,
    others: Vec<Link>,
    area: String,
    from: String,
    settings: String,
    shown: Option<Shown>,
    /// For whoever may propose what was previewed.
    proposal: Option<ProposalForm>,
}

/// The form that proposes on the strength of the preview above it.
struct ProposalForm {
    to: String,
    request: String,
    settings: String,
    preview: String,
}

/// What a preview found.
pub struct Shown {
    pub(super) against: String,
    pub(super) matrix: Vec<(String, String, String)>,
    pub(super) tallies: Vec<TallyLine>,
    pub(super) losers: Vec<ChangeLine>,
    pub(super) gainers: Vec<ChangeLine>,
    pub(super) others: Vec<ChangeLine>,
    pub(super) more: u64,
    pub(super) close: String,
    pub(super) used: String,
    pub(super) head_room: String,
    pub(super) as_of: String,
    /// What an enactment has to name.
    pub(super) digest: String,
}

pub(super) struct TallyLine {
    pub(super) of: String,
    pub(super) subjects: String,
    pub(super) losses: String,
    pub(super) gains: String,
    pub(super) others: String,
    pub(super) undetermined: (String, String),
    pub(super) money: (String, String),
}

pub(super) struct ChangeLine {
    pub(super) subject: Link,
    pub(super) area: String,
    pub(super) before: Side,
    pub(super) after: Side,
}

/// One side of a change.
pub(super) struct Side {
    pub(super) outcome: &'static str,
    pub(super) class: &'static str,
    pub(super) detail: String,
    pub(super) reasons: Vec<String>,
}

/// Where the form is asked for.
#[derive(Deserialize)]
pub struct Where {
    area: Option<String>,
}

/// What the form says.
#[derive(Deserialize)]
pub struct Wanted {
    form_token: String,
    area: String,
    from: String,
    settings: String,
}

/// The form.
pub async fn form(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    query: Result<Query<Where>, QueryRejection>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let Query(Where { area }) = query.map_err(|_| malformed())?;
        let policy = records::parse_id(&id)?;
        let area = area.map_or_else(|| Ok(console.gateway().area()), |area| parse_area(&area));
        page(console, visitor, policy, &area?)
    })
    .await
}

/// The preview.
pub async fn preview(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    form: Result<Form<Wanted>, FormRejection>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let Form(wanted) = form.map_err(|_| malformed())?;
        build(console, visitor, records::parse_id(&id)?, wanted)
    })
    .await
}

fn build(
    console: &State,
    visitor: &Visitor,
    policy: RecordId,
    wanted: Wanted,
) -> Result<PreviewPage, Error> {
    let Wanted {
        form_token,
        area,
        from,
        settings,
    } = wanted;
    visitor.check_form(&form_token)?;
    let caller = visitor.caller()?;
    let area = parse_area(area.trim())?;
    let on = Date::parse(from.trim()).map_err(|error| Error::Malformed(error.to_string()))?;
    let ask = Ask {
        policy,
        settings: Some(settings.trim().to_owned()).filter(|settings| !settings.is_empty()),
        against: None,
        area,
        on: Some(on),
        effects: false,
    };
    let mut page = page(console, visitor, policy, &area)?;
    page.from = on.to_string();
    page.settings = settings;
    let report = console.gateway().preview_blocking(caller, &ask)?;
    if caller.may(Permission::EnactPolicies, &area) {
        page.proposal = Some(ProposalForm {
            to: format!("/policies/{policy}/propose"),
            request: door::request_id(),
            settings: ask.settings.unwrap_or_default(),
            preview: report.difference.digest().to_string(),
        });
    }
    page.shown = Some(Shown::new(console, visitor, caller, &report)?);
    Ok(page)
}

fn page(
    console: &State,
    visitor: &Visitor,
    id: RecordId,
    area: &AreaCode,
) -> Result<PreviewPage, Error> {
    let (gateway, caller) = (console.gateway(), visitor.caller()?);
    let words = Words(visitor.language);
    let policy = match gateway.get(caller, &id, None)?.record.body {
        Body::Policy(policy) => policy,
        _ => return Err(Error::NotFound(id)),
    };
    let query = ListQuery {
        kind: Kind::Policy,
        area: gateway.area(),
        limit: 0,
        after: None,
        lifecycle: Lifecycle::Open,
    };
    let listed = gateway.list(caller, &query)?.items.into_iter();
    let others = listed.filter_map(|seen| match seen.record.body {
        Body::Policy(other) if other.purpose == policy.purpose && seen.record.id != id => {
            Some(Link {
                to: format!("{}?area={}", address(&seen.record.id), area.digits()),
                text: named(&other),
            })
        }
        _ => None,
    });
    let title = words.t("政策预演", "Preview");
    let title = format!("{title} · {}", words.purpose(&policy.purpose));
    Ok(PreviewPage {
        page: visitor.frame(title),
        crumbs: areas::crumbs(words, &gateway.place(caller, area)?),
        address: address(&id),
        policy: named(&policy),
        others: others.collect(),
        area: area.digits().to_owned(),
        from: gateway.clock().today().to_string(),
        settings: String::new(),
        shown: None,
        proposal: None,
    })
}

/// The address of the page of a policy.
pub fn address(policy: &RecordId) -> String {
    format!("/policies/{policy}/preview")
}

fn named(policy: &Policy) -> String {
    format!("{} {}", policy.name, policy.version)
}

fn parse_area(text: &str) -> Result<AreaCode, Error> {
    AreaCode::parse(text).map_err(|error| Error::Malformed(error.to_string()))
}

impl Shown {
    /// What a report says, in the visitor's language.
    pub fn new(
        console: &State,
        visitor: &Visitor,
        caller: &Caller,
        report: &Report,
    ) -> Result<Self, Error> {
        let words = Words(visitor.language);
        let difference = &report.difference;
        let matrix = difference.summary.transitions.iter();
        let matrix = matrix.map(|((before, after), subjects)| {
            let shown = |side: &Option<Outcome>| outcome_words(words, &report.words, side.as_ref());
            (shown(before), shown(after), number(words, *subjects))
        });
        let lines = |wanted: Direction| {
            let changes = difference.changes.iter();
            let changes = changes.filter(|change| change.direction() == wanted);
            changes
                .take(MOST)
                .map(|change| ChangeLine::new(console, words, caller, &report.words, change))
                .collect::<Vec<_>>()
        };
        let (losers, gainers, others) = (
            lines(Direction::Loss),
            lines(Direction::Gain),
            lines(Direction::Other),
        );
        let listed = losers.len() + gainers.len() + others.len();
        let against = match (&difference.before, &report.policies.0) {
            (None, _) => words
                .t("目前没有启用的政策", "nothing is in force")
                .to_owned(),
            (Some(_), Some(before)) => format!("{} {}", before.name, before.version),
            (Some(_), None) => words
                .t("现行政策在此无法运行", "what is in force says nothing here")
                .to_owned(),
        };
        let (used, as_of) = (&report.used, difference.as_of);
        Ok(Self {
            against,
            matrix: matrix.collect(),
            tallies: tallies(console, words, report)?,
            losers,
            gainers,
            others,
            more: (difference.changes.len() - listed) as u64,
            close: number(words, report.close.len() as u64),
            used: format!(
                "{} · {} / {} ms",
                number(words, used.calls),
                used.longest_ms,
                used.limit_ms
            ),
            head_room: head_room(words, used),
            as_of: super::sheet::position(words, as_of.epoch, as_of.seq),
            digest: difference.digest().to_string(),
        })
    }
}

fn head_room(words: Words, used: &Used) -> String {
    let [fuel, memory, output] = used.peak.per_cent();
    let shares = [
        format!("{} {fuel}", words.t("指令", "instructions")),
        format!("{} {memory}", words.t("内存", "memory")),
        format!("{} {output}", words.t("输出", "answer")),
    ];
    shares.join(" · ")
}

impl ChangeLine {
    fn new(
        console: &State,
        words: Words,
        caller: &Caller,
        sentences: &Sentences,
        change: &Change,
    ) -> Self {
        // A name stands here only for those who may read it where it belongs.
        let seen = console.gateway().get(caller, &change.subject, None).ok();
        let before = change.before.as_ref();
        let after = change.after.as_ref();
        let said = |judged: Option<&Judged>, is_after: bool| {
            let reasons = judged.into_iter().flat_map(|judged| &judged.reasons);
            let sentence = |(code, arguments): &(Code, Vec<String>)| {
                let found = if is_after {
                    sentences.reason_after(code, arguments)
                } else {
                    sentences.reason_before(code, arguments)
                };
                found.map_or_else(
                    || [&[code.to_string()][..], arguments].concat().join(" "),
                    |(zh, en)| words.0.t(&zh, &en).to_owned(),
                )
            };
            reasons.map(sentence).collect()
        };
        let side = |judged: Option<&Judged>, reasons| Side {
            outcome: outcome_word(words, judged.map(|judged| &judged.outcome)),
            class: judged.map_or("none", |judged| judged.outcome.code()),
            detail: detail(words, sentences, judged),
            reasons,
        };
        Self {
            subject: decisions::subject_link(words, change.kind, change.subject, seen.as_ref()),
            area: change.area.digits().to_owned(),
            before: side(before, said(before, false)),
            after: side(after, said(after, true)),
        }
    }
}

fn tallies(console: &State, words: Words, report: &Report) -> Result<Vec<TallyLine>, Error> {
    let all = words.t("合计", "all").to_owned();
    let mut lines = vec![tally_line(words, all, &report.total)];
    for (area, tally) in &report.townships {
        let name = console.gateway().area_name(area)?;
        lines.push(tally_line(words, areas::named(words, area, name), tally));
    }
    for (kind, tally) in &report.household_types {
        let Some(kind) = kind else {
            continue;
        };
        let label = words.code("household-type", kind.as_str());
        lines.push(tally_line(words, label, tally));
    }
    Ok(lines)
}

fn tally_line(words: Words, of: String, tally: &Tally) -> TallyLine {
    let money = |fen: i128| words.money(Fen(i64::try_from(fen).unwrap_or(i64::MAX)));
    TallyLine {
        of,
        subjects: number(words, tally.subjects),
        losses: number(words, tally.losses),
        gains: number(words, tally.gains),
        others: number(words, tally.others),
        undetermined: (
            number(words, tally.undetermined.0),
            number(words, tally.undetermined.1),
        ),
        money: (money(tally.money.0), money(tally.money.1)),
    }
}

fn outcome_words(words: Words, sentences: &Sentences, outcome: Option<&Outcome>) -> String {
    let word = outcome_word(words, outcome);
    match category(words, sentences, outcome) {
        Some(category) => format!("{word} {category}"),
        None => word.to_owned(),
    }
}

fn category(words: Words, sentences: &Sentences, outcome: Option<&Outcome>) -> Option<String> {
    let code = outcome?.category()?;
    let label = sentences.category(code);
    Some(label.map_or_else(
        || code.to_string(),
        |(zh, en)| words.0.t(&zh, &en).to_owned(),
    ))
}

fn detail(words: Words, sentences: &Sentences, judged: Option<&Judged>) -> String {
    let category = category(words, sentences, judged.map(|judged| &judged.outcome));
    let amount = judged.and_then(|judged| judged.amount);
    let amount = amount.map(|amount| format!("{} {}", words.money(amount), words.t("元", "yuan")));
    let parts = [category, amount].into_iter().flatten();
    parts.collect::<Vec<_>>().join(" ")
}

fn outcome_word(words: Words, outcome: Option<&Outcome>) -> &'static str {
    match outcome {
        None => words.t("不在其列", "not judged"),
        Some(Outcome::Granted(_)) => words.t("符合", "granted"),
        Some(Outcome::Refused) => words.t("不符合", "refused"),
        Some(Outcome::Undetermined) => words.t("未定", "undetermined"),
    }
}

fn number(words: Words, count: u64) -> String {
    words.count(i64::try_from(count).unwrap_or(i64::MAX))
}
