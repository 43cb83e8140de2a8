//! The threads behind a window: requests are answered, the outbox goes out by itself.

use crate::fake_portal::{FakePortal, TOKEN};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use studwork_client::{
    Answer, ClientError, Event, JobState, Outbox, ProjectQuery, Request, RequestId, Token, TokenStore, UploadTarget,
    Worker, WorkerFolders,
};

const PATIENCE: Duration = Duration::from_secs(30);

fn folders(folder: &Path) -> WorkerFolders {
    WorkerFolders {
        tokens: TokenStore::in_folder(&folder.join("sign-ins")),
        outbox: Outbox::in_folder(&folder.join("outbox")),
    }
}

/// Waits for the answer to a request; what else is told goes to `seen`.
fn answer(worker: &Worker, wanted: RequestId, seen: &mut Vec<Event>) -> Result<Answer, ClientError> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        match worker.wait_event(Duration::from_millis(200)) {
            Some(Event::Answer { id, answer }) if id == wanted => return answer,
            Some(event) => seen.push(event),
            None => {}
        }
    }
    panic!("no answer; seen: {seen:?}");
}

fn wait_for_job(worker: &Worker, state: JobState, seen: &mut Vec<Event>) {
    let is_there = |event: &Event| matches!(event, Event::Outbox(jobs) if jobs.iter().any(|job| job.state == state));
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if seen.iter().any(is_there) {
            return;
        }
        seen.extend(worker.wait_event(Duration::from_millis(200)));
    }
    panic!("no job is {state:?}: {seen:?}");
}

#[test]
fn a_window_chooses_a_portal_looks_around_signs_in_and_submits() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    fake.state.lock().unwrap().projects.insert("k3x9".to_owned(), b"a package".to_vec());
    let woken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&woken);
    let wake = move || {
        count.fetch_add(1, Ordering::SeqCst);
    };
    let mut worker = Worker::start(folders(folder.path()), wake).unwrap();
    let mut seen = Vec::new();

    let id = worker.ask(Request::Policy);
    assert!(matches!(answer(&worker, id, &mut seen), Err(ClientError::BadAddress { .. })), "no portal is chosen yet");
    let id = worker.ask(Request::UsePortal(fake.address.clone()));
    assert!(
        matches!(answer(&worker, id, &mut seen), Ok(Answer::Policy(policy, false)) if policy.portal.name == "Test")
    );
    let id = worker.ask(Request::Projects(ProjectQuery::default()));
    assert!(matches!(answer(&worker, id, &mut seen), Ok(Answer::Projects(page)) if page.items.len() == 1));
    let id = worker.ask(Request::Download { project: "k3x9".to_owned(), version: None, expected: None });
    assert!(matches!(answer(&worker, id, &mut seen), Ok(Answer::Download(download)) if download.bytes == b"a package"));
    assert!(seen.iter().any(|event| matches!(event, Event::Loading { .. })));

    // Without a sign-in it waits; with one it goes out by itself.
    let submit =
        Request::Submit { title: "House".to_owned(), package: vec![7; 100_000], target: UploadTarget::default() };
    let id = worker.ask(submit);
    assert!(matches!(answer(&worker, id, &mut seen), Ok(Answer::Queued(_))));
    wait_for_job(&worker, JobState::SignInNeeded, &mut seen);
    let granted = format!(r#"{{"access_token": "{TOKEN}", "token_type": "Bearer", "expires_in": 7776000}}"#);
    fake.state.lock().unwrap().token_answers.push_back((200, granted));
    let id = worker.ask(Request::SignIn { device_name: "test".to_owned(), browser: false });
    let signed_in = answer(&worker, id, &mut seen);
    assert!(matches!(&signed_in, Ok(Answer::SignedIn(words)) if words.contains("only you can read")), "{signed_in:?}");
    assert!(seen.iter().any(|event| matches!(event, Event::TypeCode { code, .. } if code == "BCDF-GHJK")));
    wait_for_job(&worker, JobState::Sent, &mut seen);
    assert!(seen.iter().any(|event| matches!(event, Event::Sending { .. })));
    assert_eq!(fake.state.lock().unwrap().projects.len(), 2);
    assert!(woken.load(Ordering::SeqCst) >= seen.len());

    let id = worker.ask(Request::Me);
    assert!(matches!(answer(&worker, id, &mut seen), Ok(Answer::Me(account)) if account.name == "Ada"));
    let id = worker.ask(Request::SignOut);
    assert_eq!(answer(&worker, id, &mut seen), Ok(Answer::SignedOut));
    let id = worker.ask(Request::Me);
    assert!(matches!(answer(&worker, id, &mut seen), Err(ClientError::SignInNeeded { .. })));
    assert!(fake.log().iter().any(|line| line == "POST /oauth/revoke"));
}

#[test]
fn what_waits_goes_out_after_a_restart_and_can_be_paused_and_cancelled() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    let places = folders(folder.path());
    places.tokens.save(&fake.address, &Token { secret: TOKEN.to_owned(), expires: None }).unwrap();
    fake.set_down(true);
    let mut seen = Vec::new();
    let mut worker = Worker::start(places.clone(), || {}).unwrap();
    worker.ask(Request::UsePortal(fake.address.clone()));
    let submit = |byte: u8| Request::Submit {
        title: "House".to_owned(),
        package: vec![byte; 50_000],
        target: UploadTarget::default(),
    };
    let id = worker.ask(submit(1));
    let Ok(Answer::Queued(first)) = answer(&worker, id, &mut seen) else { panic!("{seen:?}") };
    let id = worker.ask(submit(2));
    let Ok(Answer::Queued(second)) = answer(&worker, id, &mut seen) else { panic!("{seen:?}") };
    let id = worker.ask(Request::Pause(first.id.clone()));
    assert_eq!(answer(&worker, id, &mut seen), Ok(Answer::Done));
    let id = worker.ask(Request::Cancel(second.id.clone()));
    assert_eq!(answer(&worker, id, &mut seen), Ok(Answer::Done));
    drop(worker);

    fake.set_down(false);
    let mut worker = Worker::start(places.clone(), || {}).unwrap();
    let jobs = places.outbox.jobs().unwrap();
    assert_eq!(jobs.iter().map(|job| (&job.id, job.state)).collect::<Vec<_>>(), [(&first.id, JobState::Paused)]);
    let id = worker.ask(Request::Resume(first.id.clone()));
    let mut seen = Vec::new();
    assert_eq!(answer(&worker, id, &mut seen), Ok(Answer::Done));
    wait_for_job(&worker, JobState::Sent, &mut seen);
    assert_eq!(fake.state.lock().unwrap().projects.values().collect::<Vec<_>>(), [&vec![1; 50_000]]);
}
