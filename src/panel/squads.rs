//! Which internal squads new users go into: a user in none gets no keys.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::clock::Clock;

use super::errors::PanelError;
use super::models::RawSquad;

/// The squad that a fresh panel has.
const DEFAULT: &str = "Default-Squad";
/// How long an answer is believed.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// What `REMNAWAVE_INTERNAL_SQUADS` asks for, and what that meant last time.
pub(super) struct Squads {
    wanted: Vec<String>,
    clock: Arc<dyn Clock>,
    found: Mutex<Option<(DateTime<Utc>, Vec<Uuid>)>>,
}

impl Squads {
    pub(super) fn new(wanted: Vec<String>, clock: Arc<dyn Clock>) -> Self {
        Self { wanted, clock, found: Mutex::new(None) }
    }

    /// The squads, when that can be told without asking the panel.
    pub(super) fn known(&self) -> Option<Vec<Uuid>> {
        self.by_uuid().or_else(|| self.fresh())
    }

    /// The squads, when the setting names all of them by UUID.
    pub(super) fn by_uuid(&self) -> Option<Vec<Uuid>> {
        let uuids: Vec<Uuid> =
            self.wanted.iter().map(|squad| Uuid::try_parse(squad).ok()).collect::<Option<_>>()?;
        (!uuids.is_empty()).then_some(uuids)
    }

    fn fresh(&self) -> Option<Vec<Uuid>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, squads) = found.as_ref()?;
        let age = self.clock.now() - *since;
        (TimeDelta::zero()..FRESH).contains(&age).then(|| squads.clone())
    }

    /// Forgets the answer: the panel knows one of them no more.
    pub(super) fn forget(&self) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Chooses among those the panel has, and remembers.
    pub(super) fn choose(&self, there: &[RawSquad]) -> Result<Vec<Uuid>, PanelError> {
        let chosen = if self.wanted.is_empty() { default(there) } else { self.named(there) };
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) =
            chosen.as_ref().map(|squads| (self.clock.now(), squads.clone()));
        chosen.ok_or(PanelError::NoSquad)
    }

    fn named(&self, there: &[RawSquad]) -> Option<Vec<Uuid>> {
        let find = |wanted: &String| {
            let uuid = Uuid::try_parse(wanted).ok();
            let found = there.iter().find(|squad| squad.name == *wanted || Some(squad.uuid) == uuid);
            if found.is_none() {
                tracing::warn!(squad = %wanted.escape_debug(), "the panel has no such internal squad");
            }
            found.map(|squad| squad.uuid)
        };
        // All are looked at, so that the log names every missing one.
        let found: Vec<Option<Uuid>> = self.wanted.iter().map(find).collect();
        found.into_iter().collect()
    }
}

fn default(there: &[RawSquad]) -> Option<Vec<Uuid>> {
    let named = there.iter().find(|squad| squad.name == DEFAULT);
    let only = match there {
        [only] => Some(only),
        _ => None,
    };
    named.or(only).map(|squad| vec![squad.uuid])
}
