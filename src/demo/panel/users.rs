//! Looking users up.

use serde_json::{Value, json};

use super::PanelVersion;
use super::ask::{Answer, Ask};
use super::errors::{AppError, GET_FAILED, LIST_FAILED, LOOK_UP_NOT_FOUND, NOT_FOUND};
use super::fields::Fields;
use super::http::Reply;
use super::model::{SimStatus, SimUser};
use super::route::By;
use super::validate::{Issues, Problem};

const STATUSES: &[&str] = &["ACTIVE", "DISABLED", "LIMITED", "EXPIRED"];
/// The largest page.
const MAX_SIZE: u64 = 1000;

impl Ask<'_> {
    /// The number of the user meant by a path.
    ///
    /// # Errors
    /// The panel's own, `failure` and `missing` as in [`Ask::user_id`].
    pub(super) fn find(&self, by: By, key: &str, failure: AppError, missing: AppError) -> Result<u64, Reply> {
        let found = match by {
            By::Username => self.store.by_username(key),
            By::ShortUuid => self.store.by_short_uuid(key),
            By::Id => self.store.by_id(self.path_number("id", key, failure)?),
            By::Key | By::TelegramId | By::Tag => return self.user_id(key, failure, missing),
        };
        self.database(failure)?;
        found.map(|user| user.id).ok_or_else(|| self.fail(missing))
    }

    /// `GET /api/users/…`
    pub(super) fn get(self, by: By, key: &str) -> Answer {
        match by {
            By::TelegramId => {
                let id: Option<i64> = key.parse().ok();
                self.all_with(|user| user.telegram_id.is_some() && user.telegram_id == id)
            }
            By::Tag => self.all_with(|user| user.tag.as_deref() == Some(key)),
            _ => self.show_id(self.find(by, key, GET_FAILED, LOOK_UP_NOT_FOUND)?, LOOK_UP_NOT_FOUND),
        }
    }

    /// Version 2's look-ups by what several users may share: a list, perhaps an empty one.
    fn all_with(&self, wanted: impl Fn(&SimUser) -> bool) -> Answer {
        self.database(GET_FAILED)?;
        let users = self.store.users().values().filter(|user| wanted(user));
        Ok(Reply::response(200, users.map(|user| self.show(user)).collect()))
    }

    /// A number in the query.
    fn query_number(
        &self,
        issues: &mut Issues,
        name: &str,
        bounds: (u64, u64),
        too_big: Option<&str>,
    ) -> Option<u64> {
        let text = self.request.query(name)?;
        let path = [json!(name)];
        let Some(number) = text.parse::<f64>().ok().filter(|number| number.is_finite()) else {
            issues.add(&path, &Problem::NotANumber, None);
            return None;
        };
        // A fraction or a sign is cut as the panel's database layer would.
        let whole = text.parse::<u64>().ok();
        if number < 0.0 || whole.is_some_and(|whole| whole < bounds.0) {
            issues.add(&path, &Problem::TooSmall("number", bounds.0, true), None);
        }
        if whole.is_some_and(|whole| whole > bounds.1) {
            issues.add(&path, &Problem::TooBig("number", bounds.1), too_big);
        }
        whole
    }

    /// `GET /api/users?start=&size=`: newest first.
    pub(super) fn list(self) -> Answer {
        let mut issues = Issues::new(self.version());
        let start = self.query_number(&mut issues, "start", (0, u64::MAX), None).unwrap_or(0);
        let message = Some("Size (limit) must be less than 1000");
        let size = self.query_number(&mut issues, "size", (1, MAX_SIZE), message).unwrap_or(25);
        issues.check()?;
        self.database(LIST_FAILED)?;
        let skip = usize::try_from(start).unwrap_or(usize::MAX);
        let take = usize::try_from(size).unwrap_or(usize::MAX);
        let users: Vec<Value> =
            self.store.users().values().rev().skip(skip).take(take).map(|user| self.show(user)).collect();
        Ok(Reply::response(200, json!({"total": self.store.users().len(), "users": users})))
    }

    /// `GET /api/users/stream` (version 3): oldest first, after a cursor, perhaps filtered.
    pub(super) fn stream(self) -> Answer {
        let mut issues = Issues::new(self.version());
        let cursor = self.query_number(&mut issues, "cursor", (0, u64::MAX), None).unwrap_or(0);
        let size = self.query_number(&mut issues, "size", (1, MAX_SIZE), None).unwrap_or(250);
        let telegram_id = self.query_number(&mut issues, "telegramId", (0, u64::MAX), None);
        let status = self.request.query("status");
        if let Some(status) = status.filter(|status| !STATUSES.contains(status)) {
            issues.add(&[json!("status")], &Problem::Word(STATUSES, status), None);
        }
        issues.check()?;
        self.database(LIST_FAILED)?;
        let status = status.and_then(SimStatus::parse);
        let telegram_id = telegram_id.and_then(|id| i64::try_from(id).ok());
        let tag = self.request.query("tag");
        let wanted = |user: &&SimUser| {
            status.is_none_or(|status| user.status == status)
                && (telegram_id.is_none() || user.telegram_id == telegram_id)
                && (tag.is_none() || user.tag.as_deref() == tag)
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let after = self.store.users().range(cursor.saturating_add(1)..).map(|(_, user)| user).filter(wanted);
        let mut page: Vec<&SimUser> = after.take(size.saturating_add(1)).collect();
        let has_more = page.len() > size;
        page.truncate(size);
        let next = page.last().filter(|_| has_more).map(|user| user.id.to_string());
        let users: Vec<Value> = page.into_iter().map(|user| self.show(user)).collect();
        Ok(Reply::response(200, json!({"users": users, "nextCursor": next, "hasMore": has_more})))
    }

    /// `POST /api/users/resolve`: exactly one of the keys in, all of them out.
    pub(super) fn resolve(mut self) -> Answer {
        let version = self.version();
        let body = self.object()?;
        let mut fields = Fields::new(version, &body);
        let uuid = if version == PanelVersion::V2 { fields.text("uuid") } else { None };
        let id = fields.whole("id", 0);
        let short_uuid = fields.text("shortUuid");
        let username = fields.text("username");
        let given = [uuid.is_some(), id.is_some(), short_uuid.is_some(), username.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            let message = match version {
                PanelVersion::V2 => "Exactly one of uuid, id, shortUuid, or username must be provided",
                PanelVersion::V3 => "Exactly one of id, shortUuid, or username must be provided",
            };
            fields.add(&[], &Problem::Rule, Some(message));
        }
        fields.check()?;
        self.database(GET_FAILED)?;
        let user = uuid
            .and_then(|uuid| self.store.by_uuid(uuid.parse().ok()?))
            .or_else(|| self.store.by_id(id?))
            .or_else(|| self.store.by_short_uuid(short_uuid?))
            .or_else(|| self.store.by_username(username?))
            .ok_or_else(|| self.fail(NOT_FOUND))?;
        let keys = match version {
            PanelVersion::V2 => json!({
                "uuid": user.uuid, "id": user.id, "shortUuid": user.short_uuid, "username": user.username
            }),
            PanelVersion::V3 => {
                json!({"id": user.id, "shortUuid": user.short_uuid, "username": user.username})
            }
        };
        Ok(Reply::response(200, keys))
    }
}
