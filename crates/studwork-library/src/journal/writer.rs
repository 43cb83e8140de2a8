//! The thread that writes a journal: edits as they come, confirmed by the disk a moment later, a fresh snapshot now and
//! then. When the disk refuses, edits wait in memory and it tries again.

use super::record::{MAGIC, Record, decode, encode, payload_of};
use super::{JournalAbout, JournalError, SYNC_WITHIN, Shared};
use crate::disk::{self, Disk, DiskFile, DiskLock};
use crate::sha256_hex;
use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use studwork_core::{Design, Edit};

/// What the window tells the thread.
#[derive(Debug)]
pub(super) enum Message {
    /// Write this.
    Record(Box<Record>),
    /// A new snapshot; `saved` if the design was just saved, with what it is about now.
    Snapshot { design: Box<Design>, saved: Option<JournalAbout> },
    /// Keep this picture.
    Picture(Vec<u8>),
    /// Say when everything is on disk.
    Flush(Sender<bool>),
    /// Remove everything.
    Close,
    /// Leave everything as it is.
    End,
}

/// How long to wait before a disk that refused is asked again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A journal's files.
pub(super) struct Writer {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    /// Held until the journal ends.
    lock: Option<DiskLock>,
    generation: u64,
    about: JournalAbout,
    file: Option<Box<dyn DiskFile>>,
    /// The number of the next record of the file.
    next: u64,
    /// Up to where the file is whole.
    length: u64,
    /// Whether there may be half a record after that.
    torn: bool,
    /// Not written yet.
    pending: VecDeque<Record>,
    /// Unsaved edits in all, written or not.
    edits: u64,
    /// Since when something written waits for the disk's word.
    unconfirmed: Option<Instant>,
    /// Whether something could only be kept by a new snapshot.
    wants_snapshot: bool,
}

impl Writer {
    pub fn new(disk: Arc<dyn Disk>, folder: PathBuf, lock: DiskLock) -> Self {
        Self {
            disk,
            folder,
            lock: Some(lock),
            generation: 0,
            about: JournalAbout::default(),
            file: None,
            next: 0,
            length: 0,
            torn: false,
            pending: VecDeque::new(),
            edits: 0,
            unconfirmed: None,
            wants_snapshot: false,
        }
    }

    /// Begins a new generation: a snapshot, and an empty file of edits that belongs to it. Until both are on the disk
    /// the generation before counts; it is kept until the next one.
    pub fn rotate(&mut self, mut design: Design, about: &JournalAbout, unsaved_edits: u64) -> io::Result<()> {
        // The numbers that were given and taken back must not be given again after recovering.
        design.keep_ids();
        let snapshot = studwork_core::to_ron(&design);
        let generation = self.generation + 1;
        disk::replace(&*self.disk, &base_path(&self.folder, generation), snapshot.as_bytes())?;
        let start = Record::Start {
            base_sha256: sha256_hex(snapshot.as_bytes()),
            edits_before: unsaved_edits,
            about: about.clone(),
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend(encode(0, &start).map_err(io::Error::other)?);
        let path = edits_path(&self.folder, generation);
        // Left by an attempt that failed half way.
        drop(self.disk.remove(&path));
        let begin = || -> io::Result<Box<dyn DiskFile>> {
            let mut file = self.disk.create(&path)?;
            file.append(&bytes)?;
            file.sync()?;
            self.disk.sync_folder(&self.folder)?;
            Ok(file)
        };
        let file = match begin() {
            Ok(file) => file,
            Err(error) => {
                // The file before goes on, so nothing may look newer; if that cannot be had, nothing goes on.
                let gone = self.disk.remove(&path).and_then(|()| self.disk.sync_folder(&self.folder));
                if gone.is_err() && self.disk.about(&path).is_ok() {
                    self.file = None;
                }
                return Err(error);
            }
        };
        self.file = Some(file);
        self.length = bytes.len() as u64;
        self.next = 1;
        self.torn = false;
        self.unconfirmed = None;
        self.edits = unsaved_edits;
        self.about = about.clone();
        self.generation = generation;
        if let Some(old) = generation.checked_sub(2).filter(|old| *old > 0) {
            drop(self.disk.remove(&base_path(&self.folder, old)));
            drop(self.disk.remove(&edits_path(&self.folder, old)));
        }
        Ok(())
    }

    pub fn push(&mut self, record: Record) {
        self.edits += u64::from(record.is_work());
        self.pending.push_back(record);
    }

    /// Writes what waits. What could not be written waits on.
    pub fn write(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return if self.pending.is_empty() { Ok(()) } else { Err(io::Error::other("its files cannot be written")) };
        };
        if self.torn {
            file.cut(self.length)?;
            self.torn = false;
        }
        while let Some(record) = self.pending.front() {
            let mut bytes = encode(self.next, record).map_err(io::Error::other)?;
            if decode(payload_of(&bytes)).is_err() {
                // What is no number cannot be written. An edit with one in it was taken because it moves nothing by it;
                // its place is kept, and the next snapshot holds whatever else it did.
                bytes = encode(self.next, &Record::Edit(Edit::Batch(Vec::new()))).map_err(io::Error::other)?;
                self.wants_snapshot = true;
            }
            if let Err(error) = file.append(&bytes) {
                self.torn = true;
                return Err(error);
            }
            self.pending.pop_front();
            self.length += bytes.len() as u64;
            self.next += 1;
            self.unconfirmed.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// The snapshot that was just made holds what waits.
    pub fn forget_pending(&mut self) {
        self.pending.clear();
    }

    /// Has the disk confirm what was written.
    pub fn sync(&mut self) -> io::Result<()> {
        if self.unconfirmed.is_some() {
            if let Some(file) = &mut self.file {
                file.sync()?;
            }
            self.unconfirmed = None;
        }
        Ok(())
    }

    /// Writes and confirms.
    fn settle(&mut self) -> io::Result<()> {
        self.write()?;
        self.sync()
    }

    /// Removes the journal; what is left of it if that fails says that nothing is unsaved.
    fn remove(&mut self) {
        self.file = None;
        remove_journal(&*self.disk, &self.folder, &mut self.lock);
    }

    /// Does what it is told until the end.
    pub fn run(mut self, receiver: &Receiver<Message>, shared: &Shared) {
        let mut trouble_at: Option<Instant> = None;
        let mut noted = 0;
        loop {
            let until = match (trouble_at, self.unconfirmed) {
                (Some(at), _) => Some(at + AGAIN_AFTER),
                (None, Some(since)) => Some(since + SYNC_WITHIN),
                (None, None) => None,
            };
            let message = match until {
                Some(until) => match receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok(message) => Some(message),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => Some(Message::End),
                },
                None => Some(receiver.recv().unwrap_or(Message::End)),
            };
            let again = message.is_none();
            let mut result = Ok(());
            match message {
                Some(Message::Record(record)) => {
                    noted += u64::from(matches!(*record, Record::Edit(_)));
                    self.push(*record);
                    for more in receiver.try_iter() {
                        if let Message::Record(record) = more {
                            noted += u64::from(matches!(*record, Record::Edit(_)));
                            self.push(*record);
                        } else if self.take(more, noted, shared, &mut result) {
                            return;
                        }
                    }
                }
                Some(other) => {
                    let ended = self.take(other, noted, shared, &mut result);
                    if ended {
                        return;
                    }
                }
                None => {}
            }
            // A disk that refused is asked again in a while, not with every edit.
            if trouble_at.is_none() || again {
                let before = self.length;
                result = result.and_then(|()| self.write());
                shared.bytes.fetch_add(self.length.saturating_sub(before), Ordering::Relaxed);
                if result.is_ok() && self.unconfirmed.is_some_and(|since| again || since.elapsed() >= SYNC_WITHIN) {
                    result = self.sync();
                    // What a disk forgot once it does not remember later: a new file must hold everything.
                    shared.wants_snapshot.fetch_or(result.is_err(), Ordering::Relaxed);
                }
                shared.wants_snapshot.fetch_or(std::mem::take(&mut self.wants_snapshot), Ordering::Relaxed);
                self.tell(&result, shared);
                trouble_at = result.is_err().then(Instant::now);
                if result.is_ok() && self.unconfirmed.is_none() {
                    shared.confirmed.store(noted, Ordering::Relaxed);
                }
            }
        }
    }

    /// Everything but records; `true` at the end.
    fn take(&mut self, message: Message, noted: u64, shared: &Shared, result: &mut io::Result<()>) -> bool {
        match message {
            Message::Record(_) => {}
            Message::Snapshot { design, saved } => {
                let edits = if saved.is_some() { 0 } else { self.edits };
                let about = saved.unwrap_or_else(|| self.about.clone());
                match self.rotate(*design, &about, edits) {
                    // The snapshot holds them.
                    Ok(()) => self.forget_pending(),
                    Err(error) => *result = Err(error),
                }
            }
            Message::Picture(png) => drop(disk::replace(&*self.disk, &self.folder.join(super::recover::PICTURE), &png)),
            Message::Flush(done) => {
                let settled = self.settle();
                if settled.is_ok() {
                    shared.confirmed.store(noted, Ordering::Relaxed);
                }
                self.tell(&settled, shared);
                // Nobody may be waiting any more.
                let _ = done.send(settled.is_ok());
            }
            Message::Close => {
                self.remove();
                return true;
            }
            Message::End => {
                drop(self.settle());
                return true;
            }
        }
        false
    }

    fn tell(&self, result: &io::Result<()>, shared: &Shared) {
        let text = result.as_ref().err().map(|error| {
            // The error itself cannot be copied; its kind and its words can.
            let copy = io::Error::new(error.kind(), error.to_string());
            JournalError::disk(&self.folder)(copy).to_string()
        });
        *shared.trouble.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }
}

/// Removes a journal's folder. A mark goes in first, so that what an interruption leaves is known to be closed.
pub(super) fn remove_journal(disk: &dyn Disk, folder: &Path, lock: &mut Option<DiskLock>) {
    let closed = folder.join(super::recover::CLOSED);
    if disk.about(&closed).is_err() {
        drop(disk.create(&closed));
        drop(disk.sync_folder(folder));
    }
    let is = |path: &Path, name: &str| path.file_name().is_some_and(|own| own == name);
    for file in disk.list(folder).unwrap_or_default() {
        if !is(&file, super::recover::LOCK) && !is(&file, super::recover::CLOSED) {
            drop(disk.remove(&file));
        }
    }
    drop(disk.remove(&closed));
    // Some systems remove no file that is open.
    *lock = None;
    drop(disk.remove(&folder.join(super::recover::LOCK)));
    drop(disk.remove_folder(folder));
}

pub(super) fn base_path(folder: &Path, generation: u64) -> PathBuf {
    folder.join(format!("base-{generation}.ron"))
}

pub(super) fn edits_path(folder: &Path, generation: u64) -> PathBuf {
    folder.join(format!("edits-{generation}.journal"))
}
