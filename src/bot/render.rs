//! The one place that sends and edits: HTML, lengths, no link previews, what Telegram's refusals mean.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::setters::*;
use teloxide::prelude::Requester as _;
use teloxide::types::{
    CallbackQueryId, ChatAction, ChatId, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup,
    InputFile, LinkPreviewOptions, MessageId, ParseMode,
};
use teloxide::{ApiError, RequestError};

use crate::domain::ids::TelegramId;

use super::door::Door;
use super::errors::Failure;
use super::html::{self, CAPTION_LIMIT, TEXT_LIMIT};
use super::screen::{Button, Screen};
use super::telegram::{CallError, SHORT, UPLOAD, call};

/// When Telegram asks to wait longer than this, the answer is tried again later, as one that had no answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// A private chat with a person.
#[derive(Clone)]
pub struct Chat {
    door: Arc<Door>,
    person: TelegramId,
}

impl Chat {
    /// The chat with that person: in a private chat both have one number.
    pub fn new(door: Arc<Door>, person: TelegramId) -> Self {
        Self { door, person }
    }

    fn id(&self) -> ChatId {
        ChatId(self.person.0)
    }

    /// Whether it must not be forwarded or saved.
    pub fn protects(&self, screen: &Screen) -> bool {
        screen.secret && self.door.settings.protect_content
    }

    /// A new message.
    ///
    /// # Errors
    /// `Telegram`, `Gone`, `Service`.
    pub async fn send(&self, screen: &Screen) -> Result<(), Failure> {
        let sent = self
            .persist(SHORT, || {
                let request = self
                    .door
                    .bot
                    .send_message(self.id(), html::fit(&screen.text, TEXT_LIMIT))
                    .parse_mode(ParseMode::Html)
                    .protect_content(self.protects(screen))
                    .link_preview_options(no_preview());
                match markup(screen) {
                    Some(markup) => request.reply_markup(markup),
                    None => request,
                }
            })
            .await;
        self.outcome(sent).await
    }

    /// Puts the screen in the place of a text message; a new message when that one cannot be edited any more.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn edit(&self, message: MessageId, screen: &Screen) -> Result<(), Failure> {
        let edited = self
            .persist(SHORT, || {
                let request = self
                    .door
                    .bot
                    .edit_message_text(self.id(), message, html::fit(&screen.text, TEXT_LIMIT))
                    .parse_mode(ParseMode::Html)
                    .link_preview_options(no_preview());
                match markup(screen) {
                    Some(markup) => request.reply_markup(markup),
                    None => request,
                }
            })
            .await;
        match edited {
            Err(CallError::Refused(error)) if is_so_already(&error) => Ok(()),
            Err(CallError::Refused(error)) if cannot_be_edited(&error) => self.send(screen).await,
            other => self.outcome(other).await,
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
                    .caption(html::fit(&caption.text, CAPTION_LIMIT))
                    .parse_mode(ParseMode::Html)
                    .protect_content(self.protects(caption));
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
            other => self.outcome(other).await,
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
                    .caption(html::fit(&caption.text, CAPTION_LIMIT))
                    .parse_mode(ParseMode::Html)
                    .protect_content(self.protects(caption));
                match markup(caption) {
                    Some(markup) => request.reply_markup(markup),
                    None => request,
                }
            })
            .await;
        self.outcome(sent).await
    }

    /// Takes one of our messages away; whether it is gone. Telegram allows it for 48 hours.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn delete(&self, message: MessageId) -> Result<bool, Failure> {
        match self.persist(SHORT, || self.door.bot.delete_message(self.id(), message)).await {
            Err(CallError::Refused(ApiError::MessageToDeleteNotFound)) => Ok(true),
            Err(CallError::Refused(error)) if !unreachable_person(&error) => Ok(false),
            other => self.outcome(other).await.map(|()| true),
        }
    }

    /// Answers a tap, so that the button stops spinning. Too late is not an error.
    pub async fn answer(&self, tap: &CallbackQueryId) {
        let answered = call(Duration::from_secs(5), self.door.bot.answer_callback_query(tap.clone())).await;
        if let Err(error) = answered {
            tracing::debug!(%error, "a tap was not answered");
        }
    }

    /// Shows "typing…" from the third second on, for as long as it is polled.
    pub async fn keep_typing(&self) -> Infallible {
        tokio::time::sleep(Duration::from_secs(2)).await;
        loop {
            let shown = call(SHORT, self.door.bot.send_chat_action(self.id(), ChatAction::Typing)).await;
            if let Err(error) = shown {
                tracing::debug!(%error, "no typing shown");
            }
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }

    /// Tries a call, and once more after each wait that Telegram asks for and that is short enough.
    async fn persist<T, R>(&self, limit: Duration, request: impl Fn() -> R) -> Result<T, CallError>
    where
        R: IntoFuture<Output = Result<T, RequestError>>,
    {
        for _ in 0..2 {
            match call(limit, request()).await {
                Err(CallError::Later(pause)) if pause <= PATIENCE => tokio::time::sleep(pause).await,
                other => return other,
            }
        }
        call(limit, request()).await
    }

    /// A person who cannot be reached is marked.
    async fn outcome<T>(&self, result: Result<T, CallError>) -> Result<(), Failure> {
        match result {
            Ok(_) => Ok(()),
            Err(CallError::Refused(error)) if unreachable_person(&error) => {
                self.door.services.people.blocked_bot(self.person).await?;
                Err(Failure::Gone)
            }
            Err(error) => Err(Failure::Telegram(error)),
        }
    }
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

fn unreachable_person(error: &ApiError) -> bool {
    match error {
        ApiError::BotBlocked | ApiError::UserDeactivated | ApiError::ChatNotFound => true,
        // In a private chat every 403 means that. teloxide knows some by sentences that Telegram says no more.
        ApiError::Unknown(text) => text.starts_with("Forbidden: "),
        _ => false,
    }
}

/// The message shows this very screen: a second tap on the same button.
fn is_so_already(error: &ApiError) -> bool {
    match error {
        ApiError::MessageNotModified => true,
        // teloxide knows the sentence as a whole, and Telegram has changed its end before.
        ApiError::Unknown(text) => text.contains("message is not modified"),
        _ => false,
    }
}

/// Too old, deleted, or not a text any more: the screen goes out as a new message.
fn cannot_be_edited(error: &ApiError) -> bool {
    match error {
        ApiError::MessageCantBeEdited | ApiError::MessageToEditNotFound | ApiError::MessageIdInvalid => true,
        ApiError::Unknown(text) => {
            text.contains("message to edit") || text.contains("message can't be edited")
        }
        _ => false,
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
