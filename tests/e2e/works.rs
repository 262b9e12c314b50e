//! Measures, projects, contracts, trainings, insurance and the income of villages: each figure of the documents is
//! counted from records that went in one by one, and read from the totals.

use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use lika_tests::{
    Client, Node, Officer, apply, area, code_of, create, household, new, numbered, request,
};

const COUNTY: &str = "360323";
const TOWNSHIP: &str = "360323101";
const VILLAGE: &str = "360323101201";
const OTHER_VILLAGE: &str = "360323101202";

fn enterprise(number: usize, kind: &str) -> v1::Change {
    let open = log::enterprise::Open {
        name: format!("公司{number}"),
        r#type: kind.to_owned(),
    };
    let body = Body::Enterprise(log::Enterprise { open: Some(open) });
    new(numbered(0x20, number), COUNTY, body)
}

fn contract(open: log::contract::Open) -> v1::Change {
    create(VILLAGE, Body::Contract(log::Contract { open: Some(open) }))
}

fn measure(open: log::measure::Open) -> v1::Change {
    create(VILLAGE, Body::Measure(log::Measure { open: Some(open) }))
}

#[track_caller]
/// A county of two villages with so many households, all of them in the first.
fn county(households: usize) -> (Node, Client) {
    let county = Node::luxi();
    let client = county.client();
    apply(&client, [TOWNSHIP, VILLAGE, OTHER_VILLAGE].map(area).into());
    // A command holds whole households: the batch is even.
    let registered = (0..households).flat_map(|number| household(number, "general", VILLAGE));
    apply(&client, registered.collect());
    (county, client)
}

/// Tenths of a percent, rounded.
fn permille(part: i64, whole: i64) -> i64 {
    (part * 2000 + whole) / (whole * 2)
}

fn step(stage: &str, officer: &[u8], on: u32) -> log::project::Step {
    log::project::Step {
        stage: stage.to_owned(),
        on,
        officer: officer.to_vec(),
        ..log::project::Step::default()
    }
}

fn proposal(name: &str, kind: &str, year: u32, officer: &[u8]) -> log::project::Open {
    log::project::Open {
        name: name.to_owned(),
        r#type: kind.to_owned(),
        year,
        budget: vec![log::project::Budget {
            channel: "county-budget".to_owned(),
            amount: 1_000_000,
        }],
        households: 3,
        steps: vec![step("proposed", officer, 20_050_101)],
        ..log::project::Open::default()
    }
}

fn project(open: log::project::Open) -> Body {
    Body::Project(log::Project { open: Some(open) })
}

/// A next revision of a project as it was applied.
fn advanced(applied: &v1::Applied, area: &str, open: log::project::Open) -> v1::Change {
    v1::Change {
        action: Action::Change.into(),
        expected_revision: applied.revision,
        record: Some(v1::Record {
            id: applied.id.clone(),
            area: area.to_owned(),
            body: Some(project(open)),
            ..v1::Record::default()
        }),
    }
}

/// Two officers of the county office: the first proposes, the second approves.
fn officers(county: &Node) -> [Officer; 2] {
    ["chun", "xia"].map(|login| Officer::appoint(county, login, "county-office", COUNTY))
}

/// Ends the one contract of a household.
#[track_caller]
fn end_contract_of(client: &Client, number: usize) {
    let open_of = |record: &v1::Record| match &record.body {
        Some(Body::Contract(contract)) => contract.open.clone().unwrap(),
        other => panic!("not a contract: {other:?}"),
    };
    let contracts = client.list(Kind::Contract, VILLAGE).unwrap();
    let mut contracts = contracts.into_iter();
    let record = contracts
        .find(|record| open_of(record).household == numbered(0x10, number))
        .unwrap();
    let mut open = open_of(&record);
    open.ended_on = 20_051_231;
    let change = v1::Change {
        action: Action::Change.into(),
        expected_revision: record.revision,
        record: Some(v1::Record {
            body: Some(Body::Contract(log::Contract { open: Some(open) })),
            ..record
        }),
    };
    apply(client, vec![change]);
}

/// S0.3 and S0.8: of 2,300 households in 2005, 1,776 had a project, 340 joined an organisation, 543 signed orders.
#[test]
fn s0_8_households_with_projects_organisations_and_orders() {
    let (mut node, client) = county(2300);
    let [first, second] = officers(&node);
    let open = proposal("茶叶", "planting", 2005, &first.id);
    let applied = apply(&first.client, vec![create(TOWNSHIP, project(open.clone()))]);
    let mut approved = open;
    approved
        .steps
        .push(step("approved", &second.id, 20_050_102));
    apply(
        &second.client,
        vec![advanced(&applied[0], TOWNSHIP, approved)],
    );

    let mut changes = vec![enterprise(0, "leading-enterprise"), enterprise(1, "other")];
    let cooperative = log::cooperative::Open {
        name: "合作社".to_owned(),
        capital: 1,
    };
    let cooperative = log::Cooperative {
        open: Some(cooperative),
    };
    changes.push(new(
        numbered(0x30, 0),
        TOWNSHIP,
        Body::Cooperative(cooperative),
    ));
    let plan = |number| {
        measure(log::measure::Open {
            household: numbered(0x10, number),
            measure: "start-up".to_owned(),
            project: if number < 1776 {
                applied[0].id.clone()
            } else {
                Vec::new()
            },
            from: 20_050_301,
            ..log::measure::Open::default()
        })
    };
    changes.extend((0..2300).map(plan));
    let signed = |number, organisation: Vec<u8>, kind: &str| {
        contract(log::contract::Open {
            household: numbered(0x10, number),
            organisation,
            r#type: kind.to_owned(),
            from: 20_050_401,
            ..log::contract::Open::default()
        })
    };
    changes.extend((0..340).map(|number| signed(number, numbered(0x30, 0), "membership")));
    changes.extend((300..843).map(|number| signed(number, numbered(0x20, 0), "order")));
    // Who signs a second order is the same household.
    changes.extend((300..400).map(|number| signed(number, numbered(0x20, 1), "order")));
    apply(&client, changes);

    let totals = client.totals(COUNTY);
    let households = totals["households"];
    assert_eq!(households, 2300);
    assert_eq!(totals["households-with-measure"], 2300);
    assert_eq!(totals["households-with-project"], 1776);
    assert_eq!(totals["households-with-project@2005"], 1776);
    let joined = totals["households-contracted/membership@2005"];
    let ordered = totals["households-contracted/order@2005"];
    assert_eq!((joined, ordered), (340, 543));
    assert_eq!(totals["contracts/order@2005"], 643);
    assert_eq!(permille(joined, households), 148);
    assert_eq!(permille(ordered, households), 236);

    // One that is over is no longer kept, and was signed all the same.
    end_contract_of(&client, 842);
    let totals = client.totals(COUNTY);
    assert_eq!(totals["households-contracted/order@2005"], 543);
    assert_eq!(totals["households-contracted/order"], 542);
    node.stop();
    node.must_verify();
}

/// S2.6: 90 companies host 970 households on 4,630 mu and add 910万, about 1万 a household. S2.8: the four insurances
/// of the city.
#[test]
fn s2_6_and_s2_8_base_hosting_and_insurance() {
    let (node, client) = county(970);
    let mut changes: Vec<_> = (0..90)
        .map(|number| enterprise(number, "hosting-base"))
        .collect();
    changes.push(enterprise(90, "insurer"));
    // 4,630 mu and 9,100,000 yuan shared by 970 households to the hundredth of a mu and the fen.
    let share = |whole: u64, number: u64| whole / 970 + u64::from(number < whole % 970);
    changes.extend((0..970_usize).map(|number| {
        let place = u64::try_from(number).unwrap();
        contract(log::contract::Open {
            household: numbered(0x10, number),
            organisation: numbered(0x20, number % 90),
            r#type: "hosting".to_owned(),
            product: "油茶".to_owned(),
            volume: share(463_000, place),
            unit: "mu".to_owned(),
            price: Some(120_000),
            added_income: Some(i64::try_from(share(910_000_000, place)).unwrap()),
            from: 20_160_101,
            until: 20_190_101,
            ended_on: 0,
        })
    }));
    let cover = |number: usize, kind: &str, member: bool| {
        let open = log::cover::Open {
            household: numbered(0x10, number),
            member: if member {
                numbered(0x11, number)
            } else {
                Vec::new()
            },
            r#type: kind.to_owned(),
            insurer: numbered(0x20, 90),
            premium: 3000,
            paid_by: "higher-government".to_owned(),
            from: 20_160_101,
            until: 20_170_101,
        };
        create(VILLAGE, Body::Cover(log::Cover { open: Some(open) }))
    };
    for number in 0..10 {
        changes.push(cover(number, "agricultural", false));
        changes.push(cover(number, "serious-illness", true));
        changes.push(cover(number, "small-accident", true));
    }
    // The household and its child: two covers, one household.
    changes.push(cover(0, "student", true));
    changes.push(cover(0, "student", false));
    apply(&client, changes);
    let again = client.apply(request(), vec![cover(0, "student", true)]);
    assert_eq!(code_of(again), "already-covered");

    let totals = client.totals(COUNTY);
    assert_eq!(totals["enterprises/hosting-base"], 90);
    assert_eq!(totals["households-contracted/hosting@2016"], 970);
    assert_eq!(totals["contract-volume/hosting-mu@2016"], 463_000);
    let income = totals["contract-income/hosting@2016"];
    assert_eq!(income, 910_000_000);
    assert_eq!(income / 970 / 100, 9381, "about 1万 a household");
    for (kind, covers, households) in [
        ("agricultural", 10, 10),
        ("serious-illness", 10, 10),
        ("small-accident", 10, 10),
        ("student", 2, 1),
    ] {
        assert_eq!(totals[&format!("covers/{kind}@2016")], covers);
        assert_eq!(
            totals[&format!("households-insured/{kind}@2016")],
            households
        );
    }
    assert_eq!(totals["premiums-by/higher-government@2016"], 32 * 3000);
    drop(node);
}

/// S2.7: 247 shell villages down to 32, by a threshold that is a setting.
#[test]
fn s2_7_shell_villages() {
    let county = Node::luxi();
    let client = county.client();
    let village = |number: usize| format!("360323101{:03}", 201 + number);
    let mut changes = vec![area(TOWNSHIP)];
    changes.extend((0..260).map(|number| area(&village(number))));
    let income = |number: usize, year, yuan: i64| {
        let source = log::collective_income::Source {
            source: "leasing".to_owned(),
            amount: yuan * 100,
        };
        let open = log::collective_income::Open {
            year,
            sources: Vec::from_iter((yuan > 0).then_some(source)),
        };
        let body = Body::CollectiveIncome(log::CollectiveIncome { open: Some(open) });
        create(&village(number), body)
    };
    // Of 260 villages, 10 reach the threshold in 2015 and three are silent.
    for number in 0..257 {
        let earlier = if number < 247 {
            number as i64 % 2 * 29_999
        } else {
            30_000
        };
        changes.push(income(number, 2015, earlier));
        changes.push(income(number, 2016, if number < 32 { 0 } else { 30_000 }));
    }
    apply(&client, changes);
    let ask = |year: &str, below: &str| {
        let asked = [
            "village", "shell", "--below", below, "--year", year, "--json",
        ];
        county.run(&asked, &[]).done().json()
    };
    let before = ask("2015", "30000");
    assert_eq!(
        (&before["shell"], &before["reached"]),
        (&247.into(), &10.into())
    );
    assert_eq!(before["unknown"], 3);
    assert_eq!(ask("2016", "30000")["shell"], 32);
    // Another threshold, another answer.
    assert_eq!(ask("2015", "20000")["shell"], 124);

    let totals = client.totals(COUNTY);
    assert_eq!(totals["villages-with-income-statement@2015"], 257);
    assert_eq!(totals["villages-with-collective-income@2015"], 133);
    assert_eq!(totals["villages-with-collective-income@2016"], 225);
    assert_eq!(totals["collective-income@2016"], 225 * 3_000_000);
    let again = client.apply(request(), vec![income(0, 2015, 1)]);
    assert_eq!(code_of(again), "stale-revision");
}

/// S3.5: Liannan's trainings, meetings and advisory visits.
#[test]
fn s3_5_trainings_meetings_and_advice() {
    let county = Node::luxi();
    let client = county.client();
    apply(&client, vec![area(TOWNSHIP)]);
    let held = |kind: &str, audience: &str, attendances, questions| {
        let open = log::training::Open {
            r#type: kind.to_owned(),
            audience: audience.to_owned(),
            title: "驻村工作".to_owned(),
            on: 20_120_301,
            days: 1,
            place: "县城".to_owned(),
            attendances,
            questions_resolved: questions,
            ..log::training::Open::default()
        };
        create(COUNTY, Body::Training(log::Training { open: Some(open) }))
    };
    let mut changes = Vec::new();
    for number in 0..6 {
        let more = u32::from(number < 4);
        changes.push(held("course", "stationed-cadre", 166 + more, None));
        changes.push(held("course", "local-cadre", 50, None));
    }
    for number in 0..12 {
        let resolved = if number < 2 { 5 } else { 4 };
        changes.push(held("joint-meeting", "local-cadre", 0, Some(resolved)));
    }
    changes.extend((0..110).map(|_| held("advisory-visit", "household", 3, None)));
    apply(&client, changes);
    let totals = client.totals(COUNTY);
    assert_eq!(totals["trainings/course-stationed-cadre@2012"], 6);
    assert_eq!(totals["trainings/course-local-cadre@2012"], 6);
    assert_eq!(totals["training-attendances/stationed-cadre@2012"], 1000);
    assert_eq!(totals["training-attendances/local-cadre@2012"], 300);
    assert_eq!(totals["trainings/joint-meeting@2012"], 12);
    assert_eq!(totals["questions-resolved@2012"], 50);
    assert_eq!(totals["trainings/advisory-visit@2012"], 110);

    let recorded = [
        "training",
        "record",
        "茶叶管理",
        "--area",
        TOWNSHIP,
        "--kind",
        "course",
    ];
    let rest = [
        "--audience",
        "household",
        "--on",
        "2012-05-01",
        "--place",
        "村部",
    ];
    let asked = [&recorded[..], &rest, &["--attendances", "30"]].concat();
    county.run(&asked, &[]).done();
    let listed = county.run(&["training", "list", "--area", TOWNSHIP, "--json"], &[]);
    assert_eq!(listed.done().json()["trainings"][0]["attendances"], 30);
}

/// S3.6: 28,868 projects are 18,101 + 2,938 + 1,559 + 6,270, at 1:100. A class has finer types, and the classes add up.
#[test]
fn s3_6_projects_by_class() {
    let county = Node::luxi();
    let office = county.client();
    apply(&office, vec![area(TOWNSHIP)]);
    let [first, second] = officers(&county);
    let types = [
        (181, &["agriculture", "planting", "livestock"][..]),
        (29, &["industry", "processing"]),
        (16, &["trade-tourism", "tourism"]),
        (63, &["other", "road", "water", "housing"]),
    ];
    let open = |count: usize, types: &'static [&str]| {
        let types = types.iter().cycle().take(count);
        types.map(|kind| proposal("项目", kind, 2012, &[]))
    };
    let mut projects: Vec<_> = types
        .iter()
        .flat_map(|(count, types)| open(*count, types))
        .collect();
    for project in &mut projects {
        project.steps = vec![step("proposed", &first.id, 20_120_101)];
    }
    let proposals = projects.iter().cloned();
    let proposals = proposals.map(|open| create(TOWNSHIP, project(open)));
    let applied = apply(&first.client, proposals.collect());
    // A proposal is no project yet.
    let totals = office.totals(COUNTY);
    assert!(!totals.contains_key("projects@2012"), "{totals:?}");
    assert_eq!(totals["projects-at/proposed"], 289);
    let approved = applied.iter().zip(projects).map(|(applied, mut open)| {
        open.steps.push(step("approved", &second.id, 20_120_102));
        advanced(applied, TOWNSHIP, open)
    });
    apply(&second.client, approved.collect());
    let totals = office.totals(COUNTY);
    let classes = ["agriculture", "industry", "trade-tourism", "other"];
    let counts = classes.map(|class| totals[&format!("projects/{class}@2012")]);
    assert_eq!(counts, [181, 29, 16, 63]);
    assert_eq!(counts.iter().sum::<i64>(), totals["projects@2012"]);
    assert_eq!(totals["project-budget@2012"], 289 * 1_000_000);
}

/// S1.5: a project goes all its way by the command line, in two people's names.
#[test]
fn s1_5_a_project_from_proposal_to_follow_up() {
    let county = Node::luxi();
    let office = county.client();
    apply(&office, vec![area(TOWNSHIP)]);
    let _officers = officers(&county);
    let propose = [
        "project",
        "propose",
        "村道硬化",
        "--area",
        TOWNSHIP,
        "--type",
        "road",
    ];
    let plan = [
        "--year",
        "2016",
        "--budget",
        "county-budget=50000",
        "--budget",
    ];
    let rest = ["township=10000", "--households", "40", "--on", "2016-01-04"];
    let asked = [&propose[..], &plan, &rest, &["--as", "chun", "--json"]].concat();
    let proposed = county.run(&asked, &[]).done().json();
    let id = proposed["project"].as_str().unwrap();
    let advance = |login: &str, stage: &str, on: &str, more: &[&str]| {
        let asked = ["project", "advance", id, stage, "--on", on, "--as", login];
        county.run(&[&asked[..], more].concat(), &[])
    };
    advance("chun", "approved", "2016-01-05", &[]).refused("same-person");
    advance("xia", "contracted", "2016-01-05", &[]).refused("stage-skipped");
    advance("xia", "approved", "2016-01-03", &[]).refused("stage-backdated");
    advance("xia", "approved", "2016-01-05", &[]).done();
    advance("chun", "contracted", "2016-01-06", &[]).done();
    advance("chun", "noticed", "2016-01-07", &[]).done();
    advance("chun", "under-way", "2016-01-20", &[]).done();
    advance("chun", "accepted", "2016-06-01", &["--amount", "58000"]).refused("same-person");
    advance("xia", "accepted", "2016-06-01", &["--amount", "58000"]).done();
    advance(
        "chun",
        "reimbursed",
        "2016-07-01",
        &["--amount", "58000.01"],
    )
    .refused("invalid-field");
    advance("chun", "reimbursed", "2016-07-01", &["--amount", "57000"]).done();
    advance("xia", "followed-up", "2016-12-01", &[]).done();
    let end = ["project", "end", id, "completed", "--on", "2016-12-31"];
    county.run(&end, &[]).done();

    let shown = county
        .run(&["project", "show", id, "--json"], &[])
        .done()
        .json();
    assert_eq!(shown["stage"], "completed");
    assert_eq!(shown["class"], "other");
    assert_eq!(shown["steps"].as_array().unwrap().len(), 8);
    let listed = county
        .run(&["project", "list", "--year", "2016"], &[])
        .done();
    assert!(listed.stdout.contains("村道硬化"), "{}", listed.stdout);
    let totals = office.totals(COUNTY);
    assert_eq!(totals["project-budget@2016"], 6_000_000);
    assert_eq!(totals["project-budget/township@2016"], 1_000_000);
    assert_eq!(totals["project-actual@2016"], 5_800_000);
    assert_eq!(totals["project-reimbursed@2016"], 5_700_000);
    assert_eq!(totals["project-households@2016"], 40);
}

/// S4.10: 467 households have 3,460万 of finance, 2,188 people moved into jobs, 172 households by public-service posts.
#[test]
fn s4_10_finance_and_jobs() {
    let (mut node, client) = county(2188);
    let given = |number: usize, kind: &str, amount, results: &[&str]| {
        let open = log::measure::Open {
            household: numbered(0x10, number),
            member: numbered(0x11, number),
            measure: kind.to_owned(),
            from: 20_150_301,
            amount,
            results: results.iter().map(|code| (*code).to_owned()).collect(),
            ..log::measure::Open::default()
        };
        measure(open)
    };
    // 34,600,000 yuan by 467 to the fen; who also has a subsidy on the interest counts once under finance.
    let share = |number: i64| 3_460_000_000 / 467 + i64::from(number < 3_460_000_000 % 467);
    let mut changes: Vec<_> = (0..467)
        .map(|number| given(number, "micro-credit", Some(share(number as i64)), &[]))
        .collect();
    changes.extend((0..100).map(|number| given(number, "interest-subsidy", None, &[])));
    changes.extend((0..172).map(|number| {
        given(
            number,
            "public-service-post",
            None,
            &["job", "public-service-post"],
        )
    }));
    changes.extend((172..2188).map(|number| given(number, "labour-export", None, &["job"])));
    // Trained before, and found work by it too: the same person.
    changes.extend((172..300).map(|number| given(number, "job-training", None, &["skill", "job"])));
    apply(&client, changes);

    let again = client.apply(request(), vec![given(0, "micro-credit", None, &[])]);
    assert_eq!(code_of(again), "already-given");
    let ill = client.apply(request(), vec![given(0, "medical-aid", None, &[])]);
    assert_eq!(code_of(ill), "invalid-field");

    let totals = client.totals(COUNTY);
    assert_eq!(totals["households-by-measure/finance@2015"], 467);
    assert_eq!(totals["households-helped/interest-subsidy@2015"], 100);
    let lent = totals["measure-amount/micro-credit@2015"];
    assert_eq!(lent, 3_460_000_000);
    assert_eq!(lent / 467 / 1_000_000, 7, "7.4万 each");
    assert_eq!(totals["people-with-result/job@2015"], 2188);
    assert_eq!(totals["people-by-measure/employment@2015"], 2188);
    assert_eq!(
        totals["households-with-result/public-service-post@2015"],
        172
    );
    node.stop();
    node.must_verify();
}

/// What is measured is written by whoever works in the village, what is built by the township.
#[test]
fn who_writes_what() {
    let (node, client) = county(1);
    let village = Officer::appoint(&node, "qiu", "village-cadre", VILLAGE).client;
    let plan = || {
        measure(log::measure::Open {
            household: numbered(0x10, 0),
            measure: "start-up".to_owned(),
            from: 20_160_101,
            ..log::measure::Open::default()
        })
    };
    village.apply(request(), vec![plan()]).unwrap();
    let open = proposal("项目", "road", 2016, &[1; 16]);
    let proposed = village.apply(request(), vec![create(VILLAGE, project(open))]);
    assert_eq!(code_of(proposed), "denied");
    let income = log::collective_income::Open {
        year: 2016,
        sources: Vec::new(),
    };
    let income = Body::CollectiveIncome(log::CollectiveIncome { open: Some(income) });
    let stated = village.apply(request(), vec![create(VILLAGE, income)]);
    assert_eq!(code_of(stated), "denied");
    assert_eq!(client.totals(VILLAGE)["households-with-measure"], 1);
}
