//! The methods this server knows, and the parameters each takes (Bot API 9).

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::Refusal;

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number or `@name`.
    Chat,
    Int,
    Flag,
    Text,
    /// An object or a list, in a form as its JSON text.
    Json,
    /// A part, `attach://PART`, a file id, or a URL.
    File,
}

use Kind::{Chat, File, Flag, Int, Json, Text};

/// A method: its name as documented, and its parameters.
#[derive(Debug)]
pub(super) struct Method {
    pub name: &'static str,
    pub parameters: &'static [(&'static str, Kind)],
}

const METHODS: &[Method] = &[
    Method { name: "getMe", parameters: &[] },
    Method { name: "logOut", parameters: &[] },
    Method { name: "close", parameters: &[] },
    Method {
        name: "getUpdates",
        parameters: &[("offset", Int), ("limit", Int), ("timeout", Int), ("allowed_updates", Json)],
    },
    Method {
        name: "setWebhook",
        parameters: &[
            ("url", Text),
            ("certificate", File),
            ("ip_address", Text),
            ("max_connections", Int),
            ("allowed_updates", Json),
            ("drop_pending_updates", Flag),
            ("secret_token", Text),
        ],
    },
    Method { name: "deleteWebhook", parameters: &[("drop_pending_updates", Flag)] },
    Method { name: "getWebhookInfo", parameters: &[] },
    Method { name: "getChat", parameters: &[("chat_id", Chat)] },
    Method { name: "getFile", parameters: &[("file_id", Text)] },
    Method {
        name: "sendMessage",
        parameters: &[
            ("chat_id", Chat),
            ("text", Text),
            ("parse_mode", Text),
            ("entities", Json),
            ("link_preview_options", Json),
            ("disable_web_page_preview", Flag),
        ],
    },
    Method {
        name: "sendPhoto",
        parameters: &[
            ("chat_id", Chat),
            ("photo", File),
            ("caption", Text),
            ("parse_mode", Text),
            ("caption_entities", Json),
            ("show_caption_above_media", Flag),
            ("has_spoiler", Flag),
        ],
    },
    Method {
        name: "sendDocument",
        parameters: &[
            ("chat_id", Chat),
            ("document", File),
            ("thumbnail", File),
            ("caption", Text),
            ("parse_mode", Text),
            ("caption_entities", Json),
            ("disable_content_type_detection", Flag),
        ],
    },
    Method {
        name: "editMessageText",
        parameters: &[
            ("text", Text),
            ("parse_mode", Text),
            ("entities", Json),
            ("link_preview_options", Json),
            ("disable_web_page_preview", Flag),
        ],
    },
    Method {
        name: "editMessageCaption",
        parameters: &[
            ("caption", Text),
            ("parse_mode", Text),
            ("caption_entities", Json),
            ("show_caption_above_media", Flag),
        ],
    },
    Method { name: "editMessageMedia", parameters: &[("media", Json)] },
    Method { name: "editMessageReplyMarkup", parameters: &[] },
    Method { name: "deleteMessage", parameters: &[("chat_id", Chat), ("message_id", Int)] },
    Method {
        name: "answerCallbackQuery",
        parameters: &[
            ("callback_query_id", Text),
            ("text", Text),
            ("show_alert", Flag),
            ("url", Text),
            ("cache_time", Int),
        ],
    },
    Method {
        name: "sendChatAction",
        parameters: &[
            ("chat_id", Chat),
            ("action", Text),
            ("message_thread_id", Int),
            ("business_connection_id", Text),
        ],
    },
    Method {
        name: "setMyCommands",
        parameters: &[("commands", Json), ("scope", Json), ("language_code", Text)],
    },
    Method { name: "getMyCommands", parameters: &[("scope", Json), ("language_code", Text)] },
    Method { name: "deleteMyCommands", parameters: &[("scope", Json), ("language_code", Text)] },
    Method { name: "setMyDescription", parameters: &[("description", Text), ("language_code", Text)] },
    Method { name: "getMyDescription", parameters: &[("language_code", Text)] },
    Method {
        name: "setMyShortDescription",
        parameters: &[("short_description", Text), ("language_code", Text)],
    },
    Method { name: "getMyShortDescription", parameters: &[("language_code", Text)] },
];

/// What every `send…` of a message takes as well.
const SENDING: &[(&str, Kind)] = &[
    ("business_connection_id", Text),
    ("message_thread_id", Int),
    ("direct_messages_topic_id", Int),
    ("disable_notification", Flag),
    ("protect_content", Flag),
    ("allow_paid_broadcast", Flag),
    ("message_effect_id", Text),
    ("suggested_post_parameters", Json),
    ("reply_parameters", Json),
    ("reply_to_message_id", Int),
    ("allow_sending_without_reply", Flag),
    ("reply_markup", Json),
];

/// What every `editMessage…` takes as well.
const EDITING: &[(&str, Kind)] = &[
    ("business_connection_id", Text),
    ("chat_id", Chat),
    ("message_id", Int),
    ("inline_message_id", Text),
    ("reply_markup", Json),
];

impl Method {
    /// Names are compared without regard to case, as Telegram does (teloxide writes `SendMessage`).
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        METHODS.iter().find(|method| method.name.eq_ignore_ascii_case(name))
    }

    fn kind(&self, parameter: &str) -> Option<Kind> {
        let sends = matches!(self.name, "sendMessage" | "sendPhoto" | "sendDocument");
        let common = match self.name {
            _ if sends => SENDING,
            name if name.starts_with("editMessage") => EDITING,
            _ => &[],
        };
        self.parameters.iter().chain(common).find(|(name, _)| *name == parameter).map(|(_, kind)| *kind)
    }

    /// Refuses unknown parameters (Telegram ignores them: here a misspelt name must not go unseen) and wrong
    /// types, and makes every value the type its method names.
    pub(super) fn check(&self, params: &mut Params) -> Result<(), Refusal> {
        let direct: Vec<String> =
            params.files.keys().filter(|part| self.kind(part) == Some(File)).cloned().collect();
        for part in direct {
            let attached = Value::String(format!("attach://{part}"));
            params.values.insert(part, attached);
        }
        for (name, value) in &mut params.values {
            let Some(kind) = self.kind(name) else {
                return Err(Refusal::bad(format!("unknown parameter \"{name}\" of {}", self.name)));
            };
            let typed = typed(kind, value);
            *value = typed.ok_or_else(|| {
                Refusal::bad(format!("parameter \"{name}\" of {} has a wrong type", self.name))
            })?;
        }
        self.no_stray_part(params)
    }

    fn no_stray_part(&self, params: &Params) -> Result<(), Refusal> {
        let named = |part: &str| {
            let reference = format!("attach://{part}");
            params.values.values().any(|value| value.to_string().contains(&reference))
        };
        match params.files.keys().find(|part| !named(part)) {
            Some(part) => Err(Refusal::bad(format!("unknown file part \"{part}\" of {}", self.name))),
            None => Ok(()),
        }
    }
}

/// The value as its kind; forms and query strings carry everything as text.
fn typed(kind: Kind, value: &Value) -> Option<Value> {
    match (kind, value) {
        (Text | File, Value::String(_)) | (Flag, Value::Bool(_)) => Some(value.clone()),
        (Chat | Int, Value::Number(number)) => number.as_i64().map(|number| json!(number)),
        (Chat, Value::String(text)) if text.starts_with('@') => Some(value.clone()),
        (Chat | Int, Value::String(text)) => text.parse::<i64>().ok().map(|number| json!(number)),
        (Flag, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(json!(true)),
            "false" | "0" | "no" => Some(json!(false)),
            _ => None,
        },
        (Json, Value::Object(_) | Value::Array(_)) => Some(value.clone()),
        (Json, Value::String(text)) => {
            serde_json::from_str(text).ok().filter(|read: &Value| read.is_object() || read.is_array())
        }
        _ => None,
    }
}
