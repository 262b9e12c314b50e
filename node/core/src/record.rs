//! Records: typed documents, one file a kind.
//!
//! A kind declares in its own file what it holds, which of it is personal and of which class ([`Body::parts`]), by
//! which terms it is found ([`Body::keys`]), what it adds to the totals ([`Body::tallies`]), what it moves between
//! accounts ([`Body::postings`]), and what must hold of it by itself ([`Body::parse`]). What must hold between records is in [`crate::command`].

mod account;
mod alert;
mod approval;
mod area;
mod blacklisting;
mod book_closing;
mod budget;
mod cadre;
mod calendar;
mod case;
mod collective_income;
mod commitment;
mod comparison;
mod contract;
mod cooperative;
mod cover;
mod decision;
mod dividend;
mod doubt;
mod enactment;
mod enterprise;
mod evaluation;
mod field;
mod guarantee_fund;
mod household;
mod household_event;
mod income_statement;
mod key;
mod living_conditions;
mod loan;
mod measure;
mod member;
mod node;
mod notice;
mod objection;
mod officer;
mod official_statistic;
mod pairing;
mod payment_batch;
mod payment_return;
mod policy;
mod procedure;
mod project;
mod report;
mod reporting_window;
mod shareholding;
mod training;
mod transfer;
mod unit;
mod village_team;
mod visit;

mod answerable;
mod assessment;
mod award;
mod duty;
mod finding;
mod post;
mod responsibility_letter;
mod sanction;
mod satisfaction_survey;
mod task;

mod ownership_transfer;
mod rollup_commitment;
mod village_batch;

use bytes::Bytes;
use prost::Message;

pub use self::{
    account::{Account, Fund, Side},
    alert::{Alert, Detail, Resolution},
    approval::Approval,
    area::{Area, area_id},
    blacklisting::{Answer, Appeal, Blacklisting, BlacklistingTexts},
    book_closing::BookClosing,
    budget::Budget,
    cadre::{Cadre, CadreIdentity, HelperLevel},
    calendar::Calendar,
    case::{Case, CaseSubject, ConditionFound, Taken, Votes},
    collective_income::CollectiveIncome,
    commitment::Commitment,
    comparison::Comparison,
    contract::Contract,
    cooperative::Cooperative,
    cover::Cover,
    decision::{Compared, Decision, Outcome, Proposal, Reason, decision_id},
    dividend::{Dividend, Payment},
    doubt::{Doubt, Statement, Verification},
    enactment::Enactment,
    enterprise::Enterprise,
    evaluation::{Evaluation, EvaluationTable},
    field::{Fault, Problem},
    guarantee_fund::GuaranteeFund,
    household::{Household, HouseholdIdentity},
    household_event::HouseholdEvent,
    income_statement::IncomeStatement,
    key::{Index, Key, Term},
    living_conditions::{Land, LivingConditions},
    loan::{Loan, LoanStage, LoanStep, Recourse, Repayment, Subsidy},
    measure::Measure,
    member::{Member, MemberIdentity},
    node::Node,
    notice::{Item, Notice},
    objection::{Objection, ObjectionFinding, ObjectionTexts},
    officer::{Grant, Officer, OfficerIdentity},
    official_statistic::OfficialStatistic,
    ownership_transfer::{Handle, KeeperSignature, OwnershipTransfer, Side as OwnershipSide},
    pairing::Pairing,
    payment_batch::{Entitlement, HouseholdPayment, PaymentBatch, Sent},
    payment_return::{PaymentResult, PaymentReturn},
    policy::Policy,
    procedure::{Procedure, Step},
    project::{End, Project, ReachedStage, Stage},
    report::{Act, Figure, Report, Turn},
    reporting_window::{IndicatorVersion, ReportingWindow},
    rollup_commitment::RollupCommitment,
    shareholding::{Holder, Shareholding},
    training::Training,
    transfer::{Direction, Posting, Transfer},
    unit::Unit,
    village_batch::VillageBatch,
    village_team::{Seat, VillageTeam},
    visit::Visit,
};
pub use self::{
    answerable::Answerable,
    assessment::{Assessment, Basis},
    award::Award,
    duty::{Bound, Duty},
    finding::{Finding, FindingTexts, Settled},
    post::Post,
    responsibility_letter::{ResponsibilityLetter, Signature},
    sanction::{Rung, Sanction},
    satisfaction_survey::SatisfactionSurvey,
    task::Task,
};
use crate::{
    log::{Class, Draft, Entry, Kind, Part, PartState},
    rollup::{Coverage, Tally},
    value::{AreaCode, RecordId},
};

/// The encoded parts of a record: what the log keeps apart.
///
/// A sealed part that is not listed is not known here (withheld, or there is none) or not given (in a command). An empty
/// one in a command clears what there was; the log then lists none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The `Open` message.
    pub open: Bytes,
    /// The sealed messages by class, ascending.
    pub sealed: Vec<(Class, Bytes)>,
}

impl Parts {
    /// Takes over from an earlier revision the sealed parts that this one does not give.
    pub fn inherit(&mut self, earlier: &Self) {
        for (class, content) in &earlier.sealed {
            if self.sealed.iter().all(|(given, _)| given != class) {
                self.sealed.push((*class, content.clone()));
            }
        }
        self.sealed.sort_by_key(|(class, _)| *class);
    }

    /// The parts that an entry discloses.
    pub fn of_entry(entry: &Entry) -> Self {
        let sealed = entry
            .sealed()
            .iter()
            .filter_map(|part| match &part.state {
                PartState::Disclosed(_, content) => Some((part.class, content.clone())),
                PartState::Encrypted(_) | PartState::Withheld => None,
            })
            .collect();
        Self {
            open: entry.open().clone(),
            sealed,
        }
    }

    /// The sealed parts as a draft carries them; empty ones are left out.
    pub fn into_draft_parts(self, subject: RecordId) -> (Bytes, Vec<Part>) {
        let sealed = self
            .sealed
            .into_iter()
            .filter(|(_, content)| !content.is_empty())
            .map(|(class, content)| Part {
                subject,
                class,
                content,
            })
            .collect();
        (self.open, sealed)
    }

    fn part<M: Message + Default>(&self, class: Class) -> Result<Option<M>, Fault> {
        self.sealed
            .iter()
            .find(|(given, _)| *given == class)
            .map(|(_, content)| {
                M::decode(content.clone()).map_err(|_| Fault::new("parts", Problem::Unreadable))
            })
            .transpose()
    }
}

/// What every kind declares about itself.
pub(crate) trait Document: Sized {
    /// The message on the wire; its fields `open`, `identity` … are the parts.
    type Message: Message + Default;

    /// Checks a message and takes what is in it.
    fn parse(message: Self::Message) -> Result<Self, Fault>;

    /// The message; what is not known here is left out.
    fn message(&self) -> Self::Message;

    /// Cuts a message into its parts.
    fn split(message: Self::Message) -> Parts;

    /// Puts a message together from its parts.
    fn join(parts: &Parts) -> Result<Self::Message, Fault>;

    /// Whose keys seal the personal parts: the record itself unless the kind says otherwise.
    fn subject(&self, own: RecordId) -> RecordId {
        own
    }

    /// By what it is found, besides kind and area.
    fn keys(&self) -> Vec<Key>;

    /// What it adds to the totals of its area while it is not closed.
    fn tallies(&self) -> Vec<Tally>;

    /// What it moves between accounts while it is not closed; the amounts add up to nothing.
    fn postings(&self) -> Vec<Posting> {
        Vec::new()
    }

    /// With which other records it adds to the totals together, because somebody counts once.
    fn coverages(&self) -> Vec<Coverage> {
        Vec::new()
    }
}

/// Implements the cutting and joining of a message whose parts are fields of the same names.
macro_rules! parts {
    ($message:ident $(, $field:ident = $class:ident)*) => {
        fn split(message: message::$message) -> $crate::record::Parts {
            let message::$message { open $(, $field)* } = message;
            let mut sealed: Vec<($crate::log::Class, bytes::Bytes)> = Vec::new();
            $(
                if let Some(part) = $field {
                    sealed.push(($crate::log::Class::$class, prost::Message::encode_to_vec(&part).into()));
                }
            )*
            sealed.sort_by_key(|(class, _)| *class);
            let open = prost::Message::encode_to_vec(&open.unwrap_or_default()).into();
            $crate::record::Parts { open, sealed }
        }

        fn join(parts: &$crate::record::Parts) -> Result<message::$message, $crate::record::Fault> {
            Ok(message::$message {
                open: Some($crate::record::decode_open(&parts.open)?),
                $($field: parts.part($crate::log::Class::$class)?,)*
            })
        }
    };
}
pub(crate) use parts;

fn decode_open<M: Message + Default>(bytes: &Bytes) -> Result<M, Fault> {
    M::decode(bytes.clone()).map_err(|_| Fault::new("open", Problem::Unreadable))
}

macro_rules! bodies {
    ($($kind:ident,)*) => {
        /// What a record says, by kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Body {
            $(#[doc = concat!("See [`", stringify!($kind), "`].")] $kind($kind),)*
        }

        /// The message of a record, by kind: what clients send and receive.
        #[derive(Clone, Debug, PartialEq)]
        pub enum BodyMessage {
            $(#[doc = concat!("See [`", stringify!($kind), "`].")] $kind(lika_proto::log::v1::$kind),)*
        }

        impl Body {
            /// The kind.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind,)* }
            }

            /// Checks a message and takes what is in it.
            pub fn parse(message: BodyMessage) -> Result<Self, Fault> {
                Ok(match message { $(BodyMessage::$kind(message) => Self::$kind($kind::parse(message)?),)* })
            }

            /// The message; what is not known here is left out.
            pub fn message(&self) -> BodyMessage {
                match self { $(Self::$kind(body) => BodyMessage::$kind(body.message()),)* }
            }

            /// The encoded parts.
            pub fn parts(&self) -> Parts {
                match self { $(Self::$kind(body) => $kind::split(body.message()),)* }
            }

            /// Reads the parts of a record. A kind of a newer version is a fault.
            pub fn from_parts(kind: Kind, parts: &Parts) -> Result<Self, Fault> {
                Ok(match kind {
                    $(Kind::$kind => Self::$kind($kind::parse($kind::join(parts)?)?),)*
                    Kind::Unknown(_) => return Err(Fault::new("kind", Problem::UnknownKind)),
                })
            }

            /// Whose keys seal the personal parts.
            pub fn subject(&self, own: RecordId) -> RecordId {
                match self { $(Self::$kind(body) => body.subject(own),)* }
            }

            /// By what it is found, besides kind and area.
            pub fn keys(&self) -> Vec<Key> {
                match self { $(Self::$kind(body) => body.keys(),)* }
            }

            /// What it adds to the totals of its area while it is not closed.
            pub fn tallies(&self) -> Vec<Tally> {
                match self { $(Self::$kind(body) => body.tallies(),)* }
            }

            /// What it moves between accounts while it is not closed; the amounts add up to nothing.
            pub fn postings(&self) -> Vec<Posting> {
                match self { $(Self::$kind(body) => body.postings(),)* }
            }

            /// With which other records it adds to the totals together, because somebody counts once.
            pub fn coverages(&self) -> Vec<Coverage> {
                match self { $(Self::$kind(body) => body.coverages(),)* }
            }
        }

        $(
            impl From<$kind> for Body {
                fn from(body: $kind) -> Self {
                    Self::$kind(body)
                }
            }

            impl From<lika_proto::log::v1::$kind> for BodyMessage {
                fn from(message: lika_proto::log::v1::$kind) -> Self {
                    Self::$kind(message)
                }
            }
        )*
    };
}

bodies! {
    Area,
    Household,
    Member,
    IncomeStatement,
    Cadre,
    Unit,
    Pairing,
    VillageTeam,
    Visit,
    OfficialStatistic,
    Officer,
    Policy,
    Enactment,
    Evaluation,
    Decision,
    Node,
    LivingConditions,
    Cooperative,
    Shareholding,
    Dividend,
    Alert,
    Account,
    Transfer,
    BookClosing,
    Commitment,
    Budget,
    Measure,
    Project,
    Enterprise,
    Contract,
    Training,
    Cover,
    CollectiveIncome,
    Procedure,
    Calendar,
    Case,
    Notice,
    Objection,
    PaymentBatch,
    PaymentReturn,
    Comparison,
    Doubt,
    ReportingWindow,
    Report,
    HouseholdEvent,
    Post,
    Duty,
    Task,
    Finding,
    Sanction,
    ResponsibilityLetter,
    SatisfactionSurvey,
    Assessment,
    Award,
    GuaranteeFund,
    Loan,
    Blacklisting,
    VillageBatch,
    RollupCommitment,
    OwnershipTransfer,
}

/// A record as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record.
    pub id: RecordId,
    /// The area it belongs to.
    pub area: AreaCode,
    /// From 1.
    pub revision: u32,
    /// Whether its last entry closed it.
    pub closed: bool,
    /// What it says.
    pub body: Body,
}

impl Record {
    /// The draft that writes this state.
    pub fn draft(&self, action: crate::log::Action, parts: Parts) -> Draft {
        let (open, sealed) = parts.into_draft_parts(self.body.subject(self.id));
        Draft {
            action,
            kind: self.body.kind(),
            record: self.id,
            revision: self.revision,
            area: self.area,
            open,
            sealed,
        }
    }
}
