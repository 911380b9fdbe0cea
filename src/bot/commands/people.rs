//! The words about roles and links.

use super::Command;

/// Such a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleCommand {}

/// Reads it, if it is one of these. `rest` is what follows the name, trimmed.
pub(super) fn read(_name: &str, _rest: &str) -> Option<Command> {
    None
}
