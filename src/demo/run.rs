//! `orchestrator demo`: starts the two simulators and the service between them, and says what to try.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Services, StartError};
use crate::config::{Settings, SettingsError};
use crate::domain::actor::{Actor, GivenRole, Role};
use crate::domain::change::Key;
use crate::domain::client::{Access, ClientFilter};
use crate::domain::clock::{Clock, Entropy, OsEntropy};
use crate::domain::ids::TelegramId;

use super::clock::DemoClock;
use super::control::{self, Control};
use super::page::{PUBLIC_URL, Page, Trouble};
use super::panel::{NewSimUser, PanelSim, PanelSimOptions, PanelVersion, SimStatus};
use super::people::{self, OPERATOR, OWNER, STRANGER, USER};
use super::telegram::{TelegramSim, TelegramSimOptions};

/// Whom the panel knows already, and for how many days yet: for trying the import.
const ON_THE_PANEL: [(&str, i64); 3] = [("mira", 2), ("oleg-7", 45), ("tim_home", 200)];
const BOT: &str = "demo_vpn_bot";
const BOT_TOKEN: &str = "123456:demo_token_of_a_simulated_bot_1234567";
const API_TOKEN: &str = "demo-token-0123456789";

/// What `demo` can be told.
#[derive(Debug, Args)]
pub struct DemoOptions {
    /// The folder for the database; without it a temporary one, removed at the end
    #[arg(long)]
    data: Option<PathBuf>,
    /// The port of the page and the API
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// The port of the demo people, for a terminal (0 for any free one)
    #[arg(long, default_value_t = 8001)]
    people_port: u16,
    /// Which version of the panel is simulated
    #[arg(long, value_enum, default_value_t = Version::V3)]
    panel: Version,
    /// How much of the log to show, as in RUST_LOG
    #[arg(long, default_value = "warn")]
    log: String,
}

impl DemoOptions {
    /// As in `RUST_LOG`.
    pub fn log_filter(&self) -> &str {
        &self.log
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Version {
    V2,
    V3,
}

/// Why the demo does not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A simulator gets no port, or the folder cannot be made.
    #[error("{0}; is another demo running? Other ports: --port, --people-port")]
    Io(#[from] std::io::Error),
    /// The service refuses the demo's settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The service does not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Runs the demo until `shutdown`.
///
/// # Errors
/// A port is taken, or the folder cannot be used.
pub async fn run(options: DemoOptions, shutdown: CancellationToken) -> Result<(), DemoError> {
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let folder = Folder::new(options.data.clone(), entropy.as_ref())?;
    let demo_clock = Arc::new(DemoClock::kept_in(folder.path()));
    let clock: Arc<dyn Clock> = demo_clock.clone();
    let (panel, telegram) = simulators(&options, &clock, &entropy).await?;
    let settings = settings(&options, &folder, &panel, &telegram)?;

    let listener = TcpListener::bind(local(options.people_port)).await?;
    let people_url = format!("http://{}", listener.local_addr()?);
    let word = entropy.token(8);
    let app = App::start_with(settings, clock, entropy, shutdown.clone(), async |services, api| {
        // Before anything else looks at the panel: who is not there would be missed.
        remember(services, &panel).await;
        hire(services).await;
        let trouble = Trouble::new(panel.clone(), telegram.clone(), services.clone(), demo_clock);
        Page::new(telegram.clone(), panel.clone(), services.clone(), trouble, &word, shutdown.clone())
            .router(api)
    })
    .await?;
    let help = help(&app, &people_url, &panel, &telegram, &folder);
    // Nobody may be reading (`demo | head`): the demo goes on all the same.
    if let Err(error) = writeln!(std::io::stdout(), "{help}") {
        tracing::debug!(%error, "nobody reads what to try");
    }

    let control = Control { telegram: telegram.clone(), panel: panel.clone(), help: help.into() };
    let serving = axum::serve(listener, control::router(control));
    let serving = serving.with_graceful_shutdown(shutdown.clone().cancelled_owned()).into_future();
    let serving = tokio::spawn(serving);
    app.wait().await;
    panel.stop().await;
    telegram.stop().await;
    serving.abort();
    Ok(())
}

/// With a kept database: the simulated panel has no memory of its own, so it is told whom it had.
async fn remember(services: &Services, panel: &PanelSim) {
    let everyone = services.clients.list(&Actor::Job("demo"), ClientFilter::default()).await;
    let clients = everyone.unwrap_or_else(|error| {
        tracing::warn!(%error, "the simulated panel starts empty");
        Vec::new()
    });
    for client in clients {
        let Some(key) = client.remnawave_uuid else { continue };
        let short_uuid = client.short_uuid.map(|short| short.expose().to_owned());
        let username = client.username.as_str().to_owned();
        let user = NewSimUser { username, short_uuid, expire_at: client.expires_at };
        panel.restore_user(&key.0, user, format!("orchestrator:{}", client.id));
        if client.access != Access::Open {
            panel.edit_user(client.username.as_str(), |user| user.status = SimStatus::Disabled);
        }
    }
}

/// Makes Max an operator, once: with a kept database, what Olga has made of him since stays.
async fn hire(services: &Services) {
    let olga = Actor::Person { id: TelegramId(OWNER), role: Role::Owner };
    let key = Key::button(0, "demo:operator");
    let hired = services.roles.change(&olga, TelegramId(OPERATOR), Some(GivenRole::Operator), key).await;
    if let Err(error) = hired {
        tracing::warn!(%error, "nobody is an operator");
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

async fn simulators(
    options: &DemoOptions,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> std::io::Result<(PanelSim, TelegramSim)> {
    let version = match options.panel {
        Version::V2 => PanelVersion::V2,
        Version::V3 => PanelVersion::V3,
    };
    let panel = PanelSim::start(PanelSimOptions {
        version,
        addr: local(0),
        token: "demo-panel-token".to_owned(),
        clock: Arc::clone(clock),
        entropy: Arc::clone(entropy),
        // A name, as a real one: Telegram refuses buttons with addresses such as http://localhost.
        subscription_base: Some("https://sub.demo.example".to_owned()),
    })
    .await?;
    for (username, days) in ON_THE_PANEL {
        let expire_at = clock.now_millis() + TimeDelta::days(days);
        panel.insert_user(NewSimUser { username: username.to_owned(), short_uuid: None, expire_at });
    }
    let telegram = TelegramSim::start(TelegramSimOptions {
        addr: local(0),
        token: BOT_TOKEN.to_owned(),
        bot_username: BOT.to_owned(),
        clock: Arc::clone(clock),
    })
    .await?;
    people::introduce(&telegram);
    Ok((panel, telegram))
}

fn settings(
    options: &DemoOptions,
    folder: &Folder,
    panel: &PanelSim,
    telegram: &TelegramSim,
) -> Result<Settings, SettingsError> {
    let database = format!("sqlite://{}", folder.path().join("orchestrator.db").display());
    let map: HashMap<String, String> = [
        ("APP_PORT", options.port.to_string()),
        ("PUBLIC_URL", PUBLIC_URL.to_owned()),
        ("DATABASE_URL", database),
        ("REMNAWAVE_BASE_URL", panel.url()),
        ("REMNAWAVE_API_TOKEN", panel.token().to_owned()),
        ("TELEGRAM_BOT_TOKEN", BOT_TOKEN.to_owned()),
        ("TELEGRAM_API_URL", telegram.url()),
        ("ADMIN_IDS", OWNER.to_string()),
        ("API_TOKENS", format!("demo:{API_TOKEN}")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    Settings::from_map(&map)
}

fn help(app: &App, people: &str, panel: &PanelSim, telegram: &TelegramSim, folder: &Folder) -> String {
    let api = format!("http://{}", app.address);
    let port = app.address.port();
    let (panel, telegram, data) = (panel.url(), telegram.url(), folder.path().display().to_string());
    format!(
        "http://localhost:{port}/demo

Open it in a browser: RemnaWave Orchestrator, the real service between a simulated panel and a simulated Telegram.
Olga owns the VPN ({OWNER}), Max is an operator ({OPERATOR}), Anna gets access ({USER}), Sam is a stranger ({STRANGER}).

  API         {api}     (token: {API_TOKEN}; every call: {api}/docs)
  People      {people}     (the same from a terminal)
  Panel       {panel}     Telegram  {telegram}
  Database    {data}

From a terminal:
  curl {people}/people/{OWNER}/send -d '/new alice_1 30'
  curl {people}/people/{OWNER}/send -d '/invite alice_1' | tee /tmp/invite
  curl {people}/people/{USER}/send -d \"$(grep -o 'https://t.me/.*' /tmp/invite)\"
  curl {people}/people/{USER}/send -d '/config'; curl {people}/people/{USER}/photo -o qr.png
  curl {people}/people/{OWNER}/tap -d 'QR'; curl {people}/panel/users
  curl -H 'Authorization: Bearer {API_TOKEN}' {api}/api/v1/clients

Ctrl-C ends it.
"
    )
}

/// The folder of the database; a temporary one goes at the end.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn new(given: Option<PathBuf>, entropy: &dyn Entropy) -> std::io::Result<Self> {
        let temporary = given.is_none();
        let path = given
            .unwrap_or_else(|| std::env::temp_dir().join(format!("orchestrator-demo-{}", entropy.token(8))));
        std::fs::create_dir_all(&path)?;
        // Absolute, because DATABASE_URL is.
        Ok(Self { path: path.canonicalize()?, temporary })
    }

    fn path(&self) -> &std::path::Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, folder = %self.path.display(), "the temporary folder is left behind");
        }
    }
}
