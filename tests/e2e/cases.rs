//! Cases through the procedures of the documents, from the application to the entry, on the command line and through the
//! public API.

use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use lika_tests::{Node, Officer, Ran, code_of, create, request};
use serde_json::Value;

const COUNTY: &str = "360323";
const TOWNSHIP: &str = "360323101";
const VILLAGE: &str = "360323101201";
const HOUSEHOLD: [u8; 16] = [0x10; 16];

/// A county with a village, one household in it, and an officer at each level beside the office's own.
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
        let areas = vec![area(TOWNSHIP, "上埠镇"), area(VILLAGE, "涣山村")];
        node.client().apply(request(), areas).unwrap();
        node.client().apply(request(), household()).unwrap();
        Officer::appoint(&node, "cun", "village-cadre", VILLAGE);
        Officer::appoint(&node, "zhen", "township-officer", TOWNSHIP);
        Self { node }
    }

    /// Runs a command as an officer.
    fn run(&self, login: &str, arguments: &[&str]) -> Ran {
        let as_officer = [arguments, &["--json", "--as", login]].concat();
        self.node.run(&as_officer, &[])
    }

    #[track_caller]
    fn done(&self, login: &str, arguments: &[&str]) -> Value {
        self.run(login, arguments).done().json()
    }

    #[track_caller]
    fn install(&self, name: &str, from: &str) {
        let install = ["case", "procedures", "install", name];
        self.done(
            "admin",
            &[&install[..], &["--area", COUNTY, "--from", from]].concat(),
        );
    }

    #[track_caller]
    fn open(&self, kind: &str, subject: &[u8], on: &str) -> String {
        let subject = uuid::Uuid::from_slice(subject).unwrap().to_string();
        let about = ["--area", VILLAGE, "--subject", &subject, "--on", on];
        let opened = self.done("cun", &[&["case", "open", kind][..], &about].concat());
        opened["case"].as_str().unwrap().to_owned()
    }

    /// Takes steps: who, the step, the day, and what belongs to it.
    #[track_caller]
    fn take(&self, case: &str, steps: &[(&str, &str, &str, &[&str])]) {
        for (login, step, on, more) in steps {
            self.step(login, case, step, on, more).done();
        }
    }

    fn step(&self, login: &str, case: &str, step: &str, on: &str, more: &[&str]) -> Ran {
        let taken = ["case", "step", case, step, "--on", on];
        self.run(login, &[&taken[..], more].concat())
    }

    /// Posts a notice of a case; its id.
    #[track_caller]
    fn post(&self, kind: &str, case: &str, from: &str, until: &str) -> String {
        let item = format!("{case},张三,3,general");
        let posted = self.done(
            "zhen",
            &[
                "notice",
                "post",
                kind,
                "--area",
                VILLAGE,
                "--place",
                "村委会公示栏",
                "--from",
                from,
                "--until",
                until,
                "--item",
                &item,
            ],
        );
        posted["notice"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn shown(&self, case: &str) -> Value {
        self.done("admin", &["case", "show", case])
    }

    #[track_caller]
    fn complete(&self, case: &str) {
        self.done("admin", &["case", "close", case, "--end", "completed"]);
        assert_eq!(self.shown(case)["open"], false);
    }

    fn due(&self, by: &str) -> Value {
        self.done("admin", &["case", "due", "--area", COUNTY, "--by", by])
    }
}

fn household() -> Vec<v1::Change> {
    let open = log::household::Open {
        r#type: "general".to_owned(),
        ..log::household::Open::default()
    };
    let household = log::Household {
        open: Some(open),
        ..log::Household::default()
    };
    let open = log::member::Open {
        household: HOUSEHOLD.to_vec(),
        from: 20_140_101,
        relation: "02".to_owned(),
        ..log::member::Open::default()
    };
    let member = log::Member {
        open: Some(open),
        ..log::Member::default()
    };
    let mut household = create(VILLAGE, Body::Household(household));
    household.record.as_mut().unwrap().id = HOUSEHOLD.to_vec();
    vec![household, create(VILLAGE, Body::Member(member))]
}

fn area_id(client: &lika_tests::Client) -> Vec<u8> {
    let areas = client.list(Kind::Area, VILLAGE).unwrap();
    areas.into_iter().next().unwrap().id
}

#[test]
fn s1_1_an_identification_in_a_village_of_luxi_goes_up_through_two_notices_and_an_announcement() {
    let mut county = County::new();
    county.install("luxi", "2015-01-01");
    let case = county.open("identification", &HOUSEHOLD, "2020-03-02");
    county.take(
        &case,
        &[
            ("cun", "application", "2020-03-02", &[]),
            ("cun", "survey", "2020-03-05", &[]),
            ("cun", "appraisal", "2020-03-08", &["--votes", "41,38,1"]),
        ],
    );
    county
        .step("cun", &case, "township-review", "2020-03-09", &[])
        .refused("step-skipped");
    let first = county.post("identification", &case, "2020-03-09", "2020-03-16");
    let posted = ["--notice", first.as_str()];
    county
        .step("cun", &case, "village-notice", "2020-03-15", &posted)
        .refused("clock-running");
    // What is due: fifteen days after the appraisal, and late on the day after.
    let due = county.due("2020-03-22");
    assert_eq!(due["cases"].as_array().unwrap().len(), 0, "{due}");
    let due = county.due("2020-03-23");
    assert_eq!(due["cases"][0]["step"], "village-notice", "{due}");
    assert_eq!(due["cases"][0]["due"], 20_200_323, "{due}");
    assert_eq!(due["cases"][0]["late"], true, "{due}");
    county.take(&case, &[("cun", "village-notice", "2020-03-16", &posted)]);
    county
        .step("cun", &case, "township-review", "2020-03-17", &[])
        .refused("level-too-low");
    county.take(&case, &[("zhen", "township-review", "2020-03-17", &[])]);
    county
        .step("cun", &case, "township-notice", "2020-03-18", &posted)
        .refused("level-too-low");
    county
        .step("zhen", &case, "township-notice", "2020-03-18", &posted)
        .refused("not-on-notice");
    let second = county.post("identification", &case, "2020-03-18", "2020-03-25");
    county.take(
        &case,
        &[
            (
                "zhen",
                "township-notice",
                "2020-03-25",
                &["--notice", &second],
            ),
            ("admin", "county-approval", "2020-03-27", &[]),
            ("admin", "announcement", "2020-03-28", &[]),
            ("admin", "entry", "2020-03-30", &[]),
        ],
    );
    county.complete(&case);
    assert_eq!(county.shown(&case)["steps"].as_array().unwrap().len(), 9);
    let text = county.done("zhen", &["notice", "print", &first]);
    assert_eq!(
        text["text"],
        "识别公示\n地点：村委会公示栏\n时间：2020-03-09 至 2020-03-16\n1. 张三 涣山村 3人 一般贫困户\n"
    );
    county.node.stop();
    county.node.must_verify();
}

#[test]
fn s2_9_the_347_of_the_towns_is_one_application_two_reviews_two_notices() {
    let county = County::new();
    county.install("sanming-347", "2017-05-01");
    let case = county.open("identification", &HOUSEHOLD, "2018-01-02");
    county.take(
        &case,
        &[
            ("cun", "application", "2018-01-02", &[]),
            ("cun", "community-review", "2018-01-04", &[]),
        ],
    );
    let first = county.post("identification", &case, "2018-01-05", "2018-01-10");
    county.take(
        &case,
        &[
            (
                "cun",
                "community-notice",
                "2018-01-10",
                &["--notice", &first],
            ),
            ("zhen", "street-review", "2018-01-12", &[]),
        ],
    );
    let second = county.post("identification", &case, "2018-01-12", "2018-01-17");
    county.take(
        &case,
        &[
            (
                "zhen",
                "street-notice",
                "2018-01-17",
                &["--notice", &second],
            ),
            ("admin", "entry", "2018-01-18", &[]),
        ],
    );
    county.complete(&case);
}

#[test]
fn s4_2_a_village_exits_by_a_case_too() {
    let county = County::new();
    county.install("luxi", "2015-01-01");
    let village = area_id(&county.node.client());
    let case = county.open("village-exit", &village, "2018-06-01");
    county.take(
        &case,
        &[
            ("cun", "application", "2018-06-01", &[]),
            ("zhen", "township-review", "2018-06-05", &[]),
            ("admin", "county-survey", "2018-06-12", &[]),
        ],
    );
    let notice = county.post("village-exit", &case, "2018-06-13", "2018-06-20");
    let posted = ["--notice", notice.as_str()];
    county.take(
        &case,
        &[
            ("admin", "notice", "2018-06-20", &posted),
            ("admin", "county-approval", "2018-06-22", &[]),
            ("admin", "announcement", "2018-06-22", &[]),
        ],
    );
    county.complete(&case);
}

#[test]
fn s0_7_an_objection_blocks_its_case_until_it_is_answered() {
    let county = County::new();
    county.install("taishun", "2005-01-01");
    let case = county.open("identification", &HOUSEHOLD, "2020-03-02");
    county.take(
        &case,
        &[
            ("cun", "application", "2020-03-02", &[]),
            ("cun", "survey", "2020-03-03", &[]),
        ],
    );
    let notice = county.post("identification", &case, "2020-03-04", "2020-03-11");
    let object = |on| {
        let receive = ["objection", "receive", &notice, "--case", &case];
        let said = ["--text", "他家有小汽车", "--on", on];
        county.run("cun", &[&receive[..], &said].concat())
    };
    object("2020-03-11").refused("not-while-posted");
    let objection = object("2020-03-06").done().json();
    let objection = objection["objection"].as_str().unwrap();
    let posted = ["--notice", notice.as_str()];
    let blocked = county.step("cun", &case, "notice", "2020-03-11", &posted);
    blocked.refused("objection-open");
    // Friday the 6th and five working days.
    let due = county.due("2020-03-13");
    assert_eq!(due["objections"][0]["due"], 20_200_313, "{due}");
    assert_eq!(
        county.shown(&case)["standing"]["obstacle"],
        "objection-open"
    );
    let answer = ["objection", "answer", objection, "--finding", "dismissed"];
    county.done("cun", &[&answer[..], &["--text", "车是借的"]].concat());
    county.take(&case, &[("cun", "notice", "2020-03-11", &posted)]);
}

#[test]
fn a_county_goes_from_taishuns_procedure_to_luxis_by_data_alone() {
    let county = County::new();
    county.install("taishun", "2005-01-01");
    let old = county.open("identification", &HOUSEHOLD, "2014-12-30");
    county.install("luxi", "2015-01-01");
    county.take(
        &old,
        &[
            ("cun", "application", "2014-12-30", &[]),
            ("cun", "survey", "2015-01-05", &[]),
        ],
    );
    // The case goes on by the procedure that it began with: Taishun's has no appraisal.
    assert_eq!(county.shown(&old)["standing"]["step"], "notice");
    county.done("cun", &["case", "close", &old, "--end", "withdrawn"]);
    let new = county.open("identification", &HOUSEHOLD, "2015-01-06");
    county.take(
        &new,
        &[
            ("cun", "application", "2015-01-06", &[]),
            ("cun", "survey", "2015-01-07", &[]),
        ],
    );
    assert_eq!(county.shown(&new)["standing"]["step"], "appraisal");
    let listed = county.done("admin", &["case", "procedures", "list"]);
    assert_eq!(listed["procedures"].as_array().unwrap().len(), 6);
}

#[test]
fn a_notice_with_a_phone_in_it_is_refused_and_nothing_is_written() {
    let county = County::new();
    county.install("taishun", "2005-01-01");
    let case = county.open("identification", &HOUSEHOLD, "2020-03-02");
    county.take(
        &case,
        &[
            ("cun", "application", "2020-03-02", &[]),
            ("cun", "survey", "2020-03-03", &[]),
        ],
    );
    let office = county.node.client();
    let head = office.status().head;
    let open = log::notice::Open {
        kind: "identification".to_owned(),
        place: "村委会，电话 13800138000".to_owned(),
        from: 20_200_304,
        until: 20_200_311,
        items: vec![log::notice::Item {
            case: uuid::Uuid::parse_str(&case).unwrap().into_bytes().to_vec(),
            ..log::notice::Item::default()
        }],
        digest: Vec::new(),
    };
    let notice = Body::Notice(log::Notice {
        open: Some(open),
        identity: Some(log::notice::Identity {
            names: vec!["张三".to_owned()],
        }),
    });
    let refused = office.apply(request(), vec![create(VILLAGE, notice)]);
    assert_eq!(code_of(refused), "forbidden-in-notice");
    assert_eq!(office.status().head, head);
}
