//! The page of one project.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};

use super::view::{CardView, SupportView, bytes_text, cards, grouped};
use super::{Page, Shell, Visitor};
use crate::accounts::Role;
use crate::api::shape::{self, Project};
use crate::api::{parts_of, send_package};
use crate::clock::{day_of, day_text};
use crate::comments;
use crate::package::PartRow;
use crate::projects::{self, Ancestor, State as ProjectState};
use crate::state::Portal;

/// A version as the page tells it.
#[derive(Debug)]
pub struct VersionView {
    number: i64,
    day: String,
    pieces: String,
    url: String,
    changes: Vec<String>,
    more: usize,
}

/// Something that happened, as the page tells it.
#[derive(Debug)]
pub struct EventView {
    day: String,
    text: String,
    note: String,
}

/// A comment and its answers.
#[derive(Debug)]
pub struct CommentView {
    id: String,
    name: String,
    url: String,
    html: String,
    day: String,
    deleted: bool,
    mine: bool,
    answers: Vec<CommentView>,
}

#[derive(Template)]
#[template(path = "project.html")]
struct ProjectPage {
    shell: Shell,
    project: Project,
    id: String,
    cover: String,
    gallery: Vec<String>,
    creator_url: String,
    support: SupportView,
    pieces: String,
    bytes: String,
    submitted: String,
    kinds: usize,
    parts: Vec<PartRow>,
    ancestors: Vec<Ancestor>,
    children: Vec<CardView>,
    versions: Vec<VersionView>,
    events: Vec<EventView>,
    comments: Vec<CommentView>,
    more_comments: bool,
    supported: bool,
    following: bool,
    own: bool,
    takes_versions: bool,
    may_delete: bool,
    hidden: bool,
    ways: Vec<(String, &'static str)>,
}

fn verb(to: &str) -> &'static str {
    match to {
        "submitted" => "Submit",
        "gathering" => "Let it gather support",
        "changes_requested" => "Ask for changes",
        "in_review" => "Begin the review",
        "approved" => "Approve",
        "declined" => "Decline",
        "in_production" => "Put into production",
        "withdrawn" => "Withdraw",
        _ => "Move",
    }
}

fn event_text(event: &projects::Event) -> String {
    let label = |name: &Option<String>| {
        name.as_deref().and_then(|name| name.parse::<ProjectState>().ok()).map_or("", ProjectState::label).to_owned()
    };
    match event.kind.as_str() {
        "created" => "Arrived".into(),
        "version" => "A new version".into(),
        "milestone" => "Reached a milestone".into(),
        "hidden" => "Hidden by a reviewer".into(),
        "shown" => "Shown again".into(),
        "state" => label(&event.to),
        other => other.to_owned(),
    }
}

async fn comments_of(portal: &Portal, visitor: &Visitor, id: &str) -> crate::problem::Answer<(Vec<CommentView>, bool)> {
    let me = visitor.account.as_ref();
    let (found, next) = comments::page(portal, id, 0, 100).await?;
    let mut threads: Vec<CommentView> = Vec::new();
    for comment in found {
        let mine = me.is_some_and(|me| me.id == comment.account || me.role >= Role::Reviewer);
        let answers_to = comment.reply_to.clone();
        let shape = shape::comment(comment.clone());
        let view = CommentView {
            day: day_text(comment.created_at),
            url: format!("/creators/{}", comment.account),
            name: comment.name,
            id: shape.id,
            html: shape.html,
            deleted: shape.deleted,
            mine: mine && !shape.deleted,
            answers: Vec::new(),
        };
        // Answers to answers stand with them, below the comment that began it.
        let thread = answers_to.and_then(|to| {
            threads.iter_mut().find(|thread| thread.id == to || thread.answers.iter().any(|answer| answer.id == to))
        });
        match thread {
            Some(thread) => thread.answers.push(view),
            None => threads.push(view),
        }
    }
    Ok((threads, next.is_some()))
}

/// Everything about one project.
pub async fn page(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Page {
    let me = visitor.account.as_ref();
    let row = projects::find_visible(&portal, &id, me).await?;
    let now = portal.clock.now();
    let goal = portal.policies.get().await?.policy.support.review_at;
    let support = SupportView::new(row.state, row.supports, goal, row.deadline_at, now);
    let parts = parts_of(&portal, &row).await?;
    let ancestors = projects::ancestors(&portal, &row, me).await?;
    let children = cards(projects::children(&portal, &row).await?, goal, now);
    let versions = projects::versions(&portal, &id).await?;
    let events = projects::events(&portal, &id).await?;
    let (comments, more_comments) = comments_of(&portal, &visitor, &id).await?;
    let (state, hidden, created_at, preview) = (row.state, row.hidden, row.created_at, row.media.preview.clone());
    let project = shape::project(&portal, row, me).await?;
    let own = project.you.as_ref().is_some_and(|you| you.own);
    let mut shell = visitor.shell(&portal, &project.card.title).await?;
    shell.description.clone_from(&project.card.summary);
    shell.image = format!("{}{}", portal.public_url, shape::media_url(&preview));
    let page = ProjectPage {
        cover: project.images.first().cloned().unwrap_or_default(),
        gallery: project.images.iter().skip(1).cloned().collect(),
        creator_url: format!("/creators/{}", project.card.creator.id),
        pieces: grouped(project.card.pieces),
        bytes: bytes_text(project.package.bytes),
        submitted: day_text(created_at),
        kinds: parts.len(),
        versions: versions
            .into_iter()
            .map(|version| VersionView {
                number: version.number,
                day: day_of(&version.created),
                pieces: grouped(version.pieces),
                url: format!("/projects/{id}/versions/{}/download", version.number),
                more: version.changes.len().saturating_sub(12),
                changes: version.changes.iter().take(12).map(shape::change_text).collect(),
            })
            .collect(),
        events: events
            .iter()
            .map(|event| EventView { day: day_of(&event.at), text: event_text(event), note: event.note.clone() })
            .collect(),
        supported: project.you.as_ref().is_some_and(|you| you.supported),
        following: project.you.as_ref().is_some_and(|you| you.following),
        takes_versions: own && state.takes_versions(),
        may_delete: own
            && !matches!(
                state,
                ProjectState::Qualified | ProjectState::InReview | ProjectState::Approved | ProjectState::InProduction
            ),
        ways: project.transitions.iter().map(|to| (to.clone(), verb(to))).collect(),
        own,
        hidden,
        shell,
        project,
        id,
        support,
        parts,
        ancestors,
        children,
        comments,
        more_comments,
    };
    Ok(visitor.show(StatusCode::OK, &page))
}

/// The address a downloaded design carries leads to its project.
pub async fn version(Path((id, _)): Path<(String, String)>) -> impl IntoResponse {
    Redirect::to(&format!("/projects/{}", super::escaped(&id)))
}

/// A package, for who may see the project.
pub async fn download(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((id, number)): Path<(String, i64)>,
    headers: HeaderMap,
) -> Page {
    projects::find_visible(&portal, &id, visitor.account.as_ref()).await?;
    Ok(send_package(&portal, &id, number, &headers).await?)
}
