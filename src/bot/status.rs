//! How Telegram is, in words for `/health/ready`: what is wrong and what to do.

use teloxide::ApiError;

use crate::services::health::Health;
use crate::services::views::{Component, ComponentState};

use super::telegram::CallError;

/// Tells the health service, which logs what is new.
#[derive(Debug, Clone)]
pub struct Status(Health);

impl Status {
    /// On top of the health service.
    pub fn new(health: Health) -> Self {
        Self(health)
    }

    /// Telegram answers.
    pub fn works(&self) {
        self.set(Component { state: ComponentState::Ok, reason: None });
    }

    /// Another process of this service polls.
    pub fn stands_by(&self) {
        let reason = "for another replica, which polls; this one stands by and handles its share";
        self.set(Component { state: ComponentState::Ok, reason: Some(reason.to_owned()) });
    }

    /// It does not work, and why.
    pub fn down(&self, reason: &str) {
        self.set(Component { state: ComponentState::Down, reason: Some(reason.to_owned()) });
    }

    /// Telegram answered 409.
    pub fn another_poller(&self) {
        let reason = "another program polls with this token (409), so messages go now here, now there; \
                      stop it, or make another bot with @BotFather";
        self.set(Component { state: ComponentState::Warning, reason: Some(reason.to_owned()) });
    }

    /// Telegram could not deliver an update lately, and so many wait.
    pub fn undelivered(&self, error: &str, waiting: u32) {
        let reason = format!(
            "Telegram could not deliver to PUBLIC_URL/webhooks/telegram: {error} (waiting there: {waiting}). \
             Check that PUBLIC_URL leads here from outside, with a certificate that Telegram believes"
        );
        self.set(Component { state: ComponentState::Warning, reason: Some(reason) });
    }

    /// A call had no success.
    pub fn telegram(&self, error: &CallError) {
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

    fn set(&self, component: Component) {
        self.0.telegram(component);
    }
}
