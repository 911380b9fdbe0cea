//! Whether the service can do its work, and what to do when it cannot.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::timeout;

use crate::domain::matter::{Matter, Pause};
use crate::panel::{PanelProblem, PanelStatus};
use crate::repositories::matters;

use super::core::Core;
use super::error::Error;
use super::pause;
use super::views::{Component, ComponentState, Readiness};

/// How long the database may take for a sign of life.
const PING: Duration = Duration::from_secs(2);

/// So many matters are named.
const NAMED: i64 = 10;

/// Asking and being told how the parts are.
#[derive(Debug, Clone)]
pub struct Health {
    core: Arc<Core>,
    telegram: Arc<RwLock<Component>>,
}

impl Health {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        let unknown = Component { state: ComponentState::Unknown, reason: Some("not asked yet".to_owned()) };
        Self { core, telegram: Arc::new(RwLock::new(unknown)) }
    }

    /// The state of every part; the database is asked now (at most two seconds), the others as last seen.
    pub async fn readiness(&self) -> Readiness {
        let telegram = self.telegram.read().unwrap_or_else(PoisonError::into_inner).clone();
        let panel = component(&self.core.panel.status());
        let database = self.database().await;
        let attention = match database.state {
            ComponentState::Ok => self.attention().await,
            _ => Component { state: ComponentState::Unknown, reason: None },
        };
        Readiness { database, panel, telegram, attention }
    }

    /// Whether something needs a person.
    async fn attention(&self) -> Component {
        let open = timeout(PING, matters::open(&self.core.db, NAMED)).await;
        match open.map(|open| open.map_err(Error::from)) {
            Ok(Ok(open)) if open.is_empty() => Component { state: ComponentState::Ok, reason: None },
            Ok(Ok(open)) => {
                let keys: Vec<&str> = open.iter().map(|open| open.key.as_str()).collect();
                let reason = match keys.contains(&Matter::RESTORED) {
                    true => format!("nothing is changed or sent: {}", pause::words(Pause::Restored)),
                    false => format!("something needs a person (see /log in the bot): {}", keys.join(", ")),
                };
                Component { state: ComponentState::Warning, reason: Some(reason) }
            }
            Ok(Err(_)) | Err(_) => Component { state: ComponentState::Unknown, reason: None },
        }
    }

    /// The bot says how Telegram is. A change is logged.
    pub fn telegram(&self, component: Component) {
        let mut known = self.telegram.write().unwrap_or_else(PoisonError::into_inner);
        if *known == component {
            return;
        }
        let reason = component.reason.as_deref().unwrap_or_default();
        match component.state {
            ComponentState::Ok => tracing::info!("Telegram answers {reason}"),
            _ => tracing::warn!(state = component.state.as_str(), "Telegram: {reason}"),
        }
        *known = component;
    }

    /// Asks the panel how it is; the answer is remembered by the adapter.
    pub async fn check_panel(&self) -> PanelStatus {
        self.core.panel.check(self.core.panel.timeout()).await
    }

    async fn database(&self) -> Component {
        match timeout(PING, self.core.db.ping()).await {
            Ok(Ok(())) => Component { state: ComponentState::Ok, reason: None },
            Ok(Err(error)) => away(&Error::from(error).to_string()),
            Err(_) => away("no answer within two seconds"),
        }
    }
}

fn away(what: &str) -> Component {
    let reason = format!("{what}. Check that the server of DATABASE_URL runs and has room on its disk");
    Component { state: ComponentState::Down, reason: Some(reason) }
}

/// The panel as a part.
pub(super) fn component(status: &PanelStatus) -> Component {
    let Some(problem) = status.problem else {
        let state = if status.version.is_some() { ComponentState::Ok } else { ComponentState::Unknown };
        let reason = status.version.is_none().then(|| "not asked yet".to_owned());
        return Component { state, reason };
    };
    let state = match problem {
        PanelProblem::UntestedVersion => ComponentState::Warning,
        _ => ComponentState::Down,
    };
    Component { state, reason: Some(problem.to_string()) }
}
