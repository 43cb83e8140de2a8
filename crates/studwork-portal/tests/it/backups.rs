//! A backup of one portal becomes another portal, whatever either stands on.

use reqwest::Method;
use serde_json::json;
use studwork_portal::accounts::Role;
use studwork_portal::admin::{backup, restore};

use crate::support::{Ground, TestPortal, grounds, package};

async fn fresh(index: usize) -> Option<Ground> {
    grounds().await.into_iter().nth(index)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_moves_a_portal_to_another_database_and_store() {
    for (from, to) in [(0, 1), (1, 0), (0, 0)] {
        let (Some(from), Some(to)) = (fresh(from).await, fresh(to).await) else { continue };
        let old = TestPortal::start(&from).await;
        let (ada, bob) = (old.person("Ada", Role::Member).await, old.person("Bob", Role::Member).await);
        let bytes = package("Moving house");
        let id = old.project(&ada, &bytes).await;
        let support = format!("/api/v1/projects/{id}/support");
        assert_eq!(old.send(Method::PUT, &support, &bob, None).await.0, 200);
        let comments = format!("/api/v1/projects/{id}/comments");
        old.send(Method::POST, &comments, &bob, Some(json!({"text": "See \"you\" there, ä\n\nöü"}))).await;
        let folder = old.dir.path().join("backup");
        let written = backup(&old.server.portal.db, &old.server.portal.store, &folder).await.unwrap();
        assert!(
            backup(&old.server.portal.db, &old.server.portal.store, &folder).await.is_err(),
            "the folder is not empty"
        );

        let new = TestPortal::start(&to).await;
        let read = restore(&new.server.portal.db, &new.server.portal.store, &folder).await.unwrap();
        assert_eq!(written, read);
        assert!(restore(&new.server.portal.db, &new.server.portal.store, &folder).await.is_err(), "not twice");
        new.check().await;
        let path = format!("/api/v1/projects/{id}");
        let mut pair = [old.get(&path, Some(&bob)).await, new.get(&path, Some(&bob)).await];
        assert_eq!(pair[0], pair[1], "from {} to {}", from.name, to.name);
        assert_eq!(pair[0]["you"].take()["supported"], true);
        let stored = new.request(Method::GET, &format!("{path}/package"), None).send().await.unwrap();
        assert_eq!(stored.bytes().await.unwrap(), bytes);
        // Life goes on: counting keys do not collide.
        assert_eq!(new.send(Method::POST, &comments, &bob, Some(json!({"text": "Here I am."}))).await.0, 201);
        assert_eq!(new.send(Method::DELETE, &support, &bob, None).await.0, 200);
        new.check().await;
        old.server.stop().await.unwrap();
        new.server.stop().await.unwrap();
    }
}
