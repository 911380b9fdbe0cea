//! The rules. One file a use case; no SQL, no HTTP, no Telegram type.

pub mod clients;
pub mod configs;
pub mod dialogues;
pub mod error;
pub mod health;
pub mod invites;
pub mod operations;
pub mod people;
pub mod updates;
pub mod views;

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
    /// The log.
    pub operations: operations::Operations,
    /// People and their roles.
    pub people: people::People,
    /// The stored intake.
    pub updates: updates::Updates,
    /// Dialogue states.
    pub dialogues: dialogues::Dialogues,
    /// Health.
    pub health: health::Health,
}
