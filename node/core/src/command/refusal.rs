//! Refusals: why a change does not happen.

mod batches;
mod loans;
mod policies;

use thiserror::Error;

pub use self::{batches::BatchRefusal, loans::LoanRefusal, policies::PolicyRefusal};
use crate::{
    log::Kind,
    record::Fault,
    value::{AreaCode, Code, Date, Fen, RecordId, Year},
};

/// Why a change is refused. [`Refusal::code`] is stable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A command without changes.
    #[error("the command has no changes")]
    NothingToDo,
    /// A field is wrong.
    #[error(transparent)]
    Invalid(#[from] Fault),
    /// Another revision is current.
    #[error(
        "revision {expected} is not the current one, {current}; read the record again and repeat the change"
    )]
    Stale {
        /// What the client has seen; 0 when it wanted to create.
        expected: u32,
        /// What is current; 0 when there is no record.
        current: u32,
    },
    /// The record is closed.
    #[error("the record {0} is closed and cannot be changed")]
    Closed(RecordId),
    /// The record is of another kind.
    #[error("the record {id} is a {}", kind.label())]
    OtherKind {
        /// The record.
        id: RecordId,
        /// What it is.
        kind: Kind,
    },
    /// A record stays in its area, unless a household moves and takes it along.
    #[error("the record belongs to area {current}; it cannot be moved to {wanted} by a change")]
    OtherArea {
        /// Where it is.
        current: AreaCode,
        /// Where the change puts it.
        wanted: AreaCode,
    },
    /// Outside of the area that the node serves.
    #[error("area {area} is not in {own_area}, the area that this node serves")]
    OutsideArea {
        /// The area of the change.
        area: AreaCode,
        /// The node's.
        own_area: AreaCode,
    },
    /// Not a registered area.
    #[error("area {0} is not registered; register it first or correct the code")]
    UnknownArea(AreaCode),
    /// The kind lives at another level.
    #[error("a {} belongs to a village (12 digits), not to area {area}", kind.label())]
    NotAVillage {
        /// The kind.
        kind: Kind,
        /// The area.
        area: AreaCode,
    },
    /// The id of this kind follows from its content.
    #[error("the id of this record must be {0}, which follows from what it is about")]
    WrongId(RecordId),
    /// A reference to nothing, or to a closed record.
    #[error("{field}: there is no open {} {id}", kind.label())]
    NoSuchRecord {
        /// The field.
        field: &'static str,
        /// What it should be.
        kind: Kind,
        /// What it names.
        id: RecordId,
    },
    /// A number that must be unique is taken.
    #[error("{field}: already that of {}", taken_by)]
    NotUnique {
        /// The field.
        field: &'static str,
        /// Who has it.
        taken_by: RecordId,
    },
    /// The same person is registered already.
    #[error(
        "this identity document belongs to member {member} already; a person is registered once"
    )]
    DuplicatePerson {
        /// The member.
        member: RecordId,
    },
    /// A household without a head, or with two.
    #[error("household {household} would have {heads} heads; it needs exactly one")]
    NotOneHead {
        /// The household.
        household: RecordId,
        /// How many.
        heads: usize,
    },
    /// A household is closed after its members.
    #[error("household {household} still has {members} members; end their memberships first")]
    StillHasMembers {
        /// The household.
        household: RecordId,
        /// How many.
        members: usize,
    },
    /// A household is closed after its pairings.
    #[error("household {household} still has {pairings} pairings; end them first")]
    StillPaired {
        /// The household.
        household: RecordId,
        /// How many.
        pairings: usize,
    },
    /// A helper is bound to a household once at a time.
    #[error("pairing {0} already binds this cadre to this household")]
    AlreadyPaired(RecordId),
    /// A village has one team at a time.
    #[error("team {0} already serves this village")]
    AlreadyHasTeam(RecordId),
    /// It takes two people.
    #[error("officer {0} is the same person; somebody else must approve too")]
    SamePerson(RecordId),
    /// Nobody approves for another one.
    #[error("an approval is given by the officer in person")]
    NotTheApprover,
    /// Holders have no more of a co-operative than there is.
    #[error("the shareholdings would add up to {shares}, more than the capital of {capital}")]
    SharesBeyondCapital {
        /// What the open shareholdings would have.
        shares: Fen,
        /// What the co-operative has.
        capital: Fen,
    },
    /// A household has one shareholding in a co-operative at a time.
    #[error("shareholding {0} already says what this household has in this co-operative")]
    AlreadyHolds(RecordId),
    /// A co-operative is closed after its shareholdings.
    #[error("co-operative {cooperative} still has {shares} shareholdings; end them first")]
    StillHasShares {
        /// The co-operative.
        cooperative: RecordId,
        /// How many.
        shares: usize,
    },
    /// An area is closed after everything in it.
    #[error("the area still has the open {} {id}; close or move what is in it first", kind.label())]
    AreaInUse {
        /// What is in it.
        kind: Kind,
        /// Which.
        id: RecordId,
    },
    /// What has not happened yet.
    #[error("{field}: {date} has not come yet")]
    InTheFuture {
        /// The field.
        field: &'static str,
        /// The date.
        date: Date,
    },
    /// Nobody spends what is not there.
    #[error("account {account} has {balance}, less than {amount}")]
    BelowZero {
        /// The account.
        account: RecordId,
        /// What is on it.
        balance: Fen,
        /// What was to leave it.
        amount: Fen,
    },
    /// Money that is barred from living expenses, on its way there.
    #[error(
        "the money of account {account} is never for living expenses, nor for an account without that bar"
    )]
    BarredUse {
        /// The account.
        account: RecordId,
    },
    /// Money of one channel stays in the books as that.
    #[error("channel: the money of account {account} is of channel {channel}")]
    OtherChannel {
        /// The account.
        account: RecordId,
        /// Its channel.
        channel: Code,
    },
    /// The books are closed.
    #[error("the books of area {area:?} for {year} are closed")]
    YearClosed {
        /// The area whose books they are.
        area: AreaCode,
        /// The year.
        year: Year,
    },
    /// Books are closed when the year is over.
    #[error("the year {0} is not over")]
    YearNotOver(Year),
    /// What has moved money stays as it is.
    #[error("transfer {0} is posted and stays as it is; reverse it")]
    Posted(RecordId),
    /// Only what has moved money can be undone.
    #[error("transfer {0} is not posted; withdraw it")]
    NotPosted(RecordId),
    /// A transfer is undone once.
    #[error("transfer {0} reverses it already")]
    AlreadyReversed(RecordId),
    /// What is owed is nobody else's.
    #[error(
        "account {account} has {balance} and owes {committed} of it, which leaves less than {amount}"
    )]
    OverCommitted {
        /// The account.
        account: RecordId,
        /// What is on it.
        balance: Fen,
        /// What of it is owed.
        committed: Fen,
        /// What was to leave it, or to be owed too.
        amount: Fen,
    },
    /// No more is paid than is owed.
    #[error("of commitment {commitment}, {outstanding} is still owed")]
    BeyondCommitment {
        /// The commitment.
        commitment: RecordId,
        /// What is owed.
        outstanding: Fen,
    },
    /// An account is closed when nothing is on it.
    #[error("account {account} has {balance}; move that first")]
    AccountNotEmpty {
        /// The account.
        account: RecordId,
        /// What is on it.
        balance: Fen,
    },
    /// What a bank has to pay out goes back and forth with its batches only.
    #[error("account {0} holds what a bank has to pay out; only payment batches move it")]
    InTransit(RecordId),
    /// What a posted batch pays stays as it is.
    #[error("payment batch {0} is posted: the bank's return settles it")]
    PaymentPosted(RecordId),
    /// A bank answers for what it was sent.
    #[error("payment batch {0} has not gone to the bank")]
    PaymentNotSent(RecordId),
    /// A bank answers once for a batch.
    #[error("the return of payment batch {0} is here already")]
    AlreadyReturned(RecordId),
    /// An account of a batch that the bank has not answered for.
    #[error("payment batch {batch} of account {account} has no return yet")]
    PaymentsUnderWay {
        /// The account.
        account: RecordId,
        /// The batch.
        batch: RecordId,
    },
    /// Only what failed is made good.
    #[error("no payment to household {household} failed in payment batch {batch}")]
    NothingFailed {
        /// The batch.
        batch: RecordId,
        /// The household.
        household: RecordId,
    },
    /// What failed is made good once.
    #[error("payment batch {0} makes it good already")]
    AlreadyReissued(RecordId),
    /// No more is paid than was decided.
    #[error("decision {decision} leaves {left} to pay")]
    BeyondDecision {
        /// The decision.
        decision: RecordId,
        /// What it gives, less what is paid or about to be.
        left: Fen,
    },
    /// A household or a village has a measure once at a time.
    #[error("measure {0} already gives this, for the same project and time")]
    AlreadyGiven(RecordId),
    /// Nobody is insured twice against the same thing.
    #[error("cover {0} already insures against this at the same time")]
    AlreadyCovered(RecordId),
    /// The stages of a project follow one another.
    #[error("the next stage is {next}; none is skipped, and none comes twice")]
    StageSkipped {
        /// What has to come next.
        next: &'static str,
    },
    /// A stage before the one that it follows.
    #[error("{date} is before {last}, the day of the stage before it")]
    StageBackdated {
        /// The day given.
        date: Date,
        /// The day of the stage before it.
        last: Date,
    },
    /// What a project cost, and what of it is reimbursed, follows its acceptance.
    #[error("{field}: the project has not been accepted")]
    NotAccepted {
        /// The field.
        field: &'static str,
    },
    /// S4.6: a helper is assigned by a pairing.
    #[error("no helper was bound to the household since {since}; pair it first")]
    NoHelperAssigned {
        /// The day of the step before.
        since: Date,
    },
    /// Steps are taken in the order of the procedure.
    #[error(
        "{given} is not what comes next; {}",
        expected.as_ref().map_or("no step is left".to_owned(), |step| format!("the next step is {step}"))
    )]
    StepSkipped {
        /// What was given.
        given: Code,
        /// The step that comes next; none when there is none or the case was rejected.
        expected: Option<Code>,
    },
    /// A step before the one before it, or in the future.
    #[error("{on} is not from {from} to {until}, when it can have been")]
    StepBackdated {
        /// What was given.
        on: Date,
        /// The day of what came before.
        from: Date,
        /// The last day that it can have been.
        until: Date,
    },
    /// A step before its clock is over.
    #[error("the clock runs; this can be done from {until} on")]
    ClockRunning {
        /// The first day.
        until: Date,
    },
    /// An objection waits.
    #[error("objection {0} waits for its answer; answer it first")]
    ObjectionOpen(RecordId),
    /// An objection was right.
    #[error("objection {0} was upheld; the case can only be rejected or withdrawn")]
    ObjectionUpheld(RecordId),
    /// The case was rejected before.
    #[error("the case was rejected; close it as rejected and open another")]
    CaseRejected,
    /// The officer's roles are of a lower level.
    #[error("this step is taken at the level {level}; none of the officer's roles reaches it")]
    LevelTooLow {
        /// Code list step-level.
        level: Code,
    },
    /// A subject has one open case of a kind at a time.
    #[error("case {0} of this kind is open for this subject")]
    AlreadyInCase(RecordId),
    /// A case begins by the procedure in force.
    #[error(
        "this is not the procedure in force on that day; {}",
        in_force.map_or("there is none".to_owned(), |id| format!("that is {id}"))
    )]
    ProcedureNotInForce {
        /// The one in force.
        in_force: Option<RecordId>,
    },
    /// A number that must not be posted.
    #[error("{field}: holds the digits of an identity number, an account or a phone")]
    ForbiddenInNotice {
        /// The field.
        field: &'static str,
    },
    /// The notice would not hang long enough.
    #[error("the notice must hang until {until} at least, by the clock of its step")]
    NoticeTooShort {
        /// The first day after it that would do.
        until: Date,
    },
    /// The notice does not post this case for this step.
    #[error("notice {0} does not list this case after its last step")]
    NotOnNotice(RecordId),
    /// A case has taken a step by this notice.
    #[error("case {0} has counted on this notice; it can no longer be withdrawn")]
    NoticeCounted(RecordId),
    /// An objection is received while the notice hangs.
    #[error("the notice hangs from {from} to the day before {until}")]
    NotWhilePosted {
        /// The first day.
        from: Date,
        /// The first day after it.
        until: Date,
    },
    /// More objections than can wait.
    #[error("{0} objections to this notice wait; answer some of them first")]
    TooManyObjections(usize),
    /// A doubt is verified once.
    #[error("doubt {0} has been verified and stays as it is")]
    DoubtSettled(RecordId),
    /// What a list says is doubted once, however many lists say it.
    #[error("doubt {0} is about the same already")]
    AlreadyDoubted(RecordId),
    /// What is committed stays.
    #[error("commitment {0} stays as it is; commit again, to what the totals are now")]
    Committed(RecordId),
    /// Both counties have signed.
    #[error("both counties have signed ownership transfer {0}; it stays as it is")]
    OwnershipSettled(RecordId),
    /// Reports are given while their window is open.
    #[error("it is reported from {from} to the day before {until}; extend the window, or wait")]
    WindowClosed {
        /// The first day.
        from: Date,
        /// The first day after it.
        until: Date,
    },
    /// The area is not asked to report.
    #[error("area {0} is none of those that the window asks to report")]
    NotInWindow(AreaCode),
    /// The figures are reported.
    #[error(
        "report {report} of area {area:?} has locked this figure; somebody else than who reported can open it again"
    )]
    PeriodReported {
        /// The report.
        report: RecordId,
        /// Its area.
        area: AreaCode,
    },
    /// A household is closed after its cases.
    #[error("household {household} still has the open case {case}; close that first")]
    StillInCase {
        /// The household.
        household: RecordId,
        /// The case.
        case: RecordId,
    },
    /// Nobody dies or leaves before birth.
    #[error("until: {day} is before {born}, when the person was born")]
    EndsBeforeBirth {
        /// The end that was given.
        day: Date,
        /// The earliest day of birth.
        born: Date,
    },
    /// A household moves with everything that is written about it.
    #[error("household {household} is in another area than {} {left}, which is about it", kind.label())]
    MovesInPart {
        /// The household.
        household: RecordId,
        /// What was left behind.
        kind: Kind,
        /// Which.
        left: RecordId,
    },
    /// An event says what the records do not.
    #[error("the event does not fit the records: {0}")]
    EventNotSo(&'static str),
    /// A split takes everybody away.
    #[error("nobody would be left in household {0}; a household that moves is moved")]
    SplitLeavesNobody(RecordId),
    /// A household with itself.
    #[error("household {0} cannot be merged with itself")]
    MergeWithItself(RecordId),
    /// How somebody is related to a new head follows from nothing.
    #[error("say how member {0} is related to the new head")]
    RelationNeeded(RecordId),
    /// S4.4: no unpairing before exit; whoever leaves is succeeded without a gap.
    #[error(
        "household {household} has not exited and nobody would answer for it{}; name a successor",
        from.map_or(String::new(), |from| format!(" from {from} on"))
    )]
    UnpairedBeforeExit {
        /// The household.
        household: RecordId,
        /// The first day without; none where a helper stays and answers no more.
        from: Option<Date>,
    },
    /// A cadre holds an office in an area once at a time.
    #[error("post {0} already says that this cadre holds this office here")]
    AlreadyInPost(RecordId),
    /// A cadre is closed after the posts that they hold.
    #[error("cadre {cadre} still holds {posts} posts; end them first")]
    StillInPost {
        /// The cadre.
        cadre: RecordId,
        /// How many.
        posts: usize,
    },
    /// Nobody owes a duty that does not bind them, or not in that period.
    #[error("the duty {duty} does not fall due for {holder} in the period that begins on {period}")]
    NotOwed {
        /// The duty.
        duty: RecordId,
        /// Who would have owed it.
        holder: RecordId,
        /// The first day of the period.
        period: Date,
    },
    /// Nothing is done before its time.
    #[error("{on} is before {from}, the first day of the period")]
    TaskBeforePeriod {
        /// What was given.
        on: Date,
        /// The first day of the period.
        from: Date,
    },
    /// Nobody excuses themselves.
    #[error("this is excused by somebody else than the cadre who owes it")]
    ExcusesOneself,
    /// What is settled was found before.
    #[error("{on} is before {found_on}, the day on which it was found")]
    SettledBeforeFound {
        /// What was given.
        on: Date,
        /// The day of the finding.
        found_on: Date,
    },
    /// A finding stays while a sanction rests on it.
    #[error("sanction {0} rests on this finding; take it back first")]
    FindingSanctioned(RecordId),
    /// A sanction rests on what was found about the same subject.
    #[error("a sanction rests on open findings about its subject that are not unfounded; {}",
        finding.map_or("there is none".to_owned(), |id| format!("{id} is not one")))]
    SanctionWithoutFinding {
        /// What was given that is no such finding.
        finding: Option<RecordId>,
    },
    /// The rungs of the ladder follow one another.
    #[error("the highest rung that may follow is {highest}; none is skipped")]
    RungSkipped {
        /// The highest rung.
        highest: &'static str,
    },
    /// A rung stays while a later one rests on it.
    #[error("sanction {0} came after this one; take that back first")]
    SanctionFollowed(RecordId),
    /// Each side signs once.
    #[error("the {side} side has signed already")]
    SideSigned {
        /// Code list letter-side.
        side: Code,
    },
    /// The two sides are two people.
    #[error("cadre {0} has signed for the other side")]
    SignsForBoth(RecordId),
    /// Nobody answers who was not asked.
    #[error("{answered} answers of {asked} people who were asked")]
    MoreAnswersThanAsked {
        /// How many were asked.
        asked: u32,
        /// How many answers there would be.
        answered: u64,
    },
    /// There are no more awards of a category than their number.
    #[error("{recipients} would be commended where there may be {most}")]
    AwardBeyondNumber {
        /// How many there may be.
        most: u32,
        /// How many there would be.
        recipients: usize,
    },
    /// What is taken from a decision is what it says.
    #[error("{field}: is not what the decision says")]
    OtherThanDecided {
        /// The field.
        field: &'static str,
    },
    /// About a guarantee fund, a loan or a blacklisting.
    #[error(transparent)]
    Loan(#[from] LoanRefusal),
    /// The policy in force stands in the way.
    #[error(transparent)]
    Policy(#[from] PolicyRefusal),
    /// About a whole-village batch.
    #[error(transparent)]
    Batch(#[from] BatchRefusal),
}

impl Refusal {
    /// The field of the record that it is about, as the message names it; none where it is about the whole.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(Fault { field, .. })
            | Self::NoSuchRecord { field, .. }
            | Self::NotUnique { field, .. }
            | Self::InTheFuture { field, .. }
            | Self::NotAccepted { field } => Some(field),
            _ => None,
        }
    }

    /// The stable code.
    #[expect(
        clippy::too_many_lines,
        reason = "it is the list of the codes, an arm each"
    )]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NothingToDo => "nothing-to-do",
            Self::Invalid(_) => "invalid-field",
            Self::Stale { .. } => "stale-revision",
            Self::Closed(_) => "record-closed",
            Self::OtherKind { .. } => "other-kind",
            Self::OtherArea { .. } => "other-area",
            Self::OutsideArea { .. } => "outside-area",
            Self::UnknownArea(_) => "unknown-area",
            Self::NotAVillage { .. } => "not-a-village",
            Self::WrongId(_) => "wrong-id",
            Self::NoSuchRecord { .. } => "no-such-record",
            Self::NotUnique { .. } => "not-unique",
            Self::DuplicatePerson { .. } => "duplicate-person",
            Self::NotOneHead { .. } => "not-one-head",
            Self::StillHasMembers { .. } => "still-has-members",
            Self::StillPaired { .. } => "still-paired",
            Self::AlreadyPaired(_) => "already-paired",
            Self::AlreadyHasTeam(_) => "already-has-team",
            Self::SamePerson(_) => "same-person",
            Self::NotTheApprover => "not-the-approver",
            Self::SharesBeyondCapital { .. } => "shares-beyond-capital",
            Self::AlreadyHolds(_) => "already-holds",
            Self::StillHasShares { .. } => "still-has-shares",
            Self::AreaInUse { .. } => "area-in-use",
            Self::InTheFuture { .. } => "in-the-future",
            Self::BelowZero { .. } => "below-zero",
            Self::BarredUse { .. } => "barred-use",
            Self::OtherChannel { .. } => "other-channel",
            Self::YearClosed { .. } => "year-closed",
            Self::YearNotOver(_) => "year-not-over",
            Self::Posted(_) => "transfer-posted",
            Self::NotPosted(_) => "transfer-not-posted",
            Self::AlreadyReversed(_) => "already-reversed",
            Self::OverCommitted { .. } => "over-committed",
            Self::BeyondCommitment { .. } => "beyond-commitment",
            Self::AccountNotEmpty { .. } => "account-not-empty",
            Self::InTransit(_) => "in-transit",
            Self::PaymentPosted(_) => "payment-posted",
            Self::PaymentNotSent(_) => "payment-not-sent",
            Self::AlreadyReturned(_) => "already-returned",
            Self::PaymentsUnderWay { .. } => "payments-under-way",
            Self::NothingFailed { .. } => "nothing-failed",
            Self::AlreadyReissued(_) => "already-reissued",
            Self::BeyondDecision { .. } => "beyond-decision",
            Self::AlreadyGiven(_) => "already-given",
            Self::AlreadyCovered(_) => "already-covered",
            Self::StageSkipped { .. } => "stage-skipped",
            Self::StageBackdated { .. } => "stage-backdated",
            Self::NotAccepted { .. } => "not-accepted",
            Self::NoHelperAssigned { .. } => "no-helper-assigned",
            Self::StepSkipped { .. } => "step-skipped",
            Self::StepBackdated { .. } => "step-backdated",
            Self::ClockRunning { .. } => "clock-running",
            Self::ObjectionOpen(_) => "objection-open",
            Self::ObjectionUpheld(_) => "objection-upheld",
            Self::CaseRejected => "case-rejected",
            Self::LevelTooLow { .. } => "level-too-low",
            Self::AlreadyInCase(_) => "already-in-case",
            Self::ProcedureNotInForce { .. } => "procedure-not-in-force",
            Self::ForbiddenInNotice { .. } => "forbidden-in-notice",
            Self::NoticeTooShort { .. } => "notice-too-short",
            Self::NotOnNotice(_) => "not-on-notice",
            Self::NoticeCounted(_) => "notice-counted",
            Self::NotWhilePosted { .. } => "not-while-posted",
            Self::TooManyObjections(_) => "too-many-objections",
            Self::DoubtSettled(_) => "doubt-settled",
            Self::AlreadyDoubted(_) => "already-doubted",
            Self::Committed(_) => "committed",
            Self::OwnershipSettled(_) => "ownership-settled",
            Self::WindowClosed { .. } => "window-closed",
            Self::NotInWindow(_) => "not-in-window",
            Self::PeriodReported { .. } => "period-reported",
            Self::StillInCase { .. } => "still-in-case",
            Self::EndsBeforeBirth { .. } => "ends-before-birth",
            Self::MovesInPart { .. } => "moves-in-part",
            Self::EventNotSo(_) => "event-not-so",
            Self::SplitLeavesNobody(_) => "split-leaves-nobody",
            Self::MergeWithItself(_) => "merge-with-itself",
            Self::RelationNeeded(_) => "relation-needed",
            Self::UnpairedBeforeExit { .. } => "unpaired-before-exit",
            Self::AlreadyInPost(_) => "already-in-post",
            Self::StillInPost { .. } => "still-in-post",
            Self::NotOwed { .. } => "not-owed",
            Self::TaskBeforePeriod { .. } => "task-before-period",
            Self::ExcusesOneself => "excuses-oneself",
            Self::SettledBeforeFound { .. } => "settled-before-found",
            Self::FindingSanctioned(_) => "finding-sanctioned",
            Self::SanctionWithoutFinding { .. } => "sanction-without-finding",
            Self::RungSkipped { .. } => "rung-skipped",
            Self::SanctionFollowed(_) => "sanction-followed",
            Self::SideSigned { .. } => "side-signed",
            Self::SignsForBoth(_) => "signs-for-both",
            Self::MoreAnswersThanAsked { .. } => "more-answers-than-asked",
            Self::AwardBeyondNumber { .. } => "award-beyond-number",
            Self::OtherThanDecided { .. } => "other-than-decided",
            Self::Loan(refusal) => refusal.code(),
            Self::Policy(refusal) => refusal.code(),
            Self::Batch(refusal) => refusal.code(),
        }
    }
}
