//! Comparisons: lists of other bureaus that were held against the registry.
//!
//! ```text
//!  list ──blind index──▶ registered? ──no──▶ nothing at all is kept
//!                             │yes
//!                             ▼
//!                        known hit? ──no──▶ doubt (waits for somebody)
//! ```

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, field, parts, policy};
use crate::{
    rollup::Tally,
    value::{Code, Date, Digest},
};

/// One list of one bureau, held against the registry on a day. It keeps counts and nothing of anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Code list comparison-source.
    pub source: Code,
    /// The day of the list.
    pub listed_on: Date,
    /// The day on which it was held against the registry.
    pub compared_on: Date,
    /// Rows that are not blank.
    pub rows: u64,
    /// Rows without a number that can be looked up, or that do not say what they are about.
    pub unreadable: u64,
    /// What it says of people who are registered, each statement once.
    pub hits: u64,
    /// Hits that no earlier list had.
    pub raised: u64,
    /// SHA-256 of the file; not known where it was withheld.
    pub digest: Option<Digest>,
}

impl Comparison {
    /// Rows of a list at most: several times the vehicles of a county. A longer one was chosen by mistake.
    pub const MOST_ROWS: u64 = 1_000_000;

    /// The fields by which two lists of a source mean the same thing: a car is its plate, whatever it is worth today. None
    /// where a person is on such a list once. Unknown for a source that the code list does not have.
    #[must_use]
    pub fn identifying_fields(source: &str) -> &'static [&'static str] {
        match source {
            "vehicles" => &["plate"],
            "property" => &["certificate", "location"],
            "companies" => &["credit-code", "company"],
            "payroll" => &["employer"],
            "allowances" => &["programme"],
            _ => &[],
        }
    }

    /// What lists of a source say (code list comparison-field), in the order of the code list.
    #[must_use]
    pub fn fields(source: &str) -> &'static [&'static str] {
        match source {
            "vehicles" => &["plate", "vehicle-type", "registered-on"],
            "property" => &["certificate", "location", "floor-space", "registered-on"],
            "companies" => &[
                "credit-code",
                "company",
                "position",
                "capital",
                "registered-on",
            ],
            "payroll" => &["position", "employer", "wages"],
            "allowances" => &["programme", "amount"],
            "deaths" => &["died-on"],
            _ => &[],
        }
    }
}

impl Document for Comparison {
    type Message = message::Comparison;

    fn parse(message: message::Comparison) -> Result<Self, Fault> {
        let message::Comparison { open, sensitive } = message;
        let message::comparison::Open {
            source,
            listed_on,
            compared_on,
            rows,
            unreadable,
            hits,
            raised,
        } = field::required("open", open)?;
        if rows > Self::MOST_ROWS {
            let most = usize::try_from(Self::MOST_ROWS).unwrap_or(usize::MAX);
            return Err(Fault::new("rows", Problem::TooMany(most)));
        }
        let adds_up = |field, part: u64, whole: u64| {
            let problem = || Problem::Malformed("is more than there are".to_owned());
            if part > whole {
                Err(Fault::new(field, problem()))
            } else {
                Ok(())
            }
        };
        adds_up("unreadable", unreadable, rows)?;
        adds_up("hits", hits, rows - unreadable)?;
        adds_up("raised", raised, hits)?;
        let listed_on = field::date("listed_on", listed_on)?;
        let compared_on = field::date("compared_on", compared_on)?;
        Ok(Self {
            source: field::code("comparison-source", "source", &source)?,
            listed_on,
            compared_on,
            rows,
            unreadable,
            hits,
            raised,
            digest: sensitive
                .map(|message::comparison::Sensitive { digest }| policy::digest("digest", &digest))
                .transpose()?,
        })
    }

    fn message(&self) -> message::Comparison {
        let Self {
            source,
            listed_on,
            compared_on,
            rows,
            unreadable,
            hits,
            raised,
            digest,
        } = self;
        message::Comparison {
            open: Some(message::comparison::Open {
                source: source.to_string(),
                listed_on: listed_on.number(),
                compared_on: compared_on.number(),
                rows: *rows,
                unreadable: *unreadable,
                hits: *hits,
                raised: *raised,
            }),
            sensitive: digest.map(|digest| message::comparison::Sensitive {
                digest: digest.0.to_vec(),
            }),
        }
    }

    parts!(Comparison, sensitive = Sensitive);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![Tally::in_month(
            format!("comparisons/{}", self.source),
            self.compared_on,
            1,
        )]
    }
}
