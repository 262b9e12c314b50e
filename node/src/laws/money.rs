//! The ledger: accounts, what moves between them, what is owed and planned, and what a bank pays out.

use lika_core::{
    command::Change,
    log::Action,
    record::{
        Account, Approval, Body, BookClosing, Budget, Commitment, Decision, Direction, Entitlement,
        Fund, Household, HouseholdPayment, Officer, PaymentBatch, PaymentResult, PaymentReturn,
        Project, Sent, Side, Transfer,
    },
    value::{Date, Digest, Fen, RecordId, Year},
};

use super::{
    Move,
    county::{COUNTY, County, TOWNSHIPS, Try, area, code, edit, end, label},
    dice::Dice,
};

/// How often each is tried.
pub const MOVES: &[(usize, Move)] = &[
    (2, opens_an_account),
    (1, closes_an_account),
    (12, proposes_a_transfer),
    (30, approves_a_transfer),
    (2, withdraws_a_transfer),
    (4, reverses_a_transfer),
    (5, commits),
    (1, releases),
    (3, plans_a_budget),
    (1, closes_a_year),
    (8, proposes_a_batch),
    (14, approves_a_batch),
    (1, withdraws_a_batch),
    (10, sends_a_batch),
    (10, takes_a_batch_back),
];

const CHANNELS: [&str; 2] = ["county-budget", "donation"];

/// Outside, a fund of each channel, one of a township, one that is barred, one that guarantees loans, one for what is in transit.
pub fn begin(county: &County) -> Vec<Change> {
    let funds = [
        (COUNTY, "county-budget", "industry", false),
        (COUNTY, "donation", "general", false),
        (TOWNSHIPS[0], "county-budget", "household-fund", false),
        (COUNTY, "county-budget", "village-fund", true),
        (COUNTY, "county-budget", "guarantee", false),
        (COUNTY, "county-budget", "in-transit", true),
    ];
    let funds = (10..)
        .zip(funds)
        .map(|(place, (at, channel, purpose, barred))| {
            let side = fund(channel, purpose, barred);
            Change::create(county.fresh(place), area(at), account(side))
        });
    let outside = (0..2)
        .map(|place| Change::create(county.fresh(place), area(COUNTY), account(Side::External)));
    outside.chain(funds).collect()
}

/// Money for every fund but what is in transit: proposed, and approved by two people.
pub fn deposits(county: &County) -> Vec<[Try; 3]> {
    let funds = county.all::<Account>();
    let outside = funds.iter().find(|(_, own)| own.side == Side::External);
    let from = outside.map(|(record, _)| record.id);
    let mut officers = county.all::<Officer>();
    officers.sort_by_key(|(_, officer)| officer.cadre.is_some());
    let by = |place: usize| Approval {
        officer: officers[place].0.id,
        cadre: officers[place].1.cadre,
    };
    let (first, second) = (by(0), by(1));
    let deposits = (0..).zip(funds).filter_map(|(place, (to, account))| {
        let fund = fund_of(account).filter(|fund| fund.purpose != "in-transit")?;
        let transfer = Transfer {
            from: from?,
            to: to.id,
            amount: Fen(40_000),
            on: county.today(),
            direction: Direction::In,
            channel: fund.channel.clone(),
            evidence: None,
            reverses: None,
            settles: None,
            approvals: Vec::new(),
        };
        let proposed = Change::create(county.fresh(place), to.area, transfer.clone());
        let approved = |revision, approvals: &[Approval]| Change {
            action: Action::Change,
            expected_revision: revision,
            body: Transfer {
                approvals: approvals.to_vec(),
                ..transfer.clone()
            }
            .into(),
            ..proposed.clone()
        };
        let (once, twice) = (approved(1, &[first]), approved(2, &[first, second]));
        Some([
            Try::one(first.officer, proposed.clone()),
            Try::one(first.officer, once),
            Try::one(second.officer, twice),
        ])
    });
    deposits.collect()
}

fn account(side: Side) -> Account {
    Account {
        name: label("账户"),
        side,
    }
}

fn fund(channel: &str, purpose: &str, barred: bool) -> Side {
    Side::Internal(Fund {
        channel: code(channel),
        purpose: code(purpose),
        year: None,
        barred_from_living_expenses: barred,
    })
}

fn opens_an_account(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    if dice.once_in(3) {
        let (record, _) = county.any::<Account>(dice)?;
        let change = edit(record, |account: &mut Account| account.name = label("新名"));
        return Some(Try::one(office, change));
    }
    let purpose = dice.code("fund-purpose");
    let barred = dice.once_in(3);
    let side = fund(dice.one(&CHANNELS), purpose.as_str(), barred);
    let change = Change::create(county.fresh(0), area(COUNTY), account(side));
    Some(Try::one(office, change))
}

fn closes_an_account(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Account>(dice)?;
    Some(Try::one(office, end(record, |_: &mut Account| {})))
}

fn fund_of(account: &Account) -> Option<&Fund> {
    match &account.side {
        Side::Internal(fund) => Some(fund),
        Side::External => None,
    }
}

/// A day whose books are mostly open.
fn booked_on(county: &County, dice: &mut Dice<'_>) -> Date {
    match dice.below(12) {
        10 => Date::new(2015, 12, 31).unwrap(),
        11 => county.today().plus_days(1).unwrap(),
        _ => dice.before(county.today(), 20),
    }
}

fn proposes_a_transfer(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let is_settling = dice.once_in(5);
    let commitment = county.any::<Commitment>(dice).filter(|_| is_settling);
    let (from, giver) = match commitment {
        Some((_, commitment)) => {
            let record = county.records.get(&commitment.account)?;
            county.any_where(dice, |other, _: &Account| other.id == record.id)?
        }
        None => county.any::<Account>(dice)?,
    };
    let wanted = fund_of(giver);
    let fits = |account: &Account| match (wanted, fund_of(account)) {
        (Some(one), Some(other)) => one.channel == other.channel,
        (None, None) => false,
        _ => true,
    };
    let found = county.any_where(dice, |record, account: &Account| {
        record.id != from.id && fits(account)
    });
    let (to, taker) = if dice.once_in(10) {
        county.any::<Account>(dice)?
    } else {
        found?
    };
    let channel = wanted.or(fund_of(taker)).map(|fund| fund.channel.clone());
    let direction = match (wanted, fund_of(taker)) {
        (Some(_), None) => Direction::Out {
            used_for: match wanted.map(|fund| fund.purpose.as_str()) {
                Some("guarantee") => code(dice.one(&["guarantee-payment", "interest-subsidy"])),
                _ => dice.code("fund-use"),
            },
        },
        (Some(_), Some(_)) => Direction::Internal,
        (None, _) => Direction::In,
    };
    let most = if matches!(direction, Direction::In) {
        60_000
    } else {
        9_000
    };
    let amount = if dice.once_in(12) {
        Fen(1_000_000_000)
    } else {
        dice.fen(most)
    };
    let transfer = Transfer {
        from: from.id,
        to: to.id,
        amount,
        on: booked_on(county, dice),
        direction,
        channel: channel.unwrap_or_else(|| dice.code("fund-channel")),
        evidence: None,
        reverses: None,
        settles: commitment.map(|(record, _)| record.id),
        approvals: Vec::new(),
    };
    let at = match wanted {
        Some(_) => from.area,
        None => to.area,
    };
    Some(Try::one(
        office,
        Change::create(county.fresh(0), at, transfer),
    ))
}

/// Mostly by somebody who has not approved yet.
fn approver(county: &County, dice: &mut Dice<'_>, known: &[Approval]) -> Approval {
    if dice.once_in(6) {
        county.officer(dice)
    } else {
        county.another(dice, known)
    }
}

fn approves_a_transfer(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let waiting = county.any_where(dice, |_, transfer: &Transfer| !transfer.is_posted());
    let (record, transfer) = waiting.or_else(|| county.any::<Transfer>(dice))?;
    let by = approver(county, dice, &transfer.approvals);
    let change = edit(record, |transfer: &mut Transfer| {
        transfer.approvals.push(by)
    });
    Some(Try::one(by.officer, change))
}

fn withdraws_a_transfer(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Transfer>(dice)?;
    Some(Try::one(office, end(record, |_: &mut Transfer| {})))
}

fn reverses_a_transfer(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let posted = county.any_where(dice, |_, transfer: &Transfer| transfer.is_posted());
    let (record, undone) = if dice.once_in(5) {
        county.any::<Transfer>(dice)?
    } else {
        posted?
    };
    let reversal = Transfer {
        from: undone.to,
        to: undone.from,
        on: county.today(),
        reverses: Some(record.id),
        approvals: Vec::new(),
        ..undone.clone()
    };
    // It stands where the account is that the money leaves, or arrives at where it came from outside.
    let sides = [reversal.from, reversal.to].map(|id| county.records.get(&id));
    let kept = sides.into_iter().flatten().find(
        |record| matches!(&record.body, Body::Account(account) if fund_of(account).is_some()),
    );
    let change = Change::create(county.fresh(0), kept?.area, reversal);
    Some(Try::one(office, change))
}

fn commits(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let fund = county.any_where(dice, |_, account: &Account| fund_of(account).is_some());
    let (record, _) = if dice.once_in(8) {
        county.any::<Account>(dice)?
    } else {
        fund?
    };
    let project = county.any::<Project>(dice).map(|(record, _)| record.id);
    let commitment = Commitment {
        account: record.id,
        amount: dice.fen(5_000),
        on: dice.before(county.today(), 10),
        what_for: label("修路"),
        project: project.filter(|_| dice.once_in(3)),
    };
    let change = Change::create(county.fresh(0), record.area, commitment);
    Some(Try::one(office, change))
}

fn releases(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Commitment>(dice)?;
    Some(Try::one(office, end(record, |_: &mut Commitment| {})))
}

fn year(dice: &mut Dice<'_>) -> Year {
    Year::new(u16::try_from(2014 + dice.below(3)).unwrap()).unwrap()
}

fn plans_a_budget(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let budget = Budget {
        year: year(dice),
        channel: code(dice.one(&CHANNELS)),
        purpose: dice.code("fund-purpose"),
        amount: dice.fen(60_000),
    };
    let at = county.place(dice);
    let id = budget.id_for(&at);
    Some(Try::one(office, county.put(id, at, budget)))
}

fn closes_a_year(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (at, year) = (county.place(dice), year(dice));
    let id = BookClosing::id_for(&at, year);
    Some(Try::one(office, county.put(id, at, BookClosing { year })))
}

fn kept(county: &County, dice: &mut Dice<'_>, is_transit: bool) -> Option<RecordId> {
    let found = county.any_where(dice, |record, account: &Account| {
        record.area == area(COUNTY)
            && fund_of(account).is_some_and(|fund| {
                fund.channel == "county-budget" && (fund.purpose == "in-transit") == is_transit
            })
    });
    found.map(|(record, _)| record.id)
}

fn proposes_a_batch(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let mut payments: Vec<HouseholdPayment> = Vec::new();
    for _ in 0..=dice.below(2) {
        let (household, _) = county.any::<Household>(dice)?;
        let members = county.members(&household.id);
        let payee = dice
            .of(&members)
            .map_or(household.id, |(record, _)| record.id);
        if payments.iter().all(|it| it.household != household.id) {
            let decided = county.any_where(dice, |_, decision: &Decision| {
                decision.subject == household.id && decision.amount.is_some()
            });
            payments.push(HouseholdPayment {
                household: household.id,
                payee,
                amount: dice.fen(2_000),
                follows: decided.map(|(record, decision)| Entitlement {
                    decision: record.id,
                    evaluation: decision.evaluation,
                }),
                reissues: None,
            });
        }
    }
    if let Some((_, returned)) = county.any::<PaymentReturn>(dice)
        && dice.once_in(3)
    {
        let again = reissued(county, dice, returned)?;
        payments = vec![again];
    }
    let is_right = !dice.once_in(10);
    let batch = PaymentBatch {
        from: kept(county, dice, false)?,
        transit: kept(county, dice, is_right)?,
        used_for: code("industry"),
        on: booked_on(county, dice),
        payments,
        approvals: Vec::new(),
        sent: None,
    };
    let change = Change::create(county.fresh(0), area(COUNTY), batch);
    Some(Try::one(office, change))
}

/// A payment of a batch that came back, again: of one that failed where there is one.
fn reissued(
    county: &County,
    dice: &mut Dice<'_>,
    returned: &PaymentReturn,
) -> Option<HouseholdPayment> {
    let batch = county.records.get(&returned.batch)?;
    let Body::PaymentBatch(body) = &batch.body else {
        return None;
    };
    let failed = body
        .payments
        .iter()
        .find(|payment| returned.has_failed(&payment.household));
    let again = failed.or_else(|| dice.of(&body.payments))?;
    Some(HouseholdPayment {
        reissues: Some(batch.id),
        ..again.clone()
    })
}

fn approves_a_batch(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let waiting = county.any_where(dice, |_, batch: &PaymentBatch| !batch.is_posted());
    let (record, batch) = waiting.or_else(|| county.any::<PaymentBatch>(dice))?;
    let by = approver(county, dice, &batch.approvals);
    let change = edit(record, |batch: &mut PaymentBatch| batch.approvals.push(by));
    Some(Try::one(by.officer, change))
}

fn withdraws_a_batch(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<PaymentBatch>(dice)?;
    Some(Try::one(office, end(record, |_: &mut PaymentBatch| {})))
}

fn sends_a_batch(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let ready = county.any_where(dice, |_, batch: &PaymentBatch| {
        batch.is_posted() && batch.sent.is_none()
    });
    let (record, _) = if dice.once_in(6) {
        county.any::<PaymentBatch>(dice)?
    } else {
        ready?
    };
    let sent = Sent {
        on: county.today(),
        file: Digest([7; 32]),
        as_of: (1, 9),
    };
    let change = edit(record, |batch: &mut PaymentBatch| batch.sent = Some(sent));
    Some(Try::one(office, change))
}

fn takes_a_batch_back(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let sent = county.any_where(dice, |_, batch: &PaymentBatch| batch.sent.is_some());
    let (record, batch) = if dice.once_in(8) {
        county.any::<PaymentBatch>(dice)?
    } else {
        sent?
    };
    let (payees, _) =
        county.any_where(dice, |_, account: &Account| account.side == Side::External)?;
    let results = batch.payments.iter().map(|payment| PaymentResult {
        household: payment.household,
        amount: payment.amount,
        fault: dice.once_in(3).then(|| code("no-account")),
    });
    let returned = PaymentReturn {
        batch: record.id,
        from: batch.from,
        transit: batch.transit,
        payees: payees.id,
        channel: code("county-budget"),
        used_for: batch.used_for.clone(),
        on: county.today(),
        results: results.collect(),
    };
    let id = PaymentReturn::id_for(&record.id);
    Some(Try::one(office, county.put(id, record.area, returned)))
}
