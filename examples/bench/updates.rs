//! Updates from Telegram.

use std::time::Duration;

use orchestrator::demo::panel::{Fault, Matcher, What};
use tokio::time::Instant;

use crate::Res;
use crate::database::{self, Bare};
use crate::load::median;
use crate::report::{Goal, Report};
use crate::stage::{OWNER, Stage, panel_settings, panel_users};
use crate::telegram::{BOT_TOKEN, Telegram};

/// People who write.
const PEOPLE: i64 = 1_000;
/// Their numbers begin here.
const FIRST: i64 = 10_000;
/// How often each writes.
const ROUNDS: i64 = 8;
/// How long everything may take.
const LIMIT: Duration = Duration::from_secs(120);

pub async fn measure(stage: &Stage, report: &mut Report) -> Res<()> {
    let url = stage.database("updates").await?;
    let bare = prepared(&url).await?;
    bare.commit().await?;
    bare.close().await;
    let telegram = Telegram::start().await?;
    let floor = {
        let address = format!("http://{}", telegram.address);
        let _floor = stage.floor(&["dispatcher", &url, &address, BOT_TOKEN]).await?;
        storm(&telegram).await?
    };
    let telegram = Telegram::start().await?;
    let _service = stage.service(&url, &telegram.settings()).await?;
    let ours = storm(&telegram).await?;
    report.rate(stage.kind, "updates, `/status` of 1,000 people", floor, ours, Goal::AtLeast(0.7));
    Ok(())
}

/// Everybody has a client of their own, and has written before.
async fn prepared(url: &str) -> Res<Bare> {
    let bare = database::migrated(url).await?;
    bare.clients(1, 2_000, "2030-01-01").await?;
    linked(&bare, PEOPLE).await?;
    Ok(bare)
}

/// So many people, linked to the clients from 1 on.
pub async fn linked(bare: &Bare, people: i64) -> Res<()> {
    let sqlite = format!(
        "INSERT INTO people (telegram_id, name, created_at, seen_at)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {people})
         SELECT {FIRST} + i, 'Person ' || ({FIRST} + i), '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00' FROM n;
         UPDATE clients SET telegram_id = {FIRST} + remnawave_uuid WHERE CAST(remnawave_uuid AS INTEGER) <= {people}"
    );
    let postgres = format!(
        "INSERT INTO people (telegram_id, name, created_at, seen_at)
         SELECT {FIRST} + i, 'Person ' || ({FIRST} + i), '2026-01-01Z', '2026-01-01Z' FROM generate_series(1, {people}) AS i;
         UPDATE clients SET telegram_id = {FIRST} + remnawave_uuid::bigint WHERE remnawave_uuid::bigint <= {people}"
    );
    bare.run(&sqlite, &postgres).await
}

/// Updates handled in a second, when everybody writes at once, again and again.
async fn storm(telegram: &Telegram) -> Res<f64> {
    let round = |count: i64| {
        for _ in 0..count {
            (1..=PEOPLE).for_each(|person| telegram.write(FIRST + person, "/status"));
        }
    };
    // The first round is for caches and connections.
    let before = telegram.sent();
    round(1);
    telegram.until(LIMIT, |telegram| telegram.sent() >= before + PEOPLE as u64).await?;
    let before = telegram.sent();
    let begun = Instant::now();
    round(ROUNDS);
    let all = (ROUNDS * PEOPLE) as u64;
    telegram.until(LIMIT, |telegram| telegram.sent() >= before + all).await?;
    Ok(all as f64 / begun.elapsed().as_secs_f64())
}

/// What others wait for their answers while one person's takes four seconds.
pub async fn beside_a_slow_handler(stage: &Stage, report: &mut Report) -> Res<()> {
    let url = stage.database("patience").await?;
    prepared(&url).await?.close().await;
    let (telegram, panel) = (Telegram::start().await?, stage.panel(Duration::ZERO).await?);
    panel_users(&panel, 10, "2030-01-01")?;
    let mut settings = panel_settings(&panel);
    settings.extend(telegram.settings());
    let _service = stage.service(&url, &settings).await?;
    answers(&telegram).await?;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        without.extend(answers(&telegram).await?);
        panel.fault(Fault::before(
            Matcher::path("/api/subscriptions/**"),
            What::Delay(Duration::from_secs(4)),
        ));
        telegram.write(OWNER, "/config client_1");
        let begun = Instant::now();
        with.extend(answers(&telegram).await?);
        if begun.elapsed() > Duration::from_secs(4) {
            return Err("the others took longer than the slow one".into());
        }
        telegram.until(LIMIT, |telegram| telegram.last(OWNER).is_some_and(|at| at > begun)).await?;
        panel.clear_faults();
    }
    let (without, with) = (median(&mut without), median(&mut with));
    report.time(stage.kind, "others' answer beside a handler of 4 s", without, with, Goal::AtMost(1.1));
    Ok(())
}

/// How long each of 150 people waits for the answer, one after another.
async fn answers(telegram: &Telegram) -> Res<Vec<Duration>> {
    let mut times = Vec::new();
    for person in FIRST + 1..=FIRST + 150 {
        let begun = Instant::now();
        telegram.write(person, "/status");
        telegram.until(LIMIT, |telegram| telegram.last(person).is_some_and(|at| at > begun)).await?;
        times.push(begun.elapsed());
    }
    Ok(times)
}
