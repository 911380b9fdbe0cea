//! Invites: how a Telegram account is linked to a client.

use crate::domain::actor::Actor;
use crate::domain::ids::{ClientId, ClientRef, InviteToken};

use super::error::{Error, InviteError};
use super::views::{NewInvite, Redeemed};

/// Making and using invites.
#[derive(Debug, Clone)]
pub struct Invites {}

impl Invites {
    /// A one-time invite for a client that has no Telegram account yet; valid for seven days.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Invite(AlreadyLinked)`, `Database`.
    pub async fn create(&self, _by: &Actor, id: ClientId) -> Result<NewInvite, Error> {
        Err(Error::ClientNotFound(ClientRef::Id(id)))
    }

    /// Uses an invite; `by` must be a person. The same person opening it again is told the same.
    ///
    /// # Errors
    /// `Invite`, `Database`.
    pub async fn redeem(&self, _by: &Actor, _token: &str) -> Result<Redeemed, Error> {
        Err(InviteError::Unknown.into())
    }

    /// A fresh one-time link token that makes its opener the owner, while there is no owner at all.
    ///
    /// # Errors
    /// `Database`.
    pub async fn owner_token(&self) -> Result<Option<InviteToken>, Error> {
        Ok(None)
    }
}
