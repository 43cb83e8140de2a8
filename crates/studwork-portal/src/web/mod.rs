//! The pages: rendered here, complete without scripts. Every form carries the token of its session; every change goes
//! through the same functions as the API's.

mod act;
mod browse;
mod consent;
mod desk;
mod door;
mod form;
mod project;
mod settings;
mod submit;
mod view;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use crate::accounts::{Account, Role, sessions};
use crate::http::{From, header_text};
use crate::limits::What;
use crate::problem::{Answer, Problem};
use crate::secrets;
use crate::state::Portal;

/// The routes of all pages.
pub fn routes() -> Router<Portal> {
    let submit = Router::new()
        .route("/submit", get(submit::form).post(submit::send))
        .route("/projects/{id}/submit", get(submit::version_form).post(submit::send_version))
        // The package in the form may be as large as a package may be, and a little more for the form around it.
        .layer(DefaultBodyLimit::disable());
    Router::new()
        .merge(submit)
        .route("/", get(browse::home))
        .route("/projects", get(browse::projects))
        .route("/projects/{id}", get(project::page))
        .route("/projects/{id}/versions/{number}", get(project::version))
        .route("/projects/{id}/versions/{number}/download", get(project::download))
        .route("/projects/{id}/support", post(act::support))
        .route("/projects/{id}/follow", post(act::follow))
        .route("/projects/{id}/comments", post(act::comment))
        .route("/projects/{id}/transitions", post(act::transition))
        .route("/projects/{id}/report", get(act::report_form).post(act::report))
        .route("/projects/{id}/delete", get(act::delete_form).post(act::delete))
        .route("/projects/{id}/hide", post(act::hide))
        .route("/comments/{id}/delete", post(act::delete_comment))
        .route("/creators/{id}", get(browse::creator))
        .route("/me", get(browse::mine))
        .route("/rules", get(browse::rules))
        .route("/signin", get(door::sign_in_form).post(door::sign_in))
        .route("/signup", get(door::sign_up_form).post(door::sign_up))
        .route("/signout", post(door::sign_out))
        .route("/verify", get(door::verify_form).post(door::verify))
        .route("/forgot", get(door::forgot_form).post(door::forgot))
        .route("/reset", get(door::reset_form).post(door::reset))
        .route("/settings", get(settings::page))
        .route("/settings/name", post(settings::name))
        .route("/settings/password", post(settings::password))
        .route("/settings/devices", post(settings::forget))
        .route("/settings/export", get(settings::export))
        .route("/settings/delete", post(settings::delete))
        .route("/oauth/authorize", get(consent::form).post(consent::decide))
        .route("/device", get(consent::device_form).post(consent::device))
        .route("/moderation", get(desk::moderation))
        .route("/moderation/reports/{id}", post(desk::resolve))
        .route("/admin", get(desk::admin))
        .route("/admin/role", post(desk::role))
        .route("/admin/policy", post(desk::policy))
        .route("/media/{name}", get(browse::media))
        .route("/static/portal.css", get(|| file("text/css", include_str!("../../static/portal.css"))))
        .route("/static/portal.js", get(|| file("text/javascript", include_str!("../../static/portal.js"))))
        .route("/favicon.svg", get(|| file("image/svg+xml", include_str!("../../static/favicon.svg"))))
        .fallback(nothing)
}

async fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], text).into_response()
}

/// A page without the slash that somebody typed at its end, or none.
async fn nothing(uri: axum::http::Uri) -> Response {
    match uri.path().strip_suffix('/') {
        Some(page) if safe_next(page) == page => Redirect::permanent(page).into_response(),
        _ => PageProblem(Problem::not_found("page")).into_response(),
    }
}

/// A refusal shown as a page.
#[derive(Debug)]
pub struct PageProblem(Problem);

/// What page handlers return.
pub type Page = Result<Response, PageProblem>;

impl<E: Into<Problem>> std::convert::From<E> for PageProblem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    shell: Shell,
    title: &'static str,
    detail: String,
    status: u16,
}

impl IntoResponse for PageProblem {
    fn into_response(self) -> Response {
        self.0.log();
        if self.0.code == "sign_in" {
            return Redirect::to(&self.0.detail).into_response();
        }
        let page = ProblemPage {
            shell: Shell::bare(self.0.title()),
            title: self.0.title(),
            detail: self.0.detail.clone(),
            status: self.0.status.as_u16(),
        };
        let mut response = render(self.0.status, &page);
        for (name, value) in self.0.headers {
            if name != header::WWW_AUTHENTICATE {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// What stands around every page.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// The portal's name.
    pub portal: String,
    /// The page's title.
    pub title: String,
    /// The page's description, for link previews.
    pub description: String,
    /// A picture, absolute, for link previews.
    pub image: String,
    /// The page's address, absolute.
    pub url: String,
    /// The token of the session's forms.
    pub csrf: String,
    /// Who is signed in: their name.
    pub name: String,
    /// Whether somebody is.
    pub signed_in: bool,
    /// Whether they review.
    pub reviewer: bool,
    /// Whether they administer.
    pub admin: bool,
    /// A short word on what was just done.
    pub notice: &'static str,
}

impl Shell {
    fn bare(title: &str) -> Self {
        Self { portal: "Studwork portal".into(), title: title.into(), ..Self::default() }
    }
}

/// Who looks at a page.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who is signed in.
    pub account: Option<Account>,
    session: String,
    fresh: bool,
    secure: bool,
    notice: &'static str,
    here: String,
}

fn cookie_name(secure: bool) -> &'static str {
    // Browsers take a `__Host-` cookie over HTTPS only.
    if secure { "__Host-studwork" } else { "studwork" }
}

fn notice_of(query: &str) -> &'static str {
    let done = query.split('&').find_map(|pair| pair.strip_prefix("done="));
    match done {
        Some("supported") => "Thank you: your support counts.",
        Some("taken-back") => "Your support is taken back.",
        Some("followed") => "You follow this project.",
        Some("unfollowed") => "You do not follow this project any more.",
        Some("commented") => "Your comment is there.",
        Some("removed") => "It is removed.",
        Some("reported") => "Thank you. Somebody will look at it.",
        Some("submitted") => "Your project has arrived.",
        Some("moved") => "The project moved on.",
        Some("saved") => "Saved.",
        Some("signed-out") => "You are signed out.",
        Some("verified") => "Your address is confirmed. Sign in now.",
        Some("reset") => "The new password is set. Sign in now.",
        Some("left") => "Your account is removed. Farewell!",
        _ => "",
    }
}

impl FromRequestParts<Portal> for Visitor {
    type Rejection = PageProblem;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, PageProblem> {
        let secure = portal.is_https();
        let name = cookie_name(secure);
        let cookie = parts
            .headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
            .filter(|value| value.len() == 52 && value.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .map(str::to_owned);
        let account = match &cookie {
            Some(session) => sessions::account(portal, session).await?,
            None => None,
        };
        match &account {
            Some(account) => portal.limiter.take(What::Account, &account.id)?,
            None => {
                let Ok(from) = From::from_request_parts(parts, portal).await;
                portal.limiter.take(What::Anonymous, &from.0)?;
            }
        }
        let fresh = cookie.is_none();
        Ok(Self {
            account,
            session: cookie.unwrap_or_else(secrets::token),
            fresh,
            secure,
            notice: notice_of(parts.uri.query().unwrap_or_default()),
            here: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        })
    }
}

impl Visitor {
    /// Who is signed in.
    ///
    /// # Errors
    /// Leads to the sign-in page, and back here afterwards.
    pub fn required(&self) -> Result<&Account, PageProblem> {
        self.account.as_ref().ok_or_else(|| to_sign_in(&self.here))
    }

    /// Who is signed in, if they have at least this role.
    ///
    /// # Errors
    /// Leads to the sign-in page, or 403.
    pub fn with_role(&self, role: Role) -> Result<&Account, PageProblem> {
        let account = self.required()?;
        if account.role >= role {
            Ok(account)
        } else {
            Err(PageProblem(Problem::forbidden(format!("This page is for a {role}."))))
        }
    }

    /// Checks that a form came from a page of this session.
    ///
    /// # Errors
    /// 403 `csrf`.
    pub fn check(&self, portal: &Portal, headers: &HeaderMap, token: &str) -> Result<(), PageProblem> {
        let origin = header_text(headers, "origin");
        let foreign = origin.is_some_and(|origin| origin != portal.public_url && !same_host(headers, origin));
        let cross =
            header_text(headers, "sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site");
        if foreign || cross || self.fresh || !secrets::same(token, &sessions::form_token(portal, &self.session)) {
            return Err(PageProblem(Problem::new(
                StatusCode::FORBIDDEN,
                "csrf",
                "The form did not come from this page, or the page was open for too long. Go back, reload and try again.",
            )));
        }
        Ok(())
    }

    /// What stands around a page for this visitor.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn shell(&self, portal: &Portal, title: &str) -> Answer<Shell> {
        let policy = portal.policies.get().await?;
        let role = self.account.as_ref().map_or(Role::Member, |account| account.role);
        Ok(Shell {
            portal: policy.policy.portal.name.clone(),
            title: title.to_owned(),
            url: format!("{}{}", portal.public_url, self.here.split('?').next().unwrap_or_default()),
            csrf: sessions::form_token(portal, &self.session),
            name: self.account.as_ref().map(|account| account.name.clone()).unwrap_or_default(),
            signed_in: self.account.is_some(),
            reviewer: role >= Role::Reviewer,
            admin: role >= Role::Admin,
            notice: self.notice,
            ..Shell::default()
        })
    }

    /// Renders a page; one with a form for somebody who has no cookie yet sets one.
    pub fn show(&self, status: StatusCode, page: &impl Template) -> Response {
        let mut response = render(status, page);
        if self.fresh {
            set_cookie(&mut response, self.secure, &self.session, None);
        }
        response
    }
}

/// Leads to the sign-in page, and to another one afterwards.
fn to_sign_in(next: &str) -> PageProblem {
    let target = format!("/signin?next={}", escaped(next));
    PageProblem(Problem::new(StatusCode::SEE_OTHER, "sign_in", target))
}

/// Whether an origin has the host this request was sent to: the portal may be reached by more than one name.
fn same_host(headers: &HeaderMap, origin: &str) -> bool {
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == header_text(headers, "host")
}

fn set_cookie(response: &mut Response, secure: bool, value: &str, lasts: Option<i64>) {
    let name = cookie_name(secure);
    let lasts = lasts.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let only = if secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{only}{lasts}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, [(header::CACHE_CONTROL, "private, no-cache")], Html(text)).into_response(),
        Err(error) => Problem::internal(error).into_response(),
    }
}

/// A text as a part of a query.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// Where to go after signing in: a path of this portal, nothing else.
fn safe_next(next: &str) -> &str {
    let fits = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && next.bytes().all(|byte| byte.is_ascii_graphic())
        && next.len() < 2_000;
    if fits { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_portal_are_next() {
        assert_eq!(safe_next("/projects/x?done=1"), "/projects/x?done=1");
        for bad in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a b"] {
            assert_eq!(safe_next(bad), "/", "{bad}");
        }
        assert_eq!(escaped("/a?b=c&d"), "/a%3Fb%3Dc%26d");
    }
}
