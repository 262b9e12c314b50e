//! Doubts: what lists of other bureaus say of members, for somebody to verify.
//!
//! ```text
//!  comparison ──▶ waiting ──verify──▶ true or mistaken, for good
//!                           an officer
//! ```
//!
//! A doubt is never closed: it is by what is known already that the next list raises nothing twice.

use lika_proto::log::v1 as message;

use super::{Comparison, Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, RecordId, Text, fold_width},
};

/// What a list of another bureau says of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The comparison that raised it.
    pub comparison: RecordId,
    /// The member.
    pub member: RecordId,
    /// Code list comparison-source.
    pub source: Code,
    /// The day.
    pub raised_on: Date,
    /// Whether the list has the number with another name; that name is kept nowhere, since it may be somebody else's.
    pub name_differs: bool,
    /// What came of it, once somebody has verified it.
    pub verification: Option<Verification>,
    /// What the list says; not known where it was withheld, or where it says nothing but that somebody is on it.
    pub statements: Option<Vec<Statement>>,
    /// What was found, in words; not known where it was withheld.
    pub note: Option<Option<Text>>,
}

/// One thing that a list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Code list comparison-field.
    pub field: Code,
    /// What it says, on one line.
    pub text: Text,
}

/// Who verified a doubt, and what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Code list doubt-finding.
    pub finding: Code,
    /// The officer, in person.
    pub officer: RecordId,
    /// The day.
    pub on: Date,
}

impl Doubt {
    /// Statements of one doubt at most.
    const MOST_STATEMENTS: usize = 8;

    /// The record id of what a row of a comparison raised.
    pub fn id_for(comparison: &RecordId, row: u32) -> RecordId {
        RecordId::derived(
            "lika.doubt",
            &[&comparison.0[..], &row.to_be_bytes()].concat(),
        )
    }

    /// The key of what is said: the same for every list that says it again. None where it depends on statements that are
    /// not known here.
    pub fn hit(&self) -> Option<Key> {
        let is_named = Comparison::identifying_fields(self.source.as_str()).is_empty();
        let statements = match &self.statements {
            Some(statements) => statements.as_slice(),
            None if is_named => &[],
            None => return None,
        };
        Some(Self::hit_of(&self.member, &self.source, statements))
    }

    /// [`Self::hit`], before there is a doubt.
    pub fn hit_of(member: &RecordId, source: &Code, statements: &[Statement]) -> Key {
        let said = Comparison::identifying_fields(source.as_str())
            .iter()
            .map(|field| {
                let own = statements.iter().find(|own| own.field.as_str() == *field);
                own.map_or_else(String::new, |own| normalised(own.text.as_str()))
            });
        let said: Vec<String> = said.collect();
        // No statement holds a line break.
        let text = format!("{member}\n{source}\n{}", said.join("\n"));
        Key::blind(Index::DoubtOfHit, text)
    }
}

/// Lists write the same plate in full or half width, in small letters, with dots and spaces.
fn normalised(text: &str) -> String {
    text.chars()
        .map(fold_width)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

impl Document for Doubt {
    type Message = message::Doubt;

    fn parse(message: message::Doubt) -> Result<Self, Fault> {
        let message::Doubt {
            open,
            sensitive,
            free_text,
        } = message;
        let message::doubt::Open {
            comparison,
            member,
            source,
            raised_on,
            name_differs,
            finding,
            officer,
            verified_on,
        } = field::required("open", open)?;
        let source = field::code("comparison-source", "source", &source)?;
        let verification = match field::optional_code("doubt-finding", "finding", &finding)? {
            Some(finding) => Some(Verification {
                finding,
                officer: field::id("officer", &officer)?,
                on: field::date("verified_on", verified_on)?,
            }),
            None if officer.is_empty() && verified_on == 0 => None,
            None => return Err(Fault::new("finding", Problem::Missing)),
        };
        Ok(Self {
            comparison: field::id("comparison", &comparison)?,
            member: field::id("member", &member)?,
            raised_on: field::date("raised_on", raised_on)?,
            name_differs,
            verification,
            statements: sensitive
                .map(|message::doubt::Sensitive { statements }| {
                    statements_of(source.as_str(), statements)
                })
                .transpose()?,
            note: free_text
                .map(|message::doubt::FreeText { note }| {
                    field::optional_text("note", &note, Text::parse)
                })
                .transpose()?,
            source,
        })
    }

    fn message(&self) -> message::Doubt {
        let Self {
            comparison,
            member,
            source,
            raised_on,
            name_differs,
            verification,
            statements,
            note,
        } = self;
        let verification = verification.as_ref();
        let statement = |Statement { field, text }: &Statement| message::doubt::Statement {
            field: field.to_string(),
            text: text.as_str().to_owned(),
        };
        message::Doubt {
            open: Some(message::doubt::Open {
                comparison: comparison.0.to_vec(),
                member: member.0.to_vec(),
                source: source.to_string(),
                raised_on: raised_on.number(),
                name_differs: *name_differs,
                finding: field::printed(verification.map(|it| &it.finding)),
                officer: field::id_bytes(verification.map(|it| &it.officer)),
                verified_on: field::date_number(verification.map(|it| it.on)),
            }),
            sensitive: statements
                .as_ref()
                .map(|statements| message::doubt::Sensitive {
                    statements: statements.iter().map(statement).collect(),
                }),
            free_text: note.as_ref().map(|note| message::doubt::FreeText {
                note: field::printed(note.as_ref()),
            }),
        }
    }

    parts!(Doubt, sensitive = Sensitive, free_text = FreeText);

    /// What is said of a member goes with the member's key.
    fn subject(&self, _own: RecordId) -> RecordId {
        self.member
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::record(Index::DoubtsOfMember, &self.member)];
        keys.extend(self.hit());
        if self.verification.is_none() {
            let day = self.raised_on.number().to_be_bytes();
            keys.push(Key::open(Index::DoubtsWaiting, &[&day]));
        }
        keys
    }

    fn tallies(&self) -> Vec<Tally> {
        let finding = self.verification.as_ref();
        let state = finding.map_or("waiting", |it| it.finding.as_str());
        vec![
            Tally::stock("doubts", 1),
            Tally::stock(format!("doubts/{state}"), 1),
            Tally::stock(format!("doubts-by-source/{}", self.source), 1),
        ]
    }
}

fn statements_of(
    source: &str,
    messages: Vec<message::doubt::Statement>,
) -> Result<Vec<Statement>, Fault> {
    if messages.len() > Doubt::MOST_STATEMENTS {
        return Err(Fault::new(
            "statements",
            Problem::TooMany(Doubt::MOST_STATEMENTS),
        ));
    }
    let mut statements: Vec<Statement> = Vec::with_capacity(messages.len());
    for message::doubt::Statement { field, text } in messages {
        let field = field::code("comparison-field", "statements.field", &field)?;
        if !Comparison::fields(source).contains(&field.as_str()) {
            let problem = format!("lists of {source} do not say this");
            return Err(Fault::new("statements.field", Problem::Malformed(problem)));
        }
        if statements.iter().any(|known| known.field == field) {
            return Err(Fault::new(
                "statements.field",
                Problem::Repeated(field.to_string()),
            ));
        }
        let text = field::malformed("statements.text", Text::parse(&text))?;
        if text.is_empty() || text.as_str().contains('\n') {
            let problem = "must be one line that says something".to_owned();
            return Err(Fault::new("statements.text", Problem::Malformed(problem)));
        }
        statements.push(Statement { field, text });
    }
    Ok(statements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(field: &str, text: &str) -> Statement {
        Statement {
            field: Code::parse(field).unwrap(),
            text: Text::parse(text).unwrap(),
        }
    }

    #[test]
    fn a_car_is_its_plate_however_it_is_written() {
        let vehicles = Code::parse("vehicles").unwrap();
        let hit = |plate: &str, kind: &str| {
            let said = [statement("plate", plate), statement("vehicle-type", kind)];
            Doubt::hit_of(&RecordId([1; 16]), &vehicles, &said)
        };
        assert_eq!(hit("赣J·12345", "轿车"), hit("赣ｊ 12345", "小型汽车"));
        assert_ne!(hit("赣J12345", "轿车"), hit("赣J12346", "轿车"));
        let other = Doubt::hit_of(
            &RecordId([2; 16]),
            &vehicles,
            &[statement("plate", "赣J12345")],
        );
        assert_ne!(hit("赣J12345", "轿车"), other);
    }
}
