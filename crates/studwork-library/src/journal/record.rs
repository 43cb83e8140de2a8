//! What stands in a journal's file, and how: each record with its length and a checksum, so that a torn end is seen.

use super::JournalAbout;
use crate::hash::checksum;
use serde::{Deserialize, Serialize};
use studwork_core::Edit;
use studwork_core::take_apart::BuildSession;

/// One thing that happened.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The first of each file.
    Start {
        /// Of the snapshot that the edits after it are for.
        base_sha256: String,
        /// How many unsaved edits the snapshot holds already.
        edits_before: u64,
        /// What it is about.
        about: JournalAbout,
    },
    /// An edit was applied.
    Edit(Edit),
    /// Taking apart or rebuilding went on.
    Session(Option<Box<BuildSession>>),
}

impl Record {
    /// Whether it is something that a person did and no file may have.
    pub(super) fn is_work(&self) -> bool {
        matches!(self, Self::Edit(_) | Self::Session(_))
    }
}

/// What a journal's file begins with.
pub(super) const MAGIC: &[u8; 8] = b"STWKJRN1";
/// The largest record, bytes: no edit is larger, so a longer one is damage.
const MAX_RECORD: usize = 1 << 30;
/// Length and checksum.
const HEAD: usize = 4 + 8;

/// The bytes of the record with a number (counted from 0 within its file).
pub(super) fn encode(number: u64, record: &Record) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = vec![0; HEAD];
    serde_json::to_writer(&mut bytes, record)?;
    let length = (bytes.len() - HEAD) as u32;
    let sum = sum_of(number, &bytes[HEAD..]);
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    bytes[4..HEAD].copy_from_slice(&sum);
    Ok(bytes)
}

/// The payload of a record's bytes.
pub(super) fn payload_of(bytes: &[u8]) -> &[u8] {
    bytes.get(HEAD..).unwrap_or_default()
}

/// The number counts, so that a record in the wrong place is no record.
fn sum_of(number: u64, payload: &[u8]) -> [u8; 8] {
    checksum(&[&number.to_le_bytes(), payload].concat())
}

/// The payloads of the whole records of a file, up to the first that is torn or damaged, and whether there was one.
pub(super) fn payloads(bytes: &[u8]) -> (Vec<&[u8]>, bool) {
    let Some(mut rest) = bytes.strip_prefix(MAGIC) else { return (Vec::new(), !bytes.is_empty()) };
    let mut found = Vec::new();
    while !rest.is_empty() {
        let Some((head, after)) = rest.split_at_checked(HEAD) else { return (found, true) };
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some((payload, next)) = after.split_at_checked(length).filter(|_| length <= MAX_RECORD) else {
            return (found, true);
        };
        if sum_of(found.len() as u64, payload) != head[4..] {
            return (found, true);
        }
        found.push(payload);
        rest = next;
    }
    (found, false)
}

/// Whether a file ends before its first record does: it was just begun when everything stopped.
pub(super) fn is_unfinished(bytes: &[u8]) -> bool {
    let Some((head, rest)) = bytes.get(MAGIC.len()..).and_then(|rest| rest.split_at_checked(HEAD)) else { return true };
    rest.len() < u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize
}

/// The record in a payload.
pub(super) fn decode(payload: &[u8]) -> Result<Record, serde_json::Error> {
    serde_json::from_slice(payload)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use studwork_core::testing::{Rng, random_design, random_edit};

    fn file(records: &[Record]) -> Vec<u8> {
        let encoded = records.iter().zip(0..).map(|(record, number)| encode(number, record).unwrap());
        MAGIC.iter().copied().chain(encoded.flatten()).collect()
    }

    #[test]
    fn every_edit_that_a_design_takes_comes_back_as_it_was() {
        let mut rng = Rng::new(7);
        for seed in 0..40 {
            let mut design = random_design(seed, 10);
            for _ in 0..20 {
                let edit = random_edit(&design, &mut rng);
                let Ok(applied) = design.apply(edit.clone()) else { continue };
                for edit in [edit, applied.inverse] {
                    let bytes = file(&[Record::Edit(edit.clone())]);
                    let (payloads, torn) = payloads(&bytes);
                    assert!(!torn);
                    assert_eq!(decode(payloads[0]).unwrap(), Record::Edit(edit));
                }
            }
        }
    }

    #[test]
    fn a_torn_or_damaged_end_is_left_out() {
        let records: Vec<Record> =
            (1..6).map(|n| Record::Edit(Edit::RemovePieces(vec![studwork_core::PieceId(n)]))).collect();
        let whole = file(&records);
        let ends: Vec<usize> = (0..=records.len()).map(|n| file(&records[..n]).len()).collect();
        for length in 0..whole.len() {
            let (found, torn) = payloads(&whole[..length]);
            let expected = ends.iter().filter(|end| **end <= length).count().saturating_sub(1);
            assert_eq!(found.len(), expected, "cut to {length}");
            assert_eq!(torn, length != 0 && !ends.contains(&length), "cut to {length}");
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            let (found, torn) = payloads(&damaged);
            let before = ends.iter().filter(|end| **end <= at).count().saturating_sub(1);
            assert!(torn && found.len() == before, "byte {at}");
        }
        let mut swapped = file(&records[..1]);
        swapped.extend(encode(2, &records[1]).unwrap());
        assert!(payloads(&swapped).1, "a record in the wrong place");
    }
}
