//! Whom a backup is encrypted to, and the keys that open it.

use std::fmt;
use std::io::BufRead;
use std::str::FromStr;

use age::x25519;

/// Those who can open a backup: public keys of `age`, `age1…`. None: it is not encrypted.
#[derive(Clone, Default)]
pub struct Recipients(Vec<x25519::Recipient>);

impl Recipients {
    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn each(&self) -> impl Iterator<Item = &dyn age::Recipient> {
        self.0.iter().map(|recipient| recipient as &dyn age::Recipient)
    }
}

impl FromStr for Recipients {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = vec![];
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            // Nobody wants a secret key in the settings, or in the message that refuses it.
            if item.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
                return Err("it is a secret key: only the public one, age1…, belongs here");
            }
            all.push(item.parse().map_err(|_| "not every entry is a public key of age")?);
        }
        if all.is_empty() { Err("it names nobody") } else { Ok(Self(all)) }
    }
}

impl fmt::Debug for Recipients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(ToString::to_string)).finish()
    }
}

/// Secret keys, as `age-keygen` writes them into a file. They are never shown.
pub struct Identities(Vec<Box<dyn age::Identity>>);

/// Why there are no keys in a file.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// It cannot be read, or has other lines; no line is shown.
    #[error("{0}")]
    Unreadable(std::io::Error),
    /// It has no key in it.
    #[error("there is no key in it. Expected: a file as age-keygen makes it, with a line AGE-SECRET-KEY-1…")]
    Nobody,
}

impl Identities {
    /// Those in such a file.
    ///
    /// # Errors
    /// It has none, or something else.
    pub fn read(from: impl BufRead) -> Result<Self, IdentityError> {
        let file = age::IdentityFile::from_buffer(from).map_err(IdentityError::Unreadable)?;
        let keys = file.into_identities().map_err(|_| IdentityError::Nobody)?;
        if keys.is_empty() { Err(IdentityError::Nobody) } else { Ok(Self(keys)) }
    }

    pub(super) fn each(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(AsRef::as_ref)
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities")
    }
}
