//! How the parameters of [`super::super::inputs`] look in the document.

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, Required};

use super::super::inputs::{ClientPath, IdempotencyKey, ListQuery, OperationsQuery};
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

impl IntoParams for ListQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            query("status", "Only clients with this status.", schemas::status()),
            query(
                "expired",
                "Only clients whose date has passed (true), or has not (false).",
                schemas::yes_or_no(),
            ),
        ]
    }
}

impl IntoParams for OperationsQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![query("client_id", "Only operations of this client; an unknown one has none.", schemas::id())]
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
