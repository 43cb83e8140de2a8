//! The database, SQLite or PostgreSQL, behind one door: the same SQL with numbered parameters runs on both. Times are
//! milliseconds, truth values are 0 or 1, so that a row looks the same from either. Knows no table by name except its
//! own version and settings.

pub mod schema;

use std::path::Path;
use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    FromQueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};

/// Parameters of a statement, in order.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$(::sea_orm::Value::from($value)),*] };
}

/// A connected, migrated database.
#[derive(Clone, Debug)]
pub struct Db {
    reading: DatabaseConnection,
    writing: DatabaseConnection,
}

#[derive(FromQueryResult)]
struct Text {
    value: String,
}

#[derive(FromQueryResult)]
struct Number {
    value: i64,
}

impl Db {
    /// Connects to `url`, or to `portal.db` in `data`, and brings the tables up to date. Two instances may do so at the
    /// same time.
    ///
    /// # Errors
    /// When the database cannot be reached, or was made by a newer portal.
    pub async fn open(url: Option<&str>, data: &Path) -> anyhow::Result<Self> {
        let url = match url {
            Some(url) => url.to_owned(),
            None => format!("sqlite://{}?mode=rwc", data.join("portal.db").display()),
        };
        let db = if url.starts_with("sqlite:") {
            let separator = if url.contains('?') { "" } else { "?mode=rwc" };
            let url = format!("{url}{separator}");
            // One writer and no lock contention inside the process; readers see the last commit.
            let writing = Database::connect(sqlite_options(&url, 1)).await?;
            let reading = Database::connect(sqlite_options(&url, 4)).await?;
            Self { reading, writing }
        } else {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(15))
                .connect_timeout(Duration::from_secs(10))
                .sqlx_logging(false);
            let pool = Database::connect(options).await?;
            Self { reading: pool.clone(), writing: pool }
        };
        schema::migrate(&db).await?;
        Ok(db)
    }

    /// Whether this is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.writing.get_database_backend() == DbBackend::Sqlite
    }

    /// For statements that only read.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.reading
    }

    /// For single statements that write.
    #[must_use]
    pub fn write(&self) -> &DatabaseConnection {
        &self.writing
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// When no connection is free in time.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.writing.begin_with_options(options).await
    }

    /// What a `SELECT` needs at its end so that the row stays as it is until the transaction ends.
    #[must_use]
    pub fn for_update(&self) -> &'static str {
        if self.is_sqlite() { "" } else { " FOR UPDATE" }
    }

    /// Closes the connections; SQLite then folds its log into the file.
    pub async fn close(self) {
        let _ = self.reading.close().await;
        let _ = self.writing.close().await;
    }
}

fn sqlite_options(url: &str, connections: u32) -> ConnectOptions {
    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(15))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(15))
                .statement_cache_capacity(256)
                .pragma("cache_size", "-65536")
                .pragma("temp_store", "MEMORY")
        });
    options
}

fn statement(connection: &impl ConnectionTrait, sql: &str, params: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), sql, params)
}

/// All rows of a query.
///
/// # Errors
/// Those of the database.
pub async fn rows<T: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: &str,
    params: Vec<Value>,
) -> Result<Vec<T>, DbErr> {
    let found = connection.query_all_raw(statement(connection, sql, params)).await?;
    found.iter().map(|row| T::from_query_result(row, "")).collect()
}

/// The first row of a query.
///
/// # Errors
/// Those of the database.
pub async fn row<T: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: &str,
    params: Vec<Value>,
) -> Result<Option<T>, DbErr> {
    let found = connection.query_one_raw(statement(connection, sql, params)).await?;
    found.map(|row| T::from_query_result(&row, "")).transpose()
}

/// The column `value` of the first row, as a number.
///
/// # Errors
/// Those of the database.
pub async fn number(connection: &impl ConnectionTrait, sql: &str, params: Vec<Value>) -> Result<Option<i64>, DbErr> {
    Ok(row::<Number>(connection, sql, params).await?.map(|row| row.value))
}

/// The column `value` of the first row, as text.
///
/// # Errors
/// Those of the database.
pub async fn text(connection: &impl ConnectionTrait, sql: &str, params: Vec<Value>) -> Result<Option<String>, DbErr> {
    Ok(row::<Text>(connection, sql, params).await?.map(|row| row.value))
}

/// Runs a statement; the number of rows it changed.
///
/// # Errors
/// Those of the database.
pub async fn exec(connection: &impl ConnectionTrait, sql: &str, params: Vec<Value>) -> Result<u64, DbErr> {
    Ok(connection.execute_raw(statement(connection, sql, params)).await?.rows_affected())
}

/// A setting all instances share.
///
/// # Errors
/// Those of the database.
pub async fn setting(connection: &impl ConnectionTrait, key: &str) -> Result<Option<String>, DbErr> {
    text(connection, "SELECT value FROM settings WHERE key = $1", params![key]).await
}

/// Stores a setting all instances share.
///
/// # Errors
/// Those of the database.
pub async fn set_setting(connection: &impl ConnectionTrait, key: &str, value: &str) -> Result<(), DbErr> {
    exec(
        connection,
        "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![key, value],
    )
    .await
    .map(drop)
}

/// Whether an error says that a row with this key is there already.
#[must_use]
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

/// `text` with the wildcards of `LIKE` escaped by `\`.
#[must_use]
pub fn like_escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
