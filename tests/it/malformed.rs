//! Five hundred files that no program should have written: each gives an error or warnings, never a panic, a hang, or
//! the machine's memory.

use super::support::studwork;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use studwork::cli::load::{InputKind, load_bytes};
use studwork_core::Catalog;

/// What takes longer hangs. Five seconds are promised; a busy machine gets four times that.
const LIMIT: Duration = Duration::from_secs(20);
const MOST_MEMORY_KIB: u64 = 1 << 20;

struct Case {
    name: String,
    kind: InputKind,
    bytes: Vec<u8>,
    /// Damage that may happen to leave a good file (a cut after a whole line, a changed letter of a title).
    may_be_good: bool,
}

/// Numbers without a source of randomness: the same files at each run. Source: Marsaglia, Xorshift RNGs (2003).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

const LDRAW: &str = "0 FILE a.ldr\r\n0 Model\r\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\r\n1 16 10 -8 0 0 0 1 0 1 0 -1 0 0 b.ldr\r\n\
    0 STEP\r\n0 ROTSTEP 30 45 0 REL\r\n2 24 0 0 0 1 1 1\r\n3 16 0 0 0 1 1 1 2 0 2\r\n0 NOFILE\r\n0 FILE b.ldr\r\n\
    1 0x2FF8000 0 0 0 1 0 0 0 1 0 0 0 1 3020.dat\r\n4 1 0 0 0 1 0 0 1 1 0 0 1 0\r\n0 !DATA c.png\r\n0 !: aGVsbG8=\r\n";

const RON: &str = "(\n    format: 1,\n    title: \"Model\",\n    submodels: [\n        (id: 1, name: \"main\", steps: [\n            (id: 1, items: [\n\
    \x20               Piece(id: 1, part: \"3001\", color: 4),\n                Model(id: 2, submodel: 2, at: (0, -24, 0)),\n            ]),\n        ]),\n\
    \x20       (id: 2, name: \"b\", steps: [\n            (id: 2, items: [\n                Piece(id: 3, part: \"3020\", color: 14, at: (10, 0, 5.5)),\n            ]),\n        ]),\n    ],\n)\n";

const ODD_NUMBERS: &[&str] = &[
    "NaN",
    "-nan",
    "inf",
    "-inf",
    "infinity",
    "1e39",
    "-1e308",
    "1e99999",
    "99999999999999999999999999",
    "1e-400",
    "0x10",
    "--1",
    "1.2.3",
    "1,5",
    "٣",
    "",
    "+",
    ".",
    "1e",
    "1_000",
];

fn damaged(kind: InputKind, good: &str, count: usize, cases: &mut Vec<Case>, random: &mut Numbers) {
    for i in 0..count {
        let mut bytes = good.as_bytes().to_vec();
        let what = match i % 4 {
            0 => {
                bytes.truncate(1 + random.below(bytes.len() - 1));
                "cut"
            }
            1 => {
                for _ in 0..1 + random.below(8) {
                    let at = random.below(bytes.len());
                    bytes[at] = random.next() as u8;
                }
                "changed bytes"
            }
            2 => {
                let (from, length) = (random.below(bytes.len()), 1 + random.below(40));
                let to = (from + length).min(bytes.len());
                bytes.drain(from..to);
                "bytes taken out"
            }
            _ => {
                let at = random.below(bytes.len());
                let count = 1 + random.below(300);
                let noise = random.bytes(count);
                bytes.splice(at..at, noise);
                "noise put in"
            }
        };
        cases.push(Case { name: format!("{kind:?} {what} {i}"), kind, bytes, may_be_good: true });
    }
}

fn ldraw_cases(cases: &mut Vec<Case>, random: &mut Numbers) {
    let mut add = |name: String, bytes: Vec<u8>| {
        cases.push(Case { name: format!("LDraw {name}"), kind: InputKind::Ldraw, bytes, may_be_good: false });
    };
    for field in 0..14 {
        for odd in ODD_NUMBERS.iter().take(5) {
            let mut words: Vec<&str> = "1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat".split(' ').collect();
            if field == 0 {
                continue;
            }
            words[field] = odd;
            add(format!("{odd} in field {field}"), format!("0 A\n{}\n", words.join(" ")).into_bytes());
        }
    }
    // A number too small is 0, and a color may be hexadecimal.
    for odd in ODD_NUMBERS.iter().filter(|&&odd| !["1e-400", "0x10"].contains(&odd)) {
        add(format!("{odd} in a triangle"), format!("0 A\n3 4 0 0 0 {odd} 0 0 0 0 1\n").into_bytes());
        add(format!("{odd} as color"), format!("0 A\n1 {odd} 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\n").into_bytes());
    }
    for count in 1..14 {
        let line = "1 4 0 0 0 1 0 0 0 1 0 0 0 1".split(' ').take(count + 1).collect::<Vec<_>>().join(" ");
        add(format!("line with {count} fields"), format!("0 A\n{line}\n").into_bytes());
    }
    for length in [1, 2, 3, 7, 50] {
        let mut text = String::new();
        for i in 0..length {
            let _ = write!(text, "0 FILE f{i}.ldr\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 f{}.ldr\n", (i + 1) % length);
        }
        add(format!("loop of {length}"), text.into_bytes());
    }
    for depth in [300, 5_000, 50_000] {
        let mut text = String::new();
        for i in 0..depth {
            let _ = write!(text, "0 FILE f{i}.ldr\n1 16 0 0 0 1 0 0 0 1 0 0 0 1 f{}.ldr\n", i + 1);
        }
        add(format!("nested {depth} deep"), text.into_bytes());
    }
    for (width, depth) in [(10, 12), (2, 60), (1000, 5)] {
        let mut text = String::new();
        for i in 0..depth {
            let _ = writeln!(text, "0 FILE f{i}.ldr");
            for _ in 0..width {
                let _ = writeln!(text, "1 16 0 0 0 1 0 0 0 1 0 0 0 1 f{}.ldr", i + 1);
            }
        }
        let _ = write!(text, "0 FILE f{depth}.ldr\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\n");
        add(format!("{width} to the power of {depth} pieces"), text.into_bytes());
    }
    for size in [100 << 10, 1 << 20, 100 << 20] {
        add(format!("one line of {size} bytes"), vec![b'x'; size]);
        let mut reference = b"1 4 0 0 0 1 0 0 0 1 0 0 0 1 ".to_vec();
        reference.resize(size, b'a');
        add(format!("a part's name of {size} bytes"), reference);
    }
    for count in [16, 1024, 100_000] {
        let mut bytes = random.bytes(count);
        bytes[0] = b'9';
        add(format!("{count} random bytes"), bytes);
        add(format!("{count} zeros"), vec![0; count]);
    }
    for (name, text) in [
        ("unknown line type", "0 A\n7 4 0 0 0\n"),
        ("a word in place of a line type", "brick 3001\n"),
        ("an archive's beginning", "PK\x03\x04\x14\0\0\0\x08\0"),
        ("a web page", "<!DOCTYPE html><html><body>Not found</body></html>\n"),
    ] {
        add(name.to_owned(), text.as_bytes().to_vec());
    }
}

fn ron_cases(cases: &mut Vec<Case>, random: &mut Numbers) {
    let mut add = |name: String, bytes: Vec<u8>| {
        cases.push(Case { name: format!("RON {name}"), kind: InputKind::Ron, bytes, may_be_good: false });
    };
    let changed = |from: &str, to: &str| {
        assert!(RON.contains(from), "{from}");
        RON.replacen(from, to, 1).into_bytes()
    };
    for odd in ODD_NUMBERS.iter().filter(|&&odd| !["1e-400", "0x10", "1_000", "."].contains(&odd)) {
        add(format!("{odd} as place"), changed("(10, 0, 5.5)", &format!("({odd}, 0, 5.5)")));
        add(format!("{odd} as color"), changed("color: 14", &format!("color: {odd}")));
        add(format!("{odd} as id"), changed("id: 3,", &format!("id: {odd},")));
        add(format!("{odd} as format"), changed("format: 1", &format!("format: {odd}")));
    }
    for opener in ["(", "[", "{", "Some(", "((((", "\"", "r#\"", "/*"] {
        for depth in [50, 5_000, 500_000] {
            add(format!("{opener} {depth} times"), opener.repeat(depth).into_bytes());
            let nested = format!("(format: 1, title: {}", opener.repeat(depth));
            add(format!("{opener} {depth} times in a field"), nested.into_bytes());
        }
    }
    for (name, from, to) in [
        ("a submodel that places itself", "submodel: 2", "submodel: 1"),
        ("a submodel that is not there", "submodel: 2", "submodel: 9"),
        ("the same piece twice", "id: 3,", "id: 1,"),
        ("the same submodel twice", "(id: 2, name", "(id: 1, name"),
        ("a later format", "format: 1", "format: 2"),
        ("a much later format", "format: 1", "format: 4294967295"),
        ("no format", "format: 1,", ""),
        ("an unknown field", "title:", "tilte:"),
        ("a field twice", "title: \"Model\"", "title: \"Model\", title: \"Model\""),
        ("a text for a number", "color: 4", "color: \"four\""),
        ("a group that is not there", "color: 4", "color: 4, group: 77"),
        ("a turn that is not known", "color: 4", "color: 4, turn: \"sideways\""),
        ("a matrix with too few numbers", "color: 4", "color: 4, matrix: (1, 2, 3)"),
        ("a matrix with NaN", "color: 4", "color: 4, matrix: (NaN, 0, 0, 0, 1, 0, 0, 0, 1)"),
        ("more after the end", "\n)\n", "\n)\n)\n"),
    ] {
        add(name.to_owned(), changed(from, to));
    }
    let mut text = "(format: 1, submodels: [".to_owned();
    for i in 1..=40 {
        let _ = write!(text, "(id: {i}, name: \"s{i}\", steps: [(id: {i}, items: [");
        for j in 0..10 {
            let _ = write!(text, "Model(id: {}, submodel: {}), ", i * 10 + j, i + 1);
        }
        text.push_str("])]),");
    }
    text.push_str("(id: 41, name: \"s41\", steps: [(id: 41, items: [Piece(id: 1, part: \"3001\")])])])");
    add("ten to the power of forty pieces".to_owned(), text.into_bytes());
    let mut long = b"(format: 1, title: ".to_vec();
    long.resize(100 << 20, b'x');
    add("one line of 100 MB".to_owned(), long);
    for count in [16, 1024, 100_000] {
        add(format!("{count} random bytes"), random.bytes(count));
        add(format!("{count} zeros"), vec![0; count]);
    }
    add("nothing".to_owned(), Vec::new());
}

fn cases() -> Vec<Case> {
    let mut random = Numbers(0x5EED_1234_5678_9ABC);
    let mut cases = Vec::new();
    ldraw_cases(&mut cases, &mut random);
    ron_cases(&mut cases, &mut random);
    let more = 500_usize.saturating_sub(cases.len());
    damaged(InputKind::Ldraw, LDRAW, more.div_ceil(2), &mut cases, &mut random);
    damaged(InputKind::Ron, RON, more.div_ceil(2), &mut cases, &mut random);
    cases
}

/// Loads a case and asks what a loaded design is asked first; whether it was found wanting.
fn is_reported(case: &Case, catalog: &Catalog) -> bool {
    match load_bytes(&case.bytes, "case", case.kind, catalog) {
        Err(error) => {
            assert!(error.to_string().len() < 2_000, "an error that can be read: {} bytes", error.to_string().len());
            true
        }
        Ok(loaded) => {
            assert_eq!(loaded.design.validate(), Vec::<String>::new());
            let mut pieces = 0_u64;
            loaded.design.flatten(loaded.design.main(), &mut |flat| {
                assert!(flat.transform.is_finite(), "{}", flat.part);
                pieces += 1;
            });
            assert!(pieces <= studwork_core::MAX_PIECES);
            assert!(!studwork_core::to_ron(&loaded.design).is_empty());
            !loaded.warnings.is_empty()
        }
    }
}

#[test]
fn every_malformed_file_is_reported_in_time_and_without_a_panic() {
    let cases = cases();
    assert!(cases.len() >= 500, "{}", cases.len());
    let (sender, receiver) = mpsc::channel();
    let names: Vec<(String, bool)> = cases.iter().map(|case| (case.name.clone(), case.may_be_good)).collect();
    std::thread::spawn(move || {
        let catalog = Catalog::built_in();
        for case in cases {
            let reported = catch_unwind(AssertUnwindSafe(|| is_reported(&case, &catalog))).map_err(|panic| {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?").to_owned()
            });
            if sender.send(reported).is_err() {
                return;
            }
        }
    });
    let mut wrong = Vec::new();
    for (name, may_be_good) in names {
        let Ok(reported) = receiver.recv_timeout(LIMIT) else {
            wrong.push(format!("{name}: hangs"));
            break;
        };
        match reported {
            Err(panic) => wrong.push(format!("{name}: panics: {panic}")),
            Ok(false) if !may_be_good => wrong.push(format!("{name}: taken without a word")),
            Ok(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The most memory that a process had so far, from the system; `None` where it does not tell, or when it is over.
fn peak_kib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn the_worst_files_end_the_program_in_order_within_time_and_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let worst =
        ["104857600", "100 MB", "to the power", "50000 deep", "500000 times in a field", "loop of 50", "100000 random"];
    let chosen: Vec<Case> = cases().into_iter().filter(|case| worst.iter().any(|w| case.name.contains(w))).collect();
    assert!(chosen.len() >= 12, "{}", chosen.len());
    for case in chosen {
        let path = folder.path().join(if case.kind == InputKind::Ron { "case.ron" } else { "case.ldr" });
        std::fs::write(&path, &case.bytes).expect("written");
        let start = Instant::now();
        let mut child = studwork()
            .args(["info", "--json"])
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut peak = 0;
        let status = loop {
            peak = peak_kib(child.id()).unwrap_or(0).max(peak);
            if let Some(status) = child.try_wait().expect("waiting") {
                break status;
            }
            if start.elapsed() > LIMIT {
                child.kill().ok();
                panic!("{}: still running after {:?}", case.name, start.elapsed());
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        assert!(matches!(status.code(), Some(1 | 2)), "{}: {status}", case.name);
        assert!(peak < MOST_MEMORY_KIB, "{}: {} MiB", case.name, peak >> 10);
    }
}
