//! Comments and reports in the API.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::me::PageQuery;
use super::shape::{self, CommentPage, CommentShape};
use super::{SignedIn, created, fingerprint, key_of};
use crate::comments;
use crate::problem::{Answer, Problem};
use crate::projects;
use crate::state::Portal;

/// The comments of a project.
#[utoipa::path(get, path = "/api/v1/projects/{id}/comments", tag = "taking part", params(("id" = String, Path, description = "The project"), PageQuery),
    responses((status = 200, description = "Oldest first", body = CommentPage), (status = 404, description = "No such project", body = shape::ProblemShape)))]
pub async fn list(
    State(portal): State<Portal>,
    viewer: Option<SignedIn>,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Answer<Json<CommentPage>> {
    projects::find_visible(&portal, &id, viewer.as_ref().map(|viewer| &viewer.0)).await?;
    let after = query.cursor().map_or(Ok(0), str::parse::<i64>);
    let after = after.map_err(|_| Problem::bad_request("cursor: it does not belong to this list."))?;
    let (items, next) = comments::page(&portal, &id, after, query.limit()).await?;
    Ok(Json(CommentPage {
        items: items.into_iter().map(shape::comment).collect(),
        next: next.map(|seq| seq.to_string()),
    }))
}

/// What to say.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct CommentBody {
    /// Markdown, 1 to 4,000 characters.
    text: String,
    /// The comment it answers.
    #[serde(default)]
    reply_to: Option<String>,
}

/// Writes a comment.
#[utoipa::path(post, path = "/api/v1/projects/{id}/comments", tag = "taking part", params(("id" = String, Path, description = "The project"),
        ("Idempotency-Key" = Option<String>, Header, description = "See the protocol")),
    request_body = CommentBody, security(("token" = [])),
    responses((status = 201, description = "The comment", body = CommentShape), (status = 200, description = "An earlier request wrote it", body = CommentShape),
        (status = 404, description = "No such project or comment", body = shape::ProblemShape), (status = 422, description = "Will not do", body = shape::ProblemShape)))]
pub async fn add(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<CommentBody>,
) -> Answer<Response> {
    let key = key_of(&headers)?;
    let reply_to = body.reply_to.as_deref();
    let mark = fingerprint(&["comment", &id, &body.text, reply_to.unwrap_or("")]);
    let key = key.as_deref().map(|key| (key, mark.as_str()));
    let (comment, replayed) = comments::add(&portal, &me, &id, &body.text, reply_to, key).await?;
    let location = format!("/projects/{id}#comment-{}", comment.id);
    Ok(created(replayed, &location, Json(shape::comment(comment))))
}

/// Removes a comment.
#[utoipa::path(delete, path = "/api/v1/comments/{id}", tag = "taking part", params(("id" = String, Path, description = "The comment")), security(("token" = [])),
    responses((status = 204, description = "Removed"), (status = 403, description = "Not yours", body = shape::ProblemShape),
        (status = 404, description = "No such comment", body = shape::ProblemShape)))]
pub async fn remove(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    comments::remove(&portal, &me, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is wrong.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct ReportBody {
    /// `spam`, `license`, `abuse`, `other`.
    reason: String,
    /// In words, at most 2,000 characters.
    #[serde(default)]
    text: String,
}

async fn report(
    portal: &Portal,
    me: &crate::accounts::Account,
    project: &str,
    comment: Option<&str>,
    headers: &HeaderMap,
    body: &ReportBody,
) -> Answer<Response> {
    let key = key_of(headers)?;
    let mark = fingerprint(&["report", project, comment.unwrap_or(""), &body.reason, &body.text]);
    let key = key.as_deref().map(|key| (key, mark.as_str()));
    let id = comments::report(portal, me, project, comment, &body.reason, &body.text, key).await?;
    Ok(created(false, "", Json(serde_json::json!({ "id": id }))))
}

/// Reports a project.
#[utoipa::path(post, path = "/api/v1/projects/{id}/reports", tag = "taking part", params(("id" = String, Path, description = "The project")),
    request_body = ReportBody, security(("token" = [])),
    responses((status = 201, description = "Reported", body = serde_json::Value), (status = 404, description = "No such project", body = shape::ProblemShape),
        (status = 422, description = "Will not do", body = shape::ProblemShape)))]
pub async fn report_project(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<ReportBody>,
) -> Answer<Response> {
    report(&portal, &me, &id, None, &headers, &body).await
}

/// Reports a comment.
#[utoipa::path(post, path = "/api/v1/comments/{id}/reports", tag = "taking part", params(("id" = String, Path, description = "The comment")),
    request_body = ReportBody, security(("token" = [])),
    responses((status = 201, description = "Reported", body = serde_json::Value), (status = 404, description = "No such comment", body = shape::ProblemShape),
        (status = 422, description = "Will not do", body = shape::ProblemShape)))]
pub async fn report_comment(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<ReportBody>,
) -> Answer<Response> {
    let comment = comments::one(portal.db.read(), &id).await?;
    report(&portal, &me, &comment.project, Some(&id), &headers, &body).await
}
