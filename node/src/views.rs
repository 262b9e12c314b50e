//! The four views of the same records (S0.2): card, village book, township ledger, county archive.
//!
//! ```text
//!  gateway::views ─ reads as the caller may ─▶ Table ─▶ files::sheets (XLSX)
//!                                                   └─▶ console::views (pages that print)
//! ```
//!
//! A view is tables of values that are not yet in any language. A ledger sums its books and an archive its ledgers, so
//! that their totals agree by construction; [`Sums`] is all that is ever added up.

use std::collections::BTreeMap;

use lika_core::{
    codes,
    log::Class,
    value::{Code, Date, Fen},
};

/// The same in Chinese and in English.
pub type Text = (&'static str, &'static str);

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text that is the same in every language.
    Text(String),
    /// Words.
    Words(Text),
    /// Codes of a list; none of them says that there are none.
    Codes(&'static str, Vec<Code>),
    /// Money.
    Money(Fen),
    /// A count.
    Count(i64),
    /// A day.
    Day(Date),
    /// Several values one after the other.
    Several(Vec<Value>),
    /// Nobody has filled it in.
    Unknown,
    /// It is there, but not for this reader or not at this node.
    Withheld,
}

/// A table with its headings and, where it has one, the line that sums it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is.
    pub title: Text,
    /// Of which place, household or year.
    pub of: String,
    /// The headings.
    pub headings: Vec<Heading>,
    /// The rows, each as long as the headings.
    pub rows: Vec<Vec<Value>>,
    /// The sum of the rows.
    pub total: Option<Vec<Value>>,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heading {
    /// Words.
    Words(Text),
    /// The label of a code.
    Code(&'static str, String),
}

/// A household's card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its village.
    pub village: String,
    /// What is said of it, line by line.
    pub lines: Vec<(Text, Value)>,
    /// Its people, its income, its helpers and its plan.
    pub tables: Vec<Table>,
}

/// What households amount to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Households.
    pub households: i64,
    /// People in them.
    pub people: i64,
    /// Households for which a helper answers.
    pub paired: i64,
    /// Households with a measure that runs.
    pub with_measure: i64,
    /// Net income of the year, in fen.
    pub net: i64,
    /// People whose income that is.
    pub persons: i64,
    /// Households by type.
    pub by_type: BTreeMap<String, i64>,
    /// Households by main cause.
    pub by_cause: BTreeMap<String, i64>,
}

impl Sums {
    /// Adds others to these.
    pub fn add(&mut self, other: &Self) {
        let Self {
            households,
            people,
            paired,
            with_measure,
            net,
            persons,
            by_type,
            by_cause,
        } = other;
        self.households += households;
        self.people += people;
        self.paired += paired;
        self.with_measure += with_measure;
        self.net += net;
        self.persons += persons;
        for (own, other) in [(&mut self.by_type, by_type), (&mut self.by_cause, by_cause)] {
            for (code, count) in other {
                *own.entry(code.clone()).or_default() += count;
            }
        }
    }

    /// Net income per head; unknown where nobody has stated any.
    pub fn per_head(&self) -> Value {
        match self.persons {
            0 => Value::Unknown,
            persons => Value::Money(Fen(self.net.div_euclid(persons))),
        }
    }
}

impl Value {
    /// A text that may not be filled in.
    pub fn text(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Unknown, |text| Self::Text(text.to_string()))
    }

    /// A code that may not be filled in.
    pub fn code(list: &'static str, code: Option<&Code>) -> Self {
        code.map_or(Self::Unknown, |code| Self::Codes(list, vec![code.clone()]))
    }

    /// A value of a sealed part: when it is not there, whether it was withheld decides what is shown.
    pub fn sealed(withheld: &[Class], class: Class, value: Option<Self>) -> Self {
        match value {
            Some(value) => value,
            None if withheld.contains(&class) => Self::Withheld,
            None => Self::Unknown,
        }
    }

    /// Yes, no, or not recorded.
    pub fn yes_no(value: Option<bool>) -> Self {
        match value {
            Some(true) => Self::Words(("是", "yes")),
            Some(false) => Self::Words(("否", "no")),
            None => Self::Unknown,
        }
    }

    /// Whether it is set to the right, as numbers are.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Money(_) | Self::Count(_))
    }

    /// As people read it, in the language that `pick` picks.
    pub fn shown(&self, pick: fn(Text) -> &'static str) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Words(words) => pick(*words).to_owned(),
            Self::Codes(_, codes) if codes.is_empty() => pick(("无", "none")).to_owned(),
            Self::Codes(list, codes) => {
                let labels = codes.iter().map(|code| label(list, code.as_str(), pick));
                labels.collect::<Vec<_>>().join(pick(("、", ", ")))
            }
            Self::Money(amount) => amount.to_string(),
            Self::Count(count) => count.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Several(values) => {
                let shown = values.iter().map(|value| value.shown(pick));
                shown.collect::<Vec<_>>().join(pick(("；", "; ")))
            }
            Self::Unknown => pick(("未填写", "not recorded")).to_owned(),
            Self::Withheld => pick(("未提供", "withheld")).to_owned(),
        }
    }
}

impl Heading {
    /// As people read it.
    pub fn shown(&self, pick: fn(Text) -> &'static str) -> String {
        match self {
            Self::Words(words) => pick(*words).to_owned(),
            Self::Code(list, code) => label(list, code, pick),
        }
    }
}

fn label(list: &str, code: &str, pick: fn(Text) -> &'static str) -> String {
    let entry = codes::list(list).and_then(|list| list.by_code(code));
    entry.map_or_else(
        || code.to_owned(),
        |entry| pick((entry.zh, entry.en)).to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(households: i64, kind: &str) -> Sums {
        Sums {
            households,
            net: households * 301,
            persons: households * 2,
            by_type: BTreeMap::from([(kind.to_owned(), households)]),
            ..Sums::default()
        }
    }

    #[test]
    fn sums_add_up_by_code_too_and_a_mean_is_of_the_whole() {
        let mut whole = sums(2, "general");
        whole.add(&sums(3, "general"));
        whole.add(&sums(1, "allowance"));
        assert_eq!(whole.households, 6);
        assert_eq!(whole.by_type["general"], 5);
        assert_eq!(whole.per_head(), Value::Money(Fen(150)));
        assert_eq!(Sums::default().per_head(), Value::Unknown);
    }

    #[test]
    fn what_is_withheld_does_not_look_like_what_nobody_has_filled_in() {
        let zh = |text: Text| text.0;
        let sealed = |withheld: &[Class]| Value::sealed(withheld, Class::Identity, None).shown(zh);
        assert_eq!(sealed(&[Class::Identity]), "未提供");
        assert_eq!(sealed(&[]), "未填写");
    }
}
