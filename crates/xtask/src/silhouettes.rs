//! `cargo xtask silhouettes`: our picture and LeoCAD's of the same models from the same camera.
//!
//! Both programs leave the background transparent; the alpha channels are the silhouettes. What is measured is
//! how far they overlap: a missing, misplaced or wrongly turned part, or a wrong camera, costs overlap.

use crate::machine::{C_COMPILER, LEOCAD, XVFB, set_up};
use crate::process::{cargo, studwork, succeeds, which};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const WIDTH: usize = 800;
const HEIGHT: usize = 600;
/// A pixel of this alpha or more belongs to the silhouette: half covered.
const COVERED: u8 = 128;

/// Compares each model; true when each overlaps by at least `least` percent.
pub fn silhouettes(models: &[PathBuf], least: f64, keep: Option<&Path>, view: &str) -> Result<bool> {
    let unmet = set_up(&[&C_COMPILER, &XVFB, &LEOCAD], false)?;
    if !unmet.is_empty() {
        bail!("cannot compare without {}", unmet.iter().map(|need| need.name).collect::<Vec<_>>().join(" and "));
    }
    let library = ["STUDWORK_LDRAW", "LDRAWDIR"]
        .into_iter()
        .find_map(std::env::var_os)
        .context("set STUDWORK_LDRAW to an LDraw library (a folder or complete.zip): both programs draw its parts")?;
    let models = if models.is_empty() { models_of_environment()? } else { models.to_vec() };
    if !succeeds(cargo().args(["build", "--workspace", "--bin", "studwork"]))? {
        bail!("the build failed");
    }
    let folder = match keep {
        Some(folder) => folder.to_owned(),
        None => std::env::temp_dir().join(format!("studwork-silhouettes-{}", std::process::id())),
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;

    println!("{:<44} {:>8} {:>8} {:>9} {:>8} {:>8}", "model", "ours px", "LeoCAD", "overlap", "ours s", "LeoCAD s");
    let mut worst: f64 = 100.0;
    let mut failed = 0;
    for model in &models {
        let stem = model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match compare(model, &stem, Path::new(&library), &folder, view) {
            Ok(row) => {
                let passed = row.overlap >= least;
                worst = worst.min(row.overlap);
                failed += usize::from(!passed);
                println!(
                    "{:<44} {:>8} {:>8} {:>7.2} % {:>8.2} {:>8.2}{}",
                    stem.chars().take(44).collect::<String>(),
                    row.ours,
                    row.theirs,
                    row.overlap,
                    row.our_seconds,
                    row.their_seconds,
                    if passed { "" } else { "  below" }
                );
            }
            Err(error) => {
                failed += 1;
                println!("{stem:<44} {error:#}");
            }
        }
    }
    if keep.is_none() {
        std::fs::remove_dir_all(&folder).ok();
    }
    println!("{} models, {failed} below {least} %, the least overlap is {worst:.2} %", models.len());
    Ok(failed == 0 && !models.is_empty())
}

struct Row {
    ours: usize,
    theirs: usize,
    overlap: f64,
    our_seconds: f64,
    their_seconds: f64,
}

fn compare(model: &Path, stem: &str, library: &Path, folder: &Path, view: &str) -> Result<Row> {
    let our_file = folder.join(format!("{stem}.studwork.png"));
    let start = Instant::now();
    let output = Command::new(studwork())
        .arg("render")
        .arg(model)
        .arg("-o")
        .arg(&our_file)
        .args(["--size", &format!("{WIDTH}x{HEIGHT}"), "--background", "transparent", "--view", view, "--print-camera"])
        .arg("--ldraw")
        .arg(library)
        .output()
        .context("cannot start studwork")?;
    let our_seconds = start.elapsed().as_secs_f64();
    // Status 1 is a picture with warnings about the model.
    if !our_file.is_file() || !matches!(output.status.code(), Some(0 | 1)) {
        bail!("studwork: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let camera: serde_json::Value = serde_json::from_slice(&output.stdout).context("studwork --print-camera")?;

    let their_file = folder.join(format!("{stem}.leocad.png"));
    let start = Instant::now();
    let output = Command::new(which("xvfb-run").context("no xvfb-run")?)
        .args(["-a", "leocad", "-l"])
        .arg(library)
        .arg("-i")
        .arg(&their_file)
        .args(["-w", &WIDTH.to_string(), "-h", &HEIGHT.to_string(), "--aa-samples", "8"])
        .args(leocad_camera(&camera)?)
        .arg(model)
        .output()
        .context("cannot start leocad")?;
    let their_seconds = start.elapsed().as_secs_f64();
    if !their_file.is_file() {
        bail!("leocad: {}", String::from_utf8_lossy(&output.stderr).trim());
    }

    let (our_mask, their_mask) = (mask_from_png(&our_file)?, mask_from_png(&their_file)?);
    let count = |mask: &[bool]| mask.iter().filter(|&&covered| covered).count();
    write_difference(&folder.join(format!("{stem}.difference.png")), &our_mask, &their_mask)?;
    Ok(Row {
        ours: count(&our_mask),
        theirs: count(&their_mask),
        overlap: 100.0 * intersection_over_union(&our_mask, &their_mask),
        our_seconds,
        their_seconds,
    })
}

/// LeoCAD's options for what `studwork render --print-camera` prints.
fn leocad_camera(camera: &serde_json::Value) -> Result<Vec<String>> {
    let mut options = vec!["--camera-position-ldraw".to_owned()];
    for field in ["eye", "target", "up"] {
        let numbers = camera[field].as_array().filter(|numbers| numbers.len() == 3);
        let numbers = numbers.with_context(|| format!("the camera has no `{field}` of three numbers"))?;
        options.extend(numbers.iter().map(ToString::to_string));
    }
    options.extend(["--fov".to_owned(), camera["fov"].as_f64().context("the camera has no `fov`")?.to_string()]);
    Ok(options)
}

/// Which pixels the picture covers.
fn mask_from_png(path: &Path) -> Result<Vec<bool>> {
    let file = std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().with_context(|| format!("cannot read {}", path.display()))?;
    let mut pixels = vec![0; reader.output_buffer_size().context("the picture is too large")?];
    let info = reader.next_frame(&mut pixels)?;
    if info.color_type != png::ColorType::Rgba || (info.width as usize, info.height as usize) != (WIDTH, HEIGHT) {
        bail!("{} is not an {WIDTH} by {HEIGHT} picture with an alpha channel", path.display());
    }
    Ok(pixels.chunks_exact(4).take(WIDTH * HEIGHT).map(|pixel| pixel[3] >= COVERED).collect())
}

/// 1 where the masks are the same, 0 where they share nothing; two empty masks share nothing.
fn intersection_over_union(a: &[bool], b: &[bool]) -> f64 {
    let both = a.iter().zip(b).filter(|&(&a, &b)| a && b).count();
    let either = a.iter().zip(b).filter(|&(&a, &b)| a || b).count();
    if either == 0 { 0.0 } else { both as f64 / either as f64 }
}

/// Grey where both cover, red where only we do, blue where only LeoCAD does.
fn write_difference(path: &Path, ours: &[bool], theirs: &[bool]) -> Result<()> {
    let pixels: Vec<u8> = ours
        .iter()
        .zip(theirs)
        .flat_map(|pair| match pair {
            (true, true) => [200, 200, 200],
            (true, false) => [220, 0, 0],
            (false, true) => [0, 0, 220],
            (false, false) => [255, 255, 255],
        })
        .collect();
    let file = std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut encoder = png::Encoder::new(file, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(())
}

/// The models of the folder that `STUDWORK_MODELS` names.
pub fn models_of_environment() -> Result<Vec<PathBuf>> {
    let folder =
        std::env::var_os("STUDWORK_MODELS").context("name models, or set STUDWORK_MODELS to a folder of them")?;
    let files = Path::new(&folder).read_dir().with_context(|| format!("cannot list {}", folder.display()))?;
    let mut models: Vec<PathBuf> = files.filter_map(|file| file.ok().map(|file| file.path())).collect();
    let extension = |path: &Path| path.extension().map(|e| e.to_string_lossy().to_lowercase());
    models.retain(|path| matches!(extension(path).as_deref(), Some("mpd" | "ldr")));
    models.sort();
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_counts_only_what_either_covers() {
        let overlap = |a: &[bool], b: &[bool]| intersection_over_union(a, b);
        assert_eq!(overlap(&[true, true, false, false], &[true, false, false, false]), 0.5);
        assert_eq!(overlap(&[true, false], &[true, false]), 1.0);
        assert_eq!(overlap(&[false, false], &[false, false]), 0.0);
    }

    #[test]
    fn the_camera_becomes_options_of_leocad() {
        let camera = serde_json::json!({"eye": [1.5, -2.0, 3.0], "target": [0, 0, 0], "up": [0, -1, 0], "fov": 30.0});
        let options = leocad_camera(&camera).map(|options| options.join(" ")).unwrap_or_default();
        assert_eq!(options, "--camera-position-ldraw 1.5 -2.0 3.0 0 0 0 0 -1 0 --fov 30");
        assert!(leocad_camera(&serde_json::json!({"eye": [1, 2]})).is_err());
    }
}
