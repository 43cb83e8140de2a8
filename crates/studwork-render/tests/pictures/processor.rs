//! What the processor draws without a device is what the shaders draw on one.

use crate::golden::difference;
use crate::{block, direct, gpu, wedge};
use glam::{Affine3A, Mat3, Vec3};
use std::path::Path;
use std::sync::Arc;
use studwork_core::{Catalog, ColorRef, Design, Palette, from_ron};
use studwork_ldraw::{Bounds, ColorDef, Finish, Mesh, Tint};
use studwork_render::{
    Background, Camera, Look, NamedView, Paint, Projection, RenderError, picture, picture_on_processor,
};

const SIZE: (u32, u32) = (320, 240);

pub type Items = Vec<(Arc<Mesh>, Affine3A, Paint)>;

/// A design that comes with the program.
pub fn starter(name: &str) -> Design {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../scenes/{name}.ron"));
    from_ron(&std::fs::read_to_string(path).expect("a starter")).expect("a design").value
}

pub fn items_of(design: &Design, catalog: &Catalog, palette: &Palette) -> Items {
    let view = catalog.design_view(design);
    let mut items = Vec::new();
    design.flatten(design.main(), &mut |flat| {
        let paint = Paint::from(&palette.resolve(flat.color));
        items.push((view.mesh_or_placeholder(flat.part), flat.transform, paint));
    });
    items
}

fn bounds_of(items: &Items) -> Bounds {
    items.iter().fold(Bounds::EMPTY, |all, (mesh, at, _)| all.union(mesh.bounds.transformed(at)))
}

/// Draws both ways; the greatest mean difference and share of pixels far off are given.
fn check(what: &str, palette: &[ColorDef], items: &Items, camera: &Camera, look: &Look, (mean, far): (f64, f64)) {
    let Some(gpu) = gpu() else { return };
    let device = picture(gpu, palette, items.iter().cloned(), camera, look, SIZE).expect("a picture");
    let own = picture_on_processor(palette, items.iter().cloned(), camera, look, SIZE).expect("a picture");
    let found = difference(&own.rgba, &device.rgba);
    if let Some(folder) = std::env::var_os("STUDWORK_PICTURES") {
        for (kind, picture) in [("own", &own), ("device", &device)] {
            let path = Path::new(&folder).join(format!("{what}.{kind}.png"));
            image::save_buffer(path, &picture.rgba, SIZE.0, SIZE.1, image::ColorType::Rgba8).expect("written");
        }
    }
    assert!(found.0 < mean && found.1 < far, "{what}: mean {:.3}, {:.4} of the pixels far off", found.0, found.1);
}

#[test]
fn both_draw_starters_alike() {
    let (catalog, palette) = (Catalog::built_in(), Palette::built_in());
    let colors: Vec<ColorDef> = palette.iter().cloned().collect();
    for name in ["lighthouse", "street-corner", "chess"] {
        let items = items_of(&starter(name), &catalog, &palette);
        for (number, projection) in
            [Projection::default(), Projection::Orthographic { height: 1.0 }].into_iter().enumerate()
        {
            let camera = Camera::named(NamedView::Home, bounds_of(&items), projection, 4.0 / 3.0, 0.05);
            check(&format!("{name} {number}"), &colors, &items, &camera, &Look::picture(), (2.5, 0.02));
        }
    }
}

#[test]
fn both_light_every_finish_alike_and_blend_what_is_clear() {
    let finishes = [
        Finish::Solid,
        Finish::Chrome,
        Finish::Pearlescent,
        Finish::Rubber,
        Finish::MatteMetallic,
        Finish::Metal,
        Finish::Milky,
    ];
    let shape = Arc::new(wedge());
    let mut colored =
        block(Vec3::splat(18.0), [0xC00000, 0x00C000, 0x0000C0, 0xC0C000, 0xC000C0, 0x00C0C0].map(direct));
    colored.vertices.iter_mut().take(4).for_each(|vertex| vertex.tint = Tint(4 << 24 | 0x2040FF));
    let colored = Arc::new(colored);
    let mut items: Items = Vec::new();
    for (number, finish) in finishes.into_iter().enumerate() {
        let color = ColorDef { value: [0xB0, 0x60, 0x20], finish, ..Palette::built_in().resolve(ColorRef::Code(4)) };
        let at = Vec3::new((number % 4) as f32 * 100.0, 0.0, (number / 4) as f32 * 80.0);
        let turn = Mat3::from_rotation_y(number as f32 * 0.7);
        let mirror = Mat3::from_diagonal(Vec3::new(if number % 2 == 0 { 1.0 } else { -1.0 }, 1.0, 1.0));
        items.push((Arc::clone(&shape), Affine3A::from_mat3_translation(turn * mirror, at), Paint::from(&color)));
    }
    let glass = Paint::plain([0x20, 0x60, 0xC0], 110, [0x10; 3]);
    for number in 0..3 {
        let at = Affine3A::from_translation(Vec3::new(number as f32 * 90.0, -20.0, -60.0 - number as f32 * 10.0));
        items.push((Arc::clone(&shape), at, glass));
        let at = Affine3A::from_translation(Vec3::new(number as f32 * 90.0 + 30.0, -20.0, 160.0));
        items.push((Arc::clone(&colored), at, Paint::plain([0xC9, 0x1A, 0x09], 255, [0x33; 3])));
    }
    let camera = Camera::home(bounds_of(&items), 4.0 / 3.0);
    check("finishes", &[], &items, &camera, &Look { edges: false, ..Look::picture() }, (2.0, 0.02));
    let cutout = Look { edges: false, ..Look::cutout() };
    check("cutout", &[], &items, &camera, &cutout, (2.0, 0.02));
}

#[test]
fn both_cut_what_is_behind_the_eye() {
    let floor = Arc::new(block(Vec3::new(400.0, 10.0, 400.0), [Tint::MAIN; 6]));
    let post = Arc::new(block(Vec3::new(20.0, 100.0, 20.0), [Tint::MAIN; 6]));
    let at = |x: f32, y: f32, z: f32| Affine3A::from_translation(Vec3::new(x, y, z));
    let items: Items = vec![
        (floor, at(0.0, 0.0, 0.0), Paint::plain([0x30, 0x90, 0x40], 255, [0x10; 3])),
        (post, at(60.0, -110.0, 150.0), Paint::plain([0xC9, 0x1A, 0x09], 255, [0x33; 3])),
    ];
    let (eye, target) = (Vec3::new(0.0, -60.0, -100.0), Vec3::new(20.0, -40.0, 150.0));
    let camera = Camera { eye, target, up: Vec3::NEG_Y, projection: Projection::default() };
    let look = Look { background: Background::Color([255; 4]), ground: false, shadows: false, ..Look::picture() };
    check("inside", &[], &items, &camera, &look, (2.0, 0.02));
}

#[test]
fn outlines_of_curved_faces_are_the_same() {
    let mut mesh = block(Vec3::splat(20.0), [Tint::MAIN; 6]);
    mesh.edges.clear();
    for (x, z) in [(20.0, 20.0), (-20.0, 20.0), (20.0, -20.0), (-20.0, -20.0)] {
        mesh.conditional.push(studwork_ldraw::ConditionalEdge {
            points: [[x, -20.0, z], [x, 20.0, z]],
            control: [[-x, 0.0, z], [x, 0.0, -z]],
            tint: Tint::EDGE,
        });
    }
    let items: Items = vec![(Arc::new(mesh), Affine3A::IDENTITY, Paint::plain([0xC9, 0x1A, 0x09], 255, [0; 3]))];
    let camera = Camera::home(bounds_of(&items), 4.0 / 3.0);
    let look = Look { conditional_edges: true, ..Look::cutout() };
    check("outlines", &[], &items, &camera, &look, (2.0, 0.02));
}

#[test]
fn a_picture_of_nothing_is_the_background_and_sizes_are_limited() {
    let look = Look { background: Background::Color([10, 20, 30, 255]), ..Look::picture() };
    let draw = |size| picture_on_processor(&[], Items::new(), &Camera::default(), &look, size);
    let picture = draw((33, 7)).expect("a picture");
    assert!(picture.rgba.chunks(4).all(|pixel| pixel == [10, 20, 30, 255]));
    assert_eq!(picture.rgba.len(), 33 * 7 * 4);
    for size in [(0, 7), (33, 0), (20_000, 7)] {
        assert!(matches!(draw(size), Err(RenderError::Size { .. })), "{size:?}");
    }
}
