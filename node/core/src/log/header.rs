//! The header: who did what to which record, at which place in the log.

use lika_proto::log::v1 as message;
use prost::Message as _;

use crate::{
    log::Error,
    value::{ActorId, AreaCode, Digest, NodeId, RecordId, RequestId},
};

/// The suite that this version writes: SHA-256, ed25519, AES-256-GCM.
const SUITE: u32 = 1;

/// Who did what to which record, when, and at which place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The node that wrote the entry.
    pub node: NodeId,
    /// Opened by a restore; 1 in a log that was never restored.
    pub epoch: u32,
    /// From 1 without gaps within an epoch.
    pub seq: u64,
    /// The hash of the entry before; [`Digest::ZERO`] for the first.
    pub previous: Digest,
    /// Milliseconds since 1970-01-01T00:00:00Z; never less than the entry before.
    pub recorded_at: u64,
    /// Who acted: an officer's record id or a node's id.
    pub actor: ActorId,
    /// The command that caused it.
    pub request: RequestId,
    /// What was done.
    pub action: Action,
    /// The kind of the record.
    pub kind: Kind,
    /// The record.
    pub record: RecordId,
    /// The revision that this entry makes, from 1.
    pub revision: u32,
    /// The area that the record belongs to.
    pub area: AreaCode,
}

impl Header {
    /// Encodes the header. It is done once, when the entry is made; from then on the bytes are the header.
    pub fn encode(&self) -> Vec<u8> {
        let Self {
            node,
            epoch,
            seq,
            previous,
            recorded_at,
            actor,
            request,
            action,
            kind,
            record,
            revision,
            area,
        } = self;
        message::Header {
            suite: SUITE,
            node: node.0.to_vec(),
            epoch: *epoch,
            seq: *seq,
            previous: previous.0.to_vec(),
            recorded_at: *recorded_at,
            actor: actor.0.to_vec(),
            request: request.0.to_vec(),
            action: action.number(),
            kind: kind.number(),
            record: record.0.to_vec(),
            revision: *revision,
            area: area.digits().to_owned(),
        }
        .encode_to_vec()
    }

    /// Reads a header and checks that every field is what it says.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let header = message::Header::decode(bytes).map_err(|_| Error::Malformed("header"))?;
        if header.suite != SUITE {
            return Err(Error::UnknownSuite(header.suite));
        }
        Ok(Self {
            node: NodeId(array(&header.node, "node")?),
            epoch: header.epoch,
            seq: header.seq,
            previous: Digest(array(&header.previous, "previous")?),
            recorded_at: header.recorded_at,
            actor: ActorId(array(&header.actor, "actor")?),
            request: RequestId(array(&header.request, "request")?),
            action: Action::from_number(header.action).ok_or(Error::Malformed("action"))?,
            kind: Kind::from_number(header.kind).ok_or(Error::Malformed("kind"))?,
            record: RecordId(array(&header.record, "record")?),
            revision: header.revision,
            area: AreaCode::parse(&header.area).map_err(|_| Error::Malformed("area"))?,
        })
    }
}

/// What an entry does to its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Makes the first revision.
    Create,
    /// Makes a later revision.
    Change,
    /// Makes the last revision: the record stays readable and no longer counts.
    Close,
}

impl Action {
    /// The number in the log.
    pub fn number(self) -> i32 {
        match self {
            Self::Create => 1,
            Self::Change => 2,
            Self::Close => 3,
        }
    }

    /// Reads the number in the log.
    pub fn from_number(number: i32) -> Option<Self> {
        [Self::Create, Self::Change, Self::Close]
            .into_iter()
            .find(|action| action.number() == number)
    }
}

/// The class of a sealed part: what an agreement can allow or withhold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Who somebody is: name, documents, address, phone, account.
    Identity,
    /// What may hurt if known: health, disability.
    Sensitive,
    /// Text that people typed, which may contain anything.
    FreeText,
    /// What opens a door: password hashes. Leaves the node under no agreement.
    Credential,
}

impl Class {
    /// The number in the log and under the hash.
    pub fn number(self) -> u8 {
        match self {
            Self::Identity => 1,
            Self::Sensitive => 2,
            Self::FreeText => 3,
            Self::Credential => 4,
        }
    }

    /// Reads the number in the log.
    pub fn from_number(number: i32) -> Option<Self> {
        [
            Self::Identity,
            Self::Sensitive,
            Self::FreeText,
            Self::Credential,
        ]
        .into_iter()
        .find(|class| i32::from(class.number()) == number)
    }
}

macro_rules! kinds {
    ($($name:ident = $number:literal $label:literal: $doc:literal,)*) => {
        /// The kind of a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $doc] $name,)*
            /// A kind of a newer peer: stored, verified, not projected.
            Unknown(u32),
        }

        impl Kind {
            /// Every kind that this version knows.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The number in the log.
            pub fn number(self) -> u32 {
                match self {
                    $(Self::$name => $number,)*
                    Self::Unknown(number) => number,
                }
            }

            /// Reads the number in the log; 0 is never a kind.
            pub fn from_number(number: u32) -> Option<Self> {
                match number {
                    0 => None,
                    $($number => Some(Self::$name),)*
                    other => Some(Self::Unknown(other)),
                }
            }

            /// The word for it in messages and addresses.
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)*
                    Self::Unknown(_) => "unknown",
                }
            }
        }
    };
}

kinds! {
    Area = 1 "area": "An area of the administrative division.",
    Household = 2 "household": "A registered household: the card.",
    Member = 3 "member": "A person, with a dated membership in a household.",
    IncomeStatement = 4 "income-statement": "A household's income of one year.",
    Cadre = 5 "cadre": "A cadre who can be a helper.",
    Unit = 6 "unit": "An organisation that can sponsor a village.",
    Pairing = 7 "pairing": "A helper bound to a household.",
    VillageTeam = 8 "village-team": "The team of one village.",
    Visit = 9 "visit": "A visit to a household or a village.",
    OfficialStatistic = 10 "official-statistic": "A figure published by a statistical office.",
    Officer = 11 "officer": "A person who signs in, with roles.",
    Policy = 12 "policy": "A policy: a WebAssembly component and its manifest.",
    Enactment = 13 "enactment": "A policy with settings, in force for a purpose.",
    Evaluation = 14 "evaluation": "One run of a policy over one subject or one group.",
    Decision = 15 "decision": "What a policy said of one subject for one purpose.",
    Node = 16 "node": "A node of the federation.",
    LivingConditions = 17 "living-conditions": "How a household lives, and which exit conditions it meets.",
    Cooperative = 18 "co-operative": "A co-operative that holds money of poverty funds.",
    Shareholding = 19 "shareholding": "Equity of one holder in a co-operative.",
    Dividend = 20 "dividend": "What a co-operative returned in a year, and who got it.",
    Alert = 21 "alert": "Something that a person has to look at.",
    Account = 22 "account": "Money of one channel, or somebody whom money comes from or goes to.",
    Transfer = 23 "transfer": "Money that goes from one account to another.",
    BookClosing = 24 "book-closing": "The end of a year's books.",
    Commitment = 25 "commitment": "What an account owes already.",
    Budget = 26 "budget": "What is planned for a year.",
    PaymentBatch = 27 "payment-batch": "Money of a fund that a bank pays out to households.",
    PaymentReturn = 28 "payment-return": "What a bank made of a payment batch.",
    Measure = 38 "measure": "Help given to one household or village.",
    Project = 39 "project": "A project, from its proposal to its follow-up.",
    Enterprise = 40 "enterprise": "A company that households have contracts with.",
    Contract = 41 "contract": "What a household has signed with an organisation.",
    Training = 42 "training": "A training course, a joint meeting or an advisory visit.",
    Cover = 43 "cover": "An insurance of a household or of one member.",
    CollectiveIncome = 44 "collective-income": "The collective income of a village in a year.",
    Procedure = 30 "procedure": "What cases of one kind go through in an area.",
    Calendar = 31 "calendar": "The working days of a year where they differ from Monday to Friday.",
    Case = 32 "case": "What one household, person or village goes through by a procedure.",
    Notice = 33 "notice": "What is posted for everybody to read and to object to.",
    Objection = 34 "objection": "What somebody objects to in a notice.",
    Comparison = 60 "comparison": "A list of another bureau that was held against the registry.",
    Doubt = 61 "doubt": "What such a list says of somebody who is registered.",
    ReportingWindow = 62 "reporting-window": "What is to be reported for a period, by which areas, and when.",
    Report = 63 "report": "The figures of an area for a period.",
    HouseholdEvent = 65 "household-event": "What happened in the life of a household.",
    Post = 50 "post": "An office that a cadre holds in an area.",
    Duty = 51 "duty": "What falls due again and again.",
    Task = 52 "task": "A duty of one holder in one period that was done or excused.",
    Finding = 53 "finding": "What an inspection found.",
    Sanction = 54 "sanction": "A rung of the escalation ladder, or what stands beside it.",
    ResponsibilityLetter = 55 "responsibility-letter": "What one level has promised the level above.",
    SatisfactionSurvey = 56 "satisfaction-survey": "What people who are helped think of it, counted.",
    Assessment = 57 "assessment": "How somebody did in a period.",
    Award = 58 "award": "Who is commended in a year.",
    GuaranteeFund = 45 "guarantee-fund": "Money deposited with a lender, which lends a multiple of it.",
    Loan = 46 "loan": "A loan to a household, from application to the last fen.",
    Blacklisting = 47 "blacklisting": "A household that is lent nothing any more.",
    VillageBatch = 70 "village-batch": "Key villages whose projects are planned together.",
    RollupCommitment = 71 "rollup-commitment": "What a node says once of the totals of an area.",
    OwnershipTransfer = 80 "ownership-transfer": "Which of two counties keeps a person whom both have registered.",
}

fn array<const N: usize>(bytes: &[u8], field: &'static str) -> Result<[u8; N], Error> {
    bytes.try_into().map_err(|_| Error::Malformed(field))
}
