//! What the forms on a project's page do. Each leads back to the page.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::form::SentBy;
use super::{Page, Shell, Visitor, escaped};
use crate::comments;
use crate::problem::Problem;
use crate::projects::{self, State as ProjectState};
use crate::state::Portal;

/// The fields of all these forms; each uses some.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ActForm {
    on: String,
    text: String,
    reply_to: String,
    to: String,
    note: String,
    reason: String,
    comment: String,
}

fn back(id: &str, done: &str, anchor: &str) -> Response {
    Redirect::to(&format!("/projects/{}?done={done}{anchor}", escaped(id))).into_response()
}

/// Gives support or takes it back.
pub async fn support(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    SentBy { me, form, .. }: SentBy<ActForm>,
) -> Page {
    let on = form.on == "1";
    portal.supports.set(&id, &me.id, on).await?;
    Ok(back(&id, if on { "supported" } else { "taken-back" }, ""))
}

/// Follows or stops.
pub async fn follow(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    SentBy { me, form, .. }: SentBy<ActForm>,
) -> Page {
    let on = form.on == "1";
    projects::follow(&portal, &me, &id, on).await?;
    Ok(back(&id, if on { "followed" } else { "unfollowed" }, ""))
}

/// Writes a comment.
pub async fn comment(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    SentBy { me, form, .. }: SentBy<ActForm>,
) -> Page {
    let reply_to = (!form.reply_to.is_empty()).then_some(form.reply_to.as_str());
    let (comment, _) = comments::add(&portal, &me, &id, &form.text, reply_to, None).await?;
    Ok(back(&id, "commented", &format!("#comment-{}", comment.id)))
}

/// Removes a comment.
pub async fn delete_comment(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    SentBy { me, .. }: SentBy<ActForm>,
) -> Page {
    let comment = comments::one(portal.db.read(), &id).await?;
    comments::remove(&portal, &me, &id).await?;
    Ok(back(&comment.project, "removed", "#comments"))
}

/// Moves a project.
pub async fn transition(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    SentBy { me, form, .. }: SentBy<ActForm>,
) -> Page {
    let to: ProjectState = form.to.parse().map_err(Problem::invalid)?;
    projects::transition(&portal, &me, &id, to, form.note.trim(), None).await?;
    Ok(back(&id, "moved", ""))
}

/// Hides or shows a project.
pub async fn hide(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    SentBy { me, form, .. }: SentBy<ActForm>,
) -> Page {
    projects::set_hidden(&portal, &me, &id, form.on == "1", form.note.trim()).await?;
    Ok(back(&id, "saved", ""))
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    shell: Shell,
    id: String,
    title: String,
    comment: String,
}

/// What is to be reported.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReportQuery {
    comment: String,
}

/// The form to report a project or a comment.
pub async fn report_form(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
    axum::extract::Query(query): axum::extract::Query<ReportQuery>,
) -> Page {
    let me = visitor.required()?;
    let project = projects::find_visible(&portal, &id, Some(me)).await?;
    let shell = visitor.shell(&portal, "Report").await?;
    let page = ReportPage { shell, id, title: project.title, comment: query.comment };
    Ok(visitor.show(StatusCode::OK, &page))
}

/// Reports.
pub async fn report(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    SentBy { me, form, .. }: SentBy<ActForm>,
) -> Page {
    let comment = (!form.comment.is_empty()).then_some(form.comment.as_str());
    if let Some(comment) = comment
        && comments::one(portal.db.read(), comment).await?.project != id
    {
        return Err(Problem::not_found("comment").into());
    }
    comments::report(&portal, &me, &id, comment, &form.reason, &form.text, None).await?;
    Ok(back(&id, "reported", ""))
}

#[derive(Template)]
#[template(path = "delete.html")]
struct DeletePage {
    shell: Shell,
    id: String,
    title: String,
}

/// Asks once more before a project is removed.
pub async fn delete_form(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Page {
    let me = visitor.required()?;
    let project = projects::find_visible(&portal, &id, Some(me)).await?;
    let shell = visitor.shell(&portal, "Remove a project").await?;
    Ok(visitor.show(StatusCode::OK, &DeletePage { shell, id, title: project.title }))
}

/// Removes a project.
pub async fn delete(State(portal): State<Portal>, Path(id): Path<String>, SentBy { me, .. }: SentBy<ActForm>) -> Page {
    projects::delete_project(&portal, &me, &id).await?;
    Ok(Redirect::to("/me?done=removed").into_response())
}
