//! What this machine has, what is missing, and how its package manager installs that.
//!
//! A [`Need`] names a thing, why it is wanted, how it is recognized, and its packages by package manager.

use crate::process::{silently_succeeds, succeeds, which};
use anyhow::Result;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package manager.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Manager {
    Apt,
    Dnf,
    Pacman,
    Brew,
    Winget,
    Rustup,
}

impl Manager {
    /// The first one found on this machine.
    pub fn of_this_machine() -> Option<Self> {
        [
            ("apt-get", Self::Apt),
            ("dnf", Self::Dnf),
            ("pacman", Self::Pacman),
            ("brew", Self::Brew),
            ("winget", Self::Winget),
        ]
        .into_iter()
        .find_map(|(program, manager)| which(program).map(|_| manager))
    }

    /// The command line that installs these packages.
    fn install(self, packages: &[&str]) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Apt => &["apt-get", "install", "-y", "--no-install-recommends"],
            Self::Dnf => &["dnf", "install", "-y"],
            Self::Pacman => &["pacman", "-S", "--needed", "--noconfirm"],
            Self::Brew => &["brew", "install"],
            Self::Winget => &["winget", "install"],
            Self::Rustup => &["rustup", "component", "add"],
        };
        words.iter().chain(packages).map(|&word| word.to_owned()).collect()
    }

    fn needs_root(self) -> bool {
        matches!(self, Self::Apt | Self::Dnf | Self::Pacman)
    }
}

/// Something the project uses on a machine.
pub struct Need {
    /// How it is called in reports.
    pub name: &'static str,
    /// What it is for.
    pub why: &'static str,
    /// Whether this machine has it.
    pub present: fn() -> bool,
    /// Its packages, by manager.
    pub packages: &'static [(Manager, &'static [&'static str])],
    /// What to do where no package is known.
    pub otherwise: &'static str,
}

impl Need {
    /// The packages of this machine's managers that bring it, if any is known.
    fn packages_here(&self) -> Option<(Manager, &'static [&'static str])> {
        let system = Manager::of_this_machine();
        let usable =
            |manager: Manager| Some(manager) == system || (manager == Manager::Rustup && which("rustup").is_some());
        self.packages.iter().copied().find(|(manager, _)| usable(*manager))
    }

    /// What one types, or does, to get it.
    pub fn remedy(&self) -> String {
        self.packages_here().map_or_else(
            || self.otherwise.to_owned(),
            |(manager, packages)| {
                let line = manager.install(packages).join(" ");
                if manager.needs_root() && !is_root() { format!("sudo {line}") } else { line }
            },
        )
    }
}

pub const C_COMPILER: Need = Need {
    name: "C compiler",
    why: "links the program and builds its cryptography",
    present: || ["cc", "gcc", "clang", "cl"].into_iter().any(|name| which(name).is_some()) || cfg!(windows),
    packages: &[(Manager::Apt, &["gcc", "libc6-dev"]), (Manager::Dnf, &["gcc"]), (Manager::Pacman, &["gcc"])],
    otherwise: "install a C compiler (macOS: xcode-select --install; Windows: the Visual Studio build tools)",
};

pub const RUSTFMT: Need = Need {
    name: "rustfmt",
    why: "checks the format",
    present: || silently_succeeds(crate::process::cargo().args(["fmt", "--version"])),
    packages: &[(Manager::Rustup, &["rustfmt"])],
    otherwise: "install Rust with rustup (https://rustup.rs), then: rustup component add rustfmt",
};

pub const CLIPPY: Need = Need {
    name: "clippy",
    why: "checks the lints",
    present: || silently_succeeds(crate::process::cargo().args(["clippy", "--version"])),
    packages: &[(Manager::Rustup, &["clippy"])],
    otherwise: "install Rust with rustup (https://rustup.rs), then: rustup component add clippy",
};

pub const VULKAN: Need = Need {
    name: "Vulkan driver",
    why: "draws the 3D view (a software driver is enough)",
    present: has_vulkan,
    packages: &[
        (Manager::Apt, &["libvulkan1", "mesa-vulkan-drivers"]),
        (Manager::Dnf, &["vulkan-loader", "mesa-vulkan-drivers"]),
        (Manager::Pacman, &["vulkan-icd-loader", "vulkan-swrast"]),
    ],
    otherwise: "install the Vulkan driver of your graphics card, or Mesa's software driver (lavapipe)",
};

pub const WINDOW_LIBRARIES: Need = Need {
    name: "window libraries",
    why: "open the window (X11 or Wayland, keyboard)",
    present: || {
        !cfg!(target_os = "linux")
            || [
                "libX11.so.6",
                "libX11-xcb.so.1",
                "libXcursor.so.1",
                "libXi.so.6",
                "libXrandr.so.2",
                "libxkbcommon-x11.so.0",
            ]
            .into_iter()
            .all(has_shared_library)
    },
    packages: &[
        (
            Manager::Apt,
            &[
                "libx11-6",
                "libx11-xcb1",
                "libxcursor1",
                "libxi6",
                "libxrandr2",
                "libxkbcommon0",
                "libxkbcommon-x11-0",
                "libwayland-client0",
            ],
        ),
        (
            Manager::Dnf,
            &[
                "libX11",
                "libX11-xcb",
                "libXcursor",
                "libXi",
                "libXrandr",
                "libxkbcommon",
                "libxkbcommon-x11",
                "libwayland-client",
            ],
        ),
        (
            Manager::Pacman,
            &["libx11", "libxcursor", "libxi", "libxrandr", "libxkbcommon", "libxkbcommon-x11", "wayland"],
        ),
    ],
    otherwise: "install libX11, libXcursor, libXi, libXrandr and libxkbcommon",
};

pub const XVFB: Need = Need {
    name: "Xvfb",
    why: "a virtual screen: the tests of the real window, and LeoCAD, run on it",
    present: || !cfg!(target_os = "linux") || (which("Xvfb").is_some() && which("xvfb-run").is_some()),
    packages: &[
        (Manager::Apt, &["xvfb", "xauth"]),
        (Manager::Dnf, &["xorg-x11-server-Xvfb"]),
        (Manager::Pacman, &["xorg-server-xvfb"]),
    ],
    otherwise: "install Xvfb and xvfb-run",
};

pub const POSTGRESQL: Need = Need {
    name: "PostgreSQL",
    why: "the portal's tests run on it as well; they start a server of their own and stop it",
    present: || {
        let versions = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten().flatten();
        which("postgres").is_some() || versions.into_iter().any(|version| version.path().join("bin/postgres").exists())
    },
    packages: &[
        (Manager::Apt, &["postgresql"]),
        (Manager::Dnf, &["postgresql-server"]),
        (Manager::Pacman, &["postgresql"]),
        (Manager::Brew, &["postgresql"]),
    ],
    otherwise: "install PostgreSQL (https://www.postgresql.org) so that `postgres` is on the search path",
};

pub const PYTHON: Need = Need {
    name: "Python",
    why: "the fuzzer of the portal's interface is written in it",
    present: || silently_succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"])),
    packages: &[
        (Manager::Apt, &["python3", "python3-venv"]),
        (Manager::Dnf, &["python3"]),
        (Manager::Pacman, &["python"]),
        (Manager::Brew, &["python"]),
    ],
    otherwise: "install Python 3 (https://www.python.org)",
};

pub const XDOTOOL: Need = Need {
    name: "xdotool",
    why: "drives the real window by hand, from a terminal",
    present: || which("xdotool").is_some() || !cfg!(target_os = "linux"),
    packages: &[(Manager::Apt, &["xdotool"]), (Manager::Dnf, &["xdotool"]), (Manager::Pacman, &["xdotool"])],
    otherwise: "install xdotool",
};

pub const IMAGEMAGICK: Need = Need {
    name: "ImageMagick",
    why: "looks at pictures of the virtual screen",
    present: || which("convert").is_some() || which("magick").is_some(),
    packages: &[
        (Manager::Apt, &["imagemagick"]),
        (Manager::Dnf, &["ImageMagick"]),
        (Manager::Pacman, &["imagemagick"]),
        (Manager::Brew, &["imagemagick"]),
    ],
    otherwise: "install ImageMagick (https://imagemagick.org)",
};

pub const LEOCAD: Need = Need {
    name: "LeoCAD",
    why: "the peer that `cargo xtask silhouettes` compares with",
    present: || which("leocad").is_some(),
    packages: &[(Manager::Apt, &["leocad"]), (Manager::Dnf, &["leocad"])],
    otherwise: "install LeoCAD (https://www.leocad.org) so that `leocad` is on the search path",
};

pub const FILE_DIALOGS: Need = Need {
    name: "file dialogs",
    why: "open and save by a dialog (a desktop portal, or zenity)",
    present: || {
        !cfg!(target_os = "linux")
            || which("zenity").is_some()
            || Path::new("/usr/share/xdg-desktop-portal/portals")
                .read_dir()
                .is_ok_and(|mut files| files.next().is_some())
    },
    packages: &[(Manager::Apt, &["zenity"]), (Manager::Dnf, &["zenity"]), (Manager::Pacman, &["zenity"])],
    otherwise: "install an XDG desktop portal, or zenity",
};

/// Whether a window can be opened here.
pub fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn has_vulkan() -> bool {
    if !cfg!(target_os = "linux") {
        return true; // Metal and Direct3D 12 come with the system.
    }
    let named = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].into_iter().filter_map(std::env::var_os);
    let named = named.flat_map(|list| std::env::split_paths(&list).collect::<Vec<_>>()).any(|file| file.is_file());
    let folders = ["/usr/share", "/usr/local/share", "/etc"].map(|base| PathBuf::from(base).join("vulkan/icd.d"));
    let installed = folders.iter().any(|folder| folder.read_dir().is_ok_and(|mut files| files.next().is_some()));
    (named || installed) && has_shared_library("libvulkan.so.1")
}

/// Whether the dynamic linker's usual folders hold this library.
fn has_shared_library(file: &str) -> bool {
    let mut folders: Vec<PathBuf> =
        ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib"].map(PathBuf::from).to_vec();
    for base in ["/usr/lib", "/lib"] {
        folders.push(Path::new(base).join(format!("{}-linux-gnu", std::env::consts::ARCH)));
        folders.push(Path::new(base).join("arm-linux-gnueabihf"));
    }
    let listed = std::env::var_os("LD_LIBRARY_PATH");
    folders.extend(listed.iter().flat_map(std::env::split_paths));
    folders.iter().any(|folder| folder.join(file).exists())
}

/// Whether this process may install system packages itself.
pub fn is_root() -> bool {
    cfg!(unix) && Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

/// Installs what is missing of `needs`: names it, asks unless `yes` or root, and reports what could not be had.
/// Returns the needs that are still unmet; whoever calls knows whether it can do without.
pub fn set_up<'a>(needs: &[&'a Need], yes: bool) -> Result<Vec<&'a Need>> {
    let missing: Vec<&Need> = needs.iter().copied().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        println!("set-up: nothing to install");
        return Ok(missing);
    }
    let root = is_root();
    for manager in [Manager::Rustup].into_iter().chain(Manager::of_this_machine()) {
        let of_manager = missing.iter().filter_map(|need| need.packages_here().filter(|(m, _)| *m == manager));
        let packages: Vec<&str> = of_manager.flat_map(|(_, packages)| packages.iter().copied()).collect();
        if packages.is_empty() {
            continue;
        }
        let sudo = manager.needs_root() && !root;
        let mut line = manager.install(&packages);
        if sudo {
            line.insert(0, "sudo".to_owned());
        }
        println!(
            "set-up: missing {}",
            names(missing.iter().filter(|n| n.packages_here().is_some_and(|(m, _)| m == manager)))
        );
        println!("set-up: {}", line.join(" "));
        if sudo && which("sudo").is_none() {
            println!("set-up: this needs root, and there is no sudo: run the line above as root");
            continue;
        }
        if !(yes || root || agreed()?) {
            continue;
        }
        install(manager, &line)?;
    }
    let unmet: Vec<&Need> = missing.into_iter().filter(|need| !(need.present)()).collect();
    for need in &unmet {
        println!("set-up: still without {} ({}): {}", need.name, need.why, need.remedy());
    }
    Ok(unmet)
}

fn install(manager: Manager, line: &[String]) -> Result<()> {
    let command = |line: &[String]| {
        let mut command = Command::new(&line[0]);
        command.args(&line[1..]).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    if manager == Manager::Apt {
        let at = line.iter().position(|word| word == "apt-get").map_or(0, |at| at + 1);
        let mut update = line[..at].to_vec();
        update.push("update".to_owned());
        if !silently_succeeds(&mut command(&update)) {
            println!("set-up: `{}` failed (no network?); trying with the lists that are here", update.join(" "));
        }
    }
    if !succeeds(&mut command(line))? {
        println!("set-up: `{}` failed", line.join(" "));
    }
    Ok(())
}

pub fn agreed() -> Result<bool> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        println!("set-up: not installed, because nobody can be asked here (--yes installs without asking)");
        return Ok(false);
    }
    print!("set-up: install this now? [Y/n] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    input.lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "" | "y" | "yes"))
}

fn names<'a>(needs: impl Iterator<Item = &'a &'a Need>) -> String {
    needs.map(|need| need.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_has_a_remedy_that_names_something() {
        for need in [
            &C_COMPILER,
            &RUSTFMT,
            &CLIPPY,
            &VULKAN,
            &WINDOW_LIBRARIES,
            &XVFB,
            &POSTGRESQL,
            &PYTHON,
            &XDOTOOL,
            &IMAGEMAGICK,
            &LEOCAD,
            &FILE_DIALOGS,
        ] {
            assert!(
                need.remedy().contains("install") || need.remedy().contains("add") || need.remedy().contains("pacman"),
                "{}",
                need.name
            );
        }
    }

    #[test]
    fn apt_is_not_left_asking() {
        let line = Manager::Apt.install(&["xvfb"]).join(" ");
        assert_eq!(line, "apt-get install -y --no-install-recommends xvfb");
    }

    #[test]
    fn what_is_present_is_not_installed() {
        let there = Need {
            name: "a",
            why: "b",
            present: || true,
            packages: &[(Manager::Apt, &["no-such-package"])],
            otherwise: "",
        };
        assert!(set_up(&[&there], true).is_ok_and(|unmet| unmet.is_empty()));
    }
}
