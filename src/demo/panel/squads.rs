//! The squads a fresh simulator has, and what the panel answers about squads.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::http::Reply;
use super::model::{SimHost, SimInbound, SimSquad, SimTransport};
use super::store::Store;

/// `Default-Squad` with a REALITY and a web socket inbound, each with its host.
pub(super) fn default_squads(uuid: &mut dyn FnMut() -> Uuid, created_at: DateTime<Utc>) -> Vec<SimSquad> {
    let profile_uuid = uuid();
    let reality = SimInbound {
        uuid: uuid(),
        profile_uuid,
        tag: "VLESS-REALITY".to_owned(),
        kind: "vless".to_owned(),
        network: Some("raw".to_owned()),
        security: Some("reality".to_owned()),
        port: 443,
        raw: vless_inbound("VLESS-REALITY", 443, "raw", "reality"),
        host: Some(SimHost {
            remark: "NL Amsterdam 1".to_owned(),
            address: "nl1.example.test".to_owned(),
            port: 443,
            sni: "example.com".to_owned(),
            transport: SimTransport::Reality {
                public_key: "c2ltdWxhdGVkLXB1YmxpYy1rZXktMDAwMDAwMDAwMDA".to_owned(),
                short_id: "0123456789abcdef".to_owned(),
            },
        }),
    };
    let web_socket = SimInbound {
        uuid: uuid(),
        profile_uuid,
        tag: "VLESS-WS-TLS".to_owned(),
        kind: "vless".to_owned(),
        network: Some("ws".to_owned()),
        security: Some("tls".to_owned()),
        port: 8443,
        raw: vless_inbound("VLESS-WS-TLS", 8443, "ws", "tls"),
        host: Some(SimHost {
            remark: "DE Frankfurt 1".to_owned(),
            address: "de1.example.test".to_owned(),
            port: 8443,
            sni: "de1.example.test".to_owned(),
            transport: SimTransport::WebSocket {
                path: "/ws".to_owned(),
                host: "de1.example.test".to_owned(),
            },
        }),
    };
    vec![SimSquad {
        uuid: uuid(),
        name: "Default-Squad".to_owned(),
        inbounds: vec![reality, web_socket],
        created_at,
    }]
}

fn vless_inbound(tag: &str, port: u16, network: &str, security: &str) -> Value {
    json!({
        "tag": tag,
        "port": port,
        "listen": "0.0.0.0",
        "protocol": "vless",
        "settings": {"clients": [], "decryption": "none"},
        "streamSettings": {"network": network, "security": security},
    })
}

/// `GET /api/internal-squads`.
pub(super) fn list(store: &Store) -> Reply {
    let squads: Vec<Value> = store
        .squads
        .iter()
        .enumerate()
        .map(|(index, squad)| squad.to_json(index + 1, store.members(squad.uuid)))
        .collect();
    Reply::response(200, json!({"total": squads.len(), "internalSquads": squads}))
}

/// `GET /api/internal-squads/{uuid}`; `None` when there is none.
pub(super) fn get(store: &Store, uuid: Uuid) -> Option<Reply> {
    let (index, squad) = store.squads.iter().enumerate().find(|(_, squad)| squad.uuid == uuid)?;
    Some(Reply::response(200, squad.to_json(index + 1, store.members(uuid))))
}
