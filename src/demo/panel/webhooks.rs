//! The panel's webhooks: off until told where to send them. As the real ones: signed, four attempts, five seconds apart,
//! no order promised. What a network may do to them (twice, late, out of order) can be had on purpose.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use tokio::sync::{mpsc, watch};

use super::PanelVersion;
use super::model::{SimSquad, SimStatus, SimUser, date};
use crate::domain::clock::Clock;

/// How often one is tried.
const ATTEMPTS: u32 = 4;

/// Where webhooks go: the panel's `WEBHOOK_URL` and `WEBHOOK_SECRET_HEADER`, and how they get there.
#[derive(Debug, Clone)]
pub struct WebhookTarget {
    /// The whole address.
    pub url: String,
    /// What they are signed with.
    pub secret: String,
    /// How often each is sent, whatever the answer; 1 for what the panel does.
    pub copies: u32,
    /// How long each is under way.
    pub delay: Duration,
    /// The pause between attempts.
    pub pause: Duration,
}

impl WebhookTarget {
    /// As the real panel sends them.
    #[must_use]
    pub fn new(url: &str, secret: &str) -> Self {
        let (url, secret) = (url.to_owned(), secret.to_owned());
        Self { url, secret, copies: 1, delay: Duration::ZERO, pause: Duration::from_secs(5) }
    }
}

/// One webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimWebhook {
    /// Such as `user.modified`.
    pub event: &'static str,
    /// When it happened, as the panel writes times.
    pub timestamp: String,
    /// What is signed and sent.
    pub body: String,
}

/// In which order what was held is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As it happened.
    AsHappened,
    /// The last one first.
    Backwards,
}

/// The sending side. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    /// How the attempts so far were answered: the event, and the status if there was one.
    answers: watch::Sender<Vec<(&'static str, Option<u16>)>>,
    subscription_base: String,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct State {
    queue: Option<mpsc::UnboundedSender<(SimWebhook, WebhookTarget)>>,
    target: Option<WebhookTarget>,
    /// While held: what waits.
    held: Option<Vec<SimWebhook>>,
}

impl Webhooks {
    pub(super) fn new(subscription_base: String, clock: Arc<dyn Clock>) -> Self {
        let (answers, _) = watch::channel(Vec::new());
        Self(Arc::new(Inner { state: Mutex::default(), answers, subscription_base, clock }))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on they go there; `None` for nowhere. Needs the runtime around it.
    pub fn send_to(&self, target: Option<WebhookTarget>) {
        let (queue, waiting) = mpsc::unbounded_channel();
        tokio::spawn(send_all(waiting, self.0.answers.clone()));
        self.with(|state| {
            state.queue = target.is_some().then_some(queue);
            state.target = target;
        });
    }

    /// From now on they wait for [`Webhooks::release`].
    pub fn hold(&self) {
        self.with(|state| {
            state.held.get_or_insert_default();
        });
    }

    /// Sends what was held, and from now on all as it happens. What was held.
    pub fn release(&self, order: Order) -> Vec<SimWebhook> {
        let mut held = self.with(|state| state.held.take()).unwrap_or_default();
        if order == Order::Backwards {
            held.reverse();
        }
        held.iter().for_each(|webhook| self.send(webhook.clone()));
        held
    }

    /// Sends one (again), as it is.
    pub fn send(&self, webhook: SimWebhook) {
        self.with(|state| {
            if let Some(held) = &mut state.held {
                held.push(webhook);
            } else if let (Some(queue), Some(target)) = (&state.queue, &state.target)
                && queue.send((webhook, target.clone())).is_err()
            {
                tracing::warn!("the simulated panel sends no webhooks any more");
            }
        });
    }

    /// Waits until so many attempts have ended; how each did: the event, and the status if there was one.
    pub async fn answered(&self, number: usize) -> Vec<(&'static str, Option<u16>)> {
        let mut answers = self.0.answers.subscribe();
        let enough = answers.wait_for(|answers| answers.len() >= number).await;
        // The sender lives in `self`.
        enough.map(|answers| answers.clone()).unwrap_or_default()
    }

    /// Something happened to a user.
    pub(super) fn happened(
        &self,
        event: &'static str,
        user: &SimUser,
        version: PanelVersion,
        squads: &[SimSquad],
    ) {
        if self.with(|state| state.target.is_none() && state.held.is_none()) {
            return;
        }
        let url = format!("{}/api/sub/{}", self.0.subscription_base, user.short_uuid);
        let timestamp = date(self.0.clock.now());
        let user = user.to_json(version == PanelVersion::V2, &url, squads);
        let body =
            json!({"scope": "user", "event": event, "timestamp": timestamp, "data": user, "meta": null});
        self.send(SimWebhook { event, timestamp, body: body.to_string() });
    }
}

/// What a change of a user is called.
pub(super) fn event(before: &SimUser, after: &SimUser) -> &'static str {
    let status = before.status != after.status;
    match after.status {
        _ if before.sub_revoked_at != after.sub_revoked_at => "user.revoked",
        _ if before.last_traffic_reset_at != after.last_traffic_reset_at => "user.traffic_reset",
        SimStatus::Expired if status => "user.expired",
        SimStatus::Disabled if status => "user.disabled",
        SimStatus::Limited if status => "user.limited",
        SimStatus::Active if status => "user.enabled",
        _ => "user.modified",
    }
}

/// Lowercase hex of the HMAC of the body.
fn signature(secret: &str, body: &str) -> String {
    // A key of any length is taken.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    let bytes = mac.chain_update(body).finalize().into_bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn send_all(
    mut waiting: mpsc::UnboundedReceiver<(SimWebhook, WebhookTarget)>,
    answers: watch::Sender<Vec<(&'static str, Option<u16>)>>,
) {
    let client = reqwest::Client::new();
    while let Some((webhook, target)) = waiting.recv().await {
        for _ in 0..target.copies {
            if target.delay.is_zero() {
                deliver(&client, &webhook, &target, &answers).await;
            } else {
                // Those behind it need not wait.
                let (client, webhook, target) = (client.clone(), webhook.clone(), target.clone());
                let answers = answers.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(target.delay).await;
                    deliver(&client, &webhook, &target, &answers).await;
                });
            }
        }
    }
}

async fn deliver(
    client: &reqwest::Client,
    webhook: &SimWebhook,
    target: &WebhookTarget,
    answers: &watch::Sender<Vec<(&'static str, Option<u16>)>>,
) {
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(target.pause).await;
        }
        let request = client
            .post(&target.url)
            .header("content-type", "application/json")
            .header("user-agent", "Remnawave")
            .header("x-remnawave-signature", signature(&target.secret, &webhook.body))
            .header("x-remnawave-timestamp", &webhook.timestamp)
            .body(webhook.body.clone());
        let status = request.send().await.ok().map(|answer| answer.status().as_u16());
        answers.send_modify(|answers| answers.push((webhook.event, status)));
        if status.is_some_and(|status| (200..300).contains(&status)) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_as_the_real_one_signs() {
        let recorded: serde_json::Value = serde_json::from_str(include_str!(
            "../../../tests/fixtures/panel/3.3.2/webhooks/user.modified.json"
        ))
        .unwrap();
        let secret = recorded["note"].as_str().unwrap().rsplit(' ').next().unwrap();
        let request = &recorded["request"];
        let theirs = request["headers"]["X-Remnawave-Signature"].as_str().unwrap();
        assert_eq!(signature(secret, request["body_raw"].as_str().unwrap()), theirs);
    }
}
