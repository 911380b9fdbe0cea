//! A door for `fuzz/`: the body of a request.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, Uri};
use axum::routing::post;
use futures::FutureExt as _;
use tower::ServiceExt as _;

use super::inputs::{CreateBody, ExtendBody};
use super::validate::Valid;

/// The endpoints that read a body, as far as reading it goes.
static DOOR: LazyLock<Router> = LazyLock::new(|| {
    Router::new()
        .route("/create/{path}", post(|_: Valid<CreateBody>| async {}))
        .route("/extend/{path}", post(|_: Valid<ExtendBody>| async {}))
});

/// A body that says it is JSON, for each endpoint that reads one; refusals are written out, too.
pub fn body(bytes: &[u8]) {
    for path in ["/create/1", "/extend/1"] {
        let mut request = Request::new(Body::from(bytes.to_vec()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_static(path);
        // Nothing in it waits: the bytes are there.
        let answer = DOOR.clone().oneshot(request).now_or_never();
        assert!(matches!(answer, Some(Ok(answer)) if !answer.status().is_server_error()));
    }
}
