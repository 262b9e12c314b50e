//! Indicators, reports and published tables: each figure is computed from records that went in one by one, as the
//! documents' own figures ask.

use std::ffi::OsStr;

use calamine::{Reader as _, Xlsx, open_workbook};
use lika::clock::{Clock as _, System};
use lika_core::income_year::IncomeYear;
use lika_proto::{
    log::v1::{self as log, Action},
    v1::{self, record::Body},
};
use lika_tests::{
    Client, Node, Officer, Ran, apply, area, code_of, create, household, lika, new, numbered,
    request,
};
use serde_json::Value;

const COUNTY: &str = "360323";
const TOWNSHIP: &str = "360323101";
const OTHER_TOWNSHIP: &str = "360323102";
const VILLAGE: &str = "360323101201";
const OTHER_VILLAGE: &str = "360323102201";

fn figure(area: &str, series: &str, year: u32, value: i64) -> v1::Change {
    let open = log::official_statistic::Open {
        series: series.to_owned(),
        year,
        value,
        source: "统计年鉴".to_owned(),
    };
    // Its id follows from what it is about; the node fills it in.
    create(
        area,
        Body::OfficialStatistic(log::OfficialStatistic { open: Some(open) }),
    )
}

fn income(number: usize, area: &str, year: u32, yuan: i64) -> v1::Change {
    let open = log::income_statement::Open {
        household: numbered(0x10, number),
        year,
        wages: yuan * 100,
        persons: 1,
        ..log::income_statement::Open::default()
    };
    create(
        area,
        Body::IncomeStatement(log::IncomeStatement { open: Some(open) }),
    )
}

#[track_caller]
fn compute(node: &Node, indicator: &str, more: &[&str]) -> Ran {
    let asked = [&["statistic", "compute", indicator, "--json"], more].concat();
    node.run(&asked, &[])
}

#[track_caller]
fn value(node: &Node, indicator: &str, more: &[&str]) -> i64 {
    let computed = compute(node, indicator, more).done().json();
    computed["value"].as_i64().unwrap()
}

fn guangdong() -> (Node, Client) {
    let mut province = Node::create("44", "广东省");
    province.start();
    let client = province.client();
    let areas = ["44", "4401", "4406", "4408", "4418"];
    let registered = areas[1..].iter().map(|code| area(code));
    apply(&client, registered.collect());
    (province, client)
}

/// S3.6: the coefficient of variation of regional development falls from 0.75 to 0.63. The document has no figures of
/// regions; these were chosen so that their coefficients are the document's.
#[test]
fn s3_6_regional_variation() {
    let (province, client) = guangdong();
    let regions = ["4401", "4406", "4408", "4418"];
    let yuan = [
        (2006, [17_500, 17_500, 2_500, 2_500]),
        (2011, [32_600, 32_600, 7_400, 7_400]),
    ];
    let mut figures = Vec::new();
    for (year, of_year) in yuan {
        for (region, yuan) in regions.iter().zip(of_year) {
            figures.push(figure(region, "output-per-head", year, yuan * 100));
        }
    }
    apply(&client, figures);
    let of = |year: &str, version: &str| {
        value(
            &province,
            "regional-variation",
            &["--period", year, "--version", version],
        )
    };
    assert_eq!(of("2006", "1"), 750_000);
    assert_eq!(of("2011", "1"), 630_000);
    // One fen more anywhere is another coefficient.
    let silent = compute(&province, "regional-variation", &["--period", "2011"]);
    assert_eq!(
        silent.code,
        Some(1),
        "nobody has entered populations: {silent:?}"
    );
    assert_eq!(silent.json()["unknown"], 4);
    let people = [3, 1, 1, 3].map(|millions| millions * 1_000_000);
    let people = regions.iter().zip(people);
    let people = people.map(|(region, people)| figure(region, "population", 2011, people));
    apply(&client, people.collect());
    assert_eq!(of("2011", "2"), 630_000);
    // By today's end it was the same, by yesterday's nothing was recorded.
    let before = compute(
        &province,
        "regional-variation",
        &[
            "--period",
            "2011",
            "--version",
            "1",
            "--as-of",
            "2016-01-01",
        ],
    );
    assert_eq!(
        (before.code, &before.json()["value"]),
        (Some(1), &Value::Null)
    );
    compute(&province, "happiness", &[]).refused("unknown-indicator");
    compute(&province, "people", &["--version", "9"]).refused("unknown-indicator");
}

/// S3.6: the urban-rural income ratio falls from 3.15 to 2.83.
#[test]
fn s3_6_urban_rural_ratio() {
    let (province, client) = guangdong();
    let entered = [(2006, 1_575_000, 500_000), (2011, 2_830_000, 1_000_000)];
    let figures = entered.into_iter().flat_map(|(year, urban, rural)| {
        [
            figure("44", "urban-income-per-head", year, urban),
            figure("44", "rural-income-per-head", year, rural),
        ]
    });
    apply(&client, figures.collect());
    assert_eq!(
        value(&province, "urban-rural-ratio", &["--period", "2006"]),
        3_150_000
    );
    assert_eq!(
        value(&province, "urban-rural-ratio", &["--period", "2011"]),
        2_830_000
    );
}

/// S3.1: the lines are 60 % and 33 %, or a third, of the rural mean that the province enters; the share is a setting, and
/// an area goes by the nearest mean around it.
#[test]
fn s3_1_lines_of_the_rural_mean() {
    let (province, client) = guangdong();
    apply(
        &client,
        vec![figure("44", "rural-income-per-head", 2011, 937_173)],
    );
    let line =
        |id: &str, more: &[&str]| value(&province, id, &[&["--period", "2011"], more].concat());
    assert_eq!(line("key-village-line", &[]), 562_303);
    assert_eq!(line("household-line", &[]), 309_267);
    assert_eq!(line("household-line", &["--share", "33.3333%"]), 312_390);
    assert_eq!(line("household-line", &["--area", "4418"]), 309_267);
    let other_round = compute(&province, "household-line", &["--period", "2012"]);
    assert_eq!(
        other_round.code,
        Some(1),
        "lines move every round: {other_round:?}"
    );
}

/// S3.6: 28,868 projects are 18,101 + 2,938 + 1,559 + 6,270, at 1:1000: 29 = 18 + 3 + 2 + 6.
#[test]
fn s3_6_projects_by_type() {
    let county = Node::luxi();
    let office = county.client();
    apply(&office, vec![area(TOWNSHIP)]);
    let [first, second] =
        ["chun", "xia"].map(|login| Officer::appoint(&county, login, "county-office", COUNTY));
    let step = |stage: &str, officer: &Officer, on| log::project::Step {
        stage: stage.to_owned(),
        on,
        officer: officer.id.clone(),
        ..log::project::Step::default()
    };
    let types = [
        ("planting", 18),
        ("processing", 3),
        ("tourism", 2),
        ("road", 6),
    ];
    let of_type = |(kind, count): (&'static str, usize)| std::iter::repeat_n(kind, count);
    let open = |kind: &str| log::project::Open {
        name: "项目".to_owned(),
        r#type: kind.to_owned(),
        year: 2012,
        budget: vec![log::project::Budget {
            channel: "county-budget".to_owned(),
            amount: 1_000_000,
        }],
        households: 1,
        steps: vec![step("proposed", &first, 20_120_101)],
        ..log::project::Open::default()
    };
    let body = |open| Body::Project(log::Project { open: Some(open) });
    let kinds: Vec<&str> = types.into_iter().flat_map(of_type).collect();
    let proposals = kinds.iter().map(|kind| create(TOWNSHIP, body(open(kind))));
    let proposed = apply(&first.client, proposals.collect());
    let approved = kinds.iter().zip(&proposed).map(|(kind, applied)| {
        let mut open = open(kind);
        open.steps.push(step("approved", &second, 20_120_102));
        let mut change = new(applied.id.clone(), TOWNSHIP, body(open));
        change.action = Action::Change.into();
        change.expected_revision = applied.revision;
        change
    });
    apply(&second.client, approved.collect());
    let computed = compute(&county, "projects", &["--period", "2012"])
        .done()
        .json();
    let classes = ["agriculture", "industry", "trade-tourism", "other"];
    let counts = classes.map(|class| computed["parts"][class].as_i64().unwrap());
    assert_eq!(counts, [18, 3, 2, 6]);
    assert_eq!(computed["value"], counts.iter().sum::<i64>());
}

/// S2.7: 247 shell villages of 260 down to 32, by a threshold that is a setting; who is silent is unknown. The collective
/// income of all of them is what they earn together.
#[test]
fn s2_7_shell_villages() {
    let county = Node::luxi();
    let village = |number: usize| format!("360323101{:03}", 201 + number);
    let mut changes = vec![area(TOWNSHIP)];
    changes.extend((0..260).map(|number| area(&village(number))));
    let statement = |number: usize, year, yuan: i64| {
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
    for number in 0..257 {
        let before = if number < 247 { 10_000 } else { 30_000 };
        let after = if number < 32 { 0 } else { 30_000 };
        changes.push(statement(number, 2015, before));
        changes.push(statement(number, 2016, after));
    }
    apply(&county.client(), changes);
    let of = |year: &str| {
        let asked = ["--period", year, "--below", "30000"];
        compute(&county, "shell-villages", &asked).done().json()
    };
    assert_eq!(of("2015")["value"], 247);
    assert_eq!(
        (&of("2016")["value"], &of("2016")["unknown"]),
        (&32.into(), &3.into())
    );
    compute(&county, "shell-villages", &[]).refused("malformed-request");
    let earned = value(&county, "collective-income", &["--period", "2016"]);
    assert_eq!(earned, 225 * 3_000_000);
}

/// A county of four households: three have a helper, two a measure, one an insurance, two an income.
fn covered() -> Node {
    let county = Node::luxi();
    let client = county.client();
    let mut changes = vec![area(TOWNSHIP), area(VILLAGE)];
    changes.extend((0..4).flat_map(|number| household(number, "general", VILLAGE)));
    let cadre = log::Cadre {
        open: Some(log::cadre::Open {
            rank: "township".to_owned(),
            from: 20_140_101,
            ..log::cadre::Open::default()
        }),
        ..log::Cadre::default()
    };
    changes.push(new(numbered(0x30, 0), TOWNSHIP, Body::Cadre(cadre)));
    let insurer = log::enterprise::Open {
        name: "保险公司".to_owned(),
        r#type: "insurer".to_owned(),
    };
    let insurer = Body::Enterprise(log::Enterprise {
        open: Some(insurer),
    });
    changes.push(new(numbered(0x20, 0), COUNTY, insurer));
    for number in 0..3 {
        let open = log::pairing::Open {
            household: numbered(0x10, number),
            cadre: numbered(0x30, 0),
            role: "focus".to_owned(),
            level: "township".to_owned(),
            responsible: true,
            from: 20_160_101,
            ..log::pairing::Open::default()
        };
        changes.push(create(
            VILLAGE,
            Body::Pairing(log::Pairing { open: Some(open) }),
        ));
    }
    for (number, measure) in [(0, "start-up"), (0, "job-training"), (1, "job-training")] {
        let open = log::measure::Open {
            household: numbered(0x10, number),
            measure: measure.to_owned(),
            from: 20_160_101,
            ..log::measure::Open::default()
        };
        changes.push(create(
            VILLAGE,
            Body::Measure(log::Measure { open: Some(open) }),
        ));
    }
    let open = log::cover::Open {
        household: numbered(0x10, 2),
        r#type: "agricultural".to_owned(),
        insurer: numbered(0x20, 0),
        premium: 3_000,
        paid_by: "higher-government".to_owned(),
        from: 20_160_101,
        until: 20_170_101,
        ..log::cover::Open::default()
    };
    changes.push(create(
        VILLAGE,
        Body::Cover(log::Cover { open: Some(open) }),
    ));
    changes.push(income(0, VILLAGE, 2016, 4_000));
    changes.push(income(1, VILLAGE, 2016, 5_001));
    apply(&client, changes);
    county
}

/// S4.4, S1.2, S2.8: how many households have a helper, a measure, an insurance. What is computed from the roll-up is what
/// is computed from the records as they stood at the end of today.
#[test]
fn s4_4_coverage_now_and_as_of_today() {
    let county = covered();
    let expected = [
        ("households", 4),
        ("people", 4),
        ("helper-coverage", 750_000),
        ("measure-coverage", 500_000),
        ("agricultural-insurance-coverage", 250_000),
        ("student-insurance-coverage", 0),
        ("income-per-head", 450_050),
    ];
    for (indicator, expected) in expected {
        let asked = ["--period", "2016"];
        assert_eq!(value(&county, indicator, &asked), expected, "{indicator}");
        // No clock of these tests is behind the machine's.
        let asked = ["--period", "2016", "--as-of", "2099-12-31"];
        assert_eq!(
            value(&county, indicator, &asked),
            expected,
            "{indicator} as of"
        );
    }
    let before = ["--as-of", "2016-12-31"];
    assert_eq!(
        value(&county, "households", &before),
        0,
        "nothing was recorded by then"
    );
}

/// S1.6: every key village is monitored in nature, economy, people and work; one of which something is not known is named.
#[test]
fn s1_6_every_key_village_is_monitored() {
    let county = Node::luxi();
    let client = county.client();
    let key_village = |code: &str| {
        let mut change = area(code);
        if let Some(Body::AreaRecord(area)) = &mut change.record.as_mut().unwrap().body {
            let since = log::Period {
                from: 20_140_101,
                until: 0,
            };
            area.open.as_mut().unwrap().key_village = vec![since];
        }
        change
    };
    let mut changes = vec![area(TOWNSHIP), area(OTHER_TOWNSHIP)];
    changes.extend([
        key_village(VILLAGE),
        key_village(OTHER_VILLAGE),
        area("360323101202"),
    ]);
    let [mut house, mut person] = household(0, "general", VILLAGE);
    if let Some(Body::Household(household)) = &mut house.record.as_mut().unwrap().body {
        household.open.as_mut().unwrap().dangerous_house = Some(true);
    }
    if let Some(Body::Member(member)) = &mut person.record.as_mut().unwrap().body {
        member.open.as_mut().unwrap().labour = "lost".to_owned();
    }
    changes.extend([house, person, income(0, VILLAGE, 2016, 2_000)]);
    let open = log::measure::Open {
        household: numbered(0x10, 0),
        measure: "start-up".to_owned(),
        from: 20_160_101,
        ..log::measure::Open::default()
    };
    changes.push(create(
        VILLAGE,
        Body::Measure(log::Measure { open: Some(open) }),
    ));
    apply(&client, changes);
    let asked = ["statistic", "monitoring", "--year", "2016", "--json"];
    let told = county.run(&asked, &[]);
    assert_eq!(told.code, Some(1), "{told:?}");
    let villages = told.json()["villages"].as_array().unwrap().clone();
    assert_eq!(villages.len(), 2);
    let figure = |name: &str| villages[0]["figures"][name].clone();
    assert_eq!(figure("dangerous-houses"), 1);
    assert_eq!(figure("without-safe-water"), Value::Null);
    assert_eq!(figure("income-per-head"), 200_000);
    assert_eq!(figure("unable-to-work"), 1);
    assert_eq!(figure("households-with-measure"), 1);
    assert_eq!(villages[0]["missing"], serde_json::json!([]));
    let all = serde_json::json!(["natural", "economic", "human", "work"]);
    assert_eq!(villages[1]["missing"], all);
}

/// Small numbers are people: a count below 10 is left out, and others with it, so that no total gives it back.
#[test]
fn published_tables_leave_out_small_counts() {
    let county = Node::luxi();
    let client = county.client();
    let mut changes: Vec<_> = [TOWNSHIP, OTHER_TOWNSHIP, VILLAGE, OTHER_VILLAGE]
        .map(area)
        .into();
    let counts = [
        ("general", VILLAGE, 40),
        ("allowance", VILLAGE, 3),
        ("general", OTHER_VILLAGE, 60),
        ("allowance", OTHER_VILLAGE, 20),
    ];
    let mut number = 0;
    for (kind, village, count) in counts {
        for _ in 0..count {
            changes.extend(household(number, kind, village));
            number += 1;
        }
    }
    apply(&client, changes);
    let table = |more: &[&str]| {
        let asked = [&["statistic", "table", "household-type", "--json"], more].concat();
        county.run(&asked, &[])
    };
    let published = table(&[]).done().json();
    let place = |class: &str| {
        let mut classes = published["classes"].as_array().unwrap().iter();
        classes.position(|it| it == class).unwrap()
    };
    let (general, allowance) = (place("general"), place("allowance"));
    let rows = published["rows"].as_array().unwrap();
    let total = rows[0]["counts"].as_array().unwrap().len() - 1;
    let count = |row: usize, column: usize| rows[row]["counts"][column].as_u64();
    assert_eq!([count(0, allowance), count(0, general)], [None, None]);
    assert_eq!([count(1, allowance), count(1, general)], [None, None]);
    assert_eq!([count(0, total), count(1, total)], [Some(43), Some(80)]);
    assert_eq!(
        [count(2, allowance), count(2, general)],
        [Some(23), Some(100)]
    );
    // Which of them are small would give them back.
    assert_eq!(published["left_out"], 4);
    assert_eq!(published.as_object().unwrap().len(), 4, "{published}");
    table(&["--threshold", "5"]).refused("below-threshold");
    table(&["--area", VILLAGE]).refused("nothing-to-publish");
    let unheard = county.run(&["statistic", "table", "measure"], &[]);
    unheard.refused("malformed-request");
}

/// A county of two townships with a household each, one of which has an income; who reports there, and a window.
struct Reporting {
    county: Node,
    chun: Officer,
    window: String,
}

impl Reporting {
    fn new() -> Self {
        let county = Node::luxi();
        let mut changes: Vec<_> = [TOWNSHIP, OTHER_TOWNSHIP, VILLAGE, OTHER_VILLAGE]
            .map(area)
            .into();
        changes.extend(household(0, "general", VILLAGE));
        changes.extend(household(1, "general", OTHER_VILLAGE));
        changes.push(income(0, VILLAGE, 2016, 4_000));
        apply(&county.client(), changes);
        let appoint =
            |login: &str, area: &str| Officer::appoint(&county, login, "township-officer", area);
        let chun = appoint("chun", TOWNSHIP);
        appoint("xia", TOWNSHIP);
        appoint("qiu", OTHER_TOWNSHIP);
        let mut reporting = Self {
            county,
            chun,
            window: String::new(),
        };
        let window = reporting.ask("2099-01-01", "income-per-head").done().json();
        reporting.window = window["window"].as_str().unwrap().to_owned();
        reporting
    }

    /// Runs `lika report` as this officer.
    fn run(&self, login: &str, arguments: &[&str]) -> Ran {
        let asked = [&["report"], arguments, &["--as", login, "--json"]].concat();
        self.county.run(&asked, &[])
    }

    /// Asks both townships for an indicator of 2016 and how many households they have.
    fn ask(&self, until: &str, indicator: &str) -> Ran {
        let when = ["--period", "2016", "--from", "2017-01-01", "--until", until];
        let of = ["--of", TOWNSHIP, "--of", OTHER_TOWNSHIP, "--area", COUNTY];
        let what = ["--indicator", indicator, "--indicator", "households"];
        self.run(
            "admin",
            &[&["ask", "2016年报"], &when[..], &of, &what].concat(),
        )
    }

    /// Reports as this officer.
    fn give(&self, login: &str) -> Ran {
        self.run(login, &["give", &self.window])
    }

    /// Who has reported, and who has not.
    fn standing(&self) -> Ran {
        self.run("admin", &["standing", &self.window])
    }
}

/// A window asks, and the townships that it asks report while it is open, each its own figures.
#[test]
fn who_is_asked_reports_and_who_has_not_is_named() {
    let reporting = Reporting::new();
    reporting
        .ask("2099-01-01", "happiness")
        .refused("invalid-field");
    let over = reporting.ask("2017-02-01", "income-per-head").done().json();
    let over = over["window"].as_str().unwrap();
    let listed = reporting.run("chun", &["windows"]).done().json();
    assert_eq!(listed["windows"].as_array().unwrap().len(), 2);

    let window = reporting.window.as_str();
    reporting
        .run("chun", &["give", over])
        .refused("window-closed");
    let beside = ["give", window, "--area", OTHER_TOWNSHIP];
    reporting.run("chun", &beside).refused("denied");
    let whole = ["give", window, "--area", COUNTY];
    reporting.run("admin", &whole).refused("not-in-window");
    let given = reporting.give("chun").done().json();
    assert_eq!(given["figures"][0]["value"], 400_000);
    assert_eq!(given["figures"][1]["value"], 1);
    reporting.give("chun").refused("already-reported");
    let standing = reporting.standing();
    assert_eq!(standing.code, Some(1));
    assert_eq!(
        standing.json()["missing"],
        serde_json::json!([OTHER_TOWNSHIP])
    );
    let given = reporting.give("qiu").done().json();
    assert_eq!(
        given["figures"][0]["value"],
        Value::Null,
        "nobody has stated an income"
    );
    assert_eq!(
        reporting.standing().done().json()["missing"],
        serde_json::json!([])
    );

    // Nobody makes up a report.
    let turn = log::report::Turn {
        act: "reported".to_owned(),
        officer: reporting.chun.id.clone(),
        cadre: Vec::new(),
        on: 20_170_101,
    };
    let open = log::report::Open {
        window: vec![1; 16],
        area: TOWNSHIP.to_owned(),
        period: 2016,
        figures: Vec::new(),
        turns: vec![turn],
    };
    let by_hand = Body::Report(log::Report {
        open: Some(open),
        free_text: None,
    });
    let client = &reporting.chun.client;
    let by_hand = client.apply(request(), vec![create(TOWNSHIP, by_hand)]);
    assert_eq!(code_of(by_hand), "made-by-the-node");
}

/// What was reported is locked until somebody else opens it again with a reason.
#[test]
fn a_report_locks_its_period_until_somebody_else_opens_it() {
    let reporting = Reporting::new();
    let given = reporting.give("chun").done().json();
    let id = given["report"].as_str().unwrap();
    // A second household makes the mean another one: its year is locked in this township, and nowhere else.
    let office = reporting.county.client();
    apply(&office, household(2, "general", VILLAGE).to_vec());
    let client = &reporting.chun.client;
    let late = || income(2, VILLAGE, 2016, 5_000);
    let locked = client.apply(request(), vec![late()]);
    assert_eq!(code_of(locked), "period-reported");
    let elsewhere = income(1, OTHER_VILLAGE, 2016, 1);
    apply(&office, vec![elsewhere, income(2, VILLAGE, 2015, 5_000)]);
    let standing = reporting.standing().json();
    let moved = &standing["reported"][0]["moved"];
    assert_eq!(*moved, serde_json::json!(["households"]));

    let reopen =
        |login: &str, reason: &str| reporting.run(login, &["reopen", id, "--reason", reason]);
    reopen("chun", "漏报一户").refused("same-person");
    reopen("xia", "").refused("invalid-field");
    reopen("qiu", "漏报一户").refused("not-found");
    reopen("xia", "漏报一户").done();
    reopen("xia", "漏报一户").refused("not-reported");
    client.apply(request(), vec![late()]).unwrap();
    let given = reporting.give("chun").done().json();
    assert_eq!(given["figures"][0]["value"], 450_000);
}

/// The form's income year: where a survey's year begins in October, one of October 2016 is about 2016.
#[test]
fn the_income_year_of_a_survey_is_a_setting() {
    let mut county = Node::create(COUNTY, "芦溪县");
    let config = std::fs::read_to_string(county.config()).unwrap();
    let own = config.replace(
        "income_year_from_month = 1\n",
        "income_year_from_month = 10\n",
    );
    assert_ne!(own, config);
    std::fs::write(county.config(), own).unwrap();
    county.start();
    let client = county.client();
    apply(&client, vec![area(TOWNSHIP), area(VILLAGE)]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("households.csv");
    let rows = "行政区划代码,户编号,姓名,证件号码,与户主关系,户类型,工资性收入\n\
                360323101201,1,张三,,户主,一般贫困户,4000\n";
    std::fs::write(&file, rows).unwrap();
    county
        .run(&["import", "--as-of", "2016-10-15"], &[&file])
        .done();
    assert_eq!(client.totals(COUNTY)["income/net@2016"], 400_000);
    // A view is of the last such year that is over.
    let view = folder.path().join("book.xlsx");
    let export = ["export", "book", "--area", VILLAGE, "--out"];
    county.run(&export, &[&view]).done();
    let year = IncomeYear::beginning_in(10).unwrap();
    let year = year.last_whole(System.today()).unwrap();
    let mut book: Xlsx<_> = open_workbook(&view).unwrap();
    let (_, sheet) = book.worksheets().remove(0);
    let title = sheet.get_value((0, 0)).unwrap().to_string();
    assert!(title.ends_with(&year.get().to_string()), "{title}");
    let show = ["config", "show", "--config"].map(OsStr::new);
    let shown = lika(show.into_iter().chain([county.config().as_os_str()]));
    let shown = shown.done().stdout;
    assert!(
        shown.contains("counting.income_year_from_month = 10"),
        "{shown}"
    );
    assert!(shown.contains("counting.threshold = 10"), "{shown}");
}
