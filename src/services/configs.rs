//! Configurations: what a client's app imports.

use std::sync::Arc;

use tokio::time::Instant;

use crate::domain::actor::Actor;
use crate::domain::client::{Client, State};
use crate::domain::ids::{ClientId, ClientRef, ShortUuid, SubscriptionUrl};
use crate::panel::{PanelError, PanelSubscription, PanelUserStatus};
use crate::repositories::clients;

use super::access::{Permission, require_for};
use super::core::Core;
use super::creation::left;
use super::error::Error;
use super::log::{self, Entry, Has};
use super::qr::{self, Picture};
use super::views::{ConfigData, Delivery, RawConfig, Unfit};

/// Fetching configurations. Each fetch is in the log as `get_config`.
#[derive(Debug, Clone)]
pub struct Configs {
    pub(super) core: Arc<Core>,
}

impl Configs {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// What the panel serves this client, blocked and expired ones too (the contract's answer).
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `NotLinked`, `Panel`, `Database`.
    pub async fn raw(&self, by: &Actor, id: ClientId) -> Result<RawConfig, Error> {
        let deadline = Instant::now() + self.core.panel.timeout();
        let mut client = self.permitted(by, id).await?;
        let (mut short_uuid, mut subscription_url) = link(&client)?;
        let mut fetched = self.core.panel.subscription(&short_uuid, left(deadline)).await;
        if matches!(fetched, Ok(None)) {
            // Perhaps the link was replaced after we had read it.
            client = self.permitted(by, id).await?;
            let (short, url) = link(&client)?;
            if short != short_uuid {
                (short_uuid, subscription_url) = (short, url);
                fetched = self.core.panel.subscription(&short_uuid, left(deadline)).await;
            }
        }
        let (config, problem) = match fetched {
            Ok(Some(subscription)) if subscription.base64.is_empty() => {
                (None, Some("the panel serves an empty configuration".to_owned()))
            }
            Ok(Some(subscription)) => (Some(subscription.base64), None),
            Ok(None) => (None, Some("the panel has no subscription of this link".to_owned())),
            Err(error) => (None, Some(error.to_string())),
        };
        self.write(by, &client, problem.clone()).await?;
        match (config, problem) {
            (Some(config), _) => {
                Ok(RawConfig { client, short_uuid, subscription_url, config_data: ConfigData(config) })
            }
            (None, problem) => Err(Error::Panel(problem.unwrap_or_default())),
        }
    }

    /// The stored link as a QR code, for blocked and expired clients too; the panel is not asked. Whoever has it has the
    /// link, so the log says `get_config`.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `NotLinked`, `Database`.
    pub async fn qr(&self, by: &Actor, id: ClientId, picture: Picture) -> Result<Vec<u8>, Error> {
        let client = self.permitted(by, id).await?;
        let (Some(url), Some(_)) = (client.subscription_url.clone(), &client.remnawave_uuid) else {
            return Err(Error::NotLinked);
        };
        let drawn = qr::draw(url.expose().to_owned(), picture).await;
        let drawn = drawn.map_err(|error| Error::Internal(error.to_string()))?;
        self.write(by, &client, None).await?;
        Ok(drawn)
    }

    /// What a person is handed: a working configuration, the stored link, or the reason why there is none.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Database`.
    pub async fn deliver(&self, by: &Actor, id: ClientId) -> Result<Delivery, Error> {
        let client = self.permitted(by, id).await?;
        let (Some(short_uuid), Some(url)) = (client.short_uuid.clone(), client.subscription_url.clone())
        else {
            return Ok(Delivery::Unfit { client, why: Unfit::NotLinked });
        };
        let fetched = self.core.panel.subscription(&short_uuid, self.core.panel.timeout()).await;
        let delivery = match fetched {
            Ok(Some(subscription)) => match unfit(&subscription) {
                None => Delivery::Ready { client, config: ConfigData(subscription.base64), url },
                Some(why) => Delivery::Unfit { client, why },
            },
            Ok(None) => Delivery::Unfit { client, why: Unfit::NotLinked },
            Err(error) => self.without_panel(client, url, &error),
        };
        self.write(by, delivery.client(), delivery.problem()).await?;
        Ok(delivery)
    }

    /// The panel cannot be asked: the stored link still works, unless we know that it does not.
    fn without_panel(&self, client: Client, url: SubscriptionUrl, error: &PanelError) -> Delivery {
        tracing::warn!(client = %client.id, %error, "a configuration without the panel");
        match client.state(self.core.clock.now()) {
            State::Expired => Delivery::Unfit { client, why: Unfit::Expired },
            State::Blocked => Delivery::Unfit { client, why: Unfit::Blocked },
            State::Active | State::TrafficUsedUp => Delivery::LinkOnly { client, url },
        }
    }

    pub(super) async fn permitted(&self, by: &Actor, id: ClientId) -> Result<Client, Error> {
        let asked = ClientRef::Id(id);
        let found = clients::find(&self.core.db, id).await?;
        let client = found.ok_or_else(|| Error::ClientNotFound(asked.clone()))?;
        require_for(by, Permission::FetchConfigs, &client, &asked)?;
        Ok(client)
    }

    /// The log says who fetched what, and what they did not get. The client may be gone by now.
    pub(super) async fn write(
        &self,
        by: &Actor,
        client: &Client,
        problem: Option<String>,
    ) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        let has = if clients::hold(&mut tx, client.id).await? { Has::Client } else { Has::NoClient };
        log::write(&self.core, &mut tx, Entry::of_config(by, client, problem), has).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The client's link, if it has one and a panel user behind it.
fn link(client: &Client) -> Result<(ShortUuid, SubscriptionUrl), Error> {
    match (&client.short_uuid, &client.subscription_url, &client.remnawave_uuid) {
        (Some(short_uuid), Some(url), Some(_)) => Ok((short_uuid.clone(), url.clone())),
        _ => Err(Error::NotLinked),
    }
}

impl Delivery {
    /// Whose it is.
    pub fn client(&self) -> &Client {
        match self {
            Self::Ready { client, .. } | Self::LinkOnly { client, .. } | Self::Unfit { client, .. } => client,
        }
    }

    /// What the log says went wrong.
    fn problem(&self) -> Option<String> {
        match self {
            Self::Ready { .. } => None,
            Self::LinkOnly { .. } => Some("the panel does not answer; the stored link was given".to_owned()),
            Self::Unfit { why, .. } => Some(format!("no working configuration: {}", why.word())),
        }
    }
}

impl Unfit {
    /// The word in the log.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Expired => "expired",
            Self::TrafficUsedUp => "traffic used up",
            Self::NoSquad => "the panel user is in no squad with keys",
            Self::NotLinked => "no panel user",
        }
    }
}

/// The panel's own word on whether this configuration works. Fake links are never handed out, whatever the state says.
pub(super) fn unfit(subscription: &PanelSubscription) -> Option<Unfit> {
    match subscription.user_status {
        PanelUserStatus::Disabled => Some(Unfit::Blocked),
        PanelUserStatus::Expired => Some(Unfit::Expired),
        PanelUserStatus::Limited => Some(Unfit::TrafficUsedUp),
        PanelUserStatus::Active | PanelUserStatus::Other if subscription.leads_nowhere() => {
            Some(Unfit::NoSquad)
        }
        PanelUserStatus::Active | PanelUserStatus::Other => None,
    }
}
