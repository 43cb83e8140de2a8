//! The command line as a process: what it answers, where it writes, how it ends.

use super::support::{BRICK, HOUSE, folder_with, run, studwork};
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn info_tells_the_facts_in_json_and_names_what_is_missing() {
    let folder = folder_with("house.mpd", HOUSE);
    let answer = run(folder.path(), &["info", "house.mpd", "--json"]);
    let facts = answer.json();
    assert_eq!(facts["title"], "A little house");
    assert_eq!(facts["author"], "Somebody");
    assert_eq!(facts["pieces"], 7);
    assert_eq!(facts["unique_parts"], 3);
    assert_eq!(facts["submodels"], 2);
    assert_eq!(facts["colors"], 4, "16, 14, 4 and 1: {facts}");
    assert_eq!(facts["missing_parts"], serde_json::json!(["no-such-part"]));
    assert_eq!(answer.status(), 1, "a missing part is a finding");
    let names: Vec<&str> = facts.as_object().expect("an object").keys().map(String::as_str).collect();
    for name in
        ["title", "pieces", "unique_parts", "submodels", "steps", "colors", "missing_parts", "bounds_ldu", "warnings"]
    {
        assert!(names.contains(&name), "{name} is promised: {names:?}");
    }
}

#[test]
fn info_of_a_brick_has_its_box_and_ends_with_0() {
    let folder = folder_with("brick.ldr", BRICK);
    let answer = run(folder.path(), &["info", "brick.ldr", "--json"]);
    let bounds = &answer.json()["bounds_ldu"];
    let near = |corner: &str, expected: [f64; 3]| {
        for (axis, expected) in expected.into_iter().enumerate() {
            let found = bounds[corner][axis].as_f64().expect("a number");
            assert!((found - expected).abs() <= 1.0, "{corner}[{axis}] is {found}, not {expected}");
        }
    };
    near("min", [-40.0, -4.0, -20.0]);
    near("max", [40.0, 24.0, 20.0]);
    assert_eq!((answer.status(), answer.errors().as_str()), (0, ""));
    let text = run(folder.path(), &["info", "brick.ldr"]).text();
    assert!(text.contains("pieces") && text.contains("Red 1"), "{text}");
}

#[test]
fn warnings_carry_file_and_line() {
    let folder = folder_with(
        "odd.ldr",
        "0 Odd\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\n1 4 zero 0 0 1 0 0 0 1 0 0 0 1 3001.dat\n",
    );
    let answer = run(folder.path(), &["info", "odd.ldr"]);
    assert!(answer.errors().contains("odd.ldr:3: warning: "), "{}", answer.errors());
    assert_eq!(answer.status(), 1);
    let facts = run(folder.path(), &["info", "odd.ldr", "--json"]).json();
    assert_eq!(facts["warnings"][0]["line"], 3);
    assert!(facts["warnings"][0]["message"].as_str().is_some_and(|message| !message.is_empty()));
}

#[test]
fn what_cannot_be_read_or_written_is_refused_with_2() {
    let folder = folder_with("brick.ldr", BRICK);
    std::fs::write(folder.path().join("bad.ron"), "(format: 1,\n  title: \"x\",\n  nonsense here\n)").expect("written");
    std::fs::write(folder.path().join("new.ron"), "(format: 77)").expect("written");
    let refused: &[(&[&str], &str)] = &[
        (&["info", "none.ldr"], "none.ldr"),
        (&["info", "bad.ron"], "line 3"),
        (&["info", "new.ron"], "77"),
        (&["convert", "brick.ldr", "out.xyz"], "out.xyz"),
        (&["convert", "brick.ldr", "no/folder/out.ron"], "no/folder"),
        (&["render", "brick.ldr", "-o", "out.bmp"], "out.bmp"),
        (&["render", "brick.ldr", "-o", "out.png", "--size", "0x9"], "--size"),
        (&["render", "brick.ldr", "-o", "out.png", "--fov", "180"], "--fov"),
        (&["render", "brick.ldr", "-o", "out.png", "--camera", "1,1,1,1,1,1,0,-1,0"], "--camera"),
        (&["info", "brick.ldr", "--ldraw", "no-library.zip"], "no-library.zip"),
        (&["brick.ldr", "info", "brick.ldr"], "verb"),
        (&["info"], "Usage"),
    ];
    for (args, names) in refused {
        let answer = run(folder.path(), args);
        assert_eq!(answer.status(), 2, "{args:?}: {}", answer.errors());
        assert!(answer.errors().contains(names), "{args:?} should name {names}: {}", answer.errors());
        assert_eq!(answer.text(), "", "{args:?}: an error is not an answer");
    }
    let left: Vec<_> = folder
        .path()
        .read_dir()
        .expect("listed")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    assert_eq!(left.len(), 3, "nothing was written: {left:?}");
}

#[test]
fn help_and_version_are_answers() {
    for args in [["--help"], ["--version"]] {
        let output = studwork().args(args).output().expect("the program starts");
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8_lossy(&output.stdout).contains("studwork"));
    }
}

/// Part, color and place of every piece, spread out, as text that can be compared.
fn pieces(path: &Path) -> Vec<String> {
    let catalog = studwork_core::Catalog::built_in();
    let loaded = studwork::cli::load::load_design(path, &catalog).expect("readable");
    let mut found = Vec::new();
    loaded.design.flatten(loaded.design.main(), &mut |flat| {
        let numbers: Vec<String> = flat.transform.to_cols_array().iter().map(|x| format!("{:.3}", x + 0.0)).collect();
        found.push(format!("{} {} {}", flat.part, flat.color, numbers.join(" ")));
    });
    found
}

#[test]
fn converting_to_ron_and_back_keeps_every_piece_and_the_lines_in_between() {
    let folder = folder_with("house.mpd", HOUSE.replace("no-such-part", "3003"));
    for (from, to) in [("house.mpd", "house.ron"), ("house.ron", "again.mpd"), ("again.mpd", "again.ron")] {
        let answer = run(folder.path(), &["convert", from, to]);
        assert_eq!(answer.status(), 0, "{from} → {to}: {}", answer.errors());
    }
    let before = pieces(&folder.path().join("house.mpd"));
    assert_eq!(before.len(), 7);
    for name in ["house.ron", "again.mpd", "again.ron"] {
        assert_eq!(pieces(&folder.path().join(name)), before, "{name}");
    }
    let written = std::fs::read_to_string(folder.path().join("again.mpd")).expect("read");
    assert!(written.contains("0 !SOMEBODY knows this line\r\n"), "{written}");
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("read");
    assert_eq!(read("house.ron"), read("again.ron"), "the way over LDraw loses nothing");
}

#[test]
fn models_for_other_programs_are_written_and_what_is_missing_is_a_finding() {
    let folder = folder_with("house.mpd", HOUSE);
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    for name in ["house.glb", "house.obj", "house.stl"] {
        let answer = run(folder.path(), &["convert", "house.mpd", name]);
        assert_eq!(answer.status(), 1, "{name}: {}", answer.errors());
        assert!(answer.errors().contains("no-such-part"), "{}", answer.errors());
    }
    assert_eq!(&read("house.glb")[..4], b"glTF");
    let stl = read("house.stl");
    let facets = u32::from_le_bytes([stl[80], stl[81], stl[82], stl[83]]) as usize;
    assert!(facets > 100 && stl.len() == 84 + 50 * facets, "{facets} facets in {} bytes", stl.len());
    let obj = String::from_utf8(read("house.obj")).expect("text");
    assert_eq!(obj.lines().filter(|line| line.starts_with("o ")).count(), 7);
    assert!(obj.contains("mtllib house.mtl") && read("house.mtl").starts_with(b"# "), "materials stand beside it");
}

#[test]
fn parts_lists_count_the_spread_out_model() {
    let folder = folder_with("house.mpd", HOUSE);
    assert_eq!(run(folder.path(), &["convert", "house.mpd", "house.csv"]).status(), 1, "a part that nobody has");
    let text = std::fs::read_to_string(folder.path().join("house.csv")).expect("read");
    let mut quantities = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let color = fields[fields.len() - 3].to_owned();
        quantities.insert((fields[0].to_owned(), color), fields[fields.len() - 1].to_owned());
    }
    let expected = [("3001", "16", "2"), ("3001", "4", "2"), ("3020", "14", "2"), ("no-such-part", "1", "1")];
    let expected = expected.map(|(part, color, count)| ((part.to_owned(), color.to_owned()), count.to_owned()));
    assert_eq!(quantities, BTreeMap::from(expected));

    let answer = run(folder.path(), &["convert", "house.mpd", "house.xml"]);
    assert_eq!(answer.status(), 1, "color 16 is no color of a store");
    assert!(
        answer.errors().contains("color 16") && answer.errors().contains("no-such-part is in no catalog"),
        "{}",
        answer.errors()
    );
    let xml = std::fs::read_to_string(folder.path().join("house.xml")).expect("read");
    assert!(xml.contains("<ITEMID>3001</ITEMID><COLOR>5</COLOR><MINQTY>2</MINQTY>"), "{xml}");
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    use std::io::Read as _;
    let mut child =
        studwork().args(["parts"]).stdout(std::process::Stdio::piped()).spawn().expect("the program starts");
    let mut few = [0; 10];
    let mut answer = child.stdout.take().expect("piped");
    answer.read_exact(&mut few).expect("some parts");
    drop(answer);
    assert_eq!(child.wait().expect("waiting").code(), Some(0));
}

#[test]
fn parts_are_found_by_number_and_by_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = run(folder.path(), &["parts", "3001", "--json"]).json();
    let brick = found.as_array().expect("a list").iter().find(|part| part["part"] == "3001").expect("3001 is built in");
    assert!(brick["name"].as_str().is_some_and(|name| name.contains("Brick")), "{brick}");
    assert_eq!(brick["source"], "built-in");
    for field in ["part", "name", "category", "keywords", "source"] {
        assert!(!brick[field].is_null(), "{field}");
    }
    let words = run(folder.path(), &["parts", "brick", "2", "x", "4", "--json"]).json();
    assert!(words.as_array().expect("a list").iter().any(|part| part["part"] == "3001"), "{words}");
    let nothing = run(folder.path(), &["parts", "zzzzqqq", "--json"]);
    assert_eq!((nothing.json(), nothing.status()), (serde_json::json!([]), 1));
}

#[test]
fn a_picture_shows_the_model_before_a_transparent_background() {
    let folder = folder_with("brick.ldr", BRICK);
    let args =
        ["render", "brick.ldr", "-o", "a.png", "--size", "160x120", "--background", "transparent", "--print-camera"];
    let answer = run(folder.path(), &args);
    assert_eq!(answer.status(), 0, "{}", answer.errors());
    assert!(answer.json()["eye"].as_array().is_some_and(|eye| eye.len() == 3));
    let picture = image::open(folder.path().join("a.png")).expect("a PNG").into_rgba8();
    assert_eq!(picture.dimensions(), (160, 120));
    assert_eq!(picture.get_pixel(0, 0).0[3], 0, "the corner is free");
    let covered = picture.pixels().filter(|pixel| pixel.0[3] > 128).count();
    assert!((3000..16000).contains(&covered), "the brick fills the picture but not all of it: {covered}");
    let [red, green, blue, alpha] = picture.get_pixel(80, 60).0;
    assert!(alpha == 255 && red > green && red > blue, "the middle is red: {red} {green} {blue} {alpha}");
}

#[test]
fn steps_and_views_change_the_picture() {
    let folder = folder_with("house.mpd", HOUSE);
    let covered = |name: &str, options: &[&str]| {
        let args = [&["render", "house.mpd", "-o", name, "--size", "120x90"], options].concat();
        let answer = run(folder.path(), &args);
        assert_eq!(answer.status(), 1, "the missing part is a finding: {}", answer.errors());
        image::open(folder.path().join(name)).expect("a PNG").into_rgba8()
    };
    let camera = ["--background", "transparent", "--camera", "300,-300,-500,0,-20,40,0,-1,0"];
    let whole = covered("whole.png", &camera);
    let first = covered("first.png", &[&camera[..], &["--step", "1"]].concat());
    let count = |picture: &image::RgbaImage| picture.pixels().filter(|pixel| pixel.0[3] > 128).count();
    assert!(count(&whole) > count(&first) && count(&first) > 100, "{} {}", count(&whole), count(&first));
    let top = covered("top.png", &["--view", "top"]);
    let flat = covered("flat.png", &["--view", "top", "--orthographic"]);
    assert_ne!(top, flat);
    let solid = covered("solid.png", &["--background", "#102030", "--no-edges"]);
    assert_eq!(solid.get_pixel(0, 0).0, [0x10, 0x20, 0x30, 255]);
}

#[test]
fn a_slip_of_the_keyboard_is_named() {
    let folder = folder_with("picture.png", [0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13]);
    let answer = run(folder.path(), &["rendr"]);
    assert_eq!(answer.status(), 2);
    assert!(answer.errors().contains("rendr: there is no such file or verb"), "{}", answer.errors());
    let answer = run(folder.path(), &["info", "picture.png"]);
    assert_eq!(answer.status(), 2);
    assert!(answer.errors().contains("not a design"), "{}", answer.errors());
}
