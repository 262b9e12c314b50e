//! What the host holds a policy to, whatever it answers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error as DeriveError;

use super::answer::{Answer, FactReference, Outcome, Proposal};
use super::input::{Input, Table};
use super::manifest::{Family, Kind, Manifest};

/// A rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq, DeriveError, Serialize, Deserialize)]
pub enum Violation {
    /// Not one table for each declared one.
    #[error("{given} tables instead of {declared}")]
    Tables {
        /// Given.
        given: usize,
        /// Declared.
        declared: usize,
    },
    /// Slots, states or owners do not fit the rows.
    #[error("table `{table}` does not have the shape of its rows")]
    Shape {
        /// Its name.
        table: String,
    },
    /// A slot refers to a text or row that does not exist.
    #[error("fact `{fact}` of row {row} of table `{table}` holds no such value")]
    Slot {
        /// Name of the table.
        table: String,
        /// The row.
        row: usize,
        /// Key of the fact.
        fact: String,
    },
    /// A pass that is not declared.
    #[error("there is no scope {0}")]
    Scope(u32),
    /// Not exactly one decision for each subject, ascending.
    #[error("expected the decision of subject {expected}, found {found:?}")]
    Subject {
        /// The next subject.
        expected: u32,
        /// What is there.
        found: Option<u32>,
    },
    /// A category without *granted*, or the reverse.
    #[error("subject {subject}: a category belongs to a granted decision and to no other")]
    Category {
        /// The subject.
        subject: u32,
    },
    /// An index that points nowhere.
    #[error("{what} {index} does not exist")]
    Index {
        /// Of what.
        what: Cow<'static, str>,
        /// The index.
        index: u32,
    },
    /// Lists must follow the order of their owners.
    #[error("the {what} are not in the order of their owners")]
    Order {
        /// Which list.
        what: Cow<'static, str>,
    },
    /// A refusal that nobody can explain to the household.
    #[error("subject {subject} is refused without a reason")]
    NoReason {
        /// The subject.
        subject: u32,
    },
    /// A fact said to be missing where an answer was given.
    #[error("subject {subject} has missing facts, but is not undetermined")]
    Missing {
        /// The subject.
        subject: u32,
    },
    /// Arguments that do not fit the sentence.
    #[error("reason `{reason}` has {given} arguments instead of {declared}")]
    Arguments {
        /// Its code.
        reason: String,
        /// Given.
        given: usize,
        /// Declared.
        declared: usize,
    },
    /// A comparison that is not so.
    #[error("subject {subject}: {value} compared with {threshold} does not give what is claimed")]
    Comparison {
        /// The subject.
        subject: u32,
        /// The value.
        value: i64,
        /// The threshold.
        threshold: i64,
    },
    /// A subject policy that shares something out.
    #[error("a policy of family subject has proposals")]
    Proposals,
    /// The same proposal twice, or a quantity that is not positive.
    #[error("subject {subject}: the proposal of row {row} is repeated or has no quantity")]
    Proposal {
        /// The subject.
        subject: u32,
        /// Row of the resource.
        row: u32,
    },
    /// More given out than there is.
    #[error("row {row} of table `{table}` can take {capacity}, but gets {quantity}")]
    Capacity {
        /// Name of the table.
        table: String,
        /// Row of the resource.
        row: u32,
        /// What it can take.
        capacity: i64,
        /// What it gets.
        quantity: i128,
    },
    /// Amounts that do not add up.
    #[error("the amounts add up to {sum} fen, the pool has {pool}")]
    Pool {
        /// Of the amounts.
        sum: i128,
        /// Of the pool.
        pool: i64,
    },
}

/// Checks that an input fits a manifest, so that a policy can rely on its shape.
pub fn input(manifest: &Manifest, input: &Input) -> Result<(), Violation> {
    let (given, declared) = (input.tables.len(), manifest.tables.len());
    if given != declared {
        return Err(Violation::Tables { given, declared });
    }
    if input.scope as usize >= manifest.scopes.len().max(1) {
        return Err(Violation::Scope(input.scope));
    }
    for index in 0..declared {
        check_shape(manifest, input, index)?;
        check_slots(manifest, input, index)?;
    }
    Ok(())
}

/// Checks everything that an answer claims about itself, its input and the manifest.
pub fn answer(manifest: &Manifest, input: &Input, answer: &Answer) -> Result<(), Violation> {
    let check = Check {
        manifest,
        input,
        answer,
        subjects: input.tables[manifest.subjects].rows,
    };
    check.decisions()?;
    check.missing()?;
    check.reasons()?;
    check.arguments()?;
    check.comparisons()?;
    check.proposals()?;
    check.capacities()?;
    check.pool()
}

struct Check<'a> {
    manifest: &'a Manifest,
    input: &'a Input,
    answer: &'a Answer,
    subjects: u32,
}

impl Check<'_> {
    fn decisions(&self) -> Result<(), Violation> {
        let mut decisions = self.answer.decisions.iter();
        for expected in 0..self.subjects {
            let decision = decisions
                .next()
                .filter(|decision| decision.subject == expected);
            let Some(decision) = decision else {
                let found = self
                    .answer
                    .decisions
                    .get(expected as usize)
                    .map(|decision| decision.subject);
                return Err(Violation::Subject { expected, found });
            };
            if (decision.outcome == Outcome::Granted) != decision.category.is_some() {
                return Err(Violation::Category { subject: expected });
            }
            if let Some(category) = decision.category {
                below("category", category, self.manifest.categories.len())?;
            }
        }
        match decisions.next() {
            None => Ok(()),
            Some(decision) => Err(Violation::Subject {
                expected: self.subjects,
                found: Some(decision.subject),
            }),
        }
    }

    fn missing(&self) -> Result<(), Violation> {
        ascending(
            "missing facts",
            self.answer.missing.iter().map(|missing| missing.subject),
        )?;
        for missing in &self.answer.missing {
            below("subject", missing.subject, self.subjects as usize)?;
            self.fact(missing.fact)?;
            if self.answer.decisions[missing.subject as usize].outcome != Outcome::Undetermined {
                return Err(Violation::Missing {
                    subject: missing.subject,
                });
            }
        }
        Ok(())
    }

    fn reasons(&self) -> Result<(), Violation> {
        ascending(
            "reasons",
            self.answer.reasons.iter().map(|reason| reason.subject),
        )?;
        let mut reasons = self.answer.reasons.iter().peekable();
        for decision in &self.answer.decisions {
            let mut given = false;
            while let Some(reason) = reasons.next_if(|reason| reason.subject == decision.subject) {
                below("reason", reason.code, self.manifest.reasons.len())?;
                given = true;
            }
            if decision.outcome == Outcome::Refused && !given {
                return Err(Violation::NoReason {
                    subject: decision.subject,
                });
            }
        }
        if let Some(reason) = reasons.next() {
            return Err(Violation::Index {
                what: "subject".into(),
                index: reason.subject,
            });
        }
        ascending(
            "evidence",
            self.answer.evidence.iter().map(|evidence| evidence.reason),
        )?;
        for evidence in &self.answer.evidence {
            below("reason", evidence.reason, self.answer.reasons.len())?;
            self.fact(evidence.fact)?;
        }
        Ok(())
    }

    fn arguments(&self) -> Result<(), Violation> {
        let mut arguments = self.answer.arguments.iter().peekable();
        for (index, reason) in self.answer.reasons.iter().enumerate() {
            let declared = &self.manifest.reasons[reason.code as usize];
            let mut given = 0;
            while let Some(argument) =
                arguments.next_if(|argument| argument.reason as usize == index)
            {
                let kind = declared.arguments.get(given).map(|(_, kind)| *kind);
                if matches!(kind, Some(Kind::Code | Kind::Text))
                    && !is_index(argument.value, self.answer.strings.len())
                {
                    return Err(Violation::Order {
                        what: "texts of the arguments".into(),
                    });
                }
                given += 1;
            }
            let declared_count = declared.arguments.len();
            if given != declared_count {
                let reason = declared.label.code.clone();
                return Err(Violation::Arguments {
                    reason,
                    given,
                    declared: declared_count,
                });
            }
        }
        match arguments.next() {
            None => Ok(()),
            Some(_) => Err(Violation::Order {
                what: "arguments".into(),
            }),
        }
    }

    fn comparisons(&self) -> Result<(), Violation> {
        ascending(
            "comparisons",
            self.answer
                .comparisons
                .iter()
                .map(|comparison| comparison.subject),
        )?;
        for comparison in &self.answer.comparisons {
            below("subject", comparison.subject, self.subjects as usize)?;
            self.fact(comparison.fact)?;
            if !comparison.is_true() {
                let (subject, value, threshold) =
                    (comparison.subject, comparison.value, comparison.threshold);
                return Err(Violation::Comparison {
                    subject,
                    value,
                    threshold,
                });
            }
        }
        Ok(())
    }

    fn proposals(&self) -> Result<(), Violation> {
        let proposals = &self.answer.proposals;
        if self.manifest.family == Family::Subject && !proposals.is_empty() {
            return Err(Violation::Proposals);
        }
        ascending(
            "proposals",
            proposals
                .iter()
                .map(|proposal| (proposal.subject, proposal.role, proposal.row)),
        )?;
        for pair in proposals.windows(2) {
            let same = |proposal: &Proposal| (proposal.subject, proposal.role, proposal.row);
            if same(&pair[0]) == same(&pair[1]) {
                return Err(Violation::Proposal {
                    subject: pair[0].subject,
                    row: pair[0].row,
                });
            }
        }
        for proposal in proposals {
            below("subject", proposal.subject, self.subjects as usize)?;
            below("role", proposal.role, self.manifest.roles.len())?;
            let role = &self.manifest.roles[proposal.role as usize];
            if proposal.table as usize != role.resource_table {
                return Err(Violation::Index {
                    what: "table of the role's resources".into(),
                    index: proposal.table,
                });
            }
            below(
                "row",
                proposal.row,
                self.input.tables[role.resource_table].rows as usize,
            )?;
            if proposal.quantity.is_some_and(|quantity| quantity <= 0) {
                return Err(Violation::Proposal {
                    subject: proposal.subject,
                    row: proposal.row,
                });
            }
        }
        Ok(())
    }

    /// Roles that name the same fact draw on the same capacity.
    fn capacities(&self) -> Result<(), Violation> {
        let mut given: BTreeMap<(usize, usize, u32), i128> = BTreeMap::new();
        for proposal in &self.answer.proposals {
            let role = &self.manifest.roles[proposal.role as usize];
            if let Some(slot) = role.capacity {
                let quantity = i128::from(proposal.quantity.unwrap_or(1));
                *given
                    .entry((role.resource_table, slot, proposal.row))
                    .or_default() += quantity;
            }
        }
        for ((table, slot, row), quantity) in given {
            let declared = &self.manifest.tables[table];
            let position = row as usize * declared.facts.len() + slot;
            let (state, capacity) = self.input.tables[table].get(position);
            let exceeded = match state {
                0 => quantity > i128::from(capacity),
                1 => false,
                // Nobody knows whether there is room.
                _ => true,
            };
            if exceeded {
                return Err(Violation::Capacity {
                    table: declared.name.clone(),
                    row,
                    capacity,
                    quantity,
                });
            }
        }
        Ok(())
    }

    fn pool(&self) -> Result<(), Violation> {
        let Some((table, slot)) = self.manifest.pool else {
            return Ok(());
        };
        let rows = &self.input.tables[table];
        let shared_out = self
            .answer
            .decisions
            .iter()
            .any(|decision| decision.outcome == Outcome::Granted);
        if rows.rows == 0 || !shared_out {
            return Ok(());
        }
        let (_, pool) = rows.get(slot);
        let sum: i128 = self
            .answer
            .decisions
            .iter()
            .map(|decision| i128::from(decision.amount.unwrap_or(0)))
            .sum();
        if sum != i128::from(pool) {
            return Err(Violation::Pool { sum, pool });
        }
        Ok(())
    }

    fn fact(&self, FactReference { table, row, fact }: FactReference) -> Result<(), Violation> {
        below("table", table, self.manifest.tables.len())?;
        let declared = &self.manifest.tables[table as usize];
        below("fact", fact, declared.facts.len())?;
        // A fact of a row that should be there and is not is a missing fact of its first row.
        below(
            "row",
            row,
            self.input.tables[table as usize].rows.max(1) as usize,
        )
    }
}

fn check_shape(manifest: &Manifest, input: &Input, index: usize) -> Result<(), Violation> {
    let (declared, table) = (&manifest.tables[index], &input.tables[index]);
    let Table {
        rows,
        slots,
        states,
        parents,
    } = table;
    let rows = *rows as usize;
    let slots_fit = slots.len() == rows * declared.facts.len();
    let states_fit = states.is_empty() || states.len() == slots.len().div_ceil(32);
    let parents_fit = match declared.parent {
        None => parents.is_empty(),
        Some(parent) => {
            let owners = input.tables[parent].rows;
            parents.len() == rows
                && parents.is_sorted()
                && parents.last().is_none_or(|owner| *owner < owners)
        }
    };
    if slots_fit && states_fit && parents_fit {
        return Ok(());
    }
    Err(Violation::Shape {
        table: declared.name.clone(),
    })
}

fn check_slots(manifest: &Manifest, input: &Input, index: usize) -> Result<(), Violation> {
    let (declared, table) = (&manifest.tables[index], &input.tables[index]);
    let width = declared.facts.len();
    for (slot, fact) in declared.facts.iter().enumerate() {
        let limit = match fact.kind {
            Kind::Flag => 2,
            Kind::Code | Kind::Text => input.strings.len(),
            Kind::Row(target) => input.tables[target].rows as usize,
            Kind::Integer | Kind::Fen | Kind::Ppm | Kind::Date => continue,
        };
        for row in 0..table.rows as usize {
            let (state, value) = table.get(row * width + slot);
            let fits = if state == 0 {
                is_index(value, limit)
            } else {
                value == 0
            };
            if !fits {
                return Err(Violation::Slot {
                    table: declared.name.clone(),
                    row,
                    fact: fact.key.clone(),
                });
            }
        }
    }
    Ok(())
}

fn is_index(value: i64, limit: usize) -> bool {
    usize::try_from(value).is_ok_and(|index| index < limit)
}

fn below(what: &'static str, index: u32, limit: usize) -> Result<(), Violation> {
    if (index as usize) < limit {
        Ok(())
    } else {
        Err(Violation::Index {
            what: what.into(),
            index,
        })
    }
}

fn ascending<T: PartialOrd>(
    what: &'static str,
    owners: impl Iterator<Item = T>,
) -> Result<(), Violation> {
    if owners.is_sorted() {
        Ok(())
    } else {
        Err(Violation::Order { what: what.into() })
    }
}
