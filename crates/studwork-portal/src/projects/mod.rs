//! Projects: how a package becomes one, the way it goes, who sees it. Everything that changes a project's state goes
//! through `moves`, in the transaction of whatever caused it.

mod lineage;
mod list;
mod moves;
mod publish;
mod row;
pub mod states;
mod versions;

pub use lineage::{Ancestor, ancestors, children};
pub use list::{Filter, Listing, Sort, list, list_followed, list_supported};
pub use moves::{etag, expire_due, step, transition};
pub use publish::{Once, Published, Target, mismatch, publish, refused};
pub use row::{Media, ProjectRow, find, find_visible, for_update, is_visible};
pub use states::State;
pub use versions::{Change, Version, versions};

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

use crate::accounts::{Account, Role};
use crate::clock::rfc3339;
use crate::db::{exec, rows, text};
use crate::params;
use crate::problem::{Answer, Problem};
use crate::state::Portal;

/// Something that happened to a project; never changed, never removed.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Event {
    /// RFC 3339.
    pub at: String,
    /// `created`, `version`, `state`, `milestone`, `hidden`, `shown`, `deleted`.
    pub kind: String,
    /// The state before.
    pub from: Option<String>,
    /// The state after.
    pub to: Option<String>,
    /// What was said about it.
    pub note: String,
}

#[derive(FromQueryResult)]
struct EventRow {
    at: i64,
    kind: String,
    from_state: Option<String>,
    to_state: Option<String>,
    note: String,
}

/// Appends an event, in the transaction of what happened.
///
/// # Errors
/// Those of the database.
#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
pub(crate) async fn append_event(
    tx: &impl ConnectionTrait,
    project: &str,
    at: i64,
    actor: Option<&str>,
    kind: &str,
    from: Option<State>,
    to: Option<State>,
    note: &str,
) -> Answer<()> {
    exec(
        tx,
        "INSERT INTO events (project, at, actor, kind, from_state, to_state, note) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            project,
            at,
            actor.map(str::to_owned),
            kind,
            from.map(|state| state.name().to_owned()),
            to.map(|state| state.name().to_owned()),
            note,
        ],
    )
    .await?;
    Ok(())
}

/// What happened to a project, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn events(portal: &Portal, project: &str) -> Answer<Vec<Event>> {
    let found: Vec<EventRow> = rows(
        portal.db.read(),
        "SELECT at, kind, from_state, to_state, note FROM events WHERE project = $1 ORDER BY seq",
        params![project],
    )
    .await?;
    Ok(found
        .into_iter()
        .map(|row| Event {
            at: rfc3339(row.at),
            kind: row.kind,
            from: row.from_state,
            to: row.to_state,
            note: row.note,
        })
        .collect())
}

/// The name of a project's creator.
///
/// # Errors
/// Those of the database.
pub async fn creator_name(portal: &Portal, account: &str) -> Answer<String> {
    Ok(text(portal.db.read(), "SELECT name AS value FROM accounts WHERE id = $1", params![account])
        .await?
        .unwrap_or_default())
}

/// Whether two accounts' relation to a project is what they say: supported, followed.
///
/// # Errors
/// Those of the database.
pub async fn relation(portal: &Portal, project: &str, account: &str) -> Answer<(bool, bool)> {
    let supported = crate::db::number(
        portal.db.read(),
        "SELECT COUNT(*) AS value FROM supports WHERE project = $1 AND account = $2",
        params![project, account],
    )
    .await?;
    let followed = crate::db::number(
        portal.db.read(),
        "SELECT COUNT(*) AS value FROM follows WHERE project = $1 AND account = $2",
        params![project, account],
    )
    .await?;
    Ok((supported.unwrap_or(0) > 0, followed.unwrap_or(0) > 0))
}

/// Follows a project, or stops.
///
/// # Errors
/// 404 when it is not visible.
pub async fn follow(portal: &Portal, account: &Account, id: &str, on: bool) -> Answer<()> {
    find_visible(portal, id, Some(account)).await?;
    let tx = portal.db.begin().await?;
    let changed = if on {
        exec(
            &tx,
            "INSERT INTO follows (project, account, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            params![id, account.id.clone(), portal.clock.now()],
        )
        .await?
    } else {
        exec(&tx, "DELETE FROM follows WHERE project = $1 AND account = $2", params![id, account.id.clone()]).await?
    };
    if changed > 0 {
        let by: i64 = if on { 1 } else { -1 };
        exec(&tx, "UPDATE projects SET follows = follows + $1 WHERE id = $2", params![by, id]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Hides a project from everybody but its creator and reviewers, or shows it again.
///
/// # Errors
/// 403 for members, 404 when there is none.
pub async fn set_hidden(portal: &Portal, reviewer: &Account, id: &str, hidden: bool, note: &str) -> Answer<()> {
    if reviewer.role < Role::Reviewer {
        return Err(Problem::forbidden("Only reviewers hide projects."));
    }
    let now = portal.clock.now();
    let tx = portal.db.begin().await?;
    let project = for_update(&tx, &portal.db, id).await?;
    let listed = !hidden && project.state.is_public();
    exec(
        &tx,
        "UPDATE projects SET hidden = $1, listed = $2, updated_at = $3 WHERE id = $4",
        params![i64::from(hidden), i64::from(listed), now, id],
    )
    .await?;
    let kind = if hidden { "hidden" } else { "shown" };
    append_event(&tx, id, now, Some(&reviewer.id), kind, None, None, note).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a project: what was written and drawn is gone; its title, creator and hash stay for the lineage of copies.
/// A project that gathers is withdrawn first; one that qualified stays.
///
/// # Errors
/// 403 for others than its creator and admins, 409 when it has qualified.
pub async fn delete_project(portal: &Portal, account: &Account, id: &str) -> Answer<()> {
    let tx = portal.db.begin().await?;
    let project = for_update(&tx, &portal.db, id).await?;
    if project.deleted_at.is_some() {
        return Err(Problem::not_found("project"));
    }
    if project.creator != account.id && account.role < Role::Admin {
        return Err(Problem::forbidden("Only its creator deletes a project."));
    }
    if matches!(project.state, State::Qualified | State::InReview | State::Approved | State::InProduction) {
        return Err(Problem::conflict(
            "transition_not_allowed",
            "A project that has qualified stays; write to the people of the portal.",
        )
        .with("state", project.state.name()));
    }
    erase(&tx, &project, &account.id, portal.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Empties a project's row and removes its versions; blobs nobody names any more go with the next housekeeping.
pub(crate) async fn erase(tx: &impl ConnectionTrait, project: &ProjectRow, actor: &str, now: i64) -> Answer<()> {
    let id = &project.id;
    if !states::who_may(project.state, State::Withdrawn).is_empty() {
        step(tx, project, State::Withdrawn, Some(actor), now, "").await?;
    }
    exec(
        tx,
        "UPDATE projects SET summary = '', description = '', description_html = '', for_whom = '', problem = '',
           tags = '[]', creators = '[]', search = '', media = '{}', listed = 0, deleted_at = $1, updated_at = $1 WHERE id = $2",
        params![now, id.clone()],
    )
    .await?;
    exec(tx, "DELETE FROM project_tags WHERE project = $1", params![id.clone()]).await?;
    exec(tx, "DELETE FROM version_blobs WHERE project = $1", params![id.clone()]).await?;
    exec(tx, "DELETE FROM versions WHERE project = $1", params![id.clone()]).await?;
    exec(
        tx,
        "UPDATE comments SET body = '', deleted_at = COALESCE(deleted_at, $1) WHERE project = $2",
        params![now, id.clone()],
    )
    .await?;
    append_event(tx, id, now, Some(actor), "deleted", None, None, "").await
}
