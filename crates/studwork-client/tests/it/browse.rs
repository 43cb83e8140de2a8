//! Looking around, loading, taking part.

use crate::fake_portal::FakePortal;
use studwork_client::{ClientError, Engagement, Portal, PortalAddress, ProjectQuery, Sort, Stop};
use studwork_core::package::{Span, sha256_hex};

fn with_project() -> FakePortal {
    let portal = FakePortal::start();
    portal.state.lock().unwrap().projects.insert("k3x9".to_owned(), b"a package".to_vec());
    portal
}

#[test]
fn the_policy_tells_the_portals_own_numbers() {
    let fake = FakePortal::start();
    let policy = fake.anonymous().policy().unwrap();
    assert_eq!(policy.portal.name, "Test");
    assert_eq!(policy.package.design.pieces, Span::new(5, 50));
    assert_eq!(policy.package.archive.entries, 64, "what it does not say has its default");
}

#[test]
fn projects_are_listed_shown_and_supported() {
    let fake = with_project();
    let portal = fake.signed_in();
    let query = ProjectQuery { words: " red house ".to_owned(), sort: Sort::Rising, ..ProjectQuery::default() };
    let page = portal.projects(&query).unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
    assert_eq!(page.items[0].creator.name, "Ada");
    let project = portal.project("k3x9").unwrap();
    assert_eq!(project.card.title, "House k3x9");
    assert_eq!(project.package.sha256, sha256_hex(b"a package"));
    assert_eq!(project.parent.unwrap().creator, "Grace");
    assert!(project.you.unwrap().following);
    assert!(portal.engage("k3x9", Engagement::Support, true).unwrap().supported);
    assert!(!portal.engage("k3x9", Engagement::Support, false).unwrap().supported);
    assert!(!fake.state.lock().unwrap().supports["k3x9"]);
    assert_eq!(portal.lineage("k3x9").unwrap().ancestors[0].creator, "Grace");
    assert_eq!(portal.parts("k3x9").unwrap()[0].color, "4");
    assert_eq!(portal.picture("/media/k3x9.jpg").unwrap(), b"picture");
    assert_eq!(portal.me().unwrap().name, "Ada");
}

#[test]
fn a_download_is_checked_against_every_hash_that_is_known() {
    let fake = with_project();
    let portal = fake.anonymous();
    let load = |expected: Option<&str>| {
        let mut last = None;
        let loaded = portal.download("k3x9", None, expected, &Stop::new(), &mut |progress| last = Some(progress));
        loaded.map(|download| (download, last))
    };
    let (download, last) = load(Some(&sha256_hex(b"a package"))).unwrap();
    assert_eq!(download.bytes, b"a package");
    assert_eq!(last.map(|progress| (progress.done, progress.total)), Some((9, 9)));
    assert!(matches!(load(Some(&sha256_hex(b"another"))), Err(ClientError::Damaged { .. })));
    fake.state.lock().unwrap().damages = true;
    assert!(matches!(load(None), Err(ClientError::Damaged { .. })));
}

#[test]
fn refusals_say_what_and_what_to_do() {
    let fake = with_project();
    let missing = fake.anonymous().project("nope").unwrap_err();
    assert!(missing.has_code("not_found") && missing.to_string().contains("No such project"), "{missing}");
    let unsigned = fake.anonymous().engage("k3x9", Engagement::Support, true).unwrap_err();
    assert!(matches!(unsigned, ClientError::SignInNeeded { .. }));
    let wrong = Portal::new(fake.address.clone(), Some("swp_wrong".to_owned())).unwrap();
    let wrong = wrong.me().unwrap_err();
    assert!(matches!(wrong, ClientError::SignInNeeded { .. }) && wrong.advice().contains("Sign in"), "{wrong}");
    fake.set_down(true);
    let offline = fake.anonymous().policy().unwrap_err();
    assert!(offline.is_temporary() && offline.to_string().contains(fake.address.as_str()), "{offline}");
}

#[test]
fn what_is_no_portal_is_said_to_be_none_and_nothing_is_followed_elsewhere() {
    let fake = FakePortal::start();
    let portal = fake.signed_in();
    assert!(matches!(portal.picture("/elsewhere"), Err(ClientError::Protocol { .. })));
    assert!(matches!(portal.picture("https://evil.example/a.png"), Err(ClientError::Protocol { .. })));
    assert!(matches!(portal.project("../me"), Err(ClientError::Protocol { .. })));
    let nobody = PortalAddress::new("http://127.0.0.1:9").unwrap();
    assert!(matches!(Portal::new(nobody, None).unwrap().policy(), Err(ClientError::Offline { .. })));
}
