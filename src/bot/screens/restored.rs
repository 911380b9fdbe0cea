//! After a restore from a backup: how the panel differs, and whether it goes on.

use crate::bot::callback::{MatterTap, Nonce, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::domain::notice::TakenOver;
use crate::services::restored::{Comparison, Found};

use super::matters;
use super::notice::with_home;

/// How the panel differs, what happens if it goes on, and the question.
pub fn differences(comparison: &Comparison, nonce: Nonce, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let Comparison { made_at, clients, later, earlier, access, links, missing, fresh } = comparison;
    let mut lines = vec![
        t.html("restore-title", args![date = eyes.date(*made_at), age = eyes.relative(*made_at)]),
        t.html("restore-clients", args![count = *clients]),
        String::new(),
    ];
    for (key, found) in [
        (Key("restore-later"), later),
        (Key("restore-earlier"), earlier),
        (Key("restore-access"), access),
        (Key("restore-links"), links),
        (Key("restore-missing"), missing),
        (Key("restore-fresh"), fresh),
    ] {
        if found.count > 0 {
            lines.extend([t.html(key, args![count = found.count]), names(found, eyes)]);
        }
    }
    if comparison.is_equal() {
        lines.push(t.html("restore-equal", &[]));
    }
    lines.extend([String::new(), t.html("restore-then", &[])]);
    lines.extend((missing.count > 0).then(|| t.html("restore-then-missing", &[])));
    lines.extend((fresh.count > 0).then(|| t.html("restore-then-fresh", &[])));
    lines.push(t.html("restore-then-old", &[]));
    let yes = Tap::Matter(MatterTap::GoOn(nonce));
    Screen::lines(lines)
        .row([Button::Tap(t.plain("restore-button-yes", &[]), yes)])
        .row([Button::Tap(t.plain("restore-button-no", &[]), Tap::Matter(MatterTap::No))])
}

fn names(found: &Found, eyes: &Eyes) -> String {
    let names = found.names.join(", ");
    let shown = u64::try_from(found.names.len()).unwrap_or(u64::MAX);
    match found.count.saturating_sub(shown) {
        0 => eyes.t.html("restore-names", args![names = names]),
        more => eyes.t.html("restore-names-more", args![names = names, more = more]),
    }
}

/// The panel could not be read.
pub fn panel_away(why: &str, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    Screen::new(t.html("restore-panel-away", args![why = why])).row([look(Key("restore-button-again"), eyes)])
}

/// The button that leads to the differences.
pub fn look(label: Key, eyes: &Eyes) -> Button {
    Button::Tap(eyes.t.plain(label, &[]), Tap::Matter(MatterTap::Differences))
}

/// It is being done.
pub fn under_way(eyes: &Eyes) -> Screen {
    with_home(eyes.t.html("restore-under-way", &[]), eyes)
}

/// Nothing waits.
pub fn nothing(eyes: &Eyes) -> Screen {
    with_home(eyes.t.html("restore-nothing", &[]), eyes)
}

/// It is done: what was taken over.
pub fn resumed(taken: &TakenOver, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let TakenOver { dates, access, links, gone, matters: open } = *taken;
    let mut lines = vec![match dates + access + links {
        0 => t.html("owner-resumed-equal", &[]),
        _ => t.html("owner-resumed", args![dates = dates, access = access, links = links]),
    }];
    lines.extend((gone > 0).then(|| t.html("owner-resumed-gone", args![count = gone])));
    let list = matters::button(i64::try_from(open).unwrap_or(i64::MAX), eyes);
    Screen::lines(lines).row(list).row([Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{days, snapshot};
    use super::*;

    fn found(count: u64, names: &[&str]) -> Found {
        Found { count, names: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    fn comparison() -> Comparison {
        Comparison { made_at: days(-1), clients: 312, ..Comparison::default() }
    }

    fn shown(screen: Screen, nonce: Nonce) -> Screen {
        Screen::new(screen.to_string().replace(&nonce.text(), "NONCE"))
    }

    #[test]
    fn the_differences_to_the_panel() {
        let nonce = Nonce::new(days(0), &crate::domain::clock::OsEntropy);
        let ten: Vec<String> = (1..=10).map(|number| format!("client_{number}")).collect();
        let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
        let several = Comparison {
            later: found(37, &ten),
            earlier: found(1, &["bob_2"]),
            access: found(2, &["carol_3", "dave_4"]),
            links: found(1, &["erin_5"]),
            missing: found(1, &["frank_6"]),
            fresh: found(2, &["grace_7", "<b>\u{202e}"]),
            ..comparison()
        };
        snapshot("restore_differences", |eyes| shown(differences(&several, nonce, eyes), nonce));
        snapshot("restore_equal", |eyes| shown(differences(&comparison(), nonce, eyes), nonce));
        snapshot("restore_told", |eyes| {
            let away = panel_away("no answer from the panel", eyes);
            Screen::lines([away, under_way(eyes), nothing(eyes)].map(|screen| screen.to_string()))
        });
    }

    #[test]
    fn what_was_taken_over() {
        let all = TakenOver { dates: 12, access: 3, links: 1, gone: 2, matters: 2 };
        snapshot("restore_resumed", |eyes| {
            Screen::lines([all, TakenOver::default()].map(|taken| resumed(&taken, eyes).to_string()))
        });
    }
}
