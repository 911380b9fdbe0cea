//! Several changes begun in one transaction, those that came while the database was busy.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::domain::ask::Ask;
use crate::domain::change::Intent;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::repositories::{Tx, clients, intents, matters};

use super::super::changes::Changes;
use super::super::creation::Attempt;
use super::super::error::Error;
use super::super::together::Member;
use super::{Begun, Request, Wanted, late};

/// How long a group may take before each of it begins by itself.
const GROUP: Duration = Duration::from_secs(1);
/// How long its commit may take.
const COMMIT: Duration = Duration::from_secs(3);

type Waiting = Member<Arc<Request>, Result<Begun, Error>>;

impl Changes {
    /// Where a group cannot begin its members hear nothing, and each begins by itself.
    pub(super) async fn begin_group(&self, mut group: Vec<Waiting>) {
        // In one order, so that two replicas do not wait for each other.
        group.sort_by_key(|member| member.job.client_id);
        let requests: Vec<&Request> = group.iter().map(|member| &*member.job).collect();
        let (tx, begun) = match timeout(GROUP, self.begin_all(&requests)).await {
            Ok(Ok(begun)) => begun,
            Ok(Err(error)) => return tracing::debug!(%error, "changes begin one by one"),
            Err(_) => return tracing::debug!("changes begin one by one"),
        };
        let committed = timeout(COMMIT, tx.commit()).await;
        let committed = committed.map_err(|_| late()).and_then(|done| done.map_err(Error::from));
        for (member, begun) in group.into_iter().zip(begun) {
            let answer = match &committed {
                Ok(()) => Ok(begun),
                Err(error) => {
                    self.never_begun(&begun);
                    Err(Error::Database(error.to_string()))
                }
            };
            // Whoever does not listen any more was told an error.
            if let Err(Ok(begun)) = member.answer(answer) {
                self.never_begun(&begun);
            }
        }
    }

    async fn begin_all(&self, requests: &[&Request]) -> Result<(Tx, Vec<Begun>), Error> {
        let mut tx = self.core.db.begin().await?;
        let plain = self.begin_plain(&mut tx, requests).await?;
        let mut all = Vec::with_capacity(requests.len());
        for (request, begun) in requests.iter().zip(plain) {
            all.push(match begun {
                Some(begun) => begun,
                None => self.begin_in(&mut tx, request).await?,
            });
        }
        Ok((tx, all))
    }

    /// Those of which only the client has to be known, and in whose way nothing is. For the others there is more to ask.
    async fn begin_plain(&self, tx: &mut Tx, requests: &[&Request]) -> Result<Vec<Option<Begun>>, Error> {
        if matters::paused_in(tx).await?.is_some() {
            return Ok(requests.iter().map(|_| None).collect());
        }
        let ids: Vec<_> = requests.iter().map(|request| request.client_id).collect();
        let known = clients::find_all(tx, &ids).await?;
        let intents: Vec<_> = requests.iter().map(|request| self.plain(request, &known)).collect();
        let possible: Vec<_> = intents.iter().flatten().collect();
        let written = intents::insert_all(tx, &possible).await?;
        let now = match self.core.db.is_shared() {
            // Another replica may have changed them between the look and the lock.
            true => clients::find_all(tx, &ids).await?,
            false => known,
        };
        let mut begun = Vec::with_capacity(requests.len());
        for (request, intent) in requests.iter().zip(intents) {
            let written = intent.filter(|intent| written.contains(&intent.id));
            begun.push(match written {
                Some(intent) if now.get(&intent.client_id) == intent.before.as_deref() => {
                    Some(Begun::Mine(Box::new(intent), Attempt::First))
                }
                Some(intent) => Some(self.judge_again(tx, request, intent).await?),
                None => None,
            });
        }
        Ok(begun)
    }

    fn plain(&self, request: &Request, known: &HashMap<ClientId, Client>) -> Option<Intent> {
        let Wanted::Other(ask) = &request.wanted else { return None };
        if matches!(ask, Ask::Remake { .. } | Ask::RotateOwn { .. } | Ask::Undo { .. }) {
            return None;
        }
        let client = known.get(&request.client_id)?;
        let wanted = ask.of(client, self.core.clock.now_millis()).ok()?;
        Some(self.intent(request, client.username.clone(), Some(Box::new(client.clone())), wanted))
    }
}
