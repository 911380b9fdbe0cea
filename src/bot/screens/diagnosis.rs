//! What keeps one's VPN from working, and the one thing to do about it.

use crate::bot::callback::{MineTap, Tap};
use crate::bot::format::{Eyes, emoji, word};
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::services::diagnosis::{Diagnosis, Finding};
use crate::services::views::Unfit;

use super::card::panel_lines;
use super::contacts::Contacts;

/// What was found about each client; those with the same trouble stand together.
pub fn diagnosis(views: &[Diagnosis], contacts: Contacts<'_>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let mut lines = vec![t.html("diagnosis-title", &[])];
    for finding in kinds(views) {
        let alike = views.iter().filter(|view| kind(view.finding) == finding);
        lines.push(String::new());
        lines.extend(alike.map(|view| line(view, eyes)));
        if let [only] = views {
            lines.extend(only.panel.iter().flat_map(|facts| panel_lines(Some(*facts), eyes)));
        }
        lines.push(t.html(words(finding), &[]));
    }
    let unfit = views.iter().find_map(|view| unfit(view.finding));
    lines.push(String::new());
    match unfit {
        Some(why) => lines.extend(contacts.advice(why, eyes)),
        None => lines.push(contacts.whom(eyes)),
    }
    buttons(Screen::lines(lines), views, unfit, contacts, eyes)
}

/// What helps most goes first.
fn buttons(
    screen: Screen,
    views: &[Diagnosis],
    unfit: Option<Unfit>,
    contacts: Contacts<'_>,
    eyes: &Eyes,
) -> Screen {
    let t = eyes.t;
    let fitting = unfit.and_then(|why| contacts.fitting(why, eyes));
    let silent = views.iter().any(|view| view.finding == Finding::PanelSilent);
    let again = silent.then(|| Button::Tap(t.plain("button-check-again", &[]), Tap::Mine(MineTap::Check)));
    let several = views.len() > 1;
    let fit = views.iter().filter(|view| !silent && self::unfit(view.finding).is_none());
    let screen = screen.row(fitting.clone()).row(again);
    let screen = fit.fold(screen, |screen, view| {
        let label = match several {
            true => format!("📲 {} {}", view.client.username, emoji(view.state)),
            false => t.plain("button-config", &[]),
        };
        screen.row([Button::Tap(label, Tap::Config(view.client.id))])
    });
    // Each of them once, though the fitting one may open the same page.
    let opened = |button: &Button| matches!((button, &fitting), (Button::Open(_, a), Some(Button::Open(_, b))) if a == b);
    let others = [contacts.support(eyes), contacts.pay(eyes)].into_iter().flatten().filter(|b| !opened(b));
    screen.row(others).row([Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

fn line(view: &Diagnosis, eyes: &Eyes) -> String {
    let client = &view.client;
    eyes.t.html(
        "user-home-client",
        args![
            emoji = emoji(view.state),
            username = client.username.as_str(),
            state = eyes.t.plain(word(view.state), &[]),
            date = eyes.date(client.expires_at),
            relative = eyes.relative(client.expires_at)
        ],
    )
}

/// Each kind of finding once, in the order of the clients.
fn kinds(views: &[Diagnosis]) -> Vec<Finding> {
    let mut kinds = vec![];
    for found in views.iter().map(|view| kind(view.finding)) {
        if !kinds.contains(&found) {
            kinds.push(found);
        }
    }
    kinds
}

/// The finding without its moment, which stands among the facts.
fn kind(finding: Finding) -> Finding {
    match finding {
        Finding::LongOffline(_) => Finding::LongOffline(chrono::DateTime::UNIX_EPOCH),
        other => other,
    }
}

fn unfit(finding: Finding) -> Option<Unfit> {
    match finding {
        Finding::Unfit(why) => Some(why),
        Finding::Well | Finding::NeverOnline | Finding::LongOffline(_) | Finding::PanelSilent => None,
    }
}

/// The words for a finding.
pub(super) fn words(finding: Finding) -> Key {
    match finding {
        Finding::Well => Key("diagnosis-well"),
        Finding::NeverOnline => Key("diagnosis-never-online"),
        Finding::LongOffline(_) => Key("diagnosis-long-offline"),
        Finding::PanelSilent => Key("diagnosis-panel-silent"),
        Finding::Unfit(Unfit::Blocked) => Key("diagnosis-blocked"),
        Finding::Unfit(Unfit::Expired) => Key("diagnosis-expired"),
        Finding::Unfit(Unfit::TrafficUsedUp) => Key("diagnosis-traffic"),
        Finding::Unfit(Unfit::NoSquad | Unfit::NotLinked) => Key("diagnosis-not-ready"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, days, eyes, snapshot};
    use super::*;
    use crate::bot::html;
    use crate::domain::client::State;
    use crate::domain::contact::Contact;
    use crate::services::diagnosis::MOST;
    use crate::services::views::PanelFacts;

    fn found(username: &str, state: State, finding: Finding) -> Diagnosis {
        let asked = finding != Finding::PanelSilent;
        let online_at = match finding {
            Finding::Well => Some(days(0) - chrono::TimeDelta::minutes(5)),
            Finding::LongOffline(last) => Some(last),
            _ => None,
        };
        let facts = PanelFacts { traffic_used: 1 << 30, traffic_limit: Some(100 << 30), online_at };
        Diagnosis { client: client(username), state, finding, panel: asked.then_some(facts) }
    }

    #[test]
    fn one_client() {
        let support: Contact = "@vpn_help".parse().unwrap();
        let pay = "https://pay.example.com/vpn".parse().unwrap();
        let both = Contacts::new(Some(&support), Some(&pay));
        for (name, state, finding) in [
            ("well", State::Active, Finding::Well),
            ("never", State::Active, Finding::NeverOnline),
            ("long", State::Active, Finding::LongOffline(days(-4))),
            ("silent", State::Active, Finding::PanelSilent),
            ("blocked", State::Blocked, Finding::Unfit(Unfit::Blocked)),
            ("expired", State::Expired, Finding::Unfit(Unfit::Expired)),
            ("traffic", State::TrafficUsedUp, Finding::Unfit(Unfit::TrafficUsedUp)),
            ("squad", State::Active, Finding::Unfit(Unfit::NoSquad)),
        ] {
            let view = [found("alice_1", state, finding)];
            snapshot(&format!("diagnosis_{name}"), |eyes| {
                Screen::new(format!(
                    "{}\n--- nobody named\n{}",
                    diagnosis(&view, both, eyes),
                    diagnosis(&view, Contacts::default(), eyes)
                ))
            });
        }
    }

    #[test]
    fn several_clients() {
        let phone: Contact = "+7 900 <000> & co".parse().unwrap();
        let views = [
            found("alice_1", State::Active, Finding::Well),
            found("alice_2", State::Active, Finding::Unfit(Unfit::NoSquad)),
            found("alice_3", State::Active, Finding::Well),
        ];
        snapshot("diagnosis_several", |eyes| diagnosis(&views, Contacts::new(Some(&phone), None), eyes));
    }

    #[test]
    fn as_many_as_there_may_be_still_fit() {
        let findings = [
            Finding::Well,
            Finding::NeverOnline,
            Finding::LongOffline(days(-4)),
            Finding::Unfit(Unfit::Blocked),
            Finding::Unfit(Unfit::Expired),
            Finding::Unfit(Unfit::TrafficUsedUp),
            Finding::Unfit(Unfit::NoSquad),
        ];
        let views: Vec<Diagnosis> = (0..MOST)
            .zip(findings.into_iter().cycle())
            .map(|(n, finding)| found(&format!("{n:02}{}", "x".repeat(34)), State::TrafficUsedUp, finding))
            .collect();
        let screen = diagnosis(&views, Contacts::default(), &eyes());
        assert!(html::length(&screen.text) <= html::TEXT_LIMIT, "{}", html::length(&screen.text));
    }
}
