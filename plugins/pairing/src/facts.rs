//! What the policy reads.

use lika_sdk::{Code, Date, Facts, Group, Labels, RowIndex, Rows};

use crate::PairingRole;

/// A county or a township with its households and helpers.
#[derive(Debug, Group)]
pub struct Area<'a> {
    /// What holds for all of it.
    #[context]
    pub context: Context,
    /// The households to be judged.
    #[subjects]
    pub households: Rows<Household<'a>>,
    /// Everybody who could help one.
    pub helpers: Rows<Helper<'a>>,
    /// The pairings as they stand, with what earlier passes propose.
    pub pairings: Rows<Pairing>,
}

/// What holds for the whole area.
#[derive(Debug, Facts)]
#[table("group")]
pub struct Context {
    /// The day on which the pairings are judged.
    #[fact("group.as-of")]
    pub as_of: Date,
}

/// A registered household.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household<'a> {
    /// Stable key of the household; only its order matters.
    #[fact("household.key")]
    pub key: Code<'a>,
    /// Which kind of household.
    #[fact("household.type")]
    pub kind: HouseholdType,
    /// Whether a member is able to work.
    #[fact("household.able-to-work")]
    pub able_to_work: bool,
    /// Area code of the township.
    #[fact("household.township")]
    pub township: Code<'a>,
    /// Area code of the village.
    #[fact("household.village")]
    pub village: Code<'a>,
}

/// A cadre who can help households.
#[derive(Debug, Facts)]
#[table("helper")]
pub struct Helper<'a> {
    /// Stable key of the cadre; only its order matters.
    #[fact("helper.key")]
    pub key: Code<'a>,
    /// Level of the cadre.
    #[fact("helper.level")]
    pub level: Level,
    /// Area code of the township that the cadre belongs to; absent above township level.
    #[fact("helper.township")]
    pub township: Option<Code<'a>>,
    /// Area code of the village that the cadre belongs to or is stationed in; absent otherwise.
    #[fact("helper.village")]
    pub village: Option<Code<'a>>,
    /// How many more households the cadre can take; absent where only the settings limit it.
    #[fact("helper.free")]
    pub free: Option<i64>,
}

/// A pairing that is open today.
#[derive(Debug, Facts)]
#[table("pairing", parent = "household")]
pub struct Pairing {
    /// Level of the helper.
    #[fact("pairing.level")]
    pub level: Level,
    /// Focus or contact help.
    #[fact("pairing.role")]
    pub role: PairingRole,
    /// Whether the helper is the one who answers for the household.
    #[fact("pairing.responsible")]
    pub responsible: bool,
    /// First day.
    #[fact("pairing.since")]
    pub since: Date,
    /// Visits of the helper to the household in the month that ends with the day of judging.
    #[fact("pairing.visits-in-month")]
    pub visits: i64,
    /// The helper's row, where the helper is in the table.
    #[fact("pairing.helper", table = "helper")]
    pub helper: Option<RowIndex>,
}

/// Kinds of household as Luxi tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum HouseholdType {
    /// Able to work its way out.
    #[label("development", zh = "扶贫开发户", en = "development household")]
    Development,
    /// Able to work, and drawing the allowance.
    #[label(
        "development-allowance",
        zh = "扶贫低保户",
        en = "development-allowance household"
    )]
    DevelopmentAllowance,
    /// Living on the allowance.
    #[label("allowance-only", zh = "纯低保户", en = "allowance-only household")]
    AllowanceOnly,
    /// Without anybody to support it.
    #[label("five-guarantee", zh = "五保户", en = "five-guarantee household")]
    FiveGuarantee,
}

/// Level of a cadre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Labels)]
pub enum Level {
    /// County leader.
    #[label("county", zh = "县级干部", en = "county-level cadre")]
    County,
    /// Section level, reserve cadres included.
    #[label("section", zh = "科级干部", en = "section-level cadre")]
    Section,
    /// Township cadre.
    #[label("township", zh = "乡镇干部", en = "township cadre")]
    Township,
    /// Village cadre.
    #[label("village", zh = "村干部", en = "village cadre")]
    Village,
}

impl Level {
    /// Section level or above.
    pub fn is_section_or_above(self) -> bool {
        matches!(self, Self::County | Self::Section)
    }
}
