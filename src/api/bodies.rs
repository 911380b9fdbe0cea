//! What the API answers with. The order of fields is the contract's.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::client::Client;
use crate::domain::ids::{ClientId, OperationId};
use crate::domain::operation::{AuditEntry, Operation};
use crate::services::views::{InviteLink, RawConfig};

use super::openapi::schemas;

/// A time as the contract writes it: `2026-12-22T07:30:32.809193Z`, always six digits.
pub fn utc(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A list, or a page of one.
#[derive(Debug, Serialize)]
pub struct ListBody<T> {
    items: Vec<T>,
    total: i64,
}

/// A list of clients.
pub type ClientList = ListBody<ClientBody>;

/// A list of the log that outlives its clients.
pub type AuditList = ListBody<AuditBody>;

/// A list of operations.
pub type OperationList = ListBody<OperationBody>;

impl<T> ListBody<T> {
    /// These rows; `total` is the number in the whole list.
    pub fn of<U: Into<T>>(items: Vec<U>, total: i64) -> Self {
        Self { total, items: items.into_iter().map(Into::into).collect() }
    }
}

/// A client that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Created)]
pub struct CreatedBody {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    pub id: ClientId,
}

/// A client that was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deleted)]
pub struct DeletedBody {
    /// For people.
    #[schema(example = "Клиент успешно удалён")]
    message: &'static str,
}

impl DeletedBody {
    /// The contract's words.
    pub fn new() -> Self {
        Self { message: "Клиент успешно удалён" }
    }
}

/// A client.
#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
pub struct ClientBody {
    /// Its id here; stays the same whatever happens on the panel.
    #[schema(schema_with = schemas::id)]
    id: ClientId,
    /// Its name, here and on the panel.
    #[schema(example = "alice")]
    username: String,
    /// The panel's key of its user: a UUID, or a number since version 3. None: it is not on the panel.
    #[schema(example = "17", required = true)]
    remnawave_uuid: Option<String>,
    /// The secret part of its link.
    #[schema(example = "a1b2C3d4_E5f6-G7h8i9J0k1", required = true)]
    short_uuid: Option<String>,
    /// Its link: what a VPN app imports.
    #[schema(example = "https://sub.example.com/a1b2C3d4_E5f6-G7h8i9J0k1", required = true)]
    subscription_url: Option<String>,
    /// Whether it may connect, as far as people decide it; the date is another matter.
    #[schema(schema_with = schemas::status)]
    status: &'static str,
    /// Until when it may connect.
    #[schema(schema_with = schemas::time)]
    expires_at: String,
    /// When it was made.
    #[schema(schema_with = schemas::time)]
    created_at: String,
    /// When it was changed last.
    #[schema(schema_with = schemas::time)]
    updated_at: String,
}

impl From<Client> for ClientBody {
    fn from(client: Client) -> Self {
        let status = client.status().as_str();
        Self {
            id: client.id,
            username: client.username.as_str().to_owned(),
            remnawave_uuid: client.remnawave_uuid.map(|id| id.0),
            short_uuid: client.short_uuid.map(|short| short.expose().to_owned()),
            subscription_url: client.subscription_url.map(|url| url.expose().to_owned()),
            status,
            expires_at: utc(client.expires_at),
            created_at: utc(client.created_at),
            updated_at: utc(client.updated_at),
        }
    }
}

/// A configuration. All of it is secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Config)]
pub struct ConfigBody {
    /// Whose it is.
    #[schema(schema_with = schemas::id)]
    client_id: ClientId,
    /// The secret part of the link.
    #[schema(example = "a1b2C3d4_E5f6-G7h8i9J0k1")]
    short_uuid: String,
    /// The link: what a VPN app imports.
    #[schema(example = "https://sub.example.com/a1b2C3d4_E5f6-G7h8i9J0k1")]
    subscription_url: String,
    /// What is behind the link: base64, as the panel serves it.
    #[schema(example = "dmxlc3M6Ly8…")]
    config_data: String,
}

impl From<RawConfig> for ConfigBody {
    fn from(config: RawConfig) -> Self {
        Self {
            client_id: config.client.id,
            short_uuid: config.short_uuid.expose().to_owned(),
            subscription_url: config.subscription_url.expose().to_owned(),
            config_data: config.config_data.0,
        }
    }
}

/// An invite. Whoever opens its link first is linked to the client.
#[derive(Serialize, ToSchema)]
#[schema(as = Invite)]
pub struct InviteBody {
    /// The link that opens the bot; none while Telegram has not said what the bot is called.
    #[schema(example = "https://t.me/example_vpn_bot?start=q5Wn0c", required = true)]
    url: Option<String>,
    /// The secret part of the link, for `/start TOKEN`.
    #[schema(example = "q5Wn0c")]
    token: String,
    /// Until when it may be used.
    #[schema(schema_with = schemas::time)]
    expires_at: String,
}

impl From<InviteLink> for InviteBody {
    fn from(invite: InviteLink) -> Self {
        Self { url: invite.url, token: invite.token.expose().to_owned(), expires_at: utc(invite.expires_at) }
    }
}

/// A row of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Operation)]
pub struct OperationBody {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: OperationId,
    /// About which client.
    #[schema(schema_with = schemas::id)]
    client_id: ClientId,
    /// What was done.
    #[schema(schema_with = schemas::action)]
    action: &'static str,
    /// More about it.
    #[schema(schema_with = schemas::payload, required = true)]
    payload: Option<Value>,
    /// How it ended.
    #[schema(schema_with = schemas::result)]
    result: &'static str,
    /// Why it failed.
    #[schema(required = true)]
    error: Option<String>,
    /// When.
    #[schema(schema_with = schemas::time)]
    created_at: String,
}

impl From<Operation> for OperationBody {
    fn from(operation: Operation) -> Self {
        Self {
            id: operation.id,
            client_id: operation.client_id,
            action: operation.action.as_str(),
            payload: operation.payload,
            result: operation.result.as_str(),
            error: operation.error,
            created_at: utc(operation.created_at),
        }
    }
}

/// A row of the log that outlives its clients.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditBody {
    /// The same as the operation's where there is one.
    #[schema(schema_with = schemas::id)]
    id: OperationId,
    /// The client, perhaps gone by now.
    #[schema(schema_with = schemas::id)]
    client_id: ClientId,
    /// Its name at that time.
    #[schema(example = "alice")]
    username: String,
    /// Who: `token:NAME`, `telegram:ID`, `job:NAME`, `anyone` …
    #[schema(example = "token:shop")]
    actor: String,
    /// Through which door.
    #[schema(schema_with = schemas::source)]
    source: &'static str,
    /// What was done.
    #[schema(schema_with = schemas::action)]
    action: &'static str,
    /// More about it.
    #[schema(schema_with = schemas::payload, required = true)]
    payload: Option<Value>,
    /// Why, in the words of whoever did it in the bot.
    #[schema(example = "paid in cash", required = true)]
    reason: Option<String>,
    /// How it ended.
    #[schema(schema_with = schemas::result)]
    result: &'static str,
    /// Why it failed.
    #[schema(required = true)]
    error: Option<String>,
    /// When.
    #[schema(schema_with = schemas::time)]
    created_at: String,
}

impl From<AuditEntry> for AuditBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            client_id: entry.client_id,
            username: entry.username.as_str().to_owned(),
            actor: entry.actor,
            source: entry.source.as_str(),
            action: entry.action.as_str(),
            payload: entry.payload,
            reason: entry.reason.map(|reason| reason.as_str().to_owned()),
            result: entry.result.as_str(),
            error: entry.error,
            created_at: utc(entry.created_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::domain::client::Access;
    use crate::domain::ids::{PanelUserId, ShortUuid, SubscriptionUrl};
    use crate::domain::operation::{Action, Outcome};
    use crate::domain::username::Username;
    use crate::services::views::ConfigData;

    fn client() -> Client {
        let time = |micros: i64| Utc.timestamp_micros(1_798_000_232_000_000 + micros).unwrap();
        Client {
            id: ClientId(Uuid::from_u128(1)),
            username: Username::stored("alice"),
            remnawave_uuid: Some(PanelUserId("17".to_owned())),
            short_uuid: Some(ShortUuid::new("short")),
            subscription_url: None,
            access: Access::Open,
            expires_at: time(809_000),
            created_at: time(809_193),
            updated_at: time(0),
            telegram_id: None,
        }
    }

    #[test]
    fn a_client_has_the_contracts_keys_and_times() {
        assert_eq!(
            serde_json::to_string(&ListBody::<ClientBody>::of(vec![client()], 1)).unwrap(),
            concat!(
                r#"{"items":[{"id":"00000000-0000-0000-0000-000000000001","username":"alice","#,
                r#""remnawave_uuid":"17","short_uuid":"short","subscription_url":null,"status":"active","#,
                r#""expires_at":"2026-12-23T04:30:32.809000Z","created_at":"2026-12-23T04:30:32.809193Z","#,
                r#""updated_at":"2026-12-23T04:30:32.000000Z"}],"total":1}"#,
            )
        );
    }

    #[test]
    fn a_configuration_has_the_contracts_keys() {
        let config = RawConfig {
            client: client(),
            short_uuid: ShortUuid::new("short"),
            subscription_url: SubscriptionUrl::new("https://sub.example.com/short"),
            config_data: ConfigData("dmxlc3M6".to_owned()),
        };
        assert_eq!(
            serde_json::to_string(&ConfigBody::from(config)).unwrap(),
            concat!(
                r#"{"client_id":"00000000-0000-0000-0000-000000000001","short_uuid":"short","#,
                r#""subscription_url":"https://sub.example.com/short","config_data":"dmxlc3M6"}"#,
            )
        );
    }

    #[test]
    fn an_operation_has_the_contracts_keys() {
        let operation = Operation {
            id: OperationId(Uuid::from_u128(2)),
            client_id: ClientId(Uuid::from_u128(1)),
            action: Action::Create,
            payload: Some(json!({"username": "alice", "days": 30})),
            result: Outcome::Success,
            error: None,
            created_at: client().created_at,
        };
        assert_eq!(
            serde_json::to_string(&OperationBody::from(operation)).unwrap(),
            concat!(
                r#"{"id":"00000000-0000-0000-0000-000000000002","client_id":"00000000-0000-0000-0000-000000000001","#,
                r#""action":"create","payload":{"username":"alice","days":30},"result":"success","error":null,"#,
                r#""created_at":"2026-12-23T04:30:32.809193Z"}"#,
            )
        );
    }
}
