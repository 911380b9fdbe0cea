//! The transaction that ends changes: one, or those that came while the database was busy.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::domain::change::{Change, Intent, IntentState};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, IntentId};
use crate::repositories::clients::Linked;
use crate::repositories::intents::Ending;
use crate::repositories::{Tx, clients, intents};

use super::super::changes::{Changes, Effect};
use super::super::error::Error;
use super::super::log::{self, Entry, Has};
use super::super::notices;
use super::super::together::Member;
use super::COMMIT;

/// How long a group of them may take before each is written by itself.
const GROUP: Duration = Duration::from_secs(1);

/// How a change ended, ready to be written down.
#[derive(Debug)]
pub(in super::super) struct End {
    /// As it is to be kept.
    pub intent: Intent,
    /// As it was while it was worked on.
    pub was: IntentState,
    /// What came of it.
    pub effect: Effect,
}

impl End {
    /// The client as it is now, where a client that exists was changed and stays.
    fn changed(&self) -> Option<&Client> {
        let alters =
            matches!(self.intent.wanted, Change::Expiry(_) | Change::Access { .. } | Change::Rotate { .. });
        match &self.effect {
            Effect::Stands { client, .. } | Effect::Failed { kept: Some(client), .. } if alters => {
                Some(client)
            }
            _ => None,
        }
    }

    /// Whether the log is to have it. A second look that found nothing new has nothing to add.
    fn is_told(&self) -> bool {
        let first = self.intent.ended_at.is_none() || matches!(self.effect, Effect::Stands { .. });
        let tried = !matches!(self.effect, Effect::Unneeded { .. });
        first && tried && !self.intent.state.is_open()
    }
}

/// What the log says of an intent that ended.
pub(super) fn entries(intent: &Intent, there: bool) -> Vec<(Entry, Has)> {
    let has = if there { Has::Client } else { Has::NoClient };
    Entry::of_intent(intent).into_iter().map(|entry| (entry, has)).collect()
}

impl Changes {
    /// Writes an end down, together with others where the database is busy. `false` when somebody else holds the intent.
    pub(super) async fn commit(&self, end: &Arc<End>) -> Result<bool, Error> {
        let written = self.ending.run(
            Arc::clone(end),
            Instant::now() + COMMIT,
            || self.commit_alone(end),
            |lead| {
                let this = self.clone();
                self.tasks.spawn(async move { lead.work(|group| this.end_group(group)).await });
            },
        );
        written.await.unwrap_or_else(|| Err(Error::Database("no answer in time".to_owned())))
    }

    async fn commit_alone(&self, end: &End) -> Result<bool, Error> {
        Ok(!self.commit_all(&[end]).await?.is_empty())
    }

    /// Where the group cannot be written its members hear nothing, and each writes its own.
    async fn end_group(&self, group: Vec<Member<Arc<End>, Result<bool, Error>>>) {
        let mut ends: Vec<&End> = group.iter().map(|member| &*member.job).collect();
        // In one order, so that two replicas do not wait for each other.
        ends.sort_by_key(|end| end.intent.client_id);
        match timeout(GROUP, self.commit_all(&ends)).await {
            Ok(Ok(written)) => {
                for member in group {
                    let id = member.job.intent.id;
                    // Whoever does not listen any more finds it in the database.
                    let _ = member.answer(Ok(written.contains(&id)));
                }
            }
            Ok(Err(error)) => tracing::debug!(%error, "changes that ended are written one by one"),
            Err(_) => tracing::debug!("changes that ended are written one by one"),
        }
    }

    /// One transaction: the clients, the log, the notices, the intents' ends. Which it wrote: not those that somebody else
    /// holds.
    async fn commit_all(&self, ends: &[&End]) -> Result<HashSet<IntentId>, Error> {
        let core = &self.core;
        let now = core.clock.now();
        let ending = |end: &&'_ End| (!end.intent.state.is_open()).then_some(now);
        let endings: Vec<_> = ends
            .iter()
            .map(|end| Ending { intent: &end.intent, was: end.was, ended_at: ending(end) })
            .collect();
        let mut tx = core.db.begin().await?;
        let written = intents::settle_all(&mut tx, &endings).await?;
        let ends: Vec<_> = ends.iter().copied().filter(|end| written.contains(&end.intent.id)).collect();
        let kept = keep(&mut tx, &ends).await?;
        let mut told = Vec::new();
        for end in ends.iter().filter(|end| end.is_told()) {
            let id = end.intent.client_id;
            let there = kept.contains_key(&id) || clients::hold(&mut tx, id).await?;
            told.extend(entries(&end.intent, there));
        }
        log::write_all(core, &mut tx, told).await?;
        for end in &ends {
            if let (IntentState::Done, Effect::Stands { client, .. }) = (end.intent.state, &end.effect) {
                notices::of_change(core, &mut tx, &end.intent, client, kept.get(&client.id).copied()).await?;
            }
        }
        tx.commit().await?;
        core.posted.notify_one();
        Ok(written)
    }
}

/// Writes what the ends make of the clients; whose they are, where that was written and they are there.
async fn keep(tx: &mut Tx, ends: &[&End]) -> Result<HashMap<ClientId, Linked>, Error> {
    let changed: Vec<_> = ends.iter().filter_map(|end| end.changed()).collect();
    let mut kept = clients::update_all(tx, &changed).await?;
    for end in ends.iter().filter(|end| end.changed().is_none()) {
        if let Some(linked) = keep_one(tx, end).await? {
            kept.insert(end.intent.client_id, linked);
        }
    }
    Ok(kept)
}

async fn keep_one(tx: &mut Tx, end: &End) -> Result<Option<Linked>, Error> {
    match (&end.effect, &end.intent.wanted) {
        (Effect::Stands { client, .. }, Change::Create(_)) => {
            clients::insert(tx, client).await?;
            Ok(Some(Linked(client.telegram_id)))
        }
        (Effect::Stands { client, .. }, Change::Delete) => {
            clients::delete(tx, client.id).await?;
            Ok(None)
        }
        (Effect::Stands { client, .. }, Change::Remake { .. }) => {
            // The panel is another one, and counts from one again.
            if let Some(panel_user) = &client.remnawave_uuid {
                clients::displace(tx, client.id, panel_user).await?;
            }
            Ok(clients::update(tx, client).await?)
        }
        (Effect::Failed { kept: Some(client), .. }, _) => Ok(clients::update(tx, client).await?),
        _ => Ok(None),
    }
}
