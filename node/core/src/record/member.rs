//! The member: a person, for ever, with a dated membership in a household.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, IdentityDocument, Name, Phone, RecordId, Text, Year},
};

/// Months of a year that a person can work.
const MONTHS: u32 = 12;

/// A person with a dated membership in a household. The record's id is the permanent person id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The household.
    pub household: RecordId,
    /// The first day of the membership.
    pub from: Date,
    /// The first day after it, and why it ended (code list member-end-reason).
    pub until: Option<(Date, Code)>,
    /// Code list sex.
    pub sex: Option<Code>,
    /// Year of birth.
    pub birth_year: Option<Year>,
    /// Code list relation.
    pub relation: Code,
    /// Code list ethnic-group.
    pub ethnic_group: Option<Code>,
    /// Code list political.
    pub political: Option<Code>,
    /// Code list education.
    pub education: Option<Code>,
    /// Code list schooling.
    pub schooling: Option<Code>,
    /// Code list labour.
    pub labour: Option<Code>,
    /// Code list work-region; absent when the person does not work away.
    pub work_region: Option<Code>,
    /// Months of work in the year, 0 to 12.
    pub work_months: Option<u32>,
    /// Whether the person draws the allowance.
    pub allowance: Option<bool>,
    /// Whether the person has resident medical insurance.
    pub medical_insurance: Option<bool>,
    /// Whether the person has serious-illness insurance.
    pub illness_insurance: Option<bool>,
    /// Whether the person has resident pension insurance.
    pub pension_insurance: Option<bool>,
    /// When the person was identified.
    pub identified_on: Option<Date>,
    /// Code list measure: what the person is planned for (S4.10).
    pub measures: Vec<Code>,
    /// Who the person is; not known where it was withheld.
    pub identity: Option<MemberIdentity>,
    /// Code list health, several may hold; not known where it was withheld.
    pub health: Option<Vec<Code>>,
}

/// Who a person is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberIdentity {
    /// 人编号.
    pub number: Option<Text>,
    /// Name.
    pub name: Name,
    /// The identity document.
    pub document: IdentityDocument,
    /// Phone.
    pub phone: Option<Phone>,
}

impl Member {
    /// A member of a household since a day, and what they are to its head, of whom no more is known.
    pub fn new(household: RecordId, from: Date, relation: Code) -> Self {
        Self {
            household,
            from,
            until: None,
            sex: None,
            birth_year: None,
            relation,
            ethnic_group: None,
            political: None,
            education: None,
            schooling: None,
            labour: None,
            work_region: None,
            work_months: None,
            allowance: None,
            medical_insurance: None,
            illness_insurance: None,
            pension_insurance: None,
            identified_on: None,
            measures: Vec::new(),
            identity: None,
            health: None,
        }
    }

    /// Whether the person is the head of the household (GB/T 4761: 0x is the person itself).
    pub fn is_head(&self) -> bool {
        self.relation.as_str().starts_with('0')
    }
}

impl Document for Member {
    type Message = message::Member;

    fn parse(message: message::Member) -> Result<Self, Fault> {
        let message::Member {
            open,
            identity,
            sensitive,
        } = message;
        let open = field::required("open", open)?;
        let health = sensitive
            .map(|message::member::Sensitive { health }| {
                field::code_set("health", "health", &health, usize::MAX)
            })
            .transpose()?;
        Self::parse_open(
            open,
            identity.map(MemberIdentity::parse).transpose()?,
            health,
        )
    }

    fn message(&self) -> message::Member {
        message::Member {
            open: Some(self.open_message()),
            identity: self.identity.as_ref().map(MemberIdentity::message),
            sensitive: self
                .health
                .as_ref()
                .map(|health| message::member::Sensitive {
                    health: field::code_texts(health),
                }),
        }
    }

    parts!(Member, identity = Identity, sensitive = Sensitive);

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::record(Index::MembersOfHousehold, &self.household)];
        if let Some(identity) = &self.identity {
            keys.push(Key::blind(Index::MemberName, identity.name.as_str()));
            keys.extend(
                identity
                    .document
                    .normalised()
                    .map(|number| Key::blind(Index::Document, number)),
            );
            keys.extend(
                identity
                    .number
                    .as_ref()
                    .map(|number| Key::blind(Index::MemberNumber, number.as_str())),
            );
        }
        keys
    }

    fn tallies(&self) -> Vec<Tally> {
        let mut tallies = vec![Tally::stock("people", 1)];
        tallies.extend(
            self.measures
                .iter()
                .map(|measure| Tally::stock(format!("measure/{measure}"), 1)),
        );
        if let Some(labour) = &self.labour {
            tallies.push(Tally::stock(format!("labour/{labour}"), 1));
        }
        tallies
    }
}

impl Member {
    fn parse_open(
        open: message::member::Open,
        identity: Option<MemberIdentity>,
        health: Option<Vec<Code>>,
    ) -> Result<Self, Fault> {
        let from = field::date("from", open.from)?;
        let until = field::until("until", from, open.until)?;
        let end_reason = field::optional_code("member-end-reason", "end_reason", &open.end_reason)?;
        let until = match (until, end_reason) {
            (None, None) => None,
            (Some(day), Some(reason)) => Some((day, reason)),
            (Some(_), None) => return Err(Fault::new("end_reason", Problem::Missing)),
            (None, Some(_)) => return Err(Fault::new("until", Problem::Missing)),
        };
        if open.work_months.is_some_and(|months| months > MONTHS) {
            return Err(Fault::new(
                "work_months",
                Problem::OutOfRange {
                    least: 0,
                    most: i64::from(MONTHS),
                },
            ));
        }
        Ok(Self {
            household: field::id("household", &open.household)?,
            from,
            until,
            sex: field::optional_code("sex", "sex", &open.sex)?,
            birth_year: field::optional_year("birth_year", open.birth_year)?,
            relation: field::code("relation", "relation", &open.relation)?,
            ethnic_group: field::optional_code("ethnic-group", "ethnic_group", &open.ethnic_group)?,
            political: field::optional_code("political", "political", &open.political)?,
            education: field::optional_code("education", "education", &open.education)?,
            schooling: field::optional_code("schooling", "schooling", &open.schooling)?,
            labour: field::optional_code("labour", "labour", &open.labour)?,
            work_region: field::optional_code("work-region", "work_region", &open.work_region)?,
            work_months: open.work_months,
            allowance: open.allowance,
            medical_insurance: open.medical_insurance,
            illness_insurance: open.illness_insurance,
            pension_insurance: open.pension_insurance,
            identified_on: field::optional_date("identified_on", open.identified_on)?,
            measures: field::code_set("measure", "measures", &open.measures, usize::MAX)?,
            identity,
            health,
        })
    }

    fn open_message(&self) -> message::member::Open {
        let Self {
            household,
            from,
            until,
            sex,
            birth_year,
            relation,
            ethnic_group,
            political,
            education,
            schooling,
            labour,
            work_region,
            work_months,
            allowance,
            medical_insurance,
            illness_insurance,
            pension_insurance,
            identified_on,
            measures,
            identity: _,
            health: _,
        } = self;
        message::member::Open {
            household: household.0.to_vec(),
            from: from.number(),
            until: field::date_number(until.as_ref().map(|(day, _)| *day)),
            end_reason: field::printed(until.as_ref().map(|(_, reason)| reason)),
            sex: field::printed(sex.as_ref()),
            birth_year: field::year_number(*birth_year),
            relation: relation.to_string(),
            ethnic_group: field::printed(ethnic_group.as_ref()),
            political: field::printed(political.as_ref()),
            education: field::printed(education.as_ref()),
            schooling: field::printed(schooling.as_ref()),
            labour: field::printed(labour.as_ref()),
            work_region: field::printed(work_region.as_ref()),
            work_months: *work_months,
            allowance: *allowance,
            medical_insurance: *medical_insurance,
            illness_insurance: *illness_insurance,
            pension_insurance: *pension_insurance,
            identified_on: field::date_number(*identified_on),
            measures: field::code_texts(measures),
        }
    }
}

impl MemberIdentity {
    fn parse(message: message::member::Identity) -> Result<Self, Fault> {
        let message::member::Identity {
            number,
            name,
            document,
            phone,
        } = message;
        let message::Document {
            r#type,
            text,
            none_reason,
        } = document.unwrap_or_default();
        let document =
            match field::optional_code("no-document-reason", "document.none_reason", &none_reason)?
            {
                Some(reason) => IdentityDocument::None { reason },
                None => IdentityDocument::parse(
                    &field::code("document-type", "document.type", &r#type)?,
                    &text,
                ),
            };
        Ok(Self {
            number: field::optional_text("number", &number, Text::parse)?,
            name: field::malformed("name", Name::parse(&name))?,
            document,
            phone: field::optional_text("phone", &phone, Phone::parse)?,
        })
    }

    fn message(&self) -> message::member::Identity {
        let Self {
            number,
            name,
            document,
            phone,
        } = self;
        message::member::Identity {
            number: field::printed(number.as_ref()),
            name: name.to_string(),
            document: Some(document_message(document)),
            phone: field::printed(phone.as_ref()),
        }
    }
}

fn document_message(document: &IdentityDocument) -> message::Document {
    let none_reason = match document {
        IdentityDocument::None { reason } => reason.to_string(),
        IdentityDocument::Valid(_) | IdentityDocument::Unverified { .. } => String::new(),
    };
    message::Document {
        r#type: field::printed(document.kind().as_ref()),
        text: document.text(),
        none_reason,
    }
}
