//! Whoever sends too much: told once, and their taps still answered, so that no button spins. Nobody waits for that.

use std::sync::Arc;

use serde_json::Value;
use teloxide::types::CallbackQueryId;
use tokio::sync::Semaphore;

use crate::domain::ids::TelegramId;

use super::bucket::{Buckets, Verdict};
use super::door::Door;
use super::render::Chat;
use super::screens::notice;

/// So many are answered at once; what comes beyond that stays without an answer.
const AT_ONCE: usize = 16;

/// Keeps back what is too much.
#[derive(Debug)]
pub struct Flood {
    buckets: Buckets,
    permits: Arc<Semaphore>,
}

impl Flood {
    /// Nobody has written yet.
    pub fn new() -> Self {
        Self { buckets: Buckets::default(), permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Whether an update is to be taken.
    pub fn takes(&mut self, door: &Arc<Door>, update: &Value) -> bool {
        let Some(Sender { person, tap, language }) = private(update) else { return true };
        let verdict = self.buckets.take(person, door.clock.now(), &door.settings.limits);
        let tell = match verdict {
            Verdict::Take => return true,
            Verdict::Tell => {
                tracing::warn!(person, "sends too much and is not listened to for a while");
                true
            }
            Verdict::Ignore => false,
        };
        if (tell || tap.is_some())
            && let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned()
        {
            let chat = Chat::new(Arc::clone(door), TelegramId(person));
            let door = Arc::clone(door);
            tokio::spawn(async move {
                if let Some(tap) = tap {
                    chat.answer(&CallbackQueryId(tap)).await;
                }
                if tell {
                    say(&door, &chat, TelegramId(person), language.as_deref()).await;
                }
                drop(permit);
            });
        }
        false
    }
}

async fn say(door: &Door, chat: &Chat, person: TelegramId, language: Option<&str>) {
    let lang = door.services.people.lang_of_sender(person, language).await;
    let lang = lang.unwrap_or(door.settings.default_lang);
    if let Err(error) = chat.try_once(&notice::too_fast(&door.eyes(lang))).await {
        tracing::debug!(%error, "nor was it said");
    }
}

/// Who did something in their private chat.
#[derive(Debug, PartialEq, Eq)]
struct Sender {
    person: i64,
    /// The number of the tap, where it is one.
    tap: Option<String>,
    /// As Telegram says it.
    language: Option<String>,
}

/// Whose message or tap it is. That somebody blocked the bot is no such thing.
fn private(update: &Value) -> Option<Sender> {
    let tap = update.get("callback_query");
    let message = update.get("message").or_else(|| tap?.get("message"))?;
    if message.get("chat")?.get("type")?.as_str() != Some("private") {
        return None;
    }
    let from = tap.unwrap_or(message).get("from")?;
    let text = |value: Option<&Value>| value?.as_str().map(str::to_owned);
    Some(Sender {
        person: from.get("id")?.as_i64()?,
        tap: tap.and_then(|tap| text(tap.get("id"))),
        language: text(from.get("language_code")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_private_chats_count() {
        let (chat, group) = (json!({"id": 5, "type": "private"}), json!({"id": -7, "type": "group"}));
        let message = json!({"message": {"from": {"id": 5, "language_code": "en"}, "chat": chat}});
        let sender = Sender { person: 5, tap: None, language: Some("en".to_owned()) };
        assert_eq!(private(&message), Some(sender));
        let bot = json!({"chat": chat, "from": {"id": 7000}});
        let tap = json!({"callback_query": {"id": "77", "from": {"id": 5}, "message": bot}});
        assert_eq!(private(&tap), Some(Sender { person: 5, tap: Some("77".to_owned()), language: None }));
        assert_eq!(private(&json!({"message": {"from": {"id": 5}, "chat": group}})), None);
        assert_eq!(private(&json!({"my_chat_member": {"from": {"id": 5}, "chat": chat}})), None);
        assert_eq!(private(&json!([])), None);
    }
}
