//! The intake of updates that Telegram sends by itself, and Telegram's knowledge of where to.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use teloxide::payloads::setters::*;
use teloxide::prelude::Requester as _;
use teloxide::types::{AllowedUpdate, WebhookInfo};
use tokio::sync::{Mutex, Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::services::Services;
use crate::services::webhook::{Delivered, secret_of};

use super::backoff::{Backoff, wait};
use super::door::Door;
use super::flood::Flood;
use super::intake::keep;
use super::problem::TelegramProblem;
use super::settings::WebhookSettings;
use super::status::Status;
use super::telegram::{CallError, SHORT, call};

/// So many are kept in one commit at the most.
const BATCH: usize = 100;
/// So many updates Telegram sends at once at the most. Each waits for a commit, which is one for all that wait.
const CONNECTIONS: u8 = 40;
/// An error of a delivery is worth telling for so long.
const RECENT: TimeDelta = TimeDelta::minutes(5);
/// Of several processes one sets the webhook again: whoever has this turn.
const TURN: &str = "webhook";
/// How long the turn belongs to a process that has stopped.
const LASTS: Duration = Duration::from_secs(30);
/// What Telegram says of an error is cut to so many characters.
const SHOWN: usize = 200;

/// The webhook of this process: open from the start, so that nothing that arrives early is turned away for good.
pub struct Hook {
    url: url::Url,
    secret: SecretString,
    arriving: Mutex<mpsc::Receiver<Delivered>>,
}

impl Hook {
    /// Opens it.
    ///
    /// # Errors
    /// None that can happen.
    pub fn open(
        services: &Services,
        settings: &WebhookSettings,
        bot_token: &SecretString,
    ) -> Result<Self, crate::services::Error> {
        let secret = match &settings.secret {
            Some(secret) => secret.clone(),
            None => secret_of(bot_token)?,
        };
        let arriving = Mutex::new(services.webhook.open(&secret));
        Ok(Self { url: settings.url.clone(), secret, arriving })
    }
}

/// Takes updates in until the process ends, and sees to it that Telegram sends them.
pub async fn run(
    door: Arc<Door>,
    hook: &Hook,
    wake: Arc<Notify>,
    status: Status,
    shutdown: CancellationToken,
) {
    tokio::join!(take_in(&door, hook, &wake, &shutdown), watch(&door, hook, &status, &shutdown));
}

async fn take_in(door: &Arc<Door>, hook: &Hook, wake: &Notify, shutdown: &CancellationToken) {
    let mut arriving = hook.arriving.lock().await;
    let mut flood = Flood::new();
    let mut batch = vec![];
    loop {
        tokio::select! {
            // What has arrived is kept; what comes now hears at once that it is not.
            () = shutdown.cancelled(), if !arriving.is_closed() => {
                arriving.close();
                continue;
            }
            arrived = arriving.recv_many(&mut batch, BATCH) => if arrived == 0 { return },
        }
        let kept = keep(door, &mut flood, batch.iter().map(|delivered| &delivered.update)).await;
        if let Err(error) = &kept {
            tracing::error!(%error, "updates cannot be kept; Telegram sends them again");
        }
        let kept = kept.map_err(|error| error.to_string());
        batch.drain(..).for_each(|delivered| delivered.answer(kept.clone()));
        wake.notify_one();
    }
}

/// Sets the webhook at the start, because its secret may be another one, and again when somebody else has changed it.
async fn watch(door: &Door, hook: &Hook, status: &Status, shutdown: &CancellationToken) {
    let mut backoff = Backoff::default();
    let mut known = false;
    loop {
        let pause = match attend(door, hook, &mut known).await {
            Ok(info) => {
                backoff.reset();
                tell(door, &info, status);
                door.settings.limits.webhook_check
            }
            Err(CallError::Later(pause)) => pause,
            Err(error @ CallError::Refused(_)) if known => {
                status.telegram(&error);
                backoff.next()
            }
            Err(CallError::Refused(error)) => {
                status.is(&TelegramProblem::WebhookRefused(error.to_string()));
                backoff.next()
            }
            Err(error) => {
                status.telegram(&error);
                backoff.next()
            }
        };
        if !wait(pause, shutdown).await {
            return;
        }
    }
}

/// `known`: whether this process has told Telegram where to send updates.
async fn attend(door: &Door, hook: &Hook, known: &mut bool) -> Result<WebhookInfo, CallError> {
    if !*known {
        set(door, hook).await?;
        *known = true;
    }
    let info = call(SHORT, door.bot.get_webhook_info()).await?;
    if info.url.as_ref() != Some(&hook.url) && my_turn(door).await {
        tracing::warn!("somebody has changed the bot's webhook; it is set again");
        set(door, hook).await?;
        return call(SHORT, door.bot.get_webhook_info()).await;
    }
    Ok(info)
}

async fn set(door: &Door, hook: &Hook) -> Result<(), CallError> {
    let kinds = [AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MyChatMember];
    let request = door
        .bot
        .set_webhook(hook.url.clone())
        .secret_token(hook.secret.expose_secret())
        .max_connections(CONNECTIONS)
        .allowed_updates(kinds);
    call(SHORT, request).await.map(|_| ())
}

/// Whether this process is to do it; when that cannot be known, nobody is harmed by its being done twice.
async fn my_turn(door: &Door) -> bool {
    let leases = &door.services.leases;
    let turn = async {
        let taken = leases.take(TURN, LASTS, false).await?.is_some();
        if taken {
            leases.end(TURN, door.settings.limits.webhook_check / 2, None).await?;
        }
        Ok::<_, crate::services::Error>(taken)
    };
    turn.await.unwrap_or_else(|error| {
        tracing::warn!(%error, "it cannot be known whether another process sets the webhook");
        true
    })
}

/// What stands on the health page: whether what Telegram sends arrives.
fn tell(door: &Door, info: &WebhookInfo, status: &Status) {
    match undelivered(info, door.clock.now()) {
        Some(problem) => status.is(&problem),
        None => status.works(),
    }
}

/// What Telegram could not deliver lately.
pub(super) fn undelivered(info: &WebhookInfo, now: DateTime<Utc>) -> Option<TelegramProblem> {
    info.last_error_date.filter(|date| now - *date < RECENT)?;
    let error = info.last_error_message.as_ref()?;
    let error: String = error.chars().filter(|letter| !letter.is_control()).take(SHOWN).collect();
    Some(TelegramProblem::Undelivered { error, waiting: info.pending_update_count })
}
