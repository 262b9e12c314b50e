//! Pairings that the policy in force speaks against.
//!
//! Core runs no policy. Before pairings that people write go to core, the policy in force for pairing is asked what it
//! would say then: where it would have something against who helps that it has not now, they are refused. What else it
//! would find (a helper who lacks, a visit that was not made) is for its evaluation, since pairings are written one
//! after the other. Proposals of the policy that somebody accepts are its own word.

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    command::{Change, PolicyRefusal, Refused},
    record::{Body, Outcome, Pairing},
    value::{AreaCode, AreaLevel, Code, Date, RecordId},
};

use super::{Error, Gateway, InForce, blocking, decisions, refused, run};
use crate::{
    policy::{
        Family, Policy, Settings,
        facts::{
            self, Tables,
            records::{Found, Records},
        },
    },
    store,
};

const PURPOSE: &str = "pairing";
/// A reason that rests on this fact is one against who helps.
const WHO_HELPS: &str = "pairing/pairing.helper";

/// What a policy has against helpers: of which households, and why.
type Objections = BTreeSet<(RecordId, Code)>;

/// A pairing that somebody writes, and its place in the command.
struct Written {
    place: usize,
    pairing: Found<Pairing>,
}

impl Gateway {
    /// Refuses a command with a pairing that the policy in force speaks against.
    pub(in crate::gateway) async fn check_helpers(&self, changes: &[Change]) -> Result<(), Error> {
        let written = written(changes);
        if written.is_empty() {
            return Ok(());
        }
        let gateway = self.clone();
        blocking(move || gateway.judge_helpers(written)).await
    }

    fn judge_helpers(&self, written: Vec<Written>) -> Result<(), Error> {
        let purpose = Code::parse(PURPOSE).map_err(|error| Error::Malformed(error.to_string()))?;
        let on = self.clock().today();
        let mut judged: BTreeMap<(RecordId, AreaCode), (InForce, Vec<Written>)> = BTreeMap::new();
        for own in written {
            // What is there already comes again, or is refused by core.
            if self.inner.reader.get(&own.pairing.id)?.is_some() {
                continue;
            }
            let (standing, _) = self.enactment_standing(&purpose, &own.pairing.area, on)?;
            let Some(in_force) = standing.filter(|it| !it.body.suspended) else {
                continue;
            };
            // Helpers are shared out over a county, or over the part of one that the policy is in force in.
            let county = own.pairing.area.at_level(AreaLevel::County);
            let area = match county {
                Some(county) if in_force.area.contains(&county) => county,
                _ => in_force.area,
            };
            let of = judged.entry((in_force.enactment, area));
            of.or_insert_with(|| (in_force, Vec::new())).1.push(own);
        }
        for ((_, area), (in_force, written)) in judged {
            self.judge_in(&in_force, &area, on, &written)?;
        }
        Ok(())
    }

    fn judge_in(
        &self,
        in_force: &InForce,
        area: &AreaCode,
        on: Date,
        written: &[Written],
    ) -> Result<(), Error> {
        let component = self.policy_record(&in_force.body.policy)?.component;
        let policy = self.inner.policies.load(&component)?;
        if policy.describe().family != Family::Group {
            return Ok(());
        }
        // Accepted when they were enacted.
        let settings = Settings::accepted(&in_force.body.settings);
        let mut records = self.snapshot().read_records(policy.describe(), area, on)?;
        for Written { pairing, .. } in written {
            let of_household = records.pairings.entry(pairing.body.household).or_default();
            of_household.push(pairing.clone());
        }
        records.sort();
        let mut objections = objections(&policy, &settings, &records, area, on)?;
        if objections.is_empty() {
            return Ok(());
        }
        let new: BTreeSet<RecordId> = written.iter().map(|own| own.pairing.id).collect();
        for pairings in records.pairings.values_mut() {
            pairings.retain(|pairing| !new.contains(&pairing.id));
        }
        let before = self::objections(&policy, &settings, &records, area, on)?;
        objections.retain(|objection| !before.contains(objection));
        let Some((household, _)) = objections.first() else {
            return Ok(());
        };
        let of_it = written
            .iter()
            .find(|own| own.pairing.body.household == *household);
        let Some(own) = of_it.or(written.first()) else {
            return Ok(());
        };
        let given: BTreeSet<Code> = objections.iter().map(|(_, code)| code.clone()).collect();
        Err(Error::Store(store::Error::Refused(Refused {
            change: own.place,
            refusal: PolicyRefusal::Refused {
                purpose: PURPOSE,
                component,
                given: given.into_iter().collect(),
            }
            .into(),
        })))
    }
}

fn written(changes: &[Change]) -> Vec<Written> {
    let pairings = changes.iter().enumerate().filter_map(|(place, change)| {
        let Body::Pairing(body) = &change.body else {
            return None;
        };
        let is_new = change.expected_revision == 0 && body.decision.is_none();
        (is_new && body.until.is_none()).then(|| Written {
            place,
            pairing: Found {
                id: change.id,
                area: change.area,
                body: body.clone(),
            },
        })
    });
    pairings.collect()
}

/// What a policy says against helpers. Where it gives no answer, or is never asked so narrowly, it says nothing.
fn objections(
    policy: &Policy,
    settings: &Settings,
    records: &Records,
    area: &AreaCode,
    on: Date,
) -> Result<Objections, Error> {
    let manifest = policy.describe();
    let purpose = Code::parse(PURPOSE).map_err(|error| Error::Malformed(error.to_string()))?;
    let mut found = Objections::new();
    let judge = |scope, _: AreaCode, _: &str, tables: &Tables| {
        let input = facts::input(manifest, scope, tables).map_err(|error| refused(&error))?;
        let tables = facts::records_of(manifest, tables);
        let Ok(answer) = policy.evaluate(settings, &input).result else {
            return Ok(Vec::new());
        };
        let pass = decisions::Pass {
            manifest,
            purpose: &purpose,
            id: RecordId([0; 16]),
            tables: &tables,
        };
        for decision in pass.explain(&answer)? {
            let reasons = decision.reasons.into_iter();
            let against = reasons.filter(|reason| {
                decision.outcome == Outcome::Refused
                    && reason.facts.iter().any(|it| it == WHO_HELPS)
            });
            found.extend(against.map(|reason| (decision.subject, reason.code)));
        }
        Ok(decisions::proposed(manifest, &tables, &answer))
    };
    match run::all_passes(manifest, records, area, on, judge) {
        Ok(()) | Err(Error::Malformed(_)) => Ok(found),
        Err(error) => Err(error),
    }
}
