//! Accounts, what moves between them, what they owe and what was planned.

use lika_core::record::{
    Account, Approval, BookClosing, Budget, Commitment, Fund, PaymentBatch, PaymentReturn, Transfer,
};

use super::{Line, Sheet};
use crate::{
    console::words::{Cell, Words},
    gateway::Balance,
};

/// What is on an account now.
pub fn balance(words: Words, balance: Balance) -> Vec<Line> {
    let Balance { balance, committed } = balance;
    let line = |zh, en, amount| Line {
        label: words.t(zh, en),
        value: Cell::of(words.money(amount)),
    };
    vec![
        line("余额", "Balance", balance),
        line("其中已承诺", "Of which owed", committed),
    ]
}

impl Sheet<'_> {
    pub(super) fn account(&self, account: &Account) -> Vec<Line> {
        let Account { name, side } = account;
        let words = self.words;
        let of_fund = |text: fn(&Fund) -> &lika_core::value::Code, list| {
            words.text(
                account
                    .fund()
                    .map(|fund| words.code(list, text(fund).as_str())),
            )
        };
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line(
                "内外",
                "Side",
                Cell::of(words.code("account-side", side.code())),
            ),
            self.line(
                "资金渠道",
                "Channel",
                of_fund(|fund| &fund.channel, "fund-channel"),
            ),
            self.line(
                "资金用途",
                "Purpose",
                of_fund(|fund| &fund.purpose, "fund-purpose"),
            ),
            self.line(
                "年度",
                "Year",
                words.text(account.fund().and_then(|fund| fund.year)),
            ),
            self.line(
                "不得用于生活开支",
                "Never for living expenses",
                words.yes_no(account.fund().map(|fund| fund.barred_from_living_expenses)),
            ),
        ]
    }

    pub(super) fn transfer(&self, transfer: &Transfer) -> Vec<Line> {
        let Transfer {
            from,
            to,
            amount,
            on,
            direction,
            channel,
            evidence,
            reverses,
            settles,
            approvals,
        } = transfer;
        let words = self.words;
        vec![
            self.line("转出账户", "From", Cell::of(from.to_string())),
            self.line("转入账户", "To", Cell::of(to.to_string())),
            self.line("金额", "Amount", Cell::of(words.money(*amount))),
            self.line("日期", "Day", Cell::of(on.to_string())),
            self.line(
                "方向",
                "Direction",
                Cell::of(words.code("transfer-direction", direction.code())),
            ),
            self.line(
                "资金渠道",
                "Channel",
                Cell::of(words.code("fund-channel", channel.as_str())),
            ),
            self.line(
                "支出用途",
                "Spent on",
                words.text(
                    direction
                        .used_for()
                        .map(|used_for| words.code("fund-use", used_for.as_str())),
                ),
            ),
            self.line("凭证摘要", "Digest of the evidence", words.text(*evidence)),
            self.line("冲销", "Reverses", words.text(*reverses)),
            self.line("兑付承诺", "Settles", words.text(*settles)),
            self.line(
                "批准",
                "Approvals",
                Cell::of(format!("{}/{}", approvals.len(), Approval::NEEDED)),
            ),
            self.line("已入账", "Posted", words.yes_no(Some(transfer.is_posted()))),
        ]
    }

    pub(super) fn closing(&self, closing: &BookClosing) -> Vec<Line> {
        let BookClosing { year } = closing;
        vec![self.line("年度", "Year", Cell::of(year.to_string()))]
    }

    pub(super) fn commitment(&self, commitment: &Commitment) -> Vec<Line> {
        let Commitment {
            account,
            amount,
            on,
            what_for,
            project,
        } = commitment;
        let words = self.words;
        vec![
            self.line("账户", "Account", Cell::of(account.to_string())),
            self.line("金额", "Amount", Cell::of(words.money(*amount))),
            self.line("日期", "Day", Cell::of(on.to_string())),
            self.line("事由", "What for", Cell::of(what_for.to_string())),
            self.line("项目", "Project", words.text(*project)),
        ]
    }

    pub(super) fn budget(&self, budget: &Budget) -> Vec<Line> {
        let Budget {
            year,
            channel,
            purpose,
            amount,
        } = budget;
        let words = self.words;
        vec![
            self.line("年度", "Year", Cell::of(year.to_string())),
            self.line(
                "资金渠道",
                "Channel",
                Cell::of(words.code("fund-channel", channel.as_str())),
            ),
            self.line(
                "资金用途",
                "Purpose",
                Cell::of(words.code("fund-purpose", purpose.as_str())),
            ),
            self.line("计划金额", "Planned", Cell::of(words.money(*amount))),
        ]
    }

    pub(super) fn payment_batch(&self, batch: &PaymentBatch) -> Vec<Line> {
        let PaymentBatch {
            from,
            transit,
            used_for,
            on,
            payments,
            approvals,
            sent,
        } = batch;
        let words = self.words;
        let approvals = format!("{}/{}", approvals.len(), Approval::NEEDED);
        vec![
            self.line("资金账户", "Fund", Cell::of(from.to_string())),
            self.line("在途账户", "In transit on", Cell::of(transit.to_string())),
            self.line(
                "支出用途",
                "Spent on",
                Cell::of(words.code("fund-use", used_for.as_str())),
            ),
            self.line("日期", "Day", Cell::of(on.to_string())),
            self.line("户数", "Payments", Cell::of(payments.len().to_string())),
            self.line("金额", "Amount", Cell::of(words.money(batch.total()))),
            self.line("批准", "Approvals", Cell::of(approvals)),
            self.line("已入账", "Posted", words.yes_no(Some(batch.is_posted()))),
            self.line("送银行", "Sent", words.text(sent.map(|sent| sent.on))),
            self.line(
                "文件摘要",
                "Digest of the file",
                words.text(sent.map(|sent| sent.file)),
            ),
        ]
    }

    pub(super) fn payment_return(&self, returned: &PaymentReturn) -> Vec<Line> {
        let PaymentReturn {
            batch,
            from: _,
            transit: _,
            payees,
            channel,
            used_for,
            on,
            results,
        } = returned;
        let words = self.words;
        let failed = results.iter().filter(|result| result.fault.is_some());
        let failed = failed.count();
        let paid = results.len() - failed;
        vec![
            self.line("支付批次", "Batch", Cell::of(batch.to_string())),
            self.line("收款方账户", "Paid to", Cell::of(payees.to_string())),
            self.line(
                "资金渠道",
                "Channel",
                Cell::of(words.code("fund-channel", channel.as_str())),
            ),
            self.line(
                "支出用途",
                "Spent on",
                Cell::of(words.code("fund-use", used_for.as_str())),
            ),
            self.line("日期", "Day", Cell::of(on.to_string())),
            self.line("成功户数", "Paid", Cell::of(paid.to_string())),
            self.line(
                "成功金额",
                "Amount paid",
                Cell::of(words.money(returned.paid())),
            ),
            self.line("失败户数", "Failed", Cell::of(failed.to_string())),
            self.line(
                "退回金额",
                "Amount that went back",
                Cell::of(words.money(returned.failed())),
            ),
        ]
    }
}
