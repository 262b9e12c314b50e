//! The columns of a list, declared once: headings, template, reader and faults follow from the declaration.

use std::ops::Deref;

use super::cell::{Cell, Look};
use crate::files::{
    column::{Content, Header, normalised},
    fault::{Cause, Heading, Report},
    fields, table,
};

/// A column of a list.
#[derive(Debug)]
pub struct Column {
    /// The field of the record that it becomes, or one that ends with it.
    pub(super) field: &'static str,
    /// The heading.
    pub heading: &'static str,
    /// What files head it with instead.
    pub aliases: &'static [&'static str],
    /// What belongs under it, zh.
    pub meaning: &'static str,
    /// What stands there in the example rows.
    pub examples: &'static [&'static str],
    /// Whether every row must have it.
    pub is_obligatory: bool,
    /// How it is written, zh.
    pub form: fn() -> String,
    content: Content,
}

impl Column {
    /// As the declaration of a row makes it.
    pub(super) const fn of<T: Cell>(
        field: &'static str,
        heading: &'static str,
        aliases: &'static [&'static str],
        meaning: &'static str,
        examples: &'static [&'static str],
    ) -> Self {
        Self {
            field,
            heading,
            aliases,
            meaning,
            examples,
            is_obligatory: !T::MAY_BE_BLANK,
            form: T::form,
            content: T::CONTENT,
        }
    }

    /// The place of the column with this heading, full or half width, with spaces and with or without brackets.
    pub(super) fn of_heading(columns: &[Self], heading: &str) -> Option<usize> {
        let heading = normalised(heading);
        columns.iter().position(|column| {
            let mut own = std::iter::once(&column.heading).chain(column.aliases);
            own.any(|label| normalised(label) == heading)
        })
    }

    /// Whether a refusal that names this field of the record is about it: `steps.on` is about the column of `on`, `type`
    /// about that of `project_type`.
    pub(super) fn is_of_field(&self, field: &str) -> bool {
        let mut parts = field.split('.');
        parts.any(|part| {
            let before = self.field.strip_suffix(part);
            before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
        })
    }
}

impl Heading for &Column {
    fn label(&self) -> &'static str {
        self.heading
    }

    fn shown(&self, value: &str) -> String {
        self.content.shown(value)
    }
}

/// A typed row of a list.
pub(super) trait Row: Sized {
    /// Its columns.
    const COLUMNS: &'static [Column];

    /// Reads all cells; none where one is faulty.
    fn read(cells: &mut Cells<'_, '_>) -> Option<Self>;
}

/// Declares a row: `field: type = heading [aliases] "meaning" [examples]`. The type says how a cell is read, and an
/// `Option` that it may be blank.
macro_rules! row {
    (
        $(#[$doc:meta])*
        $row:ident {
            $($field:ident: $type:ty = $heading:literal [$($alias:literal),*] $meaning:literal [$($example:literal),*],)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $row {
            $(#[doc = $meaning] pub(super) $field: $crate::files::lists::column::Given<$type>,)*
        }

        impl $crate::files::lists::column::Row for $row {
            const COLUMNS: &'static [$crate::files::lists::column::Column] = &[
                $($crate::files::lists::column::Column::of::<$type>(
                    stringify!($field),
                    $heading,
                    &[$($alias),*],
                    $meaning,
                    &[$($example),*],
                ),)*
            ];

            fn read(cells: &mut $crate::files::lists::column::Cells<'_, '_>) -> Option<Self> {
                // All of them before the first that is faulty ends the row, so that all faults are told.
                $(let $field = cells.next();)*
                Some(Self { $($field: $field?,)* })
            }
        }
    };
}
pub(super) use row;

/// What a cell says, and where it stands.
#[derive(Debug)]
pub(super) struct Given<T> {
    value: T,
    column: &'static Column,
    text: Box<str>,
    is_in_file: bool,
}

impl<T> Deref for Given<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Given<T> {
    /// Reports what is wrong with it.
    pub(super) fn report(&self, at: u32, cause: Cause, report: &mut Report<'_>) {
        report.value(at, self.column, &self.text, cause);
    }
}

impl<T> Given<T> {
    /// Whether the file has the column.
    pub(super) fn is_in_file(&self) -> bool {
        self.is_in_file
    }
}

impl<T: Clone> Given<Option<T>> {
    /// Puts it over what is registered; a file without the column leaves that as it is.
    pub(super) fn over(&self, field: &mut Option<T>) {
        if self.is_in_file {
            field.clone_from(&self.value);
        }
    }
}

/// The cells of a row, one column after the other.
pub(super) struct Cells<'a, 'r> {
    columns: &'static [Column],
    header: &'a Header<usize>,
    row: &'a table::Row,
    look: &'a mut Look,
    report: &'a mut Report<'r>,
    next: usize,
}

impl<'a, 'r> Cells<'a, 'r> {
    pub(super) fn new(
        columns: &'static [Column],
        header: &'a Header<usize>,
        row: &'a table::Row,
        look: &'a mut Look,
        report: &'a mut Report<'r>,
    ) -> Self {
        Self {
            columns,
            header,
            row,
            look,
            report,
            next: 0,
        }
    }

    /// The cell of the next column; none where it is faulty, which is reported.
    pub(super) fn next<T: Cell>(&mut self) -> Option<Given<T>> {
        let column = self.columns.get(self.next)?;
        let place = self.header.place(self.next);
        self.next += 1;
        let may_lose_digits = matches!(column.content, Content::Document | Content::Number);
        let read = match place {
            Some(place) => fields::sound(self.row, place, may_lose_digits),
            None => Ok(""),
        };
        let text = place.map_or("", |place| self.row.text(place));
        let read = read.and_then(|text| match text {
            "" => T::blank().ok_or(Cause::Missing),
            text => T::read(text, self.look),
        });
        match read {
            Ok(value) => Some(Given {
                value,
                column,
                text: text.into(),
                is_in_file: place.is_some(),
            }),
            Err(cause) => {
                self.report.value(self.row.number, column, text, cause);
                None
            }
        }
    }
}
