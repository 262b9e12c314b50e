//! Counties, townships and villages of Sanming, as many as the document counts (S2.7).
//!
//! It does not say which lie where: here the 22 townships lie in the five counties, and the 380 villages in them. The
//! towns have no key village.

use lika_core::{
    command::Change,
    value::{AreaCode, AreaLevel, Date, Span},
};

use super::{YEAR, people};

/// The five key counties.
const COUNTIES: [(&str, &str); 5] = [
    ("350421", "明溪县"),
    ("350423", "清流县"),
    ("350424", "宁化县"),
    ("350429", "泰宁县"),
    ("350430", "建宁县"),
];
/// 20 key townships and 2 of minorities.
const TOWNSHIPS: usize = 20;
const MINORITY_TOWNSHIPS: usize = 2;
pub(super) const VILLAGES: usize = 380;
/// The number of Yuanshan among the villages, the first of its township.
pub(super) const YUANSHAN: usize = 6;
/// What the name of a township of minorities ends in.
pub(super) const MINORITY: &str = "畲族乡";
/// A community in the city itself.
pub(super) const TOWN: &str = "350402";
pub(super) const COMMUNITY: &str = "350402001001";

/// The code of a village.
pub(super) fn village(number: usize) -> anyhow::Result<AreaCode> {
    let township = township(number % (TOWNSHIPS + MINORITY_TOWNSHIPS));
    let place = 201 + number / (TOWNSHIPS + MINORITY_TOWNSHIPS);
    Ok(AreaCode::parse(&format!("{township}{place}"))?)
}

fn township(number: usize) -> String {
    let (county, _) = COUNTIES[number % COUNTIES.len()];
    format!("{county}{}", 101 + number / COUNTIES.len())
}

/// Every area below the city, each before what is in it.
pub(super) fn register(from: Date) -> anyhow::Result<Vec<Change>> {
    let area = |code: &str, name: &str| people::area(AreaCode::parse(code)?, name, Vec::new());
    let mut changes = vec![
        area(TOWN, "梅列区")?,
        area("350402001", "列东街道")?,
        area(COMMUNITY, "某社区")?,
    ];
    for (code, name) in COUNTIES {
        changes.push(area(code, name)?);
    }
    for number in 0..TOWNSHIPS + MINORITY_TOWNSHIPS {
        let name = match number {
            YUANSHAN => "嵩溪镇".to_owned(),
            TOWNSHIPS.. => format!("{number}号{MINORITY}"),
            _ => format!("{number}号乡"),
        };
        changes.push(area(&township(number), &name)?);
    }
    // Registered at the end of 2015.
    let listed = Span::new(Date::new(YEAR - 2, 12, 31)?.min(from), None)?;
    for number in 0..VILLAGES {
        let name = match number {
            YUANSHAN => "元山村".to_owned(),
            _ => format!("{number}号村"),
        };
        changes.push(people::area(village(number)?, &name, vec![listed])?);
    }
    Ok(changes)
}

/// The part of a code down to a level.
pub(super) fn at(code: &AreaCode, level: AreaLevel) -> String {
    code.at_level(level)
        .map_or_else(String::new, |area| area.digits().to_owned())
}
