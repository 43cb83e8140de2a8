//! Housekeeping: what the clock does to projects, and what is too old to keep. Any number of instances may do it at the
//! same time.

use std::time::Duration;

use sea_orm::FromQueryResult;
use tokio::sync::watch;

use crate::clock::DAY;
use crate::db::{exec, rows};
use crate::params;
use crate::problem::Answer;
use crate::projects;
use crate::state::Portal;
use crate::uploads;

#[derive(FromQueryResult)]
struct Name {
    value: String,
}

#[derive(FromQueryResult)]
struct Orphan {
    sha256: String,
    path: String,
}

/// Keeps house every `seconds` until told to stop.
pub async fn run(portal: Portal, seconds: u64, mut stopped: watch::Receiver<bool>) {
    let mut round: u64 = 0;
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if let Err(problem) = projects::expire_due(&portal).await {
            problem.log();
        }
        // What is only tidying happens now and then.
        if round.is_multiple_of(60)
            && let Err(problem) = tidy(&portal).await
        {
            problem.log();
        }
        round += 1;
    }
}

/// Removes what is too old: uploads nobody goes on with, codes, sessions, keys, blobs nobody names.
///
/// # Errors
/// Those of database and store.
pub async fn tidy(portal: &Portal) -> Answer<()> {
    let now = portal.clock.now();
    let old: Vec<Name> = rows(
        portal.db.read(),
        "SELECT id AS value FROM uploads WHERE result IS NULL AND touched_at < $1 LIMIT 100",
        params![now - uploads::RESTS],
    )
    .await?;
    for upload in old {
        uploads::discard(portal, &upload.value).await?;
    }
    // A server that died after a project was written may not have removed the pieces it came in.
    let left: Vec<Name> = rows(
        portal.db.read(),
        "SELECT DISTINCT p.upload AS value FROM upload_parts p JOIN uploads u ON u.id = p.upload
         WHERE u.result IS NOT NULL AND u.touched_at < $1 LIMIT 100",
        params![now - DAY / 24],
    )
    .await?;
    for upload in left {
        uploads::drop_parts(portal, &upload.value).await?;
    }
    for sql in [
        "DELETE FROM uploads WHERE result IS NOT NULL AND touched_at < $1",
        "DELETE FROM idempotency WHERE created_at < $1",
    ] {
        exec(portal.db.write(), sql, params![now - uploads::RESTS]).await?;
    }
    for sql in [
        "DELETE FROM sessions WHERE expires_at < $1",
        "DELETE FROM mail_tokens WHERE expires_at < $1",
        "DELETE FROM device_codes WHERE expires_at < $1",
        "DELETE FROM tokens WHERE expires_at < $1",
    ] {
        exec(portal.db.write(), sql, params![now - DAY]).await?;
    }
    // A used code is remembered as long as its token may live, so that its second use takes the token back.
    exec(
        portal.db.write(),
        "DELETE FROM auth_codes WHERE expires_at < $1 AND NOT EXISTS (SELECT 1 FROM tokens WHERE grant_hash = auth_codes.hash)",
        params![now - DAY],
    )
    .await?;
    remove_orphans(portal, now - DAY).await
}

/// Removes blobs that no version names and nobody stored since `before`.
async fn remove_orphans(portal: &Portal, before: i64) -> Answer<()> {
    const UNNAMED: &str = "NOT EXISTS (SELECT 1 FROM version_blobs v WHERE v.sha256 = blobs.sha256)";
    let sql = format!("SELECT sha256, path FROM blobs WHERE created_at < $1 AND {UNNAMED} LIMIT 1000");
    let orphans: Vec<Orphan> = rows(portal.db.read(), &sql, params![before]).await?;
    for orphan in orphans {
        let sql = format!("DELETE FROM blobs WHERE sha256 = $1 AND created_at < $2 AND {UNNAMED}");
        if exec(portal.db.write(), &sql, params![orphan.sha256, before]).await? == 1 {
            portal.store.delete(&orphan.path).await?;
        }
    }
    Ok(())
}
