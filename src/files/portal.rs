//! What the portal needs of files: packages that are made of the open design, and models that are downloaded.

use super::{Desk, Finished, file_name};
use crate::feedback::Dialog;
use crate::library::now;
use crate::picture::{From, PictureRequest};
use crate::portal_client::{PREPARING, PortalAction, PreparedPackage, Shot, SubmitForm};
use crate::submission::{self, Shots};
use anyhow::Context as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use studwork_core::PartId;
use studwork_core::package::{self, MODEL, Policy, read_package, source_of_project};
use studwork_library::NewOriginal;

impl Desk<'_> {
    /// Takes a portal action: what is about files is done here, the rest is asked of the portal.
    pub(super) fn portal_action(&mut self, action: PortalAction) {
        match action {
            PortalAction::Submit => self.dialog.0 = Some(Dialog::Submit),
            PortalAction::Prepare(form) => self.prepare(*form),
            other => self.portal_requests.0.push(other),
        }
    }

    /// Draws the pictures, packs, and looks what the portal's rules find.
    fn prepare(&mut self, form: SubmitForm) {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        if std::mem::replace(&mut self.portal.preparing, true) {
            return;
        }
        let policy = self.portal.policy.as_ref().map(|policy| policy.package.clone()).unwrap_or_default();
        let (design, catalog, palette) = (self.document.design().clone(), self.parts.0.clone(), self.colors.0.clone());
        let generation = self.document.generation();
        // Pictures show the design; what is said about it does not change them.
        let known = self.portal.prepared.as_ref();
        let known = known.filter(|known| {
            (known.generation, &known.policy, &known.form.pictures) == (generation, &policy, &form.pictures)
        });
        let known = known.map(|known| Arc::clone(&known.pictures));
        let progress = self.job(PREPARING.into());
        let (shared, progress_there) = (progress.clone(), progress.clone());
        self.background.spawn(Some(progress), move || {
            let made = (|| -> anyhow::Result<PreparedPackage> {
                let shots = shots(&form, &policy);
                let all = shots.count() as u64;
                let mut told = |done: usize| {
                    shared.set(done as u64, all + 1);
                    anyhow::ensure!(!shared.is_canceled(), "canceled");
                    Ok(())
                };
                let pictures = match known {
                    Some(known) => known,
                    None => Arc::new(submission::pictures_of(&design, &catalog, &palette, &shots, &policy, &mut told)?),
                };
                let packed = package::pack(&design, &form.manifest(), &pictures, &catalog, &palette)?;
                let context = package::Context { catalog: &catalog, palette: &palette, parent: None };
                let report = package::verify(&packed.bytes, &policy, &context).report;
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                Ok(PreparedPackage {
                    form,
                    generation,
                    policy,
                    bytes: Arc::new(packed.bytes),
                    pictures,
                    report,
                    number,
                })
            })();
            Finished::then(move |desk| {
                desk.portal.preparing = false;
                match made {
                    Ok(prepared) => desk.portal.prepared = Some(prepared),
                    Err(_) if progress_there.is_canceled() => {}
                    Err(error) => desk.notices.error(format!("The package was not made: {error:#}")),
                }
            })
        });
    }

    /// Writes the package that was made to a file.
    pub(super) fn save_package(&mut self, path: PathBuf) {
        let Some(prepared) = &self.portal.prepared else { return };
        match crate::disk::write_atomically(&path, &prepared.bytes) {
            Ok(()) => self.notices.info(format!("Wrote {}", file_name(&path))),
            Err(error) => self.notices.error(error.to_string()),
        }
    }

    /// Keeps the model of a downloaded package in the library, and opens a copy.
    pub(super) fn keep_package(&mut self, bytes: Vec<u8>, portal: String, project: String, version: u32) {
        let Some(originals) = self.keep.originals().cloned() else {
            self.notices.error("There is no library that could hold the download");
            return;
        };
        let (catalog, palette) = (self.parts.0.clone(), self.colors.0.clone());
        let progress = self.job("Keeping the download".into());
        let shared = progress.clone();
        self.background.spawn(Some(progress), move || {
            let opened = (|| -> anyhow::Result<_> {
                let package = read_package(&bytes, &Policy::default()).map_err(|report| {
                    anyhow::anyhow!("{}", report.findings.first().map_or_else(String::new, |f| f.message.clone()))
                })?;
                let manifest = package.manifest();
                let model = package.file(MODEL).context("the package holds no model")?;
                let names: Vec<&str> = manifest.creators.iter().map(|creator| creator.name.as_str()).collect();
                let about = NewOriginal {
                    name: "model.ron".into(),
                    title: manifest.title.clone(),
                    source: source_of_project(&portal, &project, version),
                    author: names.join(", "),
                    license: manifest.license.clone(),
                    tags: manifest.tags.clone(),
                    added: now(),
                };
                let added = originals.add(model, about)?;
                super::keep::add_picture(&originals, &added.entry.sha256, &catalog, &palette);
                let known = |part: &str| catalog.info(&PartId::new(part)).is_some();
                let copy = originals.open_copy(&added.entry.sha256, &known)?;
                super::jobs::load_parts(&copy.design, &catalog, &shared);
                Ok(copy)
            })();
            Finished::then(move |desk| match opened {
                Ok(copy) => {
                    desk.open_or_ask(copy);
                    desk.list_library();
                }
                Err(error) => desk.notices.error(format!("The download was not kept: {error:#}")),
            })
        });
    }
}

/// From where the pictures of a submission are taken, as far as the policy takes so many.
fn shots(form: &SubmitForm, policy: &Policy) -> Shots {
    let usual = Shots::default();
    let view = usual.views.first().copied().unwrap_or_default();
    let request = |shot: &Shot, base: PictureRequest| match shot {
        Shot::Usual(0) => Some(PictureRequest { from: usual.cover.from, ..base }),
        Shot::Usual(number) => usual.views.get(number - 1).map(|view| PictureRequest { from: view.from, ..base }),
        Shot::Framed(view) => {
            let from = From::Camera { eye: view.eye, target: view.target, up: view.up };
            Some(PictureRequest { from, fov_degrees: view.fov_degrees, ..base })
        }
    };
    let mut shots = Shots::for_policy(policy);
    let most = usize::try_from(policy.images.count.most).unwrap_or(usize::MAX).max(1);
    let mut pictures = form.pictures.iter().take(most);
    if let Some(cover) = pictures.next().and_then(|shot| request(shot, usual.cover)) {
        shots.cover = cover;
    }
    shots.views = pictures.filter_map(|shot| request(shot, view)).collect();
    shots
}
