//! What a person typed, as a command with its arguments; one file an area.

mod bulk;
mod change;
mod log;
mod mine;
mod new;
mod people;
#[cfg(test)]
mod tests;
mod token;

use crate::domain::client::Status;
use crate::domain::ids::ClientRef;

use super::spot::{Expiry, Spot};

pub use bulk::BulkCommand;
pub use change::ChangeCommand;
pub use log::{LogWords, Who};
pub use mine::MineCommand;
pub use new::NewCommand;
pub use people::{PeopleCommand, PersonRef};
pub use token::TokenWords;

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
    /// `/new`
    New(NewCommand),
    /// A change of a client.
    Change(ChangeCommand),
    /// Roles and links.
    People(PeopleCommand),
    /// One's own clients.
    Mine(MineCommand),
    /// Search, import, broadcast, numbers.
    Bulk(BulkCommand),
    /// `/clients` with its filters.
    Clients(Spot),
    /// `/client [CLIENT]`.
    Client(Option<ClientRef>),
    /// `/config [CLIENT]`.
    Config(Option<ClientRef>),
    /// `/invite [CLIENT]`.
    Invite(Option<ClientRef>),
    /// `/log` with its filters.
    Log(LogWords),
    /// `/ops [CLIENT]`.
    Ops(Option<ClientRef>),
    /// `/resume`, after a restore.
    Resume,
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

/// Commands that explain themselves when they get the wrong words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// `/new`
    New,
    /// `/clients`
    Clients,
    /// `/client`, `/config`, `/invite`, `/ops`: one client at a time.
    OneClient,
    /// `/token`
    Token,
    /// `/log`
    Log,
    /// `/extend`
    Extend,
}

impl Command {
    /// The command in a text; none when it does not begin with a slash.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix('/')?;
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        let rest = rest.trim();
        let name = name.split_once('@').map_or(name, |(name, _bot)| name).to_ascii_lowercase();
        Some(plain(&name, rest).or_else(|| area(&name, rest)).unwrap_or(Self::Unknown))
    }
}

fn plain(name: &str, rest: &str) -> Option<Command> {
    // None of these takes more than three words; a fourth one shows that there are too many.
    let words: Vec<&str> = rest.split_whitespace().take(4).collect();
    Some(match name {
        "start" => start(&words),
        "menu" => Command::Home,
        "new" => new::read(&words),
        "clients" => clients(&words),
        "client" => one_client(&words, Command::Client),
        "config" => one_client(&words, Command::Config),
        "invite" => one_client(&words, Command::Invite),
        "token" => Command::Token(token::read(&words)),
        "log" => log::read(&words),
        "ops" => one_client(&words, Command::Ops),
        "resume" => Command::Resume,
        "cancel" => Command::Cancel,
        "help" => Command::Help,
        "lang" => Command::Lang,
        _ => return None,
    })
}

fn area(name: &str, rest: &str) -> Option<Command> {
    change::read(name, rest)
        .or_else(|| people::read(name, rest))
        .or_else(|| mine::read(name, rest))
        .or_else(|| bulk::read(name, rest))
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
