//! What owners are told at once.

use crate::bot::callback::Tap;
use crate::bot::format::Eyes;
use crate::bot::locale::args;
use crate::bot::log_spot::LogSpot;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::ids::ClientId;
use crate::domain::username::Username;

/// The panel has somebody else under the client's id.
pub fn another_user(client: ClientId, username: &Username, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    Screen::new(t.html("alert-another-user", args![username = username.as_str()])).row([
        Button::Tap(t.plain("button-card", &[]), Tap::Card(client, Spot::default())),
        Button::Tap(t.plain("button-log", &[]), Tap::Log(LogSpot::Client(client))),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, snapshot};
    use super::*;

    #[test]
    fn alert_screens() {
        let alice = client("alice_1");
        snapshot("alert_another_user", |eyes| another_user(alice.id, &alice.username, eyes));
    }
}
