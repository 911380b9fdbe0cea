//! SQLite: the file itself, copied by SQLite as of one moment.

use std::fs::{File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::{BackupError, Contents, TABLES, aside, newest, same};
use crate::domain::backup::{Manifest, Sink, Source, Table};
use crate::repositories::connect::{SQLITE, SQLITE_ORIGINAL, guard, not_opened, refuse_original, sqlite};
use crate::repositories::{Db, FileGuard};

/// How long the service may hold the file's lock.
const BUSY: Duration = Duration::from_secs(30);
/// So much is read at once.
const CHUNK: usize = 64 * 1024;

/// A copy of the file as it was at one moment. It lies where the database lies, so that nobody sees it who does not see
/// that, and has no name any more: it is gone with this process.
#[derive(Debug)]
pub(super) struct Snapshot {
    file: File,
    contents: Contents,
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> BackupError {
    move |error| BackupError::File { path: path.to_owned(), error }
}

/// Only to read; nothing is made.
async fn open(path: &Path) -> Result<SqliteConnection, BackupError> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY);
    Ok(options.connect().await.map_err(not_opened)?)
}

async fn has_table(of: &mut SqliteConnection, name: &str) -> Result<bool, BackupError> {
    let there = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1)";
    Ok(sqlx::query_scalar(there).bind(name).fetch_one(of).await?)
}

/// The last one that a database of ours has had.
async fn migration(of: &mut SqliteConnection) -> Result<i64, BackupError> {
    refuse_original(sqlx::query_scalar(SQLITE_ORIGINAL).fetch_one(&mut *of).await)?;
    if !has_table(of, "_sqlx_migrations").await? {
        return Err(BackupError::Nothing);
    }
    let last: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(of).await?;
    Ok(last.unwrap_or_default())
}

async fn contents(of: &mut SqliteConnection) -> Result<Contents, BackupError> {
    let migration = migration(of).await?;
    let mut tables = vec![];
    for name in TABLES {
        if !has_table(of, name).await? {
            continue;
        }
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {name}"));
        let rows: i64 = sqlx::query_scalar(count).fetch_one(&mut *of).await?;
        tables.push(Table { name: name.to_owned(), columns: vec![], rows: rows.unsigned_abs() });
    }
    Ok(Contents { migration, tables })
}

/// A file for its owner's eyes only.
fn private(path: &Path) -> std::io::Result<File> {
    let file =
        OpenOptions::new().create(true).read(true).write(true).truncate(false).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

impl Snapshot {
    pub(super) async fn take(path: &Path) -> Result<Self, BackupError> {
        if !path.exists() {
            return Err(BackupError::Nothing);
        }
        let mut source = open(path).await?;
        newest(migration(&mut source).await?, SQLITE.iter().map(|one| one.version))?;
        let copy = beside(path, ".snapshot");
        let file = private(&copy).map_err(failed(&copy))?;
        match file.try_lock() {
            // Whoever had it until now has taken it away.
            Ok(()) if file.metadata().map_err(failed(&copy))?.nlink() == 0 => return Err(BackupError::Busy),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Busy),
            Err(TryLockError::Error(error)) => return Err(failed(&copy)(error)),
        }
        let copied = Self::copy(&mut source, file, &copy).await;
        // Also what an earlier process, which was killed, has left there.
        std::fs::remove_file(&copy).map_err(failed(&copy))?;
        source.close().await?;
        copied
    }

    async fn copy(from: &mut SqliteConnection, file: File, to: &Path) -> Result<Self, BackupError> {
        // SQLite copies into an empty file, and takes it as it is: with the rights that it has.
        file.set_len(0).map_err(failed(to))?;
        let name = to.to_str().ok_or_else(|| failed(to)(std::io::ErrorKind::InvalidFilename.into()))?;
        sqlx::query("VACUUM INTO $1").bind(name).execute(from).await?;
        let mut copy = open(to).await?;
        let contents = contents(&mut copy).await?;
        copy.close().await?;
        Ok(Self { file, contents })
    }

    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }

    pub(super) fn write(&mut self, out: &mut dyn Sink) -> Result<(), BackupError> {
        let copy = |error| BackupError::File { path: PathBuf::from("the snapshot"), error };
        self.file.rewind().map_err(copy)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = self.file.read(&mut chunk).map_err(copy)?;
            let read = chunk.get(..length).unwrap_or_default();
            if read.is_empty() {
                return out.end_part().map_err(BackupError::Unwritten);
            }
            out.put(read).map_err(BackupError::Unwritten)?;
        }
    }
}

/// A file that becomes the database.
#[derive(Debug)]
pub(super) struct Restoring {
    place: PathBuf,
    made: PathBuf,
    /// Whether there is a database in its place.
    present: bool,
    _guard: FileGuard,
}

/// Whether there is anything in that file; one that cannot be read may be somebody's.
async fn holds_something(path: &Path) -> Result<bool, BackupError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(path)(error)),
        Ok(file) if file.len() == 0 => return Ok(false),
        Ok(_) => {}
    }
    let Ok(mut there) = open(path).await else { return Ok(true) };
    let tables: Result<i64, sqlx::Error> =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_master").fetch_one(&mut there).await;
    let Ok(tables) = tables else { return Ok(true) };
    refuse_original(sqlx::query_scalar(SQLITE_ORIGINAL).fetch_one(&mut there).await)?;
    there.close().await?;
    Ok(tables > 0)
}

impl Restoring {
    pub(super) async fn begin(path: &Path, replace: bool) -> Result<Self, BackupError> {
        let guard = guard(path).await?;
        let present = holds_something(path).await?;
        if present && !replace {
            return Err(BackupError::NotEmpty);
        }
        let restoring =
            Self { place: path.to_owned(), made: beside(path, ".restoring"), present, _guard: guard };
        restoring.forget()?;
        Ok(restoring)
    }

    /// What this restore, or one that was cut, has made.
    fn forget(&self) -> Result<(), BackupError> {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let path = beside(&self.made, ending);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(failed(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) async fn load(&self, manifest: &Manifest, from: &mut dyn Source) -> Result<Db, BackupError> {
        let mut file = private(&self.made).map_err(failed(&self.made))?;
        while let Some(piece) = from.piece().map_err(BackupError::Unread)? {
            file.write_all(&piece).map_err(failed(&self.made))?;
        }
        from.finish().map_err(BackupError::Unread)?;
        file.sync_all().map_err(failed(&self.made))?;
        drop(file);
        let mut made = open(&self.made).await?;
        let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut made).await?;
        if found != "ok" {
            return Err(BackupError::Untrue(found));
        }
        let contents = contents(&mut made).await?;
        made.close().await?;
        if contents.migration != manifest.migration || contents.tables.len() != manifest.tables.len() {
            return Err(BackupError::Untrue("its tables are others".to_owned()));
        }
        for (table, found) in manifest.tables.iter().zip(&contents.tables) {
            if table.name != found.name {
                return Err(BackupError::Untrue(format!("{} is missing", table.name)));
            }
            same(table, found.rows)?;
        }
        Ok(sqlite(&self.made).await?)
    }

    pub(super) async fn place(self, now: DateTime<Utc>) -> Result<Option<String>, BackupError> {
        // Whoever closes a database last brings everything into the one file.
        let log = beside(&self.made, "-wal");
        if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
            return Err(failed(&log)(std::io::ErrorKind::ResourceBusy.into()));
        }
        belongs_to_the_service(&self.made, &self.place);
        belongs_to_the_service(&beside(&self.place, ".lock"), &self.place);
        File::open(&self.made).and_then(|file| file.sync_all()).map_err(failed(&self.made))?;
        let aside = beside(&self.place, &format!(".{}", aside(now)));
        if self.present {
            put_aside(&self.place, &aside).await?;
        }
        for ending in ["-wal", "-shm"] {
            // Of another database: this one must not take it for its own.
            let log = beside(&self.place, ending);
            if log.exists() {
                std::fs::rename(&log, beside(&aside, ending)).map_err(failed(&log))?;
            }
        }
        std::fs::rename(&self.made, &self.place).map_err(failed(&self.place))?;
        let folder = self.place.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))?;
        Ok(self.present.then(|| aside.display().to_string()))
    }
}

impl Drop for Restoring {
    fn drop(&mut self) {
        // What cannot be removed is removed the next time.
        drop(self.forget());
    }
}

/// Gives a file to whoever has the database, or its folder: an administrator restores, and somebody else runs the service.
fn belongs_to_the_service(path: &Path, place: &Path) {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let there = std::fs::metadata(place);
    let rights = there.as_ref().map(Metadata::permissions).ok();
    let (Ok(owner), Ok(made)) = (there.or_else(|_| std::fs::metadata(folder)), std::fs::metadata(path))
    else {
        return;
    };
    let given = match (owner.uid(), owner.gid()) == (made.uid(), made.gid()) {
        true => Ok(()),
        false => std::os::unix::fs::chown(path, Some(owner.uid()), Some(owner.gid())),
    };
    let given = given.and_then(|()| rights.map_or(Ok(()), |rights| std::fs::set_permissions(path, rights)));
    if let Err(error) = given {
        tracing::warn!(path = %path.display(), %error, "the owner of this file may have to be set by hand");
    }
}

/// Gives the database that is there another name, with all that its log still has.
async fn put_aside(place: &Path, aside: &Path) -> Result<(), BackupError> {
    let options = SqliteConnectOptions::new().filename(place).busy_timeout(BUSY);
    if let Ok(mut old) = options.connect().await {
        let emptied = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut old).await;
        if let Err(error) = emptied.map(drop).and(old.close().await) {
            tracing::warn!(%error, "the present database cannot be read; it is put aside with its log");
        }
    }
    if beside(place, "-wal").exists() || std::fs::hard_link(place, aside).is_err() {
        return std::fs::rename(place, aside).map_err(failed(place));
    }
    // Under both names, until the new one takes its place: at no moment is there none.
    Ok(())
}
