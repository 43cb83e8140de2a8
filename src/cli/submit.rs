//! `studwork submit`: a package to a portal, through the outbox, so that it goes on where it broke.
#![expect(clippy::print_stderr, reason = "a command line answers on its standard streams")]

use super::Outcome;
use super::args::SubmitArgs;
use super::portal::{portal_address, signed_in_portal};
use super::session::Session;
use super::verify::{MOST_PACKAGE, report_findings, told};
use crate::disk;
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};
use studwork_client::{ClientError, Job, JobState, NewJob, Outbox, Portal, Stop, UploadTarget};
use studwork_core::package;

/// Checks a package by the portal's policy and sends it; the project's address is the answer.
pub(super) fn submit(args: &SubmitArgs, ldraw: Option<&Path>) -> Result<Outcome> {
    let address = portal_address(args.portal.as_deref())?;
    let portal = signed_in_portal(&address)?;
    let bytes = disk::read_capped(&args.package, MOST_PACKAGE).with_context(|| args.package.display().to_string())?;
    let policy = portal.policy().map_err(told)?.package;
    let session = Session::open(ldraw)?;
    let context = package::Context { catalog: &session.catalog, palette: &session.palette, parent: None };
    let report = package::verify(&bytes, &policy, &context).report;
    report_findings(&args.package, &report.findings);
    if !report.passed {
        bail!("{}: not sent: {}, which {address} does not take", args.package.display(), report.summary());
    }
    let title = report.facts.title.clone().unwrap_or_default();
    let target = UploadTarget { project: args.project.clone(), draft: args.draft };
    let outbox = Outbox::of_user()?;
    let job = outbox.add(&NewJob { portal: address.clone(), title, package: bytes, target })?;
    if job.state == JobState::Sent {
        eprintln!("{}: it was sent before", args.package.display());
    }
    // Whoever asks for it again wants it to go out now.
    let job = if job.state == JobState::Sent { job } else { outbox.resume(&job.id)? };
    let job = send(&outbox, job, &portal)?;
    let project = job.project.clone().unwrap_or_default();
    writeln!(std::io::stdout(), "{address}/projects/{project}")?;
    Ok(Outcome::from_findings(!report.findings.is_empty()))
}

/// Sends a job, waiting out what passes by itself.
fn send(outbox: &Outbox, mut job: Job, portal: &Portal) -> Result<Job> {
    let bar = progress_bar(job.bytes);
    loop {
        job = match job.state {
            JobState::Sent => {
                bar.finish_and_clear();
                return Ok(job);
            }
            _ => outbox.send(&job.id, portal, &Stop::new(), &mut |progress| bar.set_position(progress.done))?,
        };
        match (job.state, job.error.clone()) {
            (JobState::Sent, _) => {}
            (JobState::Waiting, error) => {
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
                let wait = job.not_before.saturating_sub(now).max(1);
                let why = error.map_or_else(|| "it broke off".to_owned(), |error| error.to_string());
                bar.suspend(|| {
                    eprintln!("{why}; trying again in {wait} s. It is in the outbox: you may stop and go on later.");
                });
                std::thread::sleep(Duration::from_secs(wait));
            }
            (_, Some(ClientError::PackageRefused { findings })) => {
                bar.finish_and_clear();
                for finding in &findings {
                    eprintln!("{}: {finding}", portal.address());
                }
                bail!("{} refuses the package", portal.address());
            }
            (_, error) => {
                bar.finish_and_clear();
                return Err(error.map_or_else(|| anyhow::anyhow!("the job rests in the outbox"), told));
            }
        }
    }
}

fn progress_bar(length: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("sending {wide_bar} {bytes}/{total_bytes} {eta}");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
