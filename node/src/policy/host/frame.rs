//! What the node and its child say to each other.
//!
//! ```text
//! frame   u32 length of the head │ u32 length of the body │ head: postcard │ body: bytes
//! ```
//!
//! Strictly one answer to one request, so frames need no numbers. Lengths are little-endian and
//! bounded by whoever reads: what is too long is not read at all. Components, inputs and answers
//! are bodies, in their own canonical bytes.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error as DeriveError;

use super::super::admission::{Refusal, SettingsFault};
use super::super::bindings::types as wire;
use super::super::child::Confinement;
use super::super::evaluation::{Failure, Trace};
use super::super::manifest::Family;

/// What the node asks.
///
/// ```text
///  Compile ─┐
///           ├─▶ Admit ─▶ CheckSettings, Evaluate, as often as wanted
///  Load ────┘
/// ```
///
/// A child runs one policy: each of the first two steps is taken once, and whatever is refused there
/// is the last thing that the child does.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Compile the component in the body.
    Compile,
    /// Load the machine code in the body, which a child of the same program has compiled.
    Load,
    /// Examine what is there now and let it describe itself: the first time that it runs.
    Admit,
    /// Have the policy check settings.
    CheckSettings {
        /// The settings.
        json: String,
    },
    /// Have the policy judge the input in the body.
    Evaluate {
        /// The settings.
        json: String,
    },
}

/// What the child answers.
#[derive(Debug, Serialize, Deserialize)]
pub enum Response {
    /// It is there, before any request.
    Hello(Confinement),
    /// The component is compiled; its machine code is the body. Nothing of it has run yet, so
    /// nothing of it has had a hand in these bytes.
    Compiled,
    /// The machine code is loaded.
    Loaded,
    /// The machine code is of no use here, which says nothing of the component.
    Useless {
        /// What the engine says.
        cause: String,
    },
    /// The component can run.
    Admitted {
        /// Which world it exports.
        family: Family,
        /// What it says about itself, as it says it.
        manifest: Box<wire::Manifest>,
    },
    /// The component cannot run.
    Refused(Refusal),
    /// What the policy finds wrong with settings.
    Settings(Result<Vec<SettingsFault>, Failure>),
    /// What came of an evaluation; the answer is the body.
    Answered {
        /// Why there is none.
        result: Result<(), Failure>,
        /// What the call leaves behind.
        trace: Trace,
    },
}

/// The most bytes that a reader takes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Of a head.
    pub head: usize,
    /// Of a body.
    pub body: usize,
}

/// Bytes that are no frame.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// They cannot be read or written.
    #[error("the line is broken")]
    Io(#[from] io::Error),
    /// They end inside a frame.
    #[error("the line ends inside a frame")]
    Short,
    /// The frame is longer than its reader takes.
    #[error("a frame of {head} and {body} bytes, longer than allowed")]
    TooLong {
        /// Bytes of the head.
        head: usize,
        /// Bytes of the body.
        body: usize,
    },
    /// The head has no meaning, or more bytes than its meaning.
    #[error("a frame without a meaning")]
    Meaningless,
}

/// Settings are read into memory by whoever sends them, so their limit is generous.
const HEAD_TO_CHILD: usize = 8 << 20;
/// A component has 32 MiB; the facts of a county of 60,000 households, about as much.
const BODY_TO_CHILD: usize = 256 << 20;
/// Machine code, which goes either way: three times its component for Python, four for Rust, five for JavaScript.
pub const MACHINE_CODE: usize = BODY_TO_CHILD;
/// A manifest may have what a policy may hand back without any input; lines of diagnostics are few
/// and cut.
const HEAD_TO_NODE: usize = 4 << 20;

impl Bounds {
    /// What the child takes from the node.
    pub const TO_CHILD: Self = Self {
        head: HEAD_TO_CHILD,
        body: BODY_TO_CHILD,
    };

    /// What the node takes from the child, where the body may have so many bytes.
    pub fn to_node(body: usize) -> Self {
        Self {
            head: HEAD_TO_NODE,
            body,
        }
    }
}

impl Request {
    /// Whether the child takes it with a body of so many bytes.
    pub fn fits(&self, body: usize) -> bool {
        let json = match self {
            Self::Compile | Self::Load | Self::Admit => "",
            Self::CheckSettings { json } | Self::Evaluate { json } => json,
        };
        // The head is the settings and little else.
        json.len() <= HEAD_TO_CHILD / 2 && body <= BODY_TO_CHILD
    }
}

/// Writes a frame.
pub fn write(to: &mut impl Write, head: &impl Serialize, body: &[u8]) -> Result<(), Error> {
    let mut bytes = vec![0; LENGTHS];
    bytes = postcard::to_extend(head, bytes).map_err(|_| Error::Meaningless)?;
    let head = bytes.len() - LENGTHS;
    let length = |length: usize| u32::try_from(length).map(u32::to_le_bytes);
    let (Ok(of_head), Ok(of_body)) = (length(head), length(body.len())) else {
        let body = body.len();
        return Err(Error::TooLong { head, body });
    };
    bytes[..4].copy_from_slice(&of_head);
    bytes[4..LENGTHS].copy_from_slice(&of_body);
    if body.len() <= TOGETHER {
        bytes.extend_from_slice(body);
        to.write_all(&bytes)?;
    } else {
        to.write_all(&bytes)?;
        to.write_all(body)?;
    }
    Ok(to.flush()?)
}

/// Reads a frame; nothing where the line ends before one.
pub fn read<T: DeserializeOwned>(
    from: &mut impl Read,
    bounds: Bounds,
) -> Result<Option<(T, Vec<u8>)>, Error> {
    let mut lengths = [0; LENGTHS];
    match from.read(&mut lengths)? {
        0 => return Ok(None),
        read => from.read_exact(&mut lengths[read..]).map_err(short)?,
    }
    let length = |at: usize| {
        let bytes = [
            lengths[at],
            lengths[at + 1],
            lengths[at + 2],
            lengths[at + 3],
        ];
        u32::from_le_bytes(bytes) as usize
    };
    let (head, body) = (length(0), length(4));
    if head > bounds.head || body > bounds.body {
        return Err(Error::TooLong { head, body });
    }
    let mut bytes = vec![0; head];
    from.read_exact(&mut bytes).map_err(short)?;
    let (head, left) = postcard::take_from_bytes(&bytes).map_err(|_| Error::Meaningless)?;
    if !left.is_empty() {
        return Err(Error::Meaningless);
    }
    let mut bytes = vec![0; body];
    from.read_exact(&mut bytes).map_err(short)?;
    Ok(Some((head, bytes)))
}

/// The two lengths before a frame.
const LENGTHS: usize = 8;
/// A body of so many bytes is copied rather than written by a call of its own.
const TOGETHER: usize = 64 << 10;

fn short(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Short,
        _ => Error::Io(error),
    }
}
