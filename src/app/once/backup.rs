//! The whole database into one file, while the service runs.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use crate::app::StartError;
use crate::backup::{FileError, IdentityError, NewFile, Recipients, Unreadable, Writer};
use crate::config::Settings;
use crate::domain::backup::Manifest;
use crate::domain::clock::Clock;
use crate::repositories::backup::{BackupError, Snapshot};

/// Why a backup is not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Nobody is set who could open it.
    #[error(
        "BACKUP_RECIPIENT is empty, so the backup would not be encrypted, and it holds every link and key. Make a key \
         once (age-keygen -o backup.key, kept on another machine) and set BACKUP_RECIPIENT to the public key that it shows \
         (age1…). To write it as it is, use --plain"
    )]
    NoRecipient,
    /// The database.
    #[error(transparent)]
    Database(#[from] BackupError),
    /// The file that is written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file that is read.
    #[error("{path}: {error}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        error: Unreadable,
    },
    /// The file with the keys.
    #[error("{path}: {error}")]
    Identity {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        error: IdentityError,
    },
    /// What is done to the database before it is used.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl CopyError {
    /// Whether somebody has to change a setting, or what was asked for, before another try can help.
    pub fn is_a_matter_of_settings(&self) -> bool {
        match self {
            Self::NoRecipient | Self::Identity { .. } => true,
            Self::Database(error) => error.is_a_matter_of_settings(),
            Self::Start(error) => error.is_a_matter_of_settings(),
            Self::File(_) | Self::Unreadable { .. } => false,
        }
    }
}

/// What is asked of a backup.
#[derive(Debug)]
pub struct BackupOptions {
    /// Where it goes; none for standard output.
    pub file: Option<PathBuf>,
    /// Whether a file that is there is replaced.
    pub force: bool,
    /// Whether it is not encrypted.
    pub plain: bool,
}

/// What was written.
#[derive(Debug)]
pub struct Written {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// Its length in bytes.
    pub bytes: u64,
    /// How many can open it; none where it is not encrypted.
    pub recipients: usize,
}

/// Makes a backup.
///
/// # Errors
/// There is nobody to encrypt to, the database cannot be read, or the file cannot be written; then there is no file.
pub async fn backup(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    options: &BackupOptions,
) -> Result<Written, CopyError> {
    let recipients = match options.plain {
        true => Recipients::default(),
        false if settings.backup_recipients.is_empty() => return Err(CopyError::NoRecipient),
        false => settings.backup_recipients.clone(),
    };
    let Some(place) = &options.file else {
        return write(settings, clock, &recipients, std::io::stdout().lock()).await;
    };
    let file = NewFile::create(place, options.force)?;
    let written = write(settings, clock, &recipients, &file).await?;
    file.keep()?;
    Ok(written)
}

async fn write(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    recipients: &Recipients,
    out: impl Write,
) -> Result<Written, CopyError> {
    let failed = |error| CopyError::Database(BackupError::Unwritten(error));
    let mut snapshot = Snapshot::take(&settings.database_url).await?;
    let manifest = snapshot.manifest(env!("CARGO_PKG_VERSION"), clock.now());
    let counted = Counted { out: BufWriter::new(out), bytes: 0 };
    let mut writer = Writer::new(counted, recipients, &manifest).map_err(failed)?;
    snapshot.write(&mut writer).await?;
    let mut counted = writer.finish().map_err(failed)?;
    counted.flush().map_err(failed)?;
    Ok(Written { manifest, bytes: counted.bytes, recipients: recipients.count() })
}

/// Knows how much was written.
struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
