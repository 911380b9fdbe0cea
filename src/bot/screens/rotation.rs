//! Replacing the link of one's own client.

use chrono::TimeDelta;

use crate::bot::callback::{MineTap, Nonce, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::args;
use crate::bot::screen::{Button, Screen};
use crate::domain::client::Client;

/// Really? `pause`: how long the person could not do it again.
pub fn ask(client: &Client, nonce: Nonce, pause: Option<TimeDelta>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let mut lines = vec![
        t.html("relink-ask", args![username = client.username.as_str()]),
        String::new(),
        t.html("relink-lost", &[]),
    ];
    if let Some(pause) = pause.filter(|pause| *pause > TimeDelta::zero()) {
        let hours = t.plain("hours", args![hours = pause.num_hours()]);
        lines.push(t.html("relink-pause", args![hours = hours]));
    }
    Screen::lines(lines).row([
        Button::Tap(t.plain("relink-yes", &[]), Tap::Mine(MineTap::YesRotate(client.id, nonce))),
        Button::Tap(t.plain("relink-no", &[]), Tap::Mine(MineTap::NoRotate(client.id))),
    ])
}

/// It is done; the new configuration follows.
pub fn done(client: &Client, eyes: &Eyes) -> Screen {
    Screen::new(eyes.t.html("relink-done", args![username = client.username.as_str()]))
}

/// It was left.
pub fn left(client: &Client, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    Screen::new(t.html("relink-left", args![username = client.username.as_str()])).row([
        Button::Tap(t.plain("button-config", &[]), Tap::Config(client.id)),
        Button::Tap(t.plain("button-home", &[]), Tap::Home),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, entropy, now, snapshot};
    use super::*;

    #[test]
    fn rotation_screens() {
        let nonce = Nonce::new(now(), &entropy());
        let day = Some(TimeDelta::hours(24));
        snapshot("rotate_own_ask", |eyes| ask(&client("alice_1"), nonce, day, eyes));
        snapshot("rotate_own_ask_admin", |eyes| ask(&client("alice_1"), nonce, None, eyes));
        snapshot("rotate_own_done", |eyes| done(&client("alice_1"), eyes));
        snapshot("rotate_own_left", |eyes| left(&client("alice_1"), eyes));
    }
}
