//! Packages over HTTP: at once, or resumable in the shape of the IETF draft. Headers are read here; what happens to the
//! bytes is the business of `uploads` and `projects`.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};

use super::shape::{self, Project};
use super::{SignedIn, created, digest_of, fingerprint, key_of};
use crate::accounts::Account;
use crate::http::header_text;
use crate::limits::What;
use crate::package::MEDIA_TYPE;
use crate::problem::{Answer, Problem};
use crate::projects::{self, Once, Published, Target, publish as publish_package};
use crate::secrets;
use crate::state::Portal;
use crate::uploads::{self, NewUpload, Upload};

const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const COMPLETE: HeaderName = HeaderName::from_static("upload-complete");
const LIMIT: HeaderName = HeaderName::from_static("upload-limit");
/// Most bytes of one append.
const MAX_APPEND: i64 = 64 << 20;

/// What a package is to become.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct TargetQuery {
    /// Leave a new project in draft.
    draft: bool,
    /// A new version of this project.
    project: Option<String>,
}

/// An upload as it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UploadShape {
    /// The id.
    id: String,
    /// How many bytes there are.
    offset: i64,
    /// How many there will be.
    length: i64,
    /// Whether it became a project.
    complete: bool,
    /// Which.
    project: Option<String>,
}

impl From<&Upload> for UploadShape {
    fn from(upload: &Upload) -> Self {
        Self {
            id: upload.id.clone(),
            offset: upload.received,
            length: upload.length,
            complete: upload.result.is_some(),
            project: upload.result.clone(),
        }
    }
}

fn is_package(headers: &HeaderMap) -> Answer<()> {
    let given = header_text(headers, "content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let known = [MEDIA_TYPE, "application/vnd.studwork.package+zip", "application/octet-stream", "application/zip"];
    if known.iter().any(|known| given.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        format!("Content-Type is to be {MEDIA_TYPE}."),
    ))
}

fn number(headers: &HeaderMap, name: &str) -> Answer<Option<i64>> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let value = value.to_str().ok().and_then(|value| value.trim().parse::<i64>().ok()).filter(|value| *value >= 0);
    value.map(Some).ok_or_else(|| Problem::bad_request(format!("{name}: a whole number of bytes.")))
}

fn complete(headers: &HeaderMap) -> Answer<bool> {
    match header_text(headers, "upload-complete").map(str::trim) {
        Some("?1") => Ok(true),
        Some("?0") => Ok(false),
        _ => Err(Problem::bad_request("Upload-Complete: it is to be ?0 or ?1.")),
    }
}

async fn whole(portal: &Portal, headers: &HeaderMap, body: Body) -> Answer<Vec<u8>> {
    let most = usize::try_from(uploads::most_bytes(portal).await?).unwrap_or(usize::MAX);
    let too_large = || Problem::too_large(format!("A package here has at most {most} bytes."));
    if number(headers, "content-length")?
        .is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > most))
    {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let mut stream = body.into_data_stream();
    loop {
        let next = tokio::time::timeout(std::time::Duration::from_secs(60), stream.next()).await;
        let next = next.map_err(|_| Problem::bad_request("The bytes stopped coming."))?;
        let Some(piece) = next else { return Ok(bytes) };
        let piece = piece.map_err(|error| Problem::bad_request(format!("The connection broke: {error}.")))?;
        if bytes.len() + piece.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
}

async fn at_once(portal: Portal, me: Account, target: Target, headers: HeaderMap, body: Body) -> Answer<Response> {
    is_package(&headers)?;
    let announced = digest_of(&headers)?;
    let key = key_of(&headers)?;
    portal.limiter.take(What::Packages, &me.id)?;
    let bytes = whole(&portal, &headers, body).await?;
    let sha256 = secrets::sha256_hex(&bytes);
    if announced.is_some_and(|announced| !secrets::same(&announced, &sha256)) {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "digest_mismatch",
            "The bytes do not have the SHA-256 that Repr-Digest announced. Send them again.",
        ));
    }
    let mark = fingerprint(&["publish", target.project.as_deref().unwrap_or(""), &target.draft.to_string(), &sha256]);
    let (task_portal, account) = (portal.clone(), me.clone());
    // In a task of its own, so that a client that loses patience finds it done.
    let published = tokio::spawn(async move {
        let once = match &key {
            Some(key) => Once::Key { key, fingerprint: &mark },
            None => Once::Free,
        };
        publish_package(&task_portal, &account, bytes, &target, once).await
    })
    .await??;
    project_answer(&portal, &me, &published).await
}

async fn project_answer(portal: &Portal, me: &Account, published: &Published) -> Answer<Response> {
    let found = projects::find(portal.db.read(), &published.project).await?;
    let body = shape::project(portal, found, Some(me)).await?;
    let location = format!("/api/v1/projects/{}", published.project);
    Ok(created(published.replayed, &location, Json(body)))
}

/// Sends a package at once: a new project.
#[utoipa::path(post, path = "/api/v1/projects", tag = "packages",
    params(("draft" = Option<bool>, Query, description = "Leave it in draft"),
        ("Idempotency-Key" = Option<String>, Header, description = "See the protocol"),
        ("Repr-Digest" = Option<String>, Header, description = "sha-256=:BASE64:")),
    request_body(content = Vec<u8>, content_type = "application/vnd.studwork.package"), security(("token" = [])),
    responses((status = 201, description = "The project", body = Project), (status = 200, description = "An earlier request did it", body = Project),
        (status = 413, description = "Too large", body = shape::ProblemShape), (status = 422, description = "Refused", body = shape::ProblemShape)))]
pub async fn publish(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Query(query): Query<TargetQuery>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    at_once(portal, me, Target { project: None, draft: query.draft }, headers, body).await
}

/// Sends a package at once: a new version of a project.
#[utoipa::path(post, path = "/api/v1/projects/{id}/versions", tag = "packages", params(("id" = String, Path, description = "The project"),
        ("Idempotency-Key" = Option<String>, Header, description = "See the protocol")),
    request_body(content = Vec<u8>, content_type = "application/vnd.studwork.package"), security(("token" = [])),
    responses((status = 201, description = "The project", body = Project), (status = 403, description = "Not yours", body = shape::ProblemShape),
        (status = 404, description = "No such project", body = shape::ProblemShape), (status = 422, description = "Refused", body = shape::ProblemShape)))]
pub async fn publish_version(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    projects::find_visible(&portal, &id, Some(&me)).await?;
    at_once(portal, me, Target { project: Some(id), draft: false }, headers, body).await
}

fn with_upload(mut response: Response, upload: &UploadShape, most: i64) -> Response {
    let headers = response.headers_mut();
    headers.insert(OFFSET, HeaderValue::from(upload.offset));
    headers.insert(LENGTH, HeaderValue::from(upload.length));
    headers.insert(COMPLETE, HeaderValue::from_static(if upload.complete { "?1" } else { "?0" }));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("max-size={most}, max-append-size={}", MAX_APPEND.min(most))) {
        headers.insert(LIMIT, value);
    }
    response
}

async fn finished(portal: &Portal, me: &Account, id: &str) -> Answer<Response> {
    let published = uploads::finish(portal, me, id).await?;
    let upload = uploads::find(portal, me, id).await?;
    let most = uploads::most_bytes(portal).await?;
    Ok(with_upload(project_answer(portal, me, &published).await?, &UploadShape::from(&upload), most))
}

/// Begins a resumable upload.
#[utoipa::path(post, path = "/api/v1/uploads", tag = "packages",
    params(TargetQuery, ("Upload-Length" = i64, Header, description = "Bytes of the package"),
        ("Upload-Complete" = String, Header, description = "?0 or ?1"), ("Repr-Digest" = String, Header, description = "sha-256=:BASE64:"),
        ("Idempotency-Key" = Option<String>, Header, description = "See the protocol")),
    request_body(content = Vec<u8>, content_type = "application/vnd.studwork.package"), security(("token" = [])),
    responses((status = 201, description = "Begun, or the finished project", body = UploadShape), (status = 200, description = "Begun by an earlier request", body = UploadShape),
        (status = 400, description = "A header cannot be read", body = shape::ProblemShape), (status = 413, description = "Too large", body = shape::ProblemShape),
        (status = 422, description = "Refused", body = shape::ProblemShape)))]
pub async fn create(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Query(query): Query<TargetQuery>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    is_package(&headers)?;
    let complete = complete(&headers)?;
    let length = number(&headers, "upload-length")?
        .ok_or_else(|| Problem::bad_request("Upload-Length: say how many bytes the package has."))?;
    let sha256 = digest_of(&headers)?
        .ok_or_else(|| Problem::bad_request("Repr-Digest: say the SHA-256 of the package: sha-256=:BASE64:."))?;
    let new = NewUpload {
        length,
        sha256,
        key: key_of(&headers)?,
        target: Target { project: query.project, draft: query.draft },
    };
    let (upload, replayed) = uploads::begin(&portal, &me, &new).await?;
    let most = uploads::most_bytes(&portal).await?;
    let location = format!("/api/v1/uploads/{}", upload.id);
    if !replayed {
        uploads::append(&portal, &me, &upload.id, 0, body.into_data_stream()).await?;
    }
    let upload = uploads::find(&portal, &me, &upload.id).await?;
    if complete && (upload.received == upload.length || upload.result.is_some()) {
        return finished(&portal, &me, &upload.id).await;
    }
    let shape = UploadShape::from(&upload);
    let response = with_upload(created(replayed, &location, Json(&shape)), &shape, most);
    Ok(response)
}

/// How an upload stands, as headers.
#[utoipa::path(head, path = "/api/v1/uploads/{id}", tag = "packages", params(("id" = String, Path, description = "The upload")), security(("token" = [])),
    responses((status = 204, description = "Upload-Offset, Upload-Length, Upload-Complete"), (status = 404, description = "No such upload")))]
pub async fn head(State(portal): State<Portal>, SignedIn(me): SignedIn, Path(id): Path<String>) -> Answer<Response> {
    let upload = uploads::find(&portal, &me, &id).await?;
    let most = uploads::most_bytes(&portal).await?;
    Ok(with_upload(StatusCode::NO_CONTENT.into_response(), &UploadShape::from(&upload), most))
}

/// How an upload stands.
#[utoipa::path(get, path = "/api/v1/uploads/{id}", tag = "packages", params(("id" = String, Path, description = "The upload")), security(("token" = [])),
    responses((status = 200, description = "How it stands", body = UploadShape), (status = 404, description = "No such upload", body = shape::ProblemShape)))]
pub async fn status(State(portal): State<Portal>, SignedIn(me): SignedIn, Path(id): Path<String>) -> Answer<Response> {
    let upload = uploads::find(&portal, &me, &id).await?;
    let most = uploads::most_bytes(&portal).await?;
    let shape = UploadShape::from(&upload);
    Ok(with_upload(Json(&shape).into_response(), &shape, most))
}

/// Appends to an upload; the last piece makes the project.
#[utoipa::path(patch, path = "/api/v1/uploads/{id}", tag = "packages",
    params(("id" = String, Path, description = "The upload"), ("Upload-Offset" = i64, Header, description = "Where the bytes go"),
        ("Upload-Complete" = String, Header, description = "?0 or ?1")),
    request_body(content = Vec<u8>, content_type = "application/partial-upload"), security(("token" = [])),
    responses((status = 204, description = "Bytes are still missing"), (status = 201, description = "The project", body = Project),
        (status = 200, description = "An earlier request finished it", body = Project), (status = 404, description = "No such upload", body = shape::ProblemShape),
        (status = 409, description = "Another offset, or bytes are missing", body = shape::ProblemShape), (status = 422, description = "Refused", body = shape::ProblemShape)))]
pub async fn append(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let given = header_text(&headers, "content-type").unwrap_or_default();
    if !given.eq_ignore_ascii_case("application/partial-upload") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Content-Type is to be application/partial-upload.",
        ));
    }
    let complete = complete(&headers)?;
    let offset = number(&headers, "upload-offset")?
        .ok_or_else(|| Problem::bad_request("Upload-Offset: say where the bytes go."))?;
    let upload = uploads::find(&portal, &me, &id).await?;
    if upload.result.is_some() && complete {
        return finished(&portal, &me, &id).await;
    }
    if number(&headers, "content-length")?.is_some_and(|length| length > MAX_APPEND) {
        return Err(Problem::too_large(format!("One append has at most {MAX_APPEND} bytes.")));
    }
    let received = match uploads::append(&portal, &me, &id, offset, body.into_data_stream()).await {
        Ok(received) => received,
        Err(problem) => {
            // The same last piece at the same time: the other request finishes it, and this one gets its answer.
            let now = uploads::find(&portal, &me, &id).await;
            if complete && now.is_ok_and(|now| now.result.is_some()) {
                return finished(&portal, &me, &id).await;
            }
            return Err(problem);
        }
    };
    if complete {
        return finished(&portal, &me, &id).await;
    }
    let shape = UploadShape { id, offset: received, length: upload.length, complete: false, project: None };
    let most = uploads::most_bytes(&portal).await?;
    Ok(with_upload(StatusCode::NO_CONTENT.into_response(), &shape, most))
}

/// Cancels an upload.
#[utoipa::path(delete, path = "/api/v1/uploads/{id}", tag = "packages", params(("id" = String, Path, description = "The upload")), security(("token" = [])),
    responses((status = 204, description = "Cancelled"), (status = 404, description = "No such upload", body = shape::ProblemShape),
        (status = 409, description = "Finished already", body = shape::ProblemShape)))]
pub async fn cancel(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    uploads::cancel(&portal, &me, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
