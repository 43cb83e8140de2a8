//! How a package becomes a project, or a version of one, exactly once: it is checked, its bytes and pictures are stored
//! under their hashes, and then one transaction writes every row together with the mark that it is done. Whatever
//! happens before that transaction leaves only nameless bytes, which housekeeping removes.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, FromQueryResult};
use studwork_core::package::{Finding, Manifest, ParentFacts};

use super::states::State;
use super::versions::changes_between;
use super::{Media, ProjectRow, append_event, find, for_update, moves};
use crate::accounts::Account;
use crate::db::{exec, row, text};
use crate::media::{self, html_of_markdown};
use crate::metrics::Count;
use crate::package::{self, Checked, PartRow};
use crate::params;
use crate::policy::Served;
use crate::problem::{Answer, Problem};
use crate::secrets;
use crate::state::Portal;
use crate::store::Blob;
use crate::supports::rising_at_start;

/// What a package is to become.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// A new version of this project; none: a new project.
    pub project: Option<String>,
    /// Leave a new project in draft.
    pub draft: bool,
}

/// What makes a repeated request do nothing.
#[derive(Clone, Copy, Debug)]
pub enum Once<'a> {
    /// Nothing: each request counts.
    Free,
    /// The client's key, and a hash of the request it was sent with.
    Key {
        /// Idempotency-Key.
        key: &'a str,
        /// A hash of the request.
        fingerprint: &'a str,
    },
    /// The upload the bytes came by.
    Upload(&'a str),
}

/// What became of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The project.
    pub project: String,
    /// Whether an earlier request did it.
    pub replayed: bool,
}

#[derive(FromQueryResult)]
struct KeyRow {
    fingerprint: String,
    body: String,
}

#[derive(FromQueryResult)]
struct ParentVersion {
    sha256: String,
    model_sha256: String,
}

struct Stored {
    media: Media,
    blobs: Vec<Blob>,
}

/// The problem that carries findings.
#[must_use]
pub fn refused(findings: &[Finding]) -> Problem {
    let errors = findings.iter().filter(|finding| finding.severity == studwork_core::package::Severity::Error).count();
    let rules = if errors == 1 { "rule was" } else { "rules were" };
    Problem::new(
        axum::http::StatusCode::UNPROCESSABLE_ENTITY,
        "package_refused",
        format!("{errors} {rules} broken; see findings."),
    )
    .with("findings", serde_json::to_value(findings).unwrap_or_default())
}

/// Checks a package and makes it a project or a version.
///
/// # Errors
/// 422 `package_refused`, `parent_unknown`; 403 and 404 for a project of somebody else; 409 when it takes no versions.
pub async fn publish(
    portal: &Portal,
    account: &Account,
    bytes: Vec<u8>,
    target: &Target,
    once: Once<'_>,
) -> Answer<Published> {
    if let Some(done) = done_before(portal.db.read(), account, once).await? {
        return Ok(done);
    }
    if let Some(id) = &target.project {
        may_get_version(&find(portal.db.read(), id).await?, account)?;
    }
    let served = portal.policies.get().await?;
    let bytes = Arc::new(bytes);
    // At most two packages are unpacked at once, which bounds the memory they take.
    let permit = portal.heavy.acquire().await.map_err(Problem::internal)?;
    let (checked, pictures, parent) = match checked(portal, &bytes, &served).await {
        Ok(done) => done,
        Err(problem) => {
            portal.metrics.add(Count::Refused, 1);
            return Err(problem);
        }
    };
    let stored = store(portal, &bytes, pictures).await?;
    drop(permit);
    let result = write(portal, account, &checked, &stored, parent, target, once, &served, bytes.len()).await?;
    if !result.replayed {
        portal.metrics.add(Count::Packages, 1);
    }
    Ok(result)
}

fn may_get_version(project: &ProjectRow, account: &Account) -> Answer<()> {
    if project.creator != account.id {
        // A project that the account cannot even see is not told apart from one that does not exist.
        return Err(if super::is_visible(project, Some(account)) {
            Problem::forbidden("Only its creator adds versions to a project.")
        } else {
            Problem::not_found("project")
        });
    }
    if project.deleted_at.is_some() {
        return Err(Problem::not_found("project"));
    }
    if !project.state.takes_versions() {
        return Err(Problem::conflict(
            "transition_not_allowed",
            format!("A project that is {} takes no new version.", project.state),
        )
        .with("state", project.state.name()));
    }
    Ok(())
}

async fn done_before(
    connection: &impl ConnectionTrait,
    account: &Account,
    once: Once<'_>,
) -> Answer<Option<Published>> {
    let project = match once {
        Once::Free => None,
        Once::Key { key, fingerprint } => {
            let found: Option<KeyRow> = row(
                connection,
                "SELECT fingerprint, body FROM idempotency WHERE account = $1 AND key = $2",
                params![account.id.clone(), key],
            )
            .await?;
            match found {
                Some(found) if found.fingerprint != fingerprint => return Err(mismatch()),
                found => found.map(|found| found.body),
            }
        }
        Once::Upload(id) => {
            text(connection, "SELECT result AS value FROM uploads WHERE id = $1 AND result IS NOT NULL", params![id])
                .await?
        }
    };
    Ok(project.map(|project| Published { project, replayed: true }))
}

/// The problem of a key that was used for something else.
#[must_use]
pub fn mismatch() -> Problem {
    Problem::new(
        axum::http::StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency_mismatch",
        "This Idempotency-Key was used for another request; take a new one.",
    )
}

async fn checked(
    portal: &Portal,
    bytes: &Arc<Vec<u8>>,
    served: &Arc<Served>,
) -> Answer<(Checked, media::Pictures, Option<String>)> {
    let (package, policy) = (bytes.clone(), served.clone());
    let manifest = tokio::task::spawn_blocking(move || package::manifest(&package, &policy.policy.package))
        .await?
        .map_err(|findings| refused(&findings))?;
    let (parent, facts) = parent_of(portal, &manifest).await?;
    let (package, policy, portal) = (bytes.clone(), served.clone(), portal.clone());
    let (checked, pictures) = tokio::task::spawn_blocking(move || {
        let checked = package::check(&package, &policy.policy.package, &portal.catalog(), facts.as_ref())
            .map_err(|findings| refused(&findings))?;
        let pictures = media::pictures(&checked.pictures, &checked.turntable).map_err(|error| {
            Problem::invalid(format!("A picture of the package cannot be shown: {error}. Render it again."))
        })?;
        Ok::<_, Problem>((checked, pictures))
    })
    .await??;
    Ok((checked, pictures, parent))
}

/// The original that a manifest names, as the portal knows it.
async fn parent_of(portal: &Portal, manifest: &Manifest) -> Answer<(Option<String>, Option<ParentFacts>)> {
    let Some(parent) = &manifest.parent else { return Ok((None, None)) };
    let db = portal.db.read();
    let id = match &parent.project {
        Some(id) => Some(id.clone()),
        None => text(
            db,
            "SELECT project AS value FROM versions WHERE sha256 = $1 OR model_sha256 = $1 ORDER BY created_at LIMIT 1",
            params![parent.sha256.clone()],
        )
        .await?,
    };
    let Some(id) = id else { return Ok((None, None)) };
    let unknown = || {
        Problem::new(
            axum::http::StatusCode::UNPROCESSABLE_ENTITY,
            "parent_unknown",
            "The package names an original by the id of a project that this portal does not have. Leave out parent.project.",
        )
    };
    let project = match find(db, &id).await {
        Ok(project) => project,
        Err(problem) if problem.code == "not_found" => return Err(unknown()),
        Err(problem) => return Err(problem),
    };
    if project.deleted_at.is_some() {
        return Ok((Some(id), None));
    }
    let versions: Vec<ParentVersion> =
        crate::db::rows(db, "SELECT sha256, model_sha256 FROM versions WHERE project = $1", params![id.clone()])
            .await?;
    let hashes = versions.into_iter().flat_map(|version| [version.sha256, version.model_sha256]).collect();
    let creators: Vec<crate::api::shape::Maker> = serde_json::from_str(&project.creators)?;
    let facts = ParentFacts {
        hashes,
        creators: creators.into_iter().map(|maker| maker.name).collect(),
        license: project.license,
    };
    Ok((Some(id), Some(facts)))
}

async fn store(portal: &Portal, bytes: &[u8], pictures: media::Pictures) -> Answer<Stored> {
    let mut blobs = vec![portal.store.put_blob("packages", "studpkg", bytes.to_vec()).await?];
    let mut media = Media::default();
    for (target, picture) in [(&mut media.card, pictures.card), (&mut media.preview, pictures.preview)] {
        let blob = portal.store.put_blob("media", "jpg", picture).await?;
        target.clone_from(&blob.sha256);
        blobs.push(blob);
    }
    for (target, list) in [(&mut media.images, pictures.images), (&mut media.turntable, pictures.turntable)] {
        for picture in list {
            let blob = portal.store.put_blob("media", "jpg", picture).await?;
            target.push(blob.sha256.clone());
            blobs.push(blob);
        }
    }
    blobs.sort_by(|left, right| left.sha256.cmp(&right.sha256));
    blobs.dedup();
    Ok(Stored { media, blobs })
}

#[expect(clippy::too_many_arguments, reason = "everything that one transaction writes")]
async fn write(
    portal: &Portal,
    account: &Account,
    checked: &Checked,
    stored: &Stored,
    parent: Option<String>,
    target: &Target,
    once: Once<'_>,
    served: &Served,
    bytes: usize,
) -> Answer<Published> {
    let now = portal.clock.now();
    let tx = portal.db.begin().await?;
    let id = target.project.clone().unwrap_or_else(secrets::id);
    // The mark comes first: a request that runs at the same time waits here, and then finds it.
    let marked = match once {
        Once::Free => 1,
        Once::Key { key, fingerprint } => {
            exec(
                &tx,
                "INSERT INTO idempotency (account, key, fingerprint, status, body, location, created_at)
                 VALUES ($1, $2, $3, 201, $4, $5, $6) ON CONFLICT DO NOTHING",
                params![account.id.clone(), key, fingerprint, id.clone(), format!("/api/v1/projects/{id}"), now],
            )
            .await?
        }
        Once::Upload(upload) => {
            exec(
                &tx,
                "UPDATE uploads SET result = $1, touched_at = $2 WHERE id = $3 AND result IS NULL",
                params![id.clone(), now, upload],
            )
            .await?
        }
    };
    if marked == 0 {
        let done = done_before(&tx, account, once).await?;
        return done.ok_or_else(|| Problem::not_found("upload"));
    }
    for blob in &stored.blobs {
        exec(
            &tx,
            "INSERT INTO blobs (sha256, path, bytes, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (sha256) DO UPDATE SET created_at = excluded.created_at",
            params![blob.sha256.clone(), blob.path.clone(), blob.bytes, now],
        )
        .await?;
    }
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    let before = match &target.project {
        None => {
            insert_project(&tx, &id, account, checked, now).await?;
            append_event(&tx, &id, now, Some(&account.id), "created", None, Some(State::Draft), "").await?;
            Vec::new()
        }
        Some(_) => {
            let project = for_update(&tx, &portal.db, &id).await?;
            may_get_version(&project, account)?;
            let parts = text(
                &tx,
                "SELECT parts AS value FROM versions WHERE project = $1 AND number = $2",
                params![id.clone(), project.version],
            )
            .await?;
            serde_json::from_str::<Vec<PartRow>>(parts.as_deref().unwrap_or("[]"))?
        }
    };
    describe(&tx, &id, account, checked, stored, parent, bytes, now).await?;
    let mut project = for_update(&tx, &portal.db, &id).await?;
    let changes = if project.version == 1 { Vec::new() } else { changes_between(&before, &checked.parts) };
    insert_version(&tx, &project, checked, stored, &changes, now).await?;
    if project.version > 1 {
        let note = format!("Version {}", project.version);
        append_event(&tx, &id, now, Some(&account.id), "version", None, None, &note).await?;
    }
    let submits = match project.state {
        State::Draft => target.project.is_none() && !target.draft,
        State::ChangesRequested => true,
        _ => false,
    };
    if submits {
        moves::submit(&tx, &mut project, &served.policy, &account.id, now, "").await?;
    }
    tx.commit().await?;
    Ok(Published { project: id, replayed: false })
}

async fn insert_project(
    tx: &impl ConnectionTrait,
    id: &str,
    account: &Account,
    checked: &Checked,
    now: i64,
) -> Answer<()> {
    exec(
        tx,
        "INSERT INTO projects (id, creator, title, summary, description, description_html, for_whom, problem, license,
           tags, creators, search, state, listed, rising, pieces, version, sha256, bytes, media, created_at, updated_at)
         VALUES ($1, $2, '', '', '', '', '', '', '', '[]', '[]', '', 'draft', 0, $3, $4, 0, $5, 0, '{}', $6, $6)",
        params![id, account.id.clone(), rising_at_start(now), checked.pieces, checked.sha256.clone(), now],
    )
    .await?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
async fn describe(
    tx: &impl ConnectionTrait,
    id: &str,
    account: &Account,
    checked: &Checked,
    stored: &Stored,
    parent: Option<String>,
    bytes: i64,
    now: i64,
) -> Answer<()> {
    let manifest = &checked.manifest;
    let makers: Vec<serde_json::Value> = manifest
        .creators
        .iter()
        .map(|creator| serde_json::json!({ "name": creator.name, "role": creator.role }))
        .collect();
    let names: Vec<&str> = manifest.creators.iter().map(|creator| creator.name.as_str()).collect();
    let search = format!(
        "{} {} {} {} {}",
        manifest.title,
        manifest.summary,
        manifest.tags.join(" "),
        names.join(" "),
        account.name
    );
    let original = manifest.parent.as_ref();
    exec(
        tx,
        "UPDATE projects SET title = $1, summary = $2, description = $3, description_html = $4, for_whom = $5,
           problem = $6, license = $7, tags = $8, creators = $9, search = $10, pieces = $11, version = version + 1,
           sha256 = $12, bytes = $13, media = $14, parent_id = $15, parent_title = $16, parent_sha256 = $17,
           parent_creator = $18, parent_license = $19, updated_at = $20
         WHERE id = $21",
        params![
            manifest.title.clone(),
            manifest.summary.clone(),
            manifest.description.clone(),
            html_of_markdown(&manifest.description),
            manifest.audience.clone(),
            manifest.problem.clone(),
            manifest.license.clone(),
            serde_json::to_string(&manifest.tags)?,
            serde_json::to_string(&makers)?,
            search.to_lowercase(),
            checked.pieces,
            checked.sha256.clone(),
            bytes,
            serde_json::to_string(&stored.media)?,
            parent.filter(|parent| parent != id),
            original.map(|original| original.title.clone()),
            original.map(|original| original.sha256.clone()),
            original.map(|original| original.author.clone()),
            original.map(|original| original.license.clone()),
            now,
            id,
        ],
    )
    .await?;
    exec(tx, "DELETE FROM project_tags WHERE project = $1", params![id]).await?;
    for tag in &manifest.tags {
        exec(
            tx,
            "INSERT INTO project_tags (tag, project) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            params![tag.to_lowercase(), id],
        )
        .await?;
    }
    Ok(())
}

async fn insert_version(
    tx: &impl ConnectionTrait,
    project: &ProjectRow,
    checked: &Checked,
    stored: &Stored,
    changes: &[super::Change],
    now: i64,
) -> Answer<()> {
    exec(
        tx,
        "INSERT INTO versions (project, number, sha256, model_sha256, bytes, pieces, manifest, parts, media, changes,
           created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            project.id.clone(),
            project.version,
            checked.sha256.clone(),
            checked.model_sha256.clone(),
            project.bytes,
            checked.pieces,
            serde_json::to_string(&checked.manifest)?,
            serde_json::to_string(&checked.parts)?,
            serde_json::to_string(&stored.media)?,
            serde_json::to_string(changes)?,
            now,
        ],
    )
    .await?;
    for blob in &stored.blobs {
        exec(
            tx,
            "INSERT INTO version_blobs (project, number, sha256) VALUES ($1, $2, $3)",
            params![project.id.clone(), project.version, blob.sha256.clone()],
        )
        .await?;
    }
    Ok(())
}
