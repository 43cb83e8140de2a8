//! The description of the API, made from the handlers themselves, served and kept in `docs/portal-api.json`.

use axum::Json;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{comments, me, oauth, projects, shape, uploads};

#[derive(OpenApi)]
#[openapi(
    info(title = "Studwork portal", version = "1", description = "How designs reach their supporters. docs/portal-api.md says the rest."),
    paths(
        projects::policy, projects::list, projects::one, projects::remove, projects::versions, projects::package,
        projects::version_package, projects::parts, projects::lineage, projects::events, projects::transition,
        projects::support, projects::take_back, projects::follow, projects::unfollow,
        uploads::publish, uploads::publish_version, uploads::create, uploads::head, uploads::status, uploads::append, uploads::cancel,
        comments::list, comments::add, comments::remove, comments::report_project, comments::report_comment,
        me::me, me::rename, me::projects, me::supports, me::follows, me::export, me::creator,
        oauth::token, oauth::device, oauth::revoke,
    ),
    components(schemas(shape::ProblemShape)),
    modifiers(&Token)
)]
struct Description;

struct Token;

impl Modify for Token {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        if let Some(components) = &mut description.components {
            components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        }
    }
}

/// The description as OpenAPI 3.1.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// Serves it.
pub async fn serve() -> Json<utoipa::openapi::OpenApi> {
    Json(description())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    #[test]
    fn the_committed_description_is_the_served_one() {
        let made = serde_json::to_string_pretty(&super::description()).unwrap() + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/portal-api.json");
        if std::env::var_os("STUDWORK_WRITE_DOCS").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == made, "docs/portal-api.json is old; run the test with STUDWORK_WRITE_DOCS=1");
    }
}
