//! Random names and tokens, hashes of tokens, and comparisons that take the same time whatever they find. Tokens leave
//! this module in clear once, when they are made; what is stored is their hash.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A random id of 16 letters (80 bits) of `[0-9a-z]` without look-alikes.
#[must_use]
pub fn id() -> String {
    letters(16)
}

/// A random token of 52 letters: 256 bits and a bit.
#[must_use]
pub fn token() -> String {
    letters(52)
}

fn letters(count: usize) -> String {
    let mut bytes = vec![0_u8; count];
    rand::fill(bytes.as_mut_slice());
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

/// A code people type: eight consonants in two groups, such as `BCDF-GHJK`.
#[must_use]
pub fn user_code() -> String {
    const CONSONANTS: &[u8; 16] = b"BCDFGHJKLMNPRSTZ";
    let mut bytes = [0_u8; 8];
    rand::fill(bytes.as_mut_slice());
    let text: String = bytes.iter().map(|byte| char::from(CONSONANTS[usize::from(byte & 15)])).collect();
    format!("{}-{}", &text[..4], &text[4..])
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 of `bytes` as 64 hexadecimal letters.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What is stored in place of a token.
#[must_use]
pub fn token_hash(token: &str) -> String {
    sha256_hex(token.as_bytes())
}

/// A keyed hash of `text` for `purpose`, hexadecimal.
///
/// # Panics
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn keyed_hash(key: &str, purpose: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// Whether two strings are equal, in a time that depends on their lengths only.
#[must_use]
pub fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct_and_of_the_alphabet() {
        let ids: std::collections::HashSet<String> = (0..1000).map(|_| id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 16 && id.bytes().all(|byte| ALPHABET.contains(&byte))));
    }

    #[test]
    fn keyed_hashes_depend_on_key_purpose_and_text() {
        let base = keyed_hash("key", "csrf", "session");
        assert_eq!(base, keyed_hash("key", "csrf", "session"));
        assert_ne!(base, keyed_hash("key2", "csrf", "session"));
        assert_ne!(base, keyed_hash("key", "csr", "fsession"));
        assert!(same(&base, &base.clone()));
        assert!(!same(&base, "other"));
    }
}
