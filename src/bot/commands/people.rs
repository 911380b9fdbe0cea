//! The words about roles and links.

use crate::domain::actor::GivenRole;
use crate::domain::ids::{ClientRef, TelegramId};

use super::{Command, one_client};

/// Such a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleCommand {
    /// `/roles`
    Roles,
    /// `/grant [ID [ROLE]]`
    Grant(Option<PersonRef>, Option<GivenRole>),
    /// `/revoke [ID]`
    Revoke(Option<PersonRef>),
    /// `/grant` and `/revoke` with other words.
    Misused,
    /// `/unlink [CLIENT]`
    Unlink(Option<ClientRef>),
}

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonRef {
    /// By Telegram id.
    Id(TelegramId),
    /// By `@name`, without the at sign.
    At(String),
}

impl PersonRef {
    /// The person of a word: digits, or something after an at sign.
    pub fn read(word: &str) -> Option<Self> {
        if let Some(name) = word.strip_prefix('@') {
            return (!name.is_empty()).then(|| Self::At(name.to_owned()));
        }
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        word.parse().ok().filter(|id| digits && *id > 0).map(|id| Self::Id(TelegramId(id)))
    }
}

/// Reads it, if it is one of these. `rest` is what follows the name, trimmed.
pub(super) fn read(name: &str, rest: &str) -> Option<Command> {
    let words: Vec<&str> = rest.split_whitespace().take(3).collect();
    let command = match name {
        "roles" if words.is_empty() => PeopleCommand::Roles,
        "roles" => PeopleCommand::Misused,
        "grant" => grant(&words).unwrap_or(PeopleCommand::Misused),
        "revoke" => revoke(&words).unwrap_or(PeopleCommand::Misused),
        "unlink" => {
            return Some(one_client(&words, |client| Command::People(PeopleCommand::Unlink(client))));
        }
        _ => return None,
    };
    Some(Command::People(command))
}

fn grant(words: &[&str]) -> Option<PeopleCommand> {
    Some(match words {
        [] => PeopleCommand::Grant(None, None),
        [who] => PeopleCommand::Grant(Some(PersonRef::read(who)?), None),
        [who, role] => PeopleCommand::Grant(Some(PersonRef::read(who)?), Some(GivenRole::from_word(role)?)),
        _ => return None,
    })
}

fn revoke(words: &[&str]) -> Option<PeopleCommand> {
    Some(match words {
        [] => PeopleCommand::Revoke(None),
        [who] => PeopleCommand::Revoke(Some(PersonRef::read(who)?)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Usage;
    use super::*;

    #[test]
    fn people_are_named_by_number_or_name() {
        let read = |text: &str| match Command::read(text) {
            Some(Command::People(command)) => command,
            other => panic!("{text}: {other:?}"),
        };
        let five = || Some(PersonRef::Id(TelegramId(5)));
        assert_eq!(read("/roles"), PeopleCommand::Roles);
        assert_eq!(read("/grant"), PeopleCommand::Grant(None, None));
        assert_eq!(read("/grant 5"), PeopleCommand::Grant(five(), None));
        assert_eq!(read("/Grant 5 ADMIN"), PeopleCommand::Grant(five(), Some(GivenRole::Admin)));
        let ann = Some(PersonRef::At("Ann".to_owned()));
        assert_eq!(read("/grant @Ann viewer"), PeopleCommand::Grant(ann, Some(GivenRole::Viewer)));
        assert_eq!(read("/revoke 5"), PeopleCommand::Revoke(five()));
        assert_eq!(read("/revoke"), PeopleCommand::Revoke(None));
        for text in [
            "/roles all",
            "/grant 5 owner",
            "/grant 5 stranger",
            "/grant -5 admin",
            "/grant 0",
            "/grant +5",
            "/grant @",
            "/grant Ann admin",
            "/grant 5 admin now",
            "/grant 99999999999999999999 admin",
            "/revoke 5 6",
            "/revoke ann",
        ] {
            assert_eq!(read(text), PeopleCommand::Misused, "{text}");
        }
        assert_eq!(read("/unlink"), PeopleCommand::Unlink(None));
        assert_eq!(read("/unlink bob-2"), PeopleCommand::Unlink(Some(ClientRef::Name("bob-2".to_owned()))));
        assert_eq!(Command::read("/unlink a b"), Some(Command::Misused(Usage::OneClient)));
    }
}
