//! Users: found, listed, made, changed, deleted.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::domain::ids::{PanelUserId, ShortUuid};
use crate::domain::username::Username;

use super::client::Answer;
use super::dialect::Dialect;
use super::errors::PanelError;
use super::models::{
    NewPanelUser, PanelPatch, PanelPatchStatus, PanelUser, RawDeletion, RawUser, RawUsers, marker, read,
};
use super::request::{Call, Watch};
use super::{Deadline, Panel};

/// What switching a user on or off did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Switched {
    /// It was switched; the user as it is now.
    Done(Box<PanelUser>),
    /// It was so already (A029, A030).
    Already,
}

/// What deleting a user did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It is gone now.
    Deleted,
    /// It had been gone already.
    AlreadyGone,
}

impl Panel {
    /// Makes a user in the internal squads of the settings, marked as this client's.
    ///
    /// Asked again with the same short UUID it answers `UsernameTaken` or `ShortUuidTaken`: look who it is.
    pub async fn create_user(&self, new: &NewPanelUser, within: Duration) -> Result<PanelUser, PanelError> {
        let deadline = Deadline::after(within);
        let squads = self.squads(deadline).await?;
        let call = Call::new(Method::POST, "/api/users").json(Some(create_body(new, &squads)));
        let made = self.ask(&call, deadline, |answer| self.user_of(&answer)).await;
        if matches!(&made, Err(PanelError::Unavailable { code: Some(code), .. }) if code == "A018") {
            // It says so of an unknown squad too.
            self.0.squads.forget();
        }
        made
    }

    /// The user with this id; `None` when there is none.
    pub async fn user(&self, id: &PanelUserId, within: Duration) -> Result<Option<PanelUser>, PanelError> {
        let call = Call::get("/api/users/{id}").at(id);
        found(self.ask_about(id, &call, Deadline::after(within), |answer| self.user_of(&answer)).await)
    }

    /// The user of this name, exactly as written; `None` when there is none.
    pub async fn user_by_username(
        &self,
        name: &Username,
        within: Duration,
    ) -> Result<Option<PanelUser>, PanelError> {
        let call = Call::get("/api/users/by-username/{username}").at(name);
        found(self.ask(&call, Deadline::after(within), |answer| self.user_of(&answer)).await)
    }

    /// The user with this short UUID; `None` when there is none.
    pub async fn user_by_short_uuid(
        &self,
        short: &ShortUuid,
        within: Duration,
    ) -> Result<Option<PanelUser>, PanelError> {
        self.by_short_uuid(short, Watch::All, Deadline::after(within)).await
    }

    pub(super) async fn by_short_uuid(
        &self,
        short: &ShortUuid,
        watch: Watch,
        deadline: Deadline,
    ) -> Result<Option<PanelUser>, PanelError> {
        let call = Call::get("/api/users/by-short-uuid/{shortUuid}").at(short.expose()).watch(watch);
        found(self.ask(&call, deadline, |answer| self.user_of(&answer)).await)
    }

    /// Changes what the patch names.
    pub async fn patch_user(
        &self,
        id: &PanelUserId,
        patch: &PanelPatch,
        within: Duration,
    ) -> Result<PanelUser, PanelError> {
        let body = Dialect::of_id(id).map(|dialect| patch_body(dialect.patch_key(id), patch));
        let call = Call::new(Method::PATCH, "/api/users").json(body);
        self.ask_about(id, &call, Deadline::after(within), |answer| self.user_of(&answer)).await
    }

    /// Takes access away.
    pub async fn disable(&self, id: &PanelUserId, within: Duration) -> Result<Switched, PanelError> {
        self.switch(id, "/api/users/{id}/actions/disable", &PanelError::AlreadyDisabled, within).await
    }

    /// Gives access back. For an expired user the panel takes it back itself within 30 s.
    pub async fn enable(&self, id: &PanelUserId, within: Duration) -> Result<Switched, PanelError> {
        self.switch(id, "/api/users/{id}/actions/enable", &PanelError::AlreadyEnabled, within).await
    }

    async fn switch(
        &self,
        id: &PanelUserId,
        template: &'static str,
        already: &PanelError,
        within: Duration,
    ) -> Result<Switched, PanelError> {
        let call = Call::new(Method::POST, template).at(id);
        match self.ask_about(id, &call, Deadline::after(within), |answer| self.user_of(&answer)).await {
            Ok(user) => Ok(Switched::Done(Box::new(user))),
            Err(error) if error == *already => Ok(Switched::Already),
            Err(error) => Err(error),
        }
    }

    /// Gives new keys and this short UUID (16 to 48 of `A-Za-z0-9_-`); the old link dies at once.
    /// Repeating it with the same short UUID is answered as the first time.
    pub async fn revoke(
        &self,
        id: &PanelUserId,
        new_short: &ShortUuid,
        within: Duration,
    ) -> Result<PanelUser, PanelError> {
        let body = json!({ "revokeOnlyPasswords": false, "shortUuid": new_short.expose() });
        let call = Call::new(Method::POST, "/api/users/{id}/actions/revoke").at(id).json(Some(body));
        self.ask_about(id, &call, Deadline::after(within), |answer| self.user_of(&answer)).await
    }

    /// Deletes the user.
    pub async fn delete_user(&self, id: &PanelUserId, within: Duration) -> Result<Deletion, PanelError> {
        let call = Call::new(Method::DELETE, "/api/users/{id}").at(id);
        match self.ask_about(id, &call, Deadline::after(within), deleted).await {
            Err(PanelError::NotFound) => Ok(Deletion::AlreadyGone),
            other => other,
        }
    }

    /// One page of all users, newest first, and how many there are in all. `size` is at most 1,000.
    pub async fn users_page(
        &self,
        start: u64,
        size: u32,
        within: Duration,
    ) -> Result<(Vec<PanelUser>, u64), PanelError> {
        let call = Call::get("/api/users").query("start", start).query("size", size).list();
        let read = |answer: Answer| {
            let page: RawUsers = read(&answer.body)?;
            let users = page.users.into_iter().map(|user| self.named(user)).collect::<Result<_, _>>()?;
            Ok((users, page.total.count()))
        };
        self.ask(&call, Deadline::after(within), read).await
    }

    fn user_of(&self, answer: &Answer) -> Result<PanelUser, PanelError> {
        self.named(read(&answer.body)?)
    }

    /// Names the user as its dialect does; what the answer shows of the dialect is remembered.
    fn named(&self, user: RawUser) -> Result<PanelUser, PanelError> {
        let dialect = self.0.dialect.set().unwrap_or_else(|| {
            let seen = Dialect::of_user(&user);
            self.0.dialect.saw(seen);
            seen
        });
        let id = dialect.id(&user).ok_or(PanelError::Nonsense)?;
        Ok(user.named(id))
    }
}

/// Version 3 says it with the status, version 2 in the body.
fn deleted(answer: Answer) -> Result<Deletion, PanelError> {
    if answer.status == 204 || read::<RawDeletion>(&answer.body)?.is_deleted {
        Ok(Deletion::Deleted)
    } else {
        Err(PanelError::Nonsense)
    }
}

fn found(answer: Result<PanelUser, PanelError>) -> Result<Option<PanelUser>, PanelError> {
    match answer {
        Ok(user) => Ok(Some(user)),
        Err(PanelError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn create_body(new: &NewPanelUser, squads: &[Uuid]) -> Value {
    let mut body = json!({
        "username": new.username,
        "expireAt": date(new.expire_at),
        "shortUuid": new.short_uuid.expose(),
        "description": marker(new.client_id),
        "activeInternalSquads": squads,
    });
    if let (Some(body), Some(id)) = (body.as_object_mut(), new.telegram_id) {
        body.insert("telegramId".to_owned(), json!(id));
    }
    body
}

fn patch_body((key, id): (&'static str, Value), patch: &PanelPatch) -> Value {
    let status = patch.status.map(|status| match status {
        PanelPatchStatus::Active => "ACTIVE",
        PanelPatchStatus::Disabled => "DISABLED",
    });
    let fields = [
        (key, Some(id)),
        ("expireAt", patch.expire_at.map(|at| json!(date(at)))),
        ("status", status.map(Value::from)),
        ("telegramId", patch.telegram_id.map(|id| json!(id))),
        ("description", patch.description.as_deref().map(Value::from)),
        ("activeInternalSquads", patch.squads.as_ref().map(|squads| json!(squads))),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// As the panel writes dates: milliseconds and `Z`.
fn date(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
