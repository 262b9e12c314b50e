//! Asking a policy: for the record on a fresh instance, or in bulk for a preview.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error as DeriveError;

use super::admission::SettingsFault;
use super::answer::Answer;
use super::check::{self, Violation};
use super::compiled::Compiled;
use super::digest::Digest;
use super::engine::{Limits, PROFILE};
use super::host::Place;
use super::input::Input;
use super::manifest::{Family, Manifest};
use super::peak::Peak;
use super::preview::{self, Part};

/// An admitted policy. Cheap to clone.
///
/// Wherever it runs, its answers are checked here and digests are made here: a process that a
/// policy has broken out into can lie about that policy's answers and about nothing else.
#[derive(Clone)]
pub struct Policy(Arc<Inner>);

struct Inner {
    digest: Digest,
    manifest: Manifest,
    runner: Runner,
}

/// What runs a policy.
pub(super) enum Runner {
    /// This process, for tests and tools.
    Here(Compiled),
    /// A child process of its own.
    Child(Arc<Place>),
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
    /// What the call took; no part of the decision either, since the prices of fuel change.
    pub used: Used,
}

/// What a call took of its limits. All nothing where the call never came to the policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Fuel.
    pub fuel: u64,
    /// The most memory that the instance had, in bytes.
    pub memory_bytes: usize,
}

/// What a call leaves behind beside its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// What the policy wrote for its developer.
    pub lines: Vec<Line>,
    /// What the call took.
    pub used: Used,
}

/// What a place says to a call.
type Answered = (Result<Answer, Failure>, Trace);

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
    /// The process that ran the policy ended during the call, or had to be ended.
    #[error("the process of the policy ended: {how}")]
    Crashed {
        /// How.
        how: String,
    },
    /// There is no process for the policy just now; says nothing of the policy.
    #[error("there is no process to run the policy: {cause}")]
    Unavailable {
        /// Why not.
        cause: String,
    },
    /// The policy has failed so often in a row that it is not asked for a while.
    #[error("the policy is suspended for {seconds} s more, since it keeps failing: {cause}")]
    Suspended {
        /// How long yet, rounded up.
        seconds: u64,
        /// Its last failure.
        cause: String,
    },
}

impl Failure {
    /// Whether it says nothing of the policy: there is no process for it just now.
    pub fn is_of_the_machine(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Suspended { .. })
    }

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
            Self::OutOfFuel
            | Self::TimedOut
            | Self::Broken { .. }
            | Self::Crashed { .. }
            | Self::Unavailable { .. }
            | Self::Suspended { .. } => false,
        }
    }

    /// Whether it cost the host more than an answer would have: time to the end of a limit, an
    /// instance, a process. A policy that keeps doing so is suspended.
    pub(super) fn is_harm(&self) -> bool {
        match self {
            Self::OutOfFuel
            | Self::TimedOut
            | Self::OutOfMemory { .. }
            | Self::Trapped { .. }
            | Self::Crashed { .. } => true,
            Self::OutputTooLarge
            | Self::Declined { .. }
            | Self::Rubbish(_)
            | Self::Input(_)
            | Self::Broken { .. }
            | Self::Unavailable { .. }
            | Self::Suspended { .. } => false,
        }
    }

    /// Whether it came of some subject of the call, so that a call without that subject is worth
    /// trying.
    pub(super) fn is_of_a_subject(&self) -> bool {
        !matches!(
            self,
            Self::Unavailable { .. } | Self::Suspended { .. } | Self::Input(_)
        )
    }
}

impl Policy {
    pub(super) fn new(digest: Digest, manifest: Manifest, runner: Runner) -> Self {
        Self(Arc::new(Inner {
            digest,
            manifest,
            runner,
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
        let faults = match &self.0.runner {
            Runner::Here(compiled) => compiled.check_settings(json),
            Runner::Child(place) => place.check_settings(json),
        };
        let faults = faults.map_err(SettingsRefusal::Failed)?;
        if !faults.is_empty() {
            return Err(SettingsRefusal::Faulty(faults));
        }
        Ok(Settings::accepted(json))
    }

    /// Judges one subject or one group for the record, on a fresh instance.
    ///
    /// The result depends on component, settings and input alone; what is returned is enough to
    /// do it again and compare.
    pub fn evaluate(&self, settings: &Settings, input: &Input) -> Evaluation {
        self.evaluated(settings, input, Place::evaluate)
    }

    /// The same once more, to compare: what was judged before counts neither for nor against the
    /// policy, so that failures in a row come out as the failures that they were.
    pub fn evaluate_again(&self, settings: &Settings, input: &Input) -> Evaluation {
        self.evaluated(settings, input, Place::attempt)
    }

    fn evaluated(
        &self,
        settings: &Settings,
        input: &Input,
        ask: fn(&Place, &str, &[u8], usize) -> Answered,
    ) -> Evaluation {
        let bytes = input.to_bytes();
        let (result, Trace { lines, used }) = match check::input(&self.0.manifest, input) {
            Err(violation) => (Err(Failure::Input(violation)), Trace::default()),
            Ok(()) => {
                let (answered, trace) = match &self.0.runner {
                    Runner::Here(compiled) => compiled.evaluate(&settings.json, input),
                    Runner::Child(place) => ask(place, &settings.json, &bytes, input.slots()),
                };
                (self.checked(input, answered), trace)
            }
        };
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
            used,
        }
    }

    /// Judges many subjects (or a group) at once for a preview; nothing of it is for the record.
    /// Subjects of one call share an instance, so give some thousands at a time.
    pub fn preview(&self, settings: &Settings, input: &Input) -> Result<Answer, Failure> {
        let (result, _) = self.attempt(settings, input);
        self.note(result.as_ref().err());
        result
    }

    /// The same, but a call that fails is cut in halves until the subjects that make it fail are
    /// known; all others are answered. A group is not cut: who shares with whom is the question.
    ///
    /// The parts are in the order of the subjects and cover each of them once. The peak is that of
    /// all calls, those that were cut too.
    pub fn preview_in_parts(&self, settings: &Settings, input: &Input) -> (Vec<Part>, Peak) {
        let (manifest, mut peak) = (&self.0.manifest, Peak::default());
        let mut judge = |input: &Input| {
            let (result, used) = self.attempt(settings, input);
            peak.raise(Peak::of(self.limits(), input.slots(), &used, &result));
            result
        };
        let parts = match manifest.family {
            Family::Group => vec![Part::whole(manifest, input, judge(input))],
            Family::Subject => preview::in_parts(manifest, input, judge),
        };
        // One preview is one experience with the policy, however often it had to be cut.
        let mut failures = parts.iter().map(|part| part.result.as_ref().err());
        let answered = failures.any(|failure| failure.is_none());
        let first = parts.iter().find_map(|part| part.result.as_ref().err());
        self.note(first.filter(|_| !answered));
        (parts, peak)
    }

    /// A call that does not yet count for or against the policy.
    fn attempt(&self, settings: &Settings, input: &Input) -> (Result<Answer, Failure>, Used) {
        if let Err(violation) = check::input(&self.0.manifest, input) {
            return (Err(Failure::Input(violation)), Used::default());
        }
        let (answered, Trace { lines: _, used }) = match &self.0.runner {
            Runner::Here(compiled) => compiled.evaluate(&settings.json, input),
            Runner::Child(place) => place.attempt(&settings.json, &input.to_bytes(), input.slots()),
        };
        (self.checked(input, answered), used)
    }

    /// What each call may use up.
    fn limits(&self) -> &Limits {
        match &self.0.runner {
            Runner::Here(compiled) => compiled.limits(),
            Runner::Child(place) => place.limits(),
        }
    }

    fn note(&self, failure: Option<&Failure>) {
        if let Runner::Child(place) = &self.0.runner {
            place.note(failure);
        }
    }

    fn checked(&self, input: &Input, answered: Result<Answer, Failure>) -> Result<Answer, Failure> {
        let answer = answered?;
        check::answer(&self.0.manifest, input, &answer).map_err(Failure::Rubbish)?;
        Ok(answer)
    }
}

impl Settings {
    /// Settings that the policy has accepted before: what they were asked about is in their text
    /// and in the component, so asking again tells nothing new.
    pub fn accepted(json: &str) -> Self {
        Self {
            json: json.to_owned(),
            digest: Digest::of(json.as_bytes()),
        }
    }

    /// The settings as they were given.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Of the settings' text.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
