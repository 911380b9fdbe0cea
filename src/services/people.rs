//! People who write to the bot: who they are, what they may do, which language they read.

use crate::domain::actor::{Actor, Role};
use crate::domain::ids::TelegramId;
use crate::domain::person::{Lang, Person};

use super::error::Error;

/// What an update tells of its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The account.
    pub id: TelegramId,
    /// First and last name; cut to 128 characters when kept.
    pub name: String,
    /// The `@name` without the at sign.
    pub telegram_username: Option<String>,
    /// Telegram's `language_code`.
    pub language_code: Option<String>,
}

/// A person at the door: who, as what, in which language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Whom the services decide by.
    pub actor: Actor,
    /// The role it has now.
    pub role: Role,
    /// What is known of the account.
    pub person: Person,
    /// The language to answer in: chosen, else Telegram's, else the default.
    pub lang: Lang,
}

/// Keeping people and their roles.
#[derive(Debug, Clone)]
pub struct People {}

impl People {
    /// Notes who wrote, and says who that is to us. Owners come from `ADMIN_IDS` or the owner link.
    ///
    /// # Errors
    /// `Database`.
    pub async fn seen(&self, _seen: Seen) -> Result<Visitor, Error> {
        Err(Error::Internal(String::new()))
    }

    /// Keeps the language a person chose.
    ///
    /// # Errors
    /// `Database`.
    pub async fn choose_lang(&self, _id: TelegramId, _lang: Lang) -> Result<(), Error> {
        Ok(())
    }

    /// Marks that this person has blocked the bot; undone when they write again.
    ///
    /// # Errors
    /// `Database`.
    pub async fn blocked_bot(&self, _id: TelegramId) -> Result<(), Error> {
        Ok(())
    }
}
