//! Running a policy: for the record on a fresh instance, or in bulk for a preview.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error as DeriveError;
use wasmtime::Store;

use super::admission::SettingsFault;
use super::answer::Answer;
use super::bindings::{group, subject, types as wire};
use super::check::{self, Violation};
use super::digest::Digest;
use super::engine::{self, Engine, PROFILE, State};
use super::input::Input;
use super::manifest::{Family, Manifest};

/// An admitted policy, compiled. Cheap to clone.
#[derive(Clone)]
pub struct Policy(Arc<Inner>);

struct Inner {
    engine: Engine,
    digest: Digest,
    manifest: Manifest,
    pre: Pre,
}

/// A component prepared for quick instantiation.
pub(super) enum Pre {
    Subject(subject::SubjectPre<State>),
    Group(group::GroupPre<State>),
}

/// Settings that the policy has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    json: String,
    digest: Digest,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, DeriveError)]
pub enum SettingsRefusal {
    /// The policy says what is wrong with them.
    #[error("the settings are faulty: {}", .0.iter().map(|fault| format!("{}: {}", fault.path, fault.en)).collect::<Vec<_>>().join("; "))]
    Faulty(Vec<SettingsFault>),
    /// The policy did not survive the question.
    #[error("the policy fails when asked to check settings")]
    Failed(#[source] Failure),
}

/// One evaluation for the record: everything that is needed to do it again and compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Of the component.
    pub component: Digest,
    /// Of the settings.
    pub settings: Digest,
    /// The engine and its set-up.
    pub profile: String,
    /// The input as it was given.
    pub input: Vec<u8>,
    /// Of the input.
    pub input_digest: Digest,
    /// The answer as it was given; empty where there is none.
    pub output: Vec<u8>,
    /// Of the output.
    pub output_digest: Digest,
    /// The answer, checked, or why there is none.
    pub result: Result<Answer, Failure>,
    /// What the policy wrote for its developer; no part of the decision.
    pub lines: Vec<Line>,
}

/// A line of diagnostics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// `debug`, `info`, `warning` or `error`.
    pub level: String,
    /// The text, cut at 500 characters.
    pub text: String,
}

/// Why a policy gave no answer; every subject is then *undetermined*.
#[derive(Clone, Debug, PartialEq, Eq, DeriveError, Serialize, Deserialize)]
pub enum Failure {
    /// The budget of instructions is used up.
    #[error("the policy used up its budget of instructions")]
    OutOfFuel,
    /// The deadline passed.
    #[error("the policy did not answer in time")]
    TimedOut,
    /// The memory is used up.
    #[error("the policy wanted more than {limit} bytes of memory")]
    OutOfMemory {
        /// The limit.
        limit: usize,
    },
    /// The policy stopped itself.
    #[error("the policy stopped: {cause}{}", .last_words.as_ref().map(|words| format!(" ({words})")).unwrap_or_default())]
    Trapped {
        /// What the engine calls it.
        cause: String,
        /// What the policy said last.
        last_words: Option<String>,
    },
    /// More than a policy may hand back.
    #[error("the policy handed back more than it may")]
    OutputTooLarge,
    /// The policy says that it cannot judge this input.
    #[error("the policy declines: {reason}")]
    Declined {
        /// Its sentence.
        reason: String,
    },
    /// The answer breaks a rule.
    #[error("the policy's answer breaks a rule: {0}")]
    Rubbish(#[source] Violation),
    /// The input does not fit the manifest; the fault is the caller's.
    #[error("the input does not fit the policy: {0}")]
    Input(#[source] Violation),
    /// The engine could not run the component.
    #[error("the policy cannot be run: {cause}")]
    Broken {
        /// What the engine says.
        cause: String,
    },
}

impl Failure {
    /// Whether the same call fails in the same way anywhere. What does not is an attempt, and is
    /// not part of replay.
    pub fn is_reproducible(&self) -> bool {
        match self {
            Self::OutOfMemory { .. }
            | Self::Trapped { .. }
            | Self::OutputTooLarge
            | Self::Declined { .. }
            | Self::Rubbish(_)
            | Self::Input(_) => true,
            Self::OutOfFuel | Self::TimedOut | Self::Broken { .. } => false,
        }
    }
}

impl Policy {
    pub(super) fn new(engine: Engine, digest: Digest, manifest: Manifest, pre: Pre) -> Self {
        Self(Arc::new(Inner {
            engine,
            digest,
            manifest,
            pre,
        }))
    }

    /// Of the component's bytes: the policy's identity.
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// What the policy says about itself.
    pub fn describe(&self) -> &Manifest {
        &self.0.manifest
    }

    /// Takes settings that the policy accepts.
    pub fn settings(&self, json: &str) -> Result<Settings, SettingsRefusal> {
        let faults = self.check_settings(json).map_err(SettingsRefusal::Failed)?;
        if !faults.is_empty() {
            return Err(SettingsRefusal::Faulty(faults));
        }
        Ok(Settings {
            json: json.to_owned(),
            digest: Digest::of(json.as_bytes()),
        })
    }

    /// Judges one subject or one group for the record, on a fresh instance.
    ///
    /// The result depends on component, settings and input alone; what is returned is enough to
    /// do it again and compare.
    pub fn evaluate(&self, settings: &Settings, input: &Input) -> Evaluation {
        let bytes = input.to_bytes();
        let (result, lines) = self.run(settings, input);
        let output = result.as_ref().map(Answer::to_bytes).unwrap_or_default();
        Evaluation {
            component: self.0.digest,
            settings: settings.digest,
            profile: PROFILE.into(),
            input_digest: Digest::of(&bytes),
            input: bytes,
            output_digest: Digest::of(&output),
            output,
            result,
            lines,
        }
    }

    /// Judges many subjects (or a group) at once for a preview; nothing of it is for the record.
    /// Subjects of one call share an instance, so give some thousands at a time.
    pub fn preview(&self, settings: &Settings, input: &Input) -> Result<Answer, Failure> {
        self.run(settings, input).0
    }

    pub(super) fn check_settings(&self, json: &str) -> Result<Vec<SettingsFault>, Failure> {
        let mut store = self.0.engine.store(json.len());
        let faults = match &self.0.pre {
            Pre::Subject(pre) => pre.instantiate(&mut store).and_then(|instance| {
                instance
                    .lika_policy_subject_policy()
                    .call_validate_settings(&mut store, json)
            }),
            Pre::Group(pre) => pre.instantiate(&mut store).and_then(|instance| {
                instance
                    .lika_policy_group_policy()
                    .call_validate_settings(&mut store, json)
            }),
        };
        let fault = |wire::SettingsFault { path, zh, en }| SettingsFault { path, zh, en };
        let faults = faults.map_err(|error| engine::failure(&error, &store))?;
        Ok(faults.into_iter().map(fault).collect())
    }

    fn run(&self, settings: &Settings, input: &Input) -> (Result<Answer, Failure>, Vec<Line>) {
        if let Err(violation) = check::input(&self.0.manifest, input) {
            return (Err(Failure::Input(violation)), Vec::new());
        }
        let mut store = self.0.engine.store(input.slots());
        let answered = self.call(&mut store, &settings.json, &input.to_wire());
        let result = answered.map(Answer::from).and_then(|answer| {
            check::answer(&self.0.manifest, input, &answer).map_err(Failure::Rubbish)?;
            Ok(answer)
        });
        (result, store.into_data().into_lines())
    }

    fn call(
        &self,
        store: &mut Store<State>,
        settings: &str,
        input: &wire::Input,
    ) -> Result<wire::Answer, Failure> {
        let answered = match &self.0.pre {
            Pre::Subject(pre) => pre.instantiate(&mut *store).and_then(|instance| {
                instance
                    .lika_policy_subject_policy()
                    .call_evaluate(&mut *store, settings, input)
            }),
            Pre::Group(pre) => pre.instantiate(&mut *store).and_then(|instance| {
                instance
                    .lika_policy_group_policy()
                    .call_evaluate(&mut *store, settings, input)
            }),
        };
        match answered {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(reason)) => Err(Failure::Declined { reason }),
            Err(error) => Err(engine::failure(&error, store)),
        }
    }
}

impl Settings {
    /// The settings as they were given.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Of the settings' text.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl Pre {
    pub(super) fn family(&self) -> Family {
        match self {
            Self::Subject(_) => Family::Subject,
            Self::Group(_) => Family::Group,
        }
    }
}
