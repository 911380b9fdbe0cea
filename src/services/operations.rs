//! The log as the contract shows it.

use crate::domain::actor::Actor;
use crate::domain::ids::ClientId;
use crate::domain::operation::Operation;

use super::error::Error;

/// Reading the log.
#[derive(Debug, Clone)]
pub struct Operations {}

impl Operations {
    /// Operations of one client or of all, newest first; an unknown client has none.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn list(&self, _by: &Actor, _client: Option<ClientId>) -> Result<Vec<Operation>, Error> {
        Ok(vec![])
    }
}
