//! Examples: inputs written by hand, to test a policy natively.

pub mod recorded;

use crate::date::Date;
use crate::facts::{FactKind, TableSpec};
use crate::group::{self, Group, GroupPolicy, share_group};
use crate::label::Labels;
use crate::subject::{self, Subject, SubjectPolicy, judge_subjects};
use crate::wire::types;

/// An input that is built row by row.
///
/// ```
/// # use lika_sdk::{About, Decision, Facts, Fen, Reasons, Settings, SubjectPolicy, example::Example, label::Never};
/// # #[derive(Facts)]
/// # #[table("household")]
/// # struct Household {
/// #     /// Income.
/// #     #[fact("income.net-per-head")]
/// #     income: Fen,
/// # }
/// # #[derive(Settings)]
/// # struct NoSettings {}
/// # #[derive(Clone, Reasons)]
/// # enum Reason {
/// #     #[reason("rich", zh = "富裕", en = "rich")]
/// #     Rich,
/// # }
/// # struct Policy;
/// # impl SubjectPolicy for Policy {
/// #     type Settings = NoSettings;
/// #     type Subject<'a> = Household;
/// #     type Category = Never;
/// #     type Reason = Reason;
/// #     const ABOUT: About = About { name: "rich", version: "0.1.0", purpose: "screening", zh: "", en: "", legal_basis: &[] };
/// #     fn judge(_: &NoSettings, household: &Household) -> Decision<Never, Reason> {
/// #         let _ = household.income;
/// #         Decision::refused().because(Reason::Rich)
/// #     }
/// # }
/// let mut example = Example::of_subjects::<Policy>();
/// example.row("household", None, &[("income.net-per-head", 180_000_i64.into())]);
/// example.row("household", None, &[]);
/// assert_eq!(
///     example.judge::<Policy>("{}"),
///     "0 refused: rich\n1 undetermined: missing household 1 income.net-per-head\n",
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Example {
    tables: Vec<TableSpec>,
    input: types::Input,
}

/// A fact of an example; a fact that is not given is absent.
#[derive(Clone, Debug)]
pub enum Value {
    /// A number in the unit of the fact; 0 or 1 for a flag, a row's number for a row.
    Number(i64),
    /// A code or text.
    Text(String),
    /// Nobody has recorded it.
    Unknown,
    /// Known, but not given.
    Withheld,
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(row: u32) -> Self {
        Self::Number(row.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Number(flag.into())
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Number(date.days())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl Example {
    /// An example for a subject policy.
    pub fn of_subjects<P: SubjectPolicy>() -> Self {
        Self::new(P::Subject::tables(), 0)
    }

    /// An example for a pass of a group policy.
    pub fn of_group<P: GroupPolicy>(scope: P::Scope) -> Self {
        Self::new(P::Group::tables(), scope.index())
    }

    /// Adds a row and says its number. The rows of a part stand in the order of their owners.
    ///
    /// # Panics
    ///
    /// Where the policy declares no such table or fact, or a value does not fit it.
    pub fn row(&mut self, table: &str, parent: Option<u32>, facts: &[(&str, Value)]) -> u32 {
        let index = self
            .tables
            .iter()
            .position(|spec| spec.name == table)
            .expect("the policy declares this table");
        let spec = self.tables[index];
        for (key, _) in facts {
            assert!(
                spec.facts.iter().any(|fact| fact.key == *key),
                "table {table} has no fact {key}"
            );
        }
        for fact in spec.facts {
            let given = facts
                .iter()
                .find(|(key, _)| *key == fact.key)
                .map(|(_, value)| value.clone());
            let (state, slot) = self.slot(fact.kind, given);
            let rows = &mut self.input.tables[index];
            let position = rows.slots.len();
            if position.is_multiple_of(32) {
                rows.states.push(0);
            }
            rows.states[position / 32] |= state << (position % 32 * 2);
            rows.slots.push(slot);
        }
        let rows = &mut self.input.tables[index];
        assert_eq!(
            parent.is_some(),
            spec.parent.is_some(),
            "a part's row, and no other, has an owner"
        );
        assert!(
            rows.parents.last().copied() <= parent,
            "rows of a part stand in the order of their owners"
        );
        rows.parents.extend(parent);
        rows.rows += 1;
        rows.rows - 1
    }

    /// The input.
    pub fn input(&self) -> &types::Input {
        &self.input
    }

    /// Judges the example and shows the answer, a line for each subject and each proposal.
    ///
    /// # Panics
    ///
    /// Where the policy gives no answer.
    pub fn judge<P: SubjectPolicy>(&self, settings: &str) -> String {
        let answer = judge_subjects::<P>(settings, &self.input).expect("the policy answers");
        show(&subject::describe::<P>(), &answer)
    }

    /// Shares the example out and shows the answer, a line for each subject and each proposal.
    ///
    /// # Panics
    ///
    /// Where the policy gives no answer.
    pub fn share<P: GroupPolicy>(&self, settings: &str) -> String {
        let answer = share_group::<P>(settings, &self.input).expect("the policy answers");
        show(&group::describe::<P>(), &answer)
    }

    fn new(tables: Vec<TableSpec>, scope: u32) -> Self {
        let empty = || types::Table {
            rows: 0,
            slots: Vec::new(),
            states: Vec::new(),
            parents: Vec::new(),
        };
        let input = types::Input {
            scope,
            tables: tables.iter().map(|_| empty()).collect(),
            strings: Vec::new(),
        };
        Self { tables, input }
    }

    fn slot(&mut self, kind: FactKind, value: Option<Value>) -> (u64, i64) {
        match value {
            None => (1, 0),
            Some(Value::Unknown) => (2, 0),
            Some(Value::Withheld) => (3, 0),
            Some(Value::Number(number)) => {
                assert!(
                    !matches!(kind, FactKind::Code | FactKind::Text),
                    "a {} is given as text",
                    kind.word()
                );
                (0, number)
            }
            Some(Value::Text(text)) => {
                assert!(
                    matches!(kind, FactKind::Code | FactKind::Text),
                    "a {} is given as a number",
                    kind.word()
                );
                let strings = &mut self.input.strings;
                let index = strings
                    .iter()
                    .position(|string| *string == text)
                    .unwrap_or_else(|| {
                        strings.push(text);
                        strings.len() - 1
                    });
                (0, i64::try_from(index).expect("an example has few texts"))
            }
        }
    }
}

/// Shows an answer: `row outcome [category]: reasons`, then `  role -> table row`.
pub fn show(manifest: &types::Manifest, answer: &types::Answer) -> String {
    let mut text = String::new();
    for decision in &answer.decisions {
        let reasons = answer
            .reasons
            .iter()
            .filter(|reason| reason.subject == decision.subject);
        let reasons = reasons.map(|reason| manifest.reasons[reason.code as usize].code.clone());
        let missing = answer
            .missing
            .iter()
            .filter(|missing| missing.subject == decision.subject);
        let missing = missing.map(|missing| show_fact(manifest, missing.fact));
        let why: Vec<String> = reasons.chain(missing).collect();
        let outcome = match (decision.outcome, decision.category) {
            (types::Outcome::Granted, Some(category)) => {
                manifest.categories[category as usize].code.clone()
            }
            (outcome, _) => format!("{outcome:?}")
                .to_lowercase()
                .replace("outcome::", ""),
        };
        let colon = if why.is_empty() { "" } else { ": " };
        text += &format!("{} {outcome}{colon}{}\n", decision.subject, why.join(", "));
        for proposal in answer
            .proposals
            .iter()
            .filter(|proposal| proposal.subject == decision.subject)
        {
            let role = &manifest.roles[proposal.role as usize];
            text += &format!(
                "  {} -> {} {}\n",
                role.label.code, role.resource_table, proposal.resource_row
            );
        }
    }
    text
}

fn show_fact(manifest: &types::Manifest, fact: types::FactReference) -> String {
    let table = &manifest.tables[fact.table as usize];
    format!(
        "missing {} {} {}",
        table.name, fact.row, table.facts[fact.fact as usize].key
    )
}
