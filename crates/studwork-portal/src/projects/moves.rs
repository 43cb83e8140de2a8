//! How a project moves from state to state: by people, by count, by clock. One function writes the change and its event;
//! its caller holds the project's row, so that two cannot move it at once.

use sea_orm::ConnectionTrait;

use super::states::{Who, who_may};
use super::{ProjectRow, State, append_event, find_visible, for_update};
use crate::accounts::{Account, Role};
use crate::db::{exec, text};
use crate::params;
use crate::policy::Policy;
use crate::problem::{Answer, Problem};
use crate::state::Portal;

/// Writes one change of state and its event. The way must have been checked with the table.
///
/// # Errors
/// 409 when the row is not in the state it was read in.
pub async fn step(
    tx: &impl ConnectionTrait,
    project: &ProjectRow,
    to: State,
    actor: Option<&str>,
    now: i64,
    note: &str,
) -> Answer<()> {
    let listed = to.is_public() && !project.hidden;
    let changed = exec(
        tx,
        "UPDATE projects SET state = $1, listed = $2, updated_at = $3,
           deadline_at = CASE WHEN $1 = 'gathering' THEN deadline_at ELSE NULL END
         WHERE id = $4 AND state = $5",
        params![to.name(), i64::from(listed), now, project.id.clone(), project.state.name()],
    )
    .await?;
    if changed != 1 {
        return Err(refused(project.state, to));
    }
    append_event(tx, &project.id, now, actor, "state", Some(project.state), Some(to), note).await
}

fn refused(from: State, to: State) -> Problem {
    Problem::conflict("transition_not_allowed", format!("A project that is {from} cannot become {to}."))
        .with("state", from.name())
}

/// Begins to gather: sets the window by the policy.
pub(super) async fn begin_gathering(
    tx: &impl ConnectionTrait,
    project: &ProjectRow,
    policy: &Policy,
    actor: Option<&str>,
    now: i64,
    note: &str,
) -> Answer<()> {
    let deadline = policy.support.deadline(now, project.stages);
    exec(
        tx,
        "UPDATE projects SET gathering_at = $1, deadline_at = $2 WHERE id = $3",
        params![now, deadline, project.id.clone()],
    )
    .await?;
    step(tx, project, State::Gathering, actor, now, note).await
}

/// Submits a project: it gathers at once unless the policy asks for a look first.
pub(super) async fn submit(
    tx: &impl ConnectionTrait,
    project: &mut ProjectRow,
    policy: &Policy,
    actor: &str,
    now: i64,
    note: &str,
) -> Answer<()> {
    step(tx, project, State::Submitted, Some(actor), now, note).await?;
    project.state = State::Submitted;
    if !policy.review_before_gathering {
        begin_gathering(tx, project, policy, None, now, "").await?;
        project.state = State::Gathering;
    }
    Ok(())
}

/// Moves a project because somebody asks for it.
///
/// # Errors
/// 404 when it is not visible, 403 when somebody else may, 409 when nobody may, 412 when `expected` is given and the
/// project changed since.
pub async fn transition(
    portal: &Portal,
    account: &Account,
    id: &str,
    to: State,
    note: &str,
    expected: Option<&str>,
) -> Answer<()> {
    if note.chars().count() > 2_000 {
        return Err(Problem::invalid("A note has at most 2,000 characters."));
    }
    let seen = find_visible(portal, id, Some(account)).await?;
    let policy = portal.policies.get().await?;
    let now = portal.clock.now();
    let tx = portal.db.begin().await?;
    let mut project = for_update(&tx, &portal.db, &seen.id).await?;
    if let Some(expected) = expected
        && !expected.split(',').any(|tag| tag.trim() == "*" || tag.trim() == etag(&project))
    {
        return Err(Problem::new(
            axum::http::StatusCode::PRECONDITION_FAILED,
            "stale",
            "The project changed since it was read; read it again.",
        ));
    }
    if project.state == State::Gathering && project.deadline_at.is_some_and(|deadline| deadline <= now) {
        step(&tx, &project, State::Expired, None, now, "").await?;
        tx.commit().await?;
        return Err(refused(State::Expired, to));
    }
    let allowed = who_may(project.state, to);
    if allowed.is_empty() {
        return Err(refused(project.state, to));
    }
    let creator = project.creator == account.id && allowed.contains(&Who::Creator);
    let reviewer = account.role >= Role::Reviewer && allowed.contains(&Who::Reviewer);
    if !creator && !reviewer {
        return Err(if allowed == [Who::Portal] {
            refused(project.state, to)
        } else {
            Problem::forbidden(format!("You may not make a project that is {} {to}.", project.state))
        });
    }
    match to {
        State::Submitted => submit(&tx, &mut project, &policy.policy, &account.id, now, note).await?,
        State::Gathering => begin_gathering(&tx, &project, &policy.policy, Some(&account.id), now, note).await?,
        _ => step(&tx, &project, to, Some(&account.id), now, note).await?,
    }
    tx.commit().await?;
    Ok(())
}

/// The ETag of a project as its row says.
#[must_use]
pub fn etag(project: &ProjectRow) -> String {
    let text = format!(
        "{}/{}/{}/{}/{}/{}/{}",
        project.id,
        project.version,
        project.state,
        project.supports,
        project.updated_at,
        project.comments,
        project.follows
    );
    format!("\"{}\"", &crate::secrets::sha256_hex(text.as_bytes())[..24])
}

/// Expires every project whose window is over; how many there were.
///
/// # Errors
/// Those of the database.
pub async fn expire_due(portal: &Portal) -> Answer<usize> {
    let mut count = 0;
    loop {
        let now = portal.clock.now();
        let due = text(
            portal.db.read(),
            "SELECT id AS value FROM projects WHERE state = 'gathering' AND deadline_at <= $1 LIMIT 1",
            params![now],
        )
        .await?;
        let Some(id) = due else { return Ok(count) };
        let tx = portal.db.begin().await?;
        let project = for_update(&tx, &portal.db, &id).await?;
        if project.state == State::Gathering && project.deadline_at.is_some_and(|deadline| deadline <= now) {
            step(&tx, &project, State::Expired, None, now, "").await?;
            count += 1;
        }
        tx.commit().await?;
    }
}
