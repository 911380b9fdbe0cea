//! The buttons of roles, links and invites.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use uuid::Uuid;

use crate::domain::actor::GivenRole;
use crate::domain::ids::{ClientId, TelegramId};
use crate::services::links::Link;

use super::{Nonce, VERSION as V, long, short};

/// What such a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleTap {
    /// A page of those who have a role.
    Roles(u32),
    /// Somebody and their role.
    Person(TelegramId),
    /// Give somebody a role: whom?
    Give,
    /// Not now.
    NoGive,
    /// Give this one, or take theirs away?
    AskRole(TelegramId, Option<GivenRole>),
    /// Do that.
    YesRole(TelegramId, Option<GivenRole>, Nonce),
    /// Leave it as it is.
    NoRole(TelegramId),
    /// Take the Telegram account off this client? Only this account, where one is named.
    AskUnlink(ClientId, Option<TelegramId>),
    /// Take it off.
    YesUnlink(Link, Nonce),
    /// Leave it.
    NoUnlink(ClientId),
    /// Move this client to another Telegram account?
    AskMove(ClientId),
    /// Move it; with another link if so.
    YesMove(Link, Nonce, bool),
}

impl fmt::Display for PeopleTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Roles(page) => write!(f, "roles:{V}:{page}"),
            Self::Person(id) => write!(f, "role:{V}:{id}"),
            Self::Give => write!(f, "grant:{V}"),
            Self::NoGive => write!(f, "no:{V}:grant"),
            Self::AskRole(id, role) => write!(f, "role:{V}:{id}:{}", word(*role)),
            Self::YesRole(id, role, nonce) => write!(f, "yes:{V}:role:{id}:{}:{}", word(*role), nonce.text()),
            Self::NoRole(id) => write!(f, "no:{V}:role:{id}"),
            Self::AskUnlink(id, None) => write!(f, "unlink:{V}:{}", short(id.0)),
            Self::AskUnlink(id, Some(person)) => write!(f, "unlink:{V}:{}:{person}", short(id.0)),
            Self::YesUnlink(link, nonce) => write!(f, "yes:{V}:unlink:{}", packed(*link, *nonce)),
            Self::NoUnlink(id) => write!(f, "no:{V}:unlink:{}", short(id.0)),
            Self::AskMove(id) => write!(f, "move:{V}:{}", short(id.0)),
            Self::YesMove(link, nonce, false) => write!(f, "yes:{V}:move:{}", packed(*link, *nonce)),
            Self::YesMove(link, nonce, true) => write!(f, "yes:{V}:renew:{}", packed(*link, *nonce)),
        }
    }
}

impl PeopleTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(action: &str, rest: Option<&str>) -> Option<Self> {
        let Some(rest) = rest else { return (action == "grant").then_some(Self::Give) };
        match (action, rest.split_once(':')) {
            ("roles", None) => Some(Self::Roles(rest.parse().ok()?)),
            ("role", None) => Some(Self::Person(person(rest)?)),
            ("role", Some((id, role))) => Some(Self::AskRole(person(id)?, read_word(role)?)),
            ("unlink", None) => Some(Self::AskUnlink(ClientId(long(rest)?), None)),
            ("unlink", Some((id, who))) => Some(Self::AskUnlink(ClientId(long(id)?), Some(person(who)?))),
            ("move", None) => Some(Self::AskMove(ClientId(long(rest)?))),
            ("yes", Some((what, rest))) => yes(what, rest),
            ("no", None) if rest == "grant" => Some(Self::NoGive),
            ("no", Some(("role", id))) => Some(Self::NoRole(person(id)?)),
            ("no", Some(("unlink", id))) => Some(Self::NoUnlink(ClientId(long(id)?))),
            _ => None,
        }
    }
}

fn yes(what: &str, rest: &str) -> Option<PeopleTap> {
    if what == "role" {
        let (id, rest) = rest.split_once(':')?;
        let (role, nonce) = rest.split_once(':')?;
        return Some(PeopleTap::YesRole(person(id)?, read_word(role)?, Nonce::read(nonce)?));
    }
    let (link, nonce) = unpacked(rest)?;
    match what {
        "unlink" => Some(PeopleTap::YesUnlink(link, nonce)),
        "move" => Some(PeopleTap::YesMove(link, nonce, false)),
        "renew" => Some(PeopleTap::YesMove(link, nonce, true)),
        _ => None,
    }
}

/// Telegram's ids of people are positive.
fn person(text: &str) -> Option<TelegramId> {
    text.parse().ok().filter(|id| *id > 0).map(TelegramId)
}

fn word(role: Option<GivenRole>) -> &'static str {
    role.map_or("none", |given| given.role().as_str())
}

/// The inner `None` takes a role away.
fn read_word(text: &str) -> Option<Option<GivenRole>> {
    if text == "none" { Some(None) } else { GivenRole::from_word(text).map(Some) }
}

/// Client, person and nonce in 46 characters.
fn packed(link: Link, nonce: Nonce) -> String {
    let mut bytes = link.client.0.as_bytes().to_vec();
    bytes.extend(link.person.0.to_be_bytes());
    bytes.extend(nonce.bytes());
    BASE64.encode(bytes)
}

fn unpacked(text: &str) -> Option<(Link, Nonce)> {
    let bytes: [u8; 34] = BASE64.decode(text).ok()?.try_into().ok()?;
    let (client, rest) = bytes.split_first_chunk::<16>()?;
    let (person, nonce) = rest.split_first_chunk::<8>()?;
    let link =
        Link { client: ClientId(Uuid::from_bytes(*client)), person: TelegramId(i64::from_be_bytes(*person)) };
    Some((link, Nonce::from_bytes(nonce.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{LIMIT, Tap};
    use super::*;

    fn taps() -> impl Strategy<Value = PeopleTap> {
        let id = || (1..=i64::MAX).prop_map(TelegramId);
        let client = || any::<u128>().prop_map(|bits| ClientId(Uuid::from_u128(bits)));
        let role = || {
            let all = GivenRole::ALL.map(Some).into_iter().chain([None]).collect::<Vec<_>>();
            prop::sample::select(all)
        };
        let nonce = || any::<[u8; 10]>().prop_map(Nonce::from_bytes);
        let link = move || (client(), id()).prop_map(|(client, person)| Link { client, person });
        prop_oneof![
            Just(PeopleTap::Give),
            Just(PeopleTap::NoGive),
            any::<u32>().prop_map(PeopleTap::Roles),
            id().prop_map(PeopleTap::Person),
            id().prop_map(PeopleTap::NoRole),
            (id(), role()).prop_map(|(id, role)| PeopleTap::AskRole(id, role)),
            (id(), role(), nonce()).prop_map(|(id, role, nonce)| PeopleTap::YesRole(id, role, nonce)),
            (client(), proptest::option::of(id())).prop_map(|(id, who)| PeopleTap::AskUnlink(id, who)),
            client().prop_map(PeopleTap::NoUnlink),
            client().prop_map(PeopleTap::AskMove),
            (link(), nonce()).prop_map(|(link, nonce)| PeopleTap::YesUnlink(link, nonce)),
            (link(), nonce(), any::<bool>())
                .prop_map(|(link, nonce, new)| PeopleTap::YesMove(link, nonce, new)),
        ]
    }

    proptest! {
        #[test]
        fn every_button_fits_and_is_read_back(tap in taps()) {
            let data = tap.to_string();
            prop_assert!(data.len() <= LIMIT, "{data}");
            prop_assert_eq!(data.parse::<Tap>(), Ok(Tap::People(tap)));
        }
    }

    #[test]
    fn no_group_and_no_owner_is_given_a_role() {
        for data in ["role:1:-5", "role:1:0", "role:1:5:owner", "role:1:5:user", "role:1:+5", "role:1:05"] {
            assert!(data.parse::<Tap>().is_err(), "{data}");
        }
    }
}
