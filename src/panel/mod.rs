//! The RemnaWave adapter: the only place that speaks to the panel.
//!
//! [`Panel`] is the whole of it: `users` and `subscriptions` hold its calls, `check` looks how the panel is, `inspect` looks
//! more closely for whoever asks what is wrong, `webhook` is what it tells by itself. Below: `request` is one call, `client` sends it unless the `breaker` is open, `models` reads the
//! answer, `dialect` knows what the two panel versions call a user, `squads` where new users go, `skew` what its clock
//! says, `errors` what failed and what that may have done.

mod breaker;
mod check;
mod client;
mod dialect;
mod errors;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod inspect;
mod models;
mod request;
mod scopes;
pub mod settings;
mod skew;
mod squads;
pub mod status;
mod subscriptions;
mod users;
mod webhook;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use prometheus_client::registry::Registry;
use reqwest::Method;
use secrecy::SecretString;
use tokio::time::Instant;
use uuid::Uuid;

use crate::domain::clock::Clock;
use crate::domain::ids::PanelUserId;

use client::{Answer, Http};
use dialect::{Dialect, Known};
use request::{Call, Watch};
use settings::PanelSettings;
use squads::Squads;
use status::Tracker;

pub use errors::{Effect, NoAnswer, PanelError};
pub use inspect::{Inspection, Met, Scopes, SquadSeen, SquadsSeen};
pub use models::{NewPanelUser, PanelPatch, PanelPatchStatus, PanelUser, PanelUserStatus};
pub use status::{PanelProblem, PanelStatus};
pub use subscriptions::{Link, PanelSubscription};
pub use users::{Deletion, Switched};
pub use webhook::{ToldUser, WebhookError};

/// The panel. Cheap to clone.
///
/// Every call takes the time it may use, waiting and retries included. A call that only reads is repeated by itself;
/// a change never is: its caller knows [`PanelError::effect`] and looks.
#[derive(Clone)]
pub struct Panel(Arc<Inner>);

struct Inner {
    http: Http,
    dialect: Known,
    squads: Squads,
    tracker: Tracker,
    timeout: Duration,
    webhook_secret: Option<SecretString>,
}

impl fmt::Debug for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panel").field("status", &self.status()).finish_non_exhaustive()
    }
}

/// Until when a call may go on.
#[derive(Debug, Clone, Copy)]
struct Deadline(Instant);

impl Deadline {
    /// Nobody waits longer, whatever was asked for.
    const LONGEST: Duration = Duration::from_secs(3600);

    fn after(within: Duration) -> Self {
        Self(Instant::now() + within.min(Self::LONGEST))
    }
}

impl Panel {
    /// Prepares everything and asks nothing yet. An address or token that is not set is a status, not an error.
    ///
    /// # Errors
    /// [`PanelError::Settings`] when a setting cannot be used: it is named.
    pub fn new(settings: PanelSettings, clock: Arc<dyn Clock>) -> Result<Self, PanelError> {
        let http = Http::new(&settings, Arc::clone(&clock))?;
        let tracker = Tracker::new(http.unset());
        Ok(Self(Arc::new(Inner {
            http,
            dialect: Known::new(settings.version),
            squads: Squads::new(settings.squads, clock),
            tracker,
            timeout: settings.timeout,
            webhook_secret: settings.webhook_secret,
        })))
    }

    /// `PANEL_TIMEOUT`: the longest a caller waits for the panel, all calls together.
    pub fn timeout(&self) -> Duration {
        self.0.timeout
    }

    /// Whether an id is of the version that the panel does not speak, as far as its version is known.
    pub fn is_foreign(&self, id: &PanelUserId) -> bool {
        self.0.dialect.get().is_some_and(|spoken| Dialect::of_id(id) != Some(spoken))
    }

    /// The panel's clock minus ours, in whole seconds, as its last answer told it; `None` when none did.
    pub fn clock_skew(&self) -> Option<TimeDelta> {
        self.0.http.skew.get()
    }

    /// Whether the panel has not answered for so long that most calls are not even made.
    pub fn breaker_is_open(&self) -> bool {
        self.0.http.breaker.is_open()
    }

    /// Shows how often each call was made, how it ended and how long it took.
    pub fn show_calls(&self, registry: &mut Registry) {
        let help = "Requests to the panel, each attempt";
        self.0.http.calls.show(registry, "panel_request_duration_seconds", help);
    }

    /// Makes a call and reads the answer; how that ends is remembered as the panel's state.
    async fn ask<T>(
        &self,
        call: &Call,
        deadline: Deadline,
        read: impl FnOnce(Answer) -> Result<T, PanelError>,
    ) -> Result<T, PanelError> {
        let outcome = self.0.http.call(call, deadline.0).await.and_then(read);
        let error = outcome.as_ref().err();
        let says = match (call.watch, error) {
            (Watch::Nothing, _) | (Watch::ButForbidden, Some(PanelError::Forbidden)) => false,
            // A change that fails with a code of its own may be the change's fault: an unknown squad, a deletion
            // that another one overtook.
            (_, Some(PanelError::Unavailable { code: Some(_), .. })) => call.method == Method::GET,
            _ => true,
        };
        if says {
            self.0.tracker.ended(error);
        }
        outcome
    }

    /// A call about one user, named as the panel's dialect names it.
    async fn ask_about<T>(
        &self,
        id: &PanelUserId,
        call: &Call,
        deadline: Deadline,
        read: impl FnOnce(Answer) -> Result<T, PanelError>,
    ) -> Result<T, PanelError> {
        let dialect = self.dialect_of(id, deadline).await?;
        let outcome = self.ask(call, deadline, read).await;
        // The other version calls our ids invalid: it may have been upgraded since we asked.
        let doubtful = matches!(outcome, Err(PanelError::Refused { status: 400, code: None }));
        if doubtful && self.find_dialect(deadline).await.is_ok_and(|now| now != dialect) {
            return Err(PanelError::ForeignId);
        }
        outcome
    }

    /// The dialect of this id, when the panel speaks it too.
    async fn dialect_of(&self, id: &PanelUserId, deadline: Deadline) -> Result<Dialect, PanelError> {
        let wanted = Dialect::of_id(id).ok_or(PanelError::ForeignId)?;
        if self.0.dialect.get() == Some(wanted) {
            return Ok(wanted);
        }
        let found = self.find_dialect(deadline).await.map_err(|error| self.not_sent(error))?;
        if found == wanted { Ok(wanted) } else { Err(PanelError::ForeignId) }
    }

    /// The internal squads for a new user.
    async fn squads(&self, deadline: Deadline) -> Result<Vec<Uuid>, PanelError> {
        match self.0.squads.known() {
            Some(squads) => Ok(squads),
            None => self.find_squads(deadline).await.map_err(|error| self.not_sent(error)),
        }
    }

    /// What had to be known before a call could not be had.
    fn not_sent(&self, error: PanelError) -> PanelError {
        self.0.tracker.ended(Some(&error));
        error.before_sending()
    }
}
