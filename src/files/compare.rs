//! Comparing the open design with its original or another file, on a thread.

use super::{Desk, Finished, file_name};
use crate::compare::Compared;
use crate::document::Act;
use crate::document::action::{EditorAction as A, Panel};
use std::path::PathBuf;
use std::sync::Arc;
use studwork_core::Design;
use studwork_core::compare::{Matching, compare};

impl Desk<'_> {
    /// Compares with the original that the design is a copy of.
    pub(super) fn compare_with_original(&mut self) {
        let Some(lineage) = self.document.design().lineage().cloned() else {
            self.notices.info("This design is no copy of an original; compare it with a file instead");
            return;
        };
        let Some(originals) = self.keep.originals().cloned() else {
            self.notices.error("There is no library that could hold the original");
            return;
        };
        let title = lineage.title.clone();
        self.start_compare(title, Matching::ByNumber, move || {
            originals.design(&lineage.sha256).map_err(|error| error.to_string())
        });
    }

    /// Compares with the design in a file.
    pub(super) fn compare_with_file(&mut self, path: PathBuf) {
        let catalog = self.parts.0.clone();
        self.start_compare(file_name(&path), Matching::Auto, move || {
            let loaded = crate::cli::load::load_design(&path, &catalog);
            loaded.map(|loaded| loaded.design).map_err(|error| format!("{error:#}"))
        });
    }

    /// Compares again what is compared already, after a change.
    pub(super) fn compare_again(&mut self) {
        let Some(shown) = &self.compare.shown else { return };
        let (original, title, matching) = (shown.original.clone(), shown.title.clone(), shown.comparison.matching);
        self.run_compare(title, matching, move || Ok(original));
    }

    fn start_compare(
        &mut self,
        title: String,
        matching: Matching,
        original: impl FnOnce() -> Result<Design, String> + Send + 'static,
    ) {
        self.panels.0.push(A::ShowPanel(Panel::Compare));
        self.run_compare(title, matching, move || original().map(Arc::new));
    }

    fn run_compare(
        &mut self,
        title: String,
        matching: Matching,
        original: impl FnOnce() -> Result<Arc<Design>, String> + Send + 'static,
    ) {
        if std::mem::replace(&mut self.compare.comparing, true) {
            return;
        }
        if self.mode.active {
            self.acts.write(Act(A::LeaveTakeApart));
        }
        let copy = self.document.design().clone();
        let generation = self.document.generation();
        let progress = self.job("Comparing".into());
        self.background.spawn(Some(progress), move || {
            let compared = original().map(|original| {
                let comparison = compare(&original, &copy, matching);
                Compared { original, title, comparison, generation }
            });
            Finished::then(move |desk| {
                desk.compare.comparing = false;
                match compared {
                    Ok(compared) => desk.compare.shown = Some(compared),
                    Err(error) => desk.notices.error(error),
                }
            })
        });
    }
}
