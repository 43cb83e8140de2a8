//! The way of a project: from a package to its copies, through every state.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use studwork_core::Edit;
use studwork_portal::accounts::Role;
use studwork_portal::clock::{DAY, SECOND};
use studwork_portal::policy::Milestone;
use studwork_portal::projects::State;
use studwork_portal::projects::states::{Who, who_may};

use crate::support::{NOON, Person, TestPortal, grounds, package, package_of, starter};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_becomes_a_project_that_others_download_copy_and_talk_about() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let (ada, bob) = (test.person("Ada", Role::Member).await, test.person("Bob", Role::Member).await);
        let bytes = package("Lighthouse");
        let id = test.project(&ada, &bytes).await;

        let project = test.get(&format!("/api/v1/projects/{id}"), None).await;
        assert_eq!(project["title"], "Lighthouse");
        assert_eq!(project["state"], "gathering");
        assert_eq!(project["creator"]["name"], "Ada");
        assert_eq!(project["deadline"], "2027-03-01T12:00:00Z");
        assert_eq!(project["turntable"].as_array().unwrap().len(), 24);
        assert_eq!(project["description_html"], "<p>It has <strong>two</strong> rooms.</p>\n");
        assert_eq!(project["you"], Value::Null);
        for path in [&project["cover"], &project["images"][0], &project["turntable"][23]] {
            let picture = test.request(Method::GET, path.as_str().unwrap(), None).send().await.unwrap();
            assert_eq!(picture.headers()["content-type"], "image/jpeg");
            assert!(image::load_from_memory(&picture.bytes().await.unwrap()).unwrap().width() >= 256);
        }

        let download =
            test.request(Method::GET, project["package"]["url"].as_str().unwrap(), None).send().await.unwrap();
        assert_eq!(download.headers()["repr-digest"], crate::support::digest(&bytes).as_str());
        let etag = download.headers()["etag"].clone();
        assert_eq!(download.bytes().await.unwrap(), bytes);
        let again = test
            .request(Method::GET, &format!("/api/v1/projects/{id}/package"), None)
            .header("if-none-match", etag)
            .send()
            .await
            .unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);

        let parts = test.get(&format!("/api/v1/projects/{id}/parts"), None).await;
        let pieces: i64 = parts["items"].as_array().unwrap().iter().map(|row| row["count"].as_i64().unwrap()).sum();
        assert_eq!(project["pieces"], pieces);

        // A copy of Bob's, without one piece, names its original by the hash of the design that was in the package.
        let mut design = starter();
        let piece = design.pieces().next().unwrap().id;
        design.apply(Edit::RemovePieces(vec![piece])).unwrap();
        let copy = package_of(
            &design,
            json!({ "title": "Lighthouse with a boat", "creators": [{"name": "Bob", "consent": true}, {"name": "Ada", "consent": true}],
                "parent": {"project": id, "version": 1, "sha256": studwork_portal::secrets::sha256_hex(&bytes),
                           "title": "Lighthouse", "author": "Ada", "license": "CC-BY-4.0"} }),
        );
        let (status, body) = test.publish(&bob, &copy).await;
        assert_eq!(status, 201, "{body}");
        let copy_id = body["id"].as_str().unwrap().to_owned();
        assert_eq!(body["parent"]["id"], id.as_str());
        let line = test.get(&format!("/api/v1/projects/{id}/lineage"), None).await;
        assert_eq!(line["children"][0]["id"], copy_id.as_str());

        // A new version keeps its support and says what changed.
        let (_, standing) = test.send(Method::PUT, &format!("/api/v1/projects/{id}/support"), &bob, None).await;
        assert_eq!(standing, json!({"supported": true, "supports": 1, "state": "gathering"}));
        let second = package_of(&design, json!({ "title": "Lighthouse", "description": "Without a boat." }));
        let (status, body) = test.publish_to(&format!("/api/v1/projects/{id}/versions"), &ada, &second).await;
        assert_eq!((status, &body["version"], &body["supports"]), (201, &json!(2), &json!(1)), "{body}");
        let versions = test.get(&format!("/api/v1/projects/{id}/versions"), None).await;
        let changes = versions["items"][0]["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert_eq!(changes[0]["before"].as_i64().unwrap() - 1, changes[0]["after"].as_i64().unwrap());
        assert_eq!(versions["items"][1]["changes"], json!([]));
        let first =
            test.request(Method::GET, &format!("/api/v1/projects/{id}/versions/1/package"), None).send().await.unwrap();
        assert_eq!(first.bytes().await.unwrap(), bytes, "versions never change");

        // Talk.
        let path = format!("/api/v1/projects/{id}/comments");
        let (status, comment) =
            test.send(Method::POST, &path, &bob, Some(json!({"text": "I *like* it <script>x</script>"}))).await;
        assert_eq!(status, 201);
        assert!(comment["html"].as_str().unwrap().contains("<em>like</em>"));
        assert!(!comment["html"].as_str().unwrap().contains("<script"));
        let reply = json!({"text": "Thank you", "reply_to": comment["id"]});
        let (status, reply) = test.send(Method::POST, &path, &ada, Some(reply)).await;
        assert_eq!((status, &reply["reply_to"]), (201, &comment["id"]));
        let path = format!("/api/v1/comments/{}", comment["id"].as_str().unwrap());
        assert_eq!(test.send(Method::DELETE, &path, &ada, None).await.0, 403);
        assert_eq!(test.send(Method::DELETE, &path, &bob, None).await.0, 204);
        let talk = test.get(&format!("/api/v1/projects/{id}/comments"), None).await;
        assert_eq!((&talk["items"][0]["deleted"], &talk["items"][0]["creator"]), (&json!(true), &Value::Null));
        assert_eq!(test.get(&format!("/api/v1/projects/{id}"), None).await["comments"], 1);

        // What was removed leaves its name and its hash.
        assert_eq!(test.send(Method::DELETE, &format!("/api/v1/projects/{id}"), &bob, None).await.0, 403);
        assert_eq!(test.send(Method::DELETE, &format!("/api/v1/projects/{id}"), &ada, None).await.0, 204);
        assert_eq!(test.send(Method::GET, &format!("/api/v1/projects/{id}"), &ada, None).await.0, 404);
        let orphan = test.get(&format!("/api/v1/projects/{copy_id}"), None).await;
        assert_eq!((&orphan["parent"]["id"], &orphan["parent"]["title"]), (&Value::Null, &json!("Lighthouse")));
        test.check().await;
        test.server.stop().await.unwrap();
    }
}

async fn seed(test: &TestPortal, creator: &Person, state: State) -> String {
    let id = studwork_portal::secrets::id();
    let deadline = (state == State::Gathering).then_some(NOON + 365 * DAY);
    studwork_portal::db::exec(
        test.server.portal.db.write(),
        "INSERT INTO projects (id, creator, title, summary, description, description_html, for_whom, problem, license, tags,
           creators, search, state, listed, rising, gathering_at, deadline_at, pieces, version, sha256, bytes, media,
           created_at, updated_at)
         VALUES ($1, $2, 'Seed', '', '', '', '', '', 'CC0-1.0', '[]', '[]', 'seed', $3, $4, 0, $5, $6, 200, 1, '', 0, '{}', $5, $5)",
        studwork_portal::params![
            id.clone(),
            creator.id.clone(),
            state.name(),
            i64::from(state.is_public()),
            NOON,
            deadline,
        ],
    )
    .await
    .unwrap();
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_that_is_not_in_the_table_is_refused_and_every_other_leaves_one_event() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let (ada, eve) = (test.person("Ada", Role::Member).await, test.person("Eve", Role::Member).await);
        let judge = test.person("Judge", Role::Reviewer).await;
        for from in State::ALL {
            for to in State::ALL {
                for (person, who) in [(&ada, Some(Who::Creator)), (&judge, Some(Who::Reviewer)), (&eve, None)] {
                    let id = seed(&test, &ada, from).await;
                    let body = json!({"to": to.name(), "note": "said"});
                    let path = format!("/api/v1/projects/{id}/transitions");
                    let (status, answer) = test.send(Method::POST, &path, person, Some(body)).await;
                    let allowed = who.is_some_and(|who| who_may(from, to).contains(&who));
                    let events = test.count(&format!("events WHERE project = '{id}'")).await;
                    let told = format!("{from} to {to} by {who:?} on {}: {status} {answer}", ground.name);
                    if allowed {
                        assert_eq!(status, 200, "{told}");
                        assert!(events >= 1, "{told}");
                        // Without a first look by a reviewer, what is submitted gathers at once.
                        let expected = if to == State::Submitted { State::Gathering } else { to };
                        assert_eq!(answer["state"], expected.name(), "{told}");
                    } else {
                        let visible = from.is_public() || who.is_some();
                        let humanly = who_may(from, to).iter().any(|who| *who != Who::Portal);
                        let expected = if !visible {
                            404
                        } else if humanly {
                            403
                        } else {
                            409
                        };
                        assert_eq!(status, expected, "{told}");
                        assert_eq!(events, 0, "{told}");
                    }
                }
            }
        }
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_window_closes_to_the_second_and_the_count_is_reached_exactly() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        test.policy(|policy| {
            policy.support.window_days = 30;
            policy.support.review_at = 3;
            policy.support.milestones = vec![Milestone { supports: 1, within_days: 10 }];
        })
        .await;
        let ada = test.person("Ada", Role::Member).await;
        let mut people = Vec::new();
        for name in ["A", "B", "C", "D"] {
            people.push(test.person(name, Role::Member).await);
        }
        let support = async |person: &Person, id: &str| {
            test.send(Method::PUT, &format!("/api/v1/projects/{id}/support"), person, None).await
        };
        let state = async |id: &str| test.get(&format!("/api/v1/projects/{id}"), None).await["state"].clone();
        let late = test.project(&ada, &package("Late")).await;
        let slow = test.project(&ada, &package("Slow")).await;
        let good = test.project(&ada, &package("Good")).await;

        // One second before the first milestone's end, and at it.
        test.clock.set(NOON + 10 * DAY - SECOND);
        assert_eq!(support(&people[0], &slow).await.0, 200);
        assert_eq!(support(&people[0], &good).await.0, 200);
        studwork_portal::projects::expire_due(&test.server.portal).await.unwrap();
        assert_eq!(state(&late).await, "gathering");
        test.clock.set(NOON + 10 * DAY);
        let (status, refused) = support(&people[0], &late).await;
        assert_eq!((status, &refused["code"], &refused["state"]), (409, &json!("support_closed"), &json!("expired")));
        assert_eq!(state(&late).await, "expired", "the refusal moved it");

        // The whole window: still open one second before, closed one second after, by housekeeping alone.
        test.clock.set(NOON + 30 * DAY - SECOND);
        assert_eq!(support(&people[1], &good).await.1["state"], "gathering");
        let (_, reached) = support(&people[2], &good).await;
        assert_eq!((&reached["supports"], &reached["state"]), (&json!(3), &json!("qualified")));
        assert_eq!(studwork_portal::projects::expire_due(&test.server.portal).await.unwrap(), 0);
        test.clock.set(NOON + 30 * DAY + SECOND);
        assert_eq!(studwork_portal::projects::expire_due(&test.server.portal).await.unwrap(), 1);
        assert_eq!(state(&slow).await, "expired");
        assert_eq!(state(&good).await, "qualified", "what has qualified has no window");

        // After it has qualified nobody comes and nobody goes.
        assert_eq!(support(&people[3], &good).await.1["code"], "support_closed");
        let (status, _) =
            test.send(Method::DELETE, &format!("/api/v1/projects/{good}/support"), &people[0], None).await;
        assert_eq!(status, 409);
        let events = test.get(&format!("/api/v1/projects/{good}/events"), None).await;
        let kinds: Vec<&str> =
            events["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["created", "state", "state", "milestone", "state"]);
        test.check().await;
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_may_look_first_and_may_approve_by_count() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        test.policy(|policy| {
            policy.review_before_gathering = true;
            policy.support.review_at = 1;
            policy.support.approve_at = Some(2);
        })
        .await;
        let (ada, judge) = (test.person("Ada", Role::Member).await, test.person("Judge", Role::Reviewer).await);
        let id = test.project(&ada, &package("Looked at")).await;
        assert_eq!(
            test.send(Method::GET, &format!("/api/v1/projects/{id}"), &judge, None).await.1["state"],
            "submitted"
        );
        let hidden = test.request(Method::GET, &format!("/api/v1/projects/{id}"), None).send().await.unwrap();
        assert_eq!(hidden.status(), 404, "nobody else sees it yet");
        let move_to = async |person: &Person, to: &str| {
            let body = json!({"to": to, "note": "Windows, please."});
            test.send(Method::POST, &format!("/api/v1/projects/{id}/transitions"), person, Some(body)).await
        };
        assert_eq!(move_to(&judge, "changes_requested").await.0, 200);
        let (status, body) =
            test.publish_to(&format!("/api/v1/projects/{id}/versions"), &ada, &package("Looked at twice")).await;
        assert_eq!((status, &body["state"]), (201, &json!("submitted")), "a version hands it in again");
        assert_eq!(move_to(&judge, "gathering").await.0, 200);

        let support = format!("/api/v1/projects/{id}/support");
        let bob = test.person("Bob", Role::Member).await;
        assert_eq!(test.send(Method::PUT, &support, &bob, None).await.1["state"], "qualified");
        assert_eq!(move_to(&judge, "in_review").await.0, 200);
        let carol = test.person("Carol", Role::Member).await;
        assert_eq!(test.send(Method::PUT, &support, &carol, None).await.1["state"], "approved");

        let read = test.request(Method::GET, &format!("/api/v1/projects/{id}"), Some(&judge)).send().await.unwrap();
        let etag = read.headers()["etag"].clone();
        let stale = test
            .request(Method::POST, &format!("/api/v1/projects/{id}/transitions"), Some(&judge))
            .header("if-match", "\"0000-000\"")
            .json(&json!({"to": "in_production"}));
        assert_eq!(stale.send().await.unwrap().status(), 412);
        let fresh = test
            .request(Method::POST, &format!("/api/v1/projects/{id}/transitions"), Some(&judge))
            .header("if-match", etag)
            .json(&json!({"to": "in_production"}));
        assert_eq!(fresh.send().await.unwrap().status(), 200);
        test.check().await;
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_filtered_ordered_and_turned_page_by_page() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let ada = test.person("Ada", Role::Member).await;
        let db = test.server.portal.db.clone();
        for index in 0..57_i64 {
            let id = seed(&test, &ada, if index % 5 == 0 { State::Draft } else { State::Gathering }).await;
            studwork_portal::db::exec(
                db.write(),
                "UPDATE projects SET title = $1, search = $2, supports = $3, rising = $4, pieces = $5, created_at = $6 WHERE id = $7",
                studwork_portal::params![
                    format!("Project {index}"),
                    format!("project {index} 100%_sure"),
                    index % 7,
                    #[expect(clippy::cast_precision_loss, reason = "a small number")]
                    { (index % 11) as f64 / 3.0 },
                    200 + index,
                    NOON + index / 4,
                    id,
                ],
            )
            .await
            .unwrap();
        }
        for sort in ["newest", "supports", "rising"] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = test.get(&format!("/api/v1/projects?sort={sort}&limit=10&cursor={cursor}"), None).await;
                seen.extend(page["items"].as_array().unwrap().iter().cloned());
                match page["next"].as_str() {
                    Some(next) => cursor = next.to_owned(),
                    None => break,
                }
            }
            let ids: std::collections::HashSet<&str> = seen.iter().map(|item| item["id"].as_str().unwrap()).collect();
            assert_eq!((seen.len(), ids.len()), (45, 45), "{sort}: each once, drafts never");
            let key = |item: &Value| match sort {
                "supports" => item["supports"].as_i64().unwrap(),
                _ => 0,
            };
            assert!(seen.windows(2).all(|pair| key(&pair[0]) >= key(&pair[1])), "{sort}");
        }
        let found = async |query: &str| {
            test.get(&format!("/api/v1/projects?limit=100&{query}"), None).await["items"].as_array().unwrap().len()
        };
        assert_eq!(found("q=project+13").await, 1);
        assert_eq!(found("q=100%25_sure").await, 45, "wildcards are letters");
        assert_eq!(found("q=1%25s").await, 0);
        assert_eq!(found("min_pieces=211&max_pieces=213").await, 3);
        assert_eq!(found("state=expired").await, 0);
        assert_eq!(found(&format!("creator={}", ada.id)).await, 45);
        let own = test.get("/api/v1/me/projects?limit=100", Some(&ada)).await;
        assert_eq!(own["items"].as_array().unwrap().len(), 57, "one's own drafts as well");
        for bad in ["sort=best", "state=here", "cursor=x", "min_pieces=many", "limit=-1"] {
            let response = test.request(Method::GET, &format!("/api/v1/projects?{bad}"), None).send().await.unwrap();
            assert_eq!(response.status(), 400, "{bad}");
            assert_eq!(response.headers()["content-type"], "application/problem+json", "{bad}");
        }
        test.server.stop().await.unwrap();
    }
}
