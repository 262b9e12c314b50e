//! The service `lika.v1.Households`.

use std::collections::BTreeMap;

use lika_core::{
    codes,
    household_life::{Life, Person, What},
    succession::Succession,
    value::{Code, Date, IdentityDocument, Name, RecordId, Text},
};
use lika_proto::v1::{self, happen_request as happen, households_server::Households};
use prost::Message as _;
use tonic::{Request, Response, Status};

use super::{
    apart::apart,
    caller, record,
    status::{malformed, status},
};
use crate::gateway::{
    Gateway,
    households::{Followed, QuotaKind, QuotaStanding},
};

/// The service on a gateway.
pub struct HouseholdsService {
    gateway: Gateway,
}

impl HouseholdsService {
    /// Serves this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    fn position(&self, position: crate::store::Position) -> v1::LogPosition {
        record::position(&self.gateway.reader().node(), position)
    }
}

#[tonic::async_trait]
impl Households for HouseholdsService {
    async fn happen(
        &self,
        request: Request<v1::HappenRequest>,
    ) -> Result<Response<v1::HappenResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let asked = request.into_inner();
        let request = record::request_id(&asked.request)?;
        let (bytes, on) = (
            asked.encode_to_vec(),
            record::day_or_today(self.gateway.clock(), "on", asked.on)?,
        );
        let life = life(asked, on)?;
        let happened = self.gateway.happen(&caller, request, &bytes, life).await;
        let happened = happened.map_err(|error| status(&error))?;
        Ok(Response::new(v1::HappenResponse {
            event: happened.event.0.to_vec(),
            founded: happened
                .founded
                .map(|founded| founded.0.to_vec())
                .unwrap_or_default(),
            position: Some(self.position(happened.position)),
            repeated_request: happened.repeated,
        }))
    }

    async fn life(
        &self,
        request: Request<v1::LifeRequest>,
    ) -> Result<Response<v1::LifeResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let household = id("household", &request.into_inner().household)?;
        let events = self.gateway.life(&caller, &household);
        let events = events.map_err(|error| status(&error))?;
        Ok(Response::new(v1::LifeResponse {
            events: events.iter().map(record::record).collect(),
        }))
    }

    async fn succeed(
        &self,
        request: Request<v1::SucceedRequest>,
    ) -> Result<Response<v1::SucceedResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let asked = request.into_inner();
        let request = record::request_id(&asked.request)?;
        let succession = Succession {
            cadre: id("cadre", &asked.cadre)?,
            by: id("by", &asked.by)?,
            on: record::day_or_today(self.gateway.clock(), "on", asked.on)?,
        };
        let bytes = asked.encode_to_vec();
        let done = self
            .gateway
            .succeed(&caller, request, &bytes, succession)
            .await;
        let done = done.map_err(|error| status(&error))?;
        Ok(Response::new(v1::SucceedResponse {
            households: done.households,
            seats: done.seats,
            posts: done.posts,
            position: Some(self.position(done.position)),
            repeated_request: done.repeated,
        }))
    }

    async fn follow_up(
        &self,
        request: Request<v1::FollowUpRequest>,
    ) -> Result<Response<v1::FollowUpResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::FollowUpRequest { area, year, years } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let year = record::year("year", year)?;
        let years = u16::try_from(years).map_err(|_| malformed("years: too many"))?;
        let years = (years > 0).then_some(years);
        let found = apart(&self.gateway, move |gateway| {
            gateway.followed_up(&caller, &area, year, years)
        });
        let (found, has_more) = found.await?;
        Ok(Response::new(v1::FollowUpResponse {
            households: found.iter().map(followed).collect(),
            has_more,
        }))
    }

    async fn quota(
        &self,
        request: Request<v1::QuotaRequest>,
    ) -> Result<Response<v1::QuotaResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::QuotaRequest { area, year, kind } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let kind = QuotaKind::from_code(&kind)
            .ok_or_else(|| malformed("kind: must be identification or exit"))?;
        let year = record::year("year", year)?;
        let year = year.unwrap_or_else(|| self.gateway.clock().today().year());
        let found = self.gateway.quotas(&caller, &area, kind, year);
        let found = found.map_err(|error| status(&error))?;
        Ok(Response::new(v1::QuotaResponse {
            areas: found.iter().map(standing).collect(),
            year: year.get().into(),
        }))
    }
}

fn life(asked: v1::HappenRequest, on: Date) -> Result<Life, Status> {
    let v1::HappenRequest {
        request: _,
        household,
        on: _,
        reason,
        note,
        heir,
        relations,
        what,
    } = asked;
    let relations = relations.into_iter().map(|told| {
        let member = id("relations.member", &told.member)?;
        Ok((
            member,
            listed("relation", "relations.relation", &told.relation)?,
        ))
    });
    let what = what.ok_or_else(|| malformed("what: must be given"))?;
    Ok(Life {
        household: id("household", &household)?,
        on,
        reason: optional_code("household-event-reason", "reason", &reason)?,
        note: optional_text("note", &note)?,
        heir: match heir.is_empty() {
            true => None,
            false => Some(id("heir", &heir)?),
        },
        relations: relations.collect::<Result<BTreeMap<_, _>, Status>>()?,
        what: what_of(what)?,
    })
}

fn what_of(what: happen::What) -> Result<What, Status> {
    Ok(match what {
        happen::What::Split(split) => What::Split {
            members: split
                .members
                .iter()
                .map(|member| id("split.members", member))
                .collect::<Result<_, _>>()?,
            head: id("split.head", &split.head)?,
            number: optional_text("split.number", &split.number)?,
        },
        happen::What::Merge(merge) => What::Merge {
            into: id("merge.into", &merge.into)?,
        },
        happen::What::Move(moved) => What::Move {
            to: record::area("move.to", &moved.to)?,
            address: optional_text("move.address", &moved.address)?,
        },
        happen::What::Death(member) => What::Death {
            member: id("death", &member)?,
        },
        happen::What::Birth(person) => What::Birth(person_of(person)?),
        happen::What::Arrival(person) => What::Arrival(person_of(person)?),
        happen::What::Join(join) => What::Join {
            member: id("join.member", &join.member)?,
            relation: listed("relation", "join.relation", &join.relation)?,
        },
        happen::What::Leave(leave) => What::Leave {
            member: id("leave.member", &leave.member)?,
            end: listed("member-end-reason", "leave.end_reason", &leave.end_reason)?,
        },
        happen::What::Head(member) => What::Head {
            member: id("head", &member)?,
        },
        happen::What::Exit(case) => What::Exit {
            case: id("exit", &case)?,
        },
        happen::What::Relapse(relapse) => What::Relapse {
            case: id("relapse.case", &relapse.case)?,
            household_type: listed("household-type", "relapse.type", &relapse.r#type)?,
        },
    })
}

fn person_of(person: happen::Person) -> Result<Person, Status> {
    let happen::Person {
        name,
        document_type,
        document,
        sex,
        relation,
        birth_year,
    } = person;
    let kind = match document_type.as_str() {
        "" => "id-card",
        kind => kind,
    };
    let kind = listed("document-type", "person.document_type", kind)?;
    Ok(Person {
        name: Name::parse(&name).map_err(|error| malformed(format!("person.name: {error}")))?,
        document: IdentityDocument::parse(&kind, &document),
        sex: optional_code("sex", "person.sex", &sex)?,
        relation: listed("relation", "person.relation", &relation)?,
        birth_year: record::year("person.birth_year", birth_year)?,
    })
}

fn followed(followed: &Followed) -> v1::FollowedHousehold {
    let Followed {
        household,
        area,
        exit_year,
        last_year,
        visited_on,
        sponsors,
    } = followed;
    v1::FollowedHousehold {
        household: household.0.to_vec(),
        area: area.digits().to_owned(),
        exit_year: exit_year.get().into(),
        last_year: last_year.get().into(),
        visited_on: visited_on.map_or(0, Date::number),
        sponsors: sponsors.iter().map(|unit| unit.0.to_vec()).collect(),
    }
}

fn standing(standing: &QuotaStanding) -> v1::QuotaStanding {
    let QuotaStanding {
        area,
        quota,
        used,
        open_cases,
        below,
    } = standing;
    v1::QuotaStanding {
        area: area.digits().to_owned(),
        quota: *quota,
        used: *used,
        open_cases: *open_cases,
        beyond: standing.beyond(),
        below: *below,
    }
}

fn id(field: &str, bytes: &[u8]) -> Result<RecordId, Status> {
    record::bytes16(field, bytes).map(RecordId)
}

fn listed(list: &'static str, field: &str, code: &str) -> Result<Code, Status> {
    codes::listed(list, code).map_err(|problem| malformed(format!("{field}: {problem}")))
}

fn optional_code(list: &'static str, field: &str, code: &str) -> Result<Option<Code>, Status> {
    match code {
        "" => Ok(None),
        code => listed(list, field, code).map(Some),
    }
}

fn optional_text(field: &str, text: &str) -> Result<Option<Text>, Status> {
    match text {
        "" => Ok(None),
        text => match Text::parse(text) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(malformed(format!("{field}: {error}"))),
        },
    }
}
