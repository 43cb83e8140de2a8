//! Whether everything fits together: counts and what they count, states and their events, versions and their bytes,
//! uploads and their pieces. Finds; does not mend.

use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::db::{Db, rows};
use crate::params;
use crate::secrets::sha256_hex;
use crate::store::Store;

#[derive(FromQueryResult)]
struct Text {
    value: String,
}

#[derive(FromQueryResult)]
struct BlobRow {
    sha256: String,
    path: String,
    bytes: i64,
}

#[derive(FromQueryResult)]
struct PartRow {
    upload: String,
    start: i64,
    length: i64,
    path: String,
    received: i64,
}

#[derive(FromQueryResult)]
struct EventRow {
    project: String,
    from_state: Option<String>,
    to_state: Option<String>,
}

/// Queries whose every row is a finding.
const FINDINGS: &[(&str, &str)] = &[
    (
        "a project's count of supports differs from its supports",
        "SELECT p.id AS value FROM projects p WHERE p.supports <> (SELECT COUNT(*) FROM supports s WHERE s.project = p.id)",
    ),
    (
        "a project's count of follows differs from its follows",
        "SELECT p.id AS value FROM projects p WHERE p.follows <> (SELECT COUNT(*) FROM follows f WHERE f.project = p.id)",
    ),
    (
        "a project's count of comments differs from its comments",
        "SELECT p.id AS value FROM projects p WHERE p.deleted_at IS NULL AND p.comments <>
           (SELECT COUNT(*) FROM comments c WHERE c.project = p.id AND c.deleted_at IS NULL)",
    ),
    (
        "a project's newest version is not the one it names",
        "SELECT p.id AS value FROM projects p WHERE p.deleted_at IS NULL AND NOT EXISTS
           (SELECT 1 FROM versions v WHERE v.project = p.id AND v.number = p.version AND v.sha256 = p.sha256)",
    ),
    (
        "a project's versions are not counted without gaps",
        "SELECT p.id AS value FROM projects p WHERE p.deleted_at IS NULL AND p.version <>
           (SELECT COUNT(*) FROM versions v WHERE v.project = p.id)",
    ),
    (
        "a version's package is not among the blobs",
        "SELECT v.project AS value FROM versions v WHERE NOT EXISTS
           (SELECT 1 FROM version_blobs b WHERE b.project = v.project AND b.number = v.number AND b.sha256 = v.sha256)",
    ),
    (
        "a project is listed though its state is not public, or the other way round",
        "SELECT p.id AS value FROM projects p WHERE p.listed <> CASE
           WHEN p.deleted_at IS NULL AND p.hidden = 0
             AND p.state NOT IN ('draft', 'submitted', 'changes_requested', 'withdrawn') THEN 1 ELSE 0 END",
    ),
    (
        "a project gathers without a window",
        "SELECT p.id AS value FROM projects p WHERE p.state = 'gathering' AND (p.deadline_at IS NULL OR p.gathering_at IS NULL)",
    ),
    (
        "an upload is finished but its project is not there",
        "SELECT u.id AS value FROM uploads u WHERE u.result IS NOT NULL AND NOT EXISTS
           (SELECT 1 FROM projects p WHERE p.id = u.result)",
    ),
    (
        "an open upload's pieces do not add up",
        "SELECT u.id AS value FROM uploads u WHERE u.result IS NULL AND u.received <>
           (SELECT COALESCE(SUM(p.length), 0) FROM upload_parts p WHERE p.upload = u.id)",
    ),
    (
        "a project has become Qualified more than once",
        "SELECT e.project AS value FROM events e WHERE e.to_state = 'qualified' GROUP BY e.project HAVING COUNT(*) > 1",
    ),
];

async fn texts(connection: &impl ConnectionTrait, sql: &str) -> anyhow::Result<Vec<String>> {
    let found: Vec<Text> = rows(connection, sql, params![]).await?;
    Ok(found.into_iter().map(|row| row.value).collect())
}

/// Checks everything; one sentence for each thing that does not fit, none when all does.
///
/// # Errors
/// When the database or the store cannot be read.
pub async fn check(db: &Db, store: &Store) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    if db.is_sqlite() {
        #[derive(FromQueryResult)]
        struct Integrity {
            integrity_check: String,
        }
        let found: Vec<Integrity> = rows(db.read(), "PRAGMA integrity_check", params![]).await?;
        findings.extend(
            found
                .into_iter()
                .filter(|row| row.integrity_check != "ok")
                .map(|row| format!("SQLite: {}", row.integrity_check)),
        );
    }
    for (what, sql) in FINDINGS {
        for id in texts(db.read(), sql).await? {
            findings.push(format!("{what}: {id}"));
        }
    }
    states(db, &mut findings).await?;
    objects(db, store, &mut findings).await?;
    Ok(findings)
}

/// Each project's events lead from one state to the next, and the last to the state it has.
async fn states(db: &Db, findings: &mut Vec<String>) -> anyhow::Result<()> {
    let events: Vec<EventRow> = rows(
        db.read(),
        "SELECT project, from_state, to_state FROM events WHERE kind IN ('created', 'state') ORDER BY project, seq",
        params![],
    )
    .await?;
    let mut last: std::collections::HashMap<String, String> = std::collections::HashMap::new();
    for event in events {
        let before = last.get(&event.project).cloned();
        if before != event.from_state {
            findings.push(format!("the events of project {} do not follow each other", event.project));
        }
        if let Some(to) = event.to_state {
            last.insert(event.project, to);
        }
    }
    #[derive(FromQueryResult)]
    struct Now {
        id: String,
        state: String,
    }
    let now: Vec<Now> = rows(db.read(), "SELECT id, state FROM projects", params![]).await?;
    for project in now {
        if last.get(&project.id) != Some(&project.state) {
            findings.push(format!("project {} is {}, but its last event says otherwise", project.id, project.state));
        }
    }
    Ok(())
}

/// Every blob and every piece of an open upload lies in the store, with the right bytes.
async fn objects(db: &Db, store: &Store, findings: &mut Vec<String>) -> anyhow::Result<()> {
    let blobs: Vec<BlobRow> = rows(db.read(), "SELECT sha256, path, bytes FROM blobs ORDER BY path", params![]).await?;
    for blob in blobs {
        match store.get(&blob.path).await {
            Ok(bytes) if i64::try_from(bytes.len()) == Ok(blob.bytes) && sha256_hex(&bytes) == blob.sha256 => {}
            Ok(_) => findings.push(format!("{} has other bytes than were stored", blob.path)),
            Err(error) => findings.push(format!("{} cannot be read: {error}", blob.path)),
        }
    }
    let parts: Vec<PartRow> = rows(
        db.read(),
        "SELECT p.upload, p.start, p.length, p.path, u.received FROM upload_parts p JOIN uploads u ON u.id = p.upload
         WHERE u.result IS NULL ORDER BY p.upload, p.start",
        params![],
    )
    .await?;
    for part in parts {
        if part.start + part.length > part.received {
            findings.push(format!("a piece of upload {} lies beyond what was received", part.upload));
        }
        match store.get(&part.path).await {
            Ok(bytes) if i64::try_from(bytes.len()) == Ok(part.length) => {}
            Ok(_) => findings.push(format!("{} has another length than was received", part.path)),
            Err(error) => {
                // The upload may have finished or been cancelled while this was looked at.
                let open = texts(db.read(), "SELECT path AS value FROM upload_parts").await?.contains(&part.path);
                if open {
                    findings.push(format!("{} cannot be read: {error}", part.path));
                }
            }
        }
    }
    Ok(())
}
