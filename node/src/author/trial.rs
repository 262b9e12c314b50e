//! A policy is tried: its author's examples against what is recorded beside them, and what must hold for any input.
//!
//! | property | what is compared |
//! |---|---|
//! | an answer | no trap, no limit, no rule broken: amounts add up to the pool, capacities hold |
//! | determinism | the same input twice, each on a fresh instance, byte for byte |
//! | order | subjects in another order, and each by itself: the same decisions (subject policies) |

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;
use thiserror::Error as DeriveError;

use super::{
    answer,
    example::{self, Example},
    generate::Generator,
};
use crate::policy::{
    Failure, Family, Kind, Manifest, Policy, Settings, evaluation::SettingsRefusal,
};

/// Generated inputs of a trial; the subjects of each.
const INPUTS: u64 = 25;
const SUBJECTS: usize = 5;

/// An example of the project, in its file.
pub struct Named {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub example: Example,
}

/// What came of one check.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What was checked: a file, or a property.
    pub what: String,
    /// What is wrong, where something is.
    pub fault: Option<String>,
}

/// Something that stops the trial itself.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// A file of the examples.
    #[error("{path} cannot be read or written")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// An example that cannot be used.
    #[error("{path}")]
    Example {
        /// The file.
        path: String,
        /// Where and why.
        #[source]
        cause: example::Error,
    },
}

/// The examples in a folder, by their names. Files that end in `.answer.json` are answers.
pub fn examples(manifest: &Manifest, folder: &Path) -> Result<Vec<Named>, Error> {
    let file = |cause| Error::File {
        path: folder.display().to_string(),
        cause,
    };
    let mut paths = Vec::new();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                paths.push(entry.map_err(file)?.path());
            }
        }
        // A policy that has no examples yet is one.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(file(error)),
    }
    let name = |path: &Path| path.to_string_lossy().into_owned();
    paths.retain(|path| name(path).ends_with(".json") && !name(path).ends_with(".answer.json"));
    paths.sort();
    let read = |path: PathBuf| {
        let example = read(manifest, &path)?;
        Ok(Named { path, example })
    };
    paths.into_iter().map(read).collect()
}

/// The example in a file.
pub fn read(manifest: &Manifest, path: &Path) -> Result<Example, Error> {
    let text = fs::read_to_string(path).map_err(|cause| Error::File {
        path: path.display().to_string(),
        cause,
    })?;
    Example::parse(manifest, &text).map_err(|cause| Error::Example {
        path: path.display().to_string(),
        cause,
    })
}

/// Holds the examples against the recorded answers, or records them where `accept` says so.
pub fn golden(policy: &Policy, examples: &[Named], accept: bool) -> Result<Vec<Finding>, Error> {
    let check = |named: &Named| {
        let recorded = named.path.with_extension("answer.json");
        let fault = match judge(policy, &named.example) {
            Err(fault) => Some(fault),
            Ok(answer) if accept => {
                let text = format!("{answer:#}\n");
                fs::write(&recorded, text).map_err(|cause| Error::File {
                    path: recorded.display().to_string(),
                    cause,
                })?;
                None
            }
            Ok(answer) => compare(&recorded, &answer),
        };
        let what = named.path.file_name().unwrap_or_default();
        let what = what.to_string_lossy().into_owned();
        Ok(Finding { what, fault })
    };
    examples.iter().map(check).collect()
}

/// The answer to an example, as JSON; what is wrong with its settings or rows otherwise.
fn judge(policy: &Policy, example: &Example) -> Result<Json, String> {
    let manifest = policy.describe();
    let settings = policy.settings(&example.settings).map_err(words)?;
    let input = example.input(manifest).map_err(|error| error.to_string())?;
    let evaluation = policy.evaluate(&settings, &input);
    Ok(answer::to_json(manifest, &input, &evaluation.result))
}

fn words(refusal: SettingsRefusal) -> String {
    match refusal {
        SettingsRefusal::Failed(failure) => failure.to_string(),
        faulty @ SettingsRefusal::Faulty(_) => faulty.to_string(),
    }
}

fn compare(recorded: &Path, answer: &Json) -> Option<String> {
    let name = recorded.file_name().unwrap_or_default().to_string_lossy();
    let Ok(text) = fs::read_to_string(recorded) else {
        return Some(format!(
            "there is no {name}: look at `lika policy run`, then `lika policy test --accept`"
        ));
    };
    let expected: Json = match serde_json::from_str(&text) {
        Ok(expected) => expected,
        Err(error) => return Some(format!("{name} is no JSON: {error}")),
    };
    if expected == *answer {
        return None;
    }
    let subjects = |json: &Json| {
        json.as_array()
            .cloned()
            .unwrap_or_else(|| vec![json.clone()])
    };
    let (expected, found) = (subjects(&expected), subjects(answer));
    let at =
        |list: &[Json], index: usize| list.get(index).map_or("nothing".into(), Json::to_string);
    let differ = (0..expected.len().max(found.len()))
        .filter(|index| expected.get(*index) != found.get(*index))
        .map(|index| {
            let (expected, found) = (at(&expected, index), at(&found, index));
            format!("\n    recorded {expected}\n    answered {found}")
        });
    Some(format!(
        "another answer than {name}:{}",
        differ.collect::<String>()
    ))
}

/// Tries what must hold for any input. A fault carries the input, as an example to keep.
pub fn properties(policy: &Policy, defaults: &Settings, examples: &[Named]) -> Vec<Finding> {
    let manifest = policy.describe();
    let known: Vec<Example> = examples.iter().map(|named| named.example.clone()).collect();
    let trial = Trial {
        policy,
        manifest,
        defaults,
    };
    let mut generator = Generator::new(manifest, &known, 1);
    let mut generated: Vec<(Example, Vec<usize>)> = Vec::new();
    for _ in 0..INPUTS {
        let example = generator.example(SUBJECTS);
        let order = generator.order(SUBJECTS);
        generated.push((example, order));
    }
    let first = |what: &str, check: &dyn Fn(&Example, &[usize]) -> Option<String>| {
        let mut faults = generated.iter().filter_map(|(example, order)| {
            let fault = check(example, order)?;
            Some(format!("{fault}\n    for {}", example.to_json(manifest)))
        });
        Finding {
            what: format!("{what}, {INPUTS} generated inputs"),
            fault: faults.next(),
        }
    };
    let mut findings = vec![
        first("every input has an answer", &|example, _| {
            trial.answers(example)
        }),
        first("the same input, the same bytes", &|example, _| {
            trial.repeats(example)
        }),
    ];
    if trial.judges_one_by_one() {
        findings.push(first("whatever the order", &|example, order| {
            trial.keeps_decisions(example, order)
        }));
    }
    findings
}

struct Trial<'a> {
    policy: &'a Policy,
    manifest: &'a Manifest,
    defaults: &'a Settings,
}

impl Trial<'_> {
    /// Whether a subject stands for itself: a group does not, nor does a row that another one refers to.
    fn judges_one_by_one(&self) -> bool {
        let facts = self.manifest.tables.iter().flat_map(|table| &table.facts);
        let mut kinds = facts.map(|fact| fact.kind);
        self.manifest.family == Family::Subject
            && !kinds.any(|kind| kind == Kind::Row(self.manifest.subjects))
    }

    fn answers(&self, example: &Example) -> Option<String> {
        let input = example.input(self.manifest).ok()?;
        match self.policy.evaluate(self.defaults, &input).result {
            // A policy may say that it cannot judge an input; that is an answer too.
            Ok(_) | Err(Failure::Declined { .. }) => None,
            Err(failure) => Some(failure.to_string()),
        }
    }

    fn repeats(&self, example: &Example) -> Option<String> {
        let input = example.input(self.manifest).ok()?;
        let [first, second] = [(); 2].map(|()| self.policy.evaluate(self.defaults, &input));
        (first.output != second.output).then(|| "two answers to the same input".into())
    }

    fn keeps_decisions(&self, example: &Example, order: &[usize]) -> Option<String> {
        let together = self.decisions(example)?;
        let reordered = self.decisions(&example.reordered(self.manifest, order))?;
        for (place, subject) in order.iter().enumerate() {
            if reordered.get(place) != together.get(*subject) {
                return Some(format!(
                    "subject {subject} is decided otherwise in another order"
                ));
            }
        }
        for subject in 0..example.subjects(self.manifest) {
            let alone = self.decisions(&example.alone(self.manifest, subject))?;
            if alone.first() != together.get(subject) {
                return Some(format!("subject {subject} is decided otherwise by itself"));
            }
        }
        None
    }

    /// What was decided about each subject, without the numbers of rows; none where there is no answer, which
    /// another property tells.
    fn decisions(&self, example: &Example) -> Option<Vec<Json>> {
        let input = example.input(self.manifest).ok()?;
        let result = self.policy.evaluate(self.defaults, &input).result;
        let answer = result.as_ref().ok()?;
        Some(answer::decisions(self.manifest, &input, answer))
    }
}
