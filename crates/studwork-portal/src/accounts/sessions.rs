//! Sessions of the web pages: a random cookie whose hash is stored, and the form token that belongs to it.

use sea_orm::FromQueryResult;

use super::{Account, AccountRow};
use crate::clock::DAY;
use crate::db::{exec, row};
use crate::params;
use crate::problem::Answer;
use crate::secrets;
use crate::state::Portal;

/// How long a session lasts, in milliseconds.
pub const LASTS: i64 = 30 * DAY;

/// Begins a session; the cookie's value.
///
/// # Errors
/// Those of the database.
pub async fn begin(portal: &Portal, account: &str) -> Answer<String> {
    let session = secrets::token();
    let now = portal.clock.now();
    exec(
        portal.db.write(),
        "INSERT INTO sessions (hash, account, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        params![secrets::token_hash(&session), account, now, now + LASTS],
    )
    .await?;
    Ok(session)
}

/// Who has this session.
///
/// # Errors
/// Those of the database.
pub async fn account(portal: &Portal, session: &str) -> Answer<Option<Account>> {
    let found: Option<AccountRow> = row(
        portal.db.read(),
        "SELECT a.id, a.email, a.name, a.role, a.created_at FROM sessions s JOIN accounts a ON a.id = s.account
         WHERE s.hash = $1 AND s.expires_at > $2 AND a.deleted_at IS NULL",
        params![secrets::token_hash(session), portal.clock.now()],
    )
    .await?;
    Ok(found.map(Account::from))
}

/// Ends a session.
///
/// # Errors
/// Those of the database.
pub async fn end(portal: &Portal, session: &str) -> Answer<()> {
    exec(portal.db.write(), "DELETE FROM sessions WHERE hash = $1", params![secrets::token_hash(session)]).await?;
    Ok(())
}

/// The form token of a session.
#[must_use]
pub fn form_token(portal: &Portal, session: &str) -> String {
    secrets::keyed_hash(&portal.secret, "form", session)
}

/// An app that is signed in.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Device {
    /// Names it without being its token.
    pub id: String,
    /// What it calls itself.
    pub device: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// When it last asked, to the hour.
    pub used_at: i64,
}

/// The apps an account is signed in with.
///
/// # Errors
/// Those of the database.
pub async fn devices(portal: &Portal, account: &str) -> Answer<Vec<Device>> {
    Ok(crate::db::rows(
        portal.db.read(),
        "SELECT id, device, created_at, used_at FROM tokens WHERE account = $1 AND expires_at > $2 ORDER BY created_at DESC",
        params![account, portal.clock.now()],
    )
    .await?)
}

/// Signs an app out.
///
/// # Errors
/// Those of the database.
pub async fn forget_device(portal: &Portal, account: &str, id: &str) -> Answer<()> {
    exec(portal.db.write(), "DELETE FROM tokens WHERE account = $1 AND id = $2", params![account, id]).await?;
    Ok(())
}
