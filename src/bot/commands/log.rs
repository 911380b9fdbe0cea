//! The words of `/log`.

use crate::domain::ids::{ClientRef, TelegramId};
use crate::domain::operation::Action;

use super::{Command, Usage};

/// What `/log` shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogWords {
    /// About which client.
    pub client: Option<ClientRef>,
    /// Done by whom.
    pub who: Option<Who>,
    /// What was done.
    pub action: Option<Action>,
}

/// Who is meant by a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// `@name`, without the at sign.
    At(String),
    /// A Telegram id.
    Id(TelegramId),
    /// An actor as the log names it: `token:shop`.
    Label(String),
}

/// Each word tells by its form what it is; none of them twice. Digits are a person's id: a client with such a name is
/// found by `/ops`.
pub(super) fn read(words: &[&str]) -> Command {
    let mut read = LogWords::default();
    for word in words {
        if let Some(action) = action(word).filter(|_| read.action.is_none()) {
            read.action = Some(action);
        } else if let Some(who) = who(word) {
            if read.who.replace(who).is_some() {
                return Command::Misused(Usage::Log);
            }
        } else {
            let client = match word.parse() {
                Ok(client) => client,
                Err(never) => match never {},
            };
            if read.client.replace(client).is_some() {
                return Command::Misused(Usage::Log);
            }
        }
    }
    Command::Log(read)
}

fn action(word: &str) -> Option<Action> {
    Action::ALL.into_iter().find(|action| action.as_str().eq_ignore_ascii_case(word))
}

fn who(word: &str) -> Option<Who> {
    if let Some(name) = word.strip_prefix('@') {
        return Some(Who::At(name.to_owned()));
    }
    if word.contains(':') && !word.starts_with("urn:") {
        return Some(Who::Label(word.to_owned()));
    }
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|_| digits).map(|id| Who::Id(TelegramId(id)))
}
