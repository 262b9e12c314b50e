//! The household: its card.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, Phone, Text, Year},
};

/// The most causes besides the main one, as the national form has them.
const OTHER_CAUSES: usize = 2;

/// A registered household. Its members are records of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// Code list household-type.
    pub household_type: Code,
    /// Code list identification-standard.
    pub standard: Option<Code>,
    /// Code list cause.
    pub main_cause: Option<Code>,
    /// Code list cause; at most two, none equal to the main cause.
    pub other_causes: Vec<Code>,
    /// When it was first identified.
    pub identified_on: Option<Date>,
    /// The year of its exit.
    pub exit_year: Option<Year>,
    /// Whether the risk of a monitored household was marked removed.
    pub risk_removed: Option<bool>,
    /// Whether it lives in a dangerous house.
    pub dangerous_house: Option<bool>,
    /// Whether it has safe water.
    pub safe_water: Option<bool>,
    /// Whether it is willing to be helped to work its way out (S0.1).
    pub willing: Option<bool>,
    /// Who it is; not known where it was withheld.
    pub identity: Option<HouseholdIdentity>,
    /// Remarks; not known where they were withheld.
    pub note: Option<Option<Text>>,
}

/// Who a household is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HouseholdIdentity {
    /// 户编号.
    pub number: Option<Text>,
    /// 自然村(组).
    pub hamlet: Option<Text>,
    /// Street and house.
    pub address: Option<Text>,
    /// Phone.
    pub phone: Option<Phone>,
    /// Bank account.
    pub bank_account: Option<Text>,
}

impl Household {
    /// A household of a type of which no more is known.
    pub fn new(household_type: Code) -> Self {
        Self {
            household_type,
            standard: None,
            main_cause: None,
            other_causes: Vec::new(),
            identified_on: None,
            exit_year: None,
            risk_removed: None,
            dangerous_house: None,
            safe_water: None,
            willing: None,
            identity: None,
            note: None,
        }
    }
}

impl Document for Household {
    type Message = message::Household;

    fn parse(message: message::Household) -> Result<Self, Fault> {
        let message::Household {
            open,
            identity,
            free_text,
        } = message;
        let message::household::Open {
            r#type,
            standard,
            main_cause,
            other_causes,
            identified_on,
            exit_year,
            risk_removed,
            dangerous_house,
            safe_water,
            willing,
        } = field::required("open", open)?;
        let main_cause = field::optional_code("cause", "main_cause", &main_cause)?;
        let other_causes = field::code_set("cause", "other_causes", &other_causes, OTHER_CAUSES)?;
        if let Some(main) = &main_cause
            && other_causes.contains(main)
        {
            return Err(Fault::new(
                "other_causes",
                Problem::Repeated(main.to_string()),
            ));
        }
        if main_cause.is_none() && !other_causes.is_empty() {
            return Err(Fault::new("main_cause", Problem::Missing));
        }
        Ok(Self {
            household_type: field::code("household-type", "type", &r#type)?,
            standard: field::optional_code("identification-standard", "standard", &standard)?,
            main_cause,
            other_causes,
            identified_on: field::optional_date("identified_on", identified_on)?,
            exit_year: field::optional_year("exit_year", exit_year)?,
            risk_removed,
            dangerous_house,
            safe_water,
            willing,
            identity: identity.map(HouseholdIdentity::parse).transpose()?,
            note: free_text
                .map(|message::household::FreeText { note }| {
                    field::optional_text("note", &note, Text::parse)
                })
                .transpose()?,
        })
    }

    fn message(&self) -> message::Household {
        let Self {
            household_type,
            standard,
            main_cause,
            other_causes,
            identified_on,
            exit_year,
            risk_removed,
            dangerous_house,
            safe_water,
            willing,
            identity,
            note,
        } = self;
        message::Household {
            open: Some(message::household::Open {
                r#type: household_type.to_string(),
                standard: field::printed(standard.as_ref()),
                main_cause: field::printed(main_cause.as_ref()),
                other_causes: field::code_texts(other_causes),
                identified_on: field::date_number(*identified_on),
                exit_year: field::year_number(*exit_year),
                risk_removed: *risk_removed,
                dangerous_house: *dangerous_house,
                safe_water: *safe_water,
                willing: *willing,
            }),
            identity: identity.as_ref().map(HouseholdIdentity::message),
            free_text: note.as_ref().map(|note| message::household::FreeText {
                note: field::printed(note.as_ref()),
            }),
        }
    }

    parts!(Household, identity = Identity, free_text = FreeText);

    fn keys(&self) -> Vec<Key> {
        self.identity
            .as_ref()
            .and_then(|identity| identity.number.as_ref())
            .map(|number| Key::blind(Index::HouseholdNumber, number.as_str()))
            .into_iter()
            .collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        let mut tallies = vec![
            Tally::stock("households", 1),
            Tally::stock(format!("household-type/{}", self.household_type), 1),
        ];
        if let Some(cause) = &self.main_cause {
            tallies.push(Tally::stock(format!("main-cause/{cause}"), 1));
        }
        if let Some(on) = self.identified_on {
            tallies.push(Tally::in_year("identified", on.year(), 1));
        }
        if let Some(year) = self.exit_year {
            tallies.push(Tally::in_year("exits", year, 1));
        }
        tallies
    }
}

impl HouseholdIdentity {
    fn parse(message: message::household::Identity) -> Result<Self, Fault> {
        let message::household::Identity {
            number,
            hamlet,
            address,
            phone,
            bank_account,
        } = message;
        Ok(Self {
            number: field::optional_text("number", &number, Text::parse)?,
            hamlet: field::optional_text("hamlet", &hamlet, Text::parse)?,
            address: field::optional_text("address", &address, Text::parse)?,
            phone: field::optional_text("phone", &phone, Phone::parse)?,
            bank_account: field::optional_text("bank_account", &bank_account, Text::parse)?,
        })
    }

    fn message(&self) -> message::household::Identity {
        let Self {
            number,
            hamlet,
            address,
            phone,
            bank_account,
        } = self;
        message::household::Identity {
            number: field::printed(number.as_ref()),
            hamlet: field::printed(hamlet.as_ref()),
            address: field::printed(address.as_ref()),
            phone: field::printed(phone.as_ref()),
            bank_account: field::printed(bank_account.as_ref()),
        }
    }
}
