//! Pages of areas: nation, province, county, township and village.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Extension, Path, Query, State as Extract, rejection::QueryRejection},
    response::{IntoResponse as _, Redirect, Response},
};
use lika_core::{
    authority::Permission,
    codes,
    log::Class,
    record::{VillageTeam, area_id},
    rollup::Period,
    value::{AreaCode, AreaLevel, Fen, RecordId, Year, hex},
};
use serde::Deserialize;

use super::{
    State,
    charts::{self, Bar},
    decisions::Verdict,
    door::{self, Frame, Visitor},
    doubts, records, views,
    words::{Cell, Words},
};
use crate::{
    gateway::{
        AreaTotals, Error,
        households::QuotaKind,
        pages::{Holder, HouseholdRow, Place, Village},
    },
    store::PageToken,
};

const HOUSEHOLDS_A_PAGE: usize = 100;

#[derive(Template)]
#[template(path = "area.html")]
struct AreaPage {
    page: Frame,
    crumbs: Vec<Link>,
    name: String,
    code: String,
    level: &'static str,
    alerts: Option<Link>,
    doubts: Option<Link>,
    views: Vec<Link>,
    figures: Vec<Figure>,
    quotas: Vec<QuotaLine>,
    incomes: Vec<(String, String)>,
    breakdowns: Vec<Breakdown>,
    month: String,
    below: Option<Below>,
    village: Option<VillageView>,
}

/// A link with its text.
pub struct Link {
    /// Where to.
    pub to: String,
    /// The text.
    pub text: String,
}

/// How a quota of this year stands.
struct QuotaLine {
    what: &'static str,
    quota: String,
    used: String,
    open: String,
    /// What is used beyond it; empty where nothing is.
    beyond: String,
}

/// A figure in large print.
struct Figure {
    label: &'static str,
    value: String,
    detail: String,
}

/// A table of parts with its chart.
struct Breakdown {
    title: &'static str,
    of: &'static str,
    rows: Vec<(String, String)>,
    chart: String,
}

struct Below {
    title: &'static str,
    rows: Vec<BelowRow>,
    chart: String,
    chart_title: String,
}

struct BelowRow {
    link: Link,
    households: String,
    people: String,
    paired: String,
    teams: String,
    visits: String,
}

struct VillageView {
    key_village: Cell,
    teams: Vec<TeamView>,
    households: Vec<HouseholdLine>,
    next: String,
    decisions: Vec<Verdict>,
    history: String,
}

struct TeamView {
    span: String,
    decision: String,
    seats: Vec<SeatView>,
}

struct SeatView {
    role: String,
    name: Cell,
    rank: String,
    span: String,
}

struct HouseholdLine {
    to: String,
    number: Cell,
    head: Cell,
    household_type: String,
    cause: Cell,
    people: usize,
    is_paired: bool,
}

/// Where an earlier page of households ended.
#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    after: String,
}

/// The page of the area that the node serves.
pub async fn home(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    let own = console.gateway().area();
    // Whoever may not look at the whole area begins with what is theirs.
    let to = visitor.caller().map(|caller| {
        let areas = caller.own_areas(own);
        areas.first().copied().unwrap_or(own)
    });
    match to {
        Ok(area) => Redirect::to(&address(&area)).into_response(),
        Err(error) => visitor.answer::<AreaPage>(Err(error)),
    }
}

/// The page of the nation, whose code is empty.
pub async fn nation(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    door::page(console, visitor, |console, visitor| {
        build(console, visitor, &AreaCode::NATION, None)
    })
    .await
}

/// The page of an area.
pub async fn area(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    Path(code): Path<String>,
    after: Result<Query<After>, QueryRejection>,
) -> Response {
    let after = after
        .map(|Query(After { after })| after)
        .unwrap_or_default();
    door::page(console, visitor, move |console, visitor| {
        let code = AreaCode::parse(&code).map_err(|error| Error::Malformed(error.to_string()))?;
        build(console, visitor, &code, page_token(&after)?)
    })
    .await
}

/// The address of an area's page.
pub fn address(area: &AreaCode) -> String {
    match area.level() {
        AreaLevel::Nation => "/areas".to_owned(),
        _ => format!("/areas/{}", area.digits()),
    }
}

/// The links to the areas around a place, the widest first, and to the place itself.
pub fn crumbs(words: Words, place: &Place) -> Vec<Link> {
    let own = (place.area, place.name.clone());
    let all = place.around.iter().cloned().chain([own]);
    all.map(|(area, name)| Link {
        to: address(&area),
        text: named(words, &area, name),
    })
    .collect()
}

/// The name of an area; its code where it is not registered here.
pub fn named(words: Words, area: &AreaCode, name: Option<String>) -> String {
    name.unwrap_or_else(|| match area.level() {
        AreaLevel::Nation => words.level(AreaLevel::Nation).to_owned(),
        _ => area.digits().to_owned(),
    })
}

fn build(
    console: &State,
    visitor: &Visitor,
    area: &AreaCode,
    after: Option<PageToken>,
) -> Result<AreaPage, Error> {
    let (gateway, caller, words) = (
        console.gateway(),
        visitor.caller()?,
        Words(visitor.language),
    );
    let totals = gateway.totals(caller, area)?;
    let is_known = totals.name.is_some() || !totals.totals.is_empty() || *area == gateway.area();
    if !is_known {
        return Err(Error::NotFound(area_id(area)));
    }
    let place = gateway.place(caller, area)?;
    let month = gateway.clock().today().month();
    let visits = Period::month_of(month.first_day());
    let is_village = area.level() == AreaLevel::Village;
    let below = if is_village {
        None
    } else {
        Some(below(console, visitor, area, visits)?)
    };
    let village = if is_village {
        let village = gateway.village(caller, area, after, HOUSEHOLDS_A_PAGE)?;
        Some(village_view(console, words, area, village))
    } else {
        None
    };
    let name = named(words, area, place.name.clone());
    Ok(AreaPage {
        page: visitor.frame(name.clone()),
        crumbs: crumbs(words, &place),
        name,
        code: area.digits().to_owned(),
        level: words.level(area.level()),
        alerts: caller
            .may(Permission::ReadOpen, area)
            .then(|| alerts(words, area, totals.now("alerts")))
            .flatten(),
        doubts: caller
            .may(Permission::ReadOpen, area)
            .then(|| doubts::waiting(words, area, totals.now("doubts/waiting")))
            .flatten(),
        views: views::links(words, caller, area),
        figures: figures(words, &totals, visits),
        quotas: quotas(console, visitor, area)?,
        incomes: incomes(words, &totals),
        breakdowns: breakdowns(words, &totals),
        month: month.to_string(),
        below,
        village,
    })
}

/// The quotas of this year that were entered for the area (S1.1).
fn quotas(console: &State, visitor: &Visitor, area: &AreaCode) -> Result<Vec<QuotaLine>, Error> {
    let (gateway, words) = (console.gateway(), Words(visitor.language));
    let year = gateway.clock().today().year();
    let kinds = [
        (QuotaKind::Identification, words.t("识别", "Identification")),
        (QuotaKind::Exit, words.t("脱贫", "Exit")),
    ];
    let mut lines = Vec::new();
    for (kind, what) in kinds {
        let standing = gateway.quota_of(visitor.caller()?, area, kind, year)?;
        let Some(quota) = standing.quota else {
            continue;
        };
        let beyond = standing.beyond();
        lines.push(QuotaLine {
            what,
            quota: words.count(quota),
            used: words.count(standing.used),
            open: words.count(standing.open_cases),
            beyond: match beyond {
                0 => String::new(),
                beyond => words.count(beyond),
            },
        });
    }
    Ok(lines)
}

/// The alerts that wait; nothing while none does. The nation has no list: no address names it.
fn alerts(words: Words, area: &AreaCode, waiting: i64) -> Option<Link> {
    let is_listed = waiting > 0 && area.level() != AreaLevel::Nation;
    is_listed.then(|| Link {
        to: format!("/alerts?area={}", area.digits()),
        text: format!(
            "{}{}",
            words.t("待处理的预警：", "Alerts that wait: "),
            words.count(waiting)
        ),
    })
}

fn figures(words: Words, totals: &AreaTotals, month: Period) -> Vec<Figure> {
    let (households, paired) = (totals.now("households"), totals.now("households-paired"));
    let (villages, teams) = (totals.now("key-villages"), totals.now("village-teams"));
    let figure = |zh, en, value: String, detail: String| Figure {
        label: words.t(zh, en),
        value,
        detail,
    };
    let of = |part: i64, whole: i64| format!("{} / {}", words.count(part), words.count(whole));
    vec![
        figure("户数", "Households", words.count(households), String::new()),
        figure(
            "人数",
            "People",
            words.count(totals.now("people")),
            String::new(),
        ),
        figure(
            "已结对户",
            "Households paired",
            words.share(paired, households),
            of(paired, households),
        ),
        figure(
            "驻村工作队 / 重点村",
            "Village teams / key villages",
            of(teams, villages),
            String::new(),
        ),
        figure(
            "本月走访",
            "Visits of the month",
            words.count(totals.of(month, "visits")),
            String::new(),
        ),
    ]
}

/// Net income per head of the years that anything is known of, the latest first.
fn incomes(words: Words, totals: &AreaTotals) -> Vec<(String, String)> {
    let known = totals
        .totals
        .keys()
        .filter(|(_, dimension)| dimension == "income/persons");
    let years = known
        .rev()
        .filter_map(|(period, _)| Year::new(u16::try_from(*period).ok()?).ok());
    years
        .filter_map(|year| {
            let per_head = totals.income_per_head(Period::year(year))?;
            Some((year.to_string(), words.money(Fen(per_head))))
        })
        .collect()
}

fn breakdowns(words: Words, totals: &AreaTotals) -> Vec<Breakdown> {
    let (households, people) = (words.t("户", "households"), words.t("人", "people"));
    let of = |dimension, title, of, with_chart| {
        breakdown(words, totals, dimension, title, of, with_chart)
    };
    vec![
        of(
            "household-type",
            words.t("户类型", "Types of household"),
            households,
            false,
        ),
        of(
            "main-cause",
            words.t("主要致贫原因", "Main causes"),
            households,
            true,
        ),
        of(
            "measure",
            words.t("十项措施", "The ten measures"),
            people,
            true,
        ),
    ]
}

fn breakdown(
    words: Words,
    totals: &AreaTotals,
    dimension: &str,
    title: &'static str,
    of: &'static str,
    with_chart: bool,
) -> Breakdown {
    let list = if dimension == "main-cause" {
        "cause"
    } else {
        dimension
    };
    let mut group = totals.group(dimension);
    let entries = codes::list(list)
        .map(|list| list.entries)
        .unwrap_or_default();
    let mut rows: Vec<(String, i64)> = entries
        .iter()
        .map(|entry| {
            (
                words.t(entry.zh, entry.en).to_owned(),
                group.remove(entry.code).unwrap_or_default(),
            )
        })
        .filter(|(_, value)| *value != 0 || dimension == "measure")
        .collect();
    // A code of a newer peer has no label here and still counts.
    rows.extend(group.into_iter().filter(|(_, value)| *value != 0));
    let bars: Vec<Bar> = rows
        .iter()
        .map(|(label, value)| bar(words, label, *value))
        .collect();
    let chart = if with_chart {
        charts::bars(&bars)
    } else {
        String::new()
    };
    let rows = rows
        .into_iter()
        .map(|(label, value)| (label, words.count(value)))
        .collect();
    Breakdown {
        title,
        of,
        rows,
        chart,
    }
}

fn below(
    console: &State,
    visitor: &Visitor,
    area: &AreaCode,
    month: Period,
) -> Result<Below, Error> {
    let words = Words(visitor.language);
    let listed = console.gateway().totals_listed(visitor.caller()?, area)?;
    let title = match listed.keys().next().map(AreaCode::level) {
        Some(AreaLevel::Province) => words.t("各省", "Provinces"),
        Some(AreaLevel::Prefecture) => words.t("各市", "Prefectures"),
        Some(AreaLevel::County) => words.t("各县", "Counties"),
        Some(AreaLevel::Village) => words.t("各村", "Villages"),
        _ => words.t("各乡镇", "Townships"),
    };
    let bars: Vec<Bar> = listed
        .iter()
        .map(|(code, totals)| {
            bar(
                words,
                &named(words, code, totals.name.clone()),
                totals.now("people"),
            )
        })
        .collect();
    let rows = listed
        .into_iter()
        .map(|(code, totals)| {
            let households = totals.now("households");
            BelowRow {
                households: words.count(households),
                people: words.count(totals.now("people")),
                paired: words.share(totals.now("households-paired"), households),
                teams: words.count(totals.now("village-teams")),
                visits: words.count(totals.of(month, "visits")),
                link: Link {
                    to: address(&code),
                    text: named(words, &code, totals.name),
                },
            }
        })
        .collect();
    let chart_title = format!("{} · {}", title, words.t("人数", "people"));
    Ok(Below {
        title,
        rows,
        chart: charts::bars(&bars),
        chart_title,
    })
}

fn village_view(console: &State, words: Words, area: &AreaCode, village: Village) -> VillageView {
    let Village {
        record,
        teams,
        holders,
        households,
        next,
        decisions,
    } = village;
    let spans: Vec<String> = record
        .iter()
        .flat_map(|record| &record.key_village)
        .map(|span| words.span(span.from(), span.until()))
        .collect();
    let key_village = if spans.is_empty() {
        Cell::absent(words.t("不是重点村", "not a key village"))
    } else {
        Cell::of(spans.join(" · "))
    };
    let teams = teams
        .iter()
        .map(|team| team_view(words, &team.body, &holders));
    VillageView {
        key_village,
        teams: teams.collect(),
        households: households
            .into_iter()
            .map(|row| household_line(words, row))
            .collect(),
        next: next
            .map(|token| format!("{}?after={}", address(area), hex(&token.0)))
            .unwrap_or_default(),
        decisions: decisions
            .iter()
            .map(|judged| Verdict::new(console, words, judged))
            .collect(),
        history: records::history_of(&area_id(area)),
    }
}

fn team_view(words: Words, team: &VillageTeam, holders: &BTreeMap<RecordId, Holder>) -> TeamView {
    let seats = team.seats.iter().map(|seat| {
        let (name, rank) = holder(words, holders.get(&seat.holder));
        SeatView {
            role: words.code("team-role", seat.role.as_str()),
            name,
            rank,
            span: words.span(seat.from, seat.until),
        }
    });
    let decision = team.decision.map(|id| format!("/decisions/{id}"));
    TeamView {
        span: words.span(team.from, team.until),
        decision: decision.unwrap_or_default(),
        seats: seats.collect(),
    }
}

/// Name and rank of a helper or a unit as a page shows them.
pub fn holder(words: Words, holder: Option<&Holder>) -> (Cell, String) {
    let name = holder.and_then(|holder| holder.name.clone());
    let rank = holder.and_then(|holder| holder.rank.as_ref());
    let rank = rank
        .map(|rank| words.code("rank", rank.as_str()))
        .unwrap_or_default();
    (name.map_or_else(|| words.withheld(), Cell::of), rank)
}

fn household_line(words: Words, row: HouseholdRow) -> HouseholdLine {
    let HouseholdRow {
        household,
        head,
        people,
        is_paired,
    } = row;
    let number = household
        .body
        .identity
        .as_ref()
        .map(|identity| words.text(identity.number.as_ref()));
    let head = head.map(|head| {
        let name = head
            .body
            .identity
            .map(|identity| Cell::of(identity.name.to_string()));
        words.sealed(&head.withheld, Class::Identity, name)
    });
    HouseholdLine {
        to: format!("/households/{}", household.id),
        number: words.sealed(&household.withheld, Class::Identity, number),
        head: head.unwrap_or_else(|| words.none()),
        household_type: words.code("household-type", household.body.household_type.as_str()),
        cause: words.label("cause", household.body.main_cause.as_ref()),
        people,
        is_paired,
    }
}

fn bar(words: Words, label: &str, value: i64) -> Bar {
    Bar {
        label: label.to_owned(),
        value,
        figure: words.count(value),
    }
}

fn page_token(hex: &str) -> Result<Option<PageToken>, Error> {
    if hex.is_empty() {
        return Ok(None);
    }
    let malformed = || Error::Malformed("the address of the next page cannot be read".to_owned());
    if !hex.is_ascii() || !hex.len().is_multiple_of(2) {
        return Err(malformed());
    }
    let bytes = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16));
    Ok(Some(PageToken(
        bytes.collect::<Result<_, _>>().map_err(|_| malformed())?,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Language;

    #[test]
    fn no_link_leads_to_alerts_of_no_area() {
        let link = |digits: &str, waiting| {
            let area = AreaCode::parse(digits).unwrap();
            alerts(Words(Language::English), &area, waiting).map(|link| link.to)
        };
        assert_eq!(link("", 1), None);
        assert_eq!(link("360323", 0), None);
        assert_eq!(link("360323", 1).as_deref(), Some("/alerts?area=360323"));
    }
}
