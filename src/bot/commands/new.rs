//! The words of `/new`.

use super::{Command, Usage};

/// `/new [USERNAME [DAYS]]`, still unread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCommand {
    /// The name as typed.
    pub username: Option<String>,
    /// The days as typed.
    pub days: Option<String>,
}

pub(super) fn read(words: &[&str]) -> Command {
    let (username, days) = match words {
        [] => (None, None),
        [username] => (Some(*username), None),
        [username, days] => (Some(*username), Some(*days)),
        _ => return Command::Misused(Usage::New),
    };
    Command::New(NewCommand { username: username.map(str::to_owned), days: days.map(str::to_owned) })
}
