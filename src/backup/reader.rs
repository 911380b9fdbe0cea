//! Reading a backup. Nothing of it is believed before its end has been reached.

use std::io::{self, BufRead, BufReader, Read};

use age::stream::StreamReader;
use age::{DecryptError, Decryptor};
use flate2::bufread::GzDecoder;
use serde::Deserialize;

use super::{Identities, MANIFEST, PIECE};
use crate::domain::backup::{FORMAT, Manifest, Source};

/// How an encrypted file begins.
const AGE: &[u8] = b"age-encryption.org/";
/// How such a file begins when it was turned into text.
const ARMOR: &[u8] = b"-----BEGIN AGE";
/// How a packed one begins.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// How a backup is opened.
#[derive(Debug)]
pub enum Unlock {
    /// With these keys.
    With(Identities),
    /// It is not encrypted: anybody may have made or changed it.
    Plain,
}

/// Why a file cannot be read as a backup.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is something else.
    #[error("it is no backup of this service")]
    Foreign,
    /// It is text, as `age --armor` makes it.
    #[error(
        "it is armored: bring it into its binary form first (age --decrypt, then age --encrypt without --armor)"
    )]
    Armored,
    /// It is encrypted, and there are no keys.
    #[error("it is encrypted: name the file with the key by --identity")]
    Encrypted,
    /// It is not encrypted, and that was not expected.
    #[error(
        "it is not encrypted, so anybody may have changed it: if you know where it was since it was made, use --plain"
    )]
    NotEncrypted,
    /// It is encrypted to somebody else.
    #[error("none of these keys opens it: it was encrypted to another recipient")]
    WrongKey,
    /// A newer version of this service made it.
    #[error("it was made by a newer version of the service (format {0}): restore it with that version")]
    Newer(u64),
    /// There is no such file, or it may not be read.
    #[error("it cannot be opened: {0}")]
    Unopened(io::Error),
    /// It is not as it was written.
    #[error("it is damaged, cut off, or was changed: {0}")]
    Damaged(io::Error),
}

/// A file of which the first line is known.
pub struct Opened {
    /// What it says of itself.
    pub manifest: Manifest,
    from: BufReader<GzDecoder<BufReader<Shell>>>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

type Input = BufReader<Box<dyn Read>>;

/// The outermost shell.
enum Shell {
    Sealed(Box<StreamReader<Input>>),
    Plain(Input),
}

impl Shell {
    fn new(mut input: Input, unlock: &Unlock) -> Result<Self, Unreadable> {
        let begins = input.fill_buf().map_err(Unreadable::Damaged)?;
        let (sealed, packed) = (begins.starts_with(AGE), begins.starts_with(GZIP));
        match unlock {
            _ if begins.starts_with(ARMOR) => Err(Unreadable::Armored),
            Unlock::With(keys) if sealed => {
                let stream = Decryptor::new_buffered(input).and_then(|sealed| sealed.decrypt(keys.each()));
                Ok(Self::Sealed(Box::new(stream.map_err(not_opened)?)))
            }
            Unlock::Plain if packed => Ok(Self::Plain(input)),
            Unlock::With(_) if packed => Err(Unreadable::NotEncrypted),
            Unlock::Plain if sealed => Err(Unreadable::Encrypted),
            _ => Err(Unreadable::Foreign),
        }
    }
}

impl Read for Shell {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Sealed(stream) => stream.read(bytes),
            Self::Plain(input) => input.read(bytes),
        }
    }
}

fn not_opened(error: DecryptError) -> Unreadable {
    match error {
        DecryptError::NoMatchingKeys => Unreadable::WrongKey,
        DecryptError::Io(error) => Unreadable::Damaged(error),
        other => Unreadable::Damaged(io::Error::new(io::ErrorKind::InvalidData, other)),
    }
}

/// The part of the first line that every format has.
#[derive(Deserialize)]
struct Known {
    orchestrator_backup: u64,
}

impl Opened {
    /// Opens a file and reads what it says of itself.
    ///
    /// # Errors
    /// It is none of ours, not for these keys, of a newer format, or damaged.
    pub fn new(input: impl Read + 'static, unlock: &Unlock) -> Result<Self, Unreadable> {
        let shell = Shell::new(BufReader::new(Box::new(input)), unlock)?;
        let mut from = BufReader::new(GzDecoder::new(BufReader::new(shell)));
        let mut line = vec![];
        (&mut from).take(MANIFEST).read_until(b'\n', &mut line).map_err(Unreadable::Damaged)?;
        let known: Known = serde_json::from_slice(&line).map_err(|_| Unreadable::Foreign)?;
        if known.orchestrator_backup != u64::from(FORMAT) {
            return Err(Unreadable::Newer(known.orchestrator_backup));
        }
        let manifest = serde_json::from_slice(&line).map_err(|error| Unreadable::Damaged(error.into()))?;
        Ok(Self { manifest, from })
    }
}

impl Source for Opened {
    fn piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 4];
        self.from.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
        if length > PIECE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a piece is too long"));
        }
        let mut piece = vec![0; length];
        self.from.read_exact(&mut piece)?;
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }

    fn finish(&mut self) -> io::Result<()> {
        let more = || io::Error::new(io::ErrorKind::InvalidData, "there is something behind its end");
        // To the end of what is packed, which checks it; then to the end of what is sealed.
        if !self.from.fill_buf()?.is_empty() {
            return Err(more());
        }
        let sealed = self.from.get_mut().get_mut();
        if sealed.fill_buf()?.is_empty() { Ok(()) } else { Err(more()) }
    }
}
