//! The sockets under the router: accepting, the connections' limits, and an end without cut answers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, StatusCode};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::edge::length::MOST_BYTES;
use super::edge::{Arriving, Idle, Limits, Patient, Seat, Unread};

/// The most bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;

/// After an error of `accept` that will not go away at once (no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How much of an answer the system keeps for a client that is slow to take it. By itself it would keep megabytes for each.
const SEND_BUFFER: u32 = 256 * 1024;

/// How many connections the system keeps until they are accepted.
const BACKLOG: u32 = 1024;

/// How often the log says that there are too many connections.
const FULL_AGAIN: Duration = Duration::from_secs(60);

/// Opens the socket for [`serve`]. Needs the runtime around it.
///
/// # Errors
/// The address is taken or not ours.
pub fn listen(address: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As std does: a restart need not wait until the last connections are forgotten.
    socket.set_reuseaddr(true)?;
    // What is accepted here inherits both. The last piece of a list is not held back until the one before it has arrived: who reads
    // says so up to 40 ms late.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_nodelay(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Serves the router until `shutdown`; then takes no more connections and gives requests that run at most `grace` to
/// end. Returns when all have ended or were cut.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
    grace: Duration,
) {
    let graceful = GracefulShutdown::new();
    let mut open = Open::new(limits);
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(_ended) = open.connections.join_next(), if !open.connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::select! {
                    biased;
                    () = shutdown.cancelled() => break,
                    () = open.make_room() => {}
                }
                let router = router.clone();
                let seat = open.idle.connection();
                open.connections.spawn(connection(stream, peer, router, limits, seat, graceful.watcher()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            cut = open.connections.len(),
            "requests were still running at the end of the grace period"
        );
    }
}

/// The open connections.
struct Open {
    limits: Limits,
    connections: JoinSet<()>,
    idle: Idle,
    told: Option<Instant>,
}

impl Open {
    fn new(limits: Limits) -> Self {
        Self { limits, connections: JoinSet::new(), idle: Idle::default(), told: None }
    }

    /// Waits until there may be one more.
    async fn make_room(&mut self) {
        let mut asked = false;
        while self.connections.len() >= self.limits.connections {
            self.tell_full();
            asked = asked || self.idle.close_longest();
            tokio::select! {
                _ended = self.connections.join_next() => {}
                () = self.idle.another(), if !asked => {}
            }
        }
    }

    /// Not each time: whoever opens too many would fill the log.
    fn tell_full(&mut self) {
        if self.told.is_none_or(|told| told.elapsed() >= FULL_AGAIN) {
            tracing::warn!(
                open = self.connections.len(),
                "too many connections: the longest idle ones are closed"
            );
            self.told = Some(Instant::now());
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    seat: Seat,
    watcher: Watcher,
) {
    let unread = Unread::default();
    let stream = Patient::new(stream, limits, unread.clone());
    let worker = seat.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let work = worker.work();
        let unread = unread.clone();
        // What hyper does not find in its buffer it does not wait for: then the connection ends with the answer.
        let long = request.body().size_hint().upper().is_none_or(|length| length > MOST_BYTES as u64);
        let mut request = request.map(|body| Body::new(Arriving::new(body, limits.body, unread.clone())));
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request);
        async move {
            let mut response = answer.await?;
            if unread.get() && (long || response.status() == StatusCode::REQUEST_TIMEOUT) {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(work.until_sent(response))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        ended = watcher.watch(connection) => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
        }
        () = seat.closed() => tracing::debug!("an idle connection makes room for another"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_sent_at_once() {
        let listener = listen(([127, 0, 0, 1], 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let (_theirs, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        assert!(accepted.unwrap().0.nodelay().unwrap());
    }
}
