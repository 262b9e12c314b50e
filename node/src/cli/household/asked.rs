//! What is said on the command line of something that happens to a household.

use anyhow::Context as _;
use clap::Args;
use lika_core::value::RecordId;
use lika_proto::{
    log::v1 as log,
    v1::{self, happen_request as happen, happen_request::What, record::Body},
};
use serde_json::json;

use super::Happening;
use crate::cli::{
    Answer, Called, Output, block_on,
    client::{self, day, id},
    output::shown_id,
};

/// Let some members found a household of their own.
#[derive(Args, Debug)]
pub struct Split {
    #[command(flatten)]
    pub happening: Happening,
    /// Who leaves; again for each.
    #[arg(long = "member", required = true)]
    members: Vec<String>,
    /// Who of them becomes head.
    #[arg(long)]
    head: String,
    /// The number of the new household (户编号).
    #[arg(long, default_value = "", hide_default_value = true)]
    number: String,
}

/// Let all members go to another household.
#[derive(Args, Debug)]
pub struct Merge {
    #[command(flatten)]
    pub happening: Happening,
    /// The other household's record.
    #[arg(long)]
    into: String,
}

/// Move a household to another village.
#[derive(Args, Debug)]
pub struct Move {
    #[command(flatten)]
    pub happening: Happening,
    /// The village, by its code.
    #[arg(long)]
    to: String,
    /// The address there.
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "TEXT"
    )]
    new_address: String,
}

/// Record a death.
#[derive(Args, Debug)]
pub struct Death {
    #[command(flatten)]
    pub happening: Happening,
    /// Who died.
    #[arg(long)]
    member: String,
}

/// Somebody whom the register does not know.
#[derive(Args, Clone, Debug)]
pub struct Person {
    /// The name.
    #[arg(long)]
    name: Option<String>,
    /// The identity number.
    #[arg(long, default_value = "", hide_default_value = true)]
    document: String,
    /// 1 male, 2 female.
    #[arg(long, default_value = "", hide_default_value = true)]
    sex: String,
    /// The year of birth, where the number does not say it.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    birth_year: u32,
    /// How the person is related to the head (GB/T 4761), such as 20 for a son.
    #[arg(long)]
    relation: String,
}

/// Record a birth.
#[derive(Args, Debug)]
pub struct Birth {
    #[command(flatten)]
    pub happening: Happening,
    #[command(flatten)]
    child: Person,
}

/// Record who joins.
#[derive(Args, Debug)]
pub struct Join {
    #[command(flatten)]
    pub happening: Happening,
    /// A member of another household; not given for somebody from outside the register.
    #[arg(long, conflicts_with_all = ["name", "document", "sex", "birth_year"])]
    member: Option<String>,
    #[command(flatten)]
    person: Person,
}

/// Record who leaves.
#[derive(Args, Debug)]
pub struct Leave {
    #[command(flatten)]
    pub happening: Happening,
    /// Who leaves.
    #[arg(long)]
    member: String,
    /// How the membership ends: moved-away, marriage or registered-by-mistake.
    #[arg(long)]
    end: String,
}

/// Make another member the head.
#[derive(Args, Debug)]
pub struct Head {
    #[command(flatten)]
    pub happening: Happening,
    /// The new head.
    #[arg(long)]
    member: String,
}

/// Let a household exit.
#[derive(Args, Debug)]
pub struct Exit {
    #[command(flatten)]
    pub happening: Happening,
    /// The case.
    #[arg(long)]
    case: String,
}

/// Take a household back.
#[derive(Args, Debug)]
pub struct Relapse {
    #[command(flatten)]
    pub happening: Happening,
    /// The case.
    #[arg(long)]
    case: String,
    /// What it is from now on (code list household-type).
    #[arg(long = "type", default_value = "general")]
    household_type: String,
}

/// Enter a quota.
#[derive(Args, Debug)]
pub struct Quota {
    /// The area, by its code.
    #[arg(long)]
    area: String,
    /// The year.
    #[arg(long)]
    year: u32,
    /// What is counted: identification or exit.
    #[arg(long, default_value = "identification")]
    kind: String,
    /// How many households.
    #[arg(long)]
    households: i64,
    /// The document that gives it.
    #[arg(long)]
    source: String,
    #[command(flatten)]
    called: Called,
}

impl Happening {
    /// The request that says it.
    pub fn request(&self, what: What) -> anyhow::Result<v1::HappenRequest> {
        let relation = |text: &String| {
            let (member, relation) = text
                .split_once('=')
                .with_context(|| format!("{text:?} is not MEMBER=CODE"))?;
            Ok(happen::Relation {
                member: id("a member", member)?,
                relation: relation.to_owned(),
            })
        };
        Ok(v1::HappenRequest {
            request: client::request_id(),
            household: id("the household", &self.household)?,
            on: day(self.on.as_deref())?.number(),
            reason: self.reason.clone(),
            note: self.note.clone(),
            heir: match &self.heir {
                Some(heir) => id("the heir", heir)?,
                None => Vec::new(),
            },
            relations: self
                .relations
                .iter()
                .map(relation)
                .collect::<anyhow::Result<_>>()?,
            what: Some(what),
        })
    }
}

impl Split {
    pub fn what(&self) -> anyhow::Result<What> {
        let members = self.members.iter().map(|member| id("a member", member));
        Ok(What::Split(happen::Split {
            members: members.collect::<anyhow::Result<_>>()?,
            head: id("the head", &self.head)?,
            number: self.number.clone(),
        }))
    }
}

impl Merge {
    pub fn what(&self) -> anyhow::Result<What> {
        let into = id("the other household", &self.into)?;
        Ok(What::Merge(happen::Merge { into }))
    }
}

impl Move {
    pub fn what(&self) -> What {
        What::Move(happen::Move {
            to: self.to.clone(),
            address: self.new_address.clone(),
        })
    }
}

impl Death {
    pub fn what(&self) -> anyhow::Result<What> {
        Ok(What::Death(id("the member", &self.member)?))
    }
}

impl Birth {
    pub fn what(&self) -> What {
        What::Birth(self.child.message())
    }
}

impl Join {
    pub fn what(&self) -> anyhow::Result<What> {
        Ok(match &self.member {
            Some(member) => What::Join(happen::Relation {
                member: id("the member", member)?,
                relation: self.person.relation.clone(),
            }),
            None => What::Arrival(self.person.message()),
        })
    }
}

impl Leave {
    pub fn what(&self) -> anyhow::Result<What> {
        Ok(What::Leave(happen::Leave {
            member: id("the member", &self.member)?,
            end_reason: self.end.clone(),
        }))
    }
}

impl Head {
    pub fn what(&self) -> anyhow::Result<What> {
        Ok(What::Head(id("the member", &self.member)?))
    }
}

impl Exit {
    pub fn what(&self) -> anyhow::Result<What> {
        Ok(What::Exit(id("the case", &self.case)?))
    }
}

impl Relapse {
    pub fn what(&self) -> anyhow::Result<What> {
        Ok(What::Relapse(happen::Relapse {
            case: id("the case", &self.case)?,
            r#type: self.household_type.clone(),
        }))
    }
}

impl Person {
    fn message(&self) -> happen::Person {
        happen::Person {
            name: self.name.clone().unwrap_or_default(),
            document_type: String::new(),
            document: self.document.clone(),
            sex: self.sex.clone(),
            relation: self.relation.clone(),
            birth_year: self.birth_year,
        }
    }
}

/// Enters a quota, or changes it.
pub fn set_quota(quota: &Quota, output: &mut Output) -> anyhow::Result<Answer> {
    use lika_core::{
        record::OfficialStatistic,
        value::{AreaCode, Code, Year},
    };
    let series = format!("{}-quota", quota.kind);
    let place = AreaCode::parse(&quota.area)?;
    let year = Year::parse(&quota.year.to_string())?;
    let own: RecordId = OfficialStatistic::id_for(&place, &Code::parse(&series)?, year);
    let open = log::official_statistic::Open {
        series,
        year: quota.year,
        value: quota.households,
        source: quota.source.clone(),
    };
    let made = block_on(async {
        let mut registry = client::registry(&quota.called).await?;
        let (action, revision) = match client::find(&mut registry, &own.0).await? {
            Some(known) => (log::Action::Change, known.revision),
            None => (log::Action::Create, 0),
        };
        let record = v1::Record {
            id: own.0.to_vec(),
            area: quota.area.clone(),
            revision,
            body: Some(Body::OfficialStatistic(log::OfficialStatistic {
                open: Some(open),
            })),
            ..v1::Record::default()
        };
        client::apply(&mut registry, action, record).await
    })?;
    let made = shown_id(&made.id);
    output.answer(
        || format!("quota {made}"),
        || json!({"quota": made, "households": quota.households}),
    )?;
    Ok(Answer::Yes)
}
