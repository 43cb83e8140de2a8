//! What the tests of this binary share: the program as a process, small models, the optional data.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A house of two submodels: walls placed twice, a roof part nobody has, a free-standing piece. 7 pieces spread out.
pub const HOUSE: &str = "0 FILE house.ldr\r
0 A little house\r
0 Name: house.ldr\r
0 Author: Somebody\r
1 16 0 0 0 1 0 0 0 1 0 0 0 1 wall.ldr\r
1 4 0 0 80 -1 0 0 0 1 0 0 0 -1 wall.ldr\r
0 STEP\r
1 1 0 -48 40 1 0 0 0 1 0 0 0 1 no-such-part.dat\r
0 !SOMEBODY knows this line\r
0 STEP\r
0 FILE wall.ldr\r
0 A wall\r
1 16 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\r
1 16 0 -24 0 1 0 0 0 1 0 0 0 1 3001.dat\r
1 14 0 -48 0 1 0 0 0 1 0 0 0 1 3020.dat\r
";

/// One red brick: 3001, 80 × 24 × 40 LDU without its studs.
pub const BRICK: &str = "0 Brick\n1 4 0 0 0 1 0 0 0 1 0 0 0 1 3001.dat\n";

/// The program, without any library of the machine.
pub fn studwork() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_studwork"));
    for name in ["STUDWORK_LDRAW", "LDRAWDIR", "DISPLAY", "WAYLAND_DISPLAY"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program in a folder.
pub fn run(folder: &Path, args: &[&str]) -> Answer {
    let output = studwork().current_dir(folder).args(args).output().expect("the program starts");
    Answer(output)
}

/// What the program answered.
pub struct Answer(Output);

impl Answer {
    /// The exit status.
    pub fn status(&self) -> i32 {
        self.0.status.code().unwrap_or_else(|| panic!("ended by a signal: {}", self.errors()))
    }

    /// Standard output.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    /// Standard error.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.0.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.text(), self.errors()))
    }
}

/// A folder with one file in it.
pub fn folder_with(name: &str, content: impl AsRef<[u8]>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join(name), content).expect("a file in it");
    folder
}

/// The path in an environment variable; prints that the test is skipped when there is none.
pub fn data(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.exists());
    if path.is_none() {
        println!("skipped: {variable} names no file or folder");
    }
    path
}

/// Whether pictures can be drawn here; prints that the test is skipped when not.
pub fn can_draw() -> bool {
    let gpu = studwork_render::Gpu::headless();
    if let Err(error) = &gpu {
        println!("skipped: {error}");
    }
    gpu.is_ok()
}
