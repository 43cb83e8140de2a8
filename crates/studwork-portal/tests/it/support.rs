//! What the tests share: a portal on either kind of database, accounts with tokens, packages.

use std::path::Path;
use std::sync::LazyLock;

use base64::Engine as _;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use studwork_core::package::{Manifest, Meta, Pictures, pack};
use studwork_core::{Catalog, Design, Palette, from_ron};
use studwork_portal::accounts::{self, Role};
use studwork_portal::policy::Policy;
use studwork_portal::{Clock, Config, Server, secrets};
use tempfile::TempDir;

use crate::{postgres, s3};

/// 1 March 2026, noon.
pub const NOON: i64 = 1_772_366_400_000;

/// What a portal stands on.
#[derive(Clone, Debug)]
pub struct Ground {
    /// For messages.
    pub name: &'static str,
    database: Option<String>,
    store: Option<String>,
}

/// A running portal.
pub struct TestPortal {
    pub server: Server,
    pub clock: Clock,
    pub client: reqwest::Client,
    pub dir: TempDir,
    pub ground: Ground,
}

/// Somebody with a token.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub token: String,
}

/// SQLite with a folder; PostgreSQL with S3, where it is installed.
pub async fn grounds() -> Vec<Ground> {
    let mut all = vec![Ground { name: "SQLite and a folder", database: None, store: None }];
    if let Some(database) = postgres::database().await {
        let store = s3::start().await;
        all.push(Ground { name: "PostgreSQL and S3", database: Some(database), store: Some(store) });
    }
    all
}

/// A client that follows no redirects.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(300))
        .build()
        .unwrap()
}

impl TestPortal {
    /// Starts a portal with a set clock.
    pub async fn start(ground: &Ground) -> Self {
        Self::start_with(ground, |_| {}).await
    }

    /// The same, configured otherwise.
    pub async fn start_with(ground: &Ground, change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::at(NOON);
        let mut config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            database: ground.database.clone(),
            store: ground.store.clone(),
            clock: clock.clone(),
            password_kib: 64,
            sweep_seconds: 0,
            ..Config::new(dir.path().to_path_buf())
        };
        change(&mut config);
        let server = Server::start(config).await.unwrap();
        Self { server, clock, client: client(), dir, ground: ground.clone() }
    }

    /// Another instance on the same database and store.
    pub async fn second(&self) -> Server {
        let database = self
            .ground
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}", self.dir.path().join("portal.db").display()));
        let store = self.ground.store.clone().unwrap_or_else(|| self.dir.path().join("store").display().to_string());
        let data = self.dir.path().join("second");
        let config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            database: Some(database),
            store: Some(store),
            clock: self.clock.clone(),
            password_kib: 64,
            sweep_seconds: 0,
            ..Config::new(data)
        };
        Server::start(config).await.unwrap()
    }

    /// An account with a token.
    pub async fn person(&self, name: &str, role: Role) -> Person {
        let portal = &self.server.portal;
        let email = format!("{}@example.com", secrets::id());
        let now = self.clock.now();
        let id = accounts::insert(portal.db.write(), &email, "-", name, role, now, Some(now)).await.unwrap().unwrap();
        let token = accounts::oauth::issue(portal.db.write(), &id, "test", None, now).await.unwrap();
        Person { id, token }
    }

    /// Puts a policy in force.
    pub async fn policy(&self, change: impl FnOnce(&mut Policy)) {
        let mut policy = self.server.portal.policies.get().await.unwrap().policy.clone();
        change(&mut policy);
        self.server.portal.policies.set(&policy).await.unwrap();
    }

    pub fn request(&self, method: Method, path: &str, person: Option<&Person>) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.server.url()));
        match person {
            Some(person) => request.bearer_auth(&person.token),
            None => request,
        }
    }

    /// A `GET` that must succeed.
    pub async fn get(&self, path: &str, person: Option<&Person>) -> Value {
        let response = self.request(Method::GET, path, person).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path} on {}", self.ground.name);
        response.json().await.unwrap()
    }

    /// A request with JSON; status and body.
    pub async fn send(&self, method: Method, path: &str, person: &Person, body: Option<Value>) -> (u16, Value) {
        let mut request = self.request(method, path, Some(person));
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request.send().await.unwrap()).await
    }

    /// Sends a package at once; status and body.
    pub async fn publish(&self, person: &Person, bytes: &[u8]) -> (u16, Value) {
        self.publish_to("/api/v1/projects", person, bytes).await
    }

    pub async fn publish_to(&self, path: &str, person: &Person, bytes: &[u8]) -> (u16, Value) {
        let request = self
            .request(Method::POST, path, Some(person))
            .header("content-type", studwork_portal::package::MEDIA_TYPE)
            .header("repr-digest", digest(bytes))
            .body(bytes.to_vec());
        answer(request.send().await.unwrap()).await
    }

    /// Sends a package that must be taken; the project's id.
    pub async fn project(&self, person: &Person, bytes: &[u8]) -> String {
        let (status, body) = self.publish(person, bytes).await;
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    /// Nothing is wrong with what is stored.
    pub async fn check(&self) {
        let findings = studwork_portal::admin::check(&self.server.portal.db, &self.server.portal.store).await.unwrap();
        assert_eq!(findings, Vec::<String>::new(), "on {}", self.ground.name);
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) AS value FROM {table}");
        studwork_portal::db::number(self.server.portal.db.read(), &sql, vec![]).await.unwrap().unwrap()
    }
}

/// Status and JSON body of an answer; null when there is none.
pub async fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// `Repr-Digest` of some bytes.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes)))
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);
static PALETTE: LazyLock<Palette> = LazyLock::new(Palette::built_in);

static PICTURES: LazyLock<Pictures> = LazyLock::new(|| {
    let png = |side: u32, shade: u8| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let image = image::RgbImage::from_pixel(side, side, image::Rgb([200, 80, shade]));
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let turntable = (0..24).map(|frame| png(256, frame * 10)).collect();
    Pictures { cover: png(1080, 40), pictures: vec![], turntable }
});

/// The starter scene with enough pieces for the default policy.
pub fn starter() -> Design {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenes/welcome.ron");
    from_ron(&std::fs::read_to_string(path).unwrap()).unwrap().value
}

/// A package of a design, as its creator describes it.
pub fn package_of(design: &Design, meta: Value) -> Vec<u8> {
    let mut meta: Meta = serde_json::from_value(meta).unwrap();
    let defaults: Meta = serde_json::from_value(serde_json::json!({
        "title": "A house", "summary": "A yellow house with a garden that fits on a desk.", "tags": ["house"],
        "description": "It has **two** rooms.", "license": "CC-BY-4.0",
        "creators": [{"name": "Ada", "consent": true}],
    }))
    .unwrap();
    meta.title = meta.title.or(defaults.title);
    meta.summary = meta.summary.or(defaults.summary);
    meta.tags = meta.tags.or(defaults.tags);
    meta.description = meta.description.or(defaults.description);
    meta.license = meta.license.or(defaults.license);
    meta.creators = meta.creators.or(defaults.creators);
    pack(design, &Manifest::from_design(design).with(meta), &PICTURES, &CATALOG, &PALETTE).unwrap().bytes
}

/// A good package with this title.
pub fn package(title: &str) -> Vec<u8> {
    package_of(&starter(), serde_json::json!({ "title": title }))
}

/// Sends a request whose body may not be wanted: a server that refuses it at once may close the line while the client still
/// writes, and then the answer is lost; asked again it comes.
pub async fn sent(request: RequestBuilder) -> Response {
    for _ in 0..20 {
        match request.try_clone().unwrap().send().await {
            Ok(response) => return response,
            Err(error) => assert!(error.is_request(), "{error:?}"),
        }
    }
    panic!("the line broke each time");
}
