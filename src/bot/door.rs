//! What every handler can reach.

use std::sync::Arc;

use teloxide::Bot;
use teloxide::types::Me;
use url::Url;

use crate::domain::clock::{Clock, Entropy};
use crate::domain::person::Lang;
use crate::services::Services;

use super::format::Eyes;
use super::locale::Texts;
use super::settings::BotSettings;

/// The door as it stands open: one a process. No `Debug`, since the bot knows its token.
pub struct Door {
    /// The rules.
    pub services: Services,
    /// The settings.
    pub settings: BotSettings,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The way to Telegram.
    pub bot: Bot,
    /// Who the bot is there.
    pub me: Me,
}

impl Door {
    /// The bot's own number: part of every key.
    pub fn bot_id(&self) -> i64 {
        i64::try_from(self.me.id.0).unwrap_or_default()
    }

    /// A link that opens the bot with a token.
    pub fn start_link(&self, token: &str) -> String {
        format!("https://t.me/{}?start={token}", self.me.username.as_deref().unwrap_or_default())
    }

    /// A link that opens the bot in private.
    pub fn link(&self) -> Option<Url> {
        Url::parse(&format!("https://t.me/{}", self.me.username.as_deref()?)).ok()
    }

    /// How someone with this language sees things now.
    pub fn eyes(&self, lang: Lang) -> Eyes {
        Eyes { t: Texts(lang), timezone: self.settings.timezone, now: self.clock.now() }
    }

    /// Six characters that a person can read out and that stand in the log.
    pub fn reference(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let mut bytes = [0; 6];
        self.entropy.fill(&mut bytes);
        bytes
            .iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte & 31)).copied().map(char::from))
            .collect()
    }
}
