//! `getUpdates`: the queue of updates, and the long poll on it.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::params::Params;
use super::refusal::Refusal;
use super::shared::Shared;

/// Telegram keeps what nobody fetched for a day.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// The longest poll, seconds.
const MAX_TIMEOUT: i64 = 50;
/// How many old updates can be sent again.
const HISTORY: usize = 10_000;
/// What a bot gets only when it asks for it by name.
const BY_NAME_ONLY: &[&str] = &["chat_member", "message_reaction", "message_reaction_count"];

#[derive(Debug)]
struct Queued {
    id: i64,
    update: Value,
    since: DateTime<Utc>,
    /// Sent again after it was confirmed: offered whatever the offset says, until it was given out.
    again: bool,
    given: bool,
}

/// The updates that wait for the bot.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: VecDeque<Queued>,
    /// Everything that ever was an update, to send it again.
    history: BTreeMap<i64, Value>,
    next: i64,
    /// The number of the newest `getUpdates`: an older one still open is terminated.
    poller: u64,
    /// Polls up to this one are to be answered now.
    over: u64,
    /// How many `getUpdates` hold at this moment.
    open: usize,
    /// The kinds last asked for; none: all but those by name only.
    allowed: Option<Vec<String>>,
}

impl Queue {
    /// Its numbers begin anywhere, as Telegram's do, but not among those of the last time this simulator ran, which a
    /// bot remembers: hundredths of a second, within the 32 bits that libraries give them.
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self {
            waiting: VecDeque::new(),
            history: BTreeMap::new(),
            next: 1 + (now.timestamp_millis() / 10).rem_euclid(2_000_000_000),
            poller: 0,
            over: 0,
            open: 0,
            allowed: None,
        }
    }

    /// Queues an update of one kind (`{"message": …}`), numbered unless it has an `update_id`; gives its id.
    pub(super) fn push(&mut self, mut update: Value, now: DateTime<Utc>) -> i64 {
        let id = update.get("update_id").and_then(Value::as_i64).unwrap_or(self.next);
        self.next = self.next.max(id + 1);
        if let Some(fields) = update.as_object_mut() {
            // The id comes first, as Telegram writes it.
            fields.shift_insert(0, "update_id".to_owned(), json!(id));
        }
        self.history.insert(id, update.clone());
        if self.history.len() > HISTORY {
            self.history.pop_first();
        }
        if self.wants(&update) {
            self.waiting.push_back(Queued { id, update, since: now, again: false, given: false });
        }
        id
    }

    /// Queues an update once more, under the same id; false when there never was one.
    pub(super) fn again(&mut self, id: i64, now: DateTime<Utc>) -> bool {
        let Some(update) = self.history.get(&id).cloned() else { return false };
        self.waiting.push_back(Queued { id, update, since: now, again: true, given: false });
        true
    }

    fn wants(&self, update: &Value) -> bool {
        let kind = update.as_object().and_then(|fields| fields.keys().find(|name| *name != "update_id"));
        match (&self.allowed, kind) {
            (Some(allowed), Some(kind)) => allowed.contains(kind),
            (None, Some(kind)) => !BY_NAME_ONLY.contains(&kind.as_str()),
            (_, None) => true,
        }
    }

    /// The update that is to be delivered next, with its number.
    pub(super) fn first(&self) -> Option<(i64, Value)> {
        let mut fresh = self.waiting.iter().filter(|queued| !(queued.again && queued.given));
        fresh.next().map(|queued| (queued.id, queued.update.clone()))
    }

    /// An update has been delivered.
    pub(super) fn delivered(&mut self, id: i64) {
        let at = self.waiting.iter().position(|queued| queued.id == id && !(queued.again && queued.given));
        at.map(|at| self.waiting.remove(at));
    }

    /// How many updates wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a bot is polling at this moment.
    pub(super) fn polled(&self) -> bool {
        self.open > 0
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// As if the time of the poll that is open were over.
    pub(super) fn end_poll(&mut self) {
        self.over = self.poller;
    }

    pub(super) fn allow(&mut self, kinds: Option<&Value>) -> Result<(), Refusal> {
        let Some(kinds) = kinds else { return Ok(()) };
        let wrong = || Refusal::bad("can't parse allowed_updates: expected an Array of strings");
        let kinds: Vec<String> = serde_json::from_value(kinds.clone()).map_err(|_| wrong())?;
        self.allowed = (!kinds.is_empty()).then_some(kinds);
        Ok(())
    }

    /// The kinds of update asked for.
    pub(super) fn allowed(&self) -> Option<&Vec<String>> {
        self.allowed.as_ref()
    }

    fn confirm(&mut self, offset: i64, now: DateTime<Utc>) {
        self.waiting.retain(|queued| now - queued.since < KEPT);
        if offset > 0 {
            self.waiting.retain(|queued| if queued.again { !queued.given } else { queued.id >= offset });
        } else if offset < 0 {
            let kept = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let forgotten = self.waiting.len().saturating_sub(kept);
            self.waiting.drain(..forgotten);
        }
    }

    fn batch(&mut self, limit: usize) -> Vec<Value> {
        let fresh = self.waiting.iter_mut().filter(|queued| !(queued.again && queued.given));
        let give = |queued: &mut Queued| {
            queued.given = true;
            queued.update.clone()
        };
        fresh.take(limit).map(give).collect()
    }
}

fn conflict(reason: &str) -> Refusal {
    Refusal::new(409, format!("Conflict: {reason}"))
}

/// Counts a poll as open for as long as it holds, also when its connection is lost.
struct Open<'a>(&'a Shared);

impl<'a> Open<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.change(|state| state.queue.open += 1);
        Self(shared)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.change(|state| state.queue.open -= 1);
    }
}

/// Holds until an update arrives or `timeout` seconds pass. A newer call ends an older one with 409.
pub(super) async fn get_updates(shared: &Shared, params: &Params) -> Result<Value, Refusal> {
    let limit = usize::try_from(params.int("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let timeout = params.int("timeout").unwrap_or(0).clamp(0, MAX_TIMEOUT).unsigned_abs();
    let mine = begin(shared, params)?;
    let _open = Open::new(shared);
    let deadline = Instant::now() + Duration::from_secs(timeout);
    let mut changes = shared.changes();
    loop {
        {
            let mut state = shared.lock();
            if state.queue.poller != mine {
                return Err(conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running",
                )
                .circumstance());
            }
            if state.webhook.is_some() {
                return Err(conflict("terminated by setWebhook request").circumstance());
            }
            let batch = state.queue.batch(limit);
            if !batch.is_empty() || timeout == 0 || state.queue.over >= mine {
                return Ok(Value::Array(batch));
            }
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = sleep_until(deadline) => return Ok(json!([])),
        }
    }
}

/// Confirms, and becomes the newest poller.
fn begin(shared: &Shared, params: &Params) -> Result<u64, Refusal> {
    let mut state = shared.lock();
    if state.webhook.is_some() {
        return Err(conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        ));
    }
    state.queue.allow(params.json("allowed_updates"))?;
    let now = state.now;
    state.queue.confirm(params.int("offset").unwrap_or(0), now);
    state.queue.poller += 1;
    Ok(state.queue.poller)
}
