//! `orchestrator backup`: the whole database to one encrypted file, while the service runs.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{SETTINGS, copied, fail, settings};
use crate::app::{self, BackupOptions, Written};
use crate::domain::clock::SystemClock;

/// What `backup` can be told.
#[derive(Debug, Args)]
pub struct Options {
    /// Where to write it; - for standard output
    file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
    /// Do not encrypt it: it holds every link and key, for anybody who gets hold of it
    #[arg(long)]
    plain: bool,
}

/// Makes a backup.
pub async fn run(options: Options) -> ExitCode {
    let settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let to_file = options.file.as_os_str() != "-";
    if !to_file && std::io::stdout().is_terminal() {
        return fail(SETTINGS, "a backup is no text: send it into a file or another program");
    }
    let Options { file, force, plain } = options;
    let options = BackupOptions { file: to_file.then_some(file), force, plain };
    match app::backup(&settings, Arc::new(SystemClock), &options).await {
        Ok(written) => {
            let line = told(&written, &options);
            if to_file {
                println!("{line}")
            } else {
                eprintln!("{line}")
            }
            ExitCode::SUCCESS
        }
        Err(error) => copied(&error),
    }
}

fn told(written: &Written, options: &BackupOptions) -> String {
    let Written { manifest, bytes, recipients } = written;
    let place =
        options.file.as_ref().map_or_else(|| "standard output".to_owned(), |file| file.display().to_string());
    let (rows, tables) = (manifest.rows(), manifest.tables.len());
    let who = match recipients {
        0 => "NOT ENCRYPTED: it holds every link and key, keep it safe".to_owned(),
        1 => "encrypted".to_owned(),
        several => format!("encrypted to {several} recipients"),
    };
    format!("backup written to {place}: {rows} rows of {tables} tables, {bytes} bytes, {who}")
}
