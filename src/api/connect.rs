//! `/connect`: the page behind "Add to app". It takes the subscription's link from its own address's fragment, which
//! browsers do not send: we never see it. One file, loading nothing, that may do no more than run what is in it.

use std::sync::LazyLock;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::tagged::Tagged;

const PAGE: &str = include_str!("../../assets/connect/page.html");
const STYLE: &str = include_str!("../../assets/connect/page.css");
const SCRIPT: &str = include_str!("../../assets/connect/page.js");
const QR: &str = include_str!("../../assets/connect/qrcode.js");

/// The page with its parts in their places, and what it may do.
#[derive(Debug)]
struct Page {
    text: Tagged,
    policy: String,
}

impl Page {
    fn new() -> Self {
        let parts = [("@page.css@", STYLE), ("@qrcode.js@", QR), ("@page.js@", SCRIPT)];
        let text = parts.iter().fold(PAGE.to_owned(), |page, (place, part)| page.replacen(place, part, 1));
        Self { text: Tagged::of(text), policy: policy() }
    }
}

/// Only these styles and scripts, known by their hashes, and no text made into markup (trusted types).
fn policy() -> String {
    format!(
        "default-src 'none'; style-src {}; script-src {} {}; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        hash(STYLE),
        hash(QR),
        hash(SCRIPT),
    )
}

fn hash(part: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(part)))
}

/// `GET /connect`, and `HEAD`.
pub async fn page(headers: HeaderMap) -> Response {
    static PAGE: LazyLock<Page> = LazyLock::new(Page::new);
    let policy = [(CONTENT_SECURITY_POLICY, &*PAGE.policy)];
    (policy, PAGE.text.answer(&headers, "text/html; charset=utf-8")).into_response()
}
