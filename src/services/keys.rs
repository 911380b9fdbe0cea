//! The keys of a configuration one by one: each opens one server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::domain::actor::Actor;
use crate::domain::change::hex;
use crate::domain::client::{Client, State};
use crate::domain::ids::{ClientId, ServerKey};
use crate::panel::PanelSubscription;

use super::configs::{Configs, unfit};
use super::error::Error;
use super::views::Unfit;

/// Bytes of a key's hash that tell it from the others.
const MARK: usize = 4;

/// The key of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    /// What the panel calls the server, if it says; any characters.
    pub name: Option<String>,
    /// The key itself.
    pub key: ServerKey,
    /// Eight hexadecimal digits that tell this key from those it may be replaced by.
    pub mark: String,
}

/// All keys of a client, or why there are none.
#[derive(Debug, Clone)]
pub enum Keys {
    /// All of them, at least one.
    Ready {
        /// Whose they are.
        client: Client,
        /// In the panel's order.
        keys: Vec<NamedKey>,
    },
    /// The panel cannot be asked.
    Silent {
        /// Whose they are.
        client: Client,
    },
    /// There is no working configuration, and why.
    Unfit {
        /// Whose they would be.
        client: Client,
        /// The reason.
        why: Unfit,
    },
}

/// One key, or what there is instead of it.
#[derive(Debug, Clone)]
pub enum OneKey {
    /// The key.
    Found {
        /// Whose it is.
        client: Client,
        /// The key.
        key: NamedKey,
    },
    /// There is no such key any more.
    Changed(Keys),
}

impl Configs {
    /// The client's keys, to choose from.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Database`.
    pub async fn keys(&self, by: &Actor, id: ClientId) -> Result<Keys, Error> {
        let client = self.permitted(by, id).await?;
        let Some(short_uuid) = client.short_uuid.clone() else {
            return Ok(Keys::Unfit { client, why: Unfit::NotLinked });
        };
        Ok(match self.core.panel.subscription(&short_uuid, self.core.panel.timeout()).await {
            Ok(Some(subscription)) => match unfit(&subscription) {
                None => Keys::Ready { client, keys: named(&subscription) },
                Some(why) => Keys::Unfit { client, why },
            },
            Ok(None) => Keys::Unfit { client, why: Unfit::NotLinked },
            Err(error) => {
                tracing::warn!(client = %client.id, %error, "no keys without the panel");
                match client.state(self.core.clock.now()) {
                    State::Expired => Keys::Unfit { client, why: Unfit::Expired },
                    State::Blocked => Keys::Unfit { client, why: Unfit::Blocked },
                    State::Active | State::TrafficUsedUp => Keys::Silent { client },
                }
            }
        })
    }

    /// The key at this place (from 0) with this mark, if it is still there. Handing it out is in the log as `get_config`.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Database`.
    pub async fn key(&self, by: &Actor, id: ClientId, place: usize, mark: &str) -> Result<OneKey, Error> {
        let keys = self.keys(by, id).await?;
        let Keys::Ready { client, keys: all } = &keys else { return Ok(OneKey::Changed(keys)) };
        match all.get(place).filter(|key| key.mark == mark) {
            Some(key) => {
                self.write(by, client, None).await?;
                Ok(OneKey::Found { client: client.clone(), key: key.clone() })
            }
            None => Ok(OneKey::Changed(keys)),
        }
    }
}

/// The keys of a configuration, with what they are called.
pub(super) fn named(subscription: &PanelSubscription) -> Vec<NamedKey> {
    let links = subscription.links.iter().map(|link| link.expose());
    links.map(|text| NamedKey { name: name(text), key: ServerKey::new(text), mark: mark(text) }).collect()
}

fn mark(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    hex(digest.get(..MARK).unwrap_or_default())
}

/// What stands after the `#`, or, in a `vmess://` key, in its JSON.
fn name(text: &str) -> Option<String> {
    let fragment = text.split_once('#').map(|(_, fragment)| decoded(fragment));
    fragment.or_else(|| vmess_name(text)).filter(|name| !name.trim().is_empty())
}

fn decoded(fragment: &str) -> String {
    percent_decode_str(fragment).decode_utf8_lossy().into_owned()
}

fn vmess_name(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Vmess {
        ps: String,
    }
    let json = STANDARD.decode(text.strip_prefix("vmess://")?).ok()?;
    Some(serde_json::from_slice::<Vmess>(&json).ok()?.ps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_called_what_the_panel_calls_its_server() {
        let vmess = format!("vmess://{}", STANDARD.encode(r#"{"v":"2","ps":"Oslo 😀","add":"a"}"#));
        for (text, expected) in [
            ("vless://id@host:443?type=tcp#%F0%9F%87%A9%F0%9F%87%AA%20Berlin", Some("🇩🇪 Berlin")),
            ("vless://id@host:443#50%", Some("50%")),
            ("ss://abc@host:1#%FF", Some("\u{fffd}")),
            (vmess.as_str(), Some("Oslo 😀")),
            ("vmess://nonsense", None),
            ("vless://id@host:443#", None),
            ("vless://id@host:443#%20", None),
            ("trojan://id@host:443", None),
        ] {
            assert_eq!(name(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn another_key_has_another_mark() {
        assert_eq!(mark("vless://a").len(), 8);
        assert_ne!(mark("vless://a"), mark("vless://b"));
    }
}
