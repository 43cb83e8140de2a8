//! Reading and writing texts.

use glam::{Affine3A, Mat3, Vec3};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::{Duration, Instant};
use studwork_ldraw::{
    ColorRef, EmbeddedData, Layered, LdrawDocument, LdrawError, LdrawFile, Line, Reference, SourceLine, build,
    line_text, parse, write,
};

fn read(text: &[u8]) -> LdrawDocument {
    parse(text, "test.ldr").unwrap().value
}

fn lines(document: &LdrawDocument) -> Vec<Line> {
    document.files.iter().flat_map(|file| &file.lines).map(|line| line.line.clone()).collect()
}

/// The same without line numbers.
fn unnumbered(mut document: LdrawDocument) -> LdrawDocument {
    let within = document.files.iter_mut().flat_map(|file| &mut file.lines);
    within.chain(document.outside.iter_mut().map(|(_, line)| line)).for_each(|line| line.number = 0);
    document
}

fn check_line(text: &str, line: &Line, written: &str) {
    let document = read(text.as_bytes());
    assert_eq!(lines(&document), std::slice::from_ref(line), "{text:?}");
    assert_eq!(line_text(line), written, "{text:?}");
}

#[test]
fn each_line_type_is_read_and_written() {
    let red = ColorRef::Code(4);
    check_line("0", &Line::Meta(String::new()), "0");
    check_line("0 STEP", &Line::Meta("STEP".into()), "0 STEP");
    check_line("0 //  two  spaces ", &Line::Meta("//  two  spaces ".into()), "0 //  two  spaces ");
    check_line("\t0  indented", &Line::Meta(" indented".into()), "0  indented");
    check_line("   ", &Line::Blank, "");
    let matrix = Mat3::from_cols(Vec3::new(1.0, 4.0, 7.0), Vec3::new(2.0, 5.0, 8.0), Vec3::new(3.0, 6.0, 9.0));
    let reference = |color, name: &str| {
        let transform = Affine3A::from_mat3_translation(matrix, Vec3::new(-10.5, 0.0, 1e-3));
        Line::Reference(Reference { color, transform, name: name.into() })
    };
    check_line(
        "1 4 -10.5 -0 .001 1 2 3 4 5 6 7 8 9 3001.dat",
        &reference(red, "3001.dat"),
        "1 4 -10.5 0 0.001 1 2 3 4 5 6 7 8 9 3001.dat",
    );
    check_line(
        " 1\t4  -10.50 0 1e-3 1. 2 3 4 5 6 7 8 +9  Left Wing (big).LDR ",
        &reference(red, "Left Wing (big).LDR"),
        "1 4 -10.5 0 0.001 1 2 3 4 5 6 7 8 9 Left Wing (big).LDR",
    );
    let direct = ColorRef::Direct { rgb: [0x12, 0xAB, 0xFF], transparent: false };
    let glass = ColorRef::Direct { rgb: [0x12, 0xAB, 0xFF], transparent: true };
    for (text, color) in [("0x212ABFF", direct), ("#212abff", direct), ("34778111", direct), ("0X312ABFF", glass)] {
        let rest = "-10.5 0 0.001 1 2 3 4 5 6 7 8 9 s\\a.dat";
        check_line(&format!("1 {text} {rest}"), &reference(color, "s\\a.dat"), &format!("1 {color} {rest}"));
    }
    let p = |x, y, z| Vec3::new(x, y, z);
    let (a, b, c, d) = (p(0.0, 0.1, 0.2), p(1.0, 1.0, 1.0), p(2.0, 2.0, 2.0), p(-3.0, 3.0, 3.0));
    check_line("2 24 0 0.1 0.2 1 1 1", &Line::Edge { color: ColorRef::EDGE, points: [a, b] }, "2 24 0 0.1 0.2 1 1 1");
    check_line(
        "3 4 0 0.1 0.2 1 1 1 2 2 2",
        &Line::Triangle { color: red, points: [a, b, c] },
        "3 4 0 0.1 0.2 1 1 1 2 2 2",
    );
    check_line(
        "4 16 0 0.1 .2 1 1 1 2 2 2 -3 3 3",
        &Line::Quad { color: ColorRef::MAIN, points: [a, b, c, d] },
        "4 16 0 0.1 0.2 1 1 1 2 2 2 -3 3 3",
    );
    check_line(
        "5 24 0 0.1 0.2 1 1 1 2 2 2 -3 3 3",
        &Line::Conditional { color: ColorRef::EDGE, points: [a, b], control: [c, d] },
        "5 24 0 0.1 0.2 1 1 1 2 2 2 -3 3 3",
    );
}

#[test]
fn what_is_not_understood_is_kept_and_told() {
    let texts = [
        "1 4 nan 0 0 1 0 0 0 1 0 0 0 1 a.dat",
        "1 4 inf 0 0 1 0 0 0 1 0 0 0 1 a.dat",
        "1 4 1e30 0 0 1 0 0 0 1 0 0 0 1 a.dat",
        "1 4 99999999999999999999999999999999999999999999999999 0 0 1 0 0 0 1 0 0 0 1 a.dat",
        "1 4 0 0 0 1 0 0 0 1 0 0 0 1",
        "1 4 0 0 0 1 0 0 0 1 0 0 0",
        "1 red 0 0 0 1 0 0 0 1 0 0 0 1 a.dat",
        "1 99999999999 0 0 0 1 0 0 0 1 0 0 0 1 a.dat",
        "3 4 0 0 0 1 1 1",
        "6 whatever",
        "  hello",
    ];
    for text in texts {
        let parsed = parse(format!("0 first\r\n{text}\r\n0 last").as_bytes(), "a.ldr").unwrap();
        let line = &parsed.value.files[0].lines[1];
        assert_eq!(line, &SourceLine { number: 2, line: Line::Unreadable(text.to_owned()) });
        assert_eq!(parsed.warnings.len(), 1, "{text}");
        assert_eq!(parsed.warnings[0].line, Some(2), "{text}");
        assert_eq!(write(&parsed.value), format!("0 first\r\n{text}\r\n0 last\r\n").into_bytes());
    }
}

#[test]
fn line_ends_and_encodings_make_no_difference() {
    let expected = vec![Line::Meta("Käse €".into()), Line::Blank, Line::Meta("STEP".into())];
    let utf16 = |big: bool| -> Vec<u8> {
        let units = "\u{feff}0 Käse €\n\n0 STEP".encode_utf16();
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let texts: [(&str, Vec<u8>); 8] = [
        ("LF", "0 Käse €\n\n0 STEP\n".into()),
        ("CRLF", "0 Käse €\r\n\r\n0 STEP\r\n".into()),
        ("CR", "0 Käse €\r\r0 STEP".into()),
        ("byte order mark", "\u{feff}0 Käse €\n\n0 STEP".into()),
        ("Windows-1252", b"0 K\xE4se \x80\r\n\r\n0 STEP\r\n".to_vec()),
        ("end mark of DOS", "0 Käse €\r\n\r\n0 STEP\r\n\x1A".into()),
        ("UTF-16, little", utf16(false)),
        ("UTF-16, big", utf16(true)),
    ];
    for (name, text) in texts {
        assert_eq!(lines(&read(&text)), expected, "{name}");
    }
    let mixed = read(b"0 K\xE4se\r\n0 K\xC3\xA4se");
    assert_eq!(lines(&mixed), [Line::Meta("Käse".into()), Line::Meta("Käse".into())]);
}

#[test]
fn an_mpd_is_its_files_its_data_and_what_stands_outside() {
    let text = "0 Made by hand\r\n0 FILE Main Model.ldr\r\n0 Title\r\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 sub\\Wing.LDR\r\n\r\n\
        0 FILE Sub\\wing.ldr\r\n0 Wing\r\n0 NOFILE\r\n0 a note\r\n0 !DATA tex.png\r\n0 !: aGVsbG8=\r\n0 !: d29ybGQ=\r\n\r\n\
        0 file last.dat\r\n0 !LDRAW_ORG Unofficial_Part\r\n3 16 0 0 0 1 0 0 0 1 0\r\n";
    let document = read(text.as_bytes());
    let names: Vec<_> = document.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["Main Model.ldr", "Sub\\wing.ldr", "last.dat"]);
    assert_eq!(
        document.data,
        [EmbeddedData { name: "tex.png".into(), lines: vec!["aGVsbG8=".into(), "d29ybGQ=".into()] }]
    );
    let outside: Vec<_> = document.outside.iter().map(|(at, line)| (*at, line.line.clone())).collect();
    assert_eq!(outside, [(0, Line::Meta("Made by hand".into())), (2, Line::Meta("a note".into()))]);
    assert_eq!(document.file("SUB/Wing.ldr").unwrap().title(), "Wing");
    assert_eq!(document.files[0].lines[1].number, 4);
    assert_eq!(document.files.iter().map(LdrawFile::is_part).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(unnumbered(read(&write(&document))), unnumbered(document));
}

#[test]
fn a_drawing_before_the_first_file_is_the_main_file() {
    let document = read(b"1 4 0 0 0 1 0 0 0 1 0 0 0 1 a.ldr\n0 FILE a.ldr\n0 A\n");
    assert_eq!(document.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["", "a.ldr"]);
    assert_eq!(unnumbered(read(&write(&document))), unnumbered(document));
}

#[test]
fn the_header_says_what_a_file_is() {
    let document = read(
        b"0 ~Brick  2 x  4 with Face\n0 Name: 3001p01.dat\n0 Author: A. Nother [an]\n0 !LDRAW_ORG Unofficial_Part UPDATE 2024-01\n\
          0 !LICENSE CC BY 4.0\n0 !CATEGORY Figure Accessory\n0 !KEYWORDS one, two words,\n0 !KEYWORDS three\n4 16 0 0 0 1 0 0 1 1 0 0 1 0\n0 Author: nobody\n",
    );
    let file = &document.files[0];
    assert_eq!(file.title(), "~Brick  2 x  4 with Face");
    assert_eq!(
        (file.author(), file.license(), file.org_type()),
        (Some("A. Nother [an]"), Some("CC BY 4.0"), Some("Part"))
    );
    assert_eq!((file.category(), file.keywords()), ("Figure Accessory", vec!["one", "two words", "three"]));
    assert!(file.is_part());
    let check = |text: &str, part: bool, category: &str, moved: Option<&str>| {
        let file = &read(text.as_bytes()).files[0];
        assert_eq!((file.is_part(), file.category(), file.moved_to()), (part, category, moved), "{text}");
    };
    check("0 ~Moved to 3023b\n0 Name: 3023.dat", true, "Moved", Some("3023b"));
    check("0 ~Moved To s\\12s01.dat", false, "Moved", Some("s\\12s01"));
    check("0 Moved to tears\n0 Name: a.ldr", false, "Moved", None);
    check("0 _Plate  1 x  1\n0 !LDRAW_ORG Shortcut", true, "Plate", None);
    check("0 A model\n0 Name: odd.dat\n0 !LDRAW_ORG Model", false, "A", None);
    check("0 Name: 3.dat\n0 !LDRAW_ORG 48_Primitive", true, "", None);
    check("", false, "", None);
}

#[test]
fn hostile_texts_end_quickly() {
    let check = |name: &str, bytes: &[u8]| {
        let start = Instant::now();
        let result = parse(bytes, name);
        assert!(start.elapsed() < Duration::from_secs(5), "{name} took {:?}", start.elapsed());
        result
    };
    let long = vec![b'7'; 100 << 20];
    assert!(
        matches!(check("one line", &long), Err(LdrawError::LineTooLong { line: 1, length, .. }) if length == 100 << 20)
    );
    drop(long);
    let many = vec![b'\n'; 20 << 20];
    assert!(matches!(check("empty lines", &many), Err(LdrawError::TooManyLines { .. })));
    let binary: Vec<u8> = (0..4u32 << 20).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let parsed = check("binary", &binary).unwrap();
    assert!(parsed.warnings.len() <= 1001);
    assert!(matches!(check("much binary", &binary.repeat(10)), Err(LdrawError::NotLdraw { .. })));
    let error = check("large", &vec![b'0'; (256 << 20) + 1]).unwrap_err();
    assert!(error.to_string().starts_with("large: 268435457 bytes"), "{error}");
}

/// Five hundred damaged copies of a model: bytes changed, pieces cut out, repeated and cut off.
#[test]
fn damaged_models_are_read_and_built_or_refused() {
    let good = "0 FILE main.ldr\r\n0 Title\r\n0 BFC CERTIFY CCW\r\n1 4 0 -24 0 1 0 0 0 1 0 0 0 1 sub.ldr\r\n0 STEP\r\n\
        1 0x2FF8800 1.5 2e1 -.3 -1 0 0 0 1 0 0 0 1 part one.dat\r\n0 FILE sub.ldr\r\n0 !TEXMAP START PLANAR 1 2 3 4 5 6 7 8 9 a.png\r\n\
        0 !: 3 16 0 0 0 1 1 1 2 0 2\r\n0 !TEXMAP FALLBACK\r\n0 BFC INVERTNEXT\r\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 part one.dat\r\n0 NOFILE\r\n\
        0 FILE part one.dat\r\n0 !LDRAW_ORG Part\r\n4 16 0 0 0 1 0 0 1 1 0 0 1 0\r\n3 4 0 0 0 1 0 0 1 1 5\r\n2 24 0 0 0 1 1 0\r\n\
        5 24 0 0 0 1 0 0 1 1 0 0 1 0\r\n0 !DATA a.png\r\n0 !: AAAA\r\n";
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let pieces: [&[u8]; 8] =
        [b"NaN", b"1e39", b"-", b"\0\0", b"\xFF", b"0 FILE main.ldr\n", b" main.ldr\r", b"99999999999999999999"];
    for _ in 0..500 {
        let mut bytes = good.as_bytes().to_vec();
        for _ in 0..=random(6) {
            let (at, length) = (random(bytes.len()), random(30));
            let end = (at + length).min(bytes.len());
            match random(5) {
                0 => bytes[at] = random(256) as u8,
                1 => _ = bytes.drain(at..end),
                2 => _ = bytes.splice(at..at, bytes[at..end].repeat(5)),
                3 => bytes.truncate(at.max(1)),
                _ => _ = bytes.splice(at..end, pieces[random(pieces.len())].iter().copied()),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let document = read(&bytes);
        assert_eq!(unnumbered(read(&write(&document))), unnumbered(document.clone()));
        let names: Vec<String> = document.files.iter().map(|file| file.name.clone()).collect();
        let source = Layered::new(document.files.into_iter().map(Arc::new), None);
        for name in names {
            if let Ok(geometry) = build(&source, &name) {
                let mesh = geometry.mesh;
                assert!(mesh.vertices.iter().all(|vertex| vertex.position.iter().all(|number| number.is_finite())));
                assert!(mesh.indices.iter().all(|&index| (index as usize) < mesh.vertices.len()));
            }
        }
    }
}

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        -1e4f32..1e4,
        -1.0f32..1.0,
        Just(0.0),
        Just(1e7),
        Just(1.0e-30),
        (-4000i32..4000).prop_map(|n| n as f32 / 4.0)
    ]
}

fn vector() -> impl Strategy<Value = Vec3> {
    [number(), number(), number()].prop_map(Vec3::from_array)
}

fn color() -> impl Strategy<Value = ColorRef> {
    prop_oneof![
        (0u32..600).prop_map(ColorRef::Code),
        (any::<[u8; 3]>(), any::<bool>()).prop_map(|(rgb, transparent)| ColorRef::Direct { rgb, transparent }),
    ]
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        "(//|!KEYWORDS|STEP|BFC|ROTSTEP|Ü)[ -~]{0,20}".prop_map(Line::Meta),
        Just(Line::Blank),
        "[6-9a-z][ -~]{0,20}".prop_map(Line::Unreadable),
        (color(), [vector(), vector(), vector(), vector()], "[a-z0-9é][ -~]{0,12}[a-z]").prop_map(
            |(color, [t, x, y, z], name)| {
                Line::Reference(Reference {
                    color,
                    transform: Affine3A::from_mat3_translation(Mat3::from_cols(x, y, z), t),
                    name,
                })
            }
        ),
        (color(), [vector(), vector()]).prop_map(|(color, points)| Line::Edge { color, points }),
        (color(), [vector(), vector(), vector()]).prop_map(|(color, points)| Line::Triangle { color, points }),
        (color(), [vector(), vector(), vector(), vector()]).prop_map(|(color, points)| Line::Quad { color, points }),
        (color(), [vector(), vector()], [vector(), vector()]).prop_map(|(color, points, control)| Line::Conditional {
            color,
            points,
            control
        }),
    ]
}

fn document() -> impl Strategy<Value = LdrawDocument> {
    let file = ("[a-zA-Z0-9]([ -~]{0,10}[a-z])?\\.(ldr|dat)", prop::collection::vec(line(), 0..8));
    let data = ("[a-z]{1,8}\\.png", prop::collection::vec("[A-Za-z0-9+/]{1,80}", 0..3));
    let several = (prop::collection::vec(file, 1..4), prop::collection::vec(data, 0..3)).prop_map(|(files, data)| {
        LdrawDocument {
            files: files
                .into_iter()
                .map(|(name, lines)| LdrawFile { name, lines: lines.into_iter().map(SourceLine::from).collect() })
                .collect(),
            data: data.into_iter().map(|(name, lines)| EmbeddedData { name, lines }).collect(),
            outside: Vec::new(),
        }
    });
    let single = prop::collection::vec(line(), 0..20).prop_map(|lines| LdrawDocument {
        files: vec![LdrawFile { name: String::new(), lines: lines.into_iter().map(SourceLine::from).collect() }],
        ..LdrawDocument::default()
    });
    prop_oneof![several, single]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(document in document()) {
        prop_assert_eq!(unnumbered(read(&write(&document))), document);
    }

    #[test]
    fn any_text_reads_the_same_after_writing(text in "(0 (FILE|NOFILE|!DATA|!:|//) ?[a-z.]{0,4}|[0-6] [ 0-9a-z.-]{0,40}|[\\PC]{0,9}|)([\r\n]{1,2}(0 (FILE|NOFILE|!DATA|!:|//) ?[a-z.]{0,4}|[0-6] [ 0-9a-z.-]{0,40}|[\\PC]{0,9}|)){0,12}") {
        let document = unnumbered(read(text.as_bytes()));
        prop_assert_eq!(unnumbered(read(&write(&document))), document);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let document = unnumbered(read(&bytes));
        prop_assert_eq!(unnumbered(read(&write(&document))), document);
    }
}
