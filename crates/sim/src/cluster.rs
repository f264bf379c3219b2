//! A PostgreSQL server of the test's own, with databases that are thrown away with it.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running server. It ends when it is dropped, or the process that started it ends, however that ends.
pub struct Cluster {
    programs: PathBuf,
    directory: PathBuf,
    port: u16,
    root_certificate: PathBuf,
    databases: AtomicU32,
    server: Child,
}

/// How long a server may take to start on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);

/// What tests need of a server is that it is fast: its data is thrown away.
const TEST_SETTINGS: &[&str] = &["fsync=off"];

/// Makes and runs the server; the standard input ends with the process that holds its other end.
const SCRIPT: &str = r#"
directory=$1 programs=$2 port=$3
shift 3
cd "$directory" || exit 1
"$programs/initdb" -D data -A trust -U scrip -E UTF8 --locale=C --no-sync >log 2>&1 || exit 1
"$programs/postgres" -D "$directory/data" -k "$directory" -p "$port" -c listen_addresses=127.0.0.1 -c ssl=on \
    -c ssl_cert_file="$directory/server.pem" -c ssl_key_file="$directory/server.key" "$@" >>log 2>&1 &
read -r line
kill -QUIT $! && wait
rm -rf "$directory"
"#;

/// The one server of this process; none where PostgreSQL is not installed for tests.
///
/// # Panics
///
/// If the server does not start.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| {
        programs().map(|programs| Cluster::start(&programs, &std::env::temp_dir(), TEST_SETTINGS))
    });
    cluster.as_ref()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests find their tools by variables"
)]
fn programs() -> Option<PathBuf> {
    std::env::var_os("SCRIP_TEST_POSTGRES").map(PathBuf::from)
}

impl Cluster {
    /// Starts a server with its data in a directory of its own below `parent`, which other users must be able to enter;
    /// each setting is `name=value`.
    ///
    /// # Panics
    ///
    /// If the server does not start.
    pub fn start(programs: &Path, parent: &Path, settings: &[&str]) -> Cluster {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port is free")
            .port();
        let directory = parent.join(format!("scrip-postgres-{}-{port}", std::process::id()));
        std::fs::create_dir(&directory).expect("a directory can be made");
        let root_certificate = write_certificates(&directory);
        let mut command = unprivileged(&directory);
        let server = command
            .args(["sh", "-c", SCRIPT, "sh"])
            .arg(&directory)
            .arg(programs)
            .arg(port.to_string())
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        let cluster = Cluster {
            programs: programs.to_owned(),
            directory,
            port,
            root_certificate,
            databases: AtomicU32::new(0),
            server,
        };
        cluster.wait_until_ready();
        cluster
    }

    /// The URL of an empty database of its own.
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test{number}");
        let made = self.psql("postgres", &format!("CREATE DATABASE {name}"));
        assert!(made, "a database can be made");
        self.url(&name, "127.0.0.1")
    }

    /// The URL of a database, by one of the server's names.
    pub fn url(&self, database: &str, host: &str) -> String {
        format!("postgres://scrip@{host}:{}/{database}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where the server's programs are.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    /// The server's own directory: its socket, and below `data` the database.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The certificate by which the server is known as `localhost`.
    pub fn root_certificate(&self) -> &Path {
        &self.root_certificate
    }

    /// Runs a statement in the database of the URL.
    pub fn execute(&self, url: &str, sql: &str) {
        let name = url.rsplit('/').next().unwrap_or_default();
        let name = name.split('?').next().unwrap_or_default();
        assert!(self.psql(name, sql), "the database takes: {sql}");
    }

    /// What a query in the database of the URL answers, as text: one line for each row.
    pub fn ask(&self, url: &str, sql: &str) -> String {
        let name = url.rsplit('/').next().unwrap_or_default();
        let output = self.command(name, sql).output().expect("psql starts");
        assert!(output.status.success(), "the database answers: {sql}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn psql(&self, database: &str, sql: &str) -> bool {
        let mut command = self.command(database, sql);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    fn command(&self, database: &str, sql: &str) -> Command {
        let mut command = Command::new(self.programs.join("psql"));
        command
            .args([
                "-qAt",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "scrip",
                "-d",
                database,
                "-c",
                sql,
                "-h",
            ])
            .arg(&self.directory)
            .arg("-p")
            .arg(self.port.to_string());
        command
    }

    fn wait_until_ready(&self) {
        let begun = Instant::now();
        while !self.psql("postgres", "SELECT 1") {
            let log = std::fs::read_to_string(self.directory.join("log"));
            assert!(
                begun.elapsed() < START_MAX,
                "PostgreSQL does not start: {log:?}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The end of its input tells the shell, which then stops the server and clears up.
        drop(self.server.stdin.take());
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A command that runs as an ordinary user, to whom the directory then belongs: the server refuses to run as root.
fn unprivileged(directory: &Path) -> Command {
    let id = |of: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(of).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if id(&["-u"]) != Some(0) {
        return Command::new("env");
    }
    let (user, group) = (id(&["-u", "postgres"]), id(&["-g", "postgres"]));
    let files = std::fs::read_dir(directory).expect("the directory can be read");
    let files = files.filter_map(Result::ok).map(|file| file.path());
    for path in files.chain([directory.to_owned()]) {
        chown(&path, user, group).expect("root may give files away");
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]);
    command
}

fn write_certificates(directory: &Path) -> PathBuf {
    let names = vec!["localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate can be made");
    let certificate = directory.join("server.pem");
    std::fs::write(&certificate, made.cert.pem()).expect("a file can be written");
    let key = directory.join("server.key");
    let mut file = std::fs::File::create(&key).expect("a file can be made");
    let permissions = std::fs::Permissions::from_mode(0o600);
    file.set_permissions(permissions)
        .expect("its owner may say who reads it");
    file.write_all(made.signing_key.serialize_pem().as_bytes())
        .expect("a file can be written");
    certificate
}
