//! Co-operatives, who holds what of them, and what they paid.

use lika_core::record::{Cooperative, Dividend, Shareholding};

use super::{Line, Sheet, some};
use crate::console::words::Cell;

impl Sheet<'_> {
    pub(super) fn cooperative(&self, cooperative: &Cooperative) -> Vec<Line> {
        let Cooperative { name, capital } = cooperative;
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line("总股本", "Capital", Cell::of(self.words.money(*capital))),
        ]
    }

    pub(super) fn shareholding(&self, share: &Shareholding) -> Vec<Line> {
        let Shareholding {
            cooperative,
            holder,
            equity,
            poverty_fund,
            from,
            until,
        } = share;
        let words = self.words;
        vec![
            self.line("合作社", "Co-operative", Cell::of(cooperative.to_string())),
            self.line(
                "股东",
                "Holder",
                Cell::of(words.code("holder", holder.code())),
            ),
            self.line("所属户", "Household", words.text(holder.household())),
            self.line("股本", "Equity", Cell::of(words.money(*equity))),
            self.line(
                "扶贫资金入股",
                "Paid from poverty funds",
                words.yes_no(Some(*poverty_fund)),
            ),
            self.line("期间", "Time", Cell::of(words.span(*from, *until))),
        ]
    }

    pub(super) fn dividend(&self, dividend: &Dividend) -> Vec<Line> {
        let Dividend {
            cooperative,
            year,
            amount,
            payments,
        } = dividend;
        let words = self.words;
        let paid: Vec<String> = payments
            .iter()
            .map(|payment| format!("{} {}", payment.shareholding, words.money(payment.amount)))
            .collect();
        vec![
            self.line("合作社", "Co-operative", Cell::of(cooperative.to_string())),
            self.line("年度", "Year", Cell::of(year.to_string())),
            self.line(
                "扶贫资金股权收益",
                "Return on the equity from poverty funds",
                Cell::of(words.money(*amount)),
            ),
            self.line(
                "已分配",
                "Distributed",
                Cell::of(words.money(dividend.distributed())),
            ),
            self.line("分配明细", "Payments", some(words, paid.join(" · "))),
        ]
    }
}
