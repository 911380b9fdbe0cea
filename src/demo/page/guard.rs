//! Who may drive the demo: pages of its own, and programs on this machine. Not a page from elsewhere in the same browser,
//! neither by its own name nor by a name that it lets point here (DNS rebinding).

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Lets through what comes from here, and refuses everything else.
pub async fn own_pages_only(request: Request, next: Next) -> Response {
    if is_from_here(request.method(), request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "only the demo's own page may do this\n").into_response()
    }
}

fn is_from_here(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(host) = text(&HOST).filter(|host| is_this_machine(host)) else { return false };
    let own = text(&ORIGIN).is_none_or(|origin| origin == format!("http://{host}"));
    // A link from elsewhere may open the page, and that is all.
    let opened = method == Method::GET && text(&MODE) == Some("navigate");
    own && (opened || text(&SITE).is_none_or(|site| matches!(site, "same-origin" | "none")))
}

/// A name that nobody else can have, with any port.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, headers: &[(HeaderName, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        is_from_here(&method, &headers.collect())
    }

    #[test]
    fn only_what_comes_from_here_is_let_through() {
        for host in ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST", "[::1]"] {
            assert!(asked(Method::POST, &[(HOST, host)]), "{host}");
            let origin = format!("http://{host}");
            assert!(asked(Method::POST, &[(HOST, host), (ORIGIN, &origin), (SITE, "same-origin")]), "{host}");
        }
        let own = (HOST, "localhost:8000");
        for (name, wrong) in [
            (HOST, "evil.example"),
            (HOST, "localhost.evil.example:8000"),
            (HOST, "127.0.0.1.evil.example"),
            (HOST, "localhost:8000@evil.example"),
            (HOST, "evil.example:localhost"),
        ] {
            assert!(!asked(Method::GET, &[(name, wrong)]), "{wrong}");
        }
        assert!(!asked(Method::GET, &[]));
        for origin in ["http://evil.example", "null", "http://localhost:3000", "https://localhost:8000", ""] {
            assert!(!asked(Method::POST, &[own.clone(), (ORIGIN, origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site"] {
            assert!(!asked(Method::GET, &[own.clone(), (SITE, site)]), "{site}");
            assert!(!asked(Method::POST, &[own.clone(), (SITE, site), (MODE, "navigate")]), "{site}");
            assert!(asked(Method::GET, &[own.clone(), (SITE, site), (MODE, "navigate")]), "{site}");
        }
    }
}
