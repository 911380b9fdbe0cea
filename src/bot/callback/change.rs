//! The buttons that change a client.

use std::fmt;

/// What such a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeTap {}

impl fmt::Display for ChangeTap {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl ChangeTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(_action: &str, _rest: Option<&str>) -> Option<Self> {
        None
    }
}
