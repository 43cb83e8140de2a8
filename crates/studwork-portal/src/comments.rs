//! What people say about a project, and what they report. A removed comment keeps its place, so that replies still make
//! sense. Knows nothing of pages.

use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::accounts::{Account, Role};
use crate::db::{exec, row, rows, text};
use crate::limits::What;
use crate::params;
use crate::problem::{Answer, Problem};
use crate::projects::{find, find_visible, for_update, is_visible};
use crate::secrets;
use crate::state::Portal;

/// A comment as it is stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Comment {
    /// Its place in the order.
    pub seq: i64,
    /// The id.
    pub id: String,
    /// The project.
    pub project: String,
    /// Who wrote it.
    pub account: String,
    /// Their name.
    pub name: String,
    /// Markdown; empty when it was removed.
    pub body: String,
    /// The comment it answers.
    pub reply_to: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// When it was removed.
    pub deleted_at: Option<i64>,
}

/// A report as it is stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Report {
    /// The id.
    pub id: String,
    /// The project it is about.
    pub project: String,
    /// The project's title.
    pub title: String,
    /// The comment it is about.
    pub comment: Option<String>,
    /// What that comment says.
    pub comment_body: Option<String>,
    /// Who reported.
    pub name: String,
    /// One of [`REASONS`].
    pub reason: String,
    /// What they said.
    pub body: String,
    /// Milliseconds.
    pub created_at: i64,
}

/// Why something is reported.
pub const REASONS: [&str; 4] = ["spam", "license", "abuse", "other"];

const COLUMNS: &str = "c.seq, c.id, c.project, c.account, a.name, c.body, c.reply_to, c.created_at, c.deleted_at";

/// A text of 1 to `most` characters without control characters other than line breaks.
fn clean(text: &str, least: usize, most: usize) -> Answer<String> {
    let text = text.trim().replace("\r\n", "\n");
    let count = text.chars().count();
    if count < least || count > most {
        return Err(Problem::invalid(format!("The text has {count} characters; {least} to {most} are allowed.")));
    }
    if text.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\t') {
        return Err(Problem::invalid("The text has control characters."));
    }
    Ok(text)
}

/// A page of comments, oldest first, after the comment numbered `after`.
///
/// # Errors
/// Those of the database.
pub async fn page(portal: &Portal, project: &str, after: i64, limit: usize) -> Answer<(Vec<Comment>, Option<i64>)> {
    let limit = limit.clamp(1, 100);
    let sql = format!(
        "SELECT {COLUMNS} FROM comments c JOIN accounts a ON a.id = c.account WHERE c.project = $1 AND c.seq > $2 \
         ORDER BY c.seq LIMIT {}",
        limit + 1
    );
    let mut found: Vec<Comment> = rows(portal.db.read(), &sql, params![project, after]).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.seq);
    Ok((found, next))
}

/// One comment.
///
/// # Errors
/// 404 when there is none.
pub async fn one(connection: &impl ConnectionTrait, id: &str) -> Answer<Comment> {
    let sql = format!("SELECT {COLUMNS} FROM comments c JOIN accounts a ON a.id = c.account WHERE c.id = $1");
    let found: Option<Comment> = row(connection, &sql, params![id]).await?;
    found.ok_or_else(|| Problem::not_found("comment"))
}

/// Writes a comment. `key` is an Idempotency-Key with the hash of its request. Returns the comment and whether an earlier
/// request wrote it.
///
/// # Errors
/// 404 for a project or an answered comment that is not there, 422 for a text that will not do, 429.
pub async fn add(
    portal: &Portal,
    account: &Account,
    project: &str,
    body: &str,
    reply_to: Option<&str>,
    key: Option<(&str, &str)>,
) -> Answer<(Comment, bool)> {
    let seen = find_visible(portal, project, Some(account)).await?;
    let body = clean(body, 1, 4_000)?;
    if let Some(answered) = reply_to {
        let answered = one(portal.db.read(), answered).await?;
        if answered.project != seen.id || answered.deleted_at.is_some() {
            return Err(Problem::not_found("comment"));
        }
    }
    portal.limiter.take(What::Talk, &account.id)?;
    let (id, now) = (secrets::id(), portal.clock.now());
    let tx = portal.db.begin().await?;
    if let Some(earlier) = mark(&tx, account, key, &id, now).await? {
        return Ok((one(&tx, &earlier).await?, true));
    }
    let live = for_update(&tx, &portal.db, &seen.id).await?;
    if !is_visible(&live, Some(account)) {
        return Err(Problem::not_found("project"));
    }
    exec(
        &tx,
        "INSERT INTO comments (id, project, account, body, reply_to, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![id.clone(), seen.id.clone(), account.id.clone(), body, reply_to.map(str::to_owned), now],
    )
    .await?;
    exec(&tx, "UPDATE projects SET comments = comments + 1 WHERE id = $1", params![seen.id]).await?;
    let comment = one(&tx, &id).await?;
    tx.commit().await?;
    Ok((comment, false))
}

/// Marks a request as done in its transaction; the id an earlier one made.
async fn mark(
    tx: &impl ConnectionTrait,
    account: &Account,
    key: Option<(&str, &str)>,
    id: &str,
    now: i64,
) -> Answer<Option<String>> {
    let Some((key, fingerprint)) = key else { return Ok(None) };
    let marked = exec(
        tx,
        "INSERT INTO idempotency (account, key, fingerprint, status, body, location, created_at)
         VALUES ($1, $2, $3, 201, $4, '', $5) ON CONFLICT DO NOTHING",
        params![account.id.clone(), key, fingerprint, id, now],
    )
    .await?;
    if marked == 1 {
        return Ok(None);
    }
    let earlier = text(
        tx,
        "SELECT body AS value FROM idempotency WHERE account = $1 AND key = $2 AND fingerprint = $3",
        params![account.id.clone(), key, fingerprint],
    )
    .await?;
    earlier.map(Some).ok_or_else(crate::projects::mismatch)
}

/// Removes a comment: its author, or a reviewer.
///
/// # Errors
/// 404 when there is none, 403 for others.
pub async fn remove(portal: &Portal, account: &Account, id: &str) -> Answer<()> {
    let comment = one(portal.db.read(), id).await?;
    find_visible(portal, &comment.project, Some(account)).await?;
    if comment.account != account.id && account.role < Role::Reviewer {
        return Err(Problem::forbidden("Only its author removes a comment."));
    }
    let tx = portal.db.begin().await?;
    let changed = exec(
        &tx,
        "UPDATE comments SET body = '', deleted_at = $1 WHERE id = $2 AND deleted_at IS NULL",
        params![portal.clock.now(), id],
    )
    .await?;
    if changed == 1 {
        exec(&tx, "UPDATE projects SET comments = comments - 1 WHERE id = $1", params![comment.project]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Reports a project, or one of its comments. Returns the report's id.
///
/// # Errors
/// 404 for what is not there, 422 for a reason or text that will not do, 429.
pub async fn report(
    portal: &Portal,
    account: &Account,
    project: &str,
    comment: Option<&str>,
    reason: &str,
    body: &str,
    key: Option<(&str, &str)>,
) -> Answer<String> {
    let project = find_visible(portal, project, Some(account)).await?;
    if !REASONS.contains(&reason) {
        return Err(Problem::invalid(format!("reason is one of {}.", REASONS.join(", "))));
    }
    let body = clean(body, 0, 2_000)?;
    portal.limiter.take(What::Talk, &account.id)?;
    let (id, now) = (secrets::id(), portal.clock.now());
    let tx = portal.db.begin().await?;
    if let Some(earlier) = mark(&tx, account, key, &id, now).await? {
        return Ok(earlier);
    }
    exec(
        &tx,
        "INSERT INTO reports (id, project, comment, account, reason, body, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![id.clone(), project.id, comment.map(str::to_owned), account.id.clone(), reason, body, now],
    )
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// The open reports, oldest first, at most 100.
///
/// # Errors
/// Those of the database.
pub async fn open_reports(portal: &Portal) -> Answer<Vec<Report>> {
    Ok(rows(
        portal.db.read(),
        "SELECT r.id, r.project, p.title, r.comment, c.body AS comment_body, a.name, r.reason, r.body, r.created_at
         FROM reports r JOIN projects p ON p.id = r.project JOIN accounts a ON a.id = r.account
         LEFT JOIN comments c ON c.id = r.comment WHERE r.resolved_at IS NULL ORDER BY r.seq LIMIT 100",
        params![],
    )
    .await?)
}

/// Closes a report: `keep` does nothing more, `remove` removes the comment or hides the project.
///
/// # Errors
/// 403 for members, 404 for a report that is not open, 422 for another action.
pub async fn resolve(portal: &Portal, reviewer: &Account, id: &str, action: &str) -> Answer<()> {
    if reviewer.role < Role::Reviewer {
        return Err(Problem::forbidden("Only reviewers close reports."));
    }
    if !["keep", "remove"].contains(&action) {
        return Err(Problem::invalid("action is keep or remove."));
    }
    let report = open_reports(portal).await?.into_iter().find(|report| report.id == id);
    let report = report.ok_or_else(|| Problem::not_found("open report"))?;
    if action == "remove" {
        match &report.comment {
            Some(comment) => remove(portal, reviewer, comment).await?,
            None => {
                find(portal.db.read(), &report.project).await?;
                crate::projects::set_hidden(portal, reviewer, &report.project, true, "after a report").await?;
            }
        }
    }
    exec(
        portal.db.write(),
        "UPDATE reports SET resolved_at = $1, resolved_by = $2, resolution = $3 WHERE id = $4",
        params![portal.clock.now(), reviewer.id.clone(), action, id],
    )
    .await?;
    Ok(())
}
