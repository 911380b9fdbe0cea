//! Promise 11 at the doors of Telegram and of the panel: what is forged is refused, what is said again changes nothing.

use std::time::Duration;

use orchestrator::demo::panel::{Order, PanelVersion, SimStatus, SimWebhook};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;

use super::{LIMIT, client, log};
use crate::api::webhooks::sign;
use crate::e2e::replicas::in_front;
use crate::e2e::{OLGA, Stage};
use crate::support::db::{Kind, on_both};
use crate::support::seed;

on_both!(promise_11_webhooks_are_not_forged_and_not_repeated);

const TELEGRAM: &str = "/webhooks/telegram";
const PANEL: &str = "/webhooks/remnawave";
const TELEGRAM_SECRET: &str = "secret-of-telegram-0123456789";
const PANEL_SECRET: &str = "secret-of-the-panel-0123456789-0123456789";

/// Asks at one of the doors; the answer's status.
pub async fn knock(stage: &Stage, door: &str, proof: Option<&str>, body: &str) -> u16 {
    let header = if door == PANEL { "x-remnawave-signature" } else { "x-telegram-bot-api-secret-token" };
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
    let mut request = http.post(format!("{}{door}", stage.url)).body(body.to_owned());
    if let Some(proof) = proof {
        request = request.header(header, proof);
    }
    request.send().await.unwrap().status().as_u16()
}

/// As Telegram would tell that the owner wrote this.
pub fn forged(text: &str) -> String {
    let message = json!({ "message_id": 1, "date": 1, "text": text,
        "chat": { "id": OLGA, "type": "private" }, "from": { "id": OLGA, "is_bot": false, "first_name": "Olga" } });
    json!({ "update_id": 77, "message": message }).to_string()
}

/// Both doors open, and Telegram knows where.
async fn stage(kind: Kind) -> Stage {
    let mut stage = Stage::empty(kind, PanelVersion::V3).await;
    stage.telegram.serve_locally();
    let (address, of) = watch::channel(String::new());
    let settings = [
        ("TELEGRAM_MODE", "webhook".to_owned()),
        ("TELEGRAM_WEBHOOK_SECRET", TELEGRAM_SECRET.to_owned()),
        ("REMNAWAVE_WEBHOOK_SECRET", PANEL_SECRET.to_owned()),
        ("PUBLIC_URL", in_front(of).await),
        // What the panel says must be the only way to know of it.
        ("DRIFT_INTERVAL", "0".to_owned()),
    ];
    stage.restart_with(&settings).await;
    address.send_replace(stage.url.clone());
    stage.panel.webhooks().hold();
    stage
}

/// What the panel says when somebody changes alice there.
fn told(stage: &Stage, status: SimStatus) -> SimWebhook {
    stage.panel.webhooks().hold();
    stage.panel.edit_user("alice", |user| user.status = status);
    stage.panel.webhooks().release(Order::AsHappened).remove(0)
}

async fn until_logged(stage: &Stage, rows: &[&str]) {
    let logged = async { while log(stage).await.len() < rows.len() {} };
    timeout(LIMIT, logged).await.unwrap();
    assert_eq!(log(stage).await, rows);
}

async fn promise_11_webhooks_are_not_forged_and_not_repeated(kind: Kind) {
    let mut stage = stage(kind).await;
    let olga = stage.olga();
    olga.send("/start").await;
    client(&stage, "alice").await;

    for secret in [None, Some(""), Some("wrong"), Some(&TELEGRAM_SECRET[1..]), Some(stage.telegram.token())] {
        assert_eq!(knock(&stage, TELEGRAM, secret, &forged("/extend alice 30")).await, 401, "{secret:?}");
    }
    let blocked = told(&stage, SimStatus::Disabled).body;
    let signed = sign(PANEL_SECRET, &blocked);
    let (capitals, others) = (signed.to_uppercase(), sign("another-secret-0123456789-0123456789", &blocked));
    for signature in [None, Some(""), Some(&signed[1..]), Some(&capitals), Some(&others), Some(PANEL_SECRET)]
    {
        assert_eq!(knock(&stage, PANEL, signature, &blocked).await, 401, "{signature:?}");
    }
    assert_eq!(knock(&stage, PANEL, Some(&signed), &format!("{blocked} ")).await, 401, "another body");
    // One's updates are handled in order: a forged one would have been before this.
    assert!(olga.send("/help").await.text().contains("/roles"));
    assert_eq!(log(&stage).await, ["create success"]);

    // The true one, and the same again.
    assert_eq!(knock(&stage, PANEL, Some(&signed), &blocked).await, 204);
    until_logged(&stage, &["create success", "block success"]).await;
    stage.panel.clear_calls();
    assert_eq!(knock(&stage, PANEL, Some(&signed), &blocked).await, 204);
    let looked = stage
        .panel
        .wait_for_call(|call| call.method == "GET" && call.path.starts_with("/api/users/") && call.finished);
    timeout(LIMIT, looked).await.unwrap();
    let opened = told(&stage, SimStatus::Active).body;
    for body in [&opened, &blocked] {
        assert_eq!(knock(&stage, PANEL, Some(&sign(PANEL_SECRET, body)), body).await, 204);
    }
    until_logged(&stage, &["create success", "block success", "unblock success"]).await;
    stage.assert_agreement().await;

    let service = stage.service.take().unwrap();
    assert_eq!(service.stop().await, Some(0));
    let opened = stage.db.open().await;
    assert_eq!(seed::count(&opened.db, "updates").await, 2, "none but Olga's two is kept");
    assert_eq!(stage.telegram.violations(), [""; 0]);
}
