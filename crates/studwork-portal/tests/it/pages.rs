//! The pages, as a browser without scripts sees them.

use reqwest::Method;
use serde_json::json;
use studwork_portal::accounts::{Role, create};

use crate::accounts::Browser;
use crate::support::{TestPortal, answer, grounds, package, sent};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_supports_follows_comments_and_reports_and_a_reviewer_sees_it() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        for (email, role) in [
            ("bob@example.com", Role::Member),
            ("judge@example.com", Role::Reviewer),
            ("root@example.com", Role::Admin),
        ] {
            create(&test.server.portal, email, "a bridge of bricks", email, role).await.unwrap();
        }
        let ada = test.person("Ada", Role::Member).await;
        let id = test.project(&ada, &package("Market hall")).await;
        let page = format!("/projects/{id}");

        let mut browser = Browser::open(&test, "/").await;
        for path in ["/", "/projects", "/rules", &page, &format!("/creators/{}", ada.id)] {
            let (status, text) = browser.get(path).await;
            assert_eq!(status, 200, "{path}");
            assert!(text.contains("<main id=\"content\">") && text.contains("lang=\"en\""), "{path}");
        }
        let (_, text) = browser.get(&page).await;
        for needed in
            ["og:image", "365 days left", "data-turntable", "<th scope=\"col\">Part</th>", "Download", "<progress"]
        {
            assert!(text.contains(needed), "{needed}");
        }
        assert_eq!(text.matches("<h1>").count(), 1);
        let (status, to, _) = browser.post(&format!("{page}/support"), &[("on", "1")]).await;
        assert_eq!((status, to), (303, format!("/signin?next={page}")), "first sign in");
        for path in ["/me", "/settings", "/submit", "/moderation", "/admin"] {
            assert_eq!(browser.get(path).await.0, 303, "{path}");
        }

        browser.sign_in("bob@example.com", "a bridge of bricks").await;
        assert_eq!(browser.post(&format!("{page}/support"), &[("on", "1")]).await.0, 303);
        assert_eq!(browser.post(&format!("{page}/follow"), &[("on", "1")]).await.0, 303);
        assert_eq!(browser.post(&format!("{page}/comments"), &[("text", "What a **roof**!")]).await.0, 303);
        let (_, text) = browser.get(&page).await;
        assert!(
            text.contains("You support this.") && text.contains("<strong>roof</strong>") && text.contains("Unfollow")
        );
        let (_, text) = browser.get("/me").await;
        assert_eq!(text.matches("Market hall").count(), 2, "followed and supported");
        let (status, _) = browser.get(&format!("{page}/report")).await;
        assert_eq!(status, 200);
        assert_eq!(browser.post(&format!("{page}/report"), &[("reason", "license"), ("text", "Mine!")]).await.0, 303);
        for path in ["/moderation", "/admin"] {
            assert_eq!(browser.get(path).await.0, 403, "{path} is not for members");
        }

        let mut judge = Browser::open(&test, "/signin").await;
        judge.sign_in("judge@example.com", "a bridge of bricks").await;
        let (_, text) = judge.get("/moderation").await;
        assert!(text.contains("Mine!") && text.contains("Market hall"));
        let report = text.split("/moderation/reports/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(judge.post(&format!("/moderation/reports/{report}"), &[("action", "remove")]).await.0, 303);
        assert_eq!(browser.get(&page).await.0, 404, "hidden");
        assert_eq!(judge.get(&page).await.0, 200);
        judge.post(&format!("{page}/hide"), &[("on", "0")]).await;
        assert_eq!(browser.get(&page).await.0, 200);

        let mut root = Browser::open(&test, "/signin").await;
        root.sign_in("root@example.com", "a bridge of bricks").await;
        let (_, text) = root.get("/admin?q=bob").await;
        assert!(text.contains("bob@example.com") && !text.contains("judge@example.com"));
        assert_eq!(root.post("/admin/role", &[("email", "bob@example.com"), ("role", "reviewer")]).await.0, 303);
        assert_eq!(browser.get("/moderation").await.0, 200);
        assert_eq!(root.post("/admin/policy", &[("policy", "{\"support\":{\"review_at\":0}}")]).await.0, 422);
        assert_eq!(root.post("/admin/policy", &[("policy", "{\"support\":{\"review_at\":5}}")]).await.0, 303);
        let policy = test.get("/api/v1/policy", None).await;
        assert_eq!(policy["support"]["review_at"], 5);
        test.check().await;
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_is_submitted_from_the_browser_or_told_why_not() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        create(&test.server.portal, "ada@example.com", "a bridge of bricks", "Ada", Role::Member).await.unwrap();
        let mut browser = Browser::open(&test, "/signin").await;
        browser.sign_in("ada@example.com", "a bridge of bricks").await;
        let send = async |csrf: &str, bytes: &[u8]| {
            let edge = "------edge";
            let mut body = Vec::new();
            body.extend(format!("--{edge}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n").bytes());
            body.extend(
                format!("--{edge}\r\nContent-Disposition: form-data; name=\"package\"; filename=\"a.studpkg\"\r\n\r\n")
                    .bytes(),
            );
            body.extend(bytes);
            body.extend(format!("\r\n--{edge}--\r\n").bytes());
            let request = test
                .request(Method::POST, "/submit", None)
                .header("cookie", &browser.cookie)
                .header("content-type", format!("multipart/form-data; boundary={edge}"))
                .body(body);
            sent(request).await
        };
        assert_eq!(send("wrong", &package("X")).await.status(), 403);
        let refused = send(&browser.csrf, b"no package").await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("The package was not taken"));
        assert_eq!(test.count("projects").await, 0);
        let taken = send(&browser.csrf, &package("From the browser")).await;
        assert_eq!(taken.status(), 303);
        let to = taken.headers()["location"].to_str().unwrap().to_owned();
        let (_, text) = browser.get(&to).await;
        assert!(text.contains("Your project has arrived.") && text.contains("From the browser"));
        test.check().await;
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_tells_its_health_its_numbers_and_its_policy() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let text = async |path: &str| test.request(Method::GET, path, None).send().await.unwrap().text().await.unwrap();
        assert_eq!(text("/healthz").await, "ok\n");
        test.get("/api/v1/projects", None).await;
        assert!(text("/metrics").await.contains("studwork_http_requests_total{class=\"2xx\"}"));
        let first = test.request(Method::GET, "/api/v1/policy", None).send().await.unwrap();
        let etag = first.headers()["etag"].clone();
        assert_eq!(
            first.json::<serde_json::Value>().await.unwrap()["package"]["design"]["pieces"],
            json!({"least": 200, "most": 5000})
        );
        let again =
            test.request(Method::GET, "/api/v1/policy", None).header("if-none-match", etag).send().await.unwrap();
        assert_eq!(again.status(), 304);
        let openapi = test.get("/api/v1/openapi.json", None).await;
        assert!(openapi["paths"]["/api/v1/uploads/{id}"]["patch"].is_object());
        let (status, metadata) =
            answer(test.request(Method::GET, "/.well-known/oauth-authorization-server", None).send().await.unwrap())
                .await;
        assert_eq!((status, &metadata["issuer"]), (200, &json!(test.server.url())));
        let lost = test.request(Method::GET, "/nowhere", None).send().await.unwrap();
        assert_eq!(lost.status(), 404);
        assert!(lost.text().await.unwrap().contains("Not found"));
        test.server.stop().await.unwrap();
    }
}
