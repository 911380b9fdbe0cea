//! `/connect` as it is sent. What it does is in `browser`.

use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use orchestrator::api::settings::ApiAuth;
use orchestrator::domain::clock::OsEntropy;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use super::{Answer, router, send, settings};

/// Without any token.
async fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(&router(ApiAuth::Required), request.body(Body::empty()).unwrap()).await
}

/// What stands in elements of that name.
fn inside<'a>(page: &'a str, element: &str) -> Vec<&'a str> {
    let (opening, closing) = (format!("<{element}>"), format!("</{element}>"));
    page.split(&opening).skip(1).map(|rest| rest.split_once(&closing).unwrap().0).collect()
}

fn hash(part: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(part)))
}

#[tokio::test]
async fn the_policy_lets_run_what_is_in_the_page_and_nothing_else() {
    let page = ask("GET", "/connect", &[]).await;
    let (styles, scripts) = (inside(&page.body, "style"), inside(&page.body, "script"));
    assert_eq!((styles.len(), scripts.len()), (1, 2));
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {} {}; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        hash(styles[0]),
        hash(scripts[0]),
        hash(scripts[1]),
    );
    assert_eq!(page.header("content-security-policy"), Some(&*policy));
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), Some(value));
    }
}

#[tokio::test]
async fn the_page_is_one_file() {
    let page = ask("GET", "/connect", &[]).await.body;
    assert!(!page.contains("@page") && !page.contains("@qrcode"));
    let [_, ours] = inside(&page, "script").try_into().unwrap();
    let markup = inside(&page, "script")
        .iter()
        .chain(&inside(&page, "style"))
        .fold(page.clone(), |page, part| page.replace(part, ""));
    for attribute in ["src=", "href=", "action=", "srcset=", "style=", "onclick=", "onload="] {
        for (_, value) in markup.match_indices(attribute).map(|(at, _)| markup[at..].split_once('"').unwrap())
        {
            assert!(
                value.starts_with('#') || value.starts_with("data:image/svg+xml,"),
                "{attribute}{value:.60}"
            );
        }
    }
    for loading in ["url(", "@import", "@font-face", "http"] {
        assert!(!inside(&page, "style")[0].contains(loading), "{loading}");
    }
    for asking in [
        "fetch(",
        "XMLHttpRequest",
        "sendBeacon",
        "WebSocket",
        "import(",
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "localStorage",
        "cookie",
    ] {
        assert!(!ours.contains(asking), "{asking}");
    }
}

#[tokio::test]
async fn the_vendored_code_is_the_one_that_was_looked_at() {
    let page = ask("GET", "/connect", &[]).await.body;
    let qr = inside(&page, "script")[0];
    let pinned = include_str!("../../../scripts/vendor-connect");
    let digest = Sha256::digest(qr).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert!(pinned.contains(&format!("sha256={digest}")), "{digest}");
}

#[tokio::test]
async fn it_is_sent_packed_and_once() {
    let plain = ask("GET", "/connect", &[]).await;
    let request =
        Request::builder().uri("/connect").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let response = router(ApiAuth::Required).oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let packed = response.into_body().collect().await.unwrap().to_bytes();
    let mut unpacked = String::new();
    GzDecoder::new(&*packed).read_to_string(&mut unpacked).unwrap();
    assert!(unpacked == plain.body && packed.len() < 32 * 1024, "{}", packed.len());
    let tag = plain.header("etag").unwrap();
    assert_eq!(plain.header("cache-control"), Some("no-cache"));
    let again = ask("GET", "/connect", &[("if-none-match", tag)]).await;
    assert_eq!((again.status, &*again.body), (304, ""));
}

#[tokio::test]
async fn queries_and_slashes_change_nothing_and_only_looking_is_allowed() {
    let page = ask("GET", "/connect", &[]).await;
    assert_eq!(ask("GET", "/connect?a=%00&lang=ru", &[]).await.body, page.body);
    assert_eq!(ask("GET", "/connect/", &[]).await.header("location"), Some("/connect"));
    let head = ask("HEAD", "/connect", &[]).await;
    assert_eq!((head.status, &*head.body), (200, ""));
    for name in ["etag", "content-type", "content-security-policy", "content-length"] {
        assert_eq!(head.header(name), page.header(name), "{name}");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let refused = ask(method, "/connect", &[]).await;
        assert_eq!((refused.status, refused.header("allow")), (405, Some("GET, HEAD")), "{method}");
        assert_eq!(
            refused.header("content-security-policy"),
            Some("default-src 'none'; frame-ancestors 'none'")
        );
    }
}

#[tokio::test]
async fn it_is_there_while_the_database_is_away() {
    let waiting = orchestrator::api::waiting_router(settings(ApiAuth::Required), Arc::new(OsEntropy));
    let request = Request::builder().uri("/connect").body(Body::empty()).unwrap();
    assert_eq!(send(&waiting, request).await.status, 200);
}
