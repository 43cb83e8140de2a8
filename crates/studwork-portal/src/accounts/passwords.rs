//! Password hashes: Argon2id, computed off the async threads and at most two at a time, since each takes 19 MiB.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::problem::{Answer, Problem};
use crate::state::Portal;

fn argon2(kib: u32) -> Answer<Argon2<'static>> {
    let params = Params::new(kib, 2, 1, None).map_err(|error| Problem::internal(anyhow::anyhow!("argon2: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a password, as a PHC string.
///
/// # Errors
/// When hashing fails, which is a fault of the server.
pub async fn hash_password(portal: &Portal, password: &str) -> Answer<String> {
    let _permit = portal.hashing.acquire().await.map_err(Problem::internal)?;
    let kib = portal.config.password_kib;
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || hash(kib, &password)).await?
}

fn hash(kib: u32, password: &str) -> Answer<String> {
    argon2(kib)?
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Problem::internal(anyhow::anyhow!("argon2: {error}")))
}

/// Whether `password` fits `stored`. Without a stored hash it takes as long and says no.
///
/// # Errors
/// When hashing fails, which is a fault of the server.
pub async fn password_matches(portal: &Portal, password: &str, stored: Option<String>) -> Answer<bool> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let _permit = portal.hashing.acquire().await.map_err(Problem::internal)?;
    let kib = portal.config.password_kib;
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || {
        let exists = stored.is_some();
        let stored = match stored {
            Some(stored) => stored,
            None => match NOBODY.get() {
                Some(hash) => hash.clone(),
                None => NOBODY.get_or_init(|| hash(kib, "nobody").unwrap_or_default()).clone(),
            },
        };
        let Ok(parsed) = PasswordHash::new(&stored) else { return Ok(false) };
        Ok(argon2(kib)?.verify_password(password.as_bytes(), &parsed).is_ok() && exists)
    })
    .await?
}
