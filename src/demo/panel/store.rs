//! The panel's database: users with their indexes, squads, tokens.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::PanelVersion;
use super::model::{SimSquad, SimStatus, SimUser};
use super::webhooks::{Webhooks, event};

/// How long an overdue user may stay ACTIVE: the real scheduler runs every 30 s.
const SCHEDULER: TimeDelta = TimeDelta::seconds(30);

/// What an API token may do.
pub(super) struct Token {
    /// `*`, `users:*`, `users:read`, `users:create`, …; looked at in version 3 only.
    pub scopes: Vec<String>,
    pub state: TokenState,
    /// Its scopes are cached once it was used: only then does it work while the database is down.
    pub used: bool,
}

/// Whether a token is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenState {
    Live,
    Deleted,
    Expired,
}

/// Everything the panel remembers.
pub(super) struct Store {
    pub version: PanelVersion,
    /// What it says instead of that version's number.
    pub claimed_version: Option<String>,
    pub squads: Vec<SimSquad>,
    pub tokens: HashMap<String, Token>,
    pub database_down: bool,
    webhooks: Webhooks,
    users: BTreeMap<u64, SimUser>,
    by_username: HashMap<String, u64>,
    by_short_uuid: HashMap<String, u64>,
    by_uuid: HashMap<Uuid, u64>,
    /// When the scheduler would take each ACTIVE user back.
    due: BTreeSet<(DateTime<Utc>, u64)>,
    last_id: u64,
}

impl Store {
    pub(super) fn new(version: PanelVersion, squads: Vec<SimSquad>, webhooks: Webhooks) -> Self {
        Self {
            version,
            claimed_version: None,
            squads,
            tokens: HashMap::new(),
            database_down: false,
            webhooks,
            users: BTreeMap::new(),
            by_username: HashMap::new(),
            by_short_uuid: HashMap::new(),
            by_uuid: HashMap::new(),
            due: BTreeSet::new(),
            last_id: 0,
        }
    }

    /// Its version's number, as it tells it.
    pub(super) fn told_version(&self) -> &str {
        self.claimed_version.as_deref().unwrap_or(self.version.number())
    }

    /// The next number. As in the real one, a creation that fails uses one up too.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn users(&self) -> &BTreeMap<u64, SimUser> {
        &self.users
    }

    pub(super) fn by_id(&self, id: u64) -> Option<&SimUser> {
        self.users.get(&id)
    }

    pub(super) fn by_uuid(&self, uuid: Uuid) -> Option<&SimUser> {
        self.by_uuid.get(&uuid).and_then(|id| self.users.get(id))
    }

    pub(super) fn by_username(&self, username: &str) -> Option<&SimUser> {
        self.by_username.get(username).and_then(|id| self.users.get(id))
    }

    pub(super) fn by_short_uuid(&self, short_uuid: &str) -> Option<&SimUser> {
        self.by_short_uuid.get(short_uuid).and_then(|id| self.users.get(id))
    }

    pub(super) fn members(&self, squad: Uuid) -> usize {
        self.users.values().filter(|user| user.squads.contains(&squad)).count()
    }

    pub(super) fn insert(&mut self, user: SimUser) {
        self.webhooks.happened("user.created", &user, self.version, &self.squads);
        self.put(user);
    }

    fn put(&mut self, user: SimUser) {
        self.last_id = self.last_id.max(user.id);
        self.by_username.insert(user.username.clone(), user.id);
        self.by_short_uuid.insert(user.short_uuid.clone(), user.id);
        self.by_uuid.insert(user.uuid, user.id);
        if user.status == SimStatus::Active {
            self.due.insert((due_at(&user), user.id));
        }
        self.users.insert(user.id, user);
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<SimUser> {
        let user = self.take(id)?;
        self.webhooks.happened("user.deleted", &user, self.version, &self.squads);
        Some(user)
    }

    fn take(&mut self, id: u64) -> Option<SimUser> {
        let user = self.users.remove(&id)?;
        self.by_username.remove(&user.username);
        self.by_short_uuid.remove(&user.short_uuid);
        self.by_uuid.remove(&user.uuid);
        self.due.remove(&(due_at(&user), id));
        Some(user)
    }

    /// Changes a user, keys included, and gives it back as it is then.
    pub(super) fn edit(&mut self, id: u64, change: impl FnOnce(&mut SimUser)) -> Option<&SimUser> {
        let before = self.take(id)?;
        let mut user = before.clone();
        change(&mut user);
        self.webhooks.happened(event(&before, &user), &user, self.version, &self.squads);
        let id = user.id;
        self.put(user);
        self.users.get(&id)
    }

    /// The scheduler: users past their date become EXPIRED, at the latest 30 s after, or at once if `forced`.
    pub(super) fn expire(&mut self, now: DateTime<Utc>, forced: bool) {
        let overdue: Vec<u64> = if forced {
            let active = self.users.values().filter(|user| user.status == SimStatus::Active);
            active.filter(|user| user.expire_at <= now).map(|user| user.id).collect()
        } else {
            self.due.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| *id).collect()
        };
        for id in overdue {
            self.edit(id, |user| {
                user.status = SimStatus::Expired;
                user.updated_at = now;
            });
        }
    }
}

fn due_at(user: &SimUser) -> DateTime<Utc> {
    user.expire_at.max(user.active_since) + SCHEDULER
}
