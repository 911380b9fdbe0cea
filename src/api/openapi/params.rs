//! How the parameters of [`super::super::inputs`] and [`super::super::list_inputs`] look in the document.

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, Required};

use super::super::inputs::{ClientPath, IdempotencyKey};
use super::super::list_inputs::{AuditQuery, ClientsQuery, OperationsQuery};
use super::schemas;

/// A query parameter; none is required.
fn query(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

impl IntoParams for ClientPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let id = ParameterBuilder::new()
            .name("client_id")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some("The client's id, in any usual spelling of a UUID."))
            .schema(Some(schemas::id()));
        vec![id.build()]
    }
}

/// The two that every list takes.
fn page() -> [Parameter; 2] {
    let limit = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(1000));
    [
        query("limit", "How many at most. Without it and `cursor`: everything.", limit),
        query(
            "cursor",
            "Where to go on: `X-Next-Cursor` of the page before.",
            Object::with_type(Type::String),
        ),
    ]
}

impl IntoParams for ClientsQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let expired = "Only clients whose date has passed (true), or has not (false).";
        let mut all = vec![
            query("status", "Only clients with this status.", schemas::status()),
            query("expired", expired, schemas::yes_or_no()),
            query("username", "Only the client of this name.", Object::with_type(Type::String)),
            query("telegram_id", "Only clients of this Telegram account.", Object::with_type(Type::Integer)),
        ];
        all.extend(page());
        all
    }
}

impl IntoParams for OperationsQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let client = "Only operations of this client; an unknown one has none.";
        let mut all = vec![query("client_id", client, schemas::id())];
        all.extend(page());
        all
    }
}

impl IntoParams for AuditQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = || Object::with_type(Type::String);
        let mut all = vec![
            query("client_id", "Only about this client; it may be gone.", schemas::id()),
            query("username", "Only about clients of this name.", text()),
            query("actor", "Only by this actor, such as `token:shop` or `telegram:1001`.", text()),
            query("source", "Only through this door.", schemas::source()),
            query("action", "Only this action.", schemas::action()),
            query("result", "Only what ended so.", schemas::result()),
            query("since", "Not before this moment.", schemas::moment()),
            query("until", "Before this moment.", schemas::moment()),
        ];
        all.extend(page());
        all
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(Self::LONGEST))
            .pattern(Some(Self::PATTERN));
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "Makes the request safe to repeat: the same key with the same token, method and path is answered the \
                 same for 30 days (success, 404 and 409), and is done once. Such as `order-4711`.",
            ))
            .schema(Some(schema));
        vec![key.build()]
    }
}
