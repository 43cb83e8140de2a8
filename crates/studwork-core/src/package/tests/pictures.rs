//! Pictures that are missing, odd, or made to fill the memory.

use super::*;

fn with_cover(png: Vec<u8>) -> Vec<u8> {
    with_files(|files| drop(files.insert(COVER.to_owned(), png)))
}

#[test]
fn the_cover_is_a_square_of_a_thousand_and_eighty_pixels() {
    breaks(&with_files(|files| drop(files.remove(COVER))), Rule::CoverMissing, COVER);
    breaks(&with_cover(png(1080, 1081)), Rule::CoverNotSquare, COVER);
    breaks(&with_cover(png(1079, 1079)), Rule::ImageSize, COVER);
    breaks(&with_cover(png(4097, 4097)), Rule::ImageSize, COVER);
}

#[test]
fn there_are_one_to_twelve_pictures_numbered_without_a_gap() {
    let add = |numbers: std::ops::Range<usize>| {
        let picture = png(320, 320);
        with_files(|files| files.extend(numbers.map(|number| (picture_path(number), picture.clone()))))
    };
    assert!(check(&add(1..12), &Policy::default()).report.passed, "the cover and eleven more");
    let finding = breaks(&add(1..13), Rule::PictureCount, "images");
    assert_eq!(finding.measured, Some(Measure::count(13, Unit::Pictures)));
    breaks(&add(3..4), Rule::PictureCount, "images/02.png");
}

#[test]
fn the_turntable_has_twenty_four_frames_of_one_size() {
    breaks(&with_files(|files| drop(files.remove(&turntable_path(23)))), Rule::TurntableIncomplete, "turntable");
    let extra = with_files(|files| drop(files.insert(turntable_path(24), png(256, 256))));
    breaks(&extra, Rule::TurntableIncomplete, "turntable");
    let moved = with_files(|files| {
        let frame = files.remove(&turntable_path(5)).expect("there are 24");
        files.insert(turntable_path(30), frame);
    });
    breaks(&moved, Rule::TurntableIncomplete, "turntable/05.png");
    let uneven = with_files(|files| drop(files.insert(turntable_path(7), png(257, 256))));
    breaks(&uneven, Rule::TurntableUneven, "turntable/07.png");
    breaks(&with_files(|files| drop(files.insert(turntable_path(7), png(100, 100)))), Rule::ImageSize, "07.png");
}

#[test]
fn what_is_no_png_is_refused() {
    breaks(&with_cover(b"GIF89a and so on".to_vec()), Rule::ImageUnreadable, COVER);
    let whole = png(1080, 1080);
    breaks(&with_cover(whole[..whole.len() / 2].to_vec()), Rule::ImageUnreadable, COVER);
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    breaks(&with_cover(damaged), Rule::ImageUnreadable, COVER);
    let mut policy = Policy::default();
    policy.images.file_bytes = 1_000;
    assert!(check(good(), &policy).report.has(Rule::ImageTooLarge));
}

#[test]
fn an_image_bomb_is_refused_by_its_header() {
    // A header of 60,000 × 60,000 pixels, 14 GB of them, in a file of a few bytes.
    let mut bomb = png(1080, 1080);
    bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let sum = zip::crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    let start = std::time::Instant::now();
    let finding = breaks(&with_cover(bomb), Rule::ImageSize, COVER);
    assert_eq!(finding.measured, Some(Measure::text("60000 × 60000 pixels")));
    assert!(start.elapsed().as_secs() < 10);
}
