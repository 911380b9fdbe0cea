//! What a person, or a test, sees of the simulated Telegram.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::format::SimEntity;
use super::keyboard::SimButton;
use super::state::{Content, Stored};

/// A Telegram account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimPerson {
    /// The account's id, which is also the id of its private chat with the bot.
    pub id: i64,
    /// The name shown.
    pub first_name: String,
    /// The `@name`, without the `@`.
    pub username: Option<String>,
    /// The language of the person's app, such as `ru`.
    pub language_code: Option<String>,
}

impl SimPerson {
    pub(super) fn new(id: i64, first_name: &str, username: Option<&str>, language: Option<&str>) -> Self {
        Self {
            id,
            first_name: first_name.to_owned(),
            username: username.map(str::to_owned),
            language_code: language.map(str::to_owned),
        }
    }

    /// The Bot API's `User`.
    pub(super) fn json(&self, is_bot: bool) -> Value {
        let mut json = json!({ "id": self.id, "is_bot": is_bot, "first_name": self.first_name });
        if let Some(fields) = json.as_object_mut() {
            if let Some(username) = &self.username {
                fields.insert("username".to_owned(), json!(username));
            }
            if let Some(language) = &self.language_code {
                fields.insert("language_code".to_owned(), json!(language));
            }
        }
        json
    }
}

impl From<&SimPerson> for i64 {
    fn from(person: &SimPerson) -> Self {
        person.id
    }
}

/// A file as the chat shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimDocument {
    /// The file's name.
    pub name: String,
    /// What is in it.
    #[serde(skip)]
    pub bytes: Bytes,
}

/// A message as the chat shows it now, edits applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimMessage {
    /// `message_id`.
    pub id: i64,
    /// From the bot, else from the person.
    pub from_bot: bool,
    /// When it was sent.
    pub date: DateTime<Utc>,
    /// The plain text, markup read; empty for a photo or a document.
    pub text: String,
    /// The text or the caption as the bot sent it, markup and all.
    pub html: String,
    /// The marked ranges of the text or the caption.
    pub entities: Vec<SimEntity>,
    /// The picture, byte for byte as it was sent.
    #[serde(skip)]
    pub photo: Option<Bytes>,
    /// The picture's width and height, pixels.
    pub photo_size: Option<(u32, u32)>,
    /// The file.
    pub document: Option<SimDocument>,
    /// The plain caption of a photo or a document.
    pub caption: Option<String>,
    /// The rows of the inline keyboard.
    pub keyboard: Vec<Vec<SimButton>>,
    /// How often it was edited.
    pub edited: u32,
    /// Cannot be forwarded or saved.
    pub protected: bool,
    /// Came without a sound.
    pub silent: bool,
    /// Fields of what is none of these (sticker, voice, contact …).
    pub other: Option<Value>,
}

/// What the chat shows of a stored message.
pub(super) fn shown(message: &Stored) -> SimMessage {
    let mut shown = SimMessage {
        id: message.id,
        from_bot: message.author.is_none(),
        date: message.date,
        text: String::new(),
        html: String::new(),
        entities: Vec::new(),
        photo: None,
        photo_size: None,
        document: None,
        caption: None,
        keyboard: message.keyboard.clone(),
        edited: message.edits,
        protected: message.protected,
        silent: message.silent,
        other: None,
    };
    let formatted = match &message.content {
        Content::Text(text) => {
            shown.text.clone_from(&text.text);
            text
        }
        Content::Photo(file, caption) => {
            shown.photo = Some(file.bytes.clone());
            shown.photo_size = file.picture;
            shown.caption = Some(caption.text.clone());
            caption
        }
        Content::Document(file, caption) => {
            let name = file.name.clone().unwrap_or_default();
            shown.document = Some(SimDocument { name, bytes: file.bytes.clone() });
            shown.caption = Some(caption.text.clone());
            caption
        }
        Content::Other(fields) => {
            shown.other = Some(fields.clone());
            return shown;
        }
    };
    shown.html.clone_from(&formatted.source);
    shown.entities.clone_from(&formatted.entities);
    shown
}

/// A call that the bot made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BotCall {
    /// When, in the order of all that happened.
    pub moment: u64,
    /// The method, as documented (`sendMessage`).
    pub method: String,
    /// The parameters; of a file its name and size.
    pub parameters: Value,
    /// Whether it had its effect and was answered so.
    pub ok: bool,
    /// `description` of the error answer.
    pub error: Option<String>,
    /// A scripted fault met it.
    pub fault: bool,
}

/// What the bot did in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ReactionKind {
    /// A new message.
    Sent,
    /// A message changed.
    Edited,
    /// A message was set to what it already was.
    NotModified,
    /// A message was taken away.
    Deleted,
    /// A tap was answered.
    Answered,
}

/// One thing the bot did in a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// When, in the order of all that happened.
    pub moment: u64,
    /// The chat.
    pub chat: i64,
    /// The message concerned.
    pub message_id: i64,
    /// What was done.
    pub kind: ReactionKind,
    /// The message as it stood right after; none when it is gone.
    pub message: Option<SimMessage>,
}

/// The id of a callback query, made by a tap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TapId(pub String);

/// A tap on a button, and how the bot answered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimCallback {
    /// Its `callback_query` id.
    pub id: TapId,
    /// Who tapped.
    pub person: i64,
    /// The message whose button it was.
    pub message_id: i64,
    /// The button's data.
    pub data: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What `answerCallbackQuery` said; none while the button still spins.
    pub answer: Option<CallbackAnswer>,
}

/// What `answerCallbackQuery` showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CallbackAnswer {
    /// The text of the toast or the alert.
    pub text: Option<String>,
    /// An alert that must be closed, else a toast.
    pub alert: bool,
    /// The URL opened.
    pub url: Option<String>,
}
