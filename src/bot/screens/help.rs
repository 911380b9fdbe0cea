//! What the bot can do for this person's role.

use crate::bot::callback::{MineTap, Tap};
use crate::bot::commands::Usage;
use crate::bot::format::Eyes;
use crate::bot::locale::Key;
use crate::bot::screen::{Button, Screen};
use crate::domain::actor::Role;

use super::contacts::Contacts;
use super::notice::with_home;

/// Help for clients, in plain words.
pub fn user(contacts: Contacts<'_>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let tap = |label: Key, tap| Button::Tap(t.plain(label, &[]), tap);
    Screen::lines([user_words(eyes), String::new(), contacts.whom(eyes)])
        .row(contacts.support(eyes))
        .row([tap(Key("button-check"), Tap::Mine(MineTap::Check)), tap(Key("button-home"), Tap::Home)])
}

/// What clients may write.
pub fn user_words(eyes: &Eyes) -> String {
    eyes.t.html("help-user", &[])
}

/// Help for staff names only the commands that the role may use.
pub fn help(role: Role, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let home = Button::Tap(t.plain("button-home", &[]), Tap::Home);
    let lines = [
        (Role::Viewer, Key("help-line-home")),
        (Role::Operator, Key("help-line-new")),
        (Role::Viewer, Key("help-line-clients")),
        (Role::Viewer, Key("help-line-client")),
        (Role::Viewer, Key("help-line-find")),
        (Role::Operator, Key("help-line-extend")),
        (Role::Operator, Key("help-line-block")),
        (Role::Operator, Key("help-line-invite")),
        (Role::Operator, Key("help-line-config")),
        (Role::Operator, Key("help-line-note")),
        (Role::Operator, Key("help-line-unlink")),
        (Role::Admin, Key("help-line-date")),
        (Role::Admin, Key("help-line-rotate")),
        (Role::Admin, Key("help-line-delete")),
        (Role::Viewer, Key("help-line-log")),
        (Role::Viewer, Key("help-line-ops")),
        (Role::Viewer, Key("help-line-stats")),
        (Role::Admin, Key("help-line-import")),
        (Role::Admin, Key("help-line-broadcast")),
        (Role::Admin, Key("help-line-token")),
        (Role::Owner, Key("help-line-roles")),
        (Role::Owner, Key("help-line-resume")),
        (Role::Viewer, Key("help-line-status")),
        (Role::Viewer, Key("help-line-cancel")),
        (Role::Viewer, Key("help-line-lang")),
    ];
    let mine = lines.into_iter().filter(|(least, _)| role >= *least).map(|(_, key)| t.html(key, &[]));
    Screen::lines([t.html("help-staff", &[]), String::new()].into_iter().chain(mine)).row([home])
}

/// How a command is written.
pub fn usage(command: Usage, eyes: &Eyes) -> Screen {
    let words = eyes.t.html(
        match command {
            Usage::New => Key("usage-new"),
            Usage::Clients => Key("usage-clients"),
            Usage::OneClient => Key("usage-one-client"),
            Usage::Log => Key("usage-log"),
            Usage::Token => Key("usage-token"),
            Usage::Extend => Key("usage-extend"),
        },
        &[],
    );
    with_home(words, eyes)
}

#[cfg(test)]
mod tests {
    use super::super::samples::snapshot;
    use super::*;

    #[test]
    fn help_screens() {
        snapshot("help_owner", |eyes| help(Role::Owner, eyes));
        snapshot("help_viewer", |eyes| help(Role::Viewer, eyes));
        let support = "@vpn_help".parse().unwrap();
        snapshot("help_user", |eyes| user(Contacts::new(Some(&support), None), eyes));
        snapshot("usage", |eyes| {
            let all = [Usage::New, Usage::Clients, Usage::OneClient, Usage::Log, Usage::Token, Usage::Extend];
            with_home(all.map(|u| usage(u, eyes).text).join("\n"), eyes)
        });
    }
}
