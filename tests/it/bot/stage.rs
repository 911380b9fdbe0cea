//! A running bot with everything around it, which a test can cut off and start again.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchestrator::bot::{self, BotSettings, Limits};
use orchestrator::demo::telegram::{TelegramSim, TelegramSimOptions};
use orchestrator::domain::actor::Role;
use orchestrator::domain::client::{Client, ClientFilter};
use orchestrator::domain::clock::{Clock, Entropy, OsEntropy};
use orchestrator::domain::person::Lang;
use orchestrator::repositories::clients;
use secrecy::SecretString;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::chat::{Chat, LIMIT};
use crate::support::db::Kind;
use crate::support::seed;
use crate::support::world::{LOCAL, World};

pub const TOKEN: &str = "7000:bot-token";

pub struct Stage {
    pub world: World,
    pub telegram: TelegramSim,
    running: Option<(CancellationToken, JoinHandle<()>)>,
}

/// Limits that no test meets by accident: the test clock stands still, and the machine may be busy.
pub fn patient() -> Limits {
    Limits {
        patience: LIMIT,
        burst: u16::MAX,
        outbox_quiet: Duration::ZERO,
        outbox_round: Duration::from_millis(50),
        ..Limits::default()
    }
}

/// What is logged on this thread, where the bot's tasks run.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// From here on, until the guard is dropped.
    pub fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A Telegram that knows the bot of this token.
pub async fn telegram(clock: Arc<dyn Clock>, token: &str) -> TelegramSim {
    let (token, bot_username) = (token.to_owned(), "vpn_test_bot".to_owned());
    TelegramSim::start(TelegramSimOptions { addr: LOCAL, token, bot_username, clock }).await.unwrap()
}

pub fn settings(telegram: &TelegramSim) -> BotSettings {
    BotSettings {
        token: Some(SecretString::from(telegram.token())),
        api_url: telegram.url().parse().unwrap(),
        webhook: None,
        proxy: None,
        default_lang: Lang::Ru,
        timezone: chrono_tz::Tz::UTC,
        public_url: None,
        support_contact: None,
        pay_url: None,
        protect_content: false,
        admin_ids_empty: false,
        limits: patient(),
    }
}

impl Stage {
    /// With the owner (id 1) and a bot that runs.
    pub async fn new() -> Self {
        let mut stage = Self::asleep().await;
        stage.start();
        stage
    }

    /// The same before the bot is started.
    pub async fn asleep() -> Self {
        let world = World::new(Kind::Sqlite).await;
        let telegram = telegram(world.clock.clone(), TOKEN).await;
        Self { world, telegram, running: None }
    }

    pub fn settings(&self) -> BotSettings {
        settings(&self.telegram)
    }

    pub fn start(&mut self) {
        self.start_with(self.settings());
    }

    pub fn start_with(&mut self, settings: BotSettings) {
        self.start_as(settings, Arc::new(OsEntropy));
    }

    pub fn start_as(&mut self, settings: BotSettings, entropy: Arc<dyn Entropy>) {
        let shutdown = CancellationToken::new();
        // A new process has new services on the same database.
        self.world.services = self.world.another();
        let services = self.world.services.clone();
        let clock = self.world.clock.clone();
        let bot = bot::run(services, settings, clock, entropy, shutdown.clone());
        self.running = Some((shutdown, tokio::spawn(bot)));
    }

    /// As `kill -9` does: nothing is finished, nothing is said.
    pub async fn power_cut(&mut self) {
        let (_, task) = self.running.take().unwrap();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }

    /// As SIGTERM does.
    pub async fn stop(&mut self) {
        let (shutdown, task) = self.running.take().unwrap();
        shutdown.cancel();
        task.await.unwrap();
    }

    pub fn owner(&self) -> Chat {
        Chat::new(&self.telegram, 1, "Olga", "ru")
    }

    /// Somebody of the staff who has started the bot.
    pub async fn with_role(&self, id: i64, name: &str, role: Role) -> Chat {
        let chat = Chat::new(&self.telegram, id, name, "ru");
        chat.send("/start").await;
        let role = role.as_str();
        let sql = format!("UPDATE people SET role = '{role}' WHERE telegram_id = {id}");
        seed::execute(&self.world.opened.db, &sql).await;
        chat
    }

    /// Waits until everything that was sent is handled.
    pub async fn idle(&self) {
        let handled = async {
            let waiting = "updates WHERE handled_at IS NULL";
            while self.telegram.pending_updates() > 0 || seed::count(&self.world.opened.db, waiting).await > 0
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, handled).await.expect("updates are never handled");
    }

    pub async fn clients(&self) -> Vec<Client> {
        let now = chrono::DateTime::UNIX_EPOCH;
        clients::list(&self.world.opened.db, ClientFilter::default(), now, 1000, 0).await.unwrap()
    }

    pub async fn client(&self, username: &str) -> Client {
        let found = clients::find_by_username(&self.world.opened.db, username).await.unwrap();
        found.unwrap_or_else(|| panic!("no client {username}"))
    }

    pub fn link(&self, username: &str) -> String {
        let user = self.world.panel.user(username).unwrap();
        format!("https://sub.example.test/api/sub/{}", user.short_uuid)
    }

    /// The bot did nothing that Telegram would have refused, and left no tap unanswered.
    pub async fn end(mut self) {
        self.stop().await;
        assert_eq!(self.telegram.violations(), Vec::<String>::new());
        assert!(self.telegram.unanswered_callbacks().is_empty());
    }
}
