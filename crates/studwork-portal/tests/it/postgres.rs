//! A PostgreSQL of our own, started once for all tests on a socket in a temporary folder, gone with the test process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use sea_orm::{ConnectionTrait as _, Database};

static SERVER: OnceLock<Option<PathBuf>> = OnceLock::new();

/// A command that runs as somebody who is not root: PostgreSQL refuses root.
fn unprivileged(program: &Path) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--pdeathsig=KILL", "--"]).arg(program);
    command
}

fn program(name: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn start() -> Option<PathBuf> {
    let (initdb, postgres) = (program("initdb")?, program("postgres")?);
    let temp = std::env::temp_dir();
    // What a killed run left behind.
    for entry in std::fs::read_dir(&temp).ok()?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(pid) = name.strip_prefix("studwork-pg-")
            && !Path::new("/proc").join(pid).exists()
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let folder = temp.join(format!("studwork-pg-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).ok()?;
    let _ = Command::new("chown").args(["65534:65534"]).arg(&folder).status();
    let data = folder.join("data");
    let made = unprivileged(&initdb)
        .args(["--username=studwork", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(&data)
        .stdout(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        return None;
    }
    let (socket, log) = (folder.clone(), std::fs::File::create(folder.join("log")).ok()?);
    // The server dies with the thread that started it, so that thread lives as long as the tests.
    std::thread::spawn(move || {
        let mut child = unprivileged(&postgres)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&socket)
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=300"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let _ = child.wait();
    });
    let ready = folder.join(".s.PGSQL.5432");
    for _ in 0..200 {
        if ready.exists() {
            return Some(folder);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    None
}

fn url(folder: &Path, database: &str) -> String {
    let host = folder.to_string_lossy().replace('/', "%2F");
    format!("postgres://studwork@localhost/{database}?host={host}")
}

/// A fresh database's address; none, with a note, where no PostgreSQL is installed.
pub async fn database() -> Option<String> {
    let started = tokio::task::spawn_blocking(|| SERVER.get_or_init(start).clone()).await.unwrap();
    let Some(folder) = started else {
        eprintln!("skipped on PostgreSQL: no server program is installed");
        return None;
    };
    let name = format!("t{}", studwork_portal::secrets::id());
    for attempt in 0.. {
        match Database::connect(url(&folder, "postgres")).await {
            Ok(connection) => {
                connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
                connection.close().await.unwrap();
                return Some(url(&folder, &name));
            }
            Err(error) => {
                assert!(attempt < 50, "PostgreSQL does not answer: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
    None
}
