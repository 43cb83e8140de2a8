//! Uploads on lines that break: each package arrives once, and whole.

use crate::fake_portal::{FakePortal, Fault};
use std::path::Path;
use std::time::Duration;
use studwork_client::{ClientError, Job, JobId, JobState, NewJob, Outbox, Stop, UploadTarget};

/// Bytes that differ everywhere, so that a shift shows.
fn package(length: usize) -> Vec<u8> {
    (0..length as u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect()
}

fn queue(folder: &Path, fake: &FakePortal, package: &[u8]) -> JobId {
    let new = NewJob {
        portal: fake.address.clone(),
        title: "House".to_owned(),
        package: package.to_vec(),
        target: UploadTarget::default(),
    };
    Outbox::in_folder(folder).add(&new).unwrap().id
}

/// Sends as a program does that was just started.
fn send(folder: &Path, fake: &FakePortal, id: &JobId) -> Job {
    Outbox::in_folder(folder).send(id, &fake.signed_in(), &Stop::new(), &mut |_| {}).unwrap()
}

fn send_until_sent(folder: &Path, fake: &FakePortal, id: &JobId) -> Job {
    for _ in 0..200 {
        let job = send(folder, fake, id);
        match job.state {
            JobState::Sent => return job,
            JobState::Waiting => {}
            state => panic!("{state:?}: {:?}", job.error),
        }
    }
    panic!("it never arrives");
}

#[test]
fn a_package_arrives_once_and_whole_and_a_second_time_not_at_all() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    let package = package(9_000_000);
    let id = queue(folder.path(), &fake, &package);
    let mut told = Vec::new();
    let outbox = Outbox::in_folder(folder.path());
    let job = outbox.send(&id, &fake.signed_in(), &Stop::new(), &mut |progress| told.push(progress.done)).unwrap();
    assert_eq!((job.state, job.project.as_deref(), job.sent), (JobState::Sent, Some("p1"), 9_000_000));
    assert!(told.len() >= 3 && told.is_sorted() && told.last() <= Some(&9_000_000), "{told:?}");
    assert_eq!(fake.state.lock().unwrap().projects["p1"], package);
    let before = fake.log().len();
    assert_eq!(send(folder.path(), &fake, &id).state, JobState::Sent);
    assert_eq!(queue(folder.path(), &fake, &package), id, "the same package again is the same job");
    assert_eq!(fake.log().len(), before, "nothing more is sent");
}

#[test]
fn cut_at_fifty_offsets_and_with_lost_answers_it_arrives_once_and_whole() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    let package = package(6_000_000);
    let mut seed = 0x5DEE_CE66_u64;
    let mut chance = |end: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % end
    };
    let faults = (0..50).map(|index| match index % 5 {
        4 => Fault::LoseAnswer,
        // Also before the first byte and in the middle of a piece.
        0 => Fault::CutAfter(chance(3) as usize),
        _ => Fault::CutAfter(chance(200_000) as usize),
    });
    fake.state.lock().unwrap().faults.extend(faults);
    let id = queue(folder.path(), &fake, &package);
    let job = send_until_sent(folder.path(), &fake, &id);
    let state = fake.state.lock().unwrap();
    assert!(state.faults.len() < 10, "the line did break: {} faults are left", state.faults.len());
    assert_eq!(state.projects.len(), 1, "exactly one project");
    assert!(state.projects[job.project.as_ref().unwrap()] == package, "the bytes are the same");
    assert_eq!(state.uploads.len(), 1, "one upload, however often it was asked for");
}

#[test]
fn a_lost_answer_to_the_last_piece_makes_no_second_project() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    let id = queue(folder.path(), &fake, &package(1000));
    // The creation is answered; the answers to the only piece are lost, three times over.
    fake.state.lock().unwrap().faults.extend([Fault::None, Fault::LoseAnswer, Fault::LoseAnswer, Fault::LoseAnswer]);
    let job = send_until_sent(folder.path(), &fake, &id);
    assert_eq!((job.project.as_deref(), fake.state.lock().unwrap().projects.len()), (Some("p1"), 1));
}

#[test]
fn a_lost_answer_to_the_creation_makes_no_second_upload() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    let id = queue(folder.path(), &fake, &package(1000));
    fake.state.lock().unwrap().faults.extend([Fault::LoseAnswer, Fault::LoseAnswer]);
    send_until_sent(folder.path(), &fake, &id);
    let state = fake.state.lock().unwrap();
    assert_eq!((state.uploads.len(), state.projects.len()), (1, 1));
}

#[test]
fn an_upload_that_the_portal_forgot_is_begun_anew_unless_it_had_arrived() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    let bytes = package(500_000);
    let id = queue(folder.path(), &fake, &bytes);
    // It breaks with a server that answers nothing useful.
    fake.state.lock().unwrap().faults.extend([Fault::None, Fault::Answer(502, String::new())]);
    assert_eq!(send(folder.path(), &fake, &id).state, JobState::Waiting);
    fake.state.lock().unwrap().uploads.clear();
    assert_eq!(send_until_sent(folder.path(), &fake, &id).project.as_deref(), Some("p1"));

    let other = package(400_000);
    let id = queue(folder.path(), &fake, &other);
    fake.state.lock().unwrap().faults.extend([Fault::None, Fault::Answer(500, String::new())]);
    assert_eq!(send(folder.path(), &fake, &id).state, JobState::Waiting);
    // It did arrive, and the upload was tidied away since.
    let mut state = fake.state.lock().unwrap();
    state.uploads.clear();
    state.projects.insert("p7".to_owned(), other);
    drop(state);
    assert_eq!(send_until_sent(folder.path(), &fake, &id).project.as_deref(), Some("p7"));
    assert_eq!(fake.state.lock().unwrap().projects.len(), 2);
}

#[test]
fn a_portal_that_is_away_or_busy_is_waited_for() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    let id = queue(folder.path(), &fake, &package(1000));
    fake.set_down(true);
    let job = send(folder.path(), &fake, &id);
    assert!(
        job.state == JobState::Waiting && matches!(job.error, Some(ClientError::Offline { .. })),
        "{:?}",
        job.error
    );
    fake.set_down(false);
    fake.state.lock().unwrap().faults.push_back(Fault::Answer(429, String::new()));
    let job = send(folder.path(), &fake, &id);
    assert_eq!(job.error, Some(ClientError::Busy { retry_after: Some(Duration::from_secs(7)) }));
    assert!(job.not_before >= job.created + 7);
    assert_eq!(send(folder.path(), &fake, &id).state, JobState::Sent);
}

#[test]
fn what_the_rules_refuse_is_told_with_every_finding_and_not_sent_again() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    let id = queue(folder.path(), &fake, &package(1000));
    let refusal = r#"{"code": "package_refused", "title": "The package is refused", "status": 422, "findings": [{"code": "P404",
        "rule": "too-few-pieces", "severity": "error", "place": {"kind": "design"}, "message": "the design has too few pieces",
        "advice": "Build on: a project needs more pieces."}]}"#;
    fake.state.lock().unwrap().faults.extend([Fault::None, Fault::Answer(422, refusal.to_owned())]);
    let job = send(folder.path(), &fake, &id);
    assert_eq!(job.state, JobState::Refused);
    let error = job.error.unwrap();
    assert!(matches!(&error, ClientError::PackageRefused { findings } if findings[0].code == "P404"), "{error}");
    assert!(error.to_string().contains("too few pieces") && error.advice().contains("Build on"), "{error}");
    let outbox = Outbox::in_folder(folder.path());
    assert!(outbox.next(std::time::SystemTime::now() + Duration::from_secs(99_999)).unwrap().is_none());
    assert_eq!(outbox.job(&id).unwrap().state, JobState::Refused, "also after a restart");
}

#[test]
fn pieces_keep_to_what_the_portal_takes() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    fake.state.lock().unwrap().max_piece = Some(100_000);
    let id = queue(folder.path(), &fake, &package(1_000_001));
    assert_eq!(send(folder.path(), &fake, &id).state, JobState::Sent);
    let pieces = fake.log().iter().filter(|line| line.starts_with("PATCH")).count();
    assert_eq!(pieces, 11);
}

#[test]
fn a_new_version_and_a_draft_say_what_they_are() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    let outbox = Outbox::in_folder(folder.path());
    let target = UploadTarget { project: Some("k3x9".to_owned()), draft: true };
    let new = NewJob { portal: fake.address.clone(), title: "House".to_owned(), package: package(100), target };
    let id = outbox.add(&new).unwrap().id;
    assert_eq!(send(folder.path(), &fake, &id).state, JobState::Sent);
    assert_eq!(fake.state.lock().unwrap().uploads["u1"].query, "draft=true&project=k3x9");
    let other = outbox.add(&NewJob { target: UploadTarget::default(), ..new }).unwrap();
    assert_ne!(other.id, id, "the same package for another purpose is another job");
}

#[test]
fn stopping_is_prompt_and_cancelling_takes_it_off_the_portal() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), FakePortal::start());
    let id = queue(folder.path(), &fake, &package(20_000_000));
    fake.state.lock().unwrap().max_piece = Some(500_000);
    let outbox = Outbox::in_folder(folder.path());
    let stop = Stop::new();
    let mut seen = 0;
    let job = outbox
        .send(&id, &fake.signed_in(), &stop, &mut |progress| {
            seen = progress.done;
            if progress.done > 2_000_000 {
                stop.stop();
            }
        })
        .unwrap();
    assert!(job.state == JobState::Waiting && seen < 4_000_000 && job.sent > 1_000_000, "{seen}");
    assert_eq!(outbox.cancel(&id, Some(&fake.signed_in())).unwrap(), None);
    assert_eq!(outbox.jobs().unwrap(), []);
    let state = fake.state.lock().unwrap();
    assert!(state.uploads.is_empty() && state.projects.is_empty());
}
