//! The questions about a new client.

use chrono::SubsecRound as _;

use crate::bot::callback::{NewClientOffer, NewTap, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::domain::username::{Username, UsernameError};

/// The days that are one tap away.
const PRESETS: [i64; 4] = [7, 30, 90, 365];

/// Which name?
pub fn ask_username(eyes: &Eyes) -> Screen {
    cancellable(Screen::new(eyes.t.html("new-ask-username", &[])), eyes)
}

/// What is wrong with the name; asks again.
pub fn bad_username(error: UsernameError, eyes: &Eyes) -> Screen {
    let key = match error {
        UsernameError::TooShort => Key("new-username-short"),
        UsernameError::TooLong => Key("new-username-long"),
        UsernameError::Characters => Key("new-username-characters"),
    };
    cancellable(Screen::new(eyes.t.html(key, &[])), eyes)
}

/// The name is taken; asks again.
pub fn taken(username: &Username, eyes: &Eyes) -> Screen {
    let text = eyes.t.html("new-username-taken", args![username = username.as_str()]);
    cancellable(Screen::new(text), eyes)
}

/// A photo is no name.
pub fn not_text(eyes: &Eyes) -> Screen {
    cancellable(Screen::new(eyes.t.html("new-not-text", &[])), eyes)
}

/// For how many days?
pub fn ask_days(username: &Username, eyes: &Eyes) -> Screen {
    days_question(eyes.t.html("new-ask-days", args![username = username.as_str()]), eyes)
}

/// What is wrong with the days; asks again.
pub fn bad_days(eyes: &Eyes) -> Screen {
    days_question(eyes.t.html("new-days-wrong", &[]), eyes)
}

fn days_question(text: String, eyes: &Eyes) -> Screen {
    let presets = PRESETS.into_iter().filter_map(|number| {
        let label = eyes.t.plain("days", args![days = number]);
        number.try_into().ok().map(|days| Button::Tap(label, Tap::New(NewTap::Days(days))))
    });
    cancellable(Screen::new(text).pairs(presets), eyes)
}

/// All of it once more, with yes and no.
pub fn confirm(offer: &NewClientOffer, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let length = t.plain("days", args![days = offer.days.get()]);
    let until = eyes.now.checked_add_signed(offer.days.delta()).unwrap_or(eyes.now).trunc_subsecs(0);
    Screen::lines([
        t.html("new-confirm", args![username = offer.username.as_str(), days = length]),
        t.html("new-confirm-until", args![date = eyes.date(until)]),
    ])
    .row([
        Button::Tap(t.plain("new-yes", &[]), Tap::New(NewTap::Yes(offer.clone()))),
        Button::Tap(t.plain("new-no", &[]), Tap::New(NewTap::No)),
    ])
}

fn cancellable(screen: Screen, eyes: &Eyes) -> Screen {
    screen.row([Button::Tap(eyes.t.plain("button-cancel", &[]), Tap::New(NewTap::No))])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{entropy, now, snapshot};
    use super::*;
    use crate::bot::callback::Nonce;

    #[test]
    fn new_client_screens() {
        let alice = Username::stored("alice_1");
        snapshot("new_username", ask_username);
        snapshot("new_bad_username", |eyes| {
            Screen::lines(
                [UsernameError::TooShort, UsernameError::TooLong, UsernameError::Characters]
                    .map(|error| bad_username(error, eyes).to_string())
                    .into_iter()
                    .chain([taken(&alice, eyes).to_string(), not_text(eyes).to_string()]),
            )
        });
        snapshot("new_days", |eyes| ask_days(&alice, eyes));
        snapshot("new_bad_days", bad_days);
        let offer = NewClientOffer {
            username: alice,
            days: "30".parse().unwrap(),
            nonce: Nonce::new(now(), &entropy()),
        };
        snapshot("new_confirm", |eyes| confirm(&offer, eyes));
    }
}
