//! Loans to households, from application to the last fen.
//!
//! ```text
//!  applied ─▶ approved ─▶ disbursed ─┬──────────────────────────────────▶ repaid
//!     │          │                   └─▶ overdue ─┬─────────────────────▶   ▲
//!     └──closed──┘                                └─▶ defaulted ─┬────────▶ │
//!   withdrawn or turned down                                     └─▶ recourse
//! ```
//!
//! The principal is the lender's money and is in no account here. What leaves the guarantee fund for a loan, the interest
//! subsidy and the recourse, is a transfer of the ledger that two people have approved; the loan names it.

use lika_proto::log::v1 as message;

use super::{
    Approval, Document, Fault, Index, Key, Problem,
    cooperative::{MOST_FEN, positive},
    field, parts,
};
use crate::{
    loan::{Method, Terms},
    rollup::{Coverage, Tally},
    value::{Code, Date, Fen, Ppm, RecordId, Year},
};

/// The longest term: beyond it somebody mistyped.
const MOST_MONTHS: u32 = 360;

/// The most repayments and subsidies of one loan, more than one a month over the longest term.
const MOST_PAYMENTS: usize = 400;

/// A loan to a household (S0.5, S2.5). It stands in the area of the household.
///
/// What was applied for never changes. A loan that is over stays open, because its years go on counting it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loan {
    /// The household that borrows.
    pub household: RecordId,
    /// The member who borrows for it, where the loan is to one person.
    pub member: Option<RecordId>,
    /// The enterprise of kind lender that lends.
    pub lender: RecordId,
    /// The guarantee fund behind it, deposited with the same lender.
    pub fund: Option<RecordId>,
    /// The cadre who guarantees it.
    pub guarantor: Option<RecordId>,
    /// Code list loan-purpose.
    pub purpose: Code,
    /// The principal, more than nothing.
    pub amount: Fen,
    /// The term in months, at least one.
    pub months: u32,
    /// A year's rate.
    pub rate: Ppm,
    /// How it comes back.
    pub method: Method,
    /// The stages that it has gone through.
    pub steps: Vec<LoanStep>,
    /// What came back, by day.
    pub repayments: Vec<Repayment>,
    /// What of the interest the fund has taken over, by day.
    pub subsidies: Vec<Subsidy>,
    /// What the fund has paid to the lender after the default; given with that stage.
    pub recourse: Option<Recourse>,
}

/// A stage of a loan: code list loan-stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoanStage {
    /// The household has asked for it.
    Applied,
    /// Somebody else has agreed.
    Approved,
    /// The lender has paid it out.
    Disbursed,
    /// The household was told that something is overdue.
    Overdue,
    /// Nobody expects the household to pay any more.
    Defaulted,
    /// The fund has paid the lender in its place.
    Recourse,
    /// Everything was paid.
    Repaid,
}

/// A stage that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanStep {
    /// The stage.
    pub stage: LoanStage,
    /// The day.
    pub on: Date,
    /// Who wrote it down, in person.
    pub by: Approval,
    /// The decision that an approval follows.
    pub decision: Option<RecordId>,
    /// Code list default-excuse: why a default is not held against the household.
    pub excuse: Option<Code>,
}

/// Money that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repayment {
    /// The day.
    pub on: Date,
    /// Of the principal.
    pub principal: Fen,
    /// Of the interest.
    pub interest: Fen,
    /// The officer who wrote it down, in person.
    pub officer: RecordId,
}

/// Interest that the fund has taken over: it repays to the household what that has paid (先付后贴).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subsidy {
    /// The day.
    pub on: Date,
    /// How much, more than nothing.
    pub amount: Fen,
    /// The transfer by which the fund paid it; one transfer may pay the subsidies of many loans.
    pub transfer: RecordId,
    /// The decision that it follows.
    pub decision: Option<RecordId>,
    /// The officer who wrote it down, in person.
    pub officer: RecordId,
}

/// What the fund has paid to the lender in the household's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recourse {
    /// How much, more than nothing and no more than was owed.
    pub amount: Fen,
    /// The transfer by which the fund paid it.
    pub transfer: RecordId,
}

impl LoanStage {
    /// Every stage.
    pub const ALL: [Self; 7] = [
        Self::Applied,
        Self::Approved,
        Self::Disbursed,
        Self::Overdue,
        Self::Defaulted,
        Self::Recourse,
        Self::Repaid,
    ];

    /// The code in the list loan-stage.
    pub fn code(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Approved => "approved",
            Self::Disbursed => "disbursed",
            Self::Overdue => "overdue",
            Self::Defaulted => "defaulted",
            Self::Recourse => "recourse",
            Self::Repaid => "repaid",
        }
    }

    /// The stage of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }

    /// The stages that can follow this one.
    pub fn followed_by(self) -> &'static [Self] {
        match self {
            Self::Applied => &[Self::Approved],
            Self::Approved => &[Self::Disbursed],
            Self::Disbursed => &[Self::Overdue, Self::Repaid],
            Self::Overdue => &[Self::Defaulted, Self::Repaid],
            Self::Defaulted => &[Self::Recourse, Self::Repaid],
            Self::Recourse => &[Self::Repaid],
            Self::Repaid => &[],
        }
    }

    /// Whose stage somebody must not have written down who writes this one down: it takes two people.
    pub fn written_by_another_than(self) -> Option<Self> {
        match self {
            Self::Approved => Some(Self::Applied),
            Self::Disbursed => Some(Self::Approved),
            Self::Defaulted => Some(Self::Overdue),
            Self::Recourse => Some(Self::Defaulted),
            Self::Applied | Self::Overdue | Self::Repaid => None,
        }
    }
}

impl Loan {
    /// What was agreed.
    pub fn terms(&self) -> Terms {
        Terms {
            amount: self.amount,
            months: self.months,
            rate: self.rate,
            method: self.method,
        }
    }

    /// The step of a stage, where it was reached.
    pub fn step(&self, stage: LoanStage) -> Option<&LoanStep> {
        self.steps.iter().find(|step| step.stage == stage)
    }

    /// Whether a stage was reached.
    pub fn has_reached(&self, stage: LoanStage) -> bool {
        self.step(stage).is_some()
    }

    /// The stage that it is at; none while nobody has applied.
    pub fn stage(&self) -> Option<LoanStage> {
        self.steps.last().map(|step| step.stage)
    }

    /// What of the principal the household owes, to the lender or, after the recourse, to the fund; nothing before the
    /// disbursement. Core keeps the repayments within the principal.
    pub fn principal_owed(&self) -> Fen {
        if !self.has_reached(LoanStage::Disbursed) {
            return Fen::ZERO;
        }
        let paid = self.repayments.iter().map(|paid| paid.principal.0);
        Fen(self.amount.0 - paid.sum::<i64>())
    }

    /// What of the principal the lender waits for: that counts against the ceiling of the fund.
    pub fn principal_lent(&self) -> Fen {
        if self.has_reached(LoanStage::Recourse) {
            return Fen::ZERO;
        }
        self.principal_owed()
    }

    /// What the fund has taken over of the interest.
    pub fn subsidised(&self) -> Fen {
        Fen(self.subsidies.iter().map(|subsidy| subsidy.amount.0).sum())
    }

    /// What of a transfer this loan counts on.
    pub fn counts_on(&self, transfer: &RecordId) -> Fen {
        let subsidies = self.subsidies.iter();
        let subsidies = subsidies.map(|it| (it.transfer, it.amount));
        let recourse = self.recourse.iter().map(|it| (it.transfer, it.amount));
        let own = subsidies.chain(recourse);
        let amounts = own.filter(|(other, _)| other == transfer);
        Fen(amounts.map(|(_, amount)| amount.0).sum())
    }

    /// The first field of what was applied for that another version of it does not leave as it is.
    pub(crate) fn altered(&self, other: &Self) -> Option<&'static str> {
        let Self {
            household,
            member,
            lender,
            fund,
            guarantor,
            purpose,
            amount,
            months,
            rate,
            method,
            steps: _,
            repayments: _,
            subsidies: _,
            recourse: _,
        } = self;
        let same = [
            ("household", *household == other.household),
            ("member", *member == other.member),
            ("lender", *lender == other.lender),
            ("fund", *fund == other.fund),
            ("guarantor", *guarantor == other.guarantor),
            ("purpose", *purpose == other.purpose),
            ("amount", *amount == other.amount),
            ("months", *months == other.months),
            ("rate", *rate == other.rate),
            ("method", *method == other.method),
        ];
        same.into_iter()
            .find(|(_, same)| !same)
            .map(|(field, _)| field)
    }

    /// What counts, for the terms that [`lent_household`] reads: the year of the disbursement, 0 before it, and whether
    /// the household owes.
    fn counting(&self) -> [u8; 3] {
        let disbursed = self.step(LoanStage::Disbursed);
        let year = disbursed.map_or(0, |step| step.on.year().get());
        let [high, low] = year.to_be_bytes();
        let owes = self.principal_owed() > Fen::ZERO;
        [high, low, u8::from(owes)]
    }
}

impl Document for Loan {
    type Message = message::Loan;

    fn parse(message: message::Loan) -> Result<Self, Fault> {
        let message::loan::Open {
            household,
            member,
            lender,
            fund,
            guarantor,
            purpose,
            amount,
            months,
            rate,
            method,
            steps,
            repayments,
            subsidies,
            recourse,
        } = field::required("open", message.open)?;
        between("months", months.into(), 1, MOST_MONTHS.into())?;
        between("rate", rate, 0, Ppm::WHOLE.0)?;
        let unknown = || Problem::UnknownCode {
            list: "loan-method",
            code: method.clone(),
        };
        if steps.len() > LoanStage::ALL.len() {
            return Err(Fault::new("steps", Problem::TooMany(LoanStage::ALL.len())));
        }
        let payments = [
            ("repayments", repayments.len()),
            ("subsidies", subsidies.len()),
        ];
        if let Some((field, _)) = payments
            .into_iter()
            .find(|(_, count)| *count > MOST_PAYMENTS)
        {
            return Err(Fault::new(field, Problem::TooMany(MOST_PAYMENTS)));
        }
        Ok(Self {
            household: field::id("household", &household)?,
            member: field::optional_id("member", &member)?,
            lender: field::id("lender", &lender)?,
            fund: field::optional_id("fund", &fund)?,
            guarantor: field::optional_id("guarantor", &guarantor)?,
            purpose: field::code("loan-purpose", "purpose", &purpose)?,
            amount: positive("amount", amount)?,
            months,
            rate: Ppm(rate),
            method: Method::from_code(&method).ok_or_else(|| Fault::new("method", unknown()))?,
            steps: parse_all(steps, LoanStep::parse)?,
            repayments: parse_all(repayments, Repayment::parse)?,
            subsidies: parse_all(subsidies, Subsidy::parse)?,
            recourse: recourse.map(Recourse::parse).transpose()?,
        })
    }

    fn message(&self) -> message::Loan {
        let Self {
            household,
            member,
            lender,
            fund,
            guarantor,
            purpose,
            amount,
            months,
            rate,
            method,
            steps,
            repayments,
            subsidies,
            recourse,
        } = self;
        message::Loan {
            open: Some(message::loan::Open {
                household: household.0.to_vec(),
                member: field::id_bytes(member.as_ref()),
                lender: lender.0.to_vec(),
                fund: field::id_bytes(fund.as_ref()),
                guarantor: field::id_bytes(guarantor.as_ref()),
                purpose: purpose.to_string(),
                amount: amount.0,
                months: *months,
                rate: rate.0,
                method: method.code().to_owned(),
                steps: steps.iter().map(LoanStep::message).collect(),
                repayments: repayments.iter().map(Repayment::message).collect(),
                subsidies: subsidies.iter().map(Subsidy::message).collect(),
                recourse: recourse.as_ref().map(Recourse::message),
            }),
        }
    }

    parts!(Loan);

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::open(
            Index::LoansOfHousehold,
            &[&self.household.0, &self.counting()],
        )];
        if let Some(fund) = &self.fund
            && self.principal_lent() > Fen::ZERO
        {
            keys.push(Key::record(Index::LoansOfFund, fund));
        }
        let subsidies = self.subsidies.iter().map(|subsidy| subsidy.transfer);
        let recourse = self.recourse.iter().map(|recourse| recourse.transfer);
        let mut transfers: Vec<RecordId> = subsidies.chain(recourse).collect();
        transfers.sort_unstable();
        transfers.dedup();
        let of_transfer = |transfer| Key::record(Index::LoansOfTransfer, transfer);
        keys.extend(transfers.iter().map(of_transfer));
        keys
    }

    fn tallies(&self) -> Vec<Tally> {
        let mut tallies = Vec::new();
        if let Some(stage) = self.stage() {
            tallies.push(Tally::stock(format!("loans-at/{}", stage.code()), 1));
        }
        let Some(disbursed) = self.step(LoanStage::Disbursed) else {
            return tallies;
        };
        let year = disbursed.on.year();
        tallies.extend([
            Tally::stock("loans", 1),
            Tally::in_year("loans", year, 1),
            Tally::stock("loans-lent", self.amount.0),
            Tally::in_year("loans-lent", year, self.amount.0),
            Tally::stock("loans-outstanding", self.principal_owed().0),
        ]);
        for paid in &self.repayments {
            let year = paid.on.year();
            tallies.push(Tally::in_year("loans-repaid", year, paid.principal.0));
            tallies.push(Tally::in_year("loan-interest", year, paid.interest.0));
        }
        for subsidy in &self.subsidies {
            let year = subsidy.on.year();
            tallies.push(Tally::in_year("loan-subsidies", year, subsidy.amount.0));
        }
        if let (Some(recourse), Some(step)) = (&self.recourse, self.step(LoanStage::Recourse)) {
            let year = step.on.year();
            tallies.push(Tally::in_year("loan-recourse", year, recourse.amount.0));
        }
        tallies
    }

    fn coverages(&self) -> Vec<Coverage> {
        vec![Coverage {
            index: Index::LoansOfHousehold,
            subject: self.household,
            tallies: lent_household,
        }]
    }
}

/// A household counts once among those that were lent to, once in each year, and once among those that owe.
fn lent_household(terms: &[&[u8]]) -> Vec<Tally> {
    let read = |term: &&[u8]| match **term {
        [high, low, owes] => Some((u16::from_be_bytes([high, low]), owes == 1)),
        _ => None,
    };
    let lent: Vec<(u16, bool)> = terms.iter().filter_map(read).collect();
    let years = lent.iter().filter_map(|(year, _)| Year::new(*year).ok());
    let years: std::collections::BTreeSet<Year> = years.collect();
    let mut tallies = Vec::new();
    if !years.is_empty() {
        tallies.push(Tally::stock("loan-households", 1));
    }
    if lent.iter().any(|(_, owes)| *owes) {
        tallies.push(Tally::stock("loan-households-owing", 1));
    }
    tallies.extend(
        years
            .into_iter()
            .map(|year| Tally::in_year("loan-households", year, 1)),
    );
    tallies
}

fn between(field: &'static str, value: i64, least: i64, most: i64) -> Result<(), Fault> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Fault::new(field, Problem::OutOfRange { least, most }))
}

fn parse_all<M, T>(messages: Vec<M>, parse: fn(M) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    messages.into_iter().map(parse).collect()
}

impl LoanStep {
    fn parse(message: message::loan::Step) -> Result<Self, Fault> {
        let message::loan::Step {
            stage,
            on,
            officer,
            cadre,
            decision,
            excuse,
        } = message;
        let unknown = || Problem::UnknownCode {
            list: "loan-stage",
            code: stage.clone(),
        };
        let stage =
            LoanStage::from_code(&stage).ok_or_else(|| Fault::new("steps.stage", unknown()))?;
        let given = [
            ("steps.decision", !decision.is_empty(), LoanStage::Approved),
            ("steps.excuse", !excuse.is_empty(), LoanStage::Defaulted),
        ];
        let misplaced = given
            .into_iter()
            .find(|(_, is_given, of)| *is_given && *of != stage);
        if let Some((field, _, of)) = misplaced {
            let problem = format!("is given with the stage {}", of.code());
            return Err(Fault::new(field, Problem::Malformed(problem)));
        }
        Ok(Self {
            stage,
            on: field::date("steps.on", on)?,
            by: Approval {
                officer: field::id("steps.officer", &officer)?,
                cadre: field::optional_id("steps.cadre", &cadre)?,
            },
            decision: field::optional_id("steps.decision", &decision)?,
            excuse: field::optional_code("default-excuse", "steps.excuse", &excuse)?,
        })
    }

    fn message(&self) -> message::loan::Step {
        let Self {
            stage,
            on,
            by: Approval { officer, cadre },
            decision,
            excuse,
        } = self;
        message::loan::Step {
            stage: stage.code().to_owned(),
            on: on.number(),
            officer: officer.0.to_vec(),
            cadre: field::id_bytes(cadre.as_ref()),
            decision: field::id_bytes(decision.as_ref()),
            excuse: field::printed(excuse.as_ref()),
        }
    }
}

impl Repayment {
    fn parse(message: message::loan::Repayment) -> Result<Self, Fault> {
        let message::loan::Repayment {
            on,
            principal,
            interest,
            officer,
        } = message;
        if (principal, interest) == (0, 0) {
            return Err(Fault::new("repayments.principal", Problem::Missing));
        }
        Ok(Self {
            on: field::date("repayments.on", on)?,
            principal: field::amount("repayments.principal", principal, MOST_FEN)?,
            interest: field::amount("repayments.interest", interest, MOST_FEN)?,
            officer: field::id("repayments.officer", &officer)?,
        })
    }

    fn message(&self) -> message::loan::Repayment {
        let Self {
            on,
            principal,
            interest,
            officer,
        } = self;
        message::loan::Repayment {
            on: on.number(),
            principal: principal.0,
            interest: interest.0,
            officer: officer.0.to_vec(),
        }
    }
}

impl Subsidy {
    fn parse(message: message::loan::Subsidy) -> Result<Self, Fault> {
        let message::loan::Subsidy {
            on,
            amount,
            transfer,
            decision,
            officer,
        } = message;
        Ok(Self {
            on: field::date("subsidies.on", on)?,
            amount: positive("subsidies.amount", amount)?,
            transfer: field::id("subsidies.transfer", &transfer)?,
            decision: field::optional_id("subsidies.decision", &decision)?,
            officer: field::id("subsidies.officer", &officer)?,
        })
    }

    fn message(&self) -> message::loan::Subsidy {
        let Self {
            on,
            amount,
            transfer,
            decision,
            officer,
        } = self;
        message::loan::Subsidy {
            on: on.number(),
            amount: amount.0,
            transfer: transfer.0.to_vec(),
            decision: field::id_bytes(decision.as_ref()),
            officer: officer.0.to_vec(),
        }
    }
}

impl Recourse {
    fn parse(message: message::loan::Recourse) -> Result<Self, Fault> {
        let message::loan::Recourse { amount, transfer } = message;
        Ok(Self {
            amount: positive("recourse.amount", amount)?,
            transfer: field::id("recourse.transfer", &transfer)?,
        })
    }

    fn message(&self) -> message::loan::Recourse {
        let Self { amount, transfer } = self;
        message::loan::Recourse {
            amount: amount.0,
            transfer: transfer.0.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stages_are_the_code_list() {
        let listed = crate::codes::list("loan-stage").unwrap().entries;
        let listed: Vec<_> = listed.iter().map(|entry| entry.code).collect();
        assert_eq!(listed, LoanStage::ALL.map(LoanStage::code));
    }
}
