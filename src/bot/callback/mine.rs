//! The buttons of people about their own clients.

use std::fmt;

/// What such a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MineTap {}

impl fmt::Display for MineTap {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl MineTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(_action: &str, _rest: Option<&str>) -> Option<Self> {
        None
    }
}
