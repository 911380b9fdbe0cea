//! People who wrote to the bot, and the invites that link them to clients.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::ids::{ClientId, TelegramId};

/// A language the bot speaks: the two-letter folder under `locales/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Русский
    Ru,
    /// English
    En,
}

impl Lang {
    /// Every language, in the order people are offered them.
    pub const ALL: [Self; 2] = [Self::Ru, Self::En];

    /// The two-letter code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The language of a code such as Telegram sends it (`en`, `en-GB`, `RU`).
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(primary))
    }
}

/// A Telegram account that wrote to the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: TelegramId,
    /// First and last name as Telegram shows them; any characters, cut to 128.
    pub name: String,
    /// The `@name` without the at sign.
    pub telegram_username: Option<String>,
    /// What Telegram says of the account's language, as it is.
    pub language_code: Option<String>,
    /// What the person chose in the bot.
    pub lang: Option<Lang>,
    /// The role kept in the database (owners from the settings are not kept here).
    pub role: Option<Role>,
    /// When the bot learned that it is blocked, if it is.
    pub blocked_bot_at: Option<DateTime<Utc>>,
    /// Whether they know only an earlier bot and have not pressed Start in this one; marked as blocked until they do.
    pub must_start: bool,
}

/// An invite: whoever opens its link first is linked to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// SHA-256 of the token, lower-case hex: the token itself is never stored.
    pub token_hash: String,
    /// What it opens.
    pub purpose: InvitePurpose,
    /// Who made it, as [`super::actor::Actor::label`] writes it.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when it may be used.
    pub expires_at: DateTime<Utc>,
    /// Who used it.
    pub used_by: Option<TelegramId>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
}

/// What an invite opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitePurpose {
    /// Links the account to this client.
    Client(ClientId),
    /// Makes the account the owner (the one-time link in the log when `ADMIN_IDS` is empty).
    Owner,
}
