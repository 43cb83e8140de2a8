//! The fuzzer schemathesis on the described interface. It runs where `STUDWORK_SCHEMATHESIS` names its program, which
//! `cargo xtask fuzz` sets up.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use studwork_portal::accounts::Role;
use studwork_portal::limits::{Rate, Rates};

use super::support::{Ground, TestPortal, grounds, package};

/// Cases of each run.
const LEAST: usize = 2_000;

/// What the fuzzer is told beside the description: how packages are sent, and numbers that exist, for half of what it asks.
const HOOKS: &str = r#"
import json, os, random
import schemathesis

KNOWN = json.loads(os.environ["STUDWORK_FUZZ_KNOWN"])

@schemathesis.serializer(
    "application/vnd.studwork.package+zip", "application/vnd.studwork.package", "application/partial-upload"
)
def raw(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()

@schemathesis.hook
def map_path_parameters(ctx, path_parameters):
    if path_parameters and "id" in path_parameters:
        kind = ctx.operation.path.split("/")[3]
        if KNOWN.get(kind) and random.random() < 0.5:
            path_parameters["id"] = random.choice(KNOWN[kind])
    return path_parameters
"#;

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: Asked,
    response: Answered,
}

#[derive(Deserialize)]
struct Asked {
    method: String,
    url: String,
}

#[derive(Deserialize)]
struct Answered {
    status: u16,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fuzzer_finds_no_server_error() {
    let Some(program) = std::env::var_os("STUDWORK_SCHEMATHESIS") else {
        eprintln!("skipped: STUDWORK_SCHEMATHESIS names no fuzzer (`cargo xtask fuzz` does)");
        return;
    };
    for ground in grounds().await {
        let entries = fuzzed(&ground, Path::new(&program)).await;
        let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
        for entry in &entries {
            *statuses.entry(entry.response.status).or_default() += 1;
        }
        eprintln!("{}: {} cases, by status {statuses:?}", ground.name, entries.len());
        let broken: Vec<String> = entries
            .iter()
            .filter(|entry| entry.response.status >= 500)
            .map(|entry| format!("{} {}: {}", entry.request.method, entry.request.url, entry.response.status))
            .collect();
        assert!(broken.is_empty(), "{}: {broken:#?}", ground.name);
        assert!(entries.len() >= LEAST, "{}: only {} cases", ground.name, entries.len());
        assert!(statuses.get(&200).is_some_and(|&count| count * 10 > entries.len()), "too little gets through");
    }
}

async fn fuzzed(ground: &Ground, program: &Path) -> Vec<Entry> {
    let free = Rate { burst: 1_000_000, per_minute: 60_000_000 };
    let rates = Rates { sign_in: free, anonymous: free, account: free, talk: free, packages: free };
    let portal = TestPortal::start_with(ground, |config| config.rates = rates).await;
    let admin = portal.person("Fuzz", Role::Admin).await;
    let other = portal.person("Other", Role::Member).await;
    let (mut projects, mut comments) = (Vec::new(), Vec::new());
    for number in 0..3 {
        let id = portal.project(&other, &package(&format!("Project {number}"))).await;
        let path = format!("/api/v1/projects/{id}/comments");
        let (status, comment) = portal.send(Method::POST, &path, &other, Some(json!({ "text": "Nice." }))).await;
        assert_eq!(status, 201, "{comment}");
        comments.push(comment["id"].as_str().unwrap().to_owned());
        projects.push(id);
    }
    let known = json!({ "projects": projects, "comments": comments, "creators": [admin.id, other.id] });
    let folder = portal.dir.path();
    std::fs::write(folder.join("studwork_hooks.py"), HOOKS).unwrap();
    let report = folder.join("report.har");
    let url = portal.server.url();
    let done = tokio::process::Command::new(program)
        .arg("run")
        .arg(format!("{url}/api/v1/openapi.json"))
        .args(["--url", &url, "--header", &format!("Authorization: Bearer {}", admin.token)])
        .args(["--checks", "not_a_server_error", "--max-examples", "100", "--seed", "1", "--continue-on-failure"])
        .args(["--workers", "1", "--warnings", "off"])
        .args(["--report", "har", "--report-har-path"])
        .arg(&report)
        .current_dir(folder)
        .env("SCHEMATHESIS_HOOKS", "studwork_hooks")
        .env("STUDWORK_FUZZ_KNOWN", known.to_string())
        .stdin(Stdio::null())
        .status();
    // Its own troubles with a case end it with an error as well: what the portal answered is what counts.
    let status = done.await.unwrap();
    let report = std::fs::read(report).unwrap_or_else(|error| panic!("{}: no report, {status}: {error}", ground.name));
    let har: Har = serde_json::from_slice(&report).unwrap();
    har.log.entries
}
