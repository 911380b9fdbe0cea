//! Who has which role, and how owners change that.
//!
//! A role counts from the next update on: it is read with each. What a person made with it and may not have any more
//! ends in the same transaction.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::actor::{Actor, GivenRole, Role};
use crate::domain::change::{Key, request_hash};
use crate::domain::ids::TelegramId;
use crate::domain::notice::{Notice, OwnerNotice};
use crate::domain::person::Person;
use crate::repositories::kept_answers::{self, Kept};
use crate::repositories::people::Held;
use crate::repositories::{Tx, dialogues, invites, people, tokens};

use super::access::{Permission, require};
use super::core::Core;
use super::error::{Error, RoleError};
use super::known::Known;
use super::outbox::{notify, notify_owners};

/// Giving and taking roles.
#[derive(Debug, Clone)]
pub struct Roles {
    core: Arc<Core>,
    known: Arc<Known>,
}

/// Somebody with a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who; without a name when they never wrote to the bot.
    pub person: Person,
    /// What they are now.
    pub role: Role,
    /// Whether whoever asked may change that.
    pub hold: Hold,
}

/// Whether a role can be changed in the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It can.
    Loose,
    /// It stands in `ADMIN_IDS`.
    Settings,
    /// It is one's own: whoever took it away could not give it back.
    Own,
}

/// A page of those who have a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolePage {
    /// Who: the highest roles first.
    pub items: Vec<Holder>,
    /// This page's number, from 0; never beyond the last.
    pub page: u32,
    /// How many pages there are; at least 1.
    pub pages: u32,
}

/// What giving or taking a role did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChange {
    /// Whose.
    pub person: Person,
    /// What it was before.
    pub before: Option<Role>,
    /// What it is now.
    pub now: Option<Role>,
    /// How many API tokens of theirs were revoked with it.
    pub tokens: u64,
    /// How many open invites of theirs ended with it.
    pub invites: u64,
}

/// What is kept of that for its key.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Done {
    before: Option<Role>,
    tokens: u64,
    invites: u64,
}

impl Roles {
    /// On top of the core; `known` are the API tokens of this process.
    pub(super) fn new(core: Arc<Core>, known: Arc<Known>) -> Self {
        Self { core, known }
    }

    /// Everyone with a role, a page of them.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn page(&self, by: &Actor, page: u32, per_page: u32) -> Result<RolePage, Error> {
        require(by, Permission::ManageRoles)?;
        let mut people = people::with_role(&self.core.db).await?;
        for id in &self.core.rules.admin_ids {
            if !people.iter().any(|person| person.id == *id) {
                people.push(people::find(&self.core.db, *id).await?.unwrap_or_else(|| nameless(*id)));
            }
        }
        let mut holders: Vec<Holder> = people.into_iter().map(|person| self.holder(by, person)).collect();
        holders.sort_by(|a, b| b.role.cmp(&a.role).then(a.person.id.cmp(&b.person.id)));
        let size = usize::try_from(per_page.max(1)).unwrap_or(usize::MAX);
        let pages = u32::try_from(holders.chunks(size).len()).unwrap_or(u32::MAX).max(1);
        let page = page.min(pages - 1);
        let first = usize::try_from(page).unwrap_or(usize::MAX).saturating_mul(size);
        Ok(RolePage { items: holders.into_iter().skip(first).take(size).collect(), page, pages })
    }

    /// Somebody, whether they have a role or ever wrote to the bot or not.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn of(&self, by: &Actor, id: TelegramId) -> Result<Holder, Error> {
        require(by, Permission::ManageRoles)?;
        let person = people::find(&self.core.db, id).await?.unwrap_or_else(|| nameless(id));
        Ok(self.holder(by, person))
    }

    /// The account that wrote under that `@name` (without the at sign) last.
    ///
    /// # Errors
    /// `Forbidden`, `Role(Unknown)`, `Database`.
    pub async fn named(&self, by: &Actor, name: &str) -> Result<TelegramId, Error> {
        require(by, Permission::ManageRoles)?;
        let person = people::find_by_telegram_username(&self.core.db, name).await?;
        Ok(person.ok_or(RoleError::Unknown)?.id)
    }

    /// Gives somebody a role, or takes theirs away with `None`. Others who own the service and the person are told. The
    /// same key again gives the same answer.
    ///
    /// # Errors
    /// `Forbidden`, `Role(Settings)`, `Role(Own)`, `KeyReused`, `Database`.
    pub async fn change(
        &self,
        by: &Actor,
        id: TelegramId,
        to: Option<GivenRole>,
        key: Key,
    ) -> Result<RoleChange, Error> {
        require(by, Permission::ManageRoles)?;
        match self.hold(by, id) {
            Hold::Settings => return Err(RoleError::Settings.into()),
            Hold::Own => return Err(RoleError::Own.into()),
            Hold::Loose => {}
        }
        let (core, by) = (Arc::clone(&self.core), by.clone());
        let change = async move { change(&core, &by, id, to.map(GivenRole::role), &key).await };
        let change = self.known.change(change).await?;
        self.core.posted.notify_one();
        Ok(change)
    }

    fn holder(&self, by: &Actor, person: Person) -> Holder {
        let hold = self.hold(by, person.id);
        let role = if self.is_in_settings(person.id) { Some(Role::Owner) } else { person.role };
        Holder { role: role.unwrap_or(Role::Stranger), hold, person }
    }

    fn hold(&self, by: &Actor, id: TelegramId) -> Hold {
        if self.is_in_settings(id) {
            Hold::Settings
        } else if by.telegram_id() == Some(id) {
            Hold::Own
        } else {
            Hold::Loose
        }
    }

    fn is_in_settings(&self, id: TelegramId) -> bool {
        self.core.rules.admin_ids.contains(&id)
    }
}

/// Somebody who never wrote.
fn nameless(id: TelegramId) -> Person {
    Person {
        id,
        name: String::new(),
        telegram_username: None,
        language_code: None,
        lang: None,
        role: None,
        blocked_bot_at: None,
        must_start: false,
    }
}

/// All of it in one transaction.
async fn change(
    core: &Core,
    by: &Actor,
    id: TelegramId,
    to: Option<Role>,
    key: &Key,
) -> Result<RoleChange, Error> {
    let request_hash = request_hash(&("role", id, to)).map_err(|error| Error::Internal(error.to_string()))?;
    let now = core.clock.now();
    let mut tx = core.db.begin().await?;
    require_still(core, &mut tx, by, Permission::ManageRoles).await?;
    people::put_unseen(&mut tx, id, now).await?;
    let held = people::hold(&mut tx, id, Held::ToChange).await?;
    let person = held.ok_or_else(|| Error::Internal("a person is gone".to_owned()))?;
    if let Some(kept) = kept_answers::find::<Done>(&mut tx, key).await? {
        let Done { before, tokens, invites } = kept.answer;
        let same = kept.request_hash == request_hash;
        let change = RoleChange { person, before, now: to, tokens, invites };
        return if same { Ok(change) } else { Err(Error::KeyReused) };
    }
    let before = person.role;
    let (tokens, invites) =
        if before == to { (0, 0) } else { set(core, &mut tx, by, &person, to, now).await? };
    let kept = Kept { request_hash, answer: Done { before, tokens, invites } };
    if !kept_answers::insert(&mut tx, key, &kept, now).await? {
        return Err(Error::KeyReused);
    }
    tx.commit().await?;
    if before != to {
        let word = |role: Option<Role>| role.map_or("none", Role::as_str);
        let (before, now) = (word(before), word(to));
        tracing::info!(person = %id, by = by.label(), before, now, tokens, invites, "a role was changed");
    }
    Ok(RoleChange { person, before, now: to, tokens, invites })
}

/// Another role, the end of what it does not cover, and the notices; gives how many tokens and invites ended.
async fn set(
    core: &Core,
    tx: &mut Tx,
    by: &Actor,
    person: &Person,
    to: Option<Role>,
    now: DateTime<Utc>,
) -> Result<(u64, u64), Error> {
    let id = person.id;
    people::set_role(tx, id, to).await?;
    let role = to.unwrap_or(Role::User);
    let has = |permission: Permission| role >= permission.role();
    let ended = (
        if has(Permission::ManageTokens) { 0 } else { tokens::revoke_all_of(tx, &id.label(), now).await? },
        if has(Permission::Invite) { 0 } else { invites::end_open_of(tx, &id.label(), now).await? },
    );
    if person.role > to {
        dialogues::remove(tx, id).await?;
    }
    let told = match (to, person.role) {
        (Some(role), _) => OwnerNotice::Granted { person: id, role, by: by.label() },
        (None, Some(role)) => OwnerNotice::Revoked { person: id, role, by: by.label() },
        (None, None) => return Ok(ended),
    };
    notify_owners(core, tx, told, None).await?;
    if person.blocked_bot_at.is_none() {
        notify(core, tx, id, Notice::YourRole { role: to }, None).await?;
    }
    Ok(ended)
}

/// Refuses whoever has lost the role since this update began: what is made now would outlive what a role's end ends.
pub(super) async fn require_still(
    core: &Core,
    tx: &mut Tx,
    by: &Actor,
    permission: Permission,
) -> Result<(), Error> {
    require(by, permission)?;
    let Actor::Person { id, .. } = *by else { return Ok(()) };
    if core.rules.admin_ids.contains(&id) {
        return Ok(());
    }
    match people::hold(tx, id, Held::ToRead).await? {
        Some(person) => require(&Actor::Person { id, role: person.role.unwrap_or(Role::User) }, permission),
        None => Ok(()),
    }
}
