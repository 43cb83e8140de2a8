//! Where the library is: one folder of the user with the originals, the journals and the kept versions in it.
//!
//! Whether a path lies in it is decided on real paths, so that no link leads around the answer.

use crate::disk::{Disk, RealDisk, folder_of};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The variable that names another folder for the library.
const VARIABLE: &str = "STUDWORK_LIBRARY";

/// There is no folder for the library.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// The system names no folder for data of the user.
    #[error("the system names no folder for your data: say where the library shall be with {VARIABLE}")]
    NoFolder,
    /// It could not be made.
    #[error("the library's folder {path} cannot be used: {source}; choose another with {VARIABLE}")]
    Unusable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The library's folder, on a disk.
#[derive(Clone, Debug)]
pub struct Home {
    root: PathBuf,
    disk: Arc<dyn Disk>,
}

impl Home {
    /// The library in the folder asked for, else in that of `STUDWORK_LIBRARY`, else in the user's data folder. It is
    /// made if it is not there.
    ///
    /// # Errors
    /// There is no such folder, and none can be made.
    pub fn open(asked: Option<&Path>) -> Result<Self, HomeError> {
        let named = || std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        let standard = || Some(directories::ProjectDirs::from("", "", "studwork")?.data_local_dir().join("library"));
        let root = asked.map(Path::to_owned).or_else(named).or_else(standard).ok_or(HomeError::NoFolder)?;
        Self::on(Arc::new(RealDisk), &root)
    }

    /// A library on another disk.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn on(disk: Arc<dyn Disk>, root: &Path) -> Result<Self, HomeError> {
        let unusable = |source| HomeError::Unusable { path: root.to_owned(), source };
        disk.make_folder(root).map_err(unusable)?;
        let root = disk.real_path(root).map_err(unusable)?;
        Ok(Self { root, disk })
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The disk it is on.
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Whether a path lies in the library, or would if it were written: links and `..` are followed first, on a path
    /// that is not there yet as far as it is there.
    pub fn is_inside(&self, path: &Path) -> bool {
        self.real(path).starts_with(&self.root)
    }

    /// The path without links as far as it exists.
    fn real(&self, path: &Path) -> PathBuf {
        if let Ok(real) = self.disk.real_path(path) {
            return real;
        }
        let name = path.file_name();
        let folder = folder_of(path);
        match name {
            // `x/..` has no name: without the folder there is nothing to be inside of.
            None => path.to_owned(),
            Some(_) if folder == path => path.to_owned(),
            Some(name) => self.real(folder).join(name),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn what_leads_into_the_library_is_inside() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(Some(&folder.path().join("library"))).unwrap();
        let outside = folder.path().join("designs");
        std::fs::create_dir(&outside).unwrap();
        std::fs::create_dir(home.root().join("originals")).unwrap();
        for inside in ["", "new.ron", "originals/a.mpd", "not/there/yet.ron", "../designs/../library/b.ron"] {
            assert!(home.is_inside(&home.root().join(inside)), "{inside}");
        }
        assert!(!home.is_inside(&outside.join("mine.ron")));
        assert!(!home.is_inside(&folder.path().join("library2.ron")));
        assert!(!home.is_inside(Path::new("mine.ron")));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(home.root(), outside.join("link")).unwrap();
            assert!(home.is_inside(&outside.join("link/originals/a.mpd")));
            std::fs::write(home.root().join("a.mpd"), "0").unwrap();
            std::os::unix::fs::symlink(home.root().join("a.mpd"), outside.join("file.ron")).unwrap();
            assert!(home.is_inside(&outside.join("file.ron")));
        }
    }
}
