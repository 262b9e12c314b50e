//! What is admitted and what is enacted: where previews and enactments are found.

use askama::Template;
use axum::{
    extract::{Extension, Query, State as Extract, rejection::QueryRejection},
    response::Response,
};
use lika_core::record::Body;

use super::{
    State,
    areas::Link,
    door::{self, Frame, Visitor},
    enactments,
    listed::{Listed, Where},
    previews,
    words::Words,
};
use crate::gateway::{
    Error,
    standing::{Asked, Enacted, Registered},
};

#[derive(Template)]
#[template(path = "policies.html")]
struct PoliciesPage {
    page: Frame,
    others: Vec<Link>,
    policies: Vec<PolicyLine>,
    enactments: Vec<EnactmentLine>,
}

struct PolicyLine {
    policy: Link,
    purpose: String,
    signers: String,
    admitted: String,
}

struct EnactmentLine {
    enactment: Link,
    area: String,
    from: String,
    state: String,
    policy: String,
}

/// The page.
pub async fn policies(
    Extract(console): Extract<State>,
    Extension(visitor): Extension<Visitor>,
    query: Result<Query<Where>, QueryRejection>,
) -> Response {
    door::page(console, visitor, move |console, visitor| {
        let listed = Listed::asked(console, visitor, "/policies", query)?;
        build(console, visitor, listed)
    })
    .await
}

fn build(console: &State, visitor: &Visitor, listed: Listed) -> Result<PoliciesPage, Error> {
    let (gateway, caller) = (console.gateway(), visitor.caller()?);
    let words = Words(visitor.language);
    let asked = Asked {
        purpose: None,
        area: listed.area,
        on: gateway.clock().today(),
    };
    let enacted = gateway.enacted(caller, &asked)?;
    let registered = gateway.registered(caller, None)?;
    Ok(PoliciesPage {
        page: visitor.frame(words.t("政策", "Policies")),
        others: listed.others,
        policies: registered
            .iter()
            .filter_map(|it| policy(words, it))
            .collect(),
        enactments: enacted
            .iter()
            .filter_map(|it| enactment(words, it))
            .collect(),
    })
}

fn policy(words: Words, registered: &Registered) -> Option<PolicyLine> {
    let Body::Policy(policy) = &registered.seen.record.body else {
        return None;
    };
    Some(PolicyLine {
        policy: Link {
            to: previews::address(&registered.seen.record.id),
            text: format!("{} {}", policy.name, policy.version),
        },
        purpose: words.purpose(&policy.purpose),
        signers: registered.signers.join(words.t("、", ", ")),
        admitted: words.recorded(registered.seen.header.recorded_at),
    })
}

fn enactment(words: Words, enacted: &Enacted) -> Option<EnactmentLine> {
    let Body::Enactment(body) = &enacted.seen.record.body else {
        return None;
    };
    let policy = enacted.policy.as_ref();
    Some(EnactmentLine {
        enactment: Link {
            to: enactments::address(&enacted.seen.record.id),
            text: words.purpose(&body.purpose),
        },
        area: enacted.seen.record.area.digits().to_owned(),
        from: body.from.to_string(),
        state: enactments::state(words, enacted, body),
        policy: policy.map_or_else(String::new, |(name, version)| format!("{name} {version}")),
    })
}
