//! What can go wrong while a person is answered, in words: what happened, what to do, a reference for the log.

use crate::domain::actor::Role;
use crate::domain::ids::TelegramId;
use crate::domain::matter::Pause;
use crate::services::Error;
use crate::services::error::{InviteError, RoleError, TokenError};

use super::callback::Tap;
use super::format::Eyes;
use super::locale::{Key, args};
use super::screen::Screen;
use super::screens::{mine, notice};
use super::telegram::CallError;

/// Why a person was not answered as they should.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The rules say no, or cannot say.
    #[error(transparent)]
    Service(#[from] Error),
    /// Telegram did not take the answer.
    #[error(transparent)]
    Telegram(CallError),
    /// The person has blocked the bot: nobody is left to answer.
    #[error("the person has blocked the bot")]
    Gone,
    /// It took longer than a handler may.
    #[error("the handler took too long")]
    Slow,
    /// A mistake of ours.
    #[error("{0}")]
    Broken(String),
}

impl Failure {
    /// Whether the same update is worth handling again later: nothing was wrong with it.
    pub fn passes(&self) -> bool {
        match self {
            Self::Service(error) => matches!(error, Error::Database(_) | Error::KeyInProgress { .. }),
            Self::Telegram(error) => !matches!(error, CallError::Refused(_) | CallError::Moved(_)),
            Self::Gone | Self::Slow | Self::Broken(_) => false,
        }
    }

    /// Whether someone should look into it: then the words carry a reference.
    fn puzzling(&self) -> bool {
        match self {
            Self::Service(error) => {
                matches!(error, Error::Panel(_) | Error::Database(_) | Error::Internal(_) | Error::KeyReused)
            }
            Self::Telegram(_) | Self::Slow | Self::Broken(_) => true,
            Self::Gone => false,
        }
    }

    /// Writes it into the log, under the reference the person is given.
    pub fn log(&self, reference: &str, update_id: i64) {
        if self.puzzling() {
            tracing::error!(reference, update_id, error = %self, "an update was not answered as it should");
        } else {
            tracing::info!(reference, update_id, error = %self, "an update was refused");
        }
    }

    /// Whether the same button may do it a little later: a second tap is the same request.
    fn is_worth_another_tap(&self) -> bool {
        match self {
            Self::Service(error) => {
                matches!(error, Error::Panel(_) | Error::Busy { .. } | Error::KeyInProgress { .. })
            }
            Self::Slow => true,
            Self::Telegram(_) | Self::Gone | Self::Broken(_) => false,
        }
    }

    /// The words for the person; `again`: the button that failed, offered once more where that may help.
    pub fn screen(
        &self,
        person: TelegramId,
        role: Role,
        reference: &str,
        again: Option<&Tap>,
        eyes: &Eyes,
    ) -> Screen {
        let t = eyes.t;
        let mut text = match self {
            Self::Service(error) => words(error, role, eyes),
            Self::Slow => t.html("error-slow", &[]),
            Self::Telegram(_) | Self::Gone | Self::Broken(_) => t.html("error-internal", &[]),
        };
        if self.puzzling() {
            text.push_str("\n\n");
            text.push_str(&t.html("error-reference", args![reference = reference]));
        }
        match (role, self) {
            (Role::Stranger, Self::Service(Error::Invite(_))) => mine::refused(text, person, eyes),
            (Role::Stranger, _) => Screen::new(text),
            _ => match again.filter(|_| self.is_worth_another_tap()) {
                Some(tap) => notice::with_retry(text, tap.clone(), eyes),
                None => notice::with_home(text, eyes),
            },
        }
    }
}

/// What the rules say, in words for a person of that role.
pub fn words(error: &Error, role: Role, eyes: &Eyes) -> String {
    let t = eyes.t;
    let key = match error {
        Error::ClientNotFound(client) => {
            let client: String = client.to_string().chars().take(64).collect();
            let key =
                if role.is_staff() { Key("error-client-not-found") } else { Key("error-client-not-yours") };
            return t.html(key, args![client = client]);
        }
        Error::UsernameTaken(name) => return t.html("new-username-taken", args![username = name.as_str()]),
        Error::Busy { retry_after } => {
            let seconds = i64::try_from(retry_after.as_secs()).unwrap_or(i64::MAX).max(1);
            return t.html("error-busy", args![seconds = seconds]);
        }
        Error::BeyondCalendar(beyond) => {
            return t.html("error-beyond-calendar", args![days = beyond.most]);
        }
        Error::TooSoon { until } => {
            let (date, relative) = (eyes.date(*until), eyes.relative(*until));
            return t.html("error-too-soon", args![date = date, relative = relative]);
        }
        Error::TooManyDays { most } => return t.html("error-too-many-days", args![days = *most]),
        Error::DatePassed => Key("error-date-passed"),
        Error::SameDate => Key("error-same-date"),
        Error::CannotUndo => Key("error-cannot-undo"),
        Error::AlreadyBlocked => Key("error-already-blocked"),
        Error::NotBlocked => Key("error-not-blocked"),
        Error::KeyInProgress { .. } => Key("error-in-progress"),
        Error::NotLinked => Key("error-not-linked"),
        Error::UserGone if role.is_staff() => Key("error-user-gone"),
        Error::UserGone => Key("error-user-gone-own"),
        Error::Forbidden { .. } => Key("error-forbidden"),
        Error::Invite(error) => invite(*error, role),
        Error::Token(error) => token(*error),
        Error::Role(error) => role_error(*error),
        Error::Paused(_) if !role.is_staff() => Key("error-paused-own"),
        Error::Paused(Pause::Restored) => Key("error-paused-restored"),
        Error::Paused(Pause::PanelReplaced) => Key("error-paused"),
        // Only jobs ask for such things.
        Error::NotNeeded | Error::Internal(_) => Key("error-internal"),
        Error::Panel(_) => Key("error-panel"),
        Error::KeyReused => Key("error-key-reused"),
        Error::Database(_) => Key("error-database"),
    };
    t.html(key, &[])
}

/// A stranger with a bad token learns only what to do.
fn invite(error: InviteError, role: Role) -> Key {
    match error {
        InviteError::Unknown => Key("invite-error-unknown"),
        InviteError::Used => Key("invite-error-used"),
        InviteError::Expired => Key("invite-error-expired"),
        InviteError::AlreadyLinked if role.is_staff() => Key("invite-error-linked-staff"),
        InviteError::AlreadyLinked => Key("invite-error-linked"),
    }
}

fn token(error: TokenError) -> Key {
    match error {
        TokenError::NameTaken => Key("token-error-taken"),
        TokenError::InSettings => Key("token-error-settings"),
        TokenError::Unknown => Key("token-error-unknown"),
        TokenError::TooMany => Key("token-error-many"),
    }
}

fn role_error(error: RoleError) -> Key {
    match error {
        RoleError::Settings => Key("role-error-settings"),
        RoleError::Own => Key("role-error-own"),
        RoleError::Unknown => Key("role-error-unknown"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::screens::samples::snapshot;
    use super::*;
    use crate::domain::client::BeyondCalendar;
    use crate::domain::ids::ClientRef;
    use crate::domain::username::Username;

    #[test]
    fn every_error_has_words() {
        let errors = || {
            [
                Error::ClientNotFound(ClientRef::Name(format!("<b>{}", "x".repeat(4000)))),
                Error::UsernameTaken(Username::stored("alice_1")),
                Error::NotLinked,
                Error::UserGone,
                Error::AlreadyBlocked,
                Error::NotBlocked,
                Error::BeyondCalendar(BeyondCalendar { days: 3650, most: 21 }),
                Error::DatePassed,
                Error::SameDate,
                Error::CannotUndo,
                Error::TooManyDays { most: 90 },
                Error::Forbidden { actor: "telegram:1".to_owned(), action: "look" },
                Error::Invite(InviteError::Unknown),
                Error::Invite(InviteError::Used),
                Error::Invite(InviteError::Expired),
                Error::Invite(InviteError::AlreadyLinked),
                Error::Token(TokenError::NameTaken),
                Error::Token(TokenError::InSettings),
                Error::Token(TokenError::Unknown),
                Error::Token(TokenError::TooMany),
                Error::Role(RoleError::Settings),
                Error::Role(RoleError::Own),
                Error::Role(RoleError::Unknown),
                Error::Paused(Pause::Restored),
                Error::Paused(Pause::PanelReplaced),
                Error::Panel("secret".to_owned()),
                Error::Busy { retry_after: Duration::from_secs(3) },
                Error::KeyInProgress { retry_after: Duration::from_secs(3) },
                Error::KeyReused,
                Error::Database("secret".to_owned()),
                Error::Internal("secret".to_owned()),
                Error::TooSoon { until: super::super::screens::samples::days(1) },
            ]
            .map(Failure::Service)
            .into_iter()
            .chain([Failure::Slow, Failure::Broken("secret".to_owned())])
        };
        for (name, role) in [("errors_user", Role::Stranger), ("errors_staff", Role::Owner)] {
            snapshot(name, |eyes| {
                let screen = Screen::lines(errors().map(|e| {
                    e.screen(TelegramId(7_000_000_001), role, "ABC234", Some(&Tap::Home), eyes).to_string()
                }));
                assert!(!screen.text.contains("secret"));
                screen
            });
        }
    }
}
