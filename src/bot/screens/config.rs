//! A configuration as it is handed over: the text, then the photo with its caption and buttons.

use url::Url;

use crate::bot::callback::{MineTap, Tap};
use crate::bot::connect_link::{self, openable};
use crate::bot::format::{Eyes, emoji, word};
use crate::bot::html;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::client::Client;
use crate::domain::ids::SubscriptionUrl;
use crate::services::views::{ConfigData, Unfit};

use super::contacts::Contacts;

/// How the base64 text travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigText {
    /// As a message.
    Message(Screen),
    /// As a document, byte for byte.
    Document {
        /// `USERNAME.txt`
        name: String,
        /// What the panel serves.
        bytes: Vec<u8>,
        /// The words under it.
        caption: Screen,
    },
}

/// In `<pre>` when it fits a message, else as a document. Telegram trims what it shows, so a text with blanks at its
/// ends travels as a document too.
pub fn text(client: &Client, config: &ConfigData, eyes: &Eyes) -> ConfigText {
    let ConfigData(config) = config;
    let message = format!("<pre>{}</pre>", html::escape(config));
    if config.trim() == config && !config.is_empty() && html::length(&message) <= html::TEXT_LIMIT {
        return ConfigText::Message(Screen::new(message).secret());
    }
    let username = client.username.as_str();
    ConfigText::Document {
        name: format!("{username}.txt"),
        bytes: config.clone().into_bytes(),
        caption: Screen::new(eyes.t.html("delivery-document", args![username = username])).secret(),
    }
}

/// What stands under the link besides it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras<'a> {
    /// The panel could not be asked: there are no keys, and the state is what the database knows.
    pub link_only: bool,
    /// `PUBLIC_URL`: "Add to app" opens a page of this service.
    pub public_url: Option<&'a Url>,
    /// The person may replace this link.
    pub rotate: bool,
    /// The person has clients' cards.
    pub staff: bool,
}

/// The caption of the QR code.
pub fn caption(client: &Client, url: &SubscriptionUrl, extras: Extras<'_>, eyes: &Eyes) -> Screen {
    let hint = eyes.t.html("delivery-scan", &[]);
    link_screen(client, url, extras, hint, eyes)
}

/// The same without a picture: the link is too long for a QR code.
pub fn without_picture(client: &Client, url: &SubscriptionUrl, extras: Extras<'_>, eyes: &Eyes) -> Screen {
    let hint = eyes.t.html("delivery-copy", &[]);
    link_screen(client, url, extras, hint, eyes)
}

fn link_screen(
    client: &Client,
    url: &SubscriptionUrl,
    extras: Extras<'_>,
    hint: String,
    eyes: &Eyes,
) -> Screen {
    let t = eyes.t;
    let state = client.state(eyes.now);
    let state_word = t.plain(word(state), &[]);
    let date = eyes.date(client.expires_at);
    let relative = eyes.relative(client.expires_at);
    let mut lines = vec![
        t.html(
            "delivery-title",
            args![emoji = emoji(state), username = client.username.as_str(), state = state_word],
        ),
        t.html("delivery-until", args![date = date, relative = relative]),
        String::new(),
        t.html("delivery-link", args![url = url.expose()]),
        String::new(),
        hint,
    ];
    if extras.link_only {
        lines.extend([String::new(), t.html("delivery-link-only", &[])]);
    }
    buttons(Screen::lines(lines).secret(), client, url, extras, eyes)
}

fn buttons(
    screen: Screen,
    client: &Client,
    url: &SubscriptionUrl,
    extras: Extras<'_>,
    eyes: &Eyes,
) -> Screen {
    let t = eyes.t;
    let page = extras.public_url.and_then(|page| openable(connect_link::link(page, url, t.0).as_str()));
    let add = page.or_else(|| openable(url.expose()));
    let tap = |label: Key, tap| Button::Tap(t.plain(label, &[]), tap);
    let keys = (!extras.link_only).then(|| tap(Key("button-keys"), Tap::Mine(MineTap::Keys(client.id, 0))));
    let rotate = extras.rotate.then(|| tap(Key("button-relink"), Tap::Mine(MineTap::Rotate(client.id))));
    let card = extras.staff.then(|| tap(Key("button-card"), Tap::Card(client.id, Spot::default())));
    screen
        .row(add.map(|url| Button::Open(t.plain("button-add-to-app", &[]), url)))
        .row(Button::copy(t.plain("button-copy-link", &[]), url.expose()))
        .row(keys)
        .row(rotate)
        .row(card.into_iter().chain([tap(Key("button-home"), Tap::Home)]))
}

/// Why there is no configuration, and what to do, for who has to ask others for it.
pub fn unfit(client: &Client, why: Unfit, contacts: Contacts<'_>, eyes: &Eyes) -> Screen {
    let key = match why {
        Unfit::Blocked => Key("unfit-blocked"),
        Unfit::Expired => Key("unfit-expired"),
        Unfit::TrafficUsedUp => Key("unfit-traffic"),
        Unfit::NoSquad | Unfit::NotLinked => Key("unfit-not-ready"),
    };
    let lines = [reason(client, key, eyes), String::new()].into_iter().chain(contacts.advice(why, eyes));
    contacts.under_unfit(Screen::lines(lines), why, eyes)
}

/// The same for those who can do something about it themselves.
pub fn unfit_for_staff(client: &Client, why: Unfit, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let key = match why {
        Unfit::Blocked => Key("unfit-blocked-staff"),
        Unfit::Expired => Key("unfit-expired-staff"),
        Unfit::TrafficUsedUp => Key("unfit-traffic-staff"),
        Unfit::NoSquad => Key("unfit-squad-staff"),
        Unfit::NotLinked => Key("unfit-no-link-staff"),
    };
    Screen::new(reason(client, key, eyes)).row([
        Button::Tap(t.plain("button-card", &[]), Tap::Card(client.id, Spot::default())),
        Button::Tap(t.plain("button-home", &[]), Tap::Home),
    ])
}

fn reason(client: &Client, key: Key, eyes: &Eyes) -> String {
    eyes.t.html(key, args![username = client.username.as_str(), date = eyes.date(client.expires_at)])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, snapshot};
    use super::*;
    use crate::domain::contact::Contact;

    fn data(length: usize) -> ConfigData {
        ConfigData("A".repeat(length))
    }

    fn is_message(config: ConfigData) -> bool {
        let eyes = super::super::samples::eyes();
        matches!(text(&client("alice_1"), &config, &eyes), ConfigText::Message(_))
    }

    #[test]
    fn a_message_while_it_fits_else_a_document() {
        assert!(is_message(data(4096)));
        assert!(!is_message(data(4097)));
        assert!(!is_message(ConfigData("QUJD\n".to_owned())));
        assert!(!is_message(ConfigData(" QUJD".to_owned())));
    }

    #[test]
    fn a_document_keeps_every_byte() {
        let eyes = super::super::samples::eyes();
        let config = format!("{}\r\n", "QUJD".repeat(12_500));
        let ConfigText::Document { name, bytes, .. } =
            text(&client("alice_1"), &ConfigData(config.clone()), &eyes)
        else {
            panic!("a document")
        };
        assert_eq!((name.as_str(), bytes), ("alice_1.txt", config.into_bytes()));
    }

    #[test]
    fn delivery_screens() {
        let alice = client("alice_1");
        let url = SubscriptionUrl::new("https://panel.example.com/api/sub/AbCdEf0123456789");
        let all = Extras { rotate: true, staff: true, ..Extras::default() };
        snapshot("delivery", |eyes| caption(&alice, &url, all, eyes));
        let page = "https://vpn.example.com".parse().unwrap();
        let with_page = Extras { public_url: Some(&page), ..Extras::default() };
        snapshot("delivery_page", |eyes| caption(&alice, &url, with_page, eyes));
        let link_only = Extras { link_only: true, rotate: true, ..Extras::default() };
        snapshot("delivery_link_only", |eyes| caption(&alice, &url, link_only, eyes));
        let local = SubscriptionUrl::new("http://127.0.0.1:3000/api/sub/AbCdEf0123456789");
        snapshot("delivery_local", |eyes| without_picture(&alice, &local, Extras::default(), eyes));
    }

    #[test]
    fn unfit_screens() {
        let all = [Unfit::Blocked, Unfit::Expired, Unfit::TrafficUsedUp, Unfit::NoSquad, Unfit::NotLinked];
        let alice = client("alice_1");
        let support: Contact = "https://help.example.com/vpn".parse().unwrap();
        let phone: Contact = "+7 900 000-00-00".parse().unwrap();
        let pay = "https://pay.example.com/vpn".parse().unwrap();
        for (name, contacts) in [
            ("unfit", Contacts::default()),
            ("unfit_contacts", Contacts::new(Some(&support), Some(&pay))),
            ("unfit_phone", Contacts::new(Some(&phone), None)),
        ] {
            snapshot(name, |eyes| {
                Screen::lines(all.iter().map(|why| unfit(&alice, *why, contacts, eyes).to_string()))
            });
        }
        snapshot("unfit_staff", |eyes| {
            Screen::lines(all.iter().map(|why| unfit_for_staff(&alice, *why, eyes).to_string()))
        });
    }
}
