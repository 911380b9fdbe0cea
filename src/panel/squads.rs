//! Which internal squads new users go into: a user in none gets no keys.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::clock::Clock;

use super::errors::PanelError;
use super::models::RawSquad;

/// Where the panel lists them.
pub(super) const LIST: &str = "/api/internal-squads";
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

/// What is asked for of what the panel has.
pub(super) struct Picked<'a> {
    pub(super) chosen: Vec<&'a RawSquad>,
    /// As the setting has them.
    pub(super) missing: Vec<&'a str>,
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
        let Picked { chosen, missing } = self.pick(there);
        for squad in &missing {
            tracing::warn!(squad = %squad.escape_debug(), "the panel has no such internal squad");
        }
        let complete = missing.is_empty() && !chosen.is_empty();
        let chosen: Option<Vec<Uuid>> = complete.then(|| chosen.iter().map(|squad| squad.uuid).collect());
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) =
            chosen.as_ref().map(|squads| (self.clock.now(), squads.clone()));
        chosen.ok_or(PanelError::NoSquad)
    }

    /// Those of them that are asked for: by name or UUID, or else the usual one.
    pub(super) fn pick<'a>(&'a self, there: &'a [RawSquad]) -> Picked<'a> {
        if self.wanted.is_empty() {
            return Picked { chosen: usual(there).into_iter().collect(), missing: vec![] };
        }
        let mut picked = Picked { chosen: vec![], missing: vec![] };
        for wanted in &self.wanted {
            let uuid = Uuid::try_parse(wanted).ok();
            match there.iter().find(|squad| squad.name == *wanted || Some(squad.uuid) == uuid) {
                Some(squad) => picked.chosen.push(squad),
                None => picked.missing.push(wanted),
            }
        }
        picked
    }
}

fn usual(there: &[RawSquad]) -> Option<&RawSquad> {
    let only = match there {
        [only] => Some(only),
        _ => None,
    };
    there.iter().find(|squad| squad.name == DEFAULT).or(only)
}
