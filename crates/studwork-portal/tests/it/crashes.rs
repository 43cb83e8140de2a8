//! The real executable, killed without warning: whatever it acknowledged is there.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use studwork_portal::accounts::{self, Role};
use studwork_portal::policy::Policy;
use studwork_portal::{Config, Portal};

use crate::support::{client, digest, package};

/// The server as a process of its own.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_studwork-portal"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("STUDWORK_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line}");
        Self { child, url }
    }

    /// `kill -9`.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn admin(data: &Path, args: &[&str], input: &str) -> (bool, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_studwork-portal"))
        .arg("admin")
        .arg("--data")
        .arg(data)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    (done.status.success(), String::from_utf8(done.stdout).unwrap())
}

/// Opens the database of a server that does not run, to set things up or to look.
async fn portal(data: &Path) -> Portal {
    let config = Config { password_kib: 64, ..Config::new(data.to_path_buf()) };
    Portal::open(config, ([127, 0, 0, 1], 0).into()).await.unwrap()
}

async fn person(portal: &Portal, name: &str) -> (String, String) {
    let email = format!("{}@example.com", studwork_portal::secrets::id());
    let now = portal.clock.now();
    let id =
        accounts::insert(portal.db.write(), &email, "-", name, Role::Member, now, Some(now)).await.unwrap().unwrap();
    let token = accounts::oauth::issue(portal.db.write(), &id, "test", None, now).await.unwrap();
    (id, token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_fifty_times_keeps_what_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let opened = portal(dir.path()).await;
    let (_, ada) = person(&opened, "Ada").await;
    let mut fans = Vec::new();
    for _ in 0..400 {
        fans.push(person(&opened, "Fan").await);
    }
    opened.db.clone().close().await;
    let client = client();
    let server = Process::start(dir.path());
    let created: serde_json::Value = client
        .post(format!("{}/api/v1/projects", server.url))
        .bearer_auth(&ada)
        .header("content-type", "application/octet-stream")
        .body(package("Hard to kill"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let project = created["id"].as_str().unwrap().to_owned();
    server.kill();

    let acknowledged: Arc<Mutex<HashSet<String>>> = Arc::default();
    let pieces: Arc<Mutex<usize>> = Arc::default();
    let mut fans = fans.into_iter();
    let bytes = package("Sent while it dies");
    let (mut upload, mut finished) = (String::new(), 0);
    for round in 0..50 {
        let server = Process::start(dir.path());
        let mut load = tokio::task::JoinSet::new();
        for (id, token) in fans.by_ref().take(8) {
            let request = client.put(format!("{}/api/v1/projects/{project}/support", server.url)).bearer_auth(token);
            let acknowledged = acknowledged.clone();
            load.spawn(async move {
                if request.send().await.is_ok_and(|response| response.status() == 200) {
                    acknowledged.lock().unwrap().insert(id);
                }
            });
        }
        // An upload goes on beside them, a few kilobytes a round.
        if upload.is_empty() {
            let begun = client
                .post(format!("{}/api/v1/uploads", server.url))
                .bearer_auth(&ada)
                .header("content-type", "application/octet-stream")
                .header("upload-length", bytes.len())
                .header("upload-complete", "?0")
                .header("repr-digest", digest(&bytes))
                .header("idempotency-key", format!("upload-{finished}"))
                .send()
                .await
                .unwrap();
            upload = begun.headers()["location"].to_str().unwrap().to_owned();
            *pieces.lock().unwrap() = 0;
        }
        let url = format!("{}{upload}", server.url);
        let head = client.head(&url).bearer_auth(&ada).send().await.unwrap();
        let at: usize = head.headers()["upload-offset"].to_str().unwrap().parse().unwrap();
        assert!(at >= *pieces.lock().unwrap(), "acknowledged bytes are there");
        let to = (at + bytes.len() / 20).min(bytes.len());
        let request = client
            .patch(&url)
            .bearer_auth(&ada)
            .header("content-type", "application/partial-upload")
            .header("upload-offset", at)
            .header("upload-complete", "?0")
            .body(bytes[at..to].to_vec());
        let told = pieces.clone();
        load.spawn(async move {
            if request.send().await.is_ok_and(|response| response.status() == 204) {
                *told.lock().unwrap() = to;
            }
        });
        tokio::time::sleep(Duration::from_millis(3 + (round * 7) % 60)).await;
        server.kill();
        while load.join_next().await.is_some() {}
        if *pieces.lock().unwrap() == bytes.len() {
            upload.clear();
            finished += 1;
        }
    }
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > 20, "some were acknowledged before the end: {}", acknowledged.len());
    let opened = portal(dir.path()).await;
    for id in &acknowledged {
        let sql = "SELECT COUNT(*) AS value FROM supports WHERE project = $1 AND account = $2";
        let there =
            studwork_portal::db::number(opened.db.read(), sql, studwork_portal::params![project.clone(), id.clone()])
                .await;
        assert_eq!(there.unwrap(), Some(1), "an acknowledged support is lost");
    }
    opened.db.clone().close().await;
    let (fine, told) = admin(dir.path(), &["check"], "");
    assert!(fine, "{told}");
    assert_eq!(told, "nothing found\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_survives_twenty_deaths_of_its_server_and_arrives_once() {
    let dir = tempfile::tempdir().unwrap();
    let opened = portal(dir.path()).await;
    let (_, ada) = person(&opened, "Ada").await;
    opened.db.clone().close().await;
    let (client, bytes) = (client(), package("Never give up"));
    let mut deaths = 0;
    let project = loop {
        let server = Process::start(dir.path());
        let begun = client
            .post(format!("{}/api/v1/uploads", server.url))
            .bearer_auth(&ada)
            .header("content-type", "application/octet-stream")
            .header("upload-length", bytes.len())
            .header("upload-complete", "?0")
            .header("repr-digest", digest(&bytes))
            .header("idempotency-key", "one-and-the-same")
            .send()
            .await
            .unwrap();
        assert!(begun.status().is_success(), "{}", begun.status());
        let url = format!("{}{}", server.url, begun.headers()["location"].to_str().unwrap());
        let at: usize = begun.headers()["upload-offset"].to_str().unwrap().parse().unwrap();
        // The first deaths come in mid-upload, the later ones while the last piece becomes a project.
        let to = if deaths < 12 { (at + bytes.len() / 14).min(bytes.len()) } else { bytes.len() };
        let request = client
            .patch(&url)
            .bearer_auth(&ada)
            .header("content-type", "application/partial-upload")
            .header("upload-offset", at)
            .header("upload-complete", if to == bytes.len() { "?1" } else { "?0" })
            .body(bytes[at..to].to_vec());
        if deaths == 20 {
            let project: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
            server.kill();
            break project;
        }
        let sending = tokio::spawn(request.send());
        tokio::time::sleep(Duration::from_millis(2 + (deaths * 37) % 150)).await;
        server.kill();
        let _ = sending.await;
        deaths += 1;
    };
    let opened = portal(dir.path()).await;
    let count = studwork_portal::db::number(opened.db.read(), "SELECT COUNT(*) AS value FROM projects", vec![]).await;
    assert_eq!(count.unwrap(), Some(1), "{project}");
    let id = project["id"].as_str().unwrap();
    let sha256 = studwork_portal::secrets::sha256_hex(&bytes);
    let stored = opened.store.get(&format!("packages/{}/{sha256}.studpkg", &sha256[..2])).await.unwrap();
    assert_eq!(stored, bytes, "of {id}");
    opened.db.clone().close().await;
    let (fine, told) = admin(dir.path(), &["check"], "");
    assert!(fine, "{told}");
}

#[test]
fn an_administrator_works_from_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("portal");
    let (fine, id) =
        admin(&data, &["create", "ada@example.com", "--name", "Ada", "--role", "admin"], "a bridge of bricks\n");
    assert!(fine && id.trim().len() == 16, "{id}");
    assert!(!admin(&data, &["create", "ada@example.com"], "a bridge of bricks\n").0, "taken");
    assert!(!admin(&data, &["create", "bob@example.com"], "short\n").0, "too short");
    assert!(admin(&data, &["role", "ada@example.com", "reviewer"], "").0);
    assert!(!admin(&data, &["role", "nobody@example.com", "reviewer"], "").0);
    let (fine, policy) = admin(&data, &["policy"], "");
    assert!(fine);
    assert_eq!(Policy::from_json(&policy).unwrap(), Policy::default());
    let file = dir.path().join("policy.json");
    std::fs::write(&file, r#"{"support": {"review_at": 100}}"#).unwrap();
    assert!(admin(&data, &["policy", file.to_str().unwrap()], "").0);
    assert_eq!(Policy::from_json(&admin(&data, &["policy"], "").1).unwrap().support.review_at, 100);
    std::fs::write(&file, r#"{"support": {"review_at": "many"}}"#).unwrap();
    assert!(!admin(&data, &["policy", file.to_str().unwrap()], "").0);
    assert_eq!(admin(&data, &["check"], ""), (true, "nothing found\n".into()));
    let backup = dir.path().join("backup");
    assert!(admin(&data, &["backup", backup.to_str().unwrap()], "").0);
    let other = dir.path().join("other");
    assert!(admin(&other, &["restore", backup.to_str().unwrap()], "").0);
    assert_eq!(Policy::from_json(&admin(&other, &["policy"], "").1).unwrap().support.review_at, 100);
}
