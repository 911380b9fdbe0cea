//! Whom people turn to when something does not work.

use std::str::FromStr;

use url::Url;

/// The longest text, in characters: it stands among other lines of a message.
const TEXT: usize = 200;

/// A way to reach those who run the VPN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contact {
    /// A Telegram name, without the at sign.
    At(String),
    /// A page.
    Link(Url),
    /// Words: a phone number, an address.
    Text(String),
}

/// Not a way to reach anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no @name, no http or https URL and no short text of one line")]
pub struct NoContact;

impl Contact {
    /// What a button opens, where there can be one.
    pub fn url(&self) -> Option<Url> {
        match self {
            Self::At(name) => Url::parse(&format!("https://t.me/{name}")).ok(),
            Self::Link(url) => Some(url.clone()),
            Self::Text(_) => None,
        }
    }

    /// As people read it.
    pub fn words(&self) -> String {
        match self {
            Self::At(name) => format!("@{name}"),
            Self::Link(url) => url.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl FromStr for Contact {
    type Err = NoContact;

    fn from_str(text: &str) -> Result<Self, NoContact> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix('@') {
            let is_name = (4..=32).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            return if is_name { Ok(Self::At(name.to_owned())) } else { Err(NoContact) };
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            return Url::parse(text).map(Self::Link).map_err(|_| NoContact);
        }
        let fits = (1..=TEXT).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self::Text(text.to_owned())) } else { Err(NoContact) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_a_page_or_words() {
        let at: Contact = "@vpn_help".parse().unwrap();
        assert_eq!((at.words().as_str(), at.url().unwrap().as_str()), ("@vpn_help", "https://t.me/vpn_help"));
        assert_eq!("https://help.example.com/x?y=1".parse::<Contact>().unwrap().url().unwrap().path(), "/x");
        let phone: Contact = " +7 900 000-00-00 ".parse().unwrap();
        assert_eq!((phone.words().as_str(), phone.url()), ("+7 900 000-00-00", None));
        for wrong in ["", "@a", "@no spaces", "https://", "two\nlines", &"x".repeat(201)] {
            assert_eq!(wrong.parse::<Contact>(), Err(NoContact), "{wrong}");
        }
    }
}
