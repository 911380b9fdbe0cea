//! What an admin sees when a client was made.

use crate::bot::callback::Tap;
use crate::bot::format::Eyes;
use crate::bot::locale::args;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::client::Client;
use crate::domain::days::Days;

/// The success message: who, how long, the link, what comes next.
pub fn created(client: &Client, days: Days, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let length = t.plain("days", args![days = days.get()]);
    let date = eyes.date(client.expires_at);
    let relative = eyes.relative(client.expires_at);
    let mut lines = vec![
        t.html("created", args![username = client.username.as_str(), days = length]),
        t.html("created-until", args![date = date, relative = relative]),
    ];
    let mut buttons = vec![];
    if client.telegram_id.is_none() {
        buttons.push(Button::Tap(t.plain("button-invite", &[]), Tap::Invite(client.id)));
    }
    buttons.push(Button::Tap(t.plain("button-card", &[]), Tap::Card(client.id, Spot::default())));
    if let Some(url) = &client.subscription_url {
        lines.extend([String::new(), t.html("created-link", args![url = url.expose()])]);
        buttons.push(Button::Tap(t.plain("button-qr", &[]), Tap::Qr(client.id)));
        buttons.extend(Button::copy(t.plain("button-copy-link", &[]), url.expose()));
    }
    let home = Button::Tap(t.plain("button-home", &[]), Tap::Home);
    Screen::lines(lines).secret().pairs(buttons).row([home])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, snapshot};
    use super::*;

    #[test]
    fn created_screens() {
        snapshot("created", |eyes| created(&client("alice_1"), "22".parse().unwrap(), eyes));
    }
}
