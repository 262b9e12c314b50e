//! The examples of a project, judged natively and held against what is recorded of the component.
//!
//! `lika policy test --accept` records what the component answers to `examples/*.json`, on the host of a node. The same
//! code run natively must decide alike: a difference is a fault of the compiler, of the contract, or of a policy that
//! depends on more than its input.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use super::{Example, Value};
use crate::date::Date;
use crate::facts::{FactKind, TableSpec};
use crate::group::{self, Group, GroupPolicy, share_group};
use crate::label::Labels;
use crate::subject::{self, Subject, SubjectPolicy, judge_subjects};
use crate::wire::types;

/// What a subject policy decides otherwise than recorded in this folder, in words; nothing where all is alike.
///
/// Sentences are not compared, since they are the manifest's. An example without a recorded answer is a difference.
pub fn subject_differences<P: SubjectPolicy>(folder: impl AsRef<Path>) -> Vec<String> {
    let judge = |file: &Json| {
        let mut example = Example::new(P::Subject::tables(), 0);
        example.fill(file)?;
        let answer = judge_subjects::<P>(&settings(file), &example.input)?;
        Ok(shown(&subject::describe::<P>(), &answer))
    };
    differences(folder.as_ref(), judge)
}

/// The same for a group policy.
pub fn group_differences<P: GroupPolicy>(folder: impl AsRef<Path>) -> Vec<String> {
    let judge = |file: &Json| {
        let word = file["scope"].as_str();
        let scope = word.map_or(P::Scope::ALL.first().copied(), P::Scope::from_code);
        let scope = scope.ok_or("there is no such scope")?;
        let mut example = Example::new(P::Group::tables(), scope.index());
        example.fill(file)?;
        let answer = share_group::<P>(&settings(file), &example.input)?;
        Ok(shown(&group::describe::<P>(), &answer))
    };
    differences(folder.as_ref(), judge)
}

fn settings(file: &Json) -> String {
    let settings = &file["settings"];
    if settings.is_null() {
        "{}".into()
    } else {
        settings.to_string()
    }
}

fn differences(folder: &Path, judge: impl Fn(&Json) -> Result<Json, String>) -> Vec<String> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return vec![format!("{}: {error}", folder.display())],
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names
        .filter(|name| name.ends_with(".json") && !name.ends_with(".answer.json"))
        .collect();
    names.sort();
    let difference = |name: String| {
        let path = folder.join(&name);
        let compared = read(&path).and_then(|file| {
            let mut recorded = read(&path.with_extension("answer.json"))?;
            without_sentences(&mut recorded);
            let found = judge(&file)?;
            if found == recorded {
                Ok(())
            } else {
                Err(format!("natively {found}, recorded {recorded}"))
            }
        });
        compared
            .err()
            .map(|difference| format!("{name}: {difference}"))
    };
    names.into_iter().filter_map(difference).collect()
}

fn read(path: &Path) -> Result<Json, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

fn without_sentences(recorded: &mut Json) {
    for subject in recorded.as_array_mut().into_iter().flatten() {
        let reasons = subject.get_mut("reasons").and_then(Json::as_array_mut);
        for reason in reasons.into_iter().flatten() {
            *reason = reason["code"].clone();
        }
    }
}

impl Example {
    /// Adds the rows of a file.
    fn fill(&mut self, file: &Json) -> Result<(), String> {
        let tables = file["tables"].as_object().ok_or("there are no tables")?;
        for spec in self.tables.clone() {
            if spec.parent.is_none() {
                self.add_rows(&spec, None, tables.get(spec.name))?;
            }
        }
        Ok(())
    }

    fn add_rows(
        &mut self,
        spec: &TableSpec,
        owner: Option<u32>,
        rows: Option<&Json>,
    ) -> Result<(), String> {
        for row in rows.and_then(Json::as_array).into_iter().flatten() {
            let row = row.as_object().ok_or("a row is an object")?;
            let mut facts = Vec::new();
            for fact in spec.facts {
                if let Some(json) = row.get(fact.key).filter(|json| !is_absent(json)) {
                    let value = value(fact.kind, json);
                    let value = value.ok_or_else(|| format!("{}: {json}", fact.key))?;
                    facts.push((fact.key, value));
                }
            }
            let number = self.row(spec.name, owner, &facts);
            for part in self.tables.clone() {
                if part.parent == Some(spec.name) {
                    self.add_rows(&part, Some(number), row.get(part.name))?;
                }
            }
        }
        Ok(())
    }
}

fn is_absent(json: &Json) -> bool {
    json.is_null() || json["is"] == "absent"
}

fn value(kind: FactKind, json: &Json) -> Option<Value> {
    match json["is"].as_str() {
        Some("unknown") => return Some(Value::Unknown),
        Some("withheld") => return Some(Value::Withheld),
        _ => {}
    }
    if let Some(number) = json.as_i64().or(json.as_bool().map(i64::from)) {
        return Some(Value::Number(number));
    }
    let text = json.as_str()?;
    Some(match kind {
        FactKind::Code | FactKind::Text => Value::Text(text.into()),
        FactKind::Date => day(text)?.into(),
        FactKind::Fen => {
            let yuan = text
                .strip_suffix('元')
                .or_else(|| text.strip_suffix("yuan"))?;
            Value::Number(decimal(yuan.trim(), 2)?)
        }
        FactKind::Ppm => Value::Number(decimal(text.strip_suffix('%')?.trim(), 4)?),
        FactKind::Flag | FactKind::Integer | FactKind::Row => return None,
    })
}

fn decimal(text: &str, places: usize) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > places {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

fn day(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    Date::new(year, month, parts.next()?.parse().ok()?)
}

/// An answer in the form in which it is recorded, without sentences.
fn shown(manifest: &types::Manifest, answer: &types::Answer) -> Json {
    let decision = |decision: &types::Decision| subject_shown(manifest, answer, decision);
    answer.decisions.iter().map(decision).collect()
}

fn subject_shown(
    manifest: &types::Manifest,
    answer: &types::Answer,
    decision: &types::Decision,
) -> Json {
    let subject = decision.subject;
    let outcome = match decision.outcome {
        types::Outcome::Granted => "granted",
        types::Outcome::Refused => "refused",
        types::Outcome::Undetermined => "undetermined",
    };
    let mut object = Map::new();
    object.insert("subject".into(), subject.into());
    object.insert("outcome".into(), outcome.into());
    if let Some(category) = decision.category {
        let code = &manifest.categories[category as usize].code;
        object.insert("category".into(), code.as_str().into());
    }
    for (key, number) in [("amount", decision.amount), ("score", decision.score)] {
        if let Some(number) = number {
            object.insert(key.into(), number.into());
        }
    }
    let reasons = answer.reasons.iter().filter(|it| it.subject == subject);
    let missing = answer.missing.iter().filter(|it| it.subject == subject);
    let comparisons = answer.comparisons.iter().filter(|it| it.subject == subject);
    let proposals = answer.proposals.iter().filter(|it| it.subject == subject);
    let lists: [(&str, Vec<Json>); 4] = [
        (
            "reasons",
            reasons
                .map(|it| json!(manifest.reasons[it.code as usize].code))
                .collect(),
        ),
        (
            "missing",
            missing.map(|it| json!(place(manifest, it.fact))).collect(),
        ),
        (
            "comparisons",
            comparisons.map(|it| compared(manifest, it)).collect(),
        ),
        (
            "proposals",
            proposals.map(|it| proposed(manifest, it)).collect(),
        ),
    ];
    for (key, list) in lists {
        if !list.is_empty() {
            object.insert(key.into(), list.into());
        }
    }
    object.into()
}

fn compared(manifest: &types::Manifest, comparison: &types::Comparison) -> Json {
    let comparator = match comparison.comparator {
        types::Comparator::Less => "less",
        types::Comparator::AtMost => "at-most",
        types::Comparator::Equal => "equal",
        types::Comparator::AtLeast => "at-least",
        types::Comparator::Greater => "greater",
    };
    json!({
        "fact": place(manifest, comparison.fact),
        "value": comparison.value,
        "is": comparator,
        "threshold": comparison.threshold,
        "holds": comparison.holds,
    })
}

fn proposed(manifest: &types::Manifest, proposal: &types::Proposal) -> Json {
    json!({
        "role": manifest.roles[proposal.role as usize].label.code,
        "table": manifest.tables[proposal.table as usize].name,
        "row": proposal.resource_row,
        "quantity": proposal.quantity.unwrap_or(1),
    })
}

fn place(manifest: &types::Manifest, fact: types::FactReference) -> String {
    let table = &manifest.tables[fact.table as usize];
    let key = &table.facts[fact.fact as usize].key;
    format!("{} {} {key}", table.name, fact.row)
}
