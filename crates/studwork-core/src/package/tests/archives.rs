//! Archives that are refused by their directory, before anything is unpacked, or when what is unpacked is not what was
//! promised.

use super::zip::{Raw, archive};
use super::*;

/// The good package as entries, the manifest first.
fn entries() -> Vec<Raw> {
    let mut files = good_files();
    let manifest = files.remove(MANIFEST).map(|json| Raw::stored(MANIFEST, &json));
    manifest.into_iter().chain(files.iter().map(|(path, bytes)| Raw::stored(path, bytes))).collect()
}

/// The good package with one entry more, or with the second one changed.
fn with_entry(entry: Raw) -> Vec<u8> {
    let mut entries = entries();
    entries.push(entry);
    archive(&entries)
}

fn changed(edit: impl FnOnce(&mut Raw)) -> Vec<u8> {
    let mut entries = entries();
    edit(&mut entries[1]);
    archive(&entries)
}

/// Refused by the archive alone: nothing of it was read.
#[track_caller]
fn refused(bytes: &[u8], rule: Rule, place: &str) -> Finding {
    let finding = breaks(bytes, rule, place);
    assert!(check(bytes, &Policy::default()).package.is_none(), "nothing of it may be looked at");
    assert!(read_package(bytes, &Policy::default()).is_err_and(|report| report.has(rule)));
    finding
}

#[test]
fn an_archive_made_by_hand_is_as_good() {
    let report = check(&archive(&entries()), &Policy::default()).report;
    assert!(report.passed, "{:#?}", report.findings);
}

#[test]
fn too_large_a_package_is_not_even_hashed() {
    let mut policy = Policy::default();
    policy.archive.package_bytes = 1000;
    let finding = breaks_by(good(), Rule::PackageTooLarge, "", &policy);
    assert_eq!(finding.measured, Some(Measure::count(good().len() as u64, Unit::Bytes)));
    assert_eq!(finding.limit, Some(Measure::count(1000, Unit::Bytes)));
    assert_eq!(check(good(), &policy).report.facts.sha256, "");
    policy.archive.package_bytes = good().len() as u64;
    assert!(check(good(), &policy).report.passed, "the limit itself is allowed");
    let large = vec![0; (64 << 20) + 1];
    assert_eq!(breaks(&large, Rule::PackageTooLarge, "").measured.map(|m| m.to_string()), Some("64.1 MiB".to_owned()));
}

#[test]
fn what_is_no_archive_is_said_to_be_none() {
    for bytes in [&b""[..], b"PK", b"<!DOCTYPE html>", &[0; 4096], b"PK\x03\x04 and so on, long enough for an end"] {
        refused(bytes, Rule::NotAPackage, "");
    }
}

#[test]
fn no_archive_is_read_past_its_ends_wherever_it_is_cut() {
    let whole = archive(&entries()[..3]);
    for end in (0..whole.len()).step_by(97).chain(whole.len() - 60..whole.len()) {
        assert!(!check(&whole[..end], &Policy::default()).report.passed, "cut at {end}");
    }
}

#[test]
fn every_single_wrong_byte_of_the_directory_is_survived() {
    let whole = archive(&entries()[..2]);
    let start = whole.windows(4).position(|window| window == b"PK\x01\x02").expect("there is a directory");
    for at in start..whole.len() {
        for byte in [0x00, 0x01, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            // Two files are no package; what matters is that it ends, and without a design.
            assert!(!check(&bytes, &Policy::default()).report.passed);
        }
    }
}

#[test]
fn something_before_after_or_between_is_refused() {
    let mut after = good().to_vec();
    after.push(0);
    refused(&after, Rule::NotAPackage, "");
    let mut before = b"#!/bin/sh\n".to_vec();
    before.extend(good());
    refused(&before, Rule::NotAPackage, "");
    refused(&changed(|entry| entry.gap = 7), Rule::NotAPackage, "images/01.png");
}

#[test]
fn a_thousand_entries_are_refused_by_number() {
    let many: Vec<Raw> = (0..1000).map(|i| Raw::stored(&format!("f{i}"), b"")).collect();
    let finding = refused(&archive(&many), Rule::TooManyEntries, "");
    assert_eq!(finding.measured, Some(Measure::count(1000, Unit::Entries)));
    assert_eq!(finding.limit, Some(Measure::count(64, Unit::Entries)));
    // The number is a claim; more in the directory than that is refused as well.
    let mut lying = archive(&many);
    let end = lying.len() - 22;
    lying[end + 8..end + 12].copy_from_slice(&[5, 0, 5, 0]);
    refused(&lying, Rule::NotAPackage, "");
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    // 200 MB of nothing.
    let files = BTreeMap::from([(MODEL.to_owned(), vec![b' '; 200_000_000])]);
    let (bomb, _) = write_package(&Manifest::default(), &files).expect("it can be written");
    assert!(bomb.len() < 1_000_000);
    let finding = refused(&bomb, Rule::RatioTooHigh, MODEL);
    assert!(matches!(finding.measured, Some(Measure { value: Value::Number(500..), unit: Unit::Times })), "{finding}");
    // Entries that say they are larger than all may be.
    let mut claims = Raw::stored(MODEL, &[0; 3_000_000]);
    (claims.method, claims.bytes) = (8, 290_000_000);
    let finding = refused(&archive(&[claims]), Rule::UnpackedTooLarge, "");
    assert_eq!(finding.limit, Some(Measure::count(256 << 20, Unit::Bytes)));
}

#[test]
fn an_entry_that_unpacks_to_more_than_it_said_is_stopped() {
    let files = BTreeMap::from([(MODEL.to_owned(), (0..50_000_u32).flat_map(|n| (n * 7919).to_le_bytes()).collect())]);
    let (bytes, _) = write_package(&Manifest::default(), &files).expect("it can be written");
    let true_size = 200_000_u32.to_le_bytes();
    let mut lying = bytes.clone();
    let places: Vec<usize> = (0..lying.len() - 4).filter(|&at| lying[at..at + 4] == true_size).collect();
    assert_eq!(places.len(), 2, "in the entry and in the directory");
    for at in places {
        lying[at..at + 4].copy_from_slice(&100_000_u32.to_le_bytes());
    }
    refused(&lying, Rule::DamagedEntry, MODEL);
}

#[test]
fn paths_that_lead_out_are_refused() {
    for path in
        ["../evil.png", "/etc/passwd", "images\\cover.png", "images/../../x", "C:/x.png", "images/", "a\0b", "CON"]
    {
        refused(&with_entry(Raw::stored(path, b"x")), Rule::UnsafePath, "");
    }
    let long = "x".repeat(5000);
    let finding = refused(&with_entry(Raw::stored(&long, b"x")), Rule::UnsafePath, "");
    assert!(finding.to_string().len() < 400, "a long path is told short");
}

#[test]
fn links_devices_and_folders_are_refused() {
    for (mode, rule) in [
        (0o120_777, Rule::LinkOrDevice),
        (0o020_644, Rule::LinkOrDevice),
        (0o060_644, Rule::LinkOrDevice),
        (0o010_644, Rule::LinkOrDevice),
        (0o040_755, Rule::UnsafePath),
    ] {
        let finding = refused(&changed(|entry| entry.attributes = mode << 16), rule, "images/01.png");
        assert_eq!(finding.message.contains("link"), mode == 0o120_777);
    }
    refused(&changed(|entry| entry.attributes = 0x10), Rule::UnsafePath, "images/01.png");
}

#[test]
fn encrypted_entries_are_refused() {
    refused(&changed(|entry| entry.flags = 1), Rule::Encrypted, "images/01.png");
    refused(&changed(|entry| entry.flags = 0x40), Rule::Encrypted, "images/01.png");
    refused(&changed(|entry| entry.method = 99), Rule::Encrypted, "images/01.png");
    refused(&changed(|entry| entry.extra = vec![0x01, 0x99, 0, 0]), Rule::Encrypted, "images/01.png");
}

#[test]
fn names_that_differ_by_letter_case_are_one_name() {
    for name in ["model.ron", "MODEL.RON", "Model.ron", "Images/Cover.png"] {
        refused(&with_entry(Raw::stored(name, b"x")), Rule::DuplicateName, name);
    }
    let pair = [Raw::stored("a/stra\u{df}e", b""), Raw::stored("a/STRASSE", b"")];
    refused(&archive(&pair), Rule::DuplicateName, "STRASSE");
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let mut entries = entries();
    let mut twin = entries[1].clone();
    (twin.name, twin.same_place_as) = (b"images/02.png".to_vec(), Some(1));
    entries.push(twin);
    // Its own header names the other file.
    refused(&archive(&entries), Rule::HeaderMismatch, "images/02.png");
    // One that reaches over the next: its data is said to be longer than it is.
    let mut whole = archive(&self::entries());
    let first = &self::entries()[0];
    let (size, more) = (first.bytes.to_le_bytes(), (first.bytes + 10).to_le_bytes());
    for at in (0..whole.len() - 8)
        .filter(|&at| whole[at..at + 4] == size && whole[at + 4..at + 8] == size)
        .collect::<Vec<_>>()
    {
        whole[at..at + 4].copy_from_slice(&more);
        whole[at + 4..at + 8].copy_from_slice(&more);
    }
    refused(&whole, Rule::OverlappingEntries, "images/01.png");
}

#[test]
fn other_ways_of_packing_are_refused() {
    for method in [1, 9, 12, 14, 93, 95] {
        refused(&changed(|entry| entry.method = method), Rule::UnknownCompression, "images/01.png");
    }
    refused(&changed(|entry| entry.flags = 8), Rule::UnknownCompression, "images/01.png");
}

#[test]
fn two_descriptions_that_differ_are_refused() {
    refused(
        &changed(|entry| entry.local_name = Some(b"images/evil1.png".to_vec())),
        Rule::HeaderMismatch,
        "images/01.png",
    );
    refused(&changed(|entry| entry.local_bytes = Some(3)), Rule::HeaderMismatch, "images/01.png");
    refused(&changed(|entry| entry.bytes += 1), Rule::HeaderMismatch, "images/01.png");
    // A second name in an extra field, which some programs prefer.
    let second_name = [&[0x75, 0x70, 9, 0, 1][..], &[0; 4], b"evil"].concat();
    refused(&changed(|entry| entry.extra = second_name), Rule::NotAPackage, "images/01.png");
    refused(&changed(|entry| entry.extra = vec![1, 0, 0, 0]), Rule::NotAPackage, "images/01.png");
    refused(&changed(|entry| entry.extra = vec![9, 9, 200]), Rule::NotAPackage, "images/01.png");
}

#[test]
fn a_wrong_check_sum_and_damaged_data_are_refused() {
    refused(&changed(|entry| entry.crc ^= 1), Rule::DamagedEntry, "images/01.png");
    refused(&changed(|entry| entry.data[500] ^= 1), Rule::DamagedEntry, "images/01.png");
    let mut noise = Raw::stored("images/02.png", &[0xa5; 300]);
    (noise.method, noise.bytes) = (8, 1000);
    refused(&with_entry(noise), Rule::DamagedEntry, "images/02.png");
}

#[test]
fn harmless_extra_fields_are_taken() {
    let report =
        check(&changed(|entry| entry.extra = vec![0x55, 0x54, 5, 0, 1, 0, 0, 0, 0]), &Policy::default()).report;
    assert!(report.passed, "{:#?}", report.findings);
}
