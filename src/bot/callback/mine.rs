//! The buttons of people about their own clients.

use std::fmt;

use crate::domain::ids::ClientId;

use super::{Nonce, VERSION as V, long, short};

/// What such a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MineTap {
    /// How one's clients stand: the only one, else which?
    Statuses,
    /// How this one stands.
    Status(ClientId),
    /// Something does not work: look what.
    Check,
    /// A page of the keys of this one.
    Keys(ClientId, u32),
    /// One key.
    Key(KeySpot),
    /// Replace the link: of the only one, else of which?
    Rotations,
    /// Replace the link of this one?
    Rotate(ClientId),
    /// Replace it.
    YesRotate(ClientId, Nonce),
    /// Leave it.
    NoRotate(ClientId),
}

/// A key among the others of its client. The panel may have changed them since: the mark tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpot {
    /// Whose key.
    pub client: ClientId,
    /// Its place, from 0.
    pub place: u16,
    /// Eight hexadecimal digits of its hash.
    pub mark: String,
}

impl fmt::Display for MineTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statuses => write!(f, "status:{V}"),
            Self::Status(id) => write!(f, "status:{V}:{}", short(id.0)),
            Self::Check => write!(f, "check:{V}"),
            Self::Keys(id, page) => write!(f, "keys:{V}:{}:{page}", short(id.0)),
            Self::Key(KeySpot { client, place, mark }) => {
                write!(f, "key:{V}:{}:{place}:{mark}", short(client.0))
            }
            Self::Rotations => write!(f, "rotate:{V}"),
            Self::Rotate(id) => write!(f, "rotate:{V}:{}", short(id.0)),
            Self::YesRotate(id, nonce) => write!(f, "yes:{V}:rotate:{}:{}", short(id.0), nonce.text()),
            Self::NoRotate(id) => write!(f, "no:{V}:rotate:{}", short(id.0)),
        }
    }
}

impl MineTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(action: &str, rest: Option<&str>) -> Option<Self> {
        match (action, rest) {
            ("status", None) => Some(Self::Statuses),
            ("status", Some(id)) => Some(Self::Status(client(id)?)),
            ("check", None) => Some(Self::Check),
            ("keys", Some(rest)) => {
                let (id, page) = rest.split_once(':')?;
                Some(Self::Keys(client(id)?, page.parse().ok()?))
            }
            ("key", Some(rest)) => Some(Self::Key(KeySpot::read(rest)?)),
            ("rotate", None) => Some(Self::Rotations),
            ("rotate", Some(id)) => Some(Self::Rotate(client(id)?)),
            ("yes", Some(rest)) => {
                let (id, nonce) = rest.strip_prefix("rotate:")?.split_once(':')?;
                Some(Self::YesRotate(client(id)?, Nonce::read(nonce)?))
            }
            ("no", Some(rest)) => Some(Self::NoRotate(client(rest.strip_prefix("rotate:")?)?)),
            _ => None,
        }
    }
}

impl KeySpot {
    fn read(rest: &str) -> Option<Self> {
        let mut parts = rest.splitn(3, ':');
        let (client, place) = (client(parts.next()?)?, parts.next()?.parse().ok()?);
        let mark = parts.next()?;
        let is_mark = mark.len() == 8 && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_mark.then(|| Self { client, place, mark: mark.to_owned() })
    }
}

fn client(text: &str) -> Option<ClientId> {
    long(text).map(ClientId)
}
