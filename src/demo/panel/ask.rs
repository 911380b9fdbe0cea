//! One request being answered: what every endpoint needs at hand.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::PanelVersion;
use super::errors::AppError;
use super::http::{Reply, SimRequest};
use super::model::SimUser;
use super::store::Store;
use super::validate::{Issues, Problem, object, parse_uuid};
use crate::domain::clock::Entropy;

/// An answer, or the refusal that took its place.
pub(super) type Answer = Result<Reply, Reply>;

/// A request, the store it works on, and the present.
pub(super) struct Ask<'a> {
    pub store: &'a mut Store,
    pub request: &'a SimRequest,
    pub body: Option<Value>,
    pub now: DateTime<Utc>,
    pub entropy: &'a dyn Entropy,
    pub subscription_base: &'a str,
}

impl Ask<'_> {
    pub(super) fn version(&self) -> PanelVersion {
        self.store.version
    }

    /// An application error for this request.
    pub(super) fn fail(&self, error: AppError) -> Reply {
        error.reply(&self.request.path, self.now)
    }

    /// Goes on while the panel's database is up.
    ///
    /// # Errors
    /// The given one while it is down.
    pub(super) fn database(&self, failure: AppError) -> Result<(), Reply> {
        if self.store.database_down { Err(self.fail(failure)) } else { Ok(()) }
    }

    /// The request's body as an object.
    ///
    /// # Errors
    /// The panel's 400 for anything else.
    pub(super) fn object(&mut self) -> Result<Map<String, Value>, Reply> {
        object(self.version(), self.body.take())
    }

    /// The body as an object where it may be missing.
    ///
    /// # Errors
    /// The panel's 400 for another JSON value.
    pub(super) fn optional_object(&mut self) -> Result<Map<String, Value>, Reply> {
        match self.body.take() {
            None | Some(Value::Null) => Ok(Map::new()),
            body => object(self.version(), body),
        }
    }

    /// A positive number in the path.
    ///
    /// # Errors
    /// The panel's 400 or 500 for what is none; `failure` for one the database cannot hold.
    pub(super) fn path_number(&self, name: &str, text: &str, failure: AppError) -> Result<u64, Reply> {
        let path = [json!(name)];
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let Some(number) = number else {
            return Err(Issues::only(self.version(), &path, &Problem::NotANumber, None));
        };
        if number <= 0.0 {
            return Err(Issues::only(self.version(), &path, &Problem::TooSmall("number", 0, false), None));
        }
        if number.fract() != 0.0 {
            return Err(Reply::short(500, "Internal server error"));
        }
        text.parse::<u64>().ok().filter(|id| i64::try_from(*id).is_ok()).ok_or_else(|| self.fail(failure))
    }

    /// The number of the user a path names: by uuid in version 2, by number in version 3.
    ///
    /// # Errors
    /// The panel's 400 for a key of the wrong kind, `failure` while the database is down, `missing` if there is
    /// no such user.
    pub(super) fn user_id(&self, key: &str, failure: AppError, missing: AppError) -> Result<u64, Reply> {
        let found = match self.version() {
            PanelVersion::V2 => {
                let uuid = parse_uuid(key)
                    .ok_or_else(|| Issues::only(self.version(), &[json!("uuid")], &Problem::Uuid, None))?;
                self.store.by_uuid(uuid)
            }
            PanelVersion::V3 => self.store.by_id(self.path_number("userId", key, failure)?),
        };
        self.database(failure)?;
        found.map(|user| user.id).ok_or_else(|| self.fail(missing))
    }

    /// The user's subscription URL.
    pub(super) fn subscription_url(&self, user: &SimUser) -> String {
        format!("{}/api/sub/{}", self.subscription_base, user.short_uuid)
    }

    /// The user's object in answers.
    pub(super) fn show(&self, user: &SimUser) -> Value {
        let with_uuid = self.version() == PanelVersion::V2;
        user.to_json(with_uuid, &self.subscription_url(user), &self.store.squads)
    }

    /// 200 with the user of that number, or `missing`.
    pub(super) fn show_id(&self, id: u64, missing: AppError) -> Answer {
        let user = self.store.by_id(id).ok_or_else(|| self.fail(missing))?;
        Ok(Reply::response(200, self.show(user)))
    }
}
