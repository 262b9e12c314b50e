//! Card, village book, township ledger, county archive (S0.2, S1.1): four views of the same records, whose totals agree
//! with each other and with the roll-ups, whatever has happened in between.

use std::{collections::BTreeMap, path::Path};

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use lika_core::{codes, value::Fen};
use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use lika_tests::{Client, Node, Officer, Pair, Ran, Sample, create, request};
use tempfile::TempDir;

const COUNTY: &str = "360323";
/// The year of the sample's incomes.
const YEAR: &str = "2019";

/// A workbook, its sheets in their order.
struct Workbook(Vec<(String, Vec<Vec<Data>>)>);

impl Workbook {
    #[track_caller]
    fn open(path: &Path) -> Self {
        let mut workbook: Xlsx<_> = open_workbook(path).unwrap();
        let sheet = |(name, range): (String, calamine::Range<Data>)| {
            (name, range.rows().map(<[Data]>::to_vec).collect())
        };
        Self(workbook.worksheets().into_iter().map(sheet).collect())
    }

    /// The table on the sheet of an area.
    #[track_caller]
    fn of(&self, area: &str) -> Sheet<'_> {
        let (_, rows) = self
            .0
            .iter()
            .find(|(name, _)| name.split(' ').next() == Some(area))
            .unwrap_or_else(|| panic!("no sheet of {area}"));
        Sheet(rows)
    }

    /// The areas of such a level that have a sheet.
    fn areas(&self, digits: usize) -> Vec<&str> {
        let names = self.0.iter().filter_map(|(name, _)| name.split(' ').next());
        names.filter(|area| area.len() == digits).collect()
    }

    fn holds(&self, text: &str) -> bool {
        let mut cells = self.0.iter().flat_map(|(_, rows)| rows.iter().flatten());
        cells.any(|cell| cell.to_string().contains(text))
    }
}

/// A title, headings, rows and their total.
struct Sheet<'a>(&'a [Vec<Data>]);

impl Sheet<'_> {
    fn rows(&self) -> &[Vec<Data>] {
        &self.0[2..self.0.len() - 1]
    }

    fn total(&self, heading: &str) -> i64 {
        whole(&self.0[self.0.len() - 1][self.column(heading)])
    }

    /// The sum of a column.
    fn sum(&self, heading: &str) -> i64 {
        let column = self.column(heading);
        self.rows().iter().map(|row| whole(&row[column])).sum()
    }

    fn has(&self, heading: &str) -> bool {
        self.0[1].iter().any(|cell| *cell == heading)
    }

    #[track_caller]
    fn column(&self, heading: &str) -> usize {
        let mut headings = self.0[1].iter();
        headings
            .position(|cell| *cell == heading)
            .unwrap_or_else(|| panic!("no {heading}"))
    }

    fn count(&self, heading: &str, is_it: impl Fn(&str) -> bool) -> i64 {
        let column = self.column(heading);
        let counted = self.rows().iter();
        let counted = counted.filter(|row| is_it(&row[column].to_string()));
        i64::try_from(counted.count()).unwrap()
    }
}

/// A count, or an amount in fen.
fn whole(cell: &Data) -> i64 {
    Fen::parse_yuan(&cell.to_string()).map_or(0, |amount| amount.0)
}

fn export(node: &Node, view: &str, area: &str, path: &Path) -> Ran {
    let asked = ["export", view, "--area", area, "--year", YEAR, "--out"];
    node.run(&asked, &[path])
}

#[track_caller]
fn exported(node: &Node, view: &str, area: &str) -> Workbook {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("view.xlsx");
    export(node, view, area, &path).done();
    Workbook::open(&path)
}

/// Everything agrees with everything; the archive.
#[track_caller]
fn must_agree(node: &Node) -> Workbook {
    let client = node.client();
    let archive = exported(node, "archive", COUNTY);
    agree_with_roll_up(&archive.of(COUNTY), &client, COUNTY);
    for township in archive.areas(9) {
        let ledger = archive.of(township);
        agree_with_roll_up(&ledger, &client, township);
        for village in archive.areas(12) {
            if village.starts_with(township) {
                agree_with_book(&archive.of(village), &client, village);
            }
        }
    }
    archive
}

/// What a ledger or an archive sums up is the sum of its rows, and what the roll-ups say.
#[track_caller]
fn agree_with_roll_up(sheet: &Sheet<'_>, client: &Client, area: &str) {
    let totals = client.totals(area);
    let total = |dimension: &str| totals.get(dimension).copied().unwrap_or_default() * 100;
    for (heading, dimension) in [
        ("户数", "households"),
        ("人数", "people"),
        ("已结对户", "households-paired"),
        ("有措施户", "households-with-measure"),
    ] {
        assert_eq!(sheet.total(heading), sheet.sum(heading), "{area} {heading}");
        assert_eq!(sheet.total(heading), total(dimension), "{area} {heading}");
    }
    let persons = total(&format!("income/persons@{YEAR}")) / 100;
    if persons > 0 {
        let net = total(&format!("income/net@{YEAR}")) / 100;
        let per_head = sheet.total("人均纯收入（元）");
        assert_eq!(per_head, net.div_euclid(persons), "{area}");
    }
    for (list, group) in [
        ("household-type", "household-type"),
        ("cause", "main-cause"),
    ] {
        for entry in codes::list(list).unwrap().entries {
            let expected = total(&format!("{group}/{}", entry.code));
            let found = match sheet.has(entry.zh) {
                true => sheet.total(entry.zh),
                false => 0,
            };
            assert_eq!(found, expected, "{area} {}", entry.zh);
        }
    }
}

/// A book has a row for each household, and sums up to what the roll-ups say.
#[track_caller]
fn agree_with_book(book: &Sheet<'_>, client: &Client, village: &str) {
    let totals = client.totals(village);
    let total = |dimension: &str| totals.get(dimension).copied().unwrap_or_default();
    let households = total("households");
    assert_eq!(book.rows().len(), usize::try_from(households).unwrap());
    assert_eq!(book.total("户主"), households * 100, "{village}");
    assert_eq!(book.total("人数"), book.sum("人数"), "{village}");
    assert_eq!(book.total("人数"), total("people") * 100, "{village}");
    let paired = book.count("帮扶责任人", |helper| helper != "未结对");
    assert_eq!(paired, total("households-paired"), "{village}");
    assert_eq!(book.total("帮扶责任人"), paired * 100, "{village}");
    let planned = book.count("帮扶措施", |measures| measures != "待定");
    assert_eq!(planned, total("households-with-measure"), "{village}");
    assert_eq!(book.total("帮扶措施"), planned * 100, "{village}");
}

/// Gives every third household a measure and every fourth a helper.
#[track_caller]
fn help(client: &Client) {
    let cadres = client.list(Kind::Cadre, COUNTY).unwrap();
    let is_of_township = |record: &&v1::Record| match &record.body {
        Some(Body::Cadre(cadre)) => cadre.open.as_ref().unwrap().rank == "township",
        _ => false,
    };
    let cadre = cadres.iter().find(is_of_township).unwrap();
    let mut changes = Vec::new();
    for (number, record) in households(client).into_iter().enumerate() {
        if number % 3 == 0 {
            let open = log::measure::Open {
                household: record.id.clone(),
                measure: "start-up".to_owned(),
                from: 20_200_101,
                amount: Some(500_000),
                ..log::measure::Open::default()
            };
            let measure = Body::Measure(log::Measure { open: Some(open) });
            changes.push(create(&record.area, measure));
        }
        if number % 4 == 0 {
            let open = log::pairing::Open {
                household: record.id,
                cadre: cadre.id.clone(),
                role: "contact".to_owned(),
                level: "township".to_owned(),
                responsible: true,
                from: 20_200_101,
                ..log::pairing::Open::default()
            };
            let pairing = Body::Pairing(log::Pairing { open: Some(open) });
            changes.push(create(&record.area, pairing));
        }
    }
    client.apply(request(), changes).unwrap();
}

fn households(client: &Client) -> Vec<v1::Record> {
    client.list(Kind::Household, COUNTY).unwrap()
}

fn changed(record: &v1::Record, action: Action, body: Body) -> v1::Change {
    v1::Change {
        action: action.into(),
        expected_revision: record.revision,
        record: Some(v1::Record {
            body: Some(body),
            ..record.clone()
        }),
    }
}

/// The first measure of the county ends.
#[track_caller]
fn end_a_measure(client: &Client) {
    let record = client.list(Kind::Measure, COUNTY).unwrap().remove(0);
    let Some(Body::Measure(mut measure)) = record.body.clone() else {
        panic!("not a measure")
    };
    measure.open.as_mut().unwrap().until = 20_201_001;
    let change = changed(&record, Action::Change, Body::Measure(measure));
    client.apply(request(), vec![change]).unwrap();
}

/// Somebody who is no head dies.
#[track_caller]
fn let_somebody_die(client: &Client) {
    let members = client.list(Kind::Member, COUNTY).unwrap();
    let open = |record: &v1::Record| match &record.body {
        Some(Body::Member(member)) => member.open.clone().unwrap(),
        other => panic!("not a member: {other:?}"),
    };
    let record = members.iter().find(|it| open(it).relation != "02").unwrap();
    let died = log::member::Open {
        until: 20_201_001,
        end_reason: "death".to_owned(),
        ..open(record)
    };
    let Some(Body::Member(member)) = record.body.clone() else {
        panic!("not a member")
    };
    let body = Body::Member(log::Member {
        open: Some(died),
        ..member
    });
    let change = changed(record, Action::Close, body);
    client.apply(request(), vec![change]).unwrap();
}

/// A household turns out to be of another type and cause.
#[track_caller]
fn correct_a_household(client: &Client) {
    let record = households(client).remove(0);
    let Some(Body::Household(mut household)) = record.body.clone() else {
        panic!("not a household")
    };
    let open = household.open.as_mut().unwrap();
    open.r#type = "marginal".to_owned();
    open.main_cause = "water".to_owned();
    let change = changed(&record, Action::Change, Body::Household(household));
    client.apply(request(), vec![change]).unwrap();
}

/// A household exits, and nobody answers for it any more.
#[track_caller]
fn exit_and_end_the_pairing(client: &Client) {
    let record = client.list(Kind::Pairing, COUNTY).unwrap().remove(0);
    let Some(Body::Pairing(mut pairing)) = record.body.clone() else {
        panic!("not a pairing")
    };
    let open = pairing.open.as_mut().unwrap();
    open.until = 20_201_001;
    let household = client.get(&open.household).unwrap();
    let Some(Body::Household(mut exited)) = household.body.clone() else {
        panic!("not a household")
    };
    exited.open.as_mut().unwrap().exit_year = 2020;
    let changes = vec![
        changed(&household, Action::Change, Body::Household(exited)),
        changed(&record, Action::Close, Body::Pairing(pairing)),
    ];
    client.apply(request(), changes).unwrap();
}

/// S0.2 and S1.1: cards = book = ledger = archive = roll-up, after every change again.
#[test]
fn s0_2_and_s1_1_card_book_ledger_and_archive_agree() {
    let (node, sample) = Node::with_households(120);
    let client = node.client();
    help(&client);
    let archive = must_agree(&node);
    assert_eq!(archive.of(COUNTY).total("户数"), sample.households() * 100);
    // The archive stands before its ledgers and books.
    assert!(archive.0[0].0.starts_with("360323 "), "{}", archive.0[0].0);

    let village = &households(&client)[0].area;
    let book = exported(&node, "book", village);
    assert_eq!(book.of(village).0, archive.of(village).0);
    let township = &village[..9];
    let ledger = exported(&node, "ledger", township);
    assert_eq!(ledger.of(township).0, archive.of(township).0);
    let cards = exported(&node, "card", village);
    let (_, cells) = &cards.0[0];
    let of_first = |text: &str| {
        let rows = cells.iter();
        rows.filter(|row| row[0] == text).collect::<Vec<_>>()
    };
    let cards = of_first("户主").len();
    assert_eq!(cards, book.of(village).rows().len());
    // Each card says as many people as the book.
    let people: BTreeMap<String, i64> = of_first("户编号")
        .into_iter()
        .zip(of_first("人数").into_iter().filter(|row| row.len() > 1))
        .map(|(number, people)| (number[1].to_string(), whole(&people[1])))
        .collect();
    let (number, heads) = {
        let book = book.of(village);
        (book.column("户编号"), book.column("人数"))
    };
    for row in book.of(village).rows() {
        assert_eq!(people[&row[number].to_string()], whole(&row[heads]));
    }

    for change in [
        end_a_measure,
        let_somebody_die,
        correct_a_household,
        exit_and_end_the_pairing,
    ] {
        change(&client);
        must_agree(&node);
    }
}

/// Who may not export gets no file, and a view is of the level that it is of.
#[test]
fn a_view_that_is_refused_leaves_no_file() {
    let (node, _) = Node::with_households(5);
    let village = households(&node.client())[0].area.clone();
    Officer::appoint(&node, "cun", "village-cadre", &village);
    Officer::appoint(&node, "zhen", "township-officer", &village[..9]);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("view.xlsx");
    let as_officer = |login: &str, view: &str, area: &str| {
        let asked = ["export", view, "--area", area, "--as", login, "--out"];
        node.run(&asked, &[&path])
    };
    as_officer("cun", "book", &village).refused("denied");
    as_officer("zhen", "archive", COUNTY).refused("denied");
    export(&node, "book", COUNTY, &path).refused("malformed-request");
    export(&node, "archive", &village, &path).refused("malformed-request");
    let csv = folder.path().join("view.csv");
    export(&node, "book", &village, &csv).refused("malformed-request");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    as_officer("zhen", "ledger", &village[..9]).done();
    assert!(path.exists());
}

/// What a province was not given is not in its files, and the figures are there all the same.
#[test]
fn s0_2_an_archive_of_the_province_names_nobody() {
    let pair = Pair::start();
    let sample = Sample::of(20);
    sample.fill(&pair.county);
    pair.settle();
    let own = exported(&pair.county, "archive", COUNTY);
    let theirs = exported(&pair.province, "archive", COUNTY);
    assert_eq!(theirs.of(COUNTY).0, own.of(COUNTY).0);
    let names: Vec<String> = sample.personal();
    assert!(names.iter().any(|name| own.holds(name)));
    assert!(!names.iter().any(|name| theirs.holds(name)));
    assert!(theirs.holds("未提供"));
}
