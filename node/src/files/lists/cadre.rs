//! Cadres.

use lika_core::{
    log::Kind,
    record::{Body, Cadre, CadreIdentity, Record},
    value::{AreaCode, Date, Label, Name, Phone, RecordId, Text},
};

use super::{
    Rows,
    cell::{Coded, Rank},
    column::row,
    taking::{Halt, Taking, is_cadre_where},
};
use crate::files::{Known, fault::Named};

row! {
    /// A cadre, known by the number or, where there is none, by name, unit and area.
    CadreRow {
        number: Option<Text> = "干部编号" ["编号", "工号"]
            "县里干部名册上的编号；没有编号的按姓名、单位和区划识别" ["G001", ""],
        name: Name = "姓名" ["干部姓名"]
            "干部姓名" ["刘明", "何芳"],
        rank: Coded<Rank> = "职级" ["级别", "职务级别"]
            "干部的职级" ["正科级", "村干部"],
        unit: Option<Label> = "单位" ["工作单位", "所在单位", "单位名称"]
            "已登记的单位名称；同名的取本行区划内的" ["县农业局", ""],
        phone: Option<Phone> = "联系电话" ["电话", "手机", "手机号码"]
            "联系电话" ["13900000001", ""],
        from: Option<Date> = "任职日期" ["任现职日期", "任职时间", "任现职时间"]
            "任现职的第一天；新登记而未填的为导入当日" ["2015-03-01", ""],
        area: AreaCode = "区划" ["所在地", "所属区划", "行政区划", "区划代码", "行政区划代码"]
            "任职所在的县、乡镇或村" ["芦溪县", "银河镇泉江村"],
    }
}

/// Cadres.
#[derive(Default)]
pub(super) struct Cadres;

impl Rows for Cadres {
    type Row = CadreRow;

    fn take<K: Known>(
        &mut self,
        at: u32,
        row: CadreRow,
        to: &mut Taking<'_, K>,
    ) -> Result<(), Halt> {
        to.may_write(Kind::Cadre, &row.area)?;
        let what = (Kind::Unit, Named::Unit);
        let unit = to.named(at, &row.unit, what, &row.area)?.map(|it| it.id);
        match &*row.number {
            Some(number) => to.once(at, &[number])?,
            None => {
                let unit = unit.map_or_else(String::new, |unit| unit.to_string());
                to.once(at, &[&*row.name, &unit, &*row.area])?;
            }
        }
        let registered = registered(at, &row, unit, to)?;
        let cadre = body(&row, unit, registered.as_ref(), to);
        to.propose(at, *row.area, registered.as_ref(), Body::Cadre(cadre))?;
        Ok(())
    }
}

/// The cadre with the number; else the one of that name, unit and area who has no other number.
fn registered<K: Known>(
    at: u32,
    row: &CadreRow,
    unit: Option<RecordId>,
    to: &mut Taking<'_, K>,
) -> Result<Option<Record>, Halt> {
    if let Some(number) = &*row.number {
        let numbered = to.cadres_numbered(number)?;
        if !numbered.is_empty() {
            return to.one(at, &row.number, Named::Cadre, numbered);
        }
    }
    let mut found = to.directory.named(Kind::Cadre, row.name.as_str())?;
    found.retain(|record| {
        let is_of_unit = matches!(&record.body, Body::Cadre(cadre) if cadre.unit == unit);
        let may_be = |own: &CadreIdentity| row.number.is_none() || own.number.is_none();
        record.area == *row.area && is_of_unit && is_cadre_where(record, may_be)
    });
    to.one(at, &row.name, Named::Cadre, found)
}

fn body<K: Known>(
    row: &CadreRow,
    unit: Option<RecordId>,
    registered: Option<&Record>,
    to: &Taking<'_, K>,
) -> Cadre {
    let known = match registered.map(|record| &record.body) {
        Some(Body::Cadre(cadre)) => Some(cadre.clone()),
        _ => None,
    };
    let mut cadre = known.unwrap_or_else(|| Cadre {
        rank: (**row.rank).clone(),
        unit: None,
        from: to.settings.as_of,
        until: None,
        identity: None,
    });
    cadre.rank = (**row.rank).clone();
    if row.unit.is_in_file() {
        cadre.unit = unit;
    }
    cadre.from = row.from.unwrap_or(cadre.from);
    let mut identity = cadre.identity.take().unwrap_or_else(|| CadreIdentity {
        number: None,
        name: row.name.clone(),
        phone: None,
    });
    identity.name = row.name.clone();
    if row.number.is_some() {
        identity.number = row.number.clone();
    }
    row.phone.over(&mut identity.phone);
    cadre.identity = Some(identity);
    cadre
}
