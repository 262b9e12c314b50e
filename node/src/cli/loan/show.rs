//! `lika loan show`: a loan with its schedule and how it stands.

use clap::Args;
use lika_core::{
    loan::{Instalment, Standing},
    record::{Loan, LoanStage, Repayment},
    value::Date,
};
use serde_json::{Value, json};

use super::{loan, read};
use crate::cli::{
    Answer, Called, Output, block_on,
    client::{self, day, id},
};

/// Show a loan with its schedule, what came back, and how it stands on a day.
#[derive(Debug, Args)]
pub struct Show {
    /// The loan's record.
    loan: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

pub fn show(command: &Show, output: &mut Output) -> anyhow::Result<Answer> {
    let Show {
        loan: given,
        on,
        called,
    } = command;
    let on = day(on.as_deref())?;
    let open = block_on(async {
        let mut registry = client::registry(called).await?;
        let (_, open) = loan(&mut registry, &id("the loan", given)?).await?;
        Ok(open)
    })?;
    let shown = Shown::of(read(&open)?, on);
    output.answer(|| shown.text(given), || shown.value(given))?;
    Ok(Answer::Yes)
}

struct Shown {
    loan: Loan,
    /// Empty before the disbursement: nothing is due then.
    schedule: Vec<Instalment>,
    standing: Option<Standing>,
}

impl Shown {
    fn of(loan: Loan, on: Date) -> Self {
        let disbursed = loan.step(LoanStage::Disbursed).map(|step| step.on);
        Self {
            schedule: disbursed.map_or_else(Vec::new, |from| loan.terms().schedule(from)),
            standing: Standing::of(&loan, on),
            loan,
        }
    }

    fn text(&self, id: &str) -> String {
        let loan = &self.loan;
        let mut lines = vec![
            format!("{id} {} for {}", loan.amount, loan.purpose),
            format!(
                "  {} months at {} a year, {}",
                loan.months,
                loan.rate.share(),
                loan.method.code()
            ),
        ];
        let steps = loan.steps.iter();
        lines.extend(steps.map(|step| {
            format!(
                "  {} {} by officer {}",
                step.on,
                step.stage.code(),
                step.by.officer
            )
        }));
        lines.extend(self.schedule.iter().map(|it| {
            format!(
                "  due {} {} + {} interest",
                it.due, it.principal, it.interest
            )
        }));
        lines.extend(loan.repayments.iter().map(|it| {
            format!(
                "  paid {} {} + {} interest",
                it.on, it.principal, it.interest
            )
        }));
        let subsidies = loan.subsidies.iter();
        lines.extend(subsidies.map(|it| format!("  subsidised {} {}", it.on, it.amount)));
        let recourse = loan.recourse.iter();
        lines.extend(recourse.map(|it| format!("  paid by the fund {}", it.amount)));
        if let Some(standing) = &self.standing {
            lines.push(format!(
                "  owed {} + {} interest",
                standing.principal_owed, standing.interest_owed
            ));
            let since = standing.overdue_since.iter();
            lines.extend(since.map(|day| format!("  overdue {} since {day}", standing.overdue)));
        }
        lines.join("\n")
    }

    fn value(&self, id: &str) -> Value {
        let loan = &self.loan;
        let instalment = |it: &Instalment| {
            json!({
                "due": it.due.to_string(),
                "principal": it.principal.0,
                "interest": it.interest.0,
            })
        };
        let repayment = |it: &Repayment| {
            json!({
                "on": it.on.to_string(),
                "principal": it.principal.0,
                "interest": it.interest.0,
            })
        };
        let standing = self.standing.as_ref().map(|standing| {
            json!({
                "principal_owed": standing.principal_owed.0,
                "interest_owed": standing.interest_owed.0,
                "interest_accrued": standing.interest_accrued.0,
                "overdue": standing.overdue.0,
                "overdue_since": standing.overdue_since.map(|day| day.to_string()),
            })
        });
        json!({
            "loan": id,
            "household": loan.household.to_string(),
            "amount": loan.amount.0,
            "months": loan.months,
            "rate": loan.rate.0,
            "method": loan.method.code(),
            "stage": loan.stage().map(LoanStage::code),
            "schedule": self.schedule.iter().map(instalment).collect::<Vec<_>>(),
            "repayments": loan.repayments.iter().map(repayment).collect::<Vec<_>>(),
            "subsidised": loan.subsidised().0,
            "recourse": loan.recourse.map(|it| it.amount.0),
            "standing": standing,
        })
    }
}
