//! What the endpoints take: each part of a request as a type.

use utoipa::ToSchema;

use crate::domain::actor::Actor;
use crate::domain::change::Key;
use crate::domain::days::Days;
use crate::domain::ids::ClientId;
use crate::domain::username::Username;

use super::openapi::schemas;
use super::validate::{self, Problem, Problems, Read, Received};

/// `{client_id}` in a path.
#[derive(Debug, Clone, Copy)]
pub struct ClientPath(pub ClientId);

impl Read for ClientPath {
    fn read(received: &Received, problems: &mut Problems) -> Option<Self> {
        received.path("client_id", problems, validate::uuid).map(|id| Self(ClientId(id)))
    }
}

/// A client to make.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = NewClient)]
pub struct CreateBody {
    /// The name.
    #[schema(schema_with = schemas::username)]
    pub username: Username,
    /// For how long.
    #[schema(schema_with = schemas::days_or_30, required = false)]
    pub days: Days,
}

impl Read for CreateBody {
    const HAS_BODY: bool = true;

    fn read(received: &Received, problems: &mut Problems) -> Option<Self> {
        let body = received.object(problems)?;
        let username = body.required("username", problems, validate::username);
        let days = body.optional("days", problems, validate::days);
        Some(Self { username: username?, days: days? })
    }
}

/// `{days}`
#[derive(Debug, Clone, Copy)]
pub struct ExtendBody(pub Days);

impl Read for ExtendBody {
    const HAS_BODY: bool = true;

    fn read(received: &Received, problems: &mut Problems) -> Option<Self> {
        received.object(problems)?.required("days", problems, validate::days).map(Self)
    }
}

/// The header `Idempotency-Key`: 1 to 255 visible ASCII characters, else 422 as any other wrong value.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// The longest key.
    pub const LONGEST: usize = 255;
    /// What it is made of.
    pub const PATTERN: &str = r"^[\x21-\x7E]+$";

    /// The key of this caller for this method and path. One client has one path, however its id was written.
    pub fn of(self, caller: &Actor, request: &str) -> Option<Key> {
        self.0.map(|key| Key { scope: format!("{} {request}", caller.label()), key })
    }

    /// The same for a path under a client: `method` and what follows the client's id.
    pub fn of_client(self, caller: &Actor, method: &str, client: ClientId, rest: &str) -> Option<Key> {
        self.of(caller, &format!("{method} /api/v1/clients/{client}{rest}"))
    }
}

impl Read for IdempotencyKey {
    fn read(received: &Received, problems: &mut Problems) -> Option<Self> {
        let read = |text: &str| match text.chars().count() {
            0 => Err(Problem::TooShort(1)),
            length if length > Self::LONGEST => Err(Problem::TooLong(Self::LONGEST)),
            _ if !text.bytes().all(|byte| byte.is_ascii_graphic()) => Err(Problem::Pattern(Self::PATTERN)),
            _ => Ok(text.to_owned()),
        };
        received.header("idempotency-key", problems, read).map(Self)
    }
}
