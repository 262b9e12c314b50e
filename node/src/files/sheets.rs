//! Tables of a view as the sheets of a workbook that prints.

use std::{collections::BTreeSet, fs::File};

use lika_core::value::Date;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::writer::Error;
use crate::views::{Card, Table, Text, Value};

/// Characters of the name of a sheet at most.
const LONGEST_NAME: usize = 31;
/// A4 in the numbering of spreadsheet programs.
const A4: u8 = 9;
/// Pages of a sheet at most: a sheet has no more breaks.
const CARDS_OF_A_SHEET: usize = 1000;
/// The last column that is widened, and how wide: a name, an amount or a line of a label.
const WIDTH: (u16, f64) = (40, 14.0);
/// 15 digits are what a spreadsheet shows of a number.
const EXACT: i64 = 1_000_000_000_000_000;

/// A workbook that is being written. Not in constant memory: that would put plain personal data into temporary files.
pub struct Sheets {
    workbook: Workbook,
    names: BTreeSet<String>,
    formats: Formats,
}

struct Formats {
    title: Format,
    heading: Format,
    cell: Format,
    total: Format,
}

impl Sheets {
    /// An empty workbook. `dated` goes into its properties, so that the same content gives the same bytes.
    pub fn new(dated: Date) -> Result<Self, Error> {
        let mut workbook = Workbook::new();
        let month = dated.month();
        let created =
            ExcelDateTime::from_ymd(month.year().get(), month.month_of_year(), dated.day())?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
        let boxed = || Format::new().set_border(FormatBorder::Thin);
        Ok(Self {
            workbook,
            names: BTreeSet::new(),
            formats: Formats {
                title: Format::new().set_bold().set_font_size(14),
                heading: boxed().set_bold().set_text_wrap(),
                cell: boxed().set_text_wrap(),
                total: boxed().set_bold(),
            },
        })
    }

    /// A table on a sheet of its own.
    pub fn table(&mut self, name: &str, table: &Table) -> Result<(), Error> {
        let name = self.name(name);
        let sheet = self.workbook.add_worksheet();
        begin(sheet, &name)?;
        sheet.set_landscape();
        sheet.set_repeat_rows(0, 1)?;
        sheet.set_freeze_panes(2, 0)?;
        write_table(sheet, &self.formats, 0, table)?;
        Ok(())
    }

    /// Cards below each other, one a page.
    pub fn cards(&mut self, name: &str, cards: &[Card]) -> Result<(), Error> {
        for cards in cards.chunks(CARDS_OF_A_SHEET) {
            let name = self.name(name);
            let sheet = self.workbook.add_worksheet();
            begin(sheet, &name)?;
            let mut row = 0;
            let mut breaks = Vec::new();
            for card in cards {
                if row > 0 {
                    breaks.push(row);
                }
                row = write_card(sheet, &self.formats, row, card)?;
            }
            if !breaks.is_empty() {
                sheet.set_page_breaks(&breaks)?;
            }
        }
        Ok(())
    }

    /// What was written last comes first: it sums up what is before it.
    pub fn show_last_first(&mut self) {
        self.workbook.worksheets_mut().rotate_right(1);
    }

    /// Writes the workbook; a view without a page has an empty sheet.
    pub fn finish(mut self, file: &mut File) -> Result<(), Error> {
        if self.names.is_empty() {
            self.workbook.add_worksheet();
        }
        self.workbook.save_to_writer(&mut *file)?;
        Ok(file.sync_all()?)
    }

    /// A name that a sheet may have and that no other sheet has.
    fn name(&mut self, wanted: &str) -> String {
        let wanted: String = wanted
            .chars()
            .map(|letter| match letter {
                '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'' => ' ',
                letter => letter,
            })
            .collect();
        let mut name: String = wanted.chars().take(LONGEST_NAME).collect();
        let mut number = 1;
        while !self.names.insert(name.to_lowercase()) {
            number += 1;
            let end = format!(" {number}");
            let kept = LONGEST_NAME - end.len();
            name = wanted.chars().take(kept).collect::<String>() + &end;
        }
        name
    }
}

fn begin(sheet: &mut Worksheet, name: &str) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    sheet.set_paper_size(A4);
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_column_range_width(0, WIDTH.0, WIDTH.1)?;
    Ok(())
}

/// Writes a table from a row on; the first row after it.
fn write_table(
    sheet: &mut Worksheet,
    formats: &Formats,
    from: u32,
    table: &Table,
) -> Result<u32, XlsxError> {
    let title = format!("{} {}", zh(table.title), table.of);
    sheet.write_string_with_format(from, 0, title.trim_end(), &formats.title)?;
    let mut row = from + 1;
    for (column, heading) in (0..).zip(&table.headings) {
        sheet.write_string_with_format(row, column, heading.shown(zh), &formats.heading)?;
    }
    let rows = table.rows.iter().map(|values| (values, &formats.cell));
    let total = table.total.iter().map(|values| (values, &formats.total));
    for (values, format) in rows.chain(total) {
        row += 1;
        for (column, value) in (0..).zip(values) {
            write(sheet, format, row, column, value)?;
        }
    }
    Ok(row + 1)
}

fn write_card(
    sheet: &mut Worksheet,
    formats: &Formats,
    from: u32,
    card: &Card,
) -> Result<u32, XlsxError> {
    let title = format!("农户卡 {}", card.village);
    sheet.write_string_with_format(from, 0, title, &formats.title)?;
    let mut row = from;
    for (label, value) in &card.lines {
        row += 1;
        sheet.write_string_with_format(row, 0, zh(*label), &formats.heading)?;
        write(sheet, &formats.cell, row, 1, value)?;
    }
    row += 1;
    for table in &card.tables {
        row = write_table(sheet, formats, row, table)?;
    }
    Ok(row)
}

/// Writes text as text, so that nothing that somebody entered is ever run as a formula.
fn write(
    sheet: &mut Worksheet,
    format: &Format,
    row: u32,
    column: u16,
    value: &Value,
) -> Result<(), XlsxError> {
    let number = match value {
        Value::Count(count) if count.abs() < EXACT => Some(count.to_string()),
        Value::Money(amount) if amount.0.abs() < EXACT => Some(amount.to_string()),
        _ => None,
    };
    match number.and_then(|number| number.parse::<f64>().ok()) {
        Some(number) => sheet.write_number_with_format(row, column, number, format)?,
        None => sheet.write_string_with_format(row, column, value.shown(zh), format)?,
    };
    Ok(())
}

/// Files are read by people at home: in Chinese.
fn zh(text: Text) -> &'static str {
    text.0
}
