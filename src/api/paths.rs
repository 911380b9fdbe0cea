//! Paths as the original read them: percent-codes are undone before routing, and a trailing slash is forgiven.

use axum::extract::Request;
use axum::http::header::LOCATION;
use axum::http::{StatusCode, Uri, uri};
use axum::response::{IntoResponse, Response};

use super::error::ApiError;

/// Characters of a path that stand for themselves.
const PLAIN: &[u8] = b"-._~!$&'()*+,;=:@/";

/// Rewrites the path so that `%61pi` is `api` and `%2F` a slash, and that what is no UTF-8 is U+FFFD.
pub fn tidy(mut request: Request) -> Request {
    let path = request.uri().path();
    if path.bytes().all(is_plain) {
        return request;
    }
    let text = encoded(&String::from_utf8_lossy(&decoded(path.as_bytes())));
    if let Some(uri) = with_path(request.uri(), &text) {
        *request.uri_mut() = uri;
    }
    request
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || PLAIN.contains(&byte)
}

fn decoded(path: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(nibble(*high) << 4 | nibble(*low));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20).wrapping_sub(b'a' - 10),
    }
}

fn encoded(path: &str) -> String {
    path.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    parts.path_and_query = Some(uri::PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

/// A path that no route has: without its trailing slashes it may be one of `routes`.
pub fn unmatched(routes: &[&'static str], uri: &Uri) -> Response {
    let bare = uri.path().trim_end_matches('/');
    if bare.len() == uri.path().len() || !routes.iter().any(|route| fits(route, bare)) {
        return ApiError::NotFound.into_response();
    }
    let location = match uri.query() {
        Some(query) => format!("{bare}?{query}"),
        None => bare.to_owned(),
    };
    (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]).into_response()
}

/// Whether a path is of that route: `{…}` stands for any piece that is not empty.
fn fits(route: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn tidied(uri: &str) -> String {
        tidy(Request::builder().uri(uri).body(Body::empty()).unwrap()).uri().to_string()
    }

    #[test]
    fn percent_codes_are_undone() {
        for (uri, tidy) in [
            ("/%61pi/v1/clients?a=%61", "/api/v1/clients?a=%61"),
            ("/x%2fconfig", "/x/config"),
            ("/%7Bx%7D/%20/%zz/%", "/%7Bx%7D/%20/%25zz/%25"),
            ("/%D0%b0/%ff/%00", "/%D0%B0/%EF%BF%BD/%00"),
            ("/a+b:c", "/a+b:c"),
        ] {
            assert_eq!(tidied(uri), tidy);
        }
    }

    #[test]
    fn a_route_is_recognised() {
        assert!(fits("/a/{id}/b", "/a/1/b"));
        for other in ["/a//b", "/a/1", "/a/1/b/c", "/b/1/b", "//a/1/b"] {
            assert!(!fits("/a/{id}/b", other), "{other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn tidying_twice_changes_nothing(path in "/([a-z/]|%[0-9a-fA-F]{2}|%){0,30}") {
            let once = tidied(&path);
            let decodable = once.replace("%25", "");
            assert!(!decodable.contains("%2F"), "{once}");
            if !once.contains("%25") {
                assert_eq!(tidied(&once), once);
            }
        }
    }
}
