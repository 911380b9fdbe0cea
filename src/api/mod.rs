//! The REST door: the contract of `/api/v1`, and health.
//!
//! A handler names who calls ([`auth::Caller`]) and what it wants ([`validate::Valid`]), calls a service, and gives a
//! body of [`bodies`]; refusals are written in [`error`].

mod advice;
mod audit;
mod auth;
mod bodies;
mod clients;
mod connect;
mod cursor;
mod docs;
pub mod edge;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod guesses;
mod health;
mod inputs;
mod invites;
mod list_inputs;
mod listing;
mod metrics;
mod negotiation;
mod openapi;
mod operations;
mod paths;
mod server;
pub mod settings;
mod stats;
mod tagged;
mod validate;
mod webhooks;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use crate::domain::clock::Entropy;
use crate::services::{Error, Services};

pub use advice::{Advice, advice_on, advise};
pub use server::{listen, serve};

use edge::request_id::Identity;
use error::ApiError;
use settings::ApiSettings;

/// What handlers need.
#[derive(Debug, Clone)]
pub struct ApiState {
    services: Arc<Services>,
    auth: Arc<auth::Auth>,
}

/// Everything the API answers. Give connections their peer as `ConnectInfo<SocketAddr>` ([`server::serve`] does).
pub fn router(services: Services, settings: ApiSettings, entropy: Arc<dyn Entropy>) -> Router {
    let auth = Arc::new(auth::Auth::new(&settings, services.tokens.clone()));
    let mut table = table();
    if services.panel_events.are_taken() {
        table = table.on("/webhooks/remnawave", "POST", post(webhooks::remnawave));
    }
    let seen = Identity { entropy, metrics: Some(Arc::new(services.metrics.clone())) };
    finish(table.routes(ApiState { services: Arc::new(services), auth }), settings, seen)
}

/// Every route, but those that a setting opens.
fn table() -> Table {
    Table::default()
        .on("/api/v1/clients", "GET, POST", get(clients::list).post(clients::create))
        .on("/api/v1/clients/{client_id}", "DELETE, GET", get(clients::show).delete(clients::delete))
        .on("/api/v1/clients/{client_id}/extend", "POST", post(clients::extend))
        .on("/api/v1/clients/{client_id}/block", "POST", post(clients::block))
        .on("/api/v1/clients/{client_id}/unblock", "POST", post(clients::unblock))
        .on("/api/v1/clients/{client_id}/config", "GET", get(clients::config))
        .on("/api/v1/clients/{client_id}/config/rotate", "POST", post(clients::rotate))
        .on("/api/v1/clients/{client_id}/qr", "GET", get(clients::qr))
        .on("/api/v1/clients/{client_id}/invite", "POST", post(invites::create))
        .on("/api/v1/operations", "GET", get(operations::list))
        .on("/api/v1/audit", "GET", get(audit::list))
        .on("/api/v1/stats", "GET", get(stats::show))
        .on("/health", "GET", get(health::alive))
        .on("/health/ready", "GET", get(health::ready))
        .on("/metrics", "GET", get(metrics::show))
        .on("/docs", "GET", get(docs::swagger))
        .on("/docs/{file}", "GET", get(docs::asset))
        .on("/redoc", "GET", get(docs::redoc))
        .on("/openapi.json", "GET", get(docs::openapi))
        .with_head("/connect", "GET, HEAD", get(connect::page))
        .entirely(webhooks::TELEGRAM, "POST", any(webhooks::telegram))
}

/// What answers while the database is not there yet: the process lives, and nothing else works.
pub fn waiting_router(settings: ApiSettings, entropy: Arc<dyn Entropy>) -> Router {
    let away = || async { ApiError::Service(Error::Database("not there yet".to_owned())) };
    let routes = Router::new()
        .route("/health", get(health::alive))
        .route("/docs", get(docs::swagger))
        .route("/docs/{file}", get(docs::asset))
        .route("/redoc", get(docs::redoc))
        .route("/openapi.json", get(docs::openapi))
        .route("/connect", get(connect::page))
        .fallback(away);
    finish(routes, settings, Identity { entropy, metrics: None })
}

/// The whole, with what surrounds every request, from the outside in. Before it is [`server`]: what a connection may take.
fn finish(routes: Router, settings: ApiSettings, identity: Identity) -> Router {
    let layers = ServiceBuilder::new()
        .layer(edge::Around::new(settings, identity))
        .layer(edge::compression::layer())
        .map_response(edge::compression::ended_once)
        .layer(CatchPanicLayer::custom(panicked));
    // Layers of a router come after its choice of a route: so they know it.
    let routes = routes.layer(layers);
    Router::new().fallback_service(ServiceBuilder::new().map_request(paths::tidy).service(routes))
}

/// The routes, and their paths once more for the trailing slash.
#[derive(Default)]
struct Table {
    router: Router<ApiState>,
    paths: Vec<&'static str>,
    /// The methods of each path, for comparing with the document.
    #[cfg(test)]
    methods: Vec<(&'static str, &'static str)>,
}

impl Table {
    /// A path and its methods; `allow` names them for everyone who tries another (HEAD too, as in the original).
    fn on(self, path: &'static str, allow: &'static str, methods: MethodRouter<ApiState>) -> Self {
        self.with_head(path, allow, methods.head(move || async move { ApiError::MethodNotAllowed(allow) }))
    }

    /// The same, where HEAD is answered as GET is, without the body: what the original never had.
    fn with_head(self, path: &'static str, allow: &'static str, methods: MethodRouter<ApiState>) -> Self {
        let refuse = move || async move { ApiError::MethodNotAllowed(allow) };
        self.entirely(path, allow, methods.fallback(refuse))
    }

    /// The same, where the handler itself answers for every method.
    fn entirely(mut self, path: &'static str, allow: &'static str, methods: MethodRouter<ApiState>) -> Self {
        self.paths.push(path);
        #[cfg(test)]
        self.methods.push((path, allow));
        #[cfg(not(test))]
        let _ = allow;
        self.router = self.router.route(path, methods);
        self
    }

    /// Those, and an answer for every other path.
    fn routes(self, state: ApiState) -> Router {
        let paths = self.paths;
        self.router.fallback(move |uri: Uri| async move { paths::unmatched(&paths, &uri) }).with_state(state)
    }
}

/// What a panic said stays out of the answer and out of our log: it may hold anything.
fn panicked(_said: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    ApiError::Internal.into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::domain::clock::OsEntropy;

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        async fn fails() -> Response {
            panic!("with a secret")
        }
        let routes: Router = Router::new().route("/", get(fails));
        let identity = Identity { entropy: Arc::new(OsEntropy), metrics: None };
        let response = finish(routes, ApiSettings::default(), identity)
            .oneshot(Request::new(Body::empty()))
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), 500);
        assert!(response.headers().contains_key("x-request-id"));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "{\"detail\":\"Внутренняя ошибка сервера\"}");
    }
}
