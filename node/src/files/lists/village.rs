//! Villages: when they are key villages, and their collective income.

use lika_core::{
    log::Kind,
    record::{Area, Body, CollectiveIncome, area_id},
    value::{Date, Label, Span, Year},
};

use super::{
    Rows,
    cell::{CollectiveSource, Sums, VillageCode},
    column::row,
    taking::{Halt, Taking},
};
use crate::files::{Known, fault::Cause};

row! {
    /// A village, known by its code.
    VillageRow {
        code: VillageCode = "区划代码" ["行政区划代码", "行政村代码", "村代码"]
            "行政村的代码；所在乡镇须已登记" ["360323104201", "360323104202"],
        name: Label = "名称" ["行政村", "行政村名称", "村名", "区划名称"]
            "行政村名称，不写上级区划" ["泉江村", "江下村"],
        key_from: Option<Date> = "重点村认定日期" ["重点村认定时间", "认定日期", "认定时间"]
            "成为重点村的第一天" ["2014-06-01", ""],
        key_until: Option<Date> = "重点村退出日期" ["重点村退出时间", "退出日期", "退出时间"]
            "不再是重点村的第一天" ["", ""],
        year: Option<Year> = "集体收入年度" ["村集体收入年度", "收入年度"]
            "村集体经济收入所属的年份" ["2015", ""],
        sources: Option<Sums<CollectiveSource>> = "村集体经济收入" ["集体经济收入", "集体收入", "村级集体收入"]
            "当年村集体经济收入，按来源；没有收入的留空" ["经营收入 30,000", ""],
    }
}

/// Villages.
#[derive(Default)]
pub(super) struct Villages;

impl Rows for Villages {
    type Row = VillageRow;

    fn take<K: Known>(
        &mut self,
        at: u32,
        row: VillageRow,
        to: &mut Taking<'_, K>,
    ) -> Result<(), Halt> {
        let VillageCode(code) = *row.code;
        to.may_write(Kind::Area, &code)?;
        to.once(at, &[&code])?;
        let id = area_id(&code);
        let registered = to.directory.open(&id)?;
        let known = match registered.as_ref().map(|record| &record.body) {
            Some(Body::Area(area)) => Some(area.clone()),
            _ => None,
        };
        let mut area = known.unwrap_or_else(|| Area {
            code,
            name: row.name.clone(),
            key_village: Vec::new(),
            from: None,
            until: None,
            successors: Vec::new(),
        });
        area.name = row.name.clone();
        if !dated(&mut area.key_village, *row.key_from, *row.key_until) {
            return Err(match *row.key_until {
                Some(_) if row.key_from.is_none() => to.fault(at, &row.key_from, Cause::Missing),
                Some(_) => to.fault(at, &row.key_until, Cause::BadSpan),
                None => to.fault(at, &row.key_from, Cause::BadSpan),
            });
        }
        match &registered {
            Some(_) => to.propose(at, code, registered.as_ref(), Body::Area(area))?,
            None => to.create(at, id, code, Body::Area(area)),
        };
        income(at, &row, to)
    }
}

/// Puts a time as a key village among those that are known: the one that begins on the same day, or a new one. Whether it
/// stands apart from the others.
fn dated(spans: &mut Vec<Span>, from: Option<Date>, until: Option<Date>) -> bool {
    let Some(from) = from else {
        return until.is_none();
    };
    let known = spans.iter().position(|span| span.from() == from);
    let until = until.or_else(|| known.and_then(|known| spans.get(known)?.until()));
    let Ok(span) = Span::new(from, until) else {
        return false;
    };
    if let Some(known) = known {
        spans.remove(known);
    }
    if spans.iter().any(|other| other.overlaps(&span)) {
        return false;
    }
    let place = known.unwrap_or(spans.len());
    spans.insert(place, span);
    true
}

/// The collective income of a year, where the row has one.
fn income<K: Known>(at: u32, row: &VillageRow, to: &mut Taking<'_, K>) -> Result<(), Halt> {
    if row.year.is_none() && row.sources.is_none() {
        return Ok(());
    }
    let VillageCode(village) = *row.code;
    let year = to.must(at, &row.year)?;
    let sources = to.must(at, &row.sources)?.0;
    to.may_write(Kind::CollectiveIncome, &village)?;
    let id = CollectiveIncome::id_for(&village, year);
    let income = CollectiveIncome { year, sources };
    match to.directory.open(&id)? {
        Some(known) => {
            to.propose(at, village, Some(&known), Body::CollectiveIncome(income))?;
        }
        None => {
            to.create(at, id, village, Body::CollectiveIncome(income));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_a_key_village_are_added_and_ended_and_never_overlap() {
        let day = |text: &str| Date::parse(text).ok();
        let mut spans = Vec::new();
        let mut put = |from: &str, until: &str| {
            let fits = dated(&mut spans, day(from), day(until));
            let spans = spans.iter().map(ToString::to_string);
            format!("{fits} {}", spans.collect::<Vec<_>>().join(" "))
        };
        assert_eq!(put("", ""), "true ");
        assert!(put("2014-06-01", "").starts_with("true 2014-06-01"));
        // It was known without its end, and what does not say the end leaves it.
        let ended = put("2014-06-01", "2016-06-01");
        assert_eq!(put("2014-06-01", ""), ended);
        assert!(put("2015-01-01", "").starts_with("false"));
        assert!(put("2017-01-01", "2016-01-01").starts_with("false"));
        assert!(put("", "2016-01-01").starts_with("false"));
        assert!(put("2018-01-01", "").starts_with("true"));
    }
}
