//! S3.7: the yearly fund-raising day is a channel of its own in the books.

use std::collections::BTreeSet;

use lika_core::{
    log::Kind,
    record::{Body, Direction, Record},
    value::{Date, Fen, RecordId},
};

use super::{
    super::scene::money::{fund, outside},
    Figure, Guangdong, Row, Scene,
};

const CHANNEL: &str = "fund-raising-day";
/// The document gives no amount.
const DONATIONS: [Fen; 3] = [Fen(500_000_000), Fen(12_345_678), Fen(100)];

/// What is raised on the day.
pub(super) struct FundRaising {
    givers: RecordId,
    fund: RecordId,
}

impl FundRaising {
    /// Donations of the day come in, each approved by two.
    pub(super) fn raise(scene: &mut Scene) -> anyhow::Result<Self> {
        let province = scene.area();
        let raised = Self {
            givers: scene.open_account(province, outside("社会各界")?)?,
            fund: scene.open_account(province, fund(CHANNEL, "general")?)?,
        };
        raised.give(scene, &DONATIONS)?;
        Ok(raised)
    }

    fn give(&self, scene: &mut Scene, amounts: &[Fen]) -> anyhow::Result<()> {
        let accounts = (self.givers, self.fund);
        let donation = |amount: &Fen| {
            let donation = scene.transfer(accounts, *amount, Direction::In, CHANNEL)?;
            Ok((scene.area(), donation))
        };
        let donations = amounts.iter().map(donation);
        let donations = donations.collect::<anyhow::Result<_>>()?;
        scene.move_money(donations)
    }
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
            let another = [Fen(100)];
            guangdong.fund_raising.give(&mut guangdong.scene, &another)
        },
    )
    .remark("posted transfers, each approved by two")
}

fn month_and_day(day: Date) -> String {
    format!("{:02}-{:02}", day.month().month_of_year(), day.day())
}
