//! Reading a request in each of the forms that the Bot API accepts.

use bytes::Bytes;
use futures::stream;
use serde_json::{Map, Value};

use super::params::{Params, Upload};
use super::refusal::Refusal;

/// Reads the query string and the body: JSON, a form, or multipart.
pub(super) async fn read(query: &str, content_type: &str, body: Bytes) -> Result<Params, Refusal> {
    let mut params = Params::default();
    form(query.as_bytes(), &mut params.values);
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/json" => json(&body, &mut params.values)?,
        "application/x-www-form-urlencoded" => form(&body, &mut params.values),
        "multipart/form-data" => multipart(content_type, body, &mut params).await?,
        _ if body.is_empty() => {}
        _ => return Err(Refusal::bad(format!("unsupported content type \"{kind}\""))),
    }
    params.values.retain(|_, value| !value.is_null());
    Ok(params)
}

fn form(encoded: &[u8], into: &mut Map<String, Value>) {
    for (name, value) in url::form_urlencoded::parse(encoded) {
        into.insert(name.into_owned(), Value::String(value.into_owned()));
    }
}

fn json(body: &[u8], into: &mut Map<String, Value>) -> Result<(), Refusal> {
    if body.is_empty() {
        return Ok(());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => {
            into.extend(fields);
            Ok(())
        }
        _ => Err(Refusal::bad("can't parse request body JSON object")),
    }
}

async fn multipart(content_type: &str, body: Bytes, params: &mut Params) -> Result<(), Refusal> {
    let broken = |error: multer::Error| Refusal::bad(format!("can't parse multipart request: {error}"));
    let boundary = multer::parse_boundary(content_type).map_err(broken)?;
    let whole = stream::iter([Ok::<_, std::convert::Infallible>(body)]);
    let mut parts = multer::Multipart::new(whole, boundary);
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        // A part without a file name is a value, unless it says that it carries bytes.
        let is_file = file_name.is_some() || part.content_type().is_some_and(|mime| mime.type_() != "text");
        let bytes = part.bytes().await.map_err(broken)?;
        if is_file {
            params.files.insert(name, Upload { name: file_name, bytes });
            continue;
        }
        let text = String::from_utf8(bytes.to_vec())
            .map_err(|_| Refusal::bad("strings must be encoded in UTF-8"))?;
        params.values.insert(name, Value::String(text));
    }
    Ok(())
}
