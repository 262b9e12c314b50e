//! Running the policy in force over an area.

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;
use lika_core::{
    authority::Permission,
    command::{Change, Command},
    log::{Action, LARGEST_ENTRY},
    record::{Body, Decision, Evaluation, Outcome, Record, decision_id},
    value::{ActorId, AreaCode, AreaLevel, Code, Date, Digest, RecordId, RequestId},
};

use super::{Caller, Error, Gateway, InForce, blocking, damaged, decisions, failures, refused};
use crate::{
    policy::{
        self, Family, Manifest, Policy,
        facts::{self, Group, Grouping, Proposed, Tables, records::Records},
    },
    store::{self, Position},
};

/// What came of running a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// Name of the policy.
    pub policy: String,
    /// Its component.
    pub component: Digest,
    /// The evaluations, in the order in which they were made.
    pub evaluations: Vec<RecordId>,
    /// Decisions made: one for each subject.
    pub decisions: u64,
    /// Those that say yes.
    pub granted: u64,
    /// Those that say no.
    pub refused: u64,
    /// Those that go to a person.
    pub undetermined: u64,
    /// Open proposals in them.
    pub proposals: u64,
    /// The position of the last entry that was written.
    pub position: Position,
}

/// A question as it was asked.
struct Question {
    request: RequestId,
    actor: ActorId,
    purpose: Code,
    area: AreaCode,
    /// As given: a request that left the day to the node is the same request on the next day.
    given: Option<Date>,
    on: Date,
}

/// So many bytes of input and answer fit in one entry of the log with what stands around them: a larger entry could be
/// written, and no link could carry it.
const MOST_EVALUATION_BYTES: usize = LARGEST_ENTRY / 4 * 3;

fn fits(evaluation: &Evaluation) -> Result<(), Error> {
    let rows: usize = evaluation
        .tables
        .iter()
        .map(|table| table.records.len())
        .sum();
    let bytes = evaluation.input.len() + evaluation.output.len() + rows * size_of::<RecordId>();
    if bytes <= MOST_EVALUATION_BYTES {
        return Ok(());
    }
    Err(Error::Other {
        code: "too-large",
        message: format!(
            "one run of the policy has {bytes} bytes of input and answer, more than {MOST_EVALUATION_BYTES}; run it \
             township by township"
        ),
    })
}

impl Gateway {
    /// Runs the policy in force for a purpose over an area, for a day (today when none is given), and records the
    /// evaluations and one decision for each subject, all in one command.
    ///
    /// Group policies make their passes in order, each over the areas of its level; passes over areas wider than this
    /// one are left out, so scarce helpers are shared out only when a whole county is evaluated. Subject policies judge
    /// each subject by itself. The decision on a subject that is no longer judged stays as the last word on it.
    ///
    /// The same request answers what the first one did.
    pub async fn evaluate(
        &self,
        caller: &Caller,
        request: RequestId,
        purpose: &Code,
        area: &AreaCode,
        on: Option<Date>,
    ) -> Result<Evaluated, Error> {
        caller.must(Permission::RunPolicies, area)?;
        caller.must(Permission::ReadOpen, area)?;
        let question = Question {
            request,
            actor: ActorId(caller.officer.0),
            purpose: purpose.clone(),
            area: *area,
            given: on,
            on: on.unwrap_or_else(|| self.clock().today()),
        };
        let gateway = self.clone();
        blocking(move || gateway.answer(&question)).await
    }

    fn answer(&self, question: &Question) -> Result<Evaluated, Error> {
        if let Some(earlier) = self.earlier(question)? {
            return Ok(earlier);
        }
        let in_force = self.policy_in_force(&question.purpose, &question.area, question.on)?;
        let component = self.policy_record(&in_force.body.policy)?.component;
        let policy = self.inner.policies.load(&component)?;
        let manifest = policy.describe();
        facts::check(manifest).map_err(|unknown| refused(&unknown))?;
        let snapshot = self.snapshot();
        let position = snapshot.position();
        let records = snapshot.read_records(manifest, &question.area, question.on)?;
        // Accepted when they were enacted.
        let settings = policy::Settings::accepted(&in_force.body.settings);
        let mut run = Run {
            question,
            in_force,
            policy: policy.clone(),
            settings,
            position,
            evaluations: Vec::new(),
        };
        run.all_passes(&records)?;
        let evaluations = run.evaluations;
        evaluations
            .iter()
            .try_for_each(|(.., evaluation)| fits(evaluation))?;
        let changes = self.changes(question, &records, &evaluations, manifest)?;
        let command = Command {
            request: question.request,
            actor: question.actor,
            changes,
        };
        let receipt = match self.inner.store.submit_blocking(command) {
            // The same request may have come twice at once.
            Err(error @ store::Error::RequestReused) => {
                return self.earlier(question)?.ok_or(Error::Store(error));
            }
            other => other?,
        };
        let evaluations: Vec<_> = evaluations
            .into_iter()
            .map(|(id, _, evaluation)| (id, evaluation))
            .collect();
        evaluated(
            manifest,
            component,
            &question.purpose,
            &evaluations,
            receipt.position,
        )
    }

    /// What this request did when it came before.
    fn earlier(&self, question: &Question) -> Result<Option<Evaluated>, Error> {
        let mut evaluations = Vec::new();
        let mut first = None;
        for number in 0_u32.. {
            let id = question.evaluation_id(number);
            let Some(stored) = self.inner.reader.get(&id)? else {
                break;
            };
            first.get_or_insert(stored.position());
            match stored.into_record().map(|record| record.body) {
                Some(Body::Evaluation(evaluation)) => evaluations.push((id, evaluation)),
                _ => return Err(damaged("an evaluation cannot be read")),
            }
        }
        let (Some(first), Some((_, evaluation))) = (first, evaluations.first()) else {
            return Ok(None);
        };
        let component = evaluation.component;
        let policy = self.inner.policies.load(&component)?;
        let mut told = evaluated(
            policy.describe(),
            component,
            &question.purpose,
            &evaluations,
            first,
        )?;
        // The command wrote its entries one after another: the evaluations, then the decisions.
        told.position.seq = first.seq + evaluations.len() as u64 + told.decisions - 1;
        Ok(Some(told))
    }

    fn changes(
        &self,
        question: &Question,
        records: &Records,
        evaluations: &[(RecordId, AreaCode, Evaluation)],
        manifest: &Manifest,
    ) -> Result<Vec<Change>, Error> {
        let recorded: Vec<_> = evaluations
            .iter()
            .map(|(id, _, evaluation)| (*id, evaluation.clone()))
            .collect();
        let create = |(id, area, evaluation): &(_, _, Evaluation)| {
            Change::create(*id, *area, evaluation.clone())
        };
        let mut changes: Vec<Change> = evaluations.iter().map(create).collect();
        let areas = areas_of(records);
        for (subject, decision) in decisions::decide(manifest, &question.purpose, &recorded)? {
            let area = areas
                .get(&subject)
                .ok_or_else(|| damaged("a subject is not among the records"))?;
            changes.push(self.decision_change(*area, decision)?);
        }
        Ok(changes)
    }

    fn decision_change(&self, area: AreaCode, decision: Decision) -> Result<Change, Error> {
        let id = decision_id(&decision.purpose, &decision.subject);
        let Some(stored) = self.inner.reader.get(&id)? else {
            return Ok(Change::create(id, area, decision));
        };
        let current: Record = stored
            .into_record()
            .ok_or_else(|| damaged("a decision cannot be read"))?;
        Ok(Change::of(&current, Action::Change, decision))
    }
}

impl Question {
    /// Everything that was asked is in it, so another question under the same request id finds nothing.
    fn evaluation_id(&self, number: u32) -> RecordId {
        let given = self.given.map_or(0, |given| given.number());
        let parts = [
            &self.request.0[..],
            &self.actor.0,
            &given.to_be_bytes(),
            &number.to_be_bytes(),
            self.area.digits().as_bytes(),
            b"/",
            self.purpose.as_str().as_bytes(),
        ];
        RecordId::derived("lika.evaluation", &parts.concat())
    }
}

struct Run<'a> {
    question: &'a Question,
    in_force: InForce,
    policy: Policy,
    settings: policy::Settings,
    position: Position,
    evaluations: Vec<(RecordId, AreaCode, Evaluation)>,
}

impl Run<'_> {
    fn all_passes(&mut self, records: &Records) -> Result<(), Error> {
        let policy = self.policy.clone();
        let manifest = policy.describe();
        let Question { area, on, .. } = self.question;
        if manifest.family == Family::Subject {
            let tables = facts::tables(
                manifest,
                records,
                &Group {
                    area: *area,
                    on: *on,
                    proposed: &[],
                },
            );
            for own in facts::one_by_one(manifest, &tables) {
                self.evaluate(0, *area, "subject", &own)?;
            }
            return Ok(());
        }
        all_passes(manifest, records, area, *on, |scope, area, name, tables| {
            self.evaluate(scope, area, name, tables)
        })
    }

    fn evaluate(
        &mut self,
        scope: u32,
        area: AreaCode,
        name: &str,
        tables: &Tables,
    ) -> Result<Vec<Proposed>, Error> {
        let manifest = self.policy.describe();
        let input = facts::input(manifest, scope, tables).map_err(|error| refused(&error))?;
        let done = self.policy.evaluate(&self.settings, &input);
        if let Err(failure) = &done.result {
            tracing::warn!(policy = manifest.name, %area, %failure, "a policy gave no answer");
        }
        let evaluation = Evaluation {
            enactment: self.in_force.enactment,
            component: Digest(*done.component.as_bytes()),
            settings: Digest(*done.settings.as_bytes()),
            engine: done.profile,
            as_of: (self.position.epoch, self.position.seq),
            scope: name.to_owned(),
            input: Bytes::from(done.input),
            output: Bytes::from(done.output),
            failure: done
                .result
                .as_ref()
                .err()
                .map(|failure| failures::code(failure).to_owned()),
            tables: facts::records_of(manifest, tables),
        };
        let proposed = match &done.result {
            Ok(answer) => decisions::proposed(manifest, &evaluation.tables, answer),
            Err(_) => Vec::new(),
        };
        let number = u32::try_from(self.evaluations.len()).unwrap_or(u32::MAX);
        self.evaluations
            .push((self.question.evaluation_id(number), area, evaluation));
        Ok(proposed)
    }
}

/// Makes the passes of a group policy over an area, in order: `judge` is asked about each group and says what is
/// proposed there, which the later passes build upon. It gets the number of the pass, the group's area, the pass's
/// name, and what the group is made of.
pub(super) fn all_passes(
    manifest: &Manifest,
    records: &Records,
    area: &AreaCode,
    on: Date,
    mut judge: impl FnMut(u32, AreaCode, &str, &Tables) -> Result<Vec<Proposed>, Error>,
) -> Result<(), Error> {
    let mut proposed: Vec<Proposed> = Vec::new();
    let mut passes = 0;
    for (scope, label) in (0_u32..).zip(&manifest.scopes) {
        let mut more = Vec::new();
        for (area, records) in groups(records, area, &label.code) {
            let tables = facts::tables(
                manifest,
                &records,
                &Group {
                    area,
                    on,
                    proposed: &proposed,
                },
            );
            more.extend(judge(scope, area, &label.code, &tables)?);
            passes += 1;
        }
        proposed.extend(more);
    }
    if passes == 0 {
        let message = format!(
            "the policy shares out over wider areas than {area}, or among co-operatives of which it has none; \
             evaluate the county"
        );
        return Err(Error::Malformed(message));
    }
    Ok(())
}

/// Where every subject that there can be is.
pub(super) fn areas_of(records: &Records) -> BTreeMap<RecordId, AreaCode> {
    let areas = records.areas.iter().map(|area| (area.id, area.area));
    let households = &records.households;
    let households = households
        .iter()
        .map(|household| (household.id, household.area));
    let cooperatives = records.cooperatives.iter().map(|own| (own.id, own.area));
    let shares = records.shareholdings.iter().map(|own| (own.id, own.area));
    let cadres = records.cadres.iter().map(|own| (own.id, own.area));
    let loans = records.loans.iter().map(|own| (own.id, own.area));
    areas
        .chain(cadres)
        .chain(households)
        .chain(cooperatives)
        .chain(shares)
        .chain(loans)
        .collect()
}

/// The groups of a scope inside an area, each with the records that it is made of.
fn groups<'a>(
    records: &'a Records,
    area: &AreaCode,
    scope: &str,
) -> Vec<(AreaCode, Cow<'a, Records>)> {
    match facts::grouping(scope) {
        Some(Grouping::Areas(level)) => areas(records, area, level)
            .into_iter()
            .map(|area| (area, Cow::Borrowed(records)))
            .collect(),
        Some(Grouping::Cooperatives) => records
            .cooperatives
            .iter()
            .map(|own| (own.area, Cow::Owned(records.of_cooperative(&own.id))))
            .collect(),
        None => Vec::new(),
    }
}

/// The areas of a level inside an area. An area that has none of them, such as a city without counties, is the one
/// group itself; an area inside of one is none.
fn areas(records: &Records, area: &AreaCode, level: AreaLevel) -> Vec<AreaCode> {
    if area.level() > level {
        return Vec::new();
    }
    let of_level = records
        .areas
        .iter()
        .map(|found| found.area)
        .filter(|found| found.level() == level);
    let found: Vec<AreaCode> = of_level.collect();
    if found.is_empty() { vec![*area] } else { found }
}

fn evaluated(
    manifest: &Manifest,
    component: Digest,
    purpose: &Code,
    evaluations: &[(RecordId, Evaluation)],
    position: Position,
) -> Result<Evaluated, Error> {
    let mut evaluated = Evaluated {
        policy: manifest.name.clone(),
        component,
        evaluations: evaluations.iter().map(|(id, _)| *id).collect(),
        decisions: 0,
        granted: 0,
        refused: 0,
        undetermined: 0,
        proposals: 0,
        position,
    };
    for decision in decisions::decide(manifest, purpose, evaluations)?.values() {
        evaluated.decisions += 1;
        evaluated.proposals += decision.proposals.len() as u64;
        *match decision.outcome {
            Outcome::Granted(_) => &mut evaluated.granted,
            Outcome::Refused => &mut evaluated.refused,
            Outcome::Undetermined(_) => &mut evaluated.undetermined,
        } += 1;
    }
    Ok(evaluated)
}
