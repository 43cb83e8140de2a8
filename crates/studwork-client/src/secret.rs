//! Random words and hashes in the spellings that HTTP and OAuth use.

use crate::ClientError;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// 32 bytes from the system's source of randomness, as 43 characters that fit into a URL.
pub fn random_word() -> Result<String, ClientError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| ClientError::SignInFailed { why: format!("the system gives no random numbers: {error}") })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A number from 0 up to 1, for waiting times; 0.5 when the system gives none.
pub fn random_unit() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / 4_294_967_296.0,
        Err(_) => 0.5,
    }
}

/// What OAuth sends first of a secret that it shows later (RFC 7636, S256).
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// The value of `Repr-Digest` (RFC 9530) for a SHA-256 in hexadecimal; `None` when it is none.
pub fn repr_digest(sha256: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> =
        (0..sha256.len()).step_by(2).map(|at| u8::from_str_radix(sha256.get(at..at + 2)?, 16).ok()).collect();
    bytes.filter(|bytes| bytes.len() == 32).map(|bytes| format!("sha-256=:{}:", STANDARD.encode(bytes)))
}

/// The SHA-256, in hexadecimal, that a `Repr-Digest` names; `None` when it names none.
pub fn sha256_of_digest(value: &str) -> Option<String> {
    value.split(',').find_map(|entry| {
        let encoded = entry.trim().strip_prefix("sha-256=:")?.strip_suffix(':')?;
        let bytes = STANDARD.decode(encoded).ok().filter(|bytes| bytes.len() == 32)?;
        Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge_of(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_digest_goes_there_and_back() {
        let sha256 = studwork_core::package::sha256_hex(b"studs");
        let value = repr_digest(&sha256);
        assert_eq!(value.as_deref().and_then(sha256_of_digest), Some(sha256));
        assert_eq!(repr_digest("abc"), None);
        assert_eq!(repr_digest("zz"), None);
        assert_eq!(sha256_of_digest("sha-512=:AAAA:"), None);
    }

    #[test]
    fn random_words_differ_and_are_long_enough() {
        let (a, b) = (random_word(), random_word());
        assert!(a != b && a.is_ok_and(|word| word.len() == 43));
        assert!((0.0..1.0).contains(&random_unit()));
    }
}
