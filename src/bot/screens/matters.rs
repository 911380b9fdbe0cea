//! What needs a person, in words: what happened, and what to do.

use chrono::TimeDelta;

use crate::bot::callback::{Aside, Decision, MatterTap, Nonce, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::log_spot::LogSpot;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::actor::Role;
use crate::domain::client::Client;
use crate::domain::matter::{Matter, OpenMatter};

use super::notice::with_home;
use super::{home, log, restored};

/// So many are shown: each is a few lines, and a message has its limit.
const SHOWN: usize = 8;

/// A matter as it is raised: to owners, who may decide.
pub fn raised(matter: &Matter, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let screen = buttons(matter, eyes).into_iter().fold(Screen::new(words(matter, eyes)), Screen::row);
    match matter.client() {
        Some(client) => screen.row([
            Button::Tap(t.plain("button-card", &[]), Tap::Card(client, Spot::default())),
            Button::Tap(t.plain("button-log", &[]), Tap::Log(LogSpot::Client(client))),
        ]),
        None => screen.row([Button::Tap(t.plain("button-home", &[]), Tap::Home)]),
    }
}

/// All that are open, each with what this role may do about it.
pub fn list(open: &[OpenMatter], role: Role, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let mut lines = vec![t.html("matters-title", &[])];
    if open.is_empty() {
        lines.extend([String::new(), t.html("matters-none", &[])]);
    }
    let shown = open.iter().take(SHOWN);
    lines.extend(shown.clone().flat_map(|open| [String::new(), words(&open.matter, eyes)]));
    let hidden = open.len().saturating_sub(SHOWN);
    if hidden > 0 {
        let hidden = i64::try_from(hidden).unwrap_or(i64::MAX);
        lines.extend([String::new(), t.html("matters-more", args![count = hidden])]);
    }
    let screen = shown.fold(Screen::lines(lines), |screen, open| {
        let decided = buttons(&open.matter, eyes).into_iter().filter(|_| role >= Role::Owner);
        let aside = Aside::of(&open.matter).filter(|_| role >= Role::Admin);
        let aside = aside.map(|aside| vec![seen_to(&open.matter, aside, eyes)]);
        decided.chain(aside).fold(screen, Screen::row)
    });
    let log = Button::Tap(t.plain("button-log", &[]), Tap::Log(LogSpot::All));
    screen.row([log, Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

/// What an owner may decide, a row each.
fn buttons(matter: &Matter, eyes: &Eyes) -> Vec<Vec<Button>> {
    let t = eyes.t;
    let button = |label: Key, tap| vec![Button::Tap(t.plain(label, &[]), Tap::Matter(tap))];
    match matter {
        Matter::PanelReplaced { .. } => vec![
            button(Key("matters-button-look"), MatterTap::LookAgain),
            button(Key("matters-button-make"), MatterTap::Ask(Decision::MakeAgain)),
            button(Key("matters-button-let-go"), MatterTap::Ask(Decision::LetGo)),
        ],
        Matter::Restored { .. } => vec![vec![restored::look(Key("restore-button-look"), eyes)]],
        Matter::ManyExpired { .. } => {
            vec![button(Key("matters-button-allow"), MatterTap::Ask(Decision::Allow))]
        }
        Matter::UserGone { client, username } => {
            let label = t.plain("matters-button-remake", args![username = username.as_str()]);
            vec![vec![Button::Tap(label, Tap::Matter(MatterTap::AskRemake(*client)))]]
        }
        _ => vec![],
    }
}

/// Make the client's panel user again?
pub fn ask_remake(client: &Client, nonce: Nonce, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let yes = Button::Tap(t.plain("matters-yes", &[]), Tap::Matter(MatterTap::YesRemake(client.id, nonce)));
    let no = Button::Tap(t.plain("matters-no", &[]), Tap::Card(client.id, Spot::default()));
    Screen::new(t.html("card-ask-remake", args![username = client.username.as_str()])).row([yes, no])
}

fn seen_to(matter: &Matter, aside: Aside, eyes: &Eyes) -> Button {
    let label = match matter {
        Matter::Stuck { username, .. }
        | Matter::AnotherUser { username, .. }
        | Matter::UserGone { username, .. } => {
            eyes.t.plain("matters-button-aside", args![username = username.as_str()])
        }
        _ => eyes.t.plain("matters-button-aside-all", &[]),
    };
    Button::Tap(label, Tap::Matter(MatterTap::Aside(aside)))
}

/// Really? What happens then.
pub fn ask(decision: Decision, nonce: Nonce, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let question = match decision {
        Decision::Allow => Key("matters-ask-allow"),
        Decision::MakeAgain => Key("matters-ask-make"),
        Decision::LetGo => Key("matters-ask-let-go"),
    };
    let yes = Button::Tap(t.plain("matters-yes", &[]), Tap::Matter(MatterTap::Yes(decision, nonce)));
    let no = Button::Tap(t.plain("matters-no", &[]), Tap::Matter(MatterTap::No));
    Screen::new(t.html(question, &[])).row([yes, no])
}

/// It is being done.
pub fn decided(decision: Decision, eyes: &Eyes) -> Screen {
    let key = match decision {
        Decision::Allow => Key("matters-decided-allow"),
        Decision::MakeAgain | Decision::LetGo => Key("matters-decided"),
    };
    with_home(eyes.t.html(key, &[]), eyes)
}

/// Whether the panel knows the clients again.
pub fn looked(well: bool, eyes: &Eyes) -> Screen {
    if well {
        return with_home(eyes.t.html("matters-looked-well", &[]), eyes);
    }
    let list = Button::Tap(eyes.t.plain("matters-button-list", &[]), Tap::Matter(MatterTap::List));
    Screen::new(eyes.t.html("matters-looked-ill", &[])).row([list])
}

/// To the list, where something is on it.
pub fn button(count: i64, eyes: &Eyes) -> Option<Button> {
    let label = || eyes.t.plain("matters-button", args![count = count]);
    (count > 0).then(|| Button::Tap(label(), Tap::Matter(MatterTap::List)))
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
        Matter::Restored { made_at } => t.html("matter-restored", args![date = eyes.date(*made_at)]),
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
    use super::super::samples::{client as client_of, days, snapshot};
    use super::*;
    use crate::domain::ids::IntentId;
    use crate::domain::operation::Action;
    use crate::domain::panel_problem::PanelProblem;

    fn all() -> [Matter; 9] {
        let alice = client_of("alice_1");
        let (client, username) = (alice.id, alice.username);
        let stuck = Matter::Stuck {
            intent: IntentId(uuid::Uuid::nil()),
            client,
            username: username.clone(),
            action: Action::Extend,
            since: days(-1),
        };
        [
            stuck,
            Matter::AnotherUser { client, username: username.clone() },
            Matter::UserGone { client, username: username.clone() },
            Matter::PanelReplaced { missing: 19, looked_for: 20 },
            Matter::ManyExpired { expired: 121, most: 20 },
            Matter::ManyExpired { expired: 41, most: 20 },
            Matter::ClocksDiffer { seconds: -180 },
            Matter::NotRelinked { linked: 49_998, left: 2, names: vec![username.clone(), username] },
            Matter::Restored { made_at: days(-1) },
        ]
    }

    #[test]
    fn matters_as_they_are_raised_and_listed() {
        let all = all();
        snapshot("matters", |eyes| Screen::lines(all.iter().map(|matter| raised(matter, eyes).to_string())));
        let raised_at = days(0);
        let open = |matter: &Matter| OpenMatter { key: matter.key(), matter: matter.clone(), raised_at };
        let open: Vec<OpenMatter> = all.iter().map(open).collect();
        snapshot("matters_list", |eyes| list(&open[..7], Role::Owner, eyes));
        snapshot("matters_list_admin", |eyes| list(&open[..4], Role::Admin, eyes));
        snapshot("matters_none", |eyes| list(&[], Role::Viewer, eyes));
    }

    #[test]
    fn what_an_owner_decides() {
        let nonce = Nonce::new(days(0), &crate::domain::clock::OsEntropy);
        let shown = |screen: Screen| screen.to_string().replace(&nonce.text(), "NONCE");
        snapshot("matters_ask", |eyes| {
            let asked = [Decision::Allow, Decision::MakeAgain, Decision::LetGo];
            Screen::lines(asked.map(|decision| shown(ask(decision, nonce, eyes))))
        });
        let alice = client_of("alice_1");
        snapshot("card_ask_remake", |eyes| Screen::new(shown(ask_remake(&alice, nonce, eyes))));
        snapshot("matters_decided", |eyes| {
            let decided = [Decision::Allow, Decision::MakeAgain].map(|decision| decided(decision, eyes));
            let looked = [true, false].map(|well| looked(well, eyes));
            Screen::lines(decided.into_iter().chain(looked).map(|screen| screen.to_string()))
        });
    }

    #[test]
    fn how_the_panel_is() {
        let down = [
            PanelProblem::Unreachable,
            PanelProblem::Nonsense,
            PanelProblem::TokenRefused,
            PanelProblem::ScopeMissing,
            PanelProblem::NoSquad,
        ];
        let since = days(0) - TimeDelta::minutes(2);
        snapshot("panel_down", |eyes| {
            Screen::lines(down.map(|problem| raised(&Matter::PanelDown { since, problem }, eyes).to_string()))
        });
        snapshot("panel_back", |eyes| {
            Screen::lines(
                [3, 59, 180, 3000].map(|minutes| panel_back(TimeDelta::minutes(minutes), eyes).to_string()),
            )
        });
    }
}
