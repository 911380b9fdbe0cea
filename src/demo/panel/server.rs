//! The HTTP side: accepting connections, reading requests, faults, answering or dropping.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt as _, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::form_urlencoded;

use super::ask::Ask;
use super::calls::Calls;
use super::fault::{Fault, Faults, Outcome, What, When};
use super::http::{Reply, SimRequest, decode};
use super::route;
use super::store::Store;
use super::webhooks::Webhooks;
use crate::domain::clock::{Clock, Entropy};

/// As the real one: an idle connection is closed after this time.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// The largest request body.
const MAX_BODY: usize = 1 << 20;

type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the simulated panel drops the connection")]
pub(super) struct Dropped;

/// What the server and its owner share.
pub(super) struct Shared {
    pub store: Mutex<Store>,
    pub faults: Faults,
    pub calls: Calls,
    pub delay: Mutex<Duration>,
    /// How many requests it works on at once; the others wait.
    pub capacity: Mutex<Arc<Semaphore>>,
    /// Counted up to let go of everything that hangs.
    pub released: watch::Sender<u64>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub subscription_base: String,
    pub webhooks: Webhooks,
}

/// Serves until told to stop; then every connection is gone.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(serve_connection(stream, Arc::clone(&shared), stop.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "the simulated panel cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn serve_connection(stream: TcpStream, shared: Arc<Shared>, stop: CancellationToken) {
    let until = stop.clone();
    let service = service_fn(move |request| {
        let (shared, stop) = (Arc::clone(&shared), stop.clone());
        async move { handle(shared, stop, request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(KEEP_ALIVE)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        () = until.cancelled() => {}
        // A connection that ends badly is half of what this server is for.
        result = connection => if let Err(error) = result {
            tracing::trace!(%error, "a connection to the simulated panel ended");
        }
    }
}

async fn handle(
    shared: Arc<Shared>,
    stop: CancellationToken,
    request: Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let request = read(request).await?;
    let number = shared.calls.arrived(&request);
    // In a task of its own: the panel finishes what it began, even if the caller hangs up.
    let task = tokio::spawn({
        let shared = Arc::clone(&shared);
        async move {
            let outcome = tokio::select! {
                () = stop.cancelled() => Outcome::Drop,
                outcome = process(&shared, &request, number) => outcome,
            };
            let status = match &outcome {
                Outcome::Answer(reply) | Outcome::CutOff(reply) => Some(reply.status),
                Outcome::Drop => None,
            };
            shared.calls.note(number, |call| {
                call.status = status;
                call.finished = true;
            });
            outcome
        }
    });
    let outcome = task.await;
    let now = shared.clock.now();
    match outcome {
        Ok(Outcome::Answer(reply)) => respond(reply, false, now),
        Ok(Outcome::CutOff(reply)) => respond(reply, true, now),
        Ok(Outcome::Drop) | Err(_) => Err(Dropped),
    }
}

async fn process(shared: &Shared, request: &SimRequest, number: usize) -> Outcome {
    if !request.is_proxied() {
        return Outcome::Drop;
    }
    let mut released = shared.released.subscribe();
    let fault = shared.faults.take(request);
    let capacity = Arc::clone(&shared.capacity.lock().unwrap_or_else(PoisonError::into_inner));
    // It is never closed.
    let _turn = capacity.acquire().await;
    let half = *shared.delay.lock().unwrap_or_else(PoisonError::into_inner) / 2;
    pause(half).await;
    let mut after = None;
    match fault {
        None => {}
        Some(Fault { when: When::AfterEffect, what, .. }) => after = Some(what),
        Some(Fault { what: What::Delay(delay), .. }) => pause(delay).await,
        Some(Fault { what: What::Hang, .. }) => {
            wait(&mut released).await;
            return Outcome::Drop;
        }
        Some(Fault { what, .. }) => {
            let nothing = Reply::response(200, serde_json::json!({"id": 1, "username": "nobody"}));
            return what.instead_of(nothing, request, shared.clock.as_ref());
        }
    }
    let reply = apply(shared, request);
    shared.calls.note(number, |call| call.applied = true);
    pause(half).await;
    match &after {
        None => return Outcome::Answer(reply),
        Some(What::Delay(delay)) => pause(*delay).await,
        Some(What::Hang) => wait(&mut released).await,
        Some(_) => {}
    }
    match after {
        None => Outcome::Answer(reply),
        Some(what) => what.instead_of(reply, request, shared.clock.as_ref()),
    }
}

/// The effect itself.
fn apply(shared: &Shared, request: &SimRequest) -> Reply {
    let now = shared.clock.now_millis();
    let mut store = shared.store.lock().unwrap_or_else(PoisonError::into_inner);
    store.expire(now, false);
    route::answer(Ask {
        store: &mut store,
        request,
        body: None,
        now,
        entropy: shared.entropy.as_ref(),
        subscription_base: &shared.subscription_base,
    })
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

async fn wait(released: &mut watch::Receiver<u64>) {
    // The sender outlives every request; were it gone, there would be nobody to wait for.
    if released.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn read(request: Request<Incoming>) -> Result<SimRequest, Dropped> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|_| Dropped)?.to_bytes();
    let path = match head.uri.path().trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Ok(SimRequest {
        method: head.method.as_str().to_owned(),
        path: path.to_owned(),
        segments: path.split('/').skip(1).map(decode).collect(),
        query: form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: head.headers.iter().map(header).collect(),
        body,
    })
}

fn respond(reply: Reply, cut_off: bool, now: DateTime<Utc>) -> Result<Response<Body>, Dropped> {
    let mut response = Response::builder()
        .status(StatusCode::from_u16(reply.status).map_err(|_| Dropped)?)
        .header(DATE, now.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .header("x-robots-tag", "noindex, nofollow, noarchive, nosnippet, noimageindex")
        .header("access-control-allow-origin", "*");
    if let Some(content_type) = reply.content_type {
        response = response.header(CONTENT_TYPE, content_type);
    }
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let body = if cut_off {
        response = response.header(CONTENT_LENGTH, reply.body.len());
        half(&reply.body)
    } else {
        let whole = Full::new(reply.body);
        whole.map_err(|never: Infallible| match never {}).boxed_unsync()
    };
    response.body(body).map_err(|_| Dropped)
}

/// Half a body, then an error that makes the HTTP library close the connection.
fn half(body: &Bytes) -> Body {
    let part = Ok(Frame::data(body.slice(..body.len() / 2)));
    let end = async {
        // Not at once: what is written is sent when there is nothing more to write for now.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    };
    let frames = stream::once(std::future::ready(part)).chain(stream::once(end));
    BodyExt::boxed_unsync(StreamBody::new(frames))
}
