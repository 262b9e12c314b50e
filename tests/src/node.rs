//! A node: its folder, and its process while it runs.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use lika::{pki::Credentials, policy::package::KeyPair, setup};
use serde_json::Value;
use tempfile::TempDir;
use tonic::transport::Error;

use crate::{Client, Ran, Sample, Started, built, lika, wait};

/// How long a node may take to serve; rebuilding a registry is part of it.
const START: Duration = Duration::from_secs(120);

/// A node in a temporary folder of its own.
pub struct Node {
    // Dropped before the folder.
    process: Option<Process>,
    folder: TempDir,
    id: String,
    officer: String,
    area: String,
    /// What all processes of the node have said on standard error so far.
    said: Arc<Mutex<Vec<String>>>,
    /// The key whose signature of policies counts here.
    signer: KeyPair,
}

/// A node that ended instead of serving.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// What it said on standard error.
    pub said: String,
}

struct Process {
    child: Child,
    address: String,
    reader: Option<JoinHandle<()>>,
}

impl Node {
    /// Makes a node; it does not run yet.
    pub fn create(area: &str, name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = lika([
            "node".as_ref(),
            "init".as_ref(),
            folder.path().as_os_str(),
            "--area".as_ref(),
            area.as_ref(),
            "--name".as_ref(),
            name.as_ref(),
            "--grpc".as_ref(),
            "127.0.0.1:0".as_ref(),
            "--console".as_ref(),
            "127.0.0.1:0".as_ref(),
            "--json".as_ref(),
        ])
        .done()
        .json();
        let text = |key: &str| made[key].as_str().unwrap().to_owned();
        let signer = KeyPair::generate().unwrap();
        let config = folder.path().join("lika.toml");
        setup::trust(&config, "县扶贫办", &signer.public()).unwrap();
        Self {
            process: None,
            id: text("node"),
            officer: text("officer"),
            area: area.to_owned(),
            folder,
            said: Arc::default(),
            signer,
        }
    }

    /// Luxi, running, with nobody in it.
    #[track_caller]
    pub fn luxi() -> Self {
        let mut county = Self::create("360323", "芦溪县");
        county.start();
        county
    }

    /// Luxi, running, with so many households of the sample.
    #[track_caller]
    pub fn with_households(households: usize) -> (Self, Sample) {
        let county = Self::luxi();
        let sample = Sample::of(households);
        sample.fill(&county);
        (county, sample)
    }

    /// The key whose signature of policies counts here.
    pub fn signer(&self) -> &KeyPair {
        &self.signer
    }

    /// The node's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The record of the first officer.
    pub fn officer(&self) -> &str {
        &self.officer
    }

    /// The area code.
    pub fn area(&self) -> &str {
        &self.area
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// The folder of certificates.
    pub fn certificates(&self) -> PathBuf {
        self.folder().join("certificates")
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder().join("lika.toml")
    }

    /// Starts it and waits until it serves.
    #[track_caller]
    pub fn start(&mut self) {
        if let Err(ended) = self.try_start(&[]) {
            panic!("the node ended: {ended:?}");
        }
    }

    /// Starts it so that it kills itself at a named point.
    #[track_caller]
    pub fn start_to_crash_at(&mut self, point: &str) {
        if let Err(ended) = self.try_start(&[("LIKA_CRASH_AT", point)]) {
            panic!("the node ended: {ended:?}");
        }
    }

    /// Starts it and waits until it serves or ends.
    pub fn try_start(&mut self, environment: &[(&str, &str)]) -> Result<(), Ended> {
        assert!(self.process.is_none(), "the node runs already");
        let mut command = Command::new(built::binary());
        command.args(["node", "run", "--config"]).arg(self.config());
        command.envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let first = self.said.lock().unwrap().len();
        let (sender, addresses) = mpsc::channel();
        let said = Arc::clone(&self.said);
        let reader = thread::spawn(move || listen(stderr, &said, &sender));
        let mut process = Process {
            child,
            address: String::new(),
            reader: Some(reader),
        };
        match addresses.recv_timeout(START) {
            Ok(address) => {
                process.address = address;
                self.process = Some(process);
                Ok(())
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let status = process.end();
                let said = self.said.lock().unwrap()[first..].join("\n");
                Err(Ended { status, said })
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                panic!("the node does not serve: {}", self.said())
            }
        }
    }

    /// The id of its process.
    #[track_caller]
    pub fn process(&self) -> u32 {
        self.process.as_ref().expect("the node runs").child.id()
    }

    /// Where gRPC listens: `https://host:port`.
    #[track_caller]
    pub fn address(&self) -> &str {
        &self.process.as_ref().expect("the node runs").address
    }

    /// Tells it to stop (SIGTERM) and waits until it has.
    #[track_caller]
    pub fn stop(&mut self) {
        let mut process = self.process.take().expect("the node runs");
        // The shell's own `kill`: the standard library knows no signal but SIGKILL.
        let kill = format!("kill -TERM {}", process.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        let status = process.end();
        assert!(status.success(), "{status}: {}", self.said());
    }

    /// Stops it unless it has ended by itself; whether it ended well.
    #[track_caller]
    pub fn ended_well(&mut self) -> bool {
        let mut process = self.process.take().expect("the node runs");
        let kill = format!("kill -TERM {}", process.child.id());
        // It fails when nobody is there any more, which the status tells better.
        let _ = Command::new("sh")
            .args(["-c", &kill])
            .stderr(Stdio::null())
            .status();
        process.end().success()
    }

    /// Kills it (SIGKILL).
    #[track_caller]
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("the node runs");
        process.child.kill().unwrap();
        process.end();
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        self.process.take().expect("the node runs").end()
    }

    /// What its processes have said on standard error.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }

    /// Runs `lika ca` on this node's authorities.
    pub fn ca(&self, arguments: &[&str]) -> Ran {
        self.office("ca", arguments)
    }

    /// Runs `lika node` on this node.
    pub fn node(&self, arguments: &[&str]) -> Ran {
        self.office("node", arguments)
    }

    /// A token of this node's for the one below, and the fingerprint of its authority.
    #[track_caller]
    pub fn invite(&self, below: &Self, more: &[&str]) -> (String, String) {
        let made = self.ca(&[&["token", "--json", "--area", below.area()], more].concat());
        let made = made.done().json();
        let text = |key: &str| made[key].as_str().unwrap().to_owned();
        (text("token"), text("fingerprint"))
    }

    /// Enrols this node, which does not run, at the one above, which does and is reached at an address.
    #[track_caller]
    pub fn enrol(&self, upper: &Self, address: &str) {
        let (token, fingerprint) = upper.invite(self, &["--node", self.id()]);
        self.enrol_with(address, &token, &fingerprint).done();
    }

    /// Runs `lika node enrol`.
    pub fn enrol_with(&self, address: &str, token: &str, fingerprint: &str) -> Ran {
        self.node(&[
            "enrol",
            "--json",
            "--upper",
            address,
            "--token",
            token,
            "--fingerprint",
            fingerprint,
        ])
    }

    fn office(&self, what: &str, arguments: &[&str]) -> Ran {
        let mut all: Vec<OsString> = vec![what.into()];
        all.extend(arguments.iter().map(OsString::from));
        all.extend(["--config".into(), self.config().into_os_string()]);
        lika(all)
    }

    /// Calls it as the first officer.
    #[track_caller]
    pub fn client(&self) -> Client {
        self.client_as("admin")
    }

    /// Calls it as an officer who has a certificate of this name.
    #[track_caller]
    pub fn client_as(&self, login: &str) -> Client {
        self.try_client_as(login).unwrap()
    }

    /// As [`client`](Self::client), of a node that may have ended by itself.
    pub fn try_client(&self) -> Result<Client, Error> {
        self.try_client_as("admin")
    }

    fn try_client_as(&self, login: &str) -> Result<Client, Error> {
        let credentials = Credentials::open(&self.certificates(), login).unwrap();
        Client::connect(self.address(), &credentials, &self.roots())
    }

    /// The authority behind the node's certificate, in PEM.
    pub fn roots(&self) -> String {
        fs::read_to_string(self.certificates().join("own-roots.pem")).unwrap()
    }

    /// Runs a command on the node that runs, as the first officer.
    pub fn run(&self, arguments: &[&str], more: &[&Path]) -> Ran {
        lika(self.called(arguments, more))
    }

    /// Starts a command on the node that runs, as the first officer.
    pub fn start_running(&self, arguments: &[&str]) -> Started {
        Started::new(self.called(arguments, &[]))
    }

    /// Starts the import of a file under a request id.
    pub fn start_import(&self, file: &Path, request: &uuid::Uuid) -> Started {
        let request = request.to_string();
        Started::new(self.called(&["import", "--json", "--request", &request], &[file]))
    }

    /// Imports a file.
    pub fn import(&self, file: &Path) -> Ran {
        self.run(&["import", "--json"], &[file])
    }

    /// Verifies the logs and the registry of the node, which must not run.
    pub fn verify(&self) -> Ran {
        assert!(self.process.is_none(), "the node still runs");
        let config = self.config();
        lika([
            "log".as_ref(),
            "verify".as_ref(),
            "--json".as_ref(),
            "--config".as_ref(),
            config.as_os_str(),
        ])
    }

    /// Verifies, and fails unless all is sound.
    #[track_caller]
    pub fn must_verify(&self) -> Value {
        let report = self.verify().done().json();
        assert_eq!(report["sound"], true, "{report}");
        report
    }

    fn called(&self, arguments: &[&str], more: &[&Path]) -> Vec<OsString> {
        let mut all: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        all.extend(more.iter().map(|path| path.as_os_str().to_owned()));
        all.extend(["--config".into(), self.config().into_os_string()]);
        all.extend(["--address".into(), self.address().into()]);
        all
    }
}

impl Process {
    /// Waits for the end of the process and of what it says.
    fn end(&mut self) -> ExitStatus {
        let status = wait::until("the node ends", || self.child.try_wait().unwrap());
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(stderr: ChildStderr, said: &Mutex<Vec<String>>, addresses: &mpsc::Sender<String>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if let Some(address) = line.strip_prefix("gRPC ") {
            // Nobody waits for a second address.
            let _ = addresses.send(address.to_owned());
        }
        said.lock().unwrap().push(line);
    }
}
