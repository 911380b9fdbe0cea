//! `sendMessage`, `sendPhoto`, `sendDocument`, `sendChatAction`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::format::Formatted;
use super::keyboard::{self, Markup};
use super::media::{self, MAX_DOCUMENT, StoredFile};
use super::params::{FileSource, Params};
use super::refusal::Refusal;
use super::state::{Content, State};
use super::view::ReactionKind;

/// The longest text, UTF-16 units after parsing.
pub(super) const MAX_TEXT: usize = 4096;
/// The longest caption, UTF-16 units after parsing.
pub(super) const MAX_CAPTION: usize = 1024;

const ACTIONS: &[&str] = &[
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub(super) fn message(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let chat = params.chat_id()?;
    let text = text(params, "message is too long")?;
    send(state, params, chat, Content::Text(text))
}

/// The `text` of a call, not empty and not too long.
pub(super) fn text(params: &Params, too_long: &str) -> Result<Formatted, Refusal> {
    let text = Formatted::of(params, "text", "entities")?;
    match text.units() {
        0 => Err(Refusal::bad("message text is empty")),
        units if units > MAX_TEXT => Err(Refusal::bad(too_long)),
        _ => Ok(text),
    }
}

/// The `caption` of a call, perhaps empty, not too long.
pub(super) fn caption(params: &Params) -> Result<Formatted, Refusal> {
    let caption = Formatted::of(params, "caption", "caption_entities")?;
    if caption.units() > MAX_CAPTION {
        return Err(Refusal::bad("message caption is too long"));
    }
    Ok(caption)
}

pub(super) fn photo(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let chat = params.chat_id()?;
    let reference = params.text("photo").ok_or_else(|| Refusal::bad("there is no photo in the request"))?;
    let caption = caption(params)?;
    state.reachable(chat)?;
    let photo = photo_file(state, params, reference)?;
    send(state, params, chat, Content::Photo(photo, caption))
}

pub(super) fn document(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let chat = params.chat_id()?;
    let reference =
        params.text("document").ok_or_else(|| Refusal::bad("there is no document in the request"))?;
    let caption = caption(params)?;
    state.reachable(chat)?;
    let document = document_file(state, params, reference)?;
    send(state, params, chat, Content::Document(document, caption))
}

pub(super) fn photo_file(
    state: &mut State,
    params: &Params,
    reference: &str,
) -> Result<Arc<StoredFile>, Refusal> {
    match params.file(reference)? {
        FileSource::Upload(upload) => {
            let size = media::photo(&upload.bytes)?;
            Ok(state.keep_file(upload.name, upload.bytes, Some(size)))
        }
        FileSource::Reference(id) => known_file(state, &id, true),
    }
}

pub(super) fn document_file(
    state: &mut State,
    params: &Params,
    reference: &str,
) -> Result<Arc<StoredFile>, Refusal> {
    match params.file(reference)? {
        FileSource::Upload(upload) if upload.bytes.is_empty() => Err(Refusal::bad("file must be non-empty")),
        FileSource::Upload(upload) if upload.bytes.len() > MAX_DOCUMENT => {
            Err(Refusal::new(413, "Request Entity Too Large"))
        }
        FileSource::Upload(upload) => Ok(state.keep_file(upload.name, upload.bytes, None)),
        FileSource::Reference(id) => known_file(state, &id, false),
    }
}

/// A file that Telegram has already. URLs are not fetched here.
fn known_file(state: &State, id: &str, picture: bool) -> Result<Arc<StoredFile>, Refusal> {
    if id.contains("://") {
        return Err(Refusal::bad("failed to get HTTP URL content"));
    }
    let file = state.file(id).ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified"))?;
    if file.picture.is_some() != picture {
        return Err(Refusal::bad("type of file mismatch"));
    }
    Ok(file)
}

/// The last checks, then the message is in the chat.
fn send(state: &mut State, params: &Params, chat: i64, content: Content) -> Result<Value, Refusal> {
    let markup = keyboard::read(params.json("reply_markup"))?;
    let reply_to = reply_to(state, params, chat)?;
    state.reachable(chat)?;
    let mut message = state.new_message(chat, None, content);
    if let Some(Markup::Inline(rows)) = markup {
        message.keyboard = rows;
    }
    message.protected = params.flag("protect_content");
    message.silent = params.flag("disable_notification");
    message.reply_to = reply_to;
    let id = message.id;
    let json = state.keep(message);
    state.react(chat, id, ReactionKind::Sent);
    Ok(json)
}

fn reply_to(state: &State, params: &Params, chat: i64) -> Result<Option<i64>, Refusal> {
    let given = params.json("reply_parameters");
    let id = given.and_then(|given| given.get("message_id")?.as_i64()).or(params.int("reply_to_message_id"));
    let lenient =
        given.and_then(|given| given.get("allow_sending_without_reply")?.as_bool()).unwrap_or_default()
            || params.flag("allow_sending_without_reply");
    match id {
        Some(id) if state.messages.contains_key(&(chat, id)) => Ok(Some(id)),
        Some(_) if !lenient => Err(Refusal::bad("message to be replied not found")),
        _ => Ok(None),
    }
}

pub(super) fn chat_action(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let chat = params.chat_id()?;
    state.reachable(chat)?;
    let action = params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&action) {
        return Err(Refusal::bad("wrong parameter action in request"));
    }
    state.acts(chat, action);
    Ok(json!(true))
}
