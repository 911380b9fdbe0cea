//! What a person typed, as a command with its arguments.

use crate::domain::actor::TokenScope;
use crate::domain::client::Status;
use crate::domain::ids::ClientRef;
use crate::domain::token::TokenName;

use super::spot::{Expiry, Spot};

/// The longest invite token Telegram passes on, in characters.
const TOKEN_MAX: usize = 64;

/// A text that begins with a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `/start` without a token, `/menu`: home.
    Home,
    /// `/start TOKEN`.
    Redeem(String),
    /// `/start` with something that no invite can be.
    BadToken,
    /// `/new [USERNAME [DAYS]]`, still unread.
    New {
        /// The name as typed.
        username: Option<String>,
        /// The days as typed.
        days: Option<String>,
    },
    /// `/clients` with its filters.
    Clients(Spot),
    /// `/client [CLIENT]`.
    Client(Option<ClientRef>),
    /// `/config [CLIENT]`.
    Config(Option<ClientRef>),
    /// `/invite [CLIENT]`.
    Invite(Option<ClientRef>),
    /// `/cancel`.
    Cancel,
    /// `/help`.
    Help,
    /// `/lang`.
    Lang,
    /// `/token` and its words.
    Token(TokenWords),
    /// One that takes other words than those given.
    Misused(Usage),
    /// Any other.
    Unknown,
}

/// What follows `/token`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenWords {
    /// Nothing: what it is for, and what there is.
    Explain,
    /// `list`
    List,
    /// `new NAME [read|write]`
    New(TokenName, TokenScope),
    /// `revoke NAME`
    Revoke(TokenName),
    /// Anything else.
    Wrong,
}

/// Commands that explain themselves when they get the wrong words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// `/new`
    New,
    /// `/clients`
    Clients,
    /// `/client`, `/config`, `/invite`: one client at a time.
    OneClient,
    /// `/token`
    Token,
}

impl Command {
    /// The command in a text; none when it does not begin with a slash.
    pub fn read(text: &str) -> Option<Self> {
        let mut words = text.strip_prefix('/')?.split_whitespace();
        let name = words.next().unwrap_or_default();
        let name = name.split_once('@').map_or(name, |(name, _bot)| name).to_ascii_lowercase();
        // Nothing takes more than three words; a fourth one shows that there are too many.
        let words: Vec<&str> = words.take(4).collect();
        Some(match name.as_str() {
            "start" => start(&words),
            "menu" => Self::Home,
            "new" => new(&words),
            "clients" => clients(&words),
            "client" => one_client(&words, Self::Client),
            "config" => one_client(&words, Self::Config),
            "invite" => one_client(&words, Self::Invite),
            "token" => Self::Token(token(&words)),
            "cancel" => Self::Cancel,
            "help" => Self::Help,
            "lang" => Self::Lang,
            _ => Self::Unknown,
        })
    }
}

fn start(words: &[&str]) -> Command {
    match words {
        [] => Command::Home,
        [token] if token.len() <= TOKEN_MAX && token.bytes().all(url_safe) => {
            Command::Redeem((*token).to_owned())
        }
        _ => Command::BadToken,
    }
}

fn url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn new(words: &[&str]) -> Command {
    match words {
        [] => Command::New { username: None, days: None },
        [username] => Command::New { username: Some((*username).to_owned()), days: None },
        [username, days] => {
            Command::New { username: Some((*username).to_owned()), days: Some((*days).to_owned()) }
        }
        _ => Command::Misused(Usage::New),
    }
}

fn clients(words: &[&str]) -> Command {
    let mut spot = Spot::default();
    for word in words {
        match word.to_ascii_lowercase().as_str() {
            "active" if spot.status.is_none() => spot.status = Some(Status::Active),
            "blocked" if spot.status.is_none() => spot.status = Some(Status::Blocked),
            "expired" if spot.expiry.is_none() => spot.expiry = Some(Expiry::Expired),
            "valid" if spot.expiry.is_none() => spot.expiry = Some(Expiry::Valid),
            _ => return Command::Misused(Usage::Clients),
        }
    }
    Command::Clients(spot)
}

fn one_client(words: &[&str], command: fn(Option<ClientRef>) -> Command) -> Command {
    match words {
        [] => command(None),
        [client] => match client.parse() {
            Ok(client) => command(Some(client)),
            Err(never) => match never {},
        },
        _ => Command::Misused(Usage::OneClient),
    }
}

fn token(words: &[&str]) -> TokenWords {
    let scope = |word: &str| TokenScope::from_word(&word.to_ascii_lowercase());
    let (what, rest) = match words.split_first() {
        None => return TokenWords::Explain,
        Some((what, rest)) => (what.to_ascii_lowercase(), rest),
    };
    let read = match (what.as_str(), rest) {
        ("list", []) => Some(TokenWords::List),
        ("new", [name]) => name.parse().ok().map(|name| TokenWords::New(name, TokenScope::Write)),
        ("new", [name, word]) => {
            name.parse().ok().zip(scope(word)).map(|(name, scope)| TokenWords::New(name, scope))
        }
        ("revoke", [name]) => name.parse().ok().map(TokenWords::Revoke),
        _ => None,
    };
    read.unwrap_or(TokenWords::Wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Command {
        Command::read(text).unwrap()
    }

    #[test]
    fn words_become_commands() {
        assert_eq!(read("/start"), Command::Home);
        assert_eq!(read("/Menu@vpn_bot"), Command::Home);
        assert_eq!(read("/start abc_-9"), Command::Redeem("abc_-9".to_owned()));
        assert_eq!(read("/start <b>"), Command::BadToken);
        assert_eq!(read(&format!("/start {}", "a".repeat(65))), Command::BadToken);
        assert_eq!(
            read("/new  alice_1\n30"),
            Command::New { username: Some("alice_1".to_owned()), days: Some("30".to_owned()) }
        );
        assert_eq!(read("/new a b c"), Command::Misused(Usage::New));
        assert_eq!(
            read("/clients expired BLOCKED"),
            Command::Clients(Spot {
                status: Some(Status::Blocked),
                expiry: Some(Expiry::Expired),
                ..Spot::default()
            })
        );
        assert_eq!(read("/clients active blocked"), Command::Misused(Usage::Clients));
        assert_eq!(read("/client"), Command::Client(None));
        assert_eq!(read("/client alice"), Command::Client(Some(ClientRef::Name("alice".to_owned()))));
        assert_eq!(read("/"), Command::Unknown);
        assert_eq!(read("/никакая"), Command::Unknown);
        assert_eq!(Command::read("hello /start"), None);
    }
    #[test]
    fn tokens_are_made_listed_and_revoked_by_name() {
        let shop = || "shop".parse::<TokenName>().unwrap();
        for (text, words) in [
            ("/token", TokenWords::Explain),
            ("/token list", TokenWords::List),
            ("/token new shop", TokenWords::New(shop(), TokenScope::Write)),
            ("/token NEW shop Read", TokenWords::New(shop(), TokenScope::Read)),
            ("/token new shop write", TokenWords::New(shop(), TokenScope::Write)),
            ("/token revoke shop", TokenWords::Revoke(shop())),
            ("/token new", TokenWords::Wrong),
            ("/token new shop admin", TokenWords::Wrong),
            ("/token new shop read now", TokenWords::Wrong),
            ("/token new <b>", TokenWords::Wrong),
            ("/token revoke", TokenWords::Wrong),
            ("/token list all", TokenWords::Wrong),
            ("/token shop", TokenWords::Wrong),
        ] {
            assert_eq!(read(text), Command::Token(words), "{text}");
        }
    }
}
