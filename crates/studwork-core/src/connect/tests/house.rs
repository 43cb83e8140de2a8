//! A small house that is open above: where a roof and a plate go, seen from outside and above.

use super::{graph::built_in, *};
use crate::space::{Ray, Space};
use glam::{Affine3A, Vec3};

const FLOOR: u32 = 1;
/// The top of the walls' fifth row, LDU.
const WALL_TOP: f32 = -120.0;

fn at(x: f32, y: f32, z: f32) -> Affine3A {
    Affine3A::from_translation(Vec3::new(x, y, z))
}

/// The middles of the studs around the edge of a plate of 6×8.
fn edge_studs() -> Vec<(f32, f32)> {
    let all = (0..8).flat_map(|x| (0..6).map(move |z| (x, z)));
    all.filter(|(x, z)| [0, 7].contains(x) || [0, 5].contains(z))
        .map(|(x, z)| (x as f32 * 20.0 - 70.0, z as f32 * 20.0 - 50.0))
        .collect()
}

/// A plate of 6×8 as the floor, and walls of 1×1 bricks, five high, around its edge.
fn house() -> Space {
    let mut space = Space::new();
    space.insert(FLOOR, built_in("3036"), at(0.0, 0.0, 0.0));
    for (i, (x, z)) in edge_studs().into_iter().enumerate() {
        for row in 0..5 {
            space.insert((10 + i * 5 + row) as u32, built_in("3005"), at(x, -24.0 * (row + 1) as f32, z));
        }
    }
    space
}

fn eyes() -> [Vec3; 4] {
    [
        Vec3::new(300.0, -700.0, -500.0),
        Vec3::new(-420.0, -600.0, -380.0),
        Vec3::new(60.0, -900.0, 240.0),
        Vec3::new(380.0, -520.0, 300.0),
    ]
}

fn toward(eye: Vec3, point: Vec3) -> Ray {
    Ray::new(eye, point - eye)
}

fn place(candidate: &SnapCandidate) -> Vec3 {
    candidate.pose.translation.into()
}

#[test]
fn a_roof_lands_on_the_wall_where_the_pointer_is() {
    let (space, roof) = (house(), HeldBody::part(built_in("3036")));
    for eye in eyes() {
        for (x, z) in edge_studs() {
            // Not quite the middle of the stud: an even roof has no place right over it.
            let pointer = Vec3::new(x + 3.0, WALL_TOP - 4.0, z - 2.0);
            let best = snap(&roof, &toward(eye, pointer), &space, &SnapOptions::default())[0];
            assert_eq!((best.kind, best.overlaps), (SnapKind::Connected, false), "{x} {z} from {eye}: {best:?}");
            assert!(
                (place(&best) - Vec3::new(x + 10.0, WALL_TOP - 8.0, z - 10.0)).length() < 0.1,
                "{x} {z} from {eye}: {best:?}"
            );
        }
    }
}

#[test]
fn a_plate_goes_through_the_opening_onto_the_floor_and_never_below_it() {
    let (space, plate) = (house(), HeldBody::part(built_in("3022")));
    let mut on_floor = 0;
    for eye in eyes() {
        for (x, z) in (-9..=9).flat_map(|x| (-7..=7).map(move |z| (x as f32 * 9.0, z as f32 * 9.0))) {
            let ray = toward(eye, Vec3::new(x, -0.5, z));
            let Some(hit) = space.pick(&ray) else { continue };
            let best = snap(&plate, &ray, &space, &SnapOptions::default())[0];
            // From outside a plate may well be put under the floor's edge.
            let inside = hit.point.x.abs() <= 60.1 && hit.point.z.abs() <= 40.1;
            assert!(!inside || place(&best).y <= -7.9, "{x} {z} from {eye}: {best:?}");
            let clear = hit.point.x.abs() < 38.0 && hit.point.z.abs() < 18.0;
            if hit.key == FLOOR && clear {
                on_floor += 1;
                assert_eq!(
                    (best.kind, best.overlaps, best.matched),
                    (SnapKind::Connected, false, 4),
                    "{x} {z} from {eye}: {best:?}"
                );
                assert_eq!(place(&best).y, -8.0);
                let aside = (place(&best) - hit.point).with_y(0.0).abs();
                assert!(aside.max_element() <= 10.1, "{x} {z} from {eye}: {aside} aside");
            }
        }
    }
    assert!(on_floor > 20, "{on_floor}");
}

#[test]
fn a_roof_that_does_not_go_through_the_opening_lies_on_the_walls() {
    let (space, roof) = (house(), HeldBody::part(built_in("3036")));
    let mut through = 0;
    for eye in eyes() {
        for (x, z) in (-3..=3).flat_map(|x| (-2..=2).map(move |z| (x as f32 * 9.0, z as f32 * 9.0))) {
            let ray = toward(eye, Vec3::new(x, -0.5, z));
            if space.pick(&ray).is_none_or(|hit| hit.key != FLOOR) {
                continue;
            }
            through += 1;
            let best = snap(&roof, &ray, &space, &SnapOptions::default())[0];
            assert_eq!((best.kind, best.overlaps), (SnapKind::Connected, false), "{x} {z} from {eye}: {best:?}");
            assert!((place(&best).y - (WALL_TOP - 8.0)).abs() < 0.1, "{x} {z} from {eye}: {best:?}");
        }
    }
    assert!(through > 10, "{through}");
}

#[test]
fn what_hangs_below_is_offered_from_below() {
    let (space, plate) = (house(), HeldBody::part(built_in("3022")));
    let ray = toward(Vec3::new(100.0, 600.0, -80.0), Vec3::new(3.0, 8.0, 2.0));
    let best = snap(&plate, &ray, &space, &SnapOptions::default())[0];
    assert_eq!((best.kind, best.overlaps, place(&best).y), (SnapKind::Connected, false, 8.0), "{best:?}");
}
