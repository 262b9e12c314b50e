//! XLSX.

use std::{
    fmt::Write,
    fs::File,
    io::{self, BufReader, Read, Seek},
    ops::ControlFlow,
};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};

use super::{Cell, CellKind, Error, Row};

/// The most bytes of a workbook's unpacked parts: 100,000 households unpack to about 600 MB of XML, which is streamed.
const MOST_UNPACKED: u64 = 1024 * 1024 * 1024;

/// The most bytes of the shared texts, which are held in memory.
const MOST_SHARED_TEXTS: u64 = 128 * 1024 * 1024;

/// The most columns that a sheet can have.
const MOST_COLUMNS: u32 = 16_384;

/// An opened workbook.
pub(super) struct WorkbookTable {
    workbook: Xlsx<BufReader<File>>,
}

impl std::fmt::Debug for WorkbookTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkbookTable").finish_non_exhaustive()
    }
}

impl WorkbookTable {
    pub(super) fn open(mut file: File) -> Result<Self, Error> {
        check_unpacked_size(&file)?;
        file.rewind().map_err(Error::Io)?;
        let workbook = Xlsx::new(BufReader::new(file)).map_err(damaged)?;
        Ok(Self { workbook })
    }

    pub(super) fn sheets(&self) -> Vec<String> {
        let can_be_seen = |sheet: &&calamine::Sheet| {
            sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet
        };
        self.workbook
            .sheets_metadata()
            .iter()
            .filter(can_be_seen)
            .map(|sheet| sheet.name.clone())
            .collect()
    }

    pub(super) fn read(
        &mut self,
        sheet: &str,
        on_row: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let mut cells = self
            .workbook
            .worksheet_cells_reader(sheet)
            .map_err(damaged)?;
        let mut row = Row::default();
        while let Some(cell) = cells.next_cell().map_err(damaged)? {
            let (at_row, at_column) = cell.get_position();
            let number = at_row.saturating_add(1);
            if number != row.number {
                if row.number != 0 && on_row(&row).is_break() {
                    return Ok(());
                }
                row.begin(number);
            }
            if at_column < MOST_COLUMNS && !matches!(cell.get_value(), DataRef::Empty) {
                write_value(cell.get_value(), row.cell_at(at_column as usize));
            }
        }
        if row.number != 0 {
            let _ = on_row(&row);
        }
        Ok(())
    }
}

/// The sizes in the directory of an archive are claims; only unpacking shows what they are worth.
fn check_unpacked_size(file: &File) -> Result<(), Error> {
    let not_an_archive = |_| Error::NotASpreadsheet("it is a damaged archive");
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(not_an_archive)?;
    if archive.index_for_name("[Content_Types].xml").is_none()
        || archive.index_for_name("xl/workbook.xml").is_none()
    {
        return Err(Error::NotASpreadsheet(
            "it is an archive, but not a workbook",
        ));
    }
    let mut left = MOST_UNPACKED;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(not_an_archive)?;
        let is_held_in_memory = part
            .name_raw()
            .eq_ignore_ascii_case(b"xl/sharedStrings.xml");
        let most = if is_held_in_memory {
            left.min(MOST_SHARED_TEXTS)
        } else {
            left
        };
        let unpacked = io::copy(
            &mut part.by_ref().take(most.saturating_add(1)),
            &mut io::sink(),
        )
        .map_err(|_| Error::NotASpreadsheet("it is a damaged archive"))?;
        if unpacked > most {
            return Err(Error::UnpacksTooLarge { most });
        }
        left -= unpacked;
    }
    Ok(())
}

fn write_value(value: &DataRef<'_>, cell: &mut Cell) {
    cell.text.clear();
    cell.kind = match value {
        DataRef::Int(_) | DataRef::Float(_) => CellKind::Number,
        DataRef::Error(_) => CellKind::Error,
        _ => CellKind::Text,
    };
    match value {
        DataRef::Empty => {}
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            cell.text.push_str(text)
        }
        DataRef::SharedString(text) => cell.text.push_str(text),
        DataRef::Bool(truth) => cell.text.push_str(if *truth { "是" } else { "否" }),
        DataRef::Int(number) => print(&mut cell.text, format_args!("{number}")),
        DataRef::Float(number) => print(&mut cell.text, format_args!("{}", without_noise(*number))),
        DataRef::Error(error) => print(&mut cell.text, format_args!("{error}")),
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            print(&mut cell.text, format_args!("{year}-{month:02}-{day:02}"));
        }
    }
}

fn print(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments)
        .expect("writing to a string does not fail");
}

/// A sum of yuan and fen in binary fractions ends in `.300000000000001`; the noise is not part of the amount.
fn without_noise(number: f64) -> f64 {
    let rounded = (number * 100.0).round() / 100.0;
    if (number - rounded).abs() < 1e-7 {
        rounded
    } else {
        number
    }
}

fn damaged(error: calamine::XlsxError) -> Error {
    match error {
        calamine::XlsxError::Password => Error::NotASpreadsheet("it is encrypted"),
        calamine::XlsxError::Io(error) => Error::Io(error),
        other => Error::DamagedWorkbook(Box::new(other)),
    }
}
