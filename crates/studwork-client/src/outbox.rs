//! What waits to be sent, on disk: it survives restarts, goes on where it broke, and is never sent twice.
//!
//! A job is a folder with the package and a small file of what is known about it, which is replaced whole at every step.
//! Whoever sends a job holds its lock, so that the designer and the command line do not get into each other's way.

use crate::secret::{random_unit, random_word};
use crate::tokens::create_private_folder;
use crate::{ClientError, Portal, PortalAddress, Progress, Stop, UploadSession, UploadTarget};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use studwork_core::package::{EXTENSION, sha256_hex};

const JOB: &str = "job.json";
const LOCK: &str = "lock";
/// The first wait after a break, and the longest.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// An upload that the portal has lost is begun anew this often before somebody has to look.
const MOST_RESTARTS: u32 = 3;
/// The largest file that may be queued, bytes.
const MOST_BYTES: u64 = 512 << 20;

/// The name of a job, which is that of its folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct JobId(String);

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How it stands with a job.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It goes out as soon as it can.
    Waiting,
    /// Somebody asked it to wait.
    Paused,
    /// It goes out when somebody has signed in.
    SignInNeeded,
    /// It has arrived; `project` says as what.
    Sent,
    /// The portal does not take it; `error` says why.
    Refused,
}

/// A package that waits, or that was sent.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// Where it goes.
    pub portal: PortalAddress,
    /// What it is called.
    pub title: String,
    /// The package's SHA-256, 64 hexadecimal digits.
    pub sha256: String,
    /// The package's size.
    pub bytes: u64,
    /// What it becomes.
    pub target: UploadTarget,
    /// How it stands.
    pub state: JobState,
    /// When it was queued, seconds since 1970.
    pub created: u64,
    /// So much of it has arrived, bytes.
    pub sent: u64,
    /// Not before this time, seconds since 1970.
    pub not_before: u64,
    /// Breaks since something last went well.
    pub breaks: u32,
    /// Why it waits or was refused.
    pub error: Option<ClientError>,
    /// The project on the portal, once it has arrived.
    pub project: Option<String>,
    /// Under this key the portal knows the upload, however often it is asked for.
    key: String,
    session: Option<UploadSession>,
    /// How often an upload was begun anew.
    restarts: u32,
}

/// What is to be queued.
#[derive(Clone, PartialEq, Debug)]
pub struct NewJob {
    /// Where it goes.
    pub portal: PortalAddress,
    /// What it is called.
    pub title: String,
    /// The package.
    pub package: Vec<u8>,
    /// What it becomes.
    pub target: UploadTarget,
}

/// Why the outbox cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// A file of the outbox cannot be read or written.
    #[error("the outbox {} cannot be used: {source}; check free space and the rights of that folder", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no such job (any more).
    #[error("there is no such job in the outbox any more; look at the list again")]
    NoJob,
    /// Another program is sending this job.
    #[error("another Studwork is sending this just now; wait until it is done")]
    Locked,
    /// The system names no folder for data.
    #[error("this system names no folder for data, so nothing can wait to be sent; set HOME")]
    NoFolder,
    /// No name could be made for a job.
    #[error("{0}")]
    Random(ClientError),
    /// More than any portal takes.
    #[error("the package has {bytes} bytes, more than any portal takes; use smaller pictures")]
    TooLarge {
        /// Its size.
        bytes: u64,
    },
}

/// The outbox of a user, or of a test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outbox {
    folder: PathBuf,
}

impl Outbox {
    /// The user's.
    ///
    /// # Errors
    /// The system names no folder for data.
    pub fn of_user() -> Result<Self, OutboxError> {
        let folders = directories::ProjectDirs::from("", "", "studwork").ok_or(OutboxError::NoFolder)?;
        Ok(Self::in_folder(&folders.data_dir().join("outbox")))
    }

    /// In a folder, which is made when something is queued.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn path(&self, id: &JobId) -> PathBuf {
        self.folder.join(&id.0)
    }

    fn package_path(&self, id: &JobId) -> PathBuf {
        self.path(id).join("package").with_extension(EXTENSION)
    }

    /// Queues a package. The same package for the same portal and purpose is queued once: the job that is there already is
    /// given back, also when it was sent; one that was refused is begun anew.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&self, new: &NewJob) -> Result<Job, OutboxError> {
        let bytes = new.package.len() as u64;
        if bytes > MOST_BYTES {
            return Err(OutboxError::TooLarge { bytes });
        }
        let sha256 = sha256_hex(&new.package);
        let same = |job: &Job| job.portal == new.portal && job.sha256 == sha256 && job.target == new.target;
        if let Some(job) = self.jobs()?.into_iter().find(same) {
            if job.state != JobState::Refused {
                return Ok(job);
            }
            self.remove(&job.id)?;
        }
        let key = random_word().map_err(OutboxError::Random)?;
        // Two of one second keep their order by chance only; the list shows them so each time.
        let id = JobId(format!("{:010}-{}", seconds(SystemTime::now()), &sha256_hex(key.as_bytes())[..12]));
        let job = Job {
            id: id.clone(),
            portal: new.portal.clone(),
            title: new.title.clone(),
            sha256,
            bytes,
            target: new.target.clone(),
            state: JobState::Waiting,
            created: seconds(SystemTime::now()),
            sent: 0,
            not_before: 0,
            breaks: 0,
            error: None,
            project: None,
            key,
            session: None,
            restarts: 0,
        };
        let folder = self.path(&id);
        let file = |path: &Path, source| OutboxError::File { path: path.to_owned(), source };
        create_private_folder(&folder).map_err(|error| file(&folder, error))?;
        let package = self.package_path(&id);
        write_whole(&package, &new.package).map_err(|error| file(&package, error))?;
        // The job is there once its description is, and not before.
        self.save(&job)?;
        Ok(job)
    }

    fn save(&self, job: &Job) -> Result<(), OutboxError> {
        let path = self.path(&job.id).join(JOB);
        let json = serde_json::to_vec_pretty(job).expect("texts and numbers are JSON");
        write_whole(&path, &json).map_err(|source| OutboxError::File { path, source })
    }

    /// The job of a name.
    ///
    /// # Errors
    /// There is none.
    pub fn job(&self, id: &JobId) -> Result<Job, OutboxError> {
        let json = fs::read(self.path(id).join(JOB)).map_err(|_| OutboxError::NoJob)?;
        serde_json::from_slice(&json).map_err(|_| OutboxError::NoJob)
    }

    /// All jobs, the oldest first. What was begun and not finished when the program ended is left out.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn jobs(&self) -> Result<Vec<Job>, OutboxError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(OutboxError::File { path: self.folder.clone(), source }),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut jobs: Vec<Job> = names.filter_map(|name| self.job(&JobId(name)).ok()).collect();
        jobs.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(jobs)
    }

    /// Lets a job wait until it is asked to go on. Whoever sends it has to be stopped beforehand.
    ///
    /// # Errors
    /// There is no such job, or it is being sent.
    pub fn pause(&self, id: &JobId) -> Result<Job, OutboxError> {
        self.change(id, |job| {
            if matches!(job.state, JobState::Waiting | JobState::SignInNeeded) {
                job.state = JobState::Paused;
            }
        })
    }

    /// Lets a job go out at once: one that was paused, waits, or was refused.
    ///
    /// # Errors
    /// There is no such job, or it is being sent.
    pub fn resume(&self, id: &JobId) -> Result<Job, OutboxError> {
        self.change(id, |job| {
            if job.state != JobState::Sent {
                if job.state == JobState::Refused {
                    (job.session, job.restarts) = (None, 0);
                }
                (job.state, job.not_before, job.breaks, job.error) = (JobState::Waiting, 0, 0, None);
            }
        })
    }

    fn change(&self, id: &JobId, edit: impl FnOnce(&mut Job)) -> Result<Job, OutboxError> {
        let _lock = self.lock(id)?;
        let mut job = self.job(id)?;
        edit(&mut job);
        self.save(&job)?;
        Ok(job)
    }

    /// Takes a job out of the outbox. What has arrived of it is the portal's to forget: see
    /// [`Portal::cancel_upload`](crate::Portal::cancel_upload) and [`Outbox::cancel`].
    ///
    /// # Errors
    /// It is being sent, or the folder cannot be removed.
    pub fn remove(&self, id: &JobId) -> Result<(), OutboxError> {
        let path = self.path(id);
        if !path.exists() {
            return Ok(());
        }
        let _lock = self.lock(id)?;
        // Without its description it is no job any more, even when the rest stays behind.
        let _ = fs::remove_file(path.join(JOB));
        fs::remove_dir_all(&path).map_err(|source| OutboxError::File { path, source })
    }

    /// Takes a job out of the outbox and tells the portal to throw away what has arrived. `Some` when it turned out to have
    /// arrived whole: then it stays, as sent.
    ///
    /// # Errors
    /// It is being sent, or cannot be removed. A portal that cannot be reached is no error: it forgets by itself after some days.
    pub fn cancel(&self, id: &JobId, portal: Option<&Portal>) -> Result<Option<Job>, OutboxError> {
        let mut job = self.job(id)?;
        if let (Some(session), Some(portal)) = (&job.session, portal)
            && job.state != JobState::Sent
            && portal.cancel_upload(session).is_err_and(|error| error.has_code("upload_finished"))
        {
            let _lock = self.lock(id)?;
            job.project = portal.find_sent(&job.sha256).ok().flatten();
            self.arrived(&mut job)?;
            return Ok(Some(job));
        }
        self.remove(id).map(|()| None)
    }

    fn lock(&self, id: &JobId) -> Result<File, OutboxError> {
        let path = self.path(id).join(LOCK);
        let open = File::options().create(true).write(true).truncate(false).open(&path);
        let file = open.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => OutboxError::NoJob,
            _ => OutboxError::File { path: path.clone(), source: error },
        })?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(OutboxError::Locked),
            Err(fs::TryLockError::Error(source)) => Err(OutboxError::File { path, source }),
        }
    }

    /// The job that goes out next, and how long until then.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn next(&self, now: SystemTime) -> Result<Option<(Job, Duration)>, OutboxError> {
        let waiting = self.jobs()?.into_iter().filter(|job| job.state == JobState::Waiting);
        let now = seconds(now);
        Ok(waiting.min_by_key(|job| job.not_before.max(now)).map(|job| {
            let wait = Duration::from_secs(job.not_before.saturating_sub(now));
            (job, wait)
        }))
    }

    /// Lets jobs for a portal go out that waited for somebody to sign in.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn signed_in(&self, portal: &PortalAddress) -> Result<(), OutboxError> {
        for job in self.jobs()?.iter().filter(|job| job.state == JobState::SignInNeeded && job.portal == *portal) {
            self.resume(&job.id)?;
        }
        Ok(())
    }

    /// Sends a job, or goes on where it broke, and says how it stands afterwards: sent, waiting for a better time, refused. The job's
    /// `error` says why it is not sent.
    ///
    /// # Errors
    /// The outbox itself cannot be used, or another program sends the job.
    pub fn send(
        &self,
        id: &JobId,
        portal: &Portal,
        stop: &Stop,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Job, OutboxError> {
        let _lock = self.lock(id)?;
        let mut job = self.job(id)?;
        // It may have been paused after it was chosen to be sent.
        if matches!(job.state, JobState::Sent | JobState::Paused) {
            return Ok(job);
        }
        let mut failed = None;
        let outcome = self.try_to_send(&mut job, portal, stop, on_progress, &mut failed);
        if let Some(error) = failed {
            return Err(error);
        }
        match outcome {
            Ok(()) => self.arrived(&mut job)?,
            Err(ClientError::Stopped) => self.save(&job)?,
            Err(error) => {
                self.broke(&mut job, error);
                self.save(&job)?;
            }
        }
        Ok(job)
    }

    fn arrived(&self, job: &mut Job) -> Result<(), OutboxError> {
        (job.state, job.sent, job.error, job.session) = (JobState::Sent, job.bytes, None, None);
        self.save(job)?;
        // What has arrived is on the portal; here only the note of it stays.
        let _ = fs::remove_file(self.package_path(&job.id));
        Ok(())
    }

    fn broke(&self, job: &mut Job, error: ClientError) {
        job.state = match &error {
            ClientError::SignInNeeded { .. } => JobState::SignInNeeded,
            error if error.is_temporary() => JobState::Waiting,
            _ => JobState::Refused,
        };
        let mut wait = wait_after(job.breaks, random_unit());
        if let ClientError::Busy { retry_after: Some(asked) } = &error {
            wait = wait.max(*asked);
        }
        job.breaks = job.breaks.saturating_add(1);
        job.not_before = seconds(SystemTime::now()) + wait.as_secs().max(1);
        job.error = Some(error);
    }

    /// The package as it was queued, and nothing else.
    fn open_package(&self, job: &Job) -> Result<File, ClientError> {
        let path = self.package_path(&job.id);
        let unreadable = |why: String| ClientError::File { why };
        let mut file = File::open(&path).map_err(|error| unreadable(format!("{}: {error}", path.display())))?;
        let mut bytes = Vec::new();
        let read = (&mut file).take(MOST_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(format!("{}: {error}", path.display())))?;
        if bytes.len() as u64 != job.bytes || sha256_hex(&bytes) != job.sha256 {
            return Err(unreadable(format!("{} was changed after it was queued", path.display())));
        }
        Ok(file)
    }

    fn try_to_send(
        &self,
        job: &mut Job,
        portal: &Portal,
        stop: &Stop,
        on_progress: &mut dyn FnMut(Progress),
        failed: &mut Option<OutboxError>,
    ) -> Result<(), ClientError> {
        let mut file = self.open_package(job)?;
        loop {
            stop.check()?;
            let mut session = match job.session.clone() {
                Some(session) => session,
                None => {
                    let session = portal.create_upload(job.bytes, &job.sha256, &job.key, &job.target)?;
                    job.session = Some(session.clone());
                    self.keep(job, failed)?;
                    session
                }
            };
            let (length, known) = (job.bytes, &mut *job);
            let mut keep = |session: &UploadSession| {
                if session.offset > known.sent {
                    // Something went well: the next break begins to count anew.
                    known.breaks = 0;
                }
                known.sent = session.offset;
                known.session = Some(session.clone());
                self.keep(known, failed)
            };
            let sent = portal.continue_upload(&mut session, &mut file, length, stop, &mut keep, on_progress)?;
            if let Some(project) = sent {
                job.project = Some(project.card.id);
                return Ok(());
            }
            // The portal knows the upload no longer: it was finished long ago, or thrown away.
            if let Some(project) = portal.find_sent(&job.sha256)? {
                job.project = Some(project);
                return Ok(());
            }
            job.restarts += 1;
            if job.restarts > MOST_RESTARTS {
                return Err(ClientError::Protocol { what: "it loses the upload again and again".to_owned() });
            }
            (job.session, job.sent) = (None, 0);
            job.key = random_word()?;
            self.keep(job, failed)?;
        }
    }

    /// Writes a job down in the middle of sending; a failure ends the sending and is told by the caller.
    fn keep(&self, job: &Job, failed: &mut Option<OutboxError>) -> Result<(), ClientError> {
        self.save(job).map_err(|error| {
            *failed = Some(error);
            ClientError::Stopped
        })
    }
}

/// How long to wait after so many breaks; `chance` (0 to 1) keeps many clients from coming back at the same moment.
fn wait_after(breaks: u32, chance: f64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(breaks.min(16)));
    doubled.min(LONGEST_WAIT).mul_f64(0.5 + chance / 2.0)
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Writes a file whole: into a temporary one in the same folder, to the disk, then renamed.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".job-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The rename itself is in the folder; not every system can sync one.
    if let Ok(folder) = File::open(folder) {
        folder.sync_all().ok();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
