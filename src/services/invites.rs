//! Invites: how a Telegram account is linked to a client.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::domain::actor::Actor;
use crate::domain::change::hex;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, ClientRef, InviteToken, TelegramId};
use crate::domain::notice::Notice;
use crate::domain::person::{Invite, InvitePurpose};
use crate::repositories::{Tx, clients, invites, people};

use super::access::{Permission, require};
use super::core::Core;
use super::error::{Error, InviteError};
use super::follow::Follow;
use super::invite_once::Once;
use super::outbox::notify;
use super::pause;
use super::roles::require_still;
use super::views::{InviteLink, NewInvite, Redeemed};

/// How long an invite may be used.
const VALID: TimeDelta = TimeDelta::days(7);
/// How long one that can no longer be used is remembered: longer than answers are kept for keys.
const REMEMBERED: TimeDelta = TimeDelta::days(35);
/// Characters of a token, six bits each: 144 bits, and well inside the 64 that a Telegram start parameter may have.
pub(super) const TOKEN: usize = 24;
/// No start parameter of Telegram is longer; more is not looked up.
const LONGEST_TOKEN: usize = 64;

/// Making and using invites.
#[derive(Debug, Clone)]
pub struct Invites {
    core: Arc<Core>,
    bot: Arc<RwLock<Option<String>>>,
    follow: Follow,
}

impl Invites {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>, follow: Follow) -> Self {
        Self { core, bot: Arc::default(), follow }
    }

    /// Telegram said what the bot is called (without the at sign), so that links to it can be written.
    pub fn bot_is_called(&self, username: &str) {
        *self.bot.write().unwrap_or_else(PoisonError::into_inner) = Some(username.to_owned());
    }

    /// Forgets invites that could be used until long ago.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tidy(&self) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        invites::forget(&mut tx, self.core.clock.now() - REMEMBERED).await?;
        Ok(tx.commit().await?)
    }

    /// A one-time invite as [`Self::create`] makes it, with its link. The same key again gives the same answer, also
    /// when it was a refusal.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Invite(AlreadyLinked)`, `KeyReused`, `Database`.
    pub async fn hand_out(&self, by: &Actor, id: ClientId, once: Option<Once>) -> Result<InviteLink, Error> {
        let (token, expires_at) = match once {
            Some(once) => {
                require(by, Permission::Invite)?;
                once.invite(&self.core, by, id).await?
            }
            None => self.create(by, id).await.map(|invite| (invite.token, invite.expires_at))?,
        };
        let bot = self.bot.read().unwrap_or_else(PoisonError::into_inner).clone();
        let url = bot.map(|bot| format!("https://t.me/{bot}?start={}", token.expose()));
        Ok(InviteLink { url, token, expires_at })
    }

    /// A one-time invite for a client that has no Telegram account yet; valid for seven days.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Invite(AlreadyLinked)`, `Database`.
    pub async fn create(&self, by: &Actor, id: ClientId) -> Result<NewInvite, Error> {
        let mut tx = self.core.db.begin().await?;
        require_still(&self.core, &mut tx, by, Permission::Invite).await?;
        let client = invitee(&mut tx, id).await?;
        let token = InviteToken::new(self.core.entropy.token(TOKEN));
        let invite = new_invite(&self.core, &token, InvitePurpose::Client(id), by.label());
        invites::insert(&mut tx, &invite).await?;
        tx.commit().await?;
        Ok(NewInvite { client, token, expires_at: invite.expires_at })
    }

    /// Uses an invite; `by` must be a person. The same person opening it again is told the same.
    ///
    /// # Errors
    /// `Invite`, `Database`.
    pub async fn redeem(&self, by: &Actor, token: &str) -> Result<Redeemed, Error> {
        let Some(person) = by.telegram_id() else { return Err(InviteError::Unknown.into()) };
        if token.len() > LONGEST_TOKEN {
            return Err(InviteError::Unknown.into());
        }
        let mut tx = self.core.db.begin().await?;
        let invite = invites::find(&mut tx, &hash(token)).await?.ok_or(InviteError::Unknown)?;
        let redeemed = match invite.purpose {
            InvitePurpose::Client(id) => self.link(&mut tx, &invite, id, person).await?,
            InvitePurpose::Owner => self.make_owner(&mut tx, &invite, person).await?,
        };
        tx.commit().await?;
        if matches!(redeemed, Redeemed::Client { again: false, .. }) {
            self.core.posted.notify_one();
            self.follow.wake();
        }
        Ok(redeemed)
    }

    /// A fresh one-time token that makes its opener the owner, while there is no owner at all.
    ///
    /// # Errors
    /// `Database`.
    pub async fn owner_token(&self) -> Result<Option<InviteToken>, Error> {
        if !self.core.rules.admin_ids.is_empty() || people::has_owner(&self.core.db).await? {
            return Ok(None);
        }
        let token = InviteToken::new(self.core.entropy.token(TOKEN));
        let invite = new_invite(&self.core, &token, InvitePurpose::Owner, Actor::Job("start").label());
        let mut tx = self.core.db.begin().await?;
        invites::forget_owner_links(&mut tx).await?;
        invites::insert(&mut tx, &invite).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    async fn link(
        &self,
        tx: &mut Tx,
        invite: &Invite,
        id: ClientId,
        person: TelegramId,
    ) -> Result<Redeemed, Error> {
        clients::hold(tx, id).await?;
        let client = clients::find_in(tx, id).await?.ok_or(InviteError::Unknown)?;
        let invited_by = TelegramId::from_label(&invite.created_by);
        if invite.used_by == Some(person) && client.telegram_id == Some(person) {
            return Ok(Redeemed::Client { client, invited_by, again: true });
        }
        self.usable(invite)?;
        pause::refuse_restored(tx).await?;
        let now = self.core.clock.now();
        if !clients::link(tx, id, person, now).await? {
            return Err(InviteError::AlreadyLinked.into());
        }
        self.take(tx, invite, person).await?;
        if let Some(inviter) = invited_by.filter(|inviter| *inviter != person) {
            let notice =
                Notice::InviteAccepted { client: id, username: client.username.clone(), who: person };
            notify(&self.core, tx, inviter, notice, None).await?;
        }
        let client = Client { telegram_id: Some(person), updated_at: now, ..client };
        Ok(Redeemed::Client { client, invited_by, again: false })
    }

    async fn make_owner(&self, tx: &mut Tx, invite: &Invite, person: TelegramId) -> Result<Redeemed, Error> {
        if invite.used_by == Some(person) {
            return Ok(Redeemed::Owner);
        }
        self.usable(invite)?;
        if !self.core.rules.admin_ids.is_empty() {
            return Err(InviteError::Used.into());
        }
        // Two replicas that start at once write a link each. Of two that are opened at once the second finds its own gone.
        invites::hold_owner_links(tx).await?;
        self.take(tx, invite, person).await?;
        invites::forget_owner_links(tx).await?;
        if !people::make_first_owner(tx, person).await? {
            return Err(InviteError::Used.into());
        }
        tracing::warn!(person = %person, "the owner link was used: this account is the owner now");
        Ok(Redeemed::Owner)
    }

    fn usable(&self, invite: &Invite) -> Result<(), InviteError> {
        if invite.used_by.is_some() {
            Err(InviteError::Used)
        } else if invite.expires_at <= self.core.clock.now() {
            Err(InviteError::Expired)
        } else {
            Ok(())
        }
    }

    /// Of two who open a link at the same moment one is first.
    async fn take(&self, tx: &mut Tx, invite: &Invite, person: TelegramId) -> Result<(), Error> {
        if invites::take(tx, &invite.token_hash, person, self.core.clock.now()).await? {
            Ok(())
        } else {
            Err(InviteError::Used.into())
        }
    }
}

/// The client, if it can be invited; it stays until this transaction ends.
pub(super) async fn invitee(tx: &mut Tx, id: ClientId) -> Result<Client, Error> {
    pause::refuse_restored(tx).await?;
    clients::hold(tx, id).await?;
    let client = clients::find_in(tx, id).await?.ok_or(Error::ClientNotFound(ClientRef::Id(id)))?;
    if client.telegram_id.is_some() { Err(InviteError::AlreadyLinked.into()) } else { Ok(client) }
}

/// An invite of that token that begins now.
pub(super) fn new_invite(
    core: &Core,
    token: &InviteToken,
    purpose: InvitePurpose,
    created_by: String,
) -> Invite {
    let now = core.clock.now();
    Invite {
        token_hash: hash(token.expose()),
        purpose,
        created_by,
        created_at: now,
        expires_at: now + VALID,
        used_by: None,
        used_at: None,
    }
}

/// What is stored of a token.
pub(super) fn hash(token: &str) -> String {
    hex(&Sha256::digest(token))
}
