//! Text as Telegram keeps it: plain, with entities, cleaned and trimmed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::html::{self, Parsed};
use super::params::Params;
use super::refusal::Refusal;

/// A marked range of a text, in UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimEntity {
    /// The Bot API's `type`: `bold`, `text_link`, `bot_command`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it starts.
    pub offset: usize,
    /// How long it is.
    pub length: usize,
    /// The target of a `text_link`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The language of a `pre`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The emoji of a `custom_emoji`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_emoji_id: Option<String>,
}

impl SimEntity {
    pub(super) fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self { kind: kind.to_owned(), offset, length, url: None, language: None, custom_emoji_id: None }
    }

    fn end(&self) -> usize {
        self.offset + self.length
    }
}

/// A text with its entities and the source it was made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Formatted {
    pub text: String,
    pub entities: Vec<SimEntity>,
    pub source: String,
}

impl Formatted {
    /// What a person typed: no markup, but the entities Telegram finds by itself.
    pub(super) fn typed(text: &str) -> Self {
        finish(Parsed { text: text.to_owned(), entities: Vec::new() }, text)
    }

    /// The `text` or `caption` of a call, read by its `parse_mode`, or with its explicit entities.
    pub(super) fn of(params: &Params, field: &str, entities: &str) -> Result<Self, Refusal> {
        let source = params.text(field).unwrap_or_default();
        let mode = params.text("parse_mode").unwrap_or_default();
        let parsed = match mode.to_ascii_lowercase().as_str() {
            "" => Parsed { text: source.to_owned(), entities: explicit(params.json(entities))? },
            "html" => html::parse(source)
                .map_err(|reason| Refusal::bad(format!("can't parse entities: {reason}")))?,
            "markdown" | "markdownv2" => {
                return Err(Refusal::bad("can't parse entities: this simulator reads HTML only"));
            }
            _ => return Err(Refusal::bad("unsupported parse_mode")),
        };
        Ok(finish(parsed, source))
    }

    /// The length that Telegram limits: UTF-16 units after the markup is read.
    pub(super) fn units(&self) -> usize {
        units(&self.text)
    }
}

/// The length of a text in UTF-16 units.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn explicit(entities: Option<&Value>) -> Result<Vec<SimEntity>, Refusal> {
    let Some(entities) = entities else { return Ok(Vec::new()) };
    serde_json::from_value(entities.clone())
        .map_err(|error| Refusal::bad(format!("can't parse entities: {error}")))
}

/// Cleans, trims, adds what Telegram finds by itself, and sorts.
fn finish(parsed: Parsed, source: &str) -> Formatted {
    let cleaned = clean(parsed);
    let (text, mut entities) = trim(&cleaned);
    for found in super::detect::entities(&text) {
        let free = |own: &SimEntity| {
            let apart = own.end() <= found.offset || found.end() <= own.offset;
            apart || !matches!(own.kind.as_str(), "code" | "pre" | "text_link" | "bot_command" | "url")
        };
        if entities.iter().all(free) {
            entities.push(found);
        }
    }
    entities.sort_by(|a, b| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)));
    Formatted { text, entities, source: source.to_owned() }
}

/// Telegram drops `\r` and makes a space of any other control character but the line break.
fn clean(parsed: Parsed) -> Parsed {
    if !parsed.text.chars().any(|char| char < ' ' && char != '\n') {
        return parsed;
    }
    let mut text = String::with_capacity(parsed.text.len());
    // For each unit of the old text, its place in the new one.
    let mut places = Vec::with_capacity(parsed.text.len() + 1);
    let mut at = 0;
    for char in parsed.text.chars() {
        for _ in 0..char.len_utf16() {
            places.push(at);
        }
        if char == '\r' {
            continue;
        }
        at += char.len_utf16();
        text.push(if char < ' ' && char != '\n' { ' ' } else { char });
    }
    places.push(at);
    let place = |old: usize| places.get(old).copied().unwrap_or(at);
    let moved = |mut entity: SimEntity| {
        let (start, end) = (place(entity.offset), place(entity.end()));
        (entity.offset, entity.length) = (start, end - start);
        (end > start).then_some(entity)
    };
    Parsed { text, entities: parsed.entities.into_iter().filter_map(moved).collect() }
}

/// Takes white space off both ends; the entities follow.
fn trim(parsed: &Parsed) -> (String, Vec<SimEntity>) {
    let started = parsed.text.trim_start();
    let cut = units(&parsed.text) - units(started);
    let text = started.trim_end().to_owned();
    let end = units(&text);
    let moved = |entity: &SimEntity| {
        let start = entity.offset.saturating_sub(cut).min(end);
        let stop = entity.end().saturating_sub(cut).min(end);
        (stop > start).then(|| SimEntity { offset: start, length: stop - start, ..entity.clone() })
    };
    (text, parsed.entities.iter().filter_map(moved).collect())
}
