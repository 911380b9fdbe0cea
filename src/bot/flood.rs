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
        let Some((person, tap)) = private(update) else { return true };
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
                    say(&door, &chat, TelegramId(person)).await;
                }
                drop(permit);
            });
        }
        false
    }
}

async fn say(door: &Door, chat: &Chat, person: TelegramId) {
    let lang = door.services.people.lang_of(person).await.unwrap_or(door.settings.default_lang);
    if let Err(error) = chat.try_once(&notice::too_fast(&door.eyes(lang))).await {
        tracing::debug!(%error, "nor was it said");
    }
}

/// Whose message or tap in their private chat it is, and the tap's number. That somebody blocked the bot is no such thing.
fn private(update: &Value) -> Option<(i64, Option<String>)> {
    let tap = update.get("callback_query");
    let message = update.get("message").or_else(|| tap?.get("message"))?;
    if message.get("chat")?.get("type")?.as_str() != Some("private") {
        return None;
    }
    let from = tap.or_else(|| update.get("message"))?.get("from")?;
    let tap = tap.and_then(|tap| tap.get("id")?.as_str().map(str::to_owned));
    Some((from.get("id")?.as_i64()?, tap))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_private_chats_count() {
        let (chat, group) = (json!({"id": 5, "type": "private"}), json!({"id": -7, "type": "group"}));
        let message = json!({"message": {"from": {"id": 5}, "chat": chat}});
        assert_eq!(private(&message), Some((5, None)));
        let bot = json!({"chat": chat, "from": {"id": 7000}});
        let tap = json!({"callback_query": {"id": "77", "from": {"id": 5}, "message": bot}});
        assert_eq!(private(&tap), Some((5, Some("77".to_owned()))));
        assert_eq!(private(&json!({"message": {"from": {"id": 5}, "chat": group}})), None);
        assert_eq!(private(&json!({"my_chat_member": {"from": {"id": 5}, "chat": chat}})), None);
        assert_eq!(private(&json!([])), None);
    }
}
