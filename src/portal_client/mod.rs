//! The co-creation portal in the window: what was asked of it, what it said, what is shown of that.
//!
//! The network runs on the threads of `studwork-client`; here its events are taken up, once a frame, and the window never
//! waits.

mod submit;

pub use submit::{CameraView, PREPARING, PreparedPackage, Shot, SubmitForm};

use crate::document::Act;
use crate::document::action::EditorAction;
use crate::feedback::Notices;
use crate::settings::Settings;
use bevy::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use studwork_client::{
    Account, Answer, Card, ClientError, Download, Engagement, Event, Job, JobId, JobState, Lineage, Outbox,
    PortalAddress, PortalPolicy, Project, ProjectQuery, Request, RequestId, Sort, TokenStore, UploadTarget, Worker,
    WorkerFolders,
};

/// Something that is asked of the portal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PortalAction {
    /// Uses the portal at this address.
    Use(String),
    /// Lists projects with these words, in the order that is chosen.
    Search(String),
    /// The next page of the list.
    More,
    /// The order of the list.
    Order(ListOrder),
    /// Lists one's own projects.
    Mine,
    /// Shows a project.
    Show(String),
    /// Goes back to the list.
    Back,
    /// Signs in in the browser.
    SignIn,
    /// Signs in by a code that is typed on any device.
    SignInByCode,
    /// Opens the page of the sign-in that waits.
    OpenSignIn,
    /// Gives up a sign-in that waits.
    StopSignIn,
    /// Signs out.
    SignOut,
    /// Keeps the model of a project in the library and opens a copy.
    Download(String),
    /// Supports a project, or no longer.
    Support(String, bool),
    /// Follows a project, or no longer.
    Follow(String, bool),
    /// Opens a page of the portal in the browser.
    OpenPage(String),
    /// Shows the address of a page that no browser opened no longer.
    ForgetPage,
    /// Lets an upload wait, by the place in the outbox.
    Pause(usize),
    /// Lets an upload go on.
    Resume(usize),
    /// Takes a submission out of the outbox.
    Cancel(usize),
    /// Asks for a picture of the portal.
    Picture(String),
    /// Chooses another portal.
    Leave,
    /// Opens the submission of the open design.
    Submit,
    /// Makes pictures and package, and looks what the rules find.
    Prepare(Box<SubmitForm>),
    /// Puts the package into the outbox.
    Send(UploadTarget),
    /// Asks for one's own projects, which may get a new version.
    Own,
    /// Brings one's own project into another state.
    Move(String, String),
}

/// A sign-in that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SigningIn {
    /// For the portal's answer first.
    Beginning,
    /// In the browser.
    Browser {
        /// The page to open.
        url: String,
    },
    /// For a code that is typed on any device.
    Code {
        /// What to type.
        code: String,
        /// Where.
        url: String,
        /// The same page with the code filled in.
        url_with_code: String,
    },
}

/// The order of a list.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListOrder {
    /// The newest first.
    #[default]
    Newest,
    /// The most supported first.
    Supported,
    /// What gathers quickly first.
    Rising,
}

impl ListOrder {
    fn sort(self) -> Sort {
        match self {
            Self::Newest => Sort::Newest,
            Self::Supported => Sort::Supports,
            Self::Rising => Sort::Rising,
        }
    }
}

/// What the portal said.
#[derive(Resource, Default)]
pub struct PortalDesk {
    worker: Option<Mutex<Worker>>,
    asked: HashMap<RequestId, Asked>,
    /// The portal that is used.
    pub address: Option<PortalAddress>,
    /// Its policy.
    pub policy: Option<PortalPolicy>,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// Who.
    pub account: Option<Account>,
    /// The list, as far as it was loaded.
    pub cards: Vec<Card>,
    /// Whether there is more of it.
    pub more: Option<String>,
    /// The words that were searched.
    pub words: String,
    /// The order of the list.
    pub order: ListOrder,
    /// Whether the list is of one's own projects.
    pub mine: bool,
    /// The project that is shown.
    pub project: Option<Project>,
    /// Where it comes from and what was made of it.
    pub lineage: Option<Lineage>,
    /// Pictures by path; `None` while they are coming or where there are none.
    pub pictures: HashMap<String, Option<Vec<u8>>>,
    /// Counts the pictures, for textures.
    pub loaded: u64,
    /// A sign-in that waits.
    pub signing_in: Option<SigningIn>,
    /// One's own projects, once they were asked for.
    pub own: Option<Vec<Card>>,
    /// What waits to be sent and what was sent.
    pub outbox: Vec<Job>,
    /// How much of a job has arrived, bytes.
    pub sending: HashMap<JobId, (u64, u64)>,
    /// What went wrong last, until something goes well.
    pub trouble: Option<String>,
    /// Whether pictures and package are being made.
    pub preparing: bool,
    /// The package that was made last.
    pub prepared: Option<PreparedPackage>,
    wake: Option<Wake>,
    /// The address of a page that no browser opened.
    pub unopened: Option<String>,
    /// The page that was to be opened last.
    page: String,
    /// Set when no browser opened it.
    no_browser: Arc<AtomicBool>,
}

/// Wakes the window from any thread.
type Wake = Arc<dyn Fn() + Send + Sync>;

/// Why something was asked.
enum Asked {
    Plain,
    /// The list from its beginning, or what comes next of it.
    List {
        first: bool,
    },
    Own,
    Move,
    /// A sign-in, which waits for a person.
    SignIn,
    /// Support, or following, of this project.
    Engagement(String),
    Picture(String),
    Download(Box<Card>),
    Submission,
}

impl PortalDesk {
    /// Says how to wake the window.
    pub fn set_waker(&mut self, wake: Option<Wake>) {
        self.wake = wake;
    }

    /// Whether an answer is awaited.
    pub fn is_busy(&self) -> bool {
        self.asked.values().any(|why| !matches!(why, Asked::SignIn))
    }

    fn start(&mut self) -> Result<(), String> {
        if self.worker.is_some() {
            return Ok(());
        }
        let folders = WorkerFolders {
            tokens: TokenStore::of_user().map_err(|error| error.to_string())?,
            outbox: Outbox::of_user().map_err(|error| error.to_string())?,
        };
        let wake = self.wake.clone();
        let worker = Worker::start(folders, move || {
            if let Some(wake) = &wake {
                wake();
            }
        });
        self.worker = Some(Mutex::new(worker.map_err(|error| error.to_string())?));
        Ok(())
    }

    fn ask(&mut self, request: Request, why: Asked) {
        if let Err(error) = self.start() {
            self.trouble = Some(error);
            return;
        }
        if let Some(worker) = &mut self.worker {
            let id = worker.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).ask(request);
            self.asked.insert(id, why);
        }
    }

    fn list(&mut self, cursor: Option<String>) {
        let first = cursor.is_none();
        if first {
            // What there was stays until the answer comes.
            self.more = None;
        }
        let request = if self.mine {
            Request::MyProjects { cursor }
        } else {
            let words = self.words.clone();
            Request::Projects(ProjectQuery { words, sort: self.order.sort(), cursor, ..ProjectQuery::default() })
        };
        self.ask(request, Asked::List { first });
    }

    /// Asks for a picture once.
    pub fn want_picture(&mut self, path: &str) {
        if self.address.is_some() && !self.pictures.contains_key(path) {
            self.pictures.insert(path.to_owned(), None);
            self.ask(Request::Picture(path.to_owned()), Asked::Picture(path.to_owned()));
        }
    }

    fn act(&mut self, action: PortalAction, settings: &mut Settings, notices: &mut Notices) {
        use PortalAction as P;
        match action {
            P::Use(text) => match PortalAddress::new(&text) {
                Ok(address) => {
                    settings.portal.clone_from(&text);
                    *self = Self {
                        worker: self.worker.take(),
                        wake: self.wake.take(),
                        no_browser: Arc::clone(&self.no_browser),
                        outbox: std::mem::take(&mut self.outbox),
                        prepared: self.prepared.take(),
                        preparing: self.preparing,
                        address: Some(address.clone()),
                        ..Self::default()
                    };
                    self.ask(Request::UsePortal(address), Asked::Plain);
                    self.list(None);
                }
                Err(error) => self.trouble = Some(told(&error)),
            },
            P::Search(words) => {
                self.words = words;
                self.mine = false;
                self.project = None;
                self.list(None);
            }
            P::Order(order) => {
                self.order = order;
                self.mine = false;
                self.list(None);
            }
            P::More => {
                let cursor = self.more.take();
                if cursor.is_some() {
                    self.list(cursor);
                }
            }
            P::Mine => {
                self.mine = true;
                self.project = None;
                self.list(None);
            }
            P::Show(id) => {
                self.lineage = None;
                self.ask(Request::Lineage(id.clone()), Asked::Plain);
                self.ask(Request::Project(id), Asked::Plain);
            }
            P::Back => (self.project, self.lineage) = (None, None),
            P::SignIn => self.sign_in(true),
            P::SignInByCode => self.sign_in(false),
            P::OpenSignIn => match &self.signing_in {
                Some(SigningIn::Browser { url } | SigningIn::Code { url_with_code: url, .. }) => {
                    let page = url.clone();
                    self.open_page(&page);
                }
                Some(SigningIn::Beginning) | None => {}
            },
            P::StopSignIn => {
                self.signing_in = None;
                self.ask(Request::StopSignIn, Asked::Plain);
            }
            P::SignOut => self.ask(Request::SignOut, Asked::Plain),
            P::Download(id) => {
                let of_project = self.project.as_ref().filter(|project| project.card.id == id);
                let card = of_project.map(|project| project.card.clone());
                let Some(card) = card.or_else(|| self.cards.iter().find(|card| card.id == id).cloned()) else { return };
                let expected = of_project.map(|project| project.package.sha256.clone()).filter(|hash| !hash.is_empty());
                notices.info(format!("Downloading “{}”", card.title));
                let request = Request::Download { project: id, version: Some(card.version), expected };
                self.ask(request, Asked::Download(Box::new(card)));
            }
            P::Support(project, on) => {
                let why = Asked::Engagement(project.clone());
                self.ask(Request::Engage { project, how: Engagement::Support, on }, why);
            }
            P::Follow(project, on) => {
                let why = Asked::Engagement(project.clone());
                self.ask(Request::Engage { project, how: Engagement::Follow, on }, why);
            }
            P::OpenPage(path) => {
                if let Some(address) = &self.address {
                    let page = format!("{address}{path}");
                    self.open_page(&page);
                }
            }
            P::ForgetPage => self.unopened = None,
            P::Pause(index) => self.job(index, Request::Pause),
            P::Resume(index) => self.job(index, Request::Resume),
            P::Cancel(index) => self.job(index, Request::Cancel),
            P::Send(target) => self.send(target, notices),
            P::Own => self.ask(Request::MyProjects { cursor: None }, Asked::Own),
            P::Move(project, to) => self.ask(Request::Transition { project, to }, Asked::Move),
            P::Picture(path) => self.want_picture(&path),
            P::Leave => {
                if self.signing_in.take().is_some() {
                    self.ask(Request::StopSignIn, Asked::Plain);
                }
                self.trouble = None;
                settings.portal.clear();
                self.address = None;
                self.project = None;
            }
            // The desk of files makes it; the dialog is opened there as well.
            P::Submit | P::Prepare(_) => {}
        }
    }

    fn sign_in(&mut self, browser: bool) {
        self.signing_in = Some(SigningIn::Beginning);
        self.no_browser.store(false, Ordering::Relaxed);
        self.ask(Request::SignIn { device_name: "Studwork".to_owned(), browser }, Asked::SignIn);
    }

    fn open_page(&mut self, url: &str) {
        url.clone_into(&mut self.page);
        self.unopened = None;
        let (no_browser, wake) = (Arc::clone(&self.no_browser), self.wake.clone());
        open_page(url, move || {
            no_browser.store(true, Ordering::Relaxed);
            if let Some(wake) = wake {
                wake();
            }
        });
    }

    /// Asks anew for what a change on the portal may have made untrue.
    fn refresh(&mut self) {
        if self.mine || (self.words.is_empty() && self.order == ListOrder::Newest) {
            self.list(None);
        }
        if self.own.is_some() {
            self.ask(Request::MyProjects { cursor: None }, Asked::Own);
        }
    }

    fn job(&mut self, index: usize, request: fn(JobId) -> Request) {
        if let Some(job) = self.outbox.get(index) {
            let request = request(job.id.clone());
            self.ask(request, Asked::Plain);
        }
    }

    fn send(&mut self, target: UploadTarget, notices: &mut Notices) {
        let Some(prepared) = &self.prepared else { return };
        if !prepared.report.passed {
            notices.error("This portal does not take the package: mend what its rules call an error first");
            return;
        }
        let request = Request::Submit {
            title: prepared.form.manifest.title.clone(),
            package: prepared.bytes.as_ref().clone(),
            target,
        };
        self.ask(request, Asked::Submission);
    }

    fn take(&mut self, event: Event, notices: &mut Notices, acts: &mut MessageWriter<Act>) {
        match event {
            Event::Answer { id, answer } => {
                let why = self.asked.remove(&id).unwrap_or(Asked::Plain);
                match answer {
                    Ok(answer) => {
                        self.trouble = None;
                        // It was out of reach when it was chosen.
                        if self.policy.is_none() && !matches!(answer, Answer::Policy(..)) {
                            self.ask(Request::Policy, Asked::Plain);
                        }
                        self.answered(answer, why, notices, acts);
                    }
                    Err(error) => self.failed(&error, why, notices),
                }
            }
            Event::Loading { .. } => {}
            Event::OpenBrowser { url, .. } => {
                self.open_page(&url);
                self.signing_in = Some(SigningIn::Browser { url });
            }
            Event::TypeCode { code, url, url_with_code, .. } => {
                self.signing_in = Some(SigningIn::Code { code, url, url_with_code });
            }
            Event::Outbox(jobs) => {
                let mut arrived = false;
                for job in &jobs {
                    let before = self.outbox.iter().find(|known| known.id == job.id).map(|known| known.state);
                    if job.state == JobState::Sent && before.is_some_and(|state| state != JobState::Sent) {
                        notices.info(format!("“{}” has arrived on the portal", job.title));
                        arrived = true;
                    }
                }
                let under_way = |id: &JobId| {
                    jobs.iter().any(|job| job.id == *id && job.state == JobState::Waiting && job.error.is_none())
                };
                self.sending.retain(|id, _| under_way(id));
                self.outbox = jobs;
                if arrived {
                    if self.policy.is_none() && self.address.is_some() {
                        self.ask(Request::Policy, Asked::Plain);
                    }
                    self.refresh();
                }
            }
            Event::Sending { job, progress } => {
                self.sending.insert(job, (progress.done, progress.total));
            }
            Event::OutboxTrouble(text) => self.trouble = Some(text),
            _ => {}
        }
    }

    fn answered(&mut self, answer: Answer, why: Asked, notices: &mut Notices, acts: &mut MessageWriter<Act>) {
        match (answer, why) {
            (Answer::Policy(policy, signed_in), _) => {
                self.policy = Some(*policy);
                self.signed_in = signed_in;
                if signed_in {
                    self.ask(Request::Me, Asked::Plain);
                }
            }
            (Answer::Projects(page), Asked::List { first }) => {
                if first {
                    self.cards.clear();
                }
                self.cards.extend(page.items);
                self.more = page.next;
            }
            (Answer::Projects(page), Asked::Own) => self.own = Some(page.items),
            (Answer::Project(project), why) => {
                self.project = Some(*project);
                if matches!(why, Asked::Move) {
                    self.refresh();
                }
            }
            (Answer::Lineage(lineage), _) => self.lineage = Some(lineage),
            (Answer::Picture(bytes), Asked::Picture(path)) => {
                self.pictures.insert(path, Some(bytes));
                self.loaded += 1;
            }
            (Answer::Download(Download { bytes, .. }), Asked::Download(card)) => {
                if let Some(address) = &self.address {
                    acts.write(Act(EditorAction::LibraryAddPackage {
                        package: bytes,
                        portal: address.as_str().to_owned(),
                        project: card.id.clone(),
                        version: card.version,
                    }));
                }
            }
            (Answer::Supported(now), Asked::Engagement(id)) => {
                if let Some(card) = self.cards.iter_mut().find(|card| card.id == id) {
                    (card.supports, card.state) = (now.supports, now.state);
                }
                if self.project.as_ref().is_some_and(|project| project.card.id == id) {
                    self.ask(Request::Project(id), Asked::Plain);
                }
            }
            (Answer::Me(account), _) => self.account = Some(account),
            (Answer::SignedIn(kept), _) => {
                self.signing_in = None;
                self.signed_in = true;
                notices.info(format!("You are signed in. {kept}"));
                self.ask(Request::Me, Asked::Plain);
                self.list(None);
            }
            (Answer::SignedOut, _) => {
                (self.signed_in, self.account, self.own) = (false, None, None);
                if std::mem::take(&mut self.mine) {
                    self.list(None);
                }
                if let Some(project) = &self.project {
                    let id = project.card.id.clone();
                    self.ask(Request::Project(id), Asked::Plain);
                }
                notices.info("You are signed out");
            }
            (Answer::Queued(job), _) => {
                notices.info(format!("“{}” waits in the outbox and goes out by itself", job.title));
            }
            _ => {}
        }
    }

    fn failed(&mut self, error: &ClientError, why: Asked, notices: &mut Notices) {
        if *error == ClientError::Stopped {
            // Somebody wanted that: a sign-in gave way to another one, or to none.
            return;
        }
        let text = told(error);
        match why {
            // A list without pictures is a list.
            Asked::Picture(_) => {}
            Asked::Download(card) => notices.error(format!("“{}” was not downloaded: {text}", card.title)),
            Asked::Submission => notices.error(format!("It was not put into the outbox: {text}")),
            Asked::SignIn => {
                self.signing_in = None;
                self.trouble = Some(text);
            }
            Asked::List { .. } | Asked::Own | Asked::Move | Asked::Engagement(_) | Asked::Plain => {
                self.trouble = Some(text);
            }
        }
    }
}

/// What went wrong and what to do.
fn told(error: &ClientError) -> String {
    let advice = error.advice();
    if advice.is_empty() { error.to_string() } else { format!("{error}. {advice}") }
}

/// Opens a page in the browser, and says so when none opens.
pub fn open_page(url: &str, no_browser: impl FnOnce() + Send + 'static) {
    /// A program that fails later than this was not asked in vain.
    const SOON: Duration = Duration::from_secs(10);
    let mut command = if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        Command::new(if cfg!(target_os = "macos") { "open" } else { "xdg-open" })
    };
    let begun = Instant::now();
    let child = command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match child {
        Ok(mut child) => {
            let wait = move || {
                if child.wait().is_ok_and(|status| !status.success()) && begun.elapsed() < SOON {
                    no_browser();
                }
            };
            if let Err(error) = std::thread::Builder::new().name("browser".into()).spawn(wait) {
                debug!("nobody waits for the browser: {error}");
            }
        }
        Err(error) => {
            debug!("no browser: {error}");
            no_browser();
        }
    }
}

/// Portal actions that wait to be taken.
#[derive(Resource, Default)]
pub struct PortalRequests(pub Vec<PortalAction>);

/// Whether the outbox holds what an earlier session could not send: it goes out as soon as the program runs again.
fn something_waits() -> bool {
    let jobs = Outbox::of_user().and_then(|outbox| outbox.jobs()).unwrap_or_default();
    jobs.iter().any(|job| job.state == JobState::Waiting)
}

/// Takes up what the portal said, and asks what was asked for.
fn pump(
    mut desk: ResMut<PortalDesk>,
    mut requests: ResMut<PortalRequests>,
    mut settings: ResMut<Settings>,
    mut notices: ResMut<Notices>,
    mut acts: MessageWriter<Act>,
    mut begun: Local<bool>,
) {
    if !std::mem::replace(&mut *begun, true) && !settings.portal.is_empty() && something_waits() {
        requests.0.push(PortalAction::Use(settings.portal.clone()));
    }
    let events: Vec<Event> = {
        let desk = desk.bypass_change_detection();
        match &mut desk.worker {
            Some(worker) => {
                let worker = worker.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
                std::iter::from_fn(|| worker.try_event()).collect()
            }
            None => Vec::new(),
        }
    };
    let no_browser = desk.no_browser.swap(false, Ordering::Relaxed);
    if events.is_empty() && requests.0.is_empty() && !no_browser {
        return;
    }
    if no_browser {
        match desk.signing_in {
            // Where no browser opens, a code is typed on another device.
            Some(SigningIn::Browser { .. }) => requests.0.push(PortalAction::SignInByCode),
            _ => desk.unopened = Some(std::mem::take(&mut desk.page)),
        }
    }
    for event in events {
        desk.take(event, &mut notices, &mut acts);
    }
    let asked = std::mem::take(&mut requests.0);
    for action in asked {
        let portal = settings.portal.clone();
        let settings = settings.bypass_change_detection();
        desk.act(action, settings, &mut notices);
        if settings.portal != portal
            && let Err(error) = settings.save()
        {
            notices.warning(format!("The settings could not be saved: {error}"), Vec::new());
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<PortalDesk>()
        .init_resource::<PortalRequests>()
        .add_systems(Update, pump.in_set(crate::EditorSystems::Input));
}
