//! What the service does by itself.

use std::process::Command;
use std::time::Duration;

use orchestrator::demo::panel::SimStatus;
use tokio::time::Instant;

use crate::Res;
use crate::changes::PANEL;
use crate::database;
use crate::report::{Goal, Report};
use crate::stage::{OWNER, Stage, panel_settings, panel_users};
use crate::telegram::Telegram;
use crate::updates::linked;

/// Requests to the panel at once.
const AT_ONCE: f64 = 32.0;
/// `OUTBOX_RATE`, messages a second.
const RATE: f64 = 30.0;
/// How long a broadcast may take.
const LIMIT: Duration = Duration::from_secs(900);

/// Clients whose date has passed, by the command of that name.
pub async fn deactivation(stage: &Stage, report: &mut Report) -> Res<()> {
    let count: u32 = if stage.full { 10_000 } else { 2_000 };
    let url = stage.database("deactivation").await?;
    let bare = database::migrated(&url).await?;
    bare.clients(1, count, "2026-02-01").await?;
    // Those that are blocked already have nothing to lose.
    bare.run("UPDATE clients SET status = 'active'", "UPDATE clients SET status = 'active'").await?;
    bare.close().await;
    let panel = stage.panel(PANEL).await?;
    panel_users(&panel, count, "2026-02-01")?;
    for number in (100..=count).step_by(100) {
        panel.edit_user(&format!("client_{number}"), |user| user.status = SimStatus::Active);
    }
    let before = panel.calls().len();
    let begun = Instant::now();
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(stage.binary()).args(["deactivate-expired", "--anyway"]).env_clear();
    command.env("DATABASE_URL", &url).env("RUST_LOG", "error").envs(panel_settings(&panel));
    let done = tokio::task::spawn_blocking(move || command.output()).await??;
    let took = begun.elapsed();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    if !done.status.success() || !said.contains(&count.to_string()) {
        return Err(format!("{said}{}", String::from_utf8_lossy(&done.stderr)).into());
    }
    let floor = PANEL.mul_f64(f64::from(count) / AT_ONCE);
    let calls = (panel.calls().len() - before) as f64 / f64::from(count);
    let what = format!("{count} clients deactivated by date ({calls:.2} calls each)");
    report.time(stage.kind, &what, floor, took, Goal::AtMost(1.25));
    Ok(())
}

/// One text to everybody.
pub async fn broadcast(stage: &Stage, report: &mut Report) -> Res<()> {
    let count: i64 = if stage.full { 10_000 } else { 600 };
    let url = stage.database("broadcast").await?;
    let bare = database::migrated(&url).await?;
    bare.clients(1, count as u32, "2030-01-01").await?;
    linked(&bare, count).await?;
    bare.close().await;
    let telegram = Telegram::start().await?;
    let _service = stage.service(&url, &telegram.settings()).await?;
    for words in ["/broadcast", "Works tonight, from two to three."] {
        let begun = Instant::now();
        telegram.write(OWNER, words);
        telegram.until(LIMIT, |telegram| telegram.last(OWNER).is_some_and(|at| at > begun)).await?;
    }
    // The text as it will be seen comes before the question.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = telegram.sent();
    telegram.note_times();
    telegram.tap(OWNER)?;
    telegram.until(LIMIT, |telegram| telegram.sent() >= before + count as u64).await?;
    let times = telegram.times();
    let (first, last) = (times.first().ok_or("nothing sent")?, times.last().ok_or("nothing sent")?);
    let rate = (times.len() - 1) as f64 / last.duration_since(*first).as_secs_f64();
    report.rate(stage.kind, &format!("broadcast to {count}, 30 a second"), RATE, rate, Goal::AtLeast(0.97));
    Ok(())
}
