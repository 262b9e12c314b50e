//! A row: a figure of a document beside the one that the node has.

use std::fmt;

use anyhow::Context as _;
use lika_core::value::Fen;

use crate::wire::status::Refused;

/// A figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// So many.
    Count(i64),
    /// Money.
    Money(Fen),
    /// As it is shown to people.
    Shown(String),
    /// The code under which the node refused an attempt.
    Refused(String),
}

impl Figure {
    /// What came of an attempt: the code under which the node refused it, or `done`.
    pub fn of_attempt(attempt: anyhow::Result<()>) -> anyhow::Result<Self> {
        let Err(error) = attempt else {
            return Ok(Self::shown("done"));
        };
        match error.downcast::<Refused>()? {
            Refused::ByNode { code, .. } => Ok(Self::Refused(code)),
            on_the_way @ Refused::OnTheWay { .. } => Err(on_the_way.into()),
        }
    }

    /// As it is shown to people.
    pub fn shown(text: &str) -> Self {
        Self::Shown(text.to_owned())
    }

    /// So many.
    pub fn count(many: usize) -> Self {
        Self::Count(i64::try_from(many).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Money(amount) => amount.fmt(f),
            Self::Shown(text) | Self::Refused(text) => text.fmt(f),
        }
    }
}

/// Where the figure of the node comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From independent records.
    Computed,
    /// It was entered as the document reports it.
    Entered,
}

impl Origin {
    /// The word for it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Entered => "entered",
        }
    }
}

/// What the document's figure is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The node must have it too.
    Stands,
    /// The document contradicts itself, and the remark says how: the node must have another one.
    Misprint,
}

/// A figure of a document, and what is to be said of it.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The row of the domain, `S4.1`.
    pub id: &'static str,
    /// What is counted.
    pub what: &'static str,
    /// What the document has.
    pub source: Figure,
    /// What that is worth.
    pub claim: Claim,
    /// Where the node's figure comes from.
    pub origin: Origin,
    /// How the document reckons, or why it does not add up.
    pub remark: &'static str,
    /// What changes the figure.
    pub change: &'static str,
}

/// A figure of a document and how the node comes to it, in the story `S`.
pub struct Row<S> {
    /// The document's figure.
    pub statement: Statement,
    /// Reads the node's figure.
    pub read: fn(&mut S) -> anyhow::Result<Figure>,
    /// Makes the change.
    pub falsify: fn(&mut S) -> anyhow::Result<()>,
}

/// A document's figure with the node's.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The document's figure.
    pub statement: Statement,
    /// What the node has.
    pub found: Figure,
    /// What came of falsifying it, where that was asked for.
    pub falsified: Option<Falsified>,
}

/// The figure around the change that falsifies it.
#[derive(Clone, Debug)]
pub struct Falsified {
    /// Before the change: earlier rows have been falsified by then.
    pub before: Figure,
    /// After it.
    pub after: Figure,
}

impl Falsified {
    /// Whether the figure follows its records: it is another one, and what was refused is not refused for something else.
    pub fn is_noticed(&self) -> bool {
        self.before != self.after && !matches!(self.after, Figure::Refused(_))
    }
}

impl Outcome {
    /// Whether the node has what the document has.
    pub fn is_equal(&self) -> bool {
        match (&self.found, &self.statement.source) {
            // A document says a code as any other text.
            (Figure::Refused(found), Figure::Shown(source)) => found == source,
            (found, source) => found == source,
        }
    }

    /// Whether the row holds: it is equal unless the document errs, and not whatever the records say.
    pub fn holds(&self) -> bool {
        let is_as_claimed = self.is_equal() == (self.statement.claim == Claim::Stands);
        is_as_claimed && self.falsified.as_ref().is_none_or(Falsified::is_noticed)
    }
}

impl<S> Row<S> {
    /// A row whose figure is computed: `read` it, and `falsify` it by a `change`.
    pub fn new(
        (id, what): (&'static str, &'static str),
        source: Figure,
        read: fn(&mut S) -> anyhow::Result<Figure>,
        change: &'static str,
        falsify: fn(&mut S) -> anyhow::Result<()>,
    ) -> Self {
        let statement = Statement {
            id,
            what,
            source,
            claim: Claim::Stands,
            origin: Origin::Computed,
            remark: "",
            change,
        };
        Self {
            statement,
            read,
            falsify,
        }
    }

    /// With something to be said of it.
    pub fn remark(mut self, remark: &'static str) -> Self {
        self.statement.remark = remark;
        self
    }

    /// As a figure that the document only reports, and that went in as it is.
    pub fn entered(mut self) -> Self {
        self.statement.origin = Origin::Entered;
        self
    }

    /// As a figure that the document itself contradicts, and how.
    pub fn misprint(mut self, remark: &'static str) -> Self {
        self.statement.claim = Claim::Misprint;
        self.remark(remark)
    }

    /// Reads the figure.
    pub fn outcome(&self, story: &mut S) -> anyhow::Result<Outcome> {
        Ok(Outcome {
            statement: self.statement.clone(),
            found: self.found(story)?,
            falsified: None,
        })
    }

    /// Changes what is behind the figure, and reads it again.
    pub fn falsified(&self, story: &mut S) -> anyhow::Result<Falsified> {
        let Statement {
            id, what, change, ..
        } = self.statement;
        let before = self.found(story)?;
        (self.falsify)(story).with_context(|| format!("{id} {what}: {change}"))?;
        Ok(Falsified {
            before,
            after: self.found(story)?,
        })
    }

    fn found(&self, story: &mut S) -> anyhow::Result<Figure> {
        let Statement { id, what, .. } = self.statement;
        (self.read)(story).with_context(|| format!("{id} {what}"))
    }
}
