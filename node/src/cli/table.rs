//! Tables on a terminal: columns as wide as what is in them, numbers to the right. A Chinese character takes two places.

use unicode_width::UnicodeWidthStr as _;

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
        let widest = cells.map(|cell| cell.width()).max();
        widest.unwrap_or_default().max(column.title().width())
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
        let space = " ".repeat(width.saturating_sub(cell.width()));
        match self {
            Self::Left(_) => format!("{cell}{space}"),
            Self::Right(_) => format!("{space}{cell}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_in_any_script() {
        let row = |name: &str, count: &str| vec![name.to_owned(), count.to_owned(), "-".to_owned()];
        let columns = [Column::Left("who"), Column::Right("n"), Column::Left("end")];
        let shown = table(&columns, &[row("易春", "1"), row("Chun", "20")]);
        assert_eq!(shown, "who    n  end\n易春   1  -\nChun  20  -");
    }
}
