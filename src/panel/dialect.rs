//! The two dialects. Paths are the same in both: what differs is how a user is named.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use uuid::Uuid;

use crate::domain::ids::PanelUserId;

use super::models::RawUser;
use super::settings::VersionSetting;

/// How users are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// By a UUID: versions to 2.8.
    V2,
    /// By a number: from 3.0.
    V3,
}

impl Dialect {
    /// The dialect of a version such as `3.3.2`.
    pub(super) fn of_version(version: &str) -> Option<Self> {
        match version.split('.').next()?.parse::<u32>().ok()? {
            0 => None,
            1 | 2 => Some(Self::V2),
            _ => Some(Self::V3),
        }
    }

    /// The dialect that an id belongs to; `None` for what no panel gave.
    pub(super) fn of_id(id: &PanelUserId) -> Option<Self> {
        if id.0.parse::<u64>().is_ok_and(|number| number.to_string() == id.0) {
            return Some(Self::V3);
        }
        Uuid::try_parse(&id.0).is_ok().then_some(Self::V2)
    }

    /// The dialect that a user was written in: only version 2 has a `uuid`.
    pub(super) fn of_user(user: &RawUser) -> Self {
        if user.uuid.is_some() { Self::V2 } else { Self::V3 }
    }

    /// The user's key.
    pub(super) fn id(self, user: &RawUser) -> Option<PanelUserId> {
        match self {
            Self::V2 => user.uuid.map(|uuid| PanelUserId(uuid.to_string())),
            Self::V3 => user.id.filter(|id| id.0 >= 0).map(|id| PanelUserId(id.0.to_string())),
        }
    }

    /// How `PATCH` names the user: name and value of the field.
    pub(super) fn patch_key(self, id: &PanelUserId) -> (&'static str, Value) {
        match self {
            Self::V2 => ("uuid", Value::from(id.0.as_str())),
            Self::V3 => ("id", id.0.parse::<u64>().map_or(Value::Null, Value::from)),
        }
    }
}

/// The dialect that is set, or else the one that was last seen.
pub(super) struct Known {
    set: Option<Dialect>,
    seen: Mutex<Option<Dialect>>,
}

impl Known {
    pub(super) fn new(setting: VersionSetting) -> Self {
        let set = match setting {
            VersionSetting::Auto => None,
            VersionSetting::V2 => Some(Dialect::V2),
            VersionSetting::V3 => Some(Dialect::V3),
        };
        Self { set, seen: Mutex::new(None) }
    }

    /// The one that is set and not to be found out.
    pub(super) fn set(&self) -> Option<Dialect> {
        self.set
    }

    pub(super) fn get(&self) -> Option<Dialect> {
        self.set.or(*self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn saw(&self, dialect: Dialect) {
        let before = self.seen.lock().unwrap_or_else(PoisonError::into_inner).replace(dialect);
        if self.set.is_none() && before != Some(dialect) {
            tracing::info!(?dialect, "the panel's dialect");
        }
    }
}
