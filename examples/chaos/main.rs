//! Chaos: a seeded random workload against the built service, with power cuts and faults, and a comparison of everything
//! after each round. `scripts/chaos` builds and starts it.
//!
//! In reading order: `stage` is all there is; `rest`, `staff` and `users` ask for things and write down in the `ledger` what
//! they were told; `trouble` is what goes wrong meanwhile; `read` reads the database, `compare` and `messages` hold
//! everything against the ledger.
#![expect(clippy::print_stdout, reason = "what it finds is told on standard output")]

mod compare;
mod ledger;
mod messages;
mod options;
mod peace;
mod read;
mod replica;
mod report;
mod rest;
mod staff;
mod stage;
mod talk;
mod trouble;
mod users;

use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::Parser as _;
use futures::FutureExt as _;
use futures::future::{BoxFuture, try_join_all};
use orchestrator::domain::clock::{Entropy as _, OsEntropy};
use rand::RngExt as _;
use rand::rngs::StdRng;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, timeout};

use options::Options;
use read::{Reader, State};
use rest::Shop;
use staff::Person;
use stage::{ADMIN, Known, OPERATOR, OWNERS, SHOPS, STRANGER, Stage, USERS};
use trouble::Trouble;
use users::User;

/// What anything of this program gives.
pub type Res<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How long a round may take, whatever goes wrong.
const ROUND: Duration = Duration::from_secs(400);
/// How long what is unfinished may take to end once nothing goes wrong any more.
const QUIET: Duration = Duration::from_secs(120);
/// How long second looks may take: a minute after a request without an answer, and once more where that had none.
const CERTAIN: Duration = Duration::from_secs(200);
/// A process may grow by so many MiB.
const GROWN: u64 = 96;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let seed = options.seed.unwrap_or_else(|| u64::from(OsEntropy.uuid().as_fields().0));
    println!("seed {seed}");
    match until_told_to_stop(options, seed).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("the run did not come to its end (seed {seed}): {error}");
            ExitCode::from(2)
        }
    }
}

/// Whatever ends it, the processes end with it.
async fn until_told_to_stop(options: Options, seed: u64) -> Res<usize> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        differences = run(options, seed) => differences,
        _ = terminate.recv() => Err("told to stop".into()),
        _ = interrupt.recv() => Err("told to stop".into()),
    }
}

async fn run(options: Options, seed: u64) -> Res<usize> {
    let began = Instant::now();
    let stage = Stage::new(options, seed).await?;
    for replica in &stage.replicas {
        replica.start().await?;
    }
    peace::prepare(&stage).await?;
    let (rounds, mut state) = (stage.options.rounds(), None);
    for round in 1..=rounds {
        stage.round.store(round, Ordering::SeqCst);
        timeout(ROUND, work(&stage, rounds)).await.map_err(|_| "a round took too long")??;
        state = Some(look(&stage, round == rounds).await?);
        report::round(&stage, began.elapsed());
        if count(&stage) > 0 {
            break;
        }
    }
    report::differences(&stage, state.as_ref());
    report::table(&stage, began.elapsed());
    Ok(count(&stage))
}

fn count(stage: &Stage) -> usize {
    stage.differences.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// Everybody at once, and trouble.
async fn work(stage: &Stage, rounds: u32) -> Res<()> {
    peace::link(stage).await?;
    let round = stage.round();
    // What does not come out even goes to the first rounds.
    let share = |all: u32| all / rounds + u32::from(round <= all % rounds);
    stage.hand_out(share(stage.options.operations));
    stage.troubled.store(true, Ordering::SeqCst);
    stage.panel.clear_calls();
    let mut everybody: Vec<BoxFuture<'_, Res<()>>> = vec![];
    for shop in 0..SHOPS {
        everybody.push(Shop::new(stage, shop)?.run().boxed());
    }
    for (id, name) in [(OWNERS[0], "Olga"), (ADMIN, "Adam"), (OPERATOR, "Otto")] {
        everybody.push(Person::new(stage, id, name).run().boxed());
    }
    for id in USERS.into_iter().take(2).chain([STRANGER]) {
        everybody.push(User::new(stage, id).run().boxed());
    }
    everybody.push(Trouble::new(stage).run(share(stage.options.kills)).boxed());
    try_join_all(everybody).await?;
    Ok(())
}

/// Waits until all is finished, and compares. At the end second looks are waited for, too.
async fn look(stage: &Stage, last: bool) -> Res<State> {
    Trouble::calm(stage).await?;
    let reader = Reader::open(stage).await?;
    if let Some(open) = reader.quiet(stage, QUIET).await? {
        stage.differ(format!("not finished {QUIET:?} after the end of all trouble: {open}"), None);
    }
    if last {
        if !reader.certain(CERTAIN).await? {
            stage.differ(format!("second looks are due {CERTAIN:?} after the end of all trouble"), None);
        }
        if let Some(open) = reader.quiet(stage, QUIET).await? {
            stage.differ(format!("not finished after the second looks: {open}"), None);
        }
    }
    let state = reader.state().await?;
    reader.close().await;
    compare::compare(stage, &state);
    messages::compare(stage, &state);
    for replica in &stage.replicas {
        for fault in replica.faults() {
            stage.differ(fault, None);
        }
        if replica.grown() > GROWN {
            stage.differ(format!("replica {} has grown by {} MiB", replica.number, replica.grown()), None);
        }
    }
    let links = stage.links();
    let known = state.clients.iter().map(|client| Known {
        id: client.id.0,
        username: client.username.to_string(),
        person: links.iter().find(|(id, _)| *id == client.id.0).map(|(_, person)| *person),
    });
    *stage.known.lock().unwrap_or_else(PoisonError::into_inner) = known.collect();
    Ok(state)
}

/// Any number of days of these.
fn days(chance: &mut StdRng, of: RangeInclusive<i64>) -> i64 {
    chance.random_range(of)
}
