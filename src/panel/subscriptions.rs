//! Configurations, as the panel serves them.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::domain::ids::ShortUuid;

use super::client::Answer;
use super::errors::PanelError;
use super::models::{PanelUserStatus, read};
use super::request::{Call, Watch};
use super::{Deadline, Panel};

/// A configuration and how its user stands. Full of keys, so `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PanelSubscription {
    /// How the user stands; `Other` when the token may not ask.
    pub user_status: PanelUserStatus,
    /// Whether the panel serves working links.
    pub is_active: bool,
    /// The links, one a server.
    pub links: Vec<Link>,
    /// The links as the panel serves them at the subscription URL: joined by newlines, base64.
    pub base64: String,
}

/// A link such as `vless://…`: a key, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// The text itself, for the one it belongs to.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Disabled, expired and squad-less users get links that lead to `0.0.0.0:1` and say what is wrong.
    fn is_fake(&self) -> bool {
        let Some((_, address)) = self.0.split_once('@') else { return false };
        address.split(['/', '?', '#']).next() == Some("0.0.0.0:1")
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(…)")
    }
}

impl fmt::Debug for PanelSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PanelSubscription")
            .field("user_status", &self.user_status)
            .field("is_active", &self.is_active)
            .field("links", &self.links.len())
            .finish_non_exhaustive()
    }
}

impl PanelSubscription {
    /// Whether there is no link, or one of the panel's fake ones: never hand these out, say what is wrong instead.
    pub fn leads_nowhere(&self) -> bool {
        self.links.is_empty() || self.links.iter().any(Link::is_fake)
    }
}

impl Panel {
    /// The configuration behind this short UUID; `None` when the panel has no such user.
    ///
    /// A panel without its database answers 404 here too, so that `None` is said only after another look.
    pub async fn subscription(
        &self,
        short: &ShortUuid,
        within: Duration,
    ) -> Result<Option<PanelSubscription>, PanelError> {
        let deadline = Deadline::after(within);
        let call = Call::get("/api/subscriptions/by-short-uuid/{shortUuid}").at(short.expose());
        match self
            .ask(&call.watch(Watch::ButForbidden), deadline, |answer| of_json(&answer.body, short))
            .await
        {
            Ok(None) | Err(PanelError::NotFound) => self.really_gone(short, deadline).await,
            Err(PanelError::Forbidden) => self.as_served(short, deadline).await,
            other => other,
        }
    }

    /// What an app gets, for a token that may not read subscriptions. With device limits on the panel serves
    /// something else there, which is refused here.
    async fn as_served(
        &self,
        short: &ShortUuid,
        deadline: Deadline,
    ) -> Result<Option<PanelSubscription>, PanelError> {
        let user = self.by_short_uuid(short, Watch::ButForbidden, deadline).await;
        let status = match user {
            Ok(Some(user)) => user.status,
            Ok(None) => return Ok(None),
            Err(PanelError::Forbidden) => PanelUserStatus::Other,
            Err(error) => return Err(error),
        };
        let call = Call::get("/api/sub/{shortUuid}").at(short.expose()).without_token();
        match self.ask(&call, deadline, |answer| of_text(answer, status).map(Some)).await {
            Err(PanelError::NotFound) => self.really_gone(short, deadline).await,
            other => other,
        }
    }

    async fn really_gone(
        &self,
        short: &ShortUuid,
        deadline: Deadline,
    ) -> Result<Option<PanelSubscription>, PanelError> {
        match self.by_short_uuid(short, Watch::All, deadline).await? {
            None => Ok(None),
            // It says both: something behind it is failing.
            Some(_) => Err(PanelError::Unavailable { status: 404, code: None }),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSubscription {
    #[serde(default = "yes")]
    is_found: bool,
    user: Option<RawSubscriber>,
    #[serde(default)]
    links: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSubscriber {
    short_uuid: Option<String>,
    user_status: String,
    is_active: bool,
}

fn yes() -> bool {
    true
}

pub(super) fn of_json(body: &[u8], asked: &ShortUuid) -> Result<Option<PanelSubscription>, PanelError> {
    let raw: RawSubscription = read(body)?;
    if !raw.is_found {
        return Ok(None);
    }
    let user = raw.user.ok_or(PanelError::Nonsense)?;
    // Somebody else's keys are never handed on.
    if user.short_uuid.as_deref().is_some_and(|answered| answered != asked.expose()) {
        return Err(PanelError::Nonsense);
    }
    Ok(Some(PanelSubscription {
        user_status: PanelUserStatus::of(&user.user_status),
        is_active: user.is_active,
        base64: STANDARD.encode(raw.links.join("\n")),
        links: raw.links.into_iter().map(Link).collect(),
    }))
}

pub(super) fn of_text(answer: Answer, user_status: PanelUserStatus) -> Result<PanelSubscription, PanelError> {
    let text = STANDARD.decode(&answer.body).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let links: Vec<Link> = text
        .filter(|text| text.contains("://"))
        .ok_or(PanelError::Nonsense)?
        .lines()
        .map(|line| Link(line.to_owned()))
        .collect();
    let base64 = String::from_utf8(answer.body).map_err(|_| PanelError::Nonsense)?;
    let mut subscription = PanelSubscription { user_status, is_active: false, links, base64 };
    subscription.is_active = !subscription.leads_nowhere();
    Ok(subscription)
}
