//! A disk in memory that fails, or stops for good, at any call: what a kill or a power cut leaves behind can be looked at.
//!
//! It knows what has reached the "disk": bytes that were synced, names in folders that were synced.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use crate::disk::{About, Disk, DiskFile, DiskLock};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

#[derive(Clone, Debug, Default)]
struct Node {
    bytes: Vec<u8>,
    synced: Vec<u8>,
    read_only: bool,
    modified: i128,
}

#[derive(Clone, Debug, Default)]
struct State {
    nodes: BTreeMap<u64, Node>,
    names: BTreeMap<PathBuf, u64>,
    synced_names: BTreeMap<PathBuf, u64>,
    folders: BTreeSet<PathBuf>,
    locked: BTreeSet<PathBuf>,
    next: u64,
    /// Nanoseconds; goes on with every write.
    clock: i128,
    calls: u64,
    fail: Option<(u64, ErrorKind, bool)>,
    read_only_folders: BTreeSet<PathBuf>,
    /// Bytes that still fit.
    room: Option<usize>,
}

/// What happens to what was not synced.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// The process was killed: the system still writes everything.
    Killed,
    /// The power went: neither unsynced bytes nor unsynced names are there.
    PowerCut,
    /// The power went: names are there, of unsynced bytes only the first half.
    PowerCutTorn,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct TestDisk(Arc<Mutex<State>>);

impl TestDisk {
    pub fn new() -> Self {
        let disk = Self::default();
        disk.state().clock = 1_000_000_000_000_000_000;
        disk.state().folders.insert(PathBuf::from("/"));
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// How many calls that change something there were.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// The call after `after` more ones fails once.
    pub fn fail_after(&self, after: u64, kind: ErrorKind) {
        let mut state = self.state();
        state.fail = Some((state.calls + after, kind, false));
    }

    /// From that call on nothing is done any more: the process is dead.
    pub fn stop_after(&self, after: u64) {
        let mut state = self.state();
        state.fail = Some((state.calls + after, ErrorKind::Interrupted, true));
    }

    /// The disk has room for so many bytes more.
    pub fn set_room(&self, bytes: Option<usize>) {
        self.state().room = bytes;
    }

    pub fn set_folder_read_only(&self, folder: &Path) {
        self.state().read_only_folders.insert(folder.to_owned());
    }

    /// Sets the clock, seconds.
    pub fn set_clock(&self, seconds: i64) {
        self.state().clock = i128::from(seconds) * 1_000_000_000;
    }

    /// Another program writes a file.
    pub fn put(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.state();
        state.clock += 1;
        let node = Node { bytes: bytes.to_vec(), synced: bytes.to_vec(), modified: state.clock, read_only: false };
        let id = state.next;
        state.next += 1;
        state.nodes.insert(id, node);
        state.names.insert(path.to_owned(), id);
        state.synced_names.insert(path.to_owned(), id);
    }

    pub fn get(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        Some(state.nodes[state.names.get(path)?].bytes.clone())
    }

    pub fn files(&self) -> Vec<PathBuf> {
        self.state().names.keys().cloned().collect()
    }

    /// A disk as it is after the end, working again.
    pub fn after(&self, end: End) -> Self {
        let mut state = self.state().clone();
        if end != End::Killed {
            for node in state.nodes.values_mut() {
                let half = match end {
                    End::PowerCutTorn if node.bytes.starts_with(&node.synced) => {
                        node.synced.len() + (node.bytes.len() - node.synced.len()) / 2
                    }
                    _ => node.synced.len(),
                };
                node.bytes = if node.bytes.starts_with(&node.synced) {
                    node.bytes[..half].to_vec()
                } else {
                    node.synced.clone()
                };
            }
            if end == End::PowerCut {
                state.names = state.synced_names.clone();
            }
        }
        state.locked.clear();
        state.fail = None;
        state.room = None;
        Self(Arc::new(Mutex::new(state)))
    }
}

impl State {
    /// Counts a call that changes something; may refuse it.
    fn change(&mut self) -> io::Result<()> {
        self.calls += 1;
        match self.fail {
            Some((after, kind, forever)) if self.calls > after => {
                if !forever {
                    self.fail = None;
                }
                Err(kind.into())
            }
            _ => Ok(()),
        }
    }

    fn writable(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap();
        if !self.folders.contains(folder) {
            return Err(ErrorKind::NotFound.into());
        }
        if self.read_only_folders.contains(folder) {
            return Err(ErrorKind::ReadOnlyFilesystem.into());
        }
        Ok(())
    }

    fn id(&self, path: &Path) -> io::Result<u64> {
        self.names.get(path).copied().ok_or_else(|| ErrorKind::NotFound.into())
    }
}

fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(tidy.pop()),
            Component::CurDir => {}
            other => tidy.push(other),
        }
    }
    tidy
}

struct TestFile(TestDisk, u64);

impl DiskFile for TestFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.0.state();
        // A write that is cut short leaves a part.
        let refused = state.change().err();
        let fits = state.room.map_or(bytes.len(), |room| room.min(bytes.len()));
        let count = if refused.is_some() { fits / 2 } else { fits };
        if let Some(room) = &mut state.room {
            *room -= count;
        }
        state.clock += 1;
        let clock = state.clock;
        let node = state.nodes.get_mut(&self.1).unwrap();
        node.bytes.extend(&bytes[..count]);
        node.modified = clock;
        match refused {
            Some(error) => Err(error),
            None if count < bytes.len() => Err(ErrorKind::StorageFull.into()),
            None => Ok(()),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.0.state();
        state.change()?;
        let node = state.nodes.get_mut(&self.1).unwrap();
        node.synced = node.bytes.clone();
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        let mut state = self.0.state();
        state.change()?;
        let node = state.nodes.get_mut(&self.1).unwrap();
        let cut = node.bytes.len().saturating_sub(length as usize);
        node.bytes.truncate(length as usize);
        if let Some(room) = &mut state.room {
            *room += cut;
        }
        Ok(())
    }
}

struct Held(TestDisk, PathBuf);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.state().locked.remove(&self.1);
    }
}

impl Disk for TestDisk {
    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let state = self.state();
        let bytes = &state.nodes[&state.id(path)?].bytes;
        if bytes.len() as u64 > most { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes.clone()) }
    }

    fn about(&self, path: &Path) -> io::Result<About> {
        let state = self.state();
        if state.folders.contains(path) {
            return Ok(About { length: 0, modified: 0, read_only: false, is_folder: true });
        }
        let node = &state.nodes[&state.id(path)?];
        Ok(About {
            length: node.bytes.len() as u64,
            modified: node.modified,
            read_only: node.read_only,
            is_folder: false,
        })
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let state = self.state();
        let all = state.names.keys().chain(&state.folders);
        let inside: BTreeSet<PathBuf> = all.filter(|path| path.parent() == Some(folder)).cloned().collect();
        Ok(inside.into_iter().collect())
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        if !state.folders.contains(folder) {
            state.change()?;
            state.folders.extend(folder.ancestors().map(Path::to_owned));
        }
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.change()?;
        state.writable(path)?;
        if state.names.contains_key(path) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let id = state.next;
        state.next += 1;
        state.clock += 1;
        let modified = state.clock;
        state.nodes.insert(id, Node { modified, ..Node::default() });
        state.names.insert(path.to_owned(), id);
        Ok(Box::new(TestFile(self.clone(), id)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        state.writable(to)?;
        let id = state.id(from)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), id);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.id(path)?;
        state.change()?;
        state.names.remove(path);
        Ok(())
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        state.folders.remove(folder);
        Ok(())
    }

    fn set_read_only(&self, path: &Path, read_only: bool) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        let id = state.id(path)?;
        state.nodes.get_mut(&id).unwrap().read_only = read_only;
        Ok(())
    }

    fn copy_permissions(&self, from: &Path, to: &Path) -> io::Result<()> {
        let read_only = self.about(from)?.read_only;
        self.set_read_only(to, read_only)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.change()?;
        let inside = |path: &Path| path.parent() == Some(folder);
        state.synced_names.retain(|path, _| !inside(path));
        let names: Vec<_> =
            state.names.iter().filter(|(path, _)| inside(path)).map(|(path, id)| (path.clone(), *id)).collect();
        state.synced_names.extend(names);
        Ok(())
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        let path = tidy(path);
        self.about(&path).map(|_| path)
    }

    fn lock(&self, path: &Path, _wait: bool) -> io::Result<Option<DiskLock>> {
        if !self.state().names.contains_key(path) {
            drop(self.create(path)?);
        }
        if !self.state().locked.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(DiskLock::new(Held(self.clone(), path.to_owned()))))
    }
}
