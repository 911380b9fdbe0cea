//! What an update says, if it is for us: who, what, where to answer. Private chats only; elsewhere the bot is silent.

use teloxide::types::{
    CallbackQuery, CallbackQueryId, Chat, ChatMemberKind, ChatMemberUpdated, Message, MessageId, MessageKind,
    Update, UpdateKind, User,
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
}

impl Arrival {
    /// Reads an update; none when there is nobody to answer. Edited messages are not for us.
    pub fn read(update: &Update) -> Option<Self> {
        match &update.kind {
            UpdateKind::Message(message) => Self::message(message),
            UpdateKind::CallbackQuery(query) => Self::tap(query),
            UpdateKind::MyChatMember(change) => Self::blocked(change),
            _ => None,
        }
    }

    fn message(message: &Message) -> Option<Self> {
        // Service messages (something was pinned …) need no answer.
        let MessageKind::Common(_) = message.kind else { return None };
        let seen = person(message.from.as_ref()?, &message.chat)?;
        let input = match message.text() {
            Some(text) => Command::read(text).map_or_else(|| Input::Text(text.to_owned()), Input::Command),
            None => Input::Other,
        };
        Some(Self { seen, input, tap: None, editable: None })
    }

    fn tap(query: &CallbackQuery) -> Option<Self> {
        let message = query.message.as_ref()?;
        let seen = person(&query.from, message.chat())?;
        let tap = query.data.as_deref().and_then(|data| data.parse().ok());
        // A photo never becomes a text screen.
        let editable = message.regular_message().filter(|message| message.text().is_some()).map(|m| m.id);
        Some(Self {
            seen,
            input: tap.map_or(Input::StaleTap, Input::Tap),
            tap: Some(query.id.clone()),
            editable,
        })
    }

    fn blocked(change: &ChatMemberUpdated) -> Option<Self> {
        let ChatMemberKind::Banned(_) = change.new_chat_member.kind else { return None };
        let seen = person(&change.from, &change.chat)?;
        Some(Self { seen, input: Input::BlockedBot, tap: None, editable: None })
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
