//! The outside of the server: all routes, and what every request passes on its way in and out. What a route does stands
//! in `api` and `web`.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, http};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

use crate::problem::Problem;
use crate::state::Portal;
use crate::{api, web};

/// Longest body of a form or of JSON, in bytes.
const BODY: usize = 64 << 10;
/// How long an answer may take where no package is handled.
const PATIENCE: Duration = Duration::from_secs(30);

/// All routes of a portal.
pub fn router(portal: Portal) -> Router {
    let pages = web::routes().layer(middleware::from_fn(with_patience));
    let api = api::routes()
        .layer(middleware::from_fn(with_patience))
        .merge(api::package_routes())
        .layer(middleware::from_fn(with_problems));
    let squeezed = SizeAbove::new(512)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new(crate::package::MEDIA_TYPE))
        .and(NotForContentType::const_new("application/octet-stream"));
    Router::new()
        .merge(pages)
        .merge(api)
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(CompressionLayer::new().compress_when(squeezed))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(with_headers))
        .layer(middleware::from_fn_with_state(portal.clone(), observed))
        .with_state(portal)
}

async fn health(State(portal): State<Portal>) -> Response {
    match crate::db::setting(portal.db.read(), "schema").await {
        Ok(Some(_)) => (StatusCode::OK, "ok\n").into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response(),
    }
}

async fn metrics(State(portal): State<Portal>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], portal.metrics.text()).into_response()
}

fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no text");
    Problem::internal(anyhow::anyhow!("a handler panicked: {text}")).into_response()
}

/// Counts and logs every request: never its query, its headers or its body, which hold secrets.
async fn observed(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let took = began.elapsed();
    let status = response.status().as_u16();
    portal.metrics.request(status, took);
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if status >= 500 {
        tracing::warn!(%method, path, status, millis, "request");
    } else {
        tracing::info!(%method, path, status, millis, "request");
    }
    response
}

async fn with_patience(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::busy().into_response(),
    }
}

async fn with_headers(request: Request, next: Next) -> Response {
    const HEADERS: [(HeaderName, HeaderValue); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; font-src 'self'; \
                 connect-src 'self'; form-action 'self' http://127.0.0.1:*; base-uri 'none'; \
                 frame-ancestors 'none'; manifest-src 'self'",
            ),
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    ];
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// What axum refuses by itself becomes a problem like any other.
async fn with_problems(request: Request, next: Next) -> Response {
    let head = request.method() == Method::HEAD;
    let response = next.run(request).await;
    let status = response.status();
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
        value.as_bytes().starts_with(b"application/problem") || value.as_bytes() == b"application/json"
    });
    if head || is_problem || !status.is_client_error() {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let code = match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::UNPROCESSABLE_ENTITY => "invalid",
        _ => "bad_request",
    };
    let text = axum::body::to_bytes(response.into_body(), 4096).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let detail = if text.is_empty() { status.canonical_reason().unwrap_or("refused").to_owned() } else { text };
    let mut problem = Problem::new(status, code, detail);
    if let Some(allow) = allow {
        problem.headers.push((header::ALLOW, allow));
    }
    problem.into_response()
}

/// The address a request came from.
#[derive(Clone, Debug)]
pub struct From(pub String);

impl FromRequestParts<Portal> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Self::Rejection> {
        // The last entry is the one our own proxy added; earlier ones the visitor may have made up.
        let forwarded = portal
            .config
            .behind_proxy
            .then(|| parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok()))
            .flatten()
            .and_then(|list| list.rsplit(',').next())
            .and_then(|address| address.trim().parse::<IpAddr>().ok());
        let direct = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let address = forwarded.or(direct).unwrap_or(IpAddr::from([0, 0, 0, 0]));
        // One household often has a whole /64.
        Ok(Self(match address {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
        }))
    }
}

/// The value of a header as text.
#[must_use]
pub fn header_text<'a>(headers: &'a http::HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Bytes from the store that never change: pictures and packages.
///
/// # Errors
/// 404 when they are not there.
pub async fn stored(portal: &Portal, path: &str, content_type: &'static str, what: &str) -> Result<Response, Problem> {
    let (length, stream) = match portal.store.stream(path).await {
        Ok(found) => found,
        Err(object_store::Error::NotFound { .. }) => return Err(Problem::not_found(what)),
        Err(error) => return Err(error.into()),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}
