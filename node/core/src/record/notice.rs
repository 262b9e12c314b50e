//! Notices: what is posted for everybody to read and to object to (S0.7, S1.1).
//!
//! What must not be shown has no field here: no identity number, phone, account or health. A notice never changes; a
//! wrong one is closed and then does not count.

use std::{collections::BTreeSet, fmt::Write as _};

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts, policy};
use crate::{
    codes,
    rollup::Tally,
    value::{Code, Date, Digest, Label, Name, RecordId, fold_width},
};

/// Numerals as they are written out.
const WRITTEN: &str = "零一二三四五六七八九幺";
/// So many digits are an identity number of the old kind, or an account.
const DIGITS_OF_A_NUMBER: usize = 15;
/// So many digits with nothing between them are a phone without its area code.
const DIGITS_OF_A_LOCAL_PHONE: usize = 7;
/// So many with no letter between them are a phone; a date has fewer.
const DIGITS_OF_A_PHONE: usize = 10;

/// A posted list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Code list case-kind.
    pub kind: Code,
    /// Where it hangs.
    pub place: Label,
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Date,
    /// What it lists, each case once.
    pub items: Vec<Item>,
    /// SHA-256 of [`Notice::printed`], found when it is posted.
    pub digest: Option<Digest>,
    /// The heads' names in the order of the items; not known where they were withheld.
    pub names: Option<Vec<Option<Name>>>,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The case.
    pub case: RecordId,
    /// The name of the case's area, found when the notice is posted.
    pub village: Option<Label>,
    /// How many people; none where that says nothing.
    pub people: Option<u32>,
    /// Code list household-type.
    pub category: Option<Code>,
}

impl Notice {
    /// Lines of a notice at most.
    pub const MOST_ITEMS: usize = 1000;

    /// Whether it hangs on this day.
    pub fn hangs_on(&self, day: Date) -> bool {
        self.from <= day && day < self.until
    }

    /// Whether it lists this case.
    pub fn lists(&self, case: &RecordId) -> bool {
        self.items.iter().any(|item| item.case == *case)
    }

    /// The text as it is posted: what the digest is of. None where the names are not known.
    ///
    /// ```text
    /// 脱贫退出公示
    /// 地点：村委会公示栏
    /// 时间：2016-09-01 至 2016-09-08
    /// 1. 张三 某村 2人 一般贫困户
    /// ```
    ///
    /// The second day is the first on which it does not hang any more.
    pub fn printed(&self) -> Option<String> {
        let names = self.names.as_ref()?;
        let label = |list: &str, code: &Code| {
            let entry = codes::list(list).and_then(|list| list.by_code(code.as_str()));
            entry.map_or(code.as_str().to_owned(), |entry| entry.zh.to_owned())
        };
        let mut text = format!(
            "{}公示\n地点：{}\n时间：{} 至 {}\n",
            label("case-kind", &self.kind),
            self.place,
            self.from,
            self.until
        );
        for (number, (item, name)) in (1..).zip(self.items.iter().zip(names)) {
            let parts = [
                name.as_ref().map(ToString::to_string),
                item.village.as_ref().map(ToString::to_string),
                item.people.map(|people| format!("{people}人")),
                item.category
                    .as_ref()
                    .map(|category| label("household-type", category)),
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            // Writing to a string does not fail.
            let _ = writeln!(text, "{number}. {}", parts.join(" "));
        }
        Some(text)
    }

    /// The first field in which a number stands that must not be posted: of a person, an account, a phone.
    pub(crate) fn forbidden(&self) -> Option<&'static str> {
        if holds_a_number(self.place.as_str()) {
            return Some("place");
        }
        let mut names = self.names.iter().flatten().flatten();
        names
            .any(|name| holds_a_number(name.as_str()))
            .then_some("names")
    }

    /// The first field that another version of it does not leave as it is.
    pub(crate) fn altered(&self, other: &Self) -> Option<&'static str> {
        let Self {
            kind,
            place,
            from,
            until,
            items,
            digest,
            names,
        } = self;
        let same = [
            ("kind", *kind == other.kind),
            ("place", *place == other.place),
            ("from", *from == other.from),
            ("until", *until == other.until),
            ("items", *items == other.items),
            ("digest", *digest == other.digest),
            ("names", *names == other.names),
        ];
        same.into_iter()
            .find(|(_, same)| !same)
            .map(|(field, _)| field)
    }
}

impl Document for Notice {
    type Message = message::Notice;

    fn parse(message: message::Notice) -> Result<Self, Fault> {
        let message::Notice { open, identity } = message;
        let message::notice::Open {
            kind,
            place,
            from,
            until,
            items,
            digest,
        } = field::required("open", open)?;
        if items.len() > Self::MOST_ITEMS {
            return Err(Fault::new("items", Problem::TooMany(Self::MOST_ITEMS)));
        }
        if items.is_empty() {
            return Err(Fault::new("items", Problem::Missing));
        }
        let items: Vec<Item> = items
            .into_iter()
            .map(Item::parse)
            .collect::<Result<_, _>>()?;
        let mut cases = BTreeSet::new();
        if let Some(twice) = items.iter().find(|item| !cases.insert(item.case)) {
            let problem = Problem::Repeated(twice.case.to_string());
            return Err(Fault::new("items.case", problem));
        }
        let from = field::date("from", from)?;
        Ok(Self {
            kind: field::code("case-kind", "kind", &kind)?,
            place: field::malformed("place", Label::parse(&place))?,
            from,
            until: field::required("until", field::until("until", from, until)?)?,
            digest: (!digest.is_empty())
                .then(|| policy::digest("digest", &digest))
                .transpose()?,
            names: identity
                .map(|message::notice::Identity { names }| names_of(&names, items.len()))
                .transpose()?,
            items,
        })
    }

    fn message(&self) -> message::Notice {
        let Self {
            kind,
            place,
            from,
            until,
            items,
            digest,
            names,
        } = self;
        message::Notice {
            open: Some(message::notice::Open {
                kind: kind.to_string(),
                place: place.to_string(),
                from: from.number(),
                until: until.number(),
                items: items.iter().map(Item::message).collect(),
                digest: digest.map(|digest| digest.0.to_vec()).unwrap_or_default(),
            }),
            identity: names.as_ref().map(|names| message::notice::Identity {
                names: names
                    .iter()
                    .map(|name| field::printed(name.as_ref()))
                    .collect(),
            }),
        }
    }

    parts!(Notice, identity = Identity);

    fn keys(&self) -> Vec<Key> {
        let cases = self.items.iter();
        cases
            .map(|item| Key::record(Index::NoticesOfCase, &item.case))
            .collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![Tally::stock("notices", 1)]
    }
}

impl Item {
    fn parse(message: message::notice::Item) -> Result<Self, Fault> {
        let message::notice::Item {
            case,
            village,
            people,
            category,
        } = message;
        Ok(Self {
            case: field::id("items.case", &case)?,
            village: field::optional_text("items.village", &village, Label::parse)?,
            people: (people > 0).then_some(people),
            category: field::optional_code("household-type", "items.category", &category)?,
        })
    }

    fn message(&self) -> message::notice::Item {
        let Self {
            case,
            village,
            people,
            category,
        } = self;
        message::notice::Item {
            case: case.0.to_vec(),
            village: field::printed(village.as_ref()),
            people: people.unwrap_or_default(),
            category: field::printed(category.as_ref()),
        }
    }
}

fn names_of(names: &[String], items: usize) -> Result<Vec<Option<Name>>, Fault> {
    if names.len() != items {
        let problem = "there is one for each item, empty where the item is no household";
        return Err(Fault::new("names", Problem::Malformed(problem.to_owned())));
    }
    let names = names.iter();
    names
        .map(|name| field::optional_text("names", name, Name::parse))
        .collect()
}

/// Whether a text has the digits of an identity number, an account or a phone, however they are spread or written.
fn holds_a_number(text: &str) -> bool {
    let (mut digits, mut in_a_row, mut joined) = (0, 0, 0);
    for c in text.chars().map(fold_width) {
        // Also ① and 〇.
        if c.is_numeric() || WRITTEN.contains(c) {
            digits += usize::from(!WRITTEN.contains(c));
            in_a_row += 1;
            joined += 1;
        } else {
            joined = 0;
            if c.is_alphanumeric() {
                in_a_row = 0;
            }
        }
        if digits >= DIGITS_OF_A_NUMBER
            || in_a_row >= DIGITS_OF_A_PHONE
            || joined >= DIGITS_OF_A_LOCAL_PHONE
        {
            return true;
        }
    }
    false
}
