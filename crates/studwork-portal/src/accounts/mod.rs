//! Accounts: who somebody is, what they may do, how they prove it. Answers to wrong guesses are the same whether an
//! account exists or not. Knows nothing of projects.

mod delete;
pub mod oauth;
mod passwords;
pub mod sessions;

use std::fmt;
use std::str::FromStr;

use sea_orm::{ConnectionTrait, FromQueryResult};

pub use delete::{delete, export};
pub use passwords::{hash_password, password_matches};

use crate::clock::{DAY, SECOND};
use crate::db::{exec, is_duplicate, row, text};
use crate::mail::Mailer;
use crate::metrics::Count;
use crate::params;
use crate::problem::{Answer, Problem};
use crate::secrets;
use crate::state::Portal;

/// Wrong passwords in a row that lock an account.
pub const MAX_FAILURES: i64 = 5;
/// How long it stays locked, in milliseconds.
pub const LOCKED_FOR: i64 = 15 * 60 * SECOND;

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Submits, supports, comments.
    Member,
    /// Reviews projects and reports as well.
    Reviewer,
    /// Gives roles and changes the policy as well.
    Admin,
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Member => "member",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
        })
    }
}

impl FromStr for Role {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text {
            "member" => Ok(Self::Member),
            "reviewer" => Ok(Self::Reviewer),
            "admin" => Ok(Self::Admin),
            other => anyhow::bail!("`{other}` is no role; the roles are member, reviewer, admin"),
        }
    }
}

/// Somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The id, public.
    pub id: String,
    /// The address for mail, private.
    pub email: String,
    /// The name others see.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Milliseconds since 1970.
    pub since: i64,
}

#[derive(FromQueryResult)]
pub(crate) struct AccountRow {
    id: String,
    email: String,
    name: String,
    role: String,
    created_at: i64,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            role: row.role.parse().unwrap_or(Role::Member),
            since: row.created_at,
        }
    }
}

#[derive(FromQueryResult)]
struct Credentials {
    id: String,
    password: String,
    verified_at: Option<i64>,
    failed: i64,
    locked_until: i64,
}

/// The account with this id.
///
/// # Errors
/// 404, and those of the database.
pub async fn find(portal: &Portal, id: &str) -> Answer<Account> {
    let sql = "SELECT id, email, name, role, created_at FROM accounts WHERE id = $1 AND deleted_at IS NULL";
    let found: Option<AccountRow> = row(portal.db.read(), sql, params![id]).await?;
    found.map(Account::from).ok_or_else(|| Problem::not_found("account"))
}

/// The id of the account with this address.
///
/// # Errors
/// Those of the database.
pub async fn id_of_email(connection: &impl ConnectionTrait, email: &str) -> Answer<Option<String>> {
    Ok(text(connection, "SELECT id AS value FROM accounts WHERE email = $1", params![normal_email(email)]).await?)
}

fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A display name as it is stored: trimmed, 1 to 50 characters without control characters; an empty one becomes a
/// neutral name.
///
/// # Errors
/// 422 when it is too long or has control characters.
pub fn clean_name(name: &str) -> Answer<String> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(format!("Builder {}", &secrets::id()[..4]));
    }
    if name.chars().count() > 50 || name.chars().any(char::is_control) {
        return Err(Problem::invalid("A display name has at most 50 characters, on one line."));
    }
    Ok(name.to_owned())
}

fn check_password(password: &str) -> Answer<()> {
    let count = password.chars().count();
    if count < 10 {
        return Err(Problem::invalid("A password has at least 10 characters; a sentence is a good one."));
    }
    if password.len() > 512 {
        return Err(Problem::invalid("A password has at most 512 bytes."));
    }
    Ok(())
}

/// What an account is made of, as it is stored: address, name, and the password's hash.
async fn checked(portal: &Portal, email: &str, password: &str, name: &str) -> Answer<(String, String, String)> {
    let email = normal_email(email);
    if !Mailer::is_address(&email) {
        return Err(Problem::invalid("This is no e-mail address."));
    }
    check_password(password)?;
    let name = clean_name(name)?;
    let hash = hash_password(portal, password).await?;
    Ok((email, name, hash))
}

/// Makes an account that may sign in at once.
///
/// # Errors
/// 422 for an address or password that will not do, 409 when the address is taken.
pub async fn create(portal: &Portal, email: &str, password: &str, name: &str, role: Role) -> Answer<String> {
    let (email, name, hash) = checked(portal, email, password, name).await?;
    let now = portal.clock.now();
    insert(portal.db.write(), &email, &hash, &name, role, now, Some(now))
        .await?
        .ok_or_else(|| Problem::conflict("taken", "There is an account with this e-mail address already."))
}

/// Inserts an account with a password hash; none when the address is taken.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    connection: &impl ConnectionTrait,
    email: &str,
    password_hash: &str,
    name: &str,
    role: Role,
    now: i64,
    verified_at: Option<i64>,
) -> Answer<Option<String>> {
    let id = secrets::id();
    let inserted = exec(
        connection,
        "INSERT INTO accounts (id, email, name, password, role, created_at, verified_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![id.clone(), email, name, password_hash, role.to_string(), now, verified_at],
    )
    .await;
    match inserted {
        Ok(_) => Ok(Some(id)),
        Err(error) if is_duplicate(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Gives a role.
///
/// # Errors
/// 404 when nobody has this address.
pub async fn set_role(portal: &Portal, email: &str, role: Role) -> Answer<()> {
    let changed = exec(
        portal.db.write(),
        "UPDATE accounts SET role = $1 WHERE email = $2 AND deleted_at IS NULL",
        params![role.to_string(), normal_email(email)],
    )
    .await?;
    if changed == 0 { Err(Problem::not_found("account")) } else { Ok(()) }
}

/// Changes the display name.
///
/// # Errors
/// 422 when it will not do.
pub async fn rename(portal: &Portal, id: &str, name: &str) -> Answer<()> {
    let name = clean_name(name)?;
    exec(portal.db.write(), "UPDATE accounts SET name = $1 WHERE id = $2", params![name, id]).await?;
    Ok(())
}

/// Signing up: the answer is the same whether the address is new or not; the mail tells them apart.
///
/// # Errors
/// 422 for an address, password or name that will not do.
pub async fn sign_up(portal: &Portal, email: &str, password: &str, name: &str) -> Answer<()> {
    let (email, name, hash) = checked(portal, email, password, name).await?;
    let now = portal.clock.now();
    let tx = portal.db.begin().await?;
    let known: Option<Credentials> = row(
        &tx,
        "SELECT id, password, verified_at, failed, locked_until FROM accounts WHERE email = $1",
        params![email.clone()],
    )
    .await?;
    let id = match known {
        Some(known) if known.verified_at.is_some() => {
            drop(tx);
            let reset = format!("{}/forgot", portal.public_url);
            portal.mailer.send(
                &email,
                "You have an account already",
                &format!(
                    "Somebody, perhaps you, wanted to make an account with this address.\n\
                     You have one already. If you forgot the password: {reset}\n"
                ),
            );
            return Ok(());
        }
        Some(known) => {
            exec(
                &tx,
                "UPDATE accounts SET password = $1, name = $2 WHERE id = $3",
                params![hash, name, known.id.clone()],
            )
            .await?;
            Some(known.id)
        }
        None => insert(&tx, &email, &hash, &name, Role::Member, now, None).await?,
    };
    let Some(id) = id else { return Ok(()) };
    let token = mail_token(&tx, &id, "verify", now + 2 * DAY).await?;
    tx.commit().await?;
    let link = format!("{}/verify?token={token}", portal.public_url);
    portal.mailer.send(
        &email,
        "Confirm your e-mail address",
        &format!("Welcome! Open this page within two days to confirm that this is your address:\n\n{link}\n"),
    );
    Ok(())
}

async fn mail_token(
    connection: &impl ConnectionTrait,
    account: &str,
    purpose: &str,
    expires_at: i64,
) -> Answer<String> {
    let token = secrets::token();
    exec(
        connection,
        "INSERT INTO mail_tokens (hash, account, purpose, expires_at) VALUES ($1, $2, $3, $4)",
        params![secrets::token_hash(&token), account, purpose, expires_at],
    )
    .await?;
    Ok(token)
}

async fn use_mail_token(connection: &impl ConnectionTrait, token: &str, purpose: &str, now: i64) -> Answer<String> {
    let gone = || Problem::invalid("This link was used already or is too old. Ask for a new one.");
    let hash = secrets::token_hash(token);
    let account = text(
        connection,
        "SELECT account AS value FROM mail_tokens WHERE hash = $1 AND purpose = $2 AND expires_at > $3",
        params![hash.clone(), purpose, now],
    )
    .await?
    .ok_or_else(gone)?;
    if exec(connection, "DELETE FROM mail_tokens WHERE hash = $1", params![hash]).await? == 0 {
        return Err(gone());
    }
    Ok(account)
}

/// Confirms an address by the token of a mail.
///
/// # Errors
/// 422 when the token was used or is too old.
pub async fn verify(portal: &Portal, token: &str) -> Answer<()> {
    let now = portal.clock.now();
    let tx = portal.db.begin().await?;
    let account = use_mail_token(&tx, token, "verify", now).await?;
    exec(&tx, "UPDATE accounts SET verified_at = $1 WHERE id = $2", params![now, account]).await?;
    tx.commit().await?;
    Ok(())
}

/// Sends a mail to choose another password, if somebody has this address. The answer does not tell.
///
/// # Errors
/// Those of the database.
pub async fn forgot(portal: &Portal, email: &str) -> Answer<()> {
    let email = normal_email(email);
    let Some(account) = id_of_email(portal.db.read(), &email).await? else { return Ok(()) };
    let token = mail_token(portal.db.write(), &account, "reset", portal.clock.now() + 3_600 * SECOND).await?;
    let link = format!("{}/reset?token={token}", portal.public_url);
    portal.mailer.send(
        &email,
        "Choose another password",
        &format!(
            "Open this page within an hour to choose another password:\n\n{link}\n\nIf you did not ask, do nothing.\n"
        ),
    );
    Ok(())
}

/// Sets another password by the token of a mail, and ends every session and token.
///
/// # Errors
/// 422 when the token was used or is too old, or the password will not do.
pub async fn reset(portal: &Portal, token: &str, password: &str) -> Answer<()> {
    check_password(password)?;
    let hash = hash_password(portal, password).await?;
    let now = portal.clock.now();
    let tx = portal.db.begin().await?;
    let account = use_mail_token(&tx, token, "reset", now).await?;
    exec(
        &tx,
        "UPDATE accounts SET password = $1, failed = 0, locked_until = 0, verified_at = COALESCE(verified_at, $2)
         WHERE id = $3",
        params![hash, now, account.clone()],
    )
    .await?;
    exec(&tx, "DELETE FROM sessions WHERE account = $1", params![account.clone()]).await?;
    exec(&tx, "DELETE FROM tokens WHERE account = $1", params![account]).await?;
    tx.commit().await?;
    Ok(())
}

/// Changes the password of somebody signed in; other sessions end.
///
/// # Errors
/// 422 when the old password is wrong or the new one will not do.
pub async fn change_password(portal: &Portal, account: &Account, old: &str, new: &str, keep: &str) -> Answer<()> {
    check_password(new)?;
    confirm_password(portal, account, old).await?;
    let hash = hash_password(portal, new).await?;
    let tx = portal.db.begin().await?;
    exec(&tx, "UPDATE accounts SET password = $1 WHERE id = $2", params![hash, account.id.clone()]).await?;
    exec(
        &tx,
        "DELETE FROM sessions WHERE account = $1 AND hash <> $2",
        params![account.id.clone(), secrets::token_hash(keep)],
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Checks the password of somebody signed in.
///
/// # Errors
/// 422 when it is wrong; wrong ones count towards the lock-out.
pub async fn confirm_password(portal: &Portal, account: &Account, password: &str) -> Answer<()> {
    match sign_in(portal, &account.email, password).await {
        Ok(_) => Ok(()),
        Err(problem) if problem.code == "unauthorized" => {
            Err(Problem::invalid("The password is not right, or the account is locked for a while."))
        }
        Err(problem) => Err(problem),
    }
}

/// Checks an address and a password; the account's id. Five wrong passwords lock the account for a quarter of an hour.
///
/// # Errors
/// 401 with one and the same text whatever was wrong.
pub async fn sign_in(portal: &Portal, email: &str, password: &str) -> Answer<String> {
    let refused = || {
        portal.metrics.add(Count::SignInFailures, 1);
        Problem::unauthorized(
            "unauthorized",
            "E-mail address or password is not right, the address is not confirmed yet, or too many wrong passwords \
             locked the account for a quarter of an hour.",
        )
    };
    let known: Option<Credentials> = row(
        portal.db.read(),
        "SELECT id, password, verified_at, failed, locked_until FROM accounts WHERE email = $1 AND deleted_at IS NULL",
        params![normal_email(email)],
    )
    .await?;
    let now = portal.clock.now();
    // The hash is computed whether or not there is an account, so that the time does not tell.
    let stored = known.as_ref().map(|known| known.password.clone());
    let right = password_matches(portal, password, stored).await?;
    let Some(known) = known else { return Err(refused()) };
    if known.locked_until > now {
        return Err(refused());
    }
    if !right {
        exec(
            portal.db.write(),
            "UPDATE accounts SET
               locked_until = CASE WHEN failed + 1 >= $1 THEN $2 ELSE locked_until END,
               failed = CASE WHEN failed + 1 >= $1 THEN 0 ELSE failed + 1 END
             WHERE id = $3",
            params![MAX_FAILURES, now + LOCKED_FOR, known.id],
        )
        .await?;
        return Err(refused());
    }
    if known.verified_at.is_none() {
        return Err(refused());
    }
    if known.failed > 0 {
        exec(portal.db.write(), "UPDATE accounts SET failed = 0 WHERE id = $1", params![known.id.clone()]).await?;
    }
    Ok(known.id)
}
