//! The journal: every edit is on disk within a moment, so that a crash costs no work.
//!
//! Each open document has a folder in the library's `recovery` with a snapshot, the edits since then, and a lock that the
//! system lets go of when the program ends. A thread of its own writes; the window never waits for the disk. It knows
//! nothing of windows.

mod record;
mod recover;
mod writer;

#[cfg(test)]
mod tests;

pub use record::Record;
pub use recover::{Recovered, Unsaved, discard, recover, unsaved};

use crate::{Home, disk::Disk};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use studwork_core::{Design, Edit};
use writer::{Message, Writer};

/// After so many edits there is a new snapshot, so that recovering stays quick.
const EDITS_PER_SNAPSHOT: u64 = 2000;
/// After so many bytes of edits as well.
const BYTES_PER_SNAPSHOT: u64 = 8 << 20;
/// How long a written edit may wait until the disk confirms it.
const SYNC_WITHIN: Duration = Duration::from_millis(300);

/// What a journal says about its document, for the list of what can be recovered.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct JournalAbout {
    /// What the title bar calls it.
    pub title: String,
    /// The file it is saved in, if any.
    pub file: Option<PathBuf>,
    /// When it was opened, seconds since 1970.
    pub opened: i64,
}

/// Why there is no journal, or why it cannot be recovered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The system refused.
    #[error("unsaved work cannot be kept safe in {path}: {source}; save often")]
    Disk {
        /// The journal's folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The disk is full.
    #[error("the disk is full: unsaved work is not kept safe until there is room; save on another disk")]
    DiskFull,
    /// Another window has it open.
    #[error("this work is open in another window")]
    Busy,
    /// There is nothing in it that can be read.
    #[error("{path} holds nothing that can be recovered: {reason}")]
    Damaged {
        /// The journal's folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl JournalError {
    fn disk(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Disk { path: path.clone(), source },
        }
    }
}

/// What the thread tells the window.
#[derive(Debug, Default)]
struct Shared {
    /// Edits that the disk has confirmed.
    confirmed: AtomicU64,
    /// Bytes since the last snapshot.
    bytes: AtomicU64,
    wants_snapshot: AtomicBool,
    trouble: Mutex<Option<String>>,
}

/// The journal of one open document.
#[derive(Debug)]
pub struct Journal {
    sender: mpsc::Sender<Message>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
    folder: PathBuf,
    edits: u64,
    since_snapshot: u64,
    snapshot_every: u64,
}

impl Journal {
    /// Begins the journal of a design as it is now: new, just opened, or just recovered (then `unsaved_edits` is what
    /// was recovered, else 0). Waits until the snapshot is on disk.
    ///
    /// # Errors
    /// The library's folder cannot be written, or the disk is full.
    pub fn start(home: &Home, design: &Design, about: JournalAbout, unsaved_edits: u64) -> Result<Self, JournalError> {
        let (folder, lock) = claim_folder(home, about.opened)?;
        let disk = Arc::clone(home.disk());
        let shared = Arc::new(Shared::default());
        let mut writer = Writer::new(disk, folder.clone(), lock);
        writer.rotate(design.clone(), &about, unsaved_edits).map_err(JournalError::disk(&folder))?;
        let (sender, receiver) = mpsc::channel();
        let told = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || writer.run(&receiver, &told))
            .map_err(JournalError::disk(&folder))?;
        Ok(Self {
            sender,
            thread: Some(thread),
            shared,
            folder,
            edits: 0,
            since_snapshot: 0,
            snapshot_every: EDITS_PER_SNAPSHOT,
        })
    }

    /// Says after how many edits there is a new snapshot; 2000 if nobody says.
    pub fn set_snapshot_every(&mut self, edits: u64) {
        self.snapshot_every = edits.max(1);
    }

    /// Notes an edit that was just applied; `design` is what it led to. Undo and redo are edits too
    /// ([`Undone::edit`](studwork_core::Undone)). Returns at once.
    pub fn record(&mut self, edit: &Edit, design: &Design) {
        self.send(Message::Record(Box::new(Record::Edit(edit.clone()))));
        self.edits += 1;
        self.since_snapshot += 1;
        let asked = self.shared.wants_snapshot.swap(false, Ordering::Relaxed);
        let long = self.since_snapshot >= self.snapshot_every
            || self.shared.bytes.load(Ordering::Relaxed) >= BYTES_PER_SNAPSHOT;
        if asked || long {
            self.since_snapshot = 0;
            self.shared.bytes.store(0, Ordering::Relaxed);
            self.send(Message::Snapshot { design: Box::new(design.clone()), saved: None });
        }
    }

    /// Notes how far a build session is: where taking apart or rebuilding stands. Returns at once.
    pub fn record_session(&mut self, session: Option<studwork_core::take_apart::BuildSession>) {
        self.send(Message::Record(Box::new(Record::Session(session.map(Box::new)))));
    }

    /// Notes that the design was saved as it is: what came before need not be recovered any more.
    pub fn saved(&mut self, design: &Design, about: JournalAbout) {
        self.since_snapshot = 0;
        self.send(Message::Snapshot { design: Box::new(design.clone()), saved: Some(about) });
    }

    /// Keeps a picture (PNG bytes) for the list of what can be recovered.
    pub fn set_picture(&mut self, png: Vec<u8>) {
        self.send(Message::Picture(png));
    }

    /// Waits until everything so far is on disk; `false` if it is not after `within`.
    pub fn flush(&self, within: Duration) -> bool {
        let (done, wait) = mpsc::channel();
        self.send(Message::Flush(done));
        wait.recv_timeout(within).unwrap_or(false)
    }

    /// How many edits were noted, and how many of them the disk has confirmed.
    pub fn progress(&self) -> (u64, u64) {
        (self.edits, self.shared.confirmed.load(Ordering::Relaxed))
    }

    /// What keeps the journal from being written, if something does: to be shown until it is gone.
    pub fn trouble(&self) -> Option<String> {
        self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Ends the journal and removes it: the document was closed on purpose.
    pub fn close(mut self) {
        self.send(Message::Close);
        self.join();
    }

    fn send(&self, message: Message) {
        if self.sender.send(message).is_err() {
            let text = "the journal's thread has ended: unsaved work is not kept safe; save often".to_owned();
            *self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        }
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic there was told as trouble.
            drop(thread.join());
        }
    }
}

/// Dropped without [`Journal::close`], it stays on disk, whole, and will be offered.
impl Drop for Journal {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.send(Message::End);
            self.join();
        }
    }
}

/// The folder of all journals.
fn recovery_folder(home: &Home) -> PathBuf {
    home.root().join("recovery")
}

/// A fresh folder that no other window uses, and the lock that says so.
fn claim_folder(home: &Home, opened: i64) -> Result<(PathBuf, crate::DiskLock), JournalError> {
    let recovery = recovery_folder(home);
    let disk: &dyn Disk = &**home.disk();
    let mut failed = None;
    for number in 0..1000 {
        let folder = recovery.join(format!("{opened}-{}-{number}", std::process::id()));
        let claim = || -> io::Result<Option<crate::DiskLock>> {
            disk.make_folder(&folder)?;
            let lock = disk.lock(&folder.join(recover::LOCK), false)?;
            // Something else in it is a journal of before; the process of that number has ended.
            Ok(lock.filter(|_| disk.list(&folder).is_ok_and(|files| files.len() <= 1)))
        };
        match claim() {
            Ok(Some(lock)) => return Ok((folder, lock)),
            Ok(None) => {}
            // Another window may be tidying up right now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    let error = failed.unwrap_or_else(|| io::Error::from(io::ErrorKind::AlreadyExists));
    Err(JournalError::disk(&recovery)(error))
}
