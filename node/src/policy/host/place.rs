//! The one process of one policy, over all its restarts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::admission::{Refusal, SettingsFault};
use super::super::answer::Answer;
use super::super::digest::Digest;
use super::super::engine::{Limits, Tier};
use super::super::evaluation::{Failure, Trace};
use super::super::manifest::Manifest;
use super::Children;
use super::breaker::{BackOff, Breaker};
use super::cache::{self, Draft};
use super::frame::{self, Request, Response};
use super::process::{Fault, Process};
use super::rooms::Room;
use crate::{clock::Stopwatch, priority};

/// The engine's own deadline ends a call; a child that has not answered so much later does not obey
/// it any more.
const GRACE: Duration = Duration::from_secs(5);

/// How long machine code may take to be handed over and loaded: some tens of MB, where the machine has much to do.
const LOAD: Duration = Duration::from_secs(30);

/// What a policy is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// It decides for the record: whoever waits has to know that it is suspended, and a process that
    /// keeps ending is started with growing pauses.
    Record,
    /// It is tried. Whoever tries it sees what comes of it, and asks a bounded number of times; what
    /// decides for the record goes first.
    Trial,
}

/// Where a policy runs. Its calls go one after another; those of other policies go on meanwhile.
pub struct Place {
    children: Arc<Children>,
    duty: Duty,
    digest: Digest,
    component: Box<[u8]>,
    /// Those of its tier.
    limits: Limits,
    /// What its machine code is kept under.
    code: cache::Name,
    /// When it was last used, by a count of uses.
    used: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    /// What the policy said about itself when it was admitted.
    manifest: Option<Manifest>,
    back_off: BackOff,
    breaker: Breaker,
}

/// Dropped in this order: the room is free when the process is gone.
struct Running {
    process: Process,
    _room: Room,
}

impl Place {
    /// Has a component examined in a process of its own, where it then stays.
    pub(super) fn admit(
        children: &Arc<Children>,
        duty: Duty,
        component: &[u8],
    ) -> Result<(Arc<Self>, Manifest), Refusal> {
        let place = Arc::new(Self::new(children, duty, component));
        let mut state = place.lock();
        let (running, manifest) = place.start()?;
        state.running = Some(running);
        state.manifest = Some(manifest.clone());
        drop(state);
        children.rooms.enter(&place);
        Ok((place, manifest))
    }

    /// A place without a process.
    fn new(children: &Arc<Children>, duty: Duty, component: &[u8]) -> Self {
        let digest = Digest::of(component);
        let limits = children.limits.for_tier(Tier::of(component.len()));
        Self {
            children: Arc::clone(children),
            duty,
            digest,
            component: component.into(),
            code: cache::Name::new(digest, &limits),
            limits,
            used: AtomicU64::new(children.rooms.next_use()),
            state: Mutex::default(),
        }
    }

    /// Has the policy check settings.
    pub fn check_settings(&self, json: &str) -> Result<Vec<SettingsFault>, Failure> {
        let request = Request::CheckSettings { json: json.into() };
        let mut state = self.lock();
        let faults = match self.call(&mut state, &request, &[], 0) {
            Ok((Response::Settings(faults), _)) => faults,
            Ok(_) => Err(self.lied(&mut state)),
            Err(failure) => Err(failure),
        };
        let failure = faults.as_ref().err();
        self.heed(&mut state, failure);
        faults
    }

    /// Has the policy judge an input with so many slots.
    pub fn evaluate(
        &self,
        json: &str,
        input: &[u8],
        slots: usize,
    ) -> (Result<Answer, Failure>, Trace) {
        let mut state = self.lock();
        let (result, trace) = self.judge(&mut state, json, input, slots);
        let failure = result.as_ref().err();
        self.heed(&mut state, failure);
        (result, trace)
    }

    /// The same, but whether it counts for or against the policy is told by [`Self::note`].
    pub fn attempt(
        &self,
        json: &str,
        input: &[u8],
        slots: usize,
    ) -> (Result<Answer, Failure>, Trace) {
        self.judge(&mut self.lock(), json, input, slots)
    }

    /// Takes note of what came of some attempts.
    pub fn note(&self, failure: Option<&Failure>) {
        self.heed(&mut self.lock(), failure);
    }

    fn heed(&self, state: &mut State, failure: Option<&Failure>) {
        if state.breaker.note(failure, self.children.now())
            && self.duty == Duty::Record
            && let Some(cause) = failure
        {
            self.children.tell_suspended(self.digest, cause);
        }
    }

    pub(super) fn digest(&self) -> Digest {
        self.digest
    }

    /// What each call may use up.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn last_used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// The process, where there is one that does nothing now.
    pub(super) fn idle_process(&self) -> Option<u32> {
        let state = self.state.try_lock().ok()?;
        Some(state.running.as_ref()?.process.id())
    }

    /// Ends the process if it does nothing now; the next call starts another.
    pub(super) fn retire(&self) -> bool {
        let running = match self.state.try_lock() {
            Ok(mut state) => state.running.take(),
            Err(_) => None,
        };
        running.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A state is whole between any two calls.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn judge(
        &self,
        state: &mut State,
        json: &str,
        input: &[u8],
        slots: usize,
    ) -> (Result<Answer, Failure>, Trace) {
        let request = Request::Evaluate { json: json.into() };
        let most = self.limits.output_for(slots);
        match self.call(state, &request, input, most) {
            Ok((
                Response::Answered {
                    result: Ok(()),
                    trace,
                },
                body,
            )) => match Answer::from_bytes(&body) {
                Ok(answer) => (Ok(answer), trace),
                Err(_) => (Err(self.lied(state)), Trace::default()),
            },
            Ok((
                Response::Answered {
                    result: Err(failure),
                    trace,
                },
                _,
            )) => (Err(failure), trace),
            Ok(_) => (Err(self.lied(state)), Trace::default()),
            Err(failure) => (Err(failure), Trace::default()),
        }
    }

    fn call(
        &self,
        state: &mut State,
        request: &Request,
        body: &[u8],
        most: usize,
    ) -> Result<(Response, Vec<u8>), Failure> {
        if !request.fits(body.len()) {
            return Err(Failure::Broken {
                cause: format!("an input of {} bytes is more than a call takes", body.len()),
            });
        }
        state.breaker.permit(self.children.now())?;
        self.used
            .store(self.children.rooms.next_use(), Ordering::Relaxed);
        let running = self.running(state)?;
        let limit = self.limits.time + GRACE;
        match running.process.ask(request, body, most, limit) {
            Ok(response) => {
                state.back_off.note_answer();
                Ok(response)
            }
            Err(fault) => {
                self.end(state);
                Err(failure(fault))
            }
        }
    }

    /// The process, started again where it is gone.
    fn running<'s>(&self, state: &'s mut State) -> Result<&'s mut Running, Failure> {
        // One that ended between two calls was ended by neither.
        if let Some(running) = &mut state.running
            && running.process.ended().is_some()
        {
            self.end(state);
        }
        if state.running.is_none() {
            let now = self.children.now();
            state
                .back_off
                .permit(now)
                .map_err(|left| Failure::Unavailable {
                    cause: format!("it is started again in {} ms", left.as_millis()),
                })?;
            match self.start() {
                Ok((running, manifest)) if state.manifest.as_ref() == Some(&manifest) => {
                    state.running = Some(running);
                }
                Ok(_) => {
                    self.note_end(state);
                    let how = "it describes the policy otherwise than before".into();
                    return Err(Failure::Crashed { how });
                }
                Err(Refusal::Host(failure)) => {
                    self.note_end(state);
                    return Err(failure);
                }
                Err(refusal) => {
                    self.note_end(state);
                    return Err(Failure::Broken {
                        cause: refusal.to_string(),
                    });
                }
            }
        }
        state.running.as_mut().ok_or_else(|| Failure::Unavailable {
            cause: "it is gone".into(),
        })
    }

    /// Starts a process that has the component's machine code, and has it examined there.
    fn start(&self) -> Result<(Running, Manifest), Refusal> {
        let room = self.children.rooms.take().map_err(Refusal::Host)?;
        let (mut process, draft) = match self.load()? {
            Some(process) => (process, None),
            None => self.compile()?,
        };
        // It describes itself, and then it checks settings.
        let limit = self.limits.time * 2 + GRACE;
        let asked = process.ask(&Request::Admit, &[], 0, limit);
        let (family, manifest) = match asked.map_err(|fault| Refusal::Host(failure(fault)))? {
            (Response::Admitted { family, manifest }, _) => (family, manifest),
            (Response::Refused(refusal), _) => return Err(refusal),
            _ => return Err(Refusal::Host(nonsense())),
        };
        let manifest = Manifest::parse(family, *manifest).map_err(Refusal::Manifest)?;
        // What is refused would be kept for nobody.
        if let Some(draft) = draft {
            draft.keep();
        }
        tracing::debug!(pid = process.id(), policy = %self.digest, "a policy has a process");
        let running = Running {
            process,
            _room: room,
        };
        Ok((running, manifest))
    }

    /// A process that has loaded the machine code which is kept; none where nothing is kept that it could load.
    fn load(&self) -> Result<Option<Process>, Refusal> {
        let Some(code) = self.children.cache.get(&self.code) else {
            return Ok(None);
        };
        let mut process = self.start_process()?;
        let why = match process.ask(&Request::Load, &code, 0, LOAD) {
            Ok((Response::Loaded, _)) => return Ok(Some(process)),
            Ok((Response::Useless { cause }, _)) => cause,
            Ok(_) => nonsense().to_string(),
            Err(fault) => failure(fault).to_string(),
        };
        // Its process has seen what it should not have, and compiles nothing.
        tracing::warn!(policy = %self.digest, why, "machine code of a policy is of no use");
        self.children.cache.remove(&self.code);
        Ok(None)
    }

    /// A process that has compiled the component, and its machine code as it was before anything of it ran.
    fn compile(&self) -> Result<(Process, Option<Draft<'_>>), Refusal> {
        let (children, watch) = (&self.children, Stopwatch::start());
        let mut process = self.start_process()?;
        let compile = Request::Compile;
        let most = frame::MACHINE_CODE;
        let asked = process.ask(&compile, &self.component, most, self.limits.compile);
        let code = match asked.map_err(|fault| Refusal::Host(failure(fault)))? {
            (Response::Compiled, code) => code,
            (Response::Refused(refusal), _) => return Err(refusal),
            _ => return Err(Refusal::Host(nonsense())),
        };
        children.compilations.fetch_add(1, Ordering::Relaxed);
        let (took, bytes) = (watch.elapsed().as_millis(), code.len());
        let ms = u64::try_from(took).unwrap_or(u64::MAX);
        tracing::info!(policy = %self.digest, ms, bytes, "a policy was compiled");
        Ok((process, children.cache.draft(self.code, code)))
    }

    fn start_process(&self) -> Result<Process, Refusal> {
        let process = self.children.start_process(&self.limits);
        let process = process.map_err(Refusal::Host)?;
        if self.duty == Duty::Trial {
            priority::send_back(process.id());
        }
        Ok(process)
    }

    /// Ends a process that answers what was not asked: it may belong to somebody else by now.
    fn lied(&self, state: &mut State) -> Failure {
        self.end(state);
        nonsense()
    }

    fn end(&self, state: &mut State) {
        state.running = None;
        self.note_end(state);
    }

    /// The process ended, or could not be started. A trial does not wait for the next: what one input
    /// has ended says nothing of the following one.
    fn note_end(&self, state: &mut State) {
        if self.duty == Duty::Record {
            state.back_off.note_end(self.children.now());
        }
    }
}

fn nonsense() -> Failure {
    Failure::Crashed {
        how: "it answered what it was not asked".into(),
    }
}

fn failure(fault: Fault) -> Failure {
    match fault {
        Fault::Late => Failure::TimedOut,
        Fault::Gone(how) => Failure::Crashed { how },
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{Host, HostProgram, Mode};
    use super::*;

    const HARM: Failure = Failure::OutOfFuel;

    /// Places of a host that can start no process.
    fn place(host: &Host) -> Place {
        match &host.0 {
            Mode::Children(children, duty) => Place::new(children, *duty, b"component"),
            Mode::InProcess(_) => panic!("it has no places"),
        }
    }

    fn host() -> Host {
        let nothing = HostProgram::At(PathBuf::from("/nonexistent"));
        Host::start(nothing, Limits::default()).unwrap()
    }

    #[test]
    fn only_what_decides_for_the_record_is_told_to_be_suspended() {
        let host = host();
        let mut told = host.suspensions();
        let [trial, record] = [host.apart().unwrap(), host.clone()].map(|host| place(&host));
        for _ in 0..5 {
            trial.note(Some(&HARM));
        }
        assert!(told.try_recv().is_err());
        // It is still no use to ask it ever again.
        let (result, _) = trial.attempt("{}", &[], 0);
        assert!(
            matches!(result, Err(Failure::Suspended { .. })),
            "{result:?}"
        );
        for _ in 0..5 {
            record.note(Some(&HARM));
        }
        assert_eq!(told.try_recv().unwrap().cause, HARM);
    }

    #[test]
    fn a_trial_does_not_wait_for_a_process_that_keeps_ending() {
        let host = host();
        let causes = |place: &Place| {
            [(); 3].map(|()| match place.attempt("{}", &[], 0).0 {
                Err(Failure::Unavailable { cause }) => cause,
                other => panic!("{other:?}"),
            })
        };
        let waits = |cause: &String| cause.starts_with("it is started again in");
        assert!(causes(&place(&host)).iter().any(waits));
        assert!(!causes(&place(&host.apart().unwrap())).iter().any(waits));
    }
}
