//! The panel user's `telegramId` follows the client's.
//!
//! Nobody waits for it: a link stands in the database, and the panel is told afterwards, as often as it takes. A client is
//! done with when a look finds the panel right and nobody has told it anything for a minute: a request without an answer,
//! or another replica's, may arrive late. So that is noted before each request.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::{self, StreamExt as _};
use tokio::sync::Notify;

use crate::domain::client::Client;
use crate::domain::ids::PanelUserId;
use crate::panel::{PanelError, PanelPatch, PanelUser};
use crate::repositories::clients::{self, Due};

use super::alerts::another_user;
use super::core::Core;
use super::error::Error;
use super::relink;

/// So many clients are looked at in a round.
const ROUND: i64 = 100;
/// So many at once: each may take as long as the panel's time limit.
const AT_ONCE: usize = 4;
/// For so long what the panel was told may still arrive.
const LATE: TimeDelta = TimeDelta::seconds(60);
/// When it is tried again after a failure.
const TRY_AGAIN: TimeDelta = TimeDelta::seconds(15);
/// When it is looked at again where the panel has no such user, or somebody else.
const HOPELESS: TimeDelta = TimeDelta::hours(1);

/// Telling the panel.
#[derive(Debug, Clone)]
pub struct Follow {
    core: Arc<Core>,
    wake: Arc<Notify>,
}

/// What a look at the panel's user found.
enum Look {
    /// It has the client's account.
    Right,
    /// It has another one, or none; this is its id now.
    Wrong(PanelUserId),
    /// It is not there, or somebody else.
    NotOurs,
}

impl Follow {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core, wake: Arc::default() }
    }

    /// A link was made or ended: there is something to tell.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Waits until this process makes or ends a link.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// One round: every client that is due. One that fails does not stop the rest. Whether all went well.
    ///
    /// # Errors
    /// `Database`, when not even the list can be read.
    pub async fn run_once(&self) -> Result<bool, Error> {
        let due = clients::to_follow(&self.core.db, self.core.clock.now(), ROUND).await?;
        let looks = stream::iter(due).map(|due| async move {
            let client = due.client.id;
            self.follow(due).await.unwrap_or_else(|error| {
                tracing::warn!(%client, %error, "what the panel was told cannot be noted");
                false
            })
        });
        Ok(looks.buffer_unordered(AT_ONCE).fold(true, async |all, well| all && well).await)
    }

    async fn follow(&self, due: Due) -> Result<bool, Error> {
        let Due { client, mut told_at } = due;
        let looked = match self.look(&client).await {
            Ok(Look::Wrong(id)) => {
                told_at = Some(self.telling(&client).await?);
                self.tell(&client, &id).await
            }
            other => other,
        };
        let now = self.core.clock.now();
        let next = match &looked {
            Ok(Look::Right) => told_at.map(|at| at + LATE).filter(|until| now < *until),
            Ok(Look::Wrong(_)) => Some(now),
            Ok(Look::NotOurs) => Some(now + HOPELESS),
            Err(error) => {
                tracing::warn!(client = %client.id, %error, "the panel was not told of a client's Telegram account");
                Some(now + TRY_AGAIN)
            }
        };
        // A link that changed meanwhile is due already, and stays so.
        let mut tx = self.core.db.begin().await?;
        clients::look_next(&mut tx, client.id, client.telegram_id, told_at, next).await?;
        tx.commit().await?;
        Ok(looked.is_ok())
    }

    async fn telling(&self, client: &Client) -> Result<DateTime<Utc>, Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.db.begin().await?;
        clients::telling(&mut tx, client.id, now).await?;
        tx.commit().await?;
        Ok(now)
    }

    async fn look(&self, client: &Client) -> Result<Look, PanelError> {
        let within = self.core.panel.timeout();
        Ok(match relink::panel_user(&self.core, client, None, within).await? {
            Some(user) if !is_ours(client, &user) => self.somebody_else(client, &user).await,
            Some(user) if user.telegram_id == client.telegram_id => Look::Right,
            Some(user) => Look::Wrong(user.id),
            None => {
                tracing::warn!(client = %client.id, "the panel has no user of this client to tell its Telegram account");
                Look::NotOurs
            }
        })
    }

    async fn tell(&self, client: &Client, id: &PanelUserId) -> Result<Look, PanelError> {
        let patch = PanelPatch { telegram_id: Some(client.telegram_id), ..PanelPatch::default() };
        let told = self.core.panel.patch_user(id, &patch, self.core.panel.timeout()).await?;
        if told.telegram_id == client.telegram_id { Ok(Look::Right) } else { Err(PanelError::Nonsense) }
    }

    async fn somebody_else(&self, client: &Client, user: &PanelUser) -> Look {
        tracing::error!(
            client = %client.id, username = %client.username, panel_user = %user.id,
            "the panel has another user under this client's id: was it reinstalled? Nothing was changed"
        );
        another_user(&self.core, client).await;
        Look::NotOurs
    }
}

/// By its name, and its link or our mark: the link may just be replaced.
fn is_ours(client: &Client, user: &PanelUser) -> bool {
    user.username == client.username.as_str()
        && (client.short_uuid.as_ref() == Some(&user.short_uuid) || user.marked_client() == Some(client.id))
}
