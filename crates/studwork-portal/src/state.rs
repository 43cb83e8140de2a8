//! What every request can reach, and the server around it: opened once, shared by all tasks, closed in order.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use studwork_core::Catalog;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::db::{self, Db};
use crate::limits::Limiter;
use crate::mail::Mailer;
use crate::metrics::Metrics;
use crate::policy::Policies;
use crate::store::Store;
use crate::supports::SupportQueue;
use crate::{Clock, http, sweep};

/// A handle on everything a request can reach. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Portal(Arc<Parts>);

/// See [`Portal`].
#[derive(Debug)]
pub struct Parts {
    /// How the server was started.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// The database.
    pub db: Db,
    /// Packages and pictures.
    pub store: Store,
    /// The rules in numbers.
    pub policies: Policies,
    /// Counts of requests.
    pub limiter: Limiter,
    /// Sends mail.
    pub mailer: Mailer,
    /// Support given and taken back.
    pub supports: SupportQueue,
    /// Counters.
    pub metrics: Metrics,
    /// The key of form tokens, the same for all instances.
    pub secret: String,
    /// The address people see, without a slash at the end.
    pub public_url: String,
    /// How many packages are checked, and pictures made, at once.
    pub heavy: Semaphore,
    /// How many passwords are hashed at once.
    pub hashing: Semaphore,
    catalog: OnceLock<Arc<Catalog>>,
}

impl Deref for Portal {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Portal {
    /// Opens database and store. `address` is where the server listens.
    ///
    /// # Errors
    /// When database, store or mail cannot be opened; the message says which and why.
    pub async fn open(config: Config, address: SocketAddr) -> anyhow::Result<Self> {
        use anyhow::Context as _;
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("cannot make the data folder {}", config.data.display()))?;
        let db = Db::open(config.database.as_deref(), &config.data).await.context("cannot open the database")?;
        let store = Store::open(config.store.as_deref(), &config.data).context("cannot open the store")?;
        let secret = db::setting(db.read(), "secret").await?.context("the database has no secret")?;
        let public_url =
            config.public_url.clone().unwrap_or_else(|| format!("http://{address}")).trim_end_matches('/').to_owned();
        let clock = config.clock.clone();
        let policies = Policies::new(db.clone());
        let metrics = Metrics::default();
        Ok(Self(Arc::new(Parts {
            limiter: Limiter::new(config.rates, clock.clone()),
            mailer: Mailer::open(&config).context("cannot set up mail")?,
            supports: SupportQueue::start(db.clone(), policies.clone(), clock.clone(), metrics.clone()),
            policies,
            metrics,
            secret,
            public_url,
            heavy: Semaphore::new(2),
            hashing: Semaphore::new(2),
            catalog: OnceLock::new(),
            clock,
            db,
            store,
            config,
        })))
    }

    /// Whether people reach the portal over HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The parts that packages are checked against; built on first use, so call it where blocking is allowed.
    #[must_use]
    pub fn catalog(&self) -> Arc<Catalog> {
        self.catalog.get_or_init(|| crate::package::catalog(self.config.ldraw.as_deref())).clone()
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its requests reach.
    pub portal: Portal,
    stop: watch::Sender<bool>,
    serving: JoinHandle<std::io::Result<()>>,
    sweeping: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts serving.
    ///
    /// # Errors
    /// When the address is taken, or anything of [`Portal::open`] fails.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        use anyhow::Context as _;
        let listener = tokio::net::TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("cannot listen on {}; is another portal running there?", config.listen))?;
        let address = listener.local_addr()?;
        let every = config.sweep_seconds;
        let portal = Portal::open(config, address).await?;
        let (stop, stopped) = watch::channel(false);
        let router = http::router(portal.clone());
        let mut until = stopped.clone();
        let serving = tokio::spawn(
            axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
                .with_graceful_shutdown(async move {
                    let _ = until.wait_for(|stop| *stop).await;
                })
                .into_future(),
        );
        let sweeping = (every > 0).then(|| tokio::spawn(sweep::run(portal.clone(), every, stopped)));
        Ok(Self { address, portal, stop, serving, sweeping })
    }

    /// The address for clients, such as `http://127.0.0.1:8470`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops taking requests, lets those under way finish, and closes the database.
    ///
    /// # Errors
    /// When serving had failed.
    pub async fn stop(self) -> anyhow::Result<()> {
        let _ = self.stop.send(true);
        if tokio::time::timeout(std::time::Duration::from_secs(20), self.serving).await.is_err() {
            tracing::warn!("some requests were still open after 20 s");
        }
        if let Some(sweeping) = self.sweeping {
            let _ = sweeping.await;
        }
        self.portal.db.clone().close().await;
        Ok(())
    }
}
