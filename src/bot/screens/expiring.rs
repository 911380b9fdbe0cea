//! Dates that come or have come: for the people concerned, and in the morning for those who look after the service.

use crate::bot::callback::{ChangeTap, MineTap, Nonce, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::{Expiry, Purpose, Spot};
use crate::domain::client::Status;
use crate::domain::daytime;
use crate::domain::notice::Dated;
use crate::domain::search::ClientOrder;
use crate::domain::username::Username;
use crate::services::views::Unfit;

use super::contacts::Contacts;
use super::notices::With;

/// So many clients are named, then how many more there are.
const NAMED: usize = 20;
/// The days that one tap in the morning gives.
const MONTH: i64 = 30;

/// It ends soon, and what to do.
pub fn soon(clients: &[Dated], contacts: Contacts<'_>, eyes: &Eyes) -> Screen {
    let words = Words {
        one: Key("notice-expiring"),
        several: Key("notice-expiring-several"),
        hint: Key("notice-expiring-hint"),
    };
    told(clients, words, contacts, eyes)
}

/// It has ended, and how to get it back. At night nobody is woken for that.
pub fn ended(clients: &[Dated], contacts: Contacts<'_>, eyes: &Eyes) -> Screen {
    let words = Words {
        one: Key("notice-expired"),
        several: Key("notice-expired-several"),
        hint: Key("notice-expired-hint"),
    };
    let screen = told(clients, words, contacts, eyes);
    if daytime::is_day(eyes.now, eyes.timezone) { screen } else { screen.silent() }
}

struct Words {
    one: Key,
    several: Key,
    hint: Key,
}

fn told(clients: &[Dated], words: Words, contacts: Contacts<'_>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let mut text = match clients {
        [only] => vec![line(words.one, only, eyes)],
        several => {
            let mut text = vec![t.html(words.several, &[])];
            text.extend(lines(several, several.len() as u64, eyes));
            text
        }
    };
    text.extend([String::new(), t.html(words.hint, &[])]);
    text.extend(contacts.advice(Unfit::Expired, eyes));
    let status = match clients {
        [only] => MineTap::Status(only.client),
        _ => MineTap::Statuses,
    };
    Screen::lines(text)
        .row(contacts.fitting(Unfit::Expired, eyes))
        .row(contacts.support_unless_fitting(Unfit::Expired, eyes))
        .row([Button::Tap(t.plain("notice-button-status", &[]), Tap::Mine(status))])
}

/// Whose date is today, each with a button that gives a month.
pub fn digest(clients: &[Dated], total: u64, with: With<'_>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let soon =
        Spot::default().filtered(Some(Status::Active), Some(Expiry::Soon)).ordered(ClientOrder::Expiry);
    let extend = clients.iter().take(NAMED).filter_map(|dated| {
        let nonce = Nonce::new(eyes.now, with.entropy);
        let spot = Spot { purpose: Purpose::Today, ..soon };
        let tap = ChangeTap::ExtendBy(dated.client, MONTH.try_into().ok()?, nonce, spot);
        Some(Button::Tap(format!("+{MONTH} {}", dated.username), Tap::Change(tap)))
    });
    let mut text = vec![t.html("digest-title", args![total = total])];
    text.extend(lines(clients, total, eyes));
    if with.taps {
        text.extend([String::new(), t.html("digest-hint", args![days = MONTH])]);
    }
    Screen::lines(text).pairs(extend).row([
        Button::Tap(t.plain("digest-button-list", &[]), Tap::List(soon)),
        Button::Tap(t.plain("button-home", &[]), Tap::Home),
    ])
}

/// Who lost access because their date has passed.
pub fn deactivated(count: u64, names: &[Username], failed: u64, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let named: Vec<&str> = names.iter().take(NAMED).map(Username::as_str).collect();
    let more = more(count, named.len(), eyes);
    let names: Vec<String> = Some(named.join(", ")).into_iter().chain(more).collect();
    let done =
        (count > 0).then(|| t.html("owner-deactivated", args![count = count, names = names.join(" ")]));
    let failed = (failed > 0).then(|| t.html("owner-deactivated-failed", args![failed = failed]));
    let expired = Spot::default().filtered(None, Some(Expiry::Expired));
    Screen::lines(done.into_iter().chain(failed)).row([
        Button::Tap(t.plain("owner-button-expired", &[]), Tap::List(expired)),
        Button::Tap(t.plain("button-home", &[]), Tap::Home),
    ])
}

/// A line for each, as far as they are named.
fn lines(clients: &[Dated], total: u64, eyes: &Eyes) -> Vec<String> {
    let named = clients.iter().take(NAMED);
    let more = more(total, named.len(), eyes);
    named.map(|dated| line(Key("notice-dated"), dated, eyes)).chain(more).collect()
}

fn line(key: Key, dated: &Dated, eyes: &Eyes) -> String {
    let (date, relative) = (eyes.date(dated.expires_at), eyes.relative(dated.expires_at));
    eyes.t.html(key, args![username = dated.username.as_str(), date = date, relative = relative])
}

fn more(total: u64, named: usize, eyes: &Eyes) -> Option<String> {
    let left = total.saturating_sub(named as u64);
    (left > 0).then(|| eyes.t.html("notice-more", args![count = left]))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::samples::{client, days, entropy, eyes, now, snapshot};
    use super::*;
    use crate::domain::contact::Contact;

    fn dated(username: &str, hours: i64) -> Dated {
        let client = client(username);
        let expires_at = now() + TimeDelta::hours(hours);
        Dated { client: client.id, username: client.username, expires_at }
    }

    #[test]
    fn dates_that_come() {
        let support: Contact = "@vpn_help".parse().unwrap();
        let pay = "https://pay.example.com/vpn".parse().unwrap();
        let contacts = Contacts::new(Some(&support), Some(&pay));
        let alice = dated("alice_1", 72);
        snapshot("notice_expiring", |eyes| soon(std::slice::from_ref(&alice), contacts, eyes));
        snapshot("notice_expiring_plain", |eyes| {
            soon(std::slice::from_ref(&alice), Contacts::default(), eyes)
        });
        let several = [dated("bob-2", 24), dated("alice_1", 72)];
        snapshot("notice_expiring_several", |eyes| soon(&several, contacts, eyes));
    }

    #[test]
    fn dates_that_have_come() {
        let support: Contact = "@vpn_help".parse().unwrap();
        let pay = "https://pay.example.com/vpn".parse().unwrap();
        let contacts = Contacts::new(Some(&support), Some(&pay));
        let alice = dated("alice_1", 0);
        snapshot("notice_expired", |eyes| ended(std::slice::from_ref(&alice), contacts, eyes));
        snapshot("notice_expired_plain", |eyes| {
            ended(std::slice::from_ref(&alice), Contacts::default(), eyes)
        });
        let several: Vec<Dated> = (0..23).map(|number| dated(&format!("flat-{number}"), -2)).collect();
        snapshot("notice_expired_several", |eyes| ended(&several, contacts, eyes));
    }

    #[test]
    fn at_night_nobody_is_woken() {
        let alice = [dated("alice_1", 0)];
        let mut eyes = eyes();
        for (hour, silent) in [(8, true), (9, false), (21, false), (22, true)] {
            eyes.now = days(0) + TimeDelta::hours(hour - 11);
            assert_eq!(ended(&alice, Contacts::default(), &eyes).silent, silent, "{hour}");
            assert!(!soon(&alice, Contacts::default(), &eyes).silent);
        }
    }

    #[test]
    fn in_the_morning() {
        let with = With { contacts: Contacts::default(), entropy: &entropy(), taps: true };
        let clients = [dated("alice_1", -2), dated("bob-2", 3), dated("carol", 7)];
        snapshot("digest", |eyes| digest(&clients, 3, with, eyes));
        snapshot("digest_one", |eyes| digest(&clients[1..2], 1, with, eyes));
        let many: Vec<Dated> = (0..20).map(|number| dated(&format!("flat-{number}"), 1)).collect();
        assert_eq!(digest(&many, 4321, with, &eyes()).keyboard.len(), 11);
        assert!(digest(&many, 4321, with, &eyes()).text.contains("4301 more"));
    }

    #[test]
    fn who_lost_access() {
        let names: Vec<Username> = ["alice_1", "bob-2"].map(Username::stored).into();
        let screens = |eyes: &Eyes| {
            let all = [(2, &names[..], 0), (1, &names[..1], 3), (121, &names[..], 0), (0, &[], 1)];
            all.map(|(count, names, failed)| deactivated(count, names, failed, eyes).to_string())
        };
        snapshot("deactivated", |eyes| Screen::lines(screens(eyes)));
    }
}
