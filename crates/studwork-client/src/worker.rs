//! The network on threads of its own, for a window: requests go in, events come out, and the window never waits.
//!
//! `studwork-portal` answers requests one after the other, `studwork-outbox` sends what waits, so that a long upload does not keep
//! anybody from looking around; a sign-in, which waits for a person, has a thread while it lasts. No thread of an async runtime or of the
//! engine is used.

use crate::model::{Account, Card, Engagement, Lineage, Page, PartRow, PortalPolicy, Project, Supported, Version};
use crate::{
    BrowserSignIn, ClientError, DeviceSignIn, Download, Job, JobId, JobState, NewJob, Outbox, OutboxError, Portal,
    PortalAddress, Progress, ProjectQuery, SavedIn, Stop, Token, TokenStore, UploadTarget,
};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

/// How often the outbox looks whether another program put something in.
const LOOK: Duration = Duration::from_secs(60);

/// A request's number; its answer carries it.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId(pub u64);

/// Where things are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkerFolders {
    /// Sign-ins.
    pub tokens: TokenStore,
    /// What waits to be sent.
    pub outbox: Outbox,
}

/// What a window asks for. All but the first need a portal to be chosen.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Request {
    /// Uses this portal from here on, with the sign-in that is kept for it; answered by its policy.
    UsePortal(PortalAddress),
    /// The portal's policy.
    Policy,
    /// A list of projects.
    Projects(ProjectQuery),
    /// One project.
    Project(String),
    /// Its versions.
    Versions(String),
    /// Its parts list.
    Parts(String),
    /// Its lineage.
    Lineage(String),
    /// A picture by its path.
    Picture(String),
    /// A package.
    Download {
        /// The project.
        project: String,
        /// The newest when `None`.
        version: Option<u32>,
        /// The hash that it must have, where it is known.
        expected: Option<String>,
    },
    /// Supports or follows, or no longer.
    Engage {
        /// The project.
        project: String,
        /// Which of the two.
        how: Engagement,
        /// Whether, or no longer.
        on: bool,
    },
    /// Brings one's own project into another state.
    Transition {
        /// The project.
        project: String,
        /// The state.
        to: String,
    },
    /// Who is signed in.
    Me,
    /// The projects of whom is signed in.
    MyProjects {
        /// What the page before said as `next`.
        cursor: Option<String>,
    },
    /// Signs in: in the browser, or by a code where none opens.
    SignIn {
        /// What the portal shows in the list of signed-in devices.
        device_name: String,
        /// Whether a browser opens on this machine.
        browser: bool,
    },
    /// Gives up a sign-in that waits.
    StopSignIn,
    /// Forgets the sign-in, here and on the portal.
    SignOut,
    /// Puts a package into the outbox.
    Submit {
        /// What it is called.
        title: String,
        /// The file.
        package: Vec<u8>,
        /// What it becomes.
        target: UploadTarget,
    },
    /// Lets a job wait.
    Pause(JobId),
    /// Lets a job go out at once.
    Resume(JobId),
    /// Takes a job out of the outbox and off the portal.
    Cancel(JobId),
}

/// What came of a request.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// A portal was chosen, or asked for its policy; `true` when somebody is signed in.
    Policy(Box<PortalPolicy>, bool),
    /// A list.
    Projects(Page<Card>),
    /// One project.
    Project(Box<Project>),
    /// Its versions.
    Versions(Vec<Version>),
    /// Its parts list.
    Parts(Vec<PartRow>),
    /// Its lineage.
    Lineage(Lineage),
    /// A picture as it is stored: PNG or JPEG.
    Picture(Vec<u8>),
    /// A package that came whole.
    Download(Download),
    /// How it stands with the support.
    Supported(Supported),
    /// Who is signed in.
    Me(Account),
    /// Somebody signed in; what to tell them about where that is kept.
    SignedIn(String),
    /// Nobody is signed in any more.
    SignedOut,
    /// It waits in the outbox.
    Queued(Box<Job>),
    /// It is done.
    Done,
}

/// What a window is told.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A request was answered.
    Answer {
        /// Which.
        id: RequestId,
        /// By what.
        answer: Result<Answer, ClientError>,
    },
    /// A download has come so far.
    Loading {
        /// Which.
        id: RequestId,
        /// How far.
        progress: Progress,
    },
    /// This address is to be opened in the browser.
    OpenBrowser {
        /// The sign-in it belongs to.
        id: RequestId,
        /// The address.
        url: String,
    },
    /// This code is to be typed there.
    TypeCode {
        /// The sign-in it belongs to.
        id: RequestId,
        /// The code.
        code: String,
        /// Where to type it.
        url: String,
        /// The same with the code filled in.
        url_with_code: String,
    },
    /// The outbox has changed; all its jobs.
    Outbox(Vec<Job>),
    /// A job has come so far.
    Sending {
        /// Which.
        job: JobId,
        /// How far.
        progress: Progress,
    },
    /// The outbox cannot be used.
    OutboxTrouble(String),
}

/// The threads, and the way to and from them. Dropping it stops them; what waits goes out next time.
pub struct Worker {
    requests: Option<Sender<(RequestId, Request)>>,
    events: Receiver<Event>,
    next: u64,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("next", &self.next).finish_non_exhaustive()
    }
}

/// What the threads share.
struct Shared {
    folders: WorkerFolders,
    events: Mutex<Sender<Event>>,
    /// Called after each event, so that a window that rests wakes up.
    wake: Box<dyn Fn() + Send + Sync>,
    /// Ends everything.
    end: Stop,
    /// The job that is being sent, and how to stop it.
    sending: Mutex<Option<(JobId, Stop)>>,
    /// Wakes the outbox.
    knock: Mutex<Sender<()>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn tell(&self, event: Event) {
        let _ = held(&self.events).send(event);
        (self.wake)();
    }

    fn knock(&self) {
        let _ = held(&self.knock).send(());
    }

    fn tell_outbox(&self) {
        match self.folders.outbox.jobs() {
            Ok(jobs) => self.tell(Event::Outbox(jobs)),
            Err(error) => self.tell(Event::OutboxTrouble(error.to_string())),
        }
    }

    /// Stops a job that is being sent and waits until it is.
    fn stop_sending(&self, id: &JobId) {
        loop {
            match &*held(&self.sending) {
                Some((sending, stop)) if sending == id => stop.stop(),
                _ => return,
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Worker {
    /// Starts the threads. `wake` is called after each event, on any thread.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn start(folders: WorkerFolders, wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Self> {
        let (events_in, events) = mpsc::channel();
        let (requests, asked) = mpsc::channel();
        let (knock, knocked) = mpsc::channel();
        let shared = Arc::new(Shared {
            folders,
            events: Mutex::new(events_in),
            wake: Box::new(wake),
            end: Stop::new(),
            sending: Mutex::new(None),
            knock: Mutex::new(knock),
        });
        let (for_requests, for_outbox) = (Arc::clone(&shared), Arc::clone(&shared));
        let threads = vec![
            std::thread::Builder::new().name("studwork-portal".to_owned()).spawn(move || {
                Desk { shared: for_requests, portal: None, sign_in: None }.run(&asked);
            })?,
            std::thread::Builder::new()
                .name("studwork-outbox".to_owned())
                .spawn(move || run_outbox(&for_outbox, &knocked))?,
        ];
        Ok(Self { requests: Some(requests), events, next: 1, shared, threads })
    }

    /// Asks for something; the answer comes as an event with this number.
    pub fn ask(&mut self, request: Request) -> RequestId {
        let id = RequestId(self.next);
        self.next += 1;
        if let Some(requests) = &self.requests {
            let _ = requests.send((id, request));
        }
        id
    }

    /// The next event, if there is one.
    pub fn try_event(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Waits for the next event, for a test or a command line.
    pub fn wait_event(&self, time: Duration) -> Option<Event> {
        self.events.recv_timeout(time).ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.end.stop();
        if let Some((_, stop)) = &*held(&self.shared.sending) {
            stop.stop();
        }
        self.requests = None;
        self.shared.knock();
        for thread in self.threads.drain(..) {
            // A request that waits for the network ends by itself; the window does not wait for it.
            if thread.is_finished() {
                let _ = thread.join();
            }
        }
    }
}

/// Answers requests.
struct Desk {
    shared: Arc<Shared>,
    portal: Option<Portal>,
    sign_in: Option<Stop>,
}

impl Desk {
    fn run(mut self, asked: &Receiver<(RequestId, Request)>) {
        self.shared.tell_outbox();
        while let Ok((id, request)) = asked.recv() {
            if self.shared.end.is_stopped() {
                break;
            }
            // A sign-in answers for itself when a person has done their part.
            if let Some(answer) = self.answer(id, request).transpose() {
                self.shared.tell(Event::Answer { id, answer });
            }
        }
        if let Some(stop) = self.sign_in {
            stop.stop();
        }
    }

    fn portal(&self) -> Result<&Portal, ClientError> {
        self.portal.as_ref().ok_or_else(|| ClientError::BadAddress {
            address: String::new(),
            why: "no portal has been chosen".to_owned(),
        })
    }

    fn answer(&mut self, id: RequestId, request: Request) -> Result<Option<Answer>, ClientError> {
        // Somebody may have signed in, or out, since the last request.
        if let Some(portal) = &mut self.portal {
            let token = self.shared.folders.tokens.load(portal.address());
            portal.set_token(token.map(|token| token.secret));
        }
        let answer = match request {
            Request::UsePortal(address) => {
                let token = self.shared.folders.tokens.load(&address).map(|token| token.secret);
                let portal = self.portal.insert(Portal::new(address, token)?);
                Answer::Policy(Box::new(portal.policy()?), portal.is_signed_in())
            }
            Request::Policy => Answer::Policy(Box::new(self.portal()?.policy()?), self.portal()?.is_signed_in()),
            Request::Projects(query) => Answer::Projects(self.portal()?.projects(&query)?),
            Request::Project(project) => Answer::Project(Box::new(self.portal()?.project(&project)?)),
            Request::Versions(project) => Answer::Versions(self.portal()?.versions(&project)?),
            Request::Parts(project) => Answer::Parts(self.portal()?.parts(&project)?),
            Request::Lineage(project) => Answer::Lineage(self.portal()?.lineage(&project)?),
            Request::Picture(path) => Answer::Picture(self.portal()?.picture(&path)?),
            Request::Download { project, version, expected } => {
                let shared = &self.shared;
                let mut tell = |progress| shared.tell(Event::Loading { id, progress });
                let portal = self.portal()?;
                Answer::Download(portal.download(&project, version, expected.as_deref(), &shared.end, &mut tell)?)
            }
            Request::Engage { project, how, on } => Answer::Supported(self.portal()?.engage(&project, how, on)?),
            Request::Transition { project, to } => {
                Answer::Project(Box::new(self.portal()?.transition(&project, &to, "")?))
            }
            Request::Me => Answer::Me(self.portal()?.me()?),
            Request::MyProjects { cursor } => Answer::Projects(self.portal()?.my_projects(cursor.as_deref())?),
            Request::SignIn { device_name, browser } => {
                self.begin_sign_in(id, &device_name, browser)?;
                return Ok(None);
            }
            Request::StopSignIn => {
                if let Some(stop) = self.sign_in.take() {
                    stop.stop();
                }
                Answer::Done
            }
            Request::SignOut => self.sign_out()?,
            Request::Submit { title, package, target } => {
                let portal = self.portal()?.address().clone();
                let job = self.shared.folders.outbox.add(&NewJob { portal, title, package, target });
                let job = job.map_err(|error| ClientError::File { why: error.to_string() })?;
                self.shared.tell_outbox();
                self.shared.knock();
                Answer::Queued(Box::new(job))
            }
            Request::Pause(job) => self.change_job(&job, |outbox| outbox.pause(&job).map(drop))?,
            Request::Resume(job) => self.change_job(&job, |outbox| outbox.resume(&job).map(drop))?,
            Request::Cancel(job) => {
                let portal = self.portal_of(&job);
                self.change_job(&job, |outbox| outbox.cancel(&job, portal.as_ref()).map(drop))?
            }
        };
        Ok(Some(answer))
    }

    fn portal_of(&self, id: &JobId) -> Option<Portal> {
        let folders = &self.shared.folders;
        let address = folders.outbox.job(id).ok()?.portal;
        let token = folders.tokens.load(&address)?.secret;
        Portal::new(address, Some(token)).ok()
    }

    fn change_job(
        &self,
        id: &JobId,
        change: impl FnOnce(&Outbox) -> Result<(), OutboxError>,
    ) -> Result<Answer, ClientError> {
        self.shared.stop_sending(id);
        let changed = change(&self.shared.folders.outbox);
        self.shared.tell_outbox();
        self.shared.knock();
        changed.map(|()| Answer::Done).map_err(|error| ClientError::File { why: error.to_string() })
    }

    fn sign_out(&self) -> Result<Answer, ClientError> {
        let portal = self.portal()?;
        let tokens = &self.shared.folders.tokens;
        let token = tokens.load(portal.address());
        tokens.forget(portal.address()).map_err(|error| ClientError::SignInFailed { why: error.to_string() })?;
        if let Some(token) = token {
            // Out of reach the token is forgotten here at least; it ends by itself.
            let _ = portal.sign_out(&token.secret);
        }
        Ok(Answer::SignedOut)
    }

    fn begin_sign_in(&mut self, id: RequestId, device_name: &str, browser: bool) -> Result<(), ClientError> {
        if let Some(stop) = self.sign_in.take() {
            stop.stop();
        }
        let address = self.portal()?.address().clone();
        let stop = Stop::new();
        let waiting: Box<dyn FnOnce(&Stop) -> Result<Token, ClientError> + Send> = if browser {
            let sign_in = BrowserSignIn::start(&address, device_name)?;
            self.shared.tell(Event::OpenBrowser { id, url: sign_in.url.clone() });
            Box::new(move |stop| sign_in.wait(stop))
        } else {
            let sign_in = DeviceSignIn::start(&address, device_name)?;
            self.shared.tell(Event::TypeCode {
                id,
                code: sign_in.user_code.clone(),
                url: sign_in.verification_uri.clone(),
                url_with_code: sign_in.verification_uri_complete.clone(),
            });
            Box::new(move |stop| sign_in.wait(stop))
        };
        self.sign_in = Some(stop.clone());
        let shared = Arc::clone(&self.shared);
        let spawned = std::thread::Builder::new().name("studwork-sign-in".to_owned()).spawn(move || {
            let answer = waiting(&stop).and_then(|token| keep_token(&shared, &address, &token));
            shared.tell(Event::Answer { id, answer });
            shared.knock();
        });
        spawned.map(drop).map_err(|error| ClientError::SignInFailed { why: error.to_string() })
    }
}

fn keep_token(shared: &Shared, address: &PortalAddress, token: &Token) -> Result<Answer, ClientError> {
    let kept = shared.folders.tokens.save(address, token);
    let kept: SavedIn = kept.map_err(|error| ClientError::SignInFailed { why: error.to_string() })?;
    if let Err(error) = shared.folders.outbox.signed_in(address) {
        shared.tell(Event::OutboxTrouble(error.to_string()));
    }
    Ok(Answer::SignedIn(kept.to_string()))
}

/// Sends what waits, one job after the other, each as soon as its time has come.
fn run_outbox(shared: &Shared, knocked: &Receiver<()>) {
    while !shared.end.is_stopped() {
        let wait = match shared.folders.outbox.next(SystemTime::now()) {
            Ok(Some((job, wait))) if wait.is_zero() => send(shared, &job),
            Ok(Some((_, wait))) => wait.min(LOOK),
            Ok(None) => LOOK,
            Err(error) => {
                shared.tell(Event::OutboxTrouble(error.to_string()));
                LOOK
            }
        };
        match knocked.recv_timeout(wait) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Sends a job; how long to wait until the outbox is looked at again.
fn send(shared: &Shared, job: &Job) -> Duration {
    let folders = &shared.folders;
    let stop = Stop::new();
    *held(&shared.sending) = Some((job.id.clone(), stop.clone()));
    let token = folders.tokens.load(&job.portal).map(|token| token.secret);
    let sent = Portal::new(job.portal.clone(), token).map_err(|error| error.to_string()).and_then(|portal| {
        let mut told = None;
        let mut tell = |progress: Progress| {
            // A window shows no more than some hundred steps.
            let step = progress.done * 400 / progress.total.max(1);
            if told != Some(step) {
                told = Some(step);
                shared.tell(Event::Sending { job: job.id.clone(), progress });
            }
        };
        folders.outbox.send(&job.id, &portal, &stop, &mut tell).map_err(|error| error.to_string())
    });
    *held(&shared.sending) = None;
    match sent {
        Ok(job) => {
            tracing::info!(job = %job.id, state = ?job.state, "outbox");
            shared.tell_outbox();
            // Whoever stopped it changes it now; it must not be begun again before that.
            if stop.is_stopped() && job.state == JobState::Waiting {
                Duration::from_millis(500)
            } else {
                Duration::ZERO
            }
        }
        Err(error) => {
            tracing::warn!(job = %job.id, "outbox: {error}");
            shared.tell_outbox();
            shared.tell(Event::OutboxTrouble(error));
            LOOK
        }
    }
}
