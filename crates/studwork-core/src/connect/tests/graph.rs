//! The graph: incremental or rebuilt, in whatever order and wherever the model stands, it is the same.

use super::*;
use crate::{PartId, catalog::Catalog, space::Space};
use glam::{Affine3A, Mat3, Quat, Vec3};
use proptest::prelude::*;

pub(super) fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(Catalog::built_in)
}

pub(super) fn built_in(number: &str) -> Arc<PartBody> {
    assert!(catalog().info(&PartId::new(number)).is_some(), "{number} is built in");
    catalog().body(&PartId::new(number))
}

const PARTS: [&str; 8] = ["3001", "3004", "3020", "3024", "3700", "2780", "60478", "4070"];

fn piece() -> impl Strategy<Value = (Arc<PartBody>, Affine3A)> {
    (0..PARTS.len(), -3..3_i32, -3..3_i32, -3..3_i32, 0..4_u8).prop_map(|(part, x, y, z, turns)| {
        let turn = Mat3::from_rotation_y(f32::from(turns) * std::f32::consts::FRAC_PI_2);
        let place = Vec3::new(x as f32 * 10.0, y as f32 * 8.0, z as f32 * 10.0);
        (built_in(PARTS[part]), Affine3A::from_mat3_translation(turn, place))
    })
}

fn space_of(pieces: &[(Arc<PartBody>, Affine3A)]) -> Space {
    Space::from_pieces(pieces.iter().enumerate().map(|(i, (body, place))| (i as u32, body.clone(), *place)))
}

/// Two keys, their connectors, what is free.
type Grip = (u32, u32, Vec<[u32; 2]>, Freedom);

/// What does not depend on where the model stands: who grips whom, by which connectors, with what freedom.
fn outline(graph: &ConnectionGraph) -> Vec<Grip> {
    graph.links().iter().map(|l| (l.a, l.b, l.joints.iter().map(|j| [j.a, j.b]).collect(), l.freedom)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn adding_and_removing_leaves_the_graph(pieces in prop::collection::vec(piece(), 1..14), extra in piece()) {
        let mut space = space_of(&pieces);
        let before = ConnectionGraph::build(&space);
        let mut graph = before.clone();
        space.insert(999, extra.0, extra.1);
        graph.update(&space, 999);
        space.remove(999);
        graph.update(&space, 999);
        prop_assert_eq!(before, graph);
    }

    #[test]
    fn incremental_equals_rebuilt(pieces in prop::collection::vec(piece(), 1..14), moves in prop::collection::vec((0..14_u32, piece()), 0..10)) {
        let mut space = Space::new();
        let mut graph = ConnectionGraph::default();
        for (i, (body, place)) in pieces.iter().enumerate() {
            space.insert(i as u32, body.clone(), *place);
            graph.update(&space, i as u32);
        }
        for (key, (_, place)) in moves {
            if key % 3 == 0 { space.remove(key); } else { space.update(key, place); }
            graph.update(&space, key);
        }
        prop_assert_eq!(graph, ConnectionGraph::build(&space));
    }

    #[test]
    fn order_does_not_matter(pieces in prop::collection::vec(piece(), 1..14), seed in 0..1000_usize) {
        let graph = ConnectionGraph::build(&space_of(&pieces));
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.rotate_left(seed % pieces.len());
        order.reverse();
        let mut space = Space::new();
        for i in order {
            space.insert(i as u32, pieces[i].0.clone(), pieces[i].1);
        }
        prop_assert_eq!(outline(&graph), outline(&ConnectionGraph::build(&space)));
    }

    #[test]
    fn moving_the_whole_model_keeps_the_graph(pieces in prop::collection::vec(piece(), 1..10), x in -1.0..1.0_f32, y in -1.0..1.0_f32, angle in 0.0..6.0_f32) {
        let turn = Quat::from_axis_angle(Vec3::new(x, y, 0.7).normalize(), angle);
        let outer = Affine3A::from_rotation_translation(turn, Vec3::new(500.0 * x, -300.0, 800.0 * y));
        let moved: Vec<_> = pieces.iter().map(|(body, place)| (body.clone(), outer * *place)).collect();
        let (before, after) = (ConnectionGraph::build(&space_of(&pieces)), ConnectionGraph::build(&space_of(&moved)));
        prop_assert_eq!(outline(&before), outline(&after));
    }

    #[test]
    fn the_mirrored_model_has_the_same_links(pieces in prop::collection::vec(piece(), 1..10)) {
        let mirror = Affine3A::from_scale(Vec3::new(-1.0, 1.0, 1.0));
        let mirrored: Vec<_> = pieces.iter().map(|(body, place)| (body.clone(), mirror * *place)).collect();
        let pairs = |graph: &ConnectionGraph| graph.links().iter().map(|l| (l.a, l.b, l.joints.len())).collect::<Vec<_>>();
        prop_assert_eq!(pairs(&ConnectionGraph::build(&space_of(&pieces))), pairs(&ConnectionGraph::build(&space_of(&mirrored))));
    }
}

fn tower() -> (Space, ConnectionGraph) {
    let at = |x: f32, y: f32| Affine3A::from_translation(Vec3::new(x, y, 0.0));
    let space = space_of(&[
        (built_in("3001"), at(0.0, 0.0)),
        (built_in("3001"), at(0.0, -24.0)),
        (built_in("3001"), at(40.0, -48.0)),
        (built_in("3001"), at(200.0, -240.0)),
    ]);
    let graph = ConnectionGraph::build(&space);
    (space, graph)
}

#[test]
fn a_tower_hangs_together_and_a_piece_in_the_air_floats() {
    let (space, graph) = tower();
    let report = check_space(&space, &graph);
    assert_eq!(report.islands, [vec![0, 1, 2], vec![3]]);
    assert_eq!(report.floating, [3]);
    assert_eq!(report.overlaps, []);
    assert_eq!(graph.hanging_on(1), [vec![2]]);
    assert_eq!(graph.link(0, 1).unwrap().joints.len(), 8);
    assert_eq!(graph.link(0, 1).unwrap().freedom, Freedom::Fixed);
    assert_eq!(graph.side_of_joint(1, 2), Some(vec![2]));
}

#[test]
fn one_stud_turns_and_many_are_fixed() {
    let at = |y: f32| Affine3A::from_translation(Vec3::new(0.0, y, 0.0));
    let space = space_of(&[(built_in("3024"), at(0.0)), (built_in("3024"), at(-8.0))]);
    assert_eq!(ConnectionGraph::build(&space).link(0, 1).unwrap().freedom, Freedom::Turns);
}

#[test]
fn a_piece_that_lies_on_another_does_not_float() {
    let at = |y: f32| Affine3A::from_translation(Vec3::new(0.0, y, 0.0));
    // A brick on a smooth tile: no grip, but it rests.
    let space = space_of(&[(built_in("3069b"), at(0.0)), (built_in("3004"), at(-24.0))]);
    let report = check_space(&space, &ConnectionGraph::build(&space));
    assert_eq!(report.islands.len(), 2);
    assert!(report.is_clean(), "{report:?}");
}

#[test]
fn a_wheel_stands_on_the_ground_that_it_touches_and_floats_above_it() {
    // A round brick on its side, as a wheel would lie on a tile.
    let lying = |y: f32| {
        let turn = Mat3::from_rotation_x(std::f32::consts::FRAC_PI_2);
        Affine3A::from_mat3_translation(turn, Vec3::new(0.0, y, 0.0))
    };
    let floor = (built_in("3811"), Affine3A::IDENTITY);
    let tile = (built_in("3068b"), Affine3A::from_translation(Vec3::new(0.0, -8.0, 0.0)));
    let floating = |y: f32| {
        let space = space_of(&[floor.clone(), tile.clone(), (built_in("3062b"), lying(y))]);
        check_space(&space, &ConnectionGraph::build(&space)).floating
    };
    assert_eq!(floating(-18.0), Vec::<u32>::new());
    assert_eq!(floating(-21.0), [2]);
}

fn turned(turns: Mat3, x: f32, y: f32, z: f32) -> Affine3A {
    Affine3A::from_mat3_translation(turns, Vec3::new(x, y, z))
}

/// A Technic brick, a pin in its hole, a second Technic brick on the pin, and a brick on that one's studs.
fn on_a_pin() -> (Space, ConnectionGraph) {
    let along_z = Mat3::from_rotation_y(std::f32::consts::FRAC_PI_2);
    let space = space_of(&[
        (built_in("3700"), Affine3A::IDENTITY),
        (built_in("2780"), turned(along_z, 0.0, 10.0, -10.0)),
        (built_in("3700"), turned(Mat3::IDENTITY, 0.0, 0.0, -20.0)),
        (built_in("3004"), turned(Mat3::IDENTITY, 0.0, -24.0, -20.0)),
    ]);
    let graph = ConnectionGraph::build(&space);
    (space, graph)
}

#[test]
fn what_hangs_on_a_pin_turns_with_it_and_keeps_its_joints() {
    let (mut space, mut graph) = on_a_pin();
    assert_eq!(graph.islands(&space), [vec![0, 1, 2, 3]]);
    let motion = graph.motion_of_joint(&space, 1, 2).unwrap();
    assert_eq!(motion.moving, [2, 3]);
    assert!(motion.axis.dot(Vec3::Z).abs() > 0.999 && (motion.center.y - 10.0).abs() < 0.1, "{motion:?}");
    // Whatever is pointed at of the second brick's side, it turns about the pin, and the first brick by itself.
    for key in [2, 3] {
        assert_eq!(
            graph.joint_of_piece(&space, key).map(|motion| (motion.fixed, motion.moving)),
            Some((1, vec![2, 3]))
        );
    }
    assert_eq!(graph.joint_of_piece(&space, 0).map(|motion| motion.moving), Some(vec![0]));
    assert!(graph.motion_of_joint(&space, 2, 3).is_none(), "two studs leave nothing free");
    let before = outline(&graph);
    let turn = motion.motion(0.4, 0.0);
    for key in &motion.moving {
        let place = space.get(*key).unwrap().transform;
        space.update(*key, turn * place);
    }
    graph.update_all(&space, motion.moving.iter().copied());
    assert_eq!(outline(&graph), before);
    assert_eq!(graph, ConnectionGraph::build(&space));
}

#[test]
fn a_door_turns_and_not_the_house() {
    // A hinge between a tower of twenty bricks and a plate with a brick on it.
    let mut pieces = vec![
        (built_in("3937"), Affine3A::IDENTITY),
        (built_in("3938"), Affine3A::IDENTITY),
        (built_in("3004"), turned(Mat3::IDENTITY, 0.0, -24.0, 0.0)),
    ];
    pieces
        .extend((0..20).map(|level| (built_in("3004"), turned(Mat3::IDENTITY, 0.0, 24.0 + 24.0 * level as f32, 0.0))));
    let space = space_of(&pieces);
    let graph = ConnectionGraph::build(&space);
    assert_eq!(graph.islands(&space).len(), 1);
    let joint = |key: u32| graph.joint_of_piece(&space, key).map(|motion| (motion.fixed, motion.moving));
    // The brick on the lid takes the lid along; the base moves it as well; the tower moves nothing.
    assert_eq!([joint(1), joint(2), joint(0)], [(); 3].map(|()| Some((0, vec![1, 2]))));
    assert_eq!(joint(8), None);
}

#[test]
fn what_is_held_on_both_sides_turns_about_both_pins() {
    let (mut space, mut graph) = on_a_pin();
    let along_z = Mat3::from_rotation_y(std::f32::consts::FRAC_PI_2);
    // A second pin on the same line with a third brick: all of it hangs on the first pin.
    space.insert(4, built_in("2780"), turned(along_z, 0.0, 10.0, -30.0));
    space.insert(5, built_in("3700"), turned(Mat3::IDENTITY, 0.0, 0.0, -40.0));
    graph.update_all(&space, [4, 5]);
    let motion = graph.motion_of_joint(&space, 1, 2).unwrap();
    assert_eq!(motion.moving, [2, 3, 4, 5]);
    // With the middle brick turned and the outer ones held together it turns alone, about both pins.
    for key in [2, 3] {
        let place = space.get(key).unwrap().transform;
        space.update(key, motion.motion(0.5, 0.0) * place);
    }
    space.insert(6, built_in("3623"), turned(along_z, 10.0, -8.0, -20.0));
    graph.update_all(&space, [2, 3, 6]);
    assert!(graph.link(0, 6).is_some() && graph.link(5, 6).is_some() && graph.link(2, 6).is_none());
    assert_eq!(graph.motion_of_joint(&space, 1, 2).unwrap().moving, [2, 3]);
    assert_eq!(graph, ConnectionGraph::build(&space));
}

#[test]
fn free_studs_are_those_that_nothing_sits_on() {
    let (space, graph) = tower();
    // The second brick covers the first one; the third leaves four studs of the second.
    let studs = graph.free_studs_near(&space, Vec3::new(0.0, -24.0, 0.0), 60.0);
    assert_eq!(studs.iter().map(|stud| stud.key).filter(|key| *key == 0).count(), 0);
    let second: Vec<_> = studs.iter().filter(|stud| stud.key == 1).collect();
    assert_eq!(second.len(), 4);
    assert!(second.iter().all(|stud| stud.at.x < 0.0 && stud.at.y == -24.0 && stud.direction == Vec3::NEG_Y));
    assert!(studs.is_sorted_by(|a, b| {
        let far = |stud: &FreeStud| stud.at.distance(Vec3::new(0.0, -24.0, 0.0));
        far(a) <= far(b)
    }));
}
