//! Reading the rows of a file, whatever its format.

mod text;
mod workbook;

use std::{
    fs::File,
    io::{Read, Seek},
    ops::ControlFlow,
    path::Path,
};

use lika_core::value::AreaCode;

pub(in crate::files) use self::text::escaped;
use self::{text::TextTable, workbook::WorkbookTable};

/// The largest file that is read: a county of 100,000 households is about 60 MB as CSV and 40 MB as XLSX, so what is
/// larger was chosen by mistake, and would be held against the registry for minutes.
pub const LARGEST_FILE: u64 = 150_000_000;

/// Rows among which the headings are looked for: exports put a title above them.
pub(in crate::files) const FIRST_ROWS: u32 = 10;

/// A file of rows.
#[derive(Debug)]
pub struct Table(Format);

#[derive(Debug)]
enum Format {
    Text(TextTable),
    Workbook(Box<WorkbookTable>),
}

/// A row of a sheet.
#[derive(Debug, Default)]
pub struct Row {
    /// As the spreadsheet counts, from 1.
    pub number: u32,
    cells: Vec<Cell>,
    used: usize,
}

/// What kind of value a cell holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellKind {
    /// Text, or nothing.
    #[default]
    Text,
    /// A number, written without loss.
    Number,
    /// The error of a formula.
    Error,
}

#[derive(Debug, Default)]
struct Cell {
    text: String,
    kind: CellKind,
}

/// Why a file cannot be read at all. [`Error::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be opened or read.
    #[error("the file cannot be read")]
    Io(#[source] std::io::Error),
    /// Neither XLSX nor CSV.
    #[error("the file is not a spreadsheet: {0}; save it as XLSX or CSV")]
    NotASpreadsheet(&'static str),
    /// Too large.
    #[error("the file has {size} bytes, more than {most}; split it by township")]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The largest that is read, in bytes.
        most: u64,
    },
    /// A workbook that is much larger when it is unpacked.
    #[error("the workbook unpacks to more than {most} bytes; split it by township")]
    UnpacksTooLarge {
        /// The most, in bytes.
        most: u64,
    },
    /// A damaged workbook.
    #[error("the workbook is damaged; open it in a spreadsheet program and save it again")]
    DamagedWorkbook(#[source] Box<calamine::XlsxError>),
    /// Damaged text.
    #[error("the CSV is damaged near line {line}; check its quotation marks")]
    DamagedText {
        /// The line.
        line: u64,
    },
    /// More rows than a list may have.
    #[error("the list has more than {most} rows; split it")]
    TooManyRows {
        /// The most.
        most: u64,
    },
    /// Obligatory headings are missing.
    #[error("these headings are missing: {}; add the columns", .0.join(" "))]
    MissingHeadings(Vec<&'static str>),
    /// Whoever imports may not write in a village of the file.
    #[error("the file has rows of area {0}, in which you may not write; take them out")]
    NotYours(AreaCode),
    /// The registry could not be read.
    #[error("the registry could not be read")]
    Registry(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "file-unreadable",
            Self::NotASpreadsheet(_) => "not-a-spreadsheet",
            Self::TooLarge { .. } => "file-too-large",
            Self::UnpacksTooLarge { .. } => "workbook-unpacks-too-large",
            Self::DamagedWorkbook(_) => "workbook-damaged",
            Self::DamagedText { .. } => "text-damaged",
            Self::TooManyRows { .. } => "too-many-rows",
            Self::MissingHeadings(_) => "headings-missing",
            Self::NotYours(_) => "not-yours",
            Self::Registry(_) => "registry-unreadable",
        }
    }

    /// The message in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Io(_) => "无法读取文件".to_owned(),
            Self::NotASpreadsheet(_) => "不是电子表格；请另存为 XLSX 或 CSV".to_owned(),
            Self::TooLarge { size, most } => {
                format!("文件有 {size} 字节，超过 {most} 字节；请按乡镇拆分")
            }
            Self::UnpacksTooLarge { most } => format!("工作簿解压后超过 {most} 字节；请按乡镇拆分"),
            Self::DamagedWorkbook(_) => "工作簿已损坏；请用表格软件打开后重新保存".to_owned(),
            Self::DamagedText { line } => format!("CSV 在第 {line} 行附近已损坏；请检查引号"),
            Self::TooManyRows { most } => format!("名单超过 {most} 行；请拆分"),
            Self::MissingHeadings(missing) => {
                format!("缺少表头：{}；请补上这些列", missing.join(" "))
            }
            Self::NotYours(area) => {
                format!("文件中有区划{area}的行，您无权在该区划登记；请删去这些行")
            }
            Self::Registry(_) => "无法读取登记库".to_owned(),
        }
    }
}

impl Table {
    /// Opens a file; what it is follows from its content, not from its name.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let name = path
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        Self::of_file(File::open(path).map_err(Error::Io)?, &name)
    }

    /// Takes an open file; `name` is that of the sheet of a CSV.
    pub fn of_file(mut file: File, name: &str) -> Result<Self, Error> {
        let size = file.metadata().map_err(Error::Io)?.len();
        if size > LARGEST_FILE {
            return Err(Error::TooLarge {
                size,
                most: LARGEST_FILE,
            });
        }
        let mut start = Vec::new();
        file.by_ref()
            .take(8 * 1024)
            .read_to_end(&mut start)
            .map_err(Error::Io)?;
        file.rewind().map_err(Error::Io)?;
        if start.starts_with(b"PK\x03\x04") {
            return Ok(Self(Format::Workbook(Box::new(WorkbookTable::open(file)?))));
        }
        if start.starts_with(b"\xD0\xCF\x11\xE0") {
            return Err(Error::NotASpreadsheet(
                "it is an old or encrypted document of an office program",
            ));
        }
        let is_utf16 = start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF");
        if start.is_empty() {
            return Err(Error::NotASpreadsheet("it is empty"));
        }
        if start.contains(&0) && !is_utf16 {
            return Err(Error::NotASpreadsheet("it has bytes that are no text"));
        }
        Ok(Self(Format::Text(TextTable::open(file, name)?)))
    }

    /// The names of the sheets that can be seen.
    pub fn sheets(&self) -> Vec<String> {
        match &self.0 {
            Format::Text(table) => vec![table.name().to_owned()],
            Format::Workbook(table) => table.sheets(),
        }
    }

    /// Reads the rows of a sheet until the callback breaks off.
    pub fn read(
        &mut self,
        sheet: &str,
        on_row: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        match &mut self.0 {
            Format::Text(table) => table.read(on_row),
            Format::Workbook(table) => table.read(sheet, on_row),
        }
    }
}

impl Row {
    /// The text of a cell, trimmed; empty where there is none.
    pub fn text(&self, place: usize) -> &str {
        self.cell(place).map_or("", |cell| cell.text.trim())
    }

    /// What kind of value it is.
    pub fn kind(&self, place: usize) -> CellKind {
        self.cell(place).map_or(CellKind::Text, |cell| cell.kind)
    }

    /// The texts of the cells.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.cells[..self.used]
            .iter()
            .map(|cell| cell.text.as_str())
    }

    /// Whether nothing stands in it.
    pub fn is_blank(&self) -> bool {
        self.texts().all(|text| text.trim().is_empty())
    }

    fn cell(&self, place: usize) -> Option<&Cell> {
        self.cells[..self.used].get(place)
    }

    /// Empties the row and keeps its allocations: a file has millions of cells.
    fn begin(&mut self, number: u32) {
        self.number = number;
        self.used = 0;
    }

    /// The cell at a place, empty; those before it that were not given are empty too.
    fn cell_at(&mut self, place: usize) -> &mut Cell {
        while self.used <= place {
            if self.cells.len() == self.used {
                self.cells.push(Cell::default());
            }
            self.cells[self.used].text.clear();
            self.cells[self.used].kind = CellKind::Text;
            self.used += 1;
        }
        &mut self.cells[place]
    }
}
