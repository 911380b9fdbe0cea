//! One thing a person did, and how they are answered.

use std::sync::Arc;

use teloxide::types::MessageId;

use crate::domain::actor::{Actor, Role};
use crate::domain::change::Key;
use crate::services::Error;
use crate::services::people::Visitor;

use super::door::Door;
use super::errors::Failure;
use super::format::Eyes;
use super::render::Chat;
use super::screen::Screen;

/// What a handler gets.
pub struct Turn {
    /// What every handler can reach.
    pub door: Arc<Door>,
    /// Who it is.
    pub visitor: Visitor,
    /// How they see things.
    pub eyes: Eyes,
    /// Where they are.
    pub chat: Chat,
    /// The text message whose button they tapped.
    pub editable: Option<MessageId>,
    /// The photo or document whose button they tapped.
    pub captioned: Option<MessageId>,
    /// Telegram's number of the update.
    pub update_id: i64,
}

/// How a handler ends.
pub type Handled = Result<(), Failure>;

impl Turn {
    /// Whom the services decide by.
    pub fn by(&self) -> &Actor {
        &self.visitor.actor
    }

    /// The role at this moment.
    pub fn role(&self) -> Role {
        self.visitor.role
    }

    /// The key of what this update changes.
    pub fn key(&self) -> Key {
        Key::update(self.door.bot_id(), self.update_id)
    }

    /// Refuses at the first question of a dialogue what the service would refuse at its end.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn require(&self, least: Role, action: &'static str) -> Result<(), Error> {
        if self.role() >= least { Ok(()) } else { Err(Error::Forbidden { actor: self.by().label(), action }) }
    }

    /// A screen: in place of the one whose button was tapped, else as a new message.
    ///
    /// # Errors
    /// `Telegram`, `Gone`, `Service`.
    pub async fn show(&self, screen: &Screen) -> Handled {
        match self.editable {
            // A message that may be forwarded stays so.
            Some(message) if !self.chat.protects(screen) => self.chat.edit(message, screen).await,
            _ => self.chat.send(screen).await,
        }
    }

    /// A screen that belongs to the photo or document whose button was tapped: in place of its caption. Else as
    /// [`Self::show`].
    ///
    /// # Errors
    /// `Telegram`, `Gone`, `Service`.
    pub async fn show_caption(&self, screen: &Screen) -> Handled {
        match self.captioned {
            Some(message) if !self.chat.protects(screen) => self.chat.edit_caption(message, screen).await,
            _ => self.show(screen).await,
        }
    }

    /// A new message, whatever was tapped.
    ///
    /// # Errors
    /// `Telegram`, `Gone`, `Service`.
    pub async fn say(&self, screen: &Screen) -> Handled {
        self.chat.send(screen).await
    }
}
