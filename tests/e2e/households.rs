//! Households over time on a real node: what happens to them, who succeeds their helpers, exit with its follow-up, and the
//! quota, on the command line and through the public API.

use std::fs;

use lika_proto::{
    log::v1::{self as log},
    v1::{self, record::Body},
};
use lika_tests::{Node, Officer, Ran, built, create, new, request};
use serde_json::Value;

const COUNTY: &str = "360323";
const TOWNSHIP: &str = "360323101";
const VILLAGE: &str = "360323101201";
const NEXT_VILLAGE: &str = "360323101202";

/// Ids whose first byte says what they are.
const HOUSEHOLD: u8 = 0x10;
const MEMBER: u8 = 0x20;
const CADRE: u8 = 0x30;
const PAIRING: u8 = 0x40;
const UNIT: u8 = 0x50;

fn id(what: u8, number: u8) -> [u8; 16] {
    let mut id = [what; 16];
    id[15] = number;
    id
}

fn text(what: u8, number: u8) -> String {
    uuid::Uuid::from_bytes(id(what, number)).to_string()
}

fn household(number: u8, village: &str, identified_on: u32) -> v1::Change {
    let open = log::household::Open {
        r#type: "development".to_owned(),
        identified_on,
        ..log::household::Open::default()
    };
    let household = log::Household {
        open: Some(open),
        ..log::Household::default()
    };
    new(id(HOUSEHOLD, number), village, Body::Household(household))
}

fn member(number: u8, of: u8, village: &str, relation: &str) -> v1::Change {
    let open = log::member::Open {
        household: id(HOUSEHOLD, of).to_vec(),
        from: 20_140_101,
        relation: relation.to_owned(),
        sex: "1".to_owned(),
        birth_year: 1970,
        labour: "ordinary".to_owned(),
        medical_insurance: Some(true),
        allowance: Some(false),
        work_region: "county".to_owned(),
        ..log::member::Open::default()
    };
    let identity = log::member::Identity {
        document: Some(log::Document {
            none_reason: "not-given".to_owned(),
            ..log::Document::default()
        }),
        name: format!("张{}", ["三", "四", "五", "六"][usize::from(number % 4)]),
        ..log::member::Identity::default()
    };
    let member = log::Member {
        open: Some(open),
        identity: Some(identity),
        ..log::Member::default()
    };
    new(id(MEMBER, number), village, Body::Member(member))
}

fn cadre(number: u8, rank: &str) -> v1::Change {
    let open = log::cadre::Open {
        rank: rank.to_owned(),
        from: 20_150_101,
        ..log::cadre::Open::default()
    };
    let cadre = log::Cadre {
        open: Some(open),
        ..log::Cadre::default()
    };
    new(id(CADRE, number), COUNTY, Body::Cadre(cadre))
}

fn pairing(number: u8, of: u8, by: u8, level: &str, village: &str) -> v1::Change {
    let open = log::pairing::Open {
        household: id(HOUSEHOLD, of).to_vec(),
        cadre: id(CADRE, by).to_vec(),
        role: "focus".to_owned(),
        level: level.to_owned(),
        responsible: true,
        from: 20_150_201,
        ..log::pairing::Open::default()
    };
    let pairing = log::Pairing { open: Some(open) };
    new(id(PAIRING, number), village, Body::Pairing(pairing))
}

/// Two villages; a household of a couple, a son and his child with a section-level helper in the first, and a household of
/// one in the second; a sponsoring unit and a cadre in the team of the first.
struct County {
    node: Node,
}

impl County {
    #[track_caller]
    fn new() -> Self {
        let node = Node::luxi();
        let area = |code: &str, name: &str| {
            let open = log::area::Open {
                code: code.to_owned(),
                name: name.to_owned(),
                ..log::area::Open::default()
            };
            create(code, Body::AreaRecord(log::Area { open: Some(open) }))
        };
        let areas = vec![
            area(TOWNSHIP, "上埠镇"),
            area(VILLAGE, "涣山村"),
            area(NEXT_VILLAGE, "新安村"),
        ];
        let client = node.client();
        client.apply(request(), areas).unwrap();
        let unit = log::unit::Open {
            name: "县林业局".to_owned(),
            r#type: "government".to_owned(),
        };
        let unit = Body::Unit(log::Unit { open: Some(unit) });
        let helpers = vec![
            cadre(1, "section-full"),
            cadre(2, "section-deputy"),
            new(id(UNIT, 1), COUNTY, unit),
        ];
        client.apply(request(), helpers).unwrap();
        let first = vec![
            household(1, VILLAGE, 20_150_110),
            member(1, 1, VILLAGE, "02"),
            member(2, 1, VILLAGE, "10"),
            member(3, 1, VILLAGE, "22"),
            member(4, 1, VILLAGE, "41"),
            pairing(1, 1, 1, "section", VILLAGE),
        ];
        client.apply(request(), first).unwrap();
        let second = vec![
            household(2, NEXT_VILLAGE, 20_150_110),
            member(5, 2, NEXT_VILLAGE, "02"),
        ];
        client.apply(request(), second).unwrap();
        let seat = |role: &str, holder: [u8; 16]| log::village_team::Seat {
            role: role.to_owned(),
            holder: holder.to_vec(),
            from: 20_150_201,
            until: 0,
        };
        let team = log::village_team::Open {
            seats: vec![
                seat("stationed", id(CADRE, 1)),
                seat("sponsor", id(UNIT, 1)),
            ],
            from: 20_150_201,
            ..log::village_team::Open::default()
        };
        let team = Body::VillageTeam(log::VillageTeam { open: Some(team) });
        client
            .apply(request(), vec![create(VILLAGE, team)])
            .unwrap();
        Officer::appoint(&node, "cun", "village-cadre", VILLAGE);
        Officer::appoint(&node, "zhen", "township-officer", TOWNSHIP);
        Self { node }
    }

    fn run(&self, login: &str, arguments: &[&str]) -> Ran {
        let as_officer = [arguments, &["--json", "--as", login]].concat();
        self.node.run(&as_officer, &[])
    }

    #[track_caller]
    fn done(&self, login: &str, arguments: &[&str]) -> Value {
        self.run(login, arguments).done().json()
    }

    /// `lika household` on the first household.
    fn life(&self, what: &str, more: &[&str]) -> Ran {
        let own = text(HOUSEHOLD, 1);
        self.run("admin", &[&["household", what, &own][..], more].concat())
    }

    fn shown(&self, household: &str) -> Value {
        self.done("admin", &["household", "show", household])
    }

    /// What has happened to a household, in words.
    fn history(&self, household: &str) -> Vec<String> {
        let history = self.done("admin", &["household", "history", household]);
        let events = history["events"].as_array().unwrap().iter();
        let words = events.map(|event| {
            let (what, reason) = (&event["what"], &event["reason"]);
            format!("{} {}", what.as_str().unwrap(), reason.as_str().unwrap())
        });
        words.collect()
    }

    /// A total of a year.
    fn total(&self, area: &str, year: u32, dimension: &str) -> i64 {
        self.stock(area, &format!("{dimension}@{year}"))
    }

    /// A total of now.
    fn stock(&self, area: &str, dimension: &str) -> i64 {
        let totals = self.node.client().totals(area);
        totals.get(dimension).copied().unwrap_or(0)
    }

    /// That nothing was written, and the code.
    #[track_caller]
    fn refused(&self, ran: impl FnOnce(&Self) -> Ran, code: &str) {
        let head = self.node.client().status().head;
        ran(self).refused(code);
        assert_eq!(self.node.client().status().head, head, "{code}");
    }

    #[track_caller]
    fn verified(mut self) {
        self.node.stop();
        self.node.must_verify();
    }
}

/// The son and his child found a household; its id.
#[track_caller]
fn split(county: &County) -> String {
    let (son, grandson) = (text(MEMBER, 3), text(MEMBER, 4));
    let leaves = ["--member", &son, "--member", &grandson, "--head", &son];
    let why = ["--on", "2016-03-01", "--reason", "division"];
    let untold = |it: &County| it.life("split", &[&leaves[..], &why].concat());
    county.refused(untold, "relation-needed");
    let child = format!("{grandson}=22");
    let told = ["--relation-of", child.as_str()];
    let founded = county.life("split", &[&leaves[..], &why, &told].concat());
    let founded = founded.done().json();
    founded["founded"].as_str().unwrap().to_owned()
}

#[test]
fn s1_4_a_split_founds_a_household_that_shares_helper_and_history() {
    let county = County::new();
    let founded = split(&county);
    let members = &county.shown(&founded)["members"];
    assert_eq!(members.as_array().unwrap().len(), 2);
    assert_eq!(county.history(&founded), ["split division"]);
    assert_eq!(county.history(&text(HOUSEHOLD, 1)), ["split division"]);
    assert_eq!(county.stock(VILLAGE, "households-paired"), 2);
    let reason = "household-event/split/division";
    assert_eq!(county.total(VILLAGE, 2016, reason), 1);
    let (head, wife) = (text(MEMBER, 1), text(MEMBER, 2));
    let everybody = ["--member", &head, "--member", &wife, "--head", &head];
    let everybody = [&everybody[..], &["--reason", "division"]].concat();
    county.refused(|it| it.life("split", &everybody), "split-leaves-nobody");
    county.verified();
}

#[test]
fn s1_4_a_household_moves_with_its_helpers_and_totals_stay_right() {
    let county = County::new();
    split(&county);
    let own = text(HOUSEHOLD, 1);
    let there = ["household", "move", &own, "--to", NEXT_VILLAGE];
    let why = ["--on", "2016-03-01", "--reason", "relocation"];
    let there = [&there[..], &why].concat();
    // Who may write in one village only takes no household out of it, or into it.
    county.refused(|it| it.run("cun", &there), "denied");
    county.done("zhen", &there);
    assert_eq!(county.shown(&own)["area"], NEXT_VILLAGE);
    for (area, what) in [(VILLAGE, "moved-out"), (NEXT_VILLAGE, "moved-in")] {
        let dimension = format!("household-event/{what}/relocation");
        assert_eq!(county.total(area, 2016, &dimension), 1, "{area}");
    }
    for (area, households, people) in [(VILLAGE, 1, 2), (NEXT_VILLAGE, 2, 3)] {
        assert_eq!(county.stock(area, "households"), households, "{area}");
        assert_eq!(county.stock(area, "people"), people, "{area}");
        assert_eq!(county.stock(area, "households-paired"), 1, "{area}");
    }
    let no_village = ["--to", TOWNSHIP, "--reason", "relocation"];
    county.refused(|it| it.life("move", &no_village), "not-a-village");
    county.verified();
}

#[test]
fn s1_4_marriage_birth_death_and_merge_leave_one_head_and_their_reasons() {
    let county = County::new();
    let founded = split(&county);
    let own = text(HOUSEHOLD, 1);
    let (head, wife, bride) = (text(MEMBER, 1), text(MEMBER, 2), text(MEMBER, 5));
    // The one of the second household comes, and that household ends.
    let marries = ["--member", &bride, "--relation", "38"];
    let why = ["--on", "2016-03-02", "--reason", "marriage"];
    county.life("join", &[&marries[..], &why].concat()).done();
    assert_eq!(county.shown(&text(HOUSEHOLD, 2))["open"], false);
    let birth = ["--name", "张小宝", "--sex", "2", "--relation", "42"];
    let birth = [&birth[..], &["--on", "2016-03-03"]].concat();
    county.life("birth", &birth).done();
    // Somebody has to follow a head who dies, and nobody has died tomorrow.
    let dies = |day: &'static str| ["--member", head.as_str(), "--on", day];
    county.refused(|it| it.life("death", &dies("2016-05-01")), "not-one-head");
    let shown = county.shown(&own);
    let members = shown["members"].as_array().unwrap().iter();
    let related = members.map(|it| format!("{}=97", it["member"].as_str().unwrap()));
    let related: Vec<String> = related.collect();
    let mut heir = vec!["--heir", wife.as_str()];
    heir.extend(related.iter().flat_map(|told| ["--relation-of", told]));
    let tomorrow = [&dies("2030-01-01")[..], &heir].concat();
    county.refused(|it| it.life("death", &tomorrow), "in-the-future");
    let today = [&dies("2016-05-01")[..], &heir].concat();
    county.life("death", &today).done();
    let shown = county.shown(&own);
    let members = shown["members"].as_array().unwrap();
    let heads = members.iter().filter(|it| it["relation"] == "02");
    assert_eq!((heads.count(), members.len()), (1, 3));
    // What is left goes to the household of the son.
    let itself = ["--into", &own, "--reason", "care"];
    county.refused(|it| it.life("merge", &itself), "merge-with-itself");
    let related = members.iter().map(|it| it["member"].as_str().unwrap());
    let related: Vec<String> = related.map(|member| format!("{member}=97")).collect();
    let mut merge = vec!["--into", &founded, "--reason", "care", "--on", "2016-06-01"];
    merge.extend(
        related
            .iter()
            .flat_map(|told| ["--relation-of", told.as_str()]),
    );
    county.life("merge", &merge).done();
    let mut history = county.history(&founded);
    // Both sides of the marriage are of one day.
    history[1..3].sort();
    let expected = [
        "split division",
        "joined marriage",
        "left marriage",
        "birth ",
        "death ",
        "merged care",
    ];
    assert_eq!(history, expected);
    assert_eq!(county.total(COUNTY, 2016, "household-event/death"), 1);
    assert_eq!(county.stock(COUNTY, "households"), 1);
    assert_eq!(county.stock(COUNTY, "people"), 5);
    county.verified();
}

#[test]
fn a_happening_under_the_same_request_is_one() {
    let county = County::new();
    let asked = v1::HappenRequest {
        request: request().to_vec(),
        household: id(HOUSEHOLD, 1).to_vec(),
        on: 20_160_301,
        reason: "age".to_owned(),
        relations: vec![v1::happen_request::Relation {
            member: id(MEMBER, 4).to_vec(),
            relation: "20".to_owned(),
        }],
        what: Some(v1::happen_request::What::Head(id(MEMBER, 3).to_vec())),
        ..v1::HappenRequest::default()
    };
    let client = county.node.client();
    let first = client.happen(asked.clone()).unwrap();
    let again = client.happen(asked.clone()).unwrap();
    assert_eq!((first.event, false), (again.event, first.repeated_request));
    assert!(again.repeated_request);
    let other = v1::HappenRequest {
        note: "另有说明".to_owned(),
        ..asked
    };
    assert_eq!(lika_tests::code_of(client.happen(other)), "request-reused");
}

#[test]
fn s4_4_a_successor_takes_over_pairings_and_seats_without_a_gap() {
    let county = County::new();
    let (old, next) = (text(CADRE, 1), text(CADRE, 2));
    // No exit, no unpairing.
    let pairing = county.node.client().get(&id(PAIRING, 1)).unwrap();
    let mut ended = pairing.clone();
    if let Some(Body::Pairing(log::Pairing { open: Some(open) })) = &mut ended.body {
        open.until = 20_160_301;
    }
    let close = v1::Change {
        action: log::Action::Close.into(),
        expected_revision: pairing.revision,
        record: Some(ended),
    };
    let refused = county.node.client().apply(request(), vec![close]);
    assert_eq!(lika_tests::code_of(refused), "unpaired-before-exit");

    let succeed = [
        "cadre",
        "succeed",
        &old,
        "--by",
        &next,
        "--on",
        "2016-03-01",
    ];
    county.refused(|it| it.run("cun", &succeed), "denied");
    let passed = county.done("admin", &succeed);
    assert_eq!(
        (&passed["households"], &passed["seats"]),
        (&1.into(), &1.into())
    );
    assert_eq!(county.stock(VILLAGE, "households-paired"), 1);
    assert_eq!(county.stock(VILLAGE, "team-seats/stationed"), 1);
    let ended = county.node.client().get(&id(PAIRING, 1)).unwrap();
    assert!(ended.closed);
    let again = ["cadre", "succeed", &old, "--by", &next];
    county.refused(|it| it.run("admin", &again), "no-such-record");
    county.verified();
}

/// The seven conditions of S4.11, as the survey has found them.
fn conditions(open: Option<&str>) -> Vec<String> {
    let all = lika_core::codes::list("exit-condition").unwrap().entries;
    let found = all.iter().flat_map(|condition| {
        let met = if open == Some(condition.code) {
            "unmet"
        } else {
            "met"
        };
        [
            "--condition".to_owned(),
            format!("{}={met}:seen", condition.code),
        ]
    });
    found.collect()
}

impl County {
    fn step(&self, login: &str, case: &str, step: &str, on: &str, more: &[&str]) -> Ran {
        let taken = ["case", "step", case, step, "--on", on];
        self.run(login, &[&taken[..], more].concat())
    }

    #[track_caller]
    fn open_case(&self, kind: &str, household: u8, on: &str) -> String {
        let subject = text(HOUSEHOLD, household);
        let open = [
            "case",
            "open",
            kind,
            "--area",
            VILLAGE,
            "--subject",
            &subject,
        ];
        let opened = self.done("cun", &[&open[..], &["--on", on]].concat());
        opened["case"].as_str().unwrap().to_owned()
    }

    /// An exit up to the approval: with the condition that the survey has found open.
    #[track_caller]
    fn exit_up_to_approval(&self, open: Option<&str>) -> String {
        let case = self.open_case("exit", 1, "2020-03-02");
        let found = conditions(open);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        for (login, step, on, more) in [
            ("cun", "first-list", "2020-03-02", &[][..]),
            ("cun", "appraisal", "2020-03-04", &["--votes", "41,38,1"]),
            ("zhen", "pre-exit", "2020-03-05", &[]),
            ("zhen", "house-check", "2020-03-06", &found),
            ("cun", "signature", "2020-03-07", &[]),
        ] {
            self.step(login, &case, step, on, more).done();
        }
        let notice = self.post("exit", &case, "2020-03-08", "2020-03-15");
        let by = ["--notice", notice.as_str()];
        self.step("cun", &case, "notice", "2020-03-15", &by).done();
        case
    }

    /// A relapse with all its steps.
    #[track_caller]
    fn relapse_up_to_its_end(&self) -> String {
        let case = self.open_case("relapse", 1, "2021-06-01");
        for (login, step, on, more) in [
            ("cun", "application", "2021-06-01", &[][..]),
            ("cun", "survey", "2021-06-02", &[]),
            ("cun", "appraisal", "2021-06-03", &["--votes", "30,29,1"]),
        ] {
            self.step(login, &case, step, on, more).done();
        }
        let notice = self.post("relapse", &case, "2021-06-04", "2021-06-11");
        let by = ["--notice", notice.as_str()];
        self.step("cun", &case, "notice", "2021-06-11", &by).done();
        for (login, step) in [
            ("zhen", "township-review"),
            ("admin", "county-approval"),
            ("admin", "entry"),
        ] {
            self.step(login, &case, step, "2021-06-12", &[]).done();
        }
        case
    }

    /// An identification up to the approval.
    #[track_caller]
    fn identification_up_to_approval(&self, household: u8, year: u16) -> String {
        let day = |day: u8| format!("{year}-01-{day:02}");
        let case = self.open_case("identification", household, &day(5));
        for (step, more) in [
            ("application", &[][..]),
            ("survey", &[]),
            ("appraisal", &["--votes", "40,39,0"]),
        ] {
            self.step("cun", &case, step, &day(5), more).done();
        }
        let notice = self.post("identification", &case, &day(5), &day(12));
        let by = ["--notice", notice.as_str()];
        self.step("cun", &case, "village-notice", &day(12), &by)
            .done();
        self.step("zhen", &case, "township-review", &day(12), &[])
            .done();
        let notice = self.post("identification", &case, &day(12), &day(19));
        let by = ["--notice", notice.as_str()];
        self.step("zhen", &case, "township-notice", &day(19), &by)
            .done();
        case
    }

    /// Posts a notice of a case; its id.
    #[track_caller]
    fn post(&self, kind: &str, case: &str, from: &str, until: &str) -> String {
        let item = format!("{case},张三,4,general");
        let place = [
            "notice",
            "post",
            kind,
            "--area",
            VILLAGE,
            "--place",
            "村委会",
        ];
        let posted = ["--from", from, "--until", until, "--item", &item];
        let posted = self.done("zhen", &[&place[..], &posted].concat());
        posted["notice"].as_str().unwrap().to_owned()
    }

    fn install(&self, name: &str) {
        let install = ["case", "procedures", "install", name, "--area", COUNTY];
        self.done("admin", &[&install[..], &["--from", "2015-01-01"]].concat());
    }
}

#[test]
fn s4_11_an_exit_with_an_open_condition_is_refused_by_the_policy_in_force() {
    let county = County::new();
    county.install("luxi");
    let settings = county.node.folder().join("exit-review.json");
    // What the survey found decides, and nothing else is asked.
    let none = r#"{"survey-required": true, "safe-housing": false, "allowance": false, "medical-insurance": false,
        "schooling": false, "admitted-students": false, "trained": 0, "workers-away": 0, "skills": 0,
        "income-per-head": 0}"#;
    fs::write(&settings, none).unwrap();
    let policy = built::policy("exit-review");
    county
        .node
        .put_in_force(&policy, Some(&settings), "2020-01-01");
    let case = county.exit_up_to_approval(Some("housing"));
    county.node.evaluate("exit-review", Some("2020-03-16"));
    let approve = |it: &County| it.step("admin", &case, "county-approval", "2020-03-16", &[]);
    let head = county.node.client().status().head;
    let refused = approve(&county).refused("refused-by-policy");
    assert!(refused.stderr.contains("survey-found-open"), "{refused:?}");
    assert_eq!(county.node.client().status().head, head);

    // The house is repaired, and everything begins anew.
    county.done("cun", &["case", "close", &case, "--end", "withdrawn"]);
    let case = county.exit_up_to_approval(None);
    county.node.evaluate("exit-review", Some("2020-03-16"));
    county
        .step("admin", &case, "county-approval", "2020-03-16", &[])
        .done();
    county.verified();
}

#[test]
fn s4_4_a_pairing_above_the_quota_is_refused_by_the_policy_in_force() {
    let county = County::new();
    let client = county.node.client();
    let component = built::policy("pairing");
    county.node.put_in_force(&component, None, "2015-01-01");
    // A section-level cadre has one household in focus, and this one has it.
    let second = pairing(2, 2, 1, "section", NEXT_VILLAGE);
    let head = client.status().head;
    let refused = client.apply(request(), vec![second]);
    let said = refused.as_ref().unwrap_err().message().to_owned();
    assert_eq!(lika_tests::code_of(refused), "refused-by-policy");
    let digest = lika_core::value::Digest::of(&fs::read(&component).unwrap());
    assert!(said.contains(&digest.to_string()), "{said}");
    assert!(said.contains("helper-over-quota"), "{said}");
    assert_eq!(client.status().head, head);
    // Somebody else can, and what is there already stands in nobody's way.
    let by_another = pairing(2, 2, 2, "section", NEXT_VILLAGE);
    let asked = request();
    let paired = client.apply(asked, vec![by_another.clone()]);
    let again = client.apply(asked, vec![by_another]).unwrap();
    assert!(!paired.unwrap().repeated_request && again.repeated_request);
    county.verified();
}

#[test]
fn s3_4_an_exit_ends_the_pairings_and_is_followed_up_for_three_years() {
    let county = County::new();
    county.install("luxi");
    county.install("practice");
    let case = county.exit_up_to_approval(None);
    let own = text(HOUSEHOLD, 1);
    let exit = [
        "--case",
        &case,
        "--reason",
        "conditions-met",
        "--on",
        "2020-03-20",
    ];
    county.refused(|it| it.life("exit", &exit), "step-skipped");
    for (step, on) in [
        ("county-approval", "2020-03-16"),
        ("filing", "2020-03-18"),
        ("entry", "2020-03-20"),
    ] {
        county.step("admin", &case, step, on, &[]).done();
    }
    assert!(!county.node.client().get(&id(PAIRING, 1)).unwrap().closed);
    county.life("exit", &exit).done();
    let shown = county.shown(&own);
    assert_eq!(
        (&shown["exit_year"], &shown["type"]),
        (&2020.into(), &"exited".into())
    );
    assert!(county.node.client().get(&id(PAIRING, 1)).unwrap().closed);
    assert_eq!(county.total(COUNTY, 2020, "exits"), 1);
    let reason = "household-event/exited/conditions-met";
    assert_eq!(county.total(COUNTY, 2020, reason), 1);

    // The same unit follows the village for three more years.
    let follow = |year: &str| {
        let asked = ["household", "follow-up", "--area", COUNTY, "--year", year];
        let ran = county.run("admin", &asked);
        (ran.code, ran.json())
    };
    for (year, due) in [("2020", 0), ("2021", 1), ("2023", 1), ("2024", 0)] {
        let (code, found) = follow(year);
        assert_eq!(found["due"], due, "{year}: {found}");
        assert_eq!(code, Some(due), "{year}");
    }
    let visit = log::visit::Open {
        household: id(HOUSEHOLD, 1).to_vec(),
        cadre: id(CADRE, 1).to_vec(),
        on: 20_210_405,
        ..log::visit::Open::default()
    };
    let visit = Body::Visit(log::Visit {
        open: Some(visit),
        ..log::Visit::default()
    });
    let client = county.node.client();
    client
        .apply(request(), vec![create(VILLAGE, visit)])
        .unwrap();
    let (code, found) = follow("2021");
    assert_eq!((code, &found["due"]), (Some(0), &0.into()));
    assert_eq!(found["households"][0]["visited_on"], 20_210_405);
    assert_eq!(found["households"][0]["sponsors"][0], text(UNIT, 1));

    // It falls back, and is helped again.
    let relapse = county.relapse_up_to_its_end();
    let back = [
        "--case",
        &relapse,
        "--type",
        "development",
        "--reason",
        "disaster",
    ];
    county
        .life("relapse", &[&back[..], &["--on", "2021-06-12"]].concat())
        .done();
    assert_eq!(county.shown(&own)["exit_year"], Value::Null);
    assert_eq!(
        county.history(&own),
        ["exited conditions-met", "relapsed disaster"]
    );
    let (_, found) = follow("2022");
    assert_eq!(found["households"].as_array().unwrap().len(), 0);
    county.verified();
}

#[test]
fn s1_1_identification_beyond_the_quota_is_visible_and_refused() {
    let county = County::new();
    county.install("luxi");
    let client = county.node.client();
    let year = {
        use lika::clock::{Clock as _, System};
        System.today().year().get()
    };
    // Two apply for the one place of this year; the income of the second is lower.
    for (number, wages) in [(3, 400_000), (4, 100_000)] {
        let income = log::income_statement::Open {
            household: id(HOUSEHOLD, number).to_vec(),
            year: u32::from(year) - 1,
            wages,
            persons: 1,
            ..log::income_statement::Open::default()
        };
        let income = Body::IncomeStatement(log::IncomeStatement { open: Some(income) });
        let changes = vec![
            household(number, VILLAGE, 0),
            member(number + 10, number, VILLAGE, "02"),
            create(VILLAGE, income),
        ];
        client.apply(request(), changes).unwrap();
    }
    let shown_year = year.to_string();
    let quota = [
        "household",
        "set-quota",
        "--area",
        VILLAGE,
        "--year",
        &shown_year,
    ];
    county.done(
        "admin",
        &[&quota[..], &["--households", "1", "--source", "规模分解表"]].concat(),
    );
    county
        .node
        .put_in_force(&built::policy("quota"), None, "2020-01-01");
    let cases = [3, 4].map(|number| county.identification_up_to_approval(number, year));
    county.node.evaluate("quota", None);
    let on = format!("{year}-01-20");
    let approve = |case: &str| county.step("admin", case, "county-approval", &on, &[]);
    let head = client.status().head;
    let refused = approve(&cases[0]).refused("refused-by-policy");
    assert!(refused.stderr.contains("beyond-quota"), "{refused:?}");
    assert_eq!(client.status().head, head);
    approve(&cases[1]).done();

    // What is used up is seen, and what is beyond it.
    let asked = ["household", "quota", "--area", TOWNSHIP];
    let standing = county.done("admin", &asked);
    assert_eq!(standing["areas"][0]["below"], 1, "{standing}");
    assert_eq!(standing["areas"][1]["open_cases"], 2, "{standing}");
    for number in [3, 4] {
        let record = client.get(&id(HOUSEHOLD, number)).unwrap();
        let mut identified = household(number, VILLAGE, u32::from(year) * 10_000 + 121);
        identified.action = log::Action::Change.into();
        identified.expected_revision = record.revision;
        client.apply(request(), vec![identified]).unwrap();
    }
    let ran = county.run("admin", &asked);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let standing = ran.json();
    assert_eq!(standing["areas"][1]["beyond"], 1, "{standing}");
    assert_eq!(standing["areas"][1]["used"], 2, "{standing}");
    county.verified();
}
