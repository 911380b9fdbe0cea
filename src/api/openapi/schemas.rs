//! Schemas of single values: the limits are those of the domain's types, the leniencies those of [`super::super::validate`].

use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AnyOf, AnyOfBuilder, Array, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::actor::Source;
use crate::domain::client::Status;
use crate::domain::days::Days;
use crate::domain::operation::{Action, Outcome};
use crate::domain::username::Username;

/// A whole number of 1 to 3650 as text: the exact numbers that [`Days`] takes. Signs, blanks and underscores are
/// forgiven as well, but nobody should begin to send them.
const DAYS_AS_TEXT: &str = r"^0*([1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|36[0-4][0-9]|3650)(\.0+)?$";

/// Every word for yes and no, in any case.
const YES_OR_NO: &str = concat!(
    "^([Tt]([Rr][Uu][Ee])?|[Yy]([Ee][Ss])?|[Oo][Nn]|1",
    "|[Ff]([Aa][Ll][Ss][Ee])?|[Nn][Oo]?|[Oo][Ff][Ff]|0)$"
);

/// An id of ours, a UUID.
pub fn id() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .examples([json!("f0deca00-9b5d-4a33-94d6-8c694d48137e")])
        .build()
}

/// A moment in UTC with six digits of a second.
pub fn time() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .pattern(Some(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"))
        .examples([json!("2026-12-22T07:30:32.809193Z")])
        .build()
}

/// A username that can be given.
pub fn username() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The client's name; unique here and on the panel."))
        .min_length(Some(Username::MIN))
        .max_length(Some(Username::MAX))
        .pattern(Some("^[A-Za-z0-9_-]+$"))
        .examples([json!("alice")])
        .build()
}

/// A number of days.
pub fn days() -> Schema {
    Schema::AnyOf(any_days())
}

fn any_days() -> AnyOf {
    let number =
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(Days::MIN)).maximum(Some(Days::MAX));
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(DAYS_AS_TEXT))
        .description(Some("The same number as text."));
    let one =
        ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true])).description(Some("1."));
    AnyOfBuilder::new()
        .description(Some("For how many days; a number, or what the original service took for one."))
        .item(number)
        .item(text)
        .item(one)
        .examples([json!(30)])
        .build()
}

/// A number of days that may be left out.
pub fn days_or_30() -> Schema {
    let mut days = any_days();
    days.default = Some(json!(Days::default().get()));
    Schema::AnyOf(days)
}

/// Yes or no in a query.
pub fn yes_or_no() -> Schema {
    let word = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(YES_OR_NO))
        .description(Some("true, t, yes, y, on, 1, false, f, no, n, off or 0, in any case."));
    Schema::AnyOf(AnyOfBuilder::new().item(Object::with_type(Type::Boolean)).item(word).build())
}

fn word<W: Into<serde_json::Value>>(words: impl IntoIterator<Item = W>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

/// A client's status.
pub fn status() -> Object {
    word([Status::Active, Status::Blocked].map(Status::as_str))
}

/// What was done.
pub fn action() -> Object {
    word(Action::ALL.map(Action::as_str))
}

/// Through which door it was done.
pub fn source() -> Object {
    word([Source::Bot, Source::Api, Source::Job, Source::Panel].map(Source::as_str))
}

/// A moment in a query; without an offset it is UTC.
pub fn moment() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .examples([json!("2026-12-22T07:30:32Z")])
        .build()
}

/// How it ended.
pub fn result() -> Object {
    word([Outcome::Success, Outcome::Fail].map(Outcome::as_str))
}

/// The way to a wrong value.
pub fn loc() -> Array {
    let name = Object::with_type(Type::String);
    let character = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    Array::new(AnyOfBuilder::new().item(name).item(character))
}

/// Any JSON value.
pub fn anything() -> Schema {
    Schema::Object(ObjectBuilder::new().schema_type(SchemaType::any()).build())
}

/// More facts about an action, or none.
pub fn payload() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some(
            "create: `{username, days}`; extend: `{days, new_expires_at}`, when it failed `{days}`; rotate_config: \
             `{new_short_uuid}`; auto_deactivate: `{expired_at}`; else null.",
        ))
        .examples([json!({"username": "alice", "days": 30})])
        .build()
}

/// A PNG picture.
#[derive(Debug)]
pub enum Png {}

impl PartialSchema for Png {
    fn schema() -> RefOr<Schema> {
        let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).into()
    }
}

impl ToSchema for Png {}
