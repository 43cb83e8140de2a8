//! Tokens for the app: the authorization code with PKCE (RFC 8252, 7636) where a browser opens, the device code (RFC 8628)
//! where none does. Codes and tokens are stored as hashes; a code that is used twice takes back what it gave.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{ConnectionTrait, FromQueryResult};
use sha2::{Digest as _, Sha256};

use super::{Account, Role};
use crate::clock::{DAY, SECOND};
use crate::db::{exec, row};
use crate::params;
use crate::problem::{Answer, Problem};
use crate::secrets;
use crate::state::Portal;

/// The one public client.
pub const CLIENT: &str = "studwork";
/// How long a token lasts, in milliseconds.
pub const TOKEN_LASTS: i64 = 90 * DAY;
/// How long an authorization code may wait, in milliseconds.
pub const CODE_LASTS: i64 = 60 * SECOND;
/// How long a device code may wait, in milliseconds.
pub const DEVICE_LASTS: i64 = 900 * SECOND;
/// Seconds between two questions of a device.
pub const INTERVAL: i64 = 5;

/// A refusal in the form of RFC 6749: its code and a sentence.
#[derive(Debug)]
pub enum Refusal {
    /// The client's fault.
    OAuth(&'static str, &'static str),
    /// Anything else.
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

/// Whether a code may be sent to this address: loopback only, any port (RFC 8252, section 7.3).
#[must_use]
pub fn is_loopback(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = ["127.0.0.1:", "[::1]:"].into_iter().find_map(|host| authority.strip_prefix(host));
    let port_fits = host.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    port_fits && uri.len() <= 300 && uri.bytes().all(|byte| byte.is_ascii_graphic()) && !uri.contains('#')
}

/// Whether this can be an S256 challenge: 43 letters of URL-safe base64.
#[must_use]
pub fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A device's name as it is stored and shown.
#[must_use]
pub fn clean_device(name: Option<&str>) -> String {
    let name: String = name.unwrap_or_default().chars().filter(|letter| !letter.is_control()).take(60).collect();
    if name.trim().is_empty() { "Studwork".into() } else { name.trim().into() }
}

/// Makes an authorization code after consent.
///
/// # Errors
/// Those of the database.
pub async fn grant_code(
    portal: &Portal,
    account: &str,
    redirect_uri: &str,
    challenge: &str,
    device: &str,
) -> Answer<String> {
    let code = secrets::token();
    exec(
        portal.db.write(),
        "INSERT INTO auth_codes (hash, account, redirect_uri, challenge, device, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            secrets::token_hash(&code),
            account,
            redirect_uri,
            challenge,
            clean_device(Some(device)),
            portal.clock.now() + CODE_LASTS,
        ],
    )
    .await?;
    Ok(code)
}

#[derive(FromQueryResult)]
struct CodeRow {
    account: String,
    redirect_uri: String,
    challenge: String,
    device: String,
    expires_at: i64,
    used: i64,
}

/// Gives a token for an authorization code.
///
/// # Errors
/// `invalid_grant` for a code that nobody gave, that is too old, was used, or whose address or verifier do not fit.
pub async fn token_for_code(
    portal: &Portal,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<String, Refusal> {
    let invalid = Refusal::OAuth("invalid_grant", "The code is not valid here, too old, or was used already.");
    let hash = secrets::token_hash(code);
    let now = portal.clock.now();
    let tx = portal.db.begin().await?;
    let sql = format!(
        "SELECT account, redirect_uri, challenge, device, expires_at, used FROM auth_codes WHERE hash = $1{}",
        portal.db.for_update()
    );
    let Some(found): Option<CodeRow> = row(&tx, &sql, params![hash.clone()]).await? else { return Err(invalid) };
    if found.used != 0 {
        exec(&tx, "DELETE FROM tokens WHERE grant_hash = $1", params![hash]).await?;
        tx.commit().await?;
        tracing::warn!(account = found.account, "an authorization code was used twice; its token was taken back");
        return Err(invalid);
    }
    // Whatever is wrong with this attempt, the code is spent.
    exec(&tx, "UPDATE auth_codes SET used = 1 WHERE hash = $1", params![hash.clone()]).await?;
    let expected = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let fits = found.expires_at > now
        && (43..=128).contains(&verifier.len())
        && secrets::same(&found.challenge, &expected)
        && secrets::same(&found.redirect_uri, redirect_uri);
    let token = if fits { Some(issue(&tx, &found.account, &found.device, Some(&hash), now).await?) } else { None };
    tx.commit().await?;
    token.ok_or(invalid)
}

/// Makes a token; it is returned in clear and stored as a hash.
///
/// # Errors
/// Those of the database.
pub async fn issue(
    connection: &impl ConnectionTrait,
    account: &str,
    device: &str,
    grant: Option<&str>,
    now: i64,
) -> Answer<String> {
    let token = format!("swp_{}", secrets::token());
    exec(
        connection,
        "INSERT INTO tokens (hash, id, account, device, created_at, expires_at, used_at, grant_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            secrets::token_hash(&token),
            secrets::id(),
            account,
            device,
            now,
            now + TOKEN_LASTS,
            now,
            grant.map(str::to_owned),
        ],
    )
    .await?;
    Ok(token)
}

/// Begins a device's sign-in: the device code and the user code.
///
/// # Errors
/// Those of the database.
pub async fn begin_device(portal: &Portal, device: Option<&str>) -> Answer<(String, String)> {
    let code = secrets::token();
    for _ in 0..5 {
        let user_code = secrets::user_code();
        let inserted = exec(
            portal.db.write(),
            "INSERT INTO device_codes (hash, user_code, device, state, expires_at) VALUES ($1, $2, $3, 'pending', $4)",
            params![
                secrets::token_hash(&code),
                user_code.clone(),
                clean_device(device),
                portal.clock.now() + DEVICE_LASTS,
            ],
        )
        .await;
        match inserted {
            Ok(_) => return Ok((code, user_code)),
            Err(error) if crate::db::is_duplicate(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::busy())
}

/// The name of the device that waits with this user code, as it was typed.
///
/// # Errors
/// 422 when none does.
pub async fn waiting_device(portal: &Portal, user_code: &str) -> Answer<String> {
    crate::db::text(
        portal.db.read(),
        "SELECT device AS value FROM device_codes WHERE user_code = $1 AND state = 'pending' AND expires_at > $2",
        params![normal_user_code(user_code), portal.clock.now()],
    )
    .await?
    .ok_or_else(|| Problem::invalid("No device waits with this code. Codes last 15 minutes; look for a typing error."))
}

fn normal_user_code(typed: &str) -> String {
    let letters: String = typed.chars().filter(char::is_ascii_alphabetic).take(8).collect::<String>().to_uppercase();
    if letters.len() == 8 { format!("{}-{}", &letters[..4], &letters[4..]) } else { letters }
}

/// Allows or denies the device that waits with this user code.
///
/// # Errors
/// 422 when none does.
pub async fn decide_device(portal: &Portal, account: &str, user_code: &str, allow: bool) -> Answer<()> {
    let changed = exec(
        portal.db.write(),
        "UPDATE device_codes SET state = $1, account = $2 WHERE user_code = $3 AND state = 'pending' AND expires_at > $4",
        params![
            if allow { "allowed" } else { "denied" },
            account,
            normal_user_code(user_code),
            portal.clock.now(),
        ],
    )
    .await?;
    if changed == 0 {
        return Err(Problem::invalid("No device waits with this code any more."));
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct DeviceRow {
    device: String,
    state: String,
    account: Option<String>,
    polled_at: i64,
    expires_at: i64,
}

/// Gives a token for a device code that was allowed.
///
/// # Errors
/// `authorization_pending`, `slow_down`, `expired_token`, `access_denied`, `invalid_grant`.
pub async fn token_for_device(portal: &Portal, code: &str) -> Result<String, Refusal> {
    let hash = secrets::token_hash(code);
    let now = portal.clock.now();
    let tx = portal.db.begin().await?;
    let sql = format!(
        "SELECT device, state, account, polled_at, expires_at FROM device_codes WHERE hash = $1{}",
        portal.db.for_update()
    );
    let Some(found): Option<DeviceRow> = row(&tx, &sql, params![hash.clone()]).await? else {
        return Err(Refusal::OAuth("invalid_grant", "Nobody gave this code."));
    };
    if found.expires_at <= now {
        return Err(Refusal::OAuth("expired_token", "The code is too old; begin again."));
    }
    match (found.state.as_str(), found.account) {
        ("allowed", Some(account)) => {
            let token = issue(&tx, &account, &found.device, Some(&hash), now).await?;
            exec(&tx, "UPDATE device_codes SET state = 'used' WHERE hash = $1", params![hash]).await?;
            tx.commit().await?;
            Ok(token)
        }
        ("denied", _) => Err(Refusal::OAuth("access_denied", "The sign-in was denied.")),
        ("used", _) => {
            exec(&tx, "DELETE FROM tokens WHERE grant_hash = $1", params![hash]).await?;
            tx.commit().await?;
            Err(Refusal::OAuth("invalid_grant", "The code was used already; its token was taken back."))
        }
        _ => {
            exec(&tx, "UPDATE device_codes SET polled_at = $1 WHERE hash = $2", params![now, hash]).await?;
            tx.commit().await?;
            if now - found.polled_at < (INTERVAL - 1) * SECOND {
                return Err(Refusal::OAuth("slow_down", "Ask every 5 seconds."));
            }
            Err(Refusal::OAuth("authorization_pending", "Nobody has confirmed the code yet."))
        }
    }
}

#[derive(FromQueryResult)]
struct TokenRow {
    id: String,
    email: String,
    name: String,
    role: String,
    created_at: i64,
    expires_at: i64,
    used_at: i64,
}

/// Who sends this token.
///
/// # Errors
/// 401 `unauthorized` or `token_expired`.
pub async fn account_of_token(portal: &Portal, token: &str) -> Answer<Account> {
    let hash = secrets::token_hash(token);
    let found: Option<TokenRow> = row(
        portal.db.read(),
        "SELECT a.id, a.email, a.name, a.role, a.created_at, t.expires_at, t.used_at
         FROM tokens t JOIN accounts a ON a.id = t.account WHERE t.hash = $1 AND a.deleted_at IS NULL",
        params![hash.clone()],
    )
    .await?;
    let found = found.ok_or_else(|| {
        Problem::unauthorized(
            "unauthorized",
            "The token is not valid: nobody gave it, or it was taken back. Sign in again.",
        )
    })?;
    let now = portal.clock.now();
    if found.expires_at <= now {
        return Err(Problem::unauthorized("token_expired", "The token is too old. Sign in again."));
    }
    if now - found.used_at > 3_600 * SECOND {
        exec(portal.db.write(), "UPDATE tokens SET used_at = $1 WHERE hash = $2", params![now, hash]).await?;
    }
    Ok(Account {
        id: found.id,
        email: found.email,
        name: found.name,
        role: found.role.parse().unwrap_or(Role::Member),
        since: found.created_at,
    })
}

/// Takes a token back; one that nobody gave is no error.
///
/// # Errors
/// Those of the database.
pub async fn revoke(portal: &Portal, token: &str) -> Answer<()> {
    exec(portal.db.write(), "DELETE FROM tokens WHERE hash = $1", params![secrets::token_hash(token)]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_to_loopback_only() {
        for good in ["http://127.0.0.1:51234/callback", "http://127.0.0.1:1", "http://[::1]:80/?x=1"] {
            assert!(is_loopback(good), "{good}");
        }
        for bad in [
            "https://127.0.0.1:5/",
            "http://127.0.0.1/",
            "http://127.0.0.1:0/",
            "http://127.0.0.1:5@evil.example/",
            "http://evil.example:80/",
            "http://127.0.0.1:70000/",
            "http://localhost:80/",
            "http://127.0.0.1:80/#f",
            "http://127.0.0.1:80/ x",
        ] {
            assert!(!is_loopback(bad), "{bad}");
        }
    }

    #[test]
    fn user_codes_are_read_however_they_are_typed() {
        assert_eq!(normal_user_code(" bcdf ghjk "), "BCDF-GHJK");
        assert_eq!(normal_user_code("bcdf-ghjk"), "BCDF-GHJK");
        assert_eq!(normal_user_code("bc"), "BC");
    }
}
