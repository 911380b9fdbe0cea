//! The choice of a language.

use crate::bot::callback::Tap;
use crate::bot::format::Eyes;
use crate::bot::locale::Key;
use crate::bot::screen::{Button, Screen};
use crate::domain::person::Lang;

/// A button a language; each names itself in its own words.
pub fn choose(eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let buttons = Lang::ALL.map(|lang| {
        let name = match lang {
            Lang::Ru => Key("lang-ru"),
            Lang::En => Key("lang-en"),
        };
        Button::Tap(t.plain(name, &[]), Tap::SetLang(lang))
    });
    Screen::new(t.html("lang-choose", &[]))
        .row(buttons)
        .row([Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

#[cfg(test)]
mod tests {
    use super::super::samples::snapshot;
    use super::*;

    #[test]
    fn lang_screens() {
        snapshot("lang", choose);
    }
}
