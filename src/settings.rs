//! What a person has chosen once and wants to find again: the parts library, recent files, grid, mouse, theme.
//!
//! Kept as RON in the user's configuration folder. A damaged file is set aside, never a reason not to start.

use crate::picture::Backdrop;
use bevy::prelude::*;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use studwork_core::PartId;

/// Light or dark.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// Dark panels.
    #[default]
    Dark,
    /// Light panels.
    Light,
}

/// How pictures of the view are rendered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PictureSettings {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// What is behind the model; `None` is the soft light backdrop.
    pub backdrop: Option<Backdrop>,
    /// Edge lines.
    pub edges: bool,
}

impl Default for PictureSettings {
    fn default() -> Self {
        Self { width: 1920, height: 1440, backdrop: None, edges: true }
    }
}

/// The user's choices.
#[derive(Resource, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// A folder or `complete.zip`; `None` looks at `STUDWORK_LDRAW` and `LDRAWDIR`.
    pub ldraw_library: Option<PathBuf>,
    /// A zip or folder that says how LDraw parts connect; `None` looks at `STUDWORK_SHADOW`.
    pub shadow_library: Option<PathBuf>,
    /// Newest first.
    pub recent: Vec<PathBuf>,
    /// Grid step sideways in LDU.
    pub grid: f32,
    /// Grid step up and down in LDU.
    pub grid_height: f32,
    /// Snap to studs.
    pub snap: bool,
    /// Refuse to place a piece where it overlaps another.
    pub refuse_overlap: bool,
    /// Light or dark.
    pub theme: Theme,
    /// Size of text and buttons; 1 is normal.
    pub ui_scale: f32,
    /// Written into new designs.
    pub author: String,
    /// Where the panels are; `None` is the standard.
    pub layout: Option<crate::panels::Layout>,
    /// Parts that the user marked.
    pub favorite_parts: Vec<PartId>,
    /// Parts that were taken in hand, newest first.
    pub recent_parts: Vec<PartId>,
    /// The address of the portal that was used last.
    pub portal: String,
    /// How fast building steps are played.
    pub steps_per_second: f32,
    /// Size and look of rendered pictures.
    pub picture: PictureSettings,
    /// Where this was read from; nothing is written without it (tests).
    #[serde(skip)]
    path: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ldraw_library: None,
            shadow_library: None,
            recent: Vec::new(),
            grid: 20.0,
            grid_height: 8.0,
            snap: true,
            refuse_overlap: false,
            theme: Theme::Dark,
            ui_scale: 1.0,
            author: String::new(),
            layout: None,
            favorite_parts: Vec::new(),
            recent_parts: Vec::new(),
            portal: String::new(),
            steps_per_second: 2.0,
            picture: PictureSettings::default(),
            path: None,
        }
    }
}

impl Settings {
    /// Reads the user's settings. The second value says what was wrong with the file, if anything.
    pub fn load() -> (Self, Option<String>) {
        match directories::ProjectDirs::from("", "", "studwork") {
            Some(dirs) => Self::load_from(&dirs.config_dir().join("settings.ron")),
            None => (Self::default(), Some("No folder for settings was found; they will not be kept".into())),
        }
    }

    /// Reads settings from a file, which need not exist.
    pub fn load_from(path: &Path) -> (Self, Option<String>) {
        let keep_path = |settings: Self| Self { path: Some(path.to_owned()), ..settings };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (keep_path(Self::default()), None),
            Err(error) => return (Self::default(), Some(format!("Settings {}: {error}", path.display()))),
        };
        match ron::from_str::<Self>(&text) {
            Ok(settings) => (keep_path(settings), None),
            Err(error) => {
                let aside = path.with_extension("ron.damaged");
                let moved = std::fs::rename(path, &aside).is_ok();
                let kept = if moved { format!("; it was kept as {}", aside.display()) } else { String::new() };
                (keep_path(Self::default()), Some(format!("Settings {}: {error}{kept}", path.display())))
            }
        }
    }

    /// Writes the settings back to where they were read from.
    pub fn save(&self) -> std::io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let text =
            ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default()).map_err(std::io::Error::other)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Puts a file at the head of the recent ones.
    pub fn remember(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.recent.retain(|p| *p != path);
        self.recent.insert(0, path);
        self.recent.truncate(12);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.ron");
        let (mut settings, problem) = Settings::load_from(&path);
        assert_eq!(problem, None);
        settings.grid = 4.0;
        settings.remember(Path::new("/models/a.ron"));
        settings.remember(Path::new("/models/b.ron"));
        settings.remember(Path::new("/models/a.ron"));
        settings.save().unwrap();
        let (again, problem) = Settings::load_from(&path);
        assert_eq!((again.clone(), problem), (settings, None));
        assert_eq!(again.recent, [PathBuf::from("/models/a.ron"), PathBuf::from("/models/b.ron")]);
    }

    #[test]
    fn a_damaged_file_is_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.ron");
        std::fs::write(&path, "(grid: ").unwrap();
        let (settings, problem) = Settings::load_from(&path);
        assert!(problem.unwrap().contains("settings.ron"));
        assert_eq!(settings.grid, Settings::default().grid);
        assert_eq!(std::fs::read_to_string(folder.path().join("settings.ron.damaged")).unwrap(), "(grid: ");
    }
}
