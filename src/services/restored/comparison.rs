//! What the panel has now, against what the backup had: in numbers, with the first names.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use crate::domain::actor::Actor;
use crate::panel::PanelUser;
use crate::repositories::clients;

use super::super::access::{Permission, require};
use super::super::drift::{All, Match, Pages, count};
use super::super::error::Error;
use super::Restored;

/// So many names are shown of each kind.
const NAMES: usize = 10;
/// The longest name that is shown, in characters: the panel's own users may have any.
const LONGEST: usize = 36;

/// How many, and the first of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How many.
    pub count: u64,
    /// At most ten.
    pub names: Vec<String>,
}

impl Found {
    fn add(&mut self, name: &str) {
        self.count += 1;
        if self.names.len() < NAMES {
            self.names.push(name.chars().take(LONGEST).collect());
        }
    }
}

/// How the panel differs from the restored clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// When the backup was made.
    pub made_at: DateTime<Utc>,
    /// How many clients were compared.
    pub clients: u64,
    /// The panel has a later date.
    pub later: Found,
    /// The panel has an earlier date.
    pub earlier: Found,
    /// Access is on there and off here, or the other way round.
    pub access: Found,
    /// The panel has another link.
    pub links: Found,
    /// The panel has no such user: it was deleted since.
    pub missing: Found,
    /// The panel has a user that is no client, and was made since the backup, or is marked as ours.
    pub fresh: Found,
}

impl Comparison {
    /// Whether both sides are equal.
    pub fn is_equal(&self) -> bool {
        let Self { later, earlier, access, links, missing, fresh, .. } = self;
        [later, earlier, access, links, missing, fresh].iter().all(|found| found.count == 0)
    }

    fn note(&mut self, user: &PanelUser, matched: &Match) {
        let name = user.username.as_str();
        let difference = match matched {
            Match::Client(_, difference) | Match::Elsewhere(_, difference) if !difference.name => difference,
            _ => return self.note_fresh(user),
        };
        match difference.date {
            Ordering::Greater => self.later.add(name),
            Ordering::Less => self.earlier.add(name),
            Ordering::Equal => {}
        }
        if difference.access {
            self.access.add(name);
        }
        if difference.link {
            self.links.add(name);
        }
    }

    fn note_fresh(&mut self, user: &PanelUser) {
        let since = user.created_at.is_some_and(|created_at| created_at >= self.made_at);
        if since || user.marked_client().is_some() {
            self.fresh.add(&user.username);
        }
    }
}

impl Restored {
    /// Reads the whole panel and compares it; none when nothing waits. Nothing is changed by it.
    ///
    /// # Errors
    /// `Forbidden`, `Panel`, `Database`.
    pub async fn compare(&self, by: &Actor) -> Result<Option<Comparison>, Error> {
        require(by, Permission::Decide)?;
        let core = &self.core;
        let Some(made_at) = self.made_at().await? else { return Ok(None) };
        let mut all = All::read(core).await?;
        let clients = count(all.clients.len());
        let mut comparison = Comparison { made_at, clients, ..Comparison::default() };
        let mut strangers = vec![];
        let mut pages = Pages::new(core);
        while let Some(users) = pages.next().await? {
            for user in &users {
                let matched = all.match_with(user);
                comparison.note(user, &matched);
                // The number is used again: the client's own user is gone.
                if let Match::Client(id, difference) = matched
                    && difference.name
                {
                    strangers.push(id);
                }
            }
        }
        let left = all.clients.iter().filter(|ours| !ours.matched).map(|ours| ours.id);
        let missing: Vec<_> = left.chain(strangers).collect();
        for id in missing.iter().take(NAMES) {
            if let Some(client) = clients::find(&core.db, *id).await? {
                comparison.missing.add(client.username.as_str());
            }
        }
        comparison.missing.count = count(missing.len());
        Ok(Some(comparison))
    }
}
