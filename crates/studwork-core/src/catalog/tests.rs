//! Every built-in part builds and is a sound body; where an LDraw library is at hand, it has the size and the studs of the
//! real part. And what is asked of the catalog is found.
#![expect(clippy::print_stderr, reason = "a test says what it skips")]

use super::families::all_parts;
use super::{Catalog, Source};
use crate::PartId;
use crate::space::{MeshTree, Ray};
use glam::{Vec2, Vec3};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;
use studwork_ldraw::{Library, Mesh, StudKind};

#[test]
fn every_list_is_read_and_no_number_comes_twice() {
    let (parts, messages) = all_parts();
    assert_eq!(messages, Vec::<String>::new());
    assert!(parts.len() >= 230, "only {} parts", parts.len());
    let mut numbers: Vec<&str> = parts.iter().map(|p| p.number.as_str()).collect();
    numbers.sort_unstable();
    let twice: Vec<_> = numbers.windows(2).filter(|w| w[0] == w[1]).collect();
    assert!(twice.is_empty(), "twice: {twice:?}");
}

#[test]
fn every_part_is_a_sound_body() {
    let mut faults = Vec::new();
    for part in all_parts().0 {
        let shape = part.family.shape();
        if shape.solids.is_empty() {
            faults.push(format!("{}: fills no room", part.number));
        }
        faults.extend(faults_of(&shape.mesh()).into_iter().map(|f| format!("{}: {f}", part.number)));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn faults_of(mesh: &Mesh) -> Vec<String> {
    let mut faults = Vec::new();
    if mesh.indices.is_empty() || mesh.edges.is_empty() {
        faults.push("empty".to_owned());
    }
    let (mut volume, mut behind, mut not_unit) = (0.0, 0, 0);
    for t in mesh.indices[..mesh.double_sided.start as usize].chunks_exact(3) {
        let [a, b, c] = [t[0], t[1], t[2]].map(|i| Vec3::from(mesh.vertices[i as usize].position));
        let face = (b - a).cross(c - a);
        if !face.is_finite() || face.length() < 1e-5 {
            faults.push(format!("degenerate triangle {a} {b} {c}"));
            continue;
        }
        for i in t {
            let normal = mesh.vertices[*i as usize].normal();
            not_unit += u32::from((normal.length() - 1.0).abs() > 0.02);
            behind += u32::from(normal.dot(face.normalize()) < -0.2);
        }
        volume += f64::from(a.dot(b.cross(c))) / 6.0;
    }
    if behind + not_unit > 0 {
        faults.push(format!("{behind} normals look inward, {not_unit} are no unit vectors"));
    }
    // What is seen from both sides has no volume.
    if volume <= 0.0 && mesh.double_sided.is_empty() {
        faults.push(format!("volume {volume}: inside out"));
    }
    let in_range = |r: &std::ops::Range<u32>, len: usize| r.start <= r.end && r.end as usize <= len;
    if !mesh.studs.iter().all(|s| in_range(&s.indices, mesh.indices.len()) && in_range(&s.edges, mesh.edges.len())) {
        faults.push("a stud group is out of range".to_owned());
    }
    faults
}

/// Rays from all sides through a grid over a shape: the share of those that first meet the back of a face, or a gap in it.
fn share_inside_out(mesh: &Arc<Mesh>) -> f32 {
    let tree = MeshTree::new(mesh.clone());
    let (center, radius) = (mesh.bounds.center(), mesh.bounds.size().length());
    let (mut hits, mut backs) = (0.0f32, 0.0f32);
    for i in 0..24 {
        // Directions spread evenly over the sphere, none along an axis.
        let y = 1.0 - (i as f32 + 0.5) / 12.0;
        let around = Vec2::from_angle(i as f32 * 2.399_963) * (1.0 - y * y).sqrt();
        let direction = Vec3::new(around.x, y, around.y);
        let (right, up) = direction.any_orthonormal_pair();
        for k in 0..144 {
            let (u, v) = ((k % 12) as f32 / 11.37 - 0.48, (k / 12) as f32 / 11.61 - 0.47);
            let origin = center - direction * radius + (right * u + up * v) * mesh.bounds.size().length();
            let Some(hit) = tree.cast(&Ray::new(origin, direction), f32::MAX) else { continue };
            hits += 1.0;
            let thin = mesh.double_sided.contains(&(hit.triangle * 3));
            backs += f32::from(!thin && hit.normal.dot(direction) > 0.0);
        }
    }
    backs / hits.max(1.0)
}

#[test]
fn no_part_shows_the_back_of_a_face() {
    let share = |part: &super::families::BuiltInPart| {
        (share_inside_out(&Arc::new(part.family.shape().mesh())), part.number.clone())
    };
    let mut shares: Vec<_> = all_parts().0.par_iter().map(share).filter(|(share, _)| *share > 0.01).collect();
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    let list: Vec<String> = shares.iter().map(|(share, number)| format!("{number} {:.1} %", share * 100.0)).collect();
    assert!(list.is_empty(), "{} parts have holes or faces inside out: {}", list.len(), list.join(", "));
}

/// Parts whose library file draws some studs without the stud primitive, so that they cannot be found there.
const STUDS_DRAWN_OTHERWISE: [&str; 1] = ["4215a"];

/// The tops of upright studs; of special ones (notched, cut) too where `special`.
fn stud_tops(mesh: &Mesh, special: bool) -> Vec<Vec3> {
    let upright = |s: &&studwork_ldraw::StudGroup| {
        (matches!(s.kind, StudKind::Stud | StudKind::OpenStud) || special && s.kind == StudKind::Other)
            && Vec3::from(s.transform.matrix3.y_axis).normalize_or_zero().dot(Vec3::Y) > 0.99
    };
    mesh.studs.iter().filter(upright).map(|s| s.transform.transform_point3(Vec3::new(0.0, -4.0, 0.0))).collect()
}

#[test]
fn built_in_parts_have_the_size_and_the_studs_of_the_real_ones() {
    let Some(path) = std::env::var_os("STUDWORK_LDRAW") else {
        eprintln!("skipped: STUDWORK_LDRAW is not set");
        return;
    };
    let library = Library::open_with_cache(Path::new(&path), None).expect("the library opens");
    let mut differ = Vec::new();
    for part in all_parts().0 {
        let Some(real) = library.mesh(&part.number) else {
            differ.push(format!("{}: not in the library", part.number));
            continue;
        };
        let own = part.family.shape().mesh();
        let mut notes = Vec::new();
        let (low, high) = (own.bounds.min - real.bounds.min, own.bounds.max - real.bounds.max);
        if low.abs().max(high.abs()).max_element() > 1.0 {
            notes.push(format!("{} {} is {} {}", own.bounds.min, own.bounds.max, real.bounds.min, real.bounds.max));
        }
        let (ours, theirs) = (stud_tops(&own, false), stud_tops(&real, false));
        let lacking = |a: &[Vec3], b: &[Vec3]| -> Vec<Vec3> {
            a.iter().copied().filter(|p| !b.iter().any(|q| p.distance(*q) <= 0.5)).collect()
        };
        let (missing, extra) = (lacking(&theirs, &ours), lacking(&ours, &stud_tops(&real, true)));
        if !missing.is_empty() || !extra.is_empty() && !STUDS_DRAWN_OTHERWISE.contains(&part.number.as_str()) {
            let show = |v: &[Vec3]| v.iter().take(6).map(ToString::to_string).collect::<Vec<_>>().join(" ");
            notes.push(format!(
                "{} studs missing {}; {} extra {}",
                missing.len(),
                show(&missing),
                extra.len(),
                show(&extra)
            ));
        }
        if !notes.is_empty() {
            differ.push(format!("{} {}: {}", part.number, part.name, notes.join("; ")));
        }
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}

#[test]
fn a_search_finds_words_dimensions_and_numbers() {
    let catalog = Catalog::built_in();
    let first = |query: &str| catalog.search(query, None).first().map(|p| p.id.as_str().to_owned()).unwrap_or_default();
    assert_eq!(first("3001"), "3001");
    assert_eq!(first("brick 2x4"), "3001");
    assert_eq!(first("brick 2 x 4"), "3001");
    assert_eq!(first("BRICK 4x2"), "3001");
    assert_eq!(first("plate 1 x 2"), "3023b");
    assert_eq!(first("jumper"), "3794a");
    assert!(catalog.search("300", None).iter().any(|p| p.id.as_str() == "3005"));
    assert_eq!(catalog.search("no such thing", None), vec![]);
    assert!(catalog.search("", Some("Brick")).iter().all(|p| p.category == "Brick"));
    let all = catalog.search("", None);
    assert_eq!(all[0].id.as_str(), "3023b", "the most used part comes first");
    assert_eq!(catalog.categories().iter().map(|(_, n)| n).sum::<usize>(), all.len());
}

#[test]
fn an_alias_is_the_same_part_and_keeps_its_number() {
    let catalog = Catalog::built_in();
    let (alias, own) = (PartId::new("3023.dat"), PartId::new("3023b"));
    assert_eq!(catalog.mesh(&alias), catalog.mesh(&own));
    assert_eq!(catalog.info(&alias).map(|i| (i.id, i.source)), Some((alias, Source::BuiltIn)));
}

#[test]
fn an_unknown_part_is_a_labelled_box_and_a_printed_one_the_plain_part() {
    let catalog = Catalog::built_in();
    let unknown = PartId::new("99999999.dat");
    assert_eq!(catalog.mesh(&unknown), None);
    assert_eq!(catalog.info(&unknown), None);
    let plain_box = catalog.mesh_or_placeholder(&PartId::new("-"));
    let lettered = catalog.mesh_or_placeholder(&unknown);
    assert_eq!(lettered.bounds.size(), Vec3::new(40.0, 24.0, 40.0));
    assert!(lettered.edges.len() > plain_box.edges.len());
    // A hose link: small, and known to be.
    let known = catalog.mesh_or_placeholder(&PartId::new("754"));
    assert!(known.bounds.size().max_element() < 12.0, "{:?}", known.bounds);
    let printed = catalog.mesh_or_placeholder(&PartId::new("3069bp0a"));
    assert_eq!(Some(printed), catalog.mesh(&PartId::new("3069b")));
}

#[test]
fn a_brick_has_a_stud_and_a_socket_for_each_cell_and_fills_its_box() {
    let catalog = Catalog::built_in();
    let brick = PartId::new("3001");
    let connectors = catalog.connectors(&brick);
    assert_eq!(connectors.iter().filter(|c| c.is_stud()).count(), 8);
    // One for each cell, and one in each tube.
    assert_eq!(connectors.iter().filter(|c| c.is_socket()).count(), 8 + 3);
    assert!(connectors.iter().filter(|c| c.is_socket()).all(|c| c.origin().y == 24.0));
    let solids = catalog.solids(&brick);
    let all = solids.iter().fold(crate::Bounds::EMPTY, |all, solid| all.union(solid.bounds()));
    assert!((all.size() - Vec3::new(80.0, 28.0, 40.0)).abs().max_element() < 0.5, "{all:?}");
}
