//! Telegram that is not reached, refuses the token, or talks to somebody else.

use orchestrator::demo::panel::PanelVersion;
use serde_json::{Value, json};

use super::{answering, doctor, page, shown};
use crate::e2e::Stage;
use crate::support::db::Kind;

async fn stage() -> Stage {
    Stage::empty(Kind::Sqlite, PanelVersion::V3).await
}

/// A call by another program with the same token.
async fn call(stage: &Stage, method: &str, parameters: &Value) -> Value {
    let url = format!("{}/bot{}/{method}", stage.telegram.url(), stage.telegram.token());
    reqwest::Client::new().post(url).json(parameters).send().await.unwrap().json().await.unwrap()
}

/// What stands from the first line about Telegram on.
fn part(said: &str) -> &str {
    let at = said.find(" Telegram ").unwrap();
    &said[said[..at].rfind('\n').unwrap() + 1..]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_refused_is_told() {
    let stage = stage().await;
    let said = shown(&stage, &[("TELEGRAM_BOT_TOKEN", "123456:canary".to_owned())]).await;
    insta::assert_snapshot!("telegram_refuses_the_token", part(&said));
    let said = shown(&stage, &[("TELEGRAM_BOT_TOKEN", String::new())]).await;
    insta::assert_snapshot!("no_bot", part(&said));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_is_away_is_told_from_telegram_that_is() {
    let stage = stage().await;
    let proxy = |url: &str| [("TELEGRAM_PROXY", url.to_owned())];
    let said = shown(&stage, &proxy("socks5h://olga:canary@127.0.0.1:1")).await;
    insta::assert_snapshot!("the_proxy_is_away", part(&said));

    let closing = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("socks5h://olga:canary@{}", closing.local_addr().unwrap());
    let closed = tokio::spawn(async move { while closing.accept().await.is_ok() {} });
    let said = shown(&stage, &proxy(&url)).await;
    closed.abort();
    insta::assert_snapshot!("telegram_is_away_behind_the_proxy", part(&said));

    let said = shown(&stage, &proxy(&answering(page()).await)).await;
    insta::assert_snapshot!("the_proxy_answers_by_itself", part(&said));

    stage.telegram.stop().await;
    insta::assert_snapshot!("telegram_is_away", part(&shown(&stage, &[]).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_of_somebody_else_is_told() {
    let stage = stage().await;
    let theirs = json!({ "url": "https://other.example.test/canary" });
    assert_eq!(call(&stage, "setWebhook", &theirs).await["ok"], true);
    insta::assert_snapshot!("a_webhook_of_somebody_else", part(&shown(&stage, &[]).await));
    let ours =
        [("PUBLIC_URL", "https://vpn.example.test".to_owned()), ("TELEGRAM_MODE", "webhook".to_owned())];
    let (code, said) = doctor(&stage, &ours, &[]).await;
    assert_eq!((code, said.contains("Telegram sends them to other.example.test\n")), (1, true), "{said}");

    let own = json!({ "url": "https://vpn.example.test/webhooks/telegram" });
    call(&stage, "setWebhook", &own).await;
    let (code, said) = doctor(&stage, &ours, &[]).await;
    let line = "✓ Telegram updates  sent to https://vpn.example.test/webhooks/telegram\n";
    assert_eq!((code, said.contains(line)), (0, true), "{said}");
    let (code, said) = doctor(&stage, &ours[..1], &[]).await;
    assert_eq!(
        (code, said.contains("Telegram still sends them to this service's webhook")),
        (0, true),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_program_that_polls_is_heard() {
    let stage = stage().await;
    let other = async {
        // Ended by the doctor's poll, it comes back, as programs do; its first one is not waited for.
        loop {
            call(&stage, "getUpdates", &json!({ "timeout": 50 })).await;
        }
    };
    let settings = stage.settings();
    let looking = crate::support::service::Service::command(&["doctor"], stage.db.folder(), &settings);
    let (code, said) = tokio::select! {
        ended = looking.exit() => ended,
        () = other => unreachable!("it polls for ever"),
    };
    assert_eq!(code, Some(1), "{said}");
    insta::assert_snapshot!("another_program_polls", part(&super::redacted(&stage, &said)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_service_says_what_it_met() {
    let mut stage = stage().await;
    let port = [("APP_PORT", super::free_port().to_string())];
    stage.restart_with(&port).await;
    stage.telegram.wait(|telegram| telegram.polled().then_some(())).await;
    let other = async {
        loop {
            call(&stage, "getUpdates", &json!({ "timeout": 50 })).await;
        }
    };
    let looking = async {
        stage.service.as_ref().unwrap().logged("another program polls").await;
        doctor(&stage, &port, &[]).await
    };
    let (code, said) = tokio::select! {
        looked = looking => looked,
        () = other => unreachable!("it polls for ever"),
    };
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("✗ Telegram updates  another program fetches them, too"), "{said}");
    assert!(said.contains(&format!("✓ service           runs at {}", stage.url)), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_waits_is_confirmed() {
    let stage = stage().await;
    stage.olga().write("/start");
    let (code, said) = doctor(&stage, &[], &[]).await;
    assert_eq!((code, stage.telegram.pending_updates()), (0, 1), "{said}");
    assert!(said.contains("✓ Telegram updates  some wait for this service"), "{said}");
}
