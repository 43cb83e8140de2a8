//! Earlier versions of saved designs: the last twenty of each file, the older the farther apart.
//!
//! They are kept in the library's folder, in the order in which they were saved: a clock that goes backwards does not
//! mix them up.

use crate::disk::{self, Disk};
use crate::read::MAX_BYTES;
use crate::save::{SaveError, SaveOptions, SaveWarning, Saved, save};
use crate::{Home, Originals, sha256_hex};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use studwork_core::Design;

/// How many versions of a file are kept.
pub const MOST_VERSIONS: usize = 20;
/// The last ones, of which none is thinned out.
const KEPT_WHOLE: usize = 5;

/// One kept version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// Counted from 1 for each file.
    pub number: u64,
    /// When it was saved, seconds since 1970, as the clock said then.
    pub saved: i64,
    /// Its bytes.
    pub bytes: u64,
    /// Where it is kept; only to be read.
    path: PathBuf,
}

/// Saves a design to a file of its own (`.ron`): the file whole or as it was, a version of it kept, and, if it is a copy of
/// an original, noted there. All that Save and Save as do.
///
/// # Errors
/// As [`save`].
pub fn save_design(
    home: Option<&Home>,
    path: &Path,
    design: &mut Design,
    options: &SaveOptions,
) -> Result<Saved, SaveError> {
    design.keep_ids();
    let text = studwork_core::to_ron(design);
    let mut saved = save(home, path, text.as_bytes(), options)?;
    if let Some(home) = home {
        // The design is safe by now; what else goes wrong is told, not refused.
        let kept = keep_version(home, path, text.as_bytes(), options.now).map_err(|error| error.to_string());
        let noted = || {
            let originals = Originals::open(home.clone())?;
            originals.note_copy(design, path, options.now)
        };
        let noted = if design.lineage().is_some() { noted().map_err(|error| error.to_string()) } else { Ok(()) };
        if let Err(reason) = kept.and(noted) {
            saved.warnings.push(SaveWarning::NoVersionKept { path: path.to_owned(), reason });
        }
    }
    Ok(saved)
}

/// The folder with the versions of a file.
fn folder_of_versions(home: &Home, path: &Path) -> PathBuf {
    let real = home.disk().real_path(path).unwrap_or_else(|_| path.to_owned());
    let key = sha256_hex(real.as_os_str().as_encoded_bytes());
    home.root().join("versions").join(&key[..24])
}

/// Keeps what was just saved to a file. The same bytes twice in a row are one version.
///
/// # Errors
/// The library's folder cannot be written.
pub fn keep_version(home: &Home, path: &Path, bytes: &[u8], now: i64) -> io::Result<()> {
    let disk: &dyn Disk = &**home.disk();
    let folder = folder_of_versions(home, path);
    disk.make_folder(&folder)?;
    let before = list(disk, &folder)?;
    if let Some(last) = before.last()
        && last.bytes == bytes.len() as u64
        && disk.read(&last.path, MAX_BYTES).is_ok_and(|kept| kept == bytes)
    {
        return Ok(());
    }
    // For people who look into the folder.
    let about = folder.join("file.txt");
    if disk.about(&about).is_err() {
        disk::replace(disk, &about, path.display().to_string().as_bytes())?;
    }
    let number = before.last().map_or(1, |last| last.number + 1);
    disk::replace(disk, &folder.join(format!("{number:06}_{now}.ron")), bytes)?;
    for old in thinned(&list(disk, &folder)?) {
        disk.remove(&old.path)?;
    }
    Ok(())
}

/// The kept versions of a file, the last first.
///
/// # Errors
/// The library's folder cannot be read.
pub fn versions(home: &Home, path: &Path) -> io::Result<Vec<Version>> {
    let mut found = list(&**home.disk(), &folder_of_versions(home, path))?;
    found.reverse();
    Ok(found)
}

/// The bytes of a kept version, to be opened as the design of its file, unsaved.
///
/// # Errors
/// It cannot be read (any more).
pub fn read_version(home: &Home, version: &Version) -> io::Result<Vec<u8>> {
    home.disk().read(&version.path, MAX_BYTES)
}

/// Puts a kept version in the place of its file. What the file is now is kept as a version first.
///
/// # Errors
/// The version cannot be read, or as [`save`].
pub fn restore_version(home: &Home, path: &Path, version: &Version, options: &SaveOptions) -> Result<Saved, SaveError> {
    let other = |source| SaveError::Other { path: version.path.clone(), source };
    let bytes = read_version(home, version).map_err(other)?;
    match home.disk().read(path, MAX_BYTES) {
        Ok(now) => keep_version(home, path, &now, options.now).map_err(other)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(source) => return Err(SaveError::Other { path: path.to_owned(), source }),
    }
    let mut saved = save(Some(home), path, &bytes, options)?;
    if let Err(error) = keep_version(home, path, &bytes, options.now) {
        saved.warnings.push(SaveWarning::NoVersionKept { path: path.to_owned(), reason: error.to_string() });
    }
    Ok(saved)
}

/// The versions in a folder by number.
fn list(disk: &dyn Disk, folder: &Path) -> io::Result<Vec<Version>> {
    let mut found = Vec::new();
    for path in disk.list(folder)? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".ron")) else { continue };
        let Some((number, saved)) = name.split_once('_') else { continue };
        if let (Ok(number), Ok(saved), Ok(about)) = (number.parse(), saved.parse(), disk.about(&path)) {
            found.push(Version { number, saved, bytes: about.length, path });
        }
    }
    found.sort_by_key(|version| version.number);
    Ok(found)
}

/// Which versions make room. The first and the last few stay; of the others that one goes whose going leaves the least
/// gap for its age, until there are no more than [`MOST_VERSIONS`].
fn thinned(versions: &[Version]) -> Vec<Version> {
    let mut kept: Vec<Version> = versions.to_vec();
    let mut gone = Vec::new();
    while kept.len() > MOST_VERSIONS {
        let newest = kept.last().map_or(0, |version| version.saved);
        let gap = |index: usize| {
            let between = (kept[index + 1].saved - kept[index - 1].saved).max(0) as f64;
            let age = (newest - kept[index].saved).max(0) as f64;
            // Where the clock says nothing, the number does: older ones first.
            (between + 1.0) / (age + 1.0) + index as f64 * 1e-9
        };
        let candidates = 1..kept.len() - KEPT_WHOLE;
        let Some(least) = candidates.min_by(|a, b| gap(*a).total_cmp(&gap(*b))) else { break };
        gone.push(kept.remove(least));
    }
    gone
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::testing::TestDisk;
    use std::sync::Arc;
    use studwork_core::{Edit, InfoField};

    fn place() -> (TestDisk, Home, PathBuf) {
        let disk = TestDisk::new();
        let home = Home::on(Arc::new(disk.clone()), Path::new("/library")).unwrap();
        disk.make_folder(Path::new("/designs")).unwrap();
        (disk, home, PathBuf::from("/designs/gate.ron"))
    }

    fn titled(title: &str) -> Design {
        let mut design = Design::new();
        design.apply(Edit::SetInfo(InfoField::Title(title.to_owned()))).unwrap();
        design
    }

    #[test]
    fn each_save_is_a_version_that_can_be_restored() {
        let (disk, home, path) = place();
        let mut options = SaveOptions { now: 1_000_000_010, ..SaveOptions::default() };
        for title in ["one", "two", "two", "three"] {
            let saved = save_design(Some(&home), &path, &mut titled(title), &options).unwrap();
            assert_eq!(saved.warnings, []);
            options = SaveOptions { since: Some(saved.stamp), now: options.now, ..options };
        }
        let found = versions(&home, &path).unwrap();
        assert_eq!(found.iter().map(|version| version.number).collect::<Vec<_>>(), [3, 2, 1]);
        // Written by hand since: that is kept as well.
        disk.put(&path, b"by hand");
        let over = SaveOptions { overwrite_changed: true, ..options };
        restore_version(&home, &path, &found[2], &over).unwrap();
        assert_eq!(disk.get(&path).unwrap(), studwork_core::to_ron(&titled("one")).into_bytes());
        let now = versions(&home, &path).unwrap();
        assert_eq!(read_version(&home, &now[1]).unwrap(), b"by hand");
        assert_eq!(now.len(), 5);
    }

    #[test]
    fn twenty_are_kept_and_the_older_lie_farther_apart() {
        let (_, home, path) = place();
        for hour in 0..500_i64 {
            let text = format!("version {hour}");
            keep_version(&home, &path, text.as_bytes(), 3600 * hour).unwrap();
        }
        let hours: Vec<i64> = versions(&home, &path).unwrap().iter().map(|version| version.saved / 3600).collect();
        assert_eq!(hours.len(), MOST_VERSIONS);
        assert_eq!(hours[..5], [499, 498, 497, 496, 495]);
        assert_eq!(hours.last(), Some(&0), "the first stays");
        let gaps: Vec<i64> = hours.windows(2).map(|pair| pair[0] - pair[1]).collect();
        assert!(gaps[15..].iter().sum::<i64>() > 4 * gaps[5..10].iter().sum::<i64>(), "{hours:?}");
        assert!(gaps.iter().all(|gap| *gap <= 250), "{hours:?}");
    }

    #[test]
    fn a_clock_that_goes_back_does_not_mix_them_up() {
        let (_, home, path) = place();
        for number in 0..60_i64 {
            keep_version(&home, &path, format!("{number}").as_bytes(), 1_000_000 - 5000 * number).unwrap();
        }
        let found = versions(&home, &path).unwrap();
        assert_eq!(found.len(), MOST_VERSIONS);
        assert_eq!(read_version(&home, &found[0]).unwrap(), b"59");
        assert!(found.is_sorted_by(|a, b| a.number > b.number));
    }

    #[test]
    fn a_design_is_saved_even_if_no_version_can_be_kept() {
        let (disk, home, path) = place();
        disk.set_folder_read_only(&folder_of_versions(&home, &path));
        // The folder's name depends on the file being there.
        disk.put(&path, b"old");
        disk.set_folder_read_only(&folder_of_versions(&home, &path));
        let saved = save_design(Some(&home), &path, &mut titled("one"), &SaveOptions::default()).unwrap();
        assert!(matches!(saved.warnings[..], [SaveWarning::NoVersionKept { .. }]), "{saved:?}");
        assert_eq!(disk.get(&path).unwrap(), studwork_core::to_ron(&titled("one")).into_bytes());
    }
}
