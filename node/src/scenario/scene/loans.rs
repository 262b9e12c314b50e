//! Loans of a scene: who lends, the funds behind it, and every stage in the name of one of two officers.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    loan::{Method, Standing},
    log::{Action, Kind},
    record::{
        Answer, Appeal, Approval, Blacklisting, BlacklistingTexts, Body, Decision, Direction,
        Enterprise, GuaranteeFund, Loan, LoanStage, LoanStep, Outcome, Record, Repayment, Subsidy,
        decision_id,
    },
    value::{AreaCode, Code, Date, Fen, Label, Ppm, RecordId, Text},
};

use super::{Caller, Scene};
use crate::scenario::Figure;

/// The policy that says whether an application is within the terms.
pub const LOAN: &str = "loan";
/// The policy that says how much of the interest a fund takes over.
pub const SUBSIDY: &str = "subsidy";

/// A year's rate: no document gives one.
const RATE: Ppm = Ppm(60_000);

/// Who lends, and the two officers who write it down: the first asks and pays out, the second approves.
#[derive(Clone, Debug)]
pub struct Lender {
    id: RecordId,
    first: Caller,
    second: Caller,
}

/// What a household asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The household.
    pub household: RecordId,
    /// Where it lives.
    pub village: AreaCode,
    /// How much.
    pub amount: Fen,
    /// For how long.
    pub months: u32,
    /// The guarantee fund behind it.
    pub fund: Option<RecordId>,
    /// The cadre who guarantees it.
    pub guarantor: Option<RecordId>,
}

impl Lender {
    /// Registers a lender in the scene's area.
    pub fn open(
        scene: &mut Scene,
        name: &str,
        [first, second]: [Caller; 2],
    ) -> anyhow::Result<Self> {
        let enterprise = Enterprise {
            name: Label::parse(name)?,
            kind: Code::parse("lender")?,
        };
        let id = scene.new_id("lender");
        scene.apply(vec![Change::create(id, scene.area(), enterprise)])?;
        Ok(Self { id, first, second })
    }

    /// A guarantee fund of an area: one account, which is lent so many times.
    pub fn fund(&self, account: RecordId, times: i64) -> anyhow::Result<GuaranteeFund> {
        Ok(GuaranteeFund {
            name: Label::parse("担保基金")?,
            lender: self.id,
            accounts: vec![account],
            leverage: Ppm(times * Ppm::WHOLE.0),
        })
    }

    /// Households ask on a day; their loans.
    pub fn ask(&self, scene: &mut Scene, asked: &[Asked], on: Date) -> anyhow::Result<Vec<Record>> {
        let purpose = Code::parse("planting")?;
        let mut loans = Vec::with_capacity(asked.len());
        for asked in asked {
            let Asked {
                household,
                village,
                amount,
                months,
                fund,
                guarantor,
            } = *asked;
            let loan = Loan {
                household,
                member: None,
                lender: self.id,
                fund,
                guarantor,
                purpose: purpose.clone(),
                amount,
                months,
                rate: RATE,
                method: Method::Bullet,
                steps: vec![step(LoanStage::Applied, on, &self.first)],
                repayments: Vec::new(),
                subsidies: Vec::new(),
                recourse: None,
            };
            loans.push(Record {
                id: scene.new_id("loan"),
                area: village,
                revision: 1,
                closed: false,
                body: loan.into(),
            });
        }
        let new = |loan: &Record| Change::create(loan.id, loan.area, loan.body.clone());
        scene.apply_as(&self.first, &loans.iter().map(new).collect::<Vec<_>>())?;
        Ok(loans)
    }

    /// They are approved on a day, as the policy in force has decided, and paid out on it.
    pub fn lend(&self, scene: &mut Scene, loans: &mut [Record], on: Date) -> anyhow::Result<()> {
        self.approve(scene, loans, on)?;
        self.disburse(scene, loans, on)
    }

    /// They are approved, as the policy in force has decided.
    pub fn approve(&self, scene: &mut Scene, loans: &mut [Record], on: Date) -> anyhow::Result<()> {
        let purpose = Code::parse(LOAN)?;
        write(scene, &self.second, loans, |id, loan| {
            loan.steps.push(LoanStep {
                decision: Some(decision_id(&purpose, id)),
                ..step(LoanStage::Approved, on, &self.second)
            });
            Ok(())
        })
    }

    /// The lender pays them out.
    pub fn disburse(
        &self,
        scene: &mut Scene,
        loans: &mut [Record],
        on: Date,
    ) -> anyhow::Result<()> {
        write(scene, &self.first, loans, |_, loan| {
            loan.steps.push(step(LoanStage::Disbursed, on, &self.first));
            Ok(())
        })
    }

    /// All that is owed today comes back.
    pub fn take_back(&self, scene: &mut Scene, loans: &mut [Record]) -> anyhow::Result<()> {
        let on = scene.today();
        write(scene, &self.first, loans, |_, loan| {
            let owed = Standing::of(loan, on).context("it was not paid out")?;
            loan.repayments.push(Repayment {
                on,
                principal: owed.principal_owed,
                interest: owed.interest_owed,
                officer: self.first.id,
            });
            loan.steps.push(step(LoanStage::Repaid, on, &self.first));
            Ok(())
        })
    }

    /// Some interest is paid today.
    pub fn take_interest(
        &self,
        scene: &mut Scene,
        loan: &RecordId,
        interest: Fen,
    ) -> anyhow::Result<()> {
        let on = scene.today();
        let loan = scene.get(loan)?;
        write(scene, &self.first, &mut [loan], |_, loan| {
            loan.repayments.push(Repayment {
                on,
                principal: Fen::ZERO,
                interest,
                officer: self.first.id,
            });
            Ok(())
        })
    }

    /// The households are told today that something is overdue.
    pub fn remind(&self, scene: &mut Scene, loans: &mut [Record]) -> anyhow::Result<()> {
        let on = scene.today();
        write(scene, &self.first, loans, |_, loan| {
            loan.steps.push(step(LoanStage::Overdue, on, &self.first));
            Ok(())
        })
    }

    /// Nobody expects a household to pay any more, with or without an excuse.
    pub fn give_up(
        &self,
        scene: &mut Scene,
        loan: &mut Record,
        excuse: Option<&str>,
    ) -> anyhow::Result<()> {
        let on = scene.today();
        let excuse = excuse.map(Code::parse).transpose()?;
        write(
            scene,
            &self.second,
            std::slice::from_mut(loan),
            |_, loan| {
                loan.steps.push(LoanStep {
                    excuse: excuse.clone(),
                    ..step(LoanStage::Defaulted, on, &self.second)
                });
                Ok(())
            },
        )
    }

    /// The fund takes over what the policy in force grants of the interest: it pays from its account, by one transfer, to
    /// somebody outside.
    pub fn subsidise(
        &self,
        scene: &mut Scene,
        loans: &mut [Record],
        (from, to): (RecordId, RecordId),
        (area, channel): (AreaCode, &str),
    ) -> anyhow::Result<()> {
        let on = scene.today();
        let mut granted = Vec::with_capacity(loans.len());
        for loan in loans.iter() {
            let decision = scene.decision(SUBSIDY, &loan.id)?;
            let amount = decision.amount.context("nothing is taken over")?;
            granted.push(Fen(amount.0 - body(loan)?.subsidised().0));
        }
        let used_for = Code::parse("interest-subsidy")?;
        let all = Fen::sum(granted.iter().copied())?;
        let paid = scene.transfer((from, to), all, Direction::Out { used_for }, channel)?;
        let transfer = scene.new_id("transfer");
        scene.post_transfers(&[(transfer, area, paid)])?;
        let purpose = Code::parse(SUBSIDY)?;
        let mut granted = granted.into_iter();
        write(scene, &self.first, loans, |id, loan| {
            loan.subsidies.push(Subsidy {
                on,
                amount: granted.next().context("one grant a loan")?,
                transfer,
                decision: Some(decision_id(&purpose, id)),
                officer: self.first.id,
            });
            Ok(())
        })
    }

    /// A household is lent nothing any more, from today until a day.
    pub fn blacklist(
        &self,
        scene: &mut Scene,
        (household, village): (RecordId, AreaCode),
        (reason, loan): (&str, Option<RecordId>),
        until: Date,
    ) -> anyhow::Result<RecordId> {
        let blacklisting = Blacklisting {
            household,
            member: None,
            reason: Code::parse(reason)?,
            loan,
            from: scene.today(),
            until,
            by: self.first.approval(),
            appeal: None,
            texts: Some(BlacklistingTexts {
                ground: Some(Text::parse("经核实")?),
                ..BlacklistingTexts::default()
            }),
        };
        let id = scene.new_id("blacklisting");
        let new = Change::create(id, village, blacklisting);
        scene.apply_as(&self.first, &[new])?;
        Ok(id)
    }

    /// The household appeals, and is found to be right today.
    pub fn uphold(&self, scene: &mut Scene, blacklisting: &RecordId) -> anyhow::Result<()> {
        let on = scene.today();
        let answer = Answer {
            on,
            finding: Code::parse("upheld")?,
            by: self.second.approval(),
        };
        let steps = [(&self.first, None), (&self.second, Some(answer))];
        for (officer, answer) in steps {
            let record = scene.get(blacklisting)?;
            let Body::Blacklisting(own) = &record.body else {
                anyhow::bail!("not a blacklisting")
            };
            let appealed = Blacklisting {
                appeal: Some(Appeal { on, answer }),
                ..own.clone()
            };
            let change = Change::of(&record, Action::Change, appealed);
            scene.apply_as(officer, &[change])?;
        }
        Ok(())
    }
}

impl Scene {
    /// An application is taken back.
    pub fn withdraw(&mut self, loan: &RecordId) -> anyhow::Result<()> {
        let record = self.get(loan)?;
        let withdrawn = Change::of(&record, Action::Close, record.body.clone());
        self.apply(vec![withdrawn])
    }

    /// What is asked for in an area, or was lent there, that the policy in force has granted.
    pub fn granted(&self, area: &AreaCode) -> anyhow::Result<Vec<Loan>> {
        let purpose = Code::parse(LOAN)?;
        let decisions = self.list(Kind::Decision, area)?;
        let granted = |record: &Record| {
            let own = decision_id(&purpose, &record.id);
            decisions.iter().any(|it| {
                matches!(&it.body, Body::Decision(decision)
                    if it.id == own && matches!(decision.outcome, Outcome::Granted(_)))
            })
        };
        let loans = self.list(Kind::Loan, area)?;
        let loans = loans.iter().filter(|record| granted(record));
        loans.map(|record| body(record).cloned()).collect()
    }

    /// A guarantee fund, and what stands on its accounts.
    pub fn guarantee_fund(&self, id: &RecordId) -> anyhow::Result<(GuaranteeFund, Fen)> {
        let Body::GuaranteeFund(fund) = self.get(id)?.body else {
            anyhow::bail!("not a guarantee fund")
        };
        let balances = fund.accounts.iter().map(|account| self.balance(account));
        let balances = balances.collect::<anyhow::Result<Vec<_>>>()?;
        Ok((fund, Fen::sum(balances)?))
    }

    /// Why the policy in force says what it says of a loan that is asked for.
    pub fn reasons(&self, loan: &RecordId) -> anyhow::Result<Figure> {
        let Decision { reasons, .. } = self.decision(LOAN, loan)?;
        let codes: Vec<&str> = reasons.iter().map(|it| it.code.as_str()).collect();
        Ok(Figure::shown(&codes.join(" ")))
    }
}

/// What a loan says.
pub fn body(record: &Record) -> anyhow::Result<&Loan> {
    match &record.body {
        Body::Loan(loan) => Ok(loan),
        _ => anyhow::bail!("not a loan"),
    }
}

/// An amount in so many parts that differ by one fen at most.
pub fn parts(whole: Fen, count: usize) -> anyhow::Result<Vec<Fen>> {
    let count = i64::try_from(count)?;
    let part = |number| Fen(whole.0 / count + i64::from(number < whole.0 % count));
    Ok((0..count).map(part).collect())
}

fn step(stage: LoanStage, on: Date, by: &Caller) -> LoanStep {
    let by: Approval = by.approval();
    LoanStep {
        stage,
        on,
        by,
        decision: None,
        excuse: None,
    }
}

/// Writes each loan as it is edited, and keeps it as the node does.
fn write(
    scene: &mut Scene,
    officer: &Caller,
    loans: &mut [Record],
    mut edit: impl FnMut(&RecordId, &mut Loan) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut changes = Vec::with_capacity(loans.len());
    for record in loans.iter() {
        let mut loan = body(record)?.clone();
        edit(&record.id, &mut loan)?;
        changes.push(Change::of(record, Action::Change, loan));
    }
    scene.apply_as(officer, &changes)?;
    for (record, change) in loans.iter_mut().zip(changes) {
        record.revision += 1;
        record.body = change.body;
    }
    Ok(())
}
