//! What the policy reads.

use lika_sdk::{Code, Date, Facts, Fen, Labels, Subject};

/// A village with its sponsoring units and its funds.
#[derive(Debug, Subject)]
pub struct Case<'a> {
    /// The village.
    pub village: Village,
    /// Its team, of which the sponsoring units matter.
    pub members: Vec<TeamMember<'a>>,
    /// Its funds.
    pub funds: Vec<Fund<'a>>,
    /// What holds for everybody.
    #[context]
    pub context: Context,
}

/// A village.
#[derive(Debug, Facts)]
#[table("village")]
pub struct Village {
    /// First day as a key village; absent where it never was one.
    #[fact("village.key-from")]
    pub key_from: Option<Date>,
    /// Last day as a key village; absent while it is open.
    #[fact("village.key-until")]
    pub key_until: Option<Date>,
}

/// Somebody bound to the village on the day.
#[derive(Debug, Facts)]
#[table("team-member", parent = "village")]
pub struct TeamMember<'a> {
    /// As what.
    #[fact("team-member.role")]
    pub role: TeamRole,
    /// What the unit is called; absent of others.
    #[fact("team-member.unit-name")]
    pub unit_name: Option<&'a str>,
    /// What the unit has raised for the village in the year; absent of others.
    #[fact("team-member.raised", monotone = "increasing")]
    pub raised: Option<Fen>,
}

/// A fund that is kept in the village.
#[derive(Debug, Facts)]
#[table("fund", parent = "village")]
pub struct Fund<'a> {
    /// Where its money comes from.
    #[fact("fund.channel")]
    pub channel: Code<'a>,
    /// What it is for.
    #[fact("fund.purpose")]
    pub purpose: Code<'a>,
    /// What came into it in the year.
    #[fact("fund.came-in", monotone = "increasing")]
    pub came_in: Fen,
}

/// What holds for everybody.
#[derive(Debug, Facts)]
#[table("group")]
pub struct Context {
    /// The day that the question is about.
    #[fact("group.as-of")]
    pub as_of: Date,
}

/// As what somebody is bound to a village.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum TeamRole {
    /// County leader.
    #[label("leader", zh = "挂点县领导", en = "county leader")]
    Leader,
    /// Reserve cadre who lives in the village for a year.
    #[label("stationed", zh = "驻村后备干部", en = "stationed reserve cadre")]
    Stationed,
    /// Sponsoring unit.
    #[label("unit", zh = "帮扶单位", en = "sponsoring unit")]
    Unit,
}

/// The channels that are planned together, and stay apart in the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// What the sponsoring units raise.
    SponsoringUnit,
    /// The county's industry fund.
    IndustryFund,
    /// The village works fund.
    VillageWorks,
}

impl Village {
    /// Whether it is a key village on a day.
    pub fn is_key(&self, on: Date) -> bool {
        self.key_from.is_some_and(|from| from <= on)
            && self.key_until.is_none_or(|until| on <= until)
    }
}

impl<'a> Case<'a> {
    /// The sponsoring units, with their rows.
    pub fn sponsors(&self) -> impl Iterator<Item = (u32, &TeamMember<'a>)> {
        let members = (0..).zip(&self.members);
        members.filter(|(_, member)| member.role == TeamRole::Unit)
    }

    /// The village's funds of a channel, with their rows.
    pub fn funds_of(&self, channel: Channel) -> impl Iterator<Item = (u32, &Fund<'a>)> {
        let code = channel.code();
        let funds = (0..).zip(&self.funds);
        funds.filter(move |(_, fund)| fund.channel.0 == code && fund.purpose.0 == "village-fund")
    }
}

impl Channel {
    /// Code list fund-channel.
    fn code(self) -> &'static str {
        match self {
            Self::SponsoringUnit => "sponsoring-unit",
            Self::IndustryFund => "industry-fund",
            Self::VillageWorks => "village-works",
        }
    }
}
