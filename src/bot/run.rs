//! The bot's life: reach Telegram, then take updates in and hand them on until the process ends.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;
use teloxide::Bot;
use teloxide::prelude::Requester as _;
use teloxide::types::Me;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::domain::clock::{Clock, Entropy};
use crate::services::Services;

use super::backoff::{Backoff, wait};
use super::door::Door;
use super::problem::TelegramProblem;
use super::settings::BotSettings;
use super::status::Status;
use super::telegram::{SHORT, call};
use super::webhook::{self, Hook};
use super::{feed, http, intake, long_work, menu, outbox, tree};

/// Runs the bot until `shutdown`. Never fails: what is wrong stands on `/health/ready` with the remedy, and what can
/// pass is tried again with growing pauses of at most a minute.
pub async fn run(
    services: Services,
    settings: BotSettings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    shutdown: CancellationToken,
) {
    let status = Status::new(services.health.clone());
    let Some(token) = settings.token.clone() else {
        status.is(&TelegramProblem::NoToken);
        return;
    };
    let bot = match http::bot(&token, &settings.api_url, settings.proxy.as_ref()) {
        Ok(bot) => bot,
        Err(error) => return status.down(&error.to_string()),
    };
    let hook = settings.webhook.as_ref().map(|webhook| Hook::open(&services, webhook, &token)).transpose();
    let hook = match hook {
        Ok(hook) => hook,
        Err(error) => return status.down(&error.to_string()),
    };
    let Some(me) = connect(&bot, &status, &shutdown).await else { return };
    if let Some(username) = &me.username {
        services.invites.bot_is_called(username);
    }
    let door = Arc::new(Door { services, settings, clock, entropy, bot, me });
    owner_link(&door).await;
    if !known(&door, &shutdown).await {
        return;
    }
    let menus = tokio::spawn(menu::for_everyone(Arc::clone(&door)));
    let wake = Arc::new(Notify::new());
    tokio::join!(
        supervise("intake", &shutdown, || {
            let (door, wake, status, shutdown) =
                (Arc::clone(&door), Arc::clone(&wake), status.clone(), shutdown.clone());
            match &hook {
                Some(hook) => webhook::run(door, hook, wake, status, shutdown).boxed(),
                None => intake::run(door, wake, status, shutdown).boxed(),
            }
        }),
        supervise("feed", &shutdown, || {
            feed::run(Arc::clone(&door), tree::schema(), Arc::clone(&wake), shutdown.clone())
        }),
        supervise("long work", &shutdown, || long_work::run(Arc::clone(&door), shutdown.clone())),
        supervise("outbox", &shutdown, || outbox::run(Arc::clone(&door), shutdown.clone())),
    );
    menus.abort();
}

/// Asks Telegram who the bot is, until it says; none when the process ends before.
async fn connect(bot: &Bot, status: &Status, shutdown: &CancellationToken) -> Option<Me> {
    let mut backoff = Backoff::default();
    loop {
        let answer = tokio::select! {
            () = shutdown.cancelled() => return None,
            answer = call(SHORT, bot.get_me()) => answer,
        };
        match answer {
            Ok(me) => {
                status.works();
                return Some(me);
            }
            Err(error) => status.telegram(&error),
        }
        if !wait(backoff.next(), shutdown).await {
            return None;
        }
    }
}

/// Says which bot it is, before it handles or sends anything; whether that could be said before the process ends.
async fn known(door: &Door, shutdown: &CancellationToken) -> bool {
    let mut backoff = Backoff::default();
    while let Err(error) = door.services.people.bot_is(door.bot_id()).await {
        tracing::error!(%error, "it cannot be noted which bot this is");
        if !wait(backoff.next(), shutdown).await {
            return false;
        }
    }
    true
}

/// With no owner at all, the log has the link that makes its first opener the owner. It is wanted there: whoever
/// reads the log of a fresh installation owns it anyway.
async fn owner_link(door: &Door) {
    if !door.settings.admin_ids_empty {
        return;
    }
    match door.services.invites.owner_token().await {
        Ok(Some(token)) => {
            let link = door.start_link(token.expose());
            tracing::warn!("ADMIN_IDS is empty and there is no owner: open {link} to become the owner");
        }
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "no owner link can be made; restart to try again"),
    }
}

/// Starts a task again, should it ever panic.
async fn supervise<F: Future<Output = ()>>(name: &str, shutdown: &CancellationToken, task: impl Fn() -> F) {
    let mut backoff = Backoff::default();
    while AssertUnwindSafe(task()).catch_unwind().await.is_err() {
        tracing::error!(name, "a part of the bot panicked; it is started again");
        if !wait(backoff.next(), shutdown).await {
            return;
        }
    }
}
