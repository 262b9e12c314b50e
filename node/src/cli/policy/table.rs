//! Tables on a terminal: columns as wide as what is in them, numbers to the right.

/// A column.
#[derive(Clone, Copy, Debug)]
pub enum Column {
    /// Words.
    Left(&'static str),
    /// Numbers.
    Right(&'static str),
}

/// The lines of a table, its header first; no spaces at the ends of lines.
pub fn table(columns: &[Column], rows: &[Vec<String>]) -> String {
    let width = |index: usize, column: &Column| {
        let cells = rows.iter().filter_map(|row| row.get(index));
        let widest = cells.map(|cell| cell.chars().count()).max();
        widest
            .unwrap_or_default()
            .max(column.title().chars().count())
    };
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| width(index, column))
        .collect();
    let header = columns.iter().map(|column| column.title().to_owned());
    let header: Vec<String> = header.collect();
    let lines = std::iter::once(&header).chain(rows).map(|row| {
        let cells = row.iter().zip(columns).zip(&widths);
        let cells = cells.map(|((cell, column), width)| column.pad(cell, *width));
        let line = cells.collect::<Vec<_>>().join("  ");
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Column {
    fn title(self) -> &'static str {
        let (Self::Left(title) | Self::Right(title)) = self;
        title
    }

    fn pad(self, cell: &str, width: usize) -> String {
        match self {
            Self::Left(_) => format!("{cell:<width$}"),
            Self::Right(_) => format!("{cell:>width$}"),
        }
    }
}
