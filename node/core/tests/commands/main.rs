//! The rules of commands against a registry in memory: each refusal is reached, and what is allowed stays allowed.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test a panic is the report, in helpers too"
)]

mod alerts;
mod cases;
mod comparisons;
mod county;
mod enactments;
mod households;
mod loans;
mod memory;
mod money;
mod reporting;
mod works;

mod ownership_transfers;
mod rollup_commitments;
mod supervision;
mod village_batches;

use std::collections::BTreeSet;

use expect_test::expect;
use lika_core::{
    command::{Change, Refusal},
    log::{Action, Class},
    record::{
        Area, Body, Cadre, Grant, HelperLevel, Holder, Household, HouseholdIdentity,
        IncomeStatement, Member, Officer, Pairing, Shareholding, VillageTeam, Visit,
    },
    value::{Fen, RecordId},
};

use county::*;

/// What a refusal looks like to the caller.
fn refused(county: &mut County, changes: Vec<Change>) -> String {
    match county.decide(changes) {
        Ok(drafts) => format!("allowed: {} drafts", drafts.len()),
        Err(refused) => format!("{} [{}]", refused, refused.refusal.code()),
    }
}

/// A name, the changes, and the code of the refusal.
type Row = (&'static str, fn(&County) -> Vec<Change>, &'static str);

fn create(id: RecordId, digits: &str, body: impl Into<Body>) -> Change {
    Change::create(id, area(digits), body)
}

fn ended(member: &mut Member) {
    member.until = Some((day(20160901), code("moved-away")));
}

fn unpaired(pairing: &mut Pairing) {
    pairing.until = Some(day(20160901));
}

const REFUSED: &[Row] = &[
    ("a command without changes", |_| vec![], "nothing-to-do"),
    (
        "a create that names a revision",
        |_| {
            vec![Change {
                expected_revision: 3,
                ..create(NEW, VILLAGE, visit(None, 20160301))
            }]
        },
        "invalid-field",
    ),
    (
        "a change that names none",
        |county| {
            let change = county.edit(VISIT, Action::Change, |_: &mut Visit| {});
            vec![Change {
                expected_revision: 0,
                ..change
            }]
        },
        "invalid-field",
    ),
    (
        "a create of what exists",
        |_| vec![create(HOUSEHOLD, VILLAGE, household("2"))],
        "stale-revision",
    ),
    (
        "a change of what does not exist",
        |county| {
            let change = county.edit(VISIT, Action::Change, |_: &mut Visit| {});
            vec![Change { id: NEW, ..change }]
        },
        "stale-revision",
    ),
    (
        "a change of a closed record",
        |county| {
            let close = county.edit(VISIT, Action::Close, |_: &mut Visit| {});
            let again = Change {
                expected_revision: 2,
                action: Action::Change,
                ..close.clone()
            };
            vec![close, again]
        },
        "record-closed",
    ),
    (
        "a change of a visit into a team",
        |county| {
            let change = county.edit(VISIT, Action::Change, |_: &mut Visit| {});
            vec![Change {
                body: team(CADRE).into(),
                ..change
            }]
        },
        "other-kind",
    ),
    (
        "a plain change that moves a household",
        |county| {
            let change = county.edit(HOUSEHOLD, Action::Change, |_: &mut Household| {});
            vec![Change {
                area: area(OTHER_VILLAGE),
                ..change
            }]
        },
        "moves-in-part",
    ),
    (
        "a member in another village than the household",
        |_| {
            vec![create(
                NEW,
                OTHER_VILLAGE,
                member(HOUSEHOLD, "20", "张小", ""),
            )]
        },
        "other-area",
    ),
    (
        "a pairing in another village than the household",
        |_| {
            vec![create(
                NEW,
                OTHER_VILLAGE,
                pairing(HOUSEHOLD, CADRE, HelperLevel::Township),
            )]
        },
        "other-area",
    ),
    (
        "a visit written in another village than the household",
        |_| vec![create(NEW, OTHER_VILLAGE, visit(Some(HOUSEHOLD), 20160301))],
        "other-area",
    ),
    (
        "income written in another village than the household",
        |_| {
            let id = IncomeStatement::id_for(&HOUSEHOLD, year(2015));
            vec![create(id, OTHER_VILLAGE, income(HOUSEHOLD, 2015))]
        },
        "other-area",
    ),
    (
        "an area under another code",
        |county| {
            vec![county.edit(
                lika_core::record::area_id(&area(VILLAGE)),
                Action::Change,
                |own: &mut Area| {
                    own.code = area(OTHER_VILLAGE);
                },
            )]
        },
        "wrong-id",
    ),
    (
        "a household of another county",
        |_| vec![create(NEW, "360322101201", household("2"))],
        "outside-area",
    ),
    (
        "a household of a village that is not registered",
        |_| vec![create(NEW, "360323101299", household("2"))],
        "unknown-area",
    ),
    (
        "a village whose township is not registered",
        |_| vec![register("360323199201")],
        "unknown-area",
    ),
    (
        "a household of a township",
        |_| vec![create(NEW, TOWNSHIP, household("2"))],
        "not-a-village",
    ),
    (
        "a visit to a township",
        |_| vec![create(NEW, TOWNSHIP, visit(None, 20160301))],
        "not-a-village",
    ),
    (
        "a team of a township",
        |_| vec![create(NEW, TOWNSHIP, team(CADRE))],
        "not-a-village",
    ),
    (
        "income under a chosen id",
        |_| vec![create(NEW, VILLAGE, income(HOUSEHOLD, 2015))],
        "wrong-id",
    ),
    (
        "a member of no household",
        |_| vec![create(NEW, VILLAGE, member(id(77), "20", "张小", ""))],
        "no-such-record",
    ),
    (
        "a member of a cadre",
        |_| vec![create(NEW, VILLAGE, member(CADRE, "20", "张小", ""))],
        "no-such-record",
    ),
    (
        "a visit by a cadre who has left",
        |county| {
            let leave = county.edit(CADRE, Action::Close, |cadre: &mut Cadre| {
                cadre.until = Some(day(20160901));
            });
            vec![
                leave,
                create(NEW, VILLAGE, visit(Some(HOUSEHOLD), 20160930)),
            ]
        },
        "no-such-record",
    ),
    (
        "a sponsor that is a cadre",
        |_| {
            let mut other = team(CADRE);
            other.seats[0].role = code("sponsor");
            vec![create(NEW, OTHER_VILLAGE, other)]
        },
        "no-such-record",
    ),
    (
        "an officer who is a household",
        |_| vec![create(NEW, COUNTY, officer("zhao", Some(HOUSEHOLD)))],
        "no-such-record",
    ),
    (
        "a second household of a number",
        |_| vec![create(NEW, OTHER_VILLAGE, household("1"))],
        "not-unique",
    ),
    (
        "a second cadre of a number",
        |_| vec![create(NEW, TOWNSHIP, cadre("township", "7"))],
        "not-unique",
    ),
    (
        "a second officer of a login",
        |_| {
            vec![
                create(NEW, COUNTY, officer("zhao", None)),
                create(id(101), COUNTY, officer("zhao", None)),
            ]
        },
        "not-unique",
    ),
    (
        "a household without members",
        |_| vec![create(NEW, VILLAGE, household("2"))],
        "not-one-head",
    ),
    (
        "a second head",
        |_| vec![create(NEW, VILLAGE, member(HOUSEHOLD, "01", "张小", ""))],
        "not-one-head",
    ),
    (
        "the head leaves alone",
        |county| vec![county.edit(HEAD, Action::Close, ended)],
        "not-one-head",
    ),
    (
        "the head moves to another household and leaves the old one without",
        |county| {
            let moved = county.edit(HEAD, Action::Change, |head: &mut Member| {
                head.household = NEW
            });
            vec![create(NEW, VILLAGE, household("2")), moved]
        },
        "not-one-head",
    ),
    (
        "a household that closes before its members",
        |county| vec![county.edit(HOUSEHOLD, Action::Close, |_: &mut Household| {})],
        "still-has-members",
    ),
    (
        "a household that closes before its pairings",
        |county| {
            vec![
                county.edit(HEAD, Action::Close, ended),
                county.edit(WIFE, Action::Close, ended),
                county.edit(HOUSEHOLD, Action::Close, |_: &mut Household| {}),
            ]
        },
        "still-paired",
    ),
    (
        "a pairing with an end that is not closed",
        |county| vec![county.edit(PAIRING, Action::Change, unpaired)],
        "invalid-field",
    ),
    (
        "a member who has left and is not closed",
        |county| vec![county.edit(WIFE, Action::Change, ended)],
        "invalid-field",
    ),
    (
        "a team with an end that is not closed",
        |county| {
            vec![county.edit(TEAM, Action::Change, |team: &mut VillageTeam| {
                team.until = Some(day(20160901))
            })]
        },
        "invalid-field",
    ),
    (
        "an officer of a township with rights in the county",
        |_| {
            let mut powerful = officer("zhao", None);
            powerful.grants = vec![Grant {
                role: code("county-office"),
                area: area(COUNTY),
            }];
            vec![create(NEW, TOWNSHIP, powerful)]
        },
        "invalid-field",
    ),
    (
        "a member who leaves without a day",
        |county| vec![county.edit(WIFE, Action::Close, |_: &mut Member| {})],
        "invalid-field",
    ),
    (
        "a team that ends without a day",
        |county| vec![county.edit(TEAM, Action::Close, |_: &mut VillageTeam| {})],
        "invalid-field",
    ),
    (
        "a pairing that claims another level than the cadre's",
        |_| {
            let other = create(NEW, TOWNSHIP, cadre("section-deputy", "8"));
            vec![
                other,
                create(
                    id(101),
                    VILLAGE,
                    pairing(HOUSEHOLD, NEW, HelperLevel::Village),
                ),
            ]
        },
        "invalid-field",
    ),
    (
        "a pairing whose cadre is overwritten",
        |county| vec![county.edit(PAIRING, Action::Change, |own: &mut Pairing| own.cadre = NEW)],
        "invalid-field",
    ),
    (
        "a second pairing of the same two",
        |_| {
            vec![create(
                NEW,
                VILLAGE,
                pairing(HOUSEHOLD, CADRE, HelperLevel::Township),
            )]
        },
        "already-paired",
    ),
    (
        "a second team",
        |_| vec![create(NEW, VILLAGE, team(CADRE))],
        "already-has-team",
    ),
    (
        "a visit tomorrow",
        |_| vec![create(NEW, VILLAGE, visit(Some(HOUSEHOLD), 20161002))],
        "in-the-future",
    ),
    (
        "the same person in another household",
        |_| {
            vec![
                create(NEW, OTHER_VILLAGE, household("2")),
                create(
                    id(101),
                    OTHER_VILLAGE,
                    member(NEW, "02", "张三", "110105491231002"),
                ),
            ]
        },
        "duplicate-person",
    ),
    (
        "a township that is closed before its villages",
        |county| {
            let township = lika_core::record::area_id(&area(TOWNSHIP));
            vec![county.edit(township, Action::Close, |_: &mut Area| {})]
        },
        "area-in-use",
    ),
    (
        "a village that is closed before its households",
        |county| {
            let village = lika_core::record::area_id(&area(VILLAGE));
            vec![county.edit(village, Action::Close, |_: &mut Area| {})]
        },
        "area-in-use",
    ),
    (
        "a team that accepts a decision that nobody made",
        |_| {
            let mut accepted = team(CADRE);
            accepted.decision = Some(NEW);
            vec![create(NEW, OTHER_VILLAGE, accepted)]
        },
        "no-such-record",
    ),
    (
        "a pairing that accepts a decision that nobody made",
        |_| {
            let mut accepted = pairing(HOUSEHOLD, CADRE, HelperLevel::Township);
            accepted.decision = Some(NEW);
            vec![create(NEW, VILLAGE, accepted)]
        },
        "no-such-record",
    ),
    (
        "shares beyond the capital",
        |_| {
            with_cooperative(vec![create(
                NEW,
                VILLAGE,
                share(Some(HOUSEHOLD), 130_000_001),
            )])
        },
        "shares-beyond-capital",
    ),
    (
        "shares beyond the capital together",
        |_| {
            with_cooperative(vec![
                create(id(101), VILLAGE, share(None, 50_000_000)),
                create(id(102), VILLAGE, share(None, 50_000_000)),
                create(NEW, VILLAGE, share(Some(HOUSEHOLD), 30_000_001)),
            ])
        },
        "shares-beyond-capital",
    ),
    (
        "capital that is drawn below what its holders have",
        |_| {
            let mut less = cooperative();
            less.capital = Fen(100);
            let change = Change {
                action: Action::Change,
                expected_revision: 1,
                ..create(COOPERATIVE, VILLAGE, less)
            };
            with_cooperative(vec![create(NEW, VILLAGE, share(None, 50_000_000)), change])
        },
        "shares-beyond-capital",
    ),
    (
        "a household that holds twice",
        |_| {
            with_cooperative(vec![
                create(id(101), VILLAGE, share(Some(HOUSEHOLD), 1)),
                create(NEW, VILLAGE, share(Some(HOUSEHOLD), 1)),
            ])
        },
        "already-holds",
    ),
    (
        "a co-operative that closes before its shareholdings",
        |_| {
            let close = Change {
                action: Action::Close,
                expected_revision: 1,
                ..create(COOPERATIVE, VILLAGE, cooperative())
            };
            with_cooperative(vec![create(NEW, VILLAGE, share(None, 1)), close])
        },
        "still-has-shares",
    ),
    (
        "a shareholding in a co-operative that there is not",
        |_| vec![create(NEW, VILLAGE, share(None, 1))],
        "no-such-record",
    ),
    (
        "a shareholding outside of the co-operative's area",
        |_| with_cooperative(vec![create(NEW, OTHER_VILLAGE, share(None, 1))]),
        "other-area",
    ),
    (
        "a dividend of a year to come",
        |_| with_cooperative(vec![dividend(2017, 100, &[])]),
        "invalid-field",
    ),
    (
        "a dividend that is paid to a holder of another co-operative",
        |_| with_cooperative(vec![dividend(2016, 100, &[(NEW, 100)])]),
        "no-such-record",
    ),
    (
        "a dividend on equity that no poverty fund has paid for",
        |_| {
            let own = Shareholding {
                poverty_fund: false,
                ..share(None, 1)
            };
            with_cooperative(vec![
                create(NEW, VILLAGE, own),
                dividend(2016, 100, &[(NEW, 100)]),
            ])
        },
        "no-such-record",
    ),
    (
        "a shareholding that changes hands while it is closed",
        |_| {
            let other = Shareholding {
                holder: Holder::Household(HOUSEHOLD),
                until: Some(day(20161001)),
                ..share(None, 1)
            };
            let close = Change {
                action: Action::Close,
                expected_revision: 1,
                ..create(NEW, VILLAGE, other)
            };
            with_cooperative(vec![create(NEW, VILLAGE, share(None, 1)), close])
        },
        "invalid-field",
    ),
    (
        "living conditions of a survey tomorrow",
        |_| vec![living(VILLAGE, 20161002)],
        "in-the-future",
    ),
    (
        "living conditions in another village than the household",
        |_| vec![living(OTHER_VILLAGE, 20161001)],
        "other-area",
    ),
];

#[test]
fn holders_have_what_there_is_and_are_paid_what_came_of_it() {
    let mut county = County::new();
    let changes = vec![
        create(NEW, VILLAGE, share(Some(HOUSEHOLD), 48_000_000)),
        create(id(101), VILLAGE, share(None, 82_000_000)),
        dividend(2016, 100, &[(NEW, 60), (id(101), 40)]),
        living(VILLAGE, 20161001),
    ];
    county.must(with_cooperative(changes));
}

#[test]
fn more_than_the_return_is_no_dividend() {
    use lika_core::record::{BodyMessage, Dividend, Payment};
    let pay = |amount| Payment {
        shareholding: NEW,
        amount: Fen(amount),
        decision: None,
    };
    let parse = |payments| {
        let dividend = Dividend {
            cooperative: COOPERATIVE,
            year: year(2016),
            amount: Fen(100),
            payments,
        };
        let message: BodyMessage = Body::from(dividend).message();
        Body::parse(message).map_err(|fault| fault.to_string())
    };
    assert!(parse(vec![pay(100)]).is_ok());
    let above = parse(vec![pay(101)]).unwrap_err();
    assert_eq!(
        above,
        "payments: add up to 1.01, more than the return of 1.00"
    );
    let twice = parse(vec![pay(1), pay(1)]).unwrap_err();
    assert!(twice.starts_with("payments.shareholding"), "{twice}");
    let nothing = parse(vec![pay(0)]).unwrap_err();
    assert!(nothing.starts_with("payments.amount"), "{nothing}");
    let negative = parse(vec![pay(-1)]).unwrap_err();
    assert!(negative.starts_with("payments.amount"), "{negative}");
}

#[test]
fn an_empty_area_can_be_closed() {
    let mut county = County::new();
    let village = lika_core::record::area_id(&area(OTHER_VILLAGE));
    let close = county.edit(village, Action::Close, |_: &mut Area| {});
    county.decide(vec![close]).unwrap();
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "it is the list of the refusals, a line each"
)]
fn each_rule_refuses_what_it_is_about() {
    let mut codes = BTreeSet::new();
    for (name, changes, expected) in REFUSED {
        let mut county = County::new();
        let changes = changes(&county);
        let last = changes.len().saturating_sub(1);
        let refused = county.decide(changes).expect_err(name);
        assert_eq!(refused.refusal.code(), *expected, "{name}: {refused}");
        let by_household = matches!(refused.refusal, Refusal::NotOneHead { .. });
        assert!(refused.change == last || by_household, "{name}: {refused}");
        codes.insert(*expected);
    }
    // The compiler asks for a row here when a refusal is added.
    let reached = |refusal: &Refusal| match refusal {
        Refusal::NothingToDo
        | Refusal::Invalid(_)
        | Refusal::Stale { .. }
        | Refusal::Closed(_)
        | Refusal::OtherKind { .. }
        | Refusal::OtherArea { .. }
        | Refusal::OutsideArea { .. }
        | Refusal::UnknownArea(_)
        | Refusal::NotAVillage { .. }
        | Refusal::WrongId(_)
        | Refusal::NoSuchRecord { .. }
        | Refusal::NotUnique { .. }
        | Refusal::DuplicatePerson { .. }
        | Refusal::NotOneHead { .. }
        | Refusal::StillHasMembers { .. }
        | Refusal::AlreadyPaired(_)
        | Refusal::AlreadyHasTeam(_)
        | Refusal::AreaInUse { .. }
        | Refusal::StillPaired { .. }
        | Refusal::SharesBeyondCapital { .. }
        | Refusal::AlreadyHolds(_)
        | Refusal::StillHasShares { .. }
        | Refusal::MovesInPart { .. }
        | Refusal::InTheFuture { .. } => codes.contains(refusal.code()),
        // They depend on who asks: see `enactments`.
        Refusal::SamePerson(_) | Refusal::NotTheApprover => true,
        // See `money`.
        Refusal::BelowZero { .. }
        | Refusal::BarredUse { .. }
        | Refusal::OtherChannel { .. }
        | Refusal::YearClosed { .. }
        | Refusal::YearNotOver(_)
        | Refusal::Posted(_)
        | Refusal::NotPosted(_)
        | Refusal::AlreadyReversed(_)
        | Refusal::OverCommitted { .. }
        | Refusal::BeyondCommitment { .. }
        | Refusal::AccountNotEmpty { .. } => true,
        // See `payments`.
        Refusal::InTransit(_)
        | Refusal::PaymentPosted(_)
        | Refusal::PaymentNotSent(_)
        | Refusal::AlreadyReturned(_)
        | Refusal::PaymentsUnderWay { .. }
        | Refusal::NothingFailed { .. }
        | Refusal::AlreadyReissued(_)
        | Refusal::BeyondDecision { .. } => true,
        // They need records of their own: see `works`.
        Refusal::AlreadyGiven(_)
        | Refusal::AlreadyCovered(_)
        | Refusal::StageSkipped { .. }
        | Refusal::StageBackdated { .. }
        | Refusal::NotAccepted { .. } => true,
        // They need a procedure: see `cases`.
        Refusal::StepSkipped { .. }
        | Refusal::StepBackdated { .. }
        | Refusal::ClockRunning { .. }
        | Refusal::ObjectionOpen(_)
        | Refusal::ObjectionUpheld(_)
        | Refusal::CaseRejected
        | Refusal::LevelTooLow { .. }
        | Refusal::AlreadyInCase(_)
        | Refusal::ProcedureNotInForce { .. }
        | Refusal::ForbiddenInNotice { .. }
        | Refusal::NoticeTooShort { .. }
        | Refusal::NotOnNotice(_)
        | Refusal::NoticeCounted(_)
        | Refusal::NotWhilePosted { .. }
        | Refusal::TooManyObjections(_) => true,
        // They need lists and windows: see `comparisons` and `reporting`.
        Refusal::DoubtSettled(_)
        | Refusal::AlreadyDoubted(_)
        | Refusal::WindowClosed { .. }
        | Refusal::NotInWindow(_)
        | Refusal::PeriodReported { .. } => true,
        // They need more than one step in a life: see `households`.
        Refusal::StillInCase { .. }
        | Refusal::EndsBeforeBirth { .. }
        | Refusal::EventNotSo(_)
        | Refusal::SplitLeavesNobody(_)
        | Refusal::MergeWithItself(_)
        | Refusal::RelationNeeded(_)
        | Refusal::UnpairedBeforeExit { .. }
        | Refusal::Policy(_) => true,
        // They need posts, duties and findings: see `supervision`.
        Refusal::AlreadyInPost(_)
        | Refusal::StillInPost { .. }
        | Refusal::NotOwed { .. }
        | Refusal::TaskBeforePeriod { .. }
        | Refusal::ExcusesOneself
        | Refusal::SettledBeforeFound { .. }
        | Refusal::FindingSanctioned(_)
        | Refusal::SanctionWithoutFinding { .. }
        | Refusal::RungSkipped { .. }
        | Refusal::SanctionFollowed(_)
        | Refusal::SideSigned { .. }
        | Refusal::SignsForBoth(_)
        | Refusal::MoreAnswersThanAsked { .. }
        | Refusal::AwardBeyondNumber { .. }
        | Refusal::OtherThanDecided { .. } => true,
        // See `loans`.
        Refusal::Loan(_) => true,
        // See `rollup_commitments`.
        Refusal::Committed(_) => true,
        // See `ownership_transfers`.
        Refusal::OwnershipSettled(_) => true,
        // See `village_batches`.
        Refusal::Batch(_) | Refusal::NoHelperAssigned { .. } => true,
    };
    assert!(reached(&Refusal::NothingToDo));
    assert_eq!(codes.len(), 24, "every refusal is reached: {codes:?}");
}

#[test]
fn a_stale_revision_is_refused_with_the_current_one() {
    let mut county = County::new();
    let change = county.edit(VISIT, Action::Change, |visit: &mut Visit| {
        visit.purpose = None
    });
    county.must(vec![change.clone()]);
    expect![[
        r#"change 1: revision 1 is not the current one, 2; read the record again and repeat the change [stale-revision]"#
    ]]
    .assert_eq(&refused(&mut county, vec![change]));
}

#[test]
fn a_person_is_one_person_whatever_document_is_shown() {
    for (kind, number) in [
        ("id-card", "11010519491231002X"),
        ("id-card", "11010519491231002x"),
        ("id-card", "110105491231002"),
        ("household-booklet", "11010519491231002X"),
        ("disability-card", "11010519491231002X43"),
    ] {
        let mut county = County::new();
        let mut same = member(NEW, "02", "张三", "");
        same.identity.as_mut().unwrap().document = document(kind, number);
        let refused = county
            .decide(vec![
                create(NEW, OTHER_VILLAGE, household("2")),
                create(id(101), OTHER_VILLAGE, same),
            ])
            .unwrap_err();
        assert_eq!(
            refused.refusal,
            Refusal::DuplicatePerson { member: HEAD },
            "{kind} {number}"
        );
    }
}

#[test]
fn a_person_who_left_can_be_registered_again() {
    let mut county = County::new();
    let leave = county.edit(HEAD, Action::Close, ended);
    let heir = county.edit(WIFE, Action::Change, |wife: &mut Member| {
        wife.relation = code("02")
    });
    county.must(vec![leave, heir]);
    county.must(vec![
        create(NEW, OTHER_VILLAGE, household("2")),
        create(
            id(101),
            OTHER_VILLAGE,
            member(NEW, "02", "张三", "11010519491231002X"),
        ),
    ]);
}

#[test]
fn a_household_ends_with_its_members_in_one_command() {
    let mut county = County::new();
    let changes = vec![
        county.edit(HEAD, Action::Close, ended),
        county.edit(WIFE, Action::Close, ended),
        county.edit(PAIRING, Action::Close, unpaired),
        county.edit(HOUSEHOLD, Action::Close, |_: &mut Household| {}),
    ];
    county.must(changes);
    assert!(county.registry.get(HOUSEHOLD).closed);
}

#[test]
fn what_was_about_a_closed_household_can_still_be_ended_and_corrected() {
    let mut county = County::new();
    let close = |county: &County| {
        vec![
            county.edit(HEAD, Action::Close, ended),
            county.edit(WIFE, Action::Close, ended),
            county.edit(PAIRING, Action::Close, unpaired),
            county.edit(HOUSEHOLD, Action::Close, |_: &mut Household| {}),
            county.edit(CADRE, Action::Close, |cadre: &mut Cadre| {
                cadre.until = Some(day(20160901))
            }),
        ]
    };
    let changes = close(&county);
    county.must(changes);
    let changes = vec![
        county.edit(VISIT, Action::Change, |visit: &mut Visit| {
            visit.on = day(20160302)
        }),
        county.edit(TEAM, Action::Close, |team: &mut VillageTeam| {
            team.until = Some(day(20160901))
        }),
    ];
    county.must(changes);
}

#[test]
fn a_later_change_of_a_command_sees_the_earlier_one() {
    let mut county = County::new();
    let first = county.edit(VISIT, Action::Change, |visit: &mut Visit| {
        visit.on = day(20160303)
    });
    let second = Change {
        expected_revision: 2,
        ..first.clone()
    };
    let drafts = county.must(vec![first, second]);
    assert_eq!(
        drafts
            .iter()
            .map(|draft| draft.revision)
            .collect::<Vec<_>>(),
        [2, 3]
    );
    // The level of a new cadre is known to the pairing that follows.
    county.must(vec![
        create(NEW, TOWNSHIP, cadre("section-deputy", "8")),
        create(
            id(101),
            VILLAGE,
            pairing(HOUSEHOLD, NEW, HelperLevel::Section),
        ),
    ]);
    // A unit holds a sponsor's seat.
    let mut other = team(CADRE);
    other.seats[0].role = code("sponsor");
    other.seats[0].holder = id(102);
    county.must(vec![
        create(id(102), COUNTY, unit()),
        create(id(103), OTHER_VILLAGE, other),
    ]);
}

#[test]
fn nothing_of_a_refused_command_happens() {
    let mut county = County::new();
    let good = county.edit(VISIT, Action::Change, |visit: &mut Visit| {
        visit.on = day(20160303)
    });
    let bad = create(NEW, VILLAGE, team(CADRE));
    let refused = county.decide(vec![good, bad]).unwrap_err();
    assert_eq!(refused.change, 1);
    assert_eq!(county.registry.get(VISIT).revision, 1);
}

#[test]
fn parts_that_are_not_given_stay_and_empty_ones_are_cleared() {
    let mut county = County::new();
    let blind = county.edit(HOUSEHOLD, Action::Change, |household: &mut Household| {
        household.identity = None;
        household.note = None;
        household.willing = Some(false);
    });
    let drafts = county.must(vec![blind]);
    let classes: Vec<_> = drafts[0].sealed.iter().map(|part| part.class).collect();
    assert_eq!(classes, [Class::Identity, Class::FreeText]);
    let kept = Household::of(&county.registry.get(HOUSEHOLD).body);
    assert_eq!(kept.identity, household("1").identity);
    assert_eq!(kept.note, household("1").note);
    assert_eq!(kept.willing, Some(false));

    let cleared = county.edit(HOUSEHOLD, Action::Change, |household: &mut Household| {
        household.identity = Some(HouseholdIdentity::default());
        household.note = Some(None);
    });
    let drafts = county.must(vec![cleared]);
    assert!(drafts[0].sealed.is_empty(), "{:?}", drafts[0].sealed);
    let left = Household::of(&county.registry.get(HOUSEHOLD).body);
    assert_eq!(
        (left.identity, left.note),
        (None, None),
        "as the log gives it back"
    );
}

#[test]
fn a_visit_is_sealed_for_its_household_and_keeps_its_note() {
    let mut county = County::new();
    let blind = county.edit(VISIT, Action::Change, |visit: &mut Visit| {
        visit.note = None;
        visit.on = day(20160302);
    });
    let drafts = county.must(vec![blind]);
    assert_eq!(drafts[0].record, VISIT);
    let subjects: Vec<_> = drafts[0]
        .sealed
        .iter()
        .map(|part| (part.subject, part.class))
        .collect();
    assert_eq!(subjects, [(HOUSEHOLD, Class::FreeText)]);
    let after = Visit::of(&county.registry.get(VISIT).body);
    assert_eq!(after.note, visit(None, 20160301).note);

    let drafts = county.must(vec![create(NEW, VILLAGE, visit(None, 20160301))]);
    assert_eq!(
        drafts[0].sealed[0].subject, NEW,
        "a visit to the village is its own subject"
    );
}

#[test]
fn an_officer_keeps_the_password_and_can_be_locked_after_leaving_the_post() {
    let mut county = County::new();
    county.must(vec![create(NEW, COUNTY, officer("zhao", Some(CADRE)))]);
    let leave = county.edit(CADRE, Action::Close, |cadre: &mut Cadre| {
        cadre.until = Some(day(20160901))
    });
    let lock = county.edit(NEW, Action::Change, |officer: &mut Officer| {
        officer.locked = true;
        officer.password_hash = None;
    });
    county.must(vec![leave, lock]);
    let locked = Officer::of(&county.registry.get(NEW).body);
    assert_eq!(locked.password_hash, officer("zhao", None).password_hash);
    assert!(locked.locked);
}

#[test]
fn income_is_one_statement_a_year() {
    let mut county = County::new();
    let id = IncomeStatement::id_for(&HOUSEHOLD, year(2015));
    county.must(vec![create(id, VILLAGE, income(HOUSEHOLD, 2015))]);
    expect![[
        r#"change 1: revision 0 is not the current one, 1; read the record again and repeat the change [stale-revision]"#
    ]]
    .assert_eq(&refused(&mut county, vec![create(id, VILLAGE, income(HOUSEHOLD, 2015))]));
}

#[test]
fn a_change_that_changes_nothing_says_so() {
    let county = County::new();
    let same = county.edit(HOUSEHOLD, Action::Change, |household: &mut Household| {
        household.note = None
    });
    assert!(same.changes_nothing(county.registry.get(HOUSEHOLD)));
    let other = county.edit(HOUSEHOLD, Action::Change, |household: &mut Household| {
        household.note = Some(None)
    });
    assert!(!other.changes_nothing(county.registry.get(HOUSEHOLD)));
}
