//! The rules. One file a use case; no SQL, no HTTP, no Telegram type.

pub mod access;
mod adopt;
mod alerts;
mod alteration;
pub mod audit;
pub mod begin;
pub mod broadcasts;
pub mod bulk;
pub mod changes;
pub mod clients;
pub mod configs;
pub mod core;
mod creation;
pub mod deactivation;
pub mod diagnosis;
pub mod dialogues;
pub mod digest;
pub mod drift;
pub mod error;
pub mod expiry_notices;
pub mod finding;
pub mod follow;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod health;
pub mod imports;
pub mod invite_once;
pub mod invites;
mod job;
pub mod keys;
mod known;
pub mod leases;
pub mod links;
pub mod lists;
pub mod log;
pub mod lookups;
pub mod matters;
pub mod metrics;
mod notices;
pub mod numbers;
pub mod orders;
pub mod original;
pub mod outbox;
pub mod own;
pub mod panel_events;
pub mod panel_watch;
mod pause;
pub mod people;
pub mod qr;
mod queues;
pub mod reconcile;
mod relink;
mod remake;
mod replaced;
pub mod resettle;
pub mod restored;
pub mod roles;
mod settle;
pub mod stats;
pub mod streams;
pub mod sync;
mod together;
pub mod tokens;
mod totals;
pub mod updates;
pub mod views;
pub mod vouched;
pub mod webhook;

use std::sync::Arc;

pub use error::Error;

/// Everything the doors can ask for. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Services {
    /// Clients: made, listed, looked at.
    pub clients: clients::Clients,
    /// Configurations.
    pub configs: configs::Configs,
    /// Invites.
    pub invites: invites::Invites,
    /// The contract's lists.
    pub lists: lists::Lists,
    /// The log that outlives its clients.
    pub audit: audit::Audit,
    /// Numbers.
    pub stats: stats::Statistics,
    /// People and their roles.
    pub people: people::People,
    /// Tokens of the REST API.
    pub tokens: tokens::Tokens,
    /// Imports and broadcasts as tasks.
    pub bulk: bulk::Bulk,
    /// Panel users become clients.
    pub imports: imports::Imports,
    /// What the original service knew becomes this one's.
    pub take_over: original::TakeOver,
    /// One text to all linked people.
    pub broadcasts: broadcasts::Broadcasts,
    /// Numbers by day.
    pub numbers: numbers::Numbers,
    /// The list of clients, searched.
    pub finding: finding::Finding,
    /// The stored intake.
    pub updates: updates::Updates,
    /// Where Telegram hands in updates.
    pub webhook: webhook::Webhook,
    /// What the bot says by itself.
    pub outbox: outbox::Outbox,
    /// Dialogue states.
    pub dialogues: dialogues::Dialogues,
    /// Health.
    pub health: health::Health,
    /// Who may do what, changed by owners.
    pub roles: roles::Roles,
    /// Telegram accounts taken off clients.
    pub links: links::Links,
    /// Telling the panel who is linked.
    pub follow: follow::Follow,
    /// What was changed in the panel.
    pub sync: sync::Sync,
    /// All clients compared with the panel.
    pub drift: drift::Drift,
    /// Access that ends with its date.
    pub deactivation: deactivation::Deactivation,
    /// What an owner decided about a panel that does not know the clients.
    pub resettle: resettle::Resettle,
    /// A database that was restored from a backup.
    pub restored: restored::Restored,
    /// What the panel tells by itself.
    pub panel_events: panel_events::PanelEvents,
    /// Taking turns with other processes.
    pub leases: leases::Leases,
    /// The service's numbers.
    pub metrics: metrics::Metrics,
    /// What needs a person.
    pub matters: matters::Matters,
    /// Telling people of their dates.
    pub expiry_notices: expiry_notices::ExpiryNotices,
    /// The morning's message.
    pub digest: digest::Digest,
    /// Telling of the panel.
    pub panel_watch: panel_watch::PanelWatch,
    /// Finishing what was cut.
    pub reconciler: reconcile::Reconciler,
    changes: changes::Changes,
}

impl Services {
    /// All of them on one core.
    pub fn new(core: core::Core) -> Self {
        Self::with_streams(core, streams::StreamLimits::default())
    }

    /// The same with other limits for streams of whole lists.
    pub fn with_streams(core: core::Core, limits: streams::StreamLimits) -> Self {
        let core = Arc::new(core);
        let changes = changes::Changes::new(Arc::clone(&core));
        let clients = clients::Clients::new(Arc::clone(&core), changes.clone());
        let tokens = tokens::Tokens::new(Arc::clone(&core));
        let follow = follow::Follow::new(Arc::clone(&core));
        let bulk = bulk::Bulk::new(Arc::clone(&core));
        let sync = sync::Sync::new(Arc::clone(&core), changes.clone());
        let drift = drift::Drift::new(Arc::clone(&core));
        Self {
            roles: roles::Roles::new(Arc::clone(&core), tokens.known()),
            links: links::Links::new(Arc::clone(&core), clients.clone(), follow.clone()),
            clients: clients.clone(),
            configs: configs::Configs::new(Arc::clone(&core)),
            invites: invites::Invites::new(Arc::clone(&core), follow.clone()),
            lists: lists::Lists::new(Arc::clone(&core), limits),
            audit: audit::Audit::new(Arc::clone(&core)),
            stats: stats::Statistics::new(Arc::clone(&core)),
            people: people::People::new(Arc::clone(&core)),
            tokens,
            follow,
            bulk: bulk.clone(),
            take_over: original::TakeOver::new(Arc::clone(&core)),
            imports: imports::Imports::new(Arc::clone(&core), bulk.clone()),
            broadcasts: broadcasts::Broadcasts::new(Arc::clone(&core), bulk),
            numbers: numbers::Numbers::new(Arc::clone(&core)),
            finding: finding::Finding::new(Arc::clone(&core)),
            updates: updates::Updates::new(Arc::clone(&core)),
            webhook: webhook::Webhook::default(),
            outbox: outbox::Outbox::new(Arc::clone(&core)),
            dialogues: dialogues::Dialogues::new(Arc::clone(&core)),
            health: health::Health::new(Arc::clone(&core)),
            restored: restored::Restored::new(Arc::clone(&core), drift.clone(), sync.clone()),
            drift,
            deactivation: deactivation::Deactivation::new(Arc::clone(&core), changes.clone()),
            resettle: resettle::Resettle::new(Arc::clone(&core), changes.clone(), clients.clone()),
            panel_events: panel_events::PanelEvents::new(Arc::clone(&core), sync.clone()),
            sync,
            leases: leases::Leases::new(Arc::clone(&core)),
            metrics: metrics::Metrics::new(Arc::clone(&core)),
            matters: matters::Matters::new(Arc::clone(&core)),
            expiry_notices: expiry_notices::ExpiryNotices::new(Arc::clone(&core)),
            digest: digest::Digest::new(Arc::clone(&core)),
            panel_watch: panel_watch::PanelWatch::new(Arc::clone(&core)),
            reconciler: reconcile::Reconciler::new(core, changes.clone()),
            changes,
        }
    }

    /// Waits until the changes that run have ended.
    pub async fn close(&self) {
        self.changes.close().await;
        self.tokens.close().await;
    }
}
