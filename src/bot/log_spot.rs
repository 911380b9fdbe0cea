//! A place in the log: which rows it shows, which page. A filter is named by one row that is like those shown, so the
//! longest names fit into a button.

use std::fmt;
use std::str::FromStr;

use crate::domain::ids::{ClientId, OperationId};
use crate::services::views::LogColumns;

use super::callback::{Outdated, long, short};

/// A place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSpot {
    /// The newest rows of all.
    All,
    /// The newest rows of one client.
    Client(ClientId),
    /// Rows that are like this one in these columns, and no newer.
    Like {
        /// The row.
        row: OperationId,
        /// The columns.
        columns: LogColumns,
        /// The page, from 0.
        page: u32,
    },
}

/// Characters of a UUID in a button.
const ID: usize = 22;

impl fmt::Display for LogSpot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("a"),
            Self::Client(id) => write!(f, "c{}", short(id.0)),
            Self::Like { row, columns, page } => write!(f, "l{:x}{}{page}", mask(*columns), short(row.0)),
        }
    }
}

impl FromStr for LogSpot {
    type Err = Outdated;

    fn from_str(text: &str) -> Result<Self, Outdated> {
        let read = || {
            let (kind, rest) = text.split_at_checked(1)?;
            Some(match (kind, rest) {
                ("a", "") => Self::All,
                ("c", id) => Self::Client(ClientId(long(id)?)),
                ("l", rest) => {
                    let (columns, rest) = rest.split_at_checked(1)?;
                    let (row, page) = rest.split_at_checked(ID)?;
                    let columns = unmask(u8::from_str_radix(columns, 16).ok()?);
                    Self::Like { row: OperationId(long(row)?), columns, page: page.parse().ok()? }
                }
                _ => return None,
            })
        };
        read().ok_or(Outdated)
    }
}

fn mask(columns: LogColumns) -> u8 {
    let LogColumns { client, username, actor, action } = columns;
    u8::from(client) | u8::from(username) << 1 | u8::from(actor) << 2 | u8::from(action) << 3
}

fn unmask(mask: u8) -> LogColumns {
    let has = |bit: u8| mask & bit != 0;
    LogColumns { client: has(1), username: has(2), actor: has(4), action: has(8) }
}
