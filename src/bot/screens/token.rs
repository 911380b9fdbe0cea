//! Tokens of the REST API: what there is, a fresh one with its secret, the question before one is revoked.

use secrecy::ExposeSecret as _;

use crate::bot::callback::{Nonce, Tap, TokenTap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::domain::actor::TokenScope;
use crate::domain::token::{ApiToken, SettingsToken};
use crate::services::views::{MadeToken, NewToken, TokenList};

use super::card::name;
use super::notice::with_home;

/// How many tokens a page has.
const PER_PAGE: usize = 8;

/// One of the list.
enum Entry<'a> {
    Settings(&'a SettingsToken),
    Made(&'a MadeToken),
}

/// What there is, with a button to revoke each that can be; the last page when `page` lies beyond it.
pub fn list(view: &TokenList, page: u32, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let entries: Vec<Entry<'_>> =
        view.settings.iter().map(Entry::Settings).chain(view.made.iter().map(Entry::Made)).collect();
    let pages: Vec<&[Entry<'_>]> = entries.chunks(PER_PAGE).collect();
    let last = u32::try_from(pages.len().saturating_sub(1)).unwrap_or_default();
    let page = page.min(last);
    let here = usize::try_from(page).ok().and_then(|page| pages.get(page)).copied().unwrap_or_default();
    let mut lines = vec![t.html("token-title", &[])];
    if here.is_empty() {
        lines.extend([String::new(), t.html("token-none", &[])]);
    }
    for entry in here {
        lines.push(String::new());
        lines.extend(facts(entry, eyes));
    }
    let revoking = here.iter().filter_map(|entry| match entry {
        Entry::Settings(_) => None,
        Entry::Made(made) => {
            let label = t.plain("token-button-revoke", args![name = made.token.name.as_str()]);
            Some(Button::Tap(label, Tap::Token(TokenTap::Revoke(made.token.id))))
        }
    });
    let screen = revoking.fold(Screen::lines(lines), |screen, button| screen.row([button]));
    screen.row(turning(page, last)).row([Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

/// `⬅️ 2/7 ➡️`; nothing when there is one page.
fn turning(here: u32, last: u32) -> Vec<Button> {
    if last == 0 {
        return vec![];
    }
    let button = |label: String, page| Button::Tap(label, Tap::Token(TokenTap::List(page)));
    let back = here.checked_sub(1).map(|page| button("⬅️".to_owned(), page));
    let forward = (here < last).then(|| button("➡️".to_owned(), here.saturating_add(1)));
    let middle = button(format!("{}/{}", here.saturating_add(1), last.saturating_add(1)), here);
    back.into_iter().chain([middle]).chain(forward).collect()
}

fn facts(entry: &Entry<'_>, eyes: &Eyes) -> Vec<String> {
    let t = eyes.t;
    match entry {
        Entry::Settings(token) => {
            vec![heading(token.name.as_str(), token.scope, eyes), t.html("token-settings", &[])]
        }
        Entry::Made(made) => {
            let token = &made.token;
            let mut lines = vec![heading(token.name.as_str(), token.scope, eyes)];
            if made.hidden {
                lines.push(t.html("token-hidden", &[]));
            }
            let maker = made.maker.as_ref().map_or_else(|| token.created_by.clone(), name);
            lines.push(t.html("token-made", args![date = eyes.date(token.created_at), name = maker]));
            lines.push(used(token, eyes));
            if token.known_as() != token.name.as_str() {
                lines.push(t.html("token-log", args![name = token.known_as()]));
            }
            lines
        }
    }
}

fn heading(name: &str, scope: TokenScope, eyes: &Eyes) -> String {
    eyes.t.html("token-heading", args![name = name, scope = word(scope, eyes)])
}

fn word(scope: TokenScope, eyes: &Eyes) -> String {
    let key = match scope {
        TokenScope::Read => Key("token-scope-read"),
        TokenScope::Write => Key("token-scope-write"),
    };
    eyes.t.plain(key, &[])
}

fn used(token: &ApiToken, eyes: &Eyes) -> String {
    match token.last_used_at {
        Some(at) => eyes.t.html("token-used", args![relative = eyes.relative(at)]),
        None => eyes.t.html("token-unused", &[]),
    }
}

/// The only message that ever has the secret.
pub fn made(made: &NewToken, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let (name, secret) = (made.token.name.as_str(), made.secret.expose_secret());
    let again = made.again.then(|| t.html("token-new-again", &[]));
    let lines = [
        t.html("token-new", args![name = name, scope = word(made.token.scope, eyes)]),
        String::new(),
        t.html("token-new-secret", args![secret = secret]),
        String::new(),
    ];
    let rest = [t.html("token-new-once", &[]), t.html("token-new-use", args![name = name])];
    Screen::lines(lines.into_iter().chain(again).chain(rest))
        .row(Button::copy(t.plain("token-button-copy", &[]), secret))
        .row([Button::Tap(t.plain("token-button-wipe", &[]), Tap::Wipe)])
}

/// Really?
pub fn ask(made: &MadeToken, nonce: Nonce, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let token = &made.token;
    Screen::lines([
        t.html("token-ask", args![name = token.name.as_str()]),
        used(token, eyes),
        String::new(),
        t.html("token-ask-lost", &[]),
    ])
    .row([
        Button::Tap(t.plain("token-yes", &[]), Tap::Token(TokenTap::YesRevoke(token.id, nonce))),
        Button::Tap(t.plain("token-no", &[]), Tap::Token(TokenTap::NoRevoke)),
    ])
}

/// Done.
pub fn revoked(token: &ApiToken, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    Screen::new(t.html("token-revoked", args![name = token.name.as_str()])).row([
        Button::Tap(t.plain("token-button-list", &[]), Tap::Token(TokenTap::List(0))),
        Button::Tap(t.plain("button-home", &[]), Tap::Home),
    ])
}

/// For the owners: somebody else made one.
pub fn told_made(token: &str, write: bool, by: &str, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let scope = word(if write { TokenScope::Write } else { TokenScope::Read }, eyes);
    Screen::new(t.html("token-told-made", args![who = by, name = token, scope = scope]))
        .row([Button::Tap(t.plain("token-button-list", &[]), Tap::Token(TokenTap::List(0)))])
}

/// For the owners: somebody else revoked one.
pub fn told_revoked(token: &str, by: &str, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    Screen::new(t.html("token-told-revoked", args![who = by, name = token]))
        .row([Button::Tap(t.plain("token-button-list", &[]), Tap::Token(TokenTap::List(0)))])
}

/// Where a secret stood that is too old to be deleted.
pub fn wiped(eyes: &Eyes) -> Screen {
    with_home(eyes.t.html("token-wiped", &[]), eyes)
}

/// Too old even for that.
pub fn wipe_yourself(eyes: &Eyes) -> Screen {
    with_home(eyes.t.html("token-wipe-yourself", &[]), eyes)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::samples::{days, entropy, now, person, snapshot};
    use super::*;
    use crate::domain::ids::TokenId;
    use crate::domain::token::{TokenHash, TokenName};

    fn token(name: &str, scope: TokenScope) -> ApiToken {
        ApiToken {
            id: TokenId(Uuid::from_u128(7)),
            name: TokenName::stored(name),
            generation: 2,
            hash: TokenHash::of(b""),
            scope,
            created_by: "telegram:7000000001".to_owned(),
            created_key: None,
            created_at: days(-3),
            last_used_at: None,
            revoked_at: None,
        }
    }

    fn one(name: &str) -> MadeToken {
        let token = ApiToken { generation: 1, ..token(name, TokenScope::Write) };
        MadeToken { token, maker: Some(person()), hidden: false }
    }

    #[test]
    fn token_screens() {
        let mut eye = MadeToken { maker: None, hidden: true, ..one("eye") };
        eye.token.scope = TokenScope::Read;
        eye.token.generation = 2;
        eye.token.last_used_at = Some(now() - chrono::TimeDelta::hours(2));
        let settings = vec![SettingsToken { name: TokenName::stored("eye"), scope: TokenScope::Read }];
        let some = TokenList { settings: settings.clone(), made: vec![one("shop_1"), eye.clone()] };
        snapshot("token_list", |eyes| list(&some, 0, eyes));
        snapshot("token_explained", |eyes| list(&some, 0, eyes).under(&eyes.t.html("token-explain", &[])));
        let none = TokenList { settings: vec![], made: vec![] };
        snapshot("token_none", |eyes| list(&none, 0, eyes));
        let made = (0..20).map(|number| one(&format!("shop-{number}"))).collect();
        let many = TokenList { settings, made };
        snapshot("token_page", |eyes| list(&many, 1, eyes));
        snapshot("token_last_page", |eyes| list(&many, 99, eyes));
        let secret = format!("rwo_{}", "x".repeat(43));
        let new = |again| NewToken {
            token: token("shop_1", TokenScope::Write),
            secret: secret.as_str().into(),
            again,
        };
        snapshot("token_made", |eyes| made_twice(&new(false), &new(true), eyes));
        snapshot("token_ask", |eyes| ask(&eye, Nonce::new(now(), &entropy()), eyes));
        snapshot("token_revoked", |eyes| revoked(&token("shop_1", TokenScope::Read), eyes));
        snapshot("token_told", |eyes| {
            let by = name(&person());
            let told = [told_made("shop_1", false, &by, eyes), told_revoked("shop_1", &by, eyes)];
            Screen::lines(told.map(|s| s.to_string()))
        });
        snapshot("token_wiped", |eyes| {
            Screen::lines([wiped(eyes), wipe_yourself(eyes)].map(|s| s.to_string()))
        });
    }

    fn made_twice(first: &NewToken, again: &NewToken, eyes: &Eyes) -> Screen {
        Screen::lines([made(first, eyes).to_string(), String::new(), made(again, eyes).to_string()])
    }
}
