//! The file of a backup: `age( gzip( manifest as a line of JSON, parts ))`, or without the outermost shell.
//!
//! A part is pieces of at most [`PIECE`] bytes, each behind its length (four bytes, the highest first); a piece of no bytes
//! ends it. How many parts there are follows from the manifest. So `age --decrypt -i KEY FILE | zcat | head -n 1` shows
//! what a backup is without this service.
//!
//! What is encrypted is also sealed: not a byte can be changed, left out or added without being noticed. It is not signed:
//! whoever knows the recipient can make such a file.

mod file;
mod keys;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use file::{FileError, NewFile};
pub use keys::{Identities, IdentityError, Recipients};
pub use reader::{Opened, Unlock, Unreadable};
pub use writer::Writer;

/// The longest piece of a part, in bytes: as much is held in memory.
const PIECE: usize = 256 * 1024;
/// The longest manifest, in bytes.
const MANIFEST: u64 = 1024 * 1024;
