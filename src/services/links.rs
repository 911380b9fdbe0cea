//! Taking a Telegram account off a client, and moving a client to another one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::change::{Key, request_hash};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, ClientRef, InviteToken, TelegramId};
use crate::domain::notice::Notice;
use crate::domain::person::{InvitePurpose, Person};
use crate::repositories::kept_answers::{self, Kept};
use crate::repositories::{Tx, clients, invites, people};

use super::access::{Permission, require, shown};
use super::clients::Clients;
use super::core::Core;
use super::error::Error;
use super::follow::Follow;
use super::invites::{TOKEN, new_invite};
use super::outbox::notify;
use super::pause;
use super::roles::require_still;
use super::views::NewInvite;

/// Ending links.
#[derive(Debug, Clone)]
pub struct Links {
    core: Arc<Core>,
    clients: Clients,
    follow: Follow,
}

/// A client and who is linked to it.
#[derive(Debug, Clone)]
pub struct Linked {
    /// The client.
    pub client: Client,
    /// Who, as far as they wrote to the bot.
    pub person: Option<Person>,
}

/// What was asked to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The client.
    pub client: ClientId,
    /// Who was linked to it when that was asked. Somebody else by now is left alone.
    pub person: TelegramId,
}

/// What ending a link did.
#[derive(Debug, Clone)]
pub enum Unlinked {
    /// The account is off: by this request, or the same one before.
    Done(Linked),
    /// Nobody was linked.
    Nobody(Client),
    /// Somebody else is linked by now.
    Another(Linked),
}

/// What moving a client did.
#[derive(Debug)]
pub enum Moved {
    /// The account is off, and here is the invite for the next one.
    Invited {
        /// The invite.
        invite: NewInvite,
        /// Who was linked before.
        person: Option<Person>,
        /// How replacing the link went, if that was asked for.
        replaced: Option<Result<(), Error>>,
    },
    /// An earlier tap on the same button did it; the invite was shown then.
    Before(Linked),
    /// There was nothing to move.
    Not(Unlinked),
}

/// What is kept for a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Done {
    person: TelegramId,
    /// For a move: the invite, and the update that showed it.
    invite: Option<(String, String)>,
}

/// A tap that moves a client.
#[derive(Debug, Clone)]
pub struct Move {
    /// Off whom.
    pub link: Link,
    /// Whether the link is replaced, too.
    pub replace: bool,
    /// The button's key.
    pub key: Key,
    /// The update's key: the same update again shows the invite again, another tap on the button does not.
    pub update: Key,
}

impl Links {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>, clients: Clients, follow: Follow) -> Self {
        Self { core, clients, follow }
    }

    /// A client and who is linked to it, for a question about that.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Database`.
    pub async fn of(&self, by: &Actor, id: ClientId) -> Result<Linked, Error> {
        require(by, Permission::Unlink)?;
        let client = clients::find(&self.core.db, id).await?;
        self.linked(by, client.ok_or(Error::ClientNotFound(ClientRef::Id(id)))?).await
    }

    /// Takes the Telegram account off a client: whichever it is, or only this one. The person is told. The same key again
    /// gives the same answer.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `KeyReused`, `Database`.
    pub async fn unlink(
        &self,
        by: &Actor,
        id: ClientId,
        person: Option<TelegramId>,
        key: &Key,
    ) -> Result<Unlinked, Error> {
        let mut tx = self.core.db.begin().await?;
        require_still(&self.core, &mut tx, by, Permission::Unlink).await?;
        pause::refuse_restored(&mut tx).await?;
        let client = held(&mut tx, id).await?;
        let asked = hashed(&("unlink", id, person))?;
        if let Some(done) = kept(&mut tx, key, &asked).await? {
            drop(tx);
            return Ok(Unlinked::Done(self.was(by, client, done.person).await?));
        }
        let person = match (client.telegram_id, person) {
            (None, _) => return Ok(Unlinked::Nobody(shown(by, client))),
            (Some(now), Some(asked)) if now != asked => {
                drop(tx);
                return Ok(Unlinked::Another(self.linked(by, client).await?));
            }
            (Some(now), _) => now,
        };
        let client = self.take_off(&mut tx, by, client, person).await?;
        keep(&self.core, &mut tx, key, asked, Done { person, invite: None }).await?;
        tx.commit().await?;
        self.ended(by, id, person);
        Ok(Unlinked::Done(self.was(by, client, person).await?))
    }

    /// Unlinks, invites, and replaces the link if asked to. The link comes last: whoever is unlinked must not fetch the
    /// new one, and a panel that is away must not keep them linked.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `KeyReused`, `Database`.
    pub async fn move_on(&self, by: &Actor, wanted: &Move) -> Result<Moved, Error> {
        if wanted.replace {
            require(by, Permission::RotateLinks)?;
        }
        let (invite, person) = match self.unlink_and_invite(by, wanted).await? {
            Moved::Invited { invite, person, .. } => (invite, person),
            other => return Ok(other),
        };
        let replaced = match wanted.replace {
            true => {
                let rotated = self.clients.rotate(by, wanted.link.client, Some(wanted.key.clone())).await;
                // The same update is handled again for what passes.
                if let Err(error @ (Error::Database(_) | Error::KeyInProgress { .. })) = rotated {
                    return Err(error);
                }
                Some(rotated.map(drop))
            }
            false => None,
        };
        Ok(Moved::Invited { invite, person, replaced })
    }

    async fn unlink_and_invite(&self, by: &Actor, wanted: &Move) -> Result<Moved, Error> {
        let core = &self.core;
        let Link { client: id, person } = wanted.link;
        let mut tx = core.db.begin().await?;
        require_still(core, &mut tx, by, Permission::Unlink).await?;
        require(by, Permission::Invite)?;
        pause::refuse_restored(&mut tx).await?;
        let mut client = held(&mut tx, id).await?;
        let asked = hashed(&("move", wanted.link, wanted.replace))?;
        let token = InviteToken::new(core.entropy.token(TOKEN));
        let invite = new_invite(core, &token, InvitePurpose::Client(id), by.label());
        let shown_now = (invite.token_hash.clone(), wanted.update.key.clone());
        match kept(&mut tx, &wanted.key, &asked).await? {
            Some(Done { invite: Some((before, update)), .. })
                if update == wanted.update.key && client.telegram_id.is_none() =>
            {
                // Cut before it was shown, perhaps: nobody knows that token any more.
                invites::forget_unused(&mut tx, &before).await?;
                kept_answers::remove(&mut tx, &wanted.key).await?;
            }
            Some(_) => {
                drop(tx);
                return Ok(Moved::Before(self.linked(by, client).await?));
            }
            None if client.telegram_id.is_none() => {
                return Ok(Moved::Not(Unlinked::Nobody(shown(by, client))));
            }
            None if client.telegram_id != Some(person) => {
                drop(tx);
                return Ok(Moved::Not(Unlinked::Another(self.linked(by, client).await?)));
            }
            None => client = self.take_off(&mut tx, by, client, person).await?,
        }
        // Whoever it is taken from may have another one in hand.
        invites::end_open_for(&mut tx, id, core.clock.now()).await?;
        invites::insert(&mut tx, &invite).await?;
        keep(core, &mut tx, &wanted.key, asked, Done { person, invite: Some(shown_now) }).await?;
        tx.commit().await?;
        self.ended(by, id, person);
        let person = people::find(&core.db, person).await?;
        let invite = NewInvite { client: shown(by, client), token, expires_at: invite.expires_at };
        Ok(Moved::Invited { invite, person, replaced: None })
    }

    /// The account is off, and the person will be told.
    async fn take_off(
        &self,
        tx: &mut Tx,
        by: &Actor,
        client: Client,
        person: TelegramId,
    ) -> Result<Client, Error> {
        let now = self.core.clock.now();
        if !clients::unlink(tx, client.id, person, now).await? {
            return Err(Error::Internal("the link changed while it was held".to_owned()));
        }
        if by.telegram_id() != Some(person) {
            let notice = Notice::Unlinked { client: client.id, username: client.username.clone() };
            notify(&self.core, tx, person, notice, None).await?;
        }
        Ok(Client { telegram_id: None, updated_at: now, ..client })
    }

    fn ended(&self, by: &Actor, client: ClientId, person: TelegramId) {
        tracing::info!(%client, %person, by = by.label(), "a Telegram account was taken off its client");
        self.core.posted.notify_one();
        self.follow.wake();
    }

    async fn linked(&self, by: &Actor, client: Client) -> Result<Linked, Error> {
        let person = match client.telegram_id {
            Some(id) => people::find(&self.core.db, id).await?,
            None => None,
        };
        Ok(Linked { client: shown(by, client), person })
    }

    async fn was(&self, by: &Actor, client: Client, person: TelegramId) -> Result<Linked, Error> {
        let person = people::find(&self.core.db, person).await?;
        Ok(Linked { client: shown(by, client), person })
    }
}

/// The client, whose link stays as it is until this transaction ends.
async fn held(tx: &mut Tx, id: ClientId) -> Result<Client, Error> {
    clients::hold_link(tx, id).await?.ok_or(Error::ClientNotFound(ClientRef::Id(id)))
}

fn hashed(asked: &impl Serialize) -> Result<String, Error> {
    request_hash(asked).map_err(|error| Error::Internal(error.to_string()))
}

/// What was done for this key.
async fn kept(tx: &mut Tx, key: &Key, asked: &str) -> Result<Option<Done>, Error> {
    match kept_answers::find::<Done>(tx, key).await? {
        Some(kept) if kept.request_hash == asked => Ok(Some(kept.answer)),
        Some(_) => Err(Error::KeyReused),
        None => Ok(None),
    }
}

async fn keep(core: &Core, tx: &mut Tx, key: &Key, request_hash: String, answer: Done) -> Result<(), Error> {
    if kept_answers::insert(tx, key, &Kept { request_hash, answer }, core.clock.now()).await? {
        Ok(())
    } else {
        Err(Error::KeyReused)
    }
}
