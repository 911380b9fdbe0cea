//! Updates sent to the bot's webhook: one after another, over one connection at a time. (Telegram opens up to
//! `max_connections`, and keeps no order between them.) What is not answered with 2xx is sent again, after pauses that grow
//! from a tenth of a second to two; it is Telegram's to choose them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::params::Params;
use super::refusal::Refusal;
use super::shared::Shared;
use super::state::State;

const WEBHOOK_PORTS: &[u16] = &[80, 88, 443, 8443];
const MAX_SECRET: usize = 256;
/// How long the bot may take for its answer.
const PATIENCE: Duration = Duration::from_secs(15);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A webhook that was set.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    url: String,
    secret: Option<String>,
    max_connections: i64,
    /// The last failure: when, in seconds, and what.
    error: Option<(i64, String)>,
}

pub(super) fn set(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let url = params.text("url").unwrap_or_default();
    if url.is_empty() {
        return Ok(delete(state, params));
    }
    let read =
        url::Url::parse(url).map_err(|_| Refusal::bad("bad webhook: invalid webhook URL specified"))?;
    // A Bot API server of one's own is less strict.
    if !state.local && read.scheme() != "https" {
        return Err(Refusal::bad("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    if !state.local && !read.port_or_known_default().is_some_and(|port| WEBHOOK_PORTS.contains(&port)) {
        return Err(Refusal::bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"));
    }
    let secret = params.text("secret_token").filter(|secret| !secret.is_empty());
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if secret.is_some_and(|secret| secret.len() > MAX_SECRET || !secret.bytes().all(letters)) {
        return Err(Refusal::bad("secret token contains unallowed characters"));
    }
    state.queue.allow(params.json("allowed_updates"))?;
    if params.flag("drop_pending_updates") {
        state.queue.clear();
    }
    state.webhook = Some(Webhook {
        url: url.to_owned(),
        secret: secret.map(str::to_owned),
        max_connections: params.int("max_connections").unwrap_or(40),
        error: None,
    });
    Ok(json!(true))
}

pub(super) fn delete(state: &mut State, params: &Params) -> Value {
    if params.flag("drop_pending_updates") {
        state.queue.clear();
    }
    state.webhook = None;
    json!(true)
}

pub(super) fn info(state: &State) -> Value {
    let webhook = state.webhook.as_ref();
    let mut info = json!({
        "url": webhook.map_or("", |webhook| &webhook.url),
        "has_custom_certificate": false,
        "pending_update_count": state.queue.len(),
    });
    let Some(fields) = info.as_object_mut() else { return info };
    let mut add = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    if let Some(webhook) = webhook {
        add("max_connections", json!(webhook.max_connections));
        if let Some((date, message)) = &webhook.error {
            add("last_error_date", json!(date));
            add("last_error_message", json!(message));
        }
    }
    if let Some(allowed) = state.queue.allowed() {
        add("allowed_updates", json!(allowed));
    }
    info
}

/// Delivers until `stop`.
pub(super) async fn deliver(shared: Arc<Shared>, stop: CancellationToken) {
    let client = reqwest::Client::new();
    let mut changes = shared.changes();
    let mut pause = SHORTEST_PAUSE;
    loop {
        changes.mark_unchanged();
        let next = {
            let state = shared.lock();
            state.webhook.clone().zip(state.queue.first())
        };
        let Some((webhook, (id, update))) = next else {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = changes.changed() => continue,
            }
        };
        let sent = tokio::select! {
            () = stop.cancelled() => return,
            sent = send(&client, &webhook, &update) => sent,
        };
        if let Err(error) = sent {
            shared.change(|state| {
                let date = state.now.timestamp();
                state.webhook.iter_mut().for_each(|webhook| webhook.error = Some((date, error.clone())));
            });
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        } else {
            pause = SHORTEST_PAUSE;
            shared.change(|state| state.queue.delivered(id));
        }
    }
}

async fn send(client: &reqwest::Client, webhook: &Webhook, update: &Value) -> Result<(), String> {
    let mut request = client.post(&webhook.url).timeout(PATIENCE).json(update);
    if let Some(secret) = &webhook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("Wrong response from the webhook: {}", answer.status())),
        Err(error) if error.is_timeout() => Err("Read timeout expired".to_owned()),
        Err(_) => Err("Connection refused".to_owned()),
    }
}
