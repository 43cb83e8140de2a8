//! The rules about pictures: which there are, how large they say they are before they are decoded, and that they decode.

use super::read::FileKind;
use super::report::Findings;
use super::{COVER, Facts, Finding, Measure, Package, Place, Policy, Rule, Span, Unit, picture_path, turntable_path};
use image::{ImageDecoder, Limits, codecs::png::PngDecoder};
use rayon::prelude::*;
use std::io::Cursor;

pub(super) fn check(package: &Package, policy: &Policy, findings: &mut Findings<'_>, facts: &mut Facts) {
    let limits = &policy.images;
    let images: Vec<(&str, &[u8], FileKind, Span)> = package
        .files()
        .filter_map(|(path, bytes)| {
            let kind = FileKind::of(path)?;
            let span = match kind {
                FileKind::Cover => limits.cover_side,
                FileKind::Picture => limits.picture_side,
                FileKind::Frame => limits.turntable_side,
                FileKind::Model | FileKind::Ldraw | FileKind::Parts => return None,
            };
            Some((path, bytes, kind, span))
        })
        .collect();
    if package.cover().is_none() {
        findings.push(Finding::new(Rule::CoverMissing, Place::file(COVER), "the package has no cover"));
    }
    let frames = images.iter().filter(|(_, _, kind, _)| *kind == FileKind::Frame).count();
    let pictures = images.len() - frames;
    facts.pictures = Some(pictures as u64);
    facts.turntable_frames = Some(frames as u64);
    counts(package, pictures as u64, frames as u64, policy, findings);

    // Pictures are independent of each other; their findings keep the order of the paths.
    let looked_at: Vec<Result<(u32, u32), Box<Finding>>> =
        images.par_iter().map(|(path, bytes, kind, span)| look(path, bytes, *kind, *span, limits.file_bytes)).collect();
    let mut turntable: Option<(u32, u32)> = None;
    for ((path, _, kind, _), size) in images.iter().zip(looked_at) {
        match size {
            Err(finding) => findings.push(*finding),
            Ok(size) if *kind == FileKind::Frame => {
                let first = *turntable.get_or_insert(size);
                if first != size {
                    let finding =
                        Finding::new(Rule::TurntableUneven, Place::file(*path), "this frame has another size");
                    findings.push(finding.measured(dimensions(size)).limit(dimensions(first)));
                }
            }
            Ok(_) => {}
        }
    }
}

fn counts(package: &Package, pictures: u64, frames: u64, policy: &Policy, findings: &mut Findings<'_>) {
    let limits = &policy.images;
    if !limits.count.contains(pictures) {
        let how = if pictures < limits.count.least { "few" } else { "many" };
        let finding = Finding::new(Rule::PictureCount, Place::file("images"), format!("there are too {how} pictures"));
        let finding = finding.measured(Measure::count(pictures, Unit::Pictures));
        findings.push(finding.limit(Measure::count(limits.count.broken(pictures), Unit::Pictures)));
    }
    let besides = package.pictures().count();
    let gap = (1..=besides).map(picture_path).find(|path| package.file(path).is_none());
    if let Some(path) = gap {
        let message = "the pictures are not numbered one after the other";
        findings.push(Finding::new(Rule::PictureCount, Place::file(path), message));
    }
    let wanted = limits.turntable_frames;
    if frames != wanted {
        let message =
            if frames < wanted { "frames of the turntable are missing" } else { "the turntable has too many frames" };
        let finding = Finding::new(Rule::TurntableIncomplete, Place::file("images/turntable"), message);
        let finding = finding.measured(Measure::count(frames, Unit::Frames));
        findings.push(finding.limit(Measure::count(wanted, Unit::Frames)));
    } else if let Some(path) = (0..wanted as usize).map(turntable_path).find(|path| package.file(path).is_none()) {
        let message = "the frames of the turntable are not numbered one after the other";
        findings.push(Finding::new(Rule::TurntableIncomplete, Place::file(path), message));
    }
}

fn dimensions((width, height): (u32, u32)) -> Measure {
    Measure::text(format!("{width} × {height} pixels"))
}

/// Width and height of a picture that keeps to the limits and decodes.
fn look(path: &str, bytes: &[u8], kind: FileKind, span: Span, most_bytes: u64) -> Result<(u32, u32), Box<Finding>> {
    let finding = |rule: Rule, message: String| Box::new(Finding::new(rule, Place::file(path), message));
    let size = bytes.len() as u64;
    if size > most_bytes {
        let finding = Finding::new(Rule::ImageTooLarge, Place::file(path), "the picture file is too large");
        let finding = finding.measured(Measure::count(size, Unit::Bytes));
        return Err(Box::new(finding.limit(Measure::count(most_bytes, Unit::Bytes))));
    }
    let mut limits = Limits::no_limits();
    // Four channels of two bytes, and as much again to decode it.
    limits.max_alloc = Some(span.most.saturating_mul(span.most).saturating_mul(16).max(1 << 20));
    let unreadable =
        |error: image::ImageError| finding(Rule::ImageUnreadable, format!("this is no readable PNG: {error}"));
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    for side in [width, height] {
        if !span.contains(side.into()) {
            let how = if u64::from(side) < span.least { "small" } else { "large" };
            let finding = Finding::new(Rule::ImageSize, Place::file(path), format!("the picture is too {how}"));
            let finding = finding.measured(dimensions((width, height)));
            let limit = Measure::text(format!("{} to {} pixels each way", span.least, span.most));
            return Err(Box::new(finding.limit(limit)));
        }
    }
    if kind == FileKind::Cover && width != height {
        let finding = Finding::new(Rule::CoverNotSquare, Place::file(path), "the cover is not a square");
        return Err(Box::new(finding.measured(dimensions((width, height)))));
    }
    let total = usize::try_from(decoder.total_bytes()).unwrap_or(usize::MAX);
    if total as u64 > span.most.saturating_mul(span.most).saturating_mul(8) {
        return Err(finding(Rule::ImageUnreadable, "the picture has more data than its size allows".to_owned()));
    }
    let mut pixels = vec![0; total];
    decoder.read_image(&mut pixels).map_err(unreadable)?;
    Ok((width, height))
}
