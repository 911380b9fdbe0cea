//! How Telegram is: on `/health/ready`, and in the log when it changes.

use teloxide::ApiError;

use crate::services::health::Health;
use crate::services::views::{Component, ComponentState};

use super::telegram::CallError;

/// Tells the health service, and the log only what is new.
#[derive(Debug, Clone)]
pub struct Status {
    health: Health,
    last: Option<Component>,
}

impl Status {
    /// Nothing is known yet.
    pub fn new(health: Health) -> Self {
        Self { health, last: None }
    }

    /// Telegram answers.
    pub fn works(&mut self) {
        self.set(Component { state: ComponentState::Ok, reason: None });
    }

    /// It does not work, and why.
    pub fn down(&mut self, reason: &str) {
        self.set(Component { state: ComponentState::Down, reason: Some(reason.to_owned()) });
    }

    /// Telegram answered 409.
    pub fn another_poller(&mut self) {
        let reason = "another program polls with this token (409), so messages go now here, now there; \
                      stop it, or make another bot with @BotFather";
        self.set(Component { state: ComponentState::Warning, reason: Some(reason.to_owned()) });
    }

    /// A call had no success.
    pub fn telegram(&mut self, error: &CallError) {
        match error {
            CallError::Refused(ApiError::InvalidToken) => self.down(
                "Telegram refuses TELEGRAM_BOT_TOKEN; take the present one from @BotFather and restart the service",
            ),
            CallError::Later(_) => {
                let reason = Some("Telegram asks to wait (too many requests)".to_owned());
                self.set(Component { state: ComponentState::Warning, reason });
            }
            error => self.down(&format!("{error}; check TELEGRAM_API_URL, TELEGRAM_PROXY and the network")),
        }
    }

    fn set(&mut self, component: Component) {
        if self.last.as_ref() == Some(&component) {
            return;
        }
        match &component.reason {
            Some(reason) => tracing::warn!(reason, "Telegram"),
            None => tracing::info!("Telegram answers"),
        }
        self.health.telegram(component.clone());
        self.last = Some(component);
    }
}
