//! Nodes in folders of their own, each run as a child process, as an office runs it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use lika::{
    clock::System,
    config::Config,
    enrolment::Invitation,
    pki::Credentials,
    setup::{self, NewToken},
    store::Store,
    wire::tls,
};
use lika_core::{
    command::{Change, Command as Changes},
    value::{ActorId, AreaCode, Label, NodeId, RequestId},
};
use tonic::transport::Channel;

const LONGEST_START: Duration = Duration::from_secs(60);

/// A node that does not run.
pub struct Office {
    pub config: PathBuf,
    pub node: NodeId,
}

impl Office {
    /// Makes a node.
    pub fn create(folder: &Path, name: &str, area: &str, grpc: &str) -> Result<Self> {
        let new = setup::NewNode {
            folder: folder.to_owned(),
            name: Label::parse(name)?,
            area: AreaCode::parse(area)?,
            hosts: vec!["127.0.0.1".to_owned()],
            grpc: grpc.to_owned(),
            console: "127.0.0.1:0".to_owned(),
            login: "admin".to_owned(),
            password: "measured in one run".to_owned(),
            scenario: None,
        };
        let setup::Made { config, node, .. } = setup::create(&new, Arc::new(System))?;
        Ok(Self { config, node })
    }

    /// Enrols it at the node above, which serves for as long as that takes.
    pub fn join(&self, upper: &Self, address: &str) -> Result<()> {
        let (_serving, _) = upper.start()?;
        let new = NewToken {
            area: Config::read(&self.config)?.area,
            node: Some(self.node),
            name: String::new(),
            valid_ms: 60_000,
            certificate_ms: setup::CERTIFICATE_MS,
        };
        let invited = setup::invite(&upper.config, &new, &System)?;
        let invitation = Invitation {
            address: address.to_owned(),
            token: invited.token,
            fingerprint: invited.fingerprint,
        };
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(setup::join(&self.config, &invitation, None, &System))?;
        Ok(())
    }

    /// Writes records before the node serves.
    pub fn found(&self, changes: Vec<Change>) -> Result<()> {
        let settings = setup::store_settings(&Config::read(&self.config)?);
        let store = Store::open(&settings, Arc::new(System), &mut |_| ())?;
        store.submit_blocking(Changes {
            request: RequestId(*uuid::Uuid::new_v4().as_bytes()),
            actor: ActorId(self.node.0),
            changes,
        })?;
        Ok(store.close()?)
    }

    /// The folder of certificates.
    pub fn certificates(&self) -> Result<PathBuf> {
        Ok(Config::read(&self.config)?.certificates)
    }

    /// The data folder.
    pub fn data(&self) -> Result<PathBuf> {
        Ok(Config::read(&self.config)?.data)
    }

    /// Starts it; answers when it serves, with the time that this took.
    pub fn start(&self) -> Result<(Running, Duration)> {
        let begun = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .args(["node", "run", "--config"])
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = child.stderr.take().context("the child has no stderr")?;
        let mut messages = fs::File::create(self.config.with_file_name("messages.txt"))?;
        let (found, address) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("gRPC ") {
                    // Nobody waits any more when the node took too long.
                    let _ = found.send(address.to_owned());
                }
                let _ = writeln!(messages, "{line}");
            }
        });
        let mut running = Running {
            child,
            certificates: self.certificates()?,
            address: String::new(),
        };
        running.address = address.recv_timeout(LONGEST_START).with_context(|| {
            let messages = self.config.with_file_name("messages.txt");
            fs::read_to_string(messages).unwrap_or_default()
        })?;
        Ok((running, begun.elapsed()))
    }
}

/// A node that serves. It is killed when it is let go of.
pub struct Running {
    child: Child,
    certificates: PathBuf,
    pub address: String,
}

impl Running {
    /// A connection of its own, with the certificate of the first officer.
    pub async fn connect(&self) -> Result<Channel> {
        let credentials = Credentials::open(&self.certificates, "admin")?;
        let roots = fs::read_to_string(self.certificates.join("own-roots.pem"))?;
        Ok(tls::client(&self.address, &credentials, &roots)?
            .connect()
            .await?)
    }

    /// Resident memory now and at its highest, in MiB.
    pub fn memory(&self) -> Result<[f64; 2]> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| -> Result<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|line| line.split_whitespace().next());
            Ok(kib.context("no memory figure in /proc")?.parse::<f64>()? / 1024.0)
        };
        Ok([field("VmRSS:")?, field("VmHWM:")?])
    }

    /// User and system time that it has taken.
    pub fn processor_time(&self) -> Result<Duration> {
        self.ticks(11)
    }

    /// The same of its children that have ended.
    pub fn processor_time_of_children(&self) -> Result<Duration> {
        self.ticks(13)
    }

    /// Its children now.
    pub fn children(&self) -> Result<Vec<i32>> {
        let mut children = Vec::new();
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may have ended while others were looked at.
            let list = fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
            for id in list.split_whitespace() {
                children.push(id.parse()?);
            }
        }
        Ok(children)
    }

    /// The sum of two fields of proc(5)'s stat, in ticks of 10 ms: user and system time. They are counted from the
    /// first after the name, which ends with a bracket.
    fn ticks(&self, first: usize) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(first).take(2);
        let ticks = ticks.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Stops it in order.
    pub fn stop(mut self) -> Result<()> {
        let told = Command::new("sh")
            .args([
                "-c",
                "kill -TERM \"$1\"",
                "sh",
                &self.child.id().to_string(),
            ])
            .status()?;
        anyhow::ensure!(told.success(), "the node could not be told to stop");
        anyhow::ensure!(self.child.wait()?.success(), "the node ended with an error");
        Ok(())
    }

    /// Ends it as the power would.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address on loopback that nobody listens on.
pub fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
