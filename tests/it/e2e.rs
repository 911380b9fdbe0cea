//! The built binary between the simulators, as a process of its own, with power cuts.

mod canaries;
mod cuts;
mod dates;
mod demo;
mod doctor;
mod guide;
mod import;
pub mod replicas;
mod restore;
mod settings;
mod upgrade;
mod walk;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use orchestrator::demo::panel::{PanelSim, PanelVersion, SimStatus, SimUser};
use orchestrator::demo::telegram::{TelegramSim, TelegramSimOptions};
use orchestrator::domain::clock::{Clock, SystemClock};
use serde_json::Value;

use crate::support::chat::Chat;
use crate::support::db::{Kind, TestDb};
use crate::support::seed;
use crate::support::service::Service;
use crate::support::world::{LOCAL, panel_sim};

pub const API_TOKEN: &str = "shop-token-0123456789";
pub const READ_TOKEN: &str = "eye-token-0123456789";
pub const OLGA: i64 = 1001;

/// Everything outside the process, and the process.
pub struct Stage {
    pub db: TestDb,
    pub panel: PanelSim,
    pub telegram: TelegramSim,
    pub service: Option<Service>,
    pub url: String,
}

impl Stage {
    pub async fn new(kind: Kind, version: PanelVersion) -> Self {
        let stage = Self::empty(kind, version).await;
        stage.start().await
    }

    /// With nothing started yet.
    pub async fn empty(kind: Kind, version: PanelVersion) -> Self {
        let panel = panel_sim(version, Arc::new(SystemClock)).await;
        let telegram = telegram_sim(Arc::new(SystemClock)).await;
        Self { db: TestDb::new(kind).await, panel, telegram, service: None, url: String::new() }
    }

    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE_URL", self.db.url.clone()),
            ("REMNAWAVE_BASE_URL", self.panel.url()),
            ("REMNAWAVE_API_TOKEN", self.panel.token().to_owned()),
            ("TELEGRAM_BOT_TOKEN", self.telegram.token().to_owned()),
            ("TELEGRAM_API_URL", self.telegram.url()),
            ("ADMIN_IDS", OLGA.to_string()),
            ("API_TOKENS", format!("shop:{API_TOKEN},eye:{READ_TOKEN}:read")),
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
    pub async fn restart(&mut self) {
        self.restart_with(&[]).await;
    }

    /// The same with other settings.
    pub async fn restart_with(&mut self, others: &[(&'static str, String)]) {
        let settings = [self.settings().as_slice(), others].concat();
        let service = Service::spawn(self.db.folder(), &settings);
        self.url = service.url().await;
        // What it looks at once when it starts is not to be met by what a test does next.
        service.logged("looked over").await;
        self.service = Some(service);
    }

    /// A power cut, and the power back.
    pub async fn cut(&mut self) {
        self.kill().await;
        self.restart().await;
    }

    /// Kills the process; the old poll must have ended before another begins. What it held in a database that others may
    /// use is free only when its leases have run out: that time is over at once here.
    pub async fn kill(&mut self) {
        self.service.take().unwrap().kill();
        self.telegram.wait(|telegram| (!telegram.polled()).then_some(())).await;
        if self.db.kind == Kind::Postgres {
            let db = self.db.open().await.db;
            seed::execute(&db, "UPDATE leases SET until = '2000-01-01Z'").await;
            seed::execute(&db, "UPDATE updates SET lease_until = NULL").await;
        }
    }

    /// Stops the process as an operator does.
    pub async fn stop(&mut self) {
        assert_eq!(self.service.take().unwrap().stop().await, Some(0));
    }

    pub fn olga(&self) -> Chat {
        Chat::new(&self.telegram, OLGA, "Olga", "ru")
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, &Value::Null, None).await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.ask("POST", path, body, None).await.unwrap()
    }

    /// Any request; an error when there is no answer.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        key: Option<&str>,
    ) -> reqwest::Result<(u16, Value)> {
        let url = format!("{}{path}", self.url);
        let mut request = reqwest::Client::new().request(method.parse().unwrap(), url).bearer_auth(API_TOKEN);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    /// Both sides know the same clients, equal in link, date and access.
    pub async fn assert_agreement(&self) {
        let (_, list) = self.get("/api/v1/clients").await;
        let mut ours: Vec<_> = list["items"].as_array().unwrap().iter().map(shown_here).collect();
        let mut theirs: Vec<_> = self.panel.users().iter().map(shown_there).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs);
    }

    /// SIGTERM ends well, and Telegram had nothing to complain of.
    pub async fn end(mut self) {
        self.stop().await;
        assert_eq!(self.telegram.violations(), [""; 0]);
        assert_eq!(self.telegram.unanswered_callbacks(), []);
    }
}

pub async fn telegram_sim(clock: Arc<dyn Clock>) -> TelegramSim {
    let options = TelegramSimOptions {
        addr: LOCAL,
        token: "123456:AAtest_token_of_the_simulated_bot_01".to_owned(),
        bot_username: "vpn_bot".to_owned(),
        clock,
    };
    TelegramSim::start(options).await.unwrap()
}

fn shown_here(client: &Value) -> [String; 4] {
    let text = |key: &str| client[key].as_str().unwrap().to_owned();
    let until: DateTime<Utc> = text("expires_at").parse().unwrap();
    [text("username"), text("short_uuid"), until.to_string(), text("status")]
}

fn shown_there(user: &SimUser) -> [String; 4] {
    let status = if user.status == SimStatus::Disabled { "blocked" } else { "active" };
    [user.username.clone(), user.short_uuid.clone(), user.expire_at.to_string(), status.to_owned()]
}
