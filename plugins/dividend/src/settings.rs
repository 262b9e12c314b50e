//! What a county may vary.

use lika_sdk::{Fen, Ppm, Settings as DeriveSettings};

/// The split of the return and the points of need. The split is the document's; it leaves the need to the village, so
/// the points are a county's own.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// The households' part of the return.
    #[setting(
        "household-share",
        default = 600_000,
        min = 0,
        max = 1_000_000,
        zh = "收益中用于贫困户的比例（百万分之）",
        en = "the households' part of the return, in parts per million"
    )]
    pub household_share: Ppm,
    /// Points for each member.
    #[setting(
        "points-per-person",
        default = 1,
        min = 0,
        max = 1000,
        zh = "每名家庭成员计分",
        en = "points for each member"
    )]
    pub per_person: i64,
    /// Points where nobody is able to work.
    #[setting(
        "points-without-labour",
        default = 2,
        min = 0,
        max = 1000,
        zh = "无劳动能力户计分",
        en = "points where nobody is able to work"
    )]
    pub without_labour: i64,
    /// Points for each member who goes to school.
    #[setting(
        "points-per-pupil",
        default = 1,
        min = 0,
        max = 1000,
        zh = "每名在校生计分",
        en = "points for each member at school"
    )]
    pub per_pupil: i64,
    /// Points for each member who draws the allowance.
    #[setting(
        "points-per-allowance-member",
        default = 0,
        min = 0,
        max = 1000,
        zh = "每名低保成员计分",
        en = "points for each member who draws the allowance"
    )]
    pub per_allowance_member: i64,
    /// Points for a dangerous house.
    #[setting(
        "points-dangerous-house",
        default = 0,
        min = 0,
        max = 1000,
        zh = "危房户计分",
        en = "points for a dangerous house"
    )]
    pub dangerous_house: i64,
    /// Points for an income under the line.
    #[setting(
        "points-under-line",
        default = 0,
        min = 0,
        max = 1000,
        zh = "人均纯收入低于线的户计分",
        en = "points for an income per head under the line"
    )]
    pub under_line: i64,
    /// The line.
    #[setting(
        "income-line",
        default = 0,
        min = 0,
        zh = "人均年纯收入线（分）",
        en = "line of net income per head and year, in fen"
    )]
    pub income_line: Fen,
}
