//! The buttons of the tokens of the REST API.

use std::fmt;

use crate::domain::ids::TokenId;

use super::{Nonce, VERSION as V, long, short};

/// What such a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenTap {
    /// A page of them.
    List(u32),
    /// Revoke this one?
    Revoke(TokenId),
    /// Revoke it.
    YesRevoke(TokenId, Nonce),
    /// Leave it.
    NoRevoke,
}

impl fmt::Display for TokenTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(page) => write!(f, "token:{V}:list:{page}"),
            Self::Revoke(id) => write!(f, "token:{V}:revoke:{}", short(id.0)),
            Self::YesRevoke(id, nonce) => write!(f, "yes:{V}:token:{}:{}", short(id.0), nonce.text()),
            Self::NoRevoke => write!(f, "no:{V}:token"),
        }
    }
}

impl TokenTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(action: &str, rest: Option<&str>) -> Option<Self> {
        match (action, rest?.split_once(':')) {
            ("token", Some(("list", page))) => Some(Self::List(page.parse().ok()?)),
            ("token", Some(("revoke", id))) => Some(Self::Revoke(TokenId(long(id)?))),
            ("yes", Some(("token", rest))) => {
                let (id, nonce) = rest.split_once(':')?;
                Some(Self::YesRevoke(TokenId(long(id)?), Nonce::read(nonce)?))
            }
            ("no", None) if rest == Some("token") => Some(Self::NoRevoke),
            _ => None,
        }
    }
}
