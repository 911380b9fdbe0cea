//! Requests in closed loops: each connection asks again as soon as it has its answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Res;
use crate::stage::API_TOKEN;

/// One connection, kept open.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    pub async fn open(to: SocketAddr) -> Res<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    /// Bytes of the answer's body, and its last ones; an error unless it is a success.
    pub async fn ask(&mut self, method: &str, path: &str, body: &str) -> Res<(u64, Bytes)> {
        let mut request = hyper::Request::builder().method(method).uri(path).header(HOST, "localhost");
        request = request.header(AUTHORIZATION, format!("Bearer {API_TOKEN}"));
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        self.sender.ready().await?;
        let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?;
        let mut response = self.sender.send_request(request).await?;
        let (mut length, mut last) = (0, Bytes::new());
        while let Some(frame) = response.frame().await {
            if let Ok(data) = frame?.into_data() {
                length += data.len() as u64;
                last = data;
            }
        }
        if !response.status().is_success() {
            let said = String::from_utf8_lossy(&last).into_owned();
            return Err(format!("{method} {path}: {} {said}", response.status()).into());
        }
        Ok((length, last))
    }

    /// How long one GET takes.
    pub async fn timed(&mut self, path: &str) -> Res<Duration> {
        let begun = Instant::now();
        self.ask("GET", path, "").await?;
        Ok(begun.elapsed())
    }
}

/// One request: method, path, body.
pub type Ask = (&'static str, String, &'static str);

/// Answers a second: asks on so many connections for so long; each request is the next of `ask`, by its number.
pub async fn lasting(
    to: SocketAddr,
    connections: usize,
    lasts: Duration,
    ask: impl Fn(u64) -> Ask + Send + Sync + 'static,
) -> Res<f64> {
    let end = Instant::now() + lasts;
    run(to, connections, move |_| Instant::now() < end, ask).await
}

/// Answers a second: makes so many requests on so many connections.
pub async fn counted(
    to: SocketAddr,
    connections: usize,
    count: u64,
    ask: impl Fn(u64) -> Ask + Send + Sync + 'static,
) -> Res<f64> {
    run(to, connections, move |number| number < count, ask).await
}

async fn run(
    to: SocketAddr,
    connections: usize,
    goes_on: impl Fn(u64) -> bool + Send + Sync + 'static,
    ask: impl Fn(u64) -> Ask + Send + Sync + 'static,
) -> Res<f64> {
    let shared = Arc::new((AtomicU64::new(0), goes_on, ask));
    let mut opened = Vec::new();
    for _ in 0..connections {
        opened.push(Connection::open(to).await?);
    }
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for mut connection in opened {
        let shared = Arc::clone(&shared);
        tasks.spawn(async move {
            let (numbers, goes_on, ask) = &*shared;
            let mut answered: u64 = 0;
            loop {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                if !goes_on(number) {
                    return Ok::<_, Box<dyn std::error::Error + Send + Sync>>(answered);
                }
                let (method, path, body) = ask(number);
                connection.ask(method, &path, body).await?;
                answered += 1;
            }
        });
    }
    let mut answered = 0;
    while let Some(done) = tasks.join_next().await {
        answered += done??;
    }
    let took = begun.elapsed().as_secs_f64();
    Ok(answered as f64 / took)
}

/// The time in the middle of all.
pub fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
