//! The only place that sees everything: it opens the database, builds the services and starts the doors.

mod once;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api;
use crate::api::edge::Limits;
use crate::api::settings::ApiToken;
use crate::bot::{self, BotSettings, WebhookSettings};
use crate::config::{Settings, TelegramMode};
use crate::doctor;
use crate::domain::clock::{Clock, Entropy};
use crate::jobs;
use crate::panel::{Panel, PanelError};
use crate::repositories::{ConnectError, Db, FileGuard};
use crate::services::Error;
use crate::services::core::{Core, Rules};
use crate::services::vouched::Vouched;

pub use crate::services::Services;
pub use once::{
    Alone, BackupOptions, CopyError, Restoration, RestoreOptions, Resumption, Written, backup,
    deactivate_expired, migrate, restore, resume,
};

/// The longest pause between two tries to reach the database at the start.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How long answers from before the database was there may take to end.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
/// Characters that tell this process from its replicas.
const WORKER: usize = 12;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address} (APP_HOST, APP_PORT): {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] ConnectError),
    /// The panel's settings cannot be used.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// The database went away in the middle of the start.
    #[error("the start was not finished: {0}")]
    Services(#[from] Error),
    /// Somebody asked to stop before the start was over.
    #[error("stopped before the start was over")]
    Stopped,
}

impl StartError {
    /// Whether somebody has to change a setting before another start can help.
    pub fn is_a_matter_of_settings(&self) -> bool {
        match self {
            Self::Database(error) => error.is_a_matter_of_settings(),
            Self::Panel(_) => true,
            Self::Listen { .. } | Self::Services(_) | Self::Stopped => false,
        }
    }
}

/// The running service.
#[derive(Debug)]
pub struct App {
    /// Where the API listens.
    pub address: SocketAddr,
    services: Services,
    db: Db,
    _guard: Option<FileGuard>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    shutdown_timeout: Duration,
}

impl App {
    /// Starts everything. Only the database is waited for; the panel and Telegram may come later.
    ///
    /// # Errors
    /// The address is taken, the database is not ours to use, or `shutdown` came first.
    pub async fn start(
        settings: Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        shutdown: CancellationToken,
    ) -> Result<Self, StartError> {
        Self::start_with(settings, clock, entropy, shutdown, async |_, api| api).await
    }

    /// The same with something around the API on its port, made of the rules and of all that the API answers. Nothing runs
    /// before it is made.
    ///
    /// # Errors
    /// As [`App::start`].
    pub async fn start_with(
        settings: Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        shutdown: CancellationToken,
        around: impl AsyncFnOnce(&Services, Router) -> Router,
    ) -> Result<Self, StartError> {
        let (listener, address) = listen(SocketAddr::new(settings.host, settings.port))?;
        let (db, guard) = tokio::select! {
            opened = open(&settings, &listener, &entropy) => opened?,
            () = shutdown.cancelled() => return Err(StartError::Stopped),
        };
        let listener = tokio_listener(listener).map_err(|error| StartError::Listen { address, error })?;
        let services = Services::new(core(&settings, &db, &clock, &entropy)?);
        services.restored.advise().await?;
        services.reconciler.take_over_leases().await?;
        api::advise(&services, &settings.api).await;

        let tasks = TaskTracker::new();
        let router = api::router(services.clone(), settings.api.clone(), Arc::clone(&entropy));
        let router = around(&services, router).await;
        // The last quarter belongs to the changes that go on without their caller.
        let grace = settings.shutdown_timeout.mul_f32(0.75);
        tasks.spawn(api::serve(listener, router, Limits::default(), shutdown.clone(), grace));
        tasks.spawn(bot::run(
            services.clone(),
            bot_settings(&settings),
            Arc::clone(&clock),
            entropy,
            shutdown.clone(),
        ));
        let every = jobs::Intervals {
            reconcile: settings.reconcile_interval,
            deactivate: settings.deactivate_interval,
            drift: settings.drift_interval,
        };
        jobs::start(&services, every, &tasks, &shutdown);
        tracing::info!(%address, "ready");
        tasks.spawn(look_over(settings.clone(), clock, shutdown.clone()));
        let shutdown_timeout = settings.shutdown_timeout;
        Ok(Self { address, services, db, _guard: guard, tasks, shutdown, shutdown_timeout })
    }

    /// Runs until the service is told to stop, then lets what runs end, for at most `SHUTDOWN_TIMEOUT`.
    pub async fn wait(self) {
        self.shutdown.cancelled().await;
        tracing::info!("stopping: no new work, what runs is finished");
        let end = async {
            self.tasks.close();
            self.tasks.wait().await;
            self.services.close().await;
            self.db.close().await;
        };
        match timeout(self.shutdown_timeout, end).await {
            Ok(()) => tracing::info!("stopped"),
            Err(_) => tracing::warn!("stopped in the middle of something; it is finished at the next start"),
        }
    }
}

/// Says what is wrong that nobody says otherwise. Nothing waits for it.
async fn look_over(settings: Settings, clock: Arc<dyn Clock>, shutdown: CancellationToken) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = doctor::at_start(settings, clock) => {}
    }
}

fn listen(address: SocketAddr) -> Result<(std::net::TcpListener, SocketAddr), StartError> {
    let failed = |error| StartError::Listen { address, error };
    let listener = api::listen(address).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn tokio_listener(listener: std::net::TcpListener) -> std::io::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Opens the database; one that is away is waited for, because it often starts at the same time. Meanwhile `/health`
/// answers, and everything else that the database is away.
async fn open(
    settings: &Settings,
    listener: &std::net::TcpListener,
    entropy: &Arc<dyn Entropy>,
) -> Result<(Db, Option<FileGuard>), ConnectError> {
    let waiting = CancellationToken::new();
    let _served = waiting.clone().drop_guard();
    let mut pause = Duration::from_millis(500);
    let mut serving = None;
    loop {
        match Db::connect(&settings.database_url).await {
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, again_in = ?pause, "waiting for the database (DATABASE_URL)");
                if serving.is_none()
                    && let Ok(listener) = listener.try_clone().and_then(tokio_listener)
                {
                    let shutdown = waiting.clone();
                    serving = Some(tokio::spawn(api::serve(
                        listener,
                        api::waiting_router(settings.api.clone(), Arc::clone(entropy)),
                        Limits::default(),
                        shutdown,
                        LAST_ANSWERS,
                    )));
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            other => return other,
        }
    }
}

fn core(
    settings: &Settings,
    db: &Db,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Result<Core, StartError> {
    Ok(Core {
        db: db.clone(),
        lookups: Default::default(),
        panel: Panel::new(settings.panel.clone(), Arc::clone(clock))?,
        clock: Arc::clone(clock),
        entropy: Arc::clone(entropy),
        rules: Rules {
            admin_ids: settings.admin_ids.clone(),
            default_lang: settings.default_locale,
            api_tokens: settings.api.tokens.iter().map(ApiToken::for_rules).collect(),
            intent_lease: settings.intent_lease.max(settings.shortest_lease()),
            rotate_cooldown: settings.rotate_cooldown,
            operator_max_days: settings.operator_max_days,
            alert_chat: settings.alert_chat,
            timezone: settings.timezone,
            notify_before: settings.notify_before.clone(),
            digest_at: settings.digest_at,
            outbox_rate: settings.outbox_rate,
        },
        posted: Notify::new(),
        suspected: Notify::new(),
        upgraded: Notify::new(),
        vouched: Vouched::default(),
        worker: entropy.token(WORKER),
    })
}

fn bot_settings(settings: &Settings) -> BotSettings {
    BotSettings {
        token: settings.telegram.token.clone(),
        api_url: settings.telegram.api_url.clone(),
        webhook: webhook(settings),
        proxy: settings.telegram.proxy.clone(),
        default_lang: settings.default_locale,
        timezone: settings.timezone,
        public_url: settings.public_url.clone(),
        support_contact: settings.support_contact.clone(),
        pay_url: settings.pay_url.clone(),
        protect_content: settings.protect_content,
        admin_ids_empty: settings.admin_ids.is_empty(),
        limits: bot::Limits::default(),
    }
}

/// None without `PUBLIC_URL`, which the mode asks for.
fn webhook(settings: &Settings) -> Option<WebhookSettings> {
    let TelegramMode::Webhook { secret } = &settings.telegram.mode else { return None };
    let url = settings.public_url.as_ref()?;
    Some(WebhookSettings::new(url, secret.clone()))
}
