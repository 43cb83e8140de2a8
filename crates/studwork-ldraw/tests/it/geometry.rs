//! From files to meshes, on files small enough to see through.

use glam::{Affine3A, Mat3, Vec3};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use studwork_ldraw::{ColorRef, FileSource, Geometry, Layered, LdrawError, Mesh, StudKind, Tint, build, parse};

/// Builds the first file of an MPD from its own files.
fn try_build(text: &str) -> Result<Geometry, LdrawError> {
    let files = parse(text.as_bytes(), "test.mpd").unwrap().value.files;
    let first = files[0].name.clone();
    let source = Layered::new(files.into_iter().map(Arc::new), None);
    build(&source as &dyn FileSource, &first)
}

fn built(text: &str) -> Mesh {
    let geometry = try_build(text).unwrap();
    assert_eq!(geometry.missing, Vec::<String>::new());
    geometry.mesh
}

fn corners(mesh: &Mesh) -> Vec<[Vec3; 3]> {
    let at = |index: u32| Vec3::from_array(mesh.vertices[index as usize].position);
    mesh.indices.as_chunks().0.iter().map(|&[a, b, c]| [at(a), at(b), at(c)]).collect()
}

fn volume(mesh: &Mesh) -> f32 {
    corners(mesh).iter().map(|[a, b, c]| a.dot(b.cross(*c)) / 6.0).sum()
}

/// A unit cube's half-size is 1; its faces go counter-clockwise seen from outside.
const CUBE: &str = "4 16 -1 -1 -1 -1 1 -1 1 1 -1 1 -1 -1\n4 16 -1 -1 1 1 -1 1 1 1 1 -1 1 1\n4 16 -1 -1 -1 1 -1 -1 1 -1 1 -1 -1 1\n\
    4 16 -1 1 -1 -1 1 1 1 1 1 1 1 -1\n4 16 -1 -1 -1 -1 -1 1 -1 1 1 -1 1 -1\n4 16 1 -1 -1 1 1 -1 1 1 1 1 -1 1\n";

/// The same faces the other way.
fn clockwise_cube() -> String {
    let turned = CUBE.lines().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let mut points: Vec<&[&str]> = words[2..].chunks(3).collect();
        points.reverse();
        format!("4 16 {}\n", points.concat().join(" "))
    });
    turned.collect()
}

#[test]
fn faces_point_outwards_however_they_are_written() {
    let plain = format!("0 FILE cube.dat\n0 BFC CERTIFY CCW\n{CUBE}");
    let clockwise = format!("0 FILE cube.dat\n0 BFC CERTIFY CW\n{}", clockwise_cube());
    let switched = format!("0 FILE cube.dat\n0 BFC CERTIFY CCW\n0 BFC CW\n{}", clockwise_cube());
    let check = |name: &str, main: &str, expected: f32| {
        for cube in [&plain, &clockwise, &switched] {
            let mesh = built(&format!("0 FILE main.dat\n0 BFC CERTIFY CCW\n{main}\n{cube}"));
            assert!((volume(&mesh) - expected).abs() < 1e-3, "{name}: {}", volume(&mesh));
            assert!(mesh.double_sided.is_empty(), "{name}");
            for [a, b, c] in corners(&mesh) {
                let outwards = (b - a).cross(c - a).dot(a - mesh.bounds.center());
                assert!(outwards * expected.signum() > 0.0, "{name}");
            }
            for vertex in &mesh.vertices {
                let outwards = vertex.normal().dot(Vec3::from_array(vertex.position) - mesh.bounds.center());
                assert!(outwards * expected.signum() > 0.0, "{name}");
            }
        }
    };
    check("as it is", "1 16 0 0 0 1 0 0 0 1 0 0 0 1 cube.dat", 8.0);
    check("moved and stretched", "1 16 9 8 7 2 0 0 0 3 0 0 0 1 cube.dat", 48.0);
    check("turned", "1 16 0 0 0 0 0 1 0 1 0 -1 0 0 CUBE.DAT", 8.0);
    check("mirrored", "1 16 0 0 0 -1 0 0 0 1 0 0 0 1 cube.dat", 8.0);
    check("mirrored twice", "1 16 0 0 0 -1 0 0 0 -1 0 0 0 1 cube.dat", 8.0);
    check("inverted", "0 BFC INVERTNEXT\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 cube.dat", -8.0);
    check(
        "inverted and mirrored",
        "0 BFC INVERTNEXT\n0 // a remark between\n1 16 0 0 0 1 0 0 0 -1 0 0 0 1 cube.dat",
        -8.0,
    );
    check(
        "inverted inside inverted",
        "0 BFC INVERTNEXT\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 in.dat\n0 FILE in.dat\n0 BFC CERTIFY CW\n0 BFC INVERTNEXT\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 cube.dat",
        8.0,
    );
}

#[test]
fn unknown_winding_is_double_sided_and_stands_last() {
    let uncertified = "0 FILE open.dat\n3 4 0 0 0 1 0 0 0 1 0\n";
    let certified = "0 FILE shut.dat\n0 !LDRAW_ORG Part\n0 BFC CERTIFY CCW\n3 16 0 0 5 1 0 5 0 1 5\n0 BFC NOCLIP\n3 16 0 0 6 1 0 6 0 1 6\n";
    let references = "1 16 0 0 0 1 0 0 0 1 0 0 0 1 open.dat\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 shut.dat\n";
    for head in ["0 BFC CERTIFY CCW\n", ""] {
        let mesh = built(&format!("0 FILE main.ldr\n{head}{references}{uncertified}{certified}"));
        assert_eq!(
            (mesh.indices.len(), mesh.double_sided.clone()),
            (9, 3..9),
            "a part knows its own winding: {head:?}"
        );
        assert_eq!(corners(&mesh)[0][0].z, 5.0);
    }
    let subpart = certified.replace("0 !LDRAW_ORG Part\n", "");
    let mesh = built(&format!("0 FILE main.ldr\n{references}{uncertified}{subpart}"));
    assert_eq!(mesh.double_sided, 0..9, "nothing below an uncertified file is certain");
}

#[test]
fn neighbors_of_unknown_winding_share_their_normals() {
    // Two halves of a gentle roof, written in opposite windings.
    let mesh = built("0 FILE roof.dat\n4 16 0 0 0 5 1 0 5 1 9 0 0 9\n4 16 10 0 0 5 1 0 5 1 9 10 0 9\n");
    let ridge: BTreeSet<_> = mesh.vertices.iter().filter(|v| v.position[0] == 5.0).map(|v| v.normal).collect();
    assert_eq!(ridge.len(), 1, "{ridge:?}");
    assert_eq!(ridge.first().unwrap()[0], 0);
}

#[test]
fn colors_are_inherited() {
    let text = "0 FILE main.dat\n0 BFC CERTIFY\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 sub.dat\n1 16 0 0 5 1 0 0 0 1 0 0 0 1 sub.dat\n\
        0 FILE sub.dat\n0 BFC CERTIFY\n3 16 0 0 0 1 0 0 0 1 0\n3 0x2010203 0 0 1 1 0 1 0 1 1\n2 24 0 0 0 1 0 0\n";
    let mesh = built(text);
    let direct = ColorRef::Direct { rgb: [1, 2, 3], transparent: false };
    let tints: Vec<Tint> = mesh.indices.iter().step_by(3).map(|&index| mesh.vertices[index as usize].tint).collect();
    assert_eq!(tints, [ColorRef::Code(4).into(), direct.into(), Tint::MAIN, direct.into()]);
    assert!(mesh.edges.iter().all(|end| end.tint == Tint::EDGE));
    assert_eq!(mesh.edges.len(), 4);
}

/// A tube of `sides` faces around y, with lines of a type along its sides.
fn tube(sides: u32, line: Option<u8>) -> String {
    let at = |i: u32| {
        let angle = i as f32 / sides as f32 * std::f32::consts::TAU;
        format!("{:.4} # {:.4}", 10.0 * angle.cos(), 10.0 * angle.sin())
    };
    let mut text = "0 FILE tube.dat\n0 BFC CERTIFY CCW\n".to_owned();
    for i in 0..sides {
        let (a, b, c) = (at(i), at(i + 1), at(i + 2));
        let (low, high) = (|p: &str| p.replace('#', "10"), |p: &str| p.replace('#', "0"));
        text += &format!("4 16 {} {} {} {}\n", low(&a), low(&b), high(&b), high(&a));
        match line {
            Some(2) => text += &format!("2 24 {} {}\n", low(&b), high(&b)),
            Some(5) => text += &format!("5 24 {} {} {} {}\n", low(&b), high(&b), high(&a), high(&c)),
            _ => {}
        }
    }
    text
}

#[test]
fn round_things_are_smooth_and_edges_are_hard() {
    let check = |sides: u32, line: Option<u8>, smooth: bool| {
        let mesh = built(&tube(sides, line));
        let expected = if smooth { sides * 2 } else { sides * 4 } as usize;
        assert_eq!(mesh.vertices.len(), expected, "{sides} sides with lines {line:?}");
        for vertex in &mesh.vertices {
            let radial = Vec3::from_array(vertex.position).with_y(0.0).normalize();
            let off = vertex.normal().dot(radial);
            assert!(if smooth { off > 0.999 } else { off < 0.997 }, "{sides} sides with lines {line:?}: {off}");
        }
    };
    check(16, None, true);
    check(16, Some(5), true);
    check(16, Some(2), false);
    check(8, None, true);
    // Six sides bend by 60°: a nut, unless the author says that it is round.
    check(6, None, false);
    check(6, Some(5), true);
}

#[test]
fn a_corner_on_a_side_shades_without_a_seam() {
    // A gentle bend along z; one half is cut in two at z = 4.
    let halves = "4 16 0 0 0 0 0 10 10 -1 10 10 -1 0\n4 16 20 0 0 10 -1 0 10 -1 4 20 0 4\n4 16 20 0 4 10 -1 4 10 -1 10 20 0 10\n";
    let mesh = built(&format!("0 FILE bend.dat\n0 BFC CERTIFY CW\n{halves}"));
    let middle: Vec<_> = mesh.vertices.iter().filter(|vertex| vertex.position[0] == 10.0).collect();
    assert_eq!(middle.len(), 3);
    assert!(middle.iter().all(|vertex| vertex.normal[0].abs() <= 1), "{middle:?}");
    // An edge line along the whole side keeps it hard at the cut as well.
    let mesh = built(&format!("0 FILE bend.dat\n0 BFC CERTIFY CW\n2 24 10 -1 0 10 -1 10\n{halves}"));
    assert!(mesh.vertices.iter().all(|vertex| vertex.normal[0] != 0), "{:?}", mesh.vertices);
}

#[test]
fn nearly_equal_corners_are_one_and_slivers_vanish() {
    let mesh = built(
        "0 FILE a.dat\n0 BFC CERTIFY\n3 16 0 0 0 0 0 10 10 0 0\n3 16 10.001 0 0.001 0.0005 0 10 10 0 10\n3 16 0 0 0 5 0 0 10 0 0\n3 16 1 1 1 1 1 1 2 2 2\n",
    );
    assert_eq!((mesh.vertices.len(), mesh.indices.len()), (4, 6));
}

#[test]
fn studs_are_groups_that_can_be_left_out() {
    let stud = "0 FILE stud.dat\n0 BFC CERTIFY\n3 16 0 -4 0 1 -4 0 0 -4 1\n2 24 0 0 0 1 0 0\n0 FILE stud4.dat\n0 BFC CERTIFY\n3 16 0 0 0 1 0 0 0 0 1\n\
        0 FILE stug-1x2.dat\n0 BFC CERTIFY\n1 16 5 0 0 1 0 0 0 1 0 0 0 1 stud.dat\n1 4 -5 0 0 -1 0 0 0 1 0 0 0 1 stud.dat\n";
    let main = "0 FILE main.dat\n0 BFC CERTIFY\n3 16 0 9 0 1 9 0 0 9 1\n1 16 0 10 0 1 0 0 0 1 0 0 0 1 stug-1x2.dat\n0 BFC INVERTNEXT\n1 16 0 0 0 1 0 0 0 -2 0 0 0 1 stud4.dat\n";
    let mesh = built(&format!("{main}{stud}"));
    let kinds: Vec<_> = mesh.studs.iter().map(|stud| stud.kind).collect();
    assert_eq!(kinds, [StudKind::Stud, StudKind::Stud, StudKind::Tube]);
    assert_eq!(mesh.studs[0].transform, Affine3A::from_translation(Vec3::new(5.0, 10.0, 0.0)));
    assert_eq!(mesh.studs[2].transform, Affine3A::from_scale(Vec3::new(1.0, -2.0, 1.0)));
    let ranges: Vec<_> = mesh.studs.iter().map(|stud| (stud.indices.clone(), stud.edges.clone())).collect();
    assert_eq!(ranges, [(3..6, 0..2), (6..9, 2..4), (9..12, 4..4)]);
    // Taken apart by name or not, the triangles are the same.
    let renamed = built(&format!("{main}{stud}").replace("stud", "knob"));
    assert_eq!(renamed.studs, []);
    assert_eq!(corners(&mesh), corners(&renamed));
    let normals =
        |mesh: &Mesh| mesh.indices.iter().map(|&index| mesh.vertices[index as usize].normal).collect::<Vec<_>>();
    assert_eq!(normals(&mesh), normals(&renamed));
    assert_eq!(mesh.vertices[mesh.indices[6] as usize].tint, ColorRef::Code(4).into());
    assert_eq!(mesh.bounds, renamed.bounds);
    // Where the winding is unknown they are in the tail.
    let open = built(&format!("{}{stud}", main.replacen("0 BFC CERTIFY\n", "", 1)));
    assert_eq!(open.double_sided, 0..12);
    assert!(open.studs.iter().all(|stud| stud.indices.end <= 12 && stud.indices.len() == 3));
}

#[test]
fn textures_show_their_fallback() {
    let check = |block: &str, heights: &[f32]| {
        let mesh = built(&format!("0 FILE a.dat\n0 BFC CERTIFY\n{block}\n3 16 0 9 0 1 9 0 0 9 1\n"));
        let shown: BTreeSet<u32> = mesh.vertices.iter().map(|vertex| vertex.position[1] as u32).collect();
        assert_eq!(shown, heights.iter().map(|y| *y as u32).collect(), "{block}");
    };
    let start = "0 !TEXMAP START PLANAR 0 0 0 1 0 0 0 0 1 a.png";
    check(
        &format!("{start}\n0 !: 3 16 0 1 0 1 1 0 0 1 1\n0 !TEXMAP FALLBACK\n3 16 0 2 0 1 2 0 0 2 1\n0 !TEXMAP END"),
        &[2.0, 9.0],
    );
    check(&format!("{start}\n0 !: 3 16 0 1 0 1 1 0 0 1 1\n0 !TEXMAP END\n0 !: 3 16 0 3 0 1 3 0 0 3 1"), &[1.0, 9.0]);
    check(&format!("{start}\n3 16 0 2 0 1 2 0 0 2 1\n0 !TEXMAP END"), &[2.0, 9.0]);
}

#[test]
fn a_loop_is_named() {
    let reference = |name: &str| format!("1 16 0 0 0 1 0 0 0 1 0 0 0 1 {name}\n");
    let text = format!(
        "0 FILE main.ldr\n{}0 FILE a b.ldr\n{}0 FILE c.ldr\n{}",
        reference("A B.ldr"),
        reference("c.ldr"),
        reference("a b.LDR")
    );
    let error = try_build(&text).unwrap_err();
    assert!(matches!(&error, LdrawError::Loop { chain } if *chain == ["a b.ldr", "c.ldr", "a b.ldr"]), "{error}");
    assert!(error.to_string().contains("a b.ldr → c.ldr → a b.ldr"));
    assert!(matches!(try_build(&format!("0 FILE me.dat\n{}", reference("me.dat"))), Err(LdrawError::Loop { .. })));
}

#[test]
fn hostile_nesting_ends_quickly() {
    let start = Instant::now();
    let chain = |count: u32, each: usize, leaf: &str| {
        let file = |i: u32| {
            let body = if i + 1 == count {
                leaf.to_owned()
            } else {
                format!("1 16 0 0 0 9e6 0 0 0 9e6 0 0 0 9e6 {}.dat\n", i + 1).repeat(each)
            };
            format!("0 FILE {i}.dat\n{body}")
        };
        (0..count).map(file).collect::<String>()
    };
    assert!(matches!(try_build(&chain(100, 1, "")), Err(LdrawError::TooDeep { .. })));
    assert!(matches!(try_build(&chain(40, 2, "")), Err(LdrawError::TooMuchGeometry { .. })));
    assert!(matches!(try_build(&chain(20, 9, "3 16 0 0 0 0 0 0 0 0 0\n")), Err(LdrawError::TooMuchGeometry { .. })));
    let far = try_build(&chain(30, 1, "3 16 1 0 0 0 1 0 0 0 1\n2 24 0 0 0 1 1 1\n")).unwrap();
    assert!(far.mesh.indices.is_empty() && far.mesh.edges.is_empty());
    assert_eq!(far.warnings.len(), 1);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn missing_files_are_listed_once() {
    let text = "0 FILE main.dat\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 P\\Gone.dat\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 p/gone.dat\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 stud.dat\n3 16 0 0 0 1 0 0 0 1 0\n";
    let geometry = try_build(text).unwrap();
    assert_eq!(geometry.missing, ["p/gone.dat", "stud.dat"]);
    assert_eq!((geometry.mesh.indices.len(), geometry.warnings.len()), (3, 2));
    assert!(matches!(build(&Layered::new([], None), "no.dat"), Err(LdrawError::NotFound { .. })));
}

#[test]
fn a_flattened_reference_keeps_its_triangles() {
    let mesh = built(
        "0 FILE a.dat\n0 BFC CERTIFY\n1 16 0 0 0 6 0 0 0 0 0 0 0 6 stud.dat\n0 FILE stud.dat\n0 BFC CERTIFY\n3 16 0 0 0 0 0 1 1 0 0\n",
    );
    assert_eq!((mesh.indices.len(), mesh.studs.len()), (3, 0));
    let normal = mesh.vertices[0].normal();
    assert!(normal.is_normalized() && (normal.dot(Vec3::Y) - 1.0).abs() < 1e-3, "{normal}");
    assert_eq!(Mat3::from_diagonal(Vec3::ONE) * mesh.bounds.size(), Vec3::new(6.0, 0.0, 6.0));
}
