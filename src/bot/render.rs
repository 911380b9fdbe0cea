//! The one place that sends and edits: HTML, lengths, no link previews, what Telegram's refusals mean.

use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::setters::*;
use teloxide::payloads::{EditMessageText, SendMessage};
use teloxide::prelude::Requester as _;
use teloxide::requests::JsonRequest;
use teloxide::types::{
    CallbackQueryId, ChatId, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, InputFile,
    LinkPreviewOptions, Message, MessageId, ParseMode, ThreadId,
};
use teloxide::{ApiError, RequestError};

use crate::domain::ids::TelegramId;

use super::door::Door;
use super::errors::Failure;
use super::html::{self, CAPTION_LIMIT, TEXT_LIMIT};
use super::refusal::{cannot_be_edited, is_so_already, unreachable_person};
use super::screen::{Button, Screen};
use super::telegram::{CallError, SHORT, UPLOAD, call};

/// When Telegram asks to wait longer than this, the answer is tried again later, as one that had no answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// And so often it may ask.
const WAITS: u32 = 2;
/// A text of more messages than this is read more easily as a document.
const MOST_PARTS: usize = 4;

/// A private chat with a person; for alerts also a group or a topic of one.
#[derive(Clone)]
pub struct Chat {
    door: Arc<Door>,
    person: TelegramId,
    topic: Option<i32>,
}

impl Chat {
    /// The chat with that person: in a private chat both have one number.
    pub fn new(door: Arc<Door>, person: TelegramId) -> Self {
        Self { door, person, topic: None }
    }

    /// That topic of a group, by the number of its first message.
    #[must_use]
    pub fn topic(self, topic: Option<i32>) -> Self {
        Self { topic, ..self }
    }

    /// Whether it must not be forwarded or saved.
    pub fn protects(&self, screen: &Screen) -> bool {
        screen.secret && self.door.settings.protect_content
    }

    fn id(&self) -> ChatId {
        ChatId(self.person.0)
    }

    /// A new message; several when the text is too long for one, and a document when they would be many. The buttons are
    /// under the last.
    ///
    /// # Errors
    /// `Telegram`, `Gone`, `Service`.
    pub async fn send(&self, screen: &Screen) -> Result<(), Failure> {
        let parts = html::split(&screen.text, TEXT_LIMIT);
        if parts.len() > MOST_PARTS {
            return self.as_document(screen).await;
        }
        self.send_parts(&parts, screen).await
    }

    /// A new message that will be edited later, by its id: live progress, say. What does not fit is cut off.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_for_edit(&self, screen: &Screen) -> Result<MessageId, Failure> {
        let text = html::fit(&screen.text, TEXT_LIMIT);
        let sent = self.message(&text, markup(screen), self.protects(screen)).await;
        self.outcome(sent).await
    }

    /// Puts the screen in the place of a text message; a new message when that one cannot be edited any more, and more
    /// messages after it when the text is too long.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn edit(&self, message: MessageId, screen: &Screen) -> Result<(), Failure> {
        let parts = html::split(&screen.text, TEXT_LIMIT);
        let Some((first, rest)) = parts.split_first().filter(|_| parts.len() <= MOST_PARTS) else {
            return self.send(screen).await;
        };
        let keyboard = if rest.is_empty() { markup(screen) } else { None };
        let edited = self.persist(SHORT, || self.edit_request(message, first, keyboard.clone())).await;
        match self.edited(edited.map(drop)).await? {
            Edited::Done if rest.is_empty() => Ok(()),
            Edited::Done => self.send_parts(rest, screen).await,
            Edited::Impossible => self.send(screen).await,
        }
    }

    /// Puts the screen under a photo or a document, in the place of its caption; a new text message when that one cannot
    /// be edited any more, or when the text is too long for a caption.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn edit_caption(&self, message: MessageId, screen: &Screen) -> Result<(), Failure> {
        if html::length(&screen.text) > CAPTION_LIMIT {
            return self.send(screen).await;
        }
        let edited = self
            .persist(SHORT, || {
                let request = self
                    .door
                    .bot
                    .edit_message_caption(self.id(), message)
                    .caption(&screen.text)
                    .parse_mode(ParseMode::Html);
                match markup(screen) {
                    Some(markup) => request.reply_markup(markup),
                    None => request,
                }
            })
            .await;
        match self.edited(edited.map(drop)).await? {
            Edited::Done => Ok(()),
            Edited::Impossible => self.send(screen).await,
        }
    }

    /// A picture with a caption; as a document when Telegram refuses it as a photo.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn photo(&self, name: &str, png: Vec<u8>, caption: &Screen) -> Result<(), Failure> {
        let sent = self
            .persist(UPLOAD, || {
                let file = InputFile::memory(png.clone()).file_name(name.to_owned());
                let request = self
                    .door
                    .bot
                    .send_photo(self.id(), file)
                    .protect_content(self.protects(caption))
                    .caption(html::fit(&caption.text, CAPTION_LIMIT))
                    .parse_mode(ParseMode::Html);
                match markup(caption) {
                    Some(markup) => request.reply_markup(markup),
                    None => request,
                }
            })
            .await;
        match sent {
            Err(CallError::Refused(error)) if !unreachable_person(&error) => {
                tracing::warn!(%error, "Telegram refuses a photo, it goes as a document");
                self.document(name, png, caption).await
            }
            other => self.outcome(other.map(drop)).await,
        }
    }

    /// A document with a caption.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn document(&self, name: &str, bytes: Vec<u8>, caption: &Screen) -> Result<(), Failure> {
        let sent = self
            .persist(UPLOAD, || {
                let file = InputFile::memory(bytes.clone()).file_name(name.to_owned());
                let request = self
                    .door
                    .bot
                    .send_document(self.id(), file)
                    .protect_content(self.protects(caption))
                    .caption(html::fit(&caption.text, CAPTION_LIMIT))
                    .parse_mode(ParseMode::Html);
                match markup(caption) {
                    Some(markup) => request.reply_markup(markup),
                    None => request,
                }
            })
            .await;
        self.outcome(sent.map(drop)).await
    }

    /// Keeps a screen in one text message, or in a new one where there is none or it cannot be edited any more; gives the
    /// message that has it.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn keep(&self, message: Option<MessageId>, screen: &Screen) -> Result<MessageId, Failure> {
        let Some(message) = message else { return self.send_for_edit(screen).await };
        let text = html::fit(&screen.text, TEXT_LIMIT);
        let edited = self.persist(SHORT, || self.edit_request(message, &text, markup(screen))).await;
        match self.edited(edited.map(drop)).await? {
            Edited::Done => Ok(message),
            Edited::Impossible => self.send_for_edit(screen).await,
        }
    }

    /// Takes one of our messages away; whether it is gone. Telegram allows it for 48 hours.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn delete(&self, message: MessageId) -> Result<bool, Failure> {
        match self.persist(SHORT, || self.door.bot.delete_message(self.id(), message)).await {
            Err(CallError::Refused(ApiError::MessageToDeleteNotFound)) => Ok(true),
            Err(CallError::Refused(error)) if !unreachable_person(&error) => Ok(false),
            other => self.outcome(other.map(|_| true)).await,
        }
    }

    /// Answers a tap, so that the button stops spinning. Too late is not an error.
    pub async fn answer(&self, tap: &CallbackQueryId) {
        let answered = call(Duration::from_secs(5), self.door.bot.answer_callback_query(tap.clone())).await;
        if let Err(error) = answered {
            tracing::debug!(%error, "a tap was not answered");
        }
    }

    /// One attempt at a new message, for who decides about waiting and trying again by themselves. A person who cannot be
    /// reached is not marked.
    ///
    /// # Errors
    /// As Telegram says.
    pub async fn try_once(&self, screen: &Screen) -> Result<MessageId, CallError> {
        let text = html::fit(&screen.text, TEXT_LIMIT);
        let request = self.request(&text, markup(screen), self.protects(screen));
        call(SHORT, request.disable_notification(screen.silent)).await.map(|message| message.id)
    }

    async fn send_parts(&self, parts: &[String], screen: &Screen) -> Result<(), Failure> {
        let last = parts.len().saturating_sub(1);
        for (number, part) in parts.iter().enumerate() {
            let keyboard = if number == last { markup(screen) } else { None };
            let sent = self.message(part, keyboard, self.protects(screen)).await;
            self.outcome(sent).await?;
        }
        Ok(())
    }

    async fn as_document(&self, screen: &Screen) -> Result<(), Failure> {
        self.document("message.txt", html::plain(&screen.text).into_bytes(), screen).await
    }

    async fn message(
        &self,
        html: &str,
        markup: Option<InlineKeyboardMarkup>,
        protect: bool,
    ) -> Result<MessageId, CallError> {
        let sent: Result<Message, _> =
            self.persist(SHORT, || self.request(html, markup.clone(), protect)).await;
        sent.map(|message| message.id)
    }

    fn request(
        &self,
        html: &str,
        markup: Option<InlineKeyboardMarkup>,
        protect: bool,
    ) -> JsonRequest<SendMessage> {
        let request = self
            .door
            .bot
            .send_message(self.id(), html)
            .parse_mode(ParseMode::Html)
            .protect_content(protect)
            .link_preview_options(no_preview());
        let request = match self.topic {
            Some(topic) => request.message_thread_id(ThreadId(MessageId(topic))),
            None => request,
        };
        match markup {
            Some(markup) => request.reply_markup(markup),
            None => request,
        }
    }

    fn edit_request(
        &self,
        message: MessageId,
        html: &str,
        markup: Option<InlineKeyboardMarkup>,
    ) -> JsonRequest<EditMessageText> {
        let request = self
            .door
            .bot
            .edit_message_text(self.id(), message, html)
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview());
        match markup {
            Some(markup) => request.reply_markup(markup),
            None => request,
        }
    }

    /// Tries a call, and once more after each wait that Telegram asks for and that is short enough.
    async fn persist<T, R>(&self, limit: Duration, request: impl Fn() -> R) -> Result<T, CallError>
    where
        R: IntoFuture<Output = Result<T, RequestError>>,
    {
        let mut waits = 0;
        loop {
            match call(limit, request()).await {
                Err(CallError::Later(pause)) if pause <= PATIENCE && waits < WAITS => {
                    waits += 1;
                    tokio::time::sleep(pause).await;
                }
                other => return other,
            }
        }
    }

    /// What an edit came to. The very same screen again is a success.
    async fn edited(&self, result: Result<(), CallError>) -> Result<Edited, Failure> {
        match result {
            Err(CallError::Refused(error)) if is_so_already(&error) => Ok(Edited::Done),
            Err(CallError::Refused(error)) if cannot_be_edited(&error) => Ok(Edited::Impossible),
            other => self.outcome(other.map(|_| Edited::Done)).await,
        }
    }

    /// A person who cannot be reached is marked.
    async fn outcome<T>(&self, result: Result<T, CallError>) -> Result<T, Failure> {
        match result {
            Ok(value) => Ok(value),
            Err(CallError::Refused(error)) if unreachable_person(&error) => {
                self.door.services.people.blocked_bot(self.person).await?;
                Err(Failure::Gone)
            }
            Err(error) => Err(Failure::Telegram(error)),
        }
    }
}

/// What an edit came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edited {
    Done,
    /// Too old, deleted, or of another kind.
    Impossible,
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn markup(screen: &Screen) -> Option<InlineKeyboardMarkup> {
    if screen.keyboard.is_empty() {
        return None;
    }
    Some(InlineKeyboardMarkup::new(screen.keyboard.iter().map(|row| row.iter().map(button))))
}

fn button(button: &Button) -> InlineKeyboardButton {
    match button {
        Button::Tap(label, tap) => InlineKeyboardButton::callback(label, tap.to_string()),
        Button::Open(label, url) => InlineKeyboardButton::url(label, url.clone()),
        Button::Copy(label, text) => {
            InlineKeyboardButton::copy_text_button(label, CopyTextButton { text: text.clone() })
        }
    }
}
