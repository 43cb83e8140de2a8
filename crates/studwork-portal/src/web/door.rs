//! Coming in: sign up, confirm, sign in, forgotten passwords. What these pages answer does not tell who has an account.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use super::form::Sent;
use super::{Page, Shell, Visitor, safe_next, set_cookie};
use crate::accounts::{self, sessions};
use crate::clock::SECOND;
use crate::http::From;
use crate::limits::What;
use crate::problem::Problem;
use crate::state::Portal;

/// The fields of all these forms; each uses some.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DoorForm {
    email: String,
    password: String,
    name: String,
    next: String,
    token: String,
}

#[derive(Template)]
#[template(path = "door.html")]
struct Door {
    shell: Shell,
    kind: &'static str,
    email: String,
    name: String,
    next: String,
    token: String,
    problem: String,
    folder: bool,
}

async fn show(
    portal: &Portal,
    visitor: &Visitor,
    kind: &'static str,
    form: DoorForm,
    problem: Option<&Problem>,
) -> Page {
    let title = match kind {
        "signin" => "Sign in",
        "signup" => "Make an account",
        "verify" => "Confirm your address",
        "reset" => "Choose another password",
        _ => "Forgotten password",
    };
    let page = Door {
        shell: visitor.shell(portal, title).await?,
        kind,
        email: form.email,
        name: form.name,
        next: safe_next(&form.next).to_owned(),
        token: form.token,
        problem: problem.map(|problem| problem.detail.clone()).unwrap_or_default(),
        folder: portal.mailer.is_folder(),
    };
    Ok(visitor.show(problem.map_or(StatusCode::OK, |problem| problem.status), &page))
}

#[derive(Template)]
#[template(path = "sent.html")]
struct MailSent {
    shell: Shell,
    folder: bool,
}

async fn sent(portal: &Portal, visitor: &Visitor) -> Page {
    let shell = visitor.shell(portal, "Look into your mail").await?;
    Ok(visitor.show(StatusCode::OK, &MailSent { shell, folder: portal.mailer.is_folder() }))
}

/// The form to sign in.
pub async fn sign_in_form(State(portal): State<Portal>, visitor: Visitor, Query(form): Query<DoorForm>) -> Page {
    if visitor.account.is_some() {
        return Ok(Redirect::to(safe_next(&form.next)).into_response());
    }
    show(&portal, &visitor, "signin", form, None).await
}

/// Signs in: a new session with a new cookie.
pub async fn sign_in(State(portal): State<Portal>, from: From, Sent { visitor, form }: Sent<DoorForm>) -> Page {
    portal.limiter.take(What::SignIn, &from.0)?;
    let account = match accounts::sign_in(&portal, &form.email, &form.password).await {
        Ok(account) => account,
        Err(problem) if problem.code == "unauthorized" => {
            return show(&portal, &visitor, "signin", DoorForm { password: String::new(), ..form }, Some(&problem))
                .await;
        }
        Err(problem) => return Err(problem.into()),
    };
    let session = sessions::begin(&portal, &account).await?;
    let mut response = Redirect::to(safe_next(&form.next)).into_response();
    set_cookie(&mut response, portal.is_https(), &session, Some(sessions::LASTS / SECOND));
    Ok(response)
}

/// Signs out.
pub async fn sign_out(State(portal): State<Portal>, Sent { visitor, .. }: Sent<DoorForm>) -> Page {
    sessions::end(&portal, &visitor.session).await?;
    let mut response = Redirect::to("/?done=signed-out").into_response();
    set_cookie(&mut response, portal.is_https(), "", Some(0));
    Ok(response)
}

/// The form to make an account.
pub async fn sign_up_form(State(portal): State<Portal>, visitor: Visitor, Query(form): Query<DoorForm>) -> Page {
    show(&portal, &visitor, "signup", form, None).await
}

/// Makes an account; the address is confirmed by a mail.
pub async fn sign_up(State(portal): State<Portal>, from: From, Sent { visitor, form }: Sent<DoorForm>) -> Page {
    portal.limiter.take(What::SignIn, &from.0)?;
    match accounts::sign_up(&portal, &form.email, &form.password, &form.name).await {
        Ok(()) => sent(&portal, &visitor).await,
        Err(problem) if problem.code == "invalid" => show(&portal, &visitor, "signup", form, Some(&problem)).await,
        Err(problem) => Err(problem.into()),
    }
}

/// The button that confirms: programs that look at mail follow links, and must not confirm.
pub async fn verify_form(State(portal): State<Portal>, visitor: Visitor, Query(form): Query<DoorForm>) -> Page {
    show(&portal, &visitor, "verify", form, None).await
}

/// Confirms an address.
pub async fn verify(State(portal): State<Portal>, Sent { form, .. }: Sent<DoorForm>) -> Page {
    accounts::verify(&portal, &form.token).await?;
    Ok(Redirect::to("/signin?done=verified").into_response())
}

/// The form to ask for another password.
pub async fn forgot_form(State(portal): State<Portal>, visitor: Visitor, Query(form): Query<DoorForm>) -> Page {
    show(&portal, &visitor, "forgot", form, None).await
}

/// Sends the mail, if there is somebody to send it to.
pub async fn forgot(State(portal): State<Portal>, from: From, Sent { visitor, form }: Sent<DoorForm>) -> Page {
    portal.limiter.take(What::SignIn, &from.0)?;
    accounts::forgot(&portal, &form.email).await?;
    sent(&portal, &visitor).await
}

/// The form for another password.
pub async fn reset_form(State(portal): State<Portal>, visitor: Visitor, Query(form): Query<DoorForm>) -> Page {
    show(&portal, &visitor, "reset", form, None).await
}

/// Sets another password.
pub async fn reset(State(portal): State<Portal>, from: From, Sent { visitor, form }: Sent<DoorForm>) -> Page {
    portal.limiter.take(What::SignIn, &from.0)?;
    match accounts::reset(&portal, &form.token, &form.password).await {
        Ok(()) => Ok(Redirect::to("/signin?done=reset").into_response()),
        Err(problem) if problem.code == "invalid" => show(&portal, &visitor, "reset", form, Some(&problem)).await,
        Err(problem) => Err(problem.into()),
    }
}
