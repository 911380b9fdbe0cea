//! The buttons that change a client. Each knows where in the list Back leads.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::bot::spot::Spot;
use crate::domain::days::Days;
use crate::domain::ids::ClientId;

use super::{Nonce, VERSION as V, long, short};

/// What such a button says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeTap {
    /// For how many days more?
    Extend(ClientId, Spot),
    /// So many days more.
    ExtendBy(ClientId, Days, Nonce, Spot),
    /// Until which date?
    Date(ClientId, Spot),
    /// Access off.
    Block(ClientId, Nonce, Spot),
    /// Access on.
    Unblock(ClientId, Nonce, Spot),
    /// Take so many days back; the client must not have changed since that moment.
    Undo(ClientId, Days, DateTime<Utc>, Spot),
    /// Really delete it?
    Delete(ClientId, Spot),
    /// Delete it.
    YesDelete(ClientId, Nonce, Spot),
    /// Really replace the link?
    Rotate(ClientId, Spot),
    /// Replace it.
    YesRotate(ClientId, Nonce, Spot),
    /// What is there to note?
    Note(ClientId, Spot),
    /// Nothing any more.
    YesUnnote(ClientId, Spot),
    /// Leave the client as it is.
    No(ClientId, Spot),
}

impl fmt::Display for ChangeTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extend(id, spot) => write!(f, "extend:{V}:{}:{spot}", short(id.0)),
            Self::ExtendBy(id, days, nonce, spot) => {
                write!(f, "extend:{V}:{}:{spot}", pack(*id, &nonce.bytes(), Some(*days)))
            }
            Self::Date(id, spot) => write!(f, "date:{V}:{}:{spot}", short(id.0)),
            Self::Block(id, nonce, spot) => write!(f, "block:{V}:{}:{spot}", pack(*id, &nonce.bytes(), None)),
            Self::Unblock(id, nonce, spot) => {
                write!(f, "unblock:{V}:{}:{spot}", pack(*id, &nonce.bytes(), None))
            }
            Self::Undo(id, days, at, spot) => {
                write!(f, "undo:{V}:{}:{spot}", pack(*id, &at.timestamp_micros().to_be_bytes(), Some(*days)))
            }
            Self::Delete(id, spot) => write!(f, "delete:{V}:{}:{spot}", short(id.0)),
            Self::YesDelete(id, nonce, spot) => {
                write!(f, "yes:{V}:delete:{}:{spot}", pack(*id, &nonce.bytes(), None))
            }
            Self::Rotate(id, spot) => write!(f, "rotate:{V}:{}:{spot}", short(id.0)),
            Self::YesRotate(id, nonce, spot) => {
                write!(f, "yes:{V}:rotate:{}:{spot}", pack(*id, &nonce.bytes(), None))
            }
            Self::Note(id, spot) => write!(f, "note:{V}:{}:{spot}", short(id.0)),
            Self::YesUnnote(id, spot) => write!(f, "yes:{V}:note:{}:{spot}", short(id.0)),
            Self::No(id, spot) => write!(f, "no:{V}:change:{}:{spot}", short(id.0)),
        }
    }
}

impl ChangeTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(action: &str, rest: Option<&str>) -> Option<Self> {
        let (what, rest) = match action {
            "yes" | "no" => rest?.split_once(':')?,
            _ => ("", rest?),
        };
        let (whom, spot) = rest.split_once(':')?;
        let spot: Spot = spot.parse().ok()?;
        let plain = || long(whom).map(ClientId);
        let once = || unpack::<10>(whom, false).map(|(id, nonce, _)| (id, Nonce::from_bytes(nonce)));
        Some(match (action, what) {
            ("extend", _) => match plain() {
                Some(id) => Self::Extend(id, spot),
                None => {
                    let (id, nonce, days) = unpack::<10>(whom, true)?;
                    Self::ExtendBy(id, days?, Nonce::from_bytes(nonce), spot)
                }
            },
            ("date", _) => Self::Date(plain()?, spot),
            ("block", _) => once().map(|(id, nonce)| Self::Block(id, nonce, spot))?,
            ("unblock", _) => once().map(|(id, nonce)| Self::Unblock(id, nonce, spot))?,
            ("undo", _) => {
                let (id, at, days) = unpack::<8>(whom, true)?;
                let at = DateTime::from_timestamp_micros(i64::from_be_bytes(at))?;
                Self::Undo(id, days?, at, spot)
            }
            ("delete", _) => Self::Delete(plain()?, spot),
            ("yes", "delete") => once().map(|(id, nonce)| Self::YesDelete(id, nonce, spot))?,
            ("rotate", _) => Self::Rotate(plain()?, spot),
            ("yes", "rotate") => once().map(|(id, nonce)| Self::YesRotate(id, nonce, spot))?,
            ("note", _) => Self::Note(plain()?, spot),
            ("yes", "note") => Self::YesUnnote(plain()?, spot),
            ("no", "change") => Self::No(plain()?, spot),
            _ => return None,
        })
    }
}

/// A client, what makes the tap unique, and perhaps days, in one run of characters.
fn pack(id: ClientId, unique: &[u8], days: Option<Days>) -> String {
    let mut bytes = id.0.as_bytes().to_vec();
    bytes.extend(unique);
    bytes.extend(days.and_then(|days| u16::try_from(days.get()).ok()).map(u16::to_be_bytes).iter().flatten());
    BASE64.encode(bytes)
}

fn unpack<const N: usize>(text: &str, with_days: bool) -> Option<(ClientId, [u8; N], Option<Days>)> {
    let bytes = BASE64.decode(text).ok()?;
    let (id, rest) = bytes.split_first_chunk::<16>()?;
    let (unique, rest) = rest.split_first_chunk::<N>()?;
    let days = match (with_days, rest) {
        (false, []) => None,
        (true, rest) => {
            let days = u16::from_be_bytes(rest.try_into().ok()?);
            Some(Days::try_from(i64::from(days)).ok()?)
        }
        _ => return None,
    };
    Some((ClientId(Uuid::from_bytes(*id)), *unique, days))
}
