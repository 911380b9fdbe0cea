//! Imports and broadcasts, carried on beside the handlers, which are bounded in time. How far they are is shown in one
//! message. A cut stops both; the next process goes on with them and with their messages.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use teloxide::types::MessageId;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::domain::bulk::{BulkState, BulkTask, Progress};
use crate::domain::ids::BulkTaskId;
use crate::services::Error;
use crate::services::bulk::Step;

use super::door::Door;
use super::errors::Failure;
use super::render::Chat;
use super::screen::Screen;
use super::screens::{broadcast, import};

/// How often it is looked for tasks that another process left behind.
const LOOK: Duration = Duration::from_secs(15);
/// How often a message is edited at most.
const SHOW: Duration = Duration::from_millis(1500);
/// How soon it is looked again whether others are ready.
const WAIT: Duration = Duration::from_millis(700);
/// The longest pause after an error.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Works on every task until `shutdown`.
pub async fn run(door: Arc<Door>, shutdown: CancellationToken) {
    let bulk = &door.services.bulk;
    if let Err(error) = bulk.take_over().await {
        tracing::warn!(%error, "what an earlier process began could not be taken over");
    }
    let mut working: FuturesUnordered<BoxFuture<'_, BulkTaskId>> = FuturesUnordered::new();
    let mut busy = HashSet::new();
    loop {
        match bulk.claim().await {
            Ok(tasks) => {
                for task in tasks {
                    if busy.insert(task.id) {
                        working.push(Box::pin(carry_on(&door, task)));
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "imports and broadcasts could not be looked for"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            Some(done) = working.next() => { busy.remove(&done); }
            () = bulk.begun() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Works on one task and shows it, to the end of both.
async fn carry_on(door: &Arc<Door>, task: BulkTask) -> BulkTaskId {
    let over = Notify::new();
    let work = async {
        if task.state == BulkState::Running {
            work(door, task.id).await;
        }
        over.notify_one();
    };
    tokio::join!(work, show(door, &task, &over));
    task.id
}

async fn work(door: &Door, id: BulkTaskId) {
    let mut pause = Duration::from_secs(1);
    loop {
        match step(door, id).await {
            Ok(Step::Ended) => return,
            Ok(Step::More) => pause = Duration::from_secs(1),
            Ok(Step::Wait) => tokio::time::sleep(WAIT).await,
            Err(error) => {
                tracing::warn!(task = %id, %error, again_in = ?pause, "an import or a broadcast does not go on");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn step(door: &Door, id: BulkTaskId) -> Result<Step, Error> {
    let services = &door.services;
    match services.bulk.look(id).await? {
        Some(task) if task.state == BulkState::Running => match task.progress.clone() {
            Progress::Import(progress) => services.imports.step(&task, progress).await,
            Progress::Broadcast(progress) => services.broadcasts.step(&task, progress).await,
        },
        _ => Ok(Step::Ended),
    }
}

/// What was shown last, and where.
struct Shown {
    message: Option<i32>,
    screen: Option<Screen>,
}

/// Keeps the message up to date until the end was told, or nobody is there to read it.
async fn show(door: &Arc<Door>, task: &BulkTask, over: &Notify) {
    let mut shown = Shown { message: task.message, screen: None };
    loop {
        match show_once(door, task.id, &mut shown).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => tracing::info!(task = %task.id, %error, "the progress could not be shown"),
        }
        // Not at once after an edit: Telegram allows about one a second in a chat.
        tokio::time::sleep(SHOW.min(Duration::from_secs(1))).await;
        tokio::select! {
            () = over.notified() => {}
            () = door.services.bulk.changed() => {}
            () = tokio::time::sleep(SHOW.saturating_sub(Duration::from_secs(1))) => {}
        }
    }
}

/// Whether there is nothing more to show.
async fn show_once(door: &Arc<Door>, id: BulkTaskId, shown: &mut Shown) -> Result<bool, Failure> {
    let services = &door.services;
    // Another process has it: it shows it too.
    let Some(task) = services.bulk.look(id).await? else { return Ok(true) };
    let eyes = door.eyes(services.people.lang_of(task.started_by).await?);
    let (screen, over) = match &task.progress {
        Progress::Import(_) => (import::progress(&task, &eyes), task.state != BulkState::Running),
        Progress::Broadcast(_) => {
            let counts = services.broadcasts.counts(&task).await?;
            let over = task.state != BulkState::Running && counts.waiting == 0;
            (broadcast::progress(&task, counts, &eyes), over)
        }
    };
    if shown.screen.as_ref() != Some(&screen) {
        let chat = Chat::new(Arc::clone(door), task.started_by);
        match chat.keep(shown.message.map(MessageId), &screen).await {
            Ok(message) => {
                if shown.message != Some(message.0) {
                    services.bulk.shown_in(id, message.0).await?;
                    shown.message = Some(message.0);
                }
            }
            // Whoever began it has left; the work goes on.
            Err(Failure::Gone) => {}
            Err(error) => return Err(error),
        }
        shown.screen = Some(screen);
    }
    if over {
        services.bulk.told(id).await?;
    }
    Ok(over)
}
