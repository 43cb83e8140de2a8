//! What a server is started with. Everything has a default that works on an empty folder; nothing here is read from
//! the database.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::clock::Clock;
use crate::limits::Rates;

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the embedded database, the folder store and undelivered mail lie.
    pub data: PathBuf,
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `sqlite:…`, `postgres://…`, or none for `data/portal.db`.
    pub database: Option<String>,
    /// `s3://bucket[/prefix]`, a folder, or none for `data/store`.
    pub store: Option<String>,
    /// The address people see, without a path, such as `https://portal.example`. None: made from `listen`.
    pub public_url: Option<String>,
    /// `smtp://…` or `smtps://user:password@host`; none writes mail to `data/mail`.
    pub smtp: Option<String>,
    /// The sender of mail.
    pub mail_from: String,
    /// Take the visitor's address from `X-Forwarded-For`: only behind a proxy that sets it.
    pub behind_proxy: bool,
    /// How often things may be asked.
    pub rates: Rates,
    /// Memory of one password hash in KiB.
    pub password_kib: u32,
    /// The time.
    pub clock: Clock,
    /// Seconds between two rounds of housekeeping; 0 leaves them out.
    pub sweep_seconds: u64,
    /// Where the real geometry of parts comes from; none uses the built-in families.
    pub ldraw: Option<PathBuf>,
}

impl Config {
    /// The defaults with everything in `data`.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            listen: SocketAddr::from(([127, 0, 0, 1], 8470)),
            database: None,
            store: None,
            public_url: None,
            smtp: None,
            mail_from: "Studwork portal <portal@localhost>".into(),
            behind_proxy: false,
            rates: Rates::default(),
            password_kib: 19_456,
            clock: Clock::System,
            sweep_seconds: 30,
            ldraw: None,
        }
    }
}
