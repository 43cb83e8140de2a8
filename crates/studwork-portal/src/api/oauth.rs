//! The token endpoints of RFC 6749, 8628, 7009 and 8414. The pages where people agree are in `web`.

use axum::Json;
use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::accounts::oauth::{self, CLIENT, DEVICE_LASTS, INTERVAL, Refusal, TOKEN_LASTS};
use crate::clock::SECOND;
use crate::http::From;
use crate::limits::What;
use crate::problem::Answer;
use crate::state::Portal;

/// What the token endpoint is asked.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct TokenForm {
    grant_type: String,
    client_id: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    device_code: String,
}

fn refusal(error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    (StatusCode::BAD_REQUEST, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn answer(result: Result<String, Refusal>) -> Response {
    match result {
        Ok(token) => {
            let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LASTS / SECOND });
            ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        Err(Refusal::OAuth(error, description)) => refusal(error, description),
        Err(Refusal::Problem(problem)) => problem.into_response(),
    }
}

/// Gives a token for a code.
#[utoipa::path(post, path = "/oauth/token", tag = "sign-in",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "A token", body = Value), (status = 400, description = "An error of RFC 6749", body = Value)))]
pub async fn token(State(portal): State<Portal>, from: From, Form(form): Form<TokenForm>) -> Answer<Response> {
    portal.limiter.take(What::Anonymous, &from.0)?;
    if form.client_id != CLIENT {
        return Ok(refusal("invalid_client", "client_id is to be studwork."));
    }
    Ok(match form.grant_type.as_str() {
        "authorization_code" => {
            answer(oauth::token_for_code(&portal, &form.code, &form.redirect_uri, &form.code_verifier).await)
        }
        "urn:ietf:params:oauth:grant-type:device_code" => {
            answer(oauth::token_for_device(&portal, &form.device_code).await)
        }
        _ => refusal("unsupported_grant_type", "grant_type is to be authorization_code or that of the device code."),
    })
}

/// What the device endpoint is asked.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct DeviceForm {
    client_id: String,
    device_name: Option<String>,
}

/// Begins a sign-in without a browser.
#[utoipa::path(post, path = "/oauth/device", tag = "sign-in",
    request_body(content = DeviceForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Codes", body = Value), (status = 400, description = "An error of RFC 6749", body = Value)))]
pub async fn device(State(portal): State<Portal>, from: From, Form(form): Form<DeviceForm>) -> Answer<Response> {
    portal.limiter.take(What::SignIn, &from.0)?;
    if form.client_id != CLIENT {
        return Ok(refusal("invalid_client", "client_id is to be studwork."));
    }
    let (device_code, user_code) = oauth::begin_device(&portal, form.device_name.as_deref()).await?;
    let url = &portal.public_url;
    let body = json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": format!("{url}/device"),
        "verification_uri_complete": format!("{url}/device?code={user_code}"),
        "expires_in": DEVICE_LASTS / SECOND,
        "interval": INTERVAL,
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// What the revocation endpoint is asked.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct RevokeForm {
    token: String,
}

/// Takes a token back.
#[utoipa::path(post, path = "/oauth/revoke", tag = "sign-in",
    request_body(content = RevokeForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Taken back, or never given")))]
pub async fn revoke(State(portal): State<Portal>, from: From, Form(form): Form<RevokeForm>) -> Answer<StatusCode> {
    portal.limiter.take(What::Anonymous, &from.0)?;
    oauth::revoke(&portal, &form.token).await?;
    Ok(StatusCode::OK)
}

/// What there is, for clients that ask.
pub async fn metadata(State(portal): State<Portal>) -> Json<Value> {
    let url = &portal.public_url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/oauth/authorize"),
        "token_endpoint": format!("{url}/oauth/token"),
        "device_authorization_endpoint": format!("{url}/oauth/device"),
        "revocation_endpoint": format!("{url}/oauth/revoke"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
    }))
}
