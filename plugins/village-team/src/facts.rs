//! What the policy reads.

use lika_sdk::{Code, Date, Facts, Group, Labels, RowIndex, Rows};

/// A county with its key villages and everybody who could be bound to one.
#[derive(Debug, Group)]
pub struct County<'a> {
    /// What holds for all of it.
    #[context]
    pub context: Context,
    /// The villages to be judged.
    #[subjects]
    pub villages: Rows<Village<'a>>,
    /// County leaders.
    pub leaders: Rows<Leader<'a>>,
    /// Reserve cadres of section level.
    pub reserve_cadres: Rows<ReserveCadre<'a>>,
    /// Sponsoring units.
    pub units: Rows<Unit<'a>>,
    /// The teams as they stand.
    pub members: Rows<TeamMember>,
}

/// What holds for the whole county.
#[derive(Debug, Facts)]
#[table("group")]
pub struct Context {
    /// The day on which the teams are judged.
    #[fact("group.as-of")]
    pub as_of: Date,
}

/// A village.
#[derive(Debug, Facts)]
#[table("village")]
pub struct Village<'a> {
    /// Stable key of the village; only its order matters.
    #[fact("village.key")]
    pub key: Code<'a>,
    /// First day as a key village; absent where it never was one.
    #[fact("village.key-from")]
    pub key_from: Option<Date>,
    /// Last day as a key village; absent while it is open.
    #[fact("village.key-until")]
    pub key_until: Option<Date>,
}

/// A county leader.
#[derive(Debug, Facts)]
#[table("leader")]
pub struct Leader<'a> {
    /// Stable key of the leader; only its order matters.
    #[fact("leader.key")]
    pub key: Code<'a>,
    /// How many more villages the leader can take; absent where there is no limit.
    #[fact("leader.free")]
    pub free: Option<i64>,
}

/// A reserve cadre of section level.
#[derive(Debug, Facts)]
#[table("reserve-cadre")]
pub struct ReserveCadre<'a> {
    /// Stable key of the cadre; only its order matters.
    #[fact("reserve-cadre.key")]
    pub key: Code<'a>,
    /// Full or deputy section level.
    #[fact("reserve-cadre.rank")]
    pub rank: Rank,
    /// How many more villages the cadre can be stationed in, at most one; absent where only the
    /// present team memberships limit it.
    #[fact("reserve-cadre.free")]
    pub free: Option<i64>,
}

/// A unit that can sponsor villages.
#[derive(Debug, Facts)]
#[table("unit")]
pub struct Unit<'a> {
    /// Stable key of the unit; only its order matters.
    #[fact("unit.key")]
    pub key: Code<'a>,
    /// How many more villages the unit can sponsor; absent where there is no limit.
    #[fact("unit.free")]
    pub free: Option<i64>,
}

/// Somebody bound to a village today.
#[derive(Debug, Facts)]
#[table("team-member", parent = "village")]
pub struct TeamMember {
    /// As what.
    #[fact("team-member.role")]
    pub role: MemberRole,
    /// Rank of a stationed cadre; absent for others.
    #[fact("team-member.rank")]
    pub rank: Option<Rank>,
    /// First day in this village.
    #[fact("team-member.since")]
    pub since: Date,
    /// Visits to the village in the month that ends with the day of judging.
    #[fact("team-member.visits-in-month")]
    pub visits: i64,
    /// The leader's row, for a leader who is in the table.
    #[fact("team-member.leader", table = "leader")]
    pub leader: Option<RowIndex>,
    /// The cadre's row, for a stationed cadre who is in the table.
    #[fact("team-member.reserve-cadre", table = "reserve-cadre")]
    pub reserve_cadre: Option<RowIndex>,
    /// The unit's row, for a unit that is in the table.
    #[fact("team-member.unit", table = "unit")]
    pub unit: Option<RowIndex>,
}

/// Rank of a section-level cadre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Labels)]
pub enum Rank {
    /// Full section level.
    #[label("full", zh = "正科级", en = "full section level")]
    Full,
    /// Deputy section level.
    #[label("deputy", zh = "副科级", en = "deputy section level")]
    Deputy,
}

/// As what somebody is bound to a village.
pub type MemberRole = crate::TeamRole;
