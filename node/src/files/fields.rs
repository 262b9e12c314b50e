//! Reading the values of cells.

use std::collections::HashMap;

use lika_core::{
    codes::{self, CodeEntry},
    value::{Code, Date, Fen, Month, Phone, Text, Year},
};

use super::{
    column::{SEPARATORS, half_width},
    fault::Cause,
    table::{CellKind, Row},
};

/// A number of this many digits cannot be kept by a spreadsheet as a number.
const DIGITS_OF_A_NUMBER: usize = 16;

/// The text of a cell that must not be the error of a formula or, where it is the number of somebody, a number that lost
/// its last digits.
pub(super) fn sound(row: &Row, place: usize, is_number_of_somebody: bool) -> Result<&str, Cause> {
    let text = row.text(place);
    match row.kind(place) {
        CellKind::Error => Err(Cause::FormulaError),
        CellKind::Number if text.len() >= DIGITS_OF_A_NUMBER && is_number_of_somebody => {
            Err(Cause::DigitsLost)
        }
        CellKind::Number | CellKind::Text => Ok(text),
    }
}

/// Codes by label, remembered: a file asks for the same few labels in every row.
#[derive(Debug, Default)]
pub(super) struct Labels {
    known: HashMap<&'static str, HashMap<String, Code>>,
}

impl Labels {
    /// The code of a label; none for a blank one.
    pub(super) fn code(&mut self, list: &'static str, label: &str) -> Result<Option<Code>, Cause> {
        if label.is_empty() {
            return Ok(None);
        }
        if let Some(code) = self.known.get(list).and_then(|known| known.get(label)) {
            return Ok(Some(code.clone()));
        }
        let code = look_up(list, label)
            .ok_or(Cause::UnknownLabel(list))?
            .to_code();
        self.known
            .entry(list)
            .or_default()
            .insert(label.to_owned(), code.clone());
        Ok(Some(code))
    }

    /// The codes of a cell with several labels, each once.
    pub(super) fn set(&mut self, list: &'static str, labels: &str) -> Result<Vec<Code>, Cause> {
        let mut set = Vec::new();
        for label in labels.split(SEPARATORS) {
            if let Some(code) = self.code(list, label.trim())?
                && !set.contains(&code)
            {
                set.push(code);
            }
        }
        Ok(set)
    }
}

fn look_up(list: &'static str, label: &str) -> Option<&'static CodeEntry> {
    let entries = codes::list(list)?;
    if let Some(entry) = entries.by_label(label) {
        return Some(entry);
    }
    // Grades (小学三年级) are written out in some provinces and are not told apart here.
    let school = label.strip_suffix("年级").filter(|_| list == "schooling")?;
    let school: String = school
        .chars()
        .take(school.chars().count().saturating_sub(1))
        .collect();
    entries.by_label(&school)
}

/// 是 or 否, in the ways in which files write them; none for a blank cell.
pub(super) fn yes_or_no(text: &str) -> Result<Option<bool>, Cause> {
    let folded: String = text
        .chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace())
        .collect();
    Ok(Some(match folded.to_ascii_uppercase().as_str() {
        "" => return Ok(None),
        "是" | "有" | "Y" | "YES" | "1" | "√" | "已消除" | "已解决" | "C级" | "D级" => {
            true
        }
        "否" | "无" | "N" | "NO" | "0" | "×" | "未消除" | "未解决" | "A级" | "B级" => {
            false
        }
        _ => return Err(Cause::BadYesNo),
    }))
}

/// A date, or the first day of a month that a file gives instead; none for a blank cell.
pub(super) fn date(text: &str, latest: Date) -> Result<Option<Date>, Cause> {
    if text.is_empty() {
        return Ok(None);
    }
    // A spreadsheet's date may carry midnight.
    let day = text.split_once(' ').map_or(text, |(day, _)| day);
    let parsed = Date::parse(day).or_else(|_| Month::parse(day).map(Month::first_day));
    match parsed {
        Ok(date) if date > latest => Err(Cause::FutureDate),
        Ok(date) => Ok(Some(date)),
        Err(_) => Err(Cause::BadDate),
    }
}

/// A year; none for a blank cell.
pub(super) fn year(text: &str) -> Result<Option<Year>, Cause> {
    if text.is_empty() {
        Ok(None)
    } else {
        Year::parse(text).map(Some).map_err(|_| Cause::BadYear)
    }
}

/// An amount that is not negative; none for a blank cell.
pub(super) fn amount(text: &str) -> Result<Option<Fen>, Cause> {
    if text.is_empty() {
        return Ok(None);
    }
    match Fen::parse_yuan(text) {
        Ok(amount) if amount < Fen::ZERO => Err(Cause::Negative),
        Ok(amount) => Ok(Some(amount)),
        Err(_) => Err(Cause::BadAmount),
    }
}

/// An amount that was computed elsewhere: with any number of decimals, and maybe negative.
pub(super) fn computed_amount(text: &str) -> Result<Option<Fen>, Cause> {
    if text.is_empty() {
        return Ok(None);
    }
    let whole = match text.split_once('.') {
        Some((whole, decimals)) if decimals.len() > 2 && decimals.is_ascii() => {
            format!("{whole}.{}", decimals.get(..2).unwrap_or_default())
        }
        _ => text.to_owned(),
    };
    Fen::parse_yuan(&whole)
        .map(Some)
        .map_err(|_| Cause::BadAmount)
}

/// A number of months; none for a blank cell.
pub(super) fn months(text: &str) -> Result<Option<u32>, Cause> {
    match whole_number(text) {
        _ if text.is_empty() => Ok(None),
        Some(months) if months <= 12 => Ok(Some(months)),
        _ => Err(Cause::BadMonths),
    }
}

/// A number of people; none for a blank cell.
pub(super) fn persons(text: &str) -> Result<Option<u32>, Cause> {
    match whole_number(text) {
        _ if text.is_empty() => Ok(None),
        Some(persons @ 1..=99) => Ok(Some(persons)),
        _ => Err(Cause::BadPersons),
    }
}

/// A telephone number; none for a blank cell.
pub(super) fn phone(text: &str) -> Result<Option<Phone>, Cause> {
    if text.is_empty() {
        Ok(None)
    } else {
        Phone::parse(text).map(Some).map_err(|_| Cause::BadPhone)
    }
}

/// A text; none for a blank cell.
pub(super) fn text(text: &str) -> Result<Option<Text>, Cause> {
    if text.is_empty() {
        Ok(None)
    } else {
        Text::parse(text).map(Some).map_err(|_| Cause::BadText)
    }
}

/// The revisions of household, member and income statement when the file was exported, as 3/5/2.
pub(super) fn version(text: &str) -> [Option<u32>; 3] {
    let mut parts = text.split('/').map(|part| part.trim().parse().ok());
    [0; 3].map(|_| parts.next().flatten())
}

pub(super) fn whole_number(text: &str) -> Option<u32> {
    let digits: String = text.chars().map(half_width).collect();
    digits.strip_suffix(".0").unwrap_or(&digits).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_files_write_them() {
        let latest = Date::new(2016, 1, 1).unwrap();
        let day = |text: &str| date(text, latest).map(|date| date.map(|date| date.to_string()));
        assert_eq!(day("2014年1月5日"), Ok(Some("2014-01-05".to_owned())));
        assert_eq!(
            day("2014-01-05 00:00:00"),
            Ok(Some("2014-01-05".to_owned()))
        );
        assert_eq!(day("201402"), Ok(Some("2014-02-01".to_owned())));
        assert_eq!(day("2014-02-30"), Err(Cause::BadDate));
        assert_eq!(day("2016-01-02"), Err(Cause::FutureDate));
        assert_eq!(months("１０"), Ok(Some(10)));
        assert_eq!(months("13"), Err(Cause::BadMonths));
        assert_eq!(amount("-1"), Err(Cause::Negative));
        assert_eq!(computed_amount("-3333.3333333"), Ok(Some(Fen(-333_333))));
        assert_eq!(yes_or_no("Ｙ"), Ok(Some(true)));
        assert_eq!(version("3/5"), [Some(3), Some(5), None]);
    }

    #[test]
    fn grades_are_not_told_apart() {
        let mut labels = Labels::default();
        for (label, code) in [
            ("小学三年级", "primary"),
            ("初中一年级", "junior"),
            ("非在校生", "none"),
        ] {
            assert_eq!(
                labels.code("schooling", label).unwrap().unwrap().as_str(),
                code,
                "{label}"
            );
        }
        assert_eq!(
            labels.code("schooling", "三年级"),
            Err(Cause::UnknownLabel("schooling"))
        );
        assert_eq!(
            labels
                .set("health", "残疾、长期慢性病，残疾")
                .unwrap()
                .len(),
            2
        );
    }
}
