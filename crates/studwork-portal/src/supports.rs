//! Support: one per account and project, counted exactly. All of an instance's requests go through one queue that writes
//! many of them in one transaction and answers each after its commit, so that a disk sync is shared. The project's row is
//! held meanwhile, so that a count is reached once, whichever instance gets there.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use crate::Clock;
use crate::clock::DAY;
use crate::db::{Db, exec, number, row};
use crate::metrics::{Count, Metrics};
use crate::params;
use crate::policy::{Policies, Policy};
use crate::problem::{Answer, Problem};
use crate::projects::{State, append_event, find, step};

/// Most requests in one transaction.
const BATCH: usize = 512;
/// Most requests that wait.
const WAITING: usize = 8192;

/// How support stands after a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Standing {
    /// Whether the account supports the project.
    pub supported: bool,
    /// How many do.
    pub supports: i64,
    /// The project's state.
    #[schema(value_type = String)]
    pub state: &'static str,
}

#[derive(Debug)]
struct Job {
    project: String,
    account: String,
    on: bool,
    reply: oneshot::Sender<Answer<Standing>>,
}

/// The queue of one instance.
#[derive(Clone, Debug)]
pub struct SupportQueue {
    jobs: mpsc::Sender<Job>,
}

#[derive(Clone, Debug)]
struct Writer {
    db: Db,
    policies: Policies,
    clock: Clock,
    metrics: Metrics,
}

/// The part of a project that support changes.
#[derive(Clone, FromQueryResult)]
struct Counted {
    creator: String,
    state: String,
    hidden: i64,
    deleted_at: Option<i64>,
    supports: i64,
    rising: f64,
    stages: i64,
    gathering_at: Option<i64>,
    deadline_at: Option<i64>,
}

impl SupportQueue {
    /// Starts the task that writes.
    #[must_use]
    pub fn start(db: Db, policies: Policies, clock: Clock, metrics: Metrics) -> Self {
        let (jobs, mut waiting) = mpsc::channel::<Job>(WAITING);
        let writer = Writer { db, policies, clock, metrics };
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while waiting.recv_many(&mut batch, BATCH).await > 0 {
                writer.run(std::mem::take(&mut batch)).await;
            }
        });
        Self { jobs }
    }

    /// Gives support (`on`) or takes it back; returns when it is durable.
    ///
    /// # Errors
    /// 404 when the project is not visible, 409 `support_closed` or `own_project`, 503 when too many wait.
    pub async fn set(&self, project: &str, account: &str, on: bool) -> Answer<Standing> {
        let (reply, answer) = oneshot::channel();
        let job = Job { project: project.to_owned(), account: account.to_owned(), on, reply };
        self.jobs.try_send(job).map_err(|_| Problem::busy())?;
        answer.await.map_err(|_| Problem::busy())?
    }
}

impl Writer {
    async fn run(&self, batch: Vec<Job>) {
        match self.attempt(&batch).await {
            Ok(answers) => reply(batch, answers),
            // One bad request must not fail its neighbors: each by itself.
            Err(_) if batch.len() > 1 => {
                for job in batch {
                    let one = [job];
                    match self.attempt(&one).await {
                        Ok(answers) => reply(one.into(), answers),
                        Err(problem) => reply(one.into(), vec![Err(problem)]),
                    }
                }
            }
            Err(problem) => reply(batch, vec![Err(problem)]),
        }
    }

    /// Writes a batch in one transaction; one answer for each request, in order.
    async fn attempt(&self, batch: &[Job]) -> Answer<Vec<Answer<Standing>>> {
        let served = self.policies.get().await?;
        let mut by_project: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, job) in batch.iter().enumerate() {
            by_project.entry(&job.project).or_default().push(index);
        }
        let mut answers: HashMap<usize, Answer<Standing>> = HashMap::new();
        let mut written = 0;
        let tx = self.db.begin().await?;
        // The projects come in the order of their ids, so that two instances never wait for each other.
        for (project, indexes) in by_project {
            written += self.project(&tx, &served.policy, project, &indexes, batch, &mut answers).await?;
        }
        tx.commit().await?;
        self.metrics.add(Count::Supports, written);
        self.metrics.add(Count::SupportBatches, 1);
        Ok((0..batch.len()).map(|index| answers.remove(&index).unwrap_or_else(|| Err(Problem::busy()))).collect())
    }

    async fn project(
        &self,
        tx: &impl ConnectionTrait,
        policy: &Policy,
        id: &str,
        indexes: &[usize],
        batch: &[Job],
        answers: &mut HashMap<usize, Answer<Standing>>,
    ) -> Answer<u64> {
        let sql = format!(
            "SELECT creator, state, hidden, deleted_at, supports, rising, stages, gathering_at, deadline_at
             FROM projects WHERE id = $1{}",
            self.db.for_update()
        );
        let counted: Option<Counted> = row(tx, &sql, params![id]).await?;
        let Some(mut counted) = counted.filter(|row| row.hidden == 0 && row.deleted_at.is_none()) else {
            for index in indexes {
                answers.insert(*index, Err(Problem::not_found("project")));
            }
            return Ok(0);
        };
        let now = self.clock.now();
        let mut state: State =
            counted.state.parse().map_err(|error: String| Problem::internal(anyhow::anyhow!(error)))?;
        if state == State::Gathering && counted.deadline_at.is_some_and(|deadline| deadline <= now) {
            step(tx, &find(tx, id).await?, State::Expired, None, now, "").await?;
            state = State::Expired;
        }
        let mut written = 0;
        for index in indexes {
            let Some(job) = batch.get(*index) else { continue };
            let changed = if job.on {
                self.give(tx, policy, id, job, &mut counted, &mut state, now).await?
            } else {
                take_back(tx, id, job, &mut counted, state).await?
            };
            written += u64::from(matches!(changed, Ok(true)));
            let standing = Standing { supported: job.on, supports: counted.supports, state: state.name() };
            answers.insert(*index, changed.map(|_| standing));
        }
        if written > 0 {
            store(tx, id, &counted).await?;
        }
        Ok(written)
    }

    #[expect(clippy::too_many_arguments, reason = "one step of a batch, with what the batch carries along")]
    async fn give(
        &self,
        tx: &impl ConnectionTrait,
        policy: &Policy,
        id: &str,
        job: &Job,
        counted: &mut Counted,
        state: &mut State,
        now: i64,
    ) -> Answer<Answer<bool>> {
        if job.account == counted.creator && state.is_public() {
            return Ok(Err(Problem::conflict("own_project", "Creators do not support their own projects.")));
        }
        if !accepts(*state, policy) {
            return Ok(if *state == State::Draft || !state.is_public() {
                Err(Problem::not_found("project"))
            } else if supports_already(tx, id, &job.account).await? {
                Ok(false)
            } else {
                Err(closed(*state))
            });
        }
        let inserted = exec(
            tx,
            "INSERT INTO supports (project, account, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            params![id, job.account.clone(), now],
        )
        .await?;
        if inserted == 0 {
            return Ok(Ok(false));
        }
        counted.supports += 1;
        counted.rising = rising_with(counted.rising, now);
        self.reach(tx, policy, id, counted, state, now).await?;
        Ok(Ok(true))
    }

    /// What happens at this count.
    async fn reach(
        &self,
        tx: &impl ConnectionTrait,
        policy: &Policy,
        id: &str,
        counted: &mut Counted,
        state: &mut State,
        now: i64,
    ) -> Answer<()> {
        let support = &policy.support;
        let stages = support.stages(counted.supports);
        if stages > counted.stages && *state == State::Gathering {
            counted.stages = stages;
            counted.deadline_at = counted.gathering_at.map(|began| support.deadline(began, stages));
            let note = format!("{} supports", counted.supports);
            append_event(tx, id, now, None, "milestone", None, None, &note).await?;
        }
        let mut to = Vec::new();
        if *state == State::Gathering && counted.supports >= support.review_at {
            to.push(State::Qualified);
        }
        if support.approve_at.is_some_and(|count| counted.supports >= count) {
            to.push(State::Approved);
        }
        for next in to {
            store(tx, id, counted).await?;
            step(tx, &find(tx, id).await?, next, None, now, &format!("{} supports", counted.supports)).await?;
            counted.deadline_at = None;
            *state = next;
        }
        Ok(())
    }
}

fn reply(batch: Vec<Job>, answers: Vec<Answer<Standing>>) {
    for (job, answer) in batch.into_iter().zip(answers) {
        // Who asked may have gone; the support is written all the same.
        let _ = job.reply.send(answer);
    }
}

fn accepts(state: State, policy: &Policy) -> bool {
    state == State::Gathering
        || (policy.support.approve_at.is_some() && matches!(state, State::Qualified | State::InReview))
}

fn closed(state: State) -> Problem {
    Problem::conflict("support_closed", format!("This project is {state}: it does not gather support."))
        .with("state", state.name())
}

async fn supports_already(tx: &impl ConnectionTrait, id: &str, account: &str) -> Answer<bool> {
    let found =
        number(tx, "SELECT COUNT(*) AS value FROM supports WHERE project = $1 AND account = $2", params![id, account])
            .await?;
    Ok(found.unwrap_or(0) > 0)
}

async fn take_back(
    tx: &impl ConnectionTrait,
    id: &str,
    job: &Job,
    counted: &mut Counted,
    state: State,
) -> Answer<Answer<bool>> {
    let since = number(
        tx,
        "SELECT created_at AS value FROM supports WHERE project = $1 AND account = $2",
        params![id, job.account.clone()],
    )
    .await?;
    let Some(since) = since else {
        return Ok(if state.is_public() { Ok(false) } else { Err(Problem::not_found("project")) });
    };
    if state != State::Gathering {
        return Ok(Err(closed(state)));
    }
    exec(tx, "DELETE FROM supports WHERE project = $1 AND account = $2", params![id, job.account.clone()]).await?;
    counted.supports -= 1;
    counted.rising = rising_without(counted.rising, since);
    Ok(Ok(true))
}

async fn store(tx: &impl ConnectionTrait, id: &str, counted: &Counted) -> Answer<()> {
    exec(
        tx,
        "UPDATE projects SET supports = $1, rising = $2, stages = $3, deadline_at = $4 WHERE id = $5",
        params![counted.supports, counted.rising, counted.stages, counted.deadline_at, id],
    )
    .await?;
    Ok(())
}

/// A support counts half as much for "rising" after this time, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "three days in milliseconds are exact")]
const HALF_LIFE: f64 = (3 * DAY) as f64;
/// 2020, so that the logarithms stay small.
const ORIGIN: i64 = 1_577_836_800_000;

/// The logarithm of the weight of one support at `now`. Later ones weigh exponentially more, which orders projects as
/// if all earlier ones had faded, without touching a row that nobody supports.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of some decades are exact")]
fn weight(now: i64) -> f64 {
    (now - ORIGIN) as f64 / HALF_LIFE * std::f64::consts::LN_2
}

/// The score of a new project: that of a quarter of a support.
#[must_use]
pub fn rising_at_start(now: i64) -> f64 {
    weight(now) - 4.0_f64.ln()
}

fn rising_with(score: f64, now: i64) -> f64 {
    let added = weight(now);
    let (high, low) = if score > added { (score, added) } else { (added, score) };
    high + (low - high).exp().ln_1p()
}

fn rising_without(score: f64, since: i64) -> f64 {
    let share = (weight(since) - score).exp();
    // What is left of a score that was nearly this support alone.
    score + (-share.min(0.999_999)).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rising_orders_by_faded_support_and_forgets_what_is_taken_back() {
        let day = |days: i64| ORIGIN + days * DAY;
        let old = (0..100).fold(rising_at_start(day(0)), |score, _| rising_with(score, day(1)));
        let young = (0..5).fold(rising_at_start(day(29)), |score, _| rising_with(score, day(30)));
        assert!(young > old, "{young} {old}");
        let many = (0..50).fold(rising_at_start(day(29)), |score, _| rising_with(score, day(30)));
        assert!(many > young);
        let with = rising_with(many, day(31));
        assert!((rising_without(with, day(31)) - many).abs() < 1e-9);
    }
}
