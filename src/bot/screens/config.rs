//! A configuration as it is handed over: the text, then the photo with its caption and buttons.

use std::net::IpAddr;

use url::{Host, Url};

use crate::bot::callback::Tap;
use crate::bot::format::{Eyes, emoji, word};
use crate::bot::html;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::client::Client;
use crate::domain::ids::SubscriptionUrl;
use crate::services::views::{ConfigData, Unfit};

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
        return ConfigText::Message(Screen::new(message));
    }
    let username = client.username.as_str();
    ConfigText::Document {
        name: format!("{username}.txt"),
        bytes: config.clone().into_bytes(),
        caption: Screen::new(eyes.t.html("delivery-document", args![username = username])),
    }
}

/// The caption of the QR code. `link_only`: the panel could not be asked.
pub fn caption(client: &Client, url: &SubscriptionUrl, link_only: bool, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let hint = t.html("delivery-scan", &[]);
    link_screen(client, url, link_only, hint, eyes)
}

/// The same without a picture: the link is too long for a QR code.
pub fn without_picture(client: &Client, url: &SubscriptionUrl, link_only: bool, eyes: &Eyes) -> Screen {
    let hint = eyes.t.html("delivery-copy", &[]);
    link_screen(client, url, link_only, hint, eyes)
}

fn link_screen(client: &Client, url: &SubscriptionUrl, link_only: bool, hint: String, eyes: &Eyes) -> Screen {
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
    if link_only {
        lines.extend([String::new(), t.html("delivery-link-only", &[])]);
    }
    let copy = Button::copy(t.plain("button-copy-link", &[]), url.expose());
    let add = openable(url.expose()).map(|url| Button::Open(t.plain("button-add-to-app", &[]), url));
    Screen::lines(lines).row(copy).row(add)
}

/// The link as Telegram takes it in a button: http or https, at a host that a phone elsewhere can reach. Telegram
/// refuses the whole message for `http://localhost`.
fn openable(link: &str) -> Option<Url> {
    let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let reachable = match url.host()? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            let top = name.rsplit_once('.')?.1;
            !matches!(top, "localhost" | "local" | "internal" | "lan")
        }
        Host::Ipv4(address) => public(IpAddr::V4(address)),
        Host::Ipv6(address) => public(IpAddr::V6(address)),
    };
    reachable.then_some(url)
}

fn public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !(v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified()),
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

/// Why there is no configuration, and what to do: other words for those who can do it themselves.
pub fn unfit(client: &Client, why: Unfit, staff: bool, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let username = client.username.as_str();
    let key = match (why, staff) {
        (Unfit::Blocked, false) => Key("unfit-blocked"),
        (Unfit::Blocked, true) => Key("unfit-blocked-staff"),
        (Unfit::Expired, false) => Key("unfit-expired"),
        (Unfit::Expired, true) => Key("unfit-expired-staff"),
        (Unfit::TrafficUsedUp, false) => Key("unfit-traffic"),
        (Unfit::TrafficUsedUp, true) => Key("unfit-traffic-staff"),
        (Unfit::NoSquad, false) => Key("unfit-squad"),
        (Unfit::NoSquad, true) => Key("unfit-squad-staff"),
        (Unfit::NotLinked, false) => Key("unfit-no-link"),
        (Unfit::NotLinked, true) => Key("unfit-no-link-staff"),
    };
    let card = staff.then(|| Button::Tap(t.plain("button-card", &[]), Tap::Card(client.id, Spot::default())));
    let home = Button::Tap(t.plain("button-home", &[]), Tap::Home);
    Screen::new(t.html(key, args![username = username, date = eyes.date(client.expires_at)]))
        .row(card.into_iter().chain([home]))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, snapshot};
    use super::*;

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
    fn only_links_that_telegram_takes_become_buttons() {
        for good in ["https://sub.example.com/x", "http://1.2.3.4:8000/x", "https://sub.example.com./x"] {
            assert!(openable(good).is_some(), "{good}");
        }
        for bad in [
            "http://localhost:3000/x",
            "http://127.0.0.1/x",
            "http://192.168.1.5/x",
            "http://[::1]/x",
            "http://panel.local/x",
            "http://panel/x",
            "happ://add/x",
            "nonsense",
        ] {
            assert!(openable(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn delivery_screens() {
        let alice = client("alice_1");
        let url = SubscriptionUrl::new("https://panel.example.com/api/sub/AbCdEf0123456789");
        snapshot("delivery", |eyes| caption(&alice, &url, false, eyes));
        snapshot("delivery_link_only", |eyes| caption(&alice, &url, true, eyes));
        let local = SubscriptionUrl::new("http://127.0.0.1:3000/api/sub/AbCdEf0123456789");
        snapshot("delivery_local", |eyes| without_picture(&alice, &local, false, eyes));
    }

    #[test]
    fn unfit_screens() {
        let all = [Unfit::Blocked, Unfit::Expired, Unfit::TrafficUsedUp, Unfit::NoSquad, Unfit::NotLinked];
        snapshot("unfit", |eyes| {
            Screen::lines(all.iter().flat_map(|why| {
                [false, true].map(|staff| unfit(&client("alice_1"), *why, staff, eyes).to_string())
            }))
        });
    }
}
