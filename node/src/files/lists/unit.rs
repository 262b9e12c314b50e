//! Units that help.

use lika_core::{
    log::Kind,
    record::{Body, Unit},
    value::{AreaCode, Label},
};

use super::{
    Rows,
    cell::{Coded, UnitType},
    column::row,
    taking::{Halt, Taking},
};
use crate::files::{Known, fault::Named};

row! {
    /// A unit. The same name in the same area is the same unit.
    UnitRow {
        name: Label = "单位名称" ["名称", "单位", "帮扶单位"]
            "单位全称；同一区划内不重名" ["县农业局", "泉江村委会"],
        unit_type: Coded<UnitType> = "单位类型" ["单位性质", "类型"]
            "单位的性质" ["政府部门", "村民委员会"],
        area: AreaCode = "区划" ["所在地", "所属区划", "行政区划", "区划代码", "行政区划代码"]
            "单位所在的县、乡镇或村" ["芦溪县", "银河镇泉江村"],
    }
}

/// Units.
#[derive(Default)]
pub(super) struct Units;

impl Rows for Units {
    type Row = UnitRow;

    fn take<K: Known>(
        &mut self,
        at: u32,
        row: UnitRow,
        to: &mut Taking<'_, K>,
    ) -> Result<(), Halt> {
        let UnitRow {
            name,
            unit_type,
            area,
        } = row;
        to.may_write(Kind::Unit, &area)?;
        to.once(at, &[&*area, &*name])?;
        let mut registered = to.directory.named(Kind::Unit, name.as_str())?;
        registered.retain(|record| record.area == *area);
        let registered = to.one(at, &name, Named::Unit, registered)?;
        let unit = Unit {
            name: name.clone(),
            unit_type: (**unit_type).clone(),
        };
        to.propose(at, *area, registered.as_ref(), Body::Unit(unit))?;
        Ok(())
    }
}
