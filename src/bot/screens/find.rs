//! Looking for a client: the question, and nobody found.

use crate::bot::callback::{BulkTap, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::{Purpose, Spot};
use crate::domain::actor::Role;
use crate::domain::search::SearchText;

use super::list::quoted;

/// What to look for? A viewer finds nothing by a link.
pub fn ask(role: Role, eyes: &Eyes) -> Screen {
    let words = if role >= Role::Operator { Key("find-ask-links") } else { Key("find-ask") };
    Screen::new(eyes.t.html(words, &[]))
        .row([Button::Tap(eyes.t.plain("button-cancel", &[]), Tap::Bulk(BulkTap::NoFind))])
}

/// Nobody has it.
pub fn nobody(text: &SearchText, purpose: Purpose, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let all = Spot { purpose, ..Spot::default() };
    Screen::new(t.html("find-nobody", args![text = quoted(text)]))
        .row([
            Button::Tap(t.plain("find-again", &[]), Tap::Bulk(BulkTap::Find(purpose))),
            Button::Tap(t.plain("find-all", &[]), Tap::List(all)),
        ])
        .row([Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

#[cfg(test)]
mod tests {
    use super::super::samples::snapshot;
    use super::*;

    #[test]
    fn find_screens() {
        snapshot("find_ask", |eyes| ask(Role::Operator, eyes));
        snapshot("find_ask_viewer", |eyes| ask(Role::Viewer, eyes));
        let text = SearchText::typed("<b>100%</b> \u{202e}кв").unwrap();
        snapshot("find_nobody", |eyes| nobody(&text, Purpose::Card, eyes));
    }
}
