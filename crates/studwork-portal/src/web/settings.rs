//! One's own settings: name, password, apps, what is stored, leaving.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use super::form::SentBy;
use super::{Page, Shell, Visitor, set_cookie};
use crate::accounts::{self, sessions};
use crate::clock::day_text;
use crate::problem::{Answer, Problem};
use crate::state::Portal;

/// The fields of all these forms; each uses some.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    name: String,
    old: String,
    password: String,
    device: String,
}

/// An app as the page tells it.
#[derive(Debug)]
pub struct DeviceView {
    id: String,
    name: String,
    since: String,
    used: String,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    shell: Shell,
    email: String,
    since: String,
    role: String,
    devices: Vec<DeviceView>,
    problem: String,
}

async fn show(portal: &Portal, visitor: &Visitor, problem: Option<&Problem>) -> Page {
    let me = visitor.required()?;
    let devices = sessions::devices(portal, &me.id).await?;
    let page = SettingsPage {
        shell: visitor.shell(portal, "Settings").await?,
        email: me.email.clone(),
        since: day_text(me.since),
        role: me.role.to_string(),
        devices: devices
            .into_iter()
            .map(|device| DeviceView {
                id: device.id,
                name: device.device,
                since: day_text(device.created_at),
                used: day_text(device.used_at),
            })
            .collect(),
        problem: problem.map(|problem| problem.detail.clone()).unwrap_or_default(),
    };
    Ok(visitor.show(problem.map_or(StatusCode::OK, |problem| problem.status), &page))
}

/// The page.
pub async fn page(State(portal): State<Portal>, visitor: Visitor) -> Page {
    show(&portal, &visitor, None).await
}

fn saved() -> Page {
    Ok(Redirect::to("/settings?done=saved").into_response())
}

/// Back to the settings, which say that it is done, or what will not do.
async fn saved_or_told(portal: &Portal, visitor: &Visitor, done: Answer<()>) -> Page {
    match done {
        Ok(()) => saved(),
        Err(problem) if problem.code == "invalid" => show(portal, visitor, Some(&problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

/// Changes the name.
pub async fn name(State(portal): State<Portal>, SentBy { me, visitor, form }: SentBy<SettingsForm>) -> Page {
    let done = accounts::rename(&portal, &me.id, &form.name).await;
    saved_or_told(&portal, &visitor, done).await
}

/// Changes the password.
pub async fn password(State(portal): State<Portal>, SentBy { me, visitor, form }: SentBy<SettingsForm>) -> Page {
    let done = accounts::change_password(&portal, &me, &form.old, &form.password, &visitor.session).await;
    saved_or_told(&portal, &visitor, done).await
}

/// Signs an app out.
pub async fn forget(State(portal): State<Portal>, SentBy { me, form, .. }: SentBy<SettingsForm>) -> Page {
    sessions::forget_device(&portal, &me.id, &form.device).await?;
    saved()
}

/// Everything stored, as a file.
pub async fn export(State(portal): State<Portal>, visitor: Visitor) -> Page {
    let me = visitor.required()?;
    let all = accounts::export(&portal, me).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"studwork-portal-data.json\""),
    ];
    Ok((headers, serde_json::to_string_pretty(&all)?).into_response())
}

/// Removes the account.
pub async fn delete(State(portal): State<Portal>, SentBy { me, visitor, form }: SentBy<SettingsForm>) -> Page {
    match accounts::delete(&portal, &me, &form.password).await {
        Ok(()) => {
            let mut response = Redirect::to("/?done=left").into_response();
            set_cookie(&mut response, portal.is_https(), "", Some(0));
            Ok(response)
        }
        Err(problem) if problem.code == "invalid" || problem.code == "transition_not_allowed" => {
            show(&portal, &visitor, Some(&problem)).await
        }
        Err(problem) => Err(problem.into()),
    }
}
