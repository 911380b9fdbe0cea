//! The body of a request while it arrives.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use super::Unread;
use super::stream::timer;

/// The body did not arrive in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not arrive in time")]
pub struct SlowBody;

/// A body that fails with [`SlowBody`] when it is not there in time, however steadily it trickles, and that notes when it
/// was not read to its end.
#[derive(Debug)]
pub struct Arriving {
    body: Incoming,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    unread: Unread,
    ended: bool,
}

impl Arriving {
    /// Around a body. The time runs from the first moment that somebody waits for it.
    pub fn new(body: Incoming, patience: Duration, unread: Unread) -> Self {
        Self { body, patience, waiting: None, unread, ended: false }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(Some(frame)) => Poll::Ready(Some(frame.map_err(BoxError::from))),
            Poll::Ready(None) => {
                this.ended = true;
                Poll::Ready(None)
            }
            Poll::Pending => {
                ready!(timer(&mut this.waiting, this.patience).poll(cx));
                Poll::Ready(Some(Err(SlowBody.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.unread.set(!self.ended && !self.body.is_end_stream());
    }
}
