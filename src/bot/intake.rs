//! The stored intake: what Telegram sends is kept as it is, and only then confirmed by the next offset.
//!
//! teloxide's own polling confirms an update before it is handled, so the request is made here: its answer is taken
//! as raw JSON, because an update of a kind that teloxide cannot read must be kept and confirmed like any other.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use teloxide::ApiError;
use teloxide::prelude::Requester as _;
use teloxide::requests::{JsonRequest, Payload};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::token::masked;
use crate::services::Error;
use crate::services::updates::IncomingUpdate;

use super::backoff::{Backoff, wait};
use super::door::Door;
use super::flood::Flood;
use super::http::LONG_POLL_SECONDS;
use super::problem::TelegramProblem;
use super::status::Status;
use super::telegram::{CallError, SHORT, call};

/// What the bot wants to hear of. Telegram remembers the list of the last call that had one.
const ALLOWED: [&str; 3] = ["message", "callback_query", "my_chat_member"];

/// `getUpdates`, answered as it arrives.
#[derive(Debug, Clone, Serialize)]
struct GetRawUpdates {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    limit: u8,
    timeout: u32,
    allowed_updates: [&'static str; 3],
}

impl Payload for GetRawUpdates {
    type Output = Vec<Value>;
    const NAME: &'static str = "GetUpdates";

    fn timeout_hint(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.timeout.into()))
    }
}

/// Why a round of the intake had no success.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Telegram(#[from] CallError),
    #[error("the updates cannot be kept: {0}")]
    Database(#[from] Error),
}

/// Of several processes one polls: whoever has this lease.
const LEASE: &str = "polling";
/// How long it belongs to a process that has stopped.
const LASTS: Duration = Duration::from_secs(20);
/// How often a process that polls says so.
const RENEW: Duration = Duration::from_secs(5);
/// How often the others look whether it is free.
const LOOK: Duration = Duration::from_secs(1);
/// How often they ask whether Telegram answers: they send, too.
const ASK: Duration = Duration::from_secs(60);
/// The same while it does not.
const ASK_ILL: Duration = Duration::from_secs(10);

/// Polls Telegram until the process ends, whenever no other process does.
pub async fn run(door: Arc<Door>, wake: Arc<Notify>, status: Status, shutdown: CancellationToken) {
    let leases = &door.services.leases;
    let mut backoff = Backoff::default();
    let mut flood = Flood::new();
    let mut ask_at = Instant::now();
    while !shutdown.is_cancelled() {
        let pause = match leases.hold(LEASE, LASTS).await {
            Ok(true) => {
                backoff.reset();
                tokio::select! {
                    () = poll(&door, &wake, &mut flood, &status, &shutdown) => break,
                    () = leases.keep(LEASE, LASTS, RENEW) => {}
                }
                tracing::warn!(
                    "this process stops polling: another one has begun, or the database is silent"
                );
                ask_at = Instant::now();
                LOOK
            }
            Ok(false) => {
                backoff.reset();
                tokio::select! {
                    () = shutdown.cancelled() => {}
                    () = stand_by(&door, &status, &mut ask_at) => {}
                }
                LOOK
            }
            Err(error) => {
                tracing::error!(%error, "it cannot be known whether another process polls");
                backoff.next()
            }
        };
        if !wait(pause, &shutdown).await {
            return;
        }
    }
    if let Err(error) = leases.end(LEASE, Duration::ZERO, None).await {
        tracing::warn!(%error, "polling could not be left to others; they wait for the lease's end");
    }
}

/// Another process polls. Whether Telegram answers this one is seen by asking, now and then.
async fn stand_by(door: &Door, status: &Status, ask_at: &mut Instant) {
    if Instant::now() < *ask_at {
        return;
    }
    let answer = call(SHORT, door.bot.get_me()).await;
    *ask_at = Instant::now() + if answer.is_ok() { ASK } else { ASK_ILL };
    match answer {
        Ok(_) => status.stands_by(),
        Err(error) => status.telegram(&error),
    }
}

/// Polls until the process ends; wakes the feed after each batch.
async fn poll(
    door: &Arc<Door>,
    wake: &Notify,
    flood: &mut Flood,
    status: &Status,
    shutdown: &CancellationToken,
) {
    let mut offset = None;
    let mut backoff = Backoff::default();
    loop {
        let round = tokio::select! {
            () = shutdown.cancelled() => return,
            round = round(door, offset, flood) => round,
        };
        match round {
            Ok(next) => {
                offset = next;
                backoff.reset();
                status.works();
                wake.notify_one();
            }
            Err(trouble) => {
                let pause = pause(&trouble, &mut backoff);
                report(door, &trouble, status).await;
                if !wait(pause, shutdown).await {
                    return;
                }
            }
        }
    }
}

/// One long poll, kept before its offset is given back. After an empty answer there is none: ids may start anew.
async fn round(door: &Arc<Door>, offset: Option<i64>, flood: &mut Flood) -> Result<Option<i64>, Trouble> {
    let payload = GetRawUpdates { offset, limit: 100, timeout: LONG_POLL_SECONDS, allowed_updates: ALLOWED };
    let limit = Duration::from_secs(u64::from(LONG_POLL_SECONDS) + 10);
    let updates = call(limit, JsonRequest::new(door.bot.clone(), payload)).await?;
    keep(door, flood, &updates).await?;
    let numbers = updates.iter().filter_map(|update| update.get("update_id")?.as_i64());
    Ok(numbers.max().and_then(|last| last.checked_add(1)))
}

/// Keeps updates as they came, in one commit; what is too much of one person is left out. After this they may be confirmed.
pub async fn keep<'a>(
    door: &Arc<Door>,
    flood: &mut Flood,
    updates: impl IntoIterator<Item = &'a Value>,
) -> Result<(), Error> {
    let taken = updates.into_iter().filter(|update| flood.takes(door, update));
    let batch: Vec<IncomingUpdate> = taken.filter_map(incoming).collect();
    if !batch.is_empty() {
        door.services.updates.store(door.bot_id(), &batch).await?;
    }
    Ok(())
}

/// What is to be kept of an update; none of what nobody will answer. Whatever is said in a group is not ours to keep, and
/// no bucket holds it.
pub(super) fn incoming(update: &Value) -> Option<IncomingUpdate> {
    if is_elsewhere(update) {
        return None;
    }
    let Some(update_id) = update.get("update_id").and_then(Value::as_i64) else {
        tracing::warn!("Telegram sent an update without a number");
        return None;
    };
    // A tap brings the message it was made on, and a reply the one it answers: what was shown once is not kept.
    Some(IncomingUpdate { update_id, sender: sender(update), payload: masked(update.to_string()) })
}

/// Whether it comes from a chat that is not private.
fn is_elsewhere(update: &Value) -> bool {
    let mut fields = update.as_object().into_iter().flat_map(|fields| fields.values());
    fields.any(|field| {
        let chat = field.get("chat").or_else(|| field.get("message")?.get("chat"));
        chat.and_then(|chat| chat.get("type")?.as_str()).is_some_and(|kind| kind != "private")
    })
}

/// `from.id` of whatever the update holds; 0 when it comes from nobody.
fn sender(update: &Value) -> i64 {
    update
        .as_object()
        .into_iter()
        .flat_map(|fields| fields.values())
        .find_map(|field| field.get("from")?.get("id")?.as_i64())
        .unwrap_or_default()
}

fn pause(trouble: &Trouble, backoff: &mut Backoff) -> Duration {
    match trouble {
        Trouble::Telegram(CallError::Later(pause)) => *pause,
        _ => backoff.next(),
    }
}

async fn report(door: &Door, trouble: &Trouble, status: &Status) {
    match trouble {
        Trouble::Telegram(CallError::Refused(ApiError::TerminatedByOtherGetUpdates)) => {
            status.is(&TelegramProblem::AnotherPoller)
        }
        Trouble::Telegram(CallError::Refused(ApiError::Unknown(text)))
            if text.contains("webhook is active") =>
        {
            status.is(&TelegramProblem::WebhookSet);
            if let Err(error) = call(SHORT, door.bot.delete_webhook()).await {
                tracing::warn!(%error, "the webhook could not be taken off");
            }
        }
        Trouble::Telegram(error) => status.telegram(error),
        Trouble::Database(error) => {
            tracing::error!(%error, "updates cannot be kept; Telegram keeps them meanwhile")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_sender_is_found_wherever_it_stands() {
        assert_eq!(sender(&json!({"update_id": 1, "message": {"from": {"id": 5}, "chat": {"id": 6}}})), 5);
        assert_eq!(sender(&json!({"update_id": 1, "callback_query": {"from": {"id": 7}}})), 7);
        assert_eq!(sender(&json!({"update_id": 1, "poll": {"id": "x"}})), 0);
        assert_eq!(sender(&json!([])), 0);
    }

    #[test]
    fn an_update_is_kept_as_it_came() {
        let update =
            json!({"update_id": 9, "z": 1, "message": {"text": "<b>\u{0}😀", "from": {"id": 5}}, "a": [1.5]});
        let kept = incoming(&update).unwrap();
        assert_eq!((kept.update_id, kept.sender), (9, 5));
        assert_eq!(serde_json::from_str::<Value>(&kept.payload).unwrap(), update);
        assert_eq!(incoming(&json!({"no": "number"})), None);
    }

    #[test]
    fn nothing_of_a_group_is_kept() {
        let from = |kind: &str| {
            let message = json!({"text": "x", "from": {"id": 5}, "chat": {"id": -6, "type": kind}});
            let tap = json!({"id": "1", "from": {"id": 5}, "message": message});
            let member = json!({"from": {"id": 5}, "chat": {"id": -6, "type": kind}});
            [("message", message), ("callback_query", tap), ("my_chat_member", member)]
                .map(|(field, value)| incoming(&json!({"update_id": 1, field: value})).is_some())
        };
        assert_eq!(from("private"), [true; 3]);
        for kind in ["group", "supergroup", "channel"] {
            assert_eq!(from(kind), [false; 3], "{kind}");
        }
    }
}
