//! The ledger through the public API: the figures of S0.4, S4.3 and S4.5, and what is refused with nothing written.

mod command_line;
mod funds;
mod payments;

use lika_proto::{
    log::v1::{self as log, Action, account, transfer},
    v1::{self, record::Body},
};
use lika_tests::{Client, Node, Officer, Pair, code_of, create, request};
use tonic::Status;

/// In fen.
const WAN: i64 = 1_000_000;

type Id = Vec<u8>;

/// A county with an approver beside the county office.
struct County {
    node: Node,
    office: Client,
    approver: Officer,
}

impl County {
    #[track_caller]
    fn create(code: &str, name: &str, below: &[&str]) -> Self {
        let mut node = Node::create(code, name);
        node.start();
        let office = node.client();
        let area = |code: &&str| {
            let open = log::area::Open {
                code: (*code).to_owned(),
                name: "某地".to_owned(),
                ..log::area::Open::default()
            };
            create(code, Body::AreaRecord(log::Area { open: Some(open) }))
        };
        if !below.is_empty() {
            office
                .apply(request(), below.iter().map(area).collect())
                .unwrap();
        }
        let approver = Officer::appoint(&node, "chun", "approver", code);
        Self {
            node,
            office,
            approver,
        }
    }

    fn luxi() -> Self {
        Self::create("360323", "芦溪县", &["360323101", "360323101201"])
    }

    #[track_caller]
    fn write(&self, area: &str, body: Body) -> Id {
        let applied = self.office.apply(request(), vec![create(area, body)]);
        applied.unwrap().applied[0].id.clone()
    }

    /// A fund that is kept here.
    #[track_caller]
    fn fund(&self, area: &str, channel: &str, purpose: &str) -> Id {
        self.write(area, fund(channel, purpose, false))
    }

    /// Somebody whom money comes from or goes to.
    #[track_caller]
    fn outside(&self, area: &str, name: &str) -> Id {
        let open = account::Open {
            name: name.to_owned(),
            side: "external".to_owned(),
            ..account::Open::default()
        };
        self.write(area, Body::Account(log::Account { open: Some(open) }))
    }

    fn propose(&self, area: &str, open: transfer::Open) -> Result<Id, Status> {
        let applied = self
            .office
            .apply(request(), vec![create(area, moving(open))])?;
        Ok(applied.applied[0].id.clone())
    }

    /// The office and the approver approve.
    fn post(&self, transfer: &[u8]) -> Result<(), Status> {
        self.approve_as_office(transfer)?;
        self.approver.approve(transfer)
    }

    fn approve_as_office(&self, transfer: &[u8]) -> Result<(), Status> {
        approve(&self.office, &self.own_id(), transfer)
    }

    fn own_id(&self) -> Id {
        let officer = uuid::Uuid::parse_str(self.node.officer()).unwrap();
        officer.as_bytes().to_vec()
    }

    fn move_money(&self, area: &str, open: transfer::Open) -> Result<Id, Status> {
        let transfer = self.propose(area, open)?;
        self.post(&transfer)?;
        Ok(transfer)
    }

    #[track_caller]
    fn balance(&self, account: &[u8]) -> i64 {
        self.office.balance(account).unwrap().balance
    }

    /// Kills the node and starts it again.
    #[track_caller]
    fn kill(&mut self) {
        self.node.kill();
        self.node.start();
        self.office = self.node.client();
        self.approver.client = self.node.client_as("chun");
    }

    /// A call is refused under this code, and nothing is written.
    #[track_caller]
    fn refused<T: std::fmt::Debug>(&self, code: &str, call: impl FnOnce() -> Result<T, Status>) {
        let before = self.office.status().head;
        assert_eq!(code_of(call()), code);
        assert_eq!(self.office.status().head, before, "{code}");
    }
}

trait Approves {
    fn approve(&self, transfer: &[u8]) -> Result<(), Status>;
}

impl Approves for Officer {
    fn approve(&self, transfer: &[u8]) -> Result<(), Status> {
        approve(&self.client, &self.id, transfer)
    }
}

fn approve(client: &Client, officer: &[u8], transfer: &[u8]) -> Result<(), Status> {
    let approval = log::enactment::Approval {
        officer: officer.to_vec(),
        cadre: Vec::new(),
    };
    edit(client, Action::Change, transfer, |open| {
        open.approvals.push(approval)
    })
}

/// Changes or closes a transfer as it stands.
fn edit(
    client: &Client,
    action: Action,
    transfer: &[u8],
    edit: impl FnOnce(&mut transfer::Open),
) -> Result<(), Status> {
    let mut record = client.get(transfer)?;
    let Some(Body::Transfer(log::Transfer { open: Some(open) })) = &mut record.body else {
        panic!("not a transfer: {record:?}");
    };
    edit(open);
    let change = v1::Change {
        action: action.into(),
        expected_revision: record.revision,
        record: Some(record),
    };
    client.apply(request(), vec![change]).map(drop)
}

fn fund(channel: &str, purpose: &str, is_barred: bool) -> Body {
    let open = account::Open {
        name: format!("{channel} {purpose}"),
        side: "internal".to_owned(),
        channel: channel.to_owned(),
        purpose: purpose.to_owned(),
        barred_from_living_expenses: is_barred,
        ..account::Open::default()
    };
    Body::Account(log::Account { open: Some(open) })
}

fn moving(open: transfer::Open) -> Body {
    Body::Transfer(log::Transfer { open: Some(open) })
}

/// Money from one account to another.
fn between(from: &[u8], to: &[u8], fen: i64, direction: &str, channel: &str) -> transfer::Open {
    transfer::Open {
        from: from.to_vec(),
        to: to.to_vec(),
        amount: fen,
        on: 20_160_301,
        direction: direction.to_owned(),
        channel: channel.to_owned(),
        ..transfer::Open::default()
    }
}

fn spent(from: &[u8], to: &[u8], fen: i64, channel: &str, used_for: &str) -> transfer::Open {
    transfer::Open {
        used_for: used_for.to_owned(),
        ..between(from, to, fen, "out", channel)
    }
}

/// What undoes a transfer.
fn undoing(transfer: &[u8], undone: &transfer::Open) -> transfer::Open {
    transfer::Open {
        from: undone.to.clone(),
        to: undone.from.clone(),
        reverses: transfer.to_vec(),
        ..undone.clone()
    }
}

/// S0.4: four channels; the county gives 200万 and its townships 251.3万, each into the fund account of its own.
#[test]
fn s0_4_what_county_and_townships_give_adds_up() {
    // In tenths of 万; that they are 251.3万 together is what the county must find.
    let given = [305, 282, 274, 269, 250, 246, 233, 228, 217, 209];
    let townships: Vec<String> = (1..=given.len())
        .map(|it| format!("330329{it:03}"))
        .collect();
    let codes: Vec<&str> = townships.iter().map(String::as_str).collect();
    let county = County::create("330329", "泰顺县", &codes);
    let year_2005 = |open: transfer::Open| transfer::Open {
        on: 20_050_415,
        ..open
    };

    let treasury = county.outside("330329", "县财政局");
    let of_county = county.fund("330329", "county-budget", "guarantee");
    let from_county = between(&treasury, &of_county, 200 * WAN, "in", "county-budget");
    county.move_money("330329", year_2005(from_county)).unwrap();
    let mut funds = Vec::new();
    for (township, tenths) in townships.iter().zip(given) {
        let giver = county.outside(township, "乡镇财政所");
        let fund = county.fund(township, "township", "guarantee");
        let open = between(&giver, &fund, tenths * WAN / 10, "in", "township");
        county.move_money(township, year_2005(open)).unwrap();
        funds.push(fund);
    }

    let totals = county.office.totals("330329");
    assert_eq!(totals["fund-in/county-budget@2005"], 200 * WAN);
    assert_eq!(totals["fund-in/township@2005"], 2_513 * WAN / 10);
    let of_channels = totals.iter().filter(|(it, _)| it.starts_with("fund-in/"));
    let together: i64 = of_channels.map(|(_, fen)| fen).sum();
    assert_eq!(together, 4_513 * WAN / 10);
    let in_funds = funds.iter().map(|fund| county.balance(fund)).sum::<i64>();
    assert_eq!(in_funds + county.balance(&of_county), together);
    let own = county.office.totals(&townships[0]);
    assert_eq!(own["fund-in/township@2005"], 305 * WAN / 10);
}

/// S3.7: what is given on the yearly fund-raising day, 30 June, is a channel of its own.
#[test]
fn s3_7_what_is_given_on_the_fund_raising_day_is_a_channel() {
    let county = County::create("440224", "仁化县", &[]);
    let day = county.fund("440224", "fund-raising-day", "general");
    let donations = county.fund("440224", "donation", "general");
    for (giver, fen) in [("一家企业", 5 * WAN), ("一所学校", 123_456), ("市民", 7)] {
        let giver = county.outside("440224", giver);
        let open = transfer::Open {
            on: 20_110_630,
            ..between(&giver, &day, fen, "in", "fund-raising-day")
        };
        county.move_money("440224", open).unwrap();
        let open = between(&giver, &donations, 100, "in", "fund-raising-day");
        county.refused("other-channel", || county.propose("440224", open));
    }
    let totals = county.office.totals("440224");
    assert_eq!(totals["fund-in/fund-raising-day@2011"], 5 * WAN + 123_463);
    assert_eq!(totals.get("fund-in/donation@2011"), None);
    assert_eq!(county.balance(&day), 5 * WAN + 123_463);
}

/// S4.3 and S1.5: three units raise 5万 each, the county adds 5万 of the industry fund to the 20万 of the village works
/// fund; planned together as 40万, separate in the books.
#[test]
fn s4_3_the_funds_of_a_village_are_planned_together_and_stay_separate() {
    let county = County::luxi();
    let (village, office) = ("360323101201", "360323");
    let industry = county.fund(office, "industry-fund", "industry");
    let treasury = county.outside(office, "县财政局");
    // 5万 for each of the 14 key villages.
    let open = between(&treasury, &industry, 70 * WAN, "in", "industry-fund");
    county.move_money(office, open).unwrap();

    let of_units = county.fund(village, "sponsoring-unit", "village-fund");
    let of_industry = county.fund(village, "industry-fund", "village-fund");
    let works = county.fund(village, "village-works", "village-fund");
    for unit in ["县农业局", "县教育局", "县供电公司"] {
        let unit = county.outside(village, unit);
        let open = between(&unit, &of_units, 5 * WAN, "in", "sponsoring-unit");
        county.move_money(village, open).unwrap();
    }
    let open = between(
        &industry,
        &of_industry,
        5 * WAN,
        "internal",
        "industry-fund",
    );
    county.move_money(office, open).unwrap();
    let collective = county.outside(village, "村集体");
    let open = between(&collective, &works, 20 * WAN, "in", "village-works");
    county.move_money(village, open).unwrap();

    let balances = [&of_units, &of_industry, &works].map(|fund| county.balance(fund));
    assert_eq!(balances, [15 * WAN, 5 * WAN, 20 * WAN]);
    assert_eq!(balances.iter().sum::<i64>(), 40 * WAN);
    assert_eq!(county.balance(&industry), 65 * WAN);
    for (from, to, channel) in [
        (&works, &of_units, "village-works"),
        (&works, &of_units, "sponsoring-unit"),
        (&of_industry, &works, "industry-fund"),
    ] {
        let open = between(from, to, 1, "internal", channel);
        county.refused("other-channel", || county.propose(village, open));
    }
    // One road is paid by three sources, each credited.
    let builder = county.outside(village, "施工队");
    for (fund, channel, wan) in [
        (&of_units, "sponsoring-unit", 12),
        (&of_industry, "industry-fund", 5),
        (&works, "village-works", 8),
    ] {
        let open = spent(fund, &builder, wan * WAN, channel, "infrastructure");
        county.move_money(village, open).unwrap();
    }
    assert_eq!(county.balance(&builder), 25 * WAN);
    let totals = county.office.totals(village);
    assert_eq!(totals["fund-use/infrastructure@2016"], 25 * WAN);
    assert_eq!(totals["fund-out/sponsoring-unit@2016"], 12 * WAN);
    assert_eq!(totals["fund-in/sponsoring-unit@2016"], 15 * WAN);
    // What the county only moves between its funds neither comes in nor goes out.
    assert_eq!(totals.get("fund-in/industry-fund@2016"), None);
}

/// S4.5: 2,000 yuan a household and year, 1,000 of the industry fund and 1,000 raised by the cadre, never for living
/// expenses.
#[test]
fn s4_5_a_household_fund_is_never_for_living_expenses() {
    let county = County::luxi();
    let (village, office) = ("360323101201", "360323");
    let industry = county.write(office, fund("industry-fund", "industry", true));
    let of_industry = county.write(village, fund("industry-fund", "household-fund", true));
    let of_cadre = county.write(village, fund("cadre", "household-fund", true));
    let free = county.fund(village, "cadre", "relief");
    let treasury = county.outside(office, "县财政局");
    let cadre = county.outside(village, "帮扶干部");
    let household = county.outside(village, "360323101201001 户");
    let open = between(&treasury, &industry, 100_000, "in", "industry-fund");
    county.move_money(office, open).unwrap();
    let open = between(
        &industry,
        &of_industry,
        100_000,
        "internal",
        "industry-fund",
    );
    county.move_money(office, open).unwrap();
    let open = between(&cadre, &of_cadre, 100_000, "in", "cadre");
    county.move_money(village, open).unwrap();
    let both = county.balance(&of_industry) + county.balance(&of_cadre);
    assert_eq!(both, 200_000);

    for (fund, channel) in [(&of_industry, "industry-fund"), (&of_cadre, "cadre")] {
        let open = spent(fund, &household, 100_000, channel, "living-expenses");
        county.refused("barred-use", || county.propose(village, open));
    }
    // Nor by a detour through money without the bar.
    let open = between(&of_cadre, &free, 100_000, "internal", "cadre");
    county.refused("barred-use", || county.propose(village, open));
    for (fund, channel) in [(&of_industry, "industry-fund"), (&of_cadre, "cadre")] {
        let open = spent(fund, &household, 100_000, channel, "industry");
        county.move_money(village, open).unwrap();
    }
    assert_eq!(county.balance(&household), 200_000);
}

#[test]
fn money_moves_by_two_people_and_within_their_area() {
    let county = County::luxi();
    let (office, township) = ("360323", "360323101");
    let giver = county.outside(township, "捐赠人");
    let fund = county.fund(township, "donation", "relief");
    let of_county = county.fund(office, "donation", "relief");
    let officer = Officer::appoint(&county.node, "li", "township-officer", township);
    let viewer = Officer::appoint(&county.node, "mei", "auditor", office);
    let propose = |by: &Officer, area: &str, open: transfer::Open| {
        by.client.apply(request(), vec![create(area, moving(open))])
    };
    let open = between(&giver, &fund, 500, "in", "donation");
    county.refused("denied", || propose(&viewer, township, open.clone()));
    let to_county = between(&giver, &of_county, 500, "in", "donation");
    county.refused("denied", || propose(&officer, office, to_county.clone()));
    // What stands in the township moves no money of the county.
    county.refused("other-area", || propose(&officer, township, to_county));

    let proposed = propose(&officer, township, open).unwrap();
    let transfer = &proposed.applied[0].id;
    county.refused("not-the-approver", || {
        approve(&officer.client, &county.own_id(), transfer)
    });
    officer.approve(transfer).unwrap();
    county.refused("same-person", || officer.approve(transfer));
    county.refused("denied", || viewer.approve(transfer));
    assert_eq!(county.balance(&fund), 0);
    county.approver.approve(transfer).unwrap();
    assert_eq!(county.balance(&fund), 500);
    county.refused("transfer-posted", || {
        edit(&county.office, Action::Close, transfer, |_| ())
    });
    county.refused("transfer-posted", || {
        edit(&county.office, Action::Change, transfer, |it| {
            it.amount = 600
        })
    });
    // Whoever may not read in an area is not told what is on its accounts.
    assert_eq!(code_of(officer.client.balance(&of_county)), "not-found");
    assert_eq!(viewer.client.balance(&of_county).unwrap().balance, 0);
    assert_eq!(code_of(county.office.balance(transfer)), "not-found");
}

#[test]
fn what_is_refused_moves_nothing_and_a_killed_node_has_the_same_balances() {
    let mut county = County::luxi();
    let office = "360323";
    let treasury = county.outside(office, "县财政局");
    let supplier = county.outside(office, "种苗公司");
    let fund = county.fund(office, "county-budget", "industry");
    let given = transfer::Open {
        on: 20_151_231,
        ..between(&treasury, &fund, 1_000, "in", "county-budget")
    };
    county.move_money(office, given.clone()).unwrap();
    let late = county.propose(office, given.clone()).unwrap();

    let spend = |fen| spent(&fund, &supplier, fen, "county-budget", "industry");
    // The first approval is given; the second would move the money.
    let half_approved = |open| {
        let transfer = county.propose(office, open).unwrap();
        county.approve_as_office(&transfer).unwrap();
        transfer
    };
    let too_much = half_approved(spend(1_001));
    county.refused("below-zero", || county.approver.approve(&too_much));

    let owed = log::commitment::Open {
        account: fund.clone(),
        amount: 700,
        on: 20_160_301,
        what_for: "种苗款".to_owned(),
        project: Vec::new(),
    };
    let owed = Body::Commitment(log::Commitment { open: Some(owed) });
    let owed = county.write(office, owed);
    let own = || county.office.balance(&fund).unwrap();
    assert_eq!((own().balance, own().committed), (1_000, 700));
    let other = half_approved(spend(301));
    county.refused("over-committed", || county.approver.approve(&other));
    let settling = |fen| transfer::Open {
        settles: owed.clone(),
        ..spend(fen)
    };
    county.refused("beyond-commitment", || {
        county.propose(office, settling(701))
    });
    let settled = county.move_money(office, settling(600)).unwrap();
    assert_eq!((own().balance, own().committed), (400, 100));

    let close = || {
        let open = Some(log::book_closing::Open { year: 2015 });
        let closing = Body::BookClosing(log::BookClosing { open });
        county
            .office
            .apply(request(), vec![create(office, closing)])
    };
    close().unwrap();
    county.refused("year-closed", || county.approver.approve(&late));
    county.refused("year-closed", || county.propose(office, given.clone()));
    edit(&county.office, Action::Close, &late, |_| ()).unwrap();

    county
        .move_money(office, undoing(&settled, &settling(600)))
        .unwrap();
    assert_eq!((own().balance, own().committed), (1_000, 700));
    county.refused("already-reversed", || {
        county.propose(office, undoing(&settled, &settling(600)))
    });
    let settled = county.move_money(office, settling(500)).unwrap();
    let totals = county.office.totals(office);
    assert_eq!(totals["fund-use/industry@2016"], 500);

    county.kill();
    let balances = [&fund, &treasury, &supplier].map(|account| county.balance(account));
    assert_eq!(balances, [500, -1_000, 500]);
    assert_eq!(county.office.balance(&fund).unwrap().committed, 200);
    assert_eq!(county.office.totals(office), totals);
    county.refused("transfer-posted", || {
        edit(&county.office, Action::Close, &settled, |_| ())
    });
    county.node.stop();
    county.node.must_verify();
}

#[test]
fn the_province_has_the_balances_of_its_county() {
    let mut pair = Pair::start();
    let office = pair.county.client();
    let approver = Officer::appoint(&pair.county, "chun", "approver", "360323");
    let outside = account::Open {
        name: "县财政局".to_owned(),
        side: "external".to_owned(),
        ..account::Open::default()
    };
    let outside = Body::Account(log::Account {
        open: Some(outside),
    });
    let accounts = vec![
        create("360323", outside),
        create("360323", fund("county-budget", "industry", false)),
    ];
    let applied = office.apply(request(), accounts).unwrap().applied;
    let [giver, fund] = [0, 1].map(|place: usize| applied[place].id.clone());
    let open = between(&giver, &fund, 1_234, "in", "county-budget");
    let applied = office.apply(request(), vec![create("360323", moving(open))]);
    let transfer = applied.unwrap().applied[0].id.clone();
    let own = uuid::Uuid::parse_str(pair.county.officer()).unwrap();
    approve(&office, own.as_bytes(), &transfer).unwrap();
    approver.approve(&transfer).unwrap();
    pair.settle();
    let province = pair.province.client();
    assert_eq!(province.balance(&fund).unwrap().balance, 1_234);
    assert_eq!(province.totals("36")["fund-in/county-budget@2016"], 1_234);
    pair.county.stop();
    pair.province.stop();
    pair.province.must_verify();
}
