//! What is due in the outbox: taken at its pace, with all that is needed to send it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::actor::Role;
use crate::domain::alert_chat::AlertChat;
use crate::domain::ids::TelegramId;
use crate::domain::notice::{Ended, Notice, OwnerNotice};
use crate::domain::person::{Lang, Person};
use crate::repositories::outbox::{self, Claim, Claimed};
use crate::repositories::{Tx, outbox_pace, people};

use super::super::core::Core;
use super::super::digest;
use super::super::error::Error;
use super::super::expiry_notices::still;
use super::super::pause;
use super::super::people::lang_of;
use super::Outbox;

/// Longer than Telegram may take for one message.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// A message of a later version waits for a process that can read it.
const UNREADABLE: TimeDelta = TimeDelta::seconds(60);

/// Within this time at most `OUTBOX_RATE` messages are taken to be sent.
const WINDOW: TimeDelta = TimeDelta::seconds(1);

/// What to send now.
#[derive(Debug, Default)]
pub struct Due {
    /// The messages.
    pub deliveries: Vec<Delivery>,
    /// How long nobody may send another one, if that is so.
    pub pause: Option<Duration>,
}

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A person's private chat with the bot.
    Person,
    /// The chat that alerts go to, perhaps one topic of it. It may be somebody's private one.
    Alerts {
        /// The topic.
        topic: Option<i32>,
    },
}

/// A message to send now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: i64,
    /// To whom: in a private chat the person's number is the chat's.
    pub to: TelegramId,
    /// Where that is.
    pub place: Place,
    /// The language to write in.
    pub lang: Lang,
    /// What.
    pub notice: Notice,
    /// The people it names, as far as they wrote to the bot.
    pub people: Vec<Person>,
    /// How often it was tried, this time included.
    pub attempts: u32,
}

/// Whether it may still be told: a role may have been taken away while the message waited.
fn concerns(core: &Core, person: &Person, notice: &Notice) -> bool {
    let least = match notice {
        Notice::Owner(_) => Role::Owner,
        Notice::InviteAccepted { .. } => Role::Operator,
        _ => return true,
    };
    core.rules.admin_ids.contains(&person.id) || person.role >= Some(least)
}

/// The notice as it is true at this moment: what changed while it waited is left out. None when nothing is left.
async fn still_true(core: &Core, to: TelegramId, notice: Notice) -> Result<Option<Notice>, Error> {
    Ok(match notice {
        Notice::Expiring { clients } => {
            let clients = still(core, to, clients, false).await?;
            (!clients.is_empty()).then_some(Notice::Expiring { clients })
        }
        Notice::Expired { clients } => {
            let clients = still(core, to, clients, true).await?;
            (!clients.is_empty()).then_some(Notice::Expired { clients })
        }
        Notice::Owner(OwnerNotice::Digest { day, .. }) => digest::fresh(core, day).await?.map(Notice::Owner),
        other => Some(other),
    })
}

/// Where else than to a person it goes: a group's number is negative, and `ALERT_CHAT` may be anybody's.
fn alerts_place(core: &Core, to: TelegramId, notice: &Notice) -> Option<Place> {
    match core.rules.alert_chat {
        Some(AlertChat { chat, topic }) if chat == to && (to.0 < 0 || matches!(notice, Notice::Owner(_))) => {
            Some(Place::Alerts { topic })
        }
        _ if to.0 < 0 => Some(Place::Alerts { topic: None }),
        _ => None,
    }
}

/// How many messages may be taken now, and when more may be.
#[derive(Debug, Clone, Copy)]
struct Pace {
    free: usize,
    free_at: DateTime<Utc>,
}

async fn pace(core: &Core, tx: &mut Tx, now: DateTime<Utc>) -> Result<Pace, Error> {
    if let Some(until) = outbox_pace::held_for_all(tx, now).await? {
        return Ok(Pace { free: 0, free_at: until });
    }
    let rate = core.rules.outbox_rate;
    let taken = outbox_pace::taken(tx, now - WINDOW, i64::try_from(rate).unwrap_or(i64::MAX)).await?;
    let oldest = taken.last().copied().unwrap_or(now);
    Ok(Pace { free: rate.saturating_sub(taken.len()), free_at: oldest + WINDOW })
}

impl Outbox {
    /// At most `limit` messages to send now, at most one a person and none to somebody who was sent one within `quiet`; no
    /// more than `OUTBOX_RATE` within a second, over all processes. What is more than six hours late is dropped. Nothing while
    /// everything waits after a restore.
    ///
    /// # Errors
    /// `Database`.
    pub async fn claim(&self, limit: usize, quiet: Duration) -> Result<Due, Error> {
        let core = &self.core;
        if limit == 0 || !outbox::any_due(&core.db, core.clock.now()).await? {
            return Ok(Due::default());
        }
        if pause::is_restored(&core.db).await? {
            return Ok(Due::default());
        }
        let mut tx = core.db.begin().await?;
        outbox_pace::alone(&mut tx).await?;
        // Others may have been waited for.
        let now = core.clock.now();
        let late = outbox::drop_late(&mut tx, now).await?;
        let pace = pace(core, &mut tx, now).await?;
        let claim = Claim {
            owner: &core.worker,
            now,
            until: now + LEASE,
            quiet_since: now - TimeDelta::from_std(quiet).unwrap_or_default(),
            limit: i64::try_from(limit.min(pace.free)).unwrap_or(i64::MAX),
        };
        let claimed = outbox::claim(&mut tx, claim).await?;
        tx.commit().await?;
        if late > 0 {
            tracing::warn!(late, "messages were too late and are not sent");
        }
        let pause = (claimed.len() >= pace.free).then(|| (pace.free_at - now).to_std().unwrap_or_default());
        let mut deliveries = vec![];
        for message in claimed {
            deliveries.extend(self.delivery(message).await?);
        }
        Ok(Due { deliveries, pause })
    }

    /// What is needed to send it; none when it cannot be.
    async fn delivery(&self, message: Claimed) -> Result<Option<Delivery>, Error> {
        let core = &self.core;
        let Some(notice) = message.notice.clone() else {
            tracing::warn!(
                message = message.id,
                "a message of another version waits for whoever can read it"
            );
            let later = core.clock.now() + UNREADABLE;
            self.put_off(message.id, later, "of another version").await?;
            return Ok(None);
        };
        let Some(notice) = still_true(core, message.to, notice).await? else {
            tracing::info!(message = message.id, to = %message.to, "what a message says is not so any more");
            self.end(message.id, Ended::Dropped, Some("it is not so any more")).await?;
            return Ok(None);
        };
        if let Some(place) = alerts_place(core, message.to, &notice) {
            return Ok(Some(self.to_be_sent(message, notice, place, core.rules.default_lang).await?));
        }
        let person = people::find(&core.db, message.to).await?;
        let Some(person) = person.filter(|person| person.blocked_bot_at.is_none()) else {
            self.unreachable(message.to).await?;
            return Ok(None);
        };
        if !concerns(core, &person, &notice) {
            tracing::info!(message = message.id, to = %message.to, "a message is not for this person any more");
            self.end(message.id, Ended::Dropped, Some("their role has changed")).await?;
            return Ok(None);
        }
        let lang = lang_of(&core.rules, &person);
        Ok(Some(self.to_be_sent(message, notice, Place::Person, lang).await?))
    }

    async fn to_be_sent(
        &self,
        message: Claimed,
        notice: Notice,
        place: Place,
        lang: Lang,
    ) -> Result<Delivery, Error> {
        let mut people = vec![];
        for id in notice.people() {
            people.extend(people::find(&self.core.db, id).await?);
        }
        let Claimed { id, to, attempts, .. } = message;
        Ok(Delivery { id, to, place, lang, notice, people, attempts })
    }
}
