//! The one error type of the portal: what was wrong, as a status, a stable code and a sentence. The API answers it as
//! `application/problem+json`; pages show the same sentence. Causes inside the server are logged here and never sent.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// A refusal or a failure, ready to be answered.
#[derive(Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable name for programs.
    pub code: &'static str,
    /// What happened and what to do about it.
    pub detail: String,
    /// Further members of the JSON body.
    pub extra: Map<String, Value>,
    /// Further headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<anyhow::Error>,
}

/// What functions of the portal return.
pub type Answer<T> = Result<T, Problem>;

impl Problem {
    /// A problem of `status` with `code` and `detail`.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), extra: Map::new(), headers: Vec::new(), cause: None }
    }

    /// 400: something in the request cannot be read.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    /// 422: a field has a value that is not allowed.
    #[must_use]
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    /// 401: sign in first.
    #[must_use]
    pub fn unauthorized(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail).header(header::WWW_AUTHENTICATE, "Bearer realm=\"studwork\"")
    }

    /// 403: signed in, but not allowed.
    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: no such thing, or not visible.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}, or it is not visible to you."))
    }

    /// 409 with its code.
    #[must_use]
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 413: longer than allowed.
    #[must_use]
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// 429: come back after `seconds`.
    #[must_use]
    pub fn rate_limited(seconds: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            format!("Too many requests; try again in {seconds} seconds."),
        )
        .header(header::RETRY_AFTER, &seconds.to_string())
    }

    /// 503: the server has too much to do right now.
    #[must_use]
    pub fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The portal is busy; try again in a few seconds.")
            .header(header::RETRY_AFTER, "3")
    }

    /// 500 with a cause that is logged and not sent.
    #[must_use]
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        let mut problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong in the portal. It was logged; try again later.",
        );
        problem.cause = Some(cause.into());
        problem
    }

    /// Adds a header; a value that is none is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// Adds a member to the JSON body.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }

    /// The short text for people that goes with the code.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self.code {
            "package_refused" => "The package is refused",
            "digest_mismatch" => "The bytes differ from what was announced",
            "offset_mismatch" => "The upload goes on at another place",
            "unauthorized" => "Sign in first",
            "token_expired" => "Sign in again",
            "forbidden" => "Not allowed",
            "not_found" => "Not found",
            "support_closed" => "Support is closed",
            "own_project" => "Your own project",
            "transition_not_allowed" => "Not possible in this state",
            "idempotency_mismatch" => "The key was used for another request",
            "rate_limited" => "Too many requests",
            "too_large" => "Too large",
            "busy" => "Busy",
            "internal" => "Something went wrong",
            "stale" => "Changed in the meantime",
            "csrf" => "The form is out of date",
            _ => self.status.canonical_reason().unwrap_or("Problem"),
        }
    }

    /// Logs the cause, once, where the answer is made.
    pub fn log(&self) {
        if let Some(cause) = &self.cause {
            tracing::error!(code = self.code, "{cause:#}");
        }
    }

    /// The JSON body of RFC 9457.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = json!({
            "type": format!("/problems/{}", self.code),
            "code": self.code,
            "title": self.title(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let Value::Object(members) = &mut body {
            members.extend(self.extra.clone());
        }
        body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let body = self.body().to_string();
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<sea_orm::DbErr> for Problem {
    fn from(error: sea_orm::DbErr) -> Self {
        let text = error.to_string();
        if matches!(error, sea_orm::DbErr::ConnectionAcquire(_)) || text.contains("database is locked") {
            tracing::warn!("database busy: {text}");
            return Self::busy();
        }
        // PostgreSQL keeps no U+0000 in a text.
        if text.contains("invalid byte sequence") {
            return Self::bad_request("A text has a character that cannot be stored (U+0000).");
        }
        Self::internal(error)
    }
}

impl From<object_store::Error> for Problem {
    fn from(error: object_store::Error) -> Self {
        Self::internal(error)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}

impl From<tokio::task::JoinError> for Problem {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::internal(error)
    }
}
