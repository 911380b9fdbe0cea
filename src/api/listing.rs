//! How lists are answered: a page with the cursor of the next one, or the whole as a stream. Both have one form,
//! `{"items":[…],"total":N}`.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures::stream::try_unfold;
use futures::{Stream, StreamExt as _};
use serde::Serialize;

use crate::domain::page::Page;
use crate::services::Error;
use crate::services::streams::Rows;

use super::bodies::ListBody;
use super::cursor::{self, Kind};

/// The cursor of the next page; not there on the last one.
const X_NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");
/// Bytes for which a buffer has room from the start: about a chunk of clients.
const BUFFER: usize = 192 * 1024;

/// A page.
pub fn page<B: From<T> + Serialize, T>(kind: Kind, page: Page<T>) -> Response {
    let next = page.next.map(|place| cursor::write(kind, place));
    let mut response = Json(ListBody::<B>::of(page.items, page.total)).into_response();
    if let Some(value) = next.and_then(|next| HeaderValue::try_from(next).ok()) {
        response.headers_mut().insert(X_NEXT_CURSOR, value);
    }
    response
}

/// The whole list. One that is cut in the middle cuts the connection, so that nobody takes it for whole.
pub fn whole<B, T>(rows: Rows<T>) -> Response
where
    B: From<T> + Serialize + 'static,
    T: Send + Unpin + 'static,
{
    let total = rows.total();
    match rows.few() {
        Ok(all) => Json(ListBody::<B>::of(all, total)).into_response(),
        Err(many) => {
            let json = HeaderValue::from_static("application/json");
            ([(CONTENT_TYPE, json)], Body::from_stream(written::<B, T>(many))).into_response()
        }
    }
}

/// A list that is being written.
struct Writing<T> {
    rows: Rows<T>,
    /// What goes before the next row.
    before: &'static [u8],
}

fn written<B, T>(rows: Rows<T>) -> impl Stream<Item = Result<Bytes, Error>>
where
    B: From<T> + Serialize,
    T: Send + Unpin,
{
    let total = rows.total();
    let begin = Writing { rows, before: br#"{"items":["# };
    try_unfold(Some(begin), move |writing| async move {
        let Some(mut writing) = writing else { return Ok(None) };
        let Some(chunk) = writing.rows.next().await else {
            let end = format!("],\"total\":{total}}}");
            return Ok(Some((Bytes::from(end), None)));
        };
        let mut buffer = Vec::with_capacity(BUFFER);
        for row in chunk? {
            buffer.extend_from_slice(writing.before);
            writing.before = b",";
            serde_json::to_writer(&mut buffer, &B::from(row))
                .map_err(|error| Error::Internal(error.to_string()))?;
        }
        Ok(Some((Bytes::from(buffer), Some(writing))))
    })
}
