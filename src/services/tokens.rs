//! Tokens of the REST API that are made in the bot: made, seen, revoked, and known when they come.
//!
//! A request must not wait for the database to learn whose token it carries, so the live tokens are kept in memory. What
//! this process changes counts at once; what another replica changed, when the copy is half a second old (`known`).

use std::sync::Arc;

use secrecy::ExposeSecret;

use crate::domain::actor::{Actor, TokenScope};
use crate::domain::change::Key;
use crate::domain::ids::{TelegramId, TokenId};
use crate::domain::notice::OwnerNotice;
use crate::domain::token::{ApiToken, TokenHash, TokenName, fresh_secret};
use crate::repositories::{people, tokens};

use super::access::{Permission, require};
use super::core::Core;
use super::error::{Error, TokenError};
use super::known::Known;
use super::outbox::notify_owners;
use super::roles::require_still;
use super::updates::REMEMBERED;
use super::views::{MadeToken, NewToken, RevokedToken, TokenList};

/// So many tokens may be live at once.
const MOST: i64 = 100;

/// Making, seeing, revoking and knowing tokens.
#[derive(Debug, Clone)]
pub struct Tokens {
    core: Arc<Core>,
    known: Arc<Known>,
}

impl Tokens {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { known: Arc::new(Known::new(Arc::clone(&core))), core }
    }

    /// The live ones in memory, for whoever else ends some.
    pub(super) fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known)
    }

    /// Makes a token. The same request again (its key) gives the token it made a new secret: the first one may never
    /// have been shown.
    ///
    /// # Errors
    /// `Forbidden`, `Token`, `Database`.
    pub async fn create(
        &self,
        by: &Actor,
        name: TokenName,
        scope: TokenScope,
        key: Option<Key>,
    ) -> Result<NewToken, Error> {
        require(by, Permission::ManageTokens)?;
        if self.in_settings(&name) {
            return Err(TokenError::InSettings.into());
        }
        let secret = fresh_secret(self.core.entropy.as_ref());
        let token = ApiToken {
            id: TokenId(self.core.entropy.uuid()),
            name,
            generation: 1,
            hash: TokenHash::of(secret.expose_secret().as_bytes()),
            scope,
            created_by: by.label(),
            created_key: key.map(|key| format!("{} {}", key.scope, key.key)),
            created_at: self.core.clock.now(),
            last_used_at: None,
            revoked_at: None,
        };
        let (this, maker) = (self.clone(), by.clone());
        let (token, again) = self.known.change(async move { this.keep(&maker, token).await }).await?;
        tracing::info!(
            token = token.known_as(),
            scope = scope.as_str(),
            by = token.created_by,
            again,
            "an API token was made"
        );
        Ok(NewToken { token, secret, again })
    }

    /// Keeps a token as a new one, or its secret for the one that the same request made.
    async fn keep(&self, by: &Actor, mut token: ApiToken) -> Result<(ApiToken, bool), Error> {
        let mut tx = self.core.db.begin().await?;
        require_still(&self.core, &mut tx, by, Permission::ManageTokens).await?;
        let again = match tokens::find_live_in(&mut tx, &token.name).await? {
            Some(made) if is_of_same_request(&made, &token) => {
                let hash = token.hash;
                token = ApiToken { hash, ..made };
                if !tokens::replace_secret(&mut tx, token.id, &hash).await? {
                    return Err(TokenError::Unknown.into());
                }
                true
            }
            Some(_) => return Err(TokenError::NameTaken.into()),
            None => {
                if tokens::count_live(&mut tx).await? >= MOST {
                    return Err(TokenError::TooMany.into());
                }
                token.generation = tokens::next_generation(&mut tx, &token.name).await?;
                if !tokens::insert(&mut tx, &token).await? {
                    return Err(TokenError::NameTaken.into());
                }
                let told =
                    OwnerNotice::token_made(token.name.as_str(), token.scope, token.created_by.clone());
                notify_owners(&self.core, &mut tx, told, None).await?;
                false
            }
        };
        tx.commit().await?;
        self.core.posted.notify_one();
        Ok((token, again))
    }

    /// Every token that opens something, or would.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn list(&self, by: &Actor) -> Result<TokenList, Error> {
        require(by, Permission::ManageTokens)?;
        let mut made = vec![];
        for token in tokens::live(&self.core.db).await? {
            made.push(self.made(token).await?);
        }
        Ok(TokenList { settings: self.core.rules.api_tokens.clone(), made })
    }

    /// The live token of that name.
    ///
    /// # Errors
    /// `Forbidden`, `Token(Unknown)`, `Token(InSettings)`, `Database`.
    pub async fn find(&self, by: &Actor, name: &TokenName) -> Result<MadeToken, Error> {
        require(by, Permission::ManageTokens)?;
        let token = tokens::find_live(&self.core.db, name).await?;
        let missing = if self.in_settings(name) { TokenError::InSettings } else { TokenError::Unknown };
        self.made(token.ok_or(missing)?).await
    }

    /// The live token of that id.
    ///
    /// # Errors
    /// `Forbidden`, `Token(Unknown)`, `Database`.
    pub async fn get(&self, by: &Actor, id: TokenId) -> Result<MadeToken, Error> {
        require(by, Permission::ManageTokens)?;
        let token = tokens::find(&self.core.db, id).await?.filter(|token| token.revoked_at.is_none());
        self.made(token.ok_or(TokenError::Unknown)?).await
    }

    /// Ends a token, here at once and on other replicas within a second. One that is revoked already stays so.
    ///
    /// # Errors
    /// `Forbidden`, `Token(Unknown)`, `Database`.
    pub async fn revoke(&self, by: &Actor, id: TokenId) -> Result<RevokedToken, Error> {
        require(by, Permission::ManageTokens)?;
        let token = tokens::find(&self.core.db, id).await?.ok_or(TokenError::Unknown)?;
        let core = Arc::clone(&self.core);
        let told = OwnerNotice::TokenRevoked { name: token.name.as_str().to_owned(), by: by.label() };
        let change = async move {
            let mut tx = core.db.begin().await?;
            let done = tokens::revoke(&mut tx, id, core.clock.now()).await?;
            if done {
                notify_owners(&core, &mut tx, told, None).await?;
            }
            tx.commit().await?;
            core.posted.notify_one();
            Ok(done)
        };
        let done = self.known.change(change).await?;
        tracing::info!(token = token.known_as(), by = by.label(), again = !done, "an API token was revoked");
        Ok(RevokedToken { token, again: !done })
    }

    /// Whose token that is, if it is live. Its use is noted, at most once a minute and without waiting for that.
    ///
    /// # Errors
    /// `Database`: it cannot be known.
    pub async fn recognise(&self, presented: &TokenHash) -> Result<Option<Actor>, Error> {
        self.known.whose(presented).await
    }

    /// Waits until the last uses are noted.
    pub async fn close(&self) {
        self.known.close().await;
    }

    fn in_settings(&self, name: &TokenName) -> bool {
        self.core.rules.api_tokens.iter().any(|token| token.name == *name)
    }

    async fn made(&self, token: ApiToken) -> Result<MadeToken, Error> {
        let maker = match token.created_by.strip_prefix("telegram:").and_then(|id| id.parse().ok()) {
            Some(id) => people::find(&self.core.db, TelegramId(id)).await?,
            None => None,
        };
        Ok(MadeToken { hidden: self.in_settings(&token.name), maker, token })
    }
}

/// Whether both were asked for by the very same request. Telegram starts its numbers anew one day, so an old one of the
/// same number is another.
fn is_of_same_request(made: &ApiToken, now: &ApiToken) -> bool {
    made.created_key.is_some()
        && made.created_key == now.created_key
        && made.created_by == now.created_by
        && made.scope == now.scope
        && now.created_at - made.created_at <= REMEMBERED
}
