//! What is due, and who is behind.

use lika_sdk::{Fen, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// The village gets no fund on that day.
    #[reason(
        "not-key-village",
        zh = "当日不是重点村",
        en = "not a key village on that day"
    )]
    NotKeyVillage,
    /// What is due in the year, and from whom.
    #[reason(
        "due",
        zh = "当年应到位 {total} 元：帮扶单位筹集 {units} 元（每个单位不少于 {per_unit} 元），县产业扶贫资金 {county} 元，村庄整治资金 {works} 元",
        en = "{total} is due in the year: {units} from the sponsoring units, at least {per_unit} from each, {county} from \
              the county's industry fund, {works} from the village works fund"
    )]
    Due {
        total: Fen,
        units: Fen,
        per_unit: Fen,
        county: Fen,
        works: Fen,
    },
    /// A unit has not raised its part.
    #[reason(
        "unit-behind",
        zh = "{unit} 已筹集 {raised} 元，应筹集 {due} 元，尚差 {short} 元",
        en = "{unit} has raised {raised} of {due}, {short} is missing"
    )]
    UnitBehind {
        unit: String,
        raised: Fen,
        due: Fen,
        short: Fen,
    },
    /// A part that nobody is there to raise.
    #[reason(
        "missing-unit",
        zh = "应有帮扶单位 {need} 个，现有 {have} 个，{short} 元无单位筹集",
        en = "{need} sponsoring units are required, there are {have}: nobody raises {short}"
    )]
    MissingUnit { have: i64, need: i64, short: Fen },
    /// The county has not added its part.
    #[reason(
        "county-behind",
        zh = "县产业扶贫资金已拨 {come} 元，应拨 {due} 元，尚差 {short} 元",
        en = "{come} of {due} has come from the county's industry fund, {short} is missing"
    )]
    CountyBehind { come: Fen, due: Fen, short: Fen },
    /// The works fund has not come.
    #[reason(
        "works-behind",
        zh = "村庄整治资金已到位 {come} 元，应到位 {due} 元，尚差 {short} 元",
        en = "{come} of {due} has come from the village works fund, {short} is missing"
    )]
    WorksBehind { come: Fen, due: Fen, short: Fen },
    /// Money of units that none of the sponsors gave.
    #[reason(
        "from-no-sponsor",
        zh = "另有帮扶单位资金 {amount} 元，来自与现任帮扶单位名称不符的账户，未计入任何单位",
        en = "{amount} more came from accounts that have no sponsoring unit's name, and counts as nobody's"
    )]
    FromNoSponsor { amount: Fen },
}
