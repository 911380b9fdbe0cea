//! What the bot says by itself: taken from the outbox and sent, each at its time, nobody more often than Telegram allows.
//!
//! Answers to people go past this: they are never held back.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use teloxide::ApiError;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::domain::ids::TelegramId;
use crate::domain::notice::Ended;
use crate::services::Error;
use crate::services::outbox::Delivery;

use super::backoff::{Backoff, wait};
use super::door::Door;
use super::refusal::unreachable_person;
use super::render::Chat;
use super::screens::contacts::Contacts;
use super::screens::notices::{self, With};
use super::telegram::CallError;

/// Within this time at most `outbox_rate` messages are sent.
const WINDOW: Duration = Duration::from_secs(1);
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
    let mut pace = Pace::new(limits.outbox_rate);
    let held = Arc::new(Held::default());
    while !shutdown.is_cancelled() {
        let free = if held.all(Instant::now()) {
            0
        } else {
            pace.free(Instant::now()).min(AT_ONCE.saturating_sub(sending.len()))
        };
        let pause = match door.services.outbox.claim(free, limits.outbox_quiet).await {
            Ok(due) => {
                backoff.reset();
                for delivery in due {
                    pace.spend(Instant::now());
                    let span = tracing::error_span!("message", id = delivery.id);
                    sending.spawn(deliver(Arc::clone(&door), delivery, Arc::clone(&held)).instrument(span));
                }
                if pace.free(Instant::now()) == 0 { pace.next(Instant::now()) } else { limits.outbox_round }
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
async fn deliver(door: Arc<Door>, delivery: Delivery, held: Arc<Held>) {
    let outbox = &door.services.outbox;
    let (id, to) = (delivery.id, delivery.to);
    let with = With { contacts: Contacts::of(&door.settings), entropy: door.entropy.as_ref() };
    let screen = notices::screen(&delivery.notice, &delivery.people, with, &door.eyes(delivery.lang));
    let sent = Chat::new(Arc::clone(&door), to).try_once(&screen).await;
    door.services.metrics.message(sent.as_ref().map_or_else(CallError::word, |_| "sent"));
    let written = match &sent {
        Ok(_) => outbox.end(id, Ended::Sent, None).await,
        Err(CallError::Later(pause)) => {
            held.hold(to, *pause, Instant::now());
            outbox.again_after(id, *pause, "Telegram asks to wait").await
        }
        Err(CallError::Refused(error)) if unreachable_person(error) => gone(&door, to).await,
        // Not this message's fault: the token is to be changed.
        Err(error @ (CallError::NoAnswer(_) | CallError::Refused(ApiError::InvalidToken))) => {
            outbox.again_after(id, pause(delivery.attempts), &error.to_string()).await
        }
        Err(CallError::Refused(error)) => {
            tracing::error!(message = id, %error, "Telegram does not take a message");
            outbox.end(id, Ended::Refused, Some(&error.to_string())).await
        }
    };
    if let Err(error) = written {
        tracing::error!(message = id, %error, "what became of a message could not be written");
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

/// When the last messages were sent.
#[derive(Debug)]
struct Pace {
    rate: usize,
    sent: VecDeque<Instant>,
}

impl Pace {
    fn new(rate: usize) -> Self {
        Self { rate, sent: VecDeque::with_capacity(rate) }
    }

    /// How many may be sent at once.
    fn free(&mut self, now: Instant) -> usize {
        while self.sent.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
            self.sent.pop_front();
        }
        self.rate.saturating_sub(self.sent.len())
    }

    fn spend(&mut self, now: Instant) {
        self.sent.push_back(now);
    }

    /// How long until one more may be sent.
    fn next(&self, now: Instant) -> Duration {
        self.sent.front().map_or(Duration::ZERO, |first| WINDOW.saturating_sub(now.duration_since(*first)))
    }
}

/// Telegram asked to wait. It does not say whether it means one person or everybody: once it has said so of a second one,
/// nobody is sent anything until that is over. (The first one's message waits in the table.)
#[derive(Debug, Default)]
struct Held(Mutex<HashMap<TelegramId, Instant>>);

impl Held {
    fn hold(&self, person: TelegramId, pause: Duration, now: Instant) {
        tracing::warn!(%person, ?pause, "Telegram asks to wait with messages");
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(person, now + pause);
    }

    /// Whether nothing may be sent at all.
    fn all(&self, now: Instant) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, until| *until > now);
        held.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_rate_in_any_second() {
        let (mut pace, mut now) = (Pace::new(30), Instant::now());
        let mut sent = vec![];
        for _ in 0..200 {
            while pace.free(now) == 0 {
                now += pace.next(now).max(Duration::from_millis(1));
            }
            pace.spend(now);
            sent.push(now);
            now += Duration::from_millis(7);
        }
        for (at, moment) in sent.iter().enumerate().skip(30) {
            assert!(moment.duration_since(sent[at - 30]) >= WINDOW);
        }
        assert!(sent[199].duration_since(sent[0]) < Duration::from_secs(7), "and not much less");
    }

    #[test]
    fn one_who_must_wait_holds_up_nobody_two_hold_up_all() {
        let (held, now) = (Held::default(), Instant::now());
        let seconds = Duration::from_secs;
        held.hold(TelegramId(1), seconds(60), now);
        assert!(!held.all(now));
        held.hold(TelegramId(1), seconds(70), now);
        assert!(!held.all(now));
        held.hold(TelegramId(2), seconds(5), now);
        assert!(held.all(now + seconds(4)));
        assert!(!held.all(now + seconds(5)));
    }

    #[test]
    fn pauses_grow_to_a_minute() {
        let pauses = [0, 1, 2, 3, 7, 99].map(|attempts| pause(attempts).as_secs());
        assert_eq!(pauses, [1, 1, 2, 4, 60, 60]);
    }
}
