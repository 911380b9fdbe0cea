//! Those who look after the service hear that the panel does not work, and that it works again: each once, however many
//! replicas there are and however often they start.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::matter::Matter;
use crate::domain::notice::OwnerNotice;
use crate::panel::{PanelProblem, PanelStatus};
use crate::repositories::matters;

use super::core::Core;
use super::error::Error;
use super::matters::raise_now;
use super::outbox::alert;

/// What is over sooner is nothing to wake anybody for.
const BLIP: TimeDelta = TimeDelta::minutes(2);

/// Telling of the panel.
#[derive(Debug, Clone)]
pub struct PanelWatch {
    core: Arc<Core>,
}

/// What is kept in mind from look to look while the panel does not work.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Down {
    since: DateTime<Utc>,
    /// The last look: if that is long ago, nobody knows whether it worked in between.
    seen: DateTime<Utc>,
}

impl PanelWatch {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Looks how the panel is as this process knows it. `memory`: what the last look gave, by whichever process; gives
    /// what is to be kept in mind instead.
    ///
    /// # Errors
    /// `Database`.
    pub async fn run_once(&self, memory: Option<&str>) -> Result<Option<String>, Error> {
        let now = self.core.clock.now();
        match self.status().await.problem {
            // Nothing happened to the panel: this process was not told of it. The home screen says so.
            Some(PanelProblem::NoAddress | PanelProblem::NoToken) => Ok(None),
            None | Some(PanelProblem::UntestedVersion) => {
                self.works(now).await?;
                Ok(memory.map(|_| "null".to_owned()))
            }
            Some(problem) => {
                let last = memory.and_then(|memory| serde_json::from_str::<Option<Down>>(memory).ok()?);
                let last = last.filter(|last| now - last.seen <= BLIP);
                let down = Down { since: last.map_or(now, |last| last.since), seen: now };
                self.fails(down, problem).await?;
                serde_json::to_string(&down).map(Some).map_err(|error| Error::Internal(error.to_string()))
            }
        }
    }

    /// As last seen; a process that has not looked yet looks now.
    async fn status(&self) -> PanelStatus {
        let panel = &self.core.panel;
        match panel.status() {
            PanelStatus { version: None, problem: None } => panel.check(panel.timeout()).await,
            known => known,
        }
    }

    async fn fails(&self, down: Down, problem: PanelProblem) -> Result<(), Error> {
        let core = &self.core;
        if down.seen - down.since >= BLIP && !matters::is_open(&core.db, Matter::PANEL_DOWN).await? {
            raise_now(core, Matter::PanelDown { since: down.since, problem }).await?;
        }
        Ok(())
    }

    async fn works(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let core = &self.core;
        let Some(open) = matters::find(&core.db, Matter::PANEL_DOWN).await? else { return Ok(()) };
        let Matter::PanelDown { since, .. } = open.matter else { return Ok(()) };
        let mut tx = core.db.begin().await?;
        if matters::settle(&mut tx, Matter::PANEL_DOWN).await? {
            alert(core, &mut tx, OwnerNotice::PanelBack { since, back_at: now }, None).await?;
        }
        tx.commit().await?;
        core.posted.notify_one();
        tracing::info!(%since, "the panel works again; those who were told of it are told");
        Ok(())
    }
}
