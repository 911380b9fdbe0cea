//! Promises 6 to 8: the panel, Telegram, the database in trouble.

use std::sync::Arc;
use std::time::Duration;

use orchestrator::demo::panel::{Fault, Matcher, PanelVersion, What};
use orchestrator::demo::telegram::{TgFault, TgFaultKind};
use serde_json::{Value, json};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::{LIMIT, client, said, stage_with};
use crate::e2e::{API_TOKEN, Stage};
use crate::support::db::{Kind, on_both};

on_both!(
    promise_06_whatever_the_panel_does_the_answer_comes_in_time_and_reads_go_on,
    promise_07_whatever_telegram_does_messages_are_late_and_not_lost,
);

async fn promise_06_whatever_the_panel_does_the_answer_comes_in_time_and_reads_go_on(kind: Kind) {
    let mut stage = stage_with(kind, &[("PANEL_TIMEOUT", "1".to_owned())]).await;
    let id = client(&stage, "alice").await;
    let (extend, day) = (format!("/api/v1/clients/{id}/extend"), json!({ "days": 1 }));
    let troubles = [
        What::Status(500, None),
        What::Status(401, None),
        What::RateLimited,
        What::Html,
        What::HtmlOk,
        What::Truncated,
        What::CutOff,
        What::Drop,
        What::Hang,
    ];
    for what in troubles {
        stage.panel.fault(Fault::before(Matcher::any(), what.clone()).always());
        let began = Instant::now();
        let (change, list) = tokio::join!(stage.post(&extend, &day), async {
            let list = stage.get("/api/v1/clients").await;
            (list, began.elapsed())
        });
        let elapsed = began.elapsed();
        assert_eq!(change.0, 502, "{what:?}: {}", change.1);
        assert!(elapsed < Duration::from_secs(2), "{what:?}: {elapsed:?}");
        assert_eq!((list.0.0, &list.0.1["total"]), (200, &json!(1)));
        assert!(what != What::Hang || list.1 < elapsed, "the list waited for the panel");
        stage.panel.clear_faults();
    }
    stage.panel.stop().await;
    assert_eq!(stage.post(&extend, &day).await.0, 502);
    stage.panel.restart().await.unwrap();
    let recovered = async { while stage.post(&extend, &day).await.0 != 200 {} };
    timeout(LIMIT, recovered).await.unwrap();
    stage.assert_agreement().await;
    stage.cut().await;
    stage.end().await;
}

async fn promise_07_whatever_telegram_does_messages_are_late_and_not_lost(kind: Kind) {
    let stage = Stage::new(kind, PanelVersion::V3).await;
    let olga = stage.olga();
    olga.send("/start").await;
    let id = client(&stage, "alice").await;

    let troubles = [TgFaultKind::TooManyRequests(1), TgFaultKind::Drop];
    for trouble in troubles {
        stage.telegram.fault(TgFault::new(trouble).on("sendMessage"));
    }
    let (status, _) =
        stage.ask("DELETE", &format!("/api/v1/clients/{id}"), &Value::Null, None).await.unwrap();
    assert_eq!(status, 200, "REST does not suffer");
    olga.until("that alice was deleted", |chat| said(chat, "alice")).await;

    // Another program takes the updates for a moment.
    let other = format!("{}/bot{}/getUpdates", stage.telegram.url(), stage.telegram.token());
    reqwest::get(other).await.unwrap();
    let named = async {
        loop {
            let (_, ready) = stage.get("/health/ready").await;
            if ready["telegram"]["reason"].as_str().is_some_and(|reason| reason.contains("409")) {
                return;
            }
        }
    };
    timeout(LIMIT, named).await.unwrap();

    stage.telegram.stop().await;
    assert_eq!(stage.post("/api/v1/clients", &json!({ "username": "bob" })).await.0, 201);
    stage.telegram.restart().await.unwrap();
    olga.write("/client bob");
    olga.until("bob's card", |chat| said(chat, "bob")).await;
    stage.end().await;
}

/// The way to PostgreSQL, which can be broken off.
struct Relay {
    url: String,
    open: Arc<Mutex<Option<JoinSet<()>>>>,
}

impl Relay {
    async fn to(url: &str) -> Self {
        let (address, folder) = url.split_once("?host=").unwrap();
        let socket = format!("{folder}/.s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = Arc::new(Mutex::new(Some(JoinSet::new())));
        let connections = Arc::clone(&open);
        tokio::spawn(async move {
            while let Ok((mut here, _)) = listener.accept().await {
                let socket = socket.clone();
                // Broken off, it takes connections and ends them at once.
                if let Some(connections) = &mut *connections.lock().await {
                    connections.spawn(async move {
                        let mut there = UnixStream::connect(socket).await.unwrap();
                        let _ended = tokio::io::copy_bidirectional(&mut here, &mut there).await;
                    });
                }
            }
        });
        Self { url: address.replace("localhost", &format!("127.0.0.1:{port}")), open }
    }

    async fn break_off(&self) {
        self.open.lock().await.take().unwrap().shutdown().await;
    }

    async fn mend(&self) {
        *self.open.lock().await = Some(JoinSet::new());
    }
}

/// SQLite is a file of the process itself: it does not go away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_08_without_the_database_nothing_is_begun_and_it_recovers() {
    let mut stage = Stage::empty(Kind::Postgres, PanelVersion::V3).await;
    let relay = Relay::to(&stage.db.url).await;
    stage.restart_with(&[("DATABASE_URL", relay.url.clone())]).await;
    let id = client(&stage, "alice").await;
    let (extend, day) = (format!("/api/v1/clients/{id}/extend"), json!({ "days": 1 }));
    relay.break_off().await;
    stage.panel.clear_calls();
    let request = reqwest::Client::new().post(format!("{}{extend}", stage.url)).bearer_auth(API_TOKEN);
    let refused = request.json(&day).send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    let changing = |call: &orchestrator::demo::panel::Call| call.method != "GET";
    assert!(!stage.panel.calls().iter().any(changing), "{:?}", stage.panel.calls());
    assert_eq!(stage.get("/health").await.0, 200);

    relay.mend().await;
    let recovered = async { while stage.post(&extend, &day).await.0 != 200 {} };
    timeout(LIMIT, recovered).await.unwrap();
    stage.assert_agreement().await;
    stage.end().await;
}
