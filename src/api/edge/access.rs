//! The access log: one line a request, whatever became of it.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Extensions, StatusCode};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;
use tracing::Span;

use crate::services::metrics::Metrics;

/// The request's span; its field `caller` is empty until [`name_caller`].
#[derive(Debug, Clone)]
pub struct RequestSpan(pub Span);

/// Says in the log who calls, from here on and in the access log; a token's name, never the token. `request` are the
/// request's extensions.
pub fn name_caller(request: &Extensions, name: &str) {
    if let Some(RequestSpan(span)) = request.get() {
        span.record("caller", name);
    }
}

/// A line that is written when the request is over: when it is dropped.
#[derive(Debug)]
pub struct Line {
    span: Span,
    started: Instant,
    client: Option<IpAddr>,
    probe: bool,
    status: Option<StatusCode>,
    bytes: u64,
    whole: bool,
    counted: Option<(Arc<Metrics>, &'static str, String)>,
}

impl Line {
    /// Begins with the request. Lines about probes that went well are for debugging.
    pub fn new(span: Span, client: Option<IpAddr>, probe: bool) -> Self {
        Self {
            span,
            started: Instant::now(),
            client,
            probe,
            status: None,
            bytes: 0,
            whole: false,
            counted: None,
        }
    }

    /// Is counted too, as a request of that method to that route.
    pub fn counted(mut self, metrics: Option<Arc<Metrics>>, method: &'static str, route: String) -> Self {
        self.counted = metrics.map(|metrics| (metrics, method, route));
        self
    }

    /// Goes on with the answer's body.
    pub fn follow(mut self, response: Response, bodiless: bool) -> Response {
        self.status = Some(response.status());
        self.whole = bodiless || response.body().is_end_stream();
        response.map(|body| Body::new(Logged { body, line: self }))
    }

    fn outcome(&self) -> &'static str {
        match (self.status, self.whole) {
            (Some(_), true) => "answered",
            (Some(_), false) => "the answer broke off",
            (None, _) => "the caller left before the answer",
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let status = self.status.map(|status| status.as_u16());
        let counted = self.counted.take();
        let _entered = self.span.enter();
        if let Some((metrics, method, route)) = counted {
            metrics.request(method, route, status, self.started.elapsed());
        }
        let milliseconds = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (bytes, client) = (self.bytes, self.client.map(tracing::field::display));
        let outcome = self.outcome();
        if self.probe && status.is_some_and(|status| status < 500) {
            tracing::debug!(status, milliseconds, bytes, client, "{outcome}");
        } else {
            tracing::info!(status, milliseconds, bytes, client, "{outcome}");
        }
    }
}

/// A body whose bytes are counted, and which is made inside the request's span.
struct Logged {
    body: Body,
    line: Line,
}

impl HttpBody for Logged {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let frame = ready!(this.line.span.in_scope(|| Pin::new(&mut this.body).poll_frame(cx)));
        match &frame {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                this.line.bytes += u64::try_from(length).unwrap_or(u64::MAX);
                this.line.whole |= this.body.is_end_stream();
            }
            Some(Err(_)) => this.line.whole = false,
            None => this.line.whole = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
