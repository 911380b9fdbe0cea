//! What the service does by itself, from time to time.

use std::time::Duration;

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::services::Services;
use crate::services::views::PanelStatus;

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

/// Starts every job; they end with `shutdown`.
pub fn start(
    services: &Services,
    reconcile_every: Duration,
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
) {
    tasks.spawn(until(shutdown.clone(), reconcile(services.clone(), reconcile_every)));
    tasks.spawn(until(shutdown.clone(), watch_panel(services.clone())));
    tasks.spawn(until(shutdown.clone(), follow(services.clone())));
    tasks.spawn(until(shutdown.clone(), tidy(services.clone())));
}

async fn until(shutdown: CancellationToken, job: impl Future<Output = ()>) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = job => {}
    }
}

/// Finishes what was cut, first at once.
async fn reconcile(services: Services, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = services.reconciler.run_once().await {
            tracing::warn!(%error, "unfinished changes could not be looked for");
        }
    }
}

/// Keeps the panel's state known. What is wrong is logged by the adapter when it changes.
async fn watch_panel(services: Services) {
    loop {
        let PanelStatus { problem, .. } = services.health.check_panel().await;
        tokio::time::sleep(if problem.is_none() { PANEL_WELL } else { PANEL_ILL }).await;
    }
}

/// Tells the panel who is linked: first at once, then whenever that changes.
async fn follow(services: Services) {
    loop {
        let well = services.follow.run_once().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "clients whose Telegram account changed could not be looked for");
            false
        });
        let pause = if well { FOLLOW } else { FOLLOW_ILL };
        let _ = tokio::time::timeout(pause, services.follow.woken()).await;
    }
}

async fn tidy(services: Services) {
    let mut ticks = tokio::time::interval(TIDY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let all = [
            services.updates.tidy().await,
            services.dialogues.tidy().await,
            services.outbox.tidy().await,
            services.reconciler.tidy().await,
            services.finding.tidy().await,
            services.bulk.tidy().await,
        ];
        for done in all {
            if let Err(error) = done {
                tracing::warn!(%error, "old rows could not be removed");
            }
        }
    }
}
