//! What the library promises about originals.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;

const GATE: &[u8] =
    b"0 Gate\r\n0 Author: Ada\r\n0 !LICENSE CC BY-ND 4.0\r\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\r\n0 STEP\r\n\
    1 1 0 -24 0 1 0 0 0 1 0 0 0 1 3003.dat\r\n";

struct Place {
    folder: tempfile::TempDir,
    originals: Originals,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(Some(&folder.path().join("library"))).unwrap();
    Place { folder, originals: Originals::open(home).unwrap() }
}

fn gate() -> NewOriginal {
    NewOriginal {
        name: "gate.mpd".to_owned(),
        source: "https://example.org/gate".to_owned(),
        tags: vec!["castle".to_owned(), " two  words ".to_owned()],
        added: 1_700_000_000,
        ..NewOriginal::default()
    }
}

#[test]
fn an_original_is_kept_to_the_byte_and_read_only() {
    let place = place();
    let added = place.originals.add(GATE, gate()).unwrap();
    assert!(!added.was_there);
    let entry = &added.entry;
    assert_eq!((entry.title.as_str(), entry.author.as_str()), ("Gate", "Ada"));
    assert_eq!((entry.license.as_str(), entry.pieces, entry.bytes), ("CC BY-ND 4.0", 2, GATE.len() as u64));
    assert_eq!(entry.tags, ["castle", "two words"]);
    assert_eq!(entry.sha256, sha256_hex(GATE));
    assert_eq!(place.originals.bytes(&entry.sha256).unwrap(), GATE);
    let path = place.originals.bytes_path(&entry.sha256, Format::Ldraw);
    assert_eq!(std::fs::read(&path).unwrap(), GATE);
    assert!(path.metadata().unwrap().permissions().readonly());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o444);
    }
}

#[test]
fn the_same_file_twice_is_one_entry() {
    let place = place();
    let first = place.originals.add(GATE, NewOriginal { source: String::new(), ..gate() }).unwrap().entry;
    let path = place.originals.bytes_path(&first.sha256, Format::Ldraw);
    let written = path.metadata().unwrap().modified().unwrap();
    let about = NewOriginal { author: "Somebody else".to_owned(), tags: vec!["gift".to_owned()], added: 5, ..gate() };
    let again = place.originals.add(GATE, about).unwrap();
    assert!(again.was_there);
    assert_eq!(again.entry.source, "https://example.org/gate", "what was not known is added");
    assert_eq!((again.entry.author.as_str(), again.entry.added), ("Ada", 1_700_000_000), "what was known stays");
    assert_eq!(again.entry.tags, ["castle", "two words", "gift"]);
    assert_eq!(path.metadata().unwrap().modified().unwrap(), written);
    assert_eq!(place.originals.list().unwrap().entries.len(), 1);
}

#[test]
fn what_is_no_design_is_not_added() {
    let place = place();
    for (name, bytes) in [("a.mpd", &b""[..]), ("a.ron", b"(format: 9)"), ("a.png", b"\x89PNG"), ("a.ldr", b"0 Empty")]
    {
        let error = place.originals.add(bytes, NewOriginal { name: name.to_owned(), ..gate() }).unwrap_err();
        assert!(error.to_string().starts_with(name), "{error}");
    }
    assert!(place.originals.list().unwrap().entries.is_empty());
}

#[test]
fn entries_are_found_by_any_word_by_title_and_by_the_start_of_the_hash() {
    let place = place();
    let gate = place.originals.add(GATE, gate()).unwrap().entry;
    let tower = GATE.replace_title();
    let tower = place
        .originals
        .add(&tower, NewOriginal { name: "tower.ldr".to_owned(), ..NewOriginal::default() })
        .unwrap()
        .entry;
    let titles = |words: &str| -> Vec<String> {
        place.originals.search(words).unwrap().into_iter().map(|entry| entry.title).collect()
    };
    assert_eq!(titles(""), ["Gate", "Tower"]);
    assert_eq!(titles("ADA tow"), ["Tower"]);
    assert_eq!(titles("castle example.org"), ["Gate"]);
    assert_eq!(titles("ada nowhere"), [] as [&str; 0]);
    for name in ["tower", "Tower.LDR", &tower.sha256[..8], &tower.sha256] {
        assert_eq!(place.originals.find(name).unwrap(), tower, "{name}");
    }
    assert_eq!(place.originals.find("gate").unwrap(), gate);
    assert!(matches!(place.originals.find("bridge"), Err(LibraryError::NoSuch { .. })));
}

trait ReplaceTitle {
    fn replace_title(&self) -> Vec<u8>;
}

impl ReplaceTitle for [u8] {
    fn replace_title(&self) -> Vec<u8> {
        String::from_utf8_lossy(self).replace("Gate", "Tower").into_bytes()
    }
}

#[test]
fn a_changed_or_missing_file_is_reported_and_never_used() {
    let place = place();
    let sha256 = place.originals.add(GATE, gate()).unwrap().entry.sha256;
    let verdict = || place.originals.verify().unwrap().remove(0).verdict;
    assert_eq!(verdict(), Verdict::Intact);
    let path = place.originals.bytes_path(&sha256, Format::Ldraw);
    RealDiskTamper::make_writable(&path);
    assert_eq!(verdict(), Verdict::Writable);

    let mut changed = GATE.to_vec();
    changed[30] ^= 1;
    std::fs::write(&path, &changed).unwrap();
    assert_eq!(verdict(), Verdict::Changed { found: sha256_hex(&changed) });
    let error = place.originals.open_copy(&sha256, &|_| true).unwrap_err();
    assert!(matches!(error, LibraryError::Changed { .. }), "{error:?}");
    assert!(
        error.to_string().contains("\"Gate\"") && error.to_string().contains("add the right file again"),
        "{error}"
    );
    let to = place.folder.path().join("out.mpd");
    assert!(place.originals.export(&sha256, &to, false, 0).is_err() && !to.exists());

    std::fs::remove_file(&path).unwrap();
    assert_eq!(verdict(), Verdict::Missing);
    assert!(matches!(place.originals.bytes(&sha256), Err(LibraryError::Missing { .. })));

    // Adding the right file again puts it back.
    let again = place.originals.add(GATE, gate()).unwrap();
    assert!(!again.was_there);
    assert_eq!(verdict(), Verdict::Intact);

    std::fs::write(place.originals.sidecar_path(&sha256), "{").unwrap();
    let listing = place.originals.list().unwrap();
    assert!(listing.entries.is_empty() && listing.problems.len() == 1, "{listing:?}");
    assert!(matches!(verdict(), Verdict::Unreadable { .. }));
    std::fs::remove_file(place.originals.sidecar_path(&sha256)).unwrap();
    assert_eq!(verdict(), Verdict::Unlisted);
}

struct RealDiskTamper;

impl RealDiskTamper {
    fn make_writable(path: &Path) {
        crate::RealDisk.set_read_only(path, false).unwrap();
    }
}

#[test]
fn what_is_opened_is_a_copy_that_knows_its_original() {
    let place = place();
    let sha256 = place.originals.add(GATE, gate()).unwrap().entry.sha256;
    let opened = place.originals.open_copy(&sha256, &|_| true).unwrap();
    let lineage = opened.design.lineage().unwrap();
    assert_eq!((&lineage.sha256, lineage.title.as_str(), lineage.author.as_str()), (&sha256, "Gate", "Ada"));
    assert_eq!(lineage.source.as_deref(), Some("https://example.org/gate"));
    let note = opened.license_note.unwrap();
    assert!(note.contains("allows no shared changes") && note.contains("CC BY-ND 4.0"), "{note}");
    let again = studwork_core::from_ron(&studwork_core::to_ron(&opened.design)).unwrap().value;
    assert_eq!(again.lineage(), opened.design.lineage(), "it is saved with the copy");
}

#[test]
fn removing_names_the_copies_and_leaves_them_alone() {
    let place = place();
    let sha256 = place.originals.add(GATE, gate()).unwrap().entry.sha256;
    place.originals.set_picture(&sha256, b"\x89PNG\r\n\x1a\nrest").unwrap();
    let design = place.originals.open_copy(&sha256, &|_| true).unwrap().design;
    let copy = place.folder.path().join("mine.ron");
    let text = studwork_core::to_ron(&design);
    crate::save(Some(place.originals.home()), &copy, text.as_bytes(), &SaveOptions::default()).unwrap();
    place.originals.note_copy(&design, &copy, 7).unwrap();
    place.originals.note_copy(&design, &copy, 8).unwrap();
    place.originals.note_copy(&studwork_core::Design::new(), &copy, 9).unwrap();

    let removed = place.originals.remove(&sha256).unwrap();
    let note = CopyNote { path: copy.canonicalize().unwrap(), title: "Gate".to_owned(), saved: 8 };
    assert_eq!((removed.title.as_str(), removed.copies), ("Gate", vec![note]));
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), text);
    assert!(place.originals.list().unwrap().entries.is_empty() && place.originals.verify().unwrap().is_empty());
    assert!(matches!(place.originals.show(&sha256), Err(LibraryError::Unknown { .. })));
    assert!(matches!(place.originals.remove(&sha256), Err(LibraryError::Unknown { .. })));
}

#[test]
fn an_export_is_the_exact_bytes_outside_the_library_only() {
    let place = place();
    let sha256 = place.originals.add(GATE, gate()).unwrap().entry.sha256;
    let to = place.folder.path().join("out.mpd");
    place.originals.export(&sha256, &to, false, 0).unwrap();
    assert_eq!(std::fs::read(&to).unwrap(), GATE);
    assert!(!to.metadata().unwrap().permissions().readonly());
    assert!(matches!(place.originals.export(&sha256, &to, false, 0), Err(LibraryError::Exists { .. })));
    place.originals.export(&sha256, &to, true, 0).unwrap();
    let inside = place.originals.home().root().join("originals/out.mpd");
    let error = place.originals.export(&sha256, &inside, false, 0).unwrap_err();
    assert!(matches!(error, LibraryError::Save(crate::SaveError::InsideLibrary(_))), "{error:?}");
    assert!(place.originals.export("../../etc/passwd", &to, true, 0).is_err());
}

#[test]
fn pictures_and_tags_are_kept() {
    let place = place();
    let sha256 = place.originals.add(GATE, gate()).unwrap().entry.sha256;
    assert!(place.originals.set_picture(&sha256, b"GIF89a").is_err());
    let entry = place.originals.set_picture(&sha256, b"\x89PNG\r\n\x1a\nrest").unwrap();
    assert_eq!(std::fs::read(entry.picture.unwrap()).unwrap(), b"\x89PNG\r\n\x1a\nrest");
    place.originals.set_tags(&sha256, vec!["x".to_owned(), String::new(), "x".to_owned()]).unwrap();
    assert_eq!(place.originals.show(&sha256).unwrap().tags, ["x"]);
}

#[test]
fn two_programs_at_once_lose_nothing() {
    let place = place();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let home = Home::open(Some(place.originals.home().root())).unwrap();
            let own = Originals::open(home).unwrap();
            scope.spawn(move || {
                let sha256 = own.add(GATE, gate()).unwrap().entry.sha256;
                for number in 0..10 {
                    let bytes = format!("0 Model {thread} {number}\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\n");
                    own.add(bytes.as_bytes(), gate()).unwrap();
                    own.add(GATE, NewOriginal { tags: vec![format!("{thread}/{number}")], ..gate() }).unwrap();
                    assert_eq!(own.bytes(&sha256).unwrap(), GATE);
                }
            });
        }
    });
    let listing = place.originals.list().unwrap();
    assert_eq!((listing.entries.len(), listing.problems.len()), (41, 0));
    let gate = place.originals.find(&sha256_hex(GATE)).unwrap();
    assert_eq!(gate.tags.len(), 2 + 40, "{:?}", gate.tags);
    assert!(place.originals.verify().unwrap().iter().all(|verified| verified.verdict == Verdict::Intact));
}
