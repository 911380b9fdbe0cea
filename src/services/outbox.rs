//! Messages that the bot sends by itself: written in the transaction of what causes them, sent from the table.
//!
//! A message is sent once. Only when the process is cut, or Telegram's answer is lost, between Telegram's acceptance and
//! the note of it here is it sent again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::actor::Role;
use crate::domain::alert_chat::AlertChat;
use crate::domain::ids::{BatchId, TelegramId};
use crate::domain::notice::{BatchCounts, Ended, Notice, OwnerNotice, Post, Priority};
use crate::domain::person::{Lang, Person};
use crate::repositories::outbox::{self, Claim, Claimed};
use crate::repositories::{Tx, people};

use super::core::Core;
use super::digest;
use super::error::Error;
use super::expiry_notices::still;
use super::people::lang_of;

/// Nobody wants to read it later than this.
pub(super) const LATEST: TimeDelta = TimeDelta::hours(6);
/// Longer than Telegram may take for one message.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long what was sent is remembered.
const REMEMBERED: TimeDelta = TimeDelta::hours(48);
/// A message of a later version waits for a process that can read it.
const UNREADABLE: TimeDelta = TimeDelta::seconds(60);

/// A message to send now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: i64,
    /// To whom.
    pub to: TelegramId,
    /// The language to write in.
    pub lang: Lang,
    /// What.
    pub notice: Notice,
    /// The people it names, as far as they wrote to the bot.
    pub people: Vec<Person>,
    /// How often it was tried, this time included.
    pub attempts: u32,
}

/// When a message may go out.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    /// Not before this moment.
    pub not_before: DateTime<Utc>,
    /// Later than this nobody wants to read it.
    pub drop_after: DateTime<Utc>,
}

/// The outbox, for whoever sends and whoever counts. To put something in, see [`notify`] and [`notify_owners`].
#[derive(Debug, Clone)]
pub struct Outbox {
    core: Arc<Core>,
}

/// Puts a notice to one person into the outbox, in the transaction of what causes it. After the commit call
/// [`Core::posted`]'s `notify_one`, so that it leaves at once. `dedupe` (at most 200 characters) names what happened: a
/// second notice of the same name to the same person is left out.
///
/// # Errors
/// `Database`.
pub async fn notify(
    core: &Core,
    tx: &mut Tx,
    to: TelegramId,
    notice: Notice,
    dedupe: Option<&str>,
) -> Result<(), Error> {
    let now = core.clock.now();
    let post = Post {
        to,
        notice,
        priority: Priority::Notice,
        dedupe: dedupe.map(|what| format!("{what}:{to}")),
        batch: None,
        not_before: now,
        drop_after: now + LATEST,
    };
    outbox::insert(tx, &post, now).await?;
    Ok(())
}

/// Puts a notice to one person into the outbox, to go out in that time; else as [`notify`].
///
/// # Errors
/// `Database`.
pub(super) async fn notify_when(
    core: &Core,
    tx: &mut Tx,
    to: TelegramId,
    notice: Notice,
    When { not_before, drop_after }: When,
) -> Result<(), Error> {
    let post =
        Post { to, notice, priority: Priority::Notice, dedupe: None, batch: None, not_before, drop_after };
    outbox::insert(tx, &post, core.clock.now()).await?;
    Ok(())
}

/// Puts a notice to every owner who can be written to, but the one who did it, into the outbox; else as [`notify`].
///
/// # Errors
/// `Database`.
pub async fn notify_owners(
    core: &Core,
    tx: &mut Tx,
    notice: OwnerNotice,
    dedupe: Option<&str>,
) -> Result<(), Error> {
    let did_it = notice.by().and_then(TelegramId::from_label);
    for owner in owners(core, tx).await? {
        if Some(owner.id) != did_it {
            notify(core, tx, owner.id, Notice::Owner(notice.clone()), dedupe).await?;
        }
    }
    Ok(())
}

/// Tells those who look after the service: `ALERT_CHAT` where it is set, else every owner; as [`notify_owners`].
///
/// # Errors
/// `Database`.
pub async fn alert(core: &Core, tx: &mut Tx, notice: OwnerNotice, dedupe: Option<&str>) -> Result<(), Error> {
    match core.rules.alert_chat {
        Some(AlertChat { chat, .. }) => notify(core, tx, chat, Notice::Owner(notice), dedupe).await,
        None => notify_owners(core, tx, notice, dedupe).await,
    }
}

/// Puts one text to many people into the outbox, counted as that batch. Whoever is in the batch already is left out, so a
/// repeated request adds nobody. For parts of a large batch call it again.
///
/// # Errors
/// `Database`.
pub async fn broadcast(
    core: &Core,
    tx: &mut Tx,
    batch: BatchId,
    to: &[TelegramId],
    text: &str,
) -> Result<(), Error> {
    let now = core.clock.now();
    for person in to {
        let post = Post {
            to: *person,
            notice: Notice::Broadcast { text: text.to_owned() },
            priority: Priority::Broadcast,
            dedupe: Some(format!("batch:{batch}:{person}")),
            batch: Some(batch),
            not_before: now,
            drop_after: now + LATEST,
        };
        outbox::insert(tx, &post, now).await?;
    }
    Ok(())
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

/// Owners who have started the bot and not blocked it.
async fn owners(core: &Core, tx: &mut Tx) -> Result<Vec<Person>, Error> {
    let mut owners = people::owners_in(tx).await?;
    for id in &core.rules.admin_ids {
        if !owners.iter().any(|owner| owner.id == *id) {
            owners.extend(people::find_in(tx, *id).await?);
        }
    }
    owners.retain(|owner| owner.blocked_bot_at.is_none());
    Ok(owners)
}

impl Outbox {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Waits until this process puts something in.
    pub async fn posted(&self) {
        self.core.posted.notified().await;
    }

    /// At the start of the one process of a SQLite file: whoever held a message is dead.
    ///
    /// # Errors
    /// `Database`.
    pub async fn take_over(&self) -> Result<(), Error> {
        if self.core.db.is_shared() {
            return Ok(());
        }
        let mut tx = self.core.db.begin().await?;
        outbox::release_all(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// At most `limit` messages to send now, at most one a person and none to somebody who was sent one within `quiet`.
    /// What is more than six hours late is dropped.
    ///
    /// # Errors
    /// `Database`.
    pub async fn claim(&self, limit: usize, quiet: Duration) -> Result<Vec<Delivery>, Error> {
        let core = &self.core;
        let now = core.clock.now();
        if limit == 0 || !outbox::any_due(&core.db, now).await? {
            return Ok(vec![]);
        }
        let mut tx = core.db.begin().await?;
        let late = outbox::drop_late(&mut tx, now).await?;
        let claim = Claim {
            owner: &core.worker,
            now,
            until: now + LEASE,
            quiet_since: now - TimeDelta::from_std(quiet).unwrap_or_default(),
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        };
        let claimed = outbox::claim(&mut tx, claim).await?;
        tx.commit().await?;
        if late > 0 {
            tracing::warn!(late, "messages were too late and are not sent");
        }
        let mut deliveries = vec![];
        for message in claimed {
            deliveries.extend(self.delivery(message).await?);
        }
        Ok(deliveries)
    }

    /// What is needed to send it; none when it cannot be.
    async fn delivery(&self, message: Claimed) -> Result<Option<Delivery>, Error> {
        let core = &self.core;
        let Some(notice) = message.notice else {
            tracing::warn!(
                message = message.id,
                "a message of another version waits for whoever can read it"
            );
            let later = core.clock.now() + UNREADABLE;
            self.put_off(message.id, later, "of another version").await?;
            return Ok(None);
        };
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
        let Some(notice) = still_true(core, message.to, notice).await? else {
            tracing::info!(message = message.id, to = %message.to, "what a message says is not so any more");
            self.end(message.id, Ended::Dropped, Some("it is not so any more")).await?;
            return Ok(None);
        };
        let mut named = vec![];
        for id in notice.people() {
            named.extend(people::find(&core.db, id).await?);
        }
        let lang = lang_of(&core.rules, &person);
        let Claimed { id, to, attempts, .. } = message;
        Ok(Some(Delivery { id, to, lang, notice, people: named, attempts }))
    }

    /// Notes what became of a message.
    ///
    /// # Errors
    /// `Database`.
    pub async fn end(&self, id: i64, ended: Ended, error: Option<&str>) -> Result<(), Error> {
        let core = &self.core;
        let mut tx = core.db.begin().await?;
        outbox::end(&mut tx, id, &core.worker, (ended, error), core.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Tries a message again after a pause.
    ///
    /// # Errors
    /// `Database`.
    pub async fn again_after(&self, id: i64, pause: Duration, error: &str) -> Result<(), Error> {
        let pause = TimeDelta::from_std(pause).unwrap_or(LATEST).min(LATEST);
        self.put_off(id, self.core.clock.now() + pause, error).await
    }

    async fn put_off(&self, id: i64, until: DateTime<Utc>, error: &str) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        outbox::put_off(&mut tx, id, &self.core.worker, until, error).await?;
        Ok(tx.commit().await?)
    }

    /// Ends all that waits for somebody who has blocked the bot or never started it.
    ///
    /// # Errors
    /// `Database`.
    pub async fn unreachable(&self, person: TelegramId) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        outbox::end_all_of(&mut tx, person, self.core.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// How far a batch is.
    ///
    /// # Errors
    /// `Database`.
    pub async fn counts(&self, batch: BatchId) -> Result<BatchCounts, Error> {
        Ok(outbox::counts(&self.core.db, batch).await?)
    }

    /// Forgets what ended more than 48 hours ago.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tidy(&self) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        outbox::forget(&mut tx, self.core.clock.now() - REMEMBERED).await?;
        Ok(tx.commit().await?)
    }
}
