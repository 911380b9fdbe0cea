//! Everything around the service, the service, and what has been done to both.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::demo::panel::{NewSimUser, PanelSim, PanelSimOptions, PanelVersion};
use orchestrator::demo::telegram::{TelegramSim, TelegramSimOptions};
use orchestrator::domain::clock::{Clock as _, OsEntropy, SystemClock};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::Res;
use crate::ledger::{Asked, Cut, Ledger};
use crate::options::{Bot, Kind, Options, Panel};
use crate::replica::Replica;

/// How many integrations ask over REST at once.
pub const SHOPS: usize = 4;
/// Owners, by the settings.
pub const OWNERS: [i64; 2] = [1001, 1002];
/// Staff, by `/grant`.
pub const ADMIN: i64 = 1003;
pub const OPERATOR: i64 = 1004;
/// Those who use the VPN.
pub const USERS: [i64; 4] = [2001, 2002, 2003, 2004];
/// Somebody else.
pub const STRANGER: i64 = 3001;
/// Panel users that are none of ours.
pub const FOREIGN: [&str; 2] = ["foreign_1", "foreign_2"];
const BOT_TOKEN: &str = "123456:AAtest_token_of_the_simulated_bot_01";

/// A client that was there a moment ago.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: Uuid,
    pub username: String,
    /// Whose it is, since before the first fault.
    pub person: Option<i64>,
}

pub struct Stage {
    pub options: Options,
    pub seed: u64,
    pub panel: PanelSim,
    pub telegram: TelegramSim,
    pub replicas: Vec<Replica>,
    /// Where the service keeps its data, as in `DATABASE_URL`.
    pub database: String,
    pub ledger: Ledger,
    pub known: Mutex<Vec<Known>>,
    links: Mutex<Vec<(Uuid, i64)>>,
    /// Operations that may still begin in this round.
    tickets: AtomicI64,
    /// Whether there is trouble still to come in this round.
    pub troubled: AtomicBool,
    pub round: AtomicU32,
    cuts: Mutex<Vec<Cut>>,
    counted: Mutex<BTreeMap<String, u32>>,
    pub differences: Mutex<Vec<Difference>>,
}

/// Something that is not as it must be.
#[derive(Debug, Clone)]
pub struct Difference {
    pub round: u32,
    pub what: String,
    /// The client concerned.
    pub username: Option<String>,
}

pub fn now() -> DateTime<Utc> {
    SystemClock.now()
}

impl Stage {
    pub async fn new(options: Options, seed: u64) -> Res<Self> {
        let (panel, telegram) = simulators(options.panel).await?;
        for name in FOREIGN {
            let expire_at = now() + TimeDelta::days(100);
            panel.insert_user(NewSimUser { username: name.to_owned(), short_uuid: None, expire_at });
        }
        std::fs::create_dir_all(&options.logs)?;
        let database = database(&options)?;
        let binary = std::path::absolute(&options.binary)?;
        let logs = std::path::absolute(&options.logs)?;
        let replica = |number: usize| {
            let with_bot = options.bot == Bot::All || number == 0;
            let settings = settings(&options, &database, (&panel, &telegram), with_bot);
            let log = logs.join(format!("{:?}-{seed}-{number}.log", options.database).to_lowercase());
            // What an earlier run with this seed left; there may be none.
            let _gone = std::fs::remove_file(&log);
            Replica::new(number, (binary.clone(), options.folder.clone(), log), settings)
        };
        let replicas = (0..options.replicas).map(replica).collect();
        Ok(Self {
            seed,
            panel,
            telegram,
            replicas,
            database,
            options,
            ledger: Ledger::default(),
            known: Mutex::default(),
            links: Mutex::default(),
            tickets: AtomicI64::new(0),
            troubled: AtomicBool::new(false),
            round: AtomicU32::new(0),
            cuts: Mutex::default(),
            counted: Mutex::default(),
            differences: Mutex::default(),
        })
    }

    /// A stream of chance of its own for everybody, so that one's luck does not depend on how fast others are.
    pub fn chance(&self, who: &str) -> StdRng {
        let mixed = who
            .bytes()
            .fold(self.seed, |mixed, byte| (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        StdRng::seed_from_u64(mixed)
    }

    /// Where any of the replicas serves; waits until one does.
    pub async fn url(&self, chance: &mut StdRng) -> Res<String> {
        let first = chance.random_range(0..self.replicas.len());
        let (before, from) = self.replicas.split_at(first);
        let mut in_turn = from.iter().chain(before);
        if let Some(url) = in_turn.find_map(Replica::url) {
            return Ok(url);
        }
        let waited = self.replicas.iter().map(|replica| Box::pin(replica.serving()));
        let (url, _, _) = timeout(Duration::from_secs(60), futures::future::select_all(waited)).await?;
        Ok(url.ok_or("the replica is gone")?)
    }

    /// A moment at which what ran was lost: a power cut, or the database away.
    pub fn cut(&self) {
        let at = now();
        self.lock_cuts().push(Cut { from: at, to: at, only_telegram: false });
    }

    /// From now on until [`Self::telegram_is_well`] what Telegram answers may be lost.
    pub fn telegram_is_ill(&self) {
        self.lock_cuts().push(Cut { from: now(), to: DateTime::<Utc>::MAX_UTC, only_telegram: true });
    }

    pub fn telegram_is_well(&self) {
        let now = now();
        self.lock_cuts().iter_mut().for_each(|cut| cut.to = cut.to.min(now));
    }

    pub fn cuts(&self) -> Vec<Cut> {
        self.lock_cuts().clone()
    }

    fn lock_cuts(&self) -> MutexGuard<'_, Vec<Cut>> {
        self.cuts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets so many operations begin.
    pub fn hand_out(&self, tickets: u32) {
        self.tickets.store(tickets.into(), Ordering::SeqCst);
    }

    /// Notes an operation before it is sent; gives its number.
    pub fn open(&self, asked: Asked) -> usize {
        self.tickets.fetch_sub(1, Ordering::SeqCst);
        self.ledger.open(Asked { round: self.round(), ..asked })
    }

    /// Whether this round has had its operations and its trouble.
    pub fn is_over(&self) -> bool {
        self.tickets.load(Ordering::SeqCst) <= 0 && !self.troubled.load(Ordering::SeqCst)
    }

    /// A person's pause between two operations.
    pub async fn pause(&self, chance: &mut StdRng) {
        sleep(Duration::from_millis(chance.random_range(50..1200))).await;
    }

    pub fn round(&self) -> u32 {
        self.round.load(Ordering::SeqCst)
    }

    /// For the table at the end.
    pub fn count(&self, what: impl Into<String>) {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner).entry(what.into()).or_default() += 1;
    }

    pub fn counted(&self) -> BTreeMap<String, u32> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn differ(&self, what: impl Into<String>, username: Option<&str>) {
        let difference =
            Difference { round: self.round(), what: what.into(), username: username.map(str::to_owned) };
        self.differences.lock().unwrap_or_else(PoisonError::into_inner).push(difference);
    }

    pub fn known(&self) -> Vec<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn remember(&self, client: Known) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).push(client);
    }

    /// Notes whose client this is.
    pub fn link(&self, id: Uuid, person: i64) {
        self.links.lock().unwrap_or_else(PoisonError::into_inner).push((id, person));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter_mut().filter(|client| client.id == id).for_each(|client| client.person = Some(person));
    }

    /// All clients that belong, or belonged, to somebody.
    pub fn links(&self) -> Vec<(Uuid, i64)> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn forget(&self, id: Uuid) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).retain(|client| client.id != id);
    }

    /// Any client, as far as anybody knows.
    pub fn any(&self, chance: &mut StdRng) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let at = chance.random_range(0..known.len().max(1));
        known.get(at).cloned()
    }
}

async fn simulators(version: Panel) -> Res<(PanelSim, TelegramSim)> {
    let local = ([127, 0, 0, 1], 0).into();
    let panel = PanelSim::start(PanelSimOptions {
        version: match version {
            Panel::V2 => PanelVersion::V2,
            Panel::V3 => PanelVersion::V3,
        },
        addr: local,
        token: "token-of-the-simulated-panel".to_owned(),
        clock: std::sync::Arc::new(SystemClock),
        entropy: std::sync::Arc::new(OsEntropy),
        subscription_base: Some("https://sub.example.test".to_owned()),
    });
    let telegram = TelegramSim::start(TelegramSimOptions {
        addr: local,
        token: BOT_TOKEN.to_owned(),
        bot_username: "vpn_bot".to_owned(),
        clock: std::sync::Arc::new(SystemClock),
    });
    Ok((panel.await?, telegram.await?))
}

fn database(options: &Options) -> Res<String> {
    match options.database {
        Kind::Sqlite if options.replicas > 1 => Err("several replicas need --database postgres".into()),
        Kind::Sqlite => Ok(sqlite(&options.folder)),
        Kind::Postgres => Ok(std::env::var("CHAOS_POSTGRES_URL")?),
    }
}

fn sqlite(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("orchestrator.db").display())
}

/// Short times, so that much happens in a short run.
fn settings(
    options: &Options,
    database: &str,
    (panel, telegram): (&PanelSim, &TelegramSim),
    with_bot: bool,
) -> Vec<(&'static str, String)> {
    let tokens: Vec<String> =
        (0..SHOPS).map(|shop| format!("{}:{}", shop_name(shop), shop_secret(shop))).collect();
    let mut settings = vec![
        ("APP_PORT", "0".to_owned()),
        ("DATABASE_URL", database.to_owned()),
        ("REMNAWAVE_BASE_URL", panel.url()),
        ("REMNAWAVE_API_TOKEN", panel.token().to_owned()),
        ("API_TOKENS", tokens.join(",")),
        ("ADMIN_IDS", OWNERS.map(|owner| owner.to_string()).join(",")),
        ("ROTATE_COOLDOWN_HOURS", "0".to_owned()),
        ("PANEL_TIMEOUT", "2".to_owned()),
        ("INTENT_LEASE", "4".to_owned()),
        ("RECONCILE_INTERVAL", "1".to_owned()),
        ("DEACTIVATE_INTERVAL", options.watch.to_string()),
        ("DRIFT_INTERVAL", options.watch.to_string()),
        ("DIGEST_AT", "off".to_owned()),
        ("NOTIFY_BEFORE_HOURS", "off".to_owned()),
        ("RUST_LOG", "info".to_owned()),
    ];
    if with_bot {
        settings.push(("TELEGRAM_BOT_TOKEN", telegram.token().to_owned()));
        settings.push(("TELEGRAM_API_URL", telegram.url()));
    }
    settings
}

pub fn shop_name(shop: usize) -> String {
    format!("shop{shop}")
}

pub fn shop_secret(shop: usize) -> String {
    format!("secret-of-shop-{shop}-0123456789")
}
