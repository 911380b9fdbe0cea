//! How many requests are in work at once.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api::error::ApiError;
use crate::services::Error;

/// When it is worth trying again.
const PAUSE: Duration = Duration::from_secs(1);

/// Answered however much there is to do: whoever watches the service must not take it for dead.
const ALWAYS: [&str; 3] = ["/health", "/health/ready", "/metrics"];

/// Lets a request in while there is a permit; some need none.
///
/// # Errors
/// `Busy`.
pub fn enter(permits: &Arc<Semaphore>, request: &Request) -> Result<Option<OwnedSemaphorePermit>, ApiError> {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    if route.is_some_and(|route| ALWAYS.contains(&route)) {
        return Ok(None);
    }
    let permit = Arc::clone(permits).try_acquire_owned();
    permit.map(Some).map_err(|_| Error::Busy { retry_after: PAUSE }.into())
}

/// Holds the permit until the last byte of the answer is handed to the connection, or the client is gone.
pub fn hold(response: Response, permit: Option<OwnedSemaphorePermit>) -> Response {
    match permit {
        Some(permit) => response.map(|body| Body::new(Held { body, permit: Some(permit) })),
        None => response,
    }
}

/// A body with the permit it is sent by.
struct Held {
    body: Body,
    permit: Option<OwnedSemaphorePermit>,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.permit.is_none() {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.permit = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.permit.is_none() || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::api::finish;
    use crate::api::settings::ApiSettings;
    use crate::domain::clock::OsEntropy;

    use super::super::request_id::Identity;

    fn router(concurrency: usize) -> Router {
        let routes =
            Router::new().route("/", get(|| async { "text" })).route("/health", get(|| async { "alive" }));
        let settings = ApiSettings { concurrency, ..ApiSettings::default() };
        finish(routes, settings, Identity { entropy: Arc::new(OsEntropy), metrics: None })
    }

    async fn get_it(router: &Router, path: &str) -> Response {
        router.clone().oneshot(Request::builder().uri(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_permit_is_held_until_the_body_is_sent_or_dropped() {
        let router = router(1);
        let first = get_it(&router, "/").await;
        assert_eq!(first.body().size_hint().exact(), Some(4), "the length is still known");
        let second = get_it(&router, "/").await;
        assert_eq!((second.status().as_u16(), second.headers()["retry-after"].as_bytes()), (503, &b"1"[..]));
        assert_eq!(get_it(&router, "/health").await.status().as_u16(), 200);
        drop(first);
        let mut third = get_it(&router, "/").await.into_body();
        assert_eq!(get_it(&router, "/").await.status().as_u16(), 503, "not a byte is sent");
        while third.frame().await.is_some() {}
        assert_eq!(get_it(&router, "/").await.status().as_u16(), 200, "sent to its end");
        assert!(third.frame().await.is_none(), "and it may be asked again");
    }
}
