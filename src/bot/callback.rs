//! What stands in a button: typed, at most 64 bytes, written and read only here.
//!
//! `action:version:rest`. The action's name comes first so that a log is readable, then the version: a button of an
//! older version, like anything that was never a button of ours, is answered "out of date" with a fresh screen.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::clock::Entropy;
use crate::domain::days::Days;
use crate::domain::ids::{ClientId, TokenId};
use crate::domain::person::Lang;
use crate::domain::username::Username;

use super::spot::Spot;

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
    /// Begin the dialogue for a new client.
    New,
    /// The answer to "how many days?".
    NewDays(Days),
    /// Create it.
    YesNew(NewClientOffer),
    /// Do not create it.
    NoNew,
    /// The languages.
    Lang,
    /// This language.
    SetLang(Lang),
    /// A page of the tokens of the REST API.
    Tokens(u32),
    /// Revoke this one?
    RevokeToken(TokenId),
    /// Revoke it.
    YesRevokeToken(TokenId, Nonce),
    /// Leave it.
    NoRevokeToken,
    /// Delete the message with this button.
    Wipe,
}

/// A question whose "yes" creates a client. All that is needed stands in the button, so that a second tap finds the
/// result of the first, even after the dialogue is long over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClientOffer {
    /// The name.
    pub username: Username,
    /// The days.
    pub days: Days,
    /// Makes all taps of this one button the same request.
    pub nonce: Nonce,
}

/// The minute it was made, and six random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonce {
    minute: u32,
    random: [u8; 6],
}

impl Nonce {
    /// A fresh one.
    pub fn new(now: DateTime<Utc>, entropy: &dyn Entropy) -> Self {
        let mut random = [0; 6];
        entropy.fill(&mut random);
        Self { minute: u32::try_from(now.timestamp() / 60).unwrap_or_default(), random }
    }

    /// Whether 24 hours have passed: then the button is out of date.
    pub fn stale(self, now: DateTime<Utc>) -> bool {
        let made = DateTime::from_timestamp(i64::from(self.minute) * 60, 0).unwrap_or_default();
        now.signed_duration_since(made) > TimeDelta::hours(24)
    }

    /// As the key of the change it causes.
    pub fn text(self) -> String {
        BASE64.encode(self.bytes())
    }

    fn bytes(self) -> [u8; 10] {
        let [a, b, c, d] = self.minute.to_be_bytes();
        let [e, f, g, h, i, j] = self.random;
        [a, b, c, d, e, f, g, h, i, j]
    }

    fn from_bytes(bytes: [u8; 10]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j] = bytes;
        Self { minute: u32::from_be_bytes([a, b, c, d]), random: [e, f, g, h, i, j] }
    }
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
            Self::New => write!(f, "new:{v}"),
            Self::NewDays(days) => write!(f, "new:{v}:{days}"),
            Self::YesNew(offer) => write!(f, "yes:{v}:new:{}:{}", offer.packed(), offer.username),
            Self::NoNew => write!(f, "no:{v}:new"),
            Self::Lang => write!(f, "lang:{v}"),
            Self::SetLang(lang) => write!(f, "lang:{v}:{}", lang.code()),
            Self::Tokens(page) => write!(f, "token:{v}:list:{page}"),
            Self::RevokeToken(id) => write!(f, "token:{v}:revoke:{}", short(id.0)),
            Self::YesRevokeToken(id, nonce) => write!(f, "yes:{v}:token:{}:{}", short(id.0), nonce.text()),
            Self::NoRevokeToken => write!(f, "no:{v}:token"),
            Self::Wipe => write!(f, "wipe:{v}"),
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
        read(action, parts.next()).ok_or(Outdated)
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
        ("new", None) => Some(Tap::New),
        ("new", Some(days)) => Some(Tap::NewDays(days.parse().ok()?)),
        ("yes", Some(rest)) => yes(rest.split_once(':')?),
        ("no", Some("new")) => Some(Tap::NoNew),
        ("no", Some("token")) => Some(Tap::NoRevokeToken),
        ("token", Some(rest)) => match rest.split_once(':')? {
            ("list", page) => Some(Tap::Tokens(page.parse().ok()?)),
            ("revoke", id) => Some(Tap::RevokeToken(TokenId(long(id)?))),
            _ => None,
        },
        ("wipe", None) => Some(Tap::Wipe),
        ("lang", None) => Some(Tap::Lang),
        ("lang", Some(code)) => Lang::ALL.into_iter().find(|lang| lang.code() == code).map(Tap::SetLang),
        _ => None,
    }
}

/// The confirming button of a question.
fn yes((what, rest): (&str, &str)) -> Option<Tap> {
    match what {
        "new" => Some(Tap::YesNew(NewClientOffer::read(rest)?)),
        "token" => {
            let (id, nonce) = rest.split_once(':')?;
            let nonce = Nonce::from_bytes(BASE64.decode(nonce).ok()?.try_into().ok()?);
            Some(Tap::YesRevokeToken(TokenId(long(id)?), nonce))
        }
        _ => None,
    }
}

impl NewClientOffer {
    /// Nonce and days in sixteen characters: with a name of 36 the whole is 63 bytes.
    fn packed(&self) -> String {
        let mut bytes = self.nonce.bytes().to_vec();
        bytes.extend(u16::try_from(self.days.get()).unwrap_or_default().to_be_bytes());
        BASE64.encode(bytes)
    }

    fn read(rest: &str) -> Option<Self> {
        let (packed, username) = rest.split_once(':')?;
        let bytes: [u8; 12] = BASE64.decode(packed).ok()?.try_into().ok()?;
        let (nonce, days) = bytes.split_first_chunk::<10>()?;
        let days = u16::from_be_bytes(days.try_into().ok()?);
        let days = Days::try_from(i64::from(days)).ok()?;
        Some(Self { username: username.parse().ok()?, days, nonce: Nonce::from_bytes(*nonce) })
    }
}

/// A UUID in 22 characters.
fn short(id: Uuid) -> String {
    BASE64.encode(id.as_bytes())
}

fn long(text: &str) -> Option<Uuid> {
    let bytes: [u8; 16] = BASE64.decode(text).ok()?.try_into().ok()?;
    Some(Uuid::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::spot::{Expiry, Purpose};
    use super::*;
    use crate::domain::client::Status;

    fn spots() -> impl Strategy<Value = Spot> {
        (
            prop::sample::select(vec![Purpose::Card, Purpose::Config, Purpose::Invite]),
            prop::sample::select(vec![None, Some(Status::Active), Some(Status::Blocked)]),
            prop::sample::select(vec![None, Some(Expiry::Valid), Some(Expiry::Expired), Some(Expiry::Soon)]),
            any::<u32>(),
        )
            .prop_map(|(purpose, status, expiry, page)| Spot { purpose, status, expiry, page })
    }

    fn offers() -> impl Strategy<Value = NewClientOffer> {
        ("[A-Za-z0-9_-]{3,36}", 1_i64..=3650, any::<u32>(), any::<[u8; 6]>()).prop_map(
            |(username, days, minute, random)| NewClientOffer {
                username: username.parse().unwrap(),
                days: days.try_into().unwrap(),
                nonce: Nonce { minute, random },
            },
        )
    }

    fn taps() -> impl Strategy<Value = Tap> {
        let id = || any::<u128>().prop_map(|bits| ClientId(Uuid::from_u128(bits)));
        prop_oneof![
            prop::sample::select(vec![
                Tap::Home,
                Tap::Help,
                Tap::New,
                Tap::NoNew,
                Tap::Lang,
                Tap::SetLang(Lang::Ru),
                Tap::SetLang(Lang::En),
                Tap::NoRevokeToken,
                Tap::Wipe,
            ]),
            spots().prop_map(Tap::List),
            (id(), spots()).prop_map(|(id, spot)| Tap::Card(id, spot)),
            id().prop_map(Tap::Config),
            id().prop_map(Tap::Qr),
            id().prop_map(Tap::Invite),
            (1_i64..=3650).prop_map(|days| Tap::NewDays(days.try_into().unwrap())),
            offers().prop_map(Tap::YesNew),
            any::<u32>().prop_map(Tap::Tokens),
            any::<u128>().prop_map(|bits| Tap::RevokeToken(TokenId(Uuid::from_u128(bits)))),
            (any::<u128>(), any::<u32>(), any::<[u8; 6]>()).prop_map(|(bits, minute, random)| {
                Tap::YesRevokeToken(TokenId(Uuid::from_u128(bits)), Nonce { minute, random })
            }),
        ]
    }

    proptest! {
        #[test]
        fn every_button_fits_and_is_read_back(tap in taps()) {
            let data = tap.to_string();
            prop_assert!(data.len() <= LIMIT, "{data}");
            prop_assert_eq!(data.parse::<Tap>(), Ok(tap));
        }

        #[test]
        fn anything_else_is_out_of_date_and_never_a_panic(data in any::<String>()) {
            let _ = data.parse::<Tap>();
        }

        #[test]
        fn what_nearly_is_a_button_neither(action in "home|list|card|config|yes|no|lang|new|invite|token|wipe",
                                           version in "[0-9]{0,2}", rest in "[:A-Za-z0-9_-]{0,60}") {
            if let Ok(tap) = format!("{action}:{version}:{rest}").parse::<Tap>() {
                prop_assert!(tap.to_string().len() <= LIMIT);
            }
        }
    }

    #[test]
    fn an_older_version_is_out_of_date() {
        assert_eq!("home:0".parse::<Tap>(), Err(Outdated));
        assert_eq!("home".parse::<Tap>(), Err(Outdated));
        assert_eq!("home:1:more".parse::<Tap>(), Err(Outdated));
    }

    #[test]
    fn a_nonce_is_stale_after_a_day() {
        let made = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let nonce = Nonce { minute: 30_000_000, random: [7; 6] };
        assert!(!nonce.stale(made + TimeDelta::hours(23)));
        assert!(nonce.stale(made + TimeDelta::hours(25)));
    }
}
