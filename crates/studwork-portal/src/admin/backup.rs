//! A backup is a folder: every table as lines of JSON and every stored object as a file. It does not depend on the kind of
//! database or store, so that restoring is also the way from one machine to PostgreSQL and S3.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Component, Path};

use anyhow::Context as _;
use sea_orm::{
    ConnectionTrait as _, DbBackend, IsolationLevel, JsonValue, TransactionOptions, TransactionTrait as _, Value,
};

use crate::db::schema::{Kind, tables, version};
use crate::db::{Db, exec, number, rows, set_setting, setting, text};
use crate::params;
use crate::store::Store;

/// Rows a table and objects had.
pub type Counts = BTreeMap<String, u64>;

/// Writes everything to `folder`, which must be empty or missing, as it is at one moment. The server may run meanwhile.
///
/// # Errors
/// When the folder is not empty, or something cannot be read or written.
pub async fn backup(db: &Db, store: &Store, folder: &Path) -> anyhow::Result<Counts> {
    std::fs::create_dir_all(folder)?;
    anyhow::ensure!(folder.read_dir()?.next().is_none(), "{} is not empty", folder.display());
    std::fs::create_dir(folder.join("tables"))?;
    let mut counts = Counts::new();
    let options = TransactionOptions {
        isolation_level: (!db.is_sqlite()).then_some(IsolationLevel::RepeatableRead),
        ..TransactionOptions::default()
    };
    let tx = db.read().begin_with_options(options).await?;
    for table in tables() {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let order = names.first().copied().unwrap_or("1");
        let path = folder.join("tables").join(format!("{}.jsonl", table.name));
        let mut out = BufWriter::new(std::fs::File::create(&path)?);
        let (mut offset, mut count) = (0_u64, 0_u64);
        loop {
            let sql = format!(
                "SELECT {} FROM {} ORDER BY {} LIMIT 5000 OFFSET {offset}",
                names.join(", "),
                table.name,
                if names.len() > 1 { format!("{order}, {}", names[1]) } else { order.to_owned() }
            );
            let page: Vec<JsonValue> = rows(&tx, &sql, params![]).await?;
            for row in &page {
                writeln!(out, "{row}")?;
            }
            let length = page.len() as u64;
            count += length;
            offset += length;
            if length < 5000 {
                break;
            }
        }
        out.into_inner()?.sync_all()?;
        counts.insert(table.name, count);
    }
    let policy = setting(&tx, "policy").await?;
    let secret = setting(&tx, "secret").await?;
    let mut paths: Vec<JsonValue> = rows(&tx, "SELECT path AS value FROM blobs", params![]).await?;
    paths.extend(rows::<JsonValue>(&tx, "SELECT path AS value FROM upload_parts", params![]).await?);
    tx.rollback().await?;
    let mut objects = 0;
    for path in paths.iter().filter_map(|row| row.get("value")?.as_str()) {
        let bytes = store.get(path).await.with_context(|| format!("the store lacks {path}"))?;
        let target = folder.join("objects").join(path);
        std::fs::create_dir_all(target.parent().context("a path without a folder")?)?;
        std::fs::write(target, bytes)?;
        objects += 1;
    }
    counts.insert("objects".into(), objects);
    let about = serde_json::json!({
        "format": 1, "schema": version(), "counts": counts, "policy": policy, "secret": secret,
    });
    // Written last: a backup without it is not whole.
    std::fs::write(folder.join("backup.json"), serde_json::to_string_pretty(&about)?)?;
    Ok(counts)
}

/// Reads a backup into an empty database and store. Nothing is left half: the database takes all rows at once.
///
/// # Errors
/// When the database is not empty, or the backup is not whole.
pub async fn restore(db: &Db, store: &Store, folder: &Path) -> anyhow::Result<Counts> {
    let about = std::fs::read_to_string(folder.join("backup.json"))
        .with_context(|| format!("{} is no whole backup: backup.json is missing", folder.display()))?;
    let about: JsonValue = serde_json::from_str(&about)?;
    anyhow::ensure!(about["format"] == 1, "this backup has another format");
    anyhow::ensure!(about["schema"] == version(), "this backup is of another version of the portal");
    let used = number(db.read(), "SELECT COUNT(*) AS value FROM accounts", params![]).await?.unwrap_or(0);
    anyhow::ensure!(used == 0, "the database is not empty; restore into a new one");
    let mut counts = Counts::new();
    let objects = folder.join("objects");
    let mut count = 0;
    if objects.is_dir() {
        count = put_all(store, &objects).await?;
    }
    counts.insert("objects".into(), count);
    let tx = db.begin().await?;
    for table in tables() {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let marks: Vec<String> = (1..=names.len()).map(|index| format!("${index}")).collect();
        let sql = format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), marks.join(", "));
        let path = folder.join("tables").join(format!("{}.jsonl", table.name));
        let mut count = 0;
        for line in BufReader::new(std::fs::File::open(&path)?).lines() {
            let row: JsonValue = serde_json::from_str(&line?)?;
            let values = table.columns.iter().map(|(name, kind)| value(&row[name.as_str()], *kind)).collect();
            exec(&tx, &sql, values).await.with_context(|| format!("table {}", table.name))?;
            count += 1;
        }
        if let Some((serial, _)) = table.columns.iter().find(|(_, kind)| *kind == Kind::Serial)
            && tx.get_database_backend() == DbBackend::Postgres
        {
            text(
                &tx,
                &format!(
                    "SELECT CAST(setval(pg_get_serial_sequence('{0}', '{serial}'), COALESCE(MAX({serial}), 0) + 1, false)
                       AS TEXT) AS value FROM {0}",
                    table.name
                ),
                params![],
            )
            .await?;
        }
        anyhow::ensure!(about["counts"][table.name.as_str()] == count, "table {} is not whole", table.name);
        counts.insert(table.name, count);
    }
    for name in ["policy", "secret"] {
        if let Some(value) = about[name].as_str() {
            set_setting(&tx, name, value).await?;
        }
    }
    tx.commit().await?;
    Ok(counts)
}

fn value(json: &JsonValue, kind: Kind) -> Value {
    match kind {
        Kind::Text => Value::from(json.as_str().map(str::to_owned)),
        Kind::Whole | Kind::Serial => Value::from(json.as_i64()),
        Kind::Real => Value::from(json.as_f64()),
    }
}

async fn put_all(store: &Store, root: &Path) -> anyhow::Result<u64> {
    let mut count = 0;
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir()? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inside = path.strip_prefix(root)?;
            let words: Vec<String> = inside
                .components()
                .filter_map(|part| match part {
                    Component::Normal(word) => word.to_str().map(str::to_owned),
                    _ => None,
                })
                .collect();
            store.put(&words.join("/"), std::fs::read(&path)?).await?;
            count += 1;
        }
    }
    Ok(count)
}
