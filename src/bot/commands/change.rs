//! The words that change a client.

use super::Command;

/// Such a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeCommand {}

/// Reads it, if it is one of these. `rest` is what follows the name, trimmed.
pub(super) fn read(_name: &str, _rest: &str) -> Option<Command> {
    None
}
