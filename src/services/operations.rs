//! The log as the contract shows it.

use std::sync::Arc;

use crate::domain::actor::Actor;
use crate::domain::ids::ClientId;
use crate::domain::operation::Operation;
use crate::repositories::operations;

use super::access::{Permission, require};
use super::core::Core;
use super::error::Error;

/// Reading the log.
#[derive(Debug, Clone)]
pub struct Operations {
    core: Arc<Core>,
}

impl Operations {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Operations of one client or of all, newest first; an unknown client has none.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn list(&self, by: &Actor, client: Option<ClientId>) -> Result<Vec<Operation>, Error> {
        require(by, Permission::SeeLog)?;
        Ok(operations::list(&self.core.db, client).await?)
    }
}
