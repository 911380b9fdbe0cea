//! What a user's VPN client downloads, and what the panel says about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Datelike, NaiveDate, TimeDelta};
use serde_json::{Value, json};
use uuid::Uuid;

use super::PanelVersion;
use super::ask::{Answer, Ask};
use super::client_config::{self, Format};
use super::errors::{GET_FAILED, NOT_FOUND};
use super::http::Reply;
use super::model::{SimHost, SimStatus, SimTransport, SimUser, date};
use super::route::By;

/// Instead of keys, a client is shown these names of hosts that do not exist.
const DISABLED: &[&str] = &["%F0%9F%9A%AB%20Subscription%20disabled", "Contact%20support"];
const EXPIRED: &[&str] = &["%E2%8C%9B%20Subscription%20expired", "Contact%20support"];
const LIMITED: &[&str] = &["%F0%9F%9A%A7%20Subscription%20limited", "Contact%20support"];
const NO_HOSTS: &[&str] = &[
    "%E2%86%92%20Remnawave",
    "%E2%86%92%20No%20hosts%20found",
    "%E2%86%92%20Check%20Hosts%20tab",
    "%E2%86%92%20Check%20Internal%20Squads%20tab",
];

impl SimHost {
    /// The link a client imports.
    fn link(&self, key: Uuid) -> String {
        let Self { address, port, sni, .. } = self;
        let remark = escape(&self.remark);
        match &self.transport {
            SimTransport::Reality { public_key, short_id } => format!(
                "vless://{key}@{address}:{port}?encryption=none&flow=xtls-rprx-vision&type=tcp&security=reality\
                 &sni={sni}&fp=chrome&pbk={public_key}&sid={short_id}#{remark}"
            ),
            SimTransport::WebSocket { path, host } => format!(
                "vless://{key}@{address}:{port}?encryption=none&type=ws&path={}&host={host}&security=tls\
                 &sni={sni}&fp=chrome#{remark}",
                escape(path)
            ),
        }
    }
}

/// Percent-encodes as `encodeURIComponent` does.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// A number of bytes as the panel shows it: `0`, `10.00 GiB`.
fn pretty(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes == 0 {
        return "0".to_owned();
    }
    let mut hundredths = u128::from(bytes) * 100;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while hundredths >= 102_400 {
        let Some(next) = units.next() else { break };
        hundredths /= 1024;
        unit = Some(next);
    }
    format!("{}.{:02} {}", hundredths / 100, hundredths % 100, unit.copied().unwrap_or_default())
}

impl Ask<'_> {
    /// The hosts of the user's squads, each inbound once.
    fn hosts(&self, user: &SimUser) -> Vec<&SimHost> {
        let mut seen = Vec::new();
        let squads = self.store.squads.iter().filter(|squad| user.squads.contains(&squad.uuid));
        let mut hosts = Vec::new();
        for inbound in squads.flat_map(|squad| &squad.inbounds) {
            if !seen.contains(&inbound.uuid) {
                seen.push(inbound.uuid);
                hosts.extend(inbound.host.as_ref());
            }
        }
        hosts
    }

    fn links(&self, user: &SimUser) -> Vec<String> {
        let hosts = self.hosts(user);
        let remarks = match user.status {
            SimStatus::Disabled => DISABLED,
            SimStatus::Expired => EXPIRED,
            SimStatus::Limited => LIMITED,
            SimStatus::Active if hosts.is_empty() => NO_HOSTS,
            SimStatus::Active => return hosts.into_iter().map(|host| host.link(user.vless_uuid)).collect(),
        };
        let fake = |remark: &&str| {
            format!("vless://{}@0.0.0.0:1?encryption=none&type=tcp&security=none#{remark}", Uuid::nil())
        };
        remarks.iter().map(fake).collect()
    }

    /// The user's subscription as JSON.
    fn info(&self, user: &SimUser) -> Value {
        json!({
            "isFound": true,
            "user": {
                "shortUuid": user.short_uuid,
                "daysLeft": (user.expire_at - self.now).num_days(),
                "trafficUsed": pretty(user.used_traffic_bytes),
                "trafficLimit": pretty(user.traffic_limit_bytes),
                "lifetimeTrafficUsed": pretty(user.used_traffic_bytes),
                "lifetimeTrafficUsedBytes": user.used_traffic_bytes.to_string(),
                "trafficLimitBytes": user.traffic_limit_bytes.to_string(),
                "trafficUsedBytes": user.used_traffic_bytes.to_string(),
                "username": user.username,
                "expiresAt": date(user.expire_at),
                "isActive": user.status == SimStatus::Active,
                "userStatus": user.status.name(),
                "trafficLimitStrategy": user.traffic_limit_strategy,
            },
            "links": self.links(user),
            "ssConfLinks": {},
            "subscriptionUrl": self.subscription_url(user),
        })
    }

    /// `GET /api/subscriptions/by-…`. An unknown user was not recorded here: as for `/api/sub/…/info`.
    pub(super) fn subscription(self, by: By, key: &str) -> Answer {
        let id = self.find(by, key, GET_FAILED, NOT_FOUND)?;
        let user = self.store.by_id(id).ok_or_else(|| self.fail(NOT_FOUND))?;
        Ok(Reply::response(200, self.info(user)))
    }

    /// `GET /api/subscriptions/connection-keys/{key}`
    pub(super) fn connection_keys(self, key: &str) -> Answer {
        let id = self.user_id(key, GET_FAILED, NOT_FOUND)?;
        let user = self.store.by_id(id).ok_or_else(|| self.fail(NOT_FOUND))?;
        let keys: Vec<String> = self.hosts(user).into_iter().map(|host| host.link(user.vless_uuid)).collect();
        Ok(Reply::response(200, json!({"enabledKeys": keys, "hiddenKeys": [], "disabledKeys": []})))
    }

    /// The user of a public link; none while the database is down.
    fn subscriber(&self, short_uuid: &str) -> Option<&SimUser> {
        if self.store.database_down { None } else { self.store.by_short_uuid(short_uuid) }
    }

    /// `GET /api/sub/{short}/info`
    pub(super) fn sub_info(self, short_uuid: &str) -> Answer {
        let user = self.subscriber(short_uuid).ok_or_else(|| self.fail(NOT_FOUND))?;
        Ok(Reply::response(200, self.info(user)))
    }

    /// `GET /api/sub/{short}`, perhaps with a client type.
    pub(super) fn sub(self, short_uuid: &str, client: Option<&str>) -> Reply {
        let forbidden = || Reply::short(403, "Forbidden");
        let agent = self.request.header("user-agent");
        if agent.is_none() && self.version() == PanelVersion::V3 {
            return forbidden();
        }
        let format = match client {
            Some(client) => Format::of_client_type(client),
            None => Some(Format::of_request(agent.unwrap_or_default(), self.request.header("accept"))),
        };
        let Some(format) = format else { return forbidden() };
        let Some(user) = self.subscriber(short_uuid) else {
            let missing = json!({"isFound": false, "statusCode": 404, "message": "Resource not found"});
            return Reply::json(404, &missing);
        };
        let links = self.links(user);
        let mut reply = match format {
            Format::Browser => return Reply::json(200, &self.info(user)),
            Format::Base64 => {
                Reply::text(200, "text/plain; charset=utf-8", STANDARD.encode(links.join("\n")))
            }
            Format::Yaml => {
                let text = client_config::yaml(&links);
                Reply::text(200, "text/yaml; charset=utf-8", text)
            }
            Format::Singbox => Reply::json(200, &client_config::singbox(&links)),
            Format::Xray => Reply::json(200, &client_config::xray(&links)),
        };
        reply.headers = self.profile_headers(user);
        reply
    }

    fn profile_headers(&self, user: &SimUser) -> Vec<(&'static str, String)> {
        let used = user.used_traffic_bytes;
        let total = user.traffic_limit_bytes;
        let expire = user.expire_at.timestamp();
        let mut headers = vec![
            ("content-disposition", format!("attachment; filename={}", user.username)),
            ("subscription-userinfo", format!("upload=0; download={used}; total={total}; expire={expire}")),
        ];
        if user.traffic_limit_strategy == "MONTH" {
            headers.extend(self.next_month().map(|at| ("subscription-refill-date", at)));
        }
        headers.push(("support-url", "https://dummy.docs.rw".to_owned()));
        headers.push(("profile-title", "base64:UmVtbmF3YXZl".to_owned()));
        headers.push(("profile-web-page-url", self.subscription_url(user)));
        headers.push(("profile-update-interval", "12".to_owned()));
        headers
    }

    /// Ten minutes into the next month: when the panel gives new traffic. Other periods were not recorded.
    fn next_month(&self) -> Option<String> {
        let (year, month) = (self.now.year(), self.now.month());
        let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let midnight = NaiveDate::from_ymd_opt(year, month, 1)?.and_hms_opt(0, 0, 0)?.and_utc();
        Some((midnight + TimeDelta::minutes(10)).timestamp().to_string())
    }
}
