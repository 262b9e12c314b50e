use lika_core::{
    record::{Account, Approval, Direction, Fund, Officer, Side, Transfer},
    value::Fen,
};

use super::*;

const FUND: u32 = 1;
const OTHER_FUND: u32 = 2;
const OUTSIDE: u32 = 3;

/// Two officers, two funds and somebody outside.
fn ledger() -> Command {
    let county = area(COUNTY);
    let officer = |number| {
        let officer = Officer {
            grants: Vec::new(),
            cadre: None,
            locked: false,
            identity: None,
            password_hash: None,
        };
        Change::create(id("officer", number), county, officer)
    };
    let account = |number, side| {
        let name = Label::parse("账户").unwrap();
        Change::create(id("account", number), county, Account { name, side })
    };
    let fund = || {
        Side::Internal(Fund {
            channel: code("county-budget"),
            purpose: code("industry"),
            year: None,
            barred_from_living_expenses: false,
        })
    };
    let changes = vec![
        officer(1),
        officer(2),
        account(FUND, fund()),
        account(OTHER_FUND, fund()),
        account(OUTSIDE, Side::External),
    ];
    command("ledger", changes)
}

fn transfer(from: u32, to: u32, fen: i64) -> Transfer {
    let direction = match (from, to) {
        (OUTSIDE, _) => Direction::In,
        (_, OUTSIDE) => Direction::Out {
            used_for: code("industry"),
        },
        _ => Direction::Internal,
    };
    Transfer {
        from: id("account", from),
        to: id("account", to),
        amount: Fen(fen),
        on: date(2026, 3, 1),
        direction,
        channel: code("county-budget"),
        evidence: None,
        reverses: None,
        settles: None,
        approvals: Vec::new(),
    }
}

/// Proposes, and has both approve.
fn moved(store: &Store, number: u32, body: Transfer) -> Result<Receipt, Error> {
    let transfer = id("transfer", number);
    let proposed = Change::create(transfer, area(COUNTY), body);
    store.submit_blocking(command(&format!("propose {number}"), vec![proposed]))?;
    approve(store, number, 1)?;
    approve(store, number, 2)
}

fn approve(store: &Store, number: u32, officer: u32) -> Result<Receipt, Error> {
    let officer = id("officer", officer);
    let name = format!("approve {number} {officer}");
    let transfer = id("transfer", number);
    let approval = change(
        &name,
        &store.reader(),
        &transfer,
        Action::Change,
        |body| match body {
            Body::Transfer(body) => body.approvals.push(Approval {
                officer,
                cadre: None,
            }),
            other => panic!("{other:?}"),
        },
    );
    store.submit_blocking(Command {
        actor: ActorId(officer.0),
        ..approval
    })
}

fn balances(reader: &Reader) -> [i64; 3] {
    [FUND, OTHER_FUND, OUTSIDE].map(|number| reader.balance(&id("account", number)).unwrap().0)
}

#[test]
fn balances_are_the_same_after_reopening_and_after_a_rebuild() {
    let world = World::real();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    store.submit_blocking(ledger()).unwrap();
    moved(&store, 1, transfer(OUTSIDE, FUND, 1_000)).unwrap();
    moved(&store, 2, transfer(FUND, OTHER_FUND, 300)).unwrap();
    moved(&store, 3, transfer(OTHER_FUND, OUTSIDE, 100)).unwrap();
    let too_much = moved(&store, 4, transfer(FUND, OUTSIDE, 701));
    assert!(is_refused(&too_much, "below-zero"), "{too_much:?}");
    let expected = [700, 200, -900];
    assert_eq!(balances(&store.reader()), expected);
    assert_sound(&store);
    let before = picture(&store.reader());
    store.close().unwrap();

    let store = world.open().unwrap();
    assert_eq!(balances(&store.reader()), expected);
    let again = approve(&store, 4, 2);
    assert!(is_refused(&again, "below-zero"), "{again:?}");
    drop(store);

    std::fs::remove_dir_all(world.registry()).unwrap();
    let store = world.open().unwrap();
    assert_eq!(balances(&store.reader()), expected);
    assert_eq!(picture(&store.reader()), before);
    assert_sound(&store);
    // Emptied, a fund has no row any more, and nothing is left to be moved.
    moved(&store, 5, transfer(FUND, OUTSIDE, 700)).unwrap();
    assert_eq!(balances(&store.reader()), [0, 200, -200]);
    assert_sound(&store);
}
