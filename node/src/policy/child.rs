//! The process that runs one policy: `lika policy-host`.
//!
//! It takes frames from standard input and answers on standard output, one after another, and ends
//! at the end of the input. Before it reads the first byte it gives up whatever it does not need
//! (see [`Confinement`]).

mod confinement;
#[cfg(debug_assertions)]
pub mod escape;

use std::io::{self, BufReader, Read, Write};
use std::num::NonZero;
use std::thread;

use thiserror::Error as DeriveError;
use wasmtime::component::Component;

pub use self::confinement::{Confinement, Protection};
use super::admission::{self, Refusal};
use super::compiled::Compiled;
use super::engine::{self, Engine, Limits};
use super::evaluation::Trace;
use super::host::frame::{self, Bounds, Request, Response};
use super::input::Input;
use super::machine_code;
use super::{Answer, Failure};

/// Compiling goes no faster with more.
const COMPILERS: usize = 4;

/// Why the process ends before its input does.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// The engine cannot be set up.
    #[error("the engine cannot be set up")]
    Engine(#[from] engine::Error),
    /// The compiler's threads cannot be started.
    #[error("the threads of the compiler cannot be started")]
    Compilers(#[source] rayon_core::ThreadPoolBuildError),
    /// What came is no frame, or there is nobody to answer.
    #[error("the line to the node is of no use")]
    Line(#[from] frame::Error),
    /// A request out of its order.
    #[error("a request out of its order")]
    Order,
}

/// A child that can do nothing any more but run a policy.
pub struct Child {
    engine: Engine,
    confinement: Confinement,
}

impl Child {
    /// Confines this process and sets the engine up.
    ///
    /// Landlock binds the thread that asks for it and those that it starts, so it comes before the
    /// engine's and the compiler's threads; the filter of system calls binds all threads at once
    /// and forbids starting any, so it comes after them.
    pub fn confine(limits: Limits) -> Result<Self, Error> {
        Self::confine_step_by_step(limits, || ())
    }

    /// The same, and between the two steps something else.
    fn confine_step_by_step(limits: Limits, between: impl FnOnce()) -> Result<Self, Error> {
        let mut confinement = Confinement::default();
        confinement.give_up_rights();
        between();
        let memory = limits.memory_bytes as u64;
        let engine = Engine::new(limits)?;
        start_compilers()?;
        confinement.give_up_calls(memory);
        Ok(Self {
            engine,
            confinement,
        })
    }

    /// Serves until the input ends.
    pub fn serve(self) -> Result<(), Error> {
        let Self {
            engine,
            confinement,
        } = self;
        serve(
            &engine,
            confinement,
            &mut BufReader::new(Standard),
            &mut Standard,
        )
    }
}

/// Answers frames until there are no more.
pub(super) fn serve(
    engine: &Engine,
    confinement: Confinement,
    from: &mut impl Read,
    to: &mut impl Write,
) -> Result<(), Error> {
    frame::write(to, &Response::Hello(confinement), &[])?;
    let mut stage = Stage::Empty;
    while let Some((request, body)) = frame::read(from, Bounds::TO_CHILD)? {
        let (response, body) = answer(engine, &mut stage, request, &body)?;
        frame::write(to, &response, &body)?;
    }
    Ok(())
}

/// How far the one component of this process has come.
enum Stage {
    /// There is none yet.
    Empty,
    /// It is machine code, none of which has run.
    Ready(Component),
    /// It answers.
    Admitted(Compiled),
    /// It was refused. Another one would run where this one, or what it did to the compiler, has been before it.
    Spent,
}

fn answer(
    engine: &Engine,
    stage: &mut Stage,
    request: Request,
    body: &[u8],
) -> Result<(Response, Vec<u8>), Error> {
    let response = match (request, &mut *stage) {
        (Request::Compile, Stage::Empty) => {
            let (next, response, code) = compile(engine, body);
            *stage = next;
            return Ok((response, code));
        }
        (Request::Load, Stage::Empty) => match machine_code::load(engine, body) {
            Ok(component) => {
                *stage = Stage::Ready(component);
                Response::Loaded
            }
            Err(cause) => {
                *stage = Stage::Spent;
                Response::Useless { cause }
            }
        },
        (Request::Admit, Stage::Ready(component)) => match admission::examine(engine, component) {
            Ok((compiled, manifest)) => {
                let (family, manifest) = (compiled.family(), Box::new(manifest));
                *stage = Stage::Admitted(compiled);
                Response::Admitted { family, manifest }
            }
            Err(refusal) => {
                *stage = Stage::Spent;
                Response::Refused(refusal)
            }
        },
        (Request::CheckSettings { json }, Stage::Admitted(policy)) => {
            Response::Settings(policy.check_settings(&json))
        }
        (Request::Evaluate { json }, Stage::Admitted(policy)) => {
            return Ok(evaluate(policy, &json, body));
        }
        _ => return Err(Error::Order),
    };
    Ok((response, Vec::new()))
}

/// What is loaded is what was handed out: a later child runs the same.
fn compile(engine: &Engine, component: &[u8]) -> (Stage, Response, Vec<u8>) {
    let code = admission::check_bytes(engine.limits(), component)
        .and_then(|()| machine_code::compile(engine, component));
    let loaded = code.and_then(|code| {
        let malformed = |cause| Refusal::Malformed { cause };
        let component = machine_code::load(engine, &code).map_err(malformed)?;
        Ok((component, code))
    });
    match loaded {
        Ok((component, code)) => (Stage::Ready(component), Response::Compiled, code),
        Err(refusal) => (Stage::Spent, Response::Refused(refusal), Vec::new()),
    }
}

fn evaluate(policy: &Compiled, json: &str, input: &[u8]) -> (Response, Vec<u8>) {
    let (result, trace) = match Input::from_bytes(input) {
        Ok(input) => policy.evaluate(json, &input),
        Err(error) => {
            let cause = format!("the input cannot be read: {error}");
            (Err(Failure::Broken { cause }), Trace::default())
        }
    };
    let body = result.as_ref().map(Answer::to_bytes).unwrap_or_default();
    let result = result.map(drop);
    (Response::Answered { result, trace }, body)
}

fn start_compilers() -> Result<(), Error> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    rayon_core::ThreadPoolBuilder::new()
        .num_threads(processors.min(COMPILERS))
        .build_global()
        .map_err(Error::Compilers)?;
    // All of them run when each has done something: one that is still being set up would meet the
    // filter of system calls.
    rayon_core::broadcast(|_| ());
    Ok(())
}

/// Standard input and output without the buffers and locks of the standard library: it breaks
/// output at line ends, and frames have no lines.
struct Standard;

impl Read for Standard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(rustix::stdio::stdin(), buffer)?)
    }
}

impl Write for Standard {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(rustix::stdio::stdout(), buffer)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
