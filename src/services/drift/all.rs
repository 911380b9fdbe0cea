//! All clients, held so that all of the panel's users can be compared with them in one pass: 80 bytes a client.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use uuid::Uuid;

use crate::domain::client::{Access, Client};
use crate::domain::ids::ClientId;
use crate::panel::{PanelUser, PanelUserStatus};
use crate::repositories::clients;

use super::super::core::Core;
use super::super::error::Error;
use super::count;

/// How many of the panel's users are asked for at once: the panel gives no more.
const PAGE: u32 = 1000;
/// How many clients are read at once.
const CHUNK: i64 = 1000;
/// How long one page may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is compared, of either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    /// The hash of the name.
    name: u64,
    /// The hash of the link.
    link: u64,
    /// The date, in milliseconds.
    until: i64,
    open: bool,
}

/// As much of a client as the comparison needs: a hundred thousand of them are held at once.
pub(in crate::services) struct Ours {
    /// The client.
    pub id: ClientId,
    state: State,
    /// Whether its id is of the panel's other version.
    pub foreign: bool,
    /// Whether the panel has it.
    pub matched: bool,
}

/// All clients, found by hashes of what the panel's users are called.
#[derive(Default)]
pub(in crate::services) struct All {
    hasher: RandomState,
    /// In the order of their ids.
    pub clients: Vec<Ours>,
    by_id: HashMap<u64, usize>,
    by_link: HashMap<u64, usize>,
}

/// In what the panel's user differs from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::services) struct Difference {
    /// It has another name: it is somebody else.
    pub name: bool,
    /// It has another link.
    pub link: bool,
    /// It has access and the client has none, or the other way round.
    pub access: bool,
    /// Its date, compared with the client's.
    pub date: std::cmp::Ordering,
}

impl Difference {
    /// Whether there is any.
    pub fn any(self) -> bool {
        self.name || self.link || self.access || self.date.is_ne()
    }
}

/// What one user of the panel is to us.
pub(in crate::services) enum Match {
    /// A client's, by its id.
    Client(ClientId, Difference),
    /// A client's, by its link and name: its id is another one.
    Elsewhere(ClientId, Difference),
    /// Nobody's.
    NotOurs,
}

/// The panel's users, a page at a time.
pub(in crate::services) struct Pages<'a> {
    core: &'a Core,
    start: u64,
    over: bool,
}

impl<'a> Pages<'a> {
    /// From the first one on.
    pub fn new(core: &'a Core) -> Self {
        Self { core, start: 0, over: false }
    }

    /// The next page; none after the last.
    ///
    /// # Errors
    /// `Panel`.
    pub async fn next(&mut self) -> Result<Option<Vec<PanelUser>>, Error> {
        if self.over {
            return Ok(None);
        }
        let (users, total) = self.core.panel.users_page(self.start, PAGE, PATIENCE).await?;
        self.start += count(users.len());
        self.over = users.is_empty() || self.start >= total;
        Ok(Some(users))
    }
}

impl All {
    /// All there are now.
    ///
    /// # Errors
    /// `Database`.
    pub async fn read(core: &Core) -> Result<Self, Error> {
        let mut all = Self::default();
        let mut after = Uuid::nil();
        loop {
            let chunk = clients::on_panel_after(&core.db, after, CHUNK).await?;
            let Some(last) = chunk.last() else { return Ok(all) };
            after = last.id.0;
            for client in &chunk {
                let foreign = client.remnawave_uuid.as_ref().is_some_and(|id| core.panel.is_foreign(id));
                all.add(client, foreign);
            }
        }
    }

    fn state(&self, username: &str, short: &str, until: i64, open: bool) -> State {
        State { name: self.hasher.hash_one(username), link: self.hasher.hash_one(short), until, open }
    }

    fn add(&mut self, client: &Client, foreign: bool) {
        let (Some(id), Some(short)) = (&client.remnawave_uuid, &client.short_uuid) else { return };
        let (username, short) = (client.username.as_str(), short.expose());
        let open = client.access == Access::Open;
        let state = self.state(username, short, client.expires_at.timestamp_millis(), open);
        self.by_id.insert(self.hasher.hash_one(&id.0), self.clients.len());
        self.by_link.insert(self.hasher.hash_one((username, short)), self.clients.len());
        self.clients.push(Ours { id: client.id, state, foreign, matched: false });
    }

    /// By its id, else by its link and name. Each client is found once.
    pub fn match_with(&mut self, user: &PanelUser) -> Match {
        let (username, short) = (user.username.as_str(), user.short_uuid.expose());
        let by_id = self.by_id.get(&self.hasher.hash_one(&user.id.0));
        let by_link = self.by_link.get(&self.hasher.hash_one((username, short)));
        let (place, is_by_id) = (by_id.or(by_link).copied(), by_id.is_some());
        let open = user.status != PanelUserStatus::Disabled;
        let theirs = self.state(username, short, user.expire_at.timestamp_millis(), open);
        let ours = place.and_then(|place| self.clients.get_mut(place)).filter(|ours| !ours.matched);
        let Some(ours) = ours else { return Match::NotOurs };
        ours.matched = true;
        let difference = Difference {
            name: ours.state.name != theirs.name,
            link: ours.state.link != theirs.link,
            access: ours.state.open != theirs.open,
            date: theirs.until.cmp(&ours.state.until),
        };
        match is_by_id {
            true => Match::Client(ours.id, difference),
            false => Match::Elsewhere(ours.id, difference),
        }
    }
}
