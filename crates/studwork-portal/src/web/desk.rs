//! The desks of reviewers and admins.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use sea_orm::FromQueryResult;
use serde::Deserialize;

use super::form::SentBy;
use super::view::grouped;
use super::{Page, Shell, Visitor};
use crate::accounts::{self, Role};
use crate::clock::{DAY, day_text};
use crate::comments;
use crate::db::{like_escaped, number, rows};
use crate::params;
use crate::policy::Policy;
use crate::problem::{Answer, Problem};
use crate::state::Portal;

/// A report as the page tells it.
#[derive(Debug)]
pub struct ReportView {
    id: String,
    project: String,
    title: String,
    comment: String,
    comment_id: String,
    name: String,
    reason: String,
    body: String,
    day: String,
}

#[derive(FromQueryResult)]
struct WaitingRow {
    id: String,
    title: String,
    state: String,
    supports: i64,
    updated_at: i64,
}

/// A project that waits for a reviewer.
#[derive(Debug)]
pub struct WaitingView {
    id: String,
    title: String,
    label: &'static str,
    supports: String,
    day: String,
}

#[derive(Template)]
#[template(path = "moderation.html")]
struct Moderation {
    shell: Shell,
    waiting: Vec<WaitingView>,
    reports: Vec<ReportView>,
}

/// What waits for a reviewer.
pub async fn moderation(State(portal): State<Portal>, visitor: Visitor) -> Page {
    visitor.with_role(Role::Reviewer)?;
    let waiting: Vec<WaitingRow> = rows(
        portal.db.read(),
        "SELECT id, title, state, supports, updated_at FROM projects
         WHERE deleted_at IS NULL AND state IN ('submitted', 'qualified', 'in_review', 'approved')
         ORDER BY updated_at LIMIT 100",
        params![],
    )
    .await?;
    let reports = comments::open_reports(&portal).await?;
    let page = Moderation {
        shell: visitor.shell(&portal, "Moderation").await?,
        waiting: waiting
            .into_iter()
            .map(|row| WaitingView {
                label: row.state.parse().map_or("", crate::projects::State::label),
                supports: grouped(row.supports),
                day: day_text(row.updated_at),
                id: row.id,
                title: row.title,
            })
            .collect(),
        reports: reports
            .into_iter()
            .map(|report| ReportView {
                comment: report.comment_body.unwrap_or_default(),
                comment_id: report.comment.unwrap_or_default(),
                day: day_text(report.created_at),
                id: report.id,
                project: report.project,
                title: report.title,
                name: report.name,
                reason: report.reason,
                body: report.body,
            })
            .collect(),
    };
    Ok(visitor.show(StatusCode::OK, &page))
}

/// The fields of all these forms; each uses some.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeskForm {
    action: String,
    email: String,
    role: String,
    policy: String,
    q: String,
}

/// Closes a report.
pub async fn resolve(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    SentBy { me, visitor, form }: SentBy<DeskForm>,
) -> Page {
    visitor.with_role(Role::Reviewer)?;
    comments::resolve(&portal, &me, &id, &form.action).await?;
    Ok(Redirect::to("/moderation?done=saved").into_response())
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: String,
    email: String,
    name: String,
    role: String,
    created_at: i64,
}

/// An account as the page tells it.
#[derive(Debug)]
pub struct PersonView {
    id: String,
    email: String,
    name: String,
    role: String,
    since: String,
}

#[derive(Template)]
#[template(path = "admin.html")]
struct Admin {
    shell: Shell,
    counts: Vec<(&'static str, String)>,
    people: Vec<PersonView>,
    q: String,
    policy: String,
    problem: String,
}

async fn show(
    portal: &Portal,
    visitor: &Visitor,
    q: String,
    policy: Option<String>,
    problem: Option<&Problem>,
) -> Page {
    visitor.with_role(Role::Admin)?;
    let week = portal.clock.now() - 7 * DAY;
    let count = async |sql: &str, values| -> Answer<String> {
        Ok(grouped(number(portal.db.read(), sql, values).await?.unwrap_or(0)))
    };
    let counts = vec![
        ("accounts", count("SELECT COUNT(*) AS value FROM accounts WHERE deleted_at IS NULL", params![]).await?),
        ("projects", count("SELECT COUNT(*) AS value FROM projects WHERE deleted_at IS NULL", params![]).await?),
        ("gathering", count("SELECT COUNT(*) AS value FROM projects WHERE state = 'gathering'", params![]).await?),
        (
            "supports",
            count("SELECT CAST(COALESCE(SUM(supports), 0) AS BIGINT) AS value FROM projects", params![]).await?,
        ),
        ("new this week", count("SELECT COUNT(*) AS value FROM projects WHERE created_at > $1", params![week]).await?),
        ("open reports", count("SELECT COUNT(*) AS value FROM reports WHERE resolved_at IS NULL", params![]).await?),
    ];
    let people: Vec<PersonRow> = rows(
        portal.db.read(),
        "SELECT id, email, name, role, created_at FROM accounts WHERE deleted_at IS NULL
           AND (email LIKE $1 ESCAPE '\\' OR LOWER(name) LIKE $1 ESCAPE '\\')
         ORDER BY CASE role WHEN 'admin' THEN 0 WHEN 'reviewer' THEN 1 ELSE 2 END, created_at DESC LIMIT 50",
        params![format!("%{}%", like_escaped(&q.to_lowercase()))],
    )
    .await?;
    let policy = match policy {
        Some(policy) => policy,
        None => serde_json::to_string_pretty(&portal.policies.get().await?.policy)?,
    };
    let page = Admin {
        shell: visitor.shell(portal, "Administration").await?,
        counts,
        people: people
            .into_iter()
            .map(|row| PersonView {
                since: day_text(row.created_at),
                id: row.id,
                email: row.email,
                name: row.name,
                role: row.role,
            })
            .collect(),
        q,
        policy,
        problem: problem.map(|problem| problem.detail.clone()).unwrap_or_default(),
    };
    Ok(visitor.show(problem.map_or(StatusCode::OK, |problem| problem.status), &page))
}

/// The page.
pub async fn admin(State(portal): State<Portal>, visitor: Visitor, Query(form): Query<DeskForm>) -> Page {
    show(&portal, &visitor, form.q, None, None).await
}

/// Gives a role.
pub async fn role(State(portal): State<Portal>, SentBy { me, visitor, form }: SentBy<DeskForm>) -> Page {
    visitor.with_role(Role::Admin)?;
    let role: Role = form.role.parse().map_err(|_| Problem::invalid("role: member, reviewer or admin."))?;
    if form.email == me.email && role < Role::Admin {
        return Err(Problem::invalid("You cannot take the role from yourself; another admin can.").into());
    }
    accounts::set_role(&portal, &form.email, role).await?;
    Ok(Redirect::to("/admin?done=saved").into_response())
}

/// Puts another policy in force.
pub async fn policy(State(portal): State<Portal>, SentBy { visitor, form, .. }: SentBy<DeskForm>) -> Page {
    visitor.with_role(Role::Admin)?;
    match Policy::from_json(&form.policy) {
        Ok(policy) => {
            portal.policies.set(&policy).await?;
            Ok(Redirect::to("/admin?done=saved").into_response())
        }
        Err(error) => {
            let problem = Problem::invalid(format!("The policy was not changed: {error}"));
            show(&portal, &visitor, String::new(), Some(form.policy), Some(&problem)).await
        }
    }
}
