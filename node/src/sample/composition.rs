//! How many people of which kind live in which household.

use super::{dice::Dice, targets::Targets};

/// The most people able to work in a household.
const MOST_ABLE: usize = 3;

/// The most others in a five-guarantee household, and in any other.
const MOST_OTHERS_OF_FIVE_GUARANTEE: usize = 2;
const MOST_OTHERS: usize = 6;

/// Types of households in Luxi (S4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 扶贫开发户: somebody is able to work.
    Development,
    /// 扶贫低保户.
    DevelopmentAllowance,
    /// 纯低保户: nobody is able to work.
    AllowanceOnly,
    /// 五保户: nobody is able to work, and nobody else provides for them.
    FiveGuarantee,
}

/// The size of a household.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) able: usize,
    pub(super) others: usize,
}

impl Kind {
    /// The label of the form.
    pub fn label(self) -> &'static str {
        match self {
            Self::Development => "扶贫开发户",
            Self::DevelopmentAllowance => "扶贫低保户",
            Self::AllowanceOnly => "纯低保户",
            Self::FiveGuarantee => "五保户",
        }
    }

    fn may_be_able(self) -> bool {
        matches!(self, Self::Development | Self::DevelopmentAllowance)
    }

    fn most_others(self) -> usize {
        if self == Self::FiveGuarantee {
            MOST_OTHERS_OF_FIVE_GUARANTEE
        } else {
            MOST_OTHERS
        }
    }
}

/// Frames whose people and able people are exactly those of the targets, where households of these sizes can be.
pub(super) fn frames(targets: &Targets, dice: &mut Dice) -> Vec<Frame> {
    let mut frames: Vec<Frame> = (0..targets.households)
        .map(|place| frame(place, targets))
        .collect();
    dice.shuffle(&mut frames);
    share_able(&mut frames, targets.able, dice);
    let able: usize = frames.iter().map(|frame| frame.able).sum();
    share_others(&mut frames, targets.people.saturating_sub(able), dice);
    frames
}

fn frame(place: usize, targets: &Targets) -> Frame {
    let Targets {
        development,
        allowance_only,
        five_guarantee,
        ..
    } = *targets;
    let kind = if place < development {
        Kind::Development
    } else if place < development + allowance_only {
        Kind::AllowanceOnly
    } else if place < development + allowance_only + five_guarantee {
        Kind::FiveGuarantee
    } else {
        Kind::DevelopmentAllowance
    };
    Frame {
        kind,
        able: 0,
        others: 0,
    }
}

/// One for every development household, then one for each other that may have one, then the rest by chance.
fn share_able(frames: &mut [Frame], able: usize, dice: &mut Dice) {
    let mut left = able;
    for kind in [Kind::Development, Kind::DevelopmentAllowance] {
        for frame in frames.iter_mut().filter(|frame| frame.kind == kind) {
            let given = left.min(1);
            frame.able = given;
            left -= given;
        }
    }
    share(frames, left, dice, |frame| {
        (frame.kind.may_be_able() && frame.able < MOST_ABLE).then_some(&mut frame.able)
    });
}

/// One for every household that has nobody yet, then the rest by chance.
fn share_others(frames: &mut [Frame], others: usize, dice: &mut Dice) {
    let mut left = others;
    for frame in frames.iter_mut().filter(|frame| frame.able == 0) {
        let given = left.min(1);
        frame.others = given;
        left -= given;
    }
    share(frames, left, dice, |frame| {
        (frame.others < frame.kind.most_others()).then_some(&mut frame.others)
    });
}

/// Gives out what is left, one by one, to those that have room.
fn share(
    frames: &mut [Frame],
    mut left: usize,
    dice: &mut Dice,
    room: impl Fn(&mut Frame) -> Option<&mut usize>,
) {
    let mut with_room: Vec<usize> = (0..frames.len())
        .filter(|at| room(&mut frames[*at]).is_some())
        .collect();
    while left > 0 && !with_room.is_empty() {
        let place = dice.below(with_room.len());
        match room(&mut frames[with_room[place]]) {
            Some(count) => {
                *count += 1;
                left -= 1;
            }
            None => drop(with_room.swap_remove(place)),
        }
    }
}
