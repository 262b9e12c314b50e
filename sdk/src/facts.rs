//! Facts: what a policy is told, row by row.

use crate::date::Date;
use crate::label::Labels;
use crate::money::{Fen, Ppm};
use crate::wire::types;

/// What a slot holds; the words of `fact-declaration.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Yes or no.
    Flag,
    /// A count or a number without a unit.
    Integer,
    /// Money in fen.
    Fen,
    /// Parts per million.
    Ppm,
    /// A day.
    Date,
    /// A stable code.
    Code,
    /// Text for people.
    Text,
    /// A row of another table of the same input.
    Row,
}

impl FactKind {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Integer => "integer",
            Self::Fen => "fen",
            Self::Ppm => "ppm",
            Self::Date => "date",
            Self::Code => "code",
            Self::Text => "text",
            Self::Row => "row",
        }
    }
}

/// The declaration of one fact; made by the derive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactSpec {
    /// Stable name.
    pub key: &'static str,
    /// What the slot holds.
    pub kind: FactKind,
    /// Version of the meaning.
    pub version: u32,
    /// Whether the policy can do without.
    pub optional: bool,
    /// What the fact means to this policy.
    pub meaning: &'static str,
    /// For a row: of which table.
    pub table: Option<&'static str>,
    /// Which way the outcome goes where the fact rises.
    pub monotone: Option<Monotone>,
}

/// Which way the outcome of a subject goes where one fact of it rises and everything else stays as it is.
///
/// A promise that is kept by trial: `lika policy test` and every node that admits the policy raise the fact in examples,
/// made-up and the author's own, and turn the policy away where the outcome goes the other way. *Undetermined* is neither
/// yes nor no and is compared with nothing; categories and amounts are not looked at. A flag rises from no to yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Monotone {
    /// Never from *granted* to *refused*: who has more visits is not dropped for it.
    Increasing,
    /// Never from *refused* to *granted*: who earns more does not become poor.
    Decreasing,
}

impl Monotone {
    /// The name of the note.
    pub const NOTE: &'static str = "monotone";

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Increasing => "increasing",
            Self::Decreasing => "decreasing",
        }
    }
}

/// The declaration of one table; made by the derive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// Name of the part.
    pub name: &'static str,
    /// The table that owns its rows.
    pub parent: Option<&'static str>,
    /// The slots of a row.
    pub facts: &'static [FactSpec],
}

/// Names one fact, for reasons and comparisons. The derive makes one for each field, in capitals:
/// `Household::INCOME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its table.
    pub table: &'static str,
    /// Its slot.
    pub slot: u32,
}

/// A row that can be read as a struct; derive it.
///
/// A field of type `T` must be present: otherwise the row cannot be read, and what depends on it
/// is *undetermined*. `Option<T>` may be absent, `State<T>` sees the four states.
/// `monotone` promises which way the outcome goes where the fact rises (see [`Monotone`]).
///
/// ```
/// use lika_sdk::{Code, Facts, Fen};
///
/// /// A household as screening sees it.
/// #[derive(Debug, Facts)]
/// #[table("household")]
/// struct Household<'a> {
///     /// Net income per head in the year of the survey.
///     #[fact("income.net-per-head", monotone = "decreasing")]
///     income: Fen,
///     /// Main cause of poverty.
///     #[fact("household.main-cause")]
///     cause: Option<Code<'a>>,
/// }
///
/// assert_eq!(Household::TABLE.facts[0].key, "income.net-per-head");
/// assert_eq!(Household::CAUSE.slot, 1);
/// ```
pub trait Facts<'a>: Sized {
    /// The declaration.
    const TABLE: TableSpec;

    /// Reads one row, or says which slots are missing.
    fn read(row: RowView<'a>) -> Result<Self, Missing>;
}

/// The slots of a row that could not be read, one bit each. A table has at most 64 facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing(u64);

impl Missing {
    /// The slots, ascending.
    pub fn slots(self) -> impl Iterator<Item = u32> {
        (0..64).filter(move |slot| self.0 & (1 << slot) != 0)
    }

    /// Adds a slot.
    pub fn add(&mut self, slot: u32) {
        self.0 |= 1 << slot;
    }
}

/// Whether a fact is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State<T> {
    /// It is.
    Present(T),
    /// Known to be without.
    Absent,
    /// Nobody has recorded it.
    Unknown,
    /// Known, but not given to this policy here.
    Withheld,
}

impl<T> State<T> {
    /// The value, where it is present.
    pub fn present(self) -> Option<T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Unknown | Self::Withheld => None,
        }
    }
}

/// A value that a slot can hold.
pub trait FactValue<'a>: Sized {
    /// The kind to declare.
    const KIND: FactKind;

    /// Reads a slot that is present; none where it does not hold such a value.
    fn read(slot: i64, strings: &'a [String]) -> Option<Self>;
}

/// A stable code, as the node's code lists have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code<'a>(pub &'a str);

/// A row of another table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowIndex(pub u32);

impl FactValue<'_> for bool {
    const KIND: FactKind = FactKind::Flag;

    fn read(slot: i64, _: &[String]) -> Option<Self> {
        match slot {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl FactValue<'_> for i64 {
    const KIND: FactKind = FactKind::Integer;

    fn read(slot: i64, _: &[String]) -> Option<Self> {
        Some(slot)
    }
}

impl FactValue<'_> for Fen {
    const KIND: FactKind = FactKind::Fen;

    fn read(slot: i64, _: &[String]) -> Option<Self> {
        Some(Self::new(slot))
    }
}

impl FactValue<'_> for Ppm {
    const KIND: FactKind = FactKind::Ppm;

    fn read(slot: i64, _: &[String]) -> Option<Self> {
        Some(Self::new(slot))
    }
}

impl FactValue<'_> for Date {
    const KIND: FactKind = FactKind::Date;

    fn read(slot: i64, _: &[String]) -> Option<Self> {
        Self::from_days(slot)
    }
}

impl<'a> FactValue<'a> for Code<'a> {
    const KIND: FactKind = FactKind::Code;

    fn read(slot: i64, strings: &'a [String]) -> Option<Self> {
        string(slot, strings).map(Self)
    }
}

impl<'a> FactValue<'a> for &'a str {
    const KIND: FactKind = FactKind::Text;

    fn read(slot: i64, strings: &'a [String]) -> Option<Self> {
        string(slot, strings)
    }
}

impl FactValue<'_> for RowIndex {
    const KIND: FactKind = FactKind::Row;

    fn read(slot: i64, _: &[String]) -> Option<Self> {
        u32::try_from(slot).ok().map(Self)
    }
}

/// An enum of codes: a code that it does not know counts as missing.
pub fn read_label<T: Labels>(slot: i64, strings: &[String]) -> Option<T> {
    T::from_code(string(slot, strings)?)
}

/// One row of the input.
#[derive(Clone, Copy)]
pub struct RowView<'a> {
    slots: &'a [i64],
    /// Empty where every slot of the table is present.
    states: &'a [u64],
    /// Position of the first slot in the table.
    first: usize,
    strings: &'a [String],
}

impl<'a> RowView<'a> {
    /// The row of a table with so many facts a row.
    ///
    /// # Panics
    ///
    /// Where the table has no such row: the node checks the shape of an input before it calls.
    #[inline]
    pub fn new(table: &'a types::Table, row: usize, width: usize, strings: &'a [String]) -> Self {
        let first = row * width;
        Self {
            slots: &table.slots[first..first + width],
            states: &table.states,
            first,
            strings,
        }
    }

    /// A fact that must be present.
    #[inline]
    pub fn required<T: FactValue<'a>>(&self, slot: u32, missing: &mut Missing) -> Option<T> {
        let value = match self.state(slot) {
            0 => T::read(self.slots[slot as usize], self.strings),
            _ => None,
        };
        if value.is_none() {
            missing.add(slot);
        }
        value
    }

    /// A fact that may be absent, but neither unknown nor withheld.
    #[inline]
    pub fn optional<T: FactValue<'a>>(
        &self,
        slot: u32,
        missing: &mut Missing,
    ) -> Option<Option<T>> {
        match self.state(slot) {
            1 => Some(None),
            _ => self.required(slot, missing).map(Some),
        }
    }

    /// A fact with its state.
    #[inline]
    pub fn any<T: FactValue<'a>>(&self, slot: u32, missing: &mut Missing) -> Option<State<T>> {
        match self.state(slot) {
            0 => self.required(slot, missing).map(State::Present),
            1 => Some(State::Absent),
            2 => Some(State::Unknown),
            _ => Some(State::Withheld),
        }
    }

    #[inline]
    fn state(&self, slot: u32) -> u64 {
        if self.states.is_empty() {
            return 0;
        }
        let position = self.first + slot as usize;
        self.states[position / 32] >> (position % 32 * 2) & 3
    }
}

/// Declares tables on the wire.
pub(crate) fn declare(tables: &[TableSpec]) -> Vec<types::TableDeclaration> {
    tables.iter().map(declare_table).collect()
}

fn declare_table(
    &TableSpec {
        name,
        parent,
        facts,
    }: &TableSpec,
) -> types::TableDeclaration {
    types::TableDeclaration {
        name: name.into(),
        parent: parent.map(String::from),
        facts: facts.iter().map(declare_fact).collect(),
        notes: Vec::new(),
    }
}

fn declare_fact(fact: &FactSpec) -> types::FactDeclaration {
    let &FactSpec {
        key,
        kind,
        version,
        optional,
        meaning,
        table,
        monotone,
    } = fact;
    let table = table.map(|table| ("table".into(), table.into()));
    let monotone = monotone.map(|way| (Monotone::NOTE.into(), way.word().into()));
    types::FactDeclaration {
        key: key.into(),
        kind: kind.word().into(),
        version,
        optional,
        meaning: meaning.into(),
        notes: table.into_iter().chain(monotone).collect(),
    }
}

fn string(slot: i64, strings: &[String]) -> Option<&str> {
    strings.get(usize::try_from(slot).ok()?).map(String::as_str)
}
