//! Headers of answers.

use serde_json::json;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};

/// `X-Request-Id`, in every answer.
pub fn request_id() -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[\x21-\x7E]{1,128}$"));
    HeaderBuilder::new()
        .description(Some(
            "The request's id: the one that came in the same header, or a new one. The log has it on every line.",
        ))
        .example(Some(json!("3f1c0f5e-5f0a-4a62-8a52-1f9f3f6f2b11")))
        .schema(Some(schema))
        .build()
}

/// `Retry-After`.
pub fn retry_after() -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
    HeaderBuilder::new()
        .description(Some("After how many seconds it is worth trying again."))
        .schema(Some(schema))
        .build()
}

/// `WWW-Authenticate`.
pub fn www_authenticate() -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^Bearer"));
    HeaderBuilder::new().description(Some("That a token is asked for.")).schema(Some(schema)).build()
}
