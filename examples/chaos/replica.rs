//! One process of the service: started, killed, looked at.

use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::Res;

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(60);
/// What the service logs when it serves.
const READY: &str = "ready address=";

/// A process of the service, and the next one in its place.
pub struct Replica {
    /// Which, from 0.
    pub number: usize,
    binary: PathBuf,
    folder: PathBuf,
    log: PathBuf,
    settings: Vec<(&'static str, String)>,
    /// Where it serves; nothing while it does not.
    url: watch::Sender<Option<String>>,
    child: Mutex<Option<Child>>,
    panics: Arc<Mutex<Vec<String>>>,
    /// Resident right after the start, in KiB.
    at_start: Mutex<u64>,
}

impl Replica {
    pub fn new(
        number: usize,
        (binary, folder, log): (PathBuf, PathBuf, PathBuf),
        settings: Vec<(&'static str, String)>,
    ) -> Self {
        let url = watch::Sender::new(None);
        let (child, panics, at_start) = (Mutex::default(), Arc::default(), Mutex::default());
        Self { number, binary, folder, log, settings, url, child, panics, at_start }
    }

    /// Starts it and waits until it serves.
    pub async fn start(&self) -> Res<()> {
        let mut command = Command::new(&self.binary);
        command.arg("serve").current_dir(&self.folder).env_clear();
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().ok_or("no stderr")?;
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        let mut log = File::options().create(true).append(true).open(&self.log)?;
        let (ready, mut address) = watch::channel(None);
        let panics = Arc::clone(&self.panics);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                // What cannot be written down is lost for whoever looks later, no more.
                let _written = writeln!(log, "{line}");
                if let Some((_, address)) = line.split_once(READY) {
                    ready.send_replace(Some(format!("http://{}", address.trim())));
                }
                if line.contains("panicked") {
                    panics.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                }
            }
        });
        let url = timeout(START, address.wait_for(Option::is_some)).await;
        let url =
            url.map_err(|_| format!("replica {} does not start, see {}", self.number, self.log.display()))?;
        let url = url
            .map_err(|_| format!("replica {} ended at its start, see {}", self.number, self.log.display()))?;
        *self.at_start.lock().unwrap_or_else(PoisonError::into_inner) = self.resident().unwrap_or_default();
        self.url.send_replace(url.clone());
        Ok(())
    }

    /// A power cut.
    pub fn kill(&self) -> Res<()> {
        self.url.send_replace(None);
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut child) = child {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Where it serves, if it does.
    pub fn url(&self) -> Option<String> {
        self.url.borrow().clone()
    }

    /// As soon as it serves.
    pub async fn serving(&self) -> Option<String> {
        self.url.subscribe().wait_for(Option::is_some).await.ok()?.clone()
    }

    /// What it has done that it should not: ended by itself, panicked, or grown.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = std::mem::take(&mut *self.panics.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(child) = &mut *self.child.lock().unwrap_or_else(PoisonError::into_inner)
            && let Ok(Some(status)) = child.try_wait()
        {
            faults.push(format!("ended by itself: {status}"));
        }
        faults.iter_mut().for_each(|fault| fault.insert_str(0, &format!("replica {}: ", self.number)));
        faults
    }

    /// By how many MiB it has grown since its start.
    pub fn grown(&self) -> u64 {
        let at_start = *self.at_start.lock().unwrap_or_else(PoisonError::into_inner);
        self.resident().unwrap_or_default().saturating_sub(at_start) / 1024
    }

    /// Resident memory in KiB.
    fn resident(&self) -> Option<u64> {
        let id = self.child.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // Nothing is left behind, whatever the end of the run. A process that is gone already is no fault.
        let _ended = self.kill();
    }
}
