//! Whatever is tried: the balances add up to nothing, no fund is below zero, and nothing was moved but by what is posted.

use std::collections::BTreeMap;

use lika_core::record::Body;
use proptest::{collection::vec, prelude::*};

use super::*;

/// What somebody tries.
#[derive(Clone, Debug)]
enum Step {
    Propose {
        from: usize,
        to: usize,
        fen: i64,
        settles: bool,
        on: u32,
    },
    Approve {
        which: usize,
        by_second: bool,
    },
    Withdraw(usize),
    Reverse(usize),
    Commit {
        account: usize,
        fen: i64,
    },
    Release(usize),
    Close(usize),
    CloseYear,
}

const ACCOUNTS: [RecordId; 5] = [INDUSTRY, UNBARRED, TREASURY, SUPPLIER, DONATIONS];
const FUNDS: [RecordId; 3] = [INDUSTRY, UNBARRED, DONATIONS];

fn step() -> impl Strategy<Value = Step> {
    let propose = (
        0..5usize,
        0..5usize,
        1..400i64,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(from, to, fen, settles, is_new)| Step::Propose {
            from,
            to,
            fen,
            settles,
            on: if is_new { 20161001 } else { 20151231 },
        });
    let any_one = 0..1000usize;
    let approve = (any_one.clone(), any::<bool>())
        .prop_map(|(which, by_second)| Step::Approve { which, by_second });
    prop_oneof![
        8 => propose,
        16 => approve,
        1 => any_one.clone().prop_map(Step::Withdraw),
        3 => any_one.clone().prop_map(Step::Reverse),
        2 => (0..5usize, 1..400i64).prop_map(|(account, fen)| Step::Commit { account, fen }),
        1 => any_one.clone().prop_map(Step::Release),
        1 => (0..5usize).prop_map(Step::Close),
        1 => Just(Step::CloseYear),
    ]
}

/// Everything that was written, by kind.
#[derive(Default)]
struct Written {
    transfers: Vec<RecordId>,
    commitments: Vec<RecordId>,
}

impl Written {
    fn fresh(&self) -> RecordId {
        let number = self.transfers.len() + self.commitments.len();
        let mut id = [200; 16];
        id[14..].copy_from_slice(&u16::try_from(number).unwrap().to_be_bytes());
        RecordId(id)
    }

    fn transfer(&self, which: usize) -> Option<RecordId> {
        let count = self.transfers.len().max(1);
        self.transfers.get(which % count).copied()
    }
}

fn body(county: &County, transfer: RecordId) -> Transfer {
    Transfer::of(&county.registry.get(transfer).body)
}

/// The change that a step asks for, and who asks.
fn change(county: &County, written: &Written, step: &Step) -> Option<(RecordId, Change)> {
    let change = match *step {
        Step::Propose {
            from,
            to,
            fen,
            settles,
            on,
        } => {
            let settles = written.commitments.last().copied().filter(|_| settles);
            let owing = settles.map(|id| Commitment::of(&county.registry.get(id).body).account);
            let (from, to) = (owing.unwrap_or(ACCOUNTS[from]), ACCOUNTS[to]);
            let is_fund = |account| FUNDS.contains(&account);
            let direction = match (is_fund(from), is_fund(to)) {
                (true, false) => Direction::Out {
                    used_for: code("industry"),
                },
                (true, true) => Direction::Internal,
                _ => Direction::In,
            };
            let proposed = Transfer {
                on: day(on),
                settles,
                channel: code(if [from, to].contains(&DONATIONS) {
                    "donation"
                } else {
                    "industry-fund"
                }),
                ..transfer(from, to, fen, direction)
            };
            proposal(written.fresh(), proposed)
        }
        Step::Approve { which, by_second } => {
            let officer = if by_second { SECOND } else { FIRST };
            let transfer = written.transfer(which)?;
            if body(county, transfer).is_posted() {
                return None;
            }
            return Some((officer, approved(county, transfer, officer)));
        }
        Step::Withdraw(which) => county.edit(
            written.transfer(which)?,
            Action::Close,
            |_: &mut Transfer| {},
        ),
        Step::Reverse(which) => {
            let of = written.transfer(which)?;
            let undone = Transfer {
                on: day(20161001),
                ..reversal(of, &body(county, of))
            };
            proposal(written.fresh(), undone)
        }
        Step::Commit { account, fen } => commitment(written.fresh(), ACCOUNTS[account], fen),
        Step::Release(which) => {
            let count = written.commitments.len().max(1);
            let released = written.commitments.get(which % count)?;
            county.edit(*released, Action::Close, |_: &mut Commitment| {})
        }
        Step::Close(account) => county.edit(ACCOUNTS[account], Action::Close, |_: &mut Account| {}),
        Step::CloseYear => closing(COUNTY, 2015),
    };
    Some((FIRST, change))
}

/// What the posted transfers leave, added up from what was accepted alone.
fn recomputed(county: &County, written: &Written) -> BTreeMap<RecordId, i64> {
    let mut balances = BTreeMap::new();
    for transfer in &written.transfers {
        let transfer = body(county, *transfer);
        if transfer.approvals.len() == 2 {
            *balances.entry(transfer.from).or_default() -= transfer.amount.0;
            *balances.entry(transfer.to).or_default() += transfer.amount.0;
        }
    }
    balances
}

/// What a fund owes: the open commitments less what was paid for them and not undone.
fn owed(county: &County, written: &Written, fund: RecordId) -> i64 {
    let mut owed = 0;
    for id in &written.commitments {
        let record = county.registry.get(*id);
        let commitment = Commitment::of(&record.body);
        if record.closed || commitment.account != fund {
            continue;
        }
        owed += commitment.amount.0;
        for transfer in &written.transfers {
            let transfer = body(county, *transfer);
            if transfer.is_posted() && transfer.settles == Some(*id) {
                let is_undoing = transfer.reverses.is_some();
                owed += transfer.amount.0 * if is_undoing { 1 } else { -1 };
            }
        }
    }
    owed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_is_tried_no_money_is_made_or_lost(steps in vec(step(), 1..60)) {
        let mut county = county(0);
        let mut written = Written::default();
        for step in steps {
            let Some((actor, change)) = change(&county, &written, &step) else {
                continue;
            };
            let before = ACCOUNTS.map(|account| balance(&county, account));
            let (id, is_new) = (change.id, change.action == Action::Create);
            let is_transfer = matches!(change.body, Body::Transfer(_));
            let is_commitment = matches!(change.body, Body::Commitment(_));
            let done = tried(&mut county, actor, change) == "done";
            let after = ACCOUNTS.map(|account| balance(&county, account));
            if !done {
                prop_assert_eq!(before, after, "{:?} was refused", step);
            } else if is_new && is_transfer {
                written.transfers.push(id);
            } else if is_new && is_commitment {
                written.commitments.push(id);
            }
            prop_assert_eq!(after.iter().sum::<i64>(), 0);
            for fund in FUNDS {
                prop_assert!(balance(&county, fund) >= 0, "{:?}", step);
            }
            for fund in FUNDS {
                let owed = owed(&county, &written, fund);
                prop_assert!(owed >= 0 && owed <= balance(&county, fund), "{:?}", step);
            }
            let expected = recomputed(&county, &written);
            for (account, fen) in ACCOUNTS.into_iter().zip(after) {
                prop_assert_eq!(expected.get(&account).copied().unwrap_or_default(), fen);
            }
        }
    }
}
