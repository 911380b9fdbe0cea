//! What was changed in the panel becomes known here. Whoever hears of it (a webhook, the drift check, a change that met
//! something odd) only notes which client is to be looked at; the panel is asked for the present state afterwards, so that
//! old, repeated and overtaken news do no harm.

use std::sync::Arc;

use chrono::TimeDelta;
use futures::stream::{self, StreamExt as _};

use crate::domain::ask::Ask;
use crate::domain::client::{Access, Client};
use crate::domain::ids::{ClientId, PanelUserId, ShortUuid};
use crate::domain::matter::Matter;
use crate::panel::PanelUser;
use crate::repositories::clients::{self, Mentioned, Suspect};
use crate::repositories::matters;

use super::adopt::{self, Adopted};
use super::alerts;
use super::changes::Changes;
use super::core::Core;
use super::error::Error;
use super::job;
use super::matters::{raise, settle_now};
use super::relink;
use super::replaced;

/// So many clients are looked at in a round.
const ROUND: i64 = 200;
/// So many at once.
const AT_ONCE: usize = 8;
/// When it is tried again after a failure.
const TRY_AGAIN: TimeDelta = TimeDelta::seconds(15);
/// When it is looked at again while a change of the client is under way or in doubt.
const HELD: TimeDelta = TimeDelta::seconds(5);
/// When it is looked at again where it is to be opened, and changes wait for an owner.
const PAUSED: TimeDelta = TimeDelta::minutes(2);
/// When it is looked at again where the panel has somebody else, or was replaced.
const HOPELESS: TimeDelta = TimeDelta::hours(1);

/// Comparing clients with the panel.
#[derive(Debug, Clone)]
pub struct Sync {
    core: Arc<Core>,
    changes: Changes,
}

/// Whom the panel speaks of: by each name that it gave, since one of them may be new.
#[derive(Debug, Clone, Default)]
pub struct Mention {
    /// Its key in the panel's dialect.
    pub panel_user: Option<PanelUserId>,
    /// The secret part of its link.
    pub short_uuid: Option<ShortUuid>,
    /// Its name, any text.
    pub username: Option<String>,
}

/// What a look came to.
enum Looked {
    /// Both sides agree.
    Settled,
    /// It has to be looked at again after that time.
    Again(TimeDelta),
    /// The panel has no such user.
    Missing(Box<Suspect>),
}

/// Notes that a client's panel user is to be looked at. Where that fails the drift check finds it later.
pub(super) async fn suspect(core: &Core, client: ClientId) {
    let noted: Result<(), Error> = async {
        let mut tx = core.db.begin().await?;
        clients::look_at(&mut tx, &[client], core.clock.now()).await?;
        Ok(tx.commit().await?)
    }
    .await;
    match noted {
        Ok(()) => core.suspected.notify_one(),
        Err(error) => tracing::warn!(%client, %error, "that a client is to be looked at could not be noted"),
    }
}

impl Sync {
    /// On top of the changes of this process.
    pub(super) fn new(core: Arc<Core>, changes: Changes) -> Self {
        Self { core, changes }
    }

    /// The panel says that something happened to a user of its own. When this returns it is noted for good which clients
    /// must be looked at; how many that are.
    ///
    /// # Errors
    /// `Database`.
    pub async fn mentioned(&self, mention: &Mention) -> Result<u64, Error> {
        let who = Mentioned {
            panel_user: mention.panel_user.as_ref().map(|id| id.0.as_str()),
            short_uuid: mention.short_uuid.as_ref().map(ShortUuid::expose),
            username: mention.username.as_deref(),
        };
        let mut tx = self.core.db.begin().await?;
        let marked = clients::look_at_mentioned(&mut tx, &who, self.core.clock.now()).await?;
        tx.commit().await?;
        if marked > 0 {
            self.core.suspected.notify_one();
        }
        Ok(marked)
    }

    /// Waits until this process has noted somebody to look at.
    pub async fn woken(&self) {
        self.core.suspected.notified().await;
    }

    /// One round: every client that is to be looked at. One that fails does not stop the rest. Whether there are more.
    ///
    /// # Errors
    /// `Database`, when not even the list can be read.
    pub async fn run_once(&self) -> Result<bool, Error> {
        let due = clients::to_look_at(&self.core.db, self.core.clock.now(), ROUND).await?;
        let more = i64::try_from(due.len()).unwrap_or(i64::MAX) >= ROUND;
        let looks = stream::iter(due).map(|suspect| self.look(suspect)).buffer_unordered(AT_ONCE);
        let missing: Vec<Suspect> = looks.filter_map(|missing| async { missing }).collect().await;
        self.not_found(missing).await?;
        Ok(more)
    }

    /// Looks at one client and notes when to look again; gives it when the panel has no such user.
    async fn look(&self, suspect: Suspect) -> Option<Suspect> {
        let client = suspect.client.id;
        let looked = self.compare(&suspect).await.unwrap_or_else(|error| {
            tracing::warn!(%client, %error, "a client could not be compared with the panel");
            Looked::Again(TRY_AGAIN)
        });
        let next = match looked {
            Looked::Settled => None,
            Looked::Again(pause) => Some(pause),
            Looked::Missing(suspect) => return Some(*suspect),
        };
        self.note(&suspect, next).await;
        None
    }

    async fn note(&self, suspect: &Suspect, next: Option<TimeDelta>) {
        let core = &self.core;
        let noted: Result<(), Error> = async {
            let mut tx = core.db.begin().await?;
            clients::looked_at(&mut tx, suspect, next.map(|pause| core.clock.now() + pause)).await?;
            Ok(tx.commit().await?)
        }
        .await;
        if let Err(error) = noted {
            tracing::warn!(client = %suspect.client.id, %error, "that a client was looked at could not be noted");
        }
    }

    async fn compare(&self, suspect: &Suspect) -> Result<Looked, Error> {
        let (core, client) = (&self.core, &suspect.client);
        if client.remnawave_uuid.is_none() {
            return Ok(Looked::Settled);
        }
        let Some(user) = relink::panel_user(core, client, None, core.panel.timeout()).await? else {
            return Ok(Looked::Missing(Box::new(suspect.clone())));
        };
        if !is_the_same(client, &user) {
            alerts::another_user(core, client).await;
            return Ok(Looked::Again(HOPELESS));
        }
        settle_now(core, &Matter::another_user(client.id)).await?;
        match adopt::differences(core, client, &user).await? {
            Adopted::All(now) => Ok(self.reopen(&now).await),
            Adopted::Held => Ok(Looked::Again(HELD)),
        }
    }

    /// A later date from anywhere opens again what only the passing of the old one had closed.
    async fn reopen(&self, client: &Client) -> Looked {
        if client.access != Access::Lapsed || client.expired(self.core.clock.now()) {
            return Looked::Settled;
        }
        let reopened = match job::request("sync", client.id, Ask::Reopen, None) {
            Ok(request) => self.changes.apply(request).await,
            Err(error) => Err(error),
        };
        match reopened {
            Ok(_) | Err(Error::NotNeeded) => {}
            Err(Error::Paused(_)) => return Looked::Again(PAUSED),
            Err(error) => {
                tracing::warn!(client = %client.id, %error, "a client with a later date stays closed")
            }
        }
        Looked::Settled
    }

    /// The panel does not know these clients: they were deleted there, or it is another panel.
    async fn not_found(&self, missing: Vec<Suspect>) -> Result<(), Error> {
        let core = &self.core;
        if missing.is_empty() {
            return Ok(());
        }
        // Many that are not found at once mean another panel. It is asked about others before one client is let go.
        let many = u64::try_from(missing.len()).unwrap_or(u64::MAX);
        if matters::is_open(&core.db, Matter::PANEL_REPLACED).await? || replaced::look(core, many).await? {
            for suspect in &missing {
                self.note(suspect, Some(HOPELESS)).await;
            }
            return Ok(());
        }
        for suspect in missing {
            self.let_go(&suspect).await?;
        }
        Ok(())
    }

    /// The client stays, without its link; owners are told.
    async fn let_go(&self, suspect: &Suspect) -> Result<(), Error> {
        let (core, client) = (&self.core, &suspect.client);
        let mut tx = core.db.begin().await?;
        if !clients::unlink_panel(&mut tx, client, core.clock.now()).await? {
            drop(tx);
            self.note(suspect, Some(HELD)).await;
            return Ok(());
        }
        let gone = Matter::UserGone { client: client.id, username: client.username.clone() };
        raise(core, &mut tx, gone).await?;
        clients::looked_at(&mut tx, suspect, None).await?;
        tx.commit().await?;
        core.posted.notify_one();
        tracing::warn!(client = %client.id, username = %client.username, "its panel user is gone: the link is cleared");
        Ok(())
    }
}

/// Whether the panel's user is the client's: by name, and by its link, our mark, an id that is never used twice (version 2)
/// or its age. A new link may have been given in the panel; a user made after the client was is another one.
fn is_the_same(client: &Client, user: &PanelUser) -> bool {
    let linked = client.short_uuid.as_ref() == Some(&user.short_uuid);
    let marked = user.marked_client();
    let unique = uuid::Uuid::try_parse(&user.id.0).is_ok();
    let older = user.created_at.is_some_and(|made| made < client.created_at);
    user.username == client.username.as_str()
        && match marked {
            Some(marked) if !linked => marked == client.id,
            _ => linked || unique || older,
        }
}
