//! Projects in the API: lists, one, its package, its line, and taking part.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sea_orm::FromQueryResult;
use serde::Deserialize;

use super::shape::{self, CardPage, Events, LineageShape, Parts, Project, Versions};
use super::{SignedIn, digest_header, not_modified};
use crate::db::{row, text};
use crate::http::{header_text, stored};
use crate::package::MEDIA_TYPE;
use crate::params;
use crate::problem::{Answer, Problem};
use crate::projects::{self, Filter, Sort, State as ProjectState};
use crate::state::Portal;
use crate::supports::Standing;

/// The portal's rules in numbers.
#[utoipa::path(get, path = "/api/v1/policy", tag = "policy",
    responses((status = 200, description = "The policy", body = serde_json::Value), (status = 304, description = "Not changed")))]
pub async fn policy(State(portal): State<Portal>, _: Option<SignedIn>, headers: HeaderMap) -> Answer<Response> {
    let served = portal.policies.get().await?;
    if let Some(response) = not_modified(&headers, &served.etag) {
        return Ok(response);
    }
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::ETAG, served.etag.clone()),
        (header::CACHE_CONTROL, "public, max-age=60".to_owned()),
    ];
    Ok((headers, served.json.clone()).into_response())
}

/// Which projects.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Words in title, summary, tags, names.
    q: Option<String>,
    /// A tag.
    tag: Option<String>,
    /// A state.
    state: Option<String>,
    /// `newest`, `supports`, `rising`.
    sort: Option<String>,
    /// At least so many pieces.
    min_pieces: Option<i64>,
    /// At most so many pieces.
    max_pieces: Option<i64>,
    /// The id of who submitted them.
    creator: Option<String>,
    /// The id of what they were made from.
    parent: Option<String>,
    /// From where.
    cursor: Option<String>,
    /// How many, 1 to 100.
    limit: Option<usize>,
}

/// A list's order by its name.
pub fn sort_of(name: Option<&str>) -> Answer<Sort> {
    match name {
        None | Some("" | "newest") => Ok(Sort::Newest),
        Some("supports") => Ok(Sort::Supports),
        Some("rising") => Ok(Sort::Rising),
        Some(_) => Err(Problem::bad_request("sort: it is newest, supports or rising.")),
    }
}

impl ListQuery {
    fn filter(self) -> Answer<Filter> {
        let state = self.state.filter(|state| !state.is_empty()).map(|state| state.parse::<ProjectState>());
        Ok(Filter {
            words: self.q.unwrap_or_default().chars().take(200).collect(),
            tag: self.tag.filter(|tag| !tag.is_empty()),
            state: state.transpose().map_err(|error| Problem::bad_request(format!("state: {error}.")))?,
            sort: sort_of(self.sort.as_deref())?,
            min_pieces: self.min_pieces,
            max_pieces: self.max_pieces,
            creator: self.creator,
            parent: self.parent,
            cursor: self.cursor.filter(|cursor| !cursor.is_empty()),
            limit: self.limit.unwrap_or(24).clamp(1, 100),
            own: false,
        })
    }
}

/// Projects everybody may see.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects", params(ListQuery),
    responses((status = 200, description = "A page", body = CardPage), (status = 400, description = "A parameter cannot be read", body = shape::ProblemShape)))]
pub async fn list(
    State(portal): State<Portal>,
    _: Option<SignedIn>,
    Query(query): Query<ListQuery>,
) -> Answer<Json<CardPage>> {
    let filter = query.filter()?;
    cards(&portal, projects::list(&portal, &filter).await?).await
}

pub(super) async fn cards(
    portal: &Portal,
    (items, next): (Vec<projects::Listing>, Option<String>),
) -> Answer<Json<CardPage>> {
    let goal = portal.policies.get().await?.policy.support.review_at;
    Ok(Json(CardPage { items: items.into_iter().map(|listing| shape::card(listing, goal)).collect(), next }))
}

/// One project.
#[utoipa::path(get, path = "/api/v1/projects/{id}", tag = "projects", params(("id" = String, Path, description = "The project")),
    responses((status = 200, description = "The project", body = Project), (status = 304, description = "Not changed"),
        (status = 404, description = "No such project", body = shape::ProblemShape)))]
pub async fn one(
    State(portal): State<Portal>,
    viewer: Option<SignedIn>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let viewer = viewer.map(|viewer| viewer.0);
    let found = projects::find_visible(&portal, &id, viewer.as_ref()).await?;
    let mut etag = projects::etag(&found);
    let body = shape::project(&portal, found, viewer.as_ref()).await?;
    if let Some(you) = &body.you {
        // What it is to you is part of the answer.
        let marks = format!("-{}{}{}\"", u8::from(you.supported), u8::from(you.following), u8::from(you.own));
        etag = etag.trim_end_matches('"').to_owned() + &marks;
    }
    if let Some(response) = not_modified(&headers, &etag) {
        return Ok(response);
    }
    let headers = [(header::ETAG, etag), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
    Ok((headers, Json(body)).into_response())
}

/// Removes a project.
#[utoipa::path(delete, path = "/api/v1/projects/{id}", tag = "projects", params(("id" = String, Path, description = "The project")),
    security(("token" = [])),
    responses((status = 204, description = "Removed"), (status = 403, description = "Not yours", body = shape::ProblemShape),
        (status = 404, description = "No such project", body = shape::ProblemShape), (status = 409, description = "It has qualified", body = shape::ProblemShape)))]
pub async fn remove(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    projects::find_visible(&portal, &id, Some(&me)).await?;
    projects::delete_project(&portal, &me, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The versions of a project.
#[utoipa::path(get, path = "/api/v1/projects/{id}/versions", tag = "projects", params(("id" = String, Path, description = "The project")),
    responses((status = 200, description = "Newest first", body = Versions), (status = 404, description = "No such project", body = shape::ProblemShape)))]
pub async fn versions(
    State(portal): State<Portal>,
    viewer: Option<SignedIn>,
    Path(id): Path<String>,
) -> Answer<Json<Versions>> {
    projects::find_visible(&portal, &id, viewer.as_ref().map(|viewer| &viewer.0)).await?;
    Ok(Json(Versions { items: projects::versions(&portal, &id).await? }))
}

#[derive(FromQueryResult)]
struct Stored {
    sha256: String,
    path: String,
    title: String,
}

/// The newest package of a project.
#[utoipa::path(get, path = "/api/v1/projects/{id}/package", tag = "projects", params(("id" = String, Path, description = "The project")),
    responses((status = 200, description = "The package", content_type = "application/vnd.studwork.package"),
        (status = 304, description = "Not changed"), (status = 404, description = "No such project", body = shape::ProblemShape)))]
pub async fn package(
    State(portal): State<Portal>,
    viewer: Option<SignedIn>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let found = projects::find_visible(&portal, &id, viewer.as_ref().map(|viewer| &viewer.0)).await?;
    send_package(&portal, &id, found.version, &headers).await
}

/// One package of a project.
#[utoipa::path(get, path = "/api/v1/projects/{id}/versions/{number}/package", tag = "projects",
    params(("id" = String, Path, description = "The project"), ("number" = i64, Path, description = "The version")),
    responses((status = 200, description = "The package", content_type = "application/vnd.studwork.package"),
        (status = 304, description = "Not changed"), (status = 404, description = "No such version", body = shape::ProblemShape)))]
pub async fn version_package(
    State(portal): State<Portal>,
    viewer: Option<SignedIn>,
    Path((id, number)): Path<(String, i64)>,
    headers: HeaderMap,
) -> Answer<Response> {
    projects::find_visible(&portal, &id, viewer.as_ref().map(|viewer| &viewer.0)).await?;
    send_package(&portal, &id, number, &headers).await
}

/// The package of a version, as an answer.
///
/// # Errors
/// 404 when there is none.
pub async fn send_package(portal: &Portal, id: &str, number: i64, headers: &HeaderMap) -> Answer<Response> {
    let found: Option<Stored> = row(
        portal.db.read(),
        "SELECT v.sha256, b.path, p.title FROM versions v JOIN blobs b ON b.sha256 = v.sha256
         JOIN projects p ON p.id = v.project WHERE v.project = $1 AND v.number = $2",
        params![id, number],
    )
    .await?;
    let found = found.ok_or_else(|| Problem::not_found("version"))?;
    let etag = format!("\"{}\"", found.sha256);
    if let Some(response) = not_modified(headers, &etag) {
        return Ok(response);
    }
    let name: String = found
        .title
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .take(60)
        .collect();
    let mut response = stored(portal, &found.path, MEDIA_TYPE, "package").await?;
    let out = response.headers_mut();
    for (key, value) in [
        (header::ETAG, etag),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}-v{number}.studpkg\"", name.trim_matches('-'))),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            out.insert(key, value);
        }
    }
    let (key, value) = digest_header(&found.sha256);
    out.insert(key, value);
    Ok(response)
}

/// The parts of a project's newest version.
#[utoipa::path(get, path = "/api/v1/projects/{id}/parts", tag = "projects", params(("id" = String, Path, description = "The project")),
    responses((status = 200, description = "The parts", body = Parts), (status = 404, description = "No such project", body = shape::ProblemShape)))]
pub async fn parts(
    State(portal): State<Portal>,
    viewer: Option<SignedIn>,
    Path(id): Path<String>,
) -> Answer<Json<Parts>> {
    let found = projects::find_visible(&portal, &id, viewer.as_ref().map(|viewer| &viewer.0)).await?;
    Ok(Json(Parts { items: parts_of(&portal, &found).await? }))
}

/// The parts of a project's newest version.
///
/// # Errors
/// Those of the database.
pub async fn parts_of(portal: &Portal, project: &projects::ProjectRow) -> Answer<Vec<crate::package::PartRow>> {
    let parts = text(
        portal.db.read(),
        "SELECT parts AS value FROM versions WHERE project = $1 AND number = $2",
        params![project.id.clone(), project.version],
    )
    .await?;
    Ok(serde_json::from_str(parts.as_deref().unwrap_or("[]"))?)
}

/// Where a project comes from and what was made from it.
#[utoipa::path(get, path = "/api/v1/projects/{id}/lineage", tag = "projects", params(("id" = String, Path, description = "The project")),
    responses((status = 200, description = "The line", body = LineageShape), (status = 404, description = "No such project", body = shape::ProblemShape)))]
pub async fn lineage(
    State(portal): State<Portal>,
    viewer: Option<SignedIn>,
    Path(id): Path<String>,
) -> Answer<Json<LineageShape>> {
    let viewer = viewer.map(|viewer| viewer.0);
    let found = projects::find_visible(&portal, &id, viewer.as_ref()).await?;
    let goal = portal.policies.get().await?.policy.support.review_at;
    let children = projects::children(&portal, &found).await?;
    Ok(Json(LineageShape {
        ancestors: projects::ancestors(&portal, &found, viewer.as_ref()).await?,
        children: children.into_iter().map(|listing| shape::card(listing, goal)).collect(),
    }))
}

/// What happened to a project.
#[utoipa::path(get, path = "/api/v1/projects/{id}/events", tag = "projects", params(("id" = String, Path, description = "The project")),
    responses((status = 200, description = "Oldest first", body = Events), (status = 404, description = "No such project", body = shape::ProblemShape)))]
pub async fn events(
    State(portal): State<Portal>,
    viewer: Option<SignedIn>,
    Path(id): Path<String>,
) -> Answer<Json<Events>> {
    projects::find_visible(&portal, &id, viewer.as_ref().map(|viewer| &viewer.0)).await?;
    Ok(Json(Events { items: projects::events(&portal, &id).await? }))
}

/// Where a project is to go.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct TransitionBody {
    /// The state.
    to: String,
    /// What is to be said about it.
    #[serde(default)]
    note: String,
}

/// Moves a project.
#[utoipa::path(post, path = "/api/v1/projects/{id}/transitions", tag = "projects", params(("id" = String, Path, description = "The project")),
    request_body = TransitionBody, security(("token" = [])),
    responses((status = 200, description = "The project", body = Project), (status = 403, description = "Not for you", body = shape::ProblemShape),
        (status = 404, description = "No such project", body = shape::ProblemShape), (status = 409, description = "No such way", body = shape::ProblemShape),
        (status = 412, description = "Changed since", body = shape::ProblemShape)))]
pub async fn transition(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<TransitionBody>,
) -> Answer<Json<Project>> {
    let to: ProjectState = body.to.parse().map_err(|error| Problem::invalid(format!("to: {error}.")))?;
    // The tag of a project that was read with a token ends in what it is to its reader.
    let expected = header_text(&headers, "if-match").map(|tags| {
        tags.split(',')
            .map(|tag| match tag.trim().rsplit_once('-') {
                Some((start, _)) => format!("{start}\""),
                None => tag.trim().to_owned(),
            })
            .collect::<Vec<_>>()
            .join(",")
    });
    projects::transition(&portal, &me, &id, to, &body.note, expected.as_deref()).await?;
    let found = projects::find(portal.db.read(), &id).await?;
    Ok(Json(shape::project(&portal, found, Some(&me)).await?))
}

/// Supports a project.
#[utoipa::path(put, path = "/api/v1/projects/{id}/support", tag = "taking part", params(("id" = String, Path, description = "The project")),
    security(("token" = [])),
    responses((status = 200, description = "How it stands", body = Standing), (status = 404, description = "No such project", body = shape::ProblemShape),
        (status = 409, description = "Closed, or your own", body = shape::ProblemShape)))]
pub async fn support(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
) -> Answer<Json<Standing>> {
    portal.supports.set(&id, &me.id, true).await.map(Json)
}

/// Takes support back.
#[utoipa::path(delete, path = "/api/v1/projects/{id}/support", tag = "taking part", params(("id" = String, Path, description = "The project")),
    security(("token" = [])),
    responses((status = 200, description = "How it stands", body = Standing), (status = 404, description = "No such project", body = shape::ProblemShape),
        (status = 409, description = "It has qualified", body = shape::ProblemShape)))]
pub async fn take_back(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
) -> Answer<Json<Standing>> {
    portal.supports.set(&id, &me.id, false).await.map(Json)
}

/// Follows a project.
#[utoipa::path(put, path = "/api/v1/projects/{id}/follow", tag = "taking part", params(("id" = String, Path, description = "The project")),
    security(("token" = [])),
    responses((status = 200, description = "Following", body = serde_json::Value), (status = 404, description = "No such project", body = shape::ProblemShape)))]
pub async fn follow(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
) -> Answer<Json<serde_json::Value>> {
    projects::follow(&portal, &me, &id, true).await?;
    Ok(Json(serde_json::json!({ "following": true })))
}

/// Stops following a project.
#[utoipa::path(delete, path = "/api/v1/projects/{id}/follow", tag = "taking part", params(("id" = String, Path, description = "The project")),
    security(("token" = [])),
    responses((status = 200, description = "Not following", body = serde_json::Value), (status = 404, description = "No such project", body = shape::ProblemShape)))]
pub async fn unfollow(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Path(id): Path<String>,
) -> Answer<Json<serde_json::Value>> {
    projects::follow(&portal, &me, &id, false).await?;
    Ok(Json(serde_json::json!({ "following": false })))
}
