//! Lists of other bureaus: what they say of people who are registered is doubted once and verified once, and of others
//! nothing stays anywhere.

use std::{collections::BTreeSet, fs, path::PathBuf};

use lika::files::{
    column::Column,
    writer::{Cells, Format, Writer},
};
use lika_core::value::{Date, IdNumber};
use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use lika_tests::{Node, Officer, Ran, area, code_of, create, request, search::Needles};

const COUNTY: &str = "360323";
const TOWNSHIP: &str = "360323101";
const OTHER_TOWNSHIP: &str = "360323102";
const VILLAGE: &str = "360323101201";
const OTHER_VILLAGE: &str = "360323102201";

/// Somebody's number; of a prefix that no county has.
fn number(of: u16) -> String {
    let born = Date::from_number(19_700_101).unwrap();
    IdNumber::compose("360399", born, of)
        .unwrap()
        .as_str()
        .to_owned()
}

/// A household of one, who has this number.
fn household(of: u16, name: &str, area: &str) -> [v1::Change; 2] {
    let id = |what: u8| {
        let mut id = vec![what; 16];
        id[14..].copy_from_slice(&of.to_be_bytes());
        id
    };
    let household = log::Household {
        open: Some(log::household::Open {
            r#type: "general".to_owned(),
            ..log::household::Open::default()
        }),
        ..log::Household::default()
    };
    let member = log::Member {
        open: Some(log::member::Open {
            household: id(0x10),
            from: 20_140_101,
            relation: "02".to_owned(),
            ..log::member::Open::default()
        }),
        identity: Some(log::member::Identity {
            name: name.to_owned(),
            document: Some(log::Document {
                r#type: "id-card".to_owned(),
                text: number(of),
                ..log::Document::default()
            }),
            ..log::member::Identity::default()
        }),
        ..log::Member::default()
    };
    let mut changes = [
        create(area, Body::Household(household)),
        create(area, Body::Member(member)),
    ];
    for (change, what) in changes.iter_mut().zip([0x10, 0x11]) {
        change.record.as_mut().unwrap().id = id(what);
    }
    changes
}

/// A county with somebody in each of two townships, and a folder for lists.
struct County {
    node: Node,
    folder: tempfile::TempDir,
}

impl County {
    fn new() -> Self {
        let node = Node::luxi();
        let mut changes: Vec<v1::Change> = [TOWNSHIP, OTHER_TOWNSHIP, VILLAGE, OTHER_VILLAGE]
            .map(area)
            .into();
        changes.extend(household(1, "张三", VILLAGE));
        changes.extend(household(2, "李四", OTHER_VILLAGE));
        node.client().apply(request(), changes).unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { node, folder }
    }

    fn write(&self, text: &str) -> PathBuf {
        let file = self.folder.path().join("list.csv");
        fs::write(&file, text).unwrap();
        file
    }

    /// Imports a list as this officer.
    fn import(&self, login: &str, source: &str, text: &str, more: &[&str]) -> Ran {
        let file = self.write(text);
        let asked = ["comparison", "import", source, file.to_str().unwrap()];
        let asked = [&asked[..], &["--as", login, "--json"], more].concat();
        self.node.run(&asked, &[])
    }

    fn doubts(&self) -> Vec<serde_json::Value> {
        let listed = self.node.run(&["doubt", "list", "--json"], &[]).done();
        listed.json()["doubts"].as_array().unwrap().clone()
    }

    /// What is registered: a refusal changes nothing of it.
    fn head(&self) -> u64 {
        let head = self.node.client().status().head;
        head.unwrap().seq
    }
}

fn vehicles(rows: &[(u16, &str, &str)]) -> String {
    let rows = rows.iter();
    let rows = rows.map(|(of, name, plate)| format!("{},{name},{plate},轿车\n", number(*of)));
    format!("身份证号码,姓名,车牌号,车型\n{}", rows.collect::<String>())
}

/// Data-quality rule: what another bureau has of a household is looked into, once, week by week.
#[test]
fn data_quality_a_hit_of_every_list_is_one_doubt() {
    let county = County::new();
    let first = vehicles(&[
        (1, "张三", "赣J12345"),
        (3, "王五", "赣J33333"),
        (2, "李肆", "赣J22222"),
    ]);
    let tried = county
        .import("admin", "vehicles", &first, &["--dry-run"])
        .done()
        .json();
    assert_eq!((&tried["hits"], &tried["raised"]), (&2.into(), &2.into()));
    assert!(county.doubts().is_empty());

    let again = "7d9b2a30-0000-4000-8000-000000000001";
    let imported = county.import("admin", "vehicles", &first, &["--request", again]);
    let imported = imported.done().json();
    assert_eq!(
        (&imported["rows"], &imported["raised"]),
        (&3.into(), &2.into())
    );
    let repeated = county.import("admin", "vehicles", &first, &["--request", again]);
    let repeated = repeated.done().json();
    assert_eq!(repeated["comparison"], imported["comparison"]);
    assert_eq!(
        (&repeated["raised"], &repeated["seq"]),
        (&2.into(), &().into())
    );
    let other = county.import("admin", "vehicles", &vehicles(&[]), &["--request", again]);
    other.refused("request-reused");
    let elsewhere = ["--request", again, "--area", OTHER_TOWNSHIP];
    let elsewhere = county.import("admin", "vehicles", &first, &elsewhere);
    elsewhere.refused("request-reused");

    let doubts = county.doubts();
    let said = |doubt: &serde_json::Value| doubt["says"]["plate"].as_str().unwrap().to_owned();
    let plates: BTreeSet<String> = doubts.iter().map(said).collect();
    assert_eq!(
        plates,
        BTreeSet::from(["赣J12345", "赣J22222"].map(str::to_owned))
    );
    for doubt in &doubts {
        assert_eq!(doubt["name_differs"], said(doubt) == "赣J22222");
        assert_eq!(doubt["source"], "vehicles");
    }

    // One is verified.
    let verified = verify(
        &county,
        doubts[0]["doubt"].as_str().unwrap(),
        "admin",
        "已报废",
    );
    verified.done();
    assert_eq!(county.doubts().len(), 1);

    // Next week: the same cars however they are written, and one that is new.
    let next = vehicles(&[
        (1, "张三", "赣ｊ·12345"),
        (2, "李四", "赣J22222"),
        (1, "张三", "赣J77777"),
    ]);
    let next = county.import("admin", "vehicles", &next, &[]).done().json();
    assert_eq!((&next["hits"], &next["raised"]), (&3.into(), &1.into()));
    assert_eq!(county.doubts().len(), 2);
    let listed = county
        .node
        .run(&["comparison", "list", "--json"], &[])
        .done()
        .json();
    assert_eq!(listed["comparisons"].as_array().unwrap().len(), 2);
    let all = county
        .node
        .run(&["doubt", "list", "--all", "--json"], &[])
        .done()
        .json();
    assert_eq!(all["doubts"].as_array().unwrap().len(), 3);
}

/// Says of a doubt, as this officer, that it is mistaken.
fn verify(county: &County, doubt: &str, login: &str, note: &str) -> Ran {
    let asked = ["doubt", "verify", doubt, "--finding", "mistaken"];
    let asked = [&asked[..], &["--note", note, "--as", login]].concat();
    county.node.run(&asked, &[])
}

/// A doubt is verified once, with a note, by whoever may write there; whoever imported the list may too.
#[test]
fn data_quality_a_doubt_is_verified_once() {
    let county = County::new();
    let list = vehicles(&[(1, "张三", "赣J12345"), (2, "李四", "赣J22222")]);
    county.import("admin", "vehicles", &list, &[]).done();
    let doubts = county.doubts();
    let mut here = doubts.iter().filter(|doubt| doubt["area"] == VILLAGE);
    let doubt = here.next().unwrap()["doubt"].as_str().unwrap();
    let _beside = Officer::appoint(&county.node, "qiu", "township-officer", OTHER_TOWNSHIP);
    let _village = Officer::appoint(&county.node, "dong", "village-cadre", VILLAGE);
    let _township = Officer::appoint(&county.node, "xia", "township-officer", TOWNSHIP);
    let head = county.head();
    verify(&county, doubt, "qiu", "已报废").refused("not-found");
    verify(&county, doubt, "dong", "已报废").refused("denied");
    verify(&county, doubt, "xia", "").refused("invalid-field");
    assert_eq!(county.head(), head);
    verify(&county, doubt, "xia", "已报废").done();
    verify(&county, doubt, "admin", "再看一次").refused("doubt-settled");
    assert_eq!(county.doubts().len(), 1);
    let totals = county.node.client().totals(COUNTY);
    assert_eq!(totals["doubts/waiting"], 1);
    assert_eq!(totals["doubts/mistaken"], 1);
}

/// A death is on its list once, whatever else stands there; the list is a workbook.
#[test]
fn data_quality_a_workbook_of_deaths() {
    let county = County::new();
    let file = county.folder.path().join("deaths.xlsx");
    let columns = vec![Column::Name, Column::Document];
    let dated = Date::from_number(20_160_101).unwrap();
    let mut writer = Writer::create(&file, Format::Xlsx, dated, columns).unwrap();
    for (of, name) in [(2, "李四"), (4, "赵六"), (2, "李四")] {
        let mut cells = Cells::default();
        cells.set(Column::Name, name);
        cells.set(Column::Document, number(of));
        writer.write(&cells).unwrap();
    }
    writer.finish().unwrap();
    let asked = ["comparison", "import", "deaths", file.to_str().unwrap()];
    let asked = [&asked[..], &["--on", "2016-01-31", "--json"]].concat();
    let imported = county.node.run(&asked, &[]).done().json();
    assert_eq!(
        (&imported["rows"], &imported["hits"]),
        (&3.into(), &1.into())
    );
    assert_eq!(county.doubts()[0]["source"], "deaths");
}

/// A number that is none leaves its row out and nothing else.
#[test]
fn data_quality_a_number_that_is_none_is_a_fault_of_its_row() {
    let county = County::new();
    let text =
        vehicles(&[(1, "张三", "赣J12345")]) + "360399197001010001,王五,赣J9,轿车\n,无名,赣J8,\n";
    let ran = county.import("admin", "vehicles", &text, &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(
        (&ran.json()["unreadable"], &ran.json()["raised"]),
        (&2.into(), &1.into())
    );
    assert!(ran.stderr.contains("no-number"), "{}", ran.stderr);
    assert!(ran.stderr.contains("360***************"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("360399197001010001"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_a_list_is_refused_and_nothing_is_written() {
    let county = County::new();
    let _township = Officer::appoint(&county.node, "xia", "township-officer", TOWNSHIP);
    let list = vehicles(&[(1, "张三", "赣J12345")]);
    let head = county.head();
    county
        .import("admin", "astrology", &list, &[])
        .refused("invalid-field");
    county
        .import("admin", "vehicles", &list, &["--on", "2099-12-31"])
        .refused("in-the-future");
    county
        .import("admin", "vehicles", "姓名,车牌号\n张三,赣J1\n", &[])
        .refused("file-refused");
    county
        .import("admin", "vehicles", "证件号码,姓名\n1,张三\n", &[])
        .refused("file-refused");
    county
        .import("xia", "vehicles", &list, &["--area", TOWNSHIP])
        .refused("denied");
    // More rows than any list has.
    let endless = "证件号码,姓名\n".to_owned() + &",张\n".repeat(1_000_001);
    county
        .import("admin", "deaths", &endless, &[])
        .refused("too-large");

    // Nobody writes a hit that no list had.
    let open = log::doubt::Open {
        comparison: vec![1; 16],
        member: vec![2; 16],
        source: "vehicles".to_owned(),
        raised_on: 20_160_101,
        ..log::doubt::Open::default()
    };
    let doubt = Body::Doubt(log::Doubt {
        open: Some(open),
        ..log::Doubt::default()
    });
    let by_hand = county
        .node
        .client()
        .apply(request(), vec![create(VILLAGE, doubt)]);
    assert_eq!(code_of(by_hand), "made-by-the-node");
    assert_eq!(county.head(), head);
}

/// Only an officer in person verifies, by whatever way in, and once.
#[test]
fn a_doubt_is_changed_by_its_verification_alone() {
    let county = County::new();
    county
        .import(
            "admin",
            "vehicles",
            &vehicles(&[(1, "张三", "赣J12345")]),
            &[],
        )
        .done();
    let client = county.node.client();
    let record = client.list(Kind::Doubt, COUNTY).unwrap().remove(0);
    let change = |action: Action, edit: fn(&mut log::doubt::Open)| {
        let mut record = record.clone();
        if let Some(Body::Doubt(doubt)) = &mut record.body {
            edit(doubt.open.as_mut().unwrap());
        }
        v1::Change {
            action: action.into(),
            expected_revision: record.revision,
            record: Some(record),
        }
    };
    let forged = change(Action::Change, |open| {
        open.finding = "mistaken".to_owned();
        open.officer = vec![9; 16];
        open.verified_on = 20_160_101;
    });
    assert_eq!(
        code_of(client.apply(request(), vec![forged])),
        "invalid-field"
    );
    let renamed = change(Action::Change, |open| open.name_differs = true);
    assert_eq!(
        code_of(client.apply(request(), vec![renamed])),
        "invalid-field"
    );
    let closed = change(Action::Close, |_| ());
    assert_eq!(
        code_of(client.apply(request(), vec![closed])),
        "invalid-field"
    );
}

/// Of whoever is on a list and not registered, nothing is in any file or line of the node; and nothing sealed lies in the
/// clear.
#[test]
fn nothing_of_a_list_lies_in_the_clear() {
    let mut county = County::new();
    let rows = [
        (1, "张三", "赣J12345"),
        (3, "欧阳无人", "赣J33333"),
        (5, "司徒无人", "赣J55555"),
    ];
    let text = vehicles(&rows) + "360399197001010001,诸葛无人,赣J9,轿车\n";
    county.import("admin", "vehicles", &text, &[]);
    let doubt = county.doubts()[0]["doubt"].as_str().unwrap().to_owned();
    let note = ["--finding", "true", "--note", "登记在本人名下属实"];
    let verify = [&["doubt", "verify", &doubt], &note[..]].concat();
    county.node.run(&verify, &[]).done();
    county.node.stop();
    county.node.must_verify();
    let personal = [
        number(1),
        number(3),
        number(5),
        "360399197001010001".to_owned(),
    ];
    let words = [
        "欧阳无人",
        "司徒无人",
        "诸葛无人",
        "赣J12345",
        "赣J33333",
        "登记在本人名下属实",
    ];
    let all = personal.iter().map(String::as_str).chain(words);
    let needles = Needles::new(all);
    assert_eq!(needles.in_folder(&county.node.data()), BTreeSet::new());
    assert_eq!(
        needles.in_bytes(county.node.said().as_bytes()),
        BTreeSet::new()
    );
}
