//! Where a project comes from and what was made from it. A parent is found by its id or, when the package was copied from
//! elsewhere, by the hash of its file; when it is gone, its name and hash remain.

use serde::Serialize;

use super::{Filter, Listing, ProjectRow, Sort, find, is_visible, list};
use crate::accounts::Account;
use crate::db::text;
use crate::params;
use crate::problem::Answer;
use crate::state::Portal;

/// How far back a lineage is followed.
const MAX_DEPTH: usize = 20;

/// An original in a project's line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Ancestor {
    /// The project, when the portal has it.
    pub id: Option<String>,
    /// What it is called.
    pub title: String,
    /// The SHA-256 of its file.
    pub sha256: String,
    /// Who made it.
    pub creator: String,
    /// Its license, SPDX.
    pub license: String,
    /// Its page, when the portal has it.
    pub url: Option<String>,
}

async fn parent_project(portal: &Portal, project: &ProjectRow) -> Answer<Option<ProjectRow>> {
    let mut id = project.parent_id.clone();
    if id.is_none()
        && let Some(sha256) = &project.parent_sha256
    {
        id = text(
            portal.db.read(),
            "SELECT project AS value FROM versions WHERE (sha256 = $1 OR model_sha256 = $1) AND project <> $2
             ORDER BY created_at LIMIT 1",
            params![sha256.clone(), project.id.clone()],
        )
        .await?;
    }
    let Some(id) = id else { return Ok(None) };
    match find(portal.db.read(), &id).await {
        Ok(parent) => Ok(Some(parent)),
        Err(problem) if problem.code == "not_found" => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// The originals of a project, nearest first.
///
/// # Errors
/// Those of the database.
pub async fn ancestors(portal: &Portal, project: &ProjectRow, viewer: Option<&Account>) -> Answer<Vec<Ancestor>> {
    let mut line = Vec::new();
    let mut seen = vec![project.id.clone()];
    let mut current = project.clone();
    while line.len() < MAX_DEPTH {
        let Some(sha256) = current.parent_sha256.clone() else { break };
        let parent = parent_project(portal, &current).await?;
        let shown = parent.as_ref().filter(|parent| is_visible(parent, viewer));
        line.push(Ancestor {
            id: shown.map(|parent| parent.id.clone()),
            url: shown.map(|parent| format!("/projects/{}", parent.id)),
            title: current.parent_title.clone().unwrap_or_default(),
            creator: current.parent_creator.clone().unwrap_or_default(),
            license: current.parent_license.clone().unwrap_or_default(),
            sha256,
        });
        let Some(parent) = parent else { break };
        if seen.contains(&parent.id) {
            break;
        }
        seen.push(parent.id.clone());
        current = parent;
    }
    Ok(line)
}

/// The projects that were made from a project, newest first, at most 50.
///
/// # Errors
/// Those of the database.
pub async fn children(portal: &Portal, project: &ProjectRow) -> Answer<Vec<Listing>> {
    let filter = Filter { parent: Some(project.id.clone()), sort: Sort::Newest, limit: 50, ..Filter::default() };
    Ok(list(portal, &filter).await?.0)
}
