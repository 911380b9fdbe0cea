//! What the panel answers about hosts. Only the list: the recordings have hosts as they were made, with the same fields.

use serde_json::{Value, json};
use uuid::Uuid;

use super::PanelVersion;
use super::http::Reply;
use super::model::{SimHost, SimInbound, SimTransport};
use super::store::Store;

/// `GET /api/hosts`: those of all squads' inbounds, each once.
pub(super) fn list(store: &Store) -> Reply {
    let mut seen: Vec<Uuid> = vec![];
    let mut hosts = vec![];
    for inbound in store.squads.iter().flat_map(|squad| &squad.inbounds) {
        if let Some(host) = &inbound.host
            && !seen.contains(&inbound.uuid)
        {
            seen.push(inbound.uuid);
            hosts.push(host.to_json(inbound, seen.len(), store.version));
        }
    }
    Reply::response(200, Value::Array(hosts))
}

impl SimHost {
    /// The host as an object in answers.
    fn to_json(&self, inbound: &SimInbound, position: usize, version: PanelVersion) -> Value {
        let (path, host) = match &self.transport {
            SimTransport::Reality { .. } => (None, None),
            SimTransport::WebSocket { path, host } => (Some(path), Some(host)),
        };
        let mut object = json!({
            // An inbound has one host here: its key with one bit changed is the host's.
            "uuid": Uuid::from_u128(inbound.uuid.as_u128() ^ 1),
            "viewPosition": position,
            "remark": self.remark,
            "address": self.address,
            "port": self.port,
            "path": path,
            "sni": self.sni,
            "host": host,
            "alpn": null,
            "fingerprint": "chrome",
            "isDisabled": false,
            "securityLayer": "DEFAULT",
            "muxParams": null,
            "sockoptParams": null,
            "finalMask": null,
            "serverDescription": null,
            "shuffleHost": false,
            "mihomoX25519": false,
            "isHidden": false,
            "overrideSniFromAddress": false,
            "keepSniBlank": false,
            "vlessRouteId": null,
            "inbound": {
                "configProfileUuid": inbound.profile_uuid,
                "configProfileInboundUuid": inbound.uuid,
            },
            "nodes": [],
            "xrayJsonTemplateUuid": null,
            "excludedInternalSquads": [],
            "excludeFromSubscriptionTypes": [],
        });
        let own = match version {
            PanelVersion::V2 => json!({"xHttpExtraParams": null, "allowInsecure": false, "tag": null}),
            PanelVersion::V3 => json!({
                "xhttpExtraParams": null,
                "pinnedPeerCertSha256": null,
                "verifyPeerCertByName": null,
                "mihomoIpVersion": null,
                "tags": [],
                "mapper": {},
            }),
        };
        if let (Value::Object(object), Value::Object(own)) = (&mut object, own) {
            object.extend(own);
        }
        object
    }
}
