//! The service's rules on a real database against a simulated panel, and a clock that a test moves.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use orchestrator::demo::panel::{PanelSim, PanelSimOptions, PanelVersion, SimStatus};
use orchestrator::domain::actor::{Actor, Role, TokenScope};
use orchestrator::domain::client::{Access, ClientFilter};
use orchestrator::domain::clock::{Clock, OsEntropy};
use orchestrator::domain::ids::TelegramId;
use orchestrator::panel::Panel;
use orchestrator::panel::settings::{PanelSettings, VersionSetting};
use orchestrator::repositories::{Db, clients, intents};
use orchestrator::services::Services;
use orchestrator::services::core::{Core, Rules};
use secrecy::SecretString;

use super::db::{Kind, Opened, TestDb};

pub const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A clock that a test moves. By itself it goes on by a microsecond a look, so that the log has an order.
#[derive(Debug)]
pub struct TestClock(Mutex<DateTime<Utc>>);

impl TestClock {
    pub fn new() -> Arc<Self> {
        // Always the same day, so that snapshots may show dates.
        Arc::new(Self(Mutex::new("2026-05-12T11:00:00.123456Z".parse().unwrap())))
    }

    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        let mut now = self.0.lock().unwrap();
        *now += TimeDelta::microseconds(1);
        now.trunc_subsecs(6)
    }
}

pub struct World {
    test_db: TestDb,
    pub opened: Opened,
    pub panel: PanelSim,
    pub clock: Arc<TestClock>,
    pub services: Services,
    /// What every other process is told.
    pub rules: Rules,
}

pub async fn panel_sim(version: PanelVersion, clock: Arc<dyn Clock>) -> PanelSim {
    let options = PanelSimOptions {
        version,
        addr: LOCAL,
        token: "panel-token".to_owned(),
        clock,
        entropy: Arc::new(OsEntropy),
        subscription_base: Some("https://sub.example.test".to_owned()),
    };
    PanelSim::start(options).await.unwrap()
}

impl World {
    pub async fn new(kind: Kind) -> Self {
        Self::with(kind, PanelVersion::V3).await
    }

    pub async fn with(kind: Kind, version: PanelVersion) -> Self {
        let clock = TestClock::new();
        let panel = panel_sim(version, clock.clone()).await;
        let test_db = TestDb::new(kind).await;
        let opened = test_db.open().await;
        let services = services(&opened, &panel, &clock);
        Self { test_db, opened, panel, clock, services, rules: rules() }
    }

    /// Another process on the same database and panel: one that starts after a power cut, or a replica.
    pub fn another(&self) -> Services {
        let core = core(&self.opened, &self.panel, &self.clock);
        Services::new(Core { rules: self.rules.clone(), ..core })
    }
}

impl World {
    /// A process that will be killed with its whole runtime: connections to PostgreSQL that it opens die with it, so it
    /// has its own. (SQLite's belong to no runtime, and there is one process.)
    pub async fn doomed(&self) -> Services {
        match &self.opened.db {
            Db::Postgres(_) => services(&self.test_db.open().await, &self.panel, &self.clock),
            Db::Sqlite { .. } => self.another(),
        }
    }

    /// Promise 1: no panel user of ours without its client, no client without its panel user, equal in date, access and
    /// link; and nothing is open.
    pub async fn assert_agreement(&self) {
        let db = &self.opened.db;
        let ours = clients::list(db, ClientFilter::default(), DateTime::UNIX_EPOCH, 1000, 0).await.unwrap();
        let mut names: Vec<String> = ours.iter().map(|client| client.username.to_string()).collect();
        let mut theirs: Vec<String> = self.panel.users().into_iter().map(|user| user.username).collect();
        names.sort();
        theirs.sort();
        assert_eq!(names, theirs);
        for client in ours {
            let user = self.panel.user(client.username.as_str()).unwrap();
            assert_eq!(client.expires_at, user.expire_at);
            assert_eq!(
                client.access != Access::Open,
                user.status == SimStatus::Disabled,
                "{:?}",
                user.status
            );
            assert_eq!(client.short_uuid.unwrap().expose(), user.short_uuid);
            assert!(client.subscription_url.unwrap().expose().ends_with(&user.short_uuid));
            assert!(user.description.unwrap().contains(&client.id.to_string()));
        }
        assert_eq!(intents::count_open(db).await.unwrap(), 0);
    }
}

/// One process on that database and that panel.
pub fn services(opened: &Opened, panel: &PanelSim, clock: &Arc<TestClock>) -> Services {
    Services::new(core(opened, panel, clock))
}

/// What such a process is made of.
pub fn core(opened: &Opened, panel: &PanelSim, clock: &Arc<TestClock>) -> Core {
    core_with(opened, panel, clock, |_| {})
}

/// The same, with something set differently.
pub fn core_with(
    opened: &Opened,
    panel: &PanelSim,
    clock: &Arc<TestClock>,
    change: impl FnOnce(&mut PanelSettings),
) -> Core {
    let mut settings = PanelSettings {
        base_url: Some(panel.url().parse().unwrap()),
        token: Some(SecretString::from(panel.token().to_owned())),
        version: VersionSetting::Auto,
        squads: vec![],
        timeout: Duration::from_secs(3),
        extra_headers: vec![],
        webhook_secret: None,
    };
    change(&mut settings);
    let clock: Arc<dyn Clock> = clock.clone();
    Core {
        db: opened.db.clone(),
        lookups: Default::default(),
        panel: Panel::new(settings, clock.clone()).unwrap(),
        clock,
        entropy: Arc::new(OsEntropy),
        rules: rules(),
        posted: tokio::sync::Notify::new(),
        suspected: tokio::sync::Notify::new(),
        upgraded: tokio::sync::Notify::new(),
        vouched: Default::default(),
        worker: orchestrator::domain::clock::Entropy::token(&OsEntropy, 12),
    }
}

/// Owner is 1. The clock stands still, so that a second never passes.
fn rules() -> Rules {
    Rules { admin_ids: vec![TelegramId(1)], outbox_rate: 1000, ..Rules::default() }
}

pub fn person(id: i64, role: Role) -> Actor {
    Actor::Person { id: TelegramId(id), role }
}

pub fn token() -> Actor {
    Actor::Token { name: "shop".to_owned(), scope: TokenScope::Write }
}
