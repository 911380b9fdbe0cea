//! What stands in a button: typed, at most 64 bytes, written and read only here, one file an area.
//!
//! `action:version:rest`. The action's name comes first so that a log is readable, then the version: a button of an
//! older version, like anything that was never a button of ours, is answered "out of date" with a fresh screen.

mod bulk;
mod change;
mod matters;
mod mine;
mod new;
mod nonce;
mod people;
#[cfg(test)]
mod tests;
mod token;

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use uuid::Uuid;

use crate::domain::ids::ClientId;
use crate::domain::person::Lang;

use super::log_spot::LogSpot;
use super::spot::Spot;

pub use bulk::BulkTap;
pub use change::ChangeTap;
pub use matters::{Aside, Decision, MatterTap};
pub use mine::{KeySpot, MineTap};
pub use new::{NewClientOffer, NewTap};
pub use nonce::Nonce;
pub use people::PeopleTap;
pub use token::TokenTap;

/// The version of every button's data.
const VERSION: &str = "1";

/// Telegram's limit, in bytes.
pub const LIMIT: usize = 64;

/// What a tap asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tap {
    /// The home screen.
    Home,
    /// What the bot can do.
    Help,
    /// The list.
    List(Spot),
    /// A card, and where in the list Back leads.
    Card(ClientId, Spot),
    /// The whole configuration.
    Config(ClientId),
    /// Only the link with its QR code.
    Qr(ClientId),
    /// A new invite.
    Invite(ClientId),
    /// A place in the log.
    Log(LogSpot),
    /// The languages.
    Lang,
    /// This language.
    SetLang(Lang),
    /// Delete the message with this button.
    Wipe,
    /// The dialogue for a new client.
    New(NewTap),
    /// A change of a client.
    Change(ChangeTap),
    /// Roles and links.
    People(PeopleTap),
    /// One's own clients.
    Mine(MineTap),
    /// Search, import, broadcast, numbers.
    Bulk(BulkTap),
    /// Tokens of the REST API.
    Token(TokenTap),
    /// What needs a person.
    Matter(MatterTap),
}

/// Not a button of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the button is out of date")]
pub struct Outdated;

impl fmt::Display for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = VERSION;
        match self {
            Self::Home => write!(f, "home:{v}"),
            Self::Help => write!(f, "help:{v}"),
            Self::List(spot) => write!(f, "list:{v}:{spot}"),
            Self::Card(id, spot) => write!(f, "card:{v}:{}:{spot}", short(id.0)),
            Self::Config(id) => write!(f, "config:{v}:{}", short(id.0)),
            Self::Qr(id) => write!(f, "qr:{v}:{}", short(id.0)),
            Self::Invite(id) => write!(f, "invite:{v}:{}", short(id.0)),
            Self::Log(LogSpot::Client(id)) => write!(f, "ops:{v}:{}", short(id.0)),
            Self::Log(spot) => write!(f, "log:{v}:{spot}"),
            Self::Lang => write!(f, "lang:{v}"),
            Self::SetLang(lang) => write!(f, "lang:{v}:{}", lang.code()),
            Self::Wipe => write!(f, "wipe:{v}"),
            Self::New(tap) => tap.fmt(f),
            Self::Change(tap) => tap.fmt(f),
            Self::People(tap) => tap.fmt(f),
            Self::Mine(tap) => tap.fmt(f),
            Self::Bulk(tap) => tap.fmt(f),
            Self::Token(tap) => tap.fmt(f),
            Self::Matter(tap) => tap.fmt(f),
        }
    }
}

impl FromStr for Tap {
    type Err = Outdated;

    fn from_str(data: &str) -> Result<Self, Outdated> {
        if data.len() > LIMIT {
            return Err(Outdated);
        }
        let mut parts = data.splitn(3, ':');
        let (Some(action), Some(VERSION)) = (parts.next(), parts.next()) else { return Err(Outdated) };
        let rest = parts.next();
        let tap = read(action, rest).or_else(|| area(action, rest)).ok_or(Outdated)?;
        // What we would not have written so was not written by us.
        if tap.to_string() == data { Ok(tap) } else { Err(Outdated) }
    }
}

fn read(action: &str, rest: Option<&str>) -> Option<Tap> {
    match (action, rest) {
        ("home", None) => Some(Tap::Home),
        ("help", None) => Some(Tap::Help),
        ("list", Some(spot)) => Some(Tap::List(spot.parse().ok()?)),
        ("card", Some(rest)) => {
            let (id, spot) = rest.split_once(':')?;
            Some(Tap::Card(ClientId(long(id)?), spot.parse().ok()?))
        }
        ("config", Some(id)) => Some(Tap::Config(ClientId(long(id)?))),
        ("qr", Some(id)) => Some(Tap::Qr(ClientId(long(id)?))),
        ("invite", Some(id)) => Some(Tap::Invite(ClientId(long(id)?))),
        ("ops", Some(id)) => Some(Tap::Log(LogSpot::Client(ClientId(long(id)?)))),
        ("log", Some(spot)) => Some(Tap::Log(spot.parse().ok()?)),
        ("wipe", None) => Some(Tap::Wipe),
        ("lang", None) => Some(Tap::Lang),
        ("lang", Some(code)) => Lang::ALL.into_iter().find(|lang| lang.code() == code).map(Tap::SetLang),
        _ => None,
    }
}

fn area(action: &str, rest: Option<&str>) -> Option<Tap> {
    let new = NewTap::read(action, rest).map(Tap::New);
    new.or_else(|| ChangeTap::read(action, rest).map(Tap::Change))
        .or_else(|| PeopleTap::read(action, rest).map(Tap::People))
        .or_else(|| MineTap::read(action, rest).map(Tap::Mine))
        .or_else(|| BulkTap::read(action, rest).map(Tap::Bulk))
        .or_else(|| TokenTap::read(action, rest).map(Tap::Token))
        .or_else(|| MatterTap::read(action, rest).map(Tap::Matter))
}

/// A UUID in 22 characters.
pub(super) fn short(id: Uuid) -> String {
    BASE64.encode(id.as_bytes())
}

/// The UUID of such characters.
pub(super) fn long(text: &str) -> Option<Uuid> {
    let bytes: [u8; 16] = BASE64.decode(text).ok()?.try_into().ok()?;
    Some(Uuid::from_bytes(bytes))
}
