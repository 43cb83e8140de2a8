//! The real window on a virtual screen, driven by a script.

use crate::support;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A virtual screen that ends with the test.
struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    /// `None` where there is no Xvfb.
    fn open() -> Option<Self> {
        let number = (0..50).map(|i| 140 + i).find(|n| !Path::new(&format!("/tmp/.X{n}-lock")).exists())?;
        let display = format!(":{number}");
        let server = Command::new("Xvfb")
            .args([&display, "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let socket = PathBuf::from(format!("/tmp/.X11-unix/X{number}"));
        let start = Instant::now();
        while !socket.exists() && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Self { server, display })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.server.kill().expect("the virtual screen can be ended");
        self.server.wait().expect("the virtual screen ends");
    }
}

#[test]
fn a_house_is_built_painted_saved_and_pictured_in_the_real_window() {
    let Some(screen) = Screen::open() else {
        println!("skipped: there is no Xvfb (Debian: apt-get install xvfb)");
        return;
    };
    if !support::can_draw() {
        println!("skipped: no graphics adapter");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let script = format!(
        r#"[
            Act(SetColor(Code(4))), Act(Take("3001")),
            Pointer(0.5, 0.6), Wait(2), Click, Wait(2),
            Pointer(0.5, 0.57), Wait(2), Click, Wait(2),
            Do("tool.escape"),
            Act(Edit(AddPieces(submodel: 1, step: None, pieces: [
                (content: Part("3037"), color: Code(1), pose: (position: (200.0, -24.0, 0.0), rotation: (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)), group: None),
            ]))),
            Do("select.all"), Act(SetColor(Code(14))), Do("edit.undo"), Do("select.none"),
            Do("view.fit"), Wait(5), Shot({shot:?}), Wait(10),
            Act(SaveTo({saved:?})), Act(PictureTo({picture:?}, 320, 240)), Wait(3), WaitForJobs, Wait(3), Quit,
        ]"#,
        shot = path("shot.png"),
        saved = path("house.ron"),
        picture = path("picture.png"),
    );
    std::fs::write(path("house.script.ron"), script).expect("the script is written");

    let mut program = Command::new(env!("CARGO_BIN_EXE_studwork"))
        .arg("--script")
        .arg(path("house.script.ron"))
        .env("DISPLAY", &screen.display)
        .env("XDG_CONFIG_HOME", folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("STUDWORK_LDRAW")
        .env_remove("LDRAWDIR")
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = program.try_wait().expect("the program can be asked") {
            break status;
        }
        if start.elapsed() > Duration::from_secs(180) {
            program.kill().expect("the program can be ended");
            panic!("the script did not end");
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(status.success(), "{status}");

    let text = std::fs::read_to_string(path("house.ron")).expect("the design was saved");
    let design = studwork_core::from_ron(&text).expect("the saved design is one").value;
    assert_eq!(design.len(), 3, "{text}");
    let colors: Vec<_> = design.pieces().map(|piece| piece.color.to_string()).collect();
    assert_eq!(colors, ["4", "4", "1"], "painting was undone");
    let mut heights: Vec<f32> = design.pieces().map(|piece| piece.pose.position.y).collect();
    heights.sort_by(f32::total_cmp);
    assert_eq!(heights, [-48.0, -24.0, -24.0], "the second brick stands on the first");

    for (name, least) in [("shot.png", 500), ("picture.png", 200)] {
        let picture = image::open(path(name)).expect("the picture was written").to_rgb8();
        let red = picture.pixels().filter(|p| p[0] > 120 && p[1] < 90 && p[2] < 90).count();
        assert!(red > least, "{name} shows {red} red pixels of two red bricks");
    }
}
