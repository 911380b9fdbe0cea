//! An answer of Telegram that says no.

use serde_json::{Value, json};

/// Who could have prevented a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// The bot could have known: a fault in the bot, so a violation.
    Bot,
    /// The bot could not know before it asked (blocked, too old, not modified, a scripted fault).
    Circumstance,
}

/// An error answer, as the Bot API words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status, which is also `error_code`.
    pub code: u16,
    /// `description`, with its "Bad Request: " in front.
    pub description: String,
    /// `parameters.retry_after`, seconds.
    pub retry_after: Option<u32>,
    /// `parameters.migrate_to_chat_id`.
    pub migrate_to: Option<i64>,
    pub blame: Blame,
}

impl Refusal {
    pub(super) fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), retry_after: None, migrate_to: None, blame: Blame::Bot }
    }

    /// 400 with Telegram's "Bad Request: " before the reason.
    pub(super) fn bad(reason: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", reason.as_ref()))
    }

    /// 403 with Telegram's "Forbidden: " before the reason.
    pub(super) fn forbidden(reason: &str) -> Self {
        Self::new(403, format!("Forbidden: {reason}"))
    }

    /// 429, as the flood limit says it.
    pub(super) fn too_many(retry_after: u32) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(429, format!("Too Many Requests: retry after {retry_after}")).circumstance()
        }
    }

    /// 400, when a group has another id by now.
    pub(super) fn migrated(to: i64) -> Self {
        Self { migrate_to: Some(to), ..Self::bad("group chat was upgraded to a supergroup chat") }
    }

    /// Nothing the bot could have known before: not a violation.
    pub(super) fn circumstance(mut self) -> Self {
        self.blame = Blame::Circumstance;
        self
    }

    /// The body of the answer.
    pub(super) fn body(&self) -> Value {
        let mut body = json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let (Some(seconds), Some(fields)) = (self.retry_after, body.as_object_mut()) {
            fields.insert("parameters".to_owned(), json!({ "retry_after": seconds }));
        }
        if let (Some(to), Some(fields)) = (self.migrate_to, body.as_object_mut()) {
            fields.insert("parameters".to_owned(), json!({ "migrate_to_chat_id": to }));
        }
        body
    }
}
