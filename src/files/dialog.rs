//! The system's file dialogs; where there are none, a dialog of our own asks for the path.

use super::{Desk, Finished};
use crate::feedback::{Dialog, PathPurpose};
use std::path::Path;

impl Desk<'_> {
    /// Asks for a path.
    pub(super) fn ask(&mut self, purpose: PathPurpose) {
        if self.background.own_dialogs {
            let suggestion = match purpose {
                PathPurpose::Save => format!("{}.ron", self.document.name()),
                PathPurpose::Export => format!("{}.ldr", self.document.name()),
                PathPurpose::Picture => format!("{}.png", self.document.name()),
                PathPurpose::Package => format!("{}.studpkg", self.document.name()),
                PathPurpose::OriginalExport => self.export_name(),
                PathPurpose::Open
                | PathPurpose::Import
                | PathPurpose::Original
                | PathPurpose::Compare
                | PathPurpose::Library
                | PathPurpose::Shadow => String::new(),
            };
            self.dialog.0 = Some(Dialog::Path { purpose, text: suggestion });
            return;
        }
        let mut dialog = rfd::AsyncFileDialog::new().set_title(purpose.title());
        let file = self.document.path().or(self.document.imported_from());
        // The command line may have named it from where it was started.
        let folder = file.and_then(|file| std::path::absolute(file).ok()?.parent().map(Path::to_owned));
        if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        dialog = match purpose {
            PathPurpose::Open | PathPurpose::Import | PathPurpose::Original | PathPurpose::Compare => dialog
                .add_filter("Designs and LDraw models", &["ron", "ldr", "mpd", "dat", "studpkg"])
                .add_filter("All files", &["*"]),
            PathPurpose::Save => {
                dialog.add_filter("Studwork design", &["ron"]).set_file_name(format!("{}.ron", self.document.name()))
            }
            PathPurpose::Export => dialog
                .add_filter("LDraw", &["ldr", "mpd"])
                .add_filter("glTF", &["glb"])
                .add_filter("OBJ", &["obj"])
                .add_filter("STL", &["stl"])
                .add_filter("Parts list", &["csv", "xml"])
                .set_file_name(format!("{}.ldr", self.document.name())),
            PathPurpose::Picture => {
                dialog.add_filter("PNG picture", &["png"]).set_file_name(format!("{}.png", self.document.name()))
            }
            PathPurpose::Package => {
                dialog.add_filter("Package", &["studpkg"]).set_file_name(format!("{}.studpkg", self.document.name()))
            }
            PathPurpose::OriginalExport => dialog.set_file_name(self.export_name()),
            PathPurpose::Shadow => dialog.add_filter("Shadow library", &["zip"]),
            PathPurpose::Library => dialog.add_filter("LDraw library", &["zip"]),
        };
        // Made here, on the main thread, as macOS wants it; waited for elsewhere.
        let answer: std::pin::Pin<Box<dyn Future<Output = Option<rfd::FileHandle>> + Send>> =
            if purpose.writes() { Box::pin(dialog.save_file()) } else { Box::pin(dialog.pick_file()) };
        self.background.spawn(None, move || match pollster::block_on(answer) {
            Some(file) => Finished::Chosen(purpose, file.path().to_owned()),
            None => Finished::NotChosen,
        });
    }
}

/// Whether the system can show file dialogs: always but on Linux without a desktop portal or zenity.
pub(super) fn system_dialogs() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let zenity = || {
        std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join("zenity").is_file()))
    };
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() || zenity()
}
