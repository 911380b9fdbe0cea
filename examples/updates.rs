//! Sends many updates of many people through the simulated Telegram to the built service and tells its resident memory
//! before, at most during, and after. `scripts/measure-updates` builds and starts it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what it measures is told on standard output, how far it is on the other"
)]

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use orchestrator::demo::telegram::{TelegramSim, TelegramSimOptions};
use orchestrator::domain::clock::SystemClock;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

type Res<T> = Result<T, Box<dyn Error>>;

const PEOPLE: i64 = 1000;
/// How long the service does nothing before it is looked at.
const IDLE: Duration = Duration::from_secs(3);
/// After how many updates a line says how far it is.
const PROGRESS: i64 = 10_000;
/// How long a start, or an answer to one thing of each person, may take.
const LIMIT: Duration = Duration::from_secs(60);
/// MiB that memory may grow by.
const AT_MOST: f64 = 64.0;
const WORDS: [&str; 4] = ["/start", "/help", "good day", "/status"];

#[derive(Debug, Parser)]
struct Options {
    /// How many updates in all
    #[arg(long, default_value_t = 100_000)]
    updates: i64,
    /// The service
    #[arg(long)]
    binary: PathBuf,
    /// A folder for its database, which the caller removes
    #[arg(long)]
    folder: PathBuf,
}

/// The service; ends with this.
struct Service {
    child: Child,
    url: String,
}

impl Service {
    async fn start(options: &Options, telegram: &TelegramSim) -> Res<Self> {
        let mut command = Command::new(&options.binary);
        command.arg("serve").current_dir(&options.folder).env_clear();
        command.env("DATABASE_URL", format!("sqlite://{}/orchestrator.db", options.folder.display()));
        command.env("TELEGRAM_BOT_TOKEN", telegram.token()).env("TELEGRAM_API_URL", telegram.url());
        command.env("ADMIN_IDS", "1").env("API_AUTH", "off").env("APP_PORT", "0").env("RUST_LOG", "info");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().ok_or("no stderr")?;
        let mut service = Self { child, url: String::new() };
        let (ready, address) = oneshot::channel();
        // What it says is read for as long as it runs.
        std::thread::spawn(move || {
            let mut ready = Some(ready);
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("ready address=")
                    && let Some(ready) = ready.take()
                {
                    // Nobody waits any more: then nobody needs it.
                    let _told = ready.send(format!("http://{}", address.trim()));
                }
                if line.contains(" WARN ") || line.contains(" ERROR ") {
                    eprintln!("{line}");
                }
            }
        });
        service.url = timeout(LIMIT, address).await??;
        Ok(service)
    }

    /// How many updates it has handled; each one handled is told by its metrics.
    async fn handled(&self) -> Res<i64> {
        let metrics = reqwest::get(format!("{}/metrics", self.url)).await?.text().await?;
        let mut handled = 0;
        for line in metrics.lines() {
            if let Some((_, count)) = line
                .strip_prefix("orchestrator_update_duration_seconds_count")
                .and_then(|rest| rest.split_once(' '))
            {
                handled += count.parse::<i64>()?;
            }
        }
        Ok(handled)
    }

    /// A line of the kernel's about the process (`VmRSS`, or `VmHWM` for the most since [`Self::forget_peak`]), in MiB.
    fn memory(&self, line: &str) -> Res<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
        let kilobytes = found.and_then(|text| text.split_whitespace().next()).ok_or("no such line")?;
        Ok(kilobytes.parse::<f64>()? / 1024.0)
    }

    fn forget_peak(&self) -> Res<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Gone already is gone.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match measure(&Options::parse()).await {
        Ok(grown) if grown <= AT_MOST => ExitCode::SUCCESS,
        Ok(grown) => {
            println!("memory grew by {grown:.1} MiB; at most {AT_MOST} are allowed");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("not measured: {error}");
            ExitCode::from(2)
        }
    }
}

/// By how many MiB it grew at most.
async fn measure(options: &Options) -> Res<f64> {
    let telegram = TelegramSim::start(TelegramSimOptions {
        addr: ([127, 0, 0, 1], 0).into(),
        token: "123456:AAtest_token_of_the_simulated_bot_01".to_owned(),
        bot_username: "vpn_bot".to_owned(),
        clock: Arc::new(SystemClock),
    })
    .await?;
    let service = Service::start(options, &telegram).await?;
    sleep(IDLE).await;
    service.forget_peak()?;
    let (before, began) = (service.memory("VmRSS")?, Instant::now());
    let mut sent = 0;
    while sent < options.updates {
        // Everybody writes once, and waits for the answer.
        for (person, words) in (1..=PEOPLE.min(options.updates - sent))
            .zip(WORDS.iter().cycle().skip(usize::try_from(sent / PEOPLE)?))
        {
            telegram.send_text(person, words);
            sent += 1;
        }
        timeout(LIMIT, async {
            while service.handled().await? < sent {
                sleep(Duration::from_millis(50)).await;
            }
            Ok::<_, Box<dyn Error>>(())
        })
        .await
        .map_err(|_| format!("of {sent} sent some were not handled in {LIMIT:?}"))??;
        if sent % PROGRESS == 0 {
            eprintln!("{sent} updates after {:.0} s", began.elapsed().as_secs_f64());
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let peak = service.memory("VmHWM")?;
    sleep(IDLE).await;
    let after = service.memory("VmRSS")?;
    println!("{sent} updates of {PEOPLE} people in {seconds:.1} s; MiB resident:");
    println!(
        "before {before:.1}, at most {peak:.1} ({:+.1}), after {after:.1} ({:+.1})",
        peak - before,
        after - before
    );
    Ok(peak - before)
}
