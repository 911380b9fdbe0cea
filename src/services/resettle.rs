//! A panel that does not know the clients, after an owner has decided: they are made there again, or stay without a link.
//! In small parts, each noted before the next: a cut stops nothing.

use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::domain::actor::Actor;
use crate::domain::ask::Ask;
use crate::domain::change::Key;
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::matter::Matter;
use crate::domain::notice::OwnerNotice;
use crate::repositories::{clients, leases, matters};

use super::access::{Permission, require};
use super::changes::Changes;
use super::clients::Clients;
use super::core::Core;
use super::error::Error;
use super::job;
use super::matters::settle_now;
use super::outbox::alert;
use super::relink;

/// The name of the job: its turns, and its name in the log.
pub const JOB: &str = "resettle";
/// So many clients in a part.
const PART: i64 = 50;
/// So many at once.
const AT_ONCE: usize = 8;

/// Carrying an owner's decision out.
#[derive(Debug, Clone)]
pub struct Resettle {
    core: Arc<Core>,
    changes: Changes,
    clients: Clients,
    begun: Arc<Notify>,
}

/// What is done with clients that the panel does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// They get a panel user with the name, link and date that they have here.
    MakeAgain,
    /// They stay without a link.
    LetGo,
}

/// How far it is, kept in mind from part to part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    how: How,
    by: String,
    after: Uuid,
    done: u64,
    failed: u64,
    over: bool,
}

/// What became of one client.
enum Fate {
    Known,
    Done,
    Failed,
}

impl Resettle {
    /// On top of the changes of this process.
    pub(super) fn new(core: Arc<Core>, changes: Changes, clients: Clients) -> Self {
        Self { core, changes, clients, begun: Arc::default() }
    }

    /// Makes the panel user of one client again, with its name, date and link, or a new link where it has none.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn make_again(&self, by: &Actor, id: ClientId, key: Key) -> Result<Client, Error> {
        require(by, Permission::CreateClients)?;
        let ask = Ask::Remake { short_uuid: self.clients.new_short_uuid() };
        let client = self.clients.alter(by, id, ask, Some(key).into()).await?;
        settle_now(&self.core, &Matter::user_gone(id)).await?;
        Ok(client)
    }

    /// An owner decides. Nothing when there is nothing to decide any more.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn begin(&self, by: &Actor, how: How) -> Result<(), Error> {
        require(by, Permission::Decide)?;
        let core = &self.core;
        let plan = Plan { how, by: by.label(), after: Uuid::nil(), done: 0, failed: 0, over: false };
        let mut tx = core.db.begin().await?;
        if matters::is_open_in(&mut tx, Matter::PANEL_REPLACED).await? {
            leases::remember(&mut tx, JOB, &written(&plan)?, core.clock.now()).await?;
            tracing::warn!(
                actor = plan.by,
                ?how,
                "an owner has decided about clients that the panel does not know"
            );
        }
        tx.commit().await?;
        self.begun.notify_one();
        Ok(())
    }

    /// Waits until an owner has decided in this process.
    pub async fn begun(&self) {
        self.begun.notified().await;
    }

    /// The next part; what is to be kept in mind, while there is more to do.
    ///
    /// # Errors
    /// `Database`.
    pub async fn part(&self, memory: Option<&str>) -> Result<Option<String>, Error> {
        let Some(mut plan) = memory.and_then(|text| serde_json::from_str::<Plan>(text).ok()) else {
            return Ok(None);
        };
        if plan.over {
            return Ok(None);
        }
        let part = clients::with_link_after(&self.core.db, plan.after, PART).await?;
        match part.last() {
            Some(last) => plan.after = last.id.0,
            None => {
                plan.over = true;
                self.end(&plan).await?;
            }
        }
        let fates = stream::iter(part).map(|client| self.see_to(client, plan.how));
        let fates: Vec<Fate> = fates.buffer_unordered(AT_ONCE).collect().await;
        for fate in fates {
            match fate {
                Fate::Known => {}
                Fate::Done => plan.done += 1,
                Fate::Failed => plan.failed += 1,
            }
        }
        written(&plan).map(Some)
    }

    async fn see_to(&self, client: Client, how: How) -> Fate {
        match self.try_one(&client, how).await {
            Ok(fate) => fate,
            Err(error) => {
                tracing::warn!(client = %client.id, %error, "a client that the panel does not know stays so");
                Fate::Failed
            }
        }
    }

    async fn try_one(&self, client: &Client, how: How) -> Result<Fate, Error> {
        let core = &self.core;
        let there = relink::panel_user(core, client, None, core.panel.timeout()).await?;
        if there.is_some_and(|user| user.username == client.username.as_str()) {
            return Ok(Fate::Known);
        }
        match how {
            How::MakeAgain => {
                let ask = Ask::Remake { short_uuid: self.clients.new_short_uuid() };
                self.changes.apply(job::request(JOB, client.id, ask, None)?).await?;
                Ok(Fate::Done)
            }
            How::LetGo => {
                let mut tx = core.db.begin().await?;
                let gone = clients::unlink_panel(&mut tx, client, core.clock.now()).await?;
                tx.commit().await?;
                Ok(if gone { Fate::Done } else { Fate::Failed })
            }
        }
    }

    /// Changes go on, and those who look after the service hear what was done.
    async fn end(&self, plan: &Plan) -> Result<(), Error> {
        let core = &self.core;
        let Plan { how, done, failed, .. } = *plan;
        tracing::warn!(?how, done, failed, "an owner's decision is carried out: changes go on");
        let made = how == How::MakeAgain;
        let mut tx = core.db.begin().await?;
        matters::settle(&mut tx, Matter::PANEL_REPLACED).await?;
        alert(core, &mut tx, OwnerNotice::Resettled { made, done, failed }, None).await?;
        tx.commit().await?;
        core.posted.notify_one();
        Ok(())
    }
}

fn written(plan: &Plan) -> Result<String, Error> {
    serde_json::to_string(plan).map_err(|error| Error::Internal(error.to_string()))
}
