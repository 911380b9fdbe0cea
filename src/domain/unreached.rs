//! Why no answer came, in words for operators: the same for the panel, for Telegram and for a proxy.

use std::error::Error;
use std::fmt;
use std::io;

/// In which way no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// No address is known for the name.
    Name,
    /// Nothing listens there.
    Refused,
    /// There is no way there.
    NoWay,
    /// It took too long.
    Late,
    /// The certificate is not to be believed.
    Certificate,
    /// What answers does not speak TLS, or not as we do.
    Tls,
    /// The connection ended in the middle.
    Dropped,
    /// The proxy does not let us through.
    Proxy,
    /// Anything else.
    Other,
}

/// Why no answer came. Holds no address: that one may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached {
    /// In which way.
    pub how: How,
    /// What the system or a library says.
    said: String,
}

impl Unreached {
    /// The time was over.
    pub fn late() -> Self {
        Self { how: How::Late, said: String::new() }
    }

    /// The connection ended in the middle of the answer.
    pub fn dropped() -> Self {
        Self { how: How::Dropped, said: String::new() }
    }

    /// Nothing was sent, for this reason.
    pub fn because(reason: &impl fmt::Display) -> Self {
        Self { how: How::Other, said: reason.to_string() }
    }

    /// Of an error and all that caused it. Only causes are read: the outermost error may name the address.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let (mut causes, mut next) = (vec![], error.source());
        while let Some(cause) = next {
            causes.push(cause);
            next = cause.source();
        }
        let said = causes.last().map_or_else(|| "no reason is given".to_owned(), ToString::to_string);
        let how = causes.iter().rev().find_map(|cause| of_words(&cause.to_string()).or(of_system(*cause)));
        Self { how: how.unwrap_or(How::Other), said }
    }

    /// Of what the system says when a connection is made.
    pub fn of_io(error: &io::Error) -> Self {
        let how = of_words(&error.to_string()).or(of_kind(error.kind())).unwrap_or(How::Other);
        Self { how, said: error.to_string() }
    }
}

/// What libraries only say in words.
fn of_words(text: &str) -> Option<How> {
    const WORDS: [(&str, How); 13] = [
        ("certificate", How::Certificate),
        ("failed to lookup address", How::Name),
        ("dns error", How::Name),
        ("No address associated", How::Name),
        ("tunnel error", How::Proxy),
        ("SOCKS error", How::Proxy),
        ("credentials not accepted", How::Proxy),
        ("InvalidContentType", How::Tls),
        ("fatal alert", How::Tls),
        ("tls handshake", How::Tls),
        ("connection closed before message completed", How::Dropped),
        ("timed out", How::Late),
        ("deadline has elapsed", How::Late),
    ];
    WORDS.iter().find(|(word, _)| text.contains(word)).map(|(_, how)| *how)
}

fn of_system(error: &(dyn Error + 'static)) -> Option<How> {
    error.downcast_ref::<io::Error>().and_then(|error| of_kind(error.kind()))
}

fn of_kind(kind: io::ErrorKind) -> Option<How> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some(How::Refused),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some(How::NoWay),
        io::ErrorKind::TimedOut => Some(How::Late),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(How::Dropped),
        _ => None,
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.how {
            How::Name => f.write_str("no address is known for that name (DNS)"),
            How::Refused => {
                f.write_str("the connection is refused: nothing listens at that address and port")
            }
            How::NoWay => f.write_str("this machine has no way to that address"),
            How::Late => f.write_str("no answer came in time"),
            How::Certificate => write!(f, "its certificate is not to be believed ({})", self.said),
            How::Tls => write!(f, "what answers there does not speak TLS ({})", self.said),
            How::Dropped => f.write_str("the connection was closed without an answer"),
            How::Proxy => write!(f, "the proxy does not let it through ({})", self.said),
            How::Other => f.write_str(&self.said),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("error sending request for url (https://secret.example)")]
    struct Outermost(#[source] io::Error);

    #[test]
    fn the_cause_is_found_and_the_address_is_not_told() {
        for (cause, how) in [
            (io::Error::from(io::ErrorKind::ConnectionRefused), How::Refused),
            (io::Error::from(io::ErrorKind::ConnectionReset), How::Dropped),
            (io::Error::other("failed to lookup address information: Name or service not known"), How::Name),
            (io::Error::other("invalid peer certificate: Expired"), How::Certificate),
            (io::Error::other("received corrupt message of type InvalidContentType"), How::Tls),
            (io::Error::other("operation timed out"), How::Late),
            (io::Error::other("tunnel error: proxy authorization required"), How::Proxy),
            (io::Error::other("something new"), How::Other),
        ] {
            let unreached = Unreached::of(&Outermost(cause));
            assert_eq!(unreached.how, how, "{unreached}");
            assert!(!unreached.to_string().contains("secret"), "{unreached}");
        }
    }
}
