//! Libraries made for a test: as a folder and as an archive, with a cache and with a damaged one.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use studwork_ldraw::{LdrawError, Library};

const FILES: [(&str, &str); 11] = [
    (
        "LDraw/LDConfig.ldr",
        "0 !COLOUR Black CODE 0 VALUE #1B2A34 EDGE #2B4354\n0 // x\n0 !COLOUR Glass CODE 47 VALUE #FCFCFC EDGE #C3C3C3 ALPHA 128\n",
    ),
    (
        "LDraw/PARTS/1.dat",
        "0 Brick  1 x  1\n0 Name: 1.dat\n0 !LDRAW_ORG Part\n0 !KEYWORDS small, old\n0 BFC CERTIFY\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 s\\1S01.dat\n",
    ),
    (
        "LDraw/PARTS/2.DAT",
        "0 ~Moved to 1\n0 Name: 2.dat\n0 !LDRAW_ORG Part\n0 BFC CERTIFY\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 1.dat\n",
    ),
    ("LDraw/PARTS/loop.dat", "0 Loop\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 loop.dat\n"),
    ("LDraw/PARTS/S/1s01.dat", "0 ~Brick Half\n0 BFC CERTIFY\n1 16 0 0 0 10 0 0 0 24 0 0 0 10 tri.dat\n"),
    ("LDraw/p/tri.dat", "0 Triangle\n0 BFC CERTIFY\n3 16 0 0 0 1 0 0 0 1 0\n"),
    ("LDraw/p/48/tri.dat", "0 Triangle Hi-Res\n"),
    ("LDraw/p/1.dat", "0 A primitive that a part hides\n"),
    ("LDraw/models/car.ldr", "0 Car\n"),
    ("LDraw/Unofficial/parts/9.dat", "0 Plate New\n0 !CATEGORY Tile\n0 BFC CERTIFY\n3 16 0 0 0 5 0 0 0 5 0\n"),
    ("LDraw/Unofficial/parts/1.dat", "0 An unofficial part that the official one hides\n"),
];

fn folder(at: &Path) -> PathBuf {
    for (path, text) in FILES {
        let path = at.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    at.to_owned()
}

fn archive_bytes() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (index, (path, text)) in FILES.iter().enumerate() {
        let method = if index % 2 == 0 { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        writer.start_file(*path, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn archive(at: &Path) -> PathBuf {
    let path = at.join("complete.zip");
    std::fs::write(&path, archive_bytes()).unwrap();
    path
}

fn text(library: &Library, name: &str) -> String {
    String::from_utf8(library.read(name).unwrap().unwrap().to_vec()).unwrap()
}

#[test]
fn a_folder_and_an_archive_are_the_same_library() {
    let place = tempfile::tempdir().unwrap();
    let archive = archive(place.path());
    let alone = tempfile::tempdir().unwrap();
    let folder = folder(alone.path());
    for path in [folder.clone(), folder.join("LDraw"), archive, place.path().to_owned()] {
        let library = Library::open_with_cache(&path, None).unwrap();
        let parts: Vec<_> =
            library.parts().iter().map(|part| (part.number.as_str(), part.name.as_str(), part.unofficial)).collect();
        let expected = [
            ("1", "Brick  1 x  1", false),
            ("2", "~Moved to 1", false),
            ("9", "Plate New", true),
            ("loop", "Loop", false),
        ];
        assert_eq!(parts, expected, "{}", path.display());
        assert_eq!(library.entry("1.DAT").unwrap().keywords, ["small", "old"]);
        assert_eq!(
            (library.entry("9").unwrap().category.as_str(), library.entry("1").unwrap().category.as_str()),
            ("Tile", "Brick")
        );
        assert_eq!(library.current_entry("2").unwrap().number, "1");
        assert!(library.entry("3").is_none());
        for name in ["1.dat", "S\\1S01.DAT", "48/TRI.dat", "tri.dat", "car.ldr", "p/tri.dat", "parts\\1.dat", "9.dat"] {
            assert!(library.contains(name), "{name}");
        }
        assert!(
            !library.contains("../1.dat") && !library.contains("nothing.dat") && library.read("nothing.dat").is_none()
        );
        assert!(text(&library, "1.dat").starts_with("0 Brick"));
        let colors: Vec<_> = library.colors().into_iter().map(|color| (color.code, color.alpha)).collect();
        assert_eq!(colors, [(0, 255), (47, 128)]);

        let meshes = library.meshes(&["2", "1.dat", "9", "gone", "loop"]);
        assert_eq!(meshes.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, true, false, false]);
        assert_eq!(meshes[0], meshes[1]);
        assert_eq!(meshes[1].as_ref().unwrap().bounds.size(), glam::Vec3::new(10.0, 24.0, 0.0));
        assert!(matches!(library.geometry("loop"), Err(LdrawError::Loop { .. })));
    }
}

#[test]
fn the_cache_is_used_and_never_trusted_when_damaged() {
    let place = tempfile::tempdir().unwrap();
    let path = archive(place.path());
    let cache = tempfile::tempdir().unwrap();
    let open = || Library::open_with_cache(&path, Some(cache.path())).unwrap();
    let (parts, mesh) = {
        let library = open();
        (library.parts().to_vec(), library.mesh("1").unwrap())
    };
    let written = |library: &Library| {
        let folder = cache.path().join(format!("library-{}", library.fingerprint()));
        let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let paths = written(&open());
    assert_eq!(paths.len(), 3, "the files, the parts and one pack: {paths:?}");
    for path in &paths {
        let good = std::fs::read(path).unwrap();
        for at in (0..good.len()).step_by(7) {
            let mut bad = good.clone();
            bad[at] ^= 0x40;
            std::fs::write(path, bad).unwrap();
            let library = open();
            assert_eq!(library.parts(), parts, "{} at {at}", path.display());
            assert_eq!(library.mesh("1").unwrap(), mesh, "{} at {at}", path.display());
        }
        for length in [0, 10, good.len() / 2] {
            std::fs::write(path, &good[..length]).unwrap();
            assert_eq!(open().parts(), parts);
            assert_eq!(open().mesh("1").unwrap(), mesh);
        }
    }
    assert!(written(&open()).len() <= 16, "old packs are joined");
}

#[test]
fn a_changed_library_is_read_anew() {
    let place = tempfile::tempdir().unwrap();
    let path = folder(place.path());
    let cache = tempfile::tempdir().unwrap();
    let open = || Library::open_with_cache(&path, Some(cache.path())).unwrap();
    let before = open();
    assert_eq!(before.fingerprint(), open().fingerprint());
    assert!(before.entry("3").is_none());
    std::fs::write(path.join("LDraw/PARTS/3.dat"), "0 Tile\n").unwrap();
    std::fs::write(path.join("LDraw/PARTS/1.dat"), "0 Brick Changed\n").unwrap();
    let after = open();
    assert_ne!(before.fingerprint(), after.fingerprint());
    assert_eq!(
        (after.entry("3").unwrap().name.as_str(), after.entry("1").unwrap().name.as_str()),
        ("Tile", "Brick Changed")
    );
}

#[test]
fn an_archives_fingerprint_does_not_depend_on_its_place() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let open = |folder: &Path| Library::open_with_cache(&archive(folder), None).unwrap();
    assert_eq!(open(one.path()).fingerprint(), open(two.path()).fingerprint());
}

#[test]
fn many_may_open_and_build_at_once() {
    let place = tempfile::tempdir().unwrap();
    let path = archive(place.path());
    let cache = tempfile::tempdir().unwrap();
    let expected = Library::open_with_cache(&path, None).unwrap().mesh("1");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let library = Library::open_with_cache(&path, Some(cache.path())).unwrap();
                assert_eq!(library.mesh("2"), expected);
                assert_eq!(library.meshes(&["1", "9", "1"])[2], expected);
            });
        }
    });
    assert_eq!(Library::open_with_cache(&path, Some(cache.path())).unwrap().mesh("1"), expected);
}

#[test]
fn what_is_no_library_is_refused_with_a_reason() {
    let place = tempfile::tempdir().unwrap();
    let open = |path: &Path| Library::open_with_cache(path, None);
    assert!(matches!(open(place.path()), Err(LdrawError::NotALibrary { .. })));
    assert!(matches!(open(&place.path().join("gone")), Err(LdrawError::Io { .. })));
    let path = place.path().join("a.zip");
    std::fs::write(&path, b"this is no archive").unwrap();
    assert!(matches!(open(&path), Err(LdrawError::Archive { .. })));
    let mut empty = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    empty.start_file("readme.txt", zip::write::SimpleFileOptions::default()).unwrap();
    std::fs::write(&path, empty.finish().unwrap().into_inner()).unwrap();
    assert!(matches!(open(&path), Err(LdrawError::NotALibrary { .. })));
}

#[test]
fn a_damaged_archive_gives_errors_and_no_wrong_bytes() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("damaged.zip");
    let good = archive_bytes();
    let whole = {
        std::fs::write(&path, &good).unwrap();
        let library = Library::open_with_cache(&path, None).unwrap();
        text(&library, "1.dat")
    };
    for at in (0..good.len()).step_by(3) {
        for change in [0xFF, 0x01] {
            let mut bad = good.clone();
            bad[at] ^= change;
            std::fs::write(&path, &bad).unwrap();
            let Ok(library) = Library::open_with_cache(&path, None) else { continue };
            if let Some(Ok(bytes)) = library.read("1.dat") {
                // The name of another file may have become this one's.
                let known = FILES.iter().any(|(_, text)| text.as_bytes() == &*bytes);
                assert!(known, "byte {at}: {:?} is not {whole:?}", String::from_utf8_lossy(&bytes));
            }
            library.meshes(&["1", "2", "9"]);
        }
    }
    for length in (0..good.len()).step_by(11) {
        std::fs::write(&path, &good[..length]).unwrap();
        assert!(Library::open_with_cache(&path, None).is_err(), "cut at {length}");
    }
}
