//! S2.4: the co-operative of Yuanshan village and the return on its poverty funds.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{
        Body, Cooperative, Decision, Dividend, Holder, Member, Payment, Record, Shareholding,
    },
    value::{AreaCode, Code, Date, Fen, Label, RecordId, Year},
};

use super::{
    super::{
        Figure, Row,
        people::{self, id},
    },
    Sanming, YEAR,
};

/// 62 people in 16 households (S2.4).
pub(super) const HEADS: [i64; 16] = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3];
/// In fen: 130万, of which 48万 are the households', 32万 the village's and 50万 others'.
const CAPITAL: Fen = Fen(130_000_000);
const OF_HOUSEHOLDS: Fen = Fen(48_000_000);
const OF_VILLAGE: Fen = Fen(32_000_000);
const OF_OTHERS: Fen = Fen(50_000_000);
/// The document gives none: a return on the 80万 that divides by nothing.
const RETURN: Fen = Fen(6_400_003);

/// Everybody is able to work but the people of the first household; the second has two pupils.
pub(super) fn household(
    village: AreaCode,
    number: usize,
    heads: i64,
    from: Date,
) -> anyhow::Result<Vec<Change>> {
    let own = id("household", number);
    let mut changes = vec![Change::create(own, village, people::household("general")?)];
    for place in 0..heads {
        let place = u32::try_from(place)?;
        let is_pupil = number == 1 && place >= 2;
        let is_able = number > 0 && !is_pupil;
        let member = Member {
            labour: Some(Code::parse(if is_able { "ordinary" } else { "none" })?),
            schooling: Some(Code::parse(if is_pupil { "primary" } else { "none" })?),
            ..people::member(own, place, from)?
        };
        let person = id("member", number * 10 + usize::try_from(place)?);
        changes.push(Change::create(person, village, member));
    }
    Ok(changes)
}

/// The co-operative and its holders.
pub(super) fn cooperative(village: AreaCode, from: Date) -> anyhow::Result<Vec<Change>> {
    let body = Cooperative {
        name: Label::parse("元山村创业基金合作社")?,
        capital: CAPITAL,
    };
    let share = |number: usize, holder: Holder, equity: Fen| {
        let share = Shareholding {
            cooperative: id("co-operative", 0),
            poverty_fund: holder.code() != "other",
            holder,
            equity,
            from,
            until: None,
        };
        Change::create(id("shareholding", number), village, share)
    };
    let mut changes = vec![Change::create(id("co-operative", 0), village, body)];
    for (number, heads) in HEADS.iter().enumerate() {
        let holder = Holder::Household(id("household", number));
        // 48万 among 62 people: 7,741.93… yuan a head, and the four fen that are left by largest remainder: to the two
        // households of three, and to the first two of the others.
        let fen = match (heads, number) {
            (3, _) => 2_322_581,
            (_, 0 | 1) => 3_096_775,
            _ => 3_096_774,
        };
        changes.push(share(number, holder, Fen(fen)));
    }
    let village_collective = Holder::Other(Code::parse("village-collective")?);
    changes.push(share(HEADS.len(), village_collective, OF_VILLAGE));
    let others = Holder::Other(Code::parse("other")?);
    changes.push(share(HEADS.len() + 1, others, OF_OTHERS));
    Ok(changes)
}

/// S2.4: whose the capital is.
pub(super) fn equity() -> Vec<Row<Sanming>> {
    let money = |what, source, read, falsify| {
        Row::<Sanming>::new(
            ("S2.4", what),
            Figure::Money(source),
            read,
            "one fen less",
            falsify,
        )
    };
    vec![
        Row::<Sanming>::new(
            ("S2.4", "households with equity"),
            Figure::Count(16),
            |sanming| {
                let shares = sanming.shares(|share| share.holder.household().is_some())?;
                Ok(Figure::Count(i64::try_from(shares.len())?))
            },
            "a household gives its equity up",
            |sanming| {
                let today = sanming.scene.today();
                let record = sanming.share(|share| share.holder.household().is_some())?;
                let share = Shareholding {
                    until: Some(today),
                    ..shareholding(&record)?.clone()
                };
                let close = Change::of(&record, Action::Close, share);
                sanming.scene.apply(vec![close])
            },
        ),
        Row::<Sanming>::new(
            ("S2.4", "people in them"),
            Figure::Count(62),
            |sanming| {
                let people = sanming.scene.total(&sanming.village, "people", 0)?;
                Ok(Figure::Count(people))
            },
            "somebody dies",
            |sanming| sanming.scene.let_somebody_go(&sanming.village),
        ),
        money(
            "capital of the co-operative",
            CAPITAL,
            |sanming| sanming.money("co-operative-capital", 0),
            |sanming| {
                let records = sanming.scene.list(Kind::Cooperative, &sanming.village)?;
                let record = records.first().context("no co-operative")?;
                let Body::Cooperative(cooperative) = &record.body else {
                    anyhow::bail!("not a co-operative")
                };
                let more = Cooperative {
                    capital: Fen(cooperative.capital.0 + 1),
                    ..cooperative.clone()
                };
                sanming.scene.change(record, more)
            },
        ),
        money(
            "equity of the households",
            OF_HOUSEHOLDS,
            |sanming| sanming.money("equity/household", 0),
            |sanming| sanming.take_a_fen(|share| share.holder.household().is_some()),
        ),
        money(
            "equity of the village collective",
            OF_VILLAGE,
            |sanming| sanming.money("equity/village-collective", 0),
            |sanming| sanming.take_a_fen(|share| share.holder.code() == "village-collective"),
        ),
    ]
}

/// S2.4: what the policy makes of the return, and what was paid.
pub(super) fn shares_of_return() -> Vec<Row<Sanming>> {
    let shown = |what, source: &str, remark, read| {
        Row::<Sanming>::new(
            ("S2.4", what),
            Figure::Shown(source.to_owned()),
            read,
            "10,000 yuan of equity change hands, and the policy runs again",
            Sanming::let_equity_go,
        )
        .remark(remark)
    };
    let paid = |what, source, remark, read| {
        Row::<Sanming>::new(
            ("S2.4", what),
            Figure::Money(source),
            read,
            "one fen of a payment is missing",
            Sanming::pay_a_fen_less,
        )
        .remark(remark)
    };
    vec![
        shown(
            "equity a head, in yuan",
            "7,742",
            "480,000 / 62 = 7,741.94, shown rounded; in fen it is shared by largest remainder",
            |sanming| sanming.argument("household-equity", 2),
        ),
        shown(
            "the village's share of the capital",
            "24.615 %",
            "32 / 130",
            |sanming| sanming.argument("village-equity", 1),
        ),
        paid(
            "60 % of a return of 64,000.03 yuan, for poor households",
            Fen(3_840_002),
            "by need, not a payout per share; the fen that does not divide is rounded",
            |sanming| sanming.paid(|share| share.holder.household().is_some()),
        ),
        paid(
            "40 % of it, for the village",
            Fen(2_560_001),
            "",
            |sanming| sanming.paid(|share| share.holder.code() == "village-collective"),
        ),
        paid(
            "distributed of the return",
            RETURN,
            "to the fen",
            |sanming| sanming.money("dividend/distributed", u32::from(YEAR)),
        ),
    ]
}

impl Sanming {
    /// The return of the year comes in, and what the policy makes of it is paid.
    pub(super) fn distribute(&mut self) -> anyhow::Result<()> {
        let dividend = Dividend {
            cooperative: id("co-operative", 0),
            year: Year::new(YEAR)?,
            amount: RETURN,
            payments: Vec::new(),
        };
        let own = Dividend::id_for(&dividend.cooperative, dividend.year);
        let village = self.village;
        self.scene
            .apply(vec![Change::create(own, village, dividend)])?;
        self.scene.evaluate("dividend")?;
        self.pay()
    }

    /// Pays what was decided; each payment names its decision.
    fn pay(&mut self) -> anyhow::Result<()> {
        let mut payments = Vec::new();
        for (record, decision) in self.decisions()? {
            if let Some(amount) = decision.amount {
                payments.push(Payment {
                    shareholding: decision.subject,
                    amount,
                    decision: Some(record),
                });
            }
        }
        let (record, mut dividend) = self.dividend()?;
        dividend.payments = payments;
        self.scene.change(&record, dividend)
    }

    fn decisions(&self) -> anyhow::Result<Vec<(RecordId, Decision)>> {
        let records = self.scene.list(Kind::Decision, &self.village)?;
        let decision = |record: Record| match record.body {
            Body::Decision(decision) if decision.purpose == "dividend" => {
                Some((record.id, decision))
            }
            _ => None,
        };
        Ok(records.into_iter().filter_map(decision).collect())
    }

    fn dividend(&self) -> anyhow::Result<(Record, Dividend)> {
        let records = self.scene.list(Kind::Dividend, &self.village)?;
        let record = records.into_iter().next().context("no dividend")?;
        match &record.body {
            Body::Dividend(dividend) => Ok((record.clone(), dividend.clone())),
            _ => anyhow::bail!("not a dividend"),
        }
    }

    fn shares(&self, is_it: impl Fn(&Shareholding) -> bool) -> anyhow::Result<Vec<Record>> {
        let mut records = self.scene.list(Kind::Shareholding, &self.village)?;
        records.retain(|record| shareholding(record).is_ok_and(&is_it));
        Ok(records)
    }

    fn share(&self, is_it: impl Fn(&Shareholding) -> bool) -> anyhow::Result<Record> {
        let shares = self.shares(is_it)?;
        shares.into_iter().next().context("no such shareholding")
    }

    fn money(&self, dimension: &str, period: u32) -> anyhow::Result<Figure> {
        let amount = self.scene.total(&self.village, dimension, period)?;
        Ok(Figure::Money(Fen(amount)))
    }

    /// What was paid to holders of a kind, from the payments.
    fn paid(&self, is_it: impl Fn(&Shareholding) -> bool) -> anyhow::Result<Figure> {
        let holders: Vec<RecordId> = self.shares(is_it)?.iter().map(|it| it.id).collect();
        let (_, dividend) = self.dividend()?;
        let payments = dividend.payments.iter();
        let paid = payments.filter(|payment| holders.contains(&payment.shareholding));
        Ok(Figure::Money(Fen(paid
            .map(|payment| payment.amount.0)
            .sum())))
    }

    /// What the policy tells people in a reason.
    fn argument(&self, reason: &str, place: usize) -> anyhow::Result<Figure> {
        let decisions = self.decisions()?;
        let mut reasons = decisions.iter().flat_map(|(_, decision)| &decision.reasons);
        let reason = reasons.find(|own| own.code.as_str() == reason);
        let argument = reason.and_then(|reason| reason.arguments.get(place));
        let argument = argument.context("the policy did not say so")?;
        Ok(Figure::Shown(argument.clone()))
    }

    fn take_a_fen(&mut self, is_it: impl Fn(&Shareholding) -> bool) -> anyhow::Result<()> {
        let record = self.share(is_it)?;
        let share = shareholding(&record)?;
        let less = Shareholding {
            equity: Fen(share.equity.0 - 1),
            ..share.clone()
        };
        self.scene.change(&record, less)
    }

    /// Every holder from poverty funds has 10,000 yuan less; then the policy runs again.
    fn let_equity_go(&mut self) -> anyhow::Result<()> {
        for record in self.shares(|share| share.poverty_fund)? {
            let share = shareholding(&record)?;
            let less = Shareholding {
                equity: Fen(share.equity.0 - 1_000_000),
                ..share.clone()
            };
            self.scene.change(&record, less)?;
        }
        self.scene.evaluate("dividend")
    }

    fn pay_a_fen_less(&mut self) -> anyhow::Result<()> {
        let (record, mut dividend) = self.dividend()?;
        // One of a household and one of the village, so that both shares change.
        for is_household in [true, false] {
            let holders =
                self.shares(|share| share.holder.household().is_some() == is_household)?;
            let of_them = |payment: &&mut Payment| {
                holders
                    .iter()
                    .any(|holder| holder.id == payment.shareholding)
            };
            let payment = dividend.payments.iter_mut().find(of_them);
            let payment = payment.context("nothing was paid")?;
            payment.amount = Fen(payment.amount.0 - 1);
            // It is not what was decided any more.
            payment.decision = None;
        }
        self.scene.change(&record, dividend)
    }
}

fn shareholding(record: &Record) -> anyhow::Result<&Shareholding> {
    match &record.body {
        Body::Shareholding(share) => Ok(share),
        _ => anyhow::bail!("not a shareholding"),
    }
}
