//! The built binary as a process of its own: started, killed and stopped as an operator or a power cut would.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

/// How long a start may take, migrations included, on a busy machine.
const START: Duration = Duration::from_secs(30);

pub struct Service {
    child: Child,
    log: Arc<Mutex<String>>,
    lines: watch::Receiver<usize>,
}

impl Service {
    /// Runs `orchestrator serve` with these settings and nothing else of the environment.
    pub fn spawn(folder: &std::path::Path, settings: &[(&str, String)]) -> Self {
        Self::command(folder, &["serve"], settings)
    }

    /// The same with another command.
    pub fn command(folder: &std::path::Path, words: &[&str], settings: &[(&str, String)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchestrator"));
        command.args(words).current_dir(folder).env_clear();
        command.env("LOG_FORMAT", "text").env("RUST_LOG", "info").env("APP_PORT", "0");
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let (sender, lines) = watch::channel(0);
        keep(stdout, Arc::clone(&log), sender.clone());
        keep(stderr, Arc::clone(&log), sender);
        Self { child, log, lines }
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it serves with a log in JSON, and gives its URL.
    pub async fn json_url(&self) -> String {
        let ready = self.logged(r#""message":"ready","address":""#).await;
        format!("http://{}", ready.split('"').next().unwrap())
    }

    /// SIGTERM; everything it said.
    pub async fn stopped(self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let (code, said) = self.exit().await;
        assert_eq!(code, Some(0));
        said
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits for a line with this in it, and gives what follows in the line.
    pub async fn logged(&self, text: &str) -> String {
        let mut lines = self.lines.clone();
        let waiting = async {
            loop {
                lines.mark_unchanged();
                let log = self.log();
                if let Some((_, after)) = log.split_once(text) {
                    return after.lines().next().unwrap_or_default().to_owned();
                }
                // The log has ended: nothing more will come.
                lines.changed().await.unwrap_or_else(|_| panic!("never logged \"{text}\":\n{}", self.log()));
            }
        };
        let waited = tokio::time::timeout(START, waiting).await;
        waited.unwrap_or_else(|_| panic!("not logged \"{text}\" in {START:?}:\n{}", self.log()))
    }

    /// Waits until it serves, and gives its URL.
    pub async fn url(&self) -> String {
        format!("http://{}", self.logged("ready address=").await.trim())
    }

    /// A power cut.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; gives the exit code.
    pub async fn stop(self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.exit().await.0
    }

    /// Waits for its end; gives the exit code and everything it said.
    pub async fn exit(mut self) -> (Option<i32>, String) {
        let mut child = std::mem::replace(&mut self.child, Command::new("true").spawn().unwrap());
        let code = tokio::task::spawn_blocking(move || child.wait().unwrap().code()).await.unwrap();
        // The reader ends with the pipe; then all of the log is there.
        let mut lines = self.lines.clone();
        while lines.changed().await.is_ok() {}
        (code, self.log())
    }
}

/// Keeps what comes out there, line by line.
fn keep(from: impl Read + Send + 'static, log: Arc<Mutex<String>>, told: watch::Sender<usize>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut log = log.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
            drop(log);
            told.send_modify(|count| *count += 1);
        }
    });
}

impl Drop for Service {
    fn drop(&mut self) {
        // A test that fails leaves no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
