//! Openings: one leaf with its way up, held against what was committed.

use thiserror::Error as ThisError;

use super::{Commitment, Subtree, commitment, key, order, root};
use crate::{log::Salt, rollup::committed::Dimension, value::RecordId};

/// A leaf, and what it takes to find its way to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its place among the leaves, from 0.
    pub position: u64,
    /// Which household it stands for: the record that whoever committed can resolve.
    pub subject: RecordId,
    /// The salt of its commitment.
    pub salt: Salt,
    /// What it adds, by dimension.
    pub values: Vec<u64>,
    /// Its neighbours, from the bottom up.
    pub path: Vec<Subtree>,
}

/// Why an opening does not show what was committed.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Refusal {
    /// The order salt is another one.
    #[error("the order salt is not the committed one")]
    OrderSalt,
    /// The committed totals take more than the committed leaves can add.
    #[error("{leaves} leaves cannot add {total} to {dimension:?}")]
    Totals {
        /// To which figure.
        dimension: String,
        /// How many leaves.
        leaves: u64,
        /// What they are said to add.
        total: u64,
    },
    /// Not one value, or sum, for each dimension.
    #[error("it has values of other dimensions than were committed")]
    Dimensions,
    /// There is no such leaf.
    #[error("there is no leaf {position} among {leaves}")]
    NoSuchLeaf {
        /// The leaf.
        position: u64,
        /// How many there are.
        leaves: u64,
    },
    /// A leaf that was not asked for, or one that was asked for is not there.
    #[error("leaf {0} was not asked for, or is missing, or is there twice")]
    Asked(u64),
    /// A leaf, or the leaves of a neighbour, add more than they can.
    #[error("{leaves} leaves add {value} to {dimension:?}; they can add {most} each")]
    BeyondMost {
        /// To which figure.
        dimension: String,
        /// How many leaves.
        leaves: u64,
        /// What they add.
        value: u64,
        /// The most of one.
        most: u64,
    },
    /// A leaf that adds nothing: there is no need for it.
    #[error("the leaf adds nothing")]
    AddsNothing,
    /// The path is too long or too short for the place.
    #[error("the path is not as long as the place of the leaf needs")]
    Path,
    /// A neighbour has more or fewer leaves than stand there.
    #[error("a neighbour has {found} leaves where {expected} stand")]
    Leaves {
        /// As the place of the leaf needs.
        expected: u64,
        /// As it says.
        found: u64,
    },
    /// A neighbour's keys begin before the one to its left ends.
    #[error("the keys are not in order: a household may be there twice")]
    Disorder,
    /// A sum that no total can hold.
    #[error("the sums are more than a total can hold")]
    TooLarge,
    /// What it comes to is not what was committed.
    #[error("it does not lead to the committed root")]
    Root,
}

/// Checks openings of one commitment.
#[derive(Clone, Debug)]
pub struct Inspector<'a> {
    commitment: &'a Commitment,
    order: Salt,
}

impl<'a> Inspector<'a> {
    /// Checks what can be checked before any leaf: the order salt, and that the leaves can add what they are said to.
    pub fn begin(commitment: &'a Commitment, order_salt: Salt) -> Result<Self, Refusal> {
        let Commitment {
            subject,
            order: committed,
            leaves,
            totals,
            root: committed_root,
        } = commitment;
        if order(&order_salt) != *committed {
            return Err(Refusal::OrderSalt);
        }
        if totals.len() != subject.dimensions.len() {
            return Err(Refusal::Dimensions);
        }
        let each = subject.dimensions.as_slice().iter().zip(totals);
        for (Dimension { name, most }, total) in each {
            if *total > leaves.saturating_mul(*most) {
                return Err(Refusal::Totals {
                    dimension: name.to_string(),
                    leaves: *leaves,
                    total: *total,
                });
            }
        }
        let top = Subtree::empty(totals.len());
        if *leaves == 0 && root(subject, committed, &top) != *committed_root {
            return Err(Refusal::Root);
        }
        Ok(Self {
            commitment,
            order: order_salt,
        })
    }

    /// Holds openings against the commitment: those that were asked for, each once, in ascending order.
    pub fn check_all(
        &self,
        asked: impl IntoIterator<Item = u64>,
        openings: &[Opening],
    ) -> Result<(), Refusal> {
        let mut openings = openings.iter();
        for position in asked {
            let opening = openings.next();
            let opening = opening.filter(|opening| opening.position == position);
            self.check(opening.ok_or(Refusal::Asked(position))?)?;
        }
        match openings.next() {
            Some(opening) => Err(Refusal::Asked(opening.position)),
            None => Ok(()),
        }
    }

    /// Holds one opening against the commitment.
    pub fn check(&self, opening: &Opening) -> Result<(), Refusal> {
        let Commitment {
            subject,
            order,
            leaves,
            totals,
            root: committed_root,
        } = self.commitment;
        let Opening {
            position,
            subject: household,
            salt,
            values,
            path,
        } = opening;
        if position >= leaves {
            return Err(Refusal::NoSuchLeaf {
                position: *position,
                leaves: *leaves,
            });
        }
        if values.len() != totals.len() {
            return Err(Refusal::Dimensions);
        }
        if values.iter().all(|value| *value == 0) {
            return Err(Refusal::AddsNothing);
        }
        let key = key(&self.order, household);
        let leaf = Subtree::leaf(key, &commitment(salt, household), values.clone());
        self.must_be_possible(&leaf)?;
        let top = self.climb(leaf, *position, path)?;
        let is_committed = top.leaves == *leaves && top.sums == *totals;
        if !is_committed || root(subject, order, &top) != *committed_root {
            return Err(Refusal::Root);
        }
        Ok(())
    }

    /// Goes up from a leaf: the number of leaves says where each neighbour stands and how many leaves it has.
    fn climb(&self, leaf: Subtree, position: u64, path: &[Subtree]) -> Result<Subtree, Refusal> {
        let mut path = path.iter();
        let (mut own, mut place) = (leaf, position);
        // Subtrees of this level, and leaves under each but the last.
        let (mut width, mut span) = (self.commitment.leaves, 1u64);
        while width > 1 {
            let other = place ^ 1;
            if other < width {
                let neighbour = path.next().ok_or(Refusal::Path)?;
                let begins = other.saturating_mul(span);
                let expected = span.min(self.commitment.leaves - begins);
                if neighbour.leaves != expected {
                    return Err(Refusal::Leaves {
                        expected,
                        found: neighbour.leaves,
                    });
                }
                self.must_be_possible(neighbour)?;
                let (left, right) = match place < other {
                    true => (&own, neighbour),
                    false => (neighbour, &own),
                };
                if left.last >= right.first {
                    return Err(Refusal::Disorder);
                }
                own = Subtree::of_two(left, right).map_err(|_| Refusal::TooLarge)?;
            }
            place /= 2;
            width = width.div_ceil(2);
            span = span.saturating_mul(2);
        }
        match path.next() {
            Some(_) => Err(Refusal::Path),
            None => Ok(own),
        }
    }

    /// No leaf adds more than it can, and its keys are in order.
    fn must_be_possible(&self, subtree: &Subtree) -> Result<(), Refusal> {
        let Subtree {
            hash: _,
            leaves,
            first,
            last,
            sums,
        } = subtree;
        let dimensions = self.commitment.subject.dimensions.as_slice();
        if sums.len() != dimensions.len() {
            return Err(Refusal::Dimensions);
        }
        for (Dimension { name, most }, value) in dimensions.iter().zip(sums) {
            if *value > leaves.saturating_mul(*most) {
                return Err(Refusal::BeyondMost {
                    dimension: name.to_string(),
                    leaves: *leaves,
                    value: *value,
                    most: *most,
                });
            }
        }
        let is_ordered = match leaves {
            1 => first == last,
            _ => first < last,
        };
        match is_ordered {
            true => Ok(()),
            false => Err(Refusal::Disorder),
        }
    }
}
