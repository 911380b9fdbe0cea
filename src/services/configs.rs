//! Configurations: what a client's app imports.

use crate::domain::actor::Actor;
use crate::domain::ids::{ClientId, ClientRef};

use super::error::Error;
use super::views::{Delivery, RawConfig};

/// Fetching configurations. Each fetch that reached the panel is in the log as `get_config`.
#[derive(Debug, Clone)]
pub struct Configs {}

impl Configs {
    /// What the panel serves this client, blocked and expired ones too (the contract's answer).
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `NotLinked`, `Panel`, `Database`.
    pub async fn raw(&self, _by: &Actor, id: ClientId) -> Result<RawConfig, Error> {
        Err(Error::ClientNotFound(ClientRef::Id(id)))
    }

    /// What a person is handed: a working configuration, the stored link, or the reason why there is none.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Database`.
    pub async fn deliver(&self, _by: &Actor, id: ClientId) -> Result<Delivery, Error> {
        Err(Error::ClientNotFound(ClientRef::Id(id)))
    }
}
