//! What the service does by itself, from time to time; each piece of work by one process at a time, however many replicas
//! there are.

mod turns;

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::services::deactivation::Round;
use crate::services::leases::Turn;
use crate::services::restored::{self, Step};
use crate::services::views::PanelStatus;
use crate::services::{Error, Services};
use crate::services::{deactivation, digest, resettle};

use turns::{Job, Next, Work};

/// How often the panel is asked how it is while all is well.
const PANEL_WELL: Duration = Duration::from_secs(60);
/// How often it is asked while something is wrong, so that its return is seen soon.
const PANEL_ILL: Duration = Duration::from_secs(10);
/// How often clients are looked for whose panel user must be told of another Telegram account.
const FOLLOW: Duration = Duration::from_secs(60);
/// The same while something went wrong.
const FOLLOW_ILL: Duration = Duration::from_secs(15);
/// How often clients are looked for that may differ from the panel.
const SYNC: Duration = Duration::from_secs(5);
/// How soon changes are looked for again that could not be finished.
const RECONCILE_ILL: Duration = Duration::from_secs(5);
/// How often it is looked for what an owner decided through another process.
const RESETTLE: Duration = Duration::from_secs(30);
/// The same of what an owner decided after a restore.
const RESUME: Duration = Duration::from_secs(15);
/// How often it is looked whose date comes.
const EXPIRY_NOTICES: Duration = Duration::from_secs(60);
/// How often it is looked whether it is time for the morning's message.
const DIGEST: Duration = Duration::from_secs(60);
/// How often it is looked whether there is something to tell of the panel.
const PANEL_WATCH: Duration = Duration::from_secs(30);
/// How often what is no longer needed is forgotten.
const TIDY: Duration = Duration::from_secs(3600);

/// How often things are done; `None` for never.
#[derive(Debug, Clone, Copy)]
pub struct Intervals {
    /// `RECONCILE_INTERVAL`
    pub reconcile: Duration,
    /// `DEACTIVATE_INTERVAL`
    pub deactivate: Option<Duration>,
    /// `DRIFT_INTERVAL`
    pub drift: Option<Duration>,
}

/// Starts every job; they end with `shutdown`.
pub fn start(services: &Services, every: Intervals, tasks: &TaskTracker, shutdown: &CancellationToken) {
    tasks.spawn(until(shutdown.clone(), watch_panel(services.clone())));
    for (job, work) in jobs(every) {
        tasks.spawn(until(shutdown.clone(), turns::take(services.clone(), job, work)));
    }
}

/// Starts only the one that takes over the panel's state after a restore.
pub fn start_resuming(services: &Services, tasks: &TaskTracker, shutdown: &CancellationToken) {
    let (job, work) = resuming();
    tasks.spawn(until(shutdown.clone(), turns::take(services.clone(), job, work)));
}

fn resuming() -> (Job, Work) {
    let job = Job::new(restored::JOB, RESUME).at_start().after_a_restore();
    (job.woken(|services| Box::pin(services.restored.begun())), |services, turn| {
        Box::pin(resume(services, turn))
    })
}

/// Every job that takes turns.
fn jobs(every: Intervals) -> Vec<(Job, Work)> {
    let all: [(Job, Work); 11] = [
        resuming(),
        (
            Job::new(resettle::JOB, RESETTLE).woken(|services| Box::pin(services.resettle.begun())),
            |services, turn| Box::pin(resettle(services, turn)),
        ),
        (
            Job::new("drift", every.drift).at_start().woken(|services| Box::pin(services.drift.woken())),
            |services, _| Box::pin(drift(services)),
        ),
        (
            Job::new(deactivation::JOB, every.deactivate)
                .woken(|services| Box::pin(services.deactivation.allowed())),
            |services, turn| Box::pin(deactivate(services, turn)),
        ),
        (
            Job::new("sync", SYNC).at_start().woken(|services| Box::pin(services.sync.woken())),
            |services, _| Box::pin(sync(services)),
        ),
        (Job::new("reconcile", every.reconcile).at_start(), |services, _| Box::pin(reconcile(services))),
        (
            Job::new("follow", FOLLOW).at_start().woken(|services| Box::pin(services.follow.woken())),
            |services, _| Box::pin(follow(services)),
        ),
        (Job::new("tidy", TIDY), |services, _| Box::pin(tidy(services))),
        (Job::new("expiry-notices", EXPIRY_NOTICES), |services, turn| {
            Box::pin(expiry_notices(services, turn))
        }),
        (Job::new(digest::JOB, DIGEST), |services, turn| Box::pin(morning(services, turn))),
        (Job::new("panel-watch", PANEL_WATCH), |services, turn| Box::pin(panel_watch(services, turn))),
    ];
    all.into()
}

async fn until(shutdown: CancellationToken, job: impl Future<Output = ()>) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = job => {}
    }
}

/// Finishes what was cut, first at once.
async fn reconcile(services: &Services) -> Result<Next, Error> {
    Ok(if services.reconciler.run_once().await? { Next::Usual } else { Next::In(RECONCILE_ILL) })
}

/// Keeps the panel's state known to this process. What is wrong is logged by the adapter when it changes.
async fn watch_panel(services: Services) {
    for turn in 1_u64.. {
        let span = tracing::error_span!("job", job = "watch panel", turn);
        let PanelStatus { problem, .. } = services.health.check_panel().instrument(span).await;
        tokio::time::sleep(if problem.is_none() { PANEL_WELL } else { PANEL_ILL }).await;
    }
}

/// Tells the panel who is linked: first at once, then whenever that changes.
async fn follow(services: &Services) -> Result<Next, Error> {
    Ok(if services.follow.run_once().await? { Next::Usual } else { Next::In(FOLLOW_ILL) })
}

/// Looks at the clients that may differ from the panel.
async fn sync(services: &Services) -> Result<Next, Error> {
    match services.sync.run_once().await {
        Ok(more) => Ok(if more { Next::In(Duration::ZERO) } else { Next::Usual }),
        Err(error) => quietly(error),
    }
}

/// A panel that does not work is told by whoever watches it, not by each job that meets it.
fn quietly(error: Error) -> Result<Next, Error> {
    match error {
        Error::Panel(why) => {
            tracing::debug!(why, "the panel could not be asked; later");
            Ok(Next::In(PANEL_WELL))
        }
        other => Err(other),
    }
}

/// Compares all clients with the panel.
async fn drift(services: &Services) -> Result<Next, Error> {
    match services.drift.run_once().await {
        Ok(_) => Ok(Next::Usual),
        Err(error) => quietly(error),
    }
}

/// Takes access away from clients whose date has passed.
async fn deactivate(services: &Services, turn: Turn) -> Result<Next, Error> {
    Ok(match services.deactivation.run_once(turn.memory.as_deref(), false).await? {
        Round::NoPanel(_) => Next::In(PANEL_ILL),
        _ => Next::Usual,
    })
}

/// Carries on what an owner decided about clients that the panel does not know.
async fn resettle(services: &Services, turn: Turn) -> Result<Next, Error> {
    Ok(services.resettle.part(turn.memory.as_deref()).await?.map_or(Next::Usual, Next::GoOn))
}

/// Takes over the panel's state after a restore, once an owner has said so.
async fn resume(services: &Services, turn: Turn) -> Result<Next, Error> {
    match services.restored.part(turn.memory.as_deref()).await {
        Ok(Step::More(memory)) => Ok(Next::GoOn(memory)),
        Ok(Step::In(pause)) => Ok(Next::In(pause)),
        Ok(Step::Nothing | Step::Done(_)) => Ok(Next::Usual),
        Err(error) => quietly(error),
    }
}

/// Tells people of their dates.
async fn expiry_notices(services: &Services, turn: Turn) -> Result<Next, Error> {
    let (_, memory) = services.expiry_notices.run_once(turn.memory.as_deref()).await?;
    Ok(Next::Remember(memory))
}

/// Tells those who look after the service, in the morning, whose date is today.
async fn morning(services: &Services, turn: Turn) -> Result<Next, Error> {
    Ok(keeping(services.digest.run_once(turn.memory.as_deref()).await?))
}

/// Tells those who look after the service how the panel is, once it has been so for a while.
async fn panel_watch(services: &Services, turn: Turn) -> Result<Next, Error> {
    Ok(keeping(services.panel_watch.run_once(turn.memory.as_deref()).await?))
}

fn keeping(memory: Option<String>) -> Next {
    memory.map_or(Next::Usual, Next::Remember)
}

/// Forgets what is no longer needed. One table that cannot be tidied does not keep the others from it.
async fn tidy(services: &Services) -> Result<Next, Error> {
    let all = [
        services.updates.tidy().await,
        services.dialogues.tidy().await,
        services.invites.tidy().await,
        services.outbox.tidy().await,
        services.reconciler.tidy().await,
        services.finding.tidy().await,
        services.bulk.tidy().await,
        services.expiry_notices.tidy().await,
    ];
    all.into_iter().collect::<Result<(), Error>>()?;
    Ok(Next::Usual)
}
