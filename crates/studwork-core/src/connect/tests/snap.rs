//! Where a held piece goes for a pointer.

use super::{graph::built_in, *};
use crate::space::{Ray, Rectangle, SelectMode, Space};
use glam::{Affine3A, Mat3, Mat4, Vec2, Vec3};

fn at(x: f32, y: f32, z: f32) -> Affine3A {
    Affine3A::from_translation(Vec3::new(x, y, z))
}

fn down(x: f32, z: f32) -> Ray {
    Ray::new(Vec3::new(x, -500.0, z), Vec3::Y)
}

#[test]
fn a_brick_snaps_onto_the_studs_under_the_pointer() {
    let mut space = Space::new();
    space.insert(1, built_in("3001"), at(0.0, 0.0, 0.0));
    let found = snap(&HeldBody::part(built_in("3003")), &down(12.0, 1.0), &space, &SnapOptions::default());
    let best = found[0];
    assert_eq!(best.kind, SnapKind::Connected);
    assert_eq!(best.matched, 4);
    assert!(!best.overlaps);
    assert!(Vec3::from(best.pose.translation).distance(Vec3::new(20.0, -24.0, 0.0)) < 0.1, "{:?}", best.pose);
    assert_eq!(Mat3::from(best.pose.matrix3), Mat3::IDENTITY);
}

#[test]
fn the_wished_turn_is_kept() {
    let mut space = Space::new();
    space.insert(1, built_in("3001"), at(0.0, 0.0, 0.0));
    let quarter = Mat3::from_rotation_y(std::f32::consts::FRAC_PI_2);
    let options = SnapOptions { rotation: quarter, ..SnapOptions::default() };
    let best = snap(&HeldBody::part(built_in("3004")), &down(31.0, 0.0), &space, &options)[0];
    assert_eq!((best.kind, best.matched, best.overlaps), (SnapKind::Connected, 2, false));
    assert!(Vec3::from(best.pose.translation).distance(Vec3::new(30.0, -24.0, 0.0)) < 0.1, "{:?}", best.pose);
    assert!((Mat3::from(best.pose.matrix3).x_axis - quarter.x_axis).length() < 1e-4);
}

#[test]
fn a_plate_hangs_under_a_brick_seen_from_below() {
    let mut space = Space::new();
    space.insert(1, built_in("3001"), at(0.0, 0.0, 0.0));
    let ray = Ray::new(Vec3::new(12.0, 500.0, 9.0), Vec3::NEG_Y);
    let best = snap(&HeldBody::part(built_in("3024")), &ray, &space, &SnapOptions::default())[0];
    assert_eq!((best.kind, best.overlaps), (SnapKind::Connected, false));
    assert!(Vec3::from(best.pose.translation).distance(Vec3::new(10.0, 24.0, 10.0)) < 0.1, "{:?}", best.pose);
}

#[test]
fn a_tile_turns_onto_a_stud_that_looks_sideways() {
    let mut space = Space::new();
    space.insert(1, built_in("87087"), at(0.0, 0.0, 0.0));
    let ray = Ray::new(Vec3::new(0.0, 10.0, -300.0), Vec3::Z);
    let best = snap(&HeldBody::part(built_in("3070b")), &ray, &space, &SnapOptions::default())[0];
    assert_eq!((best.kind, best.overlaps), (SnapKind::Connected, false));
    assert!(Vec3::from(best.pose.translation).distance(Vec3::new(0.0, 10.0, -18.0)) < 0.5, "{:?}", best.pose);
    assert!((best.pose.matrix3.y_axis - glam::Vec3A::Z).length() < 1e-3);
}

#[test]
fn a_turned_model_takes_the_piece_on_its_own_lattice() {
    let mut space = Space::new();
    let turned = Affine3A::from_rotation_y(0.4);
    space.insert(1, built_in("3001"), turned);
    let stud = turned.transform_point3(Vec3::new(-30.0, 0.0, -10.0));
    let best = snap(&HeldBody::part(built_in("3003")), &down(stud.x, stud.z), &space, &SnapOptions::default())[0];
    assert_eq!(best.matched, 4);
    assert!((best.pose.matrix3.x_axis - turned.matrix3.x_axis).length() < 1e-3);
}

#[test]
fn nothing_hit_rests_on_the_ground_on_the_grid() {
    let best = snap(&HeldBody::part(built_in("3001")), &down(133.0, 47.0), &Space::new(), &SnapOptions::default())[0];
    assert_eq!(best.kind, SnapKind::Ground);
    assert_eq!(Vec3::from(best.pose.translation), Vec3::new(130.0, -24.0, 50.0));
}

#[test]
fn a_smooth_face_lets_the_piece_rest_on_it() {
    let mut space = Space::new();
    space.insert(1, built_in("3069b"), at(0.0, 0.0, 0.0));
    let best = snap(&HeldBody::part(built_in("3005")), &down(3.0, 1.0), &space, &SnapOptions::default())[0];
    assert_eq!((best.kind, best.overlaps), (SnapKind::Surface, false));
    assert_eq!(best.pose.translation.y, -24.0);
}

#[test]
fn a_taken_place_is_red_or_avoided() {
    let mut space = Space::new();
    space.insert(1, built_in("3001"), at(0.0, 0.0, 0.0));
    space.insert(2, built_in("3005"), at(30.0, -24.0, 10.0));
    let brick = HeldBody::part(built_in("3001"));
    assert!(brick.overlaps(&at(0.0, -24.0, 0.0), &space, &|_| false));
    assert!(!brick.overlaps(&at(0.0, -24.0, 0.0), &space, &|key| key == 2));
    let best = snap(&brick, &down(-10.0, 0.0), &space, &SnapOptions::default())[0];
    assert!(!best.overlaps, "{best:?}");
}

#[test]
fn several_pieces_snap_as_one() {
    let mut space = Space::new();
    space.insert(1, built_in("3001"), at(0.0, 0.0, 0.0));
    let held = HeldBody {
        pieces: vec![
            HeldPiece { body: built_in("3005"), pose: at(0.0, 0.0, 0.0) },
            HeldPiece { body: built_in("3005"), pose: at(0.0, -24.0, 0.0) },
        ],
    };
    let best = snap(&held, &down(9.0, 9.0), &space, &SnapOptions::default())[0];
    assert_eq!((best.kind, best.matched, best.overlaps), (SnapKind::Connected, 1, false));
    assert!(Vec3::from(best.pose.translation).distance(Vec3::new(10.0, -24.0, 10.0)) < 0.1, "{:?}", best.pose);
}

#[test]
fn picking_finds_the_nearest_triangle_from_either_side() {
    let mut space = Space::new();
    space.insert(7, built_in("3001"), at(0.0, 0.0, 0.0));
    space.insert(8, built_in("3001"), at(0.0, -48.0, 0.0));
    let hit = space.pick(&down(20.0, 0.0)).unwrap();
    assert_eq!((hit.key, hit.point.y), (8, -48.0));
    assert!(hit.normal.dot(Vec3::NEG_Y) > 0.99);
    assert_eq!(space.pick_where(&down(20.0, 0.0), &|key| key != 8).unwrap().key, 7);
    space.update(8, at(500.0, 0.0, 0.0));
    assert_eq!(space.pick(&down(20.0, 0.0)).unwrap().key, 7);
    assert!(space.remove(7) && !space.remove(7));
    assert_eq!(space.pick(&down(20.0, 0.0)), None);
    assert_eq!(space.nearest(Vec3::new(480.0, 0.0, 0.0), 1000.0).unwrap().0, 8);
}

#[test]
fn a_rectangle_selects_what_it_touches_or_encloses() {
    let mut space = Space::new();
    space.insert(1, built_in("3001"), at(0.0, 0.0, 0.0));
    space.insert(2, built_in("3001"), at(100.0, 0.0, 0.0));
    let view = Mat4::look_at_rh(Vec3::new(0.0, -10.0, -600.0), Vec3::new(0.0, -10.0, 0.0), Vec3::NEG_Y);
    let view_projection = Mat4::orthographic_rh(-200.0, 200.0, -200.0, 200.0, 1.0, 2000.0) * view;
    let x_of = |x: f32| view_projection.project_point3(Vec3::new(x, 0.0, 0.0)).x;
    let select = |from: f32, to: f32, mode| {
        let rectangle = Rectangle::between(Vec2::new(x_of(from), -1.0), Vec2::new(x_of(to), 1.0));
        space.in_rectangle(&view_projection, rectangle, mode)
    };
    assert_eq!(select(-50.0, 150.0, SelectMode::Enclosed), [1, 2]);
    assert_eq!(select(-50.0, 100.0, SelectMode::Enclosed), [1]);
    assert_eq!(select(-50.0, 100.0, SelectMode::Touching), [1, 2]);
    assert_eq!(select(45.0, 55.0, SelectMode::Touching), Vec::<u32>::new());
}

/// A wall-to-wall city: what one query costs is printed, and must stay far below a frame.
#[test]
fn queries_stay_quick_in_a_hundred_thousand_pieces() {
    let parts = ["3001", "3020", "3004", "3024", "3069b"].map(built_in);
    let side = 316;
    let pieces = (0..side * side).map(|i| {
        let (x, z) = ((i % side) as f32 * 80.0, (i / side) as f32 * 40.0);
        (i as u32, parts[i % parts.len()].clone(), at(x, -((i * 7 % 5) as f32) * 24.0, z))
    });
    let mut space = Space::from_pieces(pieces);
    let held = HeldBody::part(parts[0].clone());
    let mut times: [Vec<f32>; 3] = Default::default();
    for i in 0..600_usize {
        let target = Vec3::new((i * 7919 % (side * 80)) as f32, 0.0, (i * 104_729 % (side * 40)) as f32);
        let ray = Ray::new(target + Vec3::new(-400.0, -900.0, -500.0), Vec3::new(400.0, 900.0, 500.0));
        let mut timed = |slot: usize, f: &mut dyn FnMut()| {
            // The best of three: the machine may be busy with other things.
            let once = |_| {
                let start = std::time::Instant::now();
                f();
                start.elapsed().as_secs_f32() * 1e3
            };
            times[slot].push((0..3).map(once).fold(f32::INFINITY, f32::min));
        };
        timed(0, &mut || assert!(space.pick(&ray).is_none_or(|hit| hit.distance > 0.0)));
        timed(1, &mut || assert!(!snap(&held, &ray, &space, &SnapOptions::default()).is_empty()));
        let key = (i * 31 % (side * side)) as u32;
        let place = space.get(key).unwrap().transform;
        timed(2, &mut || assert!(space.update(key, at(0.0, -8.0, 0.0) * place)));
    }
    for (name, times) in ["pick", "snap", "update"].iter().zip(&mut times) {
        times.sort_by(f32::total_cmp);
        let p99 = times[times.len() * 99 / 100];
        eprintln!(
            "{name}: median {:.3} ms, p99 {p99:.3} ms, worst {:.3} ms",
            times[times.len() / 2],
            times[times.len() - 1]
        );
        assert!(p99 < 5.0, "{name} takes {p99} ms");
    }
}

#[test]
fn a_wheel_goes_onto_its_pin_as_far_as_the_hub() {
    let (Some(holder), Some(rim)) = (body("4600"), body("4624")) else { return };
    let mut space = Space::new();
    space.insert(1, holder, at(0.0, 0.0, 0.0));
    let ray = Ray::new(Vec3::new(300.0, 5.0, 0.0), Vec3::NEG_X);
    let rotation = Mat3::from_rotation_y(-std::f32::consts::FRAC_PI_2);
    let options = SnapOptions { rotation, ..SnapOptions::default() };
    let best = snap(&HeldBody::part(rim), &ray, &space, &options)[0];
    assert_eq!((best.kind, best.overlaps), (SnapKind::Connected, false));
    // The pin is five below the plate's top and begins two outside of it; the hub reaches eight inward.
    assert!(Vec3::from(best.pose.translation).distance(Vec3::new(30.0, 5.0, 0.0)) < 0.1, "{:?}", best.pose);
}

#[test]
fn a_piece_goes_onto_the_side_stud_that_is_pointed_into() {
    let (Some(brick), Some(tile)) = (body("4070"), body("3070b")) else { return };
    let mut space = Space::new();
    space.insert(1, brick, at(0.0, 0.0, 0.0));
    // The stud is hollow: a ray through its middle leaves at the brick's back.
    for (x, y) in [(0.0, 10.0), (3.0, 9.0), (0.0, 13.0), (-5.0, 10.0)] {
        for (dx, dy) in [(0.0, 0.0), (0.3, 0.4), (-0.4, 0.5)] {
            let ray = Ray::new(Vec3::new(x - dx * 300.0, y - dy * 300.0, -310.0), Vec3::new(dx, dy, 1.0));
            let best = snap(&HeldBody::part(tile.clone()), &ray, &space, &SnapOptions::default())[0];
            assert_eq!((best.kind, best.overlaps), (SnapKind::Connected, false), "{x} {y} {dx} {dy}");
            assert!(Vec3::from(best.pose.translation).distance(Vec3::new(0.0, 10.0, -14.0)) < 0.1, "{x} {y} {dx} {dy}");
        }
    }
}
