//! What needs a person, in words: what happened, and what to do.

use chrono::TimeDelta;

use crate::bot::callback::Tap;
use crate::bot::format::Eyes;
use crate::bot::locale::args;
use crate::bot::log_spot::LogSpot;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::matter::Matter;

use super::{home, log};

/// A matter on the day it is raised.
pub fn raised(matter: &Matter, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let home = Button::Tap(t.plain("button-home", &[]), Tap::Home);
    let screen = Screen::new(words(matter, eyes));
    match matter.client() {
        Some(client) => screen.row([
            Button::Tap(t.plain("button-card", &[]), Tap::Card(client, Spot::default())),
            Button::Tap(t.plain("button-log", &[]), Tap::Log(LogSpot::Client(client))),
        ]),
        None => screen.row([home]),
    }
}

/// What happened and what to do, as HTML.
pub fn words(matter: &Matter, eyes: &Eyes) -> String {
    let t = eyes.t;
    match matter {
        Matter::Stuck { username, action, since, .. } => t.html(
            "matter-stuck",
            args![
                username = username.as_str(),
                action = t.plain(log::action_word(*action), &[]),
                since = eyes.date(*since)
            ],
        ),
        Matter::AnotherUser { username, .. } => {
            t.html("matter-another-user", args![username = username.as_str()])
        }
        Matter::UserGone { username, .. } => t.html("matter-user-gone", args![username = username.as_str()]),
        Matter::PanelReplaced { missing, looked_for } => {
            t.html("matter-panel-replaced", args![missing = *missing, total = *looked_for])
        }
        Matter::ManyExpired { expired, most } => {
            t.html("matter-many-expired", args![expired = *expired, most = *most])
        }
        Matter::ClocksDiffer { seconds } => t.html("matter-clocks", args![seconds = seconds.unsigned_abs()]),
        Matter::PanelDown { since, problem } => {
            let remedy = t.html(home::remedy(*problem), args![version = "?"]);
            format!("{remedy}\n{}", t.html("matter-panel-down", args![since = eyes.date(*since)]))
        }
        Matter::NotRelinked { linked, left, names } => {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            t.html("matter-not-relinked", args![linked = *linked, left = *left, names = names.join(", ")])
        }
    }
}

/// The panel works again after so long.
pub fn panel_back(away: TimeDelta, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let length = eyes.length(away).unwrap_or_default();
    Screen::new(t.html("owner-panel-back", args![length = length]))
        .row([Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, days, snapshot};
    use super::*;
    use crate::domain::ids::IntentId;
    use crate::domain::operation::Action;
    use crate::domain::panel_problem::PanelProblem;

    #[test]
    fn matters_as_they_are_raised() {
        let alice = client("alice_1");
        let (client, username) = (alice.id, alice.username);
        let stuck = Matter::Stuck {
            intent: IntentId(uuid::Uuid::nil()),
            client,
            username: username.clone(),
            action: Action::Extend,
            since: days(-1),
        };
        let all = [
            stuck,
            Matter::AnotherUser { client, username: username.clone() },
            Matter::UserGone { client, username: username.clone() },
            Matter::PanelReplaced { missing: 19, looked_for: 20 },
            Matter::ManyExpired { expired: 121, most: 20 },
            Matter::ManyExpired { expired: 41, most: 20 },
            Matter::ClocksDiffer { seconds: -180 },
            Matter::NotRelinked { linked: 49_998, left: 2, names: vec![username.clone(), username] },
        ];
        let down = [
            PanelProblem::Unreachable,
            PanelProblem::Nonsense,
            PanelProblem::TokenRefused,
            PanelProblem::ScopeMissing,
            PanelProblem::NoSquad,
        ];
        let since = days(0) - TimeDelta::minutes(2);
        snapshot("panel_down", |eyes| {
            let down = down.map(|problem| raised(&Matter::PanelDown { since, problem }, eyes).to_string());
            Screen::lines(down)
        });
        snapshot("panel_back", |eyes| {
            Screen::lines(
                [3, 59, 180, 3000].map(|minutes| panel_back(TimeDelta::minutes(minutes), eyes).to_string()),
            )
        });
        snapshot("matters", |eyes| Screen::lines(all.iter().map(|matter| raised(matter, eyes).to_string())));
    }
}
