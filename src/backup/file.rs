//! A file that is there as a whole or not at all.

use std::fs::{File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is one of that name.
    #[error("{0} is there already: choose another name, or use --force to replace it")]
    Exists(PathBuf),
    /// Another process is writing it.
    #[error("another process is writing {0}")]
    Busy(PathBuf),
    /// The system says no.
    #[error("{path}: {error}")]
    System {
        /// Where.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
}

/// A file that is being written beside its place, for its owner's eyes only.
#[derive(Debug)]
pub struct NewFile {
    place: PathBuf,
    part: PathBuf,
    file: File,
    force: bool,
    kept: bool,
}

impl NewFile {
    /// Begins one for that place, in `PLACE.part`. What a cut has left there is overwritten.
    ///
    /// # Errors
    /// There is one already and it is not to be replaced (`force`), or it cannot be written.
    pub fn create(place: &Path, force: bool) -> Result<Self, FileError> {
        if !force && place.exists() {
            return Err(FileError::Exists(place.to_owned()));
        }
        let mut part = place.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let failed = |error| FileError::System { path: part.clone(), error };
        let file = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&part);
        let file = file.map_err(failed)?;
        match file.try_lock() {
            // Whoever had it until now may have given it its name, or taken it away.
            Ok(()) if !is_at(&file, &part) => return Err(FileError::Busy(part)),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FileError::Busy(part)),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // What a cut has left may be anybody's to read.
        file.set_permissions(Permissions::from_mode(0o600)).and_then(|()| file.set_len(0)).map_err(failed)?;
        Ok(Self { place: place.to_owned(), part, file, force, kept: false })
    }

    /// Puts it in its place, where it survives a power cut.
    ///
    /// # Errors
    /// It cannot be; then there is no new file.
    pub fn keep(mut self) -> Result<(), FileError> {
        let place = self.place.clone();
        let failed = |error| FileError::System { path: place.clone(), error };
        self.file.sync_all().map_err(failed)?;
        if !self.force && self.place.exists() {
            return Err(FileError::Exists(place));
        }
        std::fs::rename(&self.part, &place).map_err(failed)?;
        self.kept = true;
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let place = |known: io::Result<Metadata>| known.map(|known| (known.dev(), known.ino())).ok();
    place(file.metadata()) == place(std::fs::metadata(path))
}

impl Write for &NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&self.file).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&self.file).flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed is overwritten the next time.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}
