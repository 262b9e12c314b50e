//! Alerts: what the node has found and a person has to look at.
//!
//! Whoever caused the look (an officer who replays, the node itself) may be anybody; the alert is raised by the node.

use lika_core::{
    authority::Permission,
    command::{Change, Command, Refusal},
    log::{Action, Kind},
    record::{Alert, Body, Detail, Problem, Record, Resolution},
    value::{ActorId, AreaCode, Code, Label, RecordId, RequestId, Text},
};

use super::{Caller, Error, Fault, Gateway, listed};
use crate::store::{self, Receipt};

/// The longest text of a detail, in characters.
const LONGEST_TEXT: usize = 100;

/// Something that was found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Where what it is about stands.
    pub area: AreaCode,
    /// Code list alert.
    pub code: &'static str,
    /// The record that it is about.
    pub about: Option<RecordId>,
    details: Vec<(&'static str, String)>,
}

impl Finding {
    /// A finding without details.
    pub fn new(code: &'static str, area: AreaCode, about: Option<RecordId>) -> Self {
        Self {
            area,
            code,
            about,
            details: Vec::new(),
        }
    }

    /// Adds what there is to know; nothing of it may be personal. A text of several lines becomes one line, a long one
    /// is cut.
    #[must_use]
    pub fn with(mut self, key: &'static str, text: impl ToString) -> Self {
        let text = one_line(&text.to_string());
        if !text.is_empty() {
            self.details.push((key, text));
        }
        self
    }

    fn details(&self) -> Result<Vec<Detail>, Error> {
        let detail = |(key, text): &(&str, String)| {
            let malformed = |problem: String| Fault::new("details", Problem::Malformed(problem));
            Ok(Detail {
                key: Code::parse(key).map_err(|error| malformed(error.to_string()))?,
                text: Label::parse(text).map_err(|error| malformed(error.to_string()))?,
            })
        };
        self.details.iter().map(detail).collect()
    }
}

impl Gateway {
    /// Raises alerts in the name of the node, each once: a finding that is known, whatever became of it, is no news.
    ///
    /// Blocks. What cannot be raised is in the node's log; whoever looked gets the answer anyway.
    pub fn raise(&self, findings: &[Finding]) {
        for finding in findings {
            match self.raise_one(finding) {
                Ok(Some(alert)) => {
                    let (code, about) = (finding.code, finding.about.map(|it| it.to_string()));
                    tracing::error!(%alert, code, about, area = %finding.area, "an alert was raised");
                }
                Ok(None) => {}
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    ?finding,
                    "an alert could not be raised"
                ),
            }
        }
    }

    fn raise_one(&self, finding: &Finding) -> Result<Option<RecordId>, Error> {
        let (store, reader) = (&self.inner.store, &self.inner.reader);
        let node = reader.node();
        let alert = Alert {
            raised_by: node,
            code: listed("alert", "code", finding.code)?,
            about: finding.about,
            details: finding.details()?,
            raised_on: self.clock().today(),
            resolution: None,
            note: None,
        };
        let id = alert.id();
        if reader.get(&id)?.is_some() {
            return Ok(None);
        }
        let command = Command {
            request: RequestId::derived("lika.alert", &id.0),
            actor: ActorId(node.0),
            changes: vec![Change::create(id, finding.area, alert)],
        };
        match store.submit_blocking(command) {
            Ok(receipt) => Ok((!receipt.repeated).then_some(id)),
            // The same may have been found twice at once.
            Err(_) if reader.get(&id)?.is_some() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The alert that a finding is, where it was raised.
    pub fn raised(&self, finding: &Finding) -> Result<Option<Record>, Error> {
        let reader = &self.inner.reader;
        let code = listed("alert", "code", finding.code)?;
        let about = finding.about.as_ref();
        let id = Alert::id_for(&reader.node(), &code, about, &finding.details()?);
        Ok(reader.get(&id)?.and_then(store::Stored::into_record))
    }

    /// Whether an alert of this code about a record waits for somebody.
    pub fn is_alerted(&self, code: &str, about: &RecordId) -> Result<bool, Error> {
        use lika_core::record::{Index, Key};
        let reader = &self.inner.reader;
        for id in reader.find(&Key::record(Index::AlertsAbout, about))? {
            let Some(stored) = reader.get(&id)? else {
                continue;
            };
            let is_ours = stored.header.node == reader.node();
            if let Ok(Body::Alert(alert)) = stored.body
                && is_ours
                && alert.code == code
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Alerts in an area and below that nobody has looked at yet. Asks nobody's permission: it is a number.
    pub fn open_alerts(&self, area: &AreaCode) -> Result<u64, Error> {
        let now = lika_core::rollup::Period::NOW;
        let totals = self.inner.reader.totals(area, now)?;
        let open = totals.get("alerts").copied().unwrap_or_default();
        Ok(open.unsigned_abs())
    }

    /// Closes an alert as the caller: what was found, as a code and in words. The same request answers the same.
    pub async fn resolve_alert(
        &self,
        caller: &Caller,
        request: RequestId,
        alert: &RecordId,
        finding: &str,
        note: Option<Text>,
    ) -> Result<Receipt, Error> {
        let first = self.inner.reader.history(alert)?.into_iter().next();
        let first = first.ok_or(Error::NotFound(*alert))?;
        let (area, raised_by) = (first.header.area, first.header.node);
        let record = first.into_record().ok_or(Error::NotFound(*alert))?;
        let is_readable = caller.may(Permission::ReadOpen, &area);
        let (true, Body::Alert(body)) = (is_readable, &record.body) else {
            return Err(Error::NotFound(*alert));
        };
        caller.must(Permission::Write(Kind::Alert), &area)?;
        if raised_by != self.inner.reader.node() {
            return Err(Error::Other {
                code: "alert-of-another-node",
                message: format!("the alert was raised by node {raised_by} and is closed there"),
            });
        }
        let body = Alert {
            resolution: Some(Resolution {
                officer: caller.officer,
                finding: listed("alert-finding", "finding", finding)?,
            }),
            note: Some(note.filter(|note| !note.is_empty())),
            ..body.clone()
        };
        let command = Command {
            request,
            actor: ActorId(caller.officer.0),
            changes: vec![Change::of(&record, Action::Close, body)],
        };
        match self.inner.store.submit(command).await {
            Err(store::Error::Refused(refused))
                if matches!(refused.refusal, Refusal::Stale { .. }) =>
            {
                Err(Error::Other {
                    code: "record-closed",
                    message: Refusal::Closed(*alert).to_string(),
                })
            }
            done => Ok(done?),
        }
    }
}

/// One line of printable characters, cut where it is too long.
fn one_line(text: &str) -> String {
    let printable = text.replace(char::is_control, " ");
    let line = printable.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST_TEXT {
        return line;
    }
    let cut: String = line.chars().take(LONGEST_TEXT - 1).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_becomes_a_line_that_a_detail_takes() {
        for (text, line) in [("a\tb\nc", "a b c"), ("\u{7}", ""), (" 甲  乙 ", "甲 乙")] {
            assert_eq!(one_line(text), line);
        }
        let long = one_line(&"字 ".repeat(200));
        assert!(Label::parse(&long).is_ok(), "{long}");
        assert!(long.ends_with('…'));
    }
}
