//! The keys of a configuration one by one.

use crate::bot::callback::{KeySpot, MineTap, Tap};
use crate::bot::format::Eyes;
use crate::bot::html;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::services::keys::NamedKey;

/// How many keys a page has.
const PER_PAGE: usize = 8;
/// The longest name of a server, in characters.
const NAME: usize = 40;

/// How a single key travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyText {
    /// Under its QR code.
    Caption(Screen),
    /// As a message of its own.
    Message(Screen),
    /// As a document, byte for byte.
    Document {
        /// `USERNAME-2.txt`
        name: String,
        /// The key.
        bytes: Vec<u8>,
        /// The words under it.
        caption: Screen,
    },
}

/// All keys, a button each; `page` may lie beyond the end.
pub fn list(client: &Client, keys: &[NamedKey], page: u32, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let pages = keys.len().div_ceil(PER_PAGE).max(1);
    let page = usize::try_from(page).unwrap_or(usize::MAX).min(pages - 1);
    let text = Screen::lines([
        t.html("keys-title", args![username = client.username.as_str()]),
        String::new(),
        t.html("keys-hint", &[]),
    ]);
    let here = keys.iter().enumerate().skip(page * PER_PAGE).take(PER_PAGE);
    let screen = here.fold(text, |screen, (place, key)| {
        let spot = u16::try_from(place).ok().map(|place| KeySpot {
            client: client.id,
            place,
            mark: key.mark.clone(),
        });
        screen.row(spot.map(|spot| Button::Tap(label(place, key, eyes), Tap::Mine(MineTap::Key(spot)))))
    });
    screen.row(turning(client.id, page, pages)).row([
        Button::Tap(t.plain("button-config", &[]), Tap::Config(client.id)),
        Button::Tap(t.plain("button-home", &[]), Tap::Home),
    ])
}

/// `⬅️ 2/7 ➡️`; nothing when there is one page.
fn turning(client: ClientId, page: usize, pages: usize) -> Vec<Button> {
    if pages <= 1 {
        return vec![];
    }
    let button = |label: &str, page: usize| {
        let page = u32::try_from(page).unwrap_or(u32::MAX);
        Button::Tap(label.to_owned(), Tap::Mine(MineTap::Keys(client, page)))
    };
    let back = page.checked_sub(1).map(|page| button("⬅️", page));
    let forward = (page + 1 < pages).then(|| button("➡️", page + 1));
    let middle = button(&format!("{}/{pages}", page + 1), page);
    back.into_iter().chain([middle]).chain(forward).collect()
}

/// `2. 🇩🇪 Berlin`
fn label(place: usize, key: &NamedKey, eyes: &Eyes) -> String {
    format!("{}. {}", place + 1, name(key, eyes))
}

/// What people call the server: short, and without what would turn the line around.
fn name(key: &NamedKey, eyes: &Eyes) -> String {
    let shown = key.name.as_deref().map(html::visible).unwrap_or_default();
    let mut name: String = shown.trim().chars().take(NAME).collect();
    if name.is_empty() {
        return eyes.t.plain("keys-unnamed", &[]);
    }
    if shown.trim().chars().count() > NAME {
        name.push('…');
    }
    name
}

/// One key. `pictured`: there is a QR code of it, under which it stands if there is room; else it comes before the picture,
/// which then has the buttons.
pub fn one(client: &Client, spot: &KeySpot, key: &NamedKey, pictured: bool, eyes: &Eyes) -> KeyText {
    let t = eyes.t;
    let text = key.key.expose();
    let title = title(client, key, eyes);
    let hint = t.html(if pictured { Key("keys-scan") } else { Key("keys-no-code") }, &[]);
    let lines = [title.clone(), String::new(), t.html("keys-text", args![key = text])];
    let shown_whole = html::visible(text) == text && text.trim() == text;
    if pictured {
        let whole = Screen::lines(lines.clone().into_iter().chain([String::new(), hint]));
        if shown_whole && html::length(&whole.text) <= html::CAPTION_LIMIT {
            return KeyText::Caption(buttons(whole, client.id, text, eyes));
        }
        let before = Screen::lines(lines).secret();
        if shown_whole && html::length(&before.text) <= html::TEXT_LIMIT {
            return KeyText::Message(before);
        }
        return document(client, spot, text, Screen::new(title).secret());
    }
    let whole =
        buttons(Screen::lines(lines.into_iter().chain([String::new(), hint.clone()])), client.id, text, eyes);
    if shown_whole && html::length(&whole.text) <= html::TEXT_LIMIT {
        return KeyText::Message(whole);
    }
    let caption = buttons(Screen::lines([title, String::new(), hint]), client.id, text, eyes);
    document(client, spot, text, caption)
}

fn title(client: &Client, key: &NamedKey, eyes: &Eyes) -> String {
    let args = args![name = name(key, eyes), username = client.username.as_str()];
    eyes.t.html("keys-one", args)
}

fn document(client: &Client, spot: &KeySpot, text: &str, caption: Screen) -> KeyText {
    let number = spot.place.saturating_add(1);
    KeyText::Document {
        name: format!("{}-{number}.txt", client.username),
        bytes: text.as_bytes().to_vec(),
        caption,
    }
}

/// Under the QR code of a key that came before it.
pub fn picture_only(client: &Client, key: &NamedKey, eyes: &Eyes) -> Screen {
    let lines = [title(client, key, eyes), String::new(), eyes.t.html("keys-scan", &[])];
    buttons(Screen::lines(lines), client.id, key.key.expose(), eyes)
}

fn buttons(screen: Screen, client: ClientId, key: &str, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    screen.secret().row(Button::copy(t.plain("button-copy-key", &[]), key)).row([
        Button::Tap(t.plain("button-keys", &[]), Tap::Mine(MineTap::Keys(client, 0))),
        Button::Tap(t.plain("button-home", &[]), Tap::Home),
    ])
}

/// The panel cannot be asked for them now.
pub fn silent(client: &Client, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    Screen::new(t.html("keys-silent", args![username = client.username.as_str()]))
        .row([Button::Tap(t.plain("button-retry", &[]), Tap::Mine(MineTap::Keys(client.id, 0)))])
        .row([
            Button::Tap(t.plain("button-config", &[]), Tap::Config(client.id)),
            Button::Tap(t.plain("button-home", &[]), Tap::Home),
        ])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, eyes, snapshot};
    use super::*;
    use crate::domain::ids::ServerKey;

    fn key(name: Option<&str>, text: &str) -> NamedKey {
        let mark = "0123abcd".to_owned();
        NamedKey { name: name.map(str::to_owned), key: ServerKey::new(text), mark }
    }

    fn spot(place: u16) -> KeySpot {
        KeySpot { client: client("alice_1").id, place, mark: "0123abcd".to_owned() }
    }

    #[test]
    fn keys_screens() {
        let mut keys = vec![
            key(Some("🇩🇪 Berlin"), "vless://a"),
            key(Some("\u{202e}<b>evil</b> & co\u{0}"), "vless://b"),
            key(Some(&"long ".repeat(50)), "vless://c"),
            key(None, "vless://d"),
            key(Some("\u{202e} "), "vless://e"),
        ];
        snapshot("keys", |eyes| list(&client("alice_1"), &keys, 0, eyes));
        keys.extend((0..15).map(|n| key(Some(&format!("Server {n}")), "vless://f")));
        snapshot("keys_page", |eyes| list(&client("alice_1"), &keys, 99, eyes));
        snapshot("keys_silent", |eyes| silent(&client("alice_1"), eyes));
        snapshot("keys_one", |eyes| {
            let key = key(Some("<Berlin>"), "vless://id@host:443?a=1&b=2#%3CBerlin%3E");
            let KeyText::Caption(screen) = one(&client("alice_1"), &spot(1), &key, true, eyes) else {
                panic!("it fits")
            };
            screen
        });
    }

    #[test]
    fn a_key_is_never_cut() {
        let eyes = eyes();
        let alice = client("alice_1");
        let sent =
            |length: usize, pictured| one(&alice, &spot(0), &key(None, &"k".repeat(length)), pictured, &eyes);
        assert!(matches!(sent(800, true), KeyText::Caption(_)));
        assert!(matches!(sent(1500, true), KeyText::Message(screen) if screen.keyboard.is_empty()));
        assert!(matches!(sent(3000, false), KeyText::Message(screen) if !screen.keyboard.is_empty()));
        assert!(matches!(sent(5000, false), KeyText::Document { bytes, .. } if bytes.len() == 5000));
        let odd = one(&alice, &spot(0), &key(None, "vless://a\u{202e}b"), true, &eyes);
        assert!(matches!(odd, KeyText::Document { .. }));
    }
}
