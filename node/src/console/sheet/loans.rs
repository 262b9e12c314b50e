//! Guarantee funds, loans and blacklistings.

use lika_core::{
    record::{
        Answer, Appeal, Blacklisting, BlacklistingTexts, GuaranteeFund, Loan, LoanStep, Repayment,
        Subsidy,
    },
    value::Text,
};

use super::{Line, Sheet, some};
use crate::console::words::Cell;

impl Sheet<'_> {
    pub(super) fn guarantee_fund(&self, fund: &GuaranteeFund) -> Vec<Line> {
        let GuaranteeFund {
            name,
            lender,
            accounts,
            leverage,
        } = fund;
        let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line("放款机构", "Lender", Cell::of(lender.to_string())),
            self.line("存入账户", "Accounts", Cell::of(accounts.join(" · "))),
            self.line("放大比例", "Leverage", Cell::of(leverage.share())),
        ]
    }

    pub(super) fn loan(&self, loan: &Loan) -> Vec<Line> {
        let Loan {
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
        } = loan;
        let words = self.words;
        let joined = |lines: Vec<String>| some(words, lines.join(" · "));
        let recourse = recourse
            .as_ref()
            .map(|own| format!("{} {}", words.money(own.amount), own.transfer));
        vec![
            self.line("借款户", "Household", Cell::of(household.to_string())),
            self.line("借款人", "Member", words.text(*member)),
            self.line("放款机构", "Lender", Cell::of(lender.to_string())),
            self.line("担保基金", "Guarantee fund", words.text(*fund)),
            self.line("担保人", "Guarantor", words.text(*guarantor)),
            self.line(
                "贷款用途",
                "Purpose",
                Cell::of(words.code("loan-purpose", purpose.as_str())),
            ),
            self.line("贷款金额", "Amount", Cell::of(words.money(*amount))),
            self.line("期限（月）", "Months", Cell::of(months.to_string())),
            self.line("年利率", "Rate a year", Cell::of(rate.share())),
            self.line(
                "还款方式",
                "Repayment",
                Cell::of(words.code("loan-method", method.code())),
            ),
            self.line(
                "办理环节",
                "Stages",
                joined(steps.iter().map(|step| self.loan_step(step)).collect()),
            ),
            self.line(
                "还款",
                "Repayments",
                joined(repayments.iter().map(|paid| self.repayment(paid)).collect()),
            ),
            self.line(
                "贴息",
                "Subsidies",
                joined(subsidies.iter().map(|own| self.subsidy(own)).collect()),
            ),
            self.line("基金代偿", "Paid by the fund", words.text(recourse)),
        ]
    }

    fn loan_step(&self, step: &LoanStep) -> String {
        let LoanStep {
            stage,
            on,
            by,
            decision: _,
            excuse,
        } = step;
        let stage = self.words.code("loan-stage", stage.code());
        let excuse = excuse.as_ref().map_or_else(String::new, |excuse| {
            format!(" {}", self.words.code("default-excuse", excuse.as_str()))
        });
        format!("{stage} {on} {}{excuse}", by.officer)
    }

    fn repayment(&self, repayment: &Repayment) -> String {
        let Repayment {
            on,
            principal,
            interest,
            officer: _,
        } = repayment;
        let (principal, interest) = (self.words.money(*principal), self.words.money(*interest));
        format!("{on} {principal} + {interest}")
    }

    fn subsidy(&self, subsidy: &Subsidy) -> String {
        let Subsidy {
            on,
            amount,
            transfer,
            decision: _,
            officer: _,
        } = subsidy;
        format!("{on} {} {transfer}", self.words.money(*amount))
    }

    pub(super) fn blacklisting(&self, listing: &Blacklisting) -> Vec<Line> {
        let Blacklisting {
            household,
            member,
            reason,
            loan,
            from,
            until,
            by: _,
            appeal,
            texts,
        } = listing;
        let words = self.words;
        let appeal = appeal.as_ref().map(|appeal| self.appeal(appeal));
        let text = |part: fn(&BlacklistingTexts) -> &Option<Text>| {
            self.note(texts.as_ref().map(|texts| words.text(part(texts).as_ref())))
        };
        vec![
            self.line("列入户", "Household", Cell::of(household.to_string())),
            self.line("当事成员", "Member", words.text(*member)),
            self.line(
                "原因",
                "Reason",
                Cell::of(words.code("blacklist-reason", reason.as_str())),
            ),
            self.line("贷款", "Loan", words.text(*loan)),
            self.line("期间", "Time", Cell::of(words.span(*from, Some(*until)))),
            self.line("事实", "What happened", text(|texts| &texts.ground)),
            self.line("申诉", "Appeal", words.text(appeal)),
            self.line("申诉理由", "Said against it", text(|texts| &texts.appeal)),
            self.line("答复理由", "Answered", text(|texts| &texts.answer)),
        ]
    }

    fn appeal(&self, appeal: &Appeal) -> String {
        let Appeal { on, answer } = appeal;
        match answer {
            Some(Answer {
                on: answered,
                finding,
                by: _,
            }) => {
                let finding = self.words.code("objection-finding", finding.as_str());
                format!("{on} · {answered} {finding}")
            }
            None => on.to_string(),
        }
    }
}
