//! What the API says of itself: the document, and the two pages that show it.

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use orchestrator::api::settings::ApiAuth;
use serde_json::Value;
use tower::ServiceExt;

use super::{get, router};

async fn document() -> Value {
    serde_json::from_str(&get("/openapi.json").await.body).unwrap()
}

#[tokio::test]
async fn the_document_is_as_reviewed() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&document().await).unwrap());
}
