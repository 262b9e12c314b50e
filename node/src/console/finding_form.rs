//! The form in which somebody says what they have found: a finding of a code list, and a note.

use axum::extract::{Form, rejection::FormRejection};
use lika_core::{
    codes,
    value::{RequestId, Text},
};
use serde::Deserialize;

use super::{
    account::malformed,
    door::{Visitor, parse_request, request_id},
    words::Words,
};
use crate::gateway::Error;

/// The form as a page shows it.
pub struct FindingForm {
    /// Where it goes.
    pub to: String,
    /// For sending it: sent twice it is one request.
    pub request: String,
    /// The findings to choose from.
    pub findings: Vec<(&'static str, &'static str)>,
}

/// The form as somebody has filled it in.
#[derive(Deserialize)]
pub struct Filled {
    form_token: String,
    request: String,
    finding: String,
    note: String,
}

/// What somebody found.
pub struct Found {
    /// Chosen with the form.
    pub request: RequestId,
    /// A code of the form's list.
    pub finding: String,
    /// What they say of it.
    pub note: Text,
}

impl FindingForm {
    /// The form with the findings of a list.
    pub fn of(words: Words, list: &str, to: String) -> Self {
        let findings = codes::list(list).into_iter().flat_map(|list| list.entries);
        Self {
            to,
            request: request_id(),
            findings: findings
                .map(|entry| (entry.code, words.t(entry.zh, entry.en)))
                .collect(),
        }
    }
}

impl Found {
    /// Reads the form that a visitor has sent.
    pub fn read(
        visitor: &Visitor,
        form: Result<Form<Filled>, FormRejection>,
    ) -> Result<Self, Error> {
        let Form(Filled {
            form_token,
            request,
            finding,
            note,
        }) = form.map_err(|_| malformed())?;
        visitor.check_form(&form_token)?;
        let note = Text::parse(&note).map_err(|error| Error::Malformed(error.to_string()))?;
        Ok(Self {
            request: parse_request(&request)?,
            finding,
            note,
        })
    }
}
