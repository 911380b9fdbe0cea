//! What clients see of themselves, and strangers of nothing.

use crate::bot::callback::{MineTap, Tap};
use crate::bot::format::{Eyes, emoji, word};
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::{Purpose, Spot};
use crate::domain::actor::Role;
use crate::domain::client::Client;
use crate::domain::ids::TelegramId;

use super::contacts::Contacts;

/// At most so many of one's own clients are shown: Telegram limits texts and keyboards.
const SHOWN: usize = 20;

/// A client's own home: how each of theirs stands, and everything they can do.
pub fn home(clients: &[Client], contacts: Contacts<'_>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    if clients.is_empty() {
        return around(Screen::new(t.html("user-home-none", &[])), contacts, eyes);
    }
    let lines = clients.iter().take(SHOWN).map(|client| {
        let state = client.state(eyes.now);
        t.html(
            "user-home-client",
            args![
                emoji = emoji(state),
                username = client.username.as_str(),
                state = t.plain(word(state), &[]),
                date = eyes.date(client.expires_at),
                relative = eyes.relative(client.expires_at)
            ],
        )
    });
    let title = [t.html("user-home-title", &[]), String::new()];
    let tap = |label: Key, tap| Button::Tap(t.plain(label, &[]), Tap::Mine(tap));
    let screen = match clients {
        [only] => Screen::lines(title.into_iter().chain(lines))
            .row([Button::Tap(t.plain("button-config", &[]), Tap::Config(only.id))]),
        several => one_of(Screen::lines(title.into_iter().chain(lines)), several, Choice::Config, eyes),
    };
    let screen = screen
        .row([tap(Key("button-status"), MineTap::Statuses), tap(Key("button-check"), MineTap::Check)])
        .row([tap(Key("button-relink"), MineTap::Rotations)]);
    around(screen, contacts, eyes)
}

/// What everybody has below their home.
fn around(screen: Screen, contacts: Contacts<'_>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let lang = Button::Tap(t.plain("button-lang", &[]), Tap::Lang);
    let help = Button::Tap(t.plain("button-help", &[]), Tap::Help);
    screen.row([lang, help]).row([contacts.support(eyes), contacts.pay(eyes)].into_iter().flatten())
}

/// What is chosen one of one's own clients for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Its configuration.
    Config,
    /// How it stands.
    Status,
    /// Another link.
    Rotate,
}

impl Choice {
    /// The list in which staff choose among everybody's clients. A viewer may look at cards, nothing more.
    pub fn of_all(self, role: Role) -> Spot {
        let purpose = match self {
            Self::Config if role >= Role::Operator => Purpose::Config,
            Self::Rotate if role >= Role::Admin => Purpose::Rotate,
            Self::Config | Self::Status | Self::Rotate => Purpose::Card,
        };
        Spot { purpose, ..Spot::default() }
    }
}

/// Which of one's own clients? Staff may go on to everybody's.
pub fn choose(clients: &[Client], choice: Choice, role: Role, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let question = match choice {
        Choice::Config => Key("user-choose"),
        Choice::Status => Key("user-choose-status"),
        Choice::Rotate => Key("user-choose-relink"),
    };
    let everybody = || Button::Tap(t.plain("user-choose-others", &[]), Tap::List(choice.of_all(role)));
    let others = role.is_staff().then(everybody);
    one_of(Screen::new(t.html(question, &[])), clients, choice, eyes)
        .row(others)
        .row([Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

fn one_of(screen: Screen, clients: &[Client], choice: Choice, eyes: &Eyes) -> Screen {
    clients.iter().take(SHOWN).fold(screen, |screen, client| {
        let (mark, tap) = match choice {
            Choice::Config => ("📲", Tap::Config(client.id)),
            Choice::Status => ("📊", Tap::Mine(MineTap::Status(client.id))),
            Choice::Rotate => ("🔄", Tap::Mine(MineTap::Rotate(client.id))),
        };
        let label = format!("{mark} {} {}", client.username, emoji(client.state(eyes.now)));
        screen.row([Button::Tap(label, tap)])
    })
}

/// Whatever a stranger sends: their own id to hand to an admin, and nothing else.
pub fn stranger(id: TelegramId, eyes: &Eyes) -> Screen {
    refused(eyes.t.html("stranger", &[]), id, eyes)
}

/// What a stranger tried went wrong: the words for it, and what helps, their own id.
pub fn refused(words: String, id: TelegramId, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let id = id.to_string();
    let text = format!("{words}\n\n{}", t.html("stranger-id", args![id = &id]));
    Screen::new(text).row(Button::copy(t.plain("stranger-copy", &[]), &id))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, days, snapshot};
    use super::*;

    #[test]
    fn own_screens() {
        let mut old = client("alice_2");
        old.expires_at = days(-400);
        let support = "@vpn_help".parse().unwrap();
        let pay = "https://pay.example.com/vpn".parse().unwrap();
        let (nobody, both) = (Contacts::default(), Contacts::new(Some(&support), Some(&pay)));
        snapshot("mine_one", |eyes| home(&[client("alice_1")], both, eyes));
        snapshot("mine_several", |eyes| home(&[client("alice_1"), old.clone()], nobody, eyes));
        snapshot("mine_none", |eyes| home(&[], both, eyes));
        for (name, choice) in [
            ("mine_choose", Choice::Config),
            ("mine_choose_status", Choice::Status),
            ("mine_choose_relink", Choice::Rotate),
        ] {
            snapshot(name, |eyes| choose(&[client("alice_1"), old.clone()], choice, Role::Owner, eyes));
        }
        snapshot("stranger", |eyes| stranger(TelegramId(7_000_000_001), eyes));
    }

    #[test]
    fn hundreds_of_clients_still_fit() {
        let many: Vec<Client> = (0..300).map(|n| client(&format!("{n}-{}", "x".repeat(32)))).collect();
        let screen = home(&many, Contacts::default(), &super::super::samples::eyes());
        assert!(crate::bot::html::length(&screen.text) <= crate::bot::html::TEXT_LIMIT);
        assert!(screen.keyboard.len() <= 100);
    }
}
