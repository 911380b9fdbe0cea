//! Lists: whole and by pages.

use std::time::Duration;
use tokio::time::Instant;

use crate::Res;
use crate::database::{self, Bare, id};
use crate::load::{Connection, median};
use crate::report::{Goal, Report};
use crate::stage::{API_TOKEN, Process, Stage};

/// How often each page is asked for.
const PAGES: usize = 60;
/// How often each whole list is.
const WHOLE: usize = 7;
/// Rows of the largest page.
const LARGEST: u32 = 1000;

pub async fn measure(stage: &Stage, report: &mut Report) -> Res<()> {
    let many: u32 = if stage.full { 1_000_000 } else { 200_000 };
    let url = stage.database("lists").await?;
    let bare = database::migrated(&url).await?;
    bare.clients(1, 1_000, "2030-01-01").await?;
    let service = stage.service(&url, &[]).await?;
    let few = grown(&service).await?;
    bare.clients(1_001, 10_000, "2030-01-01").await?;
    let floor = stage.floor(&["floor", &url]).await?;
    let least = whole(&floor, false).await?;
    let ours = whole(&service, true).await?;
    report.rate(stage.kind, "`GET /clients`, 10,000 rows", 1.0 / least, 1.0 / ours, Goal::AtLeast(0.8));
    drop(floor);
    bare.clients(10_001, many, "2030-01-01").await?;
    let all = grown(&service).await?;
    let what = format!("memory of `GET /clients`, {many} rows");
    report.plain(
        stage.kind,
        &what,
        &format!("{few:+.1} MB with 1,000"),
        all - few,
        "MB more",
        Goal::AtMost(5.0),
    );
    paged(stage, &service, many, report).await?;
    operations(stage, &service, &bare, report).await?;
    bare.close().await;
    Ok(())
}

/// MB that a whole list adds at most.
async fn grown(service: &Process) -> Res<f64> {
    let mut connection = Connection::open(service.address).await?;
    connection.ask("GET", "/api/v1/clients", "").await?;
    service.forget_peak()?;
    let before = service.memory("VmRSS")?;
    connection.ask("GET", "/api/v1/clients", "").await?;
    Ok(service.memory("VmHWM")? - before)
}

/// Seconds that a whole list takes.
async fn whole(server: &Process, is_service: bool) -> Res<f64> {
    let mut times = Vec::new();
    let mut connection = Connection::open(server.address).await?;
    for _ in 0..WHOLE {
        let begun = Instant::now();
        let (length, last) = connection.ask("GET", "/api/v1/clients", "").await?;
        times.push(begun.elapsed());
        let is_whole = !is_service || last.ends_with(b"\"total\":10000}");
        if length < 3_000_000 || !is_whole {
            return Err(format!("a list of {length} bytes").into());
        }
    }
    Ok(median(&mut times).as_secs_f64())
}

async fn paged(stage: &Stage, service: &Process, many: u32, report: &mut Report) -> Res<()> {
    let first = "/api/v1/clients?limit=50".to_owned();
    let middle = cursor_behind(service, many / 2).await?;
    let middle = format!("/api/v1/clients?limit=50{middle}");
    // After that walk: a connection that is idle so long is closed.
    let mut connection = Connection::open(service.address).await?;
    let (first, middle) = in_turn(&mut connection, &first, &middle).await?;
    let what = format!("a page in the middle of {many} clients, and the first");
    report.time(stage.kind, &what, first, middle, Goal::AtMost(1.2));
    Ok(())
}

/// The cursor behind so many rows: that of the last page of a walk from the newest on.
async fn cursor_behind(service: &Process, rows: u32) -> Res<String> {
    let client = reqwest::Client::new();
    let mut cursor = String::new();
    for _ in 0..rows / LARGEST {
        let url = format!("http://{}/api/v1/clients?limit={LARGEST}{cursor}", service.address);
        let response = client.get(url).bearer_auth(API_TOKEN).send().await?.error_for_status()?;
        let next = response.headers().get("x-next-cursor").ok_or("no further page")?.to_str()?.to_owned();
        response.bytes().await?;
        cursor = format!("&cursor={next}");
    }
    Ok(cursor)
}

async fn operations(stage: &Stage, service: &Process, bare: &Bare, report: &mut Report) -> Res<()> {
    bare.operations(1, 50).await?;
    bare.operations(2, 50_000).await?;
    let mut connection = Connection::open(service.address).await?;
    let of = |client| format!("/api/v1/operations?client_id={}&limit=50", id(client));
    let (few, many) = in_turn(&mut connection, &of(1), &of(2)).await?;
    report.time(stage.kind, "a page of 50,000 operations, and of 50", few, many, Goal::AtMost(1.2));
    Ok(())
}

/// Two pages in turn; the median time of each.
async fn in_turn(connection: &mut Connection, first: &str, second: &str) -> Res<(Duration, Duration)> {
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    for _ in 0..PAGES {
        firsts.push(connection.timed(first).await?);
        seconds.push(connection.timed(second).await?);
    }
    Ok((median(&mut firsts), median(&mut seconds)))
}
