//! What was changed in the panel becomes known here. Whoever hears of it (a webhook, the drift check) only notes which
//! client is to be looked at; the panel is asked for the present state afterwards.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::domain::ids::{PanelUserId, ShortUuid};
use crate::repositories::clients::{self, Mentioned};

use super::core::Core;
use super::error::Error;

/// Comparing clients with the panel.
#[derive(Debug, Clone)]
pub struct Sync {
    core: Arc<Core>,
    wake: Arc<Notify>,
}

/// Whom the panel speaks of: by each name that it gave, since one of them may be new.
#[derive(Debug, Clone, Default)]
pub struct Mention {
    /// Its key in the panel's dialect.
    pub panel_user: Option<PanelUserId>,
    /// The secret part of its link.
    pub short_uuid: Option<ShortUuid>,
    /// Its name, any text.
    pub username: Option<String>,
}

impl Sync {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core, wake: Arc::default() }
    }

    /// The panel says that something happened to a user of its own. When this returns it is noted for good which clients
    /// must be looked at; how many that are.
    ///
    /// # Errors
    /// `Database`.
    pub async fn mentioned(&self, mention: &Mention) -> Result<u64, Error> {
        let who = Mentioned {
            panel_user: mention.panel_user.as_ref().map(|id| id.0.as_str()),
            short_uuid: mention.short_uuid.as_ref().map(ShortUuid::expose),
            username: mention.username.as_deref(),
        };
        let mut tx = self.core.db.begin().await?;
        let marked = clients::look_at_mentioned(&mut tx, &who, self.core.clock.now()).await?;
        tx.commit().await?;
        if marked > 0 {
            self.wake.notify_one();
        }
        Ok(marked)
    }

    /// Waits until this process has noted somebody to look at.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }
}
