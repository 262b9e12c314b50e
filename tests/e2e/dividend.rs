//! The dividend of a village co-operative (S2.4) from the first record to the last fen, through the public API only.

use std::collections::BTreeMap;

use lika_proto::{
    log::v1::{self as log, Action, Kind, decision::Outcome},
    v1::{self, record::Body},
};
use lika_sdk::{Fen, share_by_largest_remainder};
use lika_tests::{Client, Node, built, create, new, request};

const COUNTY: &str = "360323";
const TOWNSHIP: &str = "360323101";
const VILLAGE: &str = "360323101201";

/// 62 people in 16 households.
const HEADS: [i64; 16] = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3];
/// In fen: 130万, of which 48万 are the households', 32万 the village's and 50万 others'.
const CAPITAL: i64 = 130_000_000;
const EQUITY_OF_HOUSEHOLDS: i64 = 48_000_000;
const EQUITY_OF_VILLAGE: i64 = 32_000_000;
const EQUITY_OF_OTHERS: i64 = 50_000_000;
/// A return on the 80万 that divides by nothing.
const RETURN: i64 = 6_400_003;

const COOPERATIVE: [u8; 16] = [0xC0; 16];
const OF_VILLAGE: [u8; 16] = [0xF0; 16];
const OF_OTHERS: [u8; 16] = [0xF1; 16];

/// The id of a household, of its head, of its shareholding: the first byte says which of them.
fn id(what: u8, number: usize) -> [u8; 16] {
    let mut id = [what; 16];
    id[15] = u8::try_from(number).unwrap();
    id
}

fn areas() -> Vec<v1::Change> {
    let area = |code: &str, name: &str| {
        let open = log::area::Open {
            code: code.to_owned(),
            name: name.to_owned(),
            ..log::area::Open::default()
        };
        create(code, Body::AreaRecord(log::Area { open: Some(open) }))
    };
    vec![area(TOWNSHIP, "嵩溪镇"), area(VILLAGE, "元山村")]
}

/// Everybody is able to work but the people of the first household; the second has two pupils.
fn household(number: usize, heads: i64) -> Vec<v1::Change> {
    let open = log::household::Open {
        r#type: "general".to_owned(),
        ..log::household::Open::default()
    };
    let household = log::Household {
        open: Some(open),
        ..log::Household::default()
    };
    let mut changes = vec![new(id(0x10, number), VILLAGE, Body::Household(household))];
    for place in 0..heads {
        let is_pupil = number == 1 && place >= 2;
        let labour = if number == 0 || is_pupil {
            "none"
        } else {
            "ordinary"
        };
        let open = log::member::Open {
            household: id(0x10, number).to_vec(),
            from: 20_160_101,
            relation: if place == 0 { "02" } else { "99" }.to_owned(),
            labour: labour.to_owned(),
            schooling: if is_pupil { "primary" } else { "none" }.to_owned(),
            ..log::member::Open::default()
        };
        let member = log::Member {
            open: Some(open),
            ..log::Member::default()
        };
        changes.push(create(VILLAGE, Body::Member(member)));
    }
    changes
}

fn share(id: [u8; 16], holder: &str, household: Option<[u8; 16]>, equity: i64) -> v1::Change {
    let open = log::shareholding::Open {
        cooperative: COOPERATIVE.to_vec(),
        holder: holder.to_owned(),
        household: household.map(Vec::from).unwrap_or_default(),
        equity,
        poverty_fund: holder != "other",
        from: 20_160_101,
        until: 0,
    };
    new(
        id,
        VILLAGE,
        Body::Shareholding(log::Shareholding { open: Some(open) }),
    )
}

fn cooperative() -> Vec<v1::Change> {
    let open = log::cooperative::Open {
        name: "元山村创业基金合作社".to_owned(),
        capital: CAPITAL,
    };
    let cooperative = log::Cooperative { open: Some(open) };
    let mut changes = vec![new(COOPERATIVE, VILLAGE, Body::Cooperative(cooperative))];
    let equities = share_by_largest_remainder(Fen::new(EQUITY_OF_HOUSEHOLDS), &HEADS).unwrap();
    for (number, equity) in equities.iter().enumerate() {
        let household = Some(id(0x10, number));
        changes.push(share(
            id(0x20, number),
            "household",
            household,
            equity.get(),
        ));
    }
    changes.push(share(
        OF_VILLAGE,
        "village-collective",
        None,
        EQUITY_OF_VILLAGE,
    ));
    changes.push(share(OF_OTHERS, "other", None, EQUITY_OF_OTHERS));
    changes
}

fn dividend(payments: Vec<log::dividend::Payment>) -> Body {
    let open = log::dividend::Open {
        cooperative: COOPERATIVE.to_vec(),
        year: 2020,
        amount: RETURN,
        payments,
    };
    Body::Dividend(log::Dividend { open: Some(open) })
}

/// Decisions with their records' ids, by the shareholding that they are about.
type Decisions = BTreeMap<Vec<u8>, (Vec<u8>, log::decision::Open)>;

fn decisions(client: &Client) -> Decisions {
    let records = client.list(Kind::Decision, VILLAGE).unwrap();
    let decision = |record: v1::Record| match record.body {
        Some(Body::Decision(decision)) => {
            let open = decision.open.unwrap();
            assert_eq!(open.purpose, "dividend");
            assert_eq!(
                open.subject_kind,
                u32::try_from(i32::from(Kind::Shareholding)).unwrap()
            );
            (open.subject.clone(), (record.id, open))
        }
        other => panic!("not a decision: {other:?}"),
    };
    records.into_iter().map(decision).collect()
}

fn argument(decision: &log::decision::Open, reason: &str, place: usize) -> String {
    let found = decision.reasons.iter().find(|own| own.code == reason);
    found
        .unwrap_or_else(|| panic!("no {reason} in {decision:?}"))
        .arguments[place]
        .clone()
}

/// Registers the village with its people and the co-operative; the record of the dividend.
#[track_caller]
fn register(client: &Client) -> Vec<u8> {
    client.apply(request(), areas()).unwrap();
    let households = HEADS
        .iter()
        .enumerate()
        .flat_map(|(number, heads)| household(number, *heads));
    client.apply(request(), households.collect()).unwrap();
    client.apply(request(), cooperative()).unwrap();
    let dividend = create(VILLAGE, dividend(Vec::new()));
    let applied = client.apply(request(), vec![dividend]).unwrap();
    let totals = client.totals(VILLAGE);
    assert_eq!((totals["households"], totals["people"]), (16, 62));
    applied.applied[0].id.clone()
}

#[track_caller]
fn must_be_shared_by_need(decisions: &Decisions) {
    let amount = |holder: &[u8]| decisions[holder].1.amount.unwrap_or(0);
    // 60 % and the fen that does not divide; 40 %.
    let of_households: Vec<i64> = (0..16).map(|number| amount(&id(0x20, number))).collect();
    assert_eq!(of_households.iter().sum::<i64>(), 3_840_002);
    assert_eq!(amount(&OF_VILLAGE), 2_560_001);
    assert_eq!(amount(&OF_OTHERS), 0);
    // By need: a point a head, two more without labour, one more a pupil; 66 points in all.
    let need: Vec<i64> = HEADS
        .iter()
        .enumerate()
        .map(|(number, heads)| heads + if number < 2 { 2 } else { 0 })
        .collect();
    let expected = share_by_largest_remainder(Fen::new(3_840_002), &need).unwrap();
    let expected: Vec<i64> = expected.into_iter().map(Fen::get).collect();
    assert_eq!(of_households, expected);
    // The same equity and another need: not a payout per share.
    assert!(of_households[0] > of_households[2]);
}

#[track_caller]
fn must_show_the_figures_of_the_document(decisions: &Decisions) {
    for number in 0..16 {
        let decision = &decisions[&id(0x20, number)[..]].1;
        assert_eq!(argument(decision, "household-equity", 2), "7,742");
        let mut reasons = decision.reasons.iter();
        let differs = reasons.any(|own| own.code == "equity-differs");
        assert!(!differs, "{decision:?}");
    }
    let village = &decisions[&OF_VILLAGE[..]].1;
    assert_eq!(argument(village, "village-equity", 1), "24.615 %");
    let others = &decisions[&OF_OTHERS[..]].1;
    assert_eq!(others.outcome, i32::from(Outcome::Refused));
    assert_eq!(argument(others, "not-poverty-fund", 1), "38.462 %");
}

/// What was decided is paid, and the payment says by which decision.
#[track_caller]
fn pay(client: &Client, dividend_id: &[u8], decisions: &Decisions) {
    let payment = |(holder, (id, decision)): (&Vec<u8>, &(Vec<u8>, log::decision::Open))| {
        Some(log::dividend::Payment {
            shareholding: holder.clone(),
            amount: decision.amount?,
            decision: id.clone(),
        })
    };
    let payments: Vec<_> = decisions.iter().filter_map(payment).collect();
    assert_eq!(payments.len(), 17);
    let record = client.get(dividend_id).unwrap();
    let paid = |payments| v1::Change {
        action: Action::Change.into(),
        expected_revision: record.revision,
        record: Some(v1::Record {
            body: Some(dividend(payments)),
            ..record.clone()
        }),
    };
    let mut too_much = payments.clone();
    too_much[0].amount += 1;
    let refused = client.apply(request(), vec![paid(too_much)]);
    assert_eq!(lika_tests::code_of(refused), "invalid-field");
    client.apply(request(), vec![paid(payments)]).unwrap();
    let totals = client.totals(COUNTY);
    assert_eq!(totals["dividend/return@2020"], RETURN);
    assert_eq!(totals["dividend/distributed@2020"], RETURN);
}

#[test]
fn the_return_on_poverty_funds_reaches_the_households_by_need_and_the_village_to_the_fen() {
    let mut county = Node::luxi();
    let client = county.client();
    let dividend = register(&client);
    county.put_in_force(&built::policy("dividend"), None, "2020-01-01");
    let evaluated = county.evaluate("dividend", Some("2020-12-31"));
    assert_eq!(evaluated["decisions"], 18, "{evaluated}");
    assert_eq!(evaluated["granted"], 17, "{evaluated}");
    assert_eq!(evaluated["refused"], 1, "{evaluated}");

    let decisions = decisions(&client);
    must_be_shared_by_need(&decisions);
    must_show_the_figures_of_the_document(&decisions);
    pay(&client, &dividend, &decisions);

    let evaluations = client.ids(Kind::Evaluation, COUNTY);
    assert_eq!(evaluations.len(), 1);
    assert_eq!(county.replay(&evaluations[0])["same"], true);
    county.stop();
    county.must_verify();
}
