//! Starts the portal, or does what its administrator asks for.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use studwork_portal::accounts::{self, Role};
use studwork_portal::policy::Policy;
use studwork_portal::{Config, Portal, Server, admin};
use tracing_subscriber::EnvFilter;

/// The co-creation portal: one server, a database and a store.
#[derive(Parser)]
#[command(name = "studwork-portal", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve. With nothing set: on http://127.0.0.1:8470, everything in the folder `portal-data`.
    Serve(Serve),
    /// Administer: accounts, policy, backups, checks. The server may run meanwhile.
    Admin {
        #[command(flatten)]
        place: Place,
        #[command(subcommand)]
        task: Task,
    },
}

/// Where everything lies.
#[derive(Args, Clone)]
struct Place {
    /// The folder for the embedded database, the folder store and undelivered mail.
    #[arg(long, env = "STUDWORK_PORTAL_DATA", default_value = "portal-data")]
    data: PathBuf,
    /// `postgres://user:password@host/name`; left out: SQLite in the data folder.
    #[arg(long, env = "STUDWORK_PORTAL_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// `s3://bucket[/prefix]` (credentials and endpoint from AWS_… variables) or a folder; left out: in the data folder.
    #[arg(long, env = "STUDWORK_PORTAL_STORE")]
    store: Option<String>,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    place: Place,
    /// The address to listen on.
    #[arg(long, env = "STUDWORK_PORTAL_LISTEN", default_value = "127.0.0.1:8470")]
    listen: SocketAddr,
    /// The address people see, such as https://portal.example.
    #[arg(long, env = "STUDWORK_PORTAL_URL")]
    public_url: Option<String>,
    /// `smtps://user:password@host`; left out: mail is written to the folder `mail` of the data.
    #[arg(long, env = "STUDWORK_PORTAL_SMTP", hide_env_values = true)]
    smtp: Option<String>,
    /// The sender of mail.
    #[arg(long, env = "STUDWORK_PORTAL_MAIL_FROM", default_value = "Studwork portal <portal@localhost>")]
    mail_from: String,
    /// Take visitors' addresses from X-Forwarded-For: only behind a proxy that sets it.
    #[arg(long)]
    behind_proxy: bool,
    /// The LDraw library (a folder or complete.zip) that packages are checked against; left out: the built-in parts.
    #[arg(long, env = "STUDWORK_LDRAW")]
    ldraw: Option<PathBuf>,
    /// Write logs as JSON, one object a line.
    #[arg(long)]
    log_json: bool,
}

#[derive(Subcommand)]
enum Task {
    /// Make an account that may sign in at once; the password is read from the first line of the input.
    Create {
        /// The e-mail address.
        email: String,
        /// The display name.
        #[arg(long, default_value = "")]
        name: String,
        /// member, reviewer or admin.
        #[arg(long, default_value = "member")]
        role: Role,
    },
    /// Give a role.
    Role {
        /// The e-mail address.
        email: String,
        /// member, reviewer or admin.
        role: Role,
    },
    /// Show the policy, or put the one in FILE in force.
    Policy {
        /// A JSON file; what it leaves out has its default.
        file: Option<PathBuf>,
    },
    /// Write everything to an empty folder.
    Backup {
        /// The folder.
        folder: PathBuf,
    },
    /// Read a backup into an empty database and store.
    Restore {
        /// The folder.
        folder: PathBuf,
    },
    /// Check that everything fits together; status 1 when something does not.
    Check,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = matches!(&cli.command, Command::Serve(serve) if serve.log_json);
    let level = if matches!(cli.command, Command::Serve(_)) { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("STUDWORK_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let log = log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    if json {
        log.json().init();
    } else {
        log.init();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("cannot start: {error}");
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(run(cli.command)) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::from(2)
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(options) => serve(options).await,
        Command::Admin { place, task } => administer(place, task).await,
    }
}

fn config(place: Place) -> Config {
    Config { database: place.database, store: place.store, ..Config::new(place.data) }
}

#[expect(clippy::print_stdout, reason = "the address of the server is what the command answers")]
async fn serve(options: Serve) -> anyhow::Result<ExitCode> {
    let server = Server::start(Config {
        listen: options.listen,
        public_url: options.public_url,
        smtp: options.smtp,
        mail_from: options.mail_from,
        behind_proxy: options.behind_proxy,
        ldraw: options.ldraw,
        ..config(options.place)
    })
    .await?;
    println!("Studwork portal: {}", server.portal.public_url);
    tracing::info!(address = %server.address, "listening");
    stop_signal().await?;
    tracing::info!("stopping");
    server.stop().await?;
    Ok(ExitCode::SUCCESS)
}

async fn stop_signal() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what the commands answer")]
async fn administer(place: Place, task: Task) -> anyhow::Result<ExitCode> {
    let portal = Portal::open(config(place), SocketAddr::from(([127, 0, 0, 1], 8470))).await?;
    match task {
        Task::Create { email, name, role } => {
            let mut password = String::new();
            std::io::stdin().read_line(&mut password).context("the password is read from the input")?;
            let password = password.trim_end_matches(['\r', '\n']);
            let id = accounts::create(&portal, &email, password, &name, role).await.map_err(told)?;
            println!("{id}");
        }
        Task::Role { email, role } => {
            accounts::set_role(&portal, &email, role).await.map_err(told)?;
            println!("{email} is {role} now");
        }
        Task::Policy { file: None } => {
            let served = portal.policies.get().await.map_err(told)?;
            println!("{}", serde_json::to_string_pretty(&served.policy)?);
        }
        Task::Policy { file: Some(file) } => {
            let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let policy = Policy::from_json(&text).with_context(|| file.display().to_string())?;
            portal.policies.set(&policy).await.map_err(told)?;
            println!("in force; running servers follow within two seconds");
        }
        Task::Backup { folder } => {
            for (what, count) in admin::backup(&portal.db, &portal.store, &folder).await? {
                println!("{what}: {count}");
            }
        }
        Task::Restore { folder } => {
            for (what, count) in admin::restore(&portal.db, &portal.store, &folder).await? {
                println!("{what}: {count}");
            }
        }
        Task::Check => {
            let findings = admin::check(&portal.db, &portal.store).await?;
            for finding in &findings {
                println!("{finding}");
            }
            println!("{} found", if findings.is_empty() { "nothing".into() } else { findings.len().to_string() });
            if !findings.is_empty() {
                return Ok(ExitCode::from(1));
            }
        }
    }
    portal.db.clone().close().await;
    Ok(ExitCode::SUCCESS)
}

fn told(problem: studwork_portal::problem::Problem) -> anyhow::Error {
    problem.log();
    anyhow::anyhow!(problem.detail)
}
