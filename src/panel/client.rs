//! HTTP: one client, bounded in time, number and size; retries of reading calls only.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, RequestBuilder, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::domain::clock::Clock;
use crate::domain::measures::Durations;
use crate::domain::unreached::Unreached;

use super::breaker::{Breaker, Sign};
use super::errors::{NoAnswer, PanelError};
use super::request::Call;
use super::settings::PanelSettings;
use super::skew::Skew;
use super::status::PanelProblem;

/// Requests at the same moment; the others wait their turn.
const AT_ONCE: usize = 32;
/// The panel closes an idle connection after 5 s: ours are gone before, so that none is found closed.
const IDLE: Duration = Duration::from_secs(4);
/// A connection that takes longer does not come about.
const CONNECT: Duration = Duration::from_secs(3);

/// Speaks HTTP with the panel.
pub(super) struct Http {
    client: reqwest::Client,
    base: Option<Url>,
    bearer: Option<HeaderValue>,
    turns: Semaphore,
    pub(super) breaker: Breaker,
    pub(super) skew: Skew,
    /// Method, path template, outcome.
    pub(super) calls: Durations<3>,
    clock: Arc<dyn Clock>,
}

/// A 2xx answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Any answer, as it came.
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// Whether it is HTML.
    pub(super) is_page: bool,
    /// Where it sends us instead.
    pub(super) location: Option<String>,
}

impl Http {
    pub(super) fn new(settings: &PanelSettings, clock: Arc<dyn Clock>) -> Result<Self, PanelError> {
        let client = reqwest::Client::builder()
            .default_headers(headers(&settings.extra_headers)?)
            .pool_idle_timeout(IDLE)
            .connect_timeout(CONNECT.min(settings.timeout))
            .redirect(redirect::Policy::none())
            .referer(false)
            // One connection a request: a stuck one holds up nobody else.
            .http1_only()
            // The panel is reached directly; `TELEGRAM_PROXY` is for Telegram, and the environment's for others.
            .no_proxy()
            .build()
            .map_err(|error| PanelError::Settings(format!("no HTTP client: {}", error.without_url())))?;
        Ok(Self {
            client,
            base: settings.base_url.clone().map(base).transpose()?,
            bearer: settings.token.as_ref().map(bearer).transpose()?,
            turns: Semaphore::new(AT_ONCE),
            breaker: Breaker::default(),
            skew: Skew::default(),
            calls: Durations::default(),
            clock,
        })
    }

    /// The setting that is missing, if one is.
    pub(super) fn unset(&self) -> Option<PanelProblem> {
        match (&self.base, &self.bearer) {
            (None, _) => Some(PanelProblem::NoAddress),
            (_, None) => Some(PanelProblem::NoToken),
            _ => None,
        }
    }

    /// Makes the call. What only reads is tried up to three times; a change once, since its caller repeats it.
    pub(super) async fn call(&self, call: &Call, deadline: Instant) -> Result<Answer, PanelError> {
        if call.method != Method::GET {
            return self.once(call, deadline).await;
        }
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(50))
            .with_max_times(2)
            .with_jitter();
        let tries = (|| self.once(call, deadline)).retry(pauses).when(PanelError::is_passing);
        timeout_at(deadline, tries).await.unwrap_or(Err(PanelError::NoAnswer { kind: NoAnswer::Timeout }))
    }

    async fn once(&self, call: &Call, deadline: Instant) -> Result<Answer, PanelError> {
        let request = self.request(call)?;
        let asked = Instant::now();
        let _turn = self.turn(deadline).await.inspect_err(|error| self.note(call, Some(error), asked))?;
        let begun = Instant::now();
        let too_late = || PanelError::NoAnswer { kind: NoAnswer::Timeout };
        let exchange = self.exchange(request, call.limit);
        let outcome = timeout_at(deadline, exchange).await.unwrap_or_else(|_| Err(too_late()));
        self.breaker.heard(Sign::of(call, outcome.as_ref().err()), Instant::now());
        self.note(call, outcome.as_ref().err(), begun);
        log(call, &outcome, begun.elapsed());
        outcome
    }

    fn note(&self, call: &Call, error: Option<&PanelError>, since: Instant) {
        let method = Cow::from(call.method.as_str().to_owned());
        let outcome = error.map_or("ok", PanelError::word);
        let labels = [("method", method), ("path", call.template.into()), ("outcome", outcome.into())];
        self.calls.note(labels, since.elapsed());
    }

    /// Waits for a turn. Whoever gets none has sent nothing: their time is over, or the breaker is open.
    async fn turn(&self, deadline: Instant) -> Result<SemaphorePermit<'_>, PanelError> {
        // All turns may be taken by those who wait for nothing.
        if !self.breaker.lets_through(Instant::now()) {
            return Err(PanelError::BreakerOpen);
        }
        let turn = timeout_at(deadline, self.turns.acquire()).await;
        let now = Instant::now();
        match turn {
            Ok(Ok(_)) if now < deadline && !self.breaker.admit(now) => Err(PanelError::BreakerOpen),
            Ok(Ok(turn)) if now < deadline => Ok(turn),
            _ => Err(PanelError::NoAnswer { kind: NoAnswer::Timeout }.before_sending()),
        }
    }

    fn request(&self, call: &Call) -> Result<RequestBuilder, PanelError> {
        let not_set = || PanelError::NotConfigured(self.unset().unwrap_or(PanelProblem::NoAddress));
        let base = self.base.as_ref().ok_or_else(not_set)?;
        let url = call.url(base).ok_or_else(|| PanelError::Settings(unusable_address()))?;
        let mut request = self.client.request(call.method.clone(), url);
        if call.with_token {
            request = request.header(AUTHORIZATION, self.bearer.clone().ok_or_else(not_set)?);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        Ok(request)
    }

    async fn exchange(&self, request: RequestBuilder, limit: usize) -> Result<Answer, PanelError> {
        let response = self.send(request).await.map_err(no_answer)?;
        let status = response.status();
        let body = read(response, limit).await?;
        if status.is_success() {
            Ok(Answer { status: status.as_u16(), body })
        } else {
            Err(PanelError::of_answer(status.as_u16(), &body))
        }
    }

    /// Sends it; what the head of the answer says of the panel's clock is noted.
    async fn send(&self, request: RequestBuilder) -> reqwest::Result<Response> {
        let sent = self.clock.now();
        let response = request.send().await?;
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        self.skew.note(date, sent, self.clock.now());
        Ok(response)
    }

    /// Makes the call once, past the breaker and the numbers, and gives whatever comes: for a look at what is wrong.
    pub(super) async fn hear(&self, call: &Call, deadline: Instant) -> Result<Heard, Unreached> {
        let request = self.request(call).map_err(|error| Unreached::because(&error))?;
        let hearing = async {
            let response = self.send(request).await.map_err(|error| Unreached::of(&error))?;
            let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
            let is_page = header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
            let location = header(LOCATION).map(str::to_owned);
            let status = response.status().as_u16();
            let body = read(response, call.limit).await.map_err(|_| Unreached::dropped())?;
            Ok(Heard { status, body, is_page, location })
        };
        timeout_at(deadline, hearing).await.unwrap_or_else(|_| Err(Unreached::late()))
    }
}

/// The body, piece by piece: nobody makes us hold more than `limit` bytes.
async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, PanelError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(no_answer)? {
        if body.len() + piece.len() > limit {
            return Err(PanelError::Nonsense);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn no_answer(error: reqwest::Error) -> PanelError {
    let kind = match () {
        () if error.is_connect() => NoAnswer::Connect,
        () if error.is_timeout() => NoAnswer::Timeout,
        () => NoAnswer::Dropped,
    };
    // The address is left out: it may hold a short UUID.
    let error = error.without_url();
    let reason = std::iter::successors(std::error::Error::source(&error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ");
    tracing::debug!(%kind, reason, "no answer from the panel");
    PanelError::NoAnswer { kind }
}

fn log(call: &Call, outcome: &Result<Answer, PanelError>, took: Duration) {
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let (method, path) = (call.method.as_str(), call.template);
    match outcome {
        Ok(answer) => tracing::debug!(method, path, status = answer.status, ms, "panel"),
        Err(error) => tracing::debug!(method, path, %error, ms, "panel"),
    }
}

/// Without the two `X-Forwarded` headers the panel drops the connection; without `User-Agent` it answers 403.
fn headers(extra: &[(String, SecretString)]) -> Result<HeaderMap, PanelError> {
    let mut headers = HeaderMap::new();
    headers.insert("x-forwarded-for", HeaderValue::from_static("127.0.0.1"));
    headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
    headers.insert(
        "user-agent",
        HeaderValue::from_static(concat!("remnawave-orchestrator/", env!("CARGO_PKG_VERSION"))),
    );
    for (name, value) in extra {
        let unusable =
            || PanelError::Settings(format!("PANEL_EXTRA_HEADERS: {name:?} cannot be sent as a header"));
        let header = HeaderName::try_from(name).map_err(|_| unusable())?;
        let mut value = HeaderValue::try_from(value.expose_secret()).map_err(|_| unusable())?;
        if header == AUTHORIZATION {
            return Err(PanelError::Settings(
                "PANEL_EXTRA_HEADERS: Authorization carries REMNAWAVE_API_TOKEN already".to_owned(),
            ));
        }
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}

fn bearer(token: &SecretString) -> Result<HeaderValue, PanelError> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).map_err(|_| {
        PanelError::Settings("REMNAWAVE_API_TOKEN has characters that no token has".to_owned())
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn base(mut url: Url) -> Result<Url, PanelError> {
    let usable = matches!(url.scheme(), "http" | "https") && url.has_host();
    // reqwest would make an `Authorization` of its own from them.
    if !usable || !url.username().is_empty() || url.password().is_some() {
        return Err(PanelError::Settings(unusable_address()));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn unusable_address() -> String {
    "REMNAWAVE_BASE_URL must be http:// or https:// with a host, without user and password".to_owned()
}
