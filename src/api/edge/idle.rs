//! Which connections have no request in work: when there are too many, the longest idle one makes room. So whoever opens
//! connections and says nothing, or says it slowly, keeps nobody out.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The idle connections.
#[derive(Debug, Clone, Default)]
pub struct Idle(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    another: Notify,
}

/// In the order in which they became idle.
#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    connections: BTreeMap<u64, CancellationToken>,
}

impl Idle {
    /// A new connection, idle at first.
    pub fn connection(&self) -> Seat {
        let seat = Seat(Arc::new(Place {
            idle: self.clone(),
            close: CancellationToken::new(),
            at: Mutex::default(),
        }));
        seat.0.rest();
        seat
    }

    /// Asks the one that has been idle for longest to end; `false` when none is idle.
    pub fn close_longest(&self) -> bool {
        let longest = self.waiting().connections.pop_first();
        longest.map(|(_, close)| close.cancel()).is_some()
    }

    /// When another one became idle.
    pub async fn another(&self) {
        self.0.another.notified().await;
    }

    /// Nothing that holds the lock panics, and the map is whole after each line of it.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place among the idle ones.
#[derive(Debug, Clone)]
pub struct Seat(Arc<Place>);

#[derive(Debug)]
struct Place {
    idle: Idle,
    close: CancellationToken,
    at: Mutex<Option<u64>>,
}

impl Place {
    fn rest(&self) {
        let mut waiting = self.idle.waiting();
        let at = waiting.next;
        waiting.next += 1;
        waiting.connections.insert(at, self.close.clone());
        drop(waiting);
        self.leave(Some(at));
        self.idle.0.another.notify_one();
    }

    /// Gives up the old place.
    fn leave(&self, new: Option<u64>) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = std::mem::replace(&mut *at, new) {
            self.idle.waiting().connections.remove(&old);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave(None);
    }
}

impl Seat {
    /// A request is in work until what this gives is dropped.
    pub fn work(&self) -> Work {
        self.0.leave(None);
        Work(Arc::clone(&self.0))
    }

    /// When the connection has to make room.
    pub async fn closed(&self) {
        self.0.close.cancelled().await;
    }
}

/// A request in work.
#[derive(Debug)]
pub struct Work(Arc<Place>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.rest();
    }
}

impl Work {
    /// In work until the answer's body is handed over, too.
    pub fn until_sent(self, response: Response) -> Response {
        response.map(|body| Body::new(Worked { body, _work: self }))
    }
}

struct Worked {
    body: Body,
    _work: Work,
}

impl HttpBody for Worked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
