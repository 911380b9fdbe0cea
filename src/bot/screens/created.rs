//! What an admin sees when a client was made.

use crate::bot::callback::Tap;
use crate::bot::format::Eyes;
use crate::bot::locale::args;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::client::Client;
use crate::domain::days::Days;

/// What takes the place of the question, above the success message.
pub fn line(client: &Client, days: Days, eyes: &Eyes) -> Screen {
    let length = eyes.t.plain("days", args![days = days.get()]);
    Screen::new(eyes.t.html("created", args![username = client.username.as_str(), days = length]))
}

/// The success message, the caption of the link's QR code: who, how long, the link, what comes next.
pub fn created(client: &Client, days: Days, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let date = eyes.date(client.expires_at);
    let relative = eyes.relative(client.expires_at);
    let mut lines =
        vec![line(client, days, eyes).text, t.html("created-until", args![date = date, relative = relative])];
    let mut copy = None;
    if let Some(url) = &client.subscription_url {
        lines.extend([String::new(), t.html("created-link", args![url = url.expose()])]);
        copy = Button::copy(t.plain("button-copy-link", &[]), url.expose());
    }
    let invite = client.telegram_id.is_none();
    let invite = invite.then(|| Button::Tap(t.plain("button-invite", &[]), Tap::Invite(client.id)));
    let card = Button::Tap(t.plain("button-card", &[]), Tap::Card(client.id, Spot::default()));
    let home = Button::Tap(t.plain("button-home", &[]), Tap::Home);
    Screen::lines(lines).secret().row(invite.into_iter().chain([card])).row(copy).row([home])
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
