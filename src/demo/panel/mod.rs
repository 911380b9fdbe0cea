//! The simulated RemnaWave panel, versions 2 and 3: a real HTTP server with state.
//!
//! It answers as the recordings in `tests/fixtures/panel` do: same status, same keys, same error codes
//! (`tests/it/panel_conformance.rs` sends it every recorded request). In reading order: [`PanelSim`] here is what
//! tests and `demo` hold; `server` reads requests and acts out faults; `route` finds the endpoint; `users`, `change`,
//! `actions`, `bulk`, `subscription`, `squads`, `hosts` and `system` answer; `store` remembers.
//!
//! `webhooks` tells others. Not simulated: nodes, profiles' own endpoints, making and changing hosts, device limits, webhooks of anything
//! but users, and the races of the real panel (it serves one request after another).

mod actions;
mod ask;
mod bulk;
mod calls;
mod change;
mod client_config;
mod errors;
mod fault;
mod fields;
mod hosts;
mod http;
mod model;
mod route;
mod server;
mod squads;
mod store;
mod subscription;
mod system;
mod users;
mod validate;
mod webhooks;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use self::calls::Call;
pub use self::fault::{Fault, Matcher, What, When};
pub use self::model::{SimHost, SimInbound, SimSquad, SimStatus, SimTransport, SimUser};
pub use self::webhooks::{Order, SimWebhook, WebhookTarget, Webhooks};

use self::calls::Calls;
use self::fault::Faults;
use self::server::Shared;
use self::store::{Store, Token, TokenState};
use crate::domain::clock::{Clock, Entropy};

/// Which panel is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelVersion {
    /// Answers as 2.7.4.
    V2,
    /// Answers as 3.3.2.
    V3,
}

impl PanelVersion {
    /// As `/api/system/metadata` says it.
    #[must_use]
    pub fn number(self) -> &'static str {
        match self {
            Self::V2 => "2.7.4",
            Self::V3 => "3.3.2",
        }
    }
}

/// How to start a panel.
#[derive(Clone)]
pub struct PanelSimOptions {
    /// Which one.
    pub version: PanelVersion,
    /// Where it listens; port 0 for any free one.
    pub addr: SocketAddr,
    /// The API token it takes, with every scope.
    pub token: String,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Keys, uuids, short UUIDs.
    pub entropy: Arc<dyn Entropy>,
    /// What subscription URLs start with; its own address if `None`. `/api/sub/SHORT` follows.
    pub subscription_base: Option<String>,
}

/// Somebody else's user, to be put into the panel directly.
#[derive(Debug, Clone)]
pub struct NewSimUser {
    /// Must be free, or the user of that name is replaced.
    pub username: String,
    /// A fresh one if `None`.
    pub short_uuid: Option<String>,
    /// When access ends.
    pub expire_at: chrono::DateTime<chrono::Utc>,
}

/// A running panel. Clones share it; the last one dropped ends it.
#[derive(Clone)]
pub struct PanelSim {
    shared: Arc<Shared>,
    server: Arc<Server>,
}

impl std::fmt::Debug for PanelSim {
    /// Without the tokens and keys it holds.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PanelSim").field("url", &self.url()).finish_non_exhaustive()
    }
}

struct Server {
    addr: SocketAddr,
    token: String,
    running: Mutex<Option<(CancellationToken, JoinHandle<()>)>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((stop, _)) = lock(&self.running).take() {
            stop.cancel();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PanelSim {
    /// Starts it, with `Default-Squad` and no users.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(options: PanelSimOptions) -> std::io::Result<Self> {
        let PanelSimOptions { version, addr, token, clock, entropy, subscription_base } = options;
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let squads = squads::default_squads(&mut || entropy.uuid(), clock.now_millis());
        let subscription_base = subscription_base.unwrap_or_else(|| format!("http://{addr}"));
        let webhooks = Webhooks::new(subscription_base.clone(), Arc::clone(&clock));
        let sim = Self {
            shared: Arc::new(Shared {
                store: Mutex::new(Store::new(version, squads, webhooks.clone())),
                faults: Faults::default(),
                calls: Calls::new(),
                delay: Mutex::default(),
                capacity: Mutex::new(Arc::new(Semaphore::new(Semaphore::MAX_PERMITS))),
                released: watch::Sender::new(0),
                clock,
                entropy,
                subscription_base,
                webhooks,
            }),
            server: Arc::new(Server { addr, token: token.clone(), running: Mutex::default() }),
        };
        sim.add_token(&token, &["*"]);
        sim.run(listener);
        Ok(sim)
    }

    fn run(&self, listener: TcpListener) {
        let stop = CancellationToken::new();
        let task = tokio::spawn(server::serve(listener, Arc::clone(&self.shared), stop.clone()));
        if let Some((stop, _)) = lock(&self.server.running).replace((stop, task)) {
            stop.cancel();
        }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.server.addr)
    }

    /// The API token it was started with.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.server.token
    }

    /// "Panel down": connections are refused, those there are closed. What it remembers stays.
    pub async fn stop(&self) {
        let running = lock(&self.server.running).take();
        if let Some((stop, task)) = running {
            stop.cancel();
            if let Err(error) = task.await {
                tracing::warn!(%error, "the simulated panel did not end well");
            }
        }
    }

    /// Up again, at the same port with the same state.
    ///
    /// # Errors
    /// When somebody else has taken the port meanwhile.
    pub async fn restart(&self) -> std::io::Result<()> {
        self.stop().await;
        self.run(TcpListener::bind(self.server.addr).await?);
        Ok(())
    }

    /// Which one is played now.
    #[must_use]
    pub fn version(&self) -> PanelVersion {
        self.store().version
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.shared.store)
    }

    /// All users, by number. What is overdue is shown as the scheduler left it.
    #[must_use]
    pub fn users(&self) -> Vec<SimUser> {
        let mut store = self.store();
        store.expire(self.shared.clock.now_millis(), false);
        store.users().values().cloned().collect()
    }

    /// The user of that name.
    #[must_use]
    pub fn user(&self, username: &str) -> Option<SimUser> {
        let mut store = self.store();
        store.expire(self.shared.clock.now_millis(), false);
        store.by_username(username).cloned()
    }

    /// The squads there are.
    #[must_use]
    pub fn squads(&self) -> Vec<SimSquad> {
        self.store().squads.clone()
    }

    /// Puts an ACTIVE user into all squads, as if made in the panel itself.
    pub fn insert_user(&self, new: NewSimUser) -> SimUser {
        let Shared { clock, entropy, .. } = self.shared.as_ref();
        let now = clock.now_millis();
        let mut store = self.store();
        let NewSimUser { username, short_uuid, expire_at } = new;
        let mut user = SimUser::new(store.next_id(), username, short_uuid, expire_at, now, entropy.as_ref());
        user.squads = store.squads.iter().map(|squad| squad.uuid).collect();
        if let Some(id) = store.by_username(&user.username).map(|user| user.id) {
            store.remove(id);
        }
        store.insert(user.clone());
        user
    }

    /// A user that an earlier run of this simulator had, under the key that its version gave it: a UUID or a number.
    pub fn restore_user(&self, key: &str, new: NewSimUser, description: String) {
        let made = self.insert_user(new);
        let mut store = self.store();
        let Some(mut user) = store.remove(made.id) else { return };
        user.id = key.parse().unwrap_or(user.id);
        user.uuid = key.parse().unwrap_or(user.uuid);
        user.description = Some(description);
        store.insert(user);
    }

    /// Changes a user behind everybody's back; `false` if there is none of that name.
    pub fn edit_user(&self, username: &str, change: impl FnOnce(&mut SimUser)) -> bool {
        let mut store = self.store();
        let id = store.by_username(username).map(|user| user.id);
        id.is_some_and(|id| store.edit(id, change).is_some())
    }

    /// Deletes a user behind everybody's back; `false` if there is none of that name.
    pub fn remove_user(&self, username: &str) -> bool {
        let mut store = self.store();
        let id = store.by_username(username).map(|user| user.id);
        id.is_some_and(|id| store.remove(id).is_some())
    }

    /// "Reinstalled": no users, numbers start anew.
    pub fn forget_users(&self) {
        let mut store = self.store();
        let squads = std::mem::take(&mut store.squads);
        let tokens = std::mem::take(&mut store.tokens);
        *store = Store::new(store.version, squads, self.shared.webhooks.clone());
        store.tokens = tokens;
    }

    /// Replaces the squads; users keep theirs, known or not.
    pub fn set_squads(&self, squads: Vec<SimSquad>) {
        self.store().squads = squads;
    }

    /// "Upgrade" (or back): the same users, the other dialect.
    pub fn set_version(&self, version: PanelVersion) {
        self.store().version = version;
    }

    /// Says that it is of another version than it plays, as `/api/system/metadata` tells it.
    pub fn claim_version(&self, version: &str) {
        self.store().claimed_version = Some(version.to_owned());
    }

    /// While down, user calls answer 500, links 404, tokens not used before 403; metadata answers as ever.
    pub fn set_database_down(&self, down: bool) {
        self.store().database_down = down;
    }

    /// Runs the scheduler now: ACTIVE users past their date become EXPIRED. By itself it does so within 30 s of the
    /// clock passed in.
    pub fn tick(&self) {
        self.store().expire(self.shared.clock.now_millis(), true);
    }

    /// The scopes of the token it was started with; version 3 only.
    pub fn set_scopes(&self, scopes: &[&str]) {
        self.add_token(&self.server.token, scopes);
    }

    /// One more token (or new scopes, and new life, for one there is).
    pub fn add_token(&self, token: &str, scopes: &[&str]) {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let token_state = Token { scopes, state: TokenState::Live, used: false };
        self.store().tokens.insert(token.to_owned(), token_state);
    }

    /// As if deleted in the panel: 403 from now on.
    pub fn delete_token(&self, token: &str) {
        self.set_token(token, TokenState::Deleted);
    }

    /// As if its time had passed: 401 from now on.
    pub fn expire_token(&self, token: &str) {
        self.set_token(token, TokenState::Expired);
    }

    fn set_token(&self, token: &str, state: TokenState) {
        if let Some(token) = self.store().tokens.get_mut(token) {
            token.state = state;
        }
    }

    /// How long every answer takes: half of it before the effect, half after.
    pub fn set_delay(&self, delay: Duration) {
        *lock(&self.shared.delay) = delay;
    }

    /// It works on so many requests at once, and the others wait; by itself on any number.
    pub fn set_capacity(&self, at_once: usize) {
        *lock(&self.shared.capacity) = Arc::new(Semaphore::new(at_once));
    }

    /// Scripts trouble. Of several that fit a request, the first scripted happens.
    pub fn fault(&self, fault: Fault) {
        self.shared.faults.push(fault);
    }

    /// Ends all scripted trouble and lets go of what hangs.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
        self.shared.released.send_modify(|count| *count += 1);
    }

    /// Its webhooks: off until they are sent somewhere.
    #[must_use]
    pub fn webhooks(&self) -> &Webhooks {
        &self.shared.webhooks
    }

    /// What it was asked since the start or the last [`clear_calls`](Self::clear_calls), in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.all()
    }

    /// Empties the log.
    pub fn clear_calls(&self) {
        self.shared.calls.clear();
    }

    /// Told of every request, as it comes and as it ends.
    #[must_use]
    pub fn requests(&self) -> watch::Receiver<u64> {
        self.shared.calls.changes()
    }

    /// Whether a request is being answered at this moment.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.shared.calls.any(|call| !call.finished)
    }

    /// The first call in the log that is wanted, as soon as there is one. `|call| call.method == "POST"` waits for an
    /// arrival, `call.applied` for the effect, `call.finished` for the end.
    pub async fn wait_for_call(&self, wanted: impl Fn(&Call) -> bool) -> Call {
        self.shared.calls.wait(wanted).await
    }
}
