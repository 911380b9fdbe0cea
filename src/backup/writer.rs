//! Writing a backup: packed, sealed, piece by piece.

use std::io::{self, Write};

use age::Encryptor;
use age::stream::StreamWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{PIECE, Recipients};
use crate::domain::backup::{Manifest, Sink};

/// The outermost shell.
enum Shell<W: Write> {
    Sealed(Box<StreamWriter<W>>),
    Plain(W),
}

impl<W: Write> Shell<W> {
    fn new(out: W, recipients: &Recipients) -> io::Result<Self> {
        if recipients.is_empty() {
            return Ok(Self::Plain(out));
        }
        let encryptor = Encryptor::with_recipients(recipients.each()).map_err(io::Error::other)?;
        Ok(Self::Sealed(Box::new(encryptor.wrap_output(out)?)))
    }

    /// Without this the end is missing, and whoever reads it notices.
    fn finish(self) -> io::Result<W> {
        match self {
            Self::Sealed(stream) => stream.finish(),
            Self::Plain(out) => Ok(out),
        }
    }
}

impl<W: Write> Write for Shell<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Sealed(stream) => stream.write(bytes),
            Self::Plain(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Sealed(stream) => stream.flush(),
            Self::Plain(out) => out.flush(),
        }
    }
}

/// Writes a backup.
pub struct Writer<W: Write> {
    out: GzEncoder<Shell<W>>,
    /// What is not a whole piece yet.
    waiting: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins with what the backup says of itself. Without recipients anybody can read it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(out: W, recipients: &Recipients, manifest: &Manifest) -> io::Result<Self> {
        // Links and ids hardly shrink: a better compression would only take longer.
        let mut out = GzEncoder::new(Shell::new(out, recipients)?, Compression::fast());
        serde_json::to_writer(&mut out, manifest)?;
        out.write_all(b"\n")?;
        Ok(Self { out, waiting: Vec::with_capacity(PIECE) })
    }

    /// Ends the backup; gives what it was written to.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.out.finish()?.finish()
    }

    fn piece(&mut self) -> io::Result<()> {
        let length = u32::try_from(self.waiting.len()).map_err(io::Error::other)?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

impl<W: Write> Sink for Writer<W> {
    fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            if self.waiting.len() == PIECE {
                self.piece()?;
            }
            bytes = later;
        }
        Ok(())
    }

    fn end_part(&mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.piece()?;
        }
        self.piece()
    }
}
