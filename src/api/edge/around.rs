//! What is around every route, in one layer: several would each copy the route and all that is around it for every request.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, Service};
use tracing::Instrument;

use crate::api::error::ApiError;
use crate::api::settings::ApiSettings;

use super::request_id::{Identified, Identity};
use super::{TrustedProxies, address, concurrency, headers, length, request_id};

/// The layer. From the outside in: who asks; the log's line and the headers of every answer, also of a refusal; refusals of
/// what is too long or too much.
#[derive(Debug, Clone)]
pub struct Around(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    proxies: TrustedProxies,
    identity: Identity,
    permits: Arc<Semaphore>,
}

/// A route with that around it.
#[derive(Debug, Clone)]
pub struct Surrounded<S> {
    route: S,
    around: Around,
}

impl Around {
    /// As the settings have it.
    pub fn new(settings: ApiSettings, identity: Identity) -> Self {
        let permits = Arc::new(Semaphore::new(settings.concurrency));
        Self(Arc::new(Inner { proxies: settings.trusted_proxies, identity, permits }))
    }

    fn enter(&self, request: &Request) -> Result<Option<OwnedSemaphorePermit>, ApiError> {
        length::refuse(request)?;
        concurrency::enter(&self.0.permits, request)
    }
}

impl<S> Layer<S> for Around {
    type Service = Surrounded<S>;

    fn layer(&self, route: S) -> Surrounded<S> {
        Surrounded { route, around: self.clone() }
    }
}

impl<S> Service<Request> for Surrounded<S>
where
    S: Service<Request, Error = Infallible>,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.route.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let inner = &*self.around.0;
        let https = address::find(&inner.proxies, &mut request).https;
        let identified = request_id::identify(&inner.identity, &mut request);
        let permit = identified.span.in_scope(|| self.around.enter(&request));
        match permit {
            Ok(permit) => {
                // It may do something at once, before it is waited for.
                let answer = identified.span.in_scope(|| self.route.call(request));
                let answer = answer.instrument(identified.span.clone());
                Box::pin(async move {
                    let response = answer.await?.into_response();
                    Ok(answered(identified, concurrency::hold(response, permit), https))
                })
            }
            Err(refusal) => {
                let response = identified.span.in_scope(|| refusal.into_response());
                Box::pin(std::future::ready(Ok(answered(identified, response, https))))
            }
        }
    }
}

fn answered(identified: Identified, mut response: Response, https: bool) -> Response {
    headers::secure(response.headers_mut(), https);
    identified.answered(response)
}
