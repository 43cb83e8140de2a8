//! Forms of the pages, taken only after it is clear that they come from a page of the visitor's own session: a handler that
//! takes one of these cannot forget to look.

use axum::extract::rejection::RawFormRejection;
use axum::extract::{FromRequest, FromRequestParts, RawForm, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{PageProblem, Visitor, to_sign_in};
use crate::accounts::Account;
use crate::problem::Problem;
use crate::state::Portal;

/// A form from anybody.
pub struct Sent<F> {
    /// Who sent it.
    pub visitor: Visitor,
    /// What it says.
    pub form: F,
}

/// A form from somebody who is signed in. Others are led to sign in, and then back to the page where it stood.
pub struct SentBy<F> {
    /// Whose session it is.
    pub me: Account,
    /// Who sent it.
    pub visitor: Visitor,
    /// What it says.
    pub form: F,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    csrf: String,
}

async fn take<F: DeserializeOwned>(request: Request, portal: &Portal, visitor: &Visitor) -> Result<F, PageProblem> {
    let headers = request.headers().clone();
    let unreadable = |error: serde_urlencoded::de::Error| Problem::bad_request(format!("The form: {error}."));
    let body = RawForm::from_request(request, portal).await;
    let RawForm(body) = body.map_err(|error: RawFormRejection| Problem::bad_request(error.body_text()))?;
    let Token { csrf } = serde_urlencoded::from_bytes(&body).map_err(unreadable)?;
    visitor.check(portal, &headers, &csrf)?;
    Ok(serde_urlencoded::from_bytes(&body).map_err(unreadable)?)
}

/// The request without its body's content, for what is read of its head.
async fn visitor_of(request: Request, portal: &Portal) -> Result<(Visitor, Request), PageProblem> {
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, portal).await?;
    Ok((visitor, Request::from_parts(parts, body)))
}

impl<F: DeserializeOwned> FromRequest<Portal> for Sent<F> {
    type Rejection = PageProblem;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, PageProblem> {
        let (visitor, request) = visitor_of(request, portal).await?;
        let form = take(request, portal, &visitor).await?;
        Ok(Self { visitor, form })
    }
}

impl<F: DeserializeOwned> FromRequest<Portal> for SentBy<F> {
    type Rejection = PageProblem;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, PageProblem> {
        let (visitor, request) = visitor_of(request, portal).await?;
        let Some(me) = visitor.account.clone() else { return Err(to_sign_in(&page_of(request.uri().path()))) };
        let form = take(request, portal, &visitor).await?;
        Ok(Self { me, visitor, form })
    }
}

/// The page that a form with this address stands on.
fn page_of(path: &str) -> String {
    let mut names = path.split('/').skip(1);
    match (names.next(), names.next()) {
        (Some("projects"), Some(id)) => format!("/projects/{id}"),
        (Some(desk @ ("settings" | "admin" | "moderation")), _) => format!("/{desk}"),
        (Some("device"), None) => path.to_owned(),
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_stands_on_a_page_that_can_be_opened() {
        for (form, page) in [
            ("/projects/abc/support", "/projects/abc"),
            ("/settings/password", "/settings"),
            ("/admin/policy", "/admin"),
            ("/moderation/reports/x", "/moderation"),
            ("/device", "/device"),
            ("/comments/x/delete", "/"),
            ("/oauth/authorize", "/"),
        ] {
            assert_eq!(page_of(form), page, "{form}");
        }
    }
}
