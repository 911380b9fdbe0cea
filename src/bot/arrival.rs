//! What an update says, if it is for us: who, what, where to answer. Private chats only; elsewhere the bot is silent.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use teloxide::types::{
    CallbackQuery, CallbackQueryId, Chat, ChatMemberKind, ChatMemberUpdated, Message, MessageId, Update,
    UpdateKind, User,
};

use crate::domain::ids::TelegramId;
use crate::services::people::Seen;

use super::callback::Tap;
use super::commands::Command;

/// What a person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A text that begins with a slash.
    Command(Command),
    /// Any other text.
    Text(String),
    /// A button of this version.
    Tap(Tap),
    /// A button of another version, or invented.
    StaleTap,
    /// A photo, a sticker, a voice message …
    Other,
    /// The bot was blocked.
    BlockedBot,
}

/// An update that is for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who.
    pub seen: Seen,
    /// What.
    pub input: Input,
    /// The tap to be answered.
    pub tap: Option<CallbackQueryId>,
    /// The text message whose button was tapped: the screen is put there.
    pub editable: Option<MessageId>,
    /// The photo or document whose button was tapped: a screen that belongs to it becomes its caption.
    pub captioned: Option<MessageId>,
}

/// The fields of a message that people fill, besides its text. Without any of them it is a service message.
const CONTENT: [&str; 20] = [
    "animation",
    "audio",
    "checklist",
    "contact",
    "dice",
    "document",
    "game",
    "giveaway",
    "giveaway_winners",
    "invoice",
    "location",
    "paid_media",
    "photo",
    "poll",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
];

/// An update, as far as it brings a message.
#[derive(Deserialize)]
struct Delivery {
    message: Option<Letter>,
}

/// A message, as far as it is for us. teloxide reads a message whole or takes it for an empty one: a kind of text
/// entity that is newer than it, or a quote from another chat, would leave a command without an answer.
#[derive(Deserialize)]
struct Letter {
    chat: Chat,
    from: Option<User>,
    text: Option<String>,
    #[serde(flatten)]
    rest: HashMap<String, IgnoredAny>,
}

impl Arrival {
    /// Reads an update as Telegram wrote it; none when there is nobody to answer. Edited messages are not for us.
    ///
    /// # Errors
    /// It is not what the Bot API promises.
    pub fn read(payload: &str) -> Result<Option<Self>, serde_json::Error> {
        if let Delivery { message: Some(letter) } = serde_json::from_str(payload)? {
            return Ok(Self::message(letter));
        }
        let update: Update = serde_json::from_str(payload)?;
        Ok(match &update.kind {
            UpdateKind::CallbackQuery(query) => Self::tap(query),
            UpdateKind::MyChatMember(change) => Self::blocked(change),
            UpdateKind::Error(_) => {
                tracing::warn!(update_id = update.id.0, "an update of a kind this version does not know");
                None
            }
            _ => None,
        })
    }

    fn message(letter: Letter) -> Option<Self> {
        let seen = person(letter.from.as_ref()?, &letter.chat)?;
        let input = match letter.text {
            Some(text) => {
                let text = clean(&text);
                Command::read(&text).map_or(Input::Text(text), Input::Command)
            }
            None if CONTENT.iter().any(|field| letter.rest.contains_key(*field)) => Input::Other,
            // Service messages (something was pinned …) need no answer.
            None => return None,
        };
        Some(Self { seen, input, tap: None, editable: None, captioned: None })
    }

    fn tap(query: &CallbackQuery) -> Option<Self> {
        let message = query.message.as_ref()?;
        let seen = person(&query.from, message.chat())?;
        let tap = query.data.as_deref().and_then(|data| data.parse().ok());
        // A photo never becomes a text screen.
        let there = message.regular_message();
        let editable = there.filter(|message| message.text().is_some()).map(|message| message.id);
        let has_caption = |message: &&Message| message.photo().is_some() || message.document().is_some();
        let captioned = there.filter(has_caption).map(|message| message.id);
        Some(Self {
            seen,
            input: tap.map_or(Input::StaleTap, Input::Tap),
            tap: Some(query.id.clone()),
            editable,
            captioned,
        })
    }

    fn blocked(change: &ChatMemberUpdated) -> Option<Self> {
        let ChatMemberKind::Banned(_) = change.new_chat_member.kind else { return None };
        let seen = person(&change.from, &change.chat)?;
        Some(Self { seen, input: Input::BlockedBot, tap: None, editable: None, captioned: None })
    }
}

/// The person in their own private chat.
fn person(user: &User, chat: &Chat) -> Option<Seen> {
    let id = i64::try_from(user.id.0).ok()?;
    if user.is_bot || !chat.is_private() || chat.id.0 != id {
        return None;
    }
    Some(Seen {
        id: TelegramId(id),
        name: clean(&user.full_name()),
        telegram_username: user.username.as_deref().map(clean),
        language_code: user.language_code.as_deref().map(clean),
    })
}

/// PostgreSQL keeps no NUL.
fn clean(text: &str) -> String {
    text.replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_has_a_nul() {
        let update = serde_json::json!({"update_id": 1, "message": {
            "message_id": 1, "date": 1, "text": "a\0b", "chat": {"id": 5, "type": "private", "first_name": "A"},
            "from": {"id": 5, "is_bot": false, "first_name": "A\0"}}});
        let arrival = Arrival::read(&update.to_string()).unwrap().unwrap();
        assert_eq!((arrival.input, arrival.seen.name.as_str()), (Input::Text("ab".to_owned()), "A"));
    }
}
