//! The built binary between the simulators, as a process of its own, with power cuts.

mod cuts;
mod demo;
mod replicas;
mod settings;
mod walk;

use std::sync::Arc;

use orchestrator::demo::panel::{PanelSim, PanelVersion};
use orchestrator::demo::telegram::{TelegramSim, TelegramSimOptions};
use orchestrator::domain::clock::SystemClock;
use serde_json::Value;

use crate::support::chat::Chat;
use crate::support::db::{Kind, TestDb};
use crate::support::seed;
use crate::support::service::Service;
use crate::support::world::{LOCAL, panel_sim};

const API_TOKEN: &str = "shop-token-0123456789";
const OLGA: i64 = 1001;

/// Everything outside the process, and the process.
struct Stage {
    db: TestDb,
    panel: PanelSim,
    telegram: TelegramSim,
    service: Option<Service>,
    url: String,
}

impl Stage {
    async fn new(kind: Kind, version: PanelVersion) -> Self {
        let stage = Self::empty(kind, version).await;
        stage.start().await
    }

    /// With nothing started yet.
    async fn empty(kind: Kind, version: PanelVersion) -> Self {
        let panel = panel_sim(version, Arc::new(SystemClock)).await;
        let options = TelegramSimOptions {
            addr: LOCAL,
            token: "123456:AAtest_token_of_the_simulated_bot_01".to_owned(),
            bot_username: "vpn_bot".to_owned(),
            clock: Arc::new(SystemClock),
        };
        let telegram = TelegramSim::start(options).await.unwrap();
        Self { db: TestDb::new(kind).await, panel, telegram, service: None, url: String::new() }
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE_URL", self.db.url.clone()),
            ("REMNAWAVE_BASE_URL", self.panel.url()),
            ("REMNAWAVE_API_TOKEN", self.panel.token().to_owned()),
            ("TELEGRAM_BOT_TOKEN", self.telegram.token().to_owned()),
            ("TELEGRAM_API_URL", self.telegram.url()),
            ("ADMIN_IDS", OLGA.to_string()),
            ("API_TOKENS", format!("shop:{API_TOKEN}")),
            ("PANEL_TIMEOUT", "2".to_owned()),
            ("INTENT_LEASE", "3".to_owned()),
            ("RECONCILE_INTERVAL", "1".to_owned()),
        ]
    }

    async fn start(mut self) -> Self {
        self.restart().await;
        self
    }

    /// Starts the process (again) and waits until it serves.
    async fn restart(&mut self) {
        let service = Service::spawn(self.db.folder(), &self.settings());
        self.url = service.url().await;
        self.service = Some(service);
    }

    /// A power cut, and the power back.
    async fn cut(&mut self) {
        self.kill().await;
        self.restart().await;
    }

    /// Kills the process; the old poll must have ended before another begins. What it held in a database that others may
    /// use is free only when its leases have run out: that time is over at once here.
    async fn kill(&mut self) {
        self.service.take().unwrap().kill();
        self.telegram.wait(|telegram| (!telegram.polled()).then_some(())).await;
        if self.db.kind == Kind::Postgres {
            let db = self.db.open().await.db;
            seed::execute(&db, "UPDATE leases SET until = '2000-01-01Z'").await;
            seed::execute(&db, "UPDATE updates SET lease_until = NULL").await;
        }
    }

    fn olga(&self) -> Chat {
        Chat::new(&self.telegram, OLGA, "Olga", "ru")
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = reqwest::Client::new().get(format!("{}{path}", self.url)).bearer_auth(API_TOKEN);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = reqwest::Client::new().post(format!("{}{path}", self.url)).bearer_auth(API_TOKEN);
        let response = request.json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Both sides know the same clients.
    async fn assert_agreement(&self) {
        let (_, list) = self.get("/api/v1/clients").await;
        let mut ours: Vec<(String, String)> =
            list["items"].as_array().unwrap().iter().map(pair_of_ours).collect();
        let users = self.panel.users();
        let mut theirs: Vec<_> = users.into_iter().map(|user| (user.username, user.short_uuid)).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs);
    }

    /// SIGTERM ends well, and Telegram had nothing to complain of.
    async fn end(mut self) {
        let service = self.service.take().unwrap();
        assert_eq!(service.stop().await, Some(0));
        assert_eq!(self.telegram.violations(), [""; 0]);
        assert!(self.telegram.unanswered_callbacks().is_empty());
    }
}

fn pair_of_ours(client: &Value) -> (String, String) {
    let text = |key: &str| client[key].as_str().unwrap().to_owned();
    (text("username"), text("short_uuid"))
}
