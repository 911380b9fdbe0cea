//! How one's own client stands.

use crate::bot::callback::{MineTap, Tap};
use crate::bot::format::{Eyes, emoji, word};
use crate::bot::html;
use crate::bot::locale::args;
use crate::bot::screen::{Button, Screen};
use crate::services::diagnosis::{Diagnosis, Finding};
use crate::services::views::Unfit;

use super::card::panel_lines;
use super::contacts::Contacts;
use super::diagnosis::words;

/// State, date, traffic, last online, and the one thing to do. `several`: the person has others, so Back leads to them.
pub fn status(view: &Diagnosis, several: bool, contacts: Contacts<'_>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let client = &view.client;
    let (date, relative) = (eyes.date(client.expires_at), eyes.relative(client.expires_at));
    let mut lines = vec![
        format!("{} <b>{}</b>", emoji(view.state), html::escape(client.username.as_str())),
        String::new(),
        t.html("card-state", args![state = t.plain(word(view.state), &[])]),
        match client.expired(eyes.now) {
            false => t.html("card-expires", args![date = date, relative = relative]),
            true => t.html("card-expired", args![date = date, relative = relative]),
        },
    ];
    match (view.panel, view.finding) {
        (Some(facts), _) => lines.extend(panel_lines(Some(facts), eyes)),
        (None, Finding::Unfit(Unfit::NotLinked)) => {}
        (None, _) => lines.push(t.html("status-silent", &[])),
    }
    let screen = match view.finding {
        Finding::Unfit(why) => {
            lines.extend([String::new(), t.html(words(view.finding), &[])]);
            lines.extend(contacts.advice(why, eyes));
            let screen = Screen::lines(lines).row(contacts.fitting(why, eyes));
            screen.row(contacts.support_unless_fitting(why, eyes))
        }
        Finding::Well | Finding::NeverOnline | Finding::LongOffline(_) | Finding::PanelSilent => {
            Screen::lines(lines)
                .row([Button::Tap(t.plain("button-config", &[]), Tap::Config(client.id))])
                .row([Button::Tap(t.plain("button-relink", &[]), Tap::Mine(MineTap::Rotate(client.id)))])
        }
    };
    let back = several.then(|| Button::Tap(t.plain("button-back", &[]), Tap::Mine(MineTap::Statuses)));
    screen.row(back.into_iter().chain([Button::Tap(t.plain("button-home", &[]), Tap::Home)]))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, days, snapshot};
    use super::*;
    use crate::domain::client::State;
    use crate::domain::contact::Contact;
    use crate::services::views::PanelFacts;

    #[test]
    fn status_screens() {
        let facts = PanelFacts {
            traffic_used: 1_610_612_736,
            traffic_limit: Some(100 << 30),
            online_at: Some(days(0) - chrono::TimeDelta::minutes(5)),
        };
        let mut view = Diagnosis {
            client: client("alice_1"),
            state: State::Active,
            finding: Finding::Well,
            panel: Some(facts),
        };
        snapshot("status", |eyes| status(&view, false, Contacts::default(), eyes));
        (view.finding, view.panel) = (Finding::PanelSilent, None);
        snapshot("status_silent", |eyes| status(&view, true, Contacts::default(), eyes));
        view.client.expires_at = days(-3);
        (view.state, view.finding) = (State::Expired, Finding::Unfit(Unfit::Expired));
        let support: Contact = "@vpn_help".parse().unwrap();
        let pay = "https://pay.example.com/vpn".parse().unwrap();
        let contacts = Contacts::new(Some(&support), Some(&pay));
        snapshot("status_expired", |eyes| status(&view, false, contacts, eyes));
        (view.state, view.finding) = (State::Active, Finding::Unfit(Unfit::NotLinked));
        view.client.expires_at = days(3);
        snapshot("status_not_ready", |eyes| status(&view, false, Contacts::default(), eyes));
    }
}
