//! The outbox in a folder of its own: what waits survives, and is sent once.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;

fn new_job(package: &[u8]) -> NewJob {
    NewJob {
        portal: PortalAddress::new("http://127.0.0.1:1").unwrap(),
        title: "House".to_owned(),
        package: package.to_vec(),
        target: UploadTarget::default(),
    }
}

#[test]
fn what_is_queued_is_there_after_a_restart_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::in_folder(&folder.path().join("outbox"));
    assert_eq!(outbox.jobs().unwrap(), []);
    let job = outbox.add(&new_job(b"package")).unwrap();
    assert_eq!(outbox.add(&new_job(b"package")).unwrap(), job, "the same is queued once");
    let other = outbox.add(&new_job(b"another")).unwrap();
    assert_ne!(other.key, job.key);
    let again = Outbox::in_folder(&folder.path().join("outbox"));
    assert_eq!(again.jobs().unwrap().len(), 2);
    assert_eq!(again.job(&job.id).unwrap(), job);
    again.remove(&job.id).unwrap();
    again.remove(&job.id).unwrap();
    assert_eq!(outbox.jobs().unwrap(), [other]);
}

#[test]
fn a_job_that_was_not_written_to_its_end_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::in_folder(folder.path());
    let job = outbox.add(&new_job(b"package")).unwrap();
    fs::remove_file(outbox.path(&job.id).join(JOB)).unwrap();
    assert_eq!(outbox.jobs().unwrap(), []);
    fs::write(outbox.path(&job.id).join(JOB), "{").unwrap();
    assert_eq!(outbox.jobs().unwrap(), []);
}

#[test]
fn waits_grow_with_chance_up_to_a_limit() {
    assert_eq!(wait_after(0, 1.0), Duration::from_secs(5));
    assert_eq!(wait_after(0, 0.0), Duration::from_millis(2500));
    assert_eq!(wait_after(3, 1.0), Duration::from_secs(40));
    assert_eq!(wait_after(1000, 1.0), LONGEST_WAIT);
}

#[test]
fn offline_it_waits_paused_it_rests_and_a_changed_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::in_folder(folder.path());
    let job = outbox.add(&new_job(b"package")).unwrap();
    // Nobody listens at that port.
    let portal = Portal::new(job.portal.clone(), Some("token".to_owned())).unwrap();
    let send = || outbox.send(&job.id, &portal, &Stop::new(), &mut |_| {}).unwrap();
    let waiting = send();
    assert_eq!((waiting.state, waiting.breaks), (JobState::Waiting, 1));
    assert!(matches!(waiting.error, Some(ClientError::Offline { .. })), "{:?}", waiting.error);
    let (next, wait) = outbox.next(SystemTime::now()).unwrap().unwrap();
    assert!(next.id == job.id && wait > Duration::ZERO && wait <= FIRST_WAIT, "{wait:?}");
    let later = SystemTime::now() + Duration::from_secs(60);
    assert_eq!(outbox.next(later).unwrap().unwrap().1, Duration::ZERO);

    assert_eq!(outbox.pause(&job.id).unwrap().state, JobState::Paused);
    assert!(outbox.next(later).unwrap().is_none());
    let resumed = outbox.resume(&job.id).unwrap();
    assert_eq!((resumed.state, resumed.not_before, resumed.error), (JobState::Waiting, 0, None));

    let nobody = Portal::new(job.portal.clone(), None).unwrap();
    let unsigned = outbox.send(&job.id, &nobody, &Stop::new(), &mut |_| {}).unwrap();
    assert_eq!(unsigned.state, JobState::SignInNeeded);
    outbox.signed_in(&job.portal).unwrap();
    assert_eq!(outbox.job(&job.id).unwrap().state, JobState::Waiting);

    fs::write(outbox.package_path(&job.id), b"PACKAGE").unwrap();
    let refused = send();
    assert_eq!(refused.state, JobState::Refused);
    assert!(refused.error.unwrap().to_string().contains("changed"));
    assert_ne!(outbox.add(&new_job(b"package")).unwrap().id, job.id, "a refused one is begun anew");
}

#[test]
fn two_programs_do_not_send_one_job() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::in_folder(folder.path());
    let job = outbox.add(&new_job(b"package")).unwrap();
    let lock = outbox.lock(&job.id).unwrap();
    let portal = Portal::new(job.portal.clone(), None).unwrap();
    let refused = outbox.send(&job.id, &portal, &Stop::new(), &mut |_| {});
    assert!(matches!(refused, Err(OutboxError::Locked)));
    assert!(matches!(outbox.remove(&job.id), Err(OutboxError::Locked)));
    drop(lock);
    assert!(outbox.pause(&job.id).is_ok());
}
