//! The words about one's own clients.

use super::Command;

/// Such a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MineCommand {}

/// Reads it, if it is one of these. `rest` is what follows the name, trimmed.
pub(super) fn read(_name: &str, _rest: &str) -> Option<Command> {
    None
}
