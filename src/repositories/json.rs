//! JSON columns: kept as the text that was written, so that the order of keys survives.
//!
//! sqlx's own `Json` is sent to PostgreSQL as `jsonb`, which sorts keys; the contract has them in a given order.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};

/// PostgreSQL's number for the type `json`.
const JSON: Oid = Oid(114);

/// A JSON document as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JsonText(String);

impl JsonText {
    /// Writes a value down.
    pub(super) fn of(value: &impl Serialize) -> Result<Self, sqlx::Error> {
        serde_json::to_string(value).map(Self).map_err(|error| sqlx::Error::Encode(error.into()))
    }

    /// A document as it was written.
    pub(super) fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As it was written.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// Reads the value back.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, sqlx::Error> {
        serde_json::from_str(&self.0).map_err(|error| sqlx::Error::Decode(error.into()))
    }
}

impl Type<Postgres> for JsonText {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(JSON)
    }
}

impl Encode<'_, Postgres> for JsonText {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

impl<'r> Decode<'r, Postgres> for JsonText {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(std::str::from_utf8(value.as_bytes()?)?.to_owned()))
    }
}

impl Type<Sqlite> for JsonText {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }

    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <String as Type<Sqlite>>::compatible(ty)
    }
}

impl Encode<'_, Sqlite> for JsonText {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <String as Encode<'_, Sqlite>>::encode(self.0.clone(), buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for JsonText {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        <String as Decode<'r, Sqlite>>::decode(value).map(Self)
    }
}
