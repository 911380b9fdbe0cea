//! What clients see of themselves, and strangers of nothing.

use crate::bot::callback::Tap;
use crate::bot::format::{Eyes, emoji, word};
use crate::bot::locale::args;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::{Purpose, Spot};
use crate::domain::client::Client;
use crate::domain::ids::TelegramId;

/// At most so many of one's own clients are shown: Telegram limits texts and keyboards.
const SHOWN: usize = 20;

/// A client's own home: how each of theirs stands.
pub fn home(clients: &[Client], eyes: &Eyes) -> Screen {
    let t = eyes.t;
    if clients.is_empty() {
        return Screen::new(t.html("user-home-none", &[]));
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
    config_buttons(Screen::lines(title.into_iter().chain(lines)), clients, eyes)
}

/// Which of one's own configurations? Staff may go on to everybody's.
pub fn choose(clients: &[Client], staff: bool, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let everybody = Spot { purpose: Purpose::Config, ..Spot::default() };
    let others = staff.then(|| Button::Tap(t.plain("user-choose-others", &[]), Tap::List(everybody)));
    config_buttons(Screen::new(t.html("user-choose", &[])), clients, eyes).row(others)
}

fn config_buttons(screen: Screen, clients: &[Client], eyes: &Eyes) -> Screen {
    match clients {
        [only] => screen.row([Button::Tap(eyes.t.plain("button-config", &[]), Tap::Config(only.id))]),
        several => several.iter().take(SHOWN).fold(screen, |screen, client| {
            let label = format!("📲 {} {}", client.username, emoji(client.state(eyes.now)));
            screen.row([Button::Tap(label, Tap::Config(client.id))])
        }),
    }
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
        snapshot("mine_one", |eyes| home(&[client("alice_1")], eyes));
        snapshot("mine_several", |eyes| home(&[client("alice_1"), old.clone()], eyes));
        snapshot("mine_none", |eyes| home(&[], eyes));
        snapshot("mine_choose", |eyes| choose(&[client("alice_1"), old.clone()], true, eyes));
        snapshot("stranger", |eyes| stranger(TelegramId(7_000_000_001), eyes));
    }

    #[test]
    fn hundreds_of_clients_still_fit() {
        let many: Vec<Client> = (0..300).map(|n| client(&format!("{n}-{}", "x".repeat(32)))).collect();
        let screen = home(&many, &super::super::samples::eyes());
        assert!(crate::bot::html::length(&screen.text) <= crate::bot::html::TEXT_LIMIT);
        assert!(screen.keyboard.len() <= 100);
    }
}
