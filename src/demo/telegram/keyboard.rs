//! Reply markup: read and checked as Telegram does.

use serde::Serialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::format::units;
use super::refusal::Refusal;

const MAX_BUTTONS: usize = 100;
const MAX_ROW: usize = 8;
const MAX_CALLBACK_DATA: usize = 64;
const MAX_COPY_TEXT: usize = 256;

/// What a button may do; exactly one of these.
const ACTIONS: &[&str] = &[
    "callback_data",
    "url",
    "copy_text",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "callback_game",
    "pay",
];

/// What a button may have besides.
const LOOKS: &[&str] = &["text", "style", "icon_custom_emoji_id"];

/// A button of an inline keyboard, as the person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimButton {
    /// The label.
    pub text: String,
    /// What a tap sends to the bot.
    pub callback_data: Option<String>,
    /// What a tap opens.
    pub url: Option<String>,
    /// What a tap copies.
    pub copy_text: Option<String>,
    /// The page that a tap opens inside Telegram.
    pub web_app: Option<String>,
    /// The fields as the bot sent them.
    #[serde(skip)]
    pub(super) sent: Value,
}

/// The reply markup of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Markup {
    Inline(Vec<Vec<SimButton>>),
    /// A reply keyboard, its removal, or a forced reply: shown by the app, not part of the message.
    Other,
}

impl Markup {
    /// The `reply_markup` of a `Message`.
    pub(super) fn json(rows: &[Vec<SimButton>]) -> Value {
        let row = |row: &Vec<SimButton>| row.iter().map(|button| button.sent.clone()).collect::<Vec<_>>();
        json!({ "inline_keyboard": rows.iter().map(row).collect::<Vec<_>>() })
    }
}

/// Reads a `reply_markup`; an inline keyboard without buttons is none.
pub(super) fn read(markup: Option<&Value>) -> Result<Option<Markup>, Refusal> {
    let Some(markup) = markup else { return Ok(None) };
    let fields = markup.as_object().ok_or_else(|| Refusal::bad("object expected as reply markup"))?;
    if let Some(keyboard) = fields.get("inline_keyboard") {
        let rows = rows(keyboard)?;
        return Ok((!rows.is_empty()).then_some(Markup::Inline(rows)));
    }
    let known = ["keyboard", "remove_keyboard", "force_reply"];
    if fields.is_empty() || known.iter().any(|name| fields.contains_key(*name)) {
        return Ok((!fields.is_empty()).then_some(Markup::Other));
    }
    Err(Refusal::bad("can't parse reply markup: unknown kind of reply markup"))
}

fn rows(keyboard: &Value) -> Result<Vec<Vec<SimButton>>, Refusal> {
    let wrong = |what: &str| Refusal::bad(format!("can't parse inline keyboard: {what}"));
    let rows = keyboard.as_array().ok_or_else(|| wrong("field \"inline_keyboard\" must be an Array"))?;
    let mut read = Vec::new();
    for row in rows {
        let row = row.as_array().ok_or_else(|| wrong("keyboard row must be an Array"))?;
        if row.len() > MAX_ROW {
            return Err(wrong(&format!("a row has {} buttons, at most {MAX_ROW} are shown", row.len())));
        }
        let buttons = row.iter().map(button).collect::<Result<Vec<_>, _>>()?;
        if !buttons.is_empty() {
            read.push(buttons);
        }
    }
    if read.iter().map(Vec::len).sum::<usize>() > MAX_BUTTONS {
        return Err(Refusal::bad("reply markup is too long"));
    }
    Ok(read)
}

fn button(button: &Value) -> Result<SimButton, Refusal> {
    let wrong = |what: &str| Refusal::bad(format!("can't parse inline keyboard button: {what}"));
    let fields = button.as_object().ok_or_else(|| wrong("Inline keyboard button must be an Object"))?;
    if let Some(name) =
        fields.keys().find(|name| !ACTIONS.contains(&name.as_str()) && !LOOKS.contains(&name.as_str()))
    {
        return Err(wrong(&format!("unknown field \"{name}\"")));
    }
    let text = fields.get("text").and_then(Value::as_str).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(wrong("field \"text\" must be a non-empty String"));
    }
    let mut actions =
        ACTIONS.iter().filter(|action| fields.get(**action).is_some_and(|value| !value.is_null()));
    match (actions.next(), actions.next()) {
        (None, _) => return Err(wrong("Text buttons are unallowed in the inline keyboard")),
        (Some(_), Some(_)) => return Err(wrong("a button must have exactly one action")),
        (Some(_), None) => {}
    }
    Ok(SimButton {
        text: text.to_owned(),
        callback_data: callback_data(fields)?,
        url: url(fields)?,
        copy_text: copy_text(fields)?,
        web_app: web_app(fields)?,
        sent: button.clone(),
    })
}

fn callback_data(fields: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(data) = fields.get("callback_data") else { return Ok(None) };
    match data.as_str() {
        Some(data) if (1..=MAX_CALLBACK_DATA).contains(&data.len()) => Ok(Some(data.to_owned())),
        _ => Err(Refusal::bad("BUTTON_DATA_INVALID")),
    }
}

fn copy_text(fields: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(copy) = fields.get("copy_text") else { return Ok(None) };
    match copy.get("text").and_then(Value::as_str) {
        Some(text) if (1..=MAX_COPY_TEXT).contains(&units(text)) => Ok(Some(text.to_owned())),
        _ => Err(Refusal::bad("BUTTON_COPY_TEXT_INVALID")),
    }
}

/// Telegram takes only https here.
fn web_app(fields: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(app) = fields.get("web_app") else { return Ok(None) };
    match app.get("url").and_then(Value::as_str) {
        Some(url) if url.starts_with("https://") && wrong_url(url).is_none() => Ok(Some(url.to_owned())),
        _ => Err(Refusal::bad("inline keyboard button Web App URL is invalid: Only HTTPS links are allowed")),
    }
}

fn url(fields: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(url) = fields.get("url") else { return Ok(None) };
    let url = url.as_str().unwrap_or_default();
    match wrong_url(url) {
        Some(reason) => Err(Refusal::bad(format!("inline keyboard button URL '{url}' is invalid: {reason}"))),
        None => Ok(Some(url.to_owned())),
    }
}

/// Why Telegram does not take this URL in a button. A host needs a dot: `localhost` is refused, a bare IPv4
/// address is not. The apps' own schemes (`happ://`) are refused too.
fn wrong_url(url: &str) -> Option<&'static str> {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("http".to_owned(), url),
    };
    match scheme.as_str() {
        "tg" | "ton" | "tonsite" => return rest.is_empty().then_some("URL host is empty"),
        "http" | "https" => {}
        _ => return Some("Unsupported URL protocol"),
    }
    if rest.split(['/', '?', '#']).next().is_none_or(str::is_empty) {
        return Some("URL host is empty");
    }
    match Url::parse(&format!("{scheme}://{rest}")) {
        Ok(read) if read.host_str().is_some_and(|host| host.contains(['.', ':'])) => None,
        _ => Some("Wrong HTTP URL"),
    }
}
