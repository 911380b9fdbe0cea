//! What the API answers with. The order of fields is the contract's.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::domain::client::Client;
use crate::domain::ids::{ClientId, OperationId};
use crate::domain::operation::{AuditEntry, Operation};
use crate::services::views::RawConfig;

/// A time as the contract writes it: `2026-12-22T07:30:32.809193Z`, always six digits.
pub fn utc(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// A list, or a page of one.
#[derive(Debug, Serialize)]
pub struct ListBody<T> {
    items: Vec<T>,
    total: i64,
}

impl<T> ListBody<T> {
    /// These rows; `total` is the number in the whole list.
    pub fn of<U: Into<T>>(items: Vec<U>, total: i64) -> Self {
        Self { total, items: items.into_iter().map(Into::into).collect() }
    }
}

/// A client that was just made.
#[derive(Debug, Serialize)]
pub struct CreatedBody {
    /// Its id.
    pub id: ClientId,
}

/// A client that was deleted.
#[derive(Debug, Serialize)]
pub struct DeletedBody {
    message: &'static str,
}

impl DeletedBody {
    /// The contract's words.
    pub fn new() -> Self {
        Self { message: "Клиент успешно удалён" }
    }
}

/// A client.
#[derive(Serialize)]
pub struct ClientBody {
    id: ClientId,
    username: String,
    remnawave_uuid: Option<String>,
    short_uuid: Option<String>,
    subscription_url: Option<String>,
    status: &'static str,
    expires_at: String,
    created_at: String,
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

/// A configuration.
#[derive(Serialize)]
pub struct ConfigBody {
    client_id: ClientId,
    short_uuid: String,
    subscription_url: String,
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

/// A row of the log.
#[derive(Debug, Serialize)]
pub struct OperationBody {
    id: OperationId,
    client_id: ClientId,
    action: &'static str,
    payload: Option<Value>,
    result: &'static str,
    error: Option<String>,
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
#[derive(Debug, Serialize)]
pub struct AuditBody {
    /// The same as the operation's where there is one.
    id: OperationId,
    /// The client, perhaps gone by now.
    client_id: ClientId,
    /// Its name at that time.
    username: String,
    /// Who: `token:NAME`, `telegram:ID`, `job:NAME`, `anyone` …
    actor: String,
    /// `bot`, `api`, `job` or `panel`.
    source: &'static str,
    /// As in an operation.
    action: &'static str,
    /// As in an operation.
    payload: Option<Value>,
    /// `success` or `fail`.
    result: &'static str,
    /// Why it failed.
    error: Option<String>,
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
