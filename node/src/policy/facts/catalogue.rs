//! Everything that this node can tell a policy: the one table of facts. `docs/facts.md` is made from it.

use lika_core::log::Kind;

use self::Holds::{Code, Date, Fen, Flag, Integer, Ppm, Row, Text};

/// A table of rows.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The table whose rows own its rows.
    pub parent: Option<&'static str>,
    /// The record that a row stands for; of a row that is no record of its own, the one that it is part of.
    pub record: Kind,
    /// Whether a policy can decide on its rows.
    pub decidable: bool,
    /// What a row is.
    pub rows: &'static str,
    /// The facts of a row.
    pub facts: &'static [Entry],
}

/// A fact.
#[derive(Debug)]
pub struct Entry {
    /// Stable name.
    pub key: &'static str,
    /// What a slot holds.
    pub holds: Holds,
    /// Record and field that it comes from.
    pub source: &'static str,
    /// What it means, and when it is absent or unknown.
    pub meaning: &'static str,
    /// Version of the meaning.
    pub version: u32,
}

/// What a slot holds, with the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Yes or no.
    Flag,
    /// So many of this.
    Integer(&'static str),
    /// 1/100 yuan.
    Fen,
    /// Parts per million.
    Ppm,
    /// A day.
    Date,
    /// A code of this list, or what else the code is.
    Code(&'static str),
    /// Text for people.
    Text,
    /// A row of this table.
    Row(&'static str),
}

impl Holds {
    /// The word of the contract (`wit/policy.wit`).
    pub fn word(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Integer(_) => "integer",
            Self::Fen => "fen",
            Self::Ppm => "ppm",
            Self::Date => "date",
            Self::Code(_) => "code",
            Self::Text => "text",
            Self::Row(_) => "row",
        }
    }

    /// The unit, the code list or the table.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Flag | Self::Text => "",
            Self::Integer(unit) | Self::Code(unit) | Self::Row(unit) => unit,
            Self::Fen => "1/100 yuan",
            Self::Ppm => "1/1,000,000",
            Self::Date => "day",
        }
    }
}

/// The table of this name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

const fn fact(
    key: &'static str,
    holds: Holds,
    source: &'static str,
    meaning: &'static str,
) -> Entry {
    Entry {
        key,
        holds,
        source,
        meaning,
        version: 1,
    }
}

/// Every table.
pub static TABLES: &[Table] = &[
    Table {
        name: "group",
        parent: None,
        record: Kind::Area,
        decidable: false,
        rows: "what holds for everybody, and there is one",
        facts: GROUP,
    },
    Table {
        name: "village",
        parent: None,
        record: Kind::Area,
        decidable: true,
        rows: "a key village on the day",
        facts: VILLAGE,
    },
    Table {
        name: "leader",
        parent: None,
        record: Kind::Cadre,
        decidable: false,
        rows: "a county leader in office on the day",
        facts: LEADER,
    },
    Table {
        name: "reserve-cadre",
        parent: None,
        record: Kind::Cadre,
        decidable: false,
        rows: "a reserve cadre in office on the day",
        facts: RESERVE_CADRE,
    },
    Table {
        name: "unit",
        parent: None,
        record: Kind::Unit,
        decidable: false,
        rows: "a unit",
        facts: UNIT,
    },
    Table {
        name: "team-member",
        parent: Some("village"),
        record: Kind::VillageTeam,
        decidable: false,
        rows: "a seat of the village's team that is held on the day",
        facts: TEAM_MEMBER,
    },
    Table {
        name: "fund",
        parent: Some("village"),
        record: Kind::Account,
        decidable: false,
        rows: "a fund that is kept in the village, its account open",
        facts: FUND,
    },
    Table {
        name: "household",
        parent: None,
        record: Kind::Household,
        decidable: true,
        rows: "a household",
        facts: HOUSEHOLD,
    },
    Table {
        name: "member",
        parent: Some("household"),
        record: Kind::Member,
        decidable: false,
        rows: "a member of the household on the day",
        facts: MEMBER,
    },
    Table {
        name: "cause",
        parent: Some("household"),
        record: Kind::Household,
        decidable: false,
        rows: "a cause of the household's poverty, the main one first",
        facts: CAUSE,
    },
    Table {
        name: "measure",
        parent: Some("household"),
        record: Kind::Household,
        decidable: false,
        rows: "a measure that members of the household are planned for",
        facts: MEASURE,
    },
    Table {
        name: "helper",
        parent: None,
        record: Kind::Cadre,
        decidable: false,
        rows: "a cadre in office on the day who can help households",
        facts: HELPER,
    },
    Table {
        name: "pairing",
        parent: Some("household"),
        record: Kind::Pairing,
        decidable: false,
        rows: "a pairing that is open on the day, or that an earlier pass proposes",
        facts: PAIRING,
    },
    Table {
        name: "payment",
        parent: Some("household"),
        record: Kind::PaymentBatch,
        decidable: false,
        rows: "what a payment batch of the day's year gives the household, proposed or on its way or paid; not where the \
               batch was withdrawn or the bank could not pay",
        facts: PAYMENT,
    },
    Table {
        name: "co-operative",
        parent: None,
        record: Kind::Cooperative,
        decidable: true,
        rows: "a co-operative",
        facts: COOPERATIVE,
    },
    Table {
        name: "shareholding",
        parent: Some("co-operative"),
        record: Kind::Shareholding,
        decidable: true,
        rows: "a shareholding that is open on the day",
        facts: SHAREHOLDING,
    },
    Table {
        name: "cadre",
        parent: None,
        record: Kind::Cadre,
        decidable: true,
        rows: "a cadre in office on the day, as supervision sees them",
        facts: CADRE,
    },
    Table {
        name: "township",
        parent: None,
        record: Kind::Area,
        decidable: true,
        rows: "a township, as the assessment sees it",
        facts: TOWNSHIP,
    },
    Table {
        name: "application",
        parent: None,
        record: Kind::Loan,
        decidable: true,
        rows: "a loan that was applied for and waits for its approval",
        facts: APPLICATION,
    },
    Table {
        name: "loan",
        parent: None,
        record: Kind::Loan,
        decidable: true,
        rows: "a loan that was disbursed and was not repaid more than a year before the day",
        facts: LOAN,
    },
];

const CADRE: &[Entry] = &[
    fact(
        "cadre.key",
        Code("id"),
        "cadre",
        "The record's id; only its order matters.",
    ),
    fact(
        "cadre.tasks-due",
        Integer("tasks"),
        "duty, post.from, post.until",
        "Tasks of the cadre, or of a post that the cadre holds or held, whose last day was in the twelve months before \
         the day.",
    ),
    fact(
        "cadre.tasks-late",
        Integer("tasks"),
        "duty, post, task",
        "Of these the tasks that were neither done nor excused up to the day.",
    ),
    fact(
        "cadre.households",
        Integer("households"),
        "pairing.cadre",
        "Households with which the cadre has an open pairing that had begun a month before the day.",
    ),
    fact(
        "cadre.households-unvisited",
        Integer("households"),
        "pairing.cadre, visit.on",
        "Of these the households that the cadre has not visited in the month that ends with the day.",
    ),
    fact(
        "cadre.findings",
        Integer("findings"),
        "finding.found_on",
        "Findings about the cadre in the twelve months that end with the day, but for unfounded ones.",
    ),
    fact(
        "cadre.findings-overdue",
        Integer("findings"),
        "finding.deadline",
        "Findings about the cadre that were not settled up to the day, and had to be before it.",
    ),
    fact(
        "cadre.rung",
        Code("sanction-kind"),
        "sanction.kind",
        "The last rung of the ladder up to the day; absent where there is none, or where it has lapsed.",
    ),
    fact(
        "cadre.rung-on",
        Date,
        "sanction.on",
        "The day of that rung; absent where there is none, or where it has lapsed.",
    ),
];

const TOWNSHIP: &[Entry] = &[
    fact(
        "township.key",
        Code("area"),
        "area.code",
        "The area code; only its order matters.",
    ),
    fact(
        "township.people-exited",
        Integer("people"),
        "household.exit_year, member",
        "Members on the day of households that have exited in the day's year.",
    ),
    fact(
        "township.people-exited-in-three-years",
        Integer("people"),
        "household.exit_year, member",
        "Members on the day of households that have exited in the day's year or the two before.",
    ),
    fact(
        "township.exit-goal",
        Integer("people"),
        "responsibility-letter.goals",
        "People who shall exit in the day's year, by the township's letter that both sides have signed; absent without.",
    ),
    fact(
        "township.income-growth",
        Ppm,
        "income-statement",
        "By how much the net income per head of the households with statements grew from the year before the day's; \
         unknown where one of the two years has none, or where there was no income.",
    ),
    fact(
        "township.services",
        Integer("projects"),
        "project.steps",
        "Projects of roads, water, housing and public services that were accepted in the day's year.",
    ),
    fact(
        "township.satisfied",
        Ppm,
        "satisfaction-survey.answers",
        "Of those who answered surveys in the township in the day's year, the part that is not dissatisfied; absent where \
         nobody answered.",
    ),
];

const GROUP: &[Entry] = &[
    fact(
        "group.as-of",
        Date,
        "the question",
        "The day that the question is about.",
    ),
    fact(
        "group.rural-mean-income",
        Fen,
        "official-statistic.value",
        "Rural net income per head of the latest year up to the day, of the widest area around the group that has a \
         figure; unknown where none was entered.",
    ),
    fact(
        "group.rural-mean-year",
        Integer("year"),
        "official-statistic.year",
        "The year of that figure; unknown without one.",
    ),
    fact(
        "group.poverty-line",
        Fen,
        "official-statistic.value",
        "Poverty line per head and year, found like the rural income; unknown where none was entered.",
    ),
    fact(
        "group.monitoring-line",
        Fen,
        "official-statistic.value",
        "Monitoring line per head and year, found like the rural income; unknown where none was entered.",
    ),
    fact(
        "group.identification-quota",
        Integer("households"),
        "official-statistic.value",
        "Households that may be identified in the group's own area in the day's year; unknown where none was entered.",
    ),
    fact(
        "group.identified-in-year",
        Integer("households"),
        "household.identified_on, case",
        "Households of the group that were identified in the day's year, without those whose identification goes on.",
    ),
];

const VILLAGE: &[Entry] = &[
    fact(
        "village.key",
        Code("area"),
        "area.code",
        "The area code; only its order matters.",
    ),
    fact(
        "village.key-from",
        Date,
        "area.key_village",
        "The first day of the span as a key village that holds on the day.",
    ),
    fact(
        "village.key-until",
        Date,
        "area.key_village",
        "The last day of that span; absent while it is open.",
    ),
];

const LEADER: &[Entry] = &[
    fact(
        "leader.key",
        Code("id"),
        "cadre",
        "Stable key; only its order matters.",
    ),
    fact(
        "leader.free",
        Integer("villages"),
        "none",
        "How many more villages; absent, because only the settings limit it.",
    ),
];

const RESERVE_CADRE: &[Entry] = &[
    fact(
        "reserve-cadre.key",
        Code("id"),
        "cadre",
        "Stable key; only its order matters.",
    ),
    fact(
        "reserve-cadre.rank",
        Code("full, deputy"),
        "cadre.rank",
        "Full or deputy section level.",
    ),
    fact(
        "reserve-cadre.free",
        Integer("villages"),
        "none",
        "How many more villages; absent, because only the settings limit it.",
    ),
];

const UNIT: &[Entry] = &[
    fact(
        "unit.key",
        Code("id"),
        "unit",
        "Stable key; only its order matters.",
    ),
    fact(
        "unit.free",
        Integer("villages"),
        "none",
        "How many more villages; absent, because only the settings limit it.",
    ),
];

const TEAM_MEMBER: &[Entry] = &[
    fact(
        "team-member.role",
        Code("leader, stationed, unit"),
        "village-team.seats.role",
        "As what.",
    ),
    fact(
        "team-member.rank",
        Code("full, deputy"),
        "cadre.rank",
        "Rank of a stationed cadre; absent of others.",
    ),
    fact(
        "team-member.since",
        Date,
        "village-team.seats.from",
        "First day in the seat.",
    ),
    fact(
        "team-member.visits-in-month",
        Integer("visits"),
        "visit",
        "Visits to the village or its households in the month that ends with the day; a unit's by its cadres.",
    ),
    fact(
        "team-member.leader",
        Row("leader"),
        "village-team.seats.holder",
        "The leader's row; absent of others.",
    ),
    fact(
        "team-member.reserve-cadre",
        Row("reserve-cadre"),
        "village-team.seats.holder",
        "The reserve cadre's row; absent of others.",
    ),
    fact(
        "team-member.unit",
        Row("unit"),
        "village-team.seats.holder",
        "The unit's row; absent of others.",
    ),
    fact(
        "team-member.unit-name",
        Text,
        "unit.name",
        "What a sponsoring unit is called; absent of others.",
    ),
    fact(
        "team-member.raised",
        Fen,
        "transfer.from, account.name",
        "What came in the day's year up to the day from external accounts of the sponsoring unit's name into the village's \
         funds of the channel sponsoring-unit for the purpose village-fund, less what was reversed; absent of others.",
    ),
];

const FUND: &[Entry] = &[
    fact(
        "fund.channel",
        Code("fund-channel"),
        "account.channel",
        "Where its money comes from.",
    ),
    fact(
        "fund.purpose",
        Code("fund-purpose"),
        "account.purpose",
        "What it is for.",
    ),
    fact(
        "fund.came-in",
        Fen,
        "transfer.amount",
        "What came into it in the day's year up to the day by posted transfers, from outside or from funds that are kept \
         elsewhere, less what was reversed.",
    ),
];

const HOUSEHOLD: &[Entry] = &[
    fact(
        "household.key",
        Code("id"),
        "household",
        "Stable key; only its order matters.",
    ),
    fact(
        "household.type",
        Code("development, development-allowance, allowance-only, five-guarantee"),
        "household.type, member.labour",
        "The kind of household in Luxi's words, told apart by whether somebody is able to work. A policy that asks for \
         it gets only the households that have one: none that has exited, none that is only monitored.",
    ),
    fact(
        "household.registered-type",
        Code("household-type"),
        "household.type",
        "The type as registered.",
    ),
    fact(
        "household.able-to-work",
        Flag,
        "member.labour, member.birth_year",
        "Whether a member is able to work; unknown while nobody is and it is not recorded of somebody of working age.",
    ),
    fact(
        "household.township",
        Code("area"),
        "household's area",
        "Area code of the township.",
    ),
    fact(
        "household.village",
        Code("area"),
        "household's area",
        "Area code of the village.",
    ),
    fact(
        "household.in-key-village",
        Flag,
        "area.key_village",
        "Whether the village is a key village on the day.",
    ),
    fact(
        "household.village-income",
        Fen,
        "official-statistic.value",
        "Rural net income per head of the household's village, of the latest year up to the day; unknown where none was \
         entered.",
    ),
    fact(
        "household.village-collective-income",
        Fen,
        "official-statistic.value",
        "Collective income of the village of the latest year up to the day; unknown where none was entered.",
    ),
    fact(
        "household.willing",
        Flag,
        "household.willing",
        "Whether it is willing to be helped to work its way out; unknown where not recorded.",
    ),
    fact(
        "household.identified-on",
        Date,
        "household.identified_on",
        "When it was first identified; unknown where not recorded.",
    ),
    fact(
        "household.exit-year",
        Integer("year"),
        "household.exit_year",
        "The year of its exit; absent before.",
    ),
    fact(
        "household.risk-removed",
        Flag,
        "household.risk_removed",
        "Whether the risk of a monitored household was marked removed; absent where nobody marked anything.",
    ),
    fact(
        "household.dangerous-house",
        Flag,
        "household.dangerous_house",
        "Whether it lives in a dangerous house; unknown where not recorded.",
    ),
    fact(
        "household.safe-water",
        Flag,
        "household.safe_water",
        "Whether it has safe water; unknown where not recorded.",
    ),
    fact(
        "household.persons",
        Integer("people"),
        "member.from, member.until",
        "Its members on the day.",
    ),
    fact(
        "household.pupils",
        Integer("people"),
        "member.schooling",
        "Members who go to school or study; unknown while it is not recorded of somebody of 3 to 24 years.",
    ),
    fact(
        "household.allowance-members",
        Integer("people"),
        "member.allowance",
        "Members who draw the allowance; unknown while it is not recorded of somebody.",
    ),
    fact(
        "household.able-members",
        Integer("people"),
        "member.labour, member.birth_year",
        "Members who are able to work; unknown while it is not recorded of somebody of working age.",
    ),
    fact(
        "household.workers-away",
        Integer("people"),
        "member.work_region",
        "Members who work away from the village.",
    ),
    fact(
        "household.uninsured",
        Integer("people"),
        "member.medical_insurance",
        "Members without resident medical insurance; unknown while it is not recorded of somebody.",
    ),
    fact(
        "household.children-out-of-school",
        Integer("people"),
        "member.birth_year, member.schooling",
        "Members of 6 to 16 years who do not go to school; unknown while it, or the age, is not recorded of somebody.",
    ),
    fact(
        "household.main-cause",
        Code("cause"),
        "household.main_cause",
        "The main cause of its poverty; unknown where not stated.",
    ),
    fact(
        "income.year",
        Integer("year"),
        "income-statement.year",
        "The year of the latest income statement up to the day's; unknown without one, as all of the income is.",
    ),
    fact(
        "income.net-per-head",
        Fen,
        "income-statement",
        "Net income per head, rounded down.",
    ),
    fact(
        "income.net",
        Fen,
        "income-statement",
        "The four sources less the expenses of the household's business.",
    ),
    fact("income.wages", Fen, "income-statement.wages", "Wages."),
    fact(
        "income.business",
        Fen,
        "income-statement.business",
        "Income of the household's business.",
    ),
    fact(
        "income.property",
        Fen,
        "income-statement.property",
        "Income from property.",
    ),
    fact(
        "income.transfers",
        Fen,
        "income-statement.transfers",
        "Transfers.",
    ),
    fact(
        "income.expenses",
        Fen,
        "income-statement.expenses",
        "Expenses of the household's business.",
    ),
    fact(
        "income.persons",
        Integer("people"),
        "income-statement.persons",
        "The people it was divided by.",
    ),
    fact(
        "living.surveyed-on",
        Date,
        "living-conditions.surveyed_on",
        "The day of the survey; unknown without one, as all of the living conditions are.",
    ),
    fact(
        "living.house-area",
        Integer("m²"),
        "living-conditions.house_area",
        "Floor of the house.",
    ),
    fact(
        "living.electricity",
        Flag,
        "living-conditions.electricity",
        "Whether there is electricity.",
    ),
    fact(
        "living.toilet",
        Flag,
        "living-conditions.toilet",
        "Whether there is a sanitary toilet.",
    ),
    fact(
        "living.road",
        Flag,
        "living-conditions.road",
        "Whether a hardened road leads to the house.",
    ),
    fact(
        "living.road-distance",
        Integer("metres"),
        "living-conditions.road_distance",
        "To the main road.",
    ),
    fact(
        "living.broadband",
        Flag,
        "living-conditions.broadband",
        "Whether there is broadband.",
    ),
    fact(
        "living.arable-land",
        Integer("1/100 mu"),
        "living-conditions.land.arable",
        "Arable land that it works.",
    ),
    fact(
        "living.allowance-entitled",
        Flag,
        "living-conditions.allowance_entitled",
        "Whether a member is entitled to the allowance, drawn or not.",
    ),
    fact(
        "living.drop-outs",
        Integer("people"),
        "living-conditions.dropouts",
        "Children and young people who have left school before their time.",
    ),
    fact(
        "living.admitted",
        Integer("people"),
        "living-conditions.admitted",
        "Members who were admitted to a school beyond compulsory schooling.",
    ),
    fact(
        "living.admitted-supported",
        Integer("people"),
        "living-conditions.admitted_supported",
        "Those of them who can pay for it to the end.",
    ),
    fact(
        "living.trained",
        Integer("people"),
        "living-conditions.trained",
        "Members who have had job training.",
    ),
    fact(
        "living.skills",
        Integer("skills"),
        "living-conditions.skills",
        "Skills that members have learned.",
    ),
    fact(
        "living.hardship-expenses",
        Fen,
        "living-conditions.hardship_expenses",
        "What it could not help spending within a year; on what is not said, because that may be illness.",
    ),
    fact(
        "household.applied-on",
        Date,
        "case.opened_on",
        "The day on which its identification began that goes on; absent where none does.",
    ),
    fact(
        "exit-survey.on",
        Date,
        "case.steps",
        "The day of the survey in its exit that goes on; unknown without one, as all that the survey found is.",
    ),
    fact(
        "exit-survey.housing",
        Flag,
        "case.steps.conditions",
        "Whether the survey found the first condition of S4.11 met: safe housing.",
    ),
    fact(
        "exit-survey.allowance",
        Flag,
        "case.steps.conditions",
        "The second: the allowance where entitled.",
    ),
    fact(
        "exit-survey.medical",
        Flag,
        "case.steps.conditions",
        "The third: medical insurance.",
    ),
    fact(
        "exit-survey.schooling",
        Flag,
        "case.steps.conditions",
        "The fourth: nobody has dropped out of school.",
    ),
    fact(
        "exit-survey.admitted",
        Flag,
        "case.steps.conditions",
        "The fifth: admitted students can finish.",
    ),
    fact(
        "exit-survey.work",
        Flag,
        "case.steps.conditions",
        "The sixth: job training, and at least one worker out.",
    ),
    fact(
        "exit-survey.skill",
        Flag,
        "case.steps.conditions",
        "The seventh: one or two skills learned.",
    ),
];

const MEMBER: &[Entry] = &[
    fact(
        "member.key",
        Code("id"),
        "member",
        "Stable key; only its order matters.",
    ),
    fact(
        "member.age",
        Integer("years"),
        "member.birth_year",
        "The day's year less the year of birth.",
    ),
    fact(
        "member.labour-capacity",
        Code("labour"),
        "member.labour",
        "Labour capacity; unknown where not recorded.",
    ),
    fact(
        "member.able-to-work",
        Flag,
        "member.labour, member.birth_year",
        "Whether the member is able to work; who is under 16 is not where nothing else is recorded.",
    ),
    fact(
        "member.schooling",
        Code("schooling"),
        "member.schooling",
        "Where the member goes to school, or not; unknown where not recorded.",
    ),
    fact(
        "member.education",
        Code("education"),
        "member.education",
        "Highest schooling; unknown where not recorded.",
    ),
    fact(
        "member.work-region",
        Code("work-region"),
        "member.work_region",
        "Where the member works away; absent who does not.",
    ),
    fact(
        "member.work-months",
        Integer("months"),
        "member.work_months",
        "Months of work in the year; unknown where not recorded.",
    ),
    fact(
        "member.allowance",
        Flag,
        "member.allowance",
        "Whether the member draws the allowance; unknown where not recorded.",
    ),
    fact(
        "member.medical-insurance",
        Flag,
        "member.medical_insurance",
        "Whether the member has resident medical insurance; unknown where not recorded.",
    ),
    fact(
        "member.pension-insurance",
        Flag,
        "member.pension_insurance",
        "Whether the member has resident pension insurance; unknown where not recorded.",
    ),
    fact(
        "member.health",
        Code("health"),
        "member.health",
        "Always withheld: health is sensitive, and only open parts of records become facts.",
    ),
];

const CAUSE: &[Entry] = &[
    fact(
        "cause.code",
        Code("cause"),
        "household.main_cause, household.other_causes",
        "The cause.",
    ),
    fact(
        "cause.main",
        Flag,
        "household.main_cause",
        "Whether it is the main one.",
    ),
];

const MEASURE: &[Entry] = &[
    fact(
        "measure.code",
        Code("measure"),
        "member.measures",
        "The measure.",
    ),
    fact(
        "measure.people",
        Integer("people"),
        "member.measures",
        "The members planned for it.",
    ),
];

const HELPER: &[Entry] = &[
    fact(
        "helper.key",
        Code("id"),
        "cadre",
        "Stable key; only its order matters.",
    ),
    fact(
        "helper.level",
        Code("helper-level"),
        "cadre.rank",
        "Level of the cadre.",
    ),
    fact(
        "helper.township",
        Code("area"),
        "cadre's area",
        "Area code of the township; absent above township level.",
    ),
    fact(
        "helper.village",
        Code("area"),
        "cadre's area",
        "Area code of the village; absent of who belongs to none.",
    ),
    fact(
        "helper.free",
        Integer("households"),
        "none",
        "How many more households; absent, because only the settings limit it.",
    ),
];

const PAIRING: &[Entry] = &[
    fact(
        "pairing.level",
        Code("helper-level"),
        "pairing.level",
        "Level of the helper.",
    ),
    fact(
        "pairing.role",
        Code("pairing-role"),
        "pairing.role",
        "Focus or contact help.",
    ),
    fact(
        "pairing.responsible",
        Flag,
        "pairing.responsible",
        "Whether the helper answers for the household.",
    ),
    fact("pairing.since", Date, "pairing.from", "First day."),
    fact(
        "pairing.visits-in-month",
        Integer("visits"),
        "visit",
        "Visits of the helper to the household in the month that ends with the day.",
    ),
    fact(
        "pairing.visits-in-half-year",
        Integer("visits"),
        "visit",
        "Visits of the helper to the household in the six months that end with the day.",
    ),
    fact(
        "pairing.helper",
        Row("helper"),
        "pairing.cadre",
        "The helper's row; absent where the helper is in no table of this input.",
    ),
];

const PAYMENT: &[Entry] = &[
    fact(
        "payment.amount",
        Fen,
        "payment-batch.payments.amount",
        "How much.",
    ),
    fact("payment.on", Date, "payment-batch.on", "The batch's day."),
    fact(
        "payment.channel",
        Code("fund-channel"),
        "account.channel",
        "Where the money of the fund that pays comes from; unknown where its account is closed.",
    ),
    fact(
        "payment.purpose",
        Code("fund-purpose"),
        "account.purpose",
        "What that fund is for; unknown where its account is closed.",
    ),
    fact(
        "payment.decided",
        Flag,
        "payment-batch.payments.decision",
        "Whether it follows a decision: then it counts against what that gives, and a policy leaves it to that.",
    ),
];

const COOPERATIVE: &[Entry] = &[
    fact(
        "co-operative.key",
        Code("id"),
        "co-operative",
        "Stable key; only its order matters.",
    ),
    fact("co-operative.name", Text, "co-operative.name", "Its name."),
    fact(
        "co-operative.capital",
        Fen,
        "co-operative.capital",
        "Its whole capital.",
    ),
    fact(
        "co-operative.poverty-fund",
        Fen,
        "shareholding.equity, shareholding.poverty_fund",
        "Its open shareholdings that were paid from poverty funds.",
    ),
    fact(
        "dividend.year",
        Integer("year"),
        "dividend.year",
        "The year of the latest dividend up to the day's; absent without one.",
    ),
    fact(
        "dividend.return",
        Fen,
        "dividend.amount",
        "The return of that year on the equity from poverty funds; absent without one.",
    ),
    fact(
        "dividend.distributed",
        Fen,
        "dividend.payments",
        "What of it was distributed already; absent without one.",
    ),
];

const SHAREHOLDING: &[Entry] = &[
    fact(
        "shareholding.key",
        Code("id"),
        "shareholding",
        "Stable key; only its order matters.",
    ),
    fact(
        "shareholding.holder",
        Code("holder"),
        "shareholding.holder",
        "Whose it is.",
    ),
    fact(
        "shareholding.equity",
        Fen,
        "shareholding.equity",
        "How much.",
    ),
    fact(
        "shareholding.share",
        Ppm,
        "shareholding.equity, co-operative.capital",
        "The part of the co-operative's whole capital, rounded to the nearest.",
    ),
    fact(
        "shareholding.poverty-fund",
        Flag,
        "shareholding.poverty_fund",
        "Whether it was paid from poverty funds.",
    ),
    fact(
        "shareholding.household",
        Row("household"),
        "shareholding.household",
        "The household's row; absent of other holders and where the household is closed.",
    ),
];

const APPLICATION: &[Entry] = &[
    fact(
        "application.amount",
        Fen,
        "loan.amount",
        "What is asked for.",
    ),
    fact(
        "application.months",
        Integer("months"),
        "loan.months",
        "For how long.",
    ),
    fact("application.rate", Ppm, "loan.rate", "A year's rate."),
    fact(
        "application.purpose",
        Code("loan-purpose"),
        "loan.purpose",
        "What it is for.",
    ),
    fact(
        "application.household-type",
        Code("household-type"),
        "household.type",
        "The registered type of the household; unknown where it is not registered any more.",
    ),
    fact(
        "application.guarantor",
        Flag,
        "loan.guarantor",
        "Whether a cadre guarantees it.",
    ),
    fact(
        "application.guarantor-helps",
        Flag,
        "loan.guarantor, pairing",
        "Whether that cadre is a helper of the household on the day; absent where nobody guarantees it.",
    ),
    fact(
        "application.leverage",
        Ppm,
        "guarantee-fund.leverage",
        "How much the lender lends for what is in the guarantee fund behind it; absent where there is none.",
    ),
    fact(
        "application.owed",
        Fen,
        "loan",
        "The principal of the household's other loans that has not come back, and what it has applied for or been granted \
         besides.",
    ),
    fact(
        "application.overdue",
        Flag,
        "loan",
        "Whether something of the household's other loans is overdue on the day.",
    ),
    fact(
        "application.defaults",
        Integer("loans"),
        "loan.steps",
        "The household's loans that were not repaid without an excuse.",
    ),
    fact(
        "application.blacklisted",
        Flag,
        "blacklisting",
        "Whether the household is blacklisted on the day.",
    ),
];

const LOAN: &[Entry] = &[
    fact("loan.amount", Fen, "loan.amount", "What was lent."),
    fact(
        "loan.months",
        Integer("months"),
        "loan.months",
        "For how long.",
    ),
    fact("loan.rate", Ppm, "loan.rate", "A year's rate."),
    fact(
        "loan.purpose",
        Code("loan-purpose"),
        "loan.purpose",
        "What it is for.",
    ),
    fact(
        "loan.household-type",
        Code("household-type"),
        "household.type",
        "The registered type of the household; unknown where it is not registered any more.",
    ),
    fact(
        "loan.guaranteed",
        Flag,
        "loan.fund",
        "Whether a guarantee fund stands behind it.",
    ),
    fact(
        "loan.disbursed-on",
        Date,
        "loan.steps",
        "The day on which it was paid out.",
    ),
    fact(
        "loan.interest-accrued",
        Fen,
        "loan",
        "The interest until the day, by actual days and years of 360.",
    ),
    fact(
        "loan.interest-paid",
        Fen,
        "loan.repayments",
        "The interest that was paid until the day.",
    ),
    fact(
        "loan.interest-until-overdue",
        Fen,
        "loan",
        "The interest until the first day that ended with something due and not paid; all of it where there was none.",
    ),
    fact(
        "loan.overdue",
        Flag,
        "loan",
        "Whether something that was due earlier is not paid on the day.",
    ),
    fact(
        "loan.subsidised",
        Fen,
        "loan.subsidies",
        "What the fund has taken over of the interest.",
    ),
    fact(
        "loan.blacklisted",
        Flag,
        "blacklisting",
        "Whether the household is blacklisted on the day.",
    ),
];
