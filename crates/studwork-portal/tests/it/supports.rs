//! Support under pressure: many at once, two instances, one threshold.

use reqwest::Method;
use serde_json::json;
use studwork_portal::accounts::Role;

use crate::support::{TestPortal, grounds, package};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_supports_racing_on_two_instances_qualify_a_project_once() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        test.policy(|policy| policy.support.review_at = 150).await;
        let second = test.second().await;
        let ada = test.person("Ada", Role::Member).await;
        let id = test.project(&ada, &package("Race")).await;
        let mut racing = tokio::task::JoinSet::new();
        for index in 0..200 {
            let person = test.person("Fan", Role::Member).await;
            let url = if index % 2 == 0 { test.server.url() } else { second.url() };
            let request =
                test.client.put(format!("{url}/api/v1/projects/{id}/support")).bearer_auth(person.token.clone());
            racing.spawn(async move {
                let response = request.send().await.unwrap();
                let status = response.status().as_u16();
                (status, response.json::<serde_json::Value>().await.unwrap())
            });
        }
        let (mut taken, mut refused) = (0, 0);
        while let Some(done) = racing.join_next().await {
            match done.unwrap() {
                (200, standing) => {
                    assert_eq!(standing["supported"], true);
                    taken += 1;
                }
                (409, problem) => {
                    assert_eq!(problem["code"], "support_closed");
                    refused += 1;
                }
                other => panic!("{other:?} on {}", ground.name),
            }
        }
        assert_eq!((taken, refused), (150, 50), "on {}", ground.name);
        assert_eq!(test.count(&format!("events WHERE project = '{id}' AND to_state = 'qualified'")).await, 1);
        assert_eq!(test.count(&format!("supports WHERE project = '{id}'")).await, 150);
        test.check().await;
        second.stop().await.unwrap();
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn support_counts_once_is_taken_back_and_is_not_for_ones_own() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let (ada, bob) = (test.person("Ada", Role::Member).await, test.person("Bob", Role::Member).await);
        let id = test.project(&ada, &package("Once")).await;
        let path = format!("/api/v1/projects/{id}/support");
        for _ in 0..3 {
            let (status, standing) = test.send(Method::PUT, &path, &bob, None).await;
            assert_eq!((status, &standing["supports"]), (200, &json!(1)));
        }
        assert_eq!(test.get("/api/v1/me/supports", Some(&bob)).await["items"][0]["id"], id.as_str());
        for _ in 0..2 {
            let (status, standing) = test.send(Method::DELETE, &path, &bob, None).await;
            assert_eq!((status, standing), (200, json!({"supported": false, "supports": 0, "state": "gathering"})));
        }
        let (status, problem) = test.send(Method::PUT, &path, &ada, None).await;
        assert_eq!((status, &problem["code"]), (409, &json!("own_project")));
        assert_eq!(test.send(Method::PUT, "/api/v1/projects/nowhere/support", &bob, None).await.0, 404);
        let anonymous = test.request(Method::PUT, &path, None).send().await.unwrap();
        assert_eq!(anonymous.status(), 401);

        let follow = format!("/api/v1/projects/{id}/follow");
        for _ in 0..2 {
            assert_eq!(test.send(Method::PUT, &follow, &bob, None).await.1["following"], true);
        }
        let project = test.get(&format!("/api/v1/projects/{id}"), Some(&bob)).await;
        assert_eq!((&project["follows"], &project["you"]["following"]), (&json!(1), &json!(true)));
        test.check().await;
        test.server.stop().await.unwrap();
    }
}
