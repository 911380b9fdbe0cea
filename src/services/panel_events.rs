//! What the panel tells by itself (its webhooks): heard, and noted as somebody to look at.

use std::sync::Arc;

use crate::panel::WebhookError;

use super::core::Core;
use super::error::Error;
use super::sync::{Mention, Sync};

/// The panel's own word.
#[derive(Debug, Clone)]
pub struct PanelEvents {
    core: Arc<Core>,
    sync: Sync,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is noted for good that so many clients are to be looked at; none, when it is of nobody of ours.
    Noted(u64),
    /// The panel did not sign it.
    Forged,
    /// The panel signed it, and it is not what the panel sends.
    Unreadable,
    /// Nobody listens: there is no secret.
    Off,
}

impl PanelEvents {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>, sync: Sync) -> Self {
        Self { core, sync }
    }

    /// Whether `REMNAWAVE_WEBHOOK_SECRET` is set.
    pub fn are_taken(&self) -> bool {
        self.core.panel.takes_webhooks()
    }

    /// A message that says it is the panel's, with its signature. Only that somebody must be looked at is taken from it: late,
    /// repeated or out of order, it costs one small write and the panel is asked for the present.
    ///
    /// # Errors
    /// `Database`: nothing is noted, and the panel should say it again.
    pub async fn hear(&self, body: &[u8], signature: Option<&[u8]>) -> Result<Heard, Error> {
        let told = match self.core.panel.webhook(body, signature) {
            Ok(Some(told)) => told,
            Ok(None) => return Ok(Heard::Noted(0)),
            Err(WebhookError::Off) => return Ok(Heard::Off),
            Err(WebhookError::Forged) => {
                tracing::debug!("a message is not signed by the panel");
                return Ok(Heard::Forged);
            }
            Err(WebhookError::Unreadable) => {
                tracing::warn!(bytes = body.len(), "the panel signed a message that cannot be read");
                return Ok(Heard::Unreadable);
            }
        };
        let mention = Mention { panel_user: told.id, short_uuid: told.short_uuid, username: told.username };
        Ok(Heard::Noted(self.sync.mentioned(&mention).await?))
    }
}
