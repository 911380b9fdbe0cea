//! The rules. One file a use case; no SQL, no HTTP, no Telegram type.

pub mod access;
pub mod alerts;
mod alteration;
pub mod audit;
pub mod begin;
pub mod changes;
pub mod clients;
pub mod configs;
pub mod core;
mod creation;
pub mod diagnosis;
pub mod dialogues;
pub mod error;
pub mod health;
pub mod invite_once;
pub mod invites;
pub mod keys;
mod known;
pub mod lists;
pub mod log;
pub mod orders;
pub mod own;
pub mod people;
pub mod qr;
mod queues;
pub mod reconcile;
mod settle;
pub mod stats;
pub mod streams;
pub mod tokens;
pub mod updates;
pub mod views;

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
    /// What owners must hear at once.
    pub alerts: alerts::Alerts,
    /// Tokens of the REST API.
    pub tokens: tokens::Tokens,
    /// The stored intake.
    pub updates: updates::Updates,
    /// Dialogue states.
    pub dialogues: dialogues::Dialogues,
    /// Health.
    pub health: health::Health,
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
        Self {
            clients: clients::Clients::new(Arc::clone(&core), changes.clone()),
            configs: configs::Configs::new(Arc::clone(&core)),
            invites: invites::Invites::new(Arc::clone(&core)),
            lists: lists::Lists::new(Arc::clone(&core), limits),
            audit: audit::Audit::new(Arc::clone(&core)),
            stats: stats::Statistics::new(Arc::clone(&core)),
            people: people::People::new(Arc::clone(&core)),
            alerts: core.alerts.clone(),
            tokens: tokens::Tokens::new(Arc::clone(&core)),
            updates: updates::Updates::new(Arc::clone(&core)),
            dialogues: dialogues::Dialogues::new(Arc::clone(&core)),
            health: health::Health::new(Arc::clone(&core)),
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
