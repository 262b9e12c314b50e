//! Suppression: small numbers are people, so a published table leaves them out, and as much else as it takes that nobody
//! gets them back.
//!
//! ```text
//!          poor  rich │ all             poor  rich │ all
//!  east       3    40 │  43     ──▶        ×     × │  43
//!  west      20    60 │  80                ×     × │  80
//!  ───────────────────┼────      ──────────────────┼────
//!  both      23   100 │ 123               23   100 │ 123
//! ```
//!
//! A count above 0 and below the threshold is left out (primary suppression). Whoever subtracts what is left from the
//! totals would have it again, so others are left out with it (complementary suppression) until the numbers that the
//! table still allows for it reach over at least as many values as the threshold has. What the table allows is computed
//! exactly: rows and columns that add up are a network, and how far a count can rise or fall is the greatest flow around
//! it.
//!
//! Offices differ in the threshold: the OECD's glossary of statistical disclosure control names 3 and 5, the Office for
//! National Statistics holds outputs of its Longitudinal Study against 10, and so does the UK Longitudinal Linkage
//! Collaboration. It is a setting here, 10 where nobody sets it. A count of 0 is published: it is nobody.
//!
//! It protects one table, against a reader who adds and subtracts. It does not hold it against other tables, other days,
//! what a reader knows of a person, or a reader who tries for every table that fits whether it would be published so.

use std::collections::VecDeque;

/// A row and a column.
type Place = (usize, usize);

/// The threshold where nobody sets another.
pub const ORDINARY_THRESHOLD: u64 = 10;

/// A table as it is published, with its totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Row by row; the last one has the totals of the columns, and the last count of each row is its total. None where it
    /// is left out.
    pub counts: Vec<Vec<Option<u64>>>,
    /// How many are left out. How many of them are small would tell a reader which ones, and so give them back.
    pub left_out: usize,
}

/// Why a table cannot be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Rows of different lengths, or no column.
    #[error("the rows of the table have different lengths, or none")]
    NotATable,
    /// The counts overflow.
    #[error("the counts are too large to add up")]
    TooLarge,
}

/// Takes out of a table, given without totals, what must not be published.
pub fn publish(counts: &[Vec<u64>], threshold: u64) -> Result<Published, Error> {
    let mut network = Network::new(counts)?;
    let small: Vec<Place> = network
        .places()
        .filter(|(row, column)| {
            let count = network.counts[*row][*column];
            !network.is_repeated(*row, *column) && count > 0 && count < threshold
        })
        .collect();
    for (row, column) in &small {
        network.hidden[*row][*column] = true;
    }
    for place in &small {
        while network.reach(*place, threshold) < threshold {
            if !network.hide_more(*place, threshold) {
                break;
            }
        }
    }
    let published = network.published();
    let left_out = published.iter().flatten().filter(|it| it.is_none()).count();
    Ok(Published {
        counts: published,
        left_out,
    })
}

/// A table with its totals as a network: a row and a column are nodes, a count that is left out is an arc between them.
///
/// With the totals counted as negative and the grand total as positive, every row and every column adds up to nothing. So
/// what can be changed without anybody seeing it is a circulation.
struct Network {
    counts: Vec<Vec<u64>>,
    hidden: Vec<Vec<bool>>,
}

impl Network {
    fn new(given: &[Vec<u64>]) -> Result<Self, Error> {
        let columns = given.first().map_or(0, Vec::len);
        if columns == 0 || given.iter().any(|row| row.len() != columns) {
            return Err(Error::NotATable);
        }
        let mut counts = given.to_vec();
        for row in &mut counts {
            let total = sum(row.iter().copied()).ok_or(Error::TooLarge)?;
            row.push(total);
        }
        let totals: Option<Vec<u64>> = (0..=columns)
            .map(|column| sum(counts.iter().map(|row| row[column])))
            .collect();
        counts.push(totals.ok_or(Error::TooLarge)?);
        let (rows, columns) = (counts.len(), columns + 1);
        let mut network = Self {
            hidden: vec![vec![false; columns]; rows],
            counts,
        };
        // What repeats another count says nothing of its own and is published, or not, with it.
        for (row, column) in network.places().collect::<Vec<_>>() {
            network.hidden[row][column] = network.is_repeated(row, column);
        }
        Ok(network)
    }

    fn rows(&self) -> usize {
        self.counts.len()
    }

    fn columns(&self) -> usize {
        self.counts[0].len()
    }

    fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (rows, columns) = (self.rows(), self.columns());
        (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
    }

    /// The total of a single column or of a single row repeats it.
    fn is_repeated(&self, row: usize, column: usize) -> bool {
        let is_total = (row + 1 == self.rows(), column + 1 == self.columns());
        (is_total.1 && self.columns() == 2) || (is_total.0 && self.rows() == 2)
    }

    /// Whether it counts as positive.
    fn is_positive(&self, row: usize, column: usize) -> bool {
        (row + 1 == self.rows()) == (column + 1 == self.columns())
    }

    /// How far the place can rise: as a term of sums that are nothing, so that a total rises when its count falls.
    fn can_rise(&self, row: usize, column: usize) -> u64 {
        match self.is_positive(row, column) {
            true => u64::MAX / 2,
            false => self.counts[row][column],
        }
    }

    fn can_fall(&self, row: usize, column: usize) -> u64 {
        match self.is_positive(row, column) {
            true => self.counts[row][column],
            false => u64::MAX / 2,
        }
    }

    /// Over how many values the count at a place can be, as far as the table tells, less one; no more than is asked for.
    ///
    /// It takes a reader who has the sums and does not know which of the counts that are left out are small. Whoever knew
    /// that would have the threshold as one more bound: two small counts that add up to 18 are 9 each where it is 10. So
    /// nothing that is published tells small counts from those that are left out with them.
    fn reach(&self, place: Place, enough: u64) -> u64 {
        let (row, column) = place;
        let rise = self
            .can_rise(row, column)
            .min(self.flow(place, true, enough));
        let fall = self
            .can_fall(row, column)
            .min(self.flow(place, false, enough));
        rise.saturating_add(fall)
    }

    /// The greatest flow around a place, through all other places that are left out: from its row to its column where it
    /// rises. A row passes on to a column what falls there, a column to a row what rises there.
    fn flow(&self, (row, column): (usize, usize), rises: bool, enough: u64) -> u64 {
        let (rows, columns) = (self.rows(), self.columns());
        let nodes = rows + columns;
        let mut capacity = vec![vec![0u64; nodes]; nodes];
        for (r, c) in self.places() {
            if self.hidden[r][c] && (r, c) != (row, column) {
                capacity[r][rows + c] = self.can_fall(r, c);
                capacity[rows + c][r] = self.can_rise(r, c);
            }
        }
        let (from, to) = match rises {
            true => (row, rows + column),
            false => (rows + column, row),
        };
        let mut flow = 0;
        while flow < enough {
            let Some((path, most)) = way(&capacity, from, to) else {
                break;
            };
            let sent = most.min(enough - flow);
            for step in path.windows(2) {
                capacity[step[0]][step[1]] -= sent;
                capacity[step[1]][step[0]] = capacity[step[1]][step[0]].saturating_add(sent);
            }
            flow += sent;
        }
        flow
    }

    /// Leaves out the corners of the rectangle that protects a place best: those that give it the reach that it needs at
    /// the least cost, which is what readers lose. False when all is left out already.
    fn hide_more(&mut self, (row, column): (usize, usize), enough: u64) -> bool {
        let mut best: Option<((bool, u64), [Place; 3])> = None;
        for other_row in (0..self.rows()).filter(|other| *other != row) {
            for other_column in (0..self.columns()).filter(|other| *other != column) {
                let corners = [
                    (row, other_column),
                    (other_row, column),
                    (other_row, other_column),
                ];
                let shown = corners.iter().filter(|(r, c)| !self.hidden[*r][*c]);
                let mut cost: Option<u64> = None;
                for (r, c) in shown {
                    // One that says 0 costs something too.
                    let own = self.counts[*r][*c].saturating_add(1);
                    cost = Some(cost.unwrap_or_default().saturating_add(own));
                }
                let Some(cost) = cost else { continue };
                let falls_short = self.reach_by((row, column), corners) < enough;
                if best.is_none_or(|(known, _)| (falls_short, cost) < known) {
                    best = Some(((falls_short, cost), corners));
                }
            }
        }
        let Some((_, corners)) = best else {
            return false;
        };
        for (r, c) in corners {
            self.hidden[r][c] = true;
        }
        true
    }

    /// How far a place reaches by the corners of a rectangle alone.
    fn reach_by(&self, (row, column): (usize, usize), corners: [Place; 3]) -> u64 {
        let [beside, below, opposite] = corners;
        let rise = [
            self.can_rise(row, column),
            self.can_fall(beside.0, beside.1),
            self.can_fall(below.0, below.1),
            self.can_rise(opposite.0, opposite.1),
        ];
        let fall = [
            self.can_fall(row, column),
            self.can_rise(beside.0, beside.1),
            self.can_rise(below.0, below.1),
            self.can_fall(opposite.0, opposite.1),
        ];
        let least = |bounds: [u64; 4]| bounds.into_iter().min().unwrap_or_default();
        least(rise).saturating_add(least(fall))
    }

    fn published(&self) -> Vec<Vec<Option<u64>>> {
        let (last_row, last_column) = (self.rows() - 1, self.columns() - 1);
        // What repeats a count follows it: a row's total its only count, a column's total its only row.
        let shown_by = |row: usize, column: usize| {
            let column = if column == last_column && last_column == 1 {
                0
            } else {
                column
            };
            let row = if row == last_row && last_row == 1 {
                0
            } else {
                row
            };
            !self.hidden[row][column]
        };
        let rows = self.counts.iter().enumerate();
        rows.map(|(row, counts)| {
            let counts = counts.iter().enumerate();
            counts
                .map(|(column, count)| shown_by(row, column).then_some(*count))
                .collect()
        })
        .collect()
    }
}

/// None where it is so large that flows could overflow.
fn sum(mut counts: impl Iterator<Item = u64>) -> Option<u64> {
    counts.try_fold(0u64, |sum, count| {
        sum.checked_add(count).filter(|sum| *sum < u64::MAX / 4)
    })
}

/// A shortest way with room on it, and the room.
fn way(capacity: &[Vec<u64>], from: usize, to: usize) -> Option<(Vec<usize>, u64)> {
    let mut before: Vec<Option<usize>> = vec![None; capacity.len()];
    before[from] = Some(from);
    let mut waiting = VecDeque::from([from]);
    while let Some(node) = waiting.pop_front() {
        for (next, room) in capacity[node].iter().enumerate() {
            if *room > 0 && before[next].is_none() {
                before[next] = Some(node);
                waiting.push_back(next);
            }
        }
    }
    before[to]?;
    let mut path = vec![to];
    let mut most = u64::MAX;
    let mut node = to;
    while node != from {
        let previous = before[node]?;
        most = most.min(capacity[previous][node]);
        path.push(previous);
        node = previous;
    }
    path.reverse();
    Some((path, most))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printed(counts: &[Vec<u64>], threshold: u64) -> String {
        let published = publish(counts, threshold).unwrap();
        let row = |row: &Vec<Option<u64>>| {
            let cells = row.iter();
            let cells = cells.map(|it| it.map_or("×".to_owned(), |count| count.to_string()));
            cells.collect::<Vec<_>>().join(" ")
        };
        published
            .counts
            .iter()
            .map(row)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn what_is_small_takes_three_others_along() {
        expect_test::expect![[r#"
            × × 43
            × × 80
            23 100 123"#]]
        .assert_eq(&printed(&[vec![3, 40], vec![20, 60]], 10));
        expect_test::expect![[r#"
            13 40 53
            20 0 20
            33 40 73"#]]
        .assert_eq(&printed(&[vec![13, 40], vec![20, 0]], 10));
    }

    #[test]
    fn a_single_column_hides_another_row_and_a_single_row_another_column() {
        expect_test::expect![[r#"
            × ×
            × ×
            60 60
            93 93"#]]
        .assert_eq(&printed(&[vec![3], vec![30], vec![60]], 10));
        let row = publish(&[vec![3, 30, 60]], 10).unwrap();
        assert_eq!(row.counts[0], [None, None, Some(60), Some(93)]);
        // Nothing is left that could be told of one who is alone.
        let alone = publish(&[vec![3]], 10).unwrap();
        assert_eq!(alone.counts, vec![vec![None, None], vec![None, None]]);
    }

    #[test]
    fn what_is_left_out_is_counted_as_one_number() {
        // Were it known that the two of the first row are the small ones, 18 would be 9 and 9.
        let published = publish(&[vec![9, 9], vec![50, 50]], 10).unwrap();
        let expected = Published {
            counts: vec![
                vec![None, None, Some(18)],
                vec![None, None, Some(100)],
                vec![Some(59), Some(59), Some(118)],
            ],
            left_out: 4,
        };
        assert_eq!(published, expected);
    }

    #[test]
    fn what_is_no_table_is_none() {
        assert_eq!(publish(&[], 10), Err(Error::NotATable));
        assert_eq!(publish(&[vec![1], vec![1, 2]], 10), Err(Error::NotATable));
        let large = [vec![u64::MAX / 5, u64::MAX / 5]];
        assert_eq!(publish(&large, 10), Err(Error::TooLarge));
    }

    /// Somebody who has the published table, and tries numbers where it has none.
    struct Attacker<'a> {
        published: &'a [Vec<Option<u64>>],
        /// Numbers that are tried; who tries fewer knows more.
        most: u64,
    }

    impl Attacker<'_> {
        /// Whether any table fits in which a place has this count.
        fn fits(&self, place: (usize, usize), count: u64) -> bool {
            let mut tried = vec![Vec::new(); self.published.len() - 1];
            self.goes_on(place, count, &mut tried, 0, 0)
        }

        /// Fills in the counts one after the other, and gives up where a row or column no longer adds up.
        fn goes_on(
            &self,
            place: (usize, usize),
            wanted: u64,
            tried: &mut Vec<Vec<u64>>,
            row: usize,
            column: usize,
        ) -> bool {
            let (rows, columns) = (self.published.len() - 1, self.published[0].len() - 1);
            let says = |r: usize, c: usize, sum: u64| {
                let is_shown = self.published[r][c].is_none_or(|shown| shown == sum);
                is_shown && (place != (r, c) || sum == wanted)
            };
            if row == rows {
                let sums: Vec<u64> = (0..columns)
                    .map(|c| tried.iter().map(|row| row[c]).sum())
                    .collect();
                let grand = sums.iter().sum();
                return (0..columns).all(|c| says(rows, c, sums[c])) && says(rows, columns, grand);
            }
            if column == columns {
                let sum = tried[row].iter().sum();
                return says(row, columns, sum) && self.goes_on(place, wanted, tried, row + 1, 0);
            }
            let known = match self.published[row][column] {
                Some(count) => Some(count),
                None if place == (row, column) => Some(wanted),
                None => None,
            };
            let numbers = known.map_or(0..=self.most, |count| count..=count);
            for number in numbers {
                let in_row: u64 = tried[row].iter().sum::<u64>() + number;
                let in_column: u64 =
                    tried[..row].iter().map(|row| row[column]).sum::<u64>() + number;
                let too_many = self.published[row][columns].is_some_and(|total| in_row > total)
                    || self.published[rows][column].is_some_and(|total| in_column > total);
                if too_many {
                    break;
                }
                tried[row].push(number);
                let fits = self.goes_on(place, wanted, tried, row, column + 1);
                tried[row].pop();
                if fits {
                    return true;
                }
            }
            false
        }
    }

    fn table() -> impl Strategy<Value = Vec<Vec<u64>>> {
        let count = prop_oneof![3 => 0u64..4, 2 => 3u64..9];
        (1usize..=3, 1usize..=3).prop_flat_map(move |(rows, columns)| {
            let row = proptest::collection::vec(count.clone(), columns);
            proptest::collection::vec(row, rows)
        })
    }

    proptest! {
        /// Whoever tries every table that fits what is published finds, for each small count, more values than the
        /// threshold has.
        #[test]
        fn nobody_gets_a_small_count_back(counts in table()) {
            const THRESHOLD: u64 = 3;
            let published = publish(&counts, THRESHOLD).unwrap();
            let attacker = Attacker { published: &published.counts, most: 12 };
            let whole = publish(&counts, 0).unwrap();
            for (row, shown) in published.counts.iter().enumerate() {
                for (column, shown) in shown.iter().enumerate() {
                    let count = whole.counts[row][column].unwrap();
                    let is_small = count > 0 && count < THRESHOLD;
                    match shown {
                        Some(shown) => {
                            prop_assert!(!is_small, "a small count is published");
                            prop_assert_eq!(*shown, count);
                        }
                        None if is_small => {
                            let fitting = (0..=count + THRESHOLD)
                                .filter(|other| attacker.fits((row, column), *other))
                                .count();
                            prop_assert!(
                                fitting as u64 > THRESHOLD,
                                "{:?} at {row},{column} of {:?} has {fitting} values",
                                published.counts,
                                counts
                            );
                        }
                        None => {}
                    }
                }
            }
        }

        #[test]
        fn what_is_not_small_alone_stays(counts in table()) {
            let published = publish(&counts, 1).unwrap();
            prop_assert_eq!(published.left_out, 0);
            prop_assert!(published.counts.iter().flatten().all(Option::is_some));
        }
    }
}
