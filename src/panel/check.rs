//! A look at how the panel is: does it answer, which version is it, may the token do its work, are there squads.

use std::time::Duration;

use uuid::Uuid;

use super::dialect::Dialect;
use super::errors::PanelError;
use super::models::{RawMetadata, RawSquads, RawUsers, read};
use super::request::{Call, Watch};
use super::squads::LIST;
use super::status::{PanelProblem, PanelStatus};
use super::{Deadline, Panel};

/// No user has it. Version 2 does not find it (404), version 3 calls it invalid (400).
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";
/// Where the panel tells its version, with its database or without.
pub(super) const METADATA: &str = "/api/system/metadata";

/// What a version is shown as, to people and in the log.
pub(super) fn short_version(told: &str) -> String {
    told.chars().filter(char::is_ascii_graphic).take(32).collect()
}

impl Panel {
    /// How the panel is, as last seen by [`Panel::check`] or any other call.
    pub fn status(&self) -> PanelStatus {
        self.0.tracker.status()
    }

    /// Looks how the panel is. The result is remembered; the log hears when it changes.
    pub async fn check(&self, within: Duration) -> PanelStatus {
        if self.0.http.unset().is_none() {
            let outcome = self.examine(Deadline::after(within)).await;
            let trouble = outcome.err().map(|error| error.problem().unwrap_or(PanelProblem::Nonsense));
            self.0.tracker.checked(trouble);
        }
        self.status()
    }

    /// Version and squads. The version alone proves little: the panel tells it without its database too.
    async fn examine(&self, deadline: Deadline) -> Result<(), PanelError> {
        match self.version(deadline).await {
            Ok(_) => {}
            Err(PanelError::Forbidden) => self.seen_dialect(deadline).await.map(drop)?,
            Err(error) => return Err(error),
        }
        match self.find_squads(deadline).await {
            // The scope is not needed by those who name all squads by UUID.
            Err(PanelError::Forbidden) if self.0.squads.by_uuid().is_some() => Ok(()),
            other => other.map(drop),
        }
    }

    /// Finds out the dialect, or gives the one that is set.
    pub(super) async fn find_dialect(&self, deadline: Deadline) -> Result<Dialect, PanelError> {
        if let Some(set) = self.0.dialect.set() {
            return Ok(set);
        }
        match self.version(deadline).await {
            Ok(Some(dialect)) => Ok(dialect),
            Ok(None) | Err(PanelError::Forbidden) => self.seen_dialect(deadline).await,
            Err(error) => Err(error),
        }
    }

    /// Asks for the version; the dialect that follows from it, where one does.
    async fn version(&self, deadline: Deadline) -> Result<Option<Dialect>, PanelError> {
        let call = Call::get(METADATA).watch(Watch::Nothing);
        let metadata: RawMetadata = self.ask(&call, deadline, |answer| read(&answer.body)).await?;
        let version = short_version(&metadata.version);
        let news = self.0.tracker.version(&version);
        let dialect = Dialect::of_version(&version);
        if let Some(dialect) = dialect {
            self.0.dialect.saw(dialect);
            let set = self.0.dialect.set().filter(|set| news && *set != dialect);
            if let Some(set) = set {
                tracing::warn!(?set, version, "REMNAWAVE_API_VERSION does not fit the panel's version");
            }
        }
        Ok(dialect)
    }

    /// The dialect as users show it, for a token that may not ask for the version.
    async fn seen_dialect(&self, deadline: Deadline) -> Result<Dialect, PanelError> {
        let call = Call::get("/api/users").query("start", 0).query("size", 1).list().watch(Watch::Nothing);
        let first = match self.ask(&call, deadline, |answer| read::<RawUsers>(&answer.body)).await {
            Ok(list) => list.users.into_iter().next(),
            Err(PanelError::Forbidden) => None,
            Err(error) => return Err(error),
        };
        let dialect = match first {
            Some(user) => Dialect::of_user(&user),
            None => self.probed_dialect(deadline).await?,
        };
        self.0.dialect.saw(dialect);
        Ok(dialect)
    }

    async fn probed_dialect(&self, deadline: Deadline) -> Result<Dialect, PanelError> {
        let call = Call::get("/api/users/{id}").at(NOBODY).watch(Watch::Nothing);
        match self.ask(&call, deadline, |_| Err::<Dialect, _>(PanelError::Nonsense)).await {
            Err(PanelError::NotFound) => Ok(Dialect::V2),
            Err(PanelError::Refused { status: 400, .. }) => Ok(Dialect::V3),
            other => other,
        }
    }

    /// Asks for the internal squads and chooses.
    pub(super) async fn find_squads(&self, deadline: Deadline) -> Result<Vec<Uuid>, PanelError> {
        let call = Call::get(LIST).list().watch(Watch::Nothing);
        let there: RawSquads = self.ask(&call, deadline, |answer| read(&answer.body)).await?;
        self.0.squads.choose(&there.internal_squads)
    }
}
