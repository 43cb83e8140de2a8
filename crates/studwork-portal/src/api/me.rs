//! One's own account and other people in the API.

use axum::Json;
use axum::extract::{Path, Query, State};
use sea_orm::FromQueryResult;
use serde::Deserialize;

use super::SignedIn;
use super::projects::cards;
use super::shape::{self, CardPage, Creator, Me};
use crate::accounts;
use crate::clock::rfc3339;
use crate::db::row;
use crate::params;
use crate::problem::{Answer, Problem};
use crate::projects::{self, Filter};
use crate::state::Portal;

/// From where, how many.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// From where.
    pub cursor: Option<String>,
    /// How many, 1 to 100.
    pub limit: Option<usize>,
}

impl PageQuery {
    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(24).clamp(1, 100)
    }

    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref().filter(|cursor| !cursor.is_empty())
    }
}

/// Your account.
#[utoipa::path(get, path = "/api/v1/me", tag = "you", security(("token" = [])), responses((status = 200, description = "You", body = Me)))]
pub async fn me(SignedIn(me): SignedIn) -> Json<Me> {
    Json(Me::from(&me))
}

/// Another display name.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct RenameBody {
    /// The name; empty for a neutral one.
    name: String,
}

/// Changes your display name.
#[utoipa::path(patch, path = "/api/v1/me", tag = "you", request_body = RenameBody, security(("token" = [])),
    responses((status = 200, description = "You", body = Me), (status = 422, description = "Will not do", body = shape::ProblemShape)))]
pub async fn rename(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Json(body): Json<RenameBody>,
) -> Answer<Json<Me>> {
    accounts::rename(&portal, &me.id, &body.name).await?;
    Ok(Json(Me::from(&accounts::find(&portal, &me.id).await?)))
}

/// Your projects, in whatever state.
#[utoipa::path(get, path = "/api/v1/me/projects", tag = "you", params(PageQuery), security(("token" = [])),
    responses((status = 200, description = "A page", body = CardPage)))]
pub async fn projects(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Query(query): Query<PageQuery>,
) -> Answer<Json<CardPage>> {
    let filter = Filter {
        creator: Some(me.id),
        own: true,
        limit: query.limit(),
        cursor: query.cursor().map(str::to_owned),
        ..Filter::default()
    };
    cards(&portal, projects::list(&portal, &filter).await?).await
}

/// The projects you support.
#[utoipa::path(get, path = "/api/v1/me/supports", tag = "you", params(PageQuery), security(("token" = [])),
    responses((status = 200, description = "A page", body = CardPage)))]
pub async fn supports(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Query(query): Query<PageQuery>,
) -> Answer<Json<CardPage>> {
    cards(&portal, projects::list_supported(&portal, &me.id, query.cursor(), query.limit()).await?).await
}

/// The projects you follow.
#[utoipa::path(get, path = "/api/v1/me/follows", tag = "you", params(PageQuery), security(("token" = [])),
    responses((status = 200, description = "A page", body = CardPage)))]
pub async fn follows(
    State(portal): State<Portal>,
    SignedIn(me): SignedIn,
    Query(query): Query<PageQuery>,
) -> Answer<Json<CardPage>> {
    cards(&portal, projects::list_followed(&portal, &me.id, query.cursor(), query.limit()).await?).await
}

/// Everything stored about you.
#[utoipa::path(get, path = "/api/v1/me/export", tag = "you", security(("token" = [])),
    responses((status = 200, description = "Everything", body = serde_json::Value)))]
pub async fn export(State(portal): State<Portal>, SignedIn(me): SignedIn) -> Answer<Json<serde_json::Value>> {
    accounts::export(&portal, &me).await.map(Json)
}

#[derive(FromQueryResult)]
struct Sums {
    projects: i64,
    supports: i64,
}

/// Somebody's public face: count of projects and of supports.
///
/// # Errors
/// 404 when there is no such account.
pub async fn creator_of(portal: &Portal, id: &str) -> Answer<Creator> {
    let account = accounts::find(portal, id).await.map_err(|_| Problem::not_found("creator"))?;
    let sums: Option<Sums> = row(
        portal.db.read(),
        "SELECT COUNT(*) AS projects, CAST(COALESCE(SUM(supports), 0) AS BIGINT) AS supports
         FROM projects WHERE creator = $1 AND listed = 1",
        params![id],
    )
    .await?;
    let (projects, supports) = sums.map_or((0, 0), |sums| (sums.projects, sums.supports));
    Ok(Creator { id: account.id, name: account.name, since: rfc3339(account.since), projects, supports })
}

/// Somebody who submitted projects.
#[utoipa::path(get, path = "/api/v1/creators/{id}", tag = "projects", params(("id" = String, Path, description = "The account")),
    responses((status = 200, description = "The creator", body = Creator), (status = 404, description = "Nobody", body = shape::ProblemShape)))]
pub async fn creator(
    State(portal): State<Portal>,
    _: Option<SignedIn>,
    Path(id): Path<String>,
) -> Answer<Json<Creator>> {
    creator_of(&portal, &id).await.map(Json)
}
