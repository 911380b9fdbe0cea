//! What the service does by itself, from time to time; each piece of work by one process at a time, however many replicas
//! there are.

mod turns;

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::services::views::PanelStatus;
use crate::services::{Error, Services};

use turns::{Job, Next, Work};

/// How often the panel is asked how it is while all is well.
const PANEL_WELL: Duration = Duration::from_secs(60);
/// How often it is asked while something is wrong, so that its return is seen soon.
const PANEL_ILL: Duration = Duration::from_secs(10);
/// How often clients are looked for whose panel user must be told of another Telegram account.
const FOLLOW: Duration = Duration::from_secs(60);
/// The same while something went wrong.
const FOLLOW_ILL: Duration = Duration::from_secs(15);
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

/// Every job that takes turns.
fn jobs(every: Intervals) -> Vec<(Job, Work)> {
    let all: [(Job, Work); 3] = [
        (Job::new("reconcile", every.reconcile).at_start(), |services, _| Box::pin(reconcile(services))),
        (
            Job::new("follow", FOLLOW).at_start().woken(|services| Box::pin(services.follow.woken())),
            |services, _| Box::pin(follow(services)),
        ),
        (Job::new("tidy", TIDY), |services, _| Box::pin(tidy(services))),
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
    services.reconciler.run_once().await?;
    Ok(Next::Usual)
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

/// Forgets what is no longer needed. One table that cannot be tidied does not keep the others from it.
async fn tidy(services: &Services) -> Result<Next, Error> {
    let all = [
        services.updates.tidy().await,
        services.dialogues.tidy().await,
        services.outbox.tidy().await,
        services.reconciler.tidy().await,
        services.finding.tidy().await,
        services.bulk.tidy().await,
    ];
    all.into_iter().collect::<Result<(), Error>>()?;
    Ok(Next::Usual)
}
