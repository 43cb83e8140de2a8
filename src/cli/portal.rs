//! `studwork portal`: sign in, look around, download.
#![expect(clippy::print_stderr, reason = "a command line answers on its standard streams")]

use super::Outcome;
use super::args::{DownloadArgs, ListArgs, LoginArgs, PortalArgs, PortalVerb, SortArg, StatusArgs};
use super::session::{bar, count};
use super::verify::{report_findings, told};
use crate::disk;
use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::json;
use std::io::Write as _;
use studwork_client::{
    BrowserSignIn, Card, DeviceSignIn, JobState, Outbox, Page, Portal, PortalAddress, ProjectQuery, Sort, Stop,
    TokenStore, lineage_of,
};
use studwork_core::package::{EXTENSION, Policy, project_of_source, read_package};
use studwork_core::{Edit, InfoField, to_ron};

/// The environment names a portal here.
const PORTAL: &str = "STUDWORK_PORTAL";

/// Does what is asked on a portal.
pub(super) fn portal(args: &PortalArgs) -> Result<Outcome> {
    let address = || portal_address(args.portal.as_deref());
    match &args.verb {
        PortalVerb::Login(login) => log_in(&address()?, login),
        PortalVerb::Logout => log_out(&address()?),
        PortalVerb::List(list) => show_list(&address()?, list),
        PortalVerb::Download(download) => fetch(args.portal.as_deref(), download),
        PortalVerb::Status(status) => show_status(&address()?, status),
    }
}

/// The portal that was named, or that the environment names.
pub(super) fn portal_address(named: Option<&str>) -> Result<PortalAddress> {
    let from_environment = || std::env::var(PORTAL).ok().filter(|address| !address.trim().is_empty());
    let Some(address) = named.map(str::to_owned).or_else(from_environment) else {
        bail!("which portal? Name it with --portal URL, or set {PORTAL}");
    };
    PortalAddress::new(&address).map_err(told)
}

/// A portal with the sign-in that is kept for it, if there is one.
fn open(address: &PortalAddress) -> Result<Portal> {
    let token = TokenStore::of_user().ok().and_then(|store| store.load(address));
    Portal::new(address.clone(), token.map(|token| token.secret)).map_err(told)
}

/// A portal on which somebody is signed in.
pub(super) fn signed_in_portal(address: &PortalAddress) -> Result<Portal> {
    let portal = open(address)?;
    if !portal.is_signed_in() {
        bail!("you are not signed in to {address}: `studwork portal login --portal {address}` does that");
    }
    Ok(portal)
}

fn log_in(address: &PortalAddress, args: &LoginArgs) -> Result<Outcome> {
    let store = TokenStore::of_user()?;
    let policy = Portal::new(address.clone(), None).and_then(|portal| portal.policy()).map_err(told)?;
    let name = args.name.clone().unwrap_or_else(machine_name);
    let token = if args.device || !has_browser() {
        let sign_in = DeviceSignIn::start(address, &name).map_err(told)?;
        eprintln!("Open {} on any device and type the code {}", sign_in.verification_uri, sign_in.user_code);
        eprintln!("or open {}", sign_in.verification_uri_complete);
        sign_in.wait(&Stop::new())
    } else {
        let sign_in = BrowserSignIn::start(address, &name).map_err(told)?;
        eprintln!("Open this page in your browser to sign in, unless it opens by itself:\n{}", sign_in.url);
        // The address was printed in any case.
        let no_browser = || eprintln!("No browser opens here. Ctrl+C, and `--device` signs in by a code instead.");
        crate::portal_client::open_page(&sign_in.url, no_browser);
        sign_in.wait(&Stop::new())
    };
    let token = token.map_err(told)?;
    let kept = store.save(address, &token)?;
    let portal = Portal::new(address.clone(), Some(token.secret)).map_err(told)?;
    let account = portal.me().map_err(told)?;
    eprintln!("{kept}");
    writeln!(std::io::stdout(), "signed in to {} ({address}) as {}", policy.portal.name, account.name)?;
    Ok(Outcome::Clean)
}

/// What this machine is called, as far as the environment tells.
fn machine_name() -> String {
    let from_file = || std::fs::read_to_string("/etc/hostname").ok();
    let name = ["COMPUTERNAME", "HOSTNAME"].iter().find_map(|name| std::env::var(name).ok()).or_else(from_file);
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    name.unwrap_or_else(|| "the command line".to_owned())
}

/// Whether a browser could open on this machine.
fn has_browser() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].into_iter().any(is_set)
}

fn log_out(address: &PortalAddress) -> Result<Outcome> {
    let store = TokenStore::of_user()?;
    let token = store.load(address);
    let was_there = store.forget(address)?;
    if let Some(token) = token {
        let portal = Portal::new(address.clone(), None).map_err(told)?;
        if let Err(error) = portal.sign_out(&token.secret) {
            eprintln!("warning: {error}; this machine has forgotten the sign-in, the portal will in time");
        }
    }
    let words = if was_there { "signed out of" } else { "nobody was signed in to" };
    writeln!(std::io::stdout(), "{words} {address}")?;
    Ok(Outcome::Clean)
}

fn show_list(address: &PortalAddress, args: &ListArgs) -> Result<Outcome> {
    let portal = open(address)?;
    let mut query = ProjectQuery {
        words: args.words.join(" "),
        tag: args.tag.clone(),
        state: args.state.clone(),
        sort: match args.sort {
            SortArg::Newest => Sort::Newest,
            SortArg::Supports => Sort::Supports,
            SortArg::Rising => Sort::Rising,
        },
        ..ProjectQuery::default()
    };
    let wanted = args.limit as usize;
    let mut cards: Vec<Card> = Vec::new();
    while cards.len() < wanted {
        query.limit = Some((wanted - cards.len()).min(100) as u32);
        let Page { items, next } = portal.projects(&query).map_err(told)?;
        let is_empty = items.is_empty();
        cards.extend(items);
        query.cursor = next;
        if query.cursor.is_none() || is_empty {
            break;
        }
    }
    cards.truncate(wanted);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if args.json {
        let list: Vec<_> = cards.iter().map(|card| card_json(address, card)).collect();
        serde_json::to_writer_pretty(&mut out, &list)?;
        writeln!(out)?;
    } else {
        for card in &cards {
            write_card(&mut out, card)?;
        }
    }
    out.flush()?;
    Ok(Outcome::from_findings(cards.is_empty()))
}

fn write_card(out: &mut impl std::io::Write, card: &Card) -> std::io::Result<()> {
    let Card { id, title, creator, state, supports, goal, pieces, .. } = card;
    writeln!(out, "{id}  {title}, by {}: {pieces} pieces, {supports} of {goal} supports, {state}", creator.name)
}

fn card_json(address: &PortalAddress, card: &Card) -> serde_json::Value {
    json!({
        "id": card.id,
        "title": card.title,
        "summary": card.summary,
        "creator": card.creator.name,
        "state": card.state,
        "supports": card.supports,
        "goal": card.goal,
        "deadline": card.deadline,
        "pieces": card.pieces,
        "tags": card.tags,
        "license": card.license,
        "version": card.version,
        "url": format!("{address}/projects/{}", card.id),
    })
}

/// Which portal and which project: an id with the portal beside it, or the address of the project's page.
fn project_named(portal: Option<&str>, project: &str) -> Result<(PortalAddress, String)> {
    let Some((scheme, rest)) = project.split_once("://") else {
        return Ok((portal_address(portal)?, project.to_owned()));
    };
    let host = rest.split('/').next().unwrap_or_default();
    let address = PortalAddress::new(&format!("{scheme}://{host}")).map_err(told)?;
    let id = project_of_source(project).map(|(id, _)| id);
    Ok((address, id.ok_or_else(|| anyhow!("{project}: this is not the address of a project's page"))?))
}

fn fetch(named: Option<&str>, args: &DownloadArgs) -> Result<Outcome> {
    let extension = args.output.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    let as_copy = match extension.as_deref() {
        Some("ron") => true,
        Some(EXTENSION) => false,
        _ => bail!("{}: a project is loaded as .{EXTENSION}, or as a copy to build on as .ron", args.output.display()),
    };
    let (address, id) = project_named(named, &args.project)?;
    let portal = open(&address)?;
    let project = portal.project(&id).map_err(told)?;
    let version = args.version.unwrap_or(project.card.version);
    let newest = version == project.card.version;
    let expected = Some(project.package.sha256.as_str()).filter(|hash| newest && !hash.is_empty());
    let progress = bar("loading", project.package.bytes as usize);
    let download = portal
        .download(&id, Some(version), expected, &Stop::new(), &mut |now| progress.set_position(now.done))
        .map_err(told)?;
    progress.finish_and_clear();
    let write = |bytes: &[u8]| {
        disk::write_atomically(&args.output, bytes).with_context(|| format!("cannot write {}", args.output.display()))
    };
    if !as_copy {
        write(&download.bytes)?;
        writeln!(
            std::io::stdout(),
            "{}: {} by {}",
            args.output.display(),
            project.card.title,
            project.card.creator.name
        )?;
        return Ok(Outcome::Clean);
    }
    let policy = portal.policy().map_or_else(|_| Policy::default(), |policy| policy.package);
    let package = read_package(&download.bytes, &policy).map_err(|report| {
        report_findings(&args.output, &report.findings);
        anyhow!("{id}: the package cannot be read, so that no copy can be made")
    })?;
    let parsed = package.design().with_context(|| format!("{id}: the design in the package"))?;
    let mut design = parsed.value;
    let lineage = lineage_of(&address, &id, version, &package);
    design.apply(Edit::SetInfo(InfoField::Lineage(Some(lineage))))?;
    write(to_ron(&design).as_bytes())?;
    let Card { title, creator, license, .. } = &project.card;
    writeln!(
        std::io::stdout(),
        "{}: a copy of {title} by {}; the original is under {license}",
        args.output.display(),
        creator.name
    )?;
    Ok(Outcome::Clean)
}

fn show_status(address: &PortalAddress, args: &StatusArgs) -> Result<Outcome> {
    let portal = open(address)?;
    let policy = portal.policy().map_err(told)?;
    let account = if portal.is_signed_in() { Some(portal.me().map_err(told)?) } else { None };
    let projects = if account.is_some() { portal.my_projects(None).map_err(told)?.items } else { Vec::new() };
    let jobs: Vec<_> = Outbox::of_user()?.jobs()?.into_iter().filter(|job| job.portal == *address).collect();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if args.json {
        let jobs: Vec<_> = jobs
            .iter()
            .map(|job| {
                json!({"id": job.id, "title": job.title, "state": job.state, "bytes": job.bytes, "sent": job.sent, "project": job.project,
                       "error": job.error.as_ref().map(ToString::to_string)})
            })
            .collect();
        let projects: Vec<_> = projects.iter().map(|card| card_json(address, card)).collect();
        let answer = json!({"portal": policy.portal.name, "address": address, "account": account, "projects": projects, "outbox": jobs});
        serde_json::to_writer_pretty(&mut out, &answer)?;
        writeln!(out)?;
    } else {
        writeln!(out, "portal        {} ({address})", policy.portal.name)?;
        let who = account.as_ref().map_or("nobody", |account| account.name.as_str());
        writeln!(out, "signed in     {who}")?;
        for card in &projects {
            write!(out, "project       ")?;
            write_card(&mut out, card)?;
        }
        for job in jobs.iter().filter(|job| job.state != JobState::Sent) {
            let state = match job.state {
                JobState::Waiting => "waits to be sent",
                JobState::Paused => "is paused",
                JobState::SignInNeeded => "waits for you to sign in",
                JobState::Sent => "was sent",
                JobState::Refused => "was refused",
            };
            let why = job.error.as_ref().map(|error| format!(": {error}. {}", error.advice())).unwrap_or_default();
            let arrived = count(usize::try_from(job.sent).unwrap_or(usize::MAX), "byte");
            writeln!(out, "outbox        {} {state}, {arrived} of {} have arrived{why}", job.title, job.bytes)?;
        }
    }
    out.flush()?;
    Ok(Outcome::from_findings(jobs.iter().any(|job| job.state == JobState::Refused)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_by_its_id_or_its_page() {
        let (address, id) = project_named(Some("http://localhost:8470"), "k3x9").unwrap();
        assert_eq!((address.as_str(), id.as_str()), ("http://localhost:8470", "k3x9"));
        let (address, id) = project_named(None, "https://portal.example/projects/k3x9?from=mail").unwrap();
        assert_eq!((address.as_str(), id.as_str()), ("https://portal.example", "k3x9"));
        assert!(project_named(None, "https://portal.example/about").is_err());
    }
}
