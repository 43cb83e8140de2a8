//! The slow work: reading, downloading, opening a parts library, exporting, rendering.

use super::{Desk, Finished, file_name};
use crate::checks::share_done;
use crate::document::action::{EditorAction, Panel};
use crate::feedback::{Dialog, Progress};
use crate::library::now;
use crate::panels::widgets::count;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use studwork_core::connect::{CheckOptions, ShadowLibrary, check_with};
use studwork_core::{Catalog, Design, Palette, PartId};
use studwork_ldraw::Library;
use studwork_library::{NewOriginal, Originals};

/// Downloads larger than this are refused, bytes.
const MAX_DOWNLOAD: u64 = 256 << 20;

impl Desk<'_> {
    pub(super) fn start_open(&mut self, path: PathBuf) {
        if is_design_file(&path) && !path.exists() {
            // As editors do: a name that is not there yet is where the new design will be saved.
            self.notices.info(format!("{} is new; it is written when you save", file_name(&path)));
            self.replace(Design::new(), Some(path), None);
            return;
        }
        let progress = self.job(format!("Opening {}", file_name(&path)));
        let catalog = self.parts.0.clone();
        let shared = progress.clone();
        self.background.spawn(Some(progress), move || {
            let read = read(&path, &catalog, &shared);
            finished(read, |loaded| Finished::Opened {
                path,
                design: Box::new(loaded.design),
                warnings: loaded.warnings,
                ours: loaded.ours,
            })
        });
    }

    /// Shows what was loaded; where the design was changed since the person agreed to leave it, asks once more.
    pub(super) fn show_loaded(&mut self, show: impl FnOnce(&mut Desk<'_>) + Send + 'static) {
        if self.document.is_dirty() && self.background.left_at != Some(self.document.generation()) {
            *self.background.loaded.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Box::new(show));
            self.dialog.0 = Some(Dialog::UnsavedChanges { then: EditorAction::ShowLoaded });
        } else {
            show(self);
        }
    }

    /// Shows a design that was read from a file.
    pub(super) fn opened(&mut self, path: PathBuf, design: Design, warnings: Vec<String>, ours: bool) {
        let name = file_name(&path);
        let pieces = count(design.part_count(), "piece");
        let (own, imported) = if ours { (Some(path.clone()), None) } else { (None, Some(path.clone())) };
        self.replace(design, own, imported);
        self.remember(&path);
        if warnings.is_empty() {
            self.notices.info(format!("Opened {name}: {pieces}"));
        } else {
            let notes = count(warnings.len(), "note");
            self.notices.warning(format!("Opened {name}: {pieces}, with {notes}"), warnings);
        }
    }

    pub(super) fn start_import(&mut self, path: PathBuf) {
        let progress = self.job(format!("Importing {}", file_name(&path)));
        let catalog = self.parts.0.clone();
        let shared = progress.clone();
        self.background.spawn(Some(progress), move || {
            let read = read(&path, &catalog, &shared);
            finished(read, |loaded| Finished::Imported {
                path,
                design: Box::new(loaded.design),
                warnings: loaded.warnings,
            })
        });
    }

    pub(super) fn start_download(&mut self, address: String) {
        let progress = self.job(format!("Downloading {address}"));
        let catalog = self.parts.0.clone();
        let shared = progress.clone();
        let (originals, palette) = (self.keep.originals().cloned(), self.colors.0.clone());
        self.background.spawn(Some(progress), move || {
            let downloaded = download(&address, &shared);
            if let (Some(originals), Ok((_, path))) = (&originals, &downloaded) {
                return keep_download(originals, path, address, &catalog, &palette, &shared);
            }
            let loaded = downloaded.and_then(|(folder, path)| {
                let loaded = read(&path, &catalog, &shared);
                drop(folder);
                loaded.map(|loaded| (path, loaded))
            });
            match loaded {
                Ok((path, loaded)) => Finished::Opened {
                    path: PathBuf::from(file_name(&path)),
                    design: Box::new(loaded.design),
                    warnings: loaded.warnings,
                    ours: false,
                },
                Err(error) => Finished::Failed(format!("{address} was not opened: {error:#}")),
            }
        });
    }

    /// Opens a parts library; `None` goes back to the built-in parts.
    pub(super) fn start_library(&mut self, path: Option<PathBuf>, asked: bool) {
        self.background.library_pending = true;
        let progress = self.job("Opening the parts library".into());
        let shadow = self.background.shadow.clone();
        self.background.spawn(Some(progress), move || open_library(path, shadow.as_deref(), asked));
    }

    /// Uses a shadow library, or none, with the parts library that is open.
    pub(super) fn start_shadow(&mut self, path: Option<PathBuf>) {
        self.settings.shadow_library.clone_from(&path);
        self.keep_settings();
        self.background.shadow = path;
        match self.parts.0.library().map(|library| library.path().to_owned()) {
            Some(library) => self.start_library(Some(library), false),
            None => self.notices.info("The shadow library is used as soon as there is an LDraw library"),
        }
    }

    /// Checks the design as it is now.
    pub(super) fn start_check(&mut self) {
        self.panels.0.push(EditorAction::ShowPanel(Panel::Checks));
        if std::mem::replace(&mut self.checks.running, true) {
            return;
        }
        let progress = self.job("Checking the model".into());
        let (design, catalog, palette) = (self.document.design().clone(), self.parts.0.clone(), self.colors.0.clone());
        let generation = self.document.generation();
        let shared = progress.clone();
        self.background.spawn(Some(progress), move || {
            let options = CheckOptions { colors: Some(&palette), ..CheckOptions::default() };
            let report = check_with(&design, &catalog, &options, &|at| {
                let (done, total) = share_done(at);
                shared.set(done, total);
                !shared.is_canceled()
            });
            Finished::Checked(generation, report.map(Box::new))
        });
    }

    pub(super) fn start_export(&mut self, path: PathBuf) {
        let progress = self.job(format!("Exporting {}", file_name(&path)));
        let (design, catalog, palette) = (self.document.design().clone(), self.parts.0.clone(), self.colors.0.clone());
        self.background.spawn(Some(progress), move || {
            match crate::cli::convert::write_design(&design, &path, &catalog, &palette) {
                Ok(warnings) => Finished::Written { path, warnings },
                Err(error) => Finished::Failed(format!("{} was not written: {error:#}", path.display())),
            }
        });
    }

    pub(super) fn start_picture(&mut self, path: PathBuf, width: u32, height: u32) {
        let progress = self.job(format!("Rendering {}", file_name(&path)));
        let (design, catalog, palette) = (self.document.design().clone(), self.parts.0.clone(), self.colors.0.clone());
        let (submodel, camera) = (self.document.active(), self.viewport.camera);
        let look = crate::picture::look(self.settings.picture.backdrop, self.settings.picture.edges);
        self.background.spawn(Some(progress), move || {
            match crate::picture::to_file(&path, &design, submodel, &catalog, &palette, camera, look, (width, height)) {
                Ok(()) => Finished::Written { path, warnings: Vec::new() },
                Err(error) => Finished::Failed(format!("{} was not rendered: {error:#}", path.display())),
            }
        });
    }
}

/// Opens a parts library on this thread.
pub(super) fn open_library(path: Option<PathBuf>, shadow: Option<&Path>, asked: bool) -> Finished {
    let Some(path) = path else {
        let (catalog, palette) = (Arc::new(Catalog::built_in()), Arc::new(Palette::built_in()));
        return Finished::Library { path: None, catalog, palette, asked };
    };
    match Library::open(&path) {
        Ok(library) => {
            let palette = Arc::new(Palette::with_library(library.colors()));
            let mut catalog = Catalog::with_library(Arc::new(library));
            if let Some(shadow) = shadow {
                match ShadowLibrary::open(shadow) {
                    Ok(shadow) => catalog = catalog.with_shadow(Arc::new(shadow)),
                    Err(error) => return Finished::Failed(format!("The shadow library could not be opened: {error}")),
                }
            }
            let catalog = Arc::new(catalog);
            Finished::Library { path: Some(path), catalog, palette, asked }
        }
        Err(error) => Finished::Failed(format!("The parts library could not be opened: {error}")),
    }
}

struct Loaded {
    design: Design,
    warnings: Vec<String>,
    ours: bool,
}

fn finished(read: anyhow::Result<Loaded>, then: impl FnOnce(Loaded) -> Finished) -> Finished {
    match read {
        Ok(loaded) => then(loaded),
        Err(error) => Finished::Failed(format!("{error:#}")),
    }
}

/// Reads a design and gets its parts ready, so that showing it takes no time.
fn read(path: &Path, catalog: &Arc<Catalog>, progress: &Progress) -> anyhow::Result<Loaded> {
    let loaded = crate::cli::load::load_design(path, catalog)?;
    load_parts(&loaded.design, catalog, progress);
    let warnings = loaded.warnings.iter().map(ToString::to_string).collect();
    Ok(Loaded { design: loaded.design, warnings, ours: is_design_file(path) })
}

/// Gets the parts of a design ready.
pub(super) fn load_parts(design: &Design, catalog: &Catalog, progress: &Progress) {
    let mut parts: Vec<PartId> = design.pieces().filter_map(|piece| piece.part().cloned()).collect();
    parts.sort_unstable();
    parts.dedup();
    let total = parts.len() as u64;
    for (index, chunk) in parts.chunks(64).enumerate() {
        if progress.is_canceled() {
            break;
        }
        progress.set(index as u64 * 64, total);
        catalog.meshes(chunk);
    }
}

/// Whether a path names a design file of ours, which Save may write to.
pub(super) fn is_design_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ron"))
}

/// Fetches a file from the web into a folder that is deleted when the first value is dropped.
fn download(address: &str, progress: &Progress) -> anyhow::Result<(tempfile::TempDir, PathBuf)> {
    let url = reqwest::Url::parse(address)?;
    anyhow::ensure!(matches!(url.scheme(), "http" | "https"), "only http and https addresses can be opened");
    let name =
        url.path_segments().and_then(|mut s| s.next_back()).filter(|name| !name.is_empty()).unwrap_or("model.ldr");
    let name: String =
        name.replace("%20", " ").chars().filter(|c| c.is_alphanumeric() || " -_.()".contains(*c)).collect();
    let client = reqwest::blocking::Client::builder().timeout(std::time::Duration::from_secs(120)).build()?;
    let mut response = client.get(url).send()?.error_for_status()?;
    let total = response.content_length().unwrap_or(0);
    anyhow::ensure!(total <= MAX_DOWNLOAD, "the file has {total} bytes; {MAX_DOWNLOAD} is the limit");
    let mut bytes = Vec::new();
    let mut chunk = [0; 1 << 16];
    loop {
        let count = response.read(&mut chunk)?;
        if count == 0 || progress.is_canceled() {
            break;
        }
        bytes.extend_from_slice(&chunk[..count]);
        anyhow::ensure!(bytes.len() as u64 <= MAX_DOWNLOAD, "the file is larger than {MAX_DOWNLOAD} bytes");
        progress.set(bytes.len() as u64, total);
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(name.trim_start_matches('.'));
    std::fs::write(&path, bytes)?;
    Ok((folder, path))
}

/// Puts a downloaded file into the library and opens a copy of it.
fn keep_download(
    originals: &Originals,
    path: &Path,
    address: String,
    catalog: &Catalog,
    palette: &Palette,
    progress: &Progress,
) -> Finished {
    let about = NewOriginal { source: address.clone(), name: file_name(path), added: now(), ..Default::default() };
    let known = |part: &str| catalog.info(&PartId::new(part)).is_some();
    let opened = originals.add_file(path, about).and_then(|added| {
        super::keep::add_picture(originals, &added.entry.sha256, catalog, palette);
        originals.open_copy(&added.entry.sha256, &known)
    });
    match opened {
        Ok(copy) => {
            load_parts(&copy.design, catalog, progress);
            Finished::then(move |desk| {
                desk.show_loaded(move |desk| desk.opened_copy(copy));
                desk.list_library();
            })
        }
        Err(error) => Finished::Failed(format!("{address} was not opened: {error}")),
    }
}

/// A small picture of a design as PNG, from the usual side; `None` where there is nothing to see.
pub(super) fn render_small(
    design: &Design,
    catalog: &Catalog,
    palette: &Palette,
    (width, height): (u32, u32),
) -> Option<Vec<u8>> {
    if design.is_empty() {
        return None;
    }
    let request = crate::picture::PictureRequest { width, height, ..Default::default() };
    let picture = crate::picture::picture_of(design, &catalog.design_view(design), palette, &request).ok()?;
    crate::picture::png(&picture).ok()
}
