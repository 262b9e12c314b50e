//! What is shown of households over time.

use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use crate::cli::{
    Answer, Called, Output, block_on,
    client::{self, id},
    output::shown_id,
};

/// Shows a household and its members.
pub fn show(household: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let own = id("the household", household)?;
    let (record, members) = block_on(async {
        let mut registry = client::registry(called).await?;
        let record = client::read(&mut registry, &own).await?;
        let list = client::open_of(Kind::Member, &record.area);
        let people = client::list_all(&mut registry, list).await?;
        let members = people
            .into_iter()
            .filter_map(|person| member_of(person, &own));
        Ok((record, members.collect::<Vec<_>>()))
    })?;
    let open = match &record.body {
        Some(Body::Household(household)) => household.open.clone().unwrap_or_default(),
        _ => anyhow::bail!("{household} is no household"),
    };
    output.answer(
        || {
            let state = if record.closed { "closed" } else { "open" };
            let exit = match open.exit_year {
                0 => "not exited".to_owned(),
                year => format!("exited in {year}"),
            };
            let first = format!(
                "{} {} {state}, {exit}, revision {}",
                record.area, open.r#type, record.revision
            );
            let line = |(id, relation, name, from): &(String, String, String, u32)| {
                format!("{id} {relation} {name} since {from}")
            };
            let lines = members.iter().map(line);
            std::iter::once(first)
                .chain(lines)
                .collect::<Vec<_>>()
                .join("\n")
        },
        || {
            let member = |(id, relation, name, from): &(String, String, String, u32)| {
                json!({"member": id, "relation": relation, "name": name, "from": from})
            };
            json!({
                "household": household,
                "area": record.area,
                "open": !record.closed,
                "type": open.r#type,
                "exit_year": (open.exit_year > 0).then_some(open.exit_year),
                "revision": record.revision,
                "members": members.iter().map(member).collect::<Vec<_>>(),
            })
        },
    )?;
    Ok(Answer::Yes)
}

fn member_of(record: v1::Record, household: &[u8]) -> Option<(String, String, String, u32)> {
    let Some(Body::Member(member)) = record.body else {
        return None;
    };
    let open = member.open.filter(|open| open.household == household)?;
    let name = member.identity.map(|identity| identity.name);
    let id = shown_id(&record.id);
    Some((id, open.relation, name.unwrap_or_default(), open.from))
}

/// Shows what has happened to a household.
pub fn history(household: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let request = v1::LifeRequest {
        household: id("the household", household)?,
    };
    let life = block_on(async {
        let mut households = client::households(called).await?;
        let life = households.life(request).await.map_err(client::refused)?;
        Ok(life.into_inner())
    })?;
    let events: Vec<_> = life.events.iter().filter_map(event_of).collect();
    output.answer(
        || match &events[..] {
            [] => "nothing has changed yet".to_owned(),
            events => {
                let line = |(_, open, note): &(&v1::Record, &log::household_event::Open, &str)| {
                    let members: Vec<String> = open.members.iter().map(|it| shown_id(it)).collect();
                    let parts = [
                        open.on.to_string(),
                        open.r#type.clone(),
                        shown_id(&open.household),
                        shown_id(&open.other),
                        members.join(" "),
                        open.reason.clone(),
                        (*note).to_owned(),
                    ];
                    let parts = parts.into_iter().filter(|part| !part.is_empty());
                    parts.collect::<Vec<_>>().join(" ")
                };
                events.iter().map(line).collect::<Vec<_>>().join("\n")
            }
        },
        || json!({"events": events.iter().map(event_value).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

fn event_of(record: &v1::Record) -> Option<(&v1::Record, &log::household_event::Open, &str)> {
    match &record.body {
        Some(Body::HouseholdEvent(event)) => {
            let note = event.free_text.as_ref().map(|text| text.note.as_str());
            Some((record, event.open.as_ref()?, note.unwrap_or_default()))
        }
        _ => None,
    }
}

fn event_value((record, open, note): &(&v1::Record, &log::household_event::Open, &str)) -> Value {
    let given = |bytes: &[u8]| (!bytes.is_empty()).then(|| shown_id(bytes));
    json!({
        "event": shown_id(&record.id),
        "area": record.area,
        "on": open.on,
        "what": open.r#type,
        "household": shown_id(&open.household),
        "other": given(&open.other),
        "members": open.members.iter().map(|member| shown_id(member)).collect::<Vec<_>>(),
        "reason": open.reason,
        "case": given(&open.case),
        "note": note,
    })
}

/// Shows who is followed up. The answer is no where somebody is due.
pub fn follow_up(
    request: v1::FollowUpRequest,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let found = block_on(async {
        let mut households = client::households(called).await?;
        let found = households.follow_up(request).await;
        Ok(found.map_err(client::refused)?.into_inner())
    })?;
    let due = found.households.iter().filter(|it| it.visited_on == 0);
    let due = due.count();
    let units = |it: &v1::FollowedHousehold| -> Vec<String> {
        it.sponsors.iter().map(|unit| shown_id(unit)).collect()
    };
    output.answer(
        || {
            let line = |it: &v1::FollowedHousehold| {
                let visited = match it.visited_on {
                    0 => "due".to_owned(),
                    day => format!("visited {day}"),
                };
                let (id, exit, last) = (shown_id(&it.household), it.exit_year, it.last_year);
                format!("{} {id} exited {exit}, until {last}: {visited}", it.area)
            };
            let mut lines: Vec<String> = found.households.iter().map(line).collect();
            if found.has_more {
                lines.push("there are more".to_owned());
            }
            lines.push(format!("{} followed up, {due} due", found.households.len()));
            lines.join("\n")
        },
        || {
            let value = |it: &v1::FollowedHousehold| {
                json!({
                    "household": shown_id(&it.household),
                    "area": it.area,
                    "exit_year": it.exit_year,
                    "last_year": it.last_year,
                    "visited_on": (it.visited_on > 0).then_some(it.visited_on),
                    "sponsors": units(it),
                })
            };
            json!({
                "households": found.households.iter().map(value).collect::<Vec<_>>(),
                "due": due,
                "has_more": found.has_more,
            })
        },
    )?;
    // Nobody knows of those that the answer leaves out.
    Ok(match due == 0 && !found.has_more {
        true => Answer::Yes,
        false => Answer::No,
    })
}

/// Shows how quotas stand. The answer is no where one is exceeded.
pub fn quota(
    request: v1::QuotaRequest,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let found = block_on(async {
        let mut households = client::households(called).await?;
        let found = households.quota(request).await.map_err(client::refused)?;
        Ok(found.into_inner())
    })?;
    let is_beyond = found.areas.iter().any(|area| area.beyond > 0);
    output.answer(
        || {
            let line = |it: &v1::QuotaStanding| {
                let quota = it.quota.map_or("no quota".to_owned(), |it| it.to_string());
                let beyond = match it.beyond {
                    0 => String::new(),
                    beyond => format!(", {beyond} beyond"),
                };
                let below = it.below.map(|below| format!(", {below} given below"));
                let (used, open, below) = (it.used, it.open_cases, below.unwrap_or_default());
                format!(
                    "{}: {quota}, {used} used, {open} open{below}{beyond}",
                    it.area
                )
            };
            found.areas.iter().map(line).collect::<Vec<_>>().join("\n")
        },
        || {
            let value = |it: &v1::QuotaStanding| {
                json!({
                    "area": it.area,
                    "quota": it.quota,
                    "used": it.used,
                    "open_cases": it.open_cases,
                    "beyond": it.beyond,
                    "below": it.below,
                })
            };
            json!({"year": found.year, "areas": found.areas.iter().map(value).collect::<Vec<_>>()})
        },
    )?;
    Ok(if is_beyond { Answer::No } else { Answer::Yes })
}
