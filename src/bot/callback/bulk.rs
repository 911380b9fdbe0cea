//! The buttons of search, import, broadcast and numbers.

use std::fmt;

/// What such a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkTap {}

impl fmt::Display for BulkTap {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl BulkTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(_action: &str, _rest: Option<&str>) -> Option<Self> {
        None
    }
}
