//! The ledger: what moves money, what may not, and that none is made or lost.

mod laws;
mod payments;

use lika_core::{
    command::{Change, Registry as _},
    log::Action,
    record::{
        Account, Approval, BookClosing, Budget, Commitment, Direction, Fund, Officer, Side,
        Transfer,
    },
    value::{Fen, Label, RecordId},
};

use crate::county::*;

/// The county's industry fund; what its money is for is industry, never living expenses.
const INDUSTRY: RecordId = id(30);
/// A fund of the township, of the same channel and with the same bar.
const HOUSEHOLDS: RecordId = id(31);
/// A fund of the county of the same channel without a bar.
const UNBARRED: RecordId = id(32);
/// A fund of another channel.
const DONATIONS: RecordId = id(33);
/// Whom money comes from.
const TREASURY: RecordId = id(34);
/// Whom it goes to.
const SUPPLIER: RecordId = id(35);

const FIRST: RecordId = id(36);
const SECOND: RecordId = id(37);

/// The county, its accounts and two officers, with so many fen in the industry fund.
fn county(fen: i64) -> County {
    let mut county = County::new();
    let officer = |id: RecordId| {
        let officer = Officer {
            grants: Vec::new(),
            cadre: None,
            locked: false,
            identity: None,
            password_hash: None,
        };
        Change::create(id, area(COUNTY), officer)
    };
    county.must(vec![
        officer(FIRST),
        officer(SECOND),
        fund(INDUSTRY, COUNTY, "industry-fund", true),
        fund(HOUSEHOLDS, TOWNSHIP, "industry-fund", true),
        fund(UNBARRED, COUNTY, "industry-fund", false),
        fund(DONATIONS, COUNTY, "donation", false),
        external(TREASURY),
        external(SUPPLIER),
    ]);
    if fen > 0 {
        county.must(vec![proposal(NEW, income(INDUSTRY, fen))]);
        assert_eq!(post(&mut county, NEW), "done");
    }
    county
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn fund(id: RecordId, digits: &str, channel: &str, is_barred: bool) -> Change {
    let fund = Fund {
        channel: code(channel),
        purpose: code("industry"),
        year: None,
        barred_from_living_expenses: is_barred,
    };
    let account = Account {
        name: label("产业资金"),
        side: Side::Internal(fund),
    };
    Change::create(id, area(digits), account)
}

fn external(id: RecordId) -> Change {
    let account = Account {
        name: label("往来"),
        side: Side::External,
    };
    Change::create(id, area(COUNTY), account)
}

/// Money between two accounts, of channel industry-fund, on the day of the county.
fn transfer(from: RecordId, to: RecordId, fen: i64, direction: Direction) -> Transfer {
    Transfer {
        from,
        to,
        amount: Fen(fen),
        on: day(20161001),
        direction,
        channel: code("industry-fund"),
        evidence: None,
        reverses: None,
        settles: None,
        approvals: Vec::new(),
    }
}

fn income(to: RecordId, fen: i64) -> Transfer {
    transfer(TREASURY, to, fen, Direction::In)
}

fn expense(from: RecordId, fen: i64, used_for: &str) -> Transfer {
    let used_for = code(used_for);
    transfer(from, SUPPLIER, fen, Direction::Out { used_for })
}

fn moved(from: RecordId, to: RecordId, fen: i64) -> Transfer {
    transfer(from, to, fen, Direction::Internal)
}

/// What undoes a transfer.
fn reversal(of: RecordId, undone: &Transfer) -> Transfer {
    Transfer {
        from: undone.to,
        to: undone.from,
        reverses: Some(of),
        approvals: Vec::new(),
        ..undone.clone()
    }
}

fn proposal(id: RecordId, transfer: Transfer) -> Change {
    Change::create(id, area(COUNTY), transfer)
}

fn commitment(id: RecordId, account: RecordId, fen: i64) -> Change {
    let commitment = Commitment {
        account,
        amount: Fen(fen),
        on: day(20161001),
        what_for: label("修路"),
        project: None,
    };
    Change::create(id, area(COUNTY), commitment)
}

fn closing(digits: &str, of: u16) -> Change {
    let (area, year) = (area(digits), year(of));
    Change::create(BookClosing::id_for(&area, year), area, BookClosing { year })
}

fn approved(county: &County, transfer: RecordId, officer: RecordId) -> Change {
    county.edit(transfer, Action::Change, |body: &mut Transfer| {
        body.approvals.push(Approval {
            officer,
            cadre: None,
        });
    })
}

/// `done`, or the code of the refusal.
fn tried(county: &mut County, actor: RecordId, change: Change) -> &'static str {
    match county.decide_as(actor, vec![change]) {
        Ok(_) => "done",
        Err(refused) => refused.refusal.code(),
    }
}

/// Proposes as the first officer.
fn propose(county: &mut County, id: RecordId, transfer: Transfer) -> &'static str {
    tried(county, FIRST, proposal(id, transfer))
}

fn approve(county: &mut County, transfer: RecordId, officer: RecordId) -> &'static str {
    let change = approved(county, transfer, officer);
    tried(county, officer, change)
}

/// Both approve a proposal.
fn post(county: &mut County, transfer: RecordId) -> &'static str {
    match approve(county, transfer, FIRST) {
        "done" => approve(county, transfer, SECOND),
        refused => refused,
    }
}

/// Proposes and posts.
fn move_money(county: &mut County, id: RecordId, transfer: Transfer) -> &'static str {
    match propose(county, id, transfer) {
        "done" => post(county, id),
        refused => refused,
    }
}

fn balance(county: &County, account: RecordId) -> i64 {
    match county.registry.balance(&account) {
        Ok(balance) => balance.0,
        Err(never) => match never {},
    }
}

#[test]
fn the_money_moves_with_the_second_persons_approval() {
    let mut county = county(0);
    assert_eq!(propose(&mut county, NEW, income(INDUSTRY, 500)), "done");
    assert_eq!(balance(&county, INDUSTRY), 0);
    assert_eq!(approve(&mut county, NEW, FIRST), "done");
    assert_eq!(balance(&county, INDUSTRY), 0);
    assert_eq!(approve(&mut county, NEW, FIRST), "same-person");
    let for_another = approved(&county, NEW, SECOND);
    assert_eq!(tried(&mut county, FIRST, for_another), "not-the-approver");
    assert_eq!(approve(&mut county, NEW, SECOND), "done");
    assert_eq!(balance(&county, INDUSTRY), 500);
    assert_eq!(balance(&county, TREASURY), -500);
    let mut born_approved = income(INDUSTRY, 1);
    born_approved.approvals.push(Approval {
        officer: FIRST,
        cadre: None,
    });
    let refused = propose(&mut county, id(101), born_approved);
    assert_eq!(refused, "invalid-field");
}

#[test]
fn a_proposal_can_be_withdrawn_and_not_altered() {
    let mut county = county(0);
    county.must(vec![proposal(NEW, income(INDUSTRY, 500))]);
    type Edit = fn(&mut Transfer);
    let edits: [(&str, Edit); 9] = [
        ("from", |it| it.from = DONATIONS),
        ("to", |it| it.to = UNBARRED),
        ("amount", |it| it.amount = Fen(501)),
        ("on", |it| it.on = day(20160930)),
        ("direction", |it| it.direction = Direction::Internal),
        ("channel", |it| it.channel = code("donation")),
        ("evidence", |it| {
            it.evidence = Some(lika_core::value::Digest([1; 32]));
        }),
        ("reverses", |it| it.reverses = Some(NEW)),
        ("settles", |it| it.settles = Some(NEW)),
    ];
    for (field, edit) in edits {
        let change = county.edit(NEW, Action::Change, edit);
        let refused = county.decide(vec![change]).unwrap_err().to_string();
        assert!(refused.contains(&format!("{field}: stays")), "{refused}");
    }
    assert_eq!(approve(&mut county, NEW, FIRST), "done");
    let last_word = county.edit(NEW, Action::Close, |body: &mut Transfer| {
        body.approvals.push(Approval {
            officer: SECOND,
            cadre: None,
        });
    });
    assert_eq!(tried(&mut county, SECOND, last_word), "invalid-field");
    let withdraw = county.edit(NEW, Action::Close, |_: &mut Transfer| {});
    county.must(vec![withdraw]);
    assert_eq!(approve(&mut county, NEW, SECOND), "record-closed");
    assert_eq!(balance(&county, INDUSTRY), 0);
}

#[test]
fn a_posted_transfer_stays_as_it_is() {
    let mut county = county(500);
    for action in [Action::Change, Action::Close] {
        let change = county.edit(NEW, action, |_: &mut Transfer| {});
        assert_eq!(tried(&mut county, FIRST, change), "transfer-posted");
    }
}

#[test]
fn no_fund_goes_below_zero() {
    let mut county = county(500);
    let spent = expense(INDUSTRY, 501, "industry");
    county.must(vec![proposal(id(101), spent)]);
    assert_eq!(approve(&mut county, id(101), FIRST), "done");
    assert_eq!(approve(&mut county, id(101), SECOND), "below-zero");
    assert_eq!(balance(&county, INDUSTRY), 500);
    // It posts as soon as there is enough.
    assert_eq!(
        move_money(&mut county, id(102), income(INDUSTRY, 1)),
        "done"
    );
    assert_eq!(approve(&mut county, id(101), SECOND), "done");
    assert_eq!(balance(&county, INDUSTRY), 0);
}

#[test]
fn an_earlier_change_of_a_command_counts() {
    let mut county = county(500);
    for (transfer, fen) in [(id(101), 400), (id(102), 200)] {
        county.must(vec![proposal(transfer, expense(INDUSTRY, fen, "industry"))]);
        assert_eq!(approve(&mut county, transfer, FIRST), "done");
    }
    let both = vec![
        approved(&county, id(101), SECOND),
        approved(&county, id(102), SECOND),
    ];
    let refused = county.decide_as(SECOND, both).unwrap_err();
    assert_eq!((refused.change, refused.refusal.code()), (1, "below-zero"));
    assert_eq!(balance(&county, INDUSTRY), 500);
}

#[test]
fn what_is_barred_from_living_expenses_stays_so() {
    let mut county = county(500);
    for (transfer, expected) in [
        (expense(INDUSTRY, 1, "living-expenses"), "barred-use"),
        // Nor through an account without the bar.
        (moved(INDUSTRY, UNBARRED, 1), "barred-use"),
        (moved(INDUSTRY, HOUSEHOLDS, 1), "done"),
        (expense(INDUSTRY, 1, "industry"), "done"),
        (expense(UNBARRED, 1, "living-expenses"), "done"),
        (moved(UNBARRED, INDUSTRY, 1), "done"),
    ] {
        let mut county = County {
            registry: county.registry.clone(),
        };
        let shown = format!("{transfer:?}");
        assert_eq!(propose(&mut county, id(101), transfer), expected, "{shown}");
    }
    // What was undone is where it was.
    let into = moved(UNBARRED, INDUSTRY, 5);
    assert_eq!(
        move_money(&mut county, id(101), income(UNBARRED, 5)),
        "done"
    );
    assert_eq!(move_money(&mut county, id(102), into.clone()), "done");
    let back = reversal(id(102), &into);
    assert_eq!(move_money(&mut county, id(103), back), "done");
}

#[test]
fn a_transfer_says_what_it_is() {
    let mut county = county(500);
    let donated = |transfer| Transfer {
        channel: code("donation"),
        ..transfer
    };
    let out = Direction::Out {
        used_for: code("industry"),
    };
    for (transfer, expected) in [
        (donated(income(INDUSTRY, 1)), "other-channel"),
        (moved(INDUSTRY, DONATIONS, 1), "other-channel"),
        (moved(DONATIONS, INDUSTRY, 1), "other-channel"),
        (
            transfer(TREASURY, SUPPLIER, 1, Direction::In),
            "invalid-field",
        ),
        (transfer(INDUSTRY, UNBARRED, 1, out), "invalid-field"),
        (
            transfer(TREASURY, INDUSTRY, 1, Direction::Internal),
            "invalid-field",
        ),
        (transfer(TREASURY, NEW, 1, Direction::In), "no-such-record"),
        // The money of a township is moved in the township.
        (moved(HOUSEHOLDS, INDUSTRY, 1), "other-area"),
        (income(HOUSEHOLDS, 1), "other-area"),
        (
            Transfer {
                on: day(20161002),
                ..income(INDUSTRY, 1)
            },
            "in-the-future",
        ),
    ] {
        let shown = format!("{transfer:?}");
        assert_eq!(propose(&mut county, id(101), transfer), expected, "{shown}");
    }
    let own = Change::create(id(101), area(TOWNSHIP), income(HOUSEHOLDS, 1));
    assert_eq!(tried(&mut county, FIRST, own), "done");
    let message = |transfer: Transfer| {
        let message = lika_core::record::Body::from(transfer).message();
        let parsed = lika_core::record::Body::parse(message);
        parsed.map_err(|fault| fault.to_string())
    };
    let to_itself = message(moved(INDUSTRY, INDUSTRY, 1)).unwrap_err();
    assert!(to_itself.starts_with("to: "), "{to_itself}");
    let nothing = message(income(INDUSTRY, 0)).unwrap_err();
    assert!(nothing.starts_with("amount: "), "{nothing}");
}

#[test]
fn a_transfer_is_undone_once_by_its_mirror_image() {
    let mut county = county(500);
    let spent = expense(INDUSTRY, 200, "industry");
    county.must(vec![proposal(id(101), spent.clone())]);
    let back = reversal(id(101), &spent);
    let early = propose(&mut county, id(102), back.clone());
    assert_eq!(early, "transfer-not-posted");
    assert_eq!(post(&mut county, id(101)), "done");
    type Edit = fn(&mut Transfer);
    let edits: [Edit; 6] = [
        |it| it.amount = Fen(199),
        |it| it.from = TREASURY,
        |it| it.to = UNBARRED,
        |it| it.on = day(20160930),
        |it| it.direction = Direction::In,
        |it| it.channel = code("donation"),
    ];
    for edit in edits {
        let mut other = back.clone();
        edit(&mut other);
        let shown = format!("{other:?}");
        assert_eq!(
            propose(&mut county, id(102), other),
            "invalid-field",
            "{shown}"
        );
    }
    assert_eq!(move_money(&mut county, id(102), back.clone()), "done");
    assert_eq!(balance(&county, INDUSTRY), 500);
    assert_eq!(
        propose(&mut county, id(103), back.clone()),
        "already-reversed"
    );
    let again = reversal(id(102), &back);
    assert_eq!(propose(&mut county, id(103), again), "invalid-field");
    // It takes away what it has undone.
    let tallies = |id| -> i64 {
        let tallies = county.registry.get(id).body.tallies();
        tallies.iter().map(|tally| tally.value).sum()
    };
    assert_eq!((tallies(id(101)), tallies(id(102))), (400, -400));
}

#[test]
fn undoing_takes_no_fund_below_zero() {
    let mut county = county(500);
    let spent = expense(INDUSTRY, 200, "industry");
    assert_eq!(move_money(&mut county, id(101), spent), "done");
    let undone = reversal(NEW, &income(INDUSTRY, 500));
    assert_eq!(move_money(&mut county, id(102), undone), "below-zero");
}

#[test]
fn a_closed_year_stays_as_it_is() {
    let mut county = county(500);
    let of_2015 = Transfer {
        on: day(20151231),
        ..income(INDUSTRY, 7)
    };
    assert_eq!(move_money(&mut county, id(101), of_2015.clone()), "done");
    county.must(vec![proposal(id(102), of_2015.clone())]);
    assert_eq!(approve(&mut county, id(102), FIRST), "done");
    let planned = Budget {
        year: year(2015),
        channel: code("donation"),
        purpose: code("industry"),
        amount: Fen(5),
    };
    let budget = planned.id_for(&area(TOWNSHIP));
    county.must(vec![Change::create(budget, area(TOWNSHIP), planned)]);

    assert_eq!(
        tried(&mut county, FIRST, closing(COUNTY, 2016)),
        "year-not-over"
    );
    let elsewhere = Change {
        id: id(103),
        ..closing(COUNTY, 2015)
    };
    assert_eq!(tried(&mut county, FIRST, elsewhere), "wrong-id");
    county.must(vec![closing(COUNTY, 2015)]);

    assert_eq!(approve(&mut county, id(102), SECOND), "year-closed");
    assert_eq!(
        propose(&mut county, id(103), of_2015.clone()),
        "year-closed"
    );
    let below = Transfer {
        to: HOUSEHOLDS,
        ..of_2015.clone()
    };
    let below = Change::create(id(103), area(TOWNSHIP), below);
    assert_eq!(tried(&mut county, FIRST, below), "year-closed");
    let more = county.edit(budget, Action::Change, |it: &mut Budget| it.amount = Fen(6));
    assert_eq!(tried(&mut county, FIRST, more), "year-closed");
    let closed = BookClosing::id_for(&area(COUNTY), year(2015));
    for action in [Action::Change, Action::Close] {
        let record = county.registry.get(closed);
        let change = Change::of(record, action, record.body.clone());
        assert_eq!(tried(&mut county, FIRST, change), "year-closed");
    }
    let withdraw = county.edit(id(102), Action::Close, |_: &mut Transfer| {});
    county.must(vec![withdraw]);
    // What is wrong in a closed year is put right in an open one.
    let undone = Transfer {
        on: day(20161001),
        ..reversal(id(101), &of_2015)
    };
    assert_eq!(move_money(&mut county, id(104), undone), "done");
    assert_eq!(balance(&county, INDUSTRY), 500);
}

#[test]
fn a_township_closes_its_own_books_only() {
    let mut county = county(0);
    county.must(vec![closing(TOWNSHIP, 2015)]);
    let of_2015 = |to| Transfer {
        on: day(20151231),
        ..income(to, 7)
    };
    assert_eq!(propose(&mut county, id(101), of_2015(INDUSTRY)), "done");
    let own = Change::create(id(102), area(TOWNSHIP), of_2015(HOUSEHOLDS));
    assert_eq!(tried(&mut county, FIRST, own), "year-closed");
    // Nor does money of the county reach it there.
    let given = Transfer {
        on: day(20151231),
        ..moved(INDUSTRY, HOUSEHOLDS, 1)
    };
    assert_eq!(propose(&mut county, id(102), given), "year-closed");
}

#[test]
fn what_is_owed_is_nobody_elses() {
    let mut county = county(500);
    const OWED: RecordId = id(110);
    county.must(vec![commitment(OWED, INDUSTRY, 300)]);
    let more = commitment(id(111), INDUSTRY, 201);
    assert_eq!(tried(&mut county, FIRST, more), "over-committed");
    let of_supplier = commitment(id(111), SUPPLIER, 1);
    assert_eq!(tried(&mut county, FIRST, of_supplier), "invalid-field");
    let altered = county.edit(OWED, Action::Change, |it: &mut Commitment| {
        it.amount = Fen(1)
    });
    assert_eq!(tried(&mut county, FIRST, altered), "invalid-field");

    let spent = |fen| expense(INDUSTRY, fen, "industry");
    assert_eq!(
        move_money(&mut county, id(101), spent(201)),
        "over-committed"
    );
    assert_eq!(move_money(&mut county, id(102), spent(200)), "done");
    let settling = |fen| Transfer {
        settles: Some(OWED),
        ..spent(fen)
    };
    assert_eq!(
        propose(&mut county, id(103), settling(301)),
        "beyond-commitment"
    );
    let of_another = Transfer {
        settles: Some(OWED),
        ..expense(UNBARRED, 1, "industry")
    };
    assert_eq!(propose(&mut county, id(103), of_another), "invalid-field");
    // Two proposals may compete for it; what is owed is paid once.
    county.must(vec![
        proposal(id(103), settling(180)),
        proposal(id(104), settling(180)),
    ]);
    assert_eq!(post(&mut county, id(103)), "done");
    assert_eq!(post(&mut county, id(104)), "beyond-commitment");
    assert_eq!(balance(&county, INDUSTRY), 120);
    assert_eq!(move_money(&mut county, id(105), spent(1)), "over-committed");
    // Undone, it is owed again.
    let undone = reversal(id(103), &settling(180));
    assert_eq!(move_money(&mut county, id(106), undone), "done");
    assert_eq!(post(&mut county, id(104)), "done");
    // Closed, nothing of it is.
    let close = county.edit(OWED, Action::Close, |_: &mut Commitment| {});
    county.must(vec![close]);
    assert_eq!(propose(&mut county, id(107), settling(1)), "no-such-record");
    assert_eq!(approve(&mut county, id(105), SECOND), "done");
}

#[test]
fn what_is_owed_stays_covered_when_a_settlement_between_funds_is_undone() {
    let mut county = county(500);
    const OWED: RecordId = id(110);
    county.must(vec![commitment(OWED, INDUSTRY, 300)]);
    let settling = Transfer {
        settles: Some(OWED),
        ..moved(INDUSTRY, HOUSEHOLDS, 300)
    };
    assert_eq!(move_money(&mut county, id(103), settling.clone()), "done");
    let there = balance(&county, HOUSEHOLDS);
    let owed = Change {
        area: area(TOWNSHIP),
        ..commitment(id(111), HOUSEHOLDS, there)
    };
    county.must(vec![owed]);
    let undone = Change {
        area: area(TOWNSHIP),
        ..proposal(id(104), reversal(id(103), &settling))
    };
    county.must(vec![undone]);
    assert_eq!(post(&mut county, id(104)), "over-committed");
    assert_eq!(balance(&county, HOUSEHOLDS), there);
}

#[test]
fn an_account_stays_what_it_is_and_is_closed_empty() {
    let mut county = county(500);
    let rename = county.edit(INDUSTRY, Action::Change, |it: &mut Account| {
        it.name = label("产业扶贫资金");
    });
    county.must(vec![rename]);
    let unbar = county.edit(INDUSTRY, Action::Change, |it: &mut Account| {
        if let Side::Internal(fund) = &mut it.side {
            fund.barred_from_living_expenses = false;
        }
    });
    assert_eq!(tried(&mut county, FIRST, unbar), "invalid-field");
    let turn = county.edit(INDUSTRY, Action::Change, |it: &mut Account| {
        it.side = Side::External;
    });
    assert_eq!(tried(&mut county, FIRST, turn), "invalid-field");
    for account in [INDUSTRY, TREASURY] {
        let close = county.edit(account, Action::Close, |_: &mut Account| {});
        assert_eq!(tried(&mut county, FIRST, close), "account-not-empty");
    }
    county.must(vec![proposal(id(101), income(UNBARRED, 1))]);
    let close = county.edit(UNBARRED, Action::Close, |_: &mut Account| {});
    county.must(vec![close]);
    assert_eq!(approve(&mut county, id(101), FIRST), "no-such-record");
}
