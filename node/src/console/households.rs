//! The household card.

use askama::Template;
use axum::{
    extract::{Extension, Path, State as Extract},
    response::Response,
};
use lika_core::{
    loan::{CreditFile, credit},
    log::Class,
    record::{Body, IncomeStatement, Loan, Measure, Member, Pairing, Visit},
    value::RecordId,
};

use super::{
    State,
    areas::{self, Link},
    decisions::Verdict,
    door::{self, Frame, Visitor},
    doubts::{self, DoubtLine},
    records,
    sheet::{self, Line},
    words::{Cell, Words},
};
use crate::gateway::{
    Error,
    pages::{Card, Happening, Holder, Item},
};

#[derive(Template)]
#[template(path = "household.html")]
struct CardPage {
    page: Frame,
    crumbs: Vec<Link>,
    village: String,
    head: Cell,
    closed: bool,
    lines: Vec<Line>,
    members: Vec<MemberLine>,
    incomes: Vec<IncomeLine>,
    pairings: Vec<PairingLine>,
    visits: Vec<VisitLine>,
    measures: Vec<MeasureLine>,
    doubts: Vec<DoubtLine>,
    credit: Credit,
    decisions: Vec<Verdict>,
    life: Vec<EventLine>,
    history: String,
}

struct EventLine {
    on: String,
    what: String,
    who: Cell,
    reason: Cell,
    other: String,
    note: Cell,
    history: String,
}

struct MemberLine {
    name: Cell,
    document: Cell,
    relation: String,
    sex: Cell,
    age: Cell,
    education: Cell,
    health: Cell,
    labour: Cell,
    measures: Cell,
    history: String,
}

struct IncomeLine {
    year: String,
    wages: String,
    business: String,
    property: String,
    transfers: String,
    expenses: String,
    net: String,
    persons: u32,
    per_head: String,
}

struct PairingLine {
    name: Cell,
    rank: String,
    role: String,
    level: String,
    responsible: Cell,
    span: String,
    decision: String,
}

struct MeasureLine {
    measure: String,
    span: String,
    amount: Cell,
    project: String,
    history: String,
}

/// S0.6: found from the loans and blacklistings, kept nowhere.
struct Credit {
    owed: String,
    is_blacklisted: bool,
    loans: Vec<LoanLine>,
}

struct LoanLine {
    amount: String,
    purpose: String,
    disbursed_on: Cell,
    kept: &'static str,
    owed: String,
    history: String,
}

struct VisitLine {
    on: String,
    name: Cell,
    purpose: Cell,
    note: Cell,
}

/// The card.
pub async fn card(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let card = console
            .gateway()
            .card(visitor.caller()?, &records::parse_id(&id)?)?;
        Ok::<_, Error>(build(console, visitor, card))
    })
    .await
}

fn build(console: &State, visitor: &Visitor, card: Card) -> CardPage {
    let Card {
        household,
        place,
        members,
        incomes,
        pairings,
        visits,
        measures,
        doubts,
        loans,
        blacklistings,
        decisions,
        life,
    } = card;
    let own = household.id;
    let words = Words(visitor.language);
    let today = console.gateway().clock().today();
    let year = today.year().get();
    let listed = blacklistings.iter().map(|own| (own.id, &own.body));
    let file = credit(loans.iter().map(|own| (own.id, &own.body)), listed, today);
    let head = members.iter().find(|member| member.body.is_head());
    let head = head.map_or_else(|| words.none(), |head| name(words, head));
    let history = records::history_of(&household.id);
    CardPage {
        page: visitor.frame(words.t("扶贫手册：农户卡", "Household card")),
        crumbs: areas::crumbs(words, &place),
        village: areas::named(words, &place.area, place.name),
        head,
        closed: household.closed,
        lines: sheet::lines(words, &household.withheld, &Body::Household(household.body)),
        members: members
            .iter()
            .map(|member| member_line(words, member, year))
            .collect(),
        incomes: incomes
            .iter()
            .map(|income| income_line(words, &income.body))
            .collect(),
        pairings: pairings
            .iter()
            .map(|(pairing, holder)| pairing_line(words, &pairing.body, holder))
            .collect(),
        visits: visits
            .iter()
            .map(|(visit, holder)| visit_line(words, visit, holder))
            .collect(),
        measures: measures
            .iter()
            .map(|measure| measure_line(words, measure))
            .collect(),
        doubts: doubts
            .iter()
            .map(|doubt| doubts::of_card(words, doubt))
            .collect(),
        credit: credit_of(words, &file, &loans),
        decisions: decisions
            .iter()
            .map(|judged| Verdict::new(console, words, judged))
            .collect(),
        life: life
            .iter()
            .map(|event| event_line(words, &own, event))
            .collect(),
        history,
    }
}

fn name(words: Words, member: &Item<Member>) -> Cell {
    let name = member
        .body
        .identity
        .as_ref()
        .map(|identity| Cell::of(identity.name.to_string()));
    words.sealed(&member.withheld, Class::Identity, name)
}

/// Age is counted in years of birth: the day of birth is part of the identity number, which stays masked.
fn member_line(words: Words, member: &Item<Member>, year: u16) -> MemberLine {
    let body = &member.body;
    let document = body
        .identity
        .as_ref()
        .map(|identity| words.document(&identity.document));
    let health = body
        .health
        .as_ref()
        .map(|health| words.labels("health", health));
    MemberLine {
        name: name(words, member),
        document: words.sealed(&member.withheld, Class::Identity, document),
        relation: words.code("relation", body.relation.as_str()),
        sex: words.label("sex", body.sex.as_ref()),
        age: words.text(body.birth_year.map(|born| year.saturating_sub(born.get()))),
        education: words.label("education", body.education.as_ref()),
        health: words.sealed(&member.withheld, Class::Sensitive, health),
        labour: words.label("labour", body.labour.as_ref()),
        measures: words.labels("measure", &body.measures),
        history: records::history_of(&member.id),
    }
}

fn income_line(words: Words, income: &IncomeStatement) -> IncomeLine {
    let IncomeStatement {
        household: _,
        year,
        wages,
        business,
        property,
        transfers,
        expenses,
        persons,
    } = income;
    IncomeLine {
        year: year.to_string(),
        wages: words.money(*wages),
        business: words.money(*business),
        property: words.money(*property),
        transfers: words.money(*transfers),
        expenses: words.money(*expenses),
        net: words.money(income.net()),
        persons: *persons,
        per_head: words.money(income.net_per_head()),
    }
}

fn pairing_line(words: Words, pairing: &Pairing, holder: &Holder) -> PairingLine {
    let (name, rank) = areas::holder(words, Some(holder));
    PairingLine {
        name,
        rank,
        role: words.code("pairing-role", pairing.role.as_str()),
        level: words.code("helper-level", pairing.level.code()),
        responsible: words.yes_no(Some(pairing.responsible)),
        span: words.span(pairing.from, pairing.until),
        decision: pairing
            .decision
            .map(|id| format!("/decisions/{id}"))
            .unwrap_or_default(),
    }
}

/// A measure without a project is pending, which is legal (S0.3).
fn measure_line(words: Words, measure: &Item<Measure>) -> MeasureLine {
    let body = &measure.body;
    MeasureLine {
        measure: words.code("measure-kind", body.kind.as_str()),
        span: words.span(body.from, body.until),
        amount: words.text(body.amount.map(|amount| words.money(amount))),
        project: body
            .project
            .map(|project| records::history_of(&project))
            .unwrap_or_default(),
        history: records::history_of(&measure.id),
    }
}

/// Who came, who left, and why; of another household that shares the history, its page.
fn event_line(words: Words, own: &RecordId, event: &Happening) -> EventLine {
    let Happening { event, members } = event;
    let body = &event.body;
    let note = body.note.as_ref().map(|note| words.text(note.as_ref()));
    let others = [Some(body.household), body.other].into_iter().flatten();
    let other = others.into_iter().find(|household| household != own);
    let is_named = !body.members.is_empty();
    EventLine {
        on: body.on.to_string(),
        what: words.code("household-event", body.kind.as_str()),
        who: match members {
            Some(names) if is_named => Cell::of(names.join("、")),
            None if is_named => words.withheld(),
            _ => words.none(),
        },
        reason: words.label("household-event-reason", body.reason.as_ref()),
        other: other
            .map(|other| format!("/households/{other}"))
            .unwrap_or_default(),
        note: words.sealed(&event.withheld, Class::FreeText, note),
        history: records::history_of(&event.id),
    }
}

fn credit_of(words: Words, file: &CreditFile, loans: &[Item<Loan>]) -> Credit {
    let line = |loan: &Item<Loan>| {
        let line = file.loans.iter().find(|line| line.loan == loan.id)?;
        Some(LoanLine {
            amount: words.money(line.amount),
            purpose: words.code("loan-purpose", loan.body.purpose.as_str()),
            disbursed_on: words.text(line.disbursed_on),
            kept: words.kept(line.kept),
            owed: words.money(line.owed),
            history: records::history_of(&loan.id),
        })
    };
    Credit {
        owed: words.money(file.owed),
        is_blacklisted: file.is_blacklisted(),
        loans: loans.iter().filter_map(line).collect(),
    }
}

fn visit_line(words: Words, visit: &Item<Visit>, holder: &Holder) -> VisitLine {
    let (name, _) = areas::holder(words, Some(holder));
    let note = visit
        .body
        .note
        .as_ref()
        .map(|note| words.text(note.as_ref()));
    VisitLine {
        on: visit.body.on.to_string(),
        name,
        purpose: words.label("visit-purpose", visit.body.purpose.as_ref()),
        note: words.sealed(&visit.withheld, Class::FreeText, note),
    }
}
