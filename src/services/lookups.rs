//! Small reads that many ask for at once: what comes while one is on its way is read by one statement.
//!
//! A statement costs far more than the row it brings: a thread or a process is woken for it, and its answer waited for.
//! Whatever is answered was read after it was asked for: whoever has just written something sees it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::domain::client::Client;
use crate::domain::ids::{ClientId, TelegramId};
use crate::domain::person::Person;
use crate::repositories::{Db, Result as Read, clients, people};

use super::error::Error;
use super::together::{Gathering, Lead, Member, Together};

/// So many are on their way at once before others wait for them.
const AT_ONCE: usize = 1;
/// How long somebody waits to be read together with others, before they read by themselves.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long the statement of a group may take before each of it reads by itself.
const GROUP: Duration = Duration::from_secs(1);
/// When somebody hears that there is no answer.
const LATE: Duration = Duration::from_secs(5);

/// What is asked for, by its key.
trait Asked: Copy + Eq + Hash + Send + Sync + 'static {
    /// What there is; its default where there is nothing.
    type Found: Clone + Default + Send + 'static;

    fn alone(self, db: &Db) -> impl Future<Output = Read<Self::Found>> + Send;

    fn together(db: &Db, all: &[Self]) -> impl Future<Output = Read<HashMap<Self, Self::Found>>> + Send;
}

impl Asked for ClientId {
    type Found = Option<Client>;

    async fn alone(self, db: &Db) -> Read<Option<Client>> {
        clients::find(db, self).await
    }

    async fn together(db: &Db, all: &[Self]) -> Read<HashMap<Self, Option<Client>>> {
        let found = clients::find_several(db, all).await?;
        Ok(found.into_iter().map(|client| (client.id, Some(client))).collect())
    }
}

/// Who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Who(TelegramId);

impl Asked for Who {
    type Found = Option<(Person, bool)>;

    async fn alone(self, db: &Db) -> Read<Option<(Person, bool)>> {
        people::with_link(db, self.0).await
    }

    async fn together(db: &Db, all: &[Self]) -> Read<HashMap<Self, Option<(Person, bool)>>> {
        let found = people::with_links(db, &all.iter().map(|who| who.0).collect::<Vec<_>>()).await?;
        Ok(found.into_iter().map(|met| (Self(met.0.id), Some(met))).collect())
    }
}

/// Whose clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Whose(TelegramId);

impl Asked for Whose {
    type Found = Vec<Client>;

    async fn alone(self, db: &Db) -> Read<Vec<Client>> {
        clients::own(db, &[self.0]).await
    }

    async fn together(db: &Db, all: &[Self]) -> Read<HashMap<Self, Vec<Client>>> {
        let mut found = HashMap::<Self, Vec<Client>>::new();
        for client in clients::own(db, &all.iter().map(|whose| whose.0).collect::<Vec<_>>()).await? {
            if let Some(owner) = client.telegram_id {
                found.entry(Self(owner)).or_default().push(client);
            }
        }
        Ok(found)
    }
}

type Queue<K> = Together<K, Result<<K as Asked>::Found, Error>>;
type Waiting<K> = Member<K, Result<<K as Asked>::Found, Error>>;

/// Reads by key.
#[derive(Debug)]
pub struct Lookups {
    clients: Arc<Queue<ClientId>>,
    people: Arc<Queue<Who>>,
    own: Arc<Queue<Whose>>,
}

impl Default for Lookups {
    fn default() -> Self {
        Self {
            clients: Together::new(AT_ONCE, PATIENCE, Gathering::Ready),
            people: Together::new(AT_ONCE, PATIENCE, Gathering::Ready),
            own: Together::new(AT_ONCE, PATIENCE, Gathering::Ready),
        }
    }
}

impl Lookups {
    /// The client of that id.
    ///
    /// # Errors
    /// `Database`.
    pub async fn client(&self, db: &Db, id: ClientId) -> Result<Option<Client>, Error> {
        read(&self.clients, db, id).await
    }

    /// The person of that account, and whether a client is linked to it.
    ///
    /// # Errors
    /// `Database`.
    pub async fn person(&self, db: &Db, id: TelegramId) -> Result<Option<(Person, bool)>, Error> {
        read(&self.people, db, Who(id)).await
    }

    /// The clients linked to that account, newest first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn own(&self, db: &Db, id: TelegramId) -> Result<Vec<Client>, Error> {
        read(&self.own, db, Whose(id)).await
    }
}

async fn read<K: Asked>(queue: &Arc<Queue<K>>, db: &Db, key: K) -> Result<K::Found, Error> {
    let alone = || async { Ok(key.alone(db).await?) };
    let hand_on = |lead| {
        tokio::spawn(lead_on::<K>(lead, db.clone()));
    };
    let late = || Err(Error::Database("no answer in time".to_owned()));
    queue.run(key, Instant::now() + LATE, alone, hand_on).await.unwrap_or_else(late)
}

async fn lead_on<K: Asked>(lead: Lead<K, Result<K::Found, Error>>, db: Db) {
    lead.work(|group| read_group(&db, group)).await;
}

/// Where a group cannot be read its members hear nothing, and each reads by itself.
async fn read_group<K: Asked>(db: &Db, group: Vec<Waiting<K>>) {
    let keys: Vec<K> = group.iter().map(|member| member.job).collect();
    let found = match timeout(GROUP, K::together(db, &keys)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return tracing::debug!(%error, "read one by one"),
        Err(_) => return tracing::debug!("read one by one"),
    };
    for member in group {
        let found = found.get(&member.job).cloned().unwrap_or_default();
        // Whoever asked may have gone.
        let _ = member.answer(Ok(found));
    }
}
