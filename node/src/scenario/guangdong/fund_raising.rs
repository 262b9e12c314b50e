//! S3.7: the yearly fund-raising day is a channel of its own in the books.

use std::collections::BTreeSet;

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Account, Body, Direction, Fund, Record, Side, Transfer},
    value::{AreaCode, Code, Date, Fen, Label, RecordId},
};

use super::{super::scene::officers::Colleague, Figure, Guangdong, PROVINCE, Row, Scene, id};

const CHANNEL: &str = "fund-raising-day";
/// The document gives no amount.
const DONATIONS: [Fen; 3] = [Fen(500_000_000), Fen(12_345_678), Fen(100)];

/// Donations of the day come in, each approved by two.
pub(super) fn raise(scene: &mut Scene, two: &[Colleague; 2]) -> anyhow::Result<()> {
    let province = AreaCode::parse(PROVINCE)?;
    let fund = Account {
        name: Label::parse("扶贫济困日募捐")?,
        side: Side::Internal(Fund {
            channel: Code::parse(CHANNEL)?,
            purpose: Code::parse("general")?,
            year: None,
            barred_from_living_expenses: false,
        }),
    };
    let givers = Account {
        name: Label::parse("社会各界")?,
        side: Side::External,
    };
    scene.apply(vec![
        Change::create(id("account", 0), province, fund),
        Change::create(id("account", 1), province, givers),
    ])?;
    for (number, amount) in DONATIONS.iter().enumerate() {
        give(scene, two, id("donation", number), *amount)?;
    }
    Ok(())
}

fn give(scene: &mut Scene, two: &[Colleague; 2], own: RecordId, amount: Fen) -> anyhow::Result<()> {
    let donation = Transfer {
        from: id("account", 1),
        to: id("account", 0),
        amount,
        on: scene.today(),
        direction: Direction::In,
        channel: Code::parse(CHANNEL)?,
        evidence: None,
        reverses: None,
        settles: None,
        approvals: Vec::new(),
    };
    let province = AreaCode::parse(PROVINCE)?;
    scene.apply(vec![Change::create(own, province, donation)])?;
    for who in two {
        let open = scene.list(Kind::Transfer, &province)?;
        for record in open.into_iter().filter(|record| record.id == own) {
            if let Body::Transfer(donation) = &record.body {
                let mut donation = donation.clone();
                donation.approvals.push(who.approval());
                let approve = Change::of(&record, Action::Change, donation);
                scene.apply_as(who, vec![approve])?;
            }
        }
    }
    Ok(())
}

pub(super) fn row() -> Row<Guangdong> {
    Row::<Guangdong>::new(
        (
            "S3.7",
            "the day on which money comes in by the channel of the fund-raising day",
        ),
        Figure::Shown("06-30".to_owned()),
        |guangdong| {
            let transfers = guangdong
                .scene
                .list(Kind::Transfer, &guangdong.scene.area())?;
            let came_in = |record: &Record| match &record.body {
                Body::Transfer(transfer)
                    if transfer.is_posted()
                        && transfer.channel == CHANNEL
                        && transfer.direction == Direction::In =>
                {
                    Some(month_and_day(transfer.on))
                }
                _ => None,
            };
            let days: BTreeSet<String> = transfers.iter().filter_map(came_in).collect();
            let days: Vec<String> = days.into_iter().collect();
            Ok(Figure::Shown(days.join(", ")))
        },
        "somebody gives on another day",
        |guangdong| {
            let another = id("donation", DONATIONS.len());
            give(&mut guangdong.scene, &guangdong.two, another, Fen(100))
        },
    )
    .remark("posted transfers, each approved by two")
}

fn month_and_day(day: Date) -> String {
    format!("{:02}-{:02}", day.month().month_of_year(), day.day())
}
