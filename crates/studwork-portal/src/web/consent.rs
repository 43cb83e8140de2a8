//! Where people agree that an app acts for them: the authorization page and the page for device codes.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use super::form::SentBy;
use super::{Page, Shell, Visitor, escaped};
use crate::accounts::oauth;
use crate::http::From;
use crate::limits::What;
use crate::problem::{Answer, Problem};
use crate::state::Portal;

/// What an app asks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    code_challenge: String,
    code_challenge_method: String,
    state: String,
    device_name: String,
    allow: String,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent {
    shell: Shell,
    asked: Asked,
    device: String,
    target: String,
}

impl Asked {
    /// Nothing is sent to an address that is not an app's on this machine, not even an error.
    fn check(&self) -> Answer<()> {
        if self.client_id != oauth::CLIENT {
            return Err(Problem::bad_request("client_id: it is to be studwork."));
        }
        if !oauth::is_loopback(&self.redirect_uri) {
            return Err(Problem::bad_request("redirect_uri: it is to be http://127.0.0.1 with a port."));
        }
        if self.response_type != "code"
            || self.code_challenge_method != "S256"
            || !oauth::is_challenge(&self.code_challenge)
        {
            return Err(Problem::bad_request("This needs response_type=code and a code_challenge of method S256."));
        }
        if self.state.len() > 500 {
            return Err(Problem::bad_request("state: at most 500 characters."));
        }
        Ok(())
    }

    fn back(&self, portal: &Portal, outcome: &str) -> String {
        let separator = if self.redirect_uri.contains('?') { '&' } else { '?' };
        let state = escaped(&self.state);
        format!("{}{separator}{outcome}&state={state}&iss={}", self.redirect_uri, escaped(&portal.public_url))
    }
}

/// Asks whether the app may.
pub async fn form(State(portal): State<Portal>, visitor: Visitor, Query(asked): Query<Asked>) -> Page {
    asked.check()?;
    visitor.required()?;
    let page = Consent {
        shell: visitor.shell(&portal, "Let the app in?").await?,
        device: oauth::clean_device(Some(&asked.device_name)),
        target: asked.redirect_uri.split(['/', '?']).nth(2).unwrap_or_default().to_owned(),
        asked,
    };
    Ok(visitor.show(StatusCode::OK, &page))
}

/// Sends the app its code, or that it may not.
pub async fn decide(State(portal): State<Portal>, SentBy { me, form: asked, .. }: SentBy<Asked>) -> Page {
    asked.check()?;
    if asked.allow != "1" {
        return Ok(Redirect::to(&asked.back(&portal, "error=access_denied")).into_response());
    }
    let code =
        oauth::grant_code(&portal, &me.id, &asked.redirect_uri, &asked.code_challenge, &asked.device_name).await?;
    Ok(Redirect::to(&asked.back(&portal, &format!("code={code}"))).into_response())
}

/// A code that somebody typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeviceForm {
    code: String,
    allow: String,
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    shell: Shell,
    code: String,
    device: String,
    problem: String,
    done: &'static str,
}

async fn show(
    portal: &Portal,
    visitor: &Visitor,
    code: String,
    device: String,
    problem: Option<&Problem>,
    done: &'static str,
) -> Page {
    let page = DevicePage {
        shell: visitor.shell(portal, "Connect a device").await?,
        code,
        device,
        problem: problem.map(|problem| problem.detail.clone()).unwrap_or_default(),
        done,
    };
    Ok(visitor.show(problem.map_or(StatusCode::OK, |problem| problem.status), &page))
}

/// The form for a code; with a code in the address it asks whether that device may.
pub async fn device_form(
    State(portal): State<Portal>,
    from: From,
    visitor: Visitor,
    Query(form): Query<DeviceForm>,
) -> Page {
    visitor.required()?;
    if form.code.is_empty() {
        return show(&portal, &visitor, String::new(), String::new(), None, "").await;
    }
    portal.limiter.take(What::SignIn, &from.0)?;
    match oauth::waiting_device(&portal, &form.code).await {
        Ok(device) => show(&portal, &visitor, form.code, device, None, "").await,
        Err(problem) if problem.code == "invalid" => {
            show(&portal, &visitor, String::new(), String::new(), Some(&problem), "").await
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Allows or denies the device.
pub async fn device(
    State(portal): State<Portal>,
    from: From,
    SentBy { me, visitor, form }: SentBy<DeviceForm>,
) -> Page {
    portal.limiter.take(What::SignIn, &from.0)?;
    let allow = form.allow == "1";
    match oauth::decide_device(&portal, &me.id, &form.code, allow).await {
        Ok(()) => {
            let done = if allow { "allowed" } else { "denied" };
            show(&portal, &visitor, String::new(), String::new(), None, done).await
        }
        Err(problem) if problem.code == "invalid" => {
            show(&portal, &visitor, String::new(), String::new(), Some(&problem), "").await
        }
        Err(problem) => Err(problem.into()),
    }
}
