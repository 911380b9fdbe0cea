//! The keys of a configuration one by one.

use std::sync::Arc;

use crate::bot::callback::KeySpot;
use crate::bot::handlers::config::{self, picture};
use crate::bot::screen::Screen;
use crate::bot::screens::keys::{self as screen, KeyText};
use crate::bot::turn::{Handled, Turn};
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::services::keys::{Keys, NamedKey, OneKey};

/// A page of the names.
pub async fn list(turn: Arc<Turn>, id: ClientId, page: u32) -> Handled {
    let keys = turn.door.services.configs.keys(turn.by(), id).await?;
    show(&turn, &keys, page, |screen| screen).await
}

/// One key with its QR code; a fresh list when the panel has changed them since.
pub async fn one(turn: Arc<Turn>, spot: KeySpot) -> Handled {
    let place = usize::from(spot.place);
    match turn.door.services.configs.key(turn.by(), spot.client, place, &spot.mark).await? {
        OneKey::Found { client, key } => send(&turn, &client, &spot, &key).await,
        OneKey::Changed(keys) => {
            let words = turn.eyes.t.html("keys-changed", &[]);
            show(&turn, &keys, 0, |screen| screen.under(&words)).await
        }
    }
}

async fn show(turn: &Turn, keys: &Keys, page: u32, ready: impl Fn(Screen) -> Screen) -> Handled {
    match keys {
        Keys::Ready { client, keys } => turn.show(&ready(screen::list(client, keys, page, &turn.eyes))).await,
        Keys::Silent { client } => turn.show(&screen::silent(client, &turn.eyes)).await,
        Keys::Unfit { client, why } => config::unfit(turn, client, *why).await,
    }
}

async fn send(turn: &Turn, client: &Client, spot: &KeySpot, key: &NamedKey) -> Handled {
    let png = picture(key.key.expose()).await?;
    let photo = format!("{}-{}.png", client.username, spot.place.saturating_add(1));
    let text = screen::one(client, spot, key, png.is_some(), &turn.eyes);
    match (text, png) {
        (KeyText::Caption(caption), Some(png)) => return turn.chat.photo(&photo, png, &caption).await,
        (KeyText::Message(words) | KeyText::Caption(words), None) => return turn.say(&words).await,
        (KeyText::Document { name, bytes, caption }, None) => {
            return turn.chat.document(&name, bytes, &caption).await;
        }
        (KeyText::Message(words), Some(png)) => {
            turn.say(&words).await?;
            turn.chat.photo(&photo, png, &screen::picture_only(client, key, &turn.eyes)).await
        }
        (KeyText::Document { name, bytes, caption }, Some(png)) => {
            turn.chat.document(&name, bytes, &caption).await?;
            turn.chat.photo(&photo, png, &screen::picture_only(client, key, &turn.eyes)).await
        }
    }
}
