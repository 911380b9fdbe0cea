//! How Telegram is, in words for `/health/ready`: what is wrong and what to do.

use teloxide::ApiError;

use crate::services::health::Health;
use crate::services::views::{Component, ComponentState};

use super::problem::TelegramProblem;
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

    /// Something is wrong.
    pub fn is(&self, problem: &TelegramProblem) {
        let state = match problem {
            TelegramProblem::AsksToWait
            | TelegramProblem::AnotherPoller
            | TelegramProblem::Undelivered { .. } => ComponentState::Warning,
            _ => ComponentState::Down,
        };
        self.set(Component { state, reason: Some(problem.to_string()) });
    }

    /// A call had no success.
    pub fn telegram(&self, error: &CallError) {
        self.is(&match error {
            CallError::Refused(ApiError::InvalidToken) => TelegramProblem::TokenRefused,
            CallError::Later(_) => TelegramProblem::AsksToWait,
            error => TelegramProblem::NoAnswer(error.to_string()),
        });
    }

    fn set(&self, component: Component) {
        self.0.telegram(component);
    }
}
