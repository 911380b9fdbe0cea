//! `POST /api/users/{key}/actions/…`

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::PanelVersion;
use super::ask::{Answer, Ask};
use super::errors::{
    ALREADY_DISABLED, ALREADY_ENABLED, DISABLE_FAILED, ENABLE_FAILED, NOT_FOUND, RESET_FAILED, REVOKE_FAILED,
    UPDATE_FAILED,
};
use super::fields::Fields;
use super::model::{SimStatus, SimUser};
use super::validate::Problem;
use crate::domain::clock::Entropy;

impl SimUser {
    /// New keys and, unless only keys were asked for, a new short UUID.
    pub(super) fn renew(&mut self, short_uuid: Option<String>, now: DateTime<Utc>, entropy: &dyn Entropy) {
        if let Some(short_uuid) = short_uuid {
            self.short_uuid = short_uuid;
        }
        self.trojan_password = entropy.token(32);
        self.vless_uuid = entropy.uuid();
        self.ss_password = entropy.token(32);
        self.sub_revoked_at = Some(now);
        self.updated_at = now;
    }

    /// Days more: from its date, or from now where that had passed and been noticed.
    pub(super) fn add_days(&mut self, days: i64, now: DateTime<Utc>) -> bool {
        let base = if self.status == SimStatus::Expired { now } else { self.expire_at };
        let Some(expire_at) = TimeDelta::try_days(days).and_then(|days| base.checked_add_signed(days)) else {
            return false;
        };
        self.set_expiry(Some(expire_at), now);
        self.updated_at = now;
        true
    }
}

impl Ask<'_> {
    pub(super) fn disable(self, key: &str) -> Answer {
        let id = self.user_id(key, DISABLE_FAILED, NOT_FOUND)?;
        if self.store.by_id(id).is_some_and(|user| user.status == SimStatus::Disabled) {
            return Err(self.fail(ALREADY_DISABLED));
        }
        let now = self.now;
        self.store.edit(id, |user| user.set_status(SimStatus::Disabled, now));
        self.show_id(id, NOT_FOUND)
    }

    /// An expired user is enabled too; the scheduler takes it back within 30 s.
    pub(super) fn enable(self, key: &str) -> Answer {
        let id = self.user_id(key, ENABLE_FAILED, NOT_FOUND)?;
        if self.store.by_id(id).is_some_and(|user| user.status == SimStatus::Active) {
            return Err(self.fail(ALREADY_ENABLED));
        }
        let now = self.now;
        self.store.edit(id, |user| user.set_status(SimStatus::Active, now));
        self.show_id(id, NOT_FOUND)
    }

    pub(super) fn reset_traffic(self, key: &str) -> Answer {
        let id = self.user_id(key, RESET_FAILED, NOT_FOUND)?;
        let now = self.now;
        self.store.edit(id, |user| user.reset_traffic(now));
        self.show_id(id, NOT_FOUND)
    }

    pub(super) fn revoke(mut self, key: &str) -> Answer {
        let body = self.optional_object()?;
        let mut fields = Fields::new(self.version(), &body);
        let only_passwords = fields.flag("revokeOnlyPasswords").unwrap_or(false);
        let chosen = fields.text("shortUuid");
        let (bounds, messages) = match self.version() {
            PanelVersion::V2 => (
                (6, 48),
                [
                    Some("Short UUID must be at least 6 characters"),
                    Some("Short UUID must be at most 48 characters"),
                ],
            ),
            PanelVersion::V3 => ((16, 64), [None, None]),
        };
        if let Some(chosen) = chosen {
            fields.length("shortUuid", chosen, bounds, messages);
        }
        fields.check()?;
        let id = self.user_id(key, REVOKE_FAILED, NOT_FOUND)?;
        let new = chosen.map_or_else(|| self.entropy.token(16), ToOwned::to_owned);
        // Not recorded; a broken unique index is all it can be.
        if self.store.by_short_uuid(&new).is_some_and(|user| user.id != id) {
            return Err(self.fail(REVOKE_FAILED));
        }
        let new = (!only_passwords).then_some(new);
        let (now, entropy) = (self.now, self.entropy);
        self.store.edit(id, |user| user.renew(new, now, entropy));
        self.show_id(id, NOT_FOUND)
    }

    /// Version 3 only. The real one loses updates when called at once; this one serves one after another.
    pub(super) fn extend(mut self, key: &str) -> Answer {
        let body = self.object()?;
        let mut fields = Fields::new(self.version(), &body);
        let days = fields.number("days");
        if !fields.has("days") {
            fields.add(&[json!("days")], &Problem::Type("number", "undefined"), None);
        }
        if days.is_some_and(|days| days < 1.0) {
            fields.add(&[json!("days")], &Problem::TooSmall("number", 1, true), None);
        }
        fields.check()?;
        let id = self.user_id(key, UPDATE_FAILED, NOT_FOUND)?;
        // Half a day is rounded up, as recorded. A float becomes an integer by way of its digits.
        let days = days.and_then(|days| format!("{:.0}", (days + 0.5).floor()).parse::<i64>().ok());
        let now = self.now;
        let mut done = false;
        self.store.edit(id, |user| done = days.is_some_and(|days| user.add_days(days, now)));
        if !done {
            return Err(self.fail(UPDATE_FAILED));
        }
        self.show_id(id, NOT_FOUND)
    }
}

impl SimUser {
    /// Traffic starts anew; whoever had run out may go on.
    pub(super) fn reset_traffic(&mut self, now: DateTime<Utc>) {
        self.used_traffic_bytes = 0;
        self.last_traffic_reset_at = Some(now);
        self.updated_at = now;
        if self.status == SimStatus::Limited {
            self.set_status(SimStatus::Active, now);
        }
    }
}
