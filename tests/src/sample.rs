//! The made-up county as the tests use it: registered through gRPC, written as spreadsheets, spoilt on purpose.

use std::{fs, path::Path};

use lika::{
    clock::{Clock as _, System},
    sample::{self, County, Settings},
};
use lika_core::{command::Change, record::BodyMessage, value::Date};
use lika_proto::v1;

use crate::{Client, Node};

/// Changes of one command: large enough to be quick, small enough for a message.
const CHANGES: usize = 500;

/// A made-up county.
pub struct Sample {
    /// Its areas, units, cadres and households.
    pub county: County,
    as_of: Date,
}

impl Sample {
    /// The day of [`of`](Self::of). It is in the past of any clock that the tests run under, so that no date of the
    /// county is in the future and memberships can end before today.
    pub const AS_OF: &'static str = "2020-06-30";

    /// A county of so many households, the same every time.
    pub fn of(households: usize) -> Self {
        Self::on(Date::parse(Self::AS_OF).unwrap(), households)
    }

    /// The county of the demonstration, which is made for the day on which it is shown.
    pub fn of_demonstration() -> Self {
        Self::on(System.today(), sample::HOUSEHOLDS_OF_LUXI)
    }

    fn on(as_of: Date, households: usize) -> Self {
        let settings = Settings {
            seed: 1,
            households,
            as_of,
        };
        Self {
            county: County::generate(&settings),
            as_of,
        }
    }

    /// A county with about so many people, each a row of the spreadsheet.
    pub fn with_rows(rows: usize) -> Self {
        Self::of(rows * sample::HOUSEHOLDS_OF_LUXI / 10_485)
    }

    /// How many households.
    pub fn households(&self) -> i64 {
        i64::try_from(self.county.households.len()).unwrap()
    }

    /// How many people.
    pub fn people(&self) -> i64 {
        i64::try_from(self.county.people()).unwrap()
    }

    /// Registers areas, units and cadres at a node that runs, and imports the households as of the sample's day.
    #[track_caller]
    pub fn fill(&self, node: &Node) {
        self.register(&node.client());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("households.csv");
        self.county.write_csv(&file).unwrap();
        let as_of = self.as_of.to_string();
        node.run(&["import", "--as-of", &as_of], &[&file]).done();
    }

    /// Registers areas, units and cadres.
    #[track_caller]
    pub fn register(&self, client: &Client) {
        // The county itself was registered when the node was made.
        let areas = self.county.area_changes.iter();
        let areas = areas.filter(|change| change.area != County::area());
        let units = &self.county.unit_changes;
        let all: Vec<&Change> = areas
            .chain(units)
            .chain(&self.county.cadre_changes)
            .collect();
        for some in all.chunks(CHANGES) {
            let changes = some.iter().map(|change| message(change)).collect();
            client.apply(request(), changes).unwrap();
        }
    }

    /// Registers the areas only.
    #[track_caller]
    pub fn register_areas(&self, client: &Client) {
        let areas = self.county.area_changes.iter();
        let areas = areas.filter(|change| change.area != County::area());
        let changes = areas.map(message).collect();
        client.apply(request(), changes).unwrap();
    }

    /// Everything in it that says who somebody is: names, telephone numbers, identity and household numbers.
    pub fn personal(&self) -> Vec<String> {
        let mut personal = Vec::new();
        for household in &self.county.households {
            personal.extend([household.phone.clone(), household.number.clone()]);
            for member in &household.members {
                personal.extend([member.name.clone(), member.document.clone()]);
            }
        }
        for change in &self.county.cadre_changes {
            let BodyMessage::Cadre(cadre) = change.body.message() else {
                panic!("not a cadre: {change:?}");
            };
            let identity = cadre.identity.unwrap();
            personal.extend([identity.name, identity.phone, identity.number]);
        }
        personal.retain(|text| !text.is_empty());
        personal
    }
}

/// A fresh request id.
pub fn request() -> [u8; 16] {
    uuid::Uuid::new_v4().into_bytes()
}

/// A spreadsheet with the national headings, in memory.
#[derive(Clone, Debug)]
pub struct Sheet {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// The spreadsheet of a county.
    pub fn of(county: &County) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("households.csv");
        county.write_csv(&path).unwrap();
        let bytes = fs::read(&path).unwrap();
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text);
        let rows = reader.records().map(|record| {
            let record = record.unwrap();
            record.iter().map(str::to_owned).collect::<Vec<_>>()
        });
        let mut rows: Vec<_> = rows.collect();
        let headings = rows.remove(0);
        Self { headings, rows }
    }

    /// A cell; the first row below the headings is row 2, as the spreadsheet counts.
    pub fn cell(&self, row: usize, heading: &str) -> &str {
        &self.rows[row - 2][self.column(heading)]
    }

    /// The row after the headings and before the end where a question about it is answered with yes.
    #[track_caller]
    pub fn row_where(&self, is_wanted: impl Fn(usize) -> bool) -> usize {
        (2..self.rows.len() + 2)
            .find(|row| is_wanted(*row))
            .unwrap()
    }

    /// The sheet with another value in a cell.
    pub fn with(&self, row: usize, heading: &str, value: &str) -> Self {
        let mut sheet = self.clone();
        let column = self.column(heading);
        value.clone_into(&mut sheet.rows[row - 2][column]);
        sheet
    }

    /// The rows that have this value in a column.
    pub fn only(&self, heading: &str, value: &str) -> Self {
        let mut sheet = self.clone();
        let column = self.column(heading);
        sheet.rows.retain(|row| row[column] == value);
        sheet
    }

    /// The sheet without a row; those below move up.
    pub fn without(&self, row: usize) -> Self {
        let mut sheet = self.clone();
        sheet.rows.remove(row - 2);
        sheet
    }

    /// The sheet as CSV in UTF-8.
    pub fn text(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.headings).unwrap();
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    /// Writes it as CSV in UTF-8.
    pub fn write(&self, path: &Path) {
        fs::write(path, self.text()).unwrap();
    }

    #[track_caller]
    fn column(&self, heading: &str) -> usize {
        self.headings.iter().position(|own| own == heading).unwrap()
    }
}

fn message(change: &Change) -> v1::Change {
    use v1::record::Body;
    let body = match change.body.message() {
        BodyMessage::Area(area) => Body::AreaRecord(area),
        BodyMessage::Unit(unit) => Body::Unit(unit),
        BodyMessage::Cadre(cadre) => Body::Cadre(cadre),
        other => panic!("the sample has no such record: {other:?}"),
    };
    v1::Change {
        action: change.action.number(),
        expected_revision: change.expected_revision,
        record: Some(v1::Record {
            id: change.id.0.to_vec(),
            area: change.area.digits().to_owned(),
            body: Some(body),
            ..v1::Record::default()
        }),
    }
}
