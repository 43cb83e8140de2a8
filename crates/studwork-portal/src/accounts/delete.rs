//! What the law calls access and erasure: everything about an account as one document, and its removal. Removing an
//! account leaves what belongs to others: counts, the lines of copies, the places of comments.

use sea_orm::FromQueryResult;
use serde_json::{Value, json};

use super::{Account, confirm_password};
use crate::clock::rfc3339;
use crate::db::{exec, rows};
use crate::params;
use crate::problem::{Answer, Problem};
use crate::projects::{State, erase, for_update};
use crate::state::Portal;

#[derive(FromQueryResult)]
struct Pair {
    key: String,
    at: i64,
}

#[derive(FromQueryResult)]
struct Written {
    id: String,
    project: String,
    body: String,
    created_at: i64,
}

/// Everything stored about an account.
///
/// # Errors
/// Those of the database.
pub async fn export(portal: &Portal, account: &Account) -> Answer<Value> {
    let db = portal.db.read();
    let id = || params![account.id.clone()];
    let pairs = |found: Vec<Pair>, name: &str| -> Vec<Value> {
        found.into_iter().map(|pair| json!({ name: pair.key, "at": rfc3339(pair.at) })).collect()
    };
    let supports: Vec<Pair> =
        rows(db, "SELECT project AS key, created_at AS at FROM supports WHERE account = $1 ORDER BY created_at", id())
            .await?;
    let follows: Vec<Pair> =
        rows(db, "SELECT project AS key, created_at AS at FROM follows WHERE account = $1 ORDER BY created_at", id())
            .await?;
    let projects: Vec<Pair> =
        rows(db, "SELECT id AS key, created_at AS at FROM projects WHERE creator = $1 ORDER BY created_at", id())
            .await?;
    let sessions: Vec<Pair> =
        rows(db, "SELECT 'web' AS key, created_at AS at FROM sessions WHERE account = $1 ORDER BY created_at", id())
            .await?;
    let devices: Vec<Pair> =
        rows(db, "SELECT device AS key, created_at AS at FROM tokens WHERE account = $1 ORDER BY created_at", id())
            .await?;
    let reports: Vec<Pair> =
        rows(db, "SELECT body AS key, created_at AS at FROM reports WHERE account = $1 ORDER BY created_at", id())
            .await?;
    let comments: Vec<Written> = rows(
        db,
        "SELECT id, project, body, created_at FROM comments WHERE account = $1 AND deleted_at IS NULL ORDER BY seq",
        id(),
    )
    .await?;
    Ok(json!({
        "account": {
            "id": account.id, "email": account.email, "name": account.name,
            "role": account.role.to_string(), "since": rfc3339(account.since),
        },
        "projects": pairs(projects, "project"),
        "supports": pairs(supports, "project"),
        "follows": pairs(follows, "project"),
        "comments": comments.into_iter().map(|comment| json!({
            "id": comment.id, "project": comment.project, "text": comment.body, "at": rfc3339(comment.created_at),
        })).collect::<Vec<_>>(),
        "reports": pairs(reports, "text"),
        "sessions": pairs(sessions, "kind"),
        "devices": pairs(devices, "device"),
    }))
}

/// Removes an account after its password was given once more.
///
/// # Errors
/// 422 when the password is wrong, 409 while a project of it is qualified, in review or in production.
pub async fn delete(portal: &Portal, account: &Account, password: &str) -> Answer<()> {
    confirm_password(portal, account, password).await?;
    let now = portal.clock.now();
    let tx = portal.db.begin().await?;
    let projects: Vec<Pair> = rows(
        &tx,
        "SELECT id AS key, created_at AS at FROM projects WHERE creator = $1 AND deleted_at IS NULL ORDER BY id",
        params![account.id.clone()],
    )
    .await?;
    for project in projects {
        let project = for_update(&tx, &portal.db, &project.key).await?;
        if matches!(project.state, State::Qualified | State::InReview | State::Approved | State::InProduction) {
            return Err(Problem::conflict(
                "transition_not_allowed",
                format!("\"{}\" has qualified; write to the people of the portal before you leave.", project.title),
            ));
        }
        erase(&tx, &project, &account.id, now).await?;
    }
    let id = || params![account.id.clone()];
    for sql in [
        "DELETE FROM sessions WHERE account = $1",
        "DELETE FROM tokens WHERE account = $1",
        "DELETE FROM auth_codes WHERE account = $1",
        "DELETE FROM device_codes WHERE account = $1",
        "DELETE FROM mail_tokens WHERE account = $1",
        "DELETE FROM idempotency WHERE account = $1",
        "UPDATE reports SET body = '' WHERE account = $1",
        "UPDATE projects SET follows = follows - 1 WHERE id IN (SELECT project FROM follows WHERE account = $1)",
        "DELETE FROM follows WHERE account = $1",
        "UPDATE projects SET comments = comments - (SELECT COUNT(*) FROM comments c WHERE c.project = projects.id
           AND c.account = $1 AND c.deleted_at IS NULL)
         WHERE deleted_at IS NULL AND id IN (SELECT project FROM comments WHERE account = $1 AND deleted_at IS NULL)",
    ] {
        exec(&tx, sql, id()).await?;
    }
    exec(
        &tx,
        "UPDATE comments SET body = '', deleted_at = COALESCE(deleted_at, $1) WHERE account = $2",
        params![now, account.id.clone()],
    )
    .await?;
    exec(
        &tx,
        "UPDATE accounts SET email = $1, name = 'Somebody who left', password = '', role = 'member', deleted_at = $2 WHERE id = $3",
        params![format!("deleted-{}", account.id), now, account.id.clone()],
    )
    .await?;
    tx.commit().await?;
    Ok(())
}
