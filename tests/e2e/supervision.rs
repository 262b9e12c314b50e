//! Supervision and assessment: who owes what, what inspections find, the ladder, letters, rankings and awards, on the
//! command line and through the public API, with the documents' own figures.

use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use lika_tests::{
    Client, Node, Officer, Ran, area, built, code_of, create, new, numbered, request, shown,
};
use serde_json::Value;

const COUNTY: &str = "360323";
/// S4.1, S4.7: nine townships, 14 key villages and 36 first secretaries.
const TOWNSHIPS: usize = 9;
const KEY_VILLAGES: usize = 14;
const FIRST_SECRETARIES: usize = 36;

fn township(number: usize) -> String {
    format!("{COUNTY}{}", 101 + number)
}

/// Four villages in each township: 36, of which 14 are key villages.
fn village(number: usize) -> String {
    format!("{}{}", township(number / 4), 201 + number % 4)
}

fn key_village(code: &str) -> v1::Change {
    let open = log::area::Open {
        code: code.to_owned(),
        name: "某村".to_owned(),
        key_village: vec![log::Period {
            from: 20_160_101,
            until: 0,
        }],
        ..log::area::Open::default()
    };
    create(code, Body::AreaRecord(log::Area { open: Some(open) }))
}

fn cadre(id: Vec<u8>, area: &str) -> v1::Change {
    let open = log::cadre::Open {
        rank: "section-deputy".to_owned(),
        from: 20_100_101,
        ..log::cadre::Open::default()
    };
    let cadre = log::Cadre {
        open: Some(open),
        ..log::Cadre::default()
    };
    new(id, area, Body::Cadre(cadre))
}

fn unit(number: usize) -> v1::Change {
    let open = log::unit::Open {
        name: format!("单位{number}"),
        r#type: "government".to_owned(),
    };
    let body = Body::Unit(log::Unit { open: Some(open) });
    new(numbered(0x30, number), COUNTY, body)
}

fn post(post: Vec<u8>, cadre: Vec<u8>, role: &str, area: &str, from: u32) -> v1::Change {
    let open = log::post::Open {
        cadre,
        role: role.to_owned(),
        from,
        until: 0,
    };
    new(post, area, Body::Post(log::Post { open: Some(open) }))
}

/// Luxi with its organisation: the cadres stand in the county, the offices where they are held.
struct County {
    node: Node,
}

impl County {
    #[track_caller]
    fn new() -> Self {
        let node = Node::luxi();
        let client = node.client();
        let townships = (0..TOWNSHIPS).map(|number| area(&township(number)));
        client.apply(request(), townships.collect()).unwrap();
        let villages = (0..FIRST_SECRETARIES).map(|number| match number < KEY_VILLAGES {
            true => key_village(&village(number)),
            false => area(&village(number)),
        });
        client.apply(request(), villages.collect()).unwrap();
        let cadres = (0..FIRST_SECRETARIES).map(|number| cadre(numbered(0x10, number), COUNTY));
        let heads = (0..TOWNSHIPS).map(|number| cadre(numbered(0x11, number), COUNTY));
        client
            .apply(request(), cadres.chain(heads).collect())
            .unwrap();
        client
            .apply(request(), (0..10).map(unit).collect())
            .unwrap();
        let secretaries = (0..FIRST_SECRETARIES).map(|number| {
            let (own, cadre) = (numbered(0x20, number), numbered(0x10, number));
            post(own, cadre, "first-secretary", &village(number), 20_160_101)
        });
        let stations = (0..TOWNSHIPS).map(|number| {
            let (own, cadre) = (numbered(0x21, number), numbered(0x11, number));
            post(
                own,
                cadre,
                "work-station-head",
                &township(number),
                20_160_101,
            )
        });
        client
            .apply(request(), secretaries.chain(stations).collect())
            .unwrap();
        Self { node }
    }

    fn client(&self) -> Client {
        self.node.client()
    }

    fn total(&self, dimension: &str) -> i64 {
        let totals = self.client().totals(COUNTY);
        totals.get(dimension).copied().unwrap_or_default()
    }

    fn run(&self, login: &str, arguments: &[&str]) -> Ran {
        let as_officer = [arguments, &["--json", "--as", login]].concat();
        self.node.run(&as_officer, &[])
    }

    fn try_run(&self, line: &str) -> Ran {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        self.run("admin", &arguments)
    }

    #[track_caller]
    fn done(&self, line: &str) -> Value {
        self.try_run(line).done().json()
    }

    /// The id of what a command made.
    #[track_caller]
    fn made(&self, line: &str, what: &str) -> String {
        self.done(line)[what].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn count(&self, on: &str, code: &str) -> Value {
        let due = self.done(&format!("task due --area {COUNTY} --on {on}"));
        let counts = due["counts"].as_array().unwrap();
        let count = counts.iter().find(|count| count["code"] == code);
        count
            .unwrap_or_else(|| panic!("no {code} in {due}"))
            .clone()
    }
}

#[test]
fn s4_7_36_first_secretaries_are_no_one_to_one_with_14_key_villages() {
    let county = County::new();
    assert_eq!(county.total("posts/first-secretary"), 36);
    assert_eq!(county.total("posts/work-station-head"), 9);
    let posts = county.done("post list --area 360323");
    let posts = posts["posts"].as_array().unwrap();
    let of = |role: &str| posts.iter().filter(|post| post["role"] == role).count();
    assert_eq!(of("first-secretary"), FIRST_SECRETARIES);
    // The same cadre may hold the office of a second village, but not twice that of one.
    let cadre = shown(&numbered(0x10, 0));
    let again = format!("post appoint first-secretary --cadre {cadre} --from 2016-02-01 --area ");
    county
        .try_run(&(again.clone() + &village(0)))
        .refused("already-in-post");
    county.done(&(again + &village(1)));
    assert_eq!(county.total("posts/first-secretary"), 37);
    county.done(&format!(
        "post end {} --until 2016-03-01",
        shown(&numbered(0x20, 1))
    ));
    assert_eq!(county.total("posts/first-secretary"), 36);
}

#[test]
fn s4_8_the_six_ones_are_due_late_done_and_counted() {
    let county = County::new();
    let installed = county.done("duty install luxi --area 360323 --from 2016-01-01");
    assert_eq!(installed["duties"].as_array().unwrap().len(), 14);

    // Until the end of April: four months, two quarters that have begun, one year.
    let owed = |code: &str, periods: usize| {
        let count = county.count("2016-04-30", code);
        assert_eq!(count["owed"], FIRST_SECRETARIES * periods, "{count}");
    };
    for (code, periods) in [
        ("diary", 4),
        ("ledger", 4),
        ("lecture", 2),
        ("survey-report", 1),
        ("promised-works", 1),
        ("quarterly-report", 2),
    ] {
        owed(code, periods);
    }
    let late = county.count("2016-04-30", "lecture");
    assert_eq!(late["late"], FIRST_SECRETARIES, "{late}");

    // The secretary of the first village gives his lectures, the second one late; each of the six ones once more.
    Officer::appoint(&county.node, "cun", "village-cadre", &village(0));
    let holder = shown(&numbered(0x20, 0));
    let done = |code: &str, more: &str| {
        let line = format!("task done {code} --holder {holder} {more}");
        let arguments: Vec<&str> = line.split_whitespace().collect();
        county.run("cun", &arguments)
    };
    done("lecture", "--on 2016-03-01").done();
    done("lecture", "--on 2016-07-20 --period 2016-04-01").done();
    for code in [
        "diary",
        "ledger",
        "survey-report",
        "promised-works",
        "quarterly-report",
    ] {
        done(code, "--on 2016-02-10 --note 按时完成").done();
    }
    assert_eq!(county.total("tasks/lecture@2016"), 2);
    assert_eq!(county.total("tasks-late/lecture@2016"), 1);
    assert_eq!(county.total("tasks/diary@2016"), 1);
    assert_eq!(county.total("tasks/survey-report@2016"), 1);
    let count = county.count("2016-07-31", "lecture");
    assert_eq!(
        (&count["done"], &count["done_late"]),
        (&2.into(), &1.into())
    );
    // As of the day before, the second lecture was still late.
    let count = county.count("2016-07-19", "lecture");
    assert_eq!(count["late"], 2 * FIRST_SECRETARIES - 1, "{count}");
}

#[test]
fn s4_8_a_task_before_its_period_is_refused_and_nothing_is_written() {
    let county = County::new();
    county.done("duty install luxi --area 360323 --from 2016-01-01");
    let client = county.client();
    let duties = client.list(Kind::Duty, COUNTY).unwrap();
    let lecture = duties.into_iter().find(|record| match &record.body {
        Some(Body::Duty(duty)) => duty.open.as_ref().unwrap().code == "lecture",
        _ => false,
    });
    let open = log::task::Open {
        duty: lecture.unwrap().id,
        holder_kind: Kind::Post as u32,
        holder: numbered(0x20, 0),
        period: 20_160_701,
        result: "done".to_owned(),
        on: 20_160_630,
        ..log::task::Open::default()
    };
    let task = |open: &log::task::Open| {
        let task = log::Task {
            open: Some(open.clone()),
            ..log::Task::default()
        };
        create(&village(0), Body::Task(task))
    };
    let head = client.status().head;
    let early = client.apply(request(), vec![task(&open)]);
    assert_eq!(code_of(early), "task-before-period");
    assert_eq!(client.status().head, head);
    let in_time = log::task::Open {
        on: 20_160_701,
        ..open
    };
    client.apply(request(), vec![task(&in_time)]).unwrap();
    let twice = client.apply(request(), vec![task(&in_time)]);
    assert_eq!(code_of(twice), "stale-revision");
}

#[test]
fn s4_8_the_ladder_is_climbed_rung_by_rung_and_rests_on_findings() {
    let county = County::new();
    let cadre = shown(&numbered(0x10, 3));
    let found = |on: &str, deadline: &str| {
        let line = format!(
            "finding record laxity --subject {cadre} --on {on} --deadline {deadline} --note 台账未更新"
        );
        county.made(&line, "finding")
    };
    let first = found("2016-03-01", "2016-03-15");
    let impose = |kind: &str, on: &str, more: &str| {
        county.try_run(&format!(
            "sanction impose {kind} --subject {cadre} --on {on} {more}"
        ))
    };
    let resting = format!("--finding {first}");
    let head = county.client().status().head;
    impose("reprimand", "2016-03-02", "").refused("sanction-without-finding");
    impose("interview", "2016-03-02", &resting).refused("rung-skipped");
    assert_eq!(county.client().status().head, head);
    impose(
        "reprimand",
        "2016-03-02",
        &format!("{resting} --lapses-on 2017-03-02"),
    )
    .done();
    county
        .try_run(&format!(
            "finding settle {first} --end put-right --on 2016-02-28"
        ))
        .refused("settled-before-found");
    county.done(&format!(
        "finding settle {first} --end put-right --on 2016-03-10"
    ));
    let second = found("2016-05-01", "2016-05-15");
    let resting = format!("--finding {second}");
    impose("accountability", "2016-05-02", &resting).refused("rung-skipped");
    impose("interview", "2016-05-02", &resting).done();
    impose("accountability", "2016-06-01", &resting).done();
    for kind in ["reprimand", "interview", "accountability"] {
        assert_eq!(county.total(&format!("sanctions/{kind}@2016")), 1, "{kind}");
    }
    assert_eq!(county.total("findings@2016"), 2);
    assert_eq!(county.total("findings-open"), 1);
    let listed = county.done("finding list --open");
    assert_eq!(listed["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn s4_9_the_rhythm_of_the_county_falls_due() {
    let county = County::new();
    county.done("duty install luxi --area 360323 --from 2016-01-01");
    let head = shown(&numbered(0x11, 0));
    county.done(&format!(
        "post appoint leading-group-head --area {COUNTY} --cadre {head} --from 2016-01-01"
    ));
    for (code, periods) in [
        ("inspection", 12),
        ("dispatch", 6),
        ("summary", 2),
        ("assessment", 1),
    ] {
        let count = county.count("2016-12-31", code);
        assert_eq!(count["owed"], periods, "{count}");
    }
}

#[test]
fn s4_9_letters_are_signed_level_by_level_and_answers_are_counted() {
    let county = County::new();
    // From the county down to a village.
    let (upper, lower) = (shown(&numbered(0x11, 1)), shown(&numbered(0x11, 2)));
    for place in [township(0), village(0)] {
        let line = format!("letter write --lower {place} --year 2016 --goal people-exited=500");
        let letter = county.made(&line, "letter");
        let sign = |side: &str, cadre: &str| {
            county.try_run(&format!(
                "letter sign {letter} --side {side} --cadre {cadre} --on 2016-01-20"
            ))
        };
        sign("lower", &lower).done();
        sign("lower", &upper).refused("side-signed");
        sign("upper", &lower).refused("signs-for-both");
        sign("upper", &upper).done();
    }
    assert_eq!(county.total("letters-signed@2016"), 2);

    let asked = format!(
        "satisfaction record --subject {} --on 2016-11-01",
        township(0)
    );
    county
        .try_run(&format!("{asked} --asked 100 --answer satisfied=101"))
        .refused("more-answers-than-asked");
    county.done(&format!(
        "{asked} --asked 100 --answer very-satisfied=60 --answer dissatisfied=5"
    ));
    assert_eq!(county.total("survey-asked@2016"), 100);
    assert_eq!(county.total("survey/dissatisfied@2016"), 5);
}

#[test]
fn s4_9_who_fails_the_assessment_gets_a_yellow_card_with_a_deadline() {
    let county = County::new();
    // Nine townships are assessed; two of them do equally well.
    for (number, score) in [90, 85, 85, 80, 70, 65, 62, 61, 40].into_iter().enumerate() {
        let grade = if score < 60 { "failing" } else { "good" };
        let (place, of_year) = (township(number), "--on 2016-12-31 --source 县委文件");
        county.done(&format!(
            "assessment enter {place} --score {score} --grade {grade} {of_year}"
        ));
    }
    let ranking = county.done("assessment ranking --of township --on 2016-07-01");
    let places = ranking["ranked"].as_array().unwrap().iter();
    let places: Vec<i64> = places.map(|it| it["place"].as_i64().unwrap()).collect();
    assert_eq!(places, [1, 2, 2, 4, 5, 6, 7, 8, 9]);
    assert_eq!(county.total("assessments/year/failing@2016"), 1);

    let last = township(8);
    let finding = county.made(
        &format!("finding record failed-assessment --inspection assessment --subject {last} --on 2016-12-31 --deadline 2017-06-30"),
        "finding",
    );
    let card = county.made(
        &format!("sanction impose yellow-card --subject {last} --finding {finding} --on 2017-01-10 --deadline 2017-06-30"),
        "sanction",
    );
    assert_eq!(county.total("yellow-cards"), 1);
    county.done(&format!("sanction lift {card} --on 2017-05-01"));
    assert_eq!(county.total("yellow-cards"), 0);
}

#[test]
fn s4_9_3_townships_10_units_and_10_people_are_commended_and_no_more() {
    let county = County::new();
    let give = |award: &str, to: &[String]| {
        let to: Vec<String> = to.iter().map(|to| format!("--to {to}")).collect();
        county.try_run(&format!("award give {award} {}", to.join(" ")))
    };
    let announce = |category: &str, most: usize| {
        county.made(
            &format!("award announce {category} --area {COUNTY} --year 2016 --most {most}"),
            "award",
        )
    };
    let townships = announce("township", 3);
    let best: Vec<String> = (0..4).map(township).collect();
    give(&townships, &best).refused("award-beyond-number");
    assert_eq!(county.total("awards/township@2016"), 0);
    give(&townships, &best[..3]).done();
    let units: Vec<String> = (0..10)
        .map(|number| shown(&numbered(0x30, number)))
        .collect();
    give(&announce("unit", 10), &units).done();
    let people: Vec<String> = (0..10)
        .map(|number| shown(&numbered(0x10, number)))
        .collect();
    give(&announce("person", 10), &people).done();
    for (category, given) in [("township", 3), ("unit", 10), ("person", 10)] {
        let dimension = format!("awards/{category}@2016");
        assert_eq!(county.total(&dimension), given, "{category}");
    }
}

#[test]
fn s3_2_one_assessment_a_year_a_settlement_every_three_and_five_dismissals() {
    let county = County::new();
    county.done("duty install guangdong --area 360323 --from 2010-01-01");
    let head = shown(&numbered(0x11, 0));
    county.done(&format!(
        "post appoint leading-group-head --area {COUNTY} --cadre {head} --from 2010-01-01"
    ));
    let due = county.done("task due --on 2015-12-31 --since 2010-01-01");
    let owed = |code: &str| {
        let counts = due["counts"].as_array().unwrap();
        counts.iter().find(|count| count["code"] == code).unwrap()["owed"].clone()
    };
    assert_eq!(
        (owed("assessment"), owed("settlement")),
        (6.into(), 2.into())
    );

    // The settlement of three years is an assessment of its own, beside the yearly ones.
    for (rhythm, on) in [("year", "2012-12-31"), ("three-years", "2010-06-01")] {
        let line = format!("assessment enter {COUNTY} --rhythm {rhythm} --on {on} --score 95.5");
        county.done(&format!("{line} --grade excellent --source 验收结果"));
    }
    assert_eq!(county.total("assessments/three-years@2010"), 1);

    // The five dismissals of the first round, each through the ladder.
    for number in 0..5 {
        let cadre = shown(&numbered(0x10, number));
        let finding = county.made(
            &format!(
                "finding record inaction --subject {cadre} --on 2012-02-01 --deadline 2012-03-01"
            ),
            "finding",
        );
        let impose = |kind: &str, on: &str, more: &str| {
            county.done(&format!(
                "sanction impose {kind} --subject {cadre} --finding {finding} --on {on} {more}"
            ));
        };
        impose("reprimand", "2012-03-02", "");
        impose("interview", "2012-05-02", "");
        impose("accountability", "2012-09-01", "--penalty dismissal");
    }
    assert_eq!(county.total("penalties/dismissal@2012"), 5);
}

#[test]
fn s1_7_county_township_and_village_are_assessed_each_among_its_own() {
    let county = County::new();
    for (place, score) in [
        (COUNTY.to_owned(), 88),
        (township(0), 70),
        (township(1), 75),
        (village(0), 60),
        (village(1), 95),
        (village(2), 80),
    ] {
        county.done(&format!(
            "assessment enter {place} --on 2016-12-31 --score {score} --grade good --source 考核通报"
        ));
    }
    for (category, best) in [
        ("county", COUNTY.to_owned()),
        ("township", township(1)),
        ("village", village(1)),
    ] {
        let ranking = county.done(&format!(
            "assessment ranking --of {category} --on 2016-12-31"
        ));
        assert_eq!(ranking["ranked"][0]["area"], best, "{category}");
    }
    county
        .try_run(
            "assessment enter 360323 --on 2016-12-31 --score 99 --grade good --source 考核通报",
        )
        .refused("stale-revision");
}

#[test]
fn s0_7_the_county_reports_to_its_townships_every_month() {
    let county = County::new();
    county.done("duty install taishun --area 360323 --from 2005-01-01");
    let head = shown(&numbered(0x11, 0));
    let post = county.made(
        &format!(
            "post appoint leading-group-head --area {COUNTY} --cadre {head} --from 2010-06-15"
        ),
        "post",
    );
    let due = county.done("task due --on 2010-12-31 --since 2010-01-01");
    // From June, whose last day she is in office, to December.
    assert_eq!(due["counts"][0]["owed"], 7, "{due}");
    county.done(&format!(
        "task done supervision-report --holder {post} --on 2010-07-02 --period 2010-06-30"
    ));
    assert_eq!(county.total("tasks/supervision-report@2010"), 1);
    // A village cadre sees no record of the county, and excuses nobody there.
    Officer::appoint(&county.node, "cun", "village-cadre", &village(0));
    let excuse =
        format!("task excuse supervision-report --holder {post} --on 2010-08-10 --note 抗洪");
    let arguments: Vec<&str> = excuse.split_whitespace().collect();
    county.run("cun", &arguments).refused("not-found");
    county.run("admin", &arguments).done();
    assert_eq!(county.total("tasks-excused/supervision-report@2010"), 1);
}

/// The decisions for a purpose about records that stand in an area: what they say, by their subject.
fn decisions(client: &Client, area: &str, purpose: &str) -> Vec<(String, log::decision::Open)> {
    let records = client.list(Kind::Decision, area).unwrap().into_iter();
    let decisions = records.filter_map(|record| match record.body {
        Some(Body::Decision(decision)) => Some((shown(&record.id), decision.open?)),
        _ => None,
    });
    decisions
        .filter(|(_, decision)| decision.purpose == purpose)
        .collect()
}

#[test]
fn s4_8_a_policy_proposes_the_next_rung_and_the_office_takes_it() {
    let county = County::new();
    county.done("duty install luxi --area 360323 --from 2016-01-01");
    county
        .node
        .put_in_force(&built::policy("supervision"), None, "2016-01-01");
    let about_third = || {
        let cadre = numbered(0x10, 3);
        let all = decisions(&county.client(), COUNTY, "supervision");
        let mut own = all.into_iter().filter(|(_, own)| own.subject == cadre);
        own.next().unwrap()
    };
    // In January nothing is late yet.
    let evaluated = county.node.evaluate("supervision", Some("2016-01-31"));
    assert_eq!(evaluated["granted"], TOWNSHIPS, "{evaluated}");
    assert_eq!(evaluated["refused"], FIRST_SECRETARIES, "{evaluated}");
    let (_, decision) = about_third();
    assert_eq!(decision.reasons[0].code, "nothing-found");

    // Three diaries, three ledgers, a lecture and a report later.
    let evaluated = county.node.evaluate("supervision", Some("2016-04-30"));
    let everybody = FIRST_SECRETARIES + TOWNSHIPS;
    assert_eq!(evaluated["granted"], everybody, "{evaluated}");
    let (decision, said) = about_third();
    assert_eq!(said.category, "reprimand");
    assert_eq!(said.reasons[0].code, "tasks-late");
    assert_eq!(said.reasons[0].arguments, ["8"]);

    let cadre = shown(&numbered(0x10, 3));
    let finding = county.made(
        &format!("finding record delay --subject {cadre} --on 2016-04-30 --deadline 2016-05-31"),
        "finding",
    );
    let impose = |kind: &str, on: &str, decision: &str| {
        county.try_run(&format!(
            "sanction impose {kind} --subject {cadre} --finding {finding} --on {on} --decision {decision}"
        ))
    };
    impose("naming", "2016-05-03", &decision).refused("other-than-decided");
    impose("reprimand", "2016-05-03", &decision).done();

    // Thirty days to put things right; then the interview.
    county.node.evaluate("supervision", Some("2016-05-31"));
    assert_eq!(about_third().1.reasons[0].code, "respite");
    county.node.evaluate("supervision", Some("2016-06-30"));
    let (decision, said) = about_third();
    assert_eq!(said.category, "interview");
    impose("interview", "2016-07-01", &decision).done();
    assert_eq!(county.total("sanctions/interview@2016"), 1);
}

/// A household of so many people that has exited in a year.
fn exited(number: usize, area: &str, people: usize, year: u32) -> Vec<v1::Change> {
    let own = numbered(0x40, number);
    let household = log::Household {
        open: Some(log::household::Open {
            r#type: "exited".to_owned(),
            exit_year: year,
            ..log::household::Open::default()
        }),
        ..log::Household::default()
    };
    let member = |place: usize| {
        let open = log::member::Open {
            household: own.clone(),
            from: 20_140_101,
            relation: if place == 0 { "02" } else { "99" }.to_owned(),
            ..log::member::Open::default()
        };
        let member = log::Member {
            open: Some(open),
            ..log::Member::default()
        };
        create(area, Body::Member(member))
    };
    let mut changes = vec![new(own.clone(), area, Body::Household(household))];
    changes.extend((0..people).map(member));
    changes
}

#[test]
fn s4_9_people_exited_against_the_signed_goal_make_the_score() {
    let county = County::new();
    let client = county.client();
    for (number, (village, people, year)) in [
        (village(0), 3, 2016),
        (village(1), 4, 2016),
        (village(2), 5, 2015),
        (village(4), 2, 2016),
    ]
    .into_iter()
    .enumerate()
    {
        client
            .apply(request(), exited(number, &village, people, year))
            .unwrap();
    }
    let (upper, lower) = (shown(&numbered(0x11, 1)), shown(&numbered(0x11, 2)));
    for (number, goal) in [(0, 10), (1, 2)] {
        let place = township(number);
        let letter = county.made(
            &format!("letter write --lower {place} --year 2016 --goal people-exited={goal}"),
            "letter",
        );
        for (side, cadre) in [("lower", &lower), ("upper", &upper)] {
            county.done(&format!(
                "letter sign {letter} --side {side} --cadre {cadre} --on 2016-01-20"
            ));
        }
    }
    let settings = county.node.folder().join("settings.json");
    std::fs::write(&settings, r#"{"growth-weight": 0, "services-weight": 0}"#).unwrap();
    county
        .node
        .put_in_force(&built::policy("assessment"), Some(&settings), "2016-01-01");
    let evaluated = county.node.evaluate("assessment", Some("2016-12-31"));
    assert_eq!(evaluated["granted"], 2, "{evaluated}");
    // Seven townships have signed no letter: a person decides.
    assert_eq!(evaluated["undetermined"], 7, "{evaluated}");

    let mut scores = Vec::new();
    for number in 0..2 {
        let place = township(number);
        let all = decisions(&client, &place, "assessment");
        let (decision, said) = all.into_iter().next().unwrap();
        scores.push((said.category, said.score));
        county.done(&format!("assessment accept {decision} --on 2016-12-31"));
    }
    // Seven of ten people, and two of two.
    assert_eq!(
        scores,
        [
            ("passing".to_owned(), Some(7000)),
            ("excellent".to_owned(), Some(10_000))
        ]
    );
    let ranking = county.done("assessment ranking --of township --on 2016-12-31");
    assert_eq!(
        ranking["ranked"][0]["area"],
        township(1).as_str(),
        "{ranking}"
    );
    assert_eq!(ranking["ranked"][0]["entered"], false);
}
