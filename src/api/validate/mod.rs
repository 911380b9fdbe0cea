//! Reading requests as the original did (FastAPI and pydantic): everything wrong with one is told at once, in one shape.
//!
//! A handler names what it wants, `Valid<(ClientPath, CreateBody)>`, and gets it or the request is refused with all
//! problems of all parts. A part is any type that implements [`Read`].

pub mod body;
mod json;
mod json_parser;
mod problem;
mod times;
mod uuids;
mod values;

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::HeaderMap;
use url::form_urlencoded;

use super::error::ApiError;

pub use json::Json;
pub use problem::{FieldError, Problem, Problems, Step};
pub use times::moment;
pub use uuids::uuid;
pub use values::{action, boolean, days, integer, limit, outcome, source, status, username};

/// What was received, taken apart but not judged.
#[derive(Debug)]
pub struct Received {
    path: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<Json>,
}

/// What a part of a request turns into.
pub trait Read: Sized {
    /// Whether the body is looked at; otherwise it is never read.
    const HAS_BODY: bool = false;

    /// The value, or `None` after noting every problem.
    fn read(received: &Received, problems: &mut Problems) -> Option<Self>;
}

impl<A: Read, B: Read> Read for (A, B) {
    const HAS_BODY: bool = A::HAS_BODY || B::HAS_BODY;

    fn read(received: &Received, problems: &mut Problems) -> Option<Self> {
        let (first, second) = (A::read(received, problems), B::read(received, problems));
        Some((first?, second?))
    }
}

/// A request whose every part is as it should be. Goes after `Caller` in a handler: strangers learn nothing from it.
#[derive(Debug)]
pub struct Valid<T>(pub T);

impl<T: Read, S: Send + Sync> FromRequest<S> for Valid<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let params = RawPathParams::from_request_parts(&mut parts, state).await;
        let path = params.map_err(|_| ApiError::NotFound)?;
        let path: Vec<_> = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        // The original's router knows no empty piece: `//` leads nowhere.
        if path.iter().any(|(_, value)| value.is_empty()) {
            return Err(ApiError::NotFound);
        }
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let query = form_urlencoded::parse(query).into_owned().collect();
        let body = if T::HAS_BODY { body::read(&parts.headers, body).await? } else { None };
        let received = Received { path, query, headers: parts.headers, body };
        let mut problems = Problems::default();
        match T::read(&received, &mut problems) {
            Some(value) if problems.is_empty() => Ok(Self(value)),
            _ => Err(ApiError::Invalid(problems)),
        }
    }
}

impl Received {
    /// A piece of the path, decoded.
    pub fn path<T>(
        &self,
        name: &'static str,
        problems: &mut Problems,
        read: impl Fn(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        let text = self.path.iter().find(|(param, _)| param == name).map_or("", |(_, text)| text);
        problems.keep("path", name, &Json::text(text), read(text))
    }

    /// A query parameter: the last of that name, or `Some(None)` when it is not there.
    pub fn query<T>(
        &self,
        name: &'static str,
        problems: &mut Problems,
        read: impl Fn(&str) -> Result<T, Problem>,
    ) -> Option<Option<T>> {
        match self.query.iter().rfind(|(param, _)| param == name) {
            Some((_, text)) => problems.keep("query", name, &Json::text(text), read(text)).map(Some),
            None => Some(None),
        }
    }

    /// A header, or `Some(None)` when it is not there. Its bytes are read as Latin-1.
    pub fn header<T>(
        &self,
        name: &'static str,
        problems: &mut Problems,
        read: impl Fn(&str) -> Result<T, Problem>,
    ) -> Option<Option<T>> {
        let Some(value) = self.headers.get(name) else {
            return Some(None);
        };
        let text: String = value.as_bytes().iter().copied().map(char::from).collect();
        problems.keep("header", name, &Json::text(&text), read(&text)).map(Some)
    }

    /// The body, which must be an object. No body and `null` are the same.
    pub fn object(&self, problems: &mut Problems) -> Option<Object<'_>> {
        let loc = [Step::Name("body")];
        match &self.body {
            None | Some(Json::Null) => problems.add(loc, &Json::Null, &Problem::Missing),
            Some(body @ Json::Object(_)) => return Some(Object(body)),
            Some(other) => problems.add(loc, other, &Problem::NoObject),
        }
        None
    }
}

/// A body's fields.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a>(&'a Json);

impl Object<'_> {
    /// A field that must be there.
    pub fn required<T>(
        self,
        name: &'static str,
        problems: &mut Problems,
        read: impl Fn(&Json) -> Result<T, Problem>,
    ) -> Option<T> {
        match self.0.get(name) {
            Some(value) => problems.keep("body", name, value, read(value)),
            None => problems.keep("body", name, self.0, Err(Problem::Missing)),
        }
    }

    /// A field that has a default.
    pub fn optional<T: Default>(
        self,
        name: &'static str,
        problems: &mut Problems,
        read: impl Fn(&Json) -> Result<T, Problem>,
    ) -> Option<T> {
        match self.0.get(name) {
            Some(value) => problems.keep("body", name, value, read(value)),
            None => Some(T::default()),
        }
    }
}
