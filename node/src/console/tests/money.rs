//! The page of an account says what is on it.

use axum::http::StatusCode;
use lika_core::{
    command::{Change, Command},
    log::Action,
    record::{Account, Approval, Direction, Fund, Side, Transfer},
    value::{ActorId, Code, Date, Fen, Label, RecordId, RequestId},
};

use super::{
    Browser,
    world::{COUNTY, World, area},
};

const FUND: RecordId = RecordId([70; 16]);
const OUTSIDE: RecordId = RecordId([71; 16]);
const TRANSFER: RecordId = RecordId([72; 16]);
const OFFICERS: [RecordId; 2] = [RecordId([30; 16]), RecordId([33; 16])];

fn account(id: RecordId, side: Side) -> Change {
    let name = Label::parse("产业资金").unwrap();
    Change::create(id, area(COUNTY), Account { name, side })
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

/// 50,000 yuan come in, approved by two.
async fn give(world: &World) {
    let fund = Side::Internal(Fund {
        channel: code("county-budget"),
        purpose: code("industry"),
        year: None,
        barred_from_living_expenses: true,
    });
    let mut transfer = Transfer {
        from: OUTSIDE,
        to: FUND,
        amount: Fen(5_000_000),
        on: Date::from_number(20160301).unwrap(),
        direction: Direction::In,
        channel: code("county-budget"),
        evidence: None,
        reverses: None,
        settles: None,
        approvals: Vec::new(),
    };
    let submit = async |number: u8, actor: RecordId, changes| {
        let command = Command {
            request: RequestId([number; 16]),
            actor: ActorId(actor.0),
            changes,
        };
        world.gateway.store().submit(command).await.unwrap();
    };
    let changes = vec![
        account(FUND, fund),
        account(OUTSIDE, Side::External),
        Change::create(TRANSFER, area(COUNTY), transfer.clone()),
    ];
    submit(70, OFFICERS[0], changes).await;
    for (seen, officer) in (1..).zip(OFFICERS) {
        transfer.approvals.push(Approval {
            officer,
            cadre: None,
        });
        let approval = Change {
            action: Action::Change,
            expected_revision: seen,
            ..Change::create(TRANSFER, area(COUNTY), transfer.clone())
        };
        let number = 70 + u8::try_from(seen).unwrap();
        submit(number, officer, vec![approval]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_shows_what_is_on_it() {
    let world = World::county();
    give(&world).await;
    let mut browser = Browser::of(world, "county").await;
    let page = browser.get(&format!("/records/{FUND}/history")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    for line in [
        "余额 | 50,000.00",
        "其中已承诺 | 0.00",
        "资金渠道 | 县级财政",
    ] {
        assert!(page.text().contains(line), "{line}: {}", page.text());
    }
    let transfer = format!("/records/{TRANSFER}/history?lang=en");
    let transfer = browser.get(&transfer).await.text();
    for line in [
        "Amount | 50,000.00",
        "Approvals | 1/2 | 2/2",
        "Posted | no | yes",
    ] {
        assert!(transfer.contains(line), "{line}: {transfer}");
    }
    assert!(!transfer.contains("Balance"), "{transfer}");
}
