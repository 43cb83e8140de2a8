//! The versions of a project: immutable, each with what changed in its parts since the one before.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use crate::clock::rfc3339;
use crate::db::rows;
use crate::package::PartRow;
use crate::params;
use crate::problem::Answer;
use crate::state::Portal;

/// A part whose count differs between two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// Its number.
    pub part: String,
    /// Its name.
    pub name: String,
    /// Its color number.
    pub color: String,
    /// Its color's name.
    pub color_name: String,
    /// How many there were.
    pub before: i64,
    /// How many there are.
    pub after: i64,
}

/// One version of a project.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Version {
    /// Counted from 1.
    pub number: i64,
    /// The package's SHA-256.
    pub sha256: String,
    /// The package's length.
    pub bytes: i64,
    /// RFC 3339.
    pub created: String,
    /// How many pieces.
    pub pieces: i64,
    /// Where the package is.
    pub package: String,
    /// What changed since the version before.
    pub changes: Vec<Change>,
}

#[derive(FromQueryResult)]
struct VersionRow {
    number: i64,
    sha256: String,
    bytes: i64,
    created_at: i64,
    pieces: i64,
    changes: String,
}

/// The versions of a project, newest first.
///
/// # Errors
/// Those of the database.
pub async fn versions(portal: &Portal, project: &str) -> Answer<Vec<Version>> {
    let found: Vec<VersionRow> = rows(
        portal.db.read(),
        "SELECT number, sha256, bytes, created_at, pieces, changes FROM versions WHERE project = $1 ORDER BY number DESC",
        params![project],
    )
    .await?;
    found
        .into_iter()
        .map(|row| {
            Ok(Version {
                number: row.number,
                sha256: row.sha256,
                bytes: row.bytes,
                created: rfc3339(row.created_at),
                pieces: row.pieces,
                package: format!("/api/v1/projects/{project}/versions/{}/package", row.number),
                changes: serde_json::from_str(&row.changes)?,
            })
        })
        .collect()
}

/// What differs between two parts lists, in the order of parts and colors.
#[must_use]
pub(super) fn changes_between(before: &[PartRow], after: &[PartRow]) -> Vec<Change> {
    let mut all: BTreeMap<(&str, &str), (&PartRow, i64, i64)> = BTreeMap::new();
    for row in before {
        all.entry((&row.part, &row.color)).or_insert((row, 0, 0)).1 += row.count;
    }
    for row in after {
        all.entry((&row.part, &row.color)).or_insert((row, 0, 0)).2 += row.count;
    }
    all.into_values()
        .filter(|(_, before, after)| before != after)
        .map(|(row, before, after)| Change {
            part: row.part.clone(),
            name: row.name.clone(),
            color: row.color.clone(),
            color_name: row.color_name.clone(),
            before,
            after,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(part: &str, color: &str, count: i64) -> PartRow {
        PartRow {
            part: part.into(),
            name: format!("Part {part}"),
            color: color.into(),
            color_name: format!("Color {color}"),
            count,
        }
    }

    #[test]
    fn changes_name_what_came_went_and_grew() {
        let before = [part("3001", "4", 2), part("3003", "1", 5), part("3020", "7", 1)];
        let after = [part("3001", "4", 2), part("3003", "1", 6), part("3001", "14", 3)];
        let changes = changes_between(&before, &after);
        let short: Vec<_> =
            changes.iter().map(|change| (&*change.part, &*change.color, change.before, change.after)).collect();
        assert_eq!(short, [("3001", "14", 0, 3), ("3003", "1", 5, 6), ("3020", "7", 1, 0)]);
    }
}
