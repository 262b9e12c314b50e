//! Lists of other bureaus: an identity number, a name, and what the bureau says.
//!
//! A row is looked up as it is read. When nobody registered has its number, it is forgotten before the next one is read:
//! not even its name is ever beside another row's. A number that cannot be looked up is a fault of its row, with its
//! value starred out, and the list goes on.

use std::{collections::BTreeSet, ops::ControlFlow};

use lika_core::{
    codes::{self, CodeEntry},
    record::{Comparison, Doubt, Statement, Term},
    value::{AreaCode, Code, IdentityDocument, Name, RecordId, Text, document},
};

use super::{
    column::{Column, half_width},
    fault::{Cause, Faults, Report},
    table::{CellKind, Error, FIRST_ROWS, Row, Table},
};

/// The longest text of a statement, in characters; the rest of a longer one is cut off.
const LONGEST_STATEMENT: usize = 100;
/// A spreadsheet keeps a longer number only in part.
const DIGITS_OF_A_NUMBER: usize = 15;

/// Somebody registered, as a list finds them.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The member.
    pub member: RecordId,
    /// Where the member is registered.
    pub area: AreaCode,
    /// The name; none where it is not known here.
    pub name: Option<Name>,
}

/// What a list says of somebody registered.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The row as the spreadsheet counts.
    pub row: u32,
    /// The member.
    pub member: RecordId,
    /// Where the member is registered.
    pub area: AreaCode,
    /// Whether the list has another name.
    pub name_differs: bool,
    /// What it says.
    pub statements: Vec<Statement>,
}

/// A list as it was read.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Rows that are not blank.
    pub rows: u64,
    /// Rows without a number that can be looked up, or that do not say what they are about.
    pub unreadable: u64,
    /// What it says of people who are registered, each statement once.
    pub hits: Vec<Hit>,
    /// What is wrong in it.
    pub faults: Faults,
}

/// Where things stand in the rows of a list.
struct Places {
    number: usize,
    name: usize,
    /// By field, in the order of the code list.
    fields: Vec<(&'static CodeEntry, usize)>,
    /// The headings that nobody knows.
    unknown: Vec<String>,
}

/// Reads a list of a source (code list comparison-source) with at most so many rows, and looks up each number.
pub fn read<E: std::error::Error + Send + Sync + 'static>(
    mut table: Table,
    source: &Code,
    most: u64,
    look_up: &mut dyn FnMut(&str) -> Result<Option<Registered>, E>,
) -> Result<List, Error> {
    let (sheet, at, mut places) = headings(&mut table, source.as_str())?;
    let mut report = Report {
        sheet: &sheet,
        faults: Faults::default(),
    };
    for heading in std::mem::take(&mut places.unknown) {
        report.add(at, None, Some(heading), Cause::UnknownColumn);
    }
    let mut reading = Reading {
        source,
        places,
        report,
        list: List::default(),
        seen: BTreeSet::new(),
    };
    let mut stopped = None;
    table.read(&sheet, &mut |row| {
        if row.number <= at || row.is_blank() {
            return ControlFlow::Continue(());
        }
        if reading.list.rows == most {
            stopped = Some(Error::TooManyRows { most });
            return ControlFlow::Break(());
        }
        match reading.read(row, look_up) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                stopped = Some(Error::Registry(Box::new(error)));
                ControlFlow::Break(())
            }
        }
    })?;
    match stopped {
        Some(error) => Err(error),
        None => Ok(List {
            faults: reading.report.faults,
            ..reading.list
        }),
    }
}

struct Reading<'a> {
    source: &'a Code,
    places: Places,
    report: Report<'a>,
    list: List,
    /// Statements that the list has made already.
    seen: BTreeSet<String>,
}

impl Reading<'_> {
    fn read<E>(
        &mut self,
        row: &Row,
        look_up: &mut dyn FnMut(&str) -> Result<Option<Registered>, E>,
    ) -> Result<(), E> {
        self.list.rows += 1;
        let number = match number(row, self.places.number) {
            Ok(number) => number,
            Err(cause) => {
                self.list.unreadable += 1;
                let value = row.text(self.places.number);
                self.report
                    .value(row.number, Column::Document, value, cause);
                return Ok(());
            }
        };
        let statements = statements(row, &self.places.fields);
        // Before anybody is looked up: whoever imports learns the same of every row.
        if let Some(label) = self.unsaid(&statements) {
            self.list.unreadable += 1;
            self.report
                .add(row.number, Some(label), None, Cause::Missing);
            return Ok(());
        }
        let Some(Registered { member, area, name }) = look_up(&number)? else {
            return Ok(());
        };
        let key = Doubt::hit_of(&member, self.source, &statements);
        let Term::Blind(said) = key.term else {
            return Ok(());
        };
        if self.seen.insert(said) {
            let listed = row.text(self.places.name);
            self.list.hits.push(Hit {
                row: row.number,
                member,
                area,
                name_differs: name.is_some_and(|name| differs(name.as_str(), listed)),
                statements,
            });
        }
        Ok(())
    }
}

impl Reading<'_> {
    /// The heading of what a row should say and does not: a car without a plate is none.
    fn unsaid(&self, statements: &[Statement]) -> Option<&'static str> {
        let identifying = Comparison::identifying_fields(self.source.as_str());
        let mut said = statements.iter();
        if identifying.is_empty() || said.any(|it| identifying.contains(&it.field.as_str())) {
            return None;
        }
        let mut fields = self.places.fields.iter();
        let own = fields.find(|(entry, _)| identifying.contains(&entry.code));
        own.map(|(entry, _)| entry.zh)
    }
}

/// The sheet of a list, the row of its headings, and where they are.
fn headings(table: &mut Table, source: &str) -> Result<(String, u32, Places), Error> {
    let mut missing: Option<Vec<&'static str>> = None;
    for sheet in table.sheets() {
        let mut found = None;
        table.read(&sheet, &mut |row| {
            if row.number > FIRST_ROWS {
                return ControlFlow::Break(());
            }
            match places(row, source) {
                Ok(Some(places)) => found = Some((row.number, places)),
                Ok(None) => return ControlFlow::Continue(()),
                Err(headings) => missing = missing.take().or(Some(headings)),
            }
            ControlFlow::Break(())
        })?;
        if let Some((at, places)) = found {
            return Ok((sheet, at, places));
        }
    }
    Err(match missing {
        Some(missing) => Error::MissingHeadings(missing),
        None => Error::NotASpreadsheet("none of its first rows has a heading for identity numbers"),
    })
}

/// The places of a row of headings; none when it is no such row, and the missing ones where it is not a whole one.
fn places(row: &Row, source: &str) -> Result<Option<Places>, Vec<&'static str>> {
    let own = Comparison::fields(source);
    let list = codes::list("comparison-field");
    let field = |heading: &str| {
        let entry = list.and_then(|list| list.by_label(heading));
        entry.filter(|entry| own.contains(&entry.code))
    };
    let (mut number, mut name, mut fields, mut unknown) = (None, None, Vec::new(), Vec::new());
    for (place, heading) in row.texts().enumerate() {
        let heading = heading.trim();
        match (Column::of_heading(heading), field(heading)) {
            _ if heading.is_empty() => {}
            (Some(Column::Document), _) if number.is_none() => number = Some(place),
            (Some(Column::Name), _) if name.is_none() => name = Some(place),
            (_, Some(entry)) => fields.push((entry, place)),
            _ => unknown.push(heading.chars().take(LONGEST_STATEMENT).collect()),
        }
    }
    let Some(number) = number else {
        return Ok(None);
    };
    let identifying = Comparison::identifying_fields(source);
    let says_what = identifying.is_empty()
        || fields
            .iter()
            .any(|(entry, _)| identifying.contains(&entry.code));
    let labels = identifying.iter().filter_map(|code| {
        let entry = list.and_then(|list| list.by_code(code));
        entry.map(|entry| entry.zh)
    });
    match name {
        Some(name) if says_what => {
            fields.sort_by_key(|(entry, _)| own.iter().position(|code| *code == entry.code));
            fields.dedup_by_key(|(entry, _)| entry.code);
            Ok(Some(Places {
                number,
                name,
                fields,
                unknown,
            }))
        }
        Some(_) => Err(labels.take(1).collect()),
        None => Err(vec![Column::Name.label()]),
    }
}

/// The normalised number of a row.
fn number(row: &Row, place: usize) -> Result<String, Cause> {
    let text = row.text(place);
    match row.kind(place) {
        CellKind::Error => return Err(Cause::FormulaError),
        CellKind::Number if text.len() > DIGITS_OF_A_NUMBER => return Err(Cause::DigitsLost),
        CellKind::Number | CellKind::Text => {}
    }
    if text.is_empty() {
        return Err(Cause::Missing);
    }
    let mut fault = document::Fault::NotCheckable;
    // A disability card has the number of its holder in it.
    for kind in ["disability-card", "id-card"] {
        let Some(kind) = codes::list("document-type").and_then(|list| list.by_code(kind)) else {
            continue;
        };
        let document = IdentityDocument::parse(&kind.to_code(), text);
        if let Some(number) = document.normalised() {
            return Ok(number);
        }
        if let IdentityDocument::Unverified { fault: own, .. } = document {
            fault = own;
        }
    }
    Err(Cause::NoNumber(fault))
}

/// What a row says, in the order of the code list; what cannot be printed is left out.
fn statements(row: &Row, fields: &[(&'static CodeEntry, usize)]) -> Vec<Statement> {
    let said = fields.iter().filter_map(|(entry, place)| {
        if row.kind(*place) == CellKind::Error {
            return None;
        }
        let line: Vec<&str> = row.text(*place).split_whitespace().collect();
        let line: String = line.join(" ").chars().take(LONGEST_STATEMENT).collect();
        let text = Text::parse(&line).ok().filter(|text| !text.is_empty())?;
        let field = entry.to_code();
        Some(Statement { field, text })
    });
    said.collect()
}

/// Whether two names are different people's, as far as writing goes. A blank one says nothing.
fn differs(registered: &str, listed: &str) -> bool {
    let letters = |name: &str| -> String {
        name.chars()
            .map(half_width)
            .filter(|c| c.is_alphanumeric())
            .collect()
    };
    let listed = letters(listed);
    !listed.is_empty() && listed != letters(registered)
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, fs};

    use super::*;

    const ZHANG: &str = "11010519491231002X";

    fn listed(source: &str, text: &str, most: u64) -> Result<List, Error> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.csv");
        fs::write(&file, text).unwrap();
        let source = Code::parse(source).unwrap();
        let mut look_up = |number: &str| {
            let registered = Registered {
                member: RecordId([1; 16]),
                area: AreaCode::parse("360323101201").unwrap(),
                name: Some(Name::parse("张三").unwrap()),
            };
            Ok::<_, Infallible>((number == ZHANG).then_some(registered))
        };
        read(Table::open(&file)?, &source, most, &mut look_up)
    }

    fn told(source: &str, text: &str) -> String {
        match listed(source, text, 100) {
            Ok(list) => {
                let hits = list.hits.iter().map(|hit| {
                    let said = hit.statements.iter();
                    let said = said.map(|it| format!("{}={}", it.field, it.text.as_str()));
                    let said: Vec<String> = said.collect();
                    format!("{} {} {}", hit.row, hit.name_differs, said.join(","))
                });
                let faults = list.faults.list().iter().map(super::super::Fault::en);
                let counts = format!("{} rows, {} unreadable", list.rows, list.unreadable);
                let lines: Vec<String> = [counts].into_iter().chain(hits).chain(faults).collect();
                lines.join("\n")
            }
            Err(error) => format!("{}: {error}", error.code()),
        }
    }

    #[test]
    fn a_list_says_something_of_those_who_are_registered_and_nothing_of_others() {
        expect_test::expect![[r#"
            7 rows, 3 unreadable
            3 false plate=赣J12345,vehicle-type=小型轿车
            6 true plate=赣J99999
            sheet list, row 2: “备注” this column is not known and is left out
            sheet list, row 7, column 证件号码: “440***************” number has a wrong check digit; compare it with the card; the row is left out
            sheet list, row 8, column 证件号码: must be given
            sheet list, row 9, column 号牌号码: must be given"#]]
        .assert_eq(&told(
            "vehicles",
            "车管所登记清单,,,,\n身份证号码,姓名,车牌号,车型,备注\n\
             11010519491231002x,张 三,赣J12345,小型轿车,\n\
             １１０１０５１９４９１２３１００２Ｘ,张三,赣Ｊ·12345,轿车,同一辆\n\
             440524188001010014,李四,粤A1,卡车,\n\
             110105491231002,王五,赣J99999,,\n\
             440524188001010015,赵六,粤A2,卡车,\n\
             ,无号,粤A3,卡车,\n440524188001010014,李四,,卡车,\n",
        ));
    }

    #[test]
    fn what_cannot_be_a_list_is_refused_as_a_whole() {
        expect_test::expect![[r#"
            not-a-spreadsheet: the file is not a spreadsheet: none of its first rows has a heading for identity numbers; save it as XLSX or CSV
            headings-missing: these headings are missing: 姓名; add the columns
            headings-missing: these headings are missing: 号牌号码; add the columns"#]]
        .assert_eq(
            &[
                told("vehicles", "姓名,车牌号\n张三,赣J1\n"),
                told("vehicles", "证件号码,车牌号\n1,赣J1\n"),
                told("vehicles", "证件号码,姓名\n1,张三\n"),
            ]
            .join("\n"),
        );
        let rows = "证件号码,姓名,死亡日期\n1,张三,\n1,张三,\n1,张三,\n";
        let error = listed("deaths", rows, 2).unwrap_err();
        assert_eq!(error.code(), "too-many-rows");
        assert_eq!(listed("deaths", rows, 3).unwrap().unreadable, 3);
    }
}
