//! Alerts: what a person has to look at.
//!
//! ```text
//!  a node finds something ──▶ open ──resolve──▶ closed
//!                                   an officer
//! ```
//!
//! A node raises alerts about what it finds in its own log and in those of the nodes below. Each is a record of the node
//! that found it, and is closed there.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, Label, NodeId, RecordId, Text},
};

/// Something that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The node that found it.
    pub raised_by: NodeId,
    /// Code list alert.
    pub code: Code,
    /// The record that it is about.
    pub about: Option<RecordId>,
    /// What there is to know; nothing personal, since it leaves the county under every agreement.
    pub details: Vec<Detail>,
    /// The day.
    pub raised_on: Date,
    /// Who looked at it, once somebody has.
    pub resolution: Option<Resolution>,
    /// What was found, in words; not known where it was withheld.
    pub note: Option<Option<Text>>,
}

/// Something to know of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What it is.
    pub key: Code,
    /// What is known.
    pub text: Label,
}

/// Who looked at an alert, and what came of it. The entry says when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The officer.
    pub officer: RecordId,
    /// Code list alert-finding.
    pub finding: Code,
}

impl Alert {
    /// Details of one alert at most.
    pub const MOST_DETAILS: usize = 12;

    /// The record id of a finding: the same finding of the same node is one alert, whenever and however often it is
    /// found.
    pub fn id_for(
        raised_by: &NodeId,
        code: &Code,
        about: Option<&RecordId>,
        details: &[Detail],
    ) -> RecordId {
        let mut bytes = raised_by.0.to_vec();
        let mut push = |part: &[u8]| {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part);
        };
        push(code.as_str().as_bytes());
        push(about.map_or(&[], |about| &about.0[..]));
        for Detail { key, text } in details {
            push(key.as_str().as_bytes());
            push(text.as_str().as_bytes());
        }
        RecordId::derived("lika.alert", &bytes)
    }

    /// The record id of this one.
    pub fn id(&self) -> RecordId {
        Self::id_for(
            &self.raised_by,
            &self.code,
            self.about.as_ref(),
            &self.details,
        )
    }
}

impl Document for Alert {
    type Message = message::Alert;

    fn parse(message: message::Alert) -> Result<Self, Fault> {
        let message::Alert { open, free_text } = message;
        let message::alert::Open {
            raised_by,
            code,
            about,
            details,
            raised_on,
            resolution,
        } = field::required("open", open)?;
        if details.len() > Self::MOST_DETAILS {
            return Err(Fault::new("details", Problem::TooMany(Self::MOST_DETAILS)));
        }
        let mut keys = BTreeSet::new();
        let mut parsed = Vec::with_capacity(details.len());
        for message::alert::Detail { key, text } in details {
            let key = field::malformed("details.key", Code::parse(&key))?;
            let text = field::malformed("details.text", Label::parse(&text))?;
            if !keys.insert(key.clone()) {
                let problem = Problem::Repeated(key.to_string());
                return Err(Fault::new("details.key", problem));
            }
            parsed.push(Detail { key, text });
        }
        Ok(Self {
            raised_by: NodeId(field::id("raised_by", &raised_by)?.0),
            // A node above may meet a code of a newer node below.
            code: field::malformed("code", Code::parse(&code))?,
            about: field::optional_id("about", &about)?,
            details: parsed,
            raised_on: field::date("raised_on", raised_on)?,
            resolution: resolution
                .map(|message::alert::Resolution { officer, finding }| {
                    Ok::<_, Fault>(Resolution {
                        officer: field::id("resolution.officer", &officer)?,
                        finding: field::malformed("resolution.finding", Code::parse(&finding))?,
                    })
                })
                .transpose()?,
            note: free_text
                .map(|message::alert::FreeText { note }| {
                    field::optional_text("note", &note, Text::parse)
                })
                .transpose()?,
        })
    }

    fn message(&self) -> message::Alert {
        let Self {
            raised_by,
            code,
            about,
            details,
            raised_on,
            resolution,
            note,
        } = self;
        let detail = |Detail { key, text }: &Detail| message::alert::Detail {
            key: key.to_string(),
            text: text.to_string(),
        };
        let resolution =
            resolution.as_ref().map(
                |Resolution { officer, finding }| message::alert::Resolution {
                    officer: officer.0.to_vec(),
                    finding: finding.to_string(),
                },
            );
        message::Alert {
            open: Some(message::alert::Open {
                raised_by: raised_by.0.to_vec(),
                code: code.to_string(),
                about: field::id_bytes(about.as_ref()),
                details: details.iter().map(detail).collect(),
                raised_on: raised_on.number(),
                resolution,
            }),
            free_text: note.as_ref().map(|note| message::alert::FreeText {
                note: field::printed(note.as_ref()),
            }),
        }
    }

    parts!(Alert, free_text = FreeText);

    fn keys(&self) -> Vec<Key> {
        let about = self.about.as_ref();
        about
            .map(|about| Key::record(Index::AlertsAbout, about))
            .into_iter()
            .collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![
            Tally::stock("alerts", 1),
            Tally::stock(format!("alert/{}", self.code), 1),
        ]
    }
}
