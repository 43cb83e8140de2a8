//! Pictures of small hand-made scenes: the right faces in the right places, whatever the way to them.

mod golden;
mod processor;

use glam::{Affine3A, Mat3, Vec3};
use std::sync::{Arc, OnceLock};
use studwork_ldraw::{Bounds, EdgeVertex, Mesh, StudGroup, StudKind, Tint, Vertex};
use studwork_render::{
    Background, Camera, Flags, Gpu, Instance, Look, MeshKey, NamedView, Paint, Picture, Projection, Renderer, Slot,
};

const SIZE: (u32, u32) = (200, 160);

/// The device, or nothing (with a note) on a machine without any.
fn gpu() -> Option<&'static Gpu> {
    static GPU: OnceLock<Option<Gpu>> = OnceLock::new();
    GPU.get_or_init(|| match Gpu::headless() {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a test that does nothing says so")]
            {
                eprintln!("no picture is tested: {error}");
            }
            None
        }
    })
    .as_ref()
}

/// A box whose six faces may have colors of their own, in the order +x, −x, +y, −y, +z, −z.
fn block(half: Vec3, faces: [Tint; 6]) -> Mesh {
    let mut mesh = Mesh { bounds: Bounds { min: -half, max: half }, ..Mesh::default() };
    let normals = [Vec3::X, Vec3::NEG_X, Vec3::Y, Vec3::NEG_Y, Vec3::Z, Vec3::NEG_Z];
    for (normal, tint) in normals.into_iter().zip(faces) {
        let u = normal.any_orthonormal_vector();
        let v = normal.cross(u);
        let corners = [u + v, v - u, -u - v, u - v].map(|corner| (normal + corner) * half);
        let first = mesh.vertices.len() as u32;
        mesh.vertices.extend(corners.map(|corner| Vertex::new(corner, normal, tint)));
        mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|i| first + i));
        for i in 0..4 {
            mesh.edges.extend(
                [corners[i], corners[(i + 1) % 4]].map(|p| EdgeVertex { position: p.to_array(), tint: Tint::EDGE }),
            );
        }
    }
    let end = mesh.indices.len() as u32;
    mesh.double_sided = end..end;
    mesh
}

fn direct(rgb: u32) -> Tint {
    Tint(3 << 24 | rgb)
}

/// A wedge without any symmetry.
fn wedge() -> Mesh {
    let mut mesh = block(Vec3::new(40.0, 12.0, 20.0), [Tint::MAIN; 6]);
    for vertex in &mut mesh.vertices {
        let [x, y, _] = vertex.position;
        if x > 0.0 && y < 0.0 {
            vertex.position[1] = 6.0;
        }
        if x > 0.0 {
            vertex.position[2] *= 0.4;
        }
    }
    mesh.edges.clear();
    mesh
}

fn instance(mesh: u32, transform: Affine3A, color: Paint) -> Instance {
    Instance { mesh: MeshKey(mesh), transform, color, flags: Flags::NONE }
}

fn red() -> Paint {
    Paint::plain([0xC9, 0x1A, 0x09], 255, [0x33; 3])
}

fn middle(picture: &Picture) -> [u8; 4] {
    picture.pixel(picture.width / 2, picture.height / 2).expect("the middle is inside")
}

fn home(renderer: &mut Renderer) -> Camera {
    Camera::home(renderer.bounds(), SIZE.0 as f32 / SIZE.1 as f32)
}

/// The channel that stands out: r, g, b, or several.
fn hue(pixel: [u8; 4]) -> [bool; 3] {
    let top = pixel[0].max(pixel[1]).max(pixel[2]);
    [0, 1, 2].map(|channel| u32::from(pixel[channel]) * 4 > u32::from(top) * 3)
}

#[test]
fn each_view_shows_the_face_that_looks_at_it() {
    let Some(gpu) = gpu() else { return };
    let colors = [0xC00000, 0x00C000, 0x0000C0, 0xC0C000, 0xC000C0, 0x00C0C0].map(direct);
    let mut renderer = Renderer::headless(gpu);
    renderer.add_mesh(MeshKey(0), &block(Vec3::new(30.0, 20.0, 25.0), colors));
    renderer.set(Slot(0), instance(0, Affine3A::IDENTITY, red()));
    let look = Look { edges: false, ..Look::cutout() };
    let expected = [
        (NamedView::Left, [true, false, false]),
        (NamedView::Right, [false, true, false]),
        (NamedView::Bottom, [false, false, true]),
        (NamedView::Top, [true, true, false]),
        (NamedView::Back, [true, false, true]),
        (NamedView::Front, [false, true, true]),
    ];
    for projection in [Projection::default(), Projection::Orthographic { height: 1.0 }] {
        for (view, channels) in expected {
            let camera = Camera::named(view, renderer.bounds(), projection, 1.25, 0.05);
            let picture = renderer.picture(&camera, &look, SIZE).expect("a picture");
            assert_eq!(hue(middle(&picture)), channels, "{view:?} {:?}", middle(&picture));
        }
    }
}

#[test]
fn a_mirrored_instance_is_the_mirrored_picture() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = Renderer::headless(gpu);
    renderer.add_mesh(MeshKey(0), &wedge());
    let look = Look { edges: false, samples: 1, ..Look::cutout() };
    let bounds = Bounds { min: Vec3::splat(-50.0), max: Vec3::splat(50.0) };
    let camera = Camera::fit(bounds, Vec3::new(0.0, -0.5, -1.0), Vec3::NEG_Y, Projection::default(), 1.25, 0.05);
    renderer.set(Slot(0), instance(0, Affine3A::IDENTITY, red()));
    let straight = renderer.picture(&camera, &look, SIZE).expect("a picture");
    let mirror = Affine3A::from_mat3(Mat3::from_diagonal(Vec3::new(-1.0, 1.0, 1.0)));
    renderer.set(Slot(0), instance(0, mirror, red()));
    let mirrored = renderer.picture(&camera, &look, SIZE).expect("a picture");
    let (mut covered, mut different) = (0, 0);
    for y in 0..SIZE.1 {
        for x in 0..SIZE.0 {
            let a = straight.pixel(x, y).expect("inside")[3] > 0;
            let b = mirrored.pixel(SIZE.0 - 1 - x, y).expect("inside")[3] > 0;
            covered += u32::from(a);
            different += u32::from(a != b);
        }
    }
    assert!(covered > 2000, "{covered}");
    assert!(different * 100 < covered, "{different} of {covered}");
}

#[test]
fn what_is_behind_glass_shows_and_what_is_before_it_hides_it() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = Renderer::headless(gpu);
    renderer.add_mesh(MeshKey(0), &block(Vec3::new(20.0, 20.0, 2.0), [Tint::MAIN; 6]));
    let glass = Paint::plain([0x00, 0x20, 0xA0], 110, [0; 3]);
    let look = Look { edges: false, background: Background::Color([255; 4]), ..Look::cutout() };
    let at = |z| Affine3A::from_translation(Vec3::new(0.0, 0.0, z));
    let mut shot = |glass_z: f32, red_z: f32| {
        renderer.set(Slot(0), instance(0, at(glass_z), glass));
        renderer.set(Slot(1), instance(0, at(red_z), red()));
        let bounds = Bounds { min: Vec3::splat(-25.0), max: Vec3::splat(25.0) };
        let camera = Camera::named(NamedView::Front, bounds, Projection::default(), 1.25, 0.05);
        middle(&renderer.picture(&camera, &look, SIZE).expect("a picture"))
    };
    let behind = shot(-20.0, 20.0);
    let before = shot(20.0, -20.0);
    assert!(before[0] > 120 && before[2] < 90, "red hides glass: {before:?}");
    assert!(behind[2] > before[2] + 20 && behind[0] > 60, "glass tints red: {behind:?}");
    assert_eq!(behind[3], 255);
}

#[test]
fn far_glass_is_drawn_before_near_glass_in_any_order_of_slots() {
    let Some(gpu) = gpu() else { return };
    let pane = block(Vec3::new(20.0, 20.0, 2.0), [Tint::MAIN; 6]);
    let panes = [
        (Affine3A::from_translation(Vec3::new(0.0, 0.0, -20.0)), Paint::plain([0xC0, 0, 0], 128, [0; 3])),
        (Affine3A::from_translation(Vec3::new(0.0, 0.0, 20.0)), Paint::plain([0, 0, 0xC0], 128, [0; 3])),
    ];
    let shot = |order: [usize; 2]| {
        let mut renderer = Renderer::headless(gpu);
        renderer.add_mesh(MeshKey(0), &pane);
        for (slot, pane) in order.into_iter().enumerate() {
            renderer.set(Slot(slot as u32), instance(0, panes[pane].0, panes[pane].1));
        }
        let camera = home(&mut renderer);
        renderer.picture(&camera, &Look::cutout(), SIZE).expect("a picture")
    };
    assert_eq!(shot([0, 1]), shot([1, 0]));
}

#[test]
fn a_transparent_background_is_empty_beside_the_model_and_full_on_it() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = Renderer::headless(gpu);
    renderer.add_mesh(MeshKey(0), &block(Vec3::splat(20.0), [Tint::MAIN; 6]));
    renderer.set(Slot(0), instance(0, Affine3A::IDENTITY, red()));
    let camera = home(&mut renderer);
    let picture = renderer.picture(&camera, &Look::cutout(), SIZE).expect("a picture");
    assert_eq!(picture.pixel(0, 0), Some([0; 4]));
    assert_eq!(middle(&picture)[3], 255);
    // On the border pixels are partly covered, and as red as inside: nothing of a background is mixed in.
    let partly: Vec<_> = picture.rgba.chunks(4).filter(|pixel| (40..216).contains(&pixel[3])).collect();
    assert!(partly.len() > 20, "{}", partly.len());
    let with_ground = Look { ground: true, shadows: true, ..Look::cutout() };
    let picture = renderer.picture(&camera, &with_ground, SIZE).expect("a picture");
    let shadow = picture.rgba.chunks(4).filter(|p| p[3] > 10 && p[3] < 160 && p[0].max(p[1]).max(p[2]) < 40).count();
    assert!(shadow > 100, "the ground's shadow has alpha: {shadow}");
}

#[test]
fn changing_a_scene_step_by_step_gives_the_same_bytes_as_drawing_it_anew() {
    let Some(gpu) = gpu() else { return };
    let meshes = [block(Vec3::new(10.0, 12.0, 20.0), [Tint::MAIN; 6]), wedge()];
    let make = |slot: u32, state: u32| {
        let place = Vec3::new((slot % 5) as f32 * 45.0, -((slot / 5) as f32) * 26.0, (state % 7) as f32 * 20.0);
        let mirror = if state & 8 == 0 { 1.0 } else { -1.0 };
        let matrix = Mat3::from_rotation_y((state % 4) as f32) * Mat3::from_diagonal(Vec3::new(mirror, 1.0, 1.0));
        let color = Paint::plain([(state * 37) as u8, 90, 160], if state & 16 == 0 { 255 } else { 120 }, [20; 3]);
        instance(state % 2, Affine3A::from_mat3_translation(matrix, place), color)
    };
    let mut changed = Renderer::headless(gpu);
    let mut state = 7_u32;
    let mut wanted = std::collections::BTreeMap::new();
    for (key, mesh) in meshes.iter().enumerate() {
        changed.add_mesh(MeshKey(key as u32), mesh);
    }
    let bounds = Bounds { min: Vec3::new(-50.0, -120.0, -50.0), max: Vec3::new(240.0, 20.0, 180.0) };
    let camera = Camera::home(bounds, 1.25);
    let look = Look::default();
    for round in 0..60 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let slot = (state >> 9) % 20;
        if state >> 30 == 0 {
            changed.remove(Slot(slot));
            wanted.remove(&slot);
        } else {
            changed.set(Slot(slot), make(slot, state >> 12));
            wanted.insert(slot, make(slot, state >> 12));
        }
        if round % 20 == 0 {
            changed.picture(&camera, &look, SIZE).expect("a picture");
        }
    }
    let mut fresh = Renderer::headless(gpu);
    for (key, mesh) in meshes.iter().enumerate() {
        fresh.add_mesh(MeshKey(key as u32), mesh);
    }
    for (slot, instance) in &wanted {
        fresh.set(Slot(*slot), *instance);
    }
    assert_eq!(changed.len(), wanted.len());
    let (a, b) = (changed.picture(&camera, &look, SIZE), fresh.picture(&camera, &look, SIZE));
    assert_eq!(a.expect("a picture"), b.expect("a picture"));
}

/// A brick of two by two studs, open below, with its studs named.
fn brick() -> Mesh {
    let half = Vec3::new(20.0, 12.0, 20.0);
    let mut mesh = block(half, [Tint::MAIN; 6]);
    // Without the lower side, and with inner walls instead.
    let lower = (0..12).filter(|face| mesh.vertices[mesh.indices[face * 3] as usize].normal[1] <= 0);
    mesh.indices = lower.flat_map(|face| mesh.indices[face * 3..face * 3 + 3].to_vec()).collect();
    let inner = block(half - Vec3::new(4.0, 4.0, 4.0), [Tint::MAIN; 6]);
    let first = mesh.vertices.len() as u32;
    mesh.vertices.extend(inner.vertices.iter().map(|v| Vertex { normal: v.normal.map(|n| n.saturating_neg()), ..*v }));
    mesh.indices.extend(inner.indices.chunks(3).flat_map(|face| [face[0], face[2], face[1]]).map(|i| first + i));
    for (x, z) in [(-10.0, -10.0), (10.0, -10.0), (-10.0, 10.0), (10.0, 10.0)] {
        let stud = block(Vec3::new(6.0, 2.0, 6.0), [Tint::MAIN; 6]);
        let place = Vec3::new(x, -14.0, z);
        let (first, from, edges) = (mesh.vertices.len() as u32, mesh.indices.len() as u32, mesh.edges.len() as u32);
        let moved = |p: [f32; 3]| (Vec3::from(p) + place).to_array();
        mesh.vertices.extend(stud.vertices.iter().map(|v| Vertex { position: moved(v.position), ..*v }));
        mesh.indices.extend(stud.indices.iter().map(|i| first + i));
        mesh.edges.extend(stud.edges.iter().map(|e| EdgeVertex { position: moved(e.position), ..*e }));
        mesh.studs.push(StudGroup {
            kind: StudKind::Stud,
            transform: Affine3A::from_translation(place + Vec3::Y * 2.0),
            indices: from..mesh.indices.len() as u32,
            edges: edges..mesh.edges.len() as u32,
        });
    }
    let end = mesh.indices.len() as u32;
    mesh.double_sided = end..end;
    mesh.bounds.min.y -= 4.0;
    mesh
}

#[test]
fn a_simplified_picture_is_the_same_to_the_eye() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = Renderer::headless(gpu);
    renderer.add_mesh(MeshKey(0), &brick());
    for slot in 0..300_u32 {
        let (x, y, z) = (slot % 6, slot / 60, slot / 6 % 10);
        let place = Vec3::new(x as f32 * 40.0, y as f32 * -24.0, z as f32 * 40.0);
        let color = Paint::plain([(slot * 40) as u8, 120, 60], 255, [30; 3]);
        renderer.set(Slot(slot), instance(0, Affine3A::from_translation(place), color));
    }
    for (latitude, longitude) in [(30.0, 45.0), (-40.0, 200.0), (88.0, 0.0)] {
        let (direction, up) = Camera::direction_from_angles(latitude, longitude);
        let camera = renderer.fit(direction, up, Projection::default(), 1.25, 0.05);
        let simple = renderer.picture(&camera, &Look::picture(), SIZE).expect("a picture");
        let full = renderer.picture(&camera, &Look { simplify: false, ..Look::picture() }, SIZE).expect("a picture");
        let far_off = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 60;
        let different = simple.rgba.iter().zip(&full.rgba).filter(|pair| far_off(*pair)).count();
        assert!(different * 100 < full.rgba.len(), "{different} of {} at {latitude}", full.rgba.len());
    }
}

#[test]
fn a_tube_without_walls_around_it_is_seen_from_above() {
    let Some(gpu) = gpu() else { return };
    let mut mesh = block(Vec3::new(20.0, 2.0, 20.0), [Tint::MAIN; 6]);
    let tube = block(Vec3::new(5.0, 5.0, 5.0), [Tint::MAIN; 6]);
    let (first, from, edges) = (mesh.vertices.len() as u32, mesh.indices.len() as u32, mesh.edges.len() as u32);
    let moved = |p: [f32; 3]| (Vec3::from(p) + Vec3::Y * 7.0).to_array();
    mesh.vertices.extend(tube.vertices.iter().map(|v| Vertex { position: moved(v.position), ..*v }));
    mesh.indices.extend(tube.indices.iter().map(|i| first + i));
    mesh.studs.push(StudGroup {
        kind: StudKind::Tube,
        transform: Affine3A::from_mat3_translation(Mat3::from_diagonal(Vec3::new(1.0, -1.0, 1.0)), Vec3::Y * 2.0),
        indices: from..mesh.indices.len() as u32,
        edges: edges..edges,
    });
    mesh.bounds.max.y = 12.0;
    let mut renderer = Renderer::headless(gpu);
    renderer.add_mesh(MeshKey(0), &mesh);
    renderer.set(Slot(0), instance(0, Affine3A::IDENTITY, red()));
    let (direction, up) = Camera::direction_from_angles(8.0, 20.0);
    let camera = renderer.fit(direction, up, Projection::default(), 1.25, 0.05);
    let mut covered = |simplify| {
        let picture = renderer.picture(&camera, &Look { simplify, ..Look::cutout() }, SIZE).expect("a picture");
        picture.rgba.chunks(4).filter(|pixel| pixel[3] > 127).count()
    };
    assert_eq!(covered(true), covered(false));
}

#[test]
fn a_selected_piece_is_outlined_even_behind_another() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = Renderer::headless(gpu);
    renderer.add_mesh(MeshKey(0), &block(Vec3::new(20.0, 20.0, 2.0), [Tint::MAIN; 6]));
    let small = Affine3A::from_mat3_translation(Mat3::IDENTITY * 0.5, Vec3::new(0.0, 0.0, 30.0));
    renderer.set(Slot(0), instance(0, Affine3A::IDENTITY, red()));
    let bounds = Bounds { min: Vec3::splat(-30.0), max: Vec3::splat(30.0) };
    let camera = Camera::named(NamedView::Front, bounds, Projection::default(), 1.25, 0.05);
    let mut blue = |flags| {
        renderer.set(Slot(1), Instance { flags, ..instance(0, small, red()) });
        let picture = renderer.picture(&camera, &Look::cutout(), SIZE).expect("a picture");
        picture.rgba.chunks(4).filter(|p| p[2] > 150 && p[0] < 120).count()
    };
    assert_eq!(blue(Flags::NONE), 0);
    let outlined = blue(Flags::SELECTED);
    assert!((60..1200).contains(&outlined), "{outlined}");
    assert_eq!(blue(Flags::NONE), 0, "it goes with the selection");
}

#[test]
fn fit_leaves_a_margin_in_the_picture_from_any_side() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = Renderer::headless(gpu);
    renderer.add_mesh(MeshKey(0), &block(Vec3::new(200.0, 12.0, 30.0), [Tint::MAIN; 6]));
    renderer.set(Slot(0), instance(0, Affine3A::from_translation(Vec3::new(500.0, -80.0, 33.0)), red()));
    for view in NamedView::ALL {
        let camera = Camera::named(view, renderer.bounds(), Projection::default(), 1.25, 0.05);
        let picture = renderer.picture(&camera, &Look::cutout(), SIZE).expect("a picture");
        let mut reach = [u32::MAX, 0, u32::MAX, 0];
        for y in 0..SIZE.1 {
            for x in 0..SIZE.0 {
                if picture.pixel(x, y).expect("inside")[3] > 0 {
                    reach = [reach[0].min(x), reach[1].max(x), reach[2].min(y), reach[3].max(y)];
                }
            }
        }
        let free = [reach[0], SIZE.0 - 1 - reach[1], reach[2], SIZE.1 - 1 - reach[3]];
        assert!(free.iter().all(|pixels| *pixels >= 7), "{view:?}: {free:?}");
        assert!(free[0] <= 12 || free[2] <= 12, "{view:?} wastes room: {free:?}");
    }
}

#[test]
fn a_solid_red_brick_looks_like_its_color_and_marks_change_it() {
    let Some(gpu) = gpu() else { return };
    let mesh = Arc::new(block(Vec3::new(20.0, 12.0, 20.0), [Tint::MAIN; 6]));
    let mut renderer = Renderer::headless(gpu);
    renderer.add_mesh(MeshKey(0), &mesh);
    let camera = Camera::named(NamedView::Top, mesh.bounds, Projection::default(), 1.25, 0.05);
    let mut with = |flags| {
        renderer.set(Slot(0), Instance { flags, ..instance(0, Affine3A::IDENTITY, red()) });
        middle(&renderer.picture(&camera, &Look::cutout(), SIZE).expect("a picture"))
    };
    let [r, g, b, _] = with(Flags::NONE);
    assert!((150..=235).contains(&r) && g < 75 && b < 70, "{r} {g} {b}");
    let selected = with(Flags::SELECTED);
    assert!(selected[2] > b + 40, "{selected:?}");
    let ghost = with(Flags::GHOST);
    assert!(ghost[3] > 100 && ghost[3] < 240, "{ghost:?}");
    let dimmed = with(Flags::DIMMED);
    assert!(dimmed[1] > g + 40, "{dimmed:?}");
}
