//! Short words with a way on: cancelled, out of date, something went wrong.

use crate::bot::callback::Tap;
use crate::bot::format::Eyes;
use crate::bot::screen::{Button, Screen};

/// The dialogue was left.
pub fn cancelled(eyes: &Eyes) -> Screen {
    with_home(eyes.t.html("cancelled", &[]), eyes)
}

/// There was no dialogue.
pub fn nothing_to_cancel(eyes: &Eyes) -> Screen {
    with_home(eyes.t.html("nothing-to-cancel", &[]), eyes)
}

/// The answer takes its time; gone again when it is there.
pub fn still_working(eyes: &Eyes) -> Screen {
    Screen::new(eyes.t.html("still-working", &[]))
}

/// So many messages at once are not read.
pub fn too_fast(eyes: &Eyes) -> Screen {
    with_home(eyes.t.html("too-fast", &[]), eyes)
}

/// Words, and the way home.
pub fn with_home(text: String, eyes: &Eyes) -> Screen {
    Screen::new(text).row([Button::Tap(eyes.t.plain("button-home", &[]), Tap::Home)])
}

/// Words, and the same button once more.
pub fn with_retry(text: String, again: Tap, eyes: &Eyes) -> Screen {
    Screen::new(text).row([
        Button::Tap(eyes.t.plain("button-retry", &[]), again),
        Button::Tap(eyes.t.plain("button-home", &[]), Tap::Home),
    ])
}
