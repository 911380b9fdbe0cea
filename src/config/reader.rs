//! Where the variables are listed, and how what is wrong with them is collected.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

/// A variable: how it is told to people.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Whether its value is shown in messages.
    secret: bool,
    /// What it should look like, with an example.
    expected: &'static str,
}

const fn open(name: &'static str, expected: &'static str) -> Variable {
    Variable { name, secret: false, expected }
}

const fn secret(name: &'static str, expected: &'static str) -> Variable {
    Variable { name, secret: true, expected }
}

/// Every variable there is.
pub const VARIABLES: [Variable; 40] = [
    open("APP_HOST", "an IP address to listen on, such as 127.0.0.1 or 0.0.0.0"),
    open("APP_PORT", "a port from 0 (any free one) to 65535, such as 8000"),
    open("PUBLIC_URL", "an http or https URL without a query, such as https://vpn.example.com"),
    secret(
        "DATABASE_URL",
        "sqlite://FOLDER/FILE, such as sqlite://data/orchestrator.db, or postgres://USER:PASSWORD@HOST/DATABASE",
    ),
    // No secret, but somebody may put the secret key here.
    secret("BACKUP_RECIPIENT", "public keys as age-keygen shows them, age1…, several separated by commas"),
    open("REMNAWAVE_BASE_URL", "an http or https URL without a query, such as https://panel.example.com"),
    secret("REMNAWAVE_API_TOKEN", "the token as the panel shows it, one line of visible ASCII characters"),
    open("REMNAWAVE_API_VERSION", "auto, v2 or v3"),
    open(
        "REMNAWAVE_INTERNAL_SQUADS",
        "names or UUIDs of squads, separated by commas, such as Default-Squad,Premium",
    ),
    open("PANEL_TIMEOUT", "whole seconds from 1 to 300, such as 10"),
    secret(
        "PANEL_EXTRA_HEADERS",
        "Name: value, several separated by ||, such as Cookie: a=b; c=d || X-Api-Key: key",
    ),
    secret(
        "REMNAWAVE_WEBHOOK_SECRET",
        "what the panel has as WEBHOOK_SECRET_HEADER, visible ASCII characters, better 32 or more",
    ),
    secret(
        "TELEGRAM_BOT_TOKEN",
        "the token as @BotFather gives it, such as 123456789:AAExampleExampleExampleExampleExamp",
    ),
    open("TELEGRAM_MODE", "polling or webhook; webhook needs PUBLIC_URL with https://"),
    secret(
        "TELEGRAM_WEBHOOK_SECRET",
        "1 to 256 of A-Z a-z 0-9 _ -, better 32 or more, the same for every replica",
    ),
    open("TELEGRAM_API_URL", "an http or https URL without a query, such as https://api.telegram.org"),
    secret("TELEGRAM_PROXY", "an http, https, socks5 or socks5h URL, such as socks5h://127.0.0.1:1080"),
    open("ADMIN_IDS", "Telegram ids, separated by commas, such as 123456789,987654321"),
    secret(
        "API_TOKENS",
        "name:secret, name:secret:read or name:secret:write, separated by commas; names of A-Z a-z 0-9 _ -, each once; \
         secrets of visible ASCII characters, better 16 or more, such as shop:CHANGE-ME-1234567890",
    ),
    open("API_AUTH", "required or off"),
    open("API_CONCURRENCY", "a whole number from 1 to 10000, such as 256"),
    open(
        "TRUSTED_PROXIES",
        "IP addresses, networks, loopback or private, separated by commas, such as 127.0.0.1,172.16.0.0/12",
    ),
    open("DEFAULT_LOCALE", "ru or en"),
    open("TIMEZONE", "a name from the IANA list, such as Europe/Moscow"),
    open(
        "SUPPORT_CONTACT",
        "@name of a person or a bot, an https URL, or a text of at most 200 characters, such as @vpn_help",
    ),
    open("PAY_URL", "an http or https URL, such as https://pay.example.com/vpn"),
    open("PROTECT_CONTENT", "true or false"),
    open("ROTATE_COOLDOWN_HOURS", "whole hours from 0 (none) to 8760, such as 24"),
    open("OPERATOR_MAX_DAYS", "whole days from 1 to 3650, such as 90"),
    open(
        "ALERT_CHAT",
        "a chat's number, perhaps with a topic's, such as -1001234567890 or -1001234567890:42",
    ),
    open(
        "NOTIFY_BEFORE_HOURS",
        "whole hours from 1 to 720, at most 5, separated by commas, such as 72,24; or off",
    ),
    open("DIGEST_AT", "a time of day such as 09:00; or off"),
    open("OUTBOX_RATE", "a whole number from 1 to 1000, such as 30"),
    open("DEACTIVATE_INTERVAL", "whole seconds up to 86400, such as 600; 0 for never"),
    open("DRIFT_INTERVAL", "whole seconds up to 86400, such as 900; 0 for never"),
    open("RECONCILE_INTERVAL", "whole seconds from 1 to 86400, such as 60"),
    open("INTENT_LEASE", "whole seconds from 1 to 3600, such as 30"),
    open("SHUTDOWN_TIMEOUT", "whole seconds from 1 to 300, such as 10"),
    open("RUST_LOG", "a level or filter for the log, such as info or info,orchestrator=debug"),
    open("LOG_FORMAT", "text or json"),
];

/// The most characters of a value that a message shows.
const SHOWN: usize = 60;

/// Everything wrong with the settings, one line a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    problems: Vec<String>,
    names: Vec<&'static str>,
}

impl SettingsError {
    /// One line a variable.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The variables at fault; none when the `.env` file is.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }
}

impl std::error::Error for SettingsError {}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these settings cannot be used:")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// Reads variables one by one and remembers what is wrong with them.
pub struct Reader<'a> {
    map: &'a HashMap<String, String>,
    problems: Vec<String>,
    names: Vec<&'static str>,
    #[cfg(test)]
    pub asked: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    /// Over these names and values.
    pub fn new(map: &'a HashMap<String, String>) -> Self {
        Self {
            map,
            problems: vec![],
            names: vec![],
            #[cfg(test)]
            asked: vec![],
        }
    }

    /// The value, or `None` when it is not set or not usable. The parser says what is wrong without repeating the value.
    pub fn read<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.value(name).and_then(|value| self.parsed(name, value, parse))
    }

    /// The same with a default that is read like a value.
    pub fn read_or<T>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.value(name).unwrap_or(default);
        self.parsed(name, value, parse)
    }

    fn value(&mut self, name: &'static str) -> Option<&'a str> {
        #[cfg(test)]
        self.asked.push(name);
        self.map.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn parsed<T>(
        &mut self,
        name: &'static str,
        value: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(value) {
            Ok(parsed) => Some(parsed),
            Err(why) => {
                self.problems.push(told(name, &why, Some(value)));
                self.names.push(name);
                None
            }
        }
    }

    /// Says that a variable cannot be used together with others.
    pub fn refuse(&mut self, name: &'static str, why: &str) {
        self.problems.push(told(name, why, None));
        self.names.push(name);
    }

    /// The settings, if nothing was wrong.
    pub fn finish<T>(self, settings: Option<T>) -> Result<T, SettingsError> {
        settings
            .filter(|_| self.problems.is_empty())
            .ok_or(SettingsError { problems: self.problems, names: self.names })
    }
}

/// A line about a variable. What may hold a password is never shown.
fn told(name: &str, why: &str, value: Option<&str>) -> String {
    let variable = VARIABLES.iter().find(|variable| variable.name == name);
    let expected = variable.map_or("", |variable| variable.expected);
    let harmless = variable.is_some_and(|variable| !variable.secret);
    let shown = value.filter(|value| harmless && !value.contains('@'));
    let quoted = shown.map(|value| {
        let start: String = value.chars().take(SHOWN).collect();
        let more = if start.len() < value.len() { "…" } else { "" };
        format!(" ({start:?}{more})")
    });
    format!("{name}: {why}{}. Expected: {expected}", quoted.unwrap_or_default())
}

/// The environment, and from `.env` in the working folder what the environment does not name.
pub fn environment() -> Result<HashMap<String, String>, SettingsError> {
    let (mut problems, mut names) = (vec![], vec![]);
    let mut map = dotenv(Path::new(".env"), &mut problems);
    for variable in &VARIABLES {
        match std::env::var(variable.name) {
            Ok(value) => {
                map.insert(variable.name.to_owned(), value);
            }
            Err(std::env::VarError::NotPresent) => {}
            Err(std::env::VarError::NotUnicode(_)) => {
                problems.push(told(variable.name, "it is not valid UTF-8", None));
                names.push(variable.name);
            }
        }
    }
    if problems.is_empty() { Ok(map) } else { Err(SettingsError { problems, names }) }
}

/// A `.env` file's names and values; no file is an empty one. Its lines may hold secrets, so none is shown.
pub fn dotenv(path: &Path, problems: &mut Vec<String>) -> HashMap<String, String> {
    // Stops at the first error: a folder of that name would give errors without end.
    let read = dotenvy::from_path_iter(path).and_then(Iterator::collect);
    read.unwrap_or_else(|error: dotenvy::Error| {
        if !error.not_found() {
            problems.push(told_dotenv(&error));
        }
        HashMap::new()
    })
}

fn told_dotenv(error: &dotenvy::Error) -> String {
    let why = match error {
        dotenvy::Error::LineParse(_, at) => format!("a line cannot be read at its character {at}"),
        dotenvy::Error::Io(error) => format!("it cannot be read: {}", error.kind()),
        _ => "it cannot be read".to_owned(),
    };
    format!(".env: {why}. Expected: lines of NAME=value; a value with blanks, $ or # in single quotes")
}
