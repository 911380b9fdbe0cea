//! What the API says of itself: the document, and the two pages that show it.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use orchestrator::api::settings::ApiAuth;
use orchestrator::domain::clock::OsEntropy;
use serde_json::Value;
use tower::ServiceExt;

use super::{Answer, router, send, settings};

/// Methods that are described.
const METHODS: [&str; 3] = ["get", "post", "delete"];

/// Without any token.
async fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(&router(ApiAuth::Required), request.body(Body::empty()).unwrap()).await
}

async fn document() -> Value {
    serde_json::from_str(&get("/openapi.json", &[]).await.body).unwrap()
}

/// Every operation with its path and method.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let mut found = vec![];
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS {
            found.extend(item.get(method).map(|operation| (path.as_str(), method, operation)));
        }
    }
    found
}

/// Each value of the document, and the key it stands under.
fn walk<'a>(key: &'a str, value: &'a Value, see: &mut impl FnMut(&'a str, &'a Value)) {
    see(key, value);
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| walk(name, field, see)),
        Value::Array(items) => items.iter().for_each(|item| walk("", item, see)),
        _ => {}
    }
}

/// The thing itself where a reference stands.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref") {
        Some(place) => document.pointer(place.as_str().unwrap().strip_prefix('#').unwrap()).unwrap(),
        None => value,
    }
}

#[tokio::test]
async fn the_document_is_as_reviewed() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&document().await).unwrap());
}

#[tokio::test]
async fn the_document_is_openapi_3_1() {
    let document = document().await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut used = BTreeSet::new();
    walk("", &document, &mut |key, value| match key {
        "$ref" => {
            let place = value.as_str().unwrap();
            assert!(document.pointer(place.strip_prefix('#').unwrap()).is_some(), "{place} leads nowhere");
            used.insert(place.to_owned());
        }
        // Words of OpenAPI 3.0 that 3.1 does not know.
        "nullable" | "exclusiveMinimum" | "exclusiveMaximum" => {
            assert!(!value.is_boolean(), "{key}: {value}")
        }
        "pattern" if value.is_string() => {
            let pattern = value.as_str().unwrap();
            assert!(pattern.starts_with('^'), "{pattern} is found anywhere");
        }
        _ => {}
    });
    for kind in ["schemas", "responses", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(used.contains(&format!("#/components/{kind}/{name}")), "nobody uses the {kind} {name}");
        }
    }
}

#[tokio::test]
async fn every_operation_is_described_in_full() {
    let document = document().await;
    let tags: Vec<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}: two of that operationId");
        assert!(!operation["summary"].as_str().unwrap().contains('`'), "{name}: a summary is plain text");
        assert!(
            operation["tags"].as_array().unwrap().iter().all(|tag| tags.contains(&tag.as_str().unwrap()))
        );
        let empty = vec![];
        let parameters = operation["parameters"].as_array().unwrap_or(&empty);
        let in_path: Vec<&str> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let wanted: Vec<&str> = path
            .split(['{', '}'])
            .enumerate()
            .filter(|(place, _)| place % 2 == 1)
            .map(|(_, name)| name)
            .collect();
        assert_eq!(in_path, wanted, "{name}");
        let key = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
        assert_eq!(
            key,
            method != "get",
            "{name}: every POST and DELETE has Idempotency-Key, nothing else has"
        );
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolved(&document, response);
            assert!(!response["description"].as_str().unwrap().is_empty(), "{name} {status}");
            assert!(response["headers"]["X-Request-Id"].is_object(), "{name} {status}");
            assert!(response["content"].is_object(), "{name} {status}");
        }
    }
}

#[tokio::test]
async fn what_can_happen_anywhere_is_told_everywhere() {
    let document = document().await;
    assert_eq!(document["security"], serde_json::json!([{"token": []}]));
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    for (path, method, operation) in operations(&document) {
        let statuses: Vec<&str> =
            operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
        if !path.starts_with("/api/") {
            assert!(
                operation["security"].as_array().unwrap().contains(&serde_json::json!({})),
                "{path} is open"
            );
            continue;
        }
        assert!(operation.get("security").is_none(), "{path} asks for a token");
        let mut expected = vec!["401", "429", "500", "503"];
        if method != "get" {
            expected.extend(["403", "409", "422"]);
        }
        if operation.get("requestBody").is_some() {
            expected.extend(["400", "408", "413"]);
        }
        if path.contains("{client_id}") {
            expected.extend(["404", "422"]);
        }
        for status in expected {
            assert!(statuses.contains(&status), "{method} {path} can answer {status}");
        }
    }
}

#[tokio::test]
async fn who_has_a_document_need_not_load_it_again() {
    for path in ["/openapi.json", "/docs", "/redoc"] {
        let first = get(path, &[]).await;
        let tag = first.header("etag").unwrap();
        assert_eq!((first.status, first.header("cache-control")), (200, Some("no-cache")), "{path}");
        for known in [tag, &format!("\"other\", W/{tag}"), "*"] {
            let again = get(path, &[("if-none-match", known)]).await;
            assert_eq!(
                (again.status, again.body.as_str(), again.header("etag")),
                (304, "", Some(tag)),
                "{path}"
            );
        }
        assert_eq!(get(path, &[("if-none-match", "\"other\"")]).await.status, 200);
    }
}

/// What a page loads.
fn loaded(page: &str) -> Vec<&str> {
    let values = page.split(['"']).filter(|value| value.starts_with("docs/"));
    values.collect()
}

#[tokio::test]
async fn the_pages_load_nothing_from_elsewhere() {
    for path in ["/docs", "/redoc"] {
        let page = get(path, &[]).await;
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = page.header("content-security-policy").unwrap();
        for rule in
            ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]
        {
            assert!(policy.split("; ").any(|part| part == rule), "{policy}");
        }
        assert!(
            !policy.contains("http") && !policy.contains('*') && !policy.contains("unsafe-eval"),
            "{policy}"
        );
        assert!(!page.body.contains("//"), "{}", page.body);
        assert!(!page.body.contains("<script>") && !page.body.contains('@'), "{}", page.body);
        assert!(loaded(&page.body).len() >= 3, "{}", page.body);
    }
}

#[tokio::test]
async fn the_pages_files_come_packed_or_not_and_stay_for_ever() {
    for path in ["/docs", "/redoc"] {
        let page = get(path, &[]).await.body;
        for file in loaded(&page) {
            let plain = bytes(file, None).await;
            assert_eq!(plain.coding, None);
            assert_eq!(plain.kind.contains("css"), file.ends_with(".css"), "{file} is {}", plain.kind);
            let packed = bytes(file, Some("br, gzip;q=0.5")).await;
            assert_eq!(packed.kind, plain.kind);
            assert_eq!(packed.coding.is_some(), plain.bytes.len() > 10_000, "{file}");
            if packed.coding.is_some() {
                let mut unpacked = vec![];
                GzDecoder::new(&*packed.bytes).read_to_end(&mut unpacked).unwrap();
                assert!(unpacked == plain.bytes, "{file}");
                assert!(packed.bytes.len() * 3 < unpacked.len());
            }
            let text = String::from_utf8(plain.bytes).unwrap();
            assert!(
                !text.contains(".js.map") && !text.contains(".css.map") && !text.contains("redoc/logo"),
                "{file}"
            );
        }
    }
    for nothing in
        ["/docs/swagger-ui.css", "/docs/swagger-ui.0000000000000000.css", "/docs/..%2fopenapi.json"]
    {
        assert_eq!(get(nothing, &[]).await.status, 404, "{nothing}");
    }
}

struct Loaded {
    kind: String,
    coding: Option<String>,
    bytes: Vec<u8>,
}

async fn bytes(file: &str, coding: Option<&str>) -> Loaded {
    let mut request = Request::builder().uri(format!("/{file}"));
    if let Some(coding) = coding {
        request = request.header("accept-encoding", coding);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = router(ApiAuth::Required).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    assert_eq!(parts.status.as_u16(), 200, "{file}");
    let header = |name| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert!(header("cache-control").unwrap().ends_with("immutable"), "{file}");
    Loaded {
        kind: header("content-type").unwrap(),
        coding: header("content-encoding"),
        bytes: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

#[tokio::test]
async fn while_the_database_is_away_the_pages_are_there() {
    for path in ["/docs", "/redoc", "/openapi.json"] {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let waiting = orchestrator::api::waiting_router(settings(ApiAuth::Required), Arc::new(OsEntropy));
        assert_eq!(send(&waiting, request).await.status, 200, "{path}");
    }
}
