//! Handing over configurations.

use std::sync::Arc;

use crate::bot::errors::Failure;
use crate::bot::screens::config::{self as screen, ConfigText, Extras};
use crate::bot::screens::mine::Choice;
use crate::bot::turn::{Handled, Turn};
use crate::domain::actor::Role;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, ClientRef, SubscriptionUrl};
use crate::services::qr::{self, Picture, QrError};
use crate::services::views::{ConfigData, Delivery, Unfit};

/// `/config [CLIENT]`: without one, one's own; staff without an own one choose from the list.
pub async fn command(turn: Arc<Turn>, client: Option<ClientRef>) -> Handled {
    if let Some(client) = client {
        let client = turn.door.services.clients.find(turn.by(), &client).await?;
        return config(turn, client.id).await;
    }
    match super::mine::own(&turn, Choice::Config).await? {
        Some(only) => config(turn, only.id).await,
        None => Ok(()),
    }
}

/// All of it: the text, then the photo with the buttons.
pub async fn config(turn: Arc<Turn>, id: ClientId) -> Handled {
    deliver(&turn, id, true).await
}

/// Only the photo.
pub async fn qr(turn: Arc<Turn>, id: ClientId) -> Handled {
    deliver(&turn, id, false).await
}

/// The text, if wanted, then the photo; or why there is none.
pub async fn deliver(turn: &Turn, id: ClientId, with_text: bool) -> Handled {
    match turn.door.services.configs.deliver(turn.by(), id).await? {
        Delivery::Ready { client, config, url } => {
            if with_text {
                text(turn, &client, &config).await?;
            }
            photo(turn, &client, &url, false).await
        }
        Delivery::LinkOnly { client, url } => photo(turn, &client, &url, true).await,
        Delivery::Unfit { client, why } => unfit(turn, &client, why).await,
    }
}

/// Other words for those who can do something about it themselves.
pub(super) async fn unfit(turn: &Turn, client: &Client, why: Unfit) -> Handled {
    let screen = match turn.role() >= Role::Operator {
        true => screen::unfit_for_staff(client, why, &turn.eyes),
        false => screen::unfit(client, why, turn.contacts(), &turn.eyes),
    };
    turn.say(&screen).await
}

async fn text(turn: &Turn, client: &Client, config: &ConfigData) -> Handled {
    match screen::text(client, config, &turn.eyes) {
        ConfigText::Message(message) => turn.say(&message).await,
        ConfigText::Document { name, bytes, caption } => turn.chat.document(&name, bytes, &caption).await,
    }
}

async fn photo(turn: &Turn, client: &Client, url: &SubscriptionUrl, link_only: bool) -> Handled {
    let own = client.telegram_id == Some(turn.visitor.person.id);
    let extras = Extras {
        link_only,
        public_url: turn.door.settings.public_url.as_ref(),
        rotate: own || turn.role() >= Role::Admin,
        staff: turn.role().is_staff(),
    };
    match picture(url.expose()).await? {
        Some(png) => {
            let name = format!("{}.png", client.username);
            turn.chat.photo(&name, png, &screen::caption(client, url, extras, &turn.eyes)).await
        }
        None => turn.say(&screen::without_picture(client, url, extras, &turn.eyes)).await,
    }
}

/// The QR code; none when the text is too long for one.
pub async fn picture(text: &str) -> Result<Option<Vec<u8>>, Failure> {
    match qr::draw(text.to_owned(), Picture::Png).await {
        Ok(png) => Ok(Some(png)),
        Err(QrError::TooLong) => Ok(None),
        Err(error) => Err(Failure::Broken(error.to_string())),
    }
}
