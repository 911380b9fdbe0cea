//! A place in the list: what a tap on a client does there, which clients it shows, which page.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::domain::client::{ClientFilter, Status};
use crate::domain::search::{ClientOrder, SearchId};
use crate::services::finding::Look;

/// What "expires soon" means, in hours: three days, as on the home screen.
const SOON_HOURS: u32 = 72;

/// The last page that can be reached.
pub(super) const LAST_PAGE: u32 = 99_999;

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
    /// Opens its card, to take access away.
    Block,
    /// Opens its card, to give access back.
    Unblock,
    /// Asks whether to replace its link.
    Rotate,
    /// As [`Self::Card`], below a message that stays as it is: the morning's, whose other buttons are still needed.
    Today,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 13] = [
        Self::Card,
        Self::Config,
        Self::Invite,
        Self::Log,
        Self::Extend,
        Self::Date,
        Self::Note,
        Self::Delete,
        Self::Unlink,
        Self::Block,
        Self::Unblock,
        Self::Rotate,
        Self::Today,
    ];

    /// As it stands in a button.
    pub fn letter(self) -> char {
        match self {
            Self::Card => 'c',
            Self::Config => 'g',
            Self::Invite => 'i',
            Self::Log => 'l',
            Self::Extend => 'e',
            Self::Date => 'd',
            Self::Note => 'n',
            Self::Delete => 'x',
            Self::Unlink => 'u',
            Self::Block => 'b',
            Self::Unblock => 'o',
            Self::Rotate => 'r',
            Self::Today => 't',
        }
    }

    /// The purpose of that letter.
    pub fn of(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.letter() == letter)
    }
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
    /// In which order.
    pub order: ClientOrder,
    /// Only what this search finds. Its text would not fit into a button.
    pub search: Option<SearchId>,
    /// The page, from 0.
    pub page: u32,
}

impl Spot {
    /// The same list at another page, of which five digits fit into a button.
    pub fn at(self, page: u32) -> Self {
        Self { page: page.min(LAST_PAGE), ..self }
    }

    /// The first page of another filter, for the same purpose.
    pub fn filtered(self, status: Option<Status>, expiry: Option<Expiry>) -> Self {
        Self { status, expiry, page: 0, ..self }
    }

    /// The first page in another order.
    pub fn ordered(self, order: ClientOrder) -> Self {
        Self { order, page: 0, ..self }
    }

    /// The first page of what a search finds, or of all.
    pub fn searched(self, search: Option<SearchId>) -> Self {
        Self { search, page: 0, ..self }
    }

    /// The same place for what follows.
    pub fn further(self) -> Self {
        if self.purpose == Purpose::Today { Self { purpose: Purpose::Card, ..self } } else { self }
    }

    /// What the services are to look for.
    pub fn look(self) -> Look {
        Look { filter: self.filter(), order: self.order, search: self.search }
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
        let purpose = self.purpose.letter();
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
        // The newest first has no sign, so that buttons of before there was an order are still read.
        let order = match self.order {
            ClientOrder::Newest => "",
            ClientOrder::Expiry => "x",
        };
        write!(f, "{purpose}{status}{expiry}{order}{}", self.page)?;
        match self.search {
            Some(search) => write!(f, "~{}", BASE64.encode(search.bytes())),
            None => Ok(()),
        }
    }
}

impl FromStr for Spot {
    type Err = super::callback::Outdated;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut chars = text.chars();
        let purpose = chars.next().and_then(Purpose::of).ok_or(super::callback::Outdated)?;
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
        let rest = chars.as_str();
        let (order, rest) = match rest.strip_prefix('x') {
            Some(rest) => (ClientOrder::Expiry, rest),
            None => (ClientOrder::Newest, rest),
        };
        let (page, search) = match rest.split_once('~') {
            Some((page, search)) => (page, Some(read_search(search).ok_or(super::callback::Outdated)?)),
            None => (rest, None),
        };
        let page = page.parse().ok().filter(|page| *page <= LAST_PAGE).ok_or(super::callback::Outdated)?;
        Ok(Self { purpose, status, expiry, order, search, page })
    }
}

fn read_search(text: &str) -> Option<SearchId> {
    let bytes: [u8; 4] = BASE64.decode(text).ok()?.try_into().ok()?;
    Some(bytes.into())
}
