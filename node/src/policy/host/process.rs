//! One child process: started, asked with a deadline, ended.

use std::io::{self, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};

use super::super::child::Confinement;
use super::super::engine::Limits;
use super::frame::{self, Bounds, Request, Response};
use crate::clock::Stopwatch;

/// How long a child may take to confine itself and say so.
const START: Duration = Duration::from_secs(30);
/// What is read of a child's last words.
const LAST_WORDS: usize = 2_000;

/// The program that has `policy-host`.
#[derive(Clone, Debug)]
pub enum HostProgram {
    /// This one, even where its file has been replaced since.
    Own,
    /// Another build of it, for tests.
    At(PathBuf),
}

/// Starts children, all from one thread that lives as long as this: the kernel ends a child with
/// the *thread* that started it, and the threads that wait for policies come and go.
#[derive(Clone)]
pub struct Starter(mpsc::Sender<Order>);

struct Order {
    command: Command,
    started: mpsc::SyncSender<io::Result<Child>>,
}

/// A child that has said hello. Ended and reaped when dropped.
pub struct Process {
    child: Child,
    input: Timed<ChildStdin>,
    output: BufReader<Timed<ChildStdout>>,
    errors: ChildStderr,
}

/// Why a request has no response. The process is of no more use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It did not respond in time.
    Late,
    /// It ended, or sent what no honest child sends; in words.
    Gone(String),
}

impl Starter {
    /// Starts the thread.
    pub fn new() -> io::Result<Self> {
        let (orders, taken) = mpsc::channel::<Order>();
        let run = move || {
            for mut order in taken {
                // Whoever ordered it may have been stopped meanwhile.
                let _ = order.started.send(order.command.spawn());
            }
        };
        thread::Builder::new()
            .name("policy-starter".into())
            .spawn(run)?;
        Ok(Self(orders))
    }

    fn start(&self, command: Command) -> io::Result<Child> {
        let (started, child) = mpsc::sync_channel(1);
        let gone = || io::Error::other("the thread that starts processes has ended");
        self.0
            .send(Order { command, started })
            .map_err(|_| gone())?;
        child.recv().map_err(|_| gone())?
    }
}

impl Process {
    /// Starts a child and waits until it has confined itself.
    pub fn start(
        starter: &Starter,
        program: &HostProgram,
        limits: &Limits,
    ) -> Result<(Self, Confinement), String> {
        let command = command(program, limits)?;
        let cannot = |error: io::Error| format!("it cannot be started: {error}");
        let mut child = starter.start(command).map_err(cannot)?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("it was started without its lines".into());
        };
        let mut process = Self {
            child,
            input: Timed::new(input),
            output: BufReader::new(Timed::new(output)),
            errors,
        };
        // A write blocks where the child does not read, and has to end with the deadline.
        fcntl_setfl(&process.input.pipe, OFlags::NONBLOCK).map_err(|error| cannot(error.into()))?;
        process.output.get_mut().set(START);
        match process.read(0) {
            Ok((Response::Hello(confinement), _)) => Ok((process, confinement)),
            Ok(_) => Err(process.explain("it did not say hello")),
            Err(Fault::Late) => Err(process.explain("it did not start in time")),
            Err(Fault::Gone(how)) => Err(how),
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, where it has ended by itself since the last request.
    pub fn ended(&mut self) -> Option<String> {
        match self.child.try_wait() {
            Ok(None) => None,
            _ => Some(self.explain("it has ended")),
        }
    }

    /// Sends a request and waits for the response, whose body may have so many bytes.
    pub fn ask(
        &mut self,
        request: &Request,
        body: &[u8],
        most: usize,
        limit: Duration,
    ) -> Result<(Response, Vec<u8>), Fault> {
        self.input.set(limit);
        self.output.get_mut().set(limit);
        if let Err(error) = frame::write(&mut self.input, request, body) {
            return Err(self.fault(&error));
        }
        self.read(most)
    }

    fn read(&mut self, most: usize) -> Result<(Response, Vec<u8>), Fault> {
        match frame::read(&mut self.output, Bounds::to_node(most)) {
            Ok(Some(_)) if !self.output.buffer().is_empty() => {
                Err(Fault::Gone(self.explain("it said more than it was asked")))
            }
            Ok(Some(response)) => Ok(response),
            Ok(None) => Err(Fault::Gone(self.explain("it has ended"))),
            Err(error) => Err(self.fault(&error)),
        }
    }

    fn fault(&mut self, error: &frame::Error) -> Fault {
        match error {
            frame::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Fault::Late,
            frame::Error::Io(_) | frame::Error::Short => Fault::Gone(self.explain("it has ended")),
            frame::Error::TooLong { .. } | frame::Error::Meaningless => {
                Fault::Gone(self.explain(&format!("it sent {error}")))
            }
        }
    }

    /// Ends it and says how it ended; its last words are for the log only.
    fn explain(&mut self, what: &str) -> String {
        // It may have ended already, and then its own status stays.
        let _ = self.child.kill();
        let status = self.child.wait();
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        tracing::warn!(
            pid = self.child.id(),
            status,
            said = self.last_words(),
            "a policy's process is gone: {what}"
        );
        format!("{what} ({status})")
    }

    /// What is left on standard error: a pipe, so it is bounded, and a child that fills it has
    /// only itself to stop.
    fn last_words(&mut self) -> String {
        let mut words = vec![0; LAST_WORDS];
        let read = fcntl_setfl(&self.errors, OFlags::NONBLOCK)
            .map_err(io::Error::from)
            .and_then(|()| self.errors.read(&mut words));
        words.truncate(read.unwrap_or(0));
        String::from_utf8_lossy(&words).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; it holds nothing that wants an orderly end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(program: &HostProgram, limits: &Limits) -> Result<Command, String> {
    let path = match program {
        HostProgram::Own => PathBuf::from("/proc/self/exe"),
        HostProgram::At(path) => path.clone(),
    };
    let limits = serde_json::to_string(limits).map_err(|error| error.to_string())?;
    let mut command = Command::new(path);
    command
        .arg0("lika")
        .args(["policy-host", "--limits", &limits])
        .env_clear()
        .current_dir("/")
        // An interrupt from the terminal is for the node, which ends its children.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(command)
}

/// One end of a pipe, read or written until a deadline.
struct Timed<P> {
    pipe: P,
    watch: Stopwatch,
    limit: Duration,
}

impl<P: AsFd> Timed<P> {
    fn new(pipe: P) -> Self {
        Self {
            pipe,
            watch: Stopwatch::start(),
            limit: Duration::ZERO,
        }
    }

    fn set(&mut self, limit: Duration) {
        self.watch = Stopwatch::start();
        self.limit = limit;
    }

    fn wait(&self, flags: PollFlags) -> io::Result<()> {
        loop {
            let left = self.limit.saturating_sub(self.watch.elapsed());
            let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
            let mut ends = [PollFd::new(&self.pipe, flags)];
            match poll(&mut ends, Some(&timeout)) {
                Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
                Ok(_) => return Ok(()),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl<P: AsFd + Read> Read for Timed<P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.wait(PollFlags::IN)?;
        self.pipe.read(buffer)
    }
}

impl<P: AsFd + Write> Write for Timed<P> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        loop {
            match self.pipe.write(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.wait(PollFlags::OUT)?;
                }
                other => return other,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pipe.flush()
    }
}
