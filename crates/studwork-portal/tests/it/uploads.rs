//! Uploads that break: at any byte, repeated, out of order. Each project arrives once, with the bytes that were sent.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::json;
use studwork_portal::accounts::Role;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::{Person, TestPortal, answer, digest, grounds, package};

async fn begin(test: &TestPortal, person: &Person, bytes: &[u8], key: &str) -> Response {
    test.request(Method::POST, "/api/v1/uploads", Some(person))
        .header("content-type", studwork_portal::package::MEDIA_TYPE)
        .header("upload-length", bytes.len())
        .header("upload-complete", "?0")
        .header("repr-digest", digest(bytes))
        .header("idempotency-key", key)
        .send()
        .await
        .unwrap()
}

async fn offset(test: &TestPortal, person: &Person, path: &str) -> usize {
    let head = test.request(Method::HEAD, path, Some(person)).send().await.unwrap();
    assert_eq!(head.status(), 204);
    head.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
}

async fn append(
    test: &TestPortal,
    person: &Person,
    path: &str,
    at: usize,
    bytes: &[u8],
    last: bool,
) -> (u16, serde_json::Value) {
    let request = test
        .request(Method::PATCH, path, Some(person))
        .header("content-type", "application/partial-upload")
        .header("upload-offset", at)
        .header("upload-complete", if last { "?1" } else { "?0" })
        .body(bytes.to_vec());
    answer(request.send().await.unwrap()).await
}

/// Announces all of `bytes` from `at`, sends `sent` of them, and hangs up.
async fn cut(test: &TestPortal, person: &Person, path: &str, at: usize, bytes: &[u8], sent: usize) {
    let mut stream = TcpStream::connect(test.server.address).await.unwrap();
    let head = format!(
        "PATCH {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/partial-upload\r\n\
         Upload-Offset: {at}\r\nUpload-Complete: ?1\r\nContent-Length: {}\r\n\r\n",
        test.server.address,
        person.token,
        bytes.len() - at,
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[at..at + sent]).await.unwrap();
    stream.flush().await.unwrap();
    // Let some of it arrive before the line goes dead.
    tokio::time::sleep(Duration::from_millis(8)).await;
    drop(stream);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_cut_at_fifty_places_arrives_once_and_whole() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let ada = test.person("Ada", Role::Member).await;
        let bytes = package("Cut to pieces");
        let response = begin(&test, &ada, &bytes, "the-first-key").await;
        assert_eq!(response.status(), 201);
        let path = response.headers()["location"].to_str().unwrap().to_owned();
        let mut kept = 0;
        for round in 0..50 {
            let at = offset(&test, &ada, &path).await;
            assert!(at >= kept, "what had arrived is kept: {at} after {kept}");
            kept = at;
            let left = bytes.len() - at;
            let sent = rand::random_range(0..left.max(51) / (51 - round)).min(left.saturating_sub(1));
            cut(&test, &ada, &path, at, &bytes, sent).await;
        }
        // The server stores what it got even after the client is gone; wait until it has stopped counting.
        let mut at = offset(&test, &ada, &path).await;
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let now = offset(&test, &ada, &path).await;
            if now == at {
                break;
            }
            at = now;
        }
        assert!(at > 0, "something arrived");
        let (status, project) = append(&test, &ada, &path, at, &bytes[at..], true).await;
        assert_eq!(status, 201, "{project}");
        let id = project["id"].as_str().unwrap();
        // The answer was lost: the same again gives the same project.
        let (status, again) = append(&test, &ada, &path, at, &bytes[at..], true).await;
        assert_eq!((status, again["id"].as_str()), (200, Some(id)));
        let replay = begin(&test, &ada, &bytes, "the-first-key").await;
        assert_eq!(replay.headers()["upload-complete"], "?1");
        assert_eq!(replay.headers()["idempotency-replayed"], "true");

        assert_eq!(test.count("projects").await, 1, "on {}", ground.name);
        let stored = test.request(Method::GET, &format!("/api/v1/projects/{id}/package"), None).send().await.unwrap();
        assert_eq!(stored.bytes().await.unwrap(), bytes);
        assert_eq!(test.count("upload_parts").await, 0, "the pieces are gone");
        test.check().await;
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_that_come_twice_late_or_at_once_change_nothing() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let (ada, eve) = (test.person("Ada", Role::Member).await, test.person("Eve", Role::Member).await);
        let bytes = package("Out of order");
        let path = begin(&test, &ada, &bytes, "another-key").await.headers()["location"].to_str().unwrap().to_owned();
        let third = bytes.len() / 3;
        assert_eq!(append(&test, &ada, &path, 0, &bytes[..third], false).await.0, 204);
        for (at, piece) in [(0, &bytes[..third]), (2 * third, &bytes[2 * third..])] {
            let (status, problem) = append(&test, &ada, &path, at, piece, false).await;
            assert_eq!((status, &problem["code"]), (409, &json!("offset_mismatch")));
            assert_eq!(problem["expected_offset"], third);
        }
        let (status, problem) = append(&test, &ada, &path, third, &[], true).await;
        assert_eq!((status, &problem["code"]), (409, &json!("upload_incomplete")));
        let (status, _) = append(&test, &ada, &path, third, &bytes, false).await;
        assert_eq!(status, 413, "more than was announced");
        assert_eq!(append(&test, &eve, &path, third, &bytes[third..], true).await.0, 404, "somebody else's");

        // The same last piece ten times at once, on two instances of the portal.
        let second = test.second().await;
        let mut racing = tokio::task::JoinSet::new();
        for index in 0..10 {
            let url = if index % 2 == 0 { test.server.url() } else { second.url() };
            let request = test
                .client
                .patch(format!("{url}{path}"))
                .bearer_auth(ada.token.clone())
                .header("content-type", "application/partial-upload")
                .header("upload-offset", third)
                .header("upload-complete", "?1")
                .body(bytes[third..].to_vec());
            racing.spawn(async move { answer(request.send().await.unwrap()).await });
        }
        let mut ids = std::collections::HashSet::new();
        while let Some(done) = racing.join_next().await {
            let (status, body) = done.unwrap();
            match status {
                200 | 201 => {
                    ids.insert(body["id"].as_str().unwrap().to_owned());
                }
                409 => {
                    assert!(["offset_mismatch", "upload_finished"].contains(&body["code"].as_str().unwrap()), "{body}");
                }
                _ => panic!("{status} {body}"),
            }
        }
        assert_eq!(ids.len(), 1);
        assert_eq!(test.count("projects").await, 1);
        test.check().await;

        // Cancelled is gone.
        let path = begin(&test, &ada, &bytes, "a-third-key").await.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(append(&test, &ada, &path, 0, &bytes[..100], false).await.0, 204);
        assert_eq!(test.send(Method::DELETE, &path, &ada, None).await.0, 204);
        assert_eq!(test.request(Method::HEAD, &path, Some(&ada)).send().await.unwrap().status(), 404);
        assert_eq!((test.count("uploads WHERE result IS NULL").await, test.count("upload_parts").await), (0, 0));
        second.stop().await.unwrap();
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_makes_one_project_of_many_requests() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let ada = test.person("Ada", Role::Member).await;
        let bytes = package("Keyed");
        let send = |bytes: Vec<u8>, key: &str| {
            test.request(Method::POST, "/api/v1/projects", Some(&ada))
                .header("content-type", "application/octet-stream")
                .header("idempotency-key", key)
                .body(bytes)
        };
        let mut racing = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let request = send(bytes.clone(), "only-once-please");
            racing.spawn(async move { answer(request.send().await.unwrap()).await });
        }
        let mut created = 0;
        while let Some(done) = racing.join_next().await {
            let (status, body) = done.unwrap();
            assert!(status == 201 || status == 200, "{status} {body}");
            created += i32::from(status == 201);
        }
        assert_eq!((created, test.count("projects").await), (1, 1), "on {}", ground.name);
        let (status, problem) = answer(send(package("Other"), "only-once-please").send().await.unwrap()).await;
        assert_eq!((status, &problem["code"]), (422, &json!("idempotency_mismatch")));
        let comment = |text: &str| {
            test.request(Method::POST, "/api/v1/projects/x/comments", Some(&ada))
                .header("idempotency-key", "comment-key")
                .json(&json!({ "text": text }))
        };
        assert_eq!(comment("a").send().await.unwrap().status(), 404);
        test.check().await;
        test.server.stop().await.unwrap();
    }
}
