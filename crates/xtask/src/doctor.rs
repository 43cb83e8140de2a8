//! `cargo xtask doctor`: what is missing on this machine, and the exact command that installs it.

use crate::machine::{
    C_COMPILER, CLIPPY, FILE_DIALOGS, IMAGEMAGICK, LEOCAD, Manager, Need, POSTGRESQL, PYTHON, RUSTFMT, VULKAN,
    WINDOW_LIBRARIES, XDOTOOL, XVFB, has_display,
};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Prints one line for each thing; true when nothing that the two commands need is missing.
pub fn doctor() -> Result<bool> {
    let mut whole = rust_version();
    match Manager::of_this_machine() {
        Some(manager) => println!("       package manager: {manager:?}"),
        None => println!("       package manager: none of apt-get, dnf, pacman, brew, winget"),
    }
    println!("Needed by `cargo xtask run` and `cargo xtask test`:");
    for need in [&C_COMPILER, &RUSTFMT, &CLIPPY, &VULKAN, &WINDOW_LIBRARIES] {
        whole &= report(need);
    }
    println!("Used where present:");
    if has_display() {
        println!("  ok   display");
    } else {
        println!("  none display: the window cannot open; every command-line verb works without one");
    }
    for need in [&FILE_DIALOGS, &XVFB, &POSTGRESQL, &PYTHON, &XDOTOOL, &IMAGEMAGICK, &LEOCAD] {
        report(need);
    }
    ldraw_library();
    for (variable, what) in [
        ("STUDWORK_MODELS", "a folder of LDraw models: tests on real files"),
        ("STUDWORK_SHADOW", "an LDCad shadow library: tests of connectors"),
        ("STUDWORK_PARTS_TABLE", "a table of the most used parts: tests of the catalog"),
    ] {
        match std::env::var_os(variable) {
            Some(path) if Path::new(&path).exists() => println!("  ok   {variable}={}", path.display()),
            Some(path) => println!("  none {variable}={}: no such file or folder", path.display()),
            None => println!("  none {variable} is not set ({what})"),
        }
    }
    println!("{}", if whole { "Nothing that is needed is missing." } else { "Something that is needed is missing." });
    Ok(whole)
}

fn report(need: &Need) -> bool {
    let present = (need.present)();
    if present {
        println!("  ok   {}", need.name);
    } else {
        println!("  none {}: {}\n         {}", need.name, need.why, need.remedy());
    }
    present
}

/// Whether the compiler is the one that the workspace asks for, or newer.
fn rust_version() -> bool {
    const NEEDED: (u32, u32) = (1, 95);
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("--version").output();
    let text = output.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).unwrap_or_default();
    let enough = version_from_text(&text).is_some_and(|version| version >= NEEDED);
    if enough {
        println!("  ok   {text}");
    } else {
        println!("  none Rust {}.{} or newer (found: {text})\n         rustup update stable", NEEDED.0, NEEDED.1);
    }
    enough
}

/// Major and minor of `rustc 1.95.0 (…)`.
fn version_from_text(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().nth(1)?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn ldraw_library() {
    for variable in ["STUDWORK_LDRAW", "LDRAWDIR"] {
        if let Some(path) = std::env::var_os(variable) {
            if Path::new(&path).exists() {
                println!("  ok   LDraw library ({variable}={})", path.display());
                return;
            }
            println!("  none {variable}={}: no such file or folder", path.display());
        }
    }
    println!(
        "  none LDraw library: without it only the built-in parts have their true shape\n         \
         curl -LO https://library.ldraw.org/library/updates/complete.zip, then set STUDWORK_LDRAW to that file"
    );
}

#[cfg(test)]
mod tests {
    use super::version_from_text;

    #[test]
    fn versions_are_read_and_compared_by_number() {
        assert_eq!(version_from_text("rustc 1.95.0 (59807616e 2026-04-14)"), Some((1, 95)));
        assert!(version_from_text("rustc 1.100.0-nightly") > Some((1, 95)));
        assert_eq!(version_from_text(""), None);
    }
}
