//! A record as labelled lines: what its page shows, and what a history compares.

mod alerts;
mod cases;
mod comparisons;
mod cooperatives;
mod helping;
mod household_life;
mod living;
mod loans;
mod money;
mod ownership;
mod people;
mod places;
mod policies;
mod reporting;
mod rollups;
mod works;

pub use self::{comparisons::said_in, money::balance};
mod supervision;

use lika_core::{log::Class, record::Body, value::Phone};

use super::words::{Cell, Words};

/// A labelled value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub label: &'static str,
    /// The value.
    pub value: Cell,
}

/// What changed between two revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub label: &'static str,
    /// As it was.
    pub before: Cell,
    /// As it became.
    pub after: Cell,
}

/// The lines of a record.
pub fn lines(words: Words, withheld: &[Class], body: &Body) -> Vec<Line> {
    let sheet = Sheet { words, withheld };
    match body {
        Body::Area(area) => sheet.area(area),
        Body::Household(household) => sheet.household(household),
        Body::Member(member) => sheet.member(member),
        Body::IncomeStatement(income) => sheet.income(income),
        Body::Cadre(cadre) => sheet.cadre(cadre),
        Body::Unit(unit) => sheet.unit(unit),
        Body::Pairing(pairing) => sheet.pairing(pairing),
        Body::VillageTeam(team) => sheet.team(team),
        Body::Visit(visit) => sheet.visit(visit),
        Body::OfficialStatistic(statistic) => sheet.statistic(statistic),
        Body::Officer(officer) => sheet.officer(officer),
        Body::Policy(policy) => sheet.policy(policy),
        Body::Enactment(enactment) => sheet.enactment(enactment),
        Body::Evaluation(evaluation) => sheet.evaluation(evaluation),
        Body::Decision(decision) => sheet.decision(decision),
        Body::Node(node) => sheet.node(node),
        Body::LivingConditions(living) => sheet.living(living),
        Body::Cooperative(cooperative) => sheet.cooperative(cooperative),
        Body::Shareholding(share) => sheet.shareholding(share),
        Body::Dividend(dividend) => sheet.dividend(dividend),
        Body::Alert(alert) => sheet.alert(alert),
        Body::Account(account) => sheet.account(account),
        Body::Transfer(transfer) => sheet.transfer(transfer),
        Body::BookClosing(closing) => sheet.closing(closing),
        Body::Commitment(commitment) => sheet.commitment(commitment),
        Body::Budget(budget) => sheet.budget(budget),
        Body::PaymentBatch(batch) => sheet.payment_batch(batch),
        Body::PaymentReturn(returned) => sheet.payment_return(returned),
        Body::Measure(measure) => sheet.measure(measure),
        Body::Project(project) => sheet.project(project),
        Body::Enterprise(enterprise) => sheet.enterprise(enterprise),
        Body::Contract(contract) => sheet.contract(contract),
        Body::Training(training) => sheet.training(training),
        Body::Cover(cover) => sheet.cover(cover),
        Body::CollectiveIncome(income) => sheet.collective_income(income),
        Body::Procedure(procedure) => sheet.procedure(procedure),
        Body::Calendar(calendar) => sheet.calendar(calendar),
        Body::Case(case) => sheet.case(case),
        Body::Notice(notice) => sheet.notice(notice),
        Body::Objection(objection) => sheet.objection(objection),
        Body::Comparison(comparison) => sheet.comparison(comparison),
        Body::Doubt(doubt) => sheet.doubt(doubt),
        Body::ReportingWindow(window) => sheet.reporting_window(window),
        Body::Report(report) => sheet.report(report),
        Body::HouseholdEvent(event) => sheet.household_event(event),
        Body::Post(post) => sheet.post(post),
        Body::Duty(duty) => sheet.duty(duty),
        Body::Task(task) => sheet.task(task),
        Body::Finding(finding) => sheet.finding(finding),
        Body::Sanction(sanction) => sheet.sanction(sanction),
        Body::ResponsibilityLetter(letter) => sheet.letter(letter),
        Body::SatisfactionSurvey(survey) => sheet.survey(survey),
        Body::Assessment(assessment) => sheet.assessment(assessment),
        Body::Award(award) => sheet.award(award),
        Body::GuaranteeFund(fund) => sheet.guarantee_fund(fund),
        Body::Loan(loan) => sheet.loan(loan),
        Body::Blacklisting(listing) => sheet.blacklisting(listing),
        Body::VillageBatch(batch) => sheet.village_batch(batch),
        Body::RollupCommitment(said) => sheet.rollup_commitment(said),
        Body::OwnershipTransfer(transfer) => sheet.ownership_transfer(transfer),
    }
}

/// What is different between the lines of two revisions of a record.
pub fn differences(before: &[Line], after: &[Line]) -> Vec<Difference> {
    let changed = before
        .iter()
        .zip(after)
        .filter(|(before, after)| before.value != after.value);
    changed
        .map(|(before, after)| Difference {
            label: after.label,
            before: before.value.clone(),
            after: after.value.clone(),
        })
        .collect()
}

struct Sheet<'a> {
    words: Words,
    withheld: &'a [Class],
}

impl Sheet<'_> {
    fn line(&self, zh: &'static str, en: &'static str, value: Cell) -> Line {
        Line {
            label: self.words.t(zh, en),
            value,
        }
    }

    fn identity(&self, value: Option<Cell>) -> Cell {
        self.words.sealed(self.withheld, Class::Identity, value)
    }

    fn sensitive(&self, value: Option<Cell>) -> Cell {
        self.words.sealed(self.withheld, Class::Sensitive, value)
    }

    fn note(&self, note: Option<Cell>) -> Cell {
        self.words.sealed(self.withheld, Class::FreeText, note)
    }

    fn phone(&self, phone: Option<&Phone>) -> Cell {
        self.words.text(phone.map(Phone::masked))
    }
}

/// A place in a log, in words.
pub fn position(words: Words, epoch: u32, seq: u64) -> String {
    match words.0 {
        super::Language::Chinese => format!("第 {epoch} 期第 {seq} 条"),
        super::Language::English => format!("epoch {epoch}, entry {seq}"),
    }
}

fn some(words: Words, text: String) -> Cell {
    if text.is_empty() {
        words.none()
    } else {
        Cell::of(text)
    }
}
