//! Creating, changing and deleting users.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::PanelVersion;
use super::ask::{Answer, Ask};
use super::errors::{
    CREATE_FAILED, DELETE_FAILED, NOT_FOUND, SHORT_UUID_TAKEN, UPDATE_FAILED, USERNAME_TAKEN,
};
use super::fields::Fields;
use super::http::Reply;
use super::model::{SimStatus, SimUser};
use super::validate::{Problem, parse_uuid};

const CREATE_STATUSES: &[&str] = &["ACTIVE", "DISABLED", "LIMITED", "EXPIRED"];
/// The only states a change may ask for.
const UPDATE_STATUSES: &[&str] = &["ACTIVE", "DISABLED"];
const STRATEGIES: &[&str] = &["NO_RESET", "DAY", "WEEK", "MONTH", "MONTH_ROLLING"];
const USERNAME_PATTERN: &str = "/^[a-zA-Z0-9_-]+$/";

/// What a creation asks for.
struct NewUser {
    username: String,
    expire_at: DateTime<Utc>,
    short_uuid: Option<String>,
    status: SimStatus,
    squads: Vec<Uuid>,
    details: Details,
}

/// The fields creation and change share; `None` = not given.
#[derive(Default)]
struct Details {
    description: Option<Option<String>>,
    tag: Option<Option<String>>,
    telegram_id: Option<Option<i64>>,
    hwid_device_limit: Option<Option<u64>>,
    traffic_limit_bytes: Option<u64>,
    traffic_limit_strategy: Option<String>,
}

impl Details {
    fn read(fields: &mut Fields<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
        let hwid = fields.nullable_integer("hwidDeviceLimit");
        Self {
            description: fields.nullable_text("description").map(owned),
            tag: fields.nullable_text("tag").map(owned),
            telegram_id: fields.nullable_integer("telegramId"),
            hwid_device_limit: hwid.map(|limit| limit.and_then(|limit| u64::try_from(limit).ok())),
            traffic_limit_bytes: fields.whole("trafficLimitBytes", 0),
            traffic_limit_strategy: fields
                .word("trafficLimitStrategy", STRATEGIES, "Invalid traffic limit strategy")
                .map(ToOwned::to_owned),
        }
    }

    fn is_empty(&self) -> bool {
        self.description.is_none()
            && self.tag.is_none()
            && self.telegram_id.is_none()
            && self.hwid_device_limit.is_none()
            && self.traffic_limit_bytes.is_none()
            && self.traffic_limit_strategy.is_none()
    }

    fn apply(self, user: &mut SimUser) {
        if let Some(description) = self.description {
            user.description = description;
        }
        if let Some(tag) = self.tag {
            user.tag = tag;
        }
        if let Some(telegram_id) = self.telegram_id {
            user.telegram_id = telegram_id;
        }
        if let Some(limit) = self.hwid_device_limit {
            user.hwid_device_limit = limit;
        }
        if let Some(limit) = self.traffic_limit_bytes {
            user.traffic_limit_bytes = limit;
        }
        if let Some(strategy) = self.traffic_limit_strategy {
            user.traffic_limit_strategy = strategy;
        }
    }
}

fn read_new(version: PanelVersion, body: &Map<String, Value>) -> Result<NewUser, Reply> {
    let mut fields = Fields::new(version, body);
    let username = fields.required_text("username", "Username is required").unwrap_or_default();
    if fields.has("username") {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        if !username.is_empty() && !username.chars().all(is_plain) {
            let message = "Username can only contain letters, numbers, underscores and dashes";
            fields.add(&[json!("username")], &Problem::Pattern(USERNAME_PATTERN), Some(message));
        }
        let short = Some("Username must be at least 3 characters");
        let long = Some("Username must be less than 36 characters");
        fields.length("username", username, (3, 36), [short, long]);
    }
    let status = fields.word("status", CREATE_STATUSES, "Invalid status");
    let short_uuid = fields.text("shortUuid").map(ToOwned::to_owned);
    let expire_at = if fields.has("expireAt") {
        fields.date("expireAt")
    } else {
        fields.required_text("expireAt", "Expiration date is required");
        None
    };
    // Unlike a change, a creation may not say null.
    fields.text("description");
    let details = Details::read(&mut fields);
    let squads = fields.uuids("activeInternalSquads").unwrap_or_default();
    fields.check()?;
    Ok(NewUser {
        username: username.to_owned(),
        // Checked above: without a date the panel has refused by now.
        expire_at: expire_at.unwrap_or_default(),
        short_uuid,
        status: status.and_then(SimStatus::parse).unwrap_or(SimStatus::Active),
        squads,
        details,
    })
}

impl Ask<'_> {
    /// `POST /api/users`
    pub(super) fn create(mut self) -> Answer {
        let body = self.object()?;
        let new = read_new(self.version(), &body)?;
        self.database(CREATE_FAILED)?;
        let id = self.store.next_id();
        if self.store.by_username(&new.username).is_some() {
            return Err(self.fail(USERNAME_TAKEN));
        }
        let short_uuid = new.short_uuid.unwrap_or_else(|| self.entropy.token(16));
        if self.store.by_short_uuid(&short_uuid).is_some() {
            return Err(self.fail(SHORT_UUID_TAKEN));
        }
        if !self.squads_exist(&new.squads) {
            return Err(self.fail(CREATE_FAILED));
        }
        let mut user =
            SimUser::new(id, new.username, Some(short_uuid), new.expire_at, self.now, self.entropy);
        user.status = new.status;
        user.squads = new.squads;
        new.details.apply(&mut user);
        let shown = self.show(&user);
        self.store.insert(user);
        Ok(Reply::response(201, shown))
    }

    fn squads_exist(&self, squads: &[Uuid]) -> bool {
        squads.iter().all(|uuid| self.store.squads.iter().any(|squad| squad.uuid == *uuid))
    }

    /// The user a change names: its key, or, without one, the username.
    fn named(&self, fields: &mut Fields<'_>) -> Option<u64> {
        let username = fields.text("username");
        let (given, found) = match self.version() {
            PanelVersion::V2 => {
                let text = fields.text("uuid");
                let uuid = text.and_then(parse_uuid);
                if text.is_some() && uuid.is_none() {
                    fields.add(&[json!("uuid")], &Problem::Uuid, None);
                }
                (text.is_some(), uuid.and_then(|uuid| self.store.by_uuid(uuid)))
            }
            PanelVersion::V3 => {
                let found = fields.whole("id", 0).and_then(|id| self.store.by_id(id));
                (fields.has("id"), found)
            }
        };
        if !given && username.is_none() {
            let message = match self.version() {
                PanelVersion::V2 => "Either uuid or username must be provided",
                PanelVersion::V3 => "At least one of username, id must be provided",
            };
            fields.add(&[], &Problem::Rule, Some(message));
        }
        let found = if given { found } else { username.and_then(|name| self.store.by_username(name)) };
        found.map(|user| user.id)
    }

    /// `PATCH /api/users`
    pub(super) fn update(mut self) -> Answer {
        let body = self.object()?;
        let mut fields = Fields::new(self.version(), &body);
        let id = self.named(&mut fields);
        let v2 = "You can't change status to LIMITED or EXPIRED. These statuses handled by Remnawave.";
        let status = fields.word("status", UPDATE_STATUSES, v2).and_then(SimStatus::parse);
        let expire_at = fields.future("expireAt", self.now);
        let details = Details::read(&mut fields);
        let squads = fields.uuids("activeInternalSquads");
        fields.check()?;
        self.database(UPDATE_FAILED)?;
        let id = id.ok_or_else(|| self.fail(NOT_FOUND))?;
        if squads.as_ref().is_some_and(|squads| !self.squads_exist(squads)) {
            return Err(self.fail(UPDATE_FAILED));
        }
        let now = self.now;
        self.store.edit(id, |user| {
            if status.is_some() || expire_at.is_some() || !details.is_empty() {
                user.updated_at = now;
            }
            user.set_expiry(expire_at, now);
            if let Some(status) = status {
                user.set_status(status, now);
            }
            details.apply(user);
            if let Some(squads) = squads {
                user.squads = squads;
            }
        });
        self.show_id(id, NOT_FOUND)
    }

    /// `DELETE /api/users/{key}`
    pub(super) fn delete(self, key: &str) -> Answer {
        let id = self.user_id(key, DELETE_FAILED, NOT_FOUND)?;
        self.store.remove(id);
        Ok(match self.version() {
            PanelVersion::V2 => Reply::response(200, json!({"isDeleted": true})),
            PanelVersion::V3 => Reply::empty(204),
        })
    }
}

impl SimUser {
    /// A new date; one in the future reopens what the old one had closed. Disabled stays disabled.
    pub(super) fn set_expiry(&mut self, expire_at: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        let Some(expire_at) = expire_at else { return };
        self.expire_at = expire_at;
        if self.status == SimStatus::Expired && expire_at > now {
            self.set_status(SimStatus::Active, now);
        }
    }

    /// A new state; the scheduler's patience starts when it becomes ACTIVE.
    pub(super) fn set_status(&mut self, status: SimStatus, now: DateTime<Utc>) {
        if status == SimStatus::Active && self.status != SimStatus::Active {
            self.active_since = now;
        }
        self.status = status;
    }
}
