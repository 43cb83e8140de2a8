//! Coming in: sign-up by mail, sessions, lock-outs, tokens by code and by device.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use studwork_portal::accounts::oauth::{CODE_LASTS, TOKEN_LASTS};
use studwork_portal::accounts::{LOCKED_FOR, Role, create};
use studwork_portal::limits::{Rate, Rates};

use crate::support::{NOON, TestPortal, answer, grounds, package};

/// A browser: a cookie and the token of its forms.
pub struct Browser<'a> {
    test: &'a TestPortal,
    pub cookie: String,
    pub csrf: String,
}

impl<'a> Browser<'a> {
    pub async fn open(test: &'a TestPortal, path: &str) -> Self {
        let mut browser = Self { test, cookie: String::new(), csrf: String::new() };
        browser.get(path).await;
        browser
    }

    fn keep(&mut self, response: &Response) {
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
    }

    pub async fn get(&mut self, path: &str) -> (u16, String) {
        let request = self.test.request(Method::GET, path, None).header("cookie", &self.cookie);
        let response = request.send().await.unwrap();
        self.keep(&response);
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        if let Some(rest) = text.split("name=\"csrf\" value=\"").nth(1) {
            self.csrf = rest.split('"').next().unwrap().to_owned();
        }
        (status, text)
    }

    /// Sends a form with its token; status, where it leads, text.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
        let csrf = self.csrf.clone();
        let mut fields = fields.to_vec();
        fields.push(("csrf", &csrf));
        let request = self.test.request(Method::POST, path, None).header("cookie", &self.cookie).form(&fields);
        let response = request.send().await.unwrap();
        self.keep(&response);
        let status = response.status().as_u16();
        let to = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
        (status, to, response.text().await.unwrap())
    }

    pub async fn sign_in(&mut self, email: &str, password: &str) {
        self.get("/signin").await;
        let (status, to, text) = self.post("/signin", &[("email", email), ("password", password)]).await;
        assert_eq!((status, to.as_str()), (303, "/"), "{text}");
        self.get("/settings").await;
    }
}

/// The link in the newest mail to somebody.
async fn mail_link(test: &TestPortal, to: &str, word: &str) -> Option<String> {
    for _ in 0..100 {
        let folder = test.dir.path().join("mail");
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let text =
                std::fs::read_to_string(entry.path()).unwrap_or_default().replace("=\r\n", "").replace("=3D", "=");
            if text.contains(&format!("To: {to}"))
                && let Some(rest) = text.split(&format!("/{word}?token=")).nth(1)
            {
                return Some(rest.split_whitespace().next().unwrap().to_owned());
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_made_confirmed_reset_exported_and_removed() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        let mut browser = Browser::open(&test, "/signup").await;
        let fields = [("email", "Ada@Example.com"), ("password", "a bridge of bricks"), ("name", "Ada")];
        let (status, _, first) = browser.post("/signup", &fields).await;
        assert_eq!(status, 200);
        browser.get("/signin").await;
        let right = [("email", "ada@example.com"), ("password", "a bridge of bricks")];
        assert_eq!(browser.post("/signin", &right).await.0, 401, "the address is not confirmed yet");
        let token = mail_link(&test, "ada@example.com", "verify").await.unwrap();
        browser.get(&format!("/verify?token={token}")).await;
        assert_eq!(browser.post("/verify", &[("token", &token)]).await.1, "/signin?done=verified");
        assert_eq!(browser.post("/verify", &[("token", &token)]).await.0, 422, "once");
        let before = browser.cookie.clone();
        browser.sign_in("ada@example.com", "a bridge of bricks").await;
        assert_ne!(browser.cookie, before, "signing in gives another cookie");

        // Who signs up again is told the same on the page, and something else by mail.
        let mut other = Browser::open(&test, "/signup").await;
        let (status, _, second) = other.post("/signup", &fields).await;
        assert_eq!(status, 200);
        let without_token = |page: &str| page.split("name=\"csrf\"").next().unwrap().to_owned();
        assert_eq!(without_token(&first), without_token(&second));

        // Another password ends every session and token.
        other.get("/forgot").await;
        let (_, _, known) = other.post("/forgot", &[("email", "ada@example.com")]).await;
        let (_, _, unknown) = other.post("/forgot", &[("email", "nobody@example.com")]).await;
        assert_eq!(known, unknown);
        let token = mail_link(&test, "ada@example.com", "reset").await.unwrap();
        other.get(&format!("/reset?token={token}")).await;
        let reset = [("token", token.as_str()), ("password", "another long password")];
        assert_eq!(other.post("/reset", &reset).await.1, "/signin?done=reset");
        assert_eq!(browser.get("/settings").await.0, 303, "the old session is over");
        browser.sign_in("ada@example.com", "another long password").await;

        let (_, export) = browser.get("/settings/export").await;
        let export: Value = serde_json::from_str(&export).unwrap();
        assert_eq!(export["account"]["email"], "ada@example.com");
        assert_eq!(browser.post("/settings/delete", &[("password", "wrong password")]).await.0, 422);
        let (_, to, _) = browser.post("/settings/delete", &[("password", "another long password")]).await;
        assert_eq!(to, "/?done=left");
        assert_eq!(test.count("accounts WHERE email = 'ada@example.com'").await, 0);
        assert_eq!(test.count("sessions").await + test.count("tokens").await, 0);
        test.check().await;
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_lock_an_account_and_look_like_no_account() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        create(&test.server.portal, "ada@example.com", "a bridge of bricks", "Ada", Role::Member).await.unwrap();
        let mut browser = Browser::open(&test, "/signin").await;
        let mut texts = std::collections::HashSet::new();
        for email in ["ada@example.com", "nobody@example.com"] {
            let (status, _, text) = browser.post("/signin", &[("email", email), ("password", "wrong password")]).await;
            assert_eq!(status, 401);
            texts.insert(text.replace(email, "EMAIL"));
        }
        assert_eq!(texts.len(), 1, "both pages say the same");
        for _ in 0..4 {
            browser.post("/signin", &[("email", "ada@example.com"), ("password", "wrong password")]).await;
        }
        let right = [("email", "ada@example.com"), ("password", "a bridge of bricks")];
        assert_eq!(browser.post("/signin", &right).await.0, 401, "locked");
        test.clock.set(NOON + LOCKED_FOR - 1_000);
        assert_eq!(browser.post("/signin", &right).await.0, 401, "one second too early");
        test.clock.set(NOON + LOCKED_FOR + 1_000);
        assert_eq!(browser.post("/signin", &right).await.0, 303);
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_from_elsewhere_are_refused() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        create(&test.server.portal, "ada@example.com", "a bridge of bricks", "Ada", Role::Admin).await.unwrap();
        let ada = test.person("Maker", Role::Member).await;
        let id = test.project(&ada, &package("Wanted")).await;
        let mut browser = Browser::open(&test, "/signin").await;
        browser.sign_in("ada@example.com", "a bridge of bricks").await;
        let right = browser.csrf.clone();
        let send = |csrf: String, header: (&'static str, &'static str)| {
            test.request(Method::POST, &format!("/projects/{id}/support"), None)
                .header("cookie", &browser.cookie)
                .header(header.0, header.1)
                .form(&[("on", "1"), ("csrf", csrf.as_str())])
        };
        for (csrf, header) in [
            (String::new(), ("accept", "*/*")),
            ("0".repeat(64), ("accept", "*/*")),
            (right.clone(), ("origin", "https://evil.example")),
            (right.clone(), ("sec-fetch-site", "cross-site")),
        ] {
            let response = send(csrf, header).send().await.unwrap();
            assert_eq!(response.status(), 403, "{header:?}");
            assert!(response.text().await.unwrap().contains("The form is out of date"), "{header:?}");
        }
        for path in [
            "/settings/name",
            "/settings/delete",
            "/admin/role",
            "/admin/policy",
            "/signout",
            "/oauth/authorize",
            "/device",
        ] {
            let fields = [
                ("csrf", "x"),
                ("client_id", "studwork"),
                ("response_type", "code"),
                ("code_challenge_method", "S256"),
                ("redirect_uri", "http://127.0.0.1:9/"),
                ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ];
            let response = test
                .request(Method::POST, path, None)
                .header("cookie", &browser.cookie)
                .form(&fields)
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 403, "{path}");
        }
        assert_eq!(test.count("supports").await, 0, "nothing was stored");
        assert_eq!(send(right, ("accept", "*/*")).send().await.unwrap().status(), 303);
        assert_eq!(test.count("supports").await, 1);
        // A cookie alone opens nothing in the API.
        let response = test
            .request(Method::PUT, &format!("/api/v1/projects/{id}/support"), None)
            .header("cookie", &browser.cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 401);
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_signs_in_by_the_browser_and_a_code_works_once() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        create(&test.server.portal, "ada@example.com", "a bridge of bricks", "Ada", Role::Member).await.unwrap();
        let mut browser = Browser::open(&test, "/signin").await;
        browser.sign_in("ada@example.com", "a bridge of bricks").await;
        let verifier = "v".repeat(50);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let redirect = "http://127.0.0.1:51234/callback";
        let ask = format!(
            "/oauth/authorize?response_type=code&client_id=studwork&redirect_uri={redirect}&code_challenge={challenge}\
             &code_challenge_method=S256&state=st%26te&device_name=Desk"
        );
        let (status, page) = browser.get(&ask).await;
        assert!(status == 200 && page.contains("Let Desk in?"), "{page}");
        for bad in [
            ask.replace("127.0.0.1:51234", "evil.example"),
            ask.replace("S256", "plain"),
            ask.replace("client_id=studwork", "client_id=other"),
        ] {
            assert_eq!(browser.get(&bad).await.0, 400, "{bad}");
        }
        browser.get(&ask).await;
        let fields = [
            ("response_type", "code"),
            ("client_id", "studwork"),
            ("redirect_uri", redirect),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("state", "st&te"),
            ("device_name", "Desk"),
        ];
        let consent = async |browser: &mut Browser<'_>, allow: &'static str| {
            let mut fields = fields.to_vec();
            fields.push(("allow", allow));
            browser.post("/oauth/authorize", &fields).await.1
        };
        let denied = consent(&mut browser, "0").await;
        assert!(denied.starts_with("http://127.0.0.1:51234/callback?error=access_denied&state=st%26te"), "{denied}");
        let code_of = |to: &str| to.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let token = async |code: &str, verifier: &str| {
            let form = [
                ("grant_type", "authorization_code"),
                ("client_id", "studwork"),
                ("code", code),
                ("redirect_uri", redirect),
                ("code_verifier", verifier),
            ];
            answer(test.request(Method::POST, "/oauth/token", None).form(&form).send().await.unwrap()).await
        };
        let me = async |token: &str| {
            answer(test.request(Method::GET, "/api/v1/me", None).bearer_auth(token).send().await.unwrap()).await
        };

        let code = code_of(&consent(&mut browser, "1").await);
        let (status, given) = token(&code, &verifier).await;
        assert_eq!(status, 200, "{given}");
        let first = given["access_token"].as_str().unwrap().to_owned();
        assert_eq!(me(&first).await.1["email"], "ada@example.com");
        assert_eq!(test.count(&format!("tokens WHERE hash = '{first}'")).await, 0, "stored as a hash");
        // The code once more: refused, and what it gave is taken back.
        assert_eq!(token(&code, &verifier).await.1["error"], "invalid_grant");
        let (status, problem) = me(&first).await;
        assert_eq!((status, &problem["code"]), (401, &json!("unauthorized")));

        // A wrong verifier spends the code; a minute is too long.
        let code = code_of(&consent(&mut browser, "1").await);
        assert_eq!(token(&code, &"w".repeat(50)).await.1["error"], "invalid_grant");
        assert_eq!(token(&code, &verifier).await.1["error"], "invalid_grant");
        let code = code_of(&consent(&mut browser, "1").await);
        test.clock.set(NOON + CODE_LASTS + 1_000);
        assert_eq!(token(&code, &verifier).await.1["error"], "invalid_grant");

        // Tokens end by time, by the settings page, and when they are given back.
        let code = code_of(&consent(&mut browser, "1").await);
        let token = token(&code, &verifier).await.1["access_token"].as_str().unwrap().to_owned();
        assert_eq!(me(&token).await.0, 200);
        test.clock.set(NOON + CODE_LASTS + TOKEN_LASTS + 2_000);
        let (status, problem) = me(&token).await;
        assert_eq!((status, &problem["code"]), (401, &json!("token_expired")));
        test.clock.set(NOON + 2 * CODE_LASTS);
        assert_eq!(me(&token).await.0, 200);
        let revoke = test.request(Method::POST, "/oauth/revoke", None).form(&[("token", &token)]).send().await.unwrap();
        assert_eq!(revoke.status(), 200);
        assert_eq!(me(&token).await.0, 401);
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_without_a_browser_signs_in_by_a_code() {
    for ground in grounds().await {
        let test = TestPortal::start(&ground).await;
        create(&test.server.portal, "ada@example.com", "a bridge of bricks", "Ada", Role::Member).await.unwrap();
        let mut browser = Browser::open(&test, "/signin").await;
        browser.sign_in("ada@example.com", "a bridge of bricks").await;
        let begin = async || {
            let form = [("client_id", "studwork"), ("device_name", "Shed")];
            answer(test.request(Method::POST, "/oauth/device", None).form(&form).send().await.unwrap()).await.1
        };
        let poll = async |codes: &Value| {
            let form = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                ("client_id", "studwork"),
                ("device_code", codes["device_code"].as_str().unwrap()),
            ];
            answer(test.request(Method::POST, "/oauth/token", None).form(&form).send().await.unwrap()).await
        };
        let codes = begin().await;
        assert_eq!(poll(&codes).await.1["error"], "authorization_pending");
        assert_eq!(poll(&codes).await.1["error"], "slow_down");
        let typed = codes["user_code"].as_str().unwrap().to_lowercase().replace('-', " ");
        let (_, page) = browser.get(&format!("/device?code={}", typed.replace(' ', "+"))).await;
        assert!(page.contains("<strong>Shed</strong>"), "{page}");
        let (_, _, page) = browser.post("/device", &[("code", &typed), ("allow", "1")]).await;
        assert!(page.contains("signed in"), "{page}");
        let (status, given) = poll(&codes).await;
        assert_eq!(status, 200);
        let me = test
            .request(Method::GET, "/api/v1/me", None)
            .bearer_auth(given["access_token"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(me.status(), 200);
        assert_eq!(poll(&codes).await.1["error"], "invalid_grant", "once");
        let denied = begin().await;
        browser.post("/device", &[("code", denied["user_code"].as_str().unwrap()), ("allow", "0")]).await;
        assert_eq!(poll(&denied).await.1["error"], "access_denied");
        let late = begin().await;
        test.clock.set(NOON + 901_000);
        assert_eq!(poll(&late).await.1["error"], "expired_token");
        test.server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_often_waits() {
    let rates = Rates {
        anonymous: Rate { burst: 5, per_minute: 60 },
        talk: Rate { burst: 2, per_minute: 6 },
        sign_in: Rate { burst: 2, per_minute: 6 },
        ..Rates::default()
    };
    let ground = grounds().await.remove(0);
    let test = TestPortal::start_with(&ground, |config| config.rates = rates).await;
    let ada = test.person("Ada", Role::Member).await;
    let id = test.project(&ada, &package("Popular")).await;
    let path = format!("/api/v1/projects/{id}/comments");
    for expected in [201, 201, 429] {
        let (status, _) = test.send(Method::POST, &path, &ada, Some(json!({"text": "Hello"}))).await;
        assert_eq!(status, expected);
    }
    assert_eq!(test.count("comments").await, 2, "nothing stored of the third");
    for _ in 0..5 {
        test.get("/api/v1/projects", None).await;
    }
    let refused = test.request(Method::GET, "/api/v1/projects", None).send().await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "1"));
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    assert_eq!(test.send(Method::GET, "/api/v1/me", &ada, None).await.0, 200, "who is signed in is counted by account");
    test.clock.set(NOON + 1_000);
    test.get("/api/v1/projects", None).await;
    test.server.stop().await.unwrap();
}
