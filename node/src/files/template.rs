//! Templates: workbooks that a county fills in.
//!
//! The first sheet has the headings and example rows, which are to be deleted; the second says what belongs under each
//! heading. Both come from the columns by which the list is read.

use std::fs::File;

use lika_core::value::Date;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::{
    lists::{Column, List},
    writer::Error,
};

/// Headings of the sheet that explains.
const EXPLAINED: [&str; 5] = ["列", "必填", "填写说明", "格式", "也可写作"];
/// How wide the columns of both sheets are: a number, a sentence.
const WIDTHS: (f64, f64) = (18.0, 48.0);

/// Writes the template of a list. `dated` goes into its properties, so that the same list gives the same bytes.
pub fn write(list: List, dated: Date, file: &mut File) -> Result<(), Error> {
    let mut workbook = Workbook::new();
    let month = dated.month();
    let created = ExcelDateTime::from_ymd(month.year().get(), month.month_of_year(), dated.day())?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    fill(workbook.add_worksheet(), list)?;
    explain(workbook.add_worksheet(), list.columns())?;
    workbook.save_to_writer(&mut *file)?;
    Ok(file.sync_all()?)
}

/// Headings and examples. The cells are text, so that no number loses its last digits.
fn fill(sheet: &mut Worksheet, list: List) -> Result<(), XlsxError> {
    sheet.set_name(list.title())?;
    sheet.set_freeze_panes(1, 0)?;
    let obligatory = heading().set_background_color("#FFE9A8");
    let text = Format::new().set_num_format("@");
    let example = text.clone().set_italic().set_font_color("#707070");
    for (place, column) in (0..).zip(list.columns()) {
        sheet.set_column_width(place, WIDTHS.0)?;
        sheet.set_column_format(place, &text)?;
        let format = match column.is_obligatory {
            true => &obligatory,
            false => &heading(),
        };
        sheet.write_string_with_format(0, place, column.heading, format)?;
        for (row, value) in (1..).zip(column.examples) {
            sheet.write_string_with_format(row, place, *value, &example)?;
        }
    }
    Ok(())
}

fn explain(sheet: &mut Worksheet, columns: &[Column]) -> Result<(), XlsxError> {
    sheet.set_name("填写说明")?;
    let advice = "示例行填写前请删去；标黄的列必填；列的顺序不限，不用的选填列可以删去。";
    sheet.write_string(0, 0, advice)?;
    for (place, label) in (0..).zip(EXPLAINED) {
        let width = if place < 2 { WIDTHS.0 } else { WIDTHS.1 };
        sheet.set_column_width(place, width)?;
        sheet.write_string_with_format(1, place, label, &heading())?;
    }
    let cell = Format::new().set_text_wrap();
    for (row, column) in (2..).zip(columns) {
        let said = [
            column.heading.to_owned(),
            if column.is_obligatory { "是" } else { "否" }.to_owned(),
            column.meaning.to_owned(),
            (column.form)(),
            column.aliases.join("、"),
        ];
        for (place, text) in (0..).zip(said) {
            sheet.write_string_with_format(row, place, text, &cell)?;
        }
    }
    Ok(())
}

fn heading() -> Format {
    Format::new().set_bold().set_border(FormatBorder::Thin)
}
