//! Reading the areas of a node from a spreadsheet: what has to be there before households are imported.

use std::{collections::BTreeMap, ops::ControlFlow};

use lika_core::value::{AreaCode, Label};

use super::{
    fields,
    table::{self, FIRST_ROWS, Row, Table},
};

/// Heading of the code, of the name, and of whether it is a key village (S4.2).
pub const HEADINGS: [&str; 3] = ["区划代码", "名称", "重点村"];

/// An area of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaRow {
    /// The name.
    pub name: Label,
    /// Whether it is a key village.
    pub is_key_village: bool,
}

/// Why the file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    Table(#[from] table::Error),
    /// There is no row of headings.
    #[error("none of the first rows has the headings {}", HEADINGS.join(" "))]
    NoHeadings,
    /// A row is wrong.
    #[error("row {row}, column {column}: {what}")]
    Row {
        /// The row, from 1.
        row: u32,
        /// The heading.
        column: &'static str,
        /// What is wrong, and what to do.
        what: String,
    },
}

/// The areas of a file's first sheet, the wider ones first.
pub fn read(mut table: Table) -> Result<BTreeMap<AreaCode, AreaRow>, Error> {
    let sheet = table.sheets().into_iter().next().unwrap_or_default();
    let mut places: Option<[usize; 3]> = None;
    let mut areas = BTreeMap::new();
    let mut wrong = None;
    table.read(&sheet, &mut |row| {
        let Some(places) = places else {
            places = headings(row);
            let is_hopeless = places.is_none() && row.number >= FIRST_ROWS;
            return if is_hopeless {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            };
        };
        if row.is_blank() {
            return ControlFlow::Continue(());
        }
        match area(row, places) {
            Ok((code, _)) if areas.contains_key(&code) => {
                wrong = Some(fault(
                    row,
                    0,
                    format!("{code} stands twice; remove one row"),
                ));
            }
            Ok((code, area)) => {
                areas.insert(code, area);
                return ControlFlow::Continue(());
            }
            Err(error) => wrong = Some(error),
        }
        ControlFlow::Break(())
    })?;
    match (wrong, places) {
        (Some(error), _) => Err(error),
        (None, None) => Err(Error::NoHeadings),
        (None, Some(_)) => Ok(areas),
    }
}

fn headings(row: &Row) -> Option<[usize; 3]> {
    let of = |heading: &str| row.texts().position(|text| text.trim() == heading);
    let [code, name, key] = HEADINGS.map(of);
    // A node without key villages needs no column for them.
    Some([code?, name?, key.unwrap_or(usize::MAX)])
}

fn area(row: &Row, [code, name, key]: [usize; 3]) -> Result<(AreaCode, AreaRow), Error> {
    let code = AreaCode::parse(row.text(code)).map_err(|error| fault(row, 0, error))?;
    let name = Label::parse(row.text(name)).map_err(|error| fault(row, 1, error))?;
    let is_key_village = fields::yes_or_no(row.text(key))
        .map_err(|_| fault(row, 2, "must be 是 or 否"))?
        .unwrap_or_default();
    Ok((
        code,
        AreaRow {
            name,
            is_key_village,
        },
    ))
}

fn fault(row: &Row, heading: usize, what: impl ToString) -> Error {
    Error::Row {
        row: row.number,
        column: HEADINGS[heading],
        what: what.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn read_text(text: &str) -> Result<BTreeMap<AreaCode, AreaRow>, Error> {
        let folder = tempfile::tempdir().unwrap();
        let file: &Path = &folder.path().join("areas.csv");
        fs::write(file, text).unwrap();
        read(Table::open(file)?)
    }

    #[test]
    fn areas_come_wider_ones_first_whatever_the_order_of_columns_and_rows() {
        let areas = read_text(
            "芦溪县行政区划,,\n名称,重点村,区划代码\n京口村,是,360323101201\n宣风镇,,360323101\n",
        )
        .unwrap();
        let listed: Vec<_> = areas
            .iter()
            .map(|(code, area)| format!("{code} {} {}", area.name, area.is_key_village))
            .collect();
        assert_eq!(
            listed,
            ["360323101 宣风镇 false", "360323101201 京口村 true"]
        );
    }

    #[test]
    fn what_is_wrong_is_named_by_row_and_column() {
        let told = |text: &str| read_text(text).unwrap_err().to_string();
        expect_test::expect![[r#"
            none of the first rows has the headings 区划代码 名称 重点村
            row 2, column 区划代码: area code has 3 characters; expected 2, 4, 6, 9 or 12 digits
            row 3, column 区划代码: 360323101 stands twice; remove one row
            row 2, column 重点村: must be 是 or 否"#]]
        .assert_eq(
            &[
                told("户主,姓名\n张三,张三\n"),
                told("区划代码,名称\n360,宣风镇\n"),
                told("区划代码,名称\n360323101,宣风镇\n360323101,上埠镇\n"),
                told("区划代码,名称,重点村\n360323101201,京口村,也许\n"),
            ]
            .join("\n"),
        );
    }
}
