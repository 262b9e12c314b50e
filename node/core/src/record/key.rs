//! By what records are found.

use crate::value::RecordId;

/// An index of the registry. The number is part of the registry's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// Household → its members.
    MembersOfHousehold,
    /// Identity document, normalised → members. Blind.
    Document,
    /// 人编号 → members. Blind.
    MemberNumber,
    /// 户编号 → households. Blind.
    HouseholdNumber,
    /// Whole name → members. Blind.
    MemberName,
    /// Household ‖ year → income statements.
    IncomeOfHousehold,
    /// Household ‖ helper level ‖ responsible → pairings.
    PairingsOfHousehold,
    /// Cadre → pairings.
    PairingsOfCadre,
    /// Cadre's or unit's record → village teams in which it has a seat.
    TeamsOfHolder,
    /// Household ‖ date → visits.
    VisitsOfHousehold,
    /// Cadre ‖ date → visits.
    VisitsOfCadre,
    /// Number in the county's list → cadres. Blind.
    CadreNumber,
    /// Unit's name → units.
    UnitName,
    /// Sign-in name → officers. Blind.
    Login,
    /// Purpose → enactments.
    EnactmentsOfPurpose,
    /// Subject → decisions.
    DecisionsOfSubject,
    /// Purpose → decisions.
    DecisionsOfPurpose,
    /// Enactment → evaluations.
    EvaluationsOfEnactment,
    /// Component digest → policies.
    PolicyComponent,
    /// Co-operative → shareholdings.
    SharesOfCooperative,
    /// Household → shareholdings.
    SharesOfHousehold,
    /// What they are about → alerts.
    AlertsAbout,
    /// Transfer → the transfer that reverses it, posted or proposed.
    ReversalsOfTransfer,
    /// Account → commitments.
    CommitmentsOfAccount,
    /// Commitment → transfers that settle it, posted or proposed.
    SettlementsOfCommitment,
    /// Household → payment batches with a payment to it.
    PaymentsToHousehold,
    /// Decision → payment batches with a payment that follows it.
    PaymentsOfDecision,
    /// Payment batch → those that make a failed payment of it good.
    ReissuesOfBatch,
    /// Account → payment batches that leave it, or are in transit on it.
    PaymentsOfAccount,
    /// Household ‖ what counts → measures.
    MeasuresOfHousehold,
    /// Member ‖ what counts → measures.
    MeasuresOfMember,
    /// Project → measures.
    MeasuresOfProject,
    /// Household ‖ what counts → contracts.
    ContractsOfHousehold,
    /// Co-operative's or enterprise's record → contracts.
    ContractsOfOrganisation,
    /// Household ‖ what counts → covers.
    CoversOfHousehold,
    /// Code → measures of villages.
    MeasuresOfVillages,
    /// Case kind → procedures.
    ProceduresOfKind,
    /// Subject ‖ case kind → cases.
    CasesOfSubject,
    /// Due day → cases; those of no due day are not in it.
    CasesDue,
    /// Case → objections that are not answered, or upheld.
    ObjectionsOfCase,
    /// Notice → objections that are not answered, or upheld.
    ObjectionsOfNotice,
    /// Day by which it is answered → objections that are not answered.
    ObjectionsDue,
    /// Case → notices that list it.
    NoticesOfCase,
    /// Member → doubts.
    DoubtsOfMember,
    /// Member, source and what the list says → the doubt about it. Blind.
    DoubtOfHit,
    /// Day on which it was raised → doubts that nobody has verified.
    DoubtsWaiting,
    /// Window → reports.
    ReportsOfWindow,
    /// Period ‖ area → reports that count as given.
    LockedFigures,
    /// Household, or the other one of the event ‖ day → household events.
    EventsOfHousehold,
    /// Member ‖ day → household events.
    EventsOfMember,
    /// Cadre → posts.
    PostsOfCadre,
    /// Role → posts.
    PostsOfRole,
    /// Code → duties.
    Duties,
    /// Deadline → findings that are not settled.
    FindingsDue,
    /// Subject ‖ day → sanctions.
    SanctionsOfSubject,
    /// Finding → sanctions.
    SanctionsOfFinding,
    /// Rhythm ‖ period → assessments.
    AssessmentsOfPeriod,
    /// Household ‖ what counts → loans.
    LoansOfHousehold,
    /// Guarantee fund → loans for whose principal the lender waits.
    LoansOfFund,
    /// Transfer → loans that count on it.
    LoansOfTransfer,
    /// Account → the guarantee fund that it is deposited for.
    FundsOfAccount,
    /// Household → blacklistings, in force or not.
    BlacklistingsOfHousehold,
    /// Member → blacklistings, in force or not.
    BlacklistingsOfMember,
    /// Village → whole-village batches.
    BatchesOfVillage,
    /// Whole-village batch → projects.
    ProjectsOfBatch,
}

impl Index {
    /// Every index.
    pub const ALL: [Self; 65] = [
        Self::MembersOfHousehold,
        Self::Document,
        Self::MemberNumber,
        Self::HouseholdNumber,
        Self::MemberName,
        Self::IncomeOfHousehold,
        Self::PairingsOfHousehold,
        Self::PairingsOfCadre,
        Self::TeamsOfHolder,
        Self::VisitsOfHousehold,
        Self::VisitsOfCadre,
        Self::CadreNumber,
        Self::UnitName,
        Self::Login,
        Self::EnactmentsOfPurpose,
        Self::DecisionsOfSubject,
        Self::DecisionsOfPurpose,
        Self::EvaluationsOfEnactment,
        Self::PolicyComponent,
        Self::SharesOfCooperative,
        Self::SharesOfHousehold,
        Self::AlertsAbout,
        Self::ReversalsOfTransfer,
        Self::CommitmentsOfAccount,
        Self::SettlementsOfCommitment,
        Self::PaymentsToHousehold,
        Self::PaymentsOfDecision,
        Self::ReissuesOfBatch,
        Self::PaymentsOfAccount,
        Self::MeasuresOfHousehold,
        Self::MeasuresOfMember,
        Self::MeasuresOfProject,
        Self::ContractsOfHousehold,
        Self::ContractsOfOrganisation,
        Self::CoversOfHousehold,
        Self::MeasuresOfVillages,
        Self::ProceduresOfKind,
        Self::CasesOfSubject,
        Self::CasesDue,
        Self::ObjectionsOfCase,
        Self::ObjectionsOfNotice,
        Self::ObjectionsDue,
        Self::NoticesOfCase,
        Self::DoubtsOfMember,
        Self::DoubtOfHit,
        Self::DoubtsWaiting,
        Self::ReportsOfWindow,
        Self::LockedFigures,
        Self::EventsOfHousehold,
        Self::EventsOfMember,
        Self::PostsOfCadre,
        Self::PostsOfRole,
        Self::Duties,
        Self::FindingsDue,
        Self::SanctionsOfSubject,
        Self::SanctionsOfFinding,
        Self::AssessmentsOfPeriod,
        Self::LoansOfHousehold,
        Self::LoansOfFund,
        Self::LoansOfTransfer,
        Self::FundsOfAccount,
        Self::BlacklistingsOfHousehold,
        Self::BlacklistingsOfMember,
        Self::BatchesOfVillage,
        Self::ProjectsOfBatch,
    ];

    /// The number in the registry's keys.
    pub fn number(self) -> u8 {
        match self {
            Self::MembersOfHousehold => 1,
            Self::Document => 2,
            Self::MemberNumber => 3,
            Self::HouseholdNumber => 4,
            Self::MemberName => 5,
            Self::IncomeOfHousehold => 6,
            Self::PairingsOfHousehold => 7,
            Self::PairingsOfCadre => 8,
            Self::TeamsOfHolder => 9,
            Self::VisitsOfHousehold => 10,
            Self::VisitsOfCadre => 11,
            Self::CadreNumber => 12,
            Self::UnitName => 13,
            Self::Login => 14,
            Self::EnactmentsOfPurpose => 15,
            Self::DecisionsOfSubject => 16,
            Self::DecisionsOfPurpose => 17,
            Self::EvaluationsOfEnactment => 18,
            Self::PolicyComponent => 19,
            Self::SharesOfCooperative => 20,
            Self::SharesOfHousehold => 21,
            Self::AlertsAbout => 22,
            Self::ReversalsOfTransfer => 23,
            Self::CommitmentsOfAccount => 24,
            Self::SettlementsOfCommitment => 25,
            Self::PaymentsToHousehold => 26,
            Self::PaymentsOfDecision => 27,
            Self::ReissuesOfBatch => 28,
            Self::PaymentsOfAccount => 29,
            Self::MeasuresOfHousehold => 43,
            Self::MeasuresOfMember => 44,
            Self::MeasuresOfProject => 45,
            Self::ContractsOfHousehold => 46,
            Self::ContractsOfOrganisation => 47,
            Self::CoversOfHousehold => 48,
            Self::MeasuresOfVillages => 49,
            Self::ProceduresOfKind => 33,
            Self::CasesOfSubject => 34,
            Self::CasesDue => 35,
            Self::ObjectionsOfCase => 36,
            Self::ObjectionsOfNotice => 37,
            Self::ObjectionsDue => 38,
            Self::NoticesOfCase => 39,
            Self::DoubtsOfMember => 70,
            Self::DoubtOfHit => 71,
            Self::DoubtsWaiting => 72,
            Self::ReportsOfWindow => 73,
            Self::LockedFigures => 74,
            Self::EventsOfHousehold => 80,
            Self::EventsOfMember => 81,
            Self::PostsOfCadre => 60,
            Self::PostsOfRole => 61,
            Self::Duties => 62,
            Self::FindingsDue => 63,
            Self::SanctionsOfSubject => 64,
            Self::SanctionsOfFinding => 65,
            Self::AssessmentsOfPeriod => 66,
            Self::LoansOfHousehold => 50,
            Self::LoansOfFund => 51,
            Self::LoansOfTransfer => 52,
            Self::FundsOfAccount => 53,
            Self::BlacklistingsOfHousehold => 54,
            Self::BlacklistingsOfMember => 55,
            Self::BatchesOfVillage => 90,
            Self::ProjectsOfBatch => 91,
        }
    }
}

/// One way to find a record; the registry appends the record's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The index.
    pub index: Index,
    /// What is looked up.
    pub term: Term,
}

/// What is looked up in an index.
#[derive(Clone, PartialEq, Eq)]
pub enum Term {
    /// As it is. Fixed parts come first, so that a prefix is a question.
    Open(Vec<u8>),
    /// Personal: the registry keys it with the node's index key before it touches the disk.
    Blind(String),
}

/// A blind term is personal and is never printed.
impl std::fmt::Debug for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open(bytes) => write!(f, "Open({bytes:02x?})"),
            Self::Blind(_) => f.write_str("Blind(…)"),
        }
    }
}

impl Key {
    /// A key over bytes that are not personal.
    pub fn open(index: Index, parts: &[&[u8]]) -> Self {
        Self {
            index,
            term: Term::Open(parts.concat()),
        }
    }

    /// A key over a record's id.
    pub fn record(index: Index, id: &RecordId) -> Self {
        Self::open(index, &[&id.0])
    }

    /// A key over personal text.
    pub fn blind(index: Index, text: impl Into<String>) -> Self {
        Self {
            index,
            term: Term::Blind(text.into()),
        }
    }
}
