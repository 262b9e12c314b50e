//! The county, its townships and its villages.

use std::collections::BTreeSet;

use lika_core::{
    command::Change,
    record::{Area, area_id},
    value::{AreaCode, Date, Label, Span, Year},
};

use super::dice::Dice;

/// Names above the county, as the rows of the form carry them.
pub(super) const PROVINCE: &str = "江西省";
pub(super) const PREFECTURE: &str = "萍乡市";
pub(super) const COUNTY: &str = "芦溪县";

/// The townships of Luxi (S4.1): names as published; the order of the codes is not claimed to be the official one.
pub(super) const TOWNSHIPS: [(&str, &str); 9] = [
    ("360323100", "芦溪镇"),
    ("360323101", "宣风镇"),
    ("360323102", "上埠镇"),
    ("360323103", "南坑镇"),
    ("360323104", "银河镇"),
    ("360323200", "源南乡"),
    ("360323201", "张佳坊乡"),
    ("360323202", "新泉乡"),
    ("360323203", "万龙山乡"),
];

const VILLAGES_OF_A_TOWNSHIP: usize = 14;

/// Key villages of one plan (S4.2).
const KEY_VILLAGES: usize = 14;

/// How long the plan before this one ran.
const YEARS_OF_A_PLAN: i32 = 5;

const FIRST: [&str; 20] = [
    "青", "枫", "松", "竹", "泉", "柏", "桂", "白", "黄", "乌", "上", "下", "东", "西", "长", "大",
    "金", "双", "新", "古",
];
const SECOND: [&str; 16] = [
    "塘", "坪", "源", "岭", "桥", "湾", "坑", "洲", "田", "陂", "冲", "背", "岗", "垅", "江", "坊",
];

/// A village.
#[derive(Clone, Debug)]
pub(super) struct Village {
    pub(super) code: AreaCode,
    pub(super) name: String,
    pub(super) township: usize,
    pub(super) key: Option<Span>,
}

impl Village {
    /// Whether it is a key village of the present plan.
    pub(super) fn is_key(&self) -> bool {
        self.key.is_some_and(|span| span.until().is_none())
    }
}

pub(super) fn county() -> AreaCode {
    code("360323")
}

/// The villages, by code: 14 are key villages now, 14 others were until the present plan began.
pub(super) fn villages(dice: &mut Dice, as_of: Date) -> Vec<Village> {
    let mut names: Vec<String> = FIRST
        .iter()
        .flat_map(|first| {
            SECOND
                .iter()
                .map(move |second| format!("{first}{second}村"))
        })
        .collect();
    dice.shuffle(&mut names);
    let mut names = names.into_iter();
    let mut villages = Vec::with_capacity(TOWNSHIPS.len() * VILLAGES_OF_A_TOWNSHIP);
    for (township, (digits, _)) in TOWNSHIPS.iter().enumerate() {
        for (number, name) in (201..).zip(names.by_ref().take(VILLAGES_OF_A_TOWNSHIP)) {
            villages.push(Village {
                code: code(&format!("{digits}{number}")),
                name,
                township,
                key: None,
            });
        }
    }
    let begins = as_of.year().first_day();
    let began = as_of
        .year()
        .plus(-YEARS_OF_A_PLAN)
        .map_or(begins, Year::first_day);
    let mut order: Vec<usize> = (0..villages.len()).collect();
    dice.shuffle(&mut order);
    for (place, village) in order.into_iter().take(2 * KEY_VILLAGES).enumerate() {
        let span = if place < KEY_VILLAGES {
            Span::new(begins, None)
        } else {
            Span::new(began, Some(begins))
        };
        villages[village].key = span.ok();
    }
    villages
}

/// The changes that register the areas, the wider ones first.
pub(super) fn changes(villages: &[Village]) -> Vec<Change> {
    let townships = TOWNSHIPS
        .iter()
        .map(|(digits, name)| change(code(digits), name, None));
    let mut changes = vec![change(county(), COUNTY, None)];
    changes.extend(townships);
    changes.extend(
        villages
            .iter()
            .map(|village| change(village.code, &village.name, village.key)),
    );
    debug_assert_eq!(
        changes
            .iter()
            .map(|change| change.area)
            .collect::<BTreeSet<_>>()
            .len(),
        changes.len()
    );
    changes
}

pub(super) fn code(digits: &str) -> AreaCode {
    AreaCode::parse(digits).expect("the codes of this file are 6, 9 or 12 digits without padding")
}

fn change(code: AreaCode, name: &str, key: Option<Span>) -> Change {
    let name = Label::parse(name).expect("the names of this file are short and printable");
    let area = Area {
        code,
        name,
        key_village: key.into_iter().collect(),
        from: None,
        until: None,
        successors: Vec::new(),
    };
    Change::create(area_id(&code), code, area)
}
