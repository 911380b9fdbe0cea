//! A place in the list: what a tap on a client does there, which clients it shows, which page.

use std::fmt;
use std::str::FromStr;

use crate::domain::client::{ClientFilter, Status};

/// What "expires soon" means, in hours: three days, as on the home screen.
const SOON_HOURS: u32 = 72;

/// What a tap on a client of the list does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Opens its card.
    #[default]
    Card,
    /// Sends its configuration.
    Config,
    /// Makes an invite for it.
    Invite,
    /// Shows its log.
    Log,
    /// Asks for how many days more.
    Extend,
    /// Asks for another date.
    Date,
    /// Asks for its note.
    Note,
    /// Asks whether to delete it.
    Delete,
    /// Takes its Telegram account off.
    Unlink,
}

/// Which dates the list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// Those that are still good.
    Valid,
    /// Those that have passed.
    Expired,
    /// Those that are good for three days at most.
    Soon,
}

/// A place in the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spot {
    /// What a tap on a client does.
    pub purpose: Purpose,
    /// Only with this status.
    pub status: Option<Status>,
    /// Only with such dates.
    pub expiry: Option<Expiry>,
    /// The page, from 0.
    pub page: u32,
}

impl Spot {
    /// The same list at another page.
    pub fn at(self, page: u32) -> Self {
        Self { page, ..self }
    }

    /// The first page of another filter, for the same purpose.
    pub fn filtered(self, status: Option<Status>, expiry: Option<Expiry>) -> Self {
        Self { status, expiry, page: 0, ..self }
    }

    /// Whether both show the same clients.
    pub fn same_filter(self, other: Self) -> bool {
        self.status == other.status && self.expiry == other.expiry
    }

    /// The filter as the services take it.
    pub fn filter(self) -> ClientFilter {
        let mut filter = ClientFilter { status: self.status, ..ClientFilter::default() };
        match self.expiry {
            Some(Expiry::Valid) => filter.expired = Some(false),
            Some(Expiry::Expired) => filter.expired = Some(true),
            Some(Expiry::Soon) => filter.expiring_within_hours = Some(SOON_HOURS),
            None => {}
        }
        filter
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let purpose = match self.purpose {
            Purpose::Card => 'c',
            Purpose::Config => 'g',
            Purpose::Invite => 'i',
            Purpose::Log => 'l',
            Purpose::Extend => 'e',
            Purpose::Date => 'd',
            Purpose::Note => 'n',
            Purpose::Delete => 'x',
            Purpose::Unlink => 'u',
        };
        let status = match self.status {
            Some(Status::Active) => 'a',
            Some(Status::Blocked) => 'b',
            None => '-',
        };
        let expiry = match self.expiry {
            Some(Expiry::Valid) => 'v',
            Some(Expiry::Expired) => 'e',
            Some(Expiry::Soon) => 's',
            None => '-',
        };
        write!(f, "{purpose}{status}{expiry}{}", self.page)
    }
}

impl FromStr for Spot {
    type Err = super::callback::Outdated;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut chars = text.chars();
        let purpose = match chars.next() {
            Some('c') => Purpose::Card,
            Some('g') => Purpose::Config,
            Some('i') => Purpose::Invite,
            Some('l') => Purpose::Log,
            Some('e') => Purpose::Extend,
            Some('d') => Purpose::Date,
            Some('n') => Purpose::Note,
            Some('x') => Purpose::Delete,
            Some('u') => Purpose::Unlink,
            _ => return Err(super::callback::Outdated),
        };
        let status = match chars.next() {
            Some('a') => Some(Status::Active),
            Some('b') => Some(Status::Blocked),
            Some('-') => None,
            _ => return Err(super::callback::Outdated),
        };
        let expiry = match chars.next() {
            Some('v') => Some(Expiry::Valid),
            Some('e') => Some(Expiry::Expired),
            Some('s') => Some(Expiry::Soon),
            Some('-') => None,
            _ => return Err(super::callback::Outdated),
        };
        let page = chars.as_str().parse().map_err(|_| super::callback::Outdated)?;
        Ok(Self { purpose, status, expiry, page })
    }
}
