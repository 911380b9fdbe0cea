//! Starting, memory, size.

use std::fs;
use std::process::Command;
use std::time::Duration;

use tokio::time::Instant;

use crate::Res;
use crate::database::{self, id};
use crate::load::{counted, median};
use crate::options::{Kind, Options};
use crate::report::{Goal, Report};
use crate::stage::{Stage, panel_settings, panel_users};
use crate::telegram::Telegram;
use crate::updates::linked;

/// Starts that are measured.
const STARTS: usize = 10;
/// How long the service does nothing before it is looked at.
const IDLE: Duration = Duration::from_secs(3);
const LIMIT: Duration = Duration::from_secs(600);

pub async fn start(stage: &Stage, report: &mut Report) -> Res<()> {
    let url = stage.database("start").await?;
    database::migrated(&url).await?.close().await;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let service = stage.service(&url, &[]).await?;
        times.push(service.started_in);
    }
    let goal = if stage.kind == Kind::Sqlite { 100.0 } else { 250.0 };
    let measured = median(&mut times).as_secs_f64() * 1000.0;
    report.plain(stage.kind, "start to `/health`", "", measured, "ms", Goal::AtMost(goal));
    Ok(())
}

/// MB of a service that has a panel, Telegram, and nothing to do.
async fn idle(stage: &Stage) -> Res<f64> {
    let (telegram, panel) = (Telegram::start().await?, stage.panel(Duration::ZERO).await?);
    let mut settings = panel_settings(&panel);
    settings.extend(telegram.settings());
    let service = stage.service(&stage.database("idle").await?, &settings).await?;
    tokio::time::sleep(IDLE).await;
    service.memory("VmRSS")
}

pub async fn memory(stage: &Stage, report: &mut Report) -> Res<()> {
    let (updates, requests): (i64, u64) = if stage.full { (100_000, 1_000_000) } else { (10_000, 50_000) };
    let idle = idle(stage).await?;
    report.plain(stage.kind, "memory, idle", "", idle, "MB", Goal::AtMost(30.0));
    let url = stage.database("memory").await?;
    let bare = database::migrated(&url).await?;
    bare.clients(1, 10_000, "2030-01-01").await?;
    linked(&bare, 1_000).await?;
    bare.close().await;
    let (telegram, panel) = (Telegram::start().await?, stage.panel(Duration::ZERO).await?);
    panel_users(&panel, 10_000, "2030-01-01")?;
    let mut settings = panel_settings(&panel);
    settings.extend(telegram.settings());
    let service = stage.service(&url, &settings).await?;
    let ask = |number: u64| ("GET", format!("/api/v1/clients/{}", id(1 + (number % 10_000) as u32)), "");
    counted(service.address, 16, requests, ask).await?;
    for _ in 0..updates / 1_000 {
        let (before, begun) = (telegram.sent(), Instant::now());
        (1..=1_000).for_each(|person| telegram.write(10_000 + person, "/status"));
        telegram.until(LIMIT, |telegram| telegram.sent() >= before + 1_000).await?;
        if begun.elapsed() > LIMIT {
            return Err("the updates took too long".into());
        }
    }
    tokio::time::sleep(IDLE).await;
    let what = format!("memory after {updates} updates and {requests} requests");
    report.plain(
        stage.kind,
        &what,
        &format!("{idle:.1} MB idle"),
        service.memory("VmRSS")?,
        "MB",
        Goal::AtMost(60.0),
    );
    Ok(())
}

pub fn binary(options: &Options, report: &mut Report) -> Res<()> {
    let size = fs::metadata(&options.binary)?.len() as f64 / 1_048_576.0;
    report.once("release binary, stripped", "", size, "MB", Goal::AtMost(20.0));
    let tree = |arguments: &[&str]| -> Res<usize> {
        let listed = Command::new("cargo")
            .arg("tree")
            .args(arguments)
            .args(["-e", "normal", "--prefix", "none"])
            .output()?;
        let text = String::from_utf8(listed.stdout)?;
        let names = text.lines().filter(|line| !line.is_empty() && !line.ends_with("(*)"));
        Ok(names.collect::<std::collections::BTreeSet<_>>().len())
    };
    report.note("crates in the binary", &tree(&["--locked"])?.to_string());
    if options.full {
        report.note("clean build of it, its crates downloaded", &clean_build(options)?);
    }
    Ok(())
}

/// How long it takes into an empty folder, on all cores.
fn clean_build(options: &Options) -> Res<String> {
    let folder = options.folder.join("clean");
    let begun = Instant::now();
    let mut command = Command::new("taskset");
    let cores = std::env::var("BENCH_CORES").ok().and_then(|cores| cores.parse().ok()).unwrap_or(1_usize);
    command.args(["-c", &format!("0-{}", cores.saturating_sub(1)), "cargo", "build", "--release"]);
    command.args(["--locked", "--quiet", "--bin", "orchestrator"]).env("CARGO_TARGET_DIR", &folder);
    if !command.status()?.success() {
        return Err("the binary cannot be built".into());
    }
    let took = begun.elapsed();
    fs::remove_dir_all(&folder)?;
    Ok(format!("{:.0} s", took.as_secs_f64()))
}
