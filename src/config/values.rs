//! How each kind of value is read. Errors say what is wrong and never repeat the value: it may be a secret.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::DatabaseUrl;
use crate::api::settings::ApiToken;
use crate::domain::actor::TokenScope;
use crate::domain::ids::TelegramId;
use crate::domain::person::Lang;
use crate::domain::token::TokenName;

type Read<T> = Result<T, String>;

fn wrong<T>(why: &str) -> Read<T> {
    Err(why.to_owned())
}

/// Whatever the type itself reads.
pub fn parsed<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Read<T> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// An IP address, or the name that every machine has for itself.
pub fn host(text: &str) -> Read<IpAddr> {
    if text.eq_ignore_ascii_case("localhost") { Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)) } else { parsed(text) }
}

/// A port; 0 means any free one, which then stands in the log.
pub fn port(text: &str) -> Read<u16> {
    text.parse().map_err(|_| "it is no port".to_owned())
}

/// Whole seconds within a range.
pub fn seconds(range: RangeInclusive<u64>) -> impl Fn(&str) -> Read<Duration> {
    move |text| match text.parse() {
        Ok(count) if range.contains(&count) => Ok(Duration::from_secs(count)),
        Ok(_) => wrong("it is out of range"),
        Err(_) => wrong("it is no whole number of seconds"),
    }
}

/// Whole seconds within a range, where 0 means never.
pub fn interval(range: RangeInclusive<u64>) -> impl Fn(&str) -> Read<Option<Duration>> {
    let read = seconds(range);
    move |text| Ok(Some(read(text)?).filter(|every| !every.is_zero()))
}

/// Hours before something, each once, the most first; `off` for none.
pub fn hours_before(text: &str) -> Read<Vec<u32>> {
    if text.eq_ignore_ascii_case("off") {
        return Ok(vec![]);
    }
    let mut all = vec![];
    for item in items(text) {
        match item.parse() {
            Ok(hours @ 1..=720) if !all.contains(&hours) => all.push(hours),
            Ok(1..=720) => {}
            _ => return wrong("not every entry is a whole number of hours from 1 to 720"),
        }
    }
    if all.is_empty() || all.len() > 5 {
        return wrong("there must be 1 to 5 entries");
    }
    all.sort_unstable_by(|one, other| other.cmp(one));
    Ok(all)
}

/// A time of day, to the minute; `off` for never.
pub fn time_of_day(text: &str) -> Read<Option<NaiveTime>> {
    if text.eq_ignore_ascii_case("off") {
        return Ok(None);
    }
    NaiveTime::parse_from_str(text, "%H:%M").map(Some).map_err(|_| "it is no time such as 09:00".to_owned())
}

/// Whole hours within a range.
pub fn hours(range: RangeInclusive<i64>) -> impl Fn(&str) -> Read<TimeDelta> {
    move |text| match text.parse() {
        Ok(count) if range.contains(&count) => Ok(TimeDelta::hours(count)),
        Ok(_) => wrong("it is out of range"),
        Err(_) => wrong("it is no whole number of hours"),
    }
}

/// A whole number within a range.
pub fn count(range: RangeInclusive<usize>) -> impl Fn(&str) -> Read<usize> {
    move |text| match text.parse() {
        Ok(count) if range.contains(&count) => Ok(count),
        Ok(_) => wrong("it is out of range"),
        Err(_) => wrong("it is no whole number"),
    }
}

/// One of these words, in any case.
pub fn word<T: Copy>(words: &[(&str, T)]) -> impl Fn(&str) -> Read<T> {
    move |text| {
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        found.map(|(_, value)| *value).ok_or_else(|| "it is none of the words".to_owned())
    }
}

/// A language the bot speaks.
pub fn lang(text: &str) -> Read<Lang> {
    Lang::from_code(text).ok_or_else(|| "the bot does not speak it".to_owned())
}

/// A time zone by its IANA name.
pub fn timezone(text: &str) -> Read<Tz> {
    text.parse().map_err(|_| "there is no such time zone".to_owned())
}

/// A filter for the log.
pub fn log_filter(text: &str) -> Read<String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => wrong("it is no filter"),
    }
}

/// An http or https URL that paths are added to.
pub fn web_url(text: &str) -> Read<Url> {
    let url = Url::parse(text).map_err(|error| format!("it is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return wrong("it must begin with http:// or https://");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("it has a query or a fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("it has a user name or a password, which would show in logs");
    }
    Ok(url)
}

/// An http or https URL that people open: it may have a query.
pub fn link(text: &str) -> Read<Url> {
    let url = Url::parse(text).map_err(|error| format!("it is no URL: {error}"))?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        wrong("it must begin with http:// or https://")
    }
}

/// A proxy's URL.
pub fn proxy(text: &str) -> Read<SecretString> {
    let url = Url::parse(text).map_err(|error| format!("it is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        return wrong("it must begin with http://, https://, socks5:// or socks5h://");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return wrong("it names no host");
    }
    Ok(text.into())
}

/// Where the data is kept.
pub fn database_url(text: &str) -> Read<DatabaseUrl> {
    let Some((scheme, rest)) = text.split_once(':') else {
        return wrong("it has no scheme");
    };
    match scheme {
        "sqlite" => sqlite(rest.strip_prefix("//").unwrap_or(rest)),
        "postgres" | "postgresql" | "postgresql+asyncpg" => {
            let normal = format!("postgres:{rest}");
            match Url::parse(&normal) {
                Ok(_) if rest.starts_with("//") => Ok(DatabaseUrl::Postgres(normal.into())),
                Ok(_) => wrong("it has no // after the scheme"),
                Err(error) => Err(format!("it is no URL: {error}")),
            }
        }
        _ => wrong("only sqlite and postgres are supported"),
    }
}

fn sqlite(path: &str) -> Read<DatabaseUrl> {
    if path.trim_start_matches('/').is_empty() {
        wrong("it names no file")
    } else if path.contains(":memory:") || path.contains("mode=memory") {
        wrong("a database in memory would forget everything at each start")
    } else if path.contains('?') {
        wrong("parameters are not supported for sqlite")
    } else {
        Ok(DatabaseUrl::Sqlite(PathBuf::from(path)))
    }
}

/// A Telegram bot's token: digits, a colon, the rest.
pub fn bot_token(text: &str) -> Read<SecretString> {
    let fits = text.split_once(':').is_some_and(|(id, rest)| {
        !id.is_empty()
            && id.bytes().all(|byte| byte.is_ascii_digit())
            && !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    });
    if fits { Ok(text.into()) } else { wrong("it is not of the form DIGITS:LETTERS") }
}

/// A secret that goes into a header.
pub fn header_secret(text: &str) -> Read<SecretString> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.into())
    } else {
        wrong("it has blanks or other characters that no token has")
    }
}

/// What Telegram sends along with updates: it takes only these characters.
pub fn webhook_secret(text: &str) -> Read<SecretString> {
    let fits = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    match text.len() {
        1..=256 if fits => Ok(text.into()),
        1..=256 => wrong("it has other characters than A-Z a-z 0-9 _ -"),
        _ => wrong("it is longer than 256 characters"),
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// Texts separated by commas.
pub fn list(text: &str) -> Read<Vec<String>> {
    Ok(items(text).map(str::to_owned).collect())
}

/// Telegram accounts, each once.
pub fn telegram_ids(text: &str) -> Read<Vec<TelegramId>> {
    let mut ids = vec![];
    for item in items(text) {
        let id = item.parse().ok().filter(|id: &i64| *id > 0).map(TelegramId);
        let id = id.ok_or_else(|| "not every entry is a positive number".to_owned())?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Headers as `Name: value`, separated by `||` or line ends: a cookie may hold `;` and `,`.
pub fn headers(text: &str) -> Read<Vec<(String, SecretString)>> {
    let lines = text.split("||").flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty());
    lines
        .zip(1..)
        .map(|(line, number)| header(line).map_err(|why| format!("entry {number}: {why}")))
        .collect()
}

fn header(line: &str) -> Read<(String, SecretString)> {
    let Some((name, value)) = line.split_once(':') else {
        return wrong("there is no colon after the name");
    };
    let (name, value) = (name.trim(), value.trim());
    if name.parse::<http::HeaderName>().is_err() {
        return wrong("this is no name of a header");
    }
    if value.is_empty() || value.parse::<http::HeaderValue>().is_err() {
        return wrong("this is no value of a header");
    }
    Ok((name.to_owned(), value.into()))
}

/// Tokens for the API as `name:secret[:read|:write]`, separated by commas.
pub fn api_tokens(text: &str) -> Read<Vec<ApiToken>> {
    let (mut names, mut secrets) = (HashSet::new(), HashSet::new());
    let mut tokens = vec![];
    for (item, number) in items(text).zip(1..) {
        let token = api_token(item, &mut names, &mut secrets);
        tokens.push(token.map_err(|why| format!("entry {number}: {why}"))?);
    }
    Ok(tokens)
}

fn api_token<'a>(
    item: &'a str,
    names: &mut HashSet<&'a str>,
    secrets: &mut HashSet<&'a str>,
) -> Read<ApiToken> {
    let mut pieces = item.split(':');
    let (Some(name), Some(secret)) = (pieces.next(), pieces.next()) else {
        return wrong("there is no colon between name and secret");
    };
    let scope = match (pieces.next(), pieces.next()) {
        (None | Some("write"), None) => TokenScope::Write,
        (Some("read"), None) => TokenScope::Read,
        _ => return wrong("after the secret only :read or :write may follow"),
    };
    parsed::<TokenName>(name)?;
    if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        return wrong("the secret is missing or has other characters");
    }
    if !names.insert(name) || !secrets.insert(secret) {
        return wrong("its name or its secret was there before");
    }
    Ok(ApiToken { name: name.to_owned(), secret: secret.into(), scope })
}
