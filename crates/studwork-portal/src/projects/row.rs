//! One project as it is stored, and who may see it.

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

use super::State;
use crate::accounts::{Account, Role};
use crate::db::{Db, row};
use crate::params;
use crate::problem::{Answer, Problem};
use crate::state::Portal;

/// The pictures of a version: hashes of blobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Media {
    /// A JPEG of 640 pixels, for cards.
    pub card: String,
    /// A JPEG of 1200 × 630, for link previews.
    pub preview: String,
    /// The pictures at the width of a page, cover first: JPEG.
    pub images: Vec<String>,
    /// The frames of the turntable: JPEG.
    pub turntable: Vec<String>,
}

/// A project as it is stored.
#[derive(Clone, Debug)]
pub struct ProjectRow {
    /// The id.
    pub id: String,
    /// The account that submitted it.
    pub creator: String,
    /// One line.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// Cleaned HTML.
    pub description_html: String,
    /// For whom it is.
    pub for_whom: String,
    /// Which problem it solves.
    pub problem: String,
    /// SPDX.
    pub license: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// JSON: who made it.
    pub creators: String,
    /// Where it is on its way.
    pub state: State,
    /// Whether reviewers hid it.
    pub hidden: bool,
    /// How many support it.
    pub supports: i64,
    /// The logarithm of its recent support; see `supports`.
    pub rising: f64,
    /// Milestones passed.
    pub stages: i64,
    /// When it began to gather, milliseconds.
    pub gathering_at: Option<i64>,
    /// When it must have the next count, milliseconds.
    pub deadline_at: Option<i64>,
    /// How many pieces.
    pub pieces: i64,
    /// The number of the newest version.
    pub version: i64,
    /// The package of the newest version.
    pub sha256: String,
    /// Its bytes.
    pub bytes: i64,
    /// Its pictures.
    pub media: Media,
    /// What it was made from, as the package says.
    pub parent_id: Option<String>,
    /// The original's title.
    pub parent_title: Option<String>,
    /// The original's hash.
    pub parent_sha256: Option<String>,
    /// Who made the original.
    pub parent_creator: Option<String>,
    /// The original's license.
    pub parent_license: Option<String>,
    /// How many comments.
    pub comments: i64,
    /// How many follow it.
    pub follows: i64,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
    /// When it was removed.
    pub deleted_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct Raw {
    id: String,
    creator: String,
    title: String,
    summary: String,
    description: String,
    description_html: String,
    for_whom: String,
    problem: String,
    license: String,
    tags: String,
    creators: String,
    state: String,
    hidden: i64,
    supports: i64,
    rising: f64,
    stages: i64,
    gathering_at: Option<i64>,
    deadline_at: Option<i64>,
    pieces: i64,
    version: i64,
    sha256: String,
    bytes: i64,
    media: String,
    parent_id: Option<String>,
    parent_title: Option<String>,
    parent_sha256: Option<String>,
    parent_creator: Option<String>,
    parent_license: Option<String>,
    comments: i64,
    follows: i64,
    created_at: i64,
    updated_at: i64,
    deleted_at: Option<i64>,
}

impl TryFrom<Raw> for ProjectRow {
    type Error = Problem;

    fn try_from(raw: Raw) -> Answer<Self> {
        Ok(Self {
            tags: serde_json::from_str(&raw.tags)?,
            media: serde_json::from_str(&raw.media)?,
            state: raw.state.parse().map_err(|error: String| Problem::internal(anyhow::anyhow!(error)))?,
            hidden: raw.hidden != 0,
            id: raw.id,
            creator: raw.creator,
            title: raw.title,
            summary: raw.summary,
            description: raw.description,
            description_html: raw.description_html,
            for_whom: raw.for_whom,
            problem: raw.problem,
            license: raw.license,
            creators: raw.creators,
            supports: raw.supports,
            rising: raw.rising,
            stages: raw.stages,
            gathering_at: raw.gathering_at,
            deadline_at: raw.deadline_at,
            pieces: raw.pieces,
            version: raw.version,
            sha256: raw.sha256,
            bytes: raw.bytes,
            parent_id: raw.parent_id,
            parent_title: raw.parent_title,
            parent_sha256: raw.parent_sha256,
            parent_creator: raw.parent_creator,
            parent_license: raw.parent_license,
            comments: raw.comments,
            follows: raw.follows,
            created_at: raw.created_at,
            updated_at: raw.updated_at,
            deleted_at: raw.deleted_at,
        })
    }
}

const COLUMNS: &str = "id, creator, title, summary, description, description_html, for_whom, problem, license, tags, \
     creators, state, hidden, supports, rising, stages, gathering_at, deadline_at, pieces, version, sha256, bytes, media, \
     parent_id, parent_title, parent_sha256, parent_creator, parent_license, comments, follows, created_at, updated_at, \
     deleted_at";

/// The project with this id, whoever asks.
///
/// # Errors
/// 404 when there is none.
pub async fn find(connection: &impl ConnectionTrait, id: &str) -> Answer<ProjectRow> {
    let sql = format!("SELECT {COLUMNS} FROM projects WHERE id = $1");
    let raw: Option<Raw> = row(connection, &sql, params![id]).await?;
    raw.ok_or_else(|| Problem::not_found("project"))?.try_into()
}

/// The project with this id, kept as it is until the transaction ends.
///
/// # Errors
/// 404 when there is none.
pub async fn for_update(tx: &impl ConnectionTrait, db: &Db, id: &str) -> Answer<ProjectRow> {
    let sql = format!("SELECT {COLUMNS} FROM projects WHERE id = $1{}", db.for_update());
    let raw: Option<Raw> = row(tx, &sql, params![id]).await?;
    raw.ok_or_else(|| Problem::not_found("project"))?.try_into()
}

/// Whether somebody may see a project.
#[must_use]
pub fn is_visible(project: &ProjectRow, viewer: Option<&Account>) -> bool {
    if project.deleted_at.is_some() {
        return false;
    }
    let insider = viewer.is_some_and(|viewer| viewer.id == project.creator || viewer.role >= Role::Reviewer);
    insider || (project.state.is_public() && !project.hidden)
}

/// The project with this id, if `viewer` may see it.
///
/// # Errors
/// 404 when there is none or it is not visible.
pub async fn find_visible(portal: &Portal, id: &str, viewer: Option<&Account>) -> Answer<ProjectRow> {
    let project = find(portal.db.read(), id).await?;
    if is_visible(&project, viewer) { Ok(project) } else { Err(Problem::not_found("project")) }
}
