//! The card says what the household owes, how it kept its loans, and whether it is blacklisted.

use axum::http::StatusCode;
use lika_core::{
    command::{Change, Command},
    loan::Method,
    log::Action,
    record::{Approval, Blacklisting, BlacklistingTexts, Enterprise, Loan, LoanStage, LoanStep},
    value::{ActorId, Code, Date, Fen, Label, Ppm, RecordId, RequestId, Text},
};

use super::{
    Browser,
    world::{COUNTY, HOUSEHOLD, VILLAGE, World, area},
};

const LENDER: RecordId = RecordId([73; 16]);
const LOAN: RecordId = RecordId([74; 16]);
const LISTING: RecordId = RecordId([75; 16]);
const OFFICERS: [RecordId; 2] = [RecordId([30; 16]), RecordId([33; 16])];

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn day(number: u32) -> Date {
    Date::from_number(number).unwrap()
}

fn by(officer: RecordId) -> Approval {
    Approval {
        officer,
        cadre: None,
    }
}

/// 5,000 yuan for the year from 1 October 2015, of which nothing came back.
async fn lend(world: &World) {
    let submit = async |number: u8, actor: RecordId, changes| {
        let command = Command {
            request: RequestId([number; 16]),
            actor: ActorId(actor.0),
            changes,
        };
        world.gateway.store().submit(command).await.unwrap();
    };
    let lender = Enterprise {
        name: Label::parse("农村信用社").unwrap(),
        kind: code("lender"),
    };
    let lender = Change::create(LENDER, area(COUNTY), lender);
    submit(80, OFFICERS[0], vec![lender]).await;
    let mut loan = Loan {
        household: HOUSEHOLD,
        member: None,
        lender: LENDER,
        fund: None,
        guarantor: None,
        purpose: code("livestock"),
        amount: Fen(500_000),
        months: 12,
        rate: Ppm(60_000),
        method: Method::Bullet,
        steps: Vec::new(),
        repayments: Vec::new(),
        subsidies: Vec::new(),
        recourse: None,
    };
    let stages = [
        (LoanStage::Applied, OFFICERS[0]),
        (LoanStage::Approved, OFFICERS[1]),
        (LoanStage::Disbursed, OFFICERS[0]),
    ];
    for (seen, (stage, officer)) in (0..).zip(stages) {
        loan.steps.push(LoanStep {
            stage,
            on: day(20151001),
            by: by(officer),
            decision: None,
            excuse: None,
        });
        let action = match seen {
            0 => Action::Create,
            _ => Action::Change,
        };
        let change = Change {
            action,
            expected_revision: seen,
            ..Change::create(LOAN, area(VILLAGE), loan.clone())
        };
        let number = 81 + u8::try_from(seen).unwrap();
        submit(number, officer, vec![change]).await;
    }
    let listing = Blacklisting {
        household: HOUSEHOLD,
        member: None,
        reason: code("diversion"),
        loan: Some(LOAN),
        from: day(20161001),
        until: day(20191001),
        by: by(OFFICERS[0]),
        appeal: None,
        texts: Some(BlacklistingTexts {
            ground: Some(Text::parse("买了摩托车").unwrap()),
            ..BlacklistingTexts::default()
        }),
    };
    let listing = Change::create(LISTING, area(VILLAGE), listing);
    submit(90, OFFICERS[0], vec![listing]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_says_what_is_owed() {
    let world = World::county();
    lend(&world).await;
    let mut browser = Browser::of(world, "county").await;
    let card = browser
        .get(&format!("/households/{HOUSEHOLD}?lang=en"))
        .await;
    assert_eq!(card.status, StatusCode::OK, "{}", card.text());
    // 380 days until 15 October 2016 at 6 %.
    for line in [
        "Blacklisted: nothing is lent",
        "Owed with interest, yuan 5,316.67",
        "livestock | 5,000.00 | 2015-10-01 | overdue | 5,316.67",
    ] {
        assert!(card.text().contains(line), "{line}: {}", card.text());
    }
    let loan = browser.get(&format!("/records/{LOAN}/history")).await;
    for line in ["贷款金额 | 5,000.00", "还款方式 | 利随本清"] {
        assert!(loan.text().contains(line), "{line}: {}", loan.text());
    }
    let listing = browser.get(&format!("/records/{LISTING}/history")).await;
    for line in ["原因 | 挪用贷款", "事实 | 买了摩托车"] {
        assert!(listing.text().contains(line), "{line}: {}", listing.text());
    }
}
