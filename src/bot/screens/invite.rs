//! Invites: what the admin sees, what the client is sent, what both see when it was opened.

use crate::bot::callback::Tap;
use crate::bot::format::Eyes;
use crate::bot::locale::args;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, TelegramId};
use crate::domain::username::Username;
use crate::services::views::NewInvite;

use super::people;

/// For the admin: until when, and what to do with the message below.
pub fn made(invite: &NewInvite, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let client = &invite.client;
    let date = eyes.date(invite.expires_at);
    let relative = eyes.relative(invite.expires_at);
    Screen::lines([
        t.html("invite-title", args![username = client.username.as_str()]),
        t.html("invite-until", args![date = date, relative = relative]),
        String::new(),
        t.html("invite-forward-hint", &[]),
    ])
    .row([
        Button::Tap(t.plain("button-card", &[]), Tap::Card(client.id, Spot::default())),
        Button::Tap(t.plain("button-home", &[]), Tap::Home),
    ])
}

/// The message to forward, under the QR code of the link.
pub fn forward(link: &str, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    Screen::new(t.html("invite-forward", args![link = link]))
        .row(Button::copy(t.plain("button-copy-link", &[]), link))
}

/// For the client who opened it.
pub fn welcome(client: &Client, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let date = eyes.date(client.expires_at);
    let relative = eyes.relative(client.expires_at);
    Screen::lines([
        t.html("welcome", args![username = client.username.as_str()]),
        t.html("welcome-until", args![date = date, relative = relative]),
        String::new(),
        t.html("welcome-next", &[]),
    ])
    .row([Button::Tap(t.plain("button-config", &[]), Tap::Config(client.id))])
}

/// For the admin who made it.
pub fn accepted(client: ClientId, username: &Username, id: TelegramId, by: &str, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    Screen::new(t.html("invite-accepted", args![username = username.as_str(), name = by])).row([
        people::take_back_button(client, id, eyes),
        Button::Tap(t.plain("button-card", &[]), Tap::Card(client, Spot::default())),
    ])
}

/// For whoever opened the owner link of the log.
pub fn owner(eyes: &Eyes) -> Screen {
    let t = eyes.t;
    Screen::new(t.html("owner-welcome", &[])).row([Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

#[cfg(test)]
mod tests {
    use super::super::card::name;
    use super::super::samples::{client, days, person, snapshot};
    use super::*;
    use crate::domain::ids::InviteToken;

    #[test]
    fn invite_screens() {
        let token = InviteToken::new("0123456789abcdefABCDEF");
        let invite = NewInvite { client: client("alice_1"), token, expires_at: days(7) };
        snapshot("invite_made", |eyes| made(&invite, eyes));
        snapshot("invite_forward", |eyes| forward("https://t.me/vpn_bot?start=0123456789abcdefABCDEF", eyes));
        snapshot("invite_welcome", |eyes| welcome(&client("alice_1"), eyes));
        let alice = client("alice_1");
        snapshot("invite_accepted", |eyes| {
            accepted(alice.id, &alice.username, person().id, &name(&person()), eyes)
        });
        snapshot("invite_owner", owner);
    }
}
