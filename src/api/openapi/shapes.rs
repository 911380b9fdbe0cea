//! How bodies look that are not what their types are: a list has references to the schema of its items, a lone field is an
//! object.

use std::borrow::Cow;

use utoipa::openapi::schema::{Array, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::super::bodies::ListBody;
use super::super::inputs::ExtendBody;
use super::schemas;

impl<T: ToSchema> PartialSchema for ListBody<T> {
    fn schema() -> RefOr<Schema> {
        let total = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
            .description(Some("How many there are in all, on every page."))
            .examples([1]);
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("A list, newest first."))
            .property("items", Array::new(Ref::from_schema_name(T::name())))
            .required("items")
            .property("total", total)
            .required("total")
            .into()
    }
}

impl<T: ToSchema> ToSchema for ListBody<T> {
    fn name() -> Cow<'static, str> {
        format!("{}List", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl PartialSchema for ExtendBody {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("By how much a client is extended."))
            .property("days", schemas::days())
            .required("days")
            .into()
    }
}

impl ToSchema for ExtendBody {
    fn name() -> Cow<'static, str> {
        "Extension".into()
    }
}
