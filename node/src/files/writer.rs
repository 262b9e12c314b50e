//! Writing rows under the national headings.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use lika_core::value::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as CellFormat, Workbook, XlsxError};

use super::{Column, table::escaped};

/// The most rows of a sheet, its headings included.
const MOST_ROWS: u32 = 1_048_576;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A workbook with one sheet.
    Xlsx,
    /// UTF-8 with its mark, which spreadsheet programs need to recognise it.
    Csv,
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be written.
    #[error("the file cannot be written")]
    Io(#[from] io::Error),
    /// The CSV could not be written.
    #[error("the CSV cannot be written")]
    Csv(#[from] csv::Error),
    /// The workbook could not be written.
    #[error("the workbook cannot be written")]
    Workbook(#[from] XlsxError),
    /// More rows than a sheet has.
    #[error("there are more rows than a sheet can have; write CSV, or one township at a time")]
    TooManyRows,
    /// The registry could not be read.
    #[error("the registry could not be read")]
    Registry(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The cells of a row by column; what was not given is blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells(Vec<String>);

impl Default for Cells {
    fn default() -> Self {
        Self(vec![String::new(); Column::ALL.len()])
    }
}

impl Cells {
    /// Writes a cell.
    pub fn set(&mut self, column: Column, text: impl Into<String>) {
        self.0[column as usize] = text.into();
    }

    /// What stands in a cell.
    pub fn get(&self, column: Column) -> &str {
        &self.0[column as usize]
    }
}

/// A file that is being written.
pub struct Writer {
    columns: Vec<Column>,
    kind: Kind,
}

enum Kind {
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Xlsx(Box<Book>),
}

struct Book {
    workbook: Workbook,
    row: u32,
    file: File,
}

impl Writer {
    /// Creates a file with its headings. `dated` goes into a workbook's properties, so that the same content gives the
    /// same bytes. Export writes [`Column::ALL`].
    pub fn create(
        path: &Path,
        format: Format,
        dated: Date,
        columns: Vec<Column>,
    ) -> Result<Self, Error> {
        Self::of_file(File::create(path)?, format, dated, columns)
    }

    /// Writes into an open file.
    pub fn of_file(
        file: File,
        format: Format,
        dated: Date,
        columns: Vec<Column>,
    ) -> Result<Self, Error> {
        let kind = match format {
            Format::Csv => Kind::Csv(Box::new(begin_csv(file, &columns)?)),
            Format::Xlsx => Kind::Xlsx(Box::new(Book {
                workbook: begin_workbook(dated, &columns)?,
                row: 0,
                file,
            })),
        };
        Ok(Self { columns, kind })
    }

    /// Writes a row.
    pub fn write(&mut self, cells: &Cells) -> Result<(), Error> {
        match &mut self.kind {
            Kind::Csv(writer) => {
                for text in self.columns.iter().map(|column| cells.get(*column)) {
                    writer.write_field(escaped(text).as_bytes())?;
                }
                writer.write_record(None::<&[u8]>)?;
                Ok(())
            }
            Kind::Xlsx(book) => book.write(cells, &self.columns),
        }
    }

    /// Writes what is pending and makes it durable.
    pub fn finish(self) -> Result<(), Error> {
        match self.kind {
            Kind::Csv(writer) => {
                let buffer = writer
                    .into_inner()
                    .map_err(|error| Error::Io(io::Error::other(error.to_string())))?;
                let file = buffer
                    .into_inner()
                    .map_err(|error| Error::Io(error.into_error()))?;
                Ok(file.sync_all()?)
            }
            Kind::Xlsx(mut book) => {
                book.workbook.save_to_writer(&mut book.file)?;
                Ok(book.file.sync_all()?)
            }
        }
    }
}

impl Book {
    fn write(&mut self, cells: &Cells, columns: &[Column]) -> Result<(), Error> {
        self.row += 1;
        if self.row >= MOST_ROWS {
            return Err(Error::TooManyRows);
        }
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (place, column) in (0u16..).zip(columns) {
            let text = cells.get(*column);
            if text.is_empty() {
                continue;
            }
            match number(*column, text) {
                Some(number) => sheet.write_number(self.row, place, number)?,
                None => sheet.write_string(self.row, place, text)?,
            };
        }
        Ok(())
    }
}

fn begin_csv(mut file: File, columns: &[Column]) -> Result<csv::Writer<BufWriter<File>>, Error> {
    file.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(BufWriter::new(file));
    writer.write_record(columns.iter().map(|column| column.label()))?;
    Ok(writer)
}

/// Not in constant memory: that would put plain personal data into temporary files.
fn begin_workbook(dated: Date, columns: &[Column]) -> Result<Workbook, Error> {
    let mut workbook = Workbook::new();
    let month = dated.month();
    let created = ExcelDateTime::from_ymd(month.year().get(), month.month_of_year(), dated.day())?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet();
    sheet.set_name("户信息")?;
    sheet.set_freeze_panes(1, 0)?;
    let bold = CellFormat::new().set_bold();
    for (place, column) in (0u16..).zip(columns) {
        sheet.write_string_with_format(0, place, column.label(), &bold)?;
        if *column == Column::Version {
            sheet.set_column_hidden(place)?;
        }
    }
    Ok(workbook)
}

/// The number of an amount or a count, if a spreadsheet can hold it without loss. Everything else stays text, above all
/// identity numbers.
fn number(column: Column, text: &str) -> Option<f64> {
    let is_amount = matches!(
        column,
        Column::IncomePerHead
            | Column::Wages
            | Column::Business
            | Column::Property
            | Column::Transfers
            | Column::Expenses
            | Column::Persons
            | Column::WorkMonths
    );
    // 15 digits are what a spreadsheet shows of a number.
    if !is_amount || text.len() > 14 {
        None
    } else {
        text.parse().ok()
    }
}
