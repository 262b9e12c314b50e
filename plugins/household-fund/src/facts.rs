//! What the policy reads.

use lika_sdk::{Code, Facts, Fen, Labels, State, Subject};

/// A household with those who help it and what it was paid in the year.
#[derive(Debug, Subject)]
pub struct Case<'a> {
    /// The household.
    pub household: Household<'a>,
    /// Who helps it.
    pub pairings: Vec<Pairing<'a>>,
    /// What it was paid through a bank in the year.
    pub payments: Vec<Payment<'a>>,
}

/// A household. Everybody is judged, also who has exited: an entitlement that nobody asks about again would stay.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household<'a> {
    /// Its type as registered.
    #[fact("household.registered-type")]
    pub registered_type: Code<'a>,
    /// Whether a member is able to work: the national types do not tell development households apart without it.
    #[fact("household.able-to-work")]
    pub able_to_work: State<bool>,
}

/// A pairing that is open on the day.
#[derive(Debug, Facts)]
#[table("pairing", parent = "household")]
pub struct Pairing<'a> {
    /// Level of the helper.
    #[fact("pairing.level")]
    pub level: Level,
    /// Focus or contact help.
    #[fact("pairing.role")]
    pub role: Code<'a>,
}

/// What a batch gives the household in the year, unless it was withdrawn or the bank could not pay it.
#[derive(Debug, Facts)]
#[table("payment", parent = "household")]
pub struct Payment<'a> {
    /// How much.
    #[fact("payment.amount")]
    pub amount: Fen,
    /// Where the money of the fund that pays comes from.
    #[fact("payment.channel")]
    pub channel: Code<'a>,
    /// What that fund is for.
    #[fact("payment.purpose")]
    pub purpose: Code<'a>,
    /// Whether it follows a decision.
    #[fact("payment.decided")]
    pub decided: bool,
}

/// Kinds of household in Luxi's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HouseholdType {
    /// Able to work its way out.
    Development,
    /// Able to work, and drawing the allowance.
    DevelopmentAllowance,
    /// Living on the allowance, or with nobody who is able to work.
    AllowanceOnly,
    /// Without anybody to support it.
    FiveGuarantee,
    /// Exited, or only monitored.
    NotPoor,
}

/// Level of a cadre, the highest first.
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

impl HouseholdType {
    /// The kind of a household; none where it depends on what nobody has recorded.
    pub fn of(household: &Household<'_>) -> Option<Self> {
        let told_apart = |with_labour| match household.able_to_work {
            State::Present(true) => Some(with_labour),
            State::Present(false) => Some(Self::AllowanceOnly),
            _ => None,
        };
        match household.registered_type.0 {
            "development" => Some(Self::Development),
            "development-allowance" => Some(Self::DevelopmentAllowance),
            "allowance-only" => Some(Self::AllowanceOnly),
            "five-guarantee" => Some(Self::FiveGuarantee),
            "general" => told_apart(Self::Development),
            "allowance" => told_apart(Self::DevelopmentAllowance),
            _ => Some(Self::NotPoor),
        }
    }
}

impl Payment<'_> {
    /// Whether it is of the county's part.
    pub fn is_county(&self) -> bool {
        self.channel.0 == "industry-fund" && self.purpose.0 == "household-fund"
    }
}
