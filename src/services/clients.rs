//! Clients: made, listed, looked at.

use crate::domain::actor::Actor;
use crate::domain::change::Key;
use crate::domain::client::{Client, ClientFilter};
use crate::domain::days::Days;
use crate::domain::ids::{ClientId, ClientRef};
use crate::domain::username::Username;

use super::error::Error;
use super::views::{Card, ClientPage, Home};

/// What can be done with clients.
#[derive(Debug, Clone)]
pub struct Clients {}

impl Clients {
    /// Makes a client, here and on the panel. The same key again gives the same client.
    ///
    /// # Errors
    /// `Forbidden`, `UsernameTaken`, `Panel`, `Busy`, `KeyReused`, `Database`.
    pub async fn create(
        &self,
        _by: &Actor,
        _username: Username,
        _days: Days,
        _key: Option<Key>,
    ) -> Result<Client, Error> {
        Err(Error::Internal(String::new()))
    }

    /// The client of that id or name. Staff and tokens see all, a user only their own.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Database`.
    pub async fn find(&self, _by: &Actor, which: &ClientRef) -> Result<Client, Error> {
        Err(Error::ClientNotFound(which.clone()))
    }

    /// Every client of the filter with their number, newest first (the contract's list without paging).
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn list(&self, _by: &Actor, _filter: ClientFilter) -> Result<Vec<Client>, Error> {
        Ok(vec![])
    }

    /// Page `page` (from 0; one beyond the end gives the last) of `per_page` clients.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn page(
        &self,
        by: &Actor,
        _filter: ClientFilter,
        _page: u32,
        _per_page: u32,
    ) -> Result<ClientPage, Error> {
        Err(Error::Forbidden { actor: by.label(), action: "list clients" })
    }

    /// A client's card; the panel is asked for at most two seconds.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Database`.
    pub async fn card(&self, _by: &Actor, id: ClientId) -> Result<Card, Error> {
        Err(Error::ClientNotFound(ClientRef::Id(id)))
    }

    /// The clients linked to the person who asks, newest first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn mine(&self, _by: &Actor) -> Result<Vec<Client>, Error> {
        Ok(vec![])
    }

    /// The home screen of staff.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn home(&self, by: &Actor) -> Result<Home, Error> {
        Err(Error::Forbidden { actor: by.label(), action: "see home" })
    }
}
