//! Which cadre helps which household.

use lika_core::{
    log::Kind,
    record::{Body, HelperLevel, Index, Key, Pairing, Record},
    value::{AreaCode, Date, Label, Name, RecordId, Text},
};

use super::{
    Rows,
    cell::{Coded, DocumentNumber, PairingRole},
    column::row,
    taking::{CadreNamed, Halt, HouseholdNamed, Taking},
};
use crate::files::{
    Known,
    fault::{Cause, Named},
};

row! {
    /// A helper of a household. A cadre helps a household once at a time.
    PairingRow {
        household_number: Option<Text> = "户编号" ["户编码", "户代码"]
            "户编号；没有的填户主证件号码，或户主姓名和行政村" ["A00000001", ""],
        head: Option<Name> = "户主姓名" ["户主", "帮扶对象"]
            "户主姓名；与户编号同填时须一致" ["张三", "李四"],
        document: Option<DocumentNumber> = "户主证件号码" ["户主身份证号", "户主身份证号码", "证件号码", "身份证号"]
            "户主的证件号码" ["", "360399197001010019"],
        village: Option<AreaCode> = "行政村" ["村", "村名", "区划", "区划代码", "行政村代码", "行政区划代码"]
            "户所在的行政村" ["", "银河镇泉江村"],
        cadre_number: Option<Text> = "帮扶干部编号" ["干部编号", "帮扶责任人编号"]
            "县里干部名册上的编号" ["G001", ""],
        cadre: Option<Name> = "帮扶干部姓名" ["帮扶干部", "帮扶责任人", "帮扶人", "干部姓名"]
            "帮扶干部姓名；与编号同填时须一致" ["刘明", "何芳"],
        unit: Option<Label> = "帮扶干部单位" ["帮扶单位", "干部单位", "单位"]
            "帮扶干部的单位；有重名干部时填写" ["县农业局", ""],
        role: Coded<PairingRole> = "帮扶方式" ["帮扶类型", "结对方式"]
            "重点帮扶还是联系帮扶" ["重点帮扶", "联系帮扶"],
        responsible: Option<bool> = "是否帮扶责任人" ["责任人", "是否责任人"]
            "是否由其对该户负责" ["是", ""],
        from: Option<Date> = "结对日期" ["结对时间", "帮扶开始时间", "开始日期"]
            "结对的第一天；新登记而未填的为导入当日" ["2016-01-10", ""],
    }
}

/// Pairings.
#[derive(Default)]
pub(super) struct Pairings;

impl Rows for Pairings {
    type Row = PairingRow;

    fn take<K: Known>(
        &mut self,
        at: u32,
        row: PairingRow,
        to: &mut Taking<'_, K>,
    ) -> Result<(), Halt> {
        let household = to.household(
            at,
            &HouseholdNamed {
                number: &row.household_number,
                document: &row.document,
                head: &row.head,
                village: &row.village,
            },
        )?;
        to.may_write(Kind::Pairing, &household.area)?;
        let said = CadreNamed {
            number: &row.cadre_number,
            name: &row.cadre,
            unit: &row.unit,
        };
        let Some((cadre, helper)) = to.cadre(at, &said, &household.area)? else {
            return Err(to.fault(at, &row.cadre, Cause::CadreNotNamed));
        };
        to.once(at, &[&household.id, &cadre.id])?;
        let registered = registered(at, &household.id, &cadre.id, &row, to)?;
        let known = match registered.as_ref().map(|record| &record.body) {
            Some(Body::Pairing(pairing)) => Some(pairing.clone()),
            _ => None,
        };
        let level = HelperLevel::of_rank(helper.rank.as_str());
        let Some(level) = known.as_ref().map(|known| known.level).or(level) else {
            return Err(to.fault(at, &row.cadre, Cause::UnknownLabel("helper-level")));
        };
        let mut pairing = known.unwrap_or_else(|| Pairing {
            household: household.id,
            cadre: cadre.id,
            role: (**row.role).clone(),
            level,
            responsible: false,
            from: to.settings.as_of,
            until: None,
            decision: None,
        });
        pairing.role = (**row.role).clone();
        pairing.responsible = row.responsible.unwrap_or(pairing.responsible);
        pairing.from = row.from.unwrap_or(pairing.from);
        to.propose(
            at,
            household.area,
            registered.as_ref(),
            Body::Pairing(pairing),
        )?;
        Ok(())
    }
}

fn registered<K: Known>(
    at: u32,
    household: &RecordId,
    cadre: &RecordId,
    row: &PairingRow,
    to: &mut Taking<'_, K>,
) -> Result<Option<Record>, Halt> {
    let key = Key::record(Index::PairingsOfHousehold, household);
    let mut found = to.directory.with_key(&key)?;
    found
        .retain(|record| matches!(&record.body, Body::Pairing(pairing) if pairing.cadre == *cadre));
    to.one(at, &row.cadre, Named::Cadre, found)
}
