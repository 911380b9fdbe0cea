//! What the bot says by itself: taken from the outbox and sent, each at its time, nobody more often than Telegram allows.
//!
//! Answers to people go past this: they are never held back.

use std::sync::Arc;
use std::time::Duration;

use teloxide::ApiError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::domain::ids::TelegramId;
use crate::domain::notice::Ended;
use crate::services::Error;
use crate::services::outbox::{Delivery, Place};

use super::backoff::{Backoff, wait};
use super::door::Door;
use super::refusal::unreachable_person;
use super::render::Chat;
use super::screen::Screen;
use super::screens::contacts::Contacts;
use super::screens::notices::{self, With};
use super::telegram::CallError;

/// So many may be under way at once.
const AT_ONCE: usize = 64;
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Sends until the process ends; what is being sent then is finished.
pub async fn run(door: Arc<Door>, shutdown: CancellationToken) {
    let limits = &door.settings.limits;
    let mut backoff = Backoff::default();
    while let Err(error) = door.services.outbox.take_over().await {
        tracing::error!(%error, "the outbox cannot be read");
        if !wait(backoff.next(), &shutdown).await {
            return;
        }
    }
    let mut sending = JoinSet::new();
    while !shutdown.is_cancelled() {
        let free = AT_ONCE.saturating_sub(sending.len());
        let pause = match door.services.outbox.claim(free, limits.outbox_quiet).await {
            Ok(due) => {
                backoff.reset();
                for delivery in due.deliveries {
                    let span = tracing::error_span!("message", id = delivery.id);
                    sending.spawn(deliver(Arc::clone(&door), delivery).instrument(span));
                }
                // Telegram may have asked for more than a round: then it is only looked at again.
                due.pause.unwrap_or(limits.outbox_round).min(limits.outbox_round)
            }
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read");
                backoff.next()
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = door.services.outbox.posted() => {}
            () = tokio::time::sleep(pause) => {}
            Some(_) = sending.join_next(), if !sending.is_empty() => {}
        }
    }
    while sending.join_next().await.is_some() {}
}

/// One message, and what became of it. When that cannot be written it goes out once more, after its lease.
async fn deliver(door: Arc<Door>, delivery: Delivery) {
    let outbox = &door.services.outbox;
    let (id, to) = (delivery.id, delivery.to);
    let (chat, screen) = addressed(&door, &delivery);
    let sent = chat.try_once(&screen).await;
    door.services.metrics.message(sent.as_ref().map_or_else(CallError::word, |_| "sent"));
    let written = match &sent {
        Ok(_) => outbox.end(id, Ended::Sent, None).await,
        Err(CallError::Later(pause)) => outbox.hold(id, to, *pause).await,
        // Not this message's fault: the token is to be changed.
        Err(error @ (CallError::NoAnswer(_) | CallError::Refused(ApiError::InvalidToken))) => {
            outbox.again_after(id, pause(delivery.attempts), &error.to_string()).await
        }
        Err(error) if delivery.place != Place::Person => {
            not_there(&door, to, error);
            outbox.tell_owners_instead(&delivery, &error.to_string()).await
        }
        Err(CallError::Refused(error)) if unreachable_person(error) => gone(&door, to).await,
        Err(error) => {
            tracing::error!(message = id, %error, "Telegram does not take a message");
            outbox.end(id, Ended::Refused, Some(&error.to_string())).await
        }
    };
    if let Err(error) = written {
        tracing::error!(message = id, %error, "what became of a message could not be written");
    }
}

/// Where it goes, and how it looks there.
fn addressed(door: &Arc<Door>, delivery: &Delivery) -> (Chat, Screen) {
    let eyes = door.eyes(delivery.lang);
    // Outside private chats the bot is silent, so its buttons do nothing there.
    let taps = delivery.to.0 > 0;
    let with = With { contacts: Contacts::of(&door.settings), entropy: door.entropy.as_ref(), taps };
    let screen = notices::screen(&delivery.notice, &delivery.people, with, &eyes);
    let chat = Chat::new(Arc::clone(door), delivery.to);
    match delivery.place {
        Place::Person => (chat, screen),
        Place::Alerts { topic } => {
            let screen = if taps { screen } else { notices::in_group(screen, door.link(), &eyes) };
            (chat.topic(topic), screen)
        }
    }
}

/// Says what to do about the chat of alerts.
fn not_there(door: &Door, chat: TelegramId, error: &CallError) {
    match error {
        CallError::Moved(to) => tracing::error!(
            "the group of ALERT_CHAT has become a supergroup: set ALERT_CHAT={to}; owners are told instead"
        ),
        error => tracing::error!(
            %chat, %error,
            "the chat of ALERT_CHAT takes no message: add @{} to it, or set another one; owners are told instead",
            door.me.username.as_deref().unwrap_or_default()
        ),
    }
}

async fn gone(door: &Door, person: TelegramId) -> Result<(), Error> {
    door.services.people.blocked_bot(person).await?;
    door.services.outbox.unreachable(person).await
}

/// Before the next try: 1 s, 2 s, 4 s, … a minute.
fn pause(attempts: u32) -> Duration {
    Duration::from_secs(1 << attempts.saturating_sub(1).min(6)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute() {
        let pauses = [0, 1, 2, 3, 7, 99].map(|attempts| pause(attempts).as_secs());
        assert_eq!(pauses, [1, 1, 2, 4, 60, 60]);
    }
}
