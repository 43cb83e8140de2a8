//! Sending a package so that a broken line costs only what was on it: created once, appended piece by piece, and asked where
//! to go on after every break (in the shape of draft-ietf-httpbis-resumable-upload).
//!
//! What makes it arrive exactly once is the key under which the upload is created: the portal answers the same upload, or the
//! same project, however often the same is asked.

use crate::http::{Http, failure, header_text};
use crate::model::Project;
use crate::secret::repr_digest;
use crate::{ClientError, Portal};
use reqwest::blocking::{Body, Response};
use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use studwork_core::package::MEDIA_TYPE;

/// The most and the fewest bytes of one piece. A piece that does not get through is halved.
const MOST_PIECE: u64 = 4 << 20;
const LEAST_PIECE: u64 = 64 << 10;
/// How long one piece may take.
const PIECE_TIME: Duration = Duration::from_secs(120);
/// A piece that takes longer makes the next one smaller, so that pausing is prompt.
const SLOW_PIECE: Duration = Duration::from_secs(10);

/// A wish to stop, shared between threads.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks to stop.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether somebody has asked.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// An error once somebody has asked.
    pub fn check(&self) -> Result<(), ClientError> {
        if self.is_stopped() { Err(ClientError::Stopped) } else { Ok(()) }
    }

    /// Sleeps, but no longer than until somebody asks.
    pub(crate) fn sleep(&self, time: Duration) -> Result<(), ClientError> {
        let end = Instant::now() + time;
        loop {
            self.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }
}

/// How far something has come, bytes.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// So many are done.
    pub done: u64,
    /// Of so many.
    pub total: u64,
}

/// What an upload becomes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UploadTarget {
    /// A new version of this project of one's own; a new project when `None`.
    pub project: Option<String>,
    /// Whether it stays a draft.
    pub draft: bool,
}

/// An upload as the portal knows it; survives a restart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UploadSession {
    /// Its path on the portal.
    pub path: String,
    /// The portal has so many bytes.
    pub offset: u64,
    /// The most bytes that the portal takes in one piece.
    pub max_piece: Option<u64>,
}

/// The answer to a question about an upload.
enum Where {
    Offset(u64),
    Gone,
}

impl Portal {
    /// Creates an upload, or finds the one that was created under the same key before.
    ///
    /// # Errors
    /// Nobody is signed in, the portal refuses the size, or the network is broken.
    pub fn create_upload(
        &self,
        length: u64,
        sha256: &str,
        key: &str,
        target: &UploadTarget,
    ) -> Result<UploadSession, ClientError> {
        let digest = repr_digest(sha256).ok_or_else(|| ClientError::File { why: "its hash is none".to_owned() })?;
        let mut query: Vec<(&str, &str)> = Vec::new();
        if target.draft {
            query.push(("draft", "true"));
        }
        query.extend(target.project.as_deref().map(|project| ("project", project)));
        let request = self.http.signed(Method::POST, "/api/v1/uploads")?.query(&query);
        let request = request
            .header("upload-length", length)
            .header("upload-complete", "?0")
            .header("repr-digest", digest)
            .header("idempotency-key", key)
            .header("content-type", MEDIA_TYPE)
            .body("");
        let response = self.http.send(request)?;
        let wrong = |what: &str| ClientError::Protocol { what: format!("an upload was created without {what}") };
        let location = header_text(&response, "location").ok_or_else(|| wrong("an address"))?;
        // Only a path is kept, and only one on this portal.
        let url = self.address().join(location)?;
        let path = url.strip_prefix(self.address().as_str()).ok_or_else(|| wrong("an address"))?.to_owned();
        let limits = header_text(&response, "upload-limit").unwrap_or_default();
        let max_piece = limits.split(',').find_map(|limit| limit.trim().strip_prefix("max-append-size=")?.parse().ok());
        Ok(UploadSession { path, offset: offset_of(&response).unwrap_or_default(), max_piece })
    }

    fn upload_offset(&self, session: &UploadSession) -> Result<Where, ClientError> {
        let response = self.http.exchange(self.http.signed(Method::HEAD, &session.path)?)?;
        if [StatusCode::NOT_FOUND, StatusCode::GONE].contains(&response.status()) {
            return Ok(Where::Gone);
        }
        if !response.status().is_success() {
            return Err(failure(response));
        }
        let offset = offset_of(&response);
        offset
            .map(Where::Offset)
            .ok_or_else(|| ClientError::Protocol { what: "an upload without an offset".to_owned() })
    }

    /// Throws away what has arrived of an upload. It is no error when there is none any more.
    pub fn cancel_upload(&self, session: &UploadSession) -> Result<(), ClientError> {
        match self.http.send(self.http.signed(Method::DELETE, &session.path)?) {
            Ok(_) => Ok(()),
            Err(error) if error.problem().is_some_and(|problem| [404, 410].contains(&problem.status)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sends what is missing of an upload and gives the project. `on_change` hears of every offset that the portal has, so that it can
    /// be kept on disk; `on_progress` more often. A broken line ends it with a temporary error: call it again to go on.
    ///
    /// # Errors
    /// The network is broken, the portal refuses, or somebody asked to stop. `Ok(None)`: the portal has no such upload any more.
    pub fn continue_upload(
        &self,
        session: &mut UploadSession,
        file: &mut File,
        length: u64,
        stop: &Stop,
        on_change: &mut dyn FnMut(&UploadSession) -> Result<(), ClientError>,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Option<Project>, ClientError> {
        let mut piece = MOST_PIECE;
        let mut disputes = 0;
        match self.upload_offset(session)? {
            Where::Gone => return Ok(None),
            Where::Offset(offset) => session.offset = offset,
        }
        loop {
            stop.check()?;
            if session.offset > length {
                let what = "the portal has more of the upload than there is".to_owned();
                return Err(ClientError::Protocol { what });
            }
            on_change(session)?;
            on_progress(Progress { done: session.offset, total: length });
            let size = piece.min(session.max_piece.unwrap_or(u64::MAX)).max(1).min(length - session.offset);
            let last = session.offset + size == length;
            let began = Instant::now();
            let sent = self.append(session, file, size, last, length, stop, on_progress);
            stop.check()?;
            match sent {
                Ok(response) if last => return self.http.json_of(response).map(Some),
                Ok(response) => {
                    session.offset = offset_of(&response).unwrap_or(session.offset + size);
                    disputes = 0;
                    if began.elapsed() > SLOW_PIECE {
                        piece = (piece / 2).max(LEAST_PIECE);
                    }
                }
                // Something of it may have arrived; the portal knows how much.
                Err(error @ ClientError::Offline { .. }) => match self.upload_offset(session) {
                    Ok(Where::Offset(offset)) if offset > session.offset || piece > LEAST_PIECE => {
                        session.offset = offset;
                        piece = (piece / 2).max(LEAST_PIECE);
                    }
                    Ok(Where::Gone) => return Ok(None),
                    _ => return Err(error),
                },
                Err(error) if error.has_code("offset_mismatch") && disputes < 3 => {
                    disputes += 1;
                    match self.upload_offset(session)? {
                        Where::Offset(offset) => session.offset = offset,
                        Where::Gone => return Ok(None),
                    }
                }
                Err(error) if error.problem().is_some_and(|problem| [404, 410].contains(&problem.status)) => {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each says one thing about the piece")]
    fn append(
        &self,
        session: &UploadSession,
        file: &mut File,
        size: u64,
        last: bool,
        length: u64,
        stop: &Stop,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Response, ClientError> {
        let unreadable = |error: io::Error| ClientError::File { why: error.to_string() };
        let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        file.seek(SeekFrom::Start(session.offset)).map_err(unreadable)?;
        file.read_exact(&mut bytes).map_err(unreadable)?;
        let sent = Arc::new(AtomicU64::new(0));
        let body = Watched { bytes: io::Cursor::new(bytes), stop: stop.clone(), sent: Arc::clone(&sent) };
        let request = self
            .http
            .signed(Method::PATCH, &session.path)?
            .header("content-type", "application/partial-upload")
            .header("upload-offset", session.offset)
            .header("upload-complete", if last { "?1" } else { "?0" })
            .timeout(PIECE_TIME)
            .body(Body::sized(body, size));
        watch(&self.http, request, &sent, stop, &mut |now| {
            on_progress(Progress { done: session.offset + now, total: length });
        })
    }
}

/// Sends a request on a thread of its own while this one tells how much of it has gone, and gives up at once when somebody
/// asks to stop: what is on the line then ends by itself.
fn watch(
    http: &Http,
    request: reqwest::blocking::RequestBuilder,
    sent: &AtomicU64,
    stop: &Stop,
    on_progress: &mut dyn FnMut(u64),
) -> Result<Response, ClientError> {
    let (answer, answered) = mpsc::channel();
    let own = http.clone();
    std::thread::Builder::new()
        .name("studwork-upload".to_owned())
        .spawn(move || {
            // Nobody listens any more after a stop.
            let _ = answer.send(own.send(request));
        })
        .map_err(|error| ClientError::Offline { portal: http.address().to_string(), cause: error.to_string() })?;
    let mut told = 0;
    loop {
        match answered.recv_timeout(Duration::from_millis(20)) {
            Ok(response) => return response,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(ClientError::Protocol { what: "sending failed inside".to_owned() });
            }
            Err(RecvTimeoutError::Timeout) => stop.check()?,
        }
        let now = sent.load(Ordering::Relaxed);
        if now != told {
            told = now;
            on_progress(now);
        }
    }
}

fn offset_of(response: &Response) -> Option<u64> {
    header_text(response, "upload-offset")?.trim().parse().ok()
}

/// Bytes that know how many of them were taken, and that end when somebody asks to stop.
struct Watched {
    bytes: io::Cursor<Vec<u8>>,
    stop: Stop,
    sent: Arc<AtomicU64>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_stopped() {
            return Err(io::Error::other("stopped"));
        }
        // Small enough that stopping is prompt on a slow line.
        let most = buffer.len().min(16 << 10);
        let count = self.bytes.read(&mut buffer[..most])?;
        self.sent.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
