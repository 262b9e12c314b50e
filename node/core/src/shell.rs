//! Shell villages: villages whose collective income stays below a threshold (S2.7).
//!
//! No document gives the threshold, so it is a setting of the question. A village whose income of the year nobody has
//! stated is unknown: it is neither a shell village nor the opposite.

use std::collections::BTreeMap;

use crate::value::{AreaCode, AreaLevel, Fen};

/// What is known of villages in a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellVillages {
    /// Below the threshold, with their income, in the order of their codes.
    pub below: Vec<(AreaCode, Fen)>,
    /// How many reach the threshold.
    pub reached: usize,
    /// Without a statement of the year, in the order of their codes.
    pub unknown: Vec<AreaCode>,
}

/// Holds the villages among these areas against a threshold, by their income of one year.
pub fn shell_villages(
    areas: impl IntoIterator<Item = AreaCode>,
    incomes: &BTreeMap<AreaCode, Fen>,
    below: Fen,
) -> ShellVillages {
    let mut villages: Vec<AreaCode> = areas
        .into_iter()
        .filter(|area| area.level() == AreaLevel::Village)
        .collect();
    villages.sort_unstable();
    let mut found = ShellVillages::default();
    for village in villages {
        match incomes.get(&village) {
            Some(income) if *income < below => found.below.push((village, *income)),
            Some(_) => found.reached += 1,
            None => found.unknown.push(village),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_stated_is_unknown_and_the_threshold_itself_is_enough() {
        let area = |digits| AreaCode::parse(digits).unwrap();
        let [poor, fair, silent] = ["360323101201", "360323101202", "360323101203"].map(area);
        let incomes = BTreeMap::from([(poor, Fen(2_999_999)), (fair, Fen(3_000_000))]);
        let areas = [silent, area("360323101"), fair, poor];
        assert_eq!(
            shell_villages(areas, &incomes, Fen(3_000_000)),
            ShellVillages {
                below: vec![(poor, Fen(2_999_999))],
                reached: 1,
                unknown: vec![silent],
            }
        );
    }
}
