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

pub use self::confinement::{Confinement, Protection};
use super::admission;
use super::compiled::Compiled;
use super::engine::{self, Engine, Limits};
use super::evaluation::Trace;
use super::host::frame::{self, Bounds, Request, Response};
use super::input::Input;
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
    let mut policy = None;
    while let Some((request, body)) = frame::read(from, Bounds::TO_CHILD)? {
        let (response, body) = answer(engine, &mut policy, request, &body)?;
        frame::write(to, &response, &body)?;
    }
    Ok(())
}

fn answer(
    engine: &Engine,
    policy: &mut Option<Compiled>,
    request: Request,
    body: &[u8],
) -> Result<(Response, Vec<u8>), Error> {
    let response = match (request, &policy) {
        (Request::Admit, None) => match admission::examine(engine, body) {
            Ok((compiled, manifest)) => {
                let (family, manifest) = (compiled.family(), Box::new(manifest));
                *policy = Some(compiled);
                Response::Admitted { family, manifest }
            }
            Err(refusal) => Response::Refused(refusal),
        },
        (Request::CheckSettings { json }, Some(policy)) => {
            Response::Settings(policy.check_settings(&json))
        }
        (Request::Evaluate { json }, Some(policy)) => return Ok(evaluate(policy, &json, body)),
        (Request::Admit, Some(_))
        | (Request::CheckSettings { .. } | Request::Evaluate { .. }, None) => {
            return Err(Error::Order);
        }
    };
    Ok((response, Vec::new()))
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
