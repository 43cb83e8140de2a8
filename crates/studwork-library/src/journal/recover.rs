//! What the journals of programs that ended without closing hold: listed, recovered, or thrown away.

use super::record::{Record, decode, is_unfinished, payloads};
use super::writer::{base_path, edits_path, remove_journal};
use super::{JournalAbout, JournalError, recovery_folder};
use crate::disk::{Disk, DiskLock};
use crate::{Home, sha256_hex};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use studwork_core::take_apart::BuildSession;
use studwork_core::{Design, from_ron};

pub(super) const LOCK: &str = "lock";
pub(super) const CLOSED: &str = "closed";
pub(super) const PICTURE: &str = "picture.png";
/// The largest file of a journal that is read, bytes.
const MAX_JOURNAL: u64 = 2 << 30;

/// Work that no file has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsaved {
    /// The journal's folder.
    pub folder: PathBuf,
    /// What it is about.
    pub about: JournalAbout,
    /// When the last edit was written, seconds since 1970.
    pub last_edit: i64,
    /// How many edits no file has.
    pub edits: u64,
    /// A picture (PNG), if one was kept.
    pub picture: Option<PathBuf>,
}

/// Recovered work.
#[derive(Debug)]
pub struct Recovered {
    /// The design with all edits that were on disk.
    pub design: Design,
    /// How far taking apart or rebuilding was.
    pub session: Option<BuildSession>,
    /// What it is about.
    pub about: JournalAbout,
    /// How many edits no file has.
    pub edits: u64,
    /// What a person should know: that the last edit was only half written, for one.
    pub notes: Vec<String>,
    /// Keeps other windows from recovering the same; hold it until a new journal has begun, then [`discard`] the old one.
    pub lock: DiskLock,
}

/// The unsaved work of programs that were killed or crashed, the latest first. That of windows that are still open is
/// not among it; journals in which nothing is unsaved are tidied away.
pub fn unsaved(home: &Home) -> Vec<Unsaved> {
    let disk = &**home.disk();
    let mut found = Vec::new();
    for folder in disk.list(&recovery_folder(home)).unwrap_or_default() {
        if !disk.about(&folder).is_ok_and(|about| about.is_folder) {
            continue;
        }
        let Ok(Some(lock)) = lock_soon(disk, &folder.join(LOCK)) else { continue };
        let Some(unsaved) = look_into(disk, &folder) else { continue };
        if unsaved.edits == 0 {
            remove_journal(disk, &folder, &mut Some(lock));
        } else {
            found.push(unsaved);
        }
    }
    found.sort_by(|a, b| b.last_edit.cmp(&a.last_edit).then_with(|| a.folder.cmp(&b.folder)));
    found
}

/// Locks a journal that no window has open. A program that is just being started holds every lock of ours for a moment, so
/// it is asked a few times.
fn lock_soon(disk: &dyn Disk, path: &Path) -> std::io::Result<Option<DiskLock>> {
    for _ in 0..10 {
        if let Some(lock) = disk.lock(path, false)? {
            return Ok(Some(lock));
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    disk.lock(path, false)
}

/// What a journal says without reading its designs; nothing unsaved if there is nothing of it.
fn look_into(disk: &dyn Disk, folder: &Path) -> Option<Unsaved> {
    let mut unsaved =
        Unsaved { folder: folder.to_owned(), about: JournalAbout::default(), last_edit: 0, edits: 0, picture: None };
    let mut start_seen = false;
    for generation in generations(disk, folder).ok()? {
        let path = edits_path(folder, generation);
        let Ok(bytes) = disk.read(&path, MAX_JOURNAL) else { continue };
        let (payloads, _) = payloads(&bytes);
        let mut records = payloads.iter().map(|payload| decode(payload));
        if let Some(Ok(Record::Start { edits_before, about, .. })) = records.next() {
            start_seen = true;
            let edits = records.flatten().filter(Record::is_work).count() as u64;
            unsaved.edits = edits_before + edits;
            unsaved.about = about;
            unsaved.last_edit = disk.about(&path).map_or(0, |about| (about.modified / 1_000_000_000) as i64);
        }
    }
    if !start_seen || disk.about(&folder.join(CLOSED)).is_ok() {
        unsaved.edits = 0;
    }
    unsaved.picture = Some(folder.join(PICTURE)).filter(|path| disk.about(path).is_ok());
    Some(unsaved)
}

/// The numbers of the generations in a folder, ascending.
fn generations(disk: &dyn Disk, folder: &Path) -> std::io::Result<Vec<u64>> {
    let number = |path: &PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        name.strip_prefix("edits-")?.strip_suffix(".journal")?.parse().ok()
    };
    let mut numbers: Vec<u64> = disk.list(folder)?.iter().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// The design that a journal holds: its latest whole snapshot, and every whole edit after it.
///
/// # Errors
/// Another window has it open, or there is no whole snapshot.
pub fn recover(home: &Home, unsaved: &Unsaved) -> Result<Recovered, JournalError> {
    let disk = &**home.disk();
    let folder = &unsaved.folder;
    let failed = JournalError::disk(folder);
    let lock = lock_soon(disk, &folder.join(LOCK)).map_err(&failed)?.ok_or(JournalError::Busy)?;
    let mut files = BTreeMap::new();
    for generation in generations(disk, folder).map_err(&failed)? {
        let bytes = disk.read(&edits_path(folder, generation), MAX_JOURNAL).map_err(&failed)?;
        // One that was just begun: the one before it holds everything.
        if !is_unfinished(&bytes) {
            files.insert(generation, bytes);
        }
    }
    let mut notes = Vec::new();
    let mut reason = "there is no snapshot".to_owned();
    // The latest generation whose snapshot is whole; the edits of those after it follow on its own.
    for &first in files.keys().rev() {
        let mut design = match snapshot(disk, folder, first, &files[&first]) {
            Ok(design) => design,
            Err(problem) => {
                notes.push(format!("snapshot {first} is damaged ({problem}); the one before it was used"));
                reason = problem;
                continue;
            }
        };
        let mut session = design.build_session().cloned();
        let (mut about, mut edits) = (unsaved.about.clone(), 0);
        for (_, bytes) in files.range(first..) {
            let (payloads, torn) = payloads(bytes);
            if torn {
                notes.push("the last edit was only half written and is left out".to_owned());
            }
            for payload in payloads {
                match decode(payload) {
                    Ok(Record::Start { edits_before, about: said, .. }) => (edits, about) = (edits_before, said),
                    Ok(Record::Session(said)) => {
                        session = said.map(|said| *said);
                        edits += 1;
                    }
                    Ok(Record::Edit(edit)) => match design.apply(edit) {
                        Ok(_) => edits += 1,
                        Err(error) => {
                            notes.push(format!("an edit does not fit any more, and it ends there: {error}"));
                            design.set_build_session(session.clone());
                            return Ok(Recovered { design, session, about, edits, notes, lock });
                        }
                    },
                    Err(error) => notes.push(format!("an entry was written by a later version: {error}")),
                }
            }
        }
        design.set_build_session(session.clone());
        return Ok(Recovered { design, session, about, edits, notes, lock });
    }
    Err(JournalError::Damaged { path: folder.clone(), reason })
}

/// The snapshot that a file of edits begins with.
fn snapshot(disk: &dyn Disk, folder: &Path, generation: u64, edits: &[u8]) -> Result<Design, String> {
    let (payloads, _) = payloads(edits);
    let Some(Ok(Record::Start { base_sha256, .. })) = payloads.first().map(|payload| decode(payload)) else {
        return Err("its file of edits has no beginning".to_owned());
    };
    let bytes = disk.read(&base_path(folder, generation), MAX_JOURNAL).map_err(|error| error.to_string())?;
    if sha256_hex(&bytes) != base_sha256 {
        return Err("its bytes are not those that were written".to_owned());
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| error.to_string())?;
    Ok(from_ron(text).map_err(|error| error.to_string())?.value)
}

/// Throws a journal away: its work was saved, has a new journal, or is not wanted. `lock` is that of [`recover`], if it was.
///
/// # Errors
/// Another window has it open.
pub fn discard(home: &Home, unsaved: &Unsaved, lock: Option<DiskLock>) -> Result<(), JournalError> {
    let disk = &**home.disk();
    let failed = JournalError::disk(&unsaved.folder);
    let lock = match lock {
        Some(lock) => lock,
        None => lock_soon(disk, &unsaved.folder.join(LOCK)).map_err(failed)?.ok_or(JournalError::Busy)?,
    };
    remove_journal(disk, &unsaved.folder, &mut Some(lock));
    Ok(())
}
