//! Resumable uploads: bytes arrive in pieces, each stored and counted before it is acknowledged, so that any instance can
//! go on where another was cut off. The last piece makes the project, once. Knows nothing of HTTP beyond a stream of
//! bytes.

use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _};
use sea_orm::FromQueryResult;

use crate::accounts::Account;
use crate::clock::DAY;
use crate::db::{exec, is_duplicate, number, row, rows};
use crate::limits::What;
use crate::metrics::Count;
use crate::params;
use crate::problem::{Answer, Problem};
use crate::projects::{Once, Published, Target, publish};
use crate::secrets;
use crate::state::Portal;

/// Bytes that are stored as one piece.
const PIECE: usize = 4 << 20;
/// Most pieces of one upload: a client that sends byte by byte is stopped.
const MAX_PARTS: i64 = 2_000;
/// Most unfinished uploads of one account.
const MAX_OPEN: i64 = 20;
/// How long an upload may rest, in milliseconds.
pub const RESTS: i64 = 7 * DAY;
/// How long the next bytes of a piece may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// An upload as it stands.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Upload {
    /// The id.
    pub id: String,
    /// Whose it is.
    pub account: String,
    /// A hash of the request that began it.
    pub fingerprint: String,
    /// The project it is a version of.
    pub project: Option<String>,
    /// Whether the project stays a draft.
    pub draft: i64,
    /// How many bytes there will be.
    pub length: i64,
    /// How many there are.
    pub received: i64,
    /// Pieces they came in.
    pub parts: i64,
    /// What the bytes must hash to.
    pub sha256: String,
    /// The project it became.
    pub result: Option<String>,
}

#[derive(FromQueryResult)]
struct Part {
    start: i64,
    length: i64,
    path: String,
}

/// What begins an upload.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// How many bytes there will be.
    pub length: i64,
    /// What they hash to.
    pub sha256: String,
    /// The client's key; none: a new upload each time.
    pub key: Option<String>,
    /// What the package is to become.
    pub target: Target,
}

const COLUMNS: &str = "id, account, fingerprint, project, draft, length, received, parts, sha256, result";

/// Begins an upload, or finds the one that was begun with the same key; the upload, and whether it was there.
///
/// # Errors
/// 413 when it will be too long, 422 when the key was used otherwise, 429.
pub async fn begin(portal: &Portal, account: &Account, new: &NewUpload) -> Answer<(Upload, bool)> {
    let most = most_bytes(portal).await?;
    if new.length > most {
        return Err(Problem::too_large(format!("A package here has at most {most} bytes.")));
    }
    if new.length < 1 {
        return Err(Problem::bad_request("Upload-Length: a package has at least one byte."));
    }
    let fingerprint = secrets::sha256_hex(
        format!("{}/{}/{:?}/{}", new.length, new.sha256, new.target.project, new.target.draft).as_bytes(),
    );
    let key = new.key.clone().unwrap_or_else(secrets::token);
    if let Some(found) = by_key(portal, account, &key).await? {
        return if found.fingerprint == fingerprint { Ok((found, true)) } else { Err(crate::projects::mismatch()) };
    }
    if let Some(id) = &new.target.project {
        let project = crate::projects::find_visible(portal, id, Some(account)).await?;
        if project.creator != account.id {
            return Err(Problem::forbidden("Only its creator adds versions to a project."));
        }
    }
    portal.limiter.take(What::Packages, &account.id)?;
    let open = number(
        portal.db.read(),
        "SELECT COUNT(*) AS value FROM uploads WHERE account = $1 AND result IS NULL",
        params![account.id.clone()],
    )
    .await?;
    if open.unwrap_or(0) >= MAX_OPEN {
        return Err(Problem::rate_limited(3_600).with("open_uploads", MAX_OPEN));
    }
    let (id, now) = (secrets::id(), portal.clock.now());
    let inserted = exec(
        portal.db.write(),
        "INSERT INTO uploads (id, account, key, fingerprint, project, draft, length, sha256, created_at, touched_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        params![
            id.clone(),
            account.id.clone(),
            key.clone(),
            fingerprint.clone(),
            new.target.project.clone(),
            i64::from(new.target.draft),
            new.length,
            new.sha256.clone(),
            now,
        ],
    )
    .await;
    match inserted {
        Ok(_) => Ok((find(portal, account, &id).await?, false)),
        Err(error) if is_duplicate(&error) => {
            let found = by_key(portal, account, &key).await?.ok_or_else(Problem::busy)?;
            if found.fingerprint == fingerprint { Ok((found, true)) } else { Err(crate::projects::mismatch()) }
        }
        Err(error) => Err(error.into()),
    }
}

/// The most bytes of a package.
///
/// # Errors
/// Those of the database.
pub async fn most_bytes(portal: &Portal) -> Answer<i64> {
    let policy = portal.policies.get().await?.policy.package.clamped();
    Ok(i64::try_from(policy.archive.package_bytes).unwrap_or(i64::MAX))
}

async fn by_key(portal: &Portal, account: &Account, key: &str) -> Answer<Option<Upload>> {
    let sql = format!("SELECT {COLUMNS} FROM uploads WHERE account = $1 AND key = $2");
    Ok(row(portal.db.read(), &sql, params![account.id.clone(), key]).await?)
}

/// An upload of this account.
///
/// # Errors
/// 404 when there is none.
pub async fn find(portal: &Portal, account: &Account, id: &str) -> Answer<Upload> {
    let sql = format!("SELECT {COLUMNS} FROM uploads WHERE id = $1 AND account = $2");
    let found: Option<Upload> = row(portal.db.read(), &sql, params![id, account.id.clone()]).await?;
    found.ok_or_else(|| Problem::not_found("upload"))
}

fn mismatch(expected: i64) -> Problem {
    Problem::conflict("offset_mismatch", format!("The upload goes on at byte {expected}."))
        .with("expected_offset", expected)
        .header(axum::http::HeaderName::from_static("upload-offset"), &expected.to_string())
}

/// Appends bytes at `offset`. What arrived before a cut is kept. Returns how many bytes there are now.
///
/// # Errors
/// 404, 409 for another offset or a finished upload, 413 for more bytes than announced, 400 when the connection broke.
pub async fn append<S, E>(portal: &Portal, account: &Account, id: &str, offset: i64, body: S) -> Answer<i64>
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: std::fmt::Display + Send + 'static,
{
    let upload = find(portal, account, id).await?;
    if upload.result.is_some() {
        return Err(Problem::conflict("upload_finished", "This upload is finished."));
    }
    if upload.received != offset {
        return Err(mismatch(upload.received));
    }
    // In a task of its own: when the client goes away, what has arrived is still written.
    let portal = portal.clone();
    tokio::spawn(async move { receive(&portal, &upload, Box::pin(body)).await }).await?
}

async fn receive<S, E>(portal: &Portal, upload: &Upload, mut body: std::pin::Pin<Box<S>>) -> Answer<i64>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: std::fmt::Display,
{
    let mut at = upload.received;
    let mut piece: Vec<u8> = Vec::new();
    loop {
        let next = tokio::time::timeout(PATIENCE, body.next()).await;
        match next {
            Ok(Some(Ok(bytes))) => {
                let length = i64::try_from(piece.len() + bytes.len()).unwrap_or(i64::MAX);
                if at.saturating_add(length) > upload.length {
                    return Err(Problem::too_large("More bytes came than Upload-Length announced."));
                }
                piece.extend_from_slice(&bytes);
                if piece.len() >= PIECE {
                    at = store_piece(portal, upload, at, std::mem::take(&mut piece)).await?;
                }
            }
            Ok(None) => return store_piece(portal, upload, at, piece).await,
            Ok(Some(Err(_))) | Err(_) => {
                at = store_piece(portal, upload, at, piece).await?;
                return Err(Problem::bad_request(format!("The connection broke; {at} bytes have arrived.")));
            }
        }
    }
}

/// Stores one piece at `start`, if the upload still is there; where it goes on.
async fn store_piece(portal: &Portal, upload: &Upload, start: i64, piece: Vec<u8>) -> Answer<i64> {
    if piece.is_empty() {
        return Ok(start);
    }
    let length = i64::try_from(piece.len()).unwrap_or(i64::MAX);
    let path = format!("uploads/{}/{start:012}-{}", upload.id, secrets::id());
    portal.store.put(&path, piece).await?;
    let tx = portal.db.begin().await?;
    let moved = exec(
        &tx,
        "UPDATE uploads SET received = $1, parts = parts + 1, touched_at = $2
         WHERE id = $3 AND received = $4 AND result IS NULL AND parts < $5",
        params![start + length, portal.clock.now(), upload.id.clone(), start, MAX_PARTS],
    )
    .await?;
    if moved == 1 {
        exec(
            &tx,
            "INSERT INTO upload_parts (upload, start, length, path) VALUES ($1, $2, $3, $4)",
            params![upload.id.clone(), start, length, path],
        )
        .await?;
        tx.commit().await?;
        portal.metrics.add(Count::Received, u64::try_from(length).unwrap_or(0));
        return Ok(start + length);
    }
    drop(tx);
    portal.store.delete(&path).await?;
    let sql = format!("SELECT {COLUMNS} FROM uploads WHERE id = $1");
    let now: Option<Upload> = row(portal.db.read(), &sql, params![upload.id.clone()]).await?;
    Err(match now {
        None => Problem::not_found("upload"),
        Some(now) if now.result.is_some() => Problem::conflict("upload_finished", "This upload is finished."),
        Some(now) if now.parts >= MAX_PARTS => {
            Problem::too_large(format!("An upload comes in at most {MAX_PARTS} pieces; begin again with larger ones."))
        }
        Some(now) => mismatch(now.received),
    })
}

/// Makes the project when all bytes are there. May be repeated: the project is the same.
///
/// # Errors
/// 409 while bytes are missing; 422 when the digest does not fit or the rules are broken, which ends the upload.
pub async fn finish(portal: &Portal, account: &Account, id: &str) -> Answer<Published> {
    let upload = find(portal, account, id).await?;
    if let Some(project) = upload.result {
        return Ok(Published { project, replayed: true });
    }
    if upload.received < upload.length {
        return Err(Problem::conflict(
            "upload_incomplete",
            format!("{} of {} bytes are there.", upload.received, upload.length),
        )
        .with("expected_offset", upload.received)
        .header(axum::http::HeaderName::from_static("upload-offset"), &upload.received.to_string()));
    }
    let (portal, account) = (portal.clone(), account.clone());
    // In a task of its own, so that a client that loses patience finds it done.
    tokio::spawn(async move { complete(&portal, &account, &upload).await }).await?
}

async fn complete(portal: &Portal, account: &Account, upload: &Upload) -> Answer<Published> {
    let parts = parts_of(portal, &upload.id).await?;
    let mut bytes = Vec::with_capacity(usize::try_from(upload.length).unwrap_or(0));
    for part in &parts {
        let piece = portal.store.get(&part.path).await?;
        if i64::try_from(bytes.len()) != Ok(part.start) || i64::try_from(piece.len()) != Ok(part.length) {
            return Err(Problem::internal(anyhow::anyhow!("upload {}: its pieces do not fit", upload.id)));
        }
        bytes.extend_from_slice(&piece);
    }
    if !secrets::same(&secrets::sha256_hex(&bytes), &upload.sha256) {
        discard(portal, &upload.id).await?;
        return Err(Problem::new(
            axum::http::StatusCode::UNPROCESSABLE_ENTITY,
            "digest_mismatch",
            "The bytes do not have the SHA-256 that Repr-Digest announced; the upload was thrown away. Send it again.",
        ));
    }
    let target = Target { project: upload.project.clone(), draft: upload.draft != 0 };
    match publish(portal, account, bytes, &target, Once::Upload(&upload.id)).await {
        Ok(published) => {
            drop_parts(portal, &upload.id).await?;
            Ok(published)
        }
        Err(problem) if problem.status.is_client_error() => {
            discard(portal, &upload.id).await?;
            Err(problem)
        }
        Err(problem) => Err(problem),
    }
}

async fn parts_of(portal: &Portal, id: &str) -> Answer<Vec<Part>> {
    let sql = "SELECT start, length, path FROM upload_parts WHERE upload = $1 ORDER BY start";
    Ok(rows(portal.db.read(), sql, params![id]).await?)
}

/// Removes the pieces of a finished upload.
///
/// # Errors
/// Those of database and store.
pub async fn drop_parts(portal: &Portal, id: &str) -> Answer<()> {
    for part in parts_of(portal, id).await? {
        portal.store.delete(&part.path).await?;
    }
    exec(portal.db.write(), "DELETE FROM upload_parts WHERE upload = $1", params![id]).await?;
    Ok(())
}

/// Removes an upload that did not finish and everything of it.
///
/// # Errors
/// Those of database and store.
pub async fn discard(portal: &Portal, id: &str) -> Answer<()> {
    let parts = parts_of(portal, id).await?;
    let tx = portal.db.begin().await?;
    exec(&tx, "DELETE FROM upload_parts WHERE upload = $1", params![id]).await?;
    exec(&tx, "DELETE FROM uploads WHERE id = $1", params![id]).await?;
    tx.commit().await?;
    for part in parts {
        portal.store.delete(&part.path).await?;
    }
    Ok(())
}

/// Cancels an upload.
///
/// # Errors
/// 404 when there is none, 409 when it is finished.
pub async fn cancel(portal: &Portal, account: &Account, id: &str) -> Answer<()> {
    let upload = find(portal, account, id).await?;
    if upload.result.is_some() {
        return Err(Problem::conflict("upload_finished", "This upload is finished; withdraw the project instead."));
    }
    discard(portal, id).await
}
