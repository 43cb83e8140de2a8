//! The shapes of answers. They are the protocol: a member may be added, none may change its meaning.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::accounts::Account;
use crate::clock::rfc3339;
use crate::comments;
use crate::media::html_of_markdown;
use crate::problem::Answer;
use crate::projects::{self, Ancestor, Change, Event, Listing, Media, ProjectRow, Version, states};
use crate::state::Portal;

/// Somebody, as others see them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Person {
    /// The id.
    pub id: String,
    /// The display name.
    pub name: String,
}

/// Somebody who is named in a package.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Maker {
    /// How they want to be called.
    pub name: String,
    /// What they did.
    #[serde(default)]
    pub role: String,
}

/// A project in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Card {
    /// The id.
    pub id: String,
    /// One line.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Who submitted it.
    pub creator: Person,
    /// Its state.
    pub state: String,
    /// How many support it.
    pub supports: i64,
    /// How many it needs.
    pub goal: i64,
    /// When it must have the next count: RFC 3339, only while gathering.
    pub deadline: Option<String>,
    /// How many pieces.
    pub pieces: i64,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// SPDX.
    pub license: String,
    /// A picture of 640 pixels.
    pub cover: String,
    /// RFC 3339.
    pub created: String,
    /// The newest version.
    pub version: i64,
    /// Its page.
    pub url: String,
}

/// A page of cards.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CardPage {
    /// The projects.
    pub items: Vec<Card>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// Where a package is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PackageRef {
    /// Its SHA-256.
    pub sha256: String,
    /// Its length.
    pub bytes: i64,
    /// Where to get it.
    pub url: String,
}

/// What a project is to who asks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct You {
    /// Whether you support it.
    pub supported: bool,
    /// Whether you follow it.
    pub following: bool,
    /// Whether you submitted it.
    pub own: bool,
}

/// A project in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Project {
    /// What a list shows of it.
    #[serde(flatten)]
    pub card: Card,
    /// Markdown.
    pub description: String,
    /// The same as clean HTML.
    pub description_html: String,
    /// For whom it is.
    pub for_whom: String,
    /// Which problem it solves.
    pub problem: String,
    /// Who made it.
    pub creators: Vec<Maker>,
    /// Its pictures, cover first.
    pub images: Vec<String>,
    /// The frames of its turntable, or none.
    pub turntable: Vec<String>,
    /// What it was made from.
    pub parent: Option<Ancestor>,
    /// Its newest package.
    pub package: PackageRef,
    /// How many comments.
    pub comments: i64,
    /// How many follow it.
    pub follows: i64,
    /// RFC 3339.
    pub updated: String,
    /// What it is to you; none when not signed in.
    pub you: Option<You>,
    /// Where you may take it now.
    pub transitions: Vec<String>,
}

/// The versions of a project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Versions {
    /// Newest first.
    pub items: Vec<Version>,
}

/// The parts of a project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Parts {
    /// By number and color.
    pub items: Vec<crate::package::PartRow>,
}

/// What happened to a project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Events {
    /// Oldest first.
    pub items: Vec<Event>,
}

/// Where a project comes from and what was made from it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineageShape {
    /// Nearest first.
    pub ancestors: Vec<Ancestor>,
    /// Newest first.
    pub children: Vec<Card>,
}

/// A comment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommentShape {
    /// The id.
    pub id: String,
    /// Who wrote it; none when it was removed.
    pub creator: Option<Person>,
    /// Markdown.
    pub text: String,
    /// The same as clean HTML.
    pub html: String,
    /// The comment it answers.
    pub reply_to: Option<String>,
    /// RFC 3339.
    pub created: String,
    /// Whether it was removed.
    pub deleted: bool,
}

/// A page of comments.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommentPage {
    /// Oldest first.
    pub items: Vec<CommentShape>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// Somebody who submitted projects.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Creator {
    /// The id.
    pub id: String,
    /// The display name.
    pub name: String,
    /// RFC 3339.
    pub since: String,
    /// How many projects everybody may see.
    pub projects: i64,
    /// How many supports they have together.
    pub supports: i64,
}

/// Your own account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// The id.
    pub id: String,
    /// The display name.
    pub name: String,
    /// The address for mail.
    pub email: String,
    /// `member`, `reviewer`, `admin`.
    pub role: String,
    /// RFC 3339.
    pub since: String,
}

impl From<&Account> for Me {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.clone(),
            name: account.name.clone(),
            email: account.email.clone(),
            role: account.role.to_string(),
            since: rfc3339(account.since),
        }
    }
}

/// What a problem looks like.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemShape {
    /// `/problems/CODE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The stable name.
    pub code: String,
    /// For people, short.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// For people.
    pub detail: String,
}

/// The address of a picture.
#[must_use]
pub fn media_url(sha256: &str) -> String {
    if sha256.is_empty() { String::new() } else { format!("/media/{sha256}.jpg") }
}

/// The card of a listed project.
#[must_use]
pub fn card(listing: Listing, goal: i64) -> Card {
    Card {
        url: format!("/projects/{}", listing.id),
        cover: media_url(&listing.media.card),
        creator: Person { id: listing.creator, name: listing.creator_name },
        state: listing.state.name().into(),
        deadline: listing.deadline_at.filter(|_| listing.state == states::State::Gathering).map(rfc3339),
        created: rfc3339(listing.created_at),
        id: listing.id,
        title: listing.title,
        summary: listing.summary,
        supports: listing.supports,
        goal,
        pieces: listing.pieces,
        tags: listing.tags,
        license: listing.license,
        version: listing.version,
    }
}

/// A project in full, as `viewer` sees it.
///
/// # Errors
/// Those of the database.
pub async fn project(portal: &Portal, row: ProjectRow, viewer: Option<&Account>) -> Answer<Project> {
    let goal = portal.policies.get().await?.policy.support.review_at;
    let creator_name = projects::creator_name(portal, &row.creator).await?;
    let parent = projects::ancestors(portal, &row, viewer).await?.into_iter().next();
    let you = match viewer {
        None => None,
        Some(viewer) => {
            let (supported, following) = projects::relation(portal, &row.id, &viewer.id).await?;
            Some(You { supported, following, own: viewer.id == row.creator })
        }
    };
    let mut who = Vec::new();
    if let Some(viewer) = viewer {
        if viewer.id == row.creator {
            who.push(states::Who::Creator);
        }
        if viewer.role >= crate::accounts::Role::Reviewer {
            who.push(states::Who::Reviewer);
        }
    }
    let transitions = states::ways(row.state, &who).into_iter().map(|state| state.name().to_owned()).collect();
    let Media { images, turntable, .. } = &row.media;
    Ok(Project {
        description_html: row.description_html.clone(),
        creators: serde_json::from_str(&row.creators)?,
        images: images.iter().map(|sha256| media_url(sha256)).collect(),
        turntable: turntable.iter().map(|sha256| media_url(sha256)).collect(),
        package: PackageRef {
            sha256: row.sha256.clone(),
            bytes: row.bytes,
            url: format!("/api/v1/projects/{}/versions/{}/package", row.id, row.version),
        },
        comments: row.comments,
        follows: row.follows,
        updated: rfc3339(row.updated_at),
        parent,
        you,
        transitions,
        description: row.description,
        for_whom: row.for_whom,
        problem: row.problem,
        card: card(
            Listing {
                id: row.id,
                title: row.title,
                summary: row.summary,
                creator: row.creator,
                creator_name,
                state: row.state,
                supports: row.supports,
                deadline_at: row.deadline_at,
                pieces: row.pieces,
                tags: row.tags,
                license: row.license,
                media: row.media,
                created_at: row.created_at,
                version: row.version,
            },
            goal,
        ),
    })
}

/// A comment as others see it.
#[must_use]
pub fn comment(comment: comments::Comment) -> CommentShape {
    let deleted = comment.deleted_at.is_some();
    CommentShape {
        id: comment.id,
        creator: (!deleted).then_some(Person { id: comment.account, name: comment.name }),
        html: html_of_markdown(&comment.body),
        text: comment.body,
        reply_to: comment.reply_to,
        created: rfc3339(comment.created_at),
        deleted,
    }
}

/// The changes of a version for a page: what came, what went.
#[must_use]
pub fn change_text(change: &Change) -> String {
    let by = change.after - change.before;
    format!("{}{} {} in {}", if by > 0 { "+" } else { "−" }, by.abs(), change.name, change.color_name)
}
