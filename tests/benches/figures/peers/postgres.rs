//! PostgreSQL from Debian: a cluster of its own in a temporary folder, synchronous commit and TLS, the same record with
//! the same questions as indexes, and as many clients (pgbench).

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use lika::pki::Credentials;

use crate::{
    node::free_address,
    writes::{CLIENTS, SPAN, note},
};

const SCHEMA: &str = "
CREATE TABLE visit (
    id uuid PRIMARY KEY, area text NOT NULL, kind smallint NOT NULL, revision int NOT NULL,
    household uuid NOT NULL, cadre uuid NOT NULL, visited_on date NOT NULL, purpose text NOT NULL,
    note text NOT NULL, request uuid NOT NULL UNIQUE, hash bytea NOT NULL, salt bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON visit (area, kind);
CREATE INDEX ON visit (household, visited_on);
CREATE INDEX ON visit (cadre, visited_on);
";

/// A cluster, stopped when it is let go of.
struct Cluster {
    programs: PathBuf,
    folder: tempfile::TempDir,
    owner: Option<(u32, u32)>,
    port: String,
}

/// Its version and committed records a second; none where it is not installed.
pub fn measure(certificates: &Path) -> Result<Option<(String, f64)>> {
    let Some(programs) = programs()? else {
        return Ok(None);
    };
    let cluster = Cluster::start(programs, certificates)?;
    let schema = cluster.write("schema.sql", SCHEMA)?;
    cluster.run("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-f", &schema])?;
    let script = cluster.write("visit.sql", &script())?;
    let clients = CLIENTS.to_string();
    let seconds = SPAN.as_secs().to_string();
    let arguments = [
        "-n", "-M", "prepared", "-c", &clients, "-j", "2", "-T", &seconds, "-f", &script,
    ];
    let output = cluster.run("pgbench", &arguments)?;
    let tps = output.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = tps.and_then(|rest| rest.split_whitespace().next());
    let tps = tps
        .with_context(|| format!("pgbench told no rate: {output}"))?
        .parse()?;
    let version = cluster.run("psql", &["-At", "-c", "SHOW server_version"])?;
    let version = version.split_whitespace().next().unwrap_or_default();
    Ok(Some((format!("PostgreSQL {version}"), tps)))
}

impl Cluster {
    fn start(programs: PathBuf, certificates: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let owner = owner()?;
        let address = free_address()?;
        let port = address.rsplit(':').next().unwrap_or_default().to_owned();
        let cluster = Self {
            programs,
            folder,
            owner,
            port,
        };
        cluster.give(cluster.folder.path())?;
        let path = |name: &str| cluster.folder.path().join(name).display().to_string();
        let data = path("data");
        cluster.run(
            "initdb",
            &[
                "-D",
                &data,
                "-U",
                "bench",
                "--auth=trust",
                "-E",
                "UTF8",
                "--no-locale",
                "--no-sync",
            ],
        )?;
        let shown = Credentials::open(certificates, "node")?;
        cluster.write("server.crt", shown.certificate_pem())?;
        cluster.write("server.key", shown.key_pem())?;
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = ''\nmax_connections = 100\n\
             fsync = on\nsynchronous_commit = on\nmax_wal_size = '4GB'\n\
             ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\n",
            cluster.port,
            path("server.crt"),
            path("server.key"),
        );
        fs::write(Path::new(&data).join("postgresql.auto.conf"), settings)?;
        cluster.run(
            "pg_ctl",
            &[
                "-D",
                &data,
                "-l",
                &path("messages"),
                "-w",
                "-t",
                "30",
                "start",
            ],
        )?;
        Ok(cluster)
    }

    /// Runs one of its programs as the owner of the cluster, and answers what it printed.
    fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        // To a file: a server that is started here would keep a pipe open.
        let printed = self.folder.path().join(format!("{program}.txt"));
        let out = fs::File::create(&printed)?;
        let mut command = Command::new(self.programs.join(program));
        command
            .args(arguments)
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", &self.port)
            .env("PGUSER", "bench")
            .env("PGDATABASE", "postgres")
            .env("PGSSLMODE", "require")
            // The one who started the bench may have client certificates that the owner cannot read.
            .env("HOME", self.folder.path())
            .current_dir(self.folder.path())
            .stderr(out.try_clone()?)
            .stdout(out);
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        let status = command.status()?;
        let text = fs::read_to_string(&printed)?;
        anyhow::ensure!(status.success(), "{program}: {text}");
        Ok(text)
    }

    fn write(&self, name: &str, text: &str) -> Result<String> {
        let path = self.folder.path().join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        self.give(&path)?;
        Ok(path.display().to_string())
    }

    fn give(&self, path: &Path) -> Result<()> {
        if let Some((user, group)) = self.owner {
            chown(path, Some(user), Some(group))?;
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.folder.path().join("data").display().to_string();
        // A cluster that never started cannot be stopped.
        let _ = self.run("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]);
    }
}

/// The programs of the newest version that is installed.
fn programs() -> Result<Option<PathBuf>> {
    let Ok(versions) = fs::read_dir("/usr/lib/postgresql") else {
        return Ok(None);
    };
    let mut found = Vec::new();
    for version in versions {
        let programs = version?.path().join("bin");
        if programs.join("initdb").exists() && programs.join("pgbench").exists() {
            found.push(programs);
        }
    }
    found.sort();
    Ok(found.pop())
}

/// The server refuses to run as root: then it is given to the user that Debian's package made, or to nobody.
fn owner() -> Result<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let user = ["postgres:", "nobody:"]
        .iter()
        .find_map(|name| users.lines().find(|line| line.starts_with(name)))
        .context("there is neither a user postgres nor a user nobody to run PostgreSQL as")?;
    let field = |place: usize| user.split(':').nth(place).unwrap_or_default().parse();
    Ok(Some((field(2)?, field(3)?)))
}

fn script() -> String {
    let note = note();
    format!(
        "\\set household random(1, 22353)
\\set cadre random(1, 900)
\\set village 200 + :household % 15
INSERT INTO visit (id, area, kind, revision, household, cadre, visited_on, purpose, note, request, hash, salt)
VALUES (gen_random_uuid(), '360323104' || :village, 9, 1,
    ('00000000-0000-4000-8000-' || lpad(:household::text, 12, '0'))::uuid,
    ('00000000-0000-4000-8001-' || lpad(:cadre::text, 12, '0'))::uuid,
    '2016-10-15', 'regular', '{note}', gen_random_uuid(),
    decode(md5(random()::text) || md5(random()::text), 'hex'),
    decode(md5(random()::text) || md5(random()::text), 'hex'));
"
    )
}
