//! What a preview tells of a difference: who gains and who loses, where, and what it costs.

use std::collections::BTreeMap;

use lika_core::value::{AreaCode, AreaLevel, Code, RecordId};

use super::{
    decisions,
    difference::{Change, Compared, Difference, Judged, Outcome},
    failures,
    preview::Effect,
};
use crate::{
    clock::Stopwatch,
    policy::{Manifest, Part, Peak, facts::records::Records},
};

/// Everything that a preview tells.
#[derive(Clone, Debug)]
pub struct Report {
    /// What would change, and the figures of all subjects.
    pub difference: Difference,
    /// What both policies call themselves, the one before first; none where that says nothing here.
    pub policies: (Option<Named>, Named),
    /// All subjects, and those whose judgement changes.
    pub total: Tally,
    /// The same by township; by county or wider area for subjects that lie above.
    pub townships: BTreeMap<AreaCode, Tally>,
    /// The same by household type; none for subjects that are not households.
    pub household_types: BTreeMap<Option<Code>, Tally>,
    /// Why subjects were not answered, on each side: the codes of failures, and how many.
    pub failures: (BTreeMap<String, u64>, BTreeMap<String, u64>),
    /// The subjects that lie within two per cent of a threshold of the new policy, with the facts.
    pub close: Vec<Close>,
    /// What came of the settings that were moved; empty where that was not asked for.
    pub effects: Vec<Effect>,
    /// How much of its limits the new policy used.
    pub used: Used,
    /// What the codes in it mean.
    pub words: Words,
}

/// Name and version of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
}

/// Some subjects: what of them changes, and their money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there are.
    pub subjects: u64,
    /// How many gain: granted what was not, or granted more.
    pub gains: u64,
    /// How many lose: no longer granted, or granted less.
    pub losses: u64,
    /// How many change otherwise, as from *no* to *undetermined*.
    pub others: u64,
    /// How many are not answered, before and after.
    pub undetermined: (u64, u64),
    /// The sum of their amounts in fen, before and after.
    pub money: (i128, i128),
}

/// Which way a subject changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Granted what was not, or granted more.
    Gain,
    /// No longer granted, or granted less.
    Loss,
    /// Neither.
    Other,
}

/// A subject that lies close to a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The subject.
    pub subject: RecordId,
    /// Its area.
    pub area: AreaCode,
    /// The facts, as `table/fact`.
    pub facts: Vec<String>,
}

/// How much of its limits a policy used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Calls that were made.
    pub calls: u64,
    /// The longest of them, in milliseconds.
    pub longest_ms: u64,
    /// What a call may take, in milliseconds.
    pub limit_ms: u64,
    /// The most that any of them took of what the engine counts.
    pub peak: Peak,
}

/// The sentences of codes, Chinese and English.
#[derive(Clone, Debug, Default)]
pub struct Words {
    before: Option<Manifest>,
    after: Option<Manifest>,
}

impl Change {
    /// Which way the subject changes.
    pub fn direction(&self) -> Direction {
        direction(self.before.as_ref(), self.after.as_ref())
    }
}

impl Report {
    pub(super) fn of(compared: &Compared, effects: Vec<Effect>) -> Self {
        let types = types(&compared.asked.records);
        let mut report = Self {
            difference: compared.difference(),
            policies: (
                compared.old().map(|old| named(old.tried.policy.describe())),
                named(compared.after.tried.policy.describe()),
            ),
            total: Tally::default(),
            townships: BTreeMap::new(),
            household_types: BTreeMap::new(),
            failures: Default::default(),
            close: Vec::new(),
            effects,
            used: compared.after.used,
            words: Words {
                before: compared
                    .old()
                    .map(|old| old.tried.policy.describe().clone()),
                after: Some(compared.after.tried.policy.describe().clone()),
            },
        };
        for (subject, before, after) in compared.pairs() {
            let Some(either) = after.or(before) else {
                continue;
            };
            report.total.add(before, after);
            let area = either.area;
            let township = area.at_level(AreaLevel::Township).unwrap_or(area);
            report
                .townships
                .entry(township)
                .or_default()
                .add(before, after);
            let kind = types.get(&subject).cloned();
            report
                .household_types
                .entry(kind)
                .or_default()
                .add(before, after);
            note_failures(&mut report.failures.0, before);
            note_failures(&mut report.failures.1, after);
            if let Some(after) = after.filter(|after| !after.close.is_empty()) {
                report.close.push(Close {
                    subject,
                    area,
                    facts: after.close.clone(),
                });
            }
        }
        report
    }
}

impl Tally {
    pub(super) fn add(&mut self, before: Option<&Judged>, after: Option<&Judged>) {
        self.subjects += 1;
        self.money.0 += fen(before);
        self.money.1 += fen(after);
        self.undetermined.0 += u64::from(is_undetermined(before));
        self.undetermined.1 += u64::from(is_undetermined(after));
        if before.map(Judged::verdict) == after.map(Judged::verdict) {
            return;
        }
        *match direction(before, after) {
            Direction::Gain => &mut self.gains,
            Direction::Loss => &mut self.losses,
            Direction::Other => &mut self.others,
        } += 1;
    }
}

impl Used {
    /// Makes a call and takes note of it.
    pub(super) fn call(&mut self, call: impl FnOnce() -> (Vec<Part>, Peak)) -> Vec<Part> {
        let watch = Stopwatch::start();
        let (parts, peak) = call();
        let took = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.calls += 1;
        self.longest_ms = self.longest_ms.max(took);
        self.peak.raise(peak);
        parts
    }
}

impl Words {
    /// The sentences (zh, en) of a reason that the policy before gave.
    pub fn reason_before(&self, code: &Code, arguments: &[String]) -> Option<(String, String)> {
        sentences(self.before.as_ref(), code, arguments)
    }

    /// The sentences (zh, en) of a reason that the new policy gave.
    pub fn reason_after(&self, code: &Code, arguments: &[String]) -> Option<(String, String)> {
        sentences(self.after.as_ref(), code, arguments)
    }

    /// The names (zh, en) of a category, by the new policy first.
    pub fn category(&self, code: &Code) -> Option<(String, String)> {
        let manifests = [self.after.as_ref(), self.before.as_ref()];
        let mut categories = manifests
            .into_iter()
            .flatten()
            .flat_map(|it| &it.categories);
        let label = categories.find(|label| label.code == code.as_str())?;
        Some((label.zh.clone(), label.en.clone()))
    }
}

fn sentences(
    manifest: Option<&Manifest>,
    code: &Code,
    arguments: &[String],
) -> Option<(String, String)> {
    if let Some((zh, en)) = failures::sentences(code.as_str()) {
        return Some((zh.to_owned(), en.to_owned()));
    }
    decisions::sentences(manifest?, code, arguments)
}

fn direction(before: Option<&Judged>, after: Option<&Judged>) -> Direction {
    let is_granted = |judged: Option<&Judged>| {
        judged.is_some_and(|judged| matches!(judged.outcome, Outcome::Granted(_)))
    };
    match (is_granted(before), is_granted(after)) {
        (false, true) => Direction::Gain,
        (true, false) => Direction::Loss,
        _ => match fen(after).cmp(&fen(before)) {
            std::cmp::Ordering::Greater => Direction::Gain,
            std::cmp::Ordering::Less => Direction::Loss,
            std::cmp::Ordering::Equal => Direction::Other,
        },
    }
}

fn fen(judged: Option<&Judged>) -> i128 {
    let amount = judged.and_then(|judged| judged.amount);
    amount.map_or(0, |fen| i128::from(fen.0))
}

fn is_undetermined(judged: Option<&Judged>) -> bool {
    judged.is_some_and(|judged| judged.outcome == Outcome::Undetermined)
}

/// A pass that failed gave a reason that says so; the passes before it gave their own.
fn note_failures(failures: &mut BTreeMap<String, u64>, judged: Option<&Judged>) {
    let reasons = judged.map(|judged| judged.reasons.iter());
    let mut codes = reasons.into_iter().flatten().map(|(code, _)| code.as_str());
    if let Some(code) = codes.find(|code| failures::sentences(code).is_some()) {
        *failures.entry(code.to_owned()).or_default() += 1;
    }
}

fn types(records: &Records) -> BTreeMap<RecordId, Code> {
    let households = records.households.iter();
    households
        .map(|household| (household.id, household.body.household_type.clone()))
        .collect()
}

fn named(manifest: &Manifest) -> Named {
    Named {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
    }
}
