//! Starter designs in full detail, as pictures in the repository: what is left out or simplified must not be missed.
//!
//! `STUDWORK_GOLDEN=1 cargo test -p studwork-render golden` writes the pictures anew; look at them before committing.

use crate::processor::{items_of, starter};
use glam::{Affine3A, Vec3};
use std::path::PathBuf;
use std::sync::Arc;
use studwork_core::{Catalog, Palette};
use studwork_ldraw::{Bounds, ColorDef, Mesh};
use studwork_render::{Camera, Look, Paint, Picture, picture_on_processor};

const SIZE: (u32, u32) = (240, 180);

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/pictures/golden/{name}.png"))
}

/// The mean difference of two pictures' channels, and the share of pixels in which one differs by more than a fifth.
pub fn difference(a: &[u8], b: &[u8]) -> (f64, f64) {
    assert_eq!(a.len(), b.len(), "pictures of one size");
    let mean = a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64;
    let far = a.chunks(4).zip(b.chunks(4)).filter(|(a, b)| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 51)).count();
    (mean, far as f64 * 4.0 / a.len() as f64)
}

type Items = Vec<(Arc<Mesh>, Affine3A, Paint)>;

fn drawn(palette: &[ColorDef], items: &Items, simplify: bool) -> Picture {
    let bounds = (items.iter()).fold(Bounds::EMPTY, |all, (mesh, at, _)| all.union(mesh.bounds.transformed(at)));
    let camera = Camera::home(bounds, SIZE.0 as f32 / SIZE.1 as f32);
    let look = Look { simplify, ..Look::picture() };
    picture_on_processor(palette, items.iter().cloned(), &camera, &look, SIZE).expect("a picture")
}

fn check(name: &str, palette: &[ColorDef], items: &Items) {
    let (full, chosen) = (drawn(palette, items, false), drawn(palette, items, true));
    if std::env::var_os("STUDWORK_GOLDEN").is_some() {
        image::save_buffer(path(name), &full.rgba, SIZE.0, SIZE.1, image::ColorType::Rgba8).expect("written");
    }
    let golden = image::open(path(name)).expect("the golden picture").to_rgba8().into_raw();
    // Processors round differently in the last place.
    let (mean, far) = difference(&full.rgba, &golden);
    assert!(mean < 0.2 && far < 0.002, "{name} in full detail: mean {mean:.3}, {far:.4} of the pixels far off");
    let (mean, far) = difference(&chosen.rgba, &golden);
    assert!(mean < 1.0 && far < 0.01, "{name} simplified: mean {mean:.3}, {far:.4} of the pixels far off");
}

#[test]
fn starters_look_as_they_do_in_full_detail() {
    let (catalog, palette) = (Catalog::built_in(), Palette::built_in());
    let colors: Vec<ColorDef> = palette.iter().cloned().collect();
    for name in ["lighthouse", "street-corner"] {
        check(name, &colors, &items_of(&starter(name), &catalog, &palette));
    }
}

#[test]
fn a_town_of_small_pieces_looks_as_it_does_in_full_detail() {
    let (catalog, palette) = (Catalog::built_in(), Palette::built_in());
    let colors: Vec<ColorDef> = palette.iter().cloned().collect();
    let one = items_of(&starter("street-corner"), &catalog, &palette);
    let bounds = one.iter().fold(Bounds::EMPTY, |all, (mesh, at, _)| all.union(mesh.bounds.transformed(at)));
    let step = bounds.size() * 1.05;
    let mut town: Items = Vec::new();
    for copy in 0..25 {
        let offset = Vec3::new((copy % 5) as f32 * step.x, 0.0, (copy / 5) as f32 * step.z);
        let place = |at: &Affine3A| Affine3A::from_translation(offset) * *at;
        town.extend(one.iter().map(|(mesh, at, paint)| (Arc::clone(mesh), place(at), *paint)));
    }
    check("town", &colors, &town);
}
