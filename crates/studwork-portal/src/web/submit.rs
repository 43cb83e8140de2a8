//! Submitting from the browser: one file, and what the rules say about it.

use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};

use super::view::bytes_text;
use super::{Page, PageProblem, Shell, Visitor};
use crate::accounts::Account;
use crate::limits::What;
use crate::problem::Problem;
use crate::projects::{self, Once, Target, publish};
use crate::state::Portal;
use crate::uploads::most_bytes;

/// A finding as the page tells it.
#[derive(Debug)]
pub struct FindingView {
    code: String,
    error: bool,
    message: String,
    place: String,
    measured: String,
    advice: String,
}

#[derive(Template)]
#[template(path = "submit.html")]
struct SubmitPage {
    shell: Shell,
    action: String,
    of: String,
    most: String,
    problem: String,
    findings: Vec<FindingView>,
}

fn findings_of(problem: &Problem) -> Vec<FindingView> {
    use studwork_core::package::{Finding, Severity};
    let list = problem.extra.get("findings").cloned().unwrap_or_default();
    let list: Vec<Finding> = serde_json::from_value(list).unwrap_or_default();
    list.into_iter()
        .map(|finding| FindingView {
            error: finding.severity == Severity::Error,
            place: finding.place.to_string(),
            measured: match (&finding.measured, &finding.limit) {
                (Some(measured), Some(limit)) => format!("{measured}; limit: {limit}"),
                (Some(measured), None) => measured.to_string(),
                (None, Some(limit)) => format!("limit: {limit}"),
                (None, None) => String::new(),
            },
            code: finding.code,
            message: finding.message,
            advice: finding.advice,
        })
        .collect()
}

async fn show(portal: &Portal, visitor: &Visitor, project: Option<&str>, problem: Option<&Problem>) -> Page {
    let of = match project {
        None => String::new(),
        Some(id) => {
            let row = projects::find_visible(portal, id, visitor.account.as_ref()).await?;
            row.title
        }
    };
    let page = SubmitPage {
        shell: visitor.shell(portal, if project.is_some() { "A new version" } else { "Submit a design" }).await?,
        action: project.map_or_else(|| "/submit".to_owned(), |id| format!("/projects/{id}/submit")),
        most: bytes_text(most_bytes(portal).await?),
        of,
        problem: problem.map(|problem| problem.detail.clone()).unwrap_or_default(),
        findings: problem.map(findings_of).unwrap_or_default(),
    };
    Ok(visitor.show(problem.map_or(StatusCode::OK, |problem| problem.status), &page))
}

/// The form for a new project.
pub async fn form(State(portal): State<Portal>, visitor: Visitor) -> Page {
    visitor.required()?;
    show(&portal, &visitor, None, None).await
}

/// The form for a new version.
pub async fn version_form(State(portal): State<Portal>, visitor: Visitor, Path(id): Path<String>) -> Page {
    visitor.required()?;
    show(&portal, &visitor, Some(&id), None).await
}

/// Takes the fields of the form: its token comes first, and nothing larger is read before it was right.
async fn read(
    portal: &Portal,
    visitor: &Visitor,
    headers: &HeaderMap,
    mut parts: Multipart,
) -> Result<(Vec<u8>, bool), PageProblem> {
    let most = usize::try_from(most_bytes(portal).await?).unwrap_or(usize::MAX);
    let broken = |error: axum::extract::multipart::MultipartError| Problem::bad_request(error.body_text());
    let (mut draft, mut package, mut checked) = (false, Vec::new(), false);
    while let Some(mut field) = parts.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let limit = if name == "package" { most } else { 256 };
        if name == "package" && !checked {
            break;
        }
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            if bytes.len() + piece.len() > limit {
                return Err(Problem::too_large(format!("A package here has at most {most} bytes.")).into());
            }
            bytes.extend_from_slice(&piece);
        }
        match name.as_str() {
            "csrf" => {
                visitor.check(portal, headers, &String::from_utf8_lossy(&bytes))?;
                checked = true;
            }
            "draft" => draft = true,
            "package" => package = bytes,
            _ => {}
        }
    }
    if !checked {
        visitor.check(portal, headers, "")?;
    }
    Ok((package, draft))
}

async fn take(
    portal: &Portal,
    visitor: &Visitor,
    me: &Account,
    project: Option<String>,
    package: Vec<u8>,
    draft: bool,
) -> Page {
    if package.is_empty() {
        let problem = Problem::invalid("Choose a .studpkg file first. In Studwork, Export > Package writes one.");
        return show(portal, visitor, project.as_deref(), Some(&problem)).await;
    }
    portal.limiter.take(What::Packages, &me.id)?;
    let target = Target { project: project.clone(), draft };
    let (task, account) = (portal.clone(), me.clone());
    let result = tokio::spawn(async move { publish(&task, &account, package, &target, Once::Free).await }).await?;
    match result {
        Ok(published) => Ok(Redirect::to(&format!("/projects/{}?done=submitted", published.project)).into_response()),
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            show(portal, visitor, project.as_deref(), Some(&problem)).await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Takes a package for a new project.
pub async fn send(State(portal): State<Portal>, visitor: Visitor, headers: HeaderMap, parts: Multipart) -> Page {
    let me = visitor.required()?;
    let (package, draft) = read(&portal, &visitor, &headers, parts).await?;
    take(&portal, &visitor, me, None, package, draft).await
}

/// Takes a package for a new version.
pub async fn send_version(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    parts: Multipart,
) -> Page {
    let me = visitor.required()?;
    let (package, _) = read(&portal, &visitor, &headers, parts).await?;
    take(&portal, &visitor, me, Some(id), package, false).await
}
