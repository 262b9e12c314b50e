//! Money that a bank pays out: every fen of a batch is in the fund, in transit or with a household.

use lika_core::{
    command::Registry as _,
    log::Kind,
    record::{
        Decision, Entitlement, HouseholdPayment, Outcome, PaymentBatch, PaymentResult,
        PaymentReturn, Record, Sent, decision_id,
    },
    value::Digest,
};

use proptest::{collection::vec, prelude::*};

use super::*;

const TRANSIT: RecordId = id(60);
const PAYEES: RecordId = id(61);
const NEIGHBOUR: RecordId = id(62);
const NEIGHBOURS_HEAD: RecordId = id(66);
const BATCH: RecordId = id(63);
const AGAIN: RecordId = id(64);
const EVALUATION: RecordId = id(65);

/// The county of the ledger with an account for what is in transit, one for who was paid, and a second household.
fn paying(fen: i64) -> County {
    let mut county = county(fen);
    let mut in_transit = fund(TRANSIT, COUNTY, "industry-fund", true);
    if let lika_core::record::Body::Account(Account {
        side: Side::Internal(fund),
        ..
    }) = &mut in_transit.body
    {
        fund.purpose = code("in-transit");
    }
    county.must(vec![
        in_transit,
        external(PAYEES),
        Change::create(NEIGHBOUR, area(VILLAGE), household("2")),
        Change::create(
            NEIGHBOURS_HEAD,
            area(VILLAGE),
            member(NEIGHBOUR, "02", "王五", ""),
        ),
    ]);
    county
}

fn pay(household: RecordId, fen: i64) -> HouseholdPayment {
    HouseholdPayment {
        household,
        payee: if household == NEIGHBOUR {
            NEIGHBOURS_HEAD
        } else {
            HEAD
        },
        amount: Fen(fen),
        follows: None,
        reissues: None,
    }
}

fn batch(payments: Vec<HouseholdPayment>) -> PaymentBatch {
    PaymentBatch {
        from: INDUSTRY,
        transit: TRANSIT,
        used_for: code("industry"),
        on: day(20160901),
        payments,
        approvals: Vec::new(),
        sent: None,
    }
}

fn propose_batch(county: &mut County, id: RecordId, batch: PaymentBatch) -> &'static str {
    tried(county, FIRST, Change::create(id, area(COUNTY), batch))
}

fn approve_batch(county: &mut County, id: RecordId, officer: RecordId) -> &'static str {
    let change = county.edit(id, Action::Change, |batch: &mut PaymentBatch| {
        batch.approvals.push(Approval {
            officer,
            cadre: None,
        });
    });
    tried(county, officer, change)
}

fn send(county: &mut County, id: RecordId) -> &'static str {
    let change = county.edit(id, Action::Change, |batch: &mut PaymentBatch| {
        batch.sent = Some(Sent {
            on: day(20160902),
            file: Digest([7; 32]),
            as_of: (1, 9),
        });
    });
    tried(county, FIRST, change)
}

/// Proposes, approves twice and sends.
fn send_batch(county: &mut County, id: RecordId, batch: PaymentBatch) {
    assert_eq!(propose_batch(county, id, batch), "done");
    assert_eq!(approve_batch(county, id, FIRST), "done");
    assert_eq!(approve_batch(county, id, SECOND), "done");
    assert_eq!(send(county, id), "done");
}

fn returned(batch: RecordId, results: &[(RecordId, i64, Option<&str>)]) -> PaymentReturn {
    let result = |(household, fen, fault): &(RecordId, i64, Option<&str>)| PaymentResult {
        household: *household,
        amount: Fen(*fen),
        fault: fault.map(code),
    };
    PaymentReturn {
        batch,
        from: INDUSTRY,
        transit: TRANSIT,
        payees: PAYEES,
        channel: code("industry-fund"),
        used_for: code("industry"),
        on: day(20160905),
        results: results.iter().map(result).collect(),
    }
}

fn take_back(county: &mut County, returned: PaymentReturn) -> &'static str {
    let id = PaymentReturn::id_for(&returned.batch);
    tried(county, FIRST, Change::create(id, area(COUNTY), returned))
}

fn balances(county: &County) -> [i64; 3] {
    [INDUSTRY, TRANSIT, PAYEES].map(|account| balance(county, account))
}

#[test]
fn every_fen_of_a_batch_is_in_the_fund_in_transit_or_with_a_household() {
    let mut county = paying(500);
    let both = batch(vec![pay(HOUSEHOLD, 200), pay(NEIGHBOUR, 100)]);
    assert_eq!(propose_batch(&mut county, BATCH, both), "done");
    assert_eq!(approve_batch(&mut county, BATCH, FIRST), "done");
    assert_eq!(approve_batch(&mut county, BATCH, FIRST), "same-person");
    assert_eq!(balances(&county), [500, 0, 0]);
    assert_eq!(send(&mut county, BATCH), "invalid-field");
    assert_eq!(approve_batch(&mut county, BATCH, SECOND), "done");
    assert_eq!(balances(&county), [200, 300, 0]);
    let results = [(HOUSEHOLD, 200, None), (NEIGHBOUR, 100, Some("no-account"))];
    let early = take_back(&mut county, returned(BATCH, &results));
    assert_eq!(early, "payment-not-sent");
    assert_eq!(send(&mut county, BATCH), "done");
    assert_eq!(take_back(&mut county, returned(BATCH, &results)), "done");
    assert_eq!(balances(&county), [300, 0, 200]);
    let of_return = PaymentReturn::id_for(&BATCH);
    let twice = county.edit(of_return, Action::Change, |_: &mut PaymentReturn| {});
    assert_eq!(tried(&mut county, FIRST, twice), "already-returned");
    let away = county.edit(BATCH, Action::Close, |_: &mut PaymentBatch| {});
    assert_eq!(tried(&mut county, FIRST, away), "payment-posted");
}

#[test]
fn what_failed_is_made_good_once_and_as_it_was() {
    let mut county = paying(500);
    send_batch(
        &mut county,
        BATCH,
        batch(vec![pay(HOUSEHOLD, 200), pay(NEIGHBOUR, 100)]),
    );
    let again = |household, fen| {
        let payment = HouseholdPayment {
            reissues: Some(BATCH),
            ..pay(household, fen)
        };
        batch(vec![payment])
    };
    let refused = propose_batch(&mut county, AGAIN, again(NEIGHBOUR, 100));
    assert_eq!(refused, "nothing-failed");
    let results = [(HOUSEHOLD, 200, None), (NEIGHBOUR, 100, Some("other-name"))];
    assert_eq!(take_back(&mut county, returned(BATCH, &results)), "done");
    for (household, fen, expected) in [
        (HOUSEHOLD, 200, "nothing-failed"),
        (NEIGHBOUR, 101, "invalid-field"),
        (NEIGHBOUR, 100, "done"),
    ] {
        let refused = propose_batch(&mut county, AGAIN, again(household, fen));
        assert_eq!(refused, expected, "{household} {fen}");
    }
    let refused = propose_batch(&mut county, id(67), again(NEIGHBOUR, 100));
    assert_eq!(refused, "already-reissued");
    // What was withdrawn makes nothing good.
    let withdraw = county.edit(AGAIN, Action::Close, |_: &mut PaymentBatch| {});
    county.must(vec![withdraw]);
    let now = propose_batch(&mut county, id(67), again(NEIGHBOUR, 100));
    assert_eq!(now, "done");
}

/// Writes down that a policy gave a household an amount, as an evaluation does.
fn decide_for(county: &mut County, household: RecordId, fen: i64) -> Entitlement {
    let purpose = code("household-fund");
    let decision = decision_id(&purpose, &household);
    let record = Record {
        id: decision,
        area: area(VILLAGE),
        revision: 1,
        closed: false,
        body: Decision {
            evaluation: EVALUATION,
            purpose,
            subject_kind: Kind::Household,
            subject: household,
            outcome: Outcome::Granted(code("eligible")),
            amount: Some(Fen(fen)),
            score: None,
            reasons: Vec::new(),
            comparisons: Vec::new(),
            proposals: Vec::new(),
        }
        .into(),
    };
    let draft = record.draft(Action::Create, record.body.parts());
    match county.registry.stage(None, &record, &draft) {
        Ok(()) => {}
        Err(never) => match never {},
    }
    Entitlement {
        decision,
        evaluation: EVALUATION,
    }
}

#[test]
fn a_decision_is_paid_once_however_many_batches_name_it() {
    let mut county = paying(5_000);
    let follows = decide_for(&mut county, HOUSEHOLD, 200);
    let of_first = follows;
    let by_decision = |household, fen, follows| {
        let payment = HouseholdPayment {
            follows: Some(follows),
            ..pay(household, fen)
        };
        batch(vec![payment])
    };
    let of_another = Entitlement {
        evaluation: id(99),
        ..follows
    };
    for (household, fen, follows, expected) in [
        (HOUSEHOLD, 201, follows, "beyond-decision"),
        (NEIGHBOUR, 100, follows, "invalid-field"),
        (HOUSEHOLD, 100, of_another, "invalid-field"),
        (HOUSEHOLD, 120, follows, "done"),
    ] {
        let batch = by_decision(household, fen, follows);
        let came = propose_batch(&mut county, BATCH, batch);
        assert_eq!(came, expected, "{household} {fen}");
    }
    let rest = |fen| by_decision(HOUSEHOLD, fen, follows);
    let refused = propose_batch(&mut county, AGAIN, rest(81));
    assert_eq!(refused, "beyond-decision");
    assert_eq!(propose_batch(&mut county, AGAIN, rest(80)), "done");
    for officer in [FIRST, SECOND] {
        assert_eq!(approve_batch(&mut county, BATCH, officer), "done");
    }
    assert_eq!(send(&mut county, BATCH), "done");
    let failed = [(HOUSEHOLD, 120, Some("account-closed"))];
    assert_eq!(take_back(&mut county, returned(BATCH, &failed)), "done");
    // What failed is made good by a payment that takes its place, and by no other: asked again, the policy gives no more.
    let follows = decide_again(&mut county, follows.decision, id(70));
    let rest = |fen| by_decision(HOUSEHOLD, fen, follows);
    let refused = propose_batch(&mut county, id(67), rest(1));
    assert_eq!(refused, "beyond-decision");
    let failed = HouseholdPayment {
        reissues: Some(BATCH),
        ..by_decision(HOUSEHOLD, 120, of_first).payments.remove(0)
    };
    let reissue = || batch(vec![failed.clone()]);
    assert_eq!(propose_batch(&mut county, id(67), reissue()), "done");
    let refused = propose_batch(&mut county, id(68), reissue());
    assert_eq!(refused, "already-reissued");
    // Another year of the books is another year of the decision.
    let of_last_year = PaymentBatch {
        on: day(20151230),
        ..rest(200)
    };
    let came = propose_batch(&mut county, id(68), of_last_year);
    assert_eq!(came, "done");
}

/// The policy is asked again and says the same.
fn decide_again(county: &mut County, decision: RecordId, evaluation: RecordId) -> Entitlement {
    let before = county.registry.get(decision).clone();
    let mut record = before.clone();
    let lika_core::record::Body::Decision(body) = &mut record.body else {
        panic!("a decision");
    };
    body.evaluation = evaluation;
    record.revision += 1;
    let draft = record.draft(Action::Change, record.body.parts());
    match county.registry.stage(Some(&before), &record, &draft) {
        Ok(()) => {}
        Err(never) => match never {},
    }
    Entitlement {
        decision,
        evaluation,
    }
}

#[test]
fn what_is_not_there_barred_or_elsewhere_is_not_paid() {
    let mut county = paying(500);
    county.must(vec![register("360323999")]);
    let one = || batch(vec![pay(HOUSEHOLD, 100)]);
    let edited = |edit: fn(&mut PaymentBatch)| {
        let mut batch = one();
        edit(&mut batch);
        batch
    };
    type Case = (&'static str, fn(&mut PaymentBatch));
    let cases: [Case; 9] = [
        ("invalid-field", |it| it.payments[0].payee = NEIGHBOURS_HEAD),
        ("no-such-record", |it| it.payments = vec![pay(id(98), 1)]),
        ("barred-use", |it| it.used_for = code("living-expenses")),
        ("invalid-field", |it| it.from = PAYEES),
        ("invalid-field", |it| it.transit = UNBARRED),
        ("in-transit", |it| it.from = TRANSIT),
        ("other-area", |it| it.from = HOUSEHOLDS),
        ("other-channel", |it| it.from = DONATIONS),
        ("in-the-future", |it| it.on = day(20161002)),
    ];
    for (expected, edit) in cases {
        let before = county.registry.clone();
        let refused = propose_batch(&mut county, BATCH, edited(edit));
        assert_eq!(refused, expected);
        assert!(county.registry.same(&before));
    }
    // More than is there posts when there is enough, and not before.
    let much = batch(vec![pay(HOUSEHOLD, 501)]);
    assert_eq!(propose_batch(&mut county, BATCH, much), "done");
    assert_eq!(approve_batch(&mut county, BATCH, FIRST), "done");
    assert_eq!(approve_batch(&mut county, BATCH, SECOND), "below-zero");
    // Nothing but a batch moves what is in transit.
    for transfer in [moved(INDUSTRY, TRANSIT, 1), moved(TRANSIT, INDUSTRY, 1)] {
        assert_eq!(propose(&mut county, id(101), transfer), "in-transit");
    }
}

#[test]
fn a_return_answers_for_the_whole_batch_and_an_account_waits_for_it() {
    let mut county = paying(100);
    let both = || batch(vec![pay(HOUSEHOLD, 60), pay(NEIGHBOUR, 40)]);
    send_batch(&mut county, BATCH, both());
    let close =
        |account| move |county: &County| county.edit(account, Action::Close, |_: &mut Account| {});
    let emptied = close(INDUSTRY)(&county);
    assert_eq!(tried(&mut county, FIRST, emptied), "payments-under-way");
    let (one, two) = ((HOUSEHOLD, 60, None), (NEIGHBOUR, 40, None));
    for results in [
        &[one][..],
        &[two, one],
        &[one, (NEIGHBOUR, 41, None)],
        &[one, two, (CADRE, 1, None)],
    ] {
        let refused = take_back(&mut county, returned(BATCH, results));
        assert_eq!(refused, "invalid-field", "{results:?}");
    }
    type Edit = fn(&mut PaymentReturn);
    let edits: [Edit; 6] = [
        |it| it.payees = UNBARRED,
        |it| it.from = UNBARRED,
        |it| it.transit = INDUSTRY,
        |it| it.channel = code("donation"),
        |it| it.used_for = code("training"),
        |it| it.on = day(20160901),
    ];
    for edit in edits {
        let mut wrong = returned(BATCH, &[one, two]);
        edit(&mut wrong);
        assert_eq!(take_back(&mut county, wrong), "invalid-field");
    }
    assert_eq!(take_back(&mut county, returned(BATCH, &[one, two])), "done");
    assert_eq!(balances(&county), [0, 0, 100]);
    let emptied = close(INDUSTRY)(&county);
    assert_eq!(tried(&mut county, FIRST, emptied), "done");
}

#[test]
fn what_was_proposed_or_sent_stays() {
    let mut county = paying(500);
    let one = batch(vec![pay(HOUSEHOLD, 100)]);
    assert_eq!(propose_batch(&mut county, BATCH, one), "done");
    type Edit = fn(&mut PaymentBatch);
    let edits: [(&str, Edit); 5] = [
        ("from", |it| it.from = UNBARRED),
        ("transit", |it| it.transit = INDUSTRY),
        ("used_for", |it| it.used_for = code("training")),
        ("on", |it| it.on = day(20160830)),
        ("payments", |it| it.payments.push(pay(NEIGHBOUR, 1))),
    ];
    for (field, edit) in edits {
        let change = county.edit(BATCH, Action::Change, edit);
        let refused = county.decide(vec![change]).unwrap_err().to_string();
        assert!(refused.contains(&format!("{field}: stays")), "{refused}");
    }
    for officer in [FIRST, SECOND] {
        assert_eq!(approve_batch(&mut county, BATCH, officer), "done");
    }
    assert_eq!(send(&mut county, BATCH), "done");
    let other_file = county.edit(BATCH, Action::Change, |batch: &mut PaymentBatch| {
        batch.sent = None;
    });
    assert_eq!(tried(&mut county, FIRST, other_file), "invalid-field");
}

/// What somebody tries with batches.
#[derive(Clone, Debug)]
enum Step {
    Propose { fen: [i64; 2], reissues: bool },
    Approve { which: usize, by_second: bool },
    Withdraw(usize),
    Send(usize),
    TakeBack { which: usize, failed: [bool; 2] },
    Spend(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..1000usize;
    let propose = (1..300i64, 1..300i64, any::<bool>());
    let take_back = (which.clone(), any::<bool>(), any::<bool>());
    prop_oneof![
        4 => propose.prop_map(|(one, two, reissues)| Step::Propose { fen: [one, two], reissues }),
        8 => (which.clone(), any::<bool>())
            .prop_map(|(which, by_second)| Step::Approve { which, by_second }),
        1 => which.clone().prop_map(Step::Withdraw),
        4 => which.prop_map(Step::Send),
        4 => take_back.prop_map(|(which, one, two)| Step::TakeBack { which, failed: [one, two] }),
        1 => (1..200i64).prop_map(Step::Spend),
    ]
}

/// Tries a step on the batches so far.
fn attempt(county: &mut County, batches: &mut Vec<RecordId>, step: &Step) {
    let fresh = {
        let mut id = [220; 16];
        id[15] = u8::try_from(batches.len()).unwrap();
        RecordId(id)
    };
    let batch_of = |which: usize| batches.get(which % batches.len().max(1)).copied();
    match *step {
        Step::Propose { fen, reissues } => {
            let reissues = batches.first().copied().filter(|_| reissues);
            let payment = |household, fen| HouseholdPayment {
                reissues,
                ..pay(household, fen)
            };
            let both = batch(vec![payment(HOUSEHOLD, fen[0]), payment(NEIGHBOUR, fen[1])]);
            if propose_batch(county, fresh, both) == "done" {
                batches.push(fresh);
            }
        }
        Step::Approve { which, by_second } => {
            let officer = if by_second { SECOND } else { FIRST };
            if let Some(id) = batch_of(which)
                && !body_of(county, id).is_posted()
            {
                approve_batch(county, id, officer);
            }
        }
        Step::Withdraw(which) => {
            if let Some(id) = batch_of(which) {
                let change = county.edit(id, Action::Close, |_: &mut PaymentBatch| {});
                tried(county, FIRST, change);
            }
        }
        Step::Send(which) => {
            if let Some(id) = batch_of(which) {
                send(county, id);
            }
        }
        Step::TakeBack { which, failed } => {
            if let Some(id) = batch_of(which) {
                let of_batch = body_of(county, id);
                let payments = of_batch.payments.iter().zip(failed);
                let results = payments.map(|(payment, failed)| {
                    let fault = failed.then_some("no-account");
                    (payment.household, payment.amount.0, fault)
                });
                let results: Vec<_> = results.collect();
                take_back(county, returned(id, &results));
            }
        }
        Step::Spend(fen) => {
            let mut id = [221; 16];
            id[15] = u8::try_from(batches.len()).unwrap();
            move_money(county, RecordId(id), expense(INDUSTRY, fen, "industry"));
        }
    }
}

fn body_of(county: &County, id: RecordId) -> PaymentBatch {
    PaymentBatch::of(&county.registry.get(id).body)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_tried_a_fen_is_in_one_place_and_nobody_is_paid_twice(
        steps in vec(step(), 1..40)
    ) {
        let mut county = paying(1_000);
        let mut batches = Vec::new();
        for step in steps {
            attempt(&mut county, &mut batches, &step);
            let mut in_transit = 0;
            let mut paid = 0;
            for id in &batches {
                let batch = body_of(&county, *id);
                let of_return = county.registry.current(&PaymentReturn::id_for(id)).unwrap();
                match of_return.map(|record| PaymentReturn::of(&record.body)) {
                    Some(returned) => paid += returned.paid().0,
                    None if batch.is_posted() => in_transit += batch.total().0,
                    None => {}
                }
            }
            prop_assert_eq!(balance(&county, TRANSIT), in_transit, "{:?}", step);
            prop_assert_eq!(balance(&county, PAYEES), paid, "{:?}", step);
            let left = balance(&county, INDUSTRY) + balance(&county, SUPPLIER);
            prop_assert_eq!(left + in_transit + paid, 1_000, "{:?}", step);
            prop_assert!(balance(&county, INDUSTRY) >= 0);
            for household in [HOUSEHOLD, NEIGHBOUR] {
                let reissues = batches.iter().filter(|id| {
                    let record = county.registry.get(**id);
                    let batch = PaymentBatch::of(&record.body);
                    let mut payments = batch.payments.iter();
                    !record.closed
                        && payments.any(|it| it.household == household && it.reissues.is_some())
                });
                prop_assert!(reissues.count() <= 1, "{:?}", step);
            }
        }
    }
}
