//! Pages to look around: home, lists, people, pictures.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::view::{CardView, bytes_text, cards, grouped};
use super::{Page, Shell, Visitor, escaped};
use crate::api::{creator_of, sort_of};
use crate::clock::day_text;
use crate::http::stored;
use crate::problem::{Answer, Problem};
use crate::projects::{self, Filter, Sort, State as ProjectState};
use crate::state::Portal;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    shell: Shell,
    rising: Vec<CardView>,
    newest: Vec<CardView>,
    made: Vec<CardView>,
    goal: String,
}

async fn some(portal: &Portal, filter: Filter) -> Answer<Vec<CardView>> {
    let goal = portal.policies.get().await?.policy.support.review_at;
    let (listings, _) = projects::list(portal, &filter).await?;
    Ok(cards(listings, goal, portal.clock.now()))
}

/// What is rising, what is new, what was chosen.
pub async fn home(State(portal): State<Portal>, visitor: Visitor) -> Page {
    let policy = portal.policies.get().await?;
    let gathering = Some(ProjectState::Gathering);
    let filter = |sort, state, limit| Filter { sort, state, limit, ..Filter::default() };
    let mut made = some(&portal, filter(Sort::Newest, Some(ProjectState::InProduction), 4)).await?;
    made.extend(some(&portal, filter(Sort::Newest, Some(ProjectState::Approved), 4)).await?);
    made.extend(some(&portal, filter(Sort::Newest, Some(ProjectState::Qualified), 4)).await?);
    made.truncate(4);
    let mut shell = visitor.shell(&portal, "Designs that people want built").await?;
    shell.description =
        "Look at brick designs, support the ones you want built, download them, make your own of them.".into();
    let rising = some(&portal, filter(Sort::Rising, gathering, 8)).await?;
    let mut newest = some(&portal, filter(Sort::Newest, gathering, 16)).await?;
    // What is seen once is not new the second time.
    newest.retain(|card| rising.iter().all(|shown| shown.url != card.url));
    newest.truncate(8);
    let page = Home { shell, rising, newest, made, goal: grouped(policy.policy.support.review_at) };
    Ok(visitor.show(StatusCode::OK, &page))
}

/// What a list is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListForm {
    q: String,
    tag: String,
    state: String,
    sort: String,
    min: String,
    max: String,
    cursor: String,
}

#[derive(Template)]
#[template(path = "projects.html")]
struct Projects {
    shell: Shell,
    form: ListForm,
    states: Vec<(&'static str, &'static str, bool)>,
    sorts: Vec<(&'static str, &'static str, bool)>,
    items: Vec<CardView>,
    next: String,
}

fn number(text: &str, what: &str) -> Answer<Option<i64>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Problem::bad_request(format!("{what}: a whole number of pieces.")))
}

/// All projects, with filters.
pub async fn projects(State(portal): State<Portal>, visitor: Visitor, Query(form): Query<ListForm>) -> Page {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let state = some(&form.state).map(|state| state.parse::<ProjectState>()).transpose();
    let filter = Filter {
        words: form.q.chars().take(200).collect(),
        tag: some(&form.tag),
        state: state.map_err(Problem::bad_request)?,
        sort: sort_of(some(&form.sort).as_deref().or(Some("rising")))?,
        min_pieces: number(&form.min, "at least")?,
        max_pieces: number(&form.max, "at most")?,
        cursor: some(&form.cursor),
        limit: 24,
        ..Filter::default()
    };
    let goal = portal.policies.get().await?.policy.support.review_at;
    let (listings, cursor) = projects::list(&portal, &filter).await?;
    let next = cursor.map(|cursor| {
        let pairs = [
            ("q", &form.q),
            ("tag", &form.tag),
            ("state", &form.state),
            ("sort", &form.sort),
            ("min", &form.min),
            ("max", &form.max),
            ("cursor", &cursor),
        ];
        let query: Vec<String> = pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        format!("/projects?{}", query.join("&"))
    });
    let public = ProjectState::ALL.into_iter().filter(|state| state.is_public());
    let page = Projects {
        shell: visitor.shell(&portal, "Projects").await?,
        states: public.map(|state| (state.name(), state.label(), form.state == state.name())).collect(),
        sorts: [("rising", "Rising"), ("newest", "Newest"), ("supports", "Most supported")]
            .map(|(name, label)| (name, label, form.sort == name))
            .to_vec(),
        form,
        items: cards(listings, goal, portal.clock.now()),
        next: next.unwrap_or_default(),
    };
    Ok(visitor.show(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "creator.html")]
struct CreatorPage {
    shell: Shell,
    name: String,
    since: String,
    projects: String,
    supports: String,
    items: Vec<CardView>,
    next: String,
}

/// From where.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CursorForm {
    cursor: String,
}

/// Somebody's projects.
pub async fn creator(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(form): Query<CursorForm>,
) -> Page {
    let creator = creator_of(&portal, &id).await?;
    let since = crate::accounts::find(&portal, &id).await?.since;
    let goal = portal.policies.get().await?.policy.support.review_at;
    let filter = Filter {
        creator: Some(id.clone()),
        limit: 24,
        cursor: (!form.cursor.is_empty()).then_some(form.cursor),
        ..Filter::default()
    };
    let (listings, cursor) = projects::list(&portal, &filter).await?;
    let page = CreatorPage {
        shell: visitor.shell(&portal, &creator.name).await?,
        name: creator.name,
        since: day_text(since),
        projects: grouped(creator.projects),
        supports: grouped(creator.supports),
        items: cards(listings, goal, portal.clock.now()),
        next: cursor.map(|cursor| format!("/creators/{id}?cursor={cursor}")).unwrap_or_default(),
    };
    Ok(visitor.show(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "mine.html")]
struct Mine {
    shell: Shell,
    own: Vec<CardView>,
    followed: Vec<CardView>,
    supported: Vec<CardView>,
}

/// What belongs to who is signed in: own, followed and supported projects.
pub async fn mine(State(portal): State<Portal>, visitor: Visitor) -> Page {
    let me = visitor.required()?;
    let goal = portal.policies.get().await?.policy.support.review_at;
    let now = portal.clock.now();
    let own = Filter { creator: Some(me.id.clone()), own: true, limit: 100, ..Filter::default() };
    let page = Mine {
        shell: visitor.shell(&portal, "Yours").await?,
        own: cards(projects::list(&portal, &own).await?.0, goal, now),
        followed: cards(projects::list_followed(&portal, &me.id, None, 48).await?.0, goal, now),
        supported: cards(projects::list_supported(&portal, &me.id, None, 48).await?.0, goal, now),
    };
    Ok(visitor.show(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "rules.html")]
struct Rules {
    shell: Shell,
    goal: String,
    days: u32,
    least: String,
    most: String,
    bytes: String,
    licenses: Vec<String>,
    milestones: Vec<(String, u32)>,
    review_first: bool,
}

/// The policy in words.
pub async fn rules(State(portal): State<Portal>, visitor: Visitor) -> Page {
    let served = portal.policies.get().await?;
    let (package, support) = (&served.policy.package, &served.policy.support);
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let page = Rules {
        shell: visitor.shell(&portal, "How it works").await?,
        goal: grouped(support.review_at),
        days: support.window_days,
        least: grouped(whole(package.design.pieces.least)),
        most: grouped(whole(package.design.pieces.most)),
        bytes: bytes_text(whole(package.archive.package_bytes)),
        licenses: package.licenses.clone(),
        milestones: support.milestones.iter().map(|stage| (grouped(stage.supports), stage.within_days)).collect(),
        review_first: served.policy.review_before_gathering,
    };
    Ok(visitor.show(StatusCode::OK, &page))
}

/// A picture by its hash.
pub async fn media(State(portal): State<Portal>, Path(name): Path<String>) -> Result<Response, Problem> {
    let sha256 = name.strip_suffix(".jpg").filter(|hash| {
        hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    });
    let sha256 = sha256.ok_or_else(|| Problem::not_found("picture"))?;
    stored(&portal, &format!("media/{}/{sha256}.jpg", &sha256[..2]), "image/jpeg", "picture").await
}
