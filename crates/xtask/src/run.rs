//! `cargo xtask run`: the designer on a starter scene, or a picture of it where there is no display.

use crate::machine::{C_COMPILER, VULKAN, WINDOW_LIBRARIES, has_display, set_up};
use crate::process::{cargo, root, studwork, succeeds, target_dir};
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// Set-up, build, start. `args` replace the starter scene. True when the program ended well.
pub fn run(yes: bool, args: &[String]) -> Result<bool> {
    let display = has_display();
    // A picture needs no driver: the processor draws it.
    let needs: &[_] = if display { &[&C_COMPILER, &VULKAN, &WINDOW_LIBRARIES] } else { &[&C_COMPILER] };
    set_up(needs, yes)?;
    println!("building studwork (the first build takes some minutes) …");
    if !succeeds(cargo().args(["build", "--workspace", "--bin", "studwork"]))? {
        bail!("the build failed; the messages above say why");
    }
    let mut program = Command::new(studwork());
    if !args.is_empty() {
        return succeeds(program.args(args));
    }
    let scene = starter_scene()?;
    if display {
        // A copy: saving must not write over the scene of the checkout.
        let name = scene.file_stem().unwrap_or_default();
        println!("studwork --starter {}", name.display());
        return succeeds(program.arg("--starter").arg(name));
    }
    let picture = target_dir().join("starter.png");
    println!(
        "No display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window: rendering a picture instead."
    );
    let done = succeeds(program.arg("render").arg(&scene).arg("-o").arg(&picture).args(["--size", "1280x960"]))?;
    if done {
        println!("{} shows the scene {}", picture.display(), scene.display());
    }
    Ok(done)
}

/// The scene a newcomer sees first: `welcome.ron`, or else the first by name.
fn starter_scene() -> Result<PathBuf> {
    let folder = root().join("scenes");
    let files = folder.read_dir().with_context(|| format!("no starter scenes in {}", folder.display()))?;
    let mut scenes: Vec<PathBuf> = files.filter_map(|file| file.ok().map(|file| file.path())).collect();
    scenes.retain(|path| path.extension().is_some_and(|extension| extension == "ron"));
    scenes.sort();
    let first_sight = scenes.iter().find(|path| path.file_stem().is_some_and(|stem| stem == "welcome"));
    first_sight.or(scenes.first()).cloned().with_context(|| format!("no .ron file in {}", folder.display()))
}
