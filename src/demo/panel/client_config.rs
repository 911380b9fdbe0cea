//! Configurations for client programs that do not take a list of links: right in kind, not in every word.

use serde_json::{Value, json};
use url::Url;

/// What kind of file a client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// A browser is given the facts as JSON.
    Browser,
    /// Links joined by newlines.
    Base64,
    /// Clash, Mihomo, Stash.
    Yaml,
    Singbox,
    Xray,
}

impl Format {
    /// By the last part of `/api/sub/{short}/{type}`; `None` for an unknown one.
    pub(super) fn of_client_type(name: &str) -> Option<Self> {
        match name {
            "stash" | "mihomo" | "clash" => Some(Self::Yaml),
            "singbox" => Some(Self::Singbox),
            "json" | "v2ray-json" => Some(Self::Xray),
            _ => None,
        }
    }

    /// By the panel's default response rules: `Accept` first, then the client's name.
    pub(super) fn of_request(agent: &str, accept: Option<&str>) -> Self {
        let agent = agent.to_ascii_lowercase();
        let yaml = ["flclash", "flowvy", "murge", "mihomo", "prizrak-box", "koala-clash", "stash", "clash"];
        let singbox = ["sfi", "sfm", "sft", "karing", "singbox"];
        if accept.is_some_and(|accept| accept.contains("text/html")) {
            Self::Browser
        } else if yaml.iter().any(|name| agent.starts_with(name)) {
            Self::Yaml
        } else if agent.starts_with("sfa") || singbox.iter().any(|name| agent.contains(name)) {
            Self::Singbox
        } else {
            Self::Base64
        }
    }
}

/// The parts of a link the configurations repeat.
struct Server {
    name: String,
    key: String,
    address: String,
    port: u16,
    network: String,
    sni: String,
}

fn servers(links: &[String]) -> Vec<Server> {
    let read = |link: &String| {
        let url = Url::parse(link).ok()?;
        let query = |name: &str| {
            let found = url.query_pairs().find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        Some(Server {
            name: super::http::decode(url.fragment()?),
            key: url.username().to_owned(),
            address: url.host_str()?.to_owned(),
            port: url.port()?,
            network: query("type"),
            sni: query("sni"),
        })
    };
    links.iter().filter_map(read).collect()
}

/// For Clash and its kin.
pub(super) fn yaml(links: &[String]) -> String {
    let servers = servers(links);
    let mut text = "mode: global\nproxies:\n".to_owned();
    for Server { name, key, address, port, network, sni } in &servers {
        text.push_str(&format!(
            "  - name: {name}\n    type: vless\n    server: {address}\n    port: {port}\n    network: {network}\n    \
             udp: true\n    uuid: {key}\n    tls: true\n    servername: {sni}\n"
        ));
    }
    text.push_str("proxy-groups:\n  - name: → Remnawave\n    type: select\n    proxies:\n");
    for server in &servers {
        text.push_str(&format!("      - {}\n", server.name));
    }
    text.push_str("rules:\n  - MATCH,→ Remnawave\n");
    text
}

/// For sing-box.
pub(super) fn singbox(links: &[String]) -> Value {
    let servers = servers(links);
    let names: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
    let mut outbounds = vec![
        json!({"tag": "→ Remnawave", "type": "selector", "outbounds": names}),
        json!({"tag": "direct", "type": "direct"}),
    ];
    outbounds.extend(servers.iter().map(|server| {
        json!({
            "type": "vless",
            "tag": server.name,
            "server": server.address,
            "server_port": server.port,
            "uuid": server.key,
            "tls": {"enabled": true, "server_name": server.sni},
        })
    }));
    json!({"log": {"level": "info"}, "inbounds": [], "outbounds": outbounds})
}

/// For Xray: one configuration for each server.
pub(super) fn xray(links: &[String]) -> Value {
    let configurations = servers(links).into_iter().map(|server| {
        let users = json!([{"id": server.key, "encryption": "none"}]);
        json!({
            "inbounds": [],
            "outbounds": [
                {
                    "tag": "proxy",
                    "protocol": "vless",
                    "settings": {"vnext": [{"address": server.address, "port": server.port, "users": users}]},
                    "streamSettings": {"network": server.network},
                },
                {"tag": "direct", "protocol": "freedom"},
            ],
            "remarks": server.name,
        })
    });
    configurations.collect()
}
