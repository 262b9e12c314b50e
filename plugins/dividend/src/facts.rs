//! What the policy reads.

use lika_sdk::{Code, Facts, Fen, Group, Labels, RowIndex, Rows, State};

/// A co-operative with its holders.
#[derive(Debug, Group)]
pub struct Holders<'a> {
    /// The co-operative.
    #[context]
    pub cooperative: Cooperative,
    /// Who holds what: each is decided.
    #[subjects]
    pub shareholdings: Rows<Shareholding<'a>>,
    /// The households among the holders.
    pub households: Rows<Household>,
}

/// The co-operative and what it returned.
#[derive(Debug, Facts)]
#[table("co-operative")]
pub struct Cooperative {
    /// Its whole capital, of which shares are shown.
    #[fact("co-operative.capital")]
    pub capital: Fen,
    /// The return of the year on the equity from poverty funds: what is shared out.
    #[fact("dividend.return")]
    pub gain: Fen,
}

/// Equity of one holder.
#[derive(Debug, Facts)]
#[table("shareholding", parent = "co-operative")]
pub struct Shareholding<'a> {
    /// Stable key; its order settles ties.
    #[fact("shareholding.key")]
    pub key: Code<'a>,
    /// Whose it is.
    #[fact("shareholding.holder")]
    pub holder: Holder,
    /// How much.
    #[fact("shareholding.equity")]
    pub equity: Fen,
    /// Whether it was paid from poverty funds: only such equity takes part.
    #[fact("shareholding.poverty-fund")]
    pub poverty_fund: bool,
    /// The household, where it is one's.
    #[fact("shareholding.household", table = "household")]
    pub household: Option<RowIndex>,
}

/// A household among the holders: what its need is counted from.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household {
    /// How many people it has.
    #[fact("household.persons")]
    pub persons: State<i64>,
    /// Whether somebody is able to work.
    #[fact("household.able-to-work")]
    pub able_to_work: State<bool>,
    /// Members who go to school.
    #[fact("household.pupils")]
    pub pupils: State<i64>,
    /// Members who draw the allowance.
    #[fact("household.allowance-members")]
    pub allowance_members: State<i64>,
    /// Whether it lives in a dangerous house.
    #[fact("household.dangerous-house")]
    pub dangerous_house: State<bool>,
    /// Net income per head.
    #[fact("income.net-per-head")]
    pub income: State<Fen>,
}

/// Whose equity it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Holder {
    /// A registered household's.
    #[label("household", zh = "农户", en = "household")]
    Household,
    /// The village collective's.
    #[label("village-collective", zh = "村集体", en = "village collective")]
    VillageCollective,
    /// Anybody else's.
    #[label("other", zh = "其他", en = "other")]
    Other,
}
