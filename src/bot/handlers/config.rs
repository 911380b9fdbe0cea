//! Handing over configurations.

use std::sync::Arc;

use crate::bot::errors::Failure;
use crate::bot::screens::config::{self as screen, ConfigText};
use crate::bot::screens::mine;
use crate::bot::spot::{Purpose, Spot};
use crate::bot::turn::{Handled, Turn};
use crate::domain::actor::Role;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, ClientRef, SubscriptionUrl};
use crate::services::qr::{self, Picture, QrError};
use crate::services::views::{ConfigData, Delivery};

use super::{clients, help};

/// `/config [CLIENT]`: without one, one's own; staff without an own one choose from the list.
pub async fn command(turn: Arc<Turn>, client: Option<ClientRef>) -> Handled {
    if let Some(client) = client {
        let client = turn.door.services.clients.find(turn.by(), &client).await?;
        return config(turn, client.id).await;
    }
    let mine = turn.door.services.clients.mine(turn.by()).await?;
    let staff = turn.role().is_staff();
    match (mine.as_slice(), staff) {
        // A viewer gets no configuration, so there is none to choose.
        ([], true) if turn.role() < Role::Operator => help::help(turn).await,
        ([], true) => clients::list(turn, Spot { purpose: Purpose::Config, ..Spot::default() }).await,
        ([], false) => help::help(turn).await,
        ([only], false) => config(turn, only.id).await,
        (several, _) => turn.show(&mine::choose(several, staff, &turn.eyes)).await,
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
        Delivery::Unfit { client, why } => {
            turn.say(&screen::unfit(&client, why, turn.role().is_staff(), &turn.eyes)).await
        }
    }
}

async fn text(turn: &Turn, client: &Client, config: &ConfigData) -> Handled {
    match screen::text(client, config, &turn.eyes) {
        ConfigText::Message(message) => turn.say(&message).await,
        ConfigText::Document { name, bytes, caption } => turn.chat.document(&name, bytes, &caption).await,
    }
}

async fn photo(turn: &Turn, client: &Client, url: &SubscriptionUrl, link_only: bool) -> Handled {
    match picture(url.expose()).await? {
        Some(png) => {
            let name = format!("{}.png", client.username);
            turn.chat.photo(&name, png, &screen::caption(client, url, link_only, &turn.eyes)).await
        }
        None => turn.say(&screen::without_picture(client, url, link_only, &turn.eyes)).await,
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
