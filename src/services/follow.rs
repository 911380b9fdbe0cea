//! The panel user's `telegramId` follows the client's.
//!
//! Nobody waits for it: a link stands in the database, and the panel is told afterwards, as often as it takes. A client is
//! done with when a look finds the panel right; after a change there is one more look a minute later, because a request
//! without an answer, or another replica's, may arrive after it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::{self, StreamExt as _};
use tokio::sync::Notify;

use crate::domain::client::Client;
use crate::domain::ids::PanelUserId;
use crate::panel::{PanelError, PanelPatch, PanelUser};
use crate::repositories::clients;

use super::alerts::Alert;
use super::core::Core;
use super::error::Error;

/// So many clients are looked at in a round.
const ROUND: i64 = 100;
/// So many at once: each may take as long as the panel's time limit.
const AT_ONCE: usize = 4;
/// When the panel is looked at once more after it was told.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(60);
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
    /// It was told.
    Told,
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
        let looks = stream::iter(due).map(|client| async move {
            self.follow(&client).await.unwrap_or_else(|error| {
                tracing::warn!(client = %client.id, %error, "what the panel was told cannot be noted");
                false
            })
        });
        Ok(looks.buffer_unordered(AT_ONCE).fold(true, async |all, well| all && well).await)
    }

    async fn follow(&self, client: &Client) -> Result<bool, Error> {
        let Some(id) = &client.remnawave_uuid else { return Ok(true) };
        let looked = self.look(client, id).await;
        let next = match &looked {
            Ok(Look::Right) => None,
            Ok(Look::Told) => Some(LOOK_AGAIN),
            Ok(Look::NotOurs) => Some(HOPELESS),
            Err(error) => {
                tracing::warn!(client = %client.id, %error, "the panel was not told of a client's Telegram account");
                Some(TRY_AGAIN)
            }
        };
        self.note(client, next.map(|pause| self.core.clock.now() + pause)).await?;
        Ok(looked.is_ok())
    }

    /// A link that changed meanwhile is due already, and stays so.
    async fn note(&self, client: &Client, next: Option<DateTime<Utc>>) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        clients::look_next(&mut tx, client.id, client.telegram_id, next).await?;
        Ok(tx.commit().await?)
    }

    async fn look(&self, client: &Client, id: &PanelUserId) -> Result<Look, PanelError> {
        let panel = &self.core.panel;
        let user = match panel.user(id, panel.timeout()).await? {
            Some(user) if is_ours(client, &user) => user,
            Some(user) => return Ok(self.somebody_else(client, &user)),
            None => {
                tracing::warn!(client = %client.id, "the panel has no user of this client to tell its Telegram account");
                return Ok(Look::NotOurs);
            }
        };
        if user.telegram_id == client.telegram_id {
            return Ok(Look::Right);
        }
        let patch = PanelPatch { telegram_id: Some(client.telegram_id), ..PanelPatch::default() };
        let told = panel.patch_user(id, &patch, panel.timeout()).await?;
        if told.telegram_id == client.telegram_id { Ok(Look::Told) } else { Err(PanelError::Nonsense) }
    }

    fn somebody_else(&self, client: &Client, user: &PanelUser) -> Look {
        tracing::error!(
            client = %client.id, username = %client.username, panel_user = %user.id,
            "the panel has another user under this client's id: was it reinstalled? Nothing was changed"
        );
        let alert = Alert::AnotherUser { client: client.id, username: client.username.clone() };
        self.core.alerts.raise(alert, self.core.clock.now());
        Look::NotOurs
    }
}

/// By its name, and its link or our mark: the link may just be replaced.
fn is_ours(client: &Client, user: &PanelUser) -> bool {
    user.username == client.username.as_str()
        && (client.short_uuid.as_ref() == Some(&user.short_uuid) || user.marked_client() == Some(client.id))
}
