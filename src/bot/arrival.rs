//! What an update says, if it is for us: who, what, where to answer. Private chats only; elsewhere the bot is silent.

use serde::Deserialize;
use serde::de::IgnoredAny;
use teloxide::types::{
    CallbackQuery, CallbackQueryId, Chat, ChatMemberKind, ChatMemberUpdated, Message, MessageId, User,
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

/// An update, as far as it is for us. Nothing else of it is read: teloxide panics on some kinds that are not as it
/// expects them (a reaction of nobody), and whoever sends updates may send kinds that were not asked for.
#[derive(Deserialize)]
struct Delivery {
    message: Option<Letter>,
    callback_query: Option<CallbackQuery>,
    my_chat_member: Option<ChatMemberUpdated>,
}

/// A message, as far as it is for us. teloxide reads a message whole or takes it for an empty one: a kind of text
/// entity that is newer than it, or a quote from another chat, would leave a command without an answer.
macro_rules! letter {
    ($($content:ident),*) => {
        #[derive(Deserialize)]
        struct Letter {
            chat: Place,
            from: Option<User>,
            text: Option<String>,
            $($content: Option<IgnoredAny>,)*
        }

        impl Letter {
            /// Whether a person filled it, besides with text. Without that it is a service message.
            fn has_content(&self) -> bool {
                [$(self.$content.is_some()),*].contains(&true)
            }
        }
    };
}

letter!(
    animation,
    audio,
    checklist,
    contact,
    dice,
    document,
    game,
    giveaway,
    giveaway_winners,
    invoice,
    location,
    paid_media,
    photo,
    poll,
    sticker,
    story,
    venue,
    video,
    video_note,
    voice
);

/// A chat, as far as it is for us.
#[derive(Deserialize)]
struct Place {
    id: i64,
    r#type: String,
}

impl From<&Chat> for Place {
    fn from(chat: &Chat) -> Self {
        let kind = if chat.is_private() { PRIVATE } else { "" };
        Self { id: chat.id.0, r#type: kind.to_owned() }
    }
}

/// The one kind of chat in which the bot answers.
const PRIVATE: &str = "private";

impl Arrival {
    /// Reads an update as Telegram wrote it; none when there is nobody to answer. Edited messages are not for us.
    ///
    /// # Errors
    /// It is not what the Bot API promises.
    pub fn read(payload: &str) -> Result<Option<Self>, serde_json::Error> {
        let delivery: Delivery = serde_json::from_str(payload)?;
        let message = delivery.message.and_then(Self::message);
        let tap = || delivery.callback_query.as_ref().and_then(Self::tap);
        let blocked = || delivery.my_chat_member.as_ref().and_then(Self::blocked);
        Ok(message.or_else(tap).or_else(blocked))
    }

    fn message(letter: Letter) -> Option<Self> {
        let seen = person(letter.from.as_ref()?, &letter.chat)?;
        let has_content = letter.has_content();
        let input = match letter.text {
            Some(text) => {
                let text = clean(&text);
                Command::read(&text).map_or(Input::Text(text), Input::Command)
            }
            None if has_content => Input::Other,
            // Service messages (something was pinned …) need no answer.
            None => return None,
        };
        Some(Self { seen, input, tap: None, editable: None, captioned: None })
    }

    fn tap(query: &CallbackQuery) -> Option<Self> {
        let message = query.message.as_ref()?;
        let seen = person(&query.from, &message.chat().into())?;
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
        let seen = person(&change.from, &(&change.chat).into())?;
        Some(Self { seen, input: Input::BlockedBot, tap: None, editable: None, captioned: None })
    }
}

/// The person in their own private chat.
fn person(user: &User, chat: &Place) -> Option<Seen> {
    let id = i64::try_from(user.id.0).ok()?;
    if user.is_bot || chat.r#type != PRIVATE || chat.id != id {
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
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_for_us_is_nothing_whatever_it_is_like() {
        let chat = json!({"id": -5, "type": "supergroup", "title": "g"});
        for update in [
            json!({"message_reaction": {"chat": chat, "message_id": 1, "date": 1, "old_reaction": [], "new_reaction": []}}),
            json!({"poll_answer": {"poll_id": "1", "option_ids": []}}),
            json!({"edited_message": {"message_id": 1}}),
            json!({"a_kind_of_next_year": [1, 2]}),
            json!({}),
        ] {
            assert_eq!(Arrival::read(&update.to_string()).unwrap(), None, "{update}");
        }
        assert!(Arrival::read(r#"{"callback_query": {"id": 5}}"#).is_err());
    }

    #[test]
    fn no_text_has_a_nul() {
        let update = json!({"update_id": 1, "message": {
            "message_id": 1, "date": 1, "text": "a\0b", "chat": {"id": 5, "type": "private", "first_name": "A"},
            "from": {"id": 5, "is_bot": false, "first_name": "A\0"}}});
        let arrival = Arrival::read(&update.to_string()).unwrap().unwrap();
        assert_eq!((arrival.input, arrival.seen.name.as_str()), (Input::Text("ab".to_owned()), "A"));
    }
}
