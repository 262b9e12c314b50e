//! A component that the engine has compiled, and the calls into it.

use wasmtime::Store;

use super::admission::SettingsFault;
use super::answer::Answer;
use super::bindings::{group, subject, types as wire};
use super::engine::{self, Engine, Limits, State};
use super::evaluation::{Failure, Trace};
use super::input::Input;
use super::manifest::Family;

/// A compiled component. Every call gets a fresh instance; the store is dropped after it.
///
/// It takes inputs as they come and gives answers as they are: checking both is for whoever asks.
pub(super) struct Compiled {
    engine: Engine,
    pre: Pre,
}

/// A component prepared for quick instantiation.
pub(super) enum Pre {
    Subject(subject::SubjectPre<State>),
    Group(group::GroupPre<State>),
}

impl Compiled {
    pub(super) fn new(engine: Engine, pre: Pre) -> Self {
        Self { engine, pre }
    }

    pub(super) fn family(&self) -> Family {
        self.pre.family()
    }

    pub(super) fn limits(&self) -> &Limits {
        self.engine.limits()
    }

    /// What the policy finds wrong with settings.
    pub(super) fn check_settings(&self, json: &str) -> Result<Vec<SettingsFault>, Failure> {
        let mut store = self.engine.store(json.len());
        let faults = match &self.pre {
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

    /// What the policy answers, and what it leaves behind.
    pub(super) fn evaluate(
        &self,
        settings: &str,
        input: &Input,
    ) -> (Result<Answer, Failure>, Trace) {
        let mut store = self.engine.store(input.slots());
        let answered = self.call(&mut store, settings, &input.to_wire());
        let trace = self.engine.trace(store, input.slots());
        (answered.map(Answer::from), trace)
    }

    fn call(
        &self,
        store: &mut Store<State>,
        settings: &str,
        input: &wire::Input,
    ) -> Result<wire::Answer, Failure> {
        let answered = match &self.pre {
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

impl Pre {
    fn family(&self) -> Family {
        match self {
            Self::Subject(_) => Family::Subject,
            Self::Group(_) => Family::Group,
        }
    }
}
