//! A bounded load run: how many durable supports a running portal takes in a second, and how long lists take with 26,000
//! projects and 2 million supports. Usage, with the server stopped for `seed`:
//! `load seed DATA`, then `studwork-portal serve --data DATA`, then `load supports DATA URL` and
//! `load lists DATA URL`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait as _;
use studwork_portal::accounts::{self, Role};
use studwork_portal::db::rows;
use studwork_portal::params;
use studwork_portal::{Config, Portal};

const PROJECTS: u32 = 26_000;
const SUPPORTS: u32 = 2_000_000;
const FANS: usize = 4_000;
const AT_ONCE: usize = 128;

#[derive(sea_orm::FromQueryResult)]
struct Name {
    value: String,
}

async fn open(data: &str) -> anyhow::Result<Portal> {
    Portal::open(Config::new(Path::new(data).to_path_buf()), ([127, 0, 0, 1], 0).into()).await
}

/// Rows made by the database itself, which is the only quick way.
async fn seed(data: &str) -> anyhow::Result<()> {
    let portal = open(data).await?;
    let series =
        |count: u32| format!("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count} - 1)");
    let tx = portal.db.begin().await?;
    for sql in [
        format!(
            "INSERT INTO accounts (id, email, name, password, role, created_at, verified_at) {}
             SELECT 'a' || i, 'a' || i || '@example.com', 'Builder ' || i, '-', 'member', i, 1 FROM n",
            series(20_000)
        ),
        format!(
            "INSERT INTO projects (id, creator, title, summary, description, description_html, for_whom, problem, license, tags,
               creators, search, state, listed, rising, gathering_at, deadline_at, pieces, version, sha256, bytes, media, created_at, updated_at)
             {} SELECT 'p' || i, 'a' || (i % 20000), 'Project ' || i, 'A summary of some length that says what it is and for whom.',
               '', '', '', '', 'CC-BY-4.0', '[\"city\"]', '[]', 'project ' || i || ' city house number ' || (i % 97), 'gathering', 1,
               (i * 7919 % 26000) / 100.0, 1, 4102444800000, 200 + i % 4000, 1, '', 0, '{{}}', 1700000000000 + i * 1000, 1 FROM n",
            series(PROJECTS)
        ),
        format!(
            "INSERT INTO supports (project, account, created_at) {} SELECT 'p' || (i % {PROJECTS}), 'a' || (i / {PROJECTS} * 131 + i % 131), i FROM n",
            series(SUPPORTS)
        ),
        "INSERT INTO project_tags (tag, project) SELECT 'city', id FROM projects".to_owned(),
        "UPDATE projects SET supports = (SELECT COUNT(*) FROM supports s WHERE s.project = projects.id)".to_owned(),
        "ANALYZE".to_owned(),
    ] {
        tx.execute_unprepared(&sql).await?;
    }
    for index in 0..FANS {
        let email = format!("fan{index}@example.com");
        let made = accounts::insert(&tx, &email, "-", "Fan", Role::Member, 1, Some(1)).await;
        made.map_err(|problem| anyhow::anyhow!(problem.detail))?;
    }
    tx.commit().await?;
    portal.db.clone().close().await;
    Ok(())
}

/// A token for each of the fans: a single person would soon be asked to slow down.
async fn tokens(data: &str) -> anyhow::Result<Vec<String>> {
    let portal = open(data).await?;
    let fans: Vec<Name> =
        rows(portal.db.read(), "SELECT id AS value FROM accounts WHERE email LIKE 'fan%' LIMIT 4000", params![])
            .await?;
    let tx = portal.db.begin().await?;
    let mut tokens = Vec::new();
    for fan in &fans {
        let token = accounts::oauth::issue(&tx, &fan.value, "load", None, portal.clock.now()).await;
        tokens.push(token.map_err(|problem| anyhow::anyhow!(problem.detail))?);
    }
    tx.commit().await?;
    Ok(tokens)
}

#[expect(clippy::print_stdout, reason = "the figures are what the example is for")]
async fn supports(data: &str, url: &str) -> anyhow::Result<()> {
    let tokens = tokens(data).await?;
    let client = reqwest::Client::builder().pool_max_idle_per_host(AT_ONCE).build()?;
    let (next, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tokens = Arc::new(tokens);
    // Every fan supports five projects.
    let total = tokens.len() * 5;
    let began = Instant::now();
    let mut working = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (client, tokens, next, failed, url) =
            (client.clone(), tokens.clone(), next.clone(), failed.clone(), url.to_owned());
        working.spawn(async move {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= total || began.elapsed() > Duration::from_secs(40) {
                    return index.min(total);
                }
                let project = format!("p{}", (index * 613) % PROJECTS as usize);
                let request = client.put(format!("{url}/api/v1/projects/{project}/support"));
                let sent = request.bearer_auth(&tokens[index % tokens.len()]).send().await;
                if !sent.is_ok_and(|response| response.status() == 200) {
                    failed.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    while working.join_next().await.is_some() {}
    let done = next.load(Ordering::Relaxed).min(total) - failed.load(Ordering::Relaxed);
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = done as f64 / seconds;
    println!(
        "{done} durable supports in {seconds:.1} s: {rate:.0} a second; {} failed",
        failed.load(Ordering::Relaxed)
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the figures are what the example is for")]
async fn lists(data: &str, url: &str) -> anyhow::Result<()> {
    let tokens = tokens(data).await?;
    let mut who = tokens.iter().cycle();
    let client = reqwest::Client::new();
    for query in [
        "sort=newest",
        "sort=supports",
        "sort=rising",
        "sort=rising&state=gathering",
        "tag=city&sort=supports",
        "q=project+house&sort=newest",
        "q=number+13&sort=rising",
        "min_pieces=300&max_pieces=400",
    ] {
        let mut times = Vec::new();
        for _ in 0..200 {
            let began = Instant::now();
            let request =
                client.get(format!("{url}/api/v1/projects?{query}")).bearer_auth(who.next().map_or("", |token| token));
            request.send().await?.error_for_status()?.bytes().await?;
            times.push(began.elapsed());
        }
        times.sort();
        println!(
            "{query:34} median {:6.1} ms, p99 {:6.1} ms",
            times[100].as_secs_f64() * 1e3,
            times[197].as_secs_f64() * 1e3
        );
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["seed", data] => seed(data).await,
        ["supports", data, url] => supports(data, url).await,
        ["lists", data, url] => lists(data, url).await,
        _ => anyhow::bail!("load seed DATA | load supports DATA URL | load lists DATA URL"),
    }
}
