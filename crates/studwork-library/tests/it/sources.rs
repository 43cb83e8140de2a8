//! Nobody but this crate can write to an original: the sources of the whole workspace say so.

use std::path::{Path, PathBuf};

/// What opens a file for writing, or changes one.
const WRITES: [&str; 14] = [
    "fs::write",
    "File::create",
    "OpenOptions",
    "fs::copy",
    "fs::rename",
    "fs::remove_file",
    "fs::remove_dir",
    "fs::set_permissions",
    "set_readonly",
    "hard_link",
    "tempfile_in",
    "NamedTempFile",
    ".persist(",
    "create_new",
];

/// Who may, and why: none of them is given a path that a person chose, but for the first, which is the guarded save of the
/// window and the command line.
const ALLOWED: [(&str, &str); 8] = [
    ("src/disk.rs", "writes what a person saves or exports, behind the guard"),
    ("src/settings.rs", "the settings, in the configuration folder"),
    ("src/files/jobs.rs", "a download, in a temporary folder"),
    ("crates/studwork-ldraw/src/library/", "the cache, in the cache folder"),
    ("crates/studwork-client/src/outbox.rs", "packages that wait to be sent, in the outbox's folder"),
    ("crates/studwork-client/src/tokens.rs", "sign-ins, in the configuration folder"),
    ("crates/studwork-portal/", "the server's own data, on the server"),
    ("crates/xtask/", "reports of checks, in the checkout"),
];

/// What only this crate may name: where originals are, and what leads there.
const NAMES: [&str; 4] = ["\"originals\"", "originals/", "STUDWORK_LIBRARY", "data_local_dir"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The Rust sources of the workspace but this crate and tests, by path from its root, each without its test modules.
fn sources() -> Vec<(String, String)> {
    let root = workspace();
    let (mut found, mut waiting) = (Vec::new(), vec![root.join("src"), root.join("crates")]);
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let skipped = ["/tests", "/benches", "/examples", "/target", "crates/studwork-library"];
            if path.is_dir() {
                if !skipped.iter().any(|skip| name.ends_with(skip)) {
                    waiting.push(path);
                }
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let own = text.split("\n#[cfg(test)]\n").next().unwrap_or_default().to_owned();
                found.push((name, own));
            }
        }
    }
    assert!(found.len() > 100, "the sources are not where they were");
    found
}

/// Lines of code, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().zip(1..).filter(|(line, _)| !line.trim_start().starts_with("//")).map(|(line, number)| (number, line))
}

fn findings(sources: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in sources {
        let may_write = ALLOWED.iter().any(|(allowed, _)| name.starts_with(allowed));
        for (number, line) in code(text) {
            if NAMES.iter().any(|word| line.contains(word)) {
                found
                    .push(format!("{name}:{number} names the library's folder; go through Originals: {}", line.trim()));
            }
            if !may_write && WRITES.iter().any(|word| line.contains(word)) {
                found
                    .push(format!("{name}:{number} writes a file; go through studwork_library::save: {}", line.trim()));
            }
        }
    }
    found
}

#[test]
fn only_the_library_writes_where_originals_are() {
    let found = findings(&sources());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_source_that_does_is_found() {
    let bad = |text: &str| findings(&[("src/panels/new.rs".to_owned(), text.to_owned())]).len();
    assert_eq!(bad("fn f() {\n    std::fs::write(path, bytes).ok();\n}"), 1);
    assert_eq!(bad("let path = home.join(\"originals\");"), 1);
    assert_eq!(bad("let file = OpenOptions::new().append(true).open(root.join(\"originals/a.mpd\"));"), 2);
    assert_eq!(bad("// std::fs::write is not used here\nlet originals = Originals::open(home)?;"), 0);
    let allowed = findings(&[("src/disk.rs".to_owned(), "std::fs::write(path, bytes)".to_owned())]);
    assert!(allowed.is_empty());
}

#[test]
fn the_guarded_save_is_what_writes_for_people() {
    // What is allowed is still there: a rule for a file that is gone says nothing.
    for (allowed, reason) in ALLOWED {
        let path = workspace().join(allowed);
        assert!(path.exists(), "{allowed} ({reason}) is gone; take it off the list");
    }
}
