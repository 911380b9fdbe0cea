//! `editMessageText`, `…Caption`, `…Media`, `…ReplyMarkup`, and `deleteMessage`.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::keyboard::{self, Markup, SimButton};
use super::params::Params;
use super::refusal::Refusal;
use super::send;
use super::state::{Content, State, Stored};
use super::view::ReactionKind;

/// After this a message can be neither edited nor deleted.
const EDITABLE: TimeDelta = TimeDelta::hours(48);

/// Which message a call is about.
fn target(params: &Params) -> Result<(i64, i64), Refusal> {
    let id = params.int("message_id").ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    Ok((params.chat_id()?, id))
}

/// The message to edit, if the bot may edit it now.
fn editable<'a>(state: &'a State, params: &Params) -> Result<&'a Stored, Refusal> {
    let key = target(params)?;
    state.reachable(key.0)?;
    let Some(message) = state.messages.get(&key) else {
        let refusal = Refusal::bad("message to edit not found");
        return Err(if state.removed.contains(&key) { refusal.circumstance() } else { refusal });
    };
    if message.author.is_some() {
        return Err(Refusal::bad("message can't be edited"));
    }
    if state.now - message.date > EDITABLE {
        return Err(Refusal::bad("message can't be edited").circumstance());
    }
    Ok(message)
}

pub(super) fn text(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let text = send::text(params, "MESSAGE_TOO_LONG")?;
    let message = editable(state, params)?;
    if !matches!(message.content, Content::Text(_)) {
        return Err(Refusal::bad("there is no text in the message to edit"));
    }
    let edited = message.clone();
    put(state, params, edited, Some(Content::Text(text)))
}

pub(super) fn caption(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let caption = send::caption(params)?;
    let edited = editable(state, params)?.clone();
    let content = match &edited.content {
        Content::Photo(file, _) => Content::Photo(file.clone(), caption),
        Content::Document(file, _) => Content::Document(file.clone(), caption),
        Content::Text(_) | Content::Other(_) => {
            return Err(Refusal::bad("there is no caption in the message to edit"));
        }
    };
    put(state, params, edited, Some(content))
}

pub(super) fn media(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let wrong = |what: &str| Refusal::bad(format!("can't parse InputMedia: {what}"));
    let media = params.json("media").and_then(Value::as_object);
    let media = media.ok_or_else(|| wrong("expected an Object"))?;
    let inner = Params { values: caption_values(media), files: params.files.clone() };
    let caption = send::caption(&inner)?;
    let edited = editable(state, params)?.clone();
    let reference = inner.text("media").ok_or_else(|| wrong("media not found"))?;
    let content = match media.get("type").and_then(Value::as_str) {
        Some("photo") => Content::Photo(send::photo_file(state, &inner, reference)?, caption),
        Some("document") => Content::Document(send::document_file(state, &inner, reference)?, caption),
        _ => return Err(wrong("type must be photo or document")),
    };
    put(state, params, edited, Some(content))
}

/// The fields of an `InputMedia` that the parameters of a call may have too.
fn caption_values(media: &Map<String, Value>) -> Map<String, Value> {
    const NAMES: &[&str] = &["media", "caption", "parse_mode", "caption_entities"];
    media
        .iter()
        .filter(|(name, _)| NAMES.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

pub(super) fn reply_markup(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let edited = editable(state, params)?.clone();
    put(state, params, edited, None)
}

/// The inline keyboard of an edit; without one, the old keyboard goes.
fn keyboard(params: &Params) -> Result<Vec<Vec<SimButton>>, Refusal> {
    match keyboard::read(params.json("reply_markup"))? {
        None => Ok(Vec::new()),
        Some(Markup::Inline(rows)) => Ok(rows),
        Some(Markup::Other) => Err(Refusal::bad("inline keyboard expected")),
    }
}

fn put(
    state: &mut State,
    params: &Params,
    mut message: Stored,
    content: Option<Content>,
) -> Result<Value, Refusal> {
    let keyboard = keyboard(params)?;
    let same = content.as_ref().is_none_or(|content| shows_same(content, &message.content));
    let (chat, id) = (message.chat, message.id);
    if same && keyboard == message.keyboard {
        state.react(chat, id, ReactionKind::NotModified);
        return Err(Refusal::bad(
            "message is not modified: specified new message content and reply markup are exactly the same as \
             a current content and reply markup of the message",
        )
        .circumstance());
    }
    if let Some(content) = content {
        message.content = content;
    }
    message.keyboard = keyboard;
    message.edit_date = Some(state.now);
    message.edits += 1;
    let json = state.keep(message);
    state.react(chat, id, ReactionKind::Edited);
    Ok(json)
}

/// Markup may be written in more than one way: what is shown counts.
fn shows_same(a: &Content, b: &Content) -> bool {
    match (a, b) {
        (Content::Text(a), Content::Text(b)) => (&a.text, &a.entities) == (&b.text, &b.entities),
        (Content::Photo(a, x), Content::Photo(b, y)) | (Content::Document(a, x), Content::Document(b, y)) => {
            a.bytes == b.bytes && (&x.text, &x.entities) == (&y.text, &y.entities)
        }
        _ => false,
    }
}

pub(super) fn delete(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let key = target(params)?;
    state.reachable(key.0)?;
    let Some(message) = state.messages.get(&key) else {
        let refusal = Refusal::bad("message to delete not found");
        return Err(if state.removed.contains(&key) { refusal.circumstance() } else { refusal });
    };
    if state.now - message.date > EDITABLE {
        return Err(Refusal::bad("message can't be deleted for everyone").circumstance());
    }
    state.messages.remove(&key);
    state.react(key.0, key.1, ReactionKind::Deleted);
    Ok(json!(true))
}
