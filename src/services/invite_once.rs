//! An invite that a repeated request gets again: its token is not stored, so it is made anew out of what only the caller
//! knows.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::domain::actor::Actor;
use crate::domain::change::{Key, request_hash};
use crate::domain::ids::{ClientId, ClientRef, InviteToken};
use crate::domain::person::InvitePurpose;
use crate::repositories::invites;
use crate::repositories::kept_answers::{self, Kept};

use super::core::Core;
use super::error::{Error, InviteError};
use super::invites::{hash, invitee, new_invite};

/// Characters of the salt, six bits each.
const SALT: usize = 24;

/// A request that may come again.
#[derive(Debug, Clone)]
pub struct Once {
    /// What says that it is the same one.
    pub key: Key,
    /// The caller's own API token (empty when none is asked for): with it, and not without, the invite's token can be
    /// made out of what the database keeps.
    pub secret: SecretString,
}

/// What is kept of an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
enum Answer {
    /// An invite was made.
    Invite { salt: String, token_hash: String, expires_at: DateTime<Utc> },
    /// There was no such client.
    ClientNotFound,
    /// The client had a Telegram account.
    AlreadyLinked,
}

impl Once {
    /// The invite of this request: made now, or the one that was made for it.
    ///
    /// # Errors
    /// `ClientNotFound`, `Invite(AlreadyLinked)`, `KeyReused`, `Database`.
    pub(super) async fn invite(
        &self,
        core: &Core,
        by: &Actor,
        id: ClientId,
    ) -> Result<(InviteToken, DateTime<Utc>), Error> {
        let salt = core.entropy.token(SALT);
        let token = self.token(&salt)?;
        let invite = new_invite(core, &token, InvitePurpose::Client(id), by.label());
        let request_hash =
            request_hash(&("invite", id)).map_err(|error| Error::Internal(error.to_string()))?;
        let mut tx = core.db.begin().await?;
        let answer = match invitee(&mut tx, id).await {
            Ok(_) => Answer::Invite { salt, token_hash: hash(token.expose()), expires_at: invite.expires_at },
            Err(Error::ClientNotFound(_)) => Answer::ClientNotFound,
            Err(Error::Invite(InviteError::AlreadyLinked)) => Answer::AlreadyLinked,
            Err(other) => return Err(other),
        };
        let ours = Kept { request_hash, answer };
        if !kept_answers::insert(&mut tx, &self.key, &ours, core.clock.now()).await? {
            let kept: Kept<Answer> = kept_answers::find(&mut tx, &self.key)
                .await?
                .ok_or_else(|| Error::Internal("a kept answer is gone".to_owned()))?;
            return if kept.request_hash == ours.request_hash {
                self.told(kept.answer, id)
            } else {
                Err(Error::KeyReused)
            };
        }
        if matches!(ours.answer, Answer::Invite { .. }) {
            invites::insert(&mut tx, &invite).await?;
        }
        tx.commit().await?;
        self.told(ours.answer, id)
    }

    /// The answer as it was. Under a name that another token had before, the invite's token cannot be made again.
    fn told(&self, answer: Answer, id: ClientId) -> Result<(InviteToken, DateTime<Utc>), Error> {
        match answer {
            Answer::Invite { salt, token_hash, expires_at } => {
                let token = self.token(&salt)?;
                if hash(token.expose()) == token_hash {
                    Ok((token, expires_at))
                } else {
                    Err(Error::KeyReused)
                }
            }
            Answer::ClientNotFound => Err(Error::ClientNotFound(ClientRef::Id(id))),
            Answer::AlreadyLinked => Err(InviteError::AlreadyLinked.into()),
        }
    }

    /// 256 bits in 43 characters: a Telegram start parameter may have 64.
    fn token(&self, salt: &str) -> Result<InviteToken, Error> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
            .map_err(|error| Error::Internal(error.to_string()))?;
        for part in [&*self.key.scope, &*self.key.key, salt] {
            mac.update(part.as_bytes());
            mac.update(b"\0");
        }
        Ok(InviteToken::new(BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
    }
}
