//! One id for each request: in its answer, and on every line of the log that it causes.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::response::Response;
use tracing::Span;
use tracing::field::Empty;

use crate::domain::clock::Entropy;
use crate::services::metrics::Metrics;

use super::ClientAddress;
use super::access::{Line, RequestSpan};

/// The header, in both directions.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over.
const LONGEST: usize = 128;

/// Asked every few seconds by whoever watches the service.
const PROBES: [&str; 3] = ["/health", "/health/ready", "/metrics"];

/// What a request is known by.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Where ids come from.
    pub entropy: Arc<dyn Entropy>,
    /// Where requests are counted, once there is a service.
    pub metrics: Option<Arc<Metrics>>,
}

/// A request that is known by its id.
#[derive(Debug)]
pub struct Identified {
    /// What the log says on every line about it.
    pub span: Span,
    id: String,
    line: Line,
    bodiless: bool,
}

/// Takes the caller's id or makes one, opens the log's span, and begins the line of the access log. Neither query nor
/// headers are logged: they may hold secrets.
pub fn identify(identity: &Identity, request: &mut Request) -> Identified {
    let id = taken(request.headers()).unwrap_or_else(|| identity.entropy.uuid().to_string());
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let method = word(request.method());
    // As an error, so that it is there whatever the filter leaves out.
    let span = tracing::error_span!("http", request_id = %id, method, %route, caller = Empty);
    let client = request.extensions().get().map(|ClientAddress(address)| *address);
    let line = Line::new(span.clone(), client, PROBES.contains(&route.as_str()));
    let line = line.counted(identity.metrics.clone(), method, route);
    let bodiless = request.method() == Method::HEAD;
    request.extensions_mut().insert(RequestSpan(span.clone()));
    Identified { span, id, line, bodiless }
}

impl Identified {
    /// Marks the answer with the id, and goes on with the line until its last byte is sent.
    pub fn answered(self, mut response: Response) -> Response {
        if let Ok(value) = HeaderValue::try_from(self.id) {
            response.headers_mut().insert(X_REQUEST_ID, value);
        }
        self.line.follow(response, self.bodiless)
    }
}

/// The caller's own id, if it is 1 to 128 visible ASCII characters.
fn taken(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}

/// The method for the log; the caller may have made one up.
fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
