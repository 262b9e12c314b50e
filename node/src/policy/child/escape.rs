//! What an escaped guest would try, for the test that each of it is refused.
//!
//! Compiled only into builds with debug assertions: a release binary has no such switch.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit};
use serde::Serialize;

use super::confinement::Confinement;
use super::{Child, Error};
use crate::policy::Limits;

/// What came of trying everything.
#[derive(Debug, Serialize)]
pub struct Escape {
    /// Before the process was confined, so that the test knows that it tries something.
    pub before: Vec<Attempt>,
    /// Half-way: without rights (landlock, capabilities), but before system calls are filtered.
    pub without_rights: Vec<Attempt>,
    /// After.
    pub after: Vec<Attempt>,
    /// What the hello frame says.
    pub confinement: Confinement,
}

/// One thing that was tried.
#[derive(Debug, Serialize)]
pub struct Attempt {
    /// What.
    pub what: String,
    /// The error number of its refusal, 0 for an error without one; none where it worked.
    pub refused: Option<i32>,
}

/// Tries everything on these files and the parent, confines this process, and tries again.
pub fn attempt(limits: Limits, files: &[PathBuf]) -> Result<Escape, Error> {
    let descriptors = getrlimit(Resource::Nofile);
    // Afterwards it may not even ask who that is.
    let parent = std::os::unix::process::parent_id();
    let attempts = || attempts(files, parent, &descriptors);
    let before = attempts();
    let mut without_rights = Vec::new();
    let confined = Child::confine_step_by_step(limits, || without_rights = attempts())?;
    Ok(Escape {
        before,
        without_rights,
        after: attempts(),
        confinement: confined.confinement,
    })
}

fn attempts(files: &[PathBuf], parent: u32, descriptors: &Rlimit) -> Vec<Attempt> {
    let of_parent = |name: &str| PathBuf::from(format!("/proc/{parent}/{name}"));
    let mut attempts: Vec<Attempt> = files
        .iter()
        .flat_map(|file| {
            let shown = file.display();
            [
                tried(format!("read {shown}"), File::open(file)),
                tried(
                    format!("write {shown}"),
                    File::options().append(true).open(file),
                ),
            ]
        })
        .collect();
    let fresh = std::env::temp_dir().join(format!("lika-escape-{}", std::process::id()));
    attempts.extend([
        tried("memory of the parent", File::open(of_parent("mem"))),
        tried("environment of the parent", fs::read(of_parent("environ"))),
        tried("descriptors of the parent", fs::read_dir(of_parent("fd"))),
        tried("signal to the parent", signal(parent)),
        tried("program", execute(Path::new("/proc/self/exe"))),
        tried("listener", TcpListener::bind((Ipv4Addr::LOCALHOST, 0))),
        tried("datagrams", UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))),
        tried("pair of sockets", UnixStream::pair()),
        tried(
            "new file",
            File::create(&fresh).and_then(|_| fs::remove_file(&fresh)),
        ),
        tried(
            "thread",
            thread::Builder::new()
                .spawn(|| ())
                .map(thread::JoinHandle::join),
        ),
        tried("descriptor limit", restore(descriptors)),
    ]);
    attempts
}

fn tried<T>(what: impl Into<String>, done: io::Result<T>) -> Attempt {
    Attempt {
        what: what.into(),
        refused: done.err().map(|error| error.raw_os_error().unwrap_or(0)),
    }
}

/// The null signal: whether a signal would be delivered.
fn signal(process: u32) -> io::Result<()> {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let process = process.ok_or(io::ErrorKind::NotFound)?;
    Ok(rustix::process::test_kill_process(process)?)
}

fn restore(descriptors: &Rlimit) -> io::Result<()> {
    Ok(setrlimit(Resource::Nofile, *descriptors)?)
}

fn execute(program: &Path) -> io::Result<()> {
    let mut child = Command::new(program)
        .arg("--version")
        .stdout(io::stderr())
        .spawn()?;
    child.wait().map(drop)
}
