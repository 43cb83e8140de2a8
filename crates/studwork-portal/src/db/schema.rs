//! The tables and how they came about: a list of steps, each applied once, under a lock so that instances may start
//! together. Steps are never changed after a release, only added.

use sea_orm::ConnectionTrait;

use super::{Db, number, set_setting, setting};
use crate::params;

/// `{serial}` is a counting key; everything else is the same in both databases.
const STEPS: &[&str] = &[include_str!("001_first.sql")];

/// The number that PostgreSQL's advisory lock is taken under.
const LOCK: i64 = 0x5374_7564_776f_726b;

pub(super) async fn migrate(db: &Db) -> anyhow::Result<()> {
    let tx = db.begin().await?;
    if !db.is_sqlite() {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    tx.execute_unprepared("CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)").await?;
    let done = number(&tx, "SELECT CAST(value AS BIGINT) AS value FROM settings WHERE key = $1", params!["schema"])
        .await?
        .unwrap_or(0);
    let done = usize::try_from(done)?;
    anyhow::ensure!(
        done <= STEPS.len(),
        "the database was made by a newer portal (its schema is {done}, this portal knows {}); update the portal",
        STEPS.len()
    );
    let serial = if db.is_sqlite() {
        "INTEGER PRIMARY KEY AUTOINCREMENT"
    } else {
        "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    };
    for step in &STEPS[done..] {
        for statement in step.replace("{serial}", serial).split(";\n") {
            if !statement.trim().is_empty() {
                tx.execute_unprepared(statement).await?;
            }
        }
    }
    if done < STEPS.len() {
        set_setting(&tx, "schema", &STEPS.len().to_string()).await?;
    }
    if setting(&tx, "secret").await?.is_none() {
        set_setting(&tx, "secret", &crate::secrets::token()).await?;
    }
    tx.commit().await?;
    Ok(())
}
