//! A Bot API that costs next to nothing: it hands out updates, believes everything, and notes when whom something was sent.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::any;
use axum::{Router, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio::time::timeout;

use orchestrator::domain::clock::{Clock as _, SystemClock};

use crate::Res;

pub const BOT_TOKEN: &str = "123456:AAtest_token_of_the_simulated_bot_01";
/// How long it waits for an update.
const POLL: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub struct Telegram {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    inner: Mutex<Inner>,
    asked: Notify,
    changed: Notify,
}

#[derive(Default)]
struct Inner {
    queue: VecDeque<Value>,
    update: i64,
    message: i64,
    sent: u64,
    /// When each chat was last written to, and what.
    last: HashMap<i64, (Instant, Value)>,
    /// When each message left, while somebody counts.
    times: Option<Vec<Instant>>,
}

impl Telegram {
    pub async fn start() -> Res<Self> {
        let shared = Arc::new(Shared::default());
        let router = Router::new().route("/{bot}/{method}", any(answer)).with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { serve(listener, router).await });
        Ok(Self { address, shared })
    }

    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TELEGRAM_BOT_TOKEN", BOT_TOKEN.to_owned()),
            ("TELEGRAM_API_URL", format!("http://{}", self.address)),
        ]
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.shared.lock()
    }

    /// Somebody writes.
    pub fn write(&self, person: i64, text: &str) {
        let mut inner = self.lock();
        inner.message += 1;
        let message = json!({
            "message_id": inner.message, "date": SystemClock.now().timestamp(), "text": text, "chat": chat(person),
            "from": {"id": person, "is_bot": false, "first_name": format!("Person {person}"), "language_code": "en"},
            "entities": [{"type": "bot_command", "offset": 0, "length": text.split(' ').next().map_or(0, str::len)}],
        });
        inner.push("message", message);
        drop(inner);
        self.shared.asked.notify_waiters();
    }

    /// Somebody taps the first button of the last message to them.
    pub fn tap(&self, person: i64) -> Res<()> {
        let mut inner = self.lock();
        let (_, sent) = inner.last.get(&person).ok_or("nothing to tap on")?.clone();
        let data = sent.pointer("/reply_markup/inline_keyboard/0/0/callback_data").ok_or("no button")?;
        inner.message += 1;
        let message =
            json!({"message_id": number(&sent, "message_id"), "date": 1, "chat": chat(person), "text": "…"});
        let query = json!({
            "id": inner.message.to_string(), "chat_instance": "1", "data": data, "message": message,
            "from": {"id": person, "is_bot": false, "first_name": "Owner", "language_code": "en"},
        });
        inner.push("callback_query", query);
        drop(inner);
        self.shared.asked.notify_waiters();
        Ok(())
    }

    /// How many messages were sent.
    pub fn sent(&self) -> u64 {
        self.lock().sent
    }

    /// When this chat was last written to.
    pub fn last(&self, chat: i64) -> Option<Instant> {
        self.lock().last.get(&chat).map(|(at, _)| *at)
    }

    pub fn note_times(&self) {
        self.lock().times = Some(Vec::new());
    }

    pub fn times(&self) -> Vec<Instant> {
        self.lock().times.take().unwrap_or_default()
    }

    /// Waits until so it is, asked again after every message.
    pub async fn until(&self, limit: Duration, mut is_so: impl FnMut(&Self) -> bool) -> Res<()> {
        let waited = timeout(limit, async {
            loop {
                let changed = self.shared.changed.notified();
                if is_so(self) {
                    return;
                }
                changed.await;
            }
        });
        Ok(waited.await?)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn push(&mut self, kind: &str, what: Value) {
        self.update += 1;
        let id = 1_000_000 + self.update;
        self.queue.push_back(json!({"update_id": id, kind: what}));
    }

    /// The next updates from that number on; those before it are confirmed.
    fn updates(&mut self, offset: i64, limit: usize) -> Option<Vec<Value>> {
        while self.queue.front().is_some_and(|update| number(update, "update_id") < Some(offset)) {
            self.queue.pop_front();
        }
        let found: Vec<Value> = self.queue.iter().take(limit).cloned().collect();
        (!found.is_empty()).then_some(found)
    }
}

fn number(of: &Value, field: &str) -> Option<i64> {
    of.get(field)?.as_i64()
}

fn chat(person: i64) -> Value {
    json!({"id": person, "type": "private", "first_name": format!("Person {person}")})
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    Path((_, method)): Path<(String, String)>,
    body: Bytes,
) -> impl IntoResponse {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let result = match method.to_ascii_lowercase().as_str() {
        "getupdates" => updates(&shared, &asked).await,
        "getme" => json!({
            "id": 123_456, "is_bot": true, "first_name": "VPN", "username": "vpn_bot", "can_join_groups": true,
            "can_read_all_group_messages": false, "supports_inline_queries": false, "has_main_web_app": false,
            "can_connect_to_business": false,
        }),
        "getwebhookinfo" => json!({"url": "", "has_custom_certificate": false, "pending_update_count": 0}),
        method if method.starts_with("send") || method.starts_with("editmessage") => sent(&shared, asked),
        _ => json!(true),
    };
    ([(CONTENT_TYPE, "application/json")], json!({"ok": true, "result": result}).to_string())
}

async fn updates(shared: &Shared, asked: &Value) -> Value {
    let offset = number(asked, "offset").unwrap_or(0);
    let limit = number(asked, "limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    let wait =
        asked["timeout"].as_u64().map_or(Duration::ZERO, |seconds| POLL.min(Duration::from_secs(seconds)));
    let found = async {
        loop {
            let asked = shared.asked.notified();
            let found = shared.lock().updates(offset, limit);
            if let Some(found) = found {
                return json!(found);
            }
            asked.await;
        }
    };
    timeout(wait, found).await.unwrap_or_else(|_| json!([]))
}

fn sent(shared: &Shared, asked: Value) -> Value {
    let mut inner = shared.lock();
    let now = Instant::now();
    inner.message += 1;
    inner.sent += 1;
    let to = number(&asked, "chat_id").unwrap_or_default();
    let id = number(&asked, "message_id").unwrap_or(inner.message);
    let message = json!({
        "message_id": id, "date": SystemClock.now().timestamp(), "chat": chat(to), "text": "…",
        "reply_markup": asked.get("reply_markup"),
    });
    if let Some(times) = &mut inner.times {
        times.push(now);
    }
    let mut answer = message.clone();
    if let Some(fields) = answer.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    inner.last.insert(to, (now, message));
    drop(inner);
    shared.changed.notify_waiters();
    answer
}
