//! Messages that the bot sends by itself: written in the transaction of what causes them, sent from the table.
//!
//! A message is sent once. Only when the process is cut, or Telegram's answer is lost, between Telegram's acceptance and
//! the note of it here is it sent again.

mod due;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::alert_chat::AlertChat;
use crate::domain::ids::{BatchId, TelegramId};
use crate::domain::notice::{BatchCounts, Ended, Notice, OwnerNotice, Post, Priority};
use crate::domain::person::Person;
use crate::repositories::{Tx, outbox, outbox_pace, people};

use super::core::Core;
use super::error::Error;

pub use due::{Delivery, Due, Place};

/// Nobody wants to read it later than this.
pub(super) const LATEST: TimeDelta = TimeDelta::hours(6);
/// How long what was sent is remembered.
const REMEMBERED: TimeDelta = TimeDelta::hours(48);

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
    notify_owners_but(core, tx, did_it, &Notice::Owner(notice), dedupe).await
}

async fn notify_owners_but(
    core: &Core,
    tx: &mut Tx,
    but: Option<TelegramId>,
    notice: &Notice,
    dedupe: Option<&str>,
) -> Result<(), Error> {
    for owner in owners(core, tx).await? {
        if Some(owner.id) != but {
            notify(core, tx, owner.id, notice.clone(), dedupe).await?;
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

/// Owners who have started the bot and not blocked it; those too who may start a new one.
async fn owners(core: &Core, tx: &mut Tx) -> Result<Vec<Person>, Error> {
    let mut owners = people::owners_in(tx).await?;
    for id in &core.rules.admin_ids {
        if !owners.iter().any(|owner| owner.id == *id) {
            owners.extend(people::find_in(tx, *id).await?);
        }
    }
    owners.retain(|owner| owner.blocked_bot_at.is_none() || owner.must_start);
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

    /// Telegram asked to wait with this chat: the message, and all else that goes there, waits that long. Once it has said so
    /// of a second chat, nobody is sent anything until that is over.
    ///
    /// # Errors
    /// `Database`.
    pub async fn hold(&self, id: i64, to: TelegramId, pause: Duration) -> Result<(), Error> {
        tracing::warn!(chat = %to, ?pause, "Telegram asks to wait with messages");
        let core = &self.core;
        let until = core.clock.now() + TimeDelta::from_std(pause).unwrap_or(LATEST).min(LATEST);
        let mut tx = core.db.begin().await?;
        outbox::put_off(&mut tx, id, &core.worker, until, "Telegram asks to wait").await?;
        outbox_pace::hold(&mut tx, to, until).await?;
        Ok(tx.commit().await?)
    }

    /// The chat of alerts refuses a message: owners are told it instead, but the one whose chat that is.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tell_owners_instead(&self, delivery: &Delivery, error: &str) -> Result<(), Error> {
        let core = &self.core;
        let (id, now) = (delivery.id, core.clock.now());
        let mut tx = core.db.begin().await?;
        if outbox::end(&mut tx, id, &core.worker, (Ended::Refused, Some(error)), now).await? {
            let once = format!("instead:{id}");
            notify_owners_but(core, &mut tx, Some(delivery.to), &delivery.notice, Some(&once)).await?;
        }
        tx.commit().await?;
        core.posted.notify_one();
        Ok(())
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
        let before = self.core.clock.now() - REMEMBERED;
        outbox::forget(&mut tx, before).await?;
        outbox_pace::forget(&mut tx, before).await?;
        Ok(tx.commit().await?)
    }
}
