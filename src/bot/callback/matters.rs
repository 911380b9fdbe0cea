//! The buttons of what needs a person.

use std::fmt;

use crate::domain::ids::{ClientId, IntentId};
use crate::domain::matter::Matter;

use super::{Nonce, VERSION, long, short};

/// What such a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatterTap {
    /// All that needs a person.
    List,
    /// See whether the panel is the right one again.
    LookAgain,
    /// Really?
    Ask(Decision),
    /// Yes.
    Yes(Decision, Nonce),
    /// Not now.
    No,
    /// It has been seen to.
    Aside(Aside),
    /// Make this client's panel user again?
    AskRemake(ClientId),
    /// Make it.
    YesRemake(ClientId, Nonce),
    /// After a restore: how does the panel differ?
    Differences,
    /// Everything goes on, with the panel's state.
    GoOn(Nonce),
}

/// What only an owner decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Many clients may lose access, because their date has passed.
    Allow,
    /// Clients that the panel does not know are made there again.
    MakeAgain,
    /// Clients that the panel does not know stay without a link.
    LetGo,
}

/// A matter that a person says has been seen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// [`Matter::Stuck`]
    Stuck(IntentId),
    /// [`Matter::AnotherUser`]
    AnotherUser(ClientId),
    /// [`Matter::UserGone`]
    UserGone(ClientId),
    /// [`Matter::NotRelinked`]
    NotRelinked,
}

impl Decision {
    /// All of them.
    const ALL: [Self; 3] = [Self::Allow, Self::MakeAgain, Self::LetGo];

    fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::MakeAgain => "make",
            Self::LetGo => "drop",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.word() == word)
    }
}

impl Aside {
    /// What can be said so of a matter.
    pub fn of(matter: &Matter) -> Option<Self> {
        match matter {
            Matter::Stuck { intent, .. } => Some(Self::Stuck(*intent)),
            Matter::AnotherUser { client, .. } => Some(Self::AnotherUser(*client)),
            Matter::UserGone { client, .. } => Some(Self::UserGone(*client)),
            Matter::NotRelinked { .. } => Some(Self::NotRelinked),
            _ => None,
        }
    }

    /// The matter's key.
    pub fn key(self) -> String {
        match self {
            Self::Stuck(intent) => Matter::stuck(intent),
            Self::AnotherUser(client) => Matter::another_user(client),
            Self::UserGone(client) => Matter::user_gone(client),
            Self::NotRelinked => Matter::NOT_RELINKED.to_owned(),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let id = |text: &str| long(text.get(1..)?);
        match text.chars().next()? {
            's' => id(text).map(IntentId).map(Self::Stuck),
            'a' => id(text).map(ClientId).map(Self::AnotherUser),
            'g' => id(text).map(ClientId).map(Self::UserGone),
            'r' => Some(Self::NotRelinked),
            _ => None,
        }
    }
}

impl fmt::Display for Aside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stuck(id) => write!(f, "s{}", short(id.0)),
            Self::AnotherUser(id) => write!(f, "a{}", short(id.0)),
            Self::UserGone(id) => write!(f, "g{}", short(id.0)),
            Self::NotRelinked => f.write_str("r"),
        }
    }
}

impl fmt::Display for MatterTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = VERSION;
        match self {
            Self::List => write!(f, "matters:{v}"),
            Self::LookAgain => write!(f, "matters:{v}:look"),
            Self::Ask(decision) => write!(f, "matters:{v}:{}", decision.word()),
            Self::Yes(decision, nonce) => write!(f, "yes:{v}:matter:{}:{}", decision.word(), nonce.text()),
            Self::No => write!(f, "no:{v}:matter"),
            Self::Aside(aside) => write!(f, "aside:{v}:{aside}"),
            Self::AskRemake(id) => write!(f, "remake:{v}:{}", short(id.0)),
            Self::YesRemake(id, nonce) => write!(f, "yes:{v}:remake:{}:{}", short(id.0), nonce.text()),
            Self::Differences => write!(f, "resume:{v}"),
            Self::GoOn(nonce) => write!(f, "yes:{v}:resume:{}", nonce.text()),
        }
    }
}

impl MatterTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(action: &str, rest: Option<&str>) -> Option<Self> {
        match (action, rest) {
            ("matters", None) => Some(Self::List),
            ("matters", Some("look")) => Some(Self::LookAgain),
            ("matters", Some(word)) => Decision::of(word).map(Self::Ask),
            ("resume", None) => Some(Self::Differences),
            ("no", Some("matter")) => Some(Self::No),
            ("aside", Some(aside)) => Aside::read(aside).map(Self::Aside),
            ("remake", Some(id)) => long(id).map(ClientId).map(Self::AskRemake),
            ("yes", Some(rest)) => match rest.split_once(':')? {
                ("matter", rest) => {
                    let (word, nonce) = rest.split_once(':')?;
                    Some(Self::Yes(Decision::of(word)?, Nonce::read(nonce)?))
                }
                ("resume", nonce) => Nonce::read(nonce).map(Self::GoOn),
                ("remake", rest) => {
                    let (id, nonce) = rest.split_once(':')?;
                    Some(Self::YesRemake(ClientId(long(id)?), Nonce::read(nonce)?))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::{LIMIT, Tap};
    use super::*;

    #[test]
    fn every_button_fits_and_is_read_back() {
        let id = Uuid::from_u128(u128::MAX - 7);
        let asides = [
            Aside::Stuck(IntentId(id)),
            Aside::AnotherUser(ClientId(id)),
            Aside::UserGone(ClientId(id)),
            Aside::NotRelinked,
        ];
        let decisions = Decision::ALL.into_iter().flat_map(|decision| {
            [MatterTap::Ask(decision), MatterTap::Yes(decision, Nonce::from_bytes([255; 10]))]
        });
        let asked = [
            MatterTap::AskRemake(ClientId(id)),
            MatterTap::YesRemake(ClientId(id), Nonce::from_bytes([255; 10])),
            MatterTap::Differences,
            MatterTap::GoOn(Nonce::from_bytes([255; 10])),
        ];
        let others = [MatterTap::List, MatterTap::LookAgain, MatterTap::No].into_iter().chain(asked);
        for tap in decisions.chain(others).chain(asides.map(MatterTap::Aside)) {
            let data = tap.to_string();
            assert!(data.len() <= LIMIT, "{data}");
            assert_eq!(data.parse::<Tap>(), Ok(Tap::Matter(tap)));
        }
        for data in [
            "matters:1:never",
            "aside:1:x",
            "aside:1:s",
            "yes:1:matter:allow:",
            "yes:1:resume:",
            "resume:1:now",
            "aside:1:rr",
        ] {
            assert!(data.parse::<Tap>().is_err(), "{data}");
        }
    }
}
