//! The service and what is around it.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use orchestrator::demo::panel::{NewSimUser, PanelSim, PanelSimOptions, PanelVersion, SimStatus};
use orchestrator::domain::clock::{OsEntropy, SystemClock};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio::time::timeout;

use crate::Res;
use crate::database;
use crate::options::{Kind, Options};

/// The integration's token.
pub const API_TOKEN: &str = "token-of-the-benchmark-0123456789";
/// The owner.
pub const OWNER: i64 = 1;
/// How long a start may take.
const START: Duration = Duration::from_secs(60);

/// One database kind, the binary to measure, and a folder.
pub struct Stage {
    pub kind: Kind,
    pub full: bool,
    folder: PathBuf,
    binary: PathBuf,
}

/// A process with an address; ends with this.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    /// From exec to the word that it is ready.
    pub started_in: Duration,
}

impl Stage {
    pub async fn new(options: &Options, kind: Kind) -> Res<Self> {
        let folder = options.folder.join(kind.to_string());
        fs::create_dir_all(&folder)?;
        Ok(Self {
            kind,
            full: options.full,
            folder: std::path::absolute(folder)?,
            binary: std::path::absolute(&options.binary)?,
        })
    }

    pub fn binary(&self) -> &Path {
        &self.binary
    }

    pub async fn database(&self, name: &str) -> Res<String> {
        database::fresh(self.kind, &self.folder, name).await
    }

    /// The service on that database, with its settings as they are by themselves but for these.
    pub async fn service(&self, database: &str, settings: &[(&str, String)]) -> Res<Process> {
        let mut command = on_its_core(&self.binary);
        command.arg("serve").env_clear().env("DATABASE_URL", database);
        command.env("APP_PORT", "0").env("API_TOKENS", format!("bench:{API_TOKEN}"));
        command.env("ADMIN_IDS", OWNER.to_string()).env("DIGEST_AT", "off");
        for (name, value) in settings {
            command.env(name, value);
        }
        Process::start(command, &self.folder).await
    }

    /// A floor: this program with other words.
    pub async fn floor(&self, words: &[&str]) -> Res<Process> {
        let mut command = on_its_core(&std::env::current_exe()?);
        command.args(words);
        Process::start(command, &self.folder).await
    }

    /// A panel that takes that long for each answer.
    pub async fn panel(&self, delay: Duration) -> Res<PanelSim> {
        let panel = PanelSim::start(PanelSimOptions {
            version: PanelVersion::V3,
            addr: ([127, 0, 0, 1], 0).into(),
            token: "token-of-the-simulated-panel".to_owned(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            subscription_base: Some("https://sub.example.test".to_owned()),
        })
        .await?;
        panel.set_delay(delay);
        Ok(panel)
    }
}

/// The panel has the clients of [`Bare::clients`] as the database has them: nothing is different that would have to be
/// looked at meanwhile.
pub fn panel_users(panel: &PanelSim, count: u32, expires: &str) -> Res<()> {
    let expire_at: DateTime<Utc> = format!("{expires}T00:00:00Z").parse()?;
    for number in 1..=count {
        let username = format!("client_{number}");
        panel.insert_user(NewSimUser {
            username: username.clone(),
            short_uuid: Some(format!("short{number:019}")),
            expire_at,
        });
        if number % 100 == 0 {
            panel.edit_user(&username, |user| user.status = SimStatus::Disabled);
        }
    }
    Ok(())
}

/// Where the panel is, for the service.
pub fn panel_settings(panel: &PanelSim) -> Vec<(&'static str, String)> {
    vec![("REMNAWAVE_BASE_URL", panel.url()), ("REMNAWAVE_API_TOKEN", panel.token().to_owned())]
}

/// What is measured has the first core, and whatever plays the world (`scripts/bench`) the others.
fn on_its_core(binary: &Path) -> Command {
    if std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1)
        || std::env::var_os("BENCH_CORES").is_some()
    {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(binary);
        return command;
    }
    Command::new(binary)
}

impl Process {
    async fn start(mut command: Command, folder: &Path) -> Res<Self> {
        let begun = Instant::now();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().ok_or("no stderr")?;
        let mut log = File::create(folder.join("log"))?;
        let (ready, address) = oneshot::channel();
        // What it says is read for as long as it runs, and kept for whoever wonders.
        std::thread::spawn(move || {
            let mut ready = Some(ready);
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("ready address=")
                    && let Some(ready) = ready.take()
                {
                    // Nobody waits any more: then nobody needs it.
                    let _told = ready.send((address.trim().to_owned(), begun.elapsed()));
                }
                if ready.is_some() || line.contains(" WARN ") || line.contains(" ERROR ") {
                    // A log that cannot be kept is no reason to stop.
                    let _kept = writeln!(log, "{line}");
                }
            }
        });
        let (address, started_in) = match timeout(START, address).await {
            Ok(Ok(told)) => told,
            _ => return Err(format!("no start: see {}", folder.join("log").display()).into()),
        };
        Ok(Self { child, address: address.parse()?, started_in })
    }

    /// A line of the kernel's about its memory (`VmRSS`, or `VmHWM` for the most since [`Self::forget_peak`]), in MB of
    /// 1,048,576 bytes.
    pub fn memory(&self, line: &str) -> Res<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
        let kilobytes = found.and_then(|text| text.split_whitespace().next()).ok_or("no such line")?;
        Ok(kilobytes.parse::<f64>()? / 1024.0)
    }

    pub fn forget_peak(&self) -> Res<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Gone already is gone.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}
