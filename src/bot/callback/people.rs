//! The buttons of roles, links and invites.

use std::fmt;

/// What such a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleTap {}

impl fmt::Display for PeopleTap {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl PeopleTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(_action: &str, _rest: Option<&str>) -> Option<Self> {
        None
    }
}
