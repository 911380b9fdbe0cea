//! Updates that Telegram sends by itself, from its call to the answer in the chat.

use std::sync::Arc;
use std::time::Duration;

use orchestrator::api::edge;
use orchestrator::api::settings::ApiSettings;
use orchestrator::bot::{self, BotSettings, Limits, WebhookSettings};
use orchestrator::demo::telegram::TelegramSim;
use orchestrator::domain::clock::OsEntropy;
use orchestrator::services::Services;
use orchestrator::services::views::ComponentState;
use secrecy::SecretString;
use serde_json::json;
use teloxide::Bot;
use teloxide::prelude::Requester as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::stage::{Log, TOKEN, patient, settings, telegram};
use crate::support::chat::{Chat, LIMIT};
use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::world::{LOCAL, World};

on_both!(people_are_served, a_forged_one_is_refused_and_one_sent_twice_is_handled_once);

const SECRET: &str = "a-secret-of-the-settings";

/// The API and the bot of one process.
struct Running {
    services: Services,
    shutdown: CancellationToken,
    bot: JoinHandle<()>,
    api: JoinHandle<()>,
}

struct Served {
    world: World,
    telegram: TelegramSim,
    url: String,
    running: Option<Running>,
}

impl Served {
    async fn asleep(kind: Kind) -> Self {
        let world = World::new(kind).await;
        let telegram = telegram(world.clock.clone(), TOKEN).await;
        telegram.serve_locally();
        let free = TcpListener::bind(LOCAL).await.unwrap();
        let url = format!("http://{}/", free.local_addr().unwrap());
        Self { world, telegram, url, running: None }
    }

    async fn new(kind: Kind) -> Self {
        let mut served = Self::asleep(kind).await;
        served.start(served.webhook(Some(SECRET))).await;
        served
    }

    fn webhook(&self, secret: Option<&str>) -> BotSettings {
        let webhook = WebhookSettings::new(&self.url.parse().unwrap(), secret.map(SecretString::from));
        let limits = Limits { webhook_check: Duration::from_millis(50), ..patient() };
        BotSettings { webhook: Some(webhook), limits, ..settings(&self.telegram) }
    }

    async fn start(&mut self, settings: BotSettings) {
        let (services, shutdown) = (self.world.another(), CancellationToken::new());
        let address = self.url.trim_start_matches("http://").trim_end_matches('/');
        let listener = TcpListener::bind(address).await.unwrap();
        let router = orchestrator::api::router(services.clone(), ApiSettings::default(), Arc::new(OsEntropy));
        let (limits, grace) = (edge::Limits::default(), Duration::from_secs(1));
        let api = orchestrator::api::serve(listener, router, limits, shutdown.clone(), grace);
        let api = tokio::spawn(api);
        let clock = self.world.clock.clone();
        let bot = bot::run(services.clone(), settings, clock, Arc::new(OsEntropy), shutdown.clone());
        let bot = tokio::spawn(bot);
        self.running = Some(Running { services, shutdown, bot, api });
    }

    async fn stop(&mut self) {
        let running = self.running.take().unwrap();
        running.shutdown.cancel();
        running.bot.await.unwrap();
        running.api.await.unwrap();
    }

    fn olga(&self) -> Chat {
        Chat::new(&self.telegram, 1, "Olga", "ru")
    }

    /// What anybody may send.
    async fn post(&self, secret: Option<&str>, body: String) -> (u16, String) {
        let mut request = reqwest::Client::new().post(format!("{}webhooks/telegram", self.url)).body(body);
        if let Some(secret) = secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn kept(&self) -> i64 {
        seed::count(&self.world.opened.db, "updates").await
    }

    async fn delivered(&self) {
        let all = self.telegram.wait(|telegram| (telegram.pending_updates() == 0).then_some(()));
        tokio::time::timeout(LIMIT, all).await.expect("all is delivered");
    }

    /// Until the health page says so.
    async fn is(&self, state: ComponentState, words: &str) {
        let services = &self.running.as_ref().unwrap().services;
        let said = async {
            loop {
                let telegram = services.health.readiness().await.telegram;
                if telegram.state == state && telegram.reason.unwrap_or_default().contains(words) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, said).await.unwrap_or_else(|_| panic!("never {state:?}: {words}"));
    }

    async fn end(mut self) {
        self.stop().await;
        assert!(self.telegram.unanswered_callbacks().is_empty());
        assert_eq!(self.telegram.violations(), Vec::<String>::new());
    }
}

async fn people_are_served(kind: Kind) {
    let mut served = Served::asleep(kind).await;
    served.start(served.webhook(None)).await;
    let olga = served.olga();
    assert!(olga.send("/new").await.text().contains("Пришлите имя"));
    assert!(olga.send("bob").await.text().contains("На сколько дней?"));
    assert!(olga.tap("90").await.text().contains("bob"));
    assert!(olga.tap("Да").await.text().contains("bob создан"));
    for number in 0..20 {
        olga.write(&format!("/client c-{number:02}"));
    }
    let answers = |olga: &Chat| -> Vec<String> {
        let texts =
            olga.messages().into_iter().filter(|message| message.from_bot).map(|message| message.text);
        texts.filter(|text| text.contains("c-")).collect()
    };
    olga.until("all answers", |olga| answers(olga).len() == 20).await;
    let in_order = answers(&olga).iter().enumerate().all(|(at, text)| text.contains(&format!("c-{at:02}")));
    assert!(in_order, "{}", olga.transcript());
    assert!(!served.telegram.polled());
    served.is(ComponentState::Ok, "").await;
    served.end().await;
}

async fn a_forged_one_is_refused_and_one_sent_twice_is_handled_once(kind: Kind) {
    let served = Served::new(kind).await;
    let olga = served.olga();
    let update = olga.write("/new alice_1 30");
    olga.next().await;
    served.delivered().await;
    let kept = served.kept().await;
    let forged = json!({"update_id": 77, "message": {"message_id": 1, "date": 1, "text": "/delete alice_1",
        "chat": {"id": 1, "type": "private"}, "from": {"id": 1, "is_bot": false, "first_name": "Olga"}}});
    for secret in [None, Some(""), Some("wrong"), Some("a-secret-of-the-setting"), Some(TOKEN)] {
        let (status, body) = served.post(secret, forged.to_string()).await;
        assert_eq!((status, body.as_str()), (401, r#"{"detail":"Not authenticated"}"#), "{secret:?}");
    }
    assert_eq!(served.kept().await, kept, "nothing is kept");
    for (body, status) in [("", 400), ("{", 400), ("\u{1}", 400), ("[1]", 200), ("{}", 200)] {
        assert_eq!(served.post(Some(SECRET), body.to_owned()).await.0, status, "{body}");
    }
    let large = |bytes: usize| format!(r#"{{"update_id":78,"x":"{}"}}"#, "x".repeat(bytes));
    assert_eq!(served.post(Some(SECRET), large(300 * 1024)).await.0, 413);
    assert_eq!(served.post(Some(SECRET), large(200 * 1024)).await.0, 200);
    assert_eq!(served.kept().await, kept + 1, "what has no number is nothing");

    // Telegram missed our answer.
    assert!(served.telegram.redeliver(update));
    served.delivered().await;
    assert!(olga.send("/help").await.text().contains("/clients"));
    assert_eq!(served.kept().await, kept + 2);
    assert_eq!(seed::count(&served.world.opened.db, "clients").await, 1);
    let made = olga.messages().into_iter().filter(|message| message.text.contains("alice_1 создан"));
    assert!(made.count() <= 1, "{}", olga.transcript());
    served.end().await;
}

#[tokio::test]
async fn nothing_is_lost_on_the_way_from_one_mode_to_the_other_and_back() {
    let mut served = Served::new(Kind::Sqlite).await;
    let olga = served.olga();
    assert!(olga.send("/help").await.text().contains("/clients"));
    for webhook in [false, true, false] {
        served.stop().await;
        olga.write("/new");
        let settings = if webhook { served.webhook(Some(SECRET)) } else { settings(&served.telegram) };
        served.start(settings).await;
        assert!(olga.next().await.text().contains("Пришлите имя"), "{}", olga.transcript());
        let status = if webhook { 401 } else { 404 };
        assert_eq!(served.post(Some("wrong"), "{}".to_owned()).await.0, status, "webhook: {webhook}");
        assert!(olga.send("/cancel").await.text().contains("Отмен"));
    }
    // Polling found a webhook there, and said so to Telegram: that is how it is meant.
    assert!(served.telegram.take_violations().iter().all(|what| what.contains("webhook is active")));
    served.end().await;
}

#[tokio::test]
async fn without_the_database_telegram_keeps_it() {
    let mut served = Served::new(Kind::Sqlite).await;
    let olga = served.olga();
    olga.send("/help").await;
    served.delivered().await;
    served.world.opened.db.close().await;
    assert_eq!(served.post(Some(SECRET), r#"{"update_id":5}"#.to_owned()).await.0, 503);
    olga.write("/start");
    served.is(ComponentState::Warning, "503").await;
    assert_eq!(served.telegram.pending_updates(), 1);
    served.stop().await;
}

#[tokio::test]
async fn somebody_elses_webhook_is_put_right() {
    let served = Served::new(Kind::Sqlite).await;
    let olga = served.olga();
    olga.send("/help").await;
    let other = Bot::new(TOKEN).set_api_url(served.telegram.url().parse().unwrap());
    let nowhere = served.url.replace("127.0.0.1", "127.0.0.2");
    other.set_webhook(nowhere.parse().unwrap()).await.unwrap();
    // Its turn comes when the last one is over, by the clock of the service.
    olga.write("/start");
    served.world.clock.advance(chrono::TimeDelta::minutes(2));
    assert!(olga.next().await.text().contains("Управление VPN"));
    served.end().await;
}

#[tokio::test]
async fn what_telegram_says_of_the_webhook_is_told_without_secrets() {
    let (log, _logging) = Log::begin();
    let mut served = Served::asleep(Kind::Sqlite).await;
    let mut settings = served.webhook(Some(SECRET));
    if let Some(webhook) = &mut settings.webhook {
        webhook.url = "http://127.0.0.1:9/webhooks/telegram".parse().unwrap();
    }
    served.start(settings).await;
    served
        .telegram
        .wait(|telegram| telegram.calls().iter().find(|call| call.method == "setWebhook").cloned())
        .await;
    served.olga().write("/start");
    served.is(ComponentState::Warning, "Connection refused (waiting there: 1)").await;
    assert!(!log.text().contains(SECRET) && !log.text().contains("bot-token"), "{}", log.text());
    served.end().await;
}
