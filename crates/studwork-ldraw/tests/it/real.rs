//! On the real library and real models: `STUDWORK_LDRAW` and `STUDWORK_MODELS` say where they are.

use glam::Vec3;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;
use studwork_ldraw::{Library, Line, Mesh, StudKind, normalized_name, parse, write};

fn variable(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if value.is_none() {
        eprintln!("skipped: {name} is not set");
    }
    value
}

fn models() -> Vec<PathBuf> {
    let Some(folder) = variable("STUDWORK_MODELS") else { return Vec::new() };
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_model_is_read_whole_and_written_again() {
    for path in models() {
        let bytes = std::fs::read(&path).unwrap();
        let start = Instant::now();
        let parsed = parse(&bytes, "model").unwrap();
        let time = start.elapsed();
        let lines = parsed.value.files.iter().flat_map(|file| &file.lines);
        let unreadable: Vec<_> = lines.filter(|line| matches!(line.line, Line::Unreadable(_))).collect();
        assert!(unreadable.is_empty(), "{}: {unreadable:?}", path.display());
        assert_eq!(parsed.warnings, [], "{}", path.display());
        let again = parse(&write(&parsed.value), "model").unwrap();
        assert_eq!(again.value.files.len(), parsed.value.files.len());
        for (a, b) in parsed.value.files.iter().zip(&again.value.files) {
            assert_eq!(a.name, b.name);
            assert!(
                a.lines.iter().map(|line| &line.line).eq(b.lines.iter().map(|line| &line.line)),
                "{}: {}",
                path.display(),
                a.name
            );
        }
        assert_eq!(parsed.value.data, again.value.data);
        eprintln!("{}: {} files, {} KB in {time:?}", path.display(), parsed.value.files.len(), bytes.len() / 1024);
    }
}

/// The volume that the one-sided triangles enclose, LDU³; positive where they face outwards.
fn volume(mesh: &Mesh) -> f32 {
    let at = |index: u32| Vec3::from_array(mesh.vertices[index as usize].position);
    let triangles = mesh.indices[..mesh.double_sided.start as usize].as_chunks::<3>().0;
    triangles.iter().map(|&[a, b, c]| at(a).dot(at(b).cross(at(c))) / 6.0).sum()
}

/// The share of corners whose normal points away from its triangle's front.
fn contrary_normals(mesh: &Mesh) -> usize {
    let vertex = |index: u32| &mesh.vertices[index as usize];
    let triangles = mesh.indices.as_chunks::<3>().0;
    let contrary = triangles.iter().filter(|corners| {
        let [a, b, c] = corners.map(|index| Vec3::from_array(vertex(index).position));
        let face = (b - a).cross(c - a).normalize_or_zero();
        corners.iter().any(|&index| vertex(index).normal().dot(face) < -0.01)
    });
    contrary.count()
}

#[test]
fn the_library_opens_and_its_parts_have_the_known_sizes() {
    let Some(path) = variable("STUDWORK_LDRAW") else { return };
    let cache = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let library = Library::open_with_cache(&path, Some(cache.path())).unwrap();
    eprintln!("first index: {:?}, {} parts, {} colors", start.elapsed(), library.parts().len(), library.colors().len());
    let start = Instant::now();
    let again = Library::open_with_cache(&path, Some(cache.path())).unwrap();
    let warm = start.elapsed();
    eprintln!("index from the cache: {warm:?}");
    assert_eq!(library.parts(), again.parts());
    assert_eq!(library.fingerprint(), again.fingerprint());

    let brick = library.entry("3001").unwrap();
    assert_eq!((brick.name.as_str(), brick.category.as_str(), &brick.moved_to), ("Brick  2 x  4", "Brick", &None));
    assert_eq!(library.entry("3023.DAT").unwrap().moved_to.as_deref(), Some("3023b"));
    assert_eq!(library.current_entry("3023").unwrap().number, "3023b");
    for name in ["3001.dat", "S\\3001S01.DAT", "48\\4-4cyli.dat", "8/stud.dat", "p/stud.dat", "LDConfig.ldr"] {
        assert!(library.contains(name), "{name}");
    }

    let Some(mut table) = path.parent().and_then(|folder| folder.parent()).map(|data| data.join("parts_top.tsv"))
    else {
        return;
    };
    if !table.exists() {
        table = path.with_file_name("parts_top.tsv");
    }
    let Ok(table) = std::fs::read_to_string(&table) else {
        return eprintln!("skipped: no parts_top.tsv beside the library");
    };
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    // The table measured the part that a moved number leads to, in that part's own frame.
    let measured =
        |row: &Vec<&str>| library.current_entry(row[1]).map_or_else(|| row[1].to_owned(), |entry| entry.number.clone());
    let measured: Vec<String> = rows.iter().map(measured).collect();
    let numbers: Vec<&str> = measured.iter().map(String::as_str).collect();
    let start = Instant::now();
    let meshes = library.meshes(&numbers);
    eprintln!("{} meshes built: {:?}", numbers.len(), start.elapsed());
    let mut wrong = Vec::new();
    let (mut contrary, mut triangles, mut vertices) = (0, 0, 0);
    for (row, mesh) in rows.iter().zip(&meshes) {
        let Some(mesh) = mesh else {
            wrong.push(format!("{}: no mesh", row[1]));
            continue;
        };
        let told: Vec<f32> = row[6..12].iter().map(|number| number.parse().unwrap()).collect();
        let (min, max) = (Vec3::from_slice(&told[..3]), Vec3::from_slice(&told[3..]));
        let off = (mesh.bounds.min - min).abs().max((mesh.bounds.max - max).abs()).max_element();
        // Of this part's five turned petals the table has one too short: the corners of the file reach as far on both sides.
        if off > 0.1 && row[1] != "24866" {
            wrong.push(format!("{} {}: off by {off}: {:?}, table {min} {max}", row[1], row[12], mesh.bounds));
        }
        contrary += contrary_normals(mesh);
        triangles += mesh.indices.len() / 3;
        vertices += mesh.vertices.len();
    }
    eprintln!("{triangles} triangles, {vertices} vertices, {contrary} with a contrary normal");
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), rows.len());

    drop(library);
    let start = Instant::now();
    let from_cache = again.meshes(&numbers);
    eprintln!("{} meshes from the cache: {:?}", numbers.len(), start.elapsed());
    assert_eq!(meshes, from_cache);
}

#[test]
fn bricks_face_outwards_and_have_their_studs() {
    let Some(path) = variable("STUDWORK_LDRAW") else { return };
    let library = Library::open_with_cache(&path, None).unwrap();
    // Outer volume minus what is hollow: between a shell's and the box's.
    for (number, studs, tubes) in [("3001", 8, 3), ("3003", 4, 1), ("3005", 1, 0), ("3024", 1, 0), ("3020", 8, 3)] {
        let mesh = library.mesh(number).unwrap();
        let size = mesh.bounds.size();
        let share = volume(&mesh) / (size.x * size.y * size.z);
        assert!((0.1..0.8).contains(&share), "{number}: volume is {share} of its box");
        let count = |kind| mesh.studs.iter().filter(|stud| stud.kind == kind).count();
        assert_eq!((count(StudKind::Stud), count(StudKind::Tube)), (studs, tubes), "{number}");
        for stud in &mesh.studs {
            assert!(!stud.indices.is_empty() && stud.indices.end <= mesh.double_sided.start, "{number}");
            assert!(!stud.edges.is_empty());
        }
        assert!(mesh.double_sided.is_empty(), "{number} is certified");
    }
}

#[test]
fn every_part_of_every_model_has_a_mesh() {
    let Some(path) = variable("STUDWORK_LDRAW") else { return };
    let library = Library::open_with_cache(&path, None).unwrap();
    for model in models() {
        let document = parse(&std::fs::read(&model).unwrap(), "model").unwrap().value;
        let references = document.files.iter().filter(|file| !file.is_part()).flat_map(|file| &file.lines);
        let names: BTreeSet<String> = references
            .filter_map(|line| match &line.line {
                Line::Reference(reference) => Some(normalized_name(&reference.name)),
                _ => None,
            })
            .filter(|name| document.file(name).is_none())
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let start = Instant::now();
        let meshes = library.meshes(&names);
        let missing: Vec<_> =
            names.iter().zip(&meshes).filter(|(_, mesh)| mesh.is_none()).map(|(name, _)| name).collect();
        let bytes: usize = meshes.iter().flatten().map(|mesh| mesh.vertices.len() * 20 + mesh.indices.len() * 4).sum();
        eprintln!("{}: {} parts, {} MB, {:?}", model.display(), names.len(), bytes >> 20, start.elapsed());
        assert!(missing.is_empty(), "{}: {missing:?}", model.display());
    }
}
