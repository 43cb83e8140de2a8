//! The API under `/api/v1` and the token endpoints: reads requests, calls the functions of the portal, shapes answers.
//! `docs/portal-api.md` says what it promises.

mod comments;
mod me;
mod oauth;
pub mod openapi;
mod projects;
pub mod shape;
mod uploads;

use axum::Router;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use me::creator_of;
pub use projects::{parts_of, send_package, sort_of};

use crate::accounts::{self, Account};
use crate::http::{From, header_text};
use crate::limits::What;
use crate::problem::{Answer, Problem};
use crate::secrets;
use crate::state::Portal;

/// Routes that answer soon.
pub fn routes() -> Router<Portal> {
    Router::new()
        .route("/api/v1/openapi.json", get(openapi::serve))
        .route("/api/v1/policy", get(projects::policy))
        .route("/api/v1/projects", get(projects::list))
        .route("/api/v1/projects/{id}", get(projects::one).delete(projects::remove))
        .route("/api/v1/projects/{id}/versions", get(projects::versions))
        .route("/api/v1/projects/{id}/versions/{number}/package", get(projects::version_package))
        .route("/api/v1/projects/{id}/package", get(projects::package))
        .route("/api/v1/projects/{id}/parts", get(projects::parts))
        .route("/api/v1/projects/{id}/lineage", get(projects::lineage))
        .route("/api/v1/projects/{id}/events", get(projects::events))
        .route("/api/v1/projects/{id}/transitions", post(projects::transition))
        .route("/api/v1/projects/{id}/support", put(projects::support).delete(projects::take_back))
        .route("/api/v1/projects/{id}/follow", put(projects::follow).delete(projects::unfollow))
        .route("/api/v1/projects/{id}/comments", get(comments::list).post(comments::add))
        .route("/api/v1/projects/{id}/reports", post(comments::report_project))
        .route("/api/v1/comments/{id}", delete(comments::remove))
        .route("/api/v1/comments/{id}/reports", post(comments::report_comment))
        .route("/api/v1/creators/{id}", get(me::creator))
        .route("/api/v1/me", get(me::me).patch(me::rename))
        .route("/api/v1/me/projects", get(me::projects))
        .route("/api/v1/me/supports", get(me::supports))
        .route("/api/v1/me/follows", get(me::follows))
        .route("/api/v1/me/export", get(me::export))
        .route("/api/v1/{*rest}", axum::routing::any(nothing))
        .route("/.well-known/oauth-authorization-server", get(oauth::metadata))
        .route("/oauth/token", post(oauth::token))
        .route("/oauth/device", post(oauth::device))
        .route("/oauth/revoke", post(oauth::revoke))
}

/// Routes that carry packages: they take as long as the bytes do.
pub fn package_routes() -> Router<Portal> {
    Router::new()
        .route("/api/v1/projects", post(uploads::publish))
        .route("/api/v1/projects/{id}/versions", post(uploads::publish_version))
        .route("/api/v1/uploads", post(uploads::create))
        .route(
            "/api/v1/uploads/{id}",
            get(uploads::status).head(uploads::head).patch(uploads::append).delete(uploads::cancel),
        )
}

async fn nothing() -> Problem {
    Problem::not_found("address in the API")
}

/// Who sends a request with a token; refused without.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Account);

async fn bearer(parts: &mut Parts, portal: &Portal) -> Answer<Option<Account>> {
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
        let Ok(from) = From::from_request_parts(parts, portal).await;
        portal.limiter.take(What::Anonymous, &from.0)?;
        return Ok(None);
    };
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let Some(token) = token else {
        return Err(Problem::unauthorized("unauthorized", "Authorization is to be `Bearer` and a token."));
    };
    let account = match accounts::oauth::account_of_token(portal, token).await {
        Ok(account) => account,
        Err(problem) => {
            let Ok(from) = From::from_request_parts(parts, portal).await;
            portal.limiter.take(What::Anonymous, &from.0)?;
            return Err(problem);
        }
    };
    portal.limiter.take(What::Account, &account.id)?;
    Ok(Some(account))
}

impl FromRequestParts<Portal> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Answer<Self> {
        let account = bearer(parts, portal).await?;
        account.map(Self).ok_or_else(|| Problem::unauthorized("unauthorized", "This needs a token: sign in first."))
    }
}

impl OptionalFromRequestParts<Portal> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Answer<Option<Self>> {
        Ok(bearer(parts, portal).await?.map(Self))
    }
}

/// The Idempotency-Key of a request, if it has one.
fn key_of(headers: &HeaderMap) -> Answer<Option<String>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().map(|key| key.trim().trim_matches('"').to_owned());
    key.filter(|key| (8..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()))
        .map(Some)
        .ok_or_else(|| Problem::bad_request("Idempotency-Key: 8 to 128 visible ASCII characters."))
}

/// A hash of what a request asks for.
fn fingerprint(parts: &[&str]) -> String {
    secrets::sha256_hex(parts.join("\n").as_bytes())
}

/// The SHA-256 that `Repr-Digest` announces, in hexadecimal.
fn digest_of(headers: &HeaderMap) -> Answer<Option<String>> {
    let Some(value) = headers.get("repr-digest") else { return Ok(None) };
    let bad = || Problem::bad_request("Repr-Digest: it is to be sha-256=:BASE64: with the hash of all bytes.");
    let value = value.to_str().map_err(|_| bad())?;
    let encoded =
        value.split(',').find_map(|entry| entry.trim().strip_prefix("sha-256=:")?.strip_suffix(':')).ok_or_else(bad)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| bad())?;
    if bytes.len() == 32 { Ok(Some(secrets::hex(&bytes))) } else { Err(bad()) }
}

/// `Repr-Digest` for a hexadecimal SHA-256.
fn digest_header(sha256: &str) -> (HeaderName, HeaderValue) {
    let bytes: Vec<u8> = (0..sha256.len() / 2)
        .filter_map(|index| u8::from_str_radix(sha256.get(index * 2..index * 2 + 2)?, 16).ok())
        .collect();
    let value = format!("sha-256=:{}:", STANDARD.encode(bytes));
    let value = HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static(""));
    (HeaderName::from_static("repr-digest"), value)
}

/// `304` when the client has it already.
fn not_modified(headers: &HeaderMap, etag: &str) -> Option<Response> {
    let known = header_text(headers, "if-none-match")?;
    known
        .split(',')
        .any(|tag| tag.trim() == "*" || tag.trim().trim_start_matches("W/") == etag)
        .then(|| (StatusCode::NOT_MODIFIED, [(header::ETAG, etag.to_owned())]).into_response())
}

/// An answer to a `POST` that creates: `201`, or `200` when an earlier request did it.
fn created(replayed: bool, location: &str, body: impl IntoResponse) -> Response {
    let status = if replayed { StatusCode::OK } else { StatusCode::CREATED };
    let mut response = (status, body).into_response();
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    if replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn digests_travel_both_ways() {
        let hex = secrets::sha256_hex(b"studs");
        let (name, value) = digest_header(&hex);
        let mut headers = HeaderMap::new();
        headers.insert(name, value);
        assert_eq!(digest_of(&headers).unwrap(), Some(hex));
        for bad in ["sha-256=:AAAA:", "sha-512=:AAAA:", "sha-256=AAAA", "x"] {
            headers.insert("repr-digest", HeaderValue::from_static(bad));
            assert_eq!(digest_of(&headers).unwrap_err().status, 400, "{bad}");
        }
    }

    #[test]
    fn keys_are_visible_ascii() {
        let mut headers = HeaderMap::new();
        assert_eq!(key_of(&headers).unwrap(), None);
        headers.insert("idempotency-key", HeaderValue::from_static("0d9f4a52-5a7b"));
        assert_eq!(key_of(&headers).unwrap().as_deref(), Some("0d9f4a52-5a7b"));
        headers.insert("idempotency-key", HeaderValue::from_static("short"));
        assert!(key_of(&headers).is_err());
    }
}
