//! A request as the panel sees it and an answer as it gives it, free of the HTTP library.

use bytes::Bytes;
use serde_json::Value;

/// A request whose body has been read.
#[derive(Debug, Clone)]
pub(super) struct SimRequest {
    pub method: String,
    /// Without the query, a trailing slash cut off.
    pub path: String,
    /// The path's parts, percent-decoded.
    pub segments: Vec<String>,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl SimRequest {
    /// The first header of that (lower case) name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first query value of that name.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a reverse proxy seems to stand in front: without one the panel destroys the connection.
    pub(super) fn is_proxied(&self) -> bool {
        self.header("x-forwarded-for").is_some_and(|value| !value.is_empty())
            && self.header("x-forwarded-proto") == Some("https")
    }

    /// The parsed body: `None` when there is none, or when its type is not JSON (then it is not looked at).
    ///
    /// # Errors
    /// The panel's 400 for a body that is not JSON.
    pub(super) fn json(&self) -> Result<Option<Value>, Reply> {
        let is_json = self.header("content-type").is_some_and(|value| value.contains("application/json"));
        if !is_json || self.body.is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&self.body).map(Some).map_err(|error| {
            let message = if error.is_eof() {
                "Unexpected end of JSON input".to_owned()
            } else {
                format!("Unexpected token in JSON at position {}", error.column())
            };
            Reply::framework(400, &message)
        })
    }
}

/// Percent-decodes one part of a path; what is not valid stays as it is.
pub(super) fn decode(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let escaped = (byte == b'%').then(|| {
            let mut ahead = rest.clone();
            let high = ahead.next().and_then(|digit| char::from(digit).to_digit(16))?;
            let low = ahead.next().and_then(|digit| char::from(digit).to_digit(16))?;
            Some((u8::try_from(high * 16 + low).ok()?, ahead))
        });
        if let Some(Some((decoded, ahead))) = escaped {
            bytes.push(decoded);
            rest = ahead;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| part.to_owned())
}

/// What the panel answers.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub status: u16,
    pub content_type: Option<&'static str>,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

impl Reply {
    /// JSON as the panel writes it.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", body.to_string())
    }

    /// `{"response": …}`, the panel's envelope.
    pub(super) fn response(status: u16, response: Value) -> Self {
        let mut envelope = serde_json::Map::new();
        envelope.insert("response".to_owned(), response);
        Self::json(status, &Value::Object(envelope))
    }

    /// Any text.
    pub(super) fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type: Some(content_type), headers: Vec::new(), body: Bytes::from(body) }
    }

    /// A status with nothing else (202, 204).
    pub(super) fn empty(status: u16) -> Self {
        Self { status, content_type: None, headers: Vec::new(), body: Bytes::new() }
    }

    /// The framework's own errors: bad JSON, no such route, no scope.
    pub(super) fn framework(status: u16, message: &str) -> Self {
        let name = match status {
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            _ => "Internal Server Error",
        };
        Self::json(status, &serde_json::json!({"message": message, "error": name, "statusCode": status}))
    }

    /// The short form some guards use: `{"statusCode", "message"}`.
    pub(super) fn short(status: u16, message: &str) -> Self {
        Self::json(status, &serde_json::json!({"statusCode": status, "message": message}))
    }

    /// No token, or not one of ours.
    pub(super) fn unauthorized() -> Self {
        Self::json(401, &serde_json::json!({"message": "Unauthorized", "statusCode": 401}))
    }
}
