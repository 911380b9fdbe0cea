//! What the panel tells by itself: who signed it, and of which user it speaks. Nothing else of it is read: what became of
//! the user is asked of the panel itself, so that a message that is late, repeated or out of order does no harm.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::Sha256;
use uuid::Uuid;

use crate::domain::ids::{PanelUserId, ShortUuid};

use super::Panel;
use super::models::Whole;

/// Bytes of a signature.
const SIGNATURE: usize = 32;

/// A user that the panel speaks of, by each of its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldUser {
    /// Its key in the dialect that it was written in.
    pub id: Option<PanelUserId>,
    /// The secret part of its link.
    pub short_uuid: Option<ShortUuid>,
    /// Its name.
    pub username: Option<String>,
}

/// Why a message is not listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// `REMNAWAVE_WEBHOOK_SECRET` is not set.
    #[error("there is no secret that it could be signed with")]
    Off,
    /// The signature is missing or not made with the secret.
    #[error("it is not signed by the panel")]
    Forged,
    /// The panel signed it, and it is not what the panel sends.
    #[error("it cannot be read")]
    Unreadable,
}

impl Panel {
    /// Whether there is a secret for webhooks.
    pub fn takes_webhooks(&self) -> bool {
        self.0.webhook_secret.is_some()
    }

    /// Reads a webhook: whom it speaks of; `None` when it is of no user. `signature` is its `X-Remnawave-Signature`.
    ///
    /// Its `X-Remnawave-Timestamp` proves nothing: it is not signed, and it is the event's time, so that a late retry has an
    /// old one.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub fn webhook(&self, body: &[u8], signature: Option<&[u8]>) -> Result<Option<ToldUser>, WebhookError> {
        let secret = self.0.webhook_secret.as_ref().ok_or(WebhookError::Off)?;
        if !signature.is_some_and(|signature| is_signed(body, signature, secret)) {
            return Err(WebhookError::Forged);
        }
        read(body).ok_or(WebhookError::Unreadable)
    }
}

/// Whether the signature is this body's, compared in constant time.
fn is_signed(body: &[u8], signature: &[u8], secret: &SecretString) -> bool {
    let (Some(signature), Ok(mac)) =
        (decoded(signature), Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()))
    else {
        return false;
    };
    mac.chain_update(body).verify_slice(&signature).is_ok()
}

/// Lowercase hexadecimal digits, exactly as many as there must be.
fn decoded(text: &[u8]) -> Option<[u8; SIGNATURE]> {
    if text.len() != 2 * SIGNATURE {
        return None;
    }
    let mut bytes = [0; SIGNATURE];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[derive(Deserialize)]
struct RawEvent<'a> {
    event: String,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// Not `Debug`: beside these stand keys.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawNames {
    uuid: Option<Uuid>,
    id: Option<Whole>,
    short_uuid: Option<String>,
    username: Option<String>,
}

/// The user of an event `user.…`; nobody, of another. `None` for what is no event.
pub(super) fn read(body: &[u8]) -> Option<Option<ToldUser>> {
    let event: RawEvent<'_> = serde_json::from_slice(body).ok()?;
    if !event.event.starts_with("user.") {
        return Some(None);
    }
    let names: RawNames = serde_json::from_str(event.data?.get()).ok()?;
    let number = names.id.filter(|id| id.0 >= 0);
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let told = ToldUser {
        // Version 2 has a number too, which is no key there.
        id: names.uuid.map(|uuid| uuid.to_string()).or(number.map(|id| id.0.to_string())).map(PanelUserId),
        short_uuid: given(names.short_uuid).map(ShortUuid::new),
        username: given(names.username),
    };
    let is_named = told.id.is_some() || told.short_uuid.is_some() || told.username.is_some();
    is_named.then_some(Some(told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_64_lowercase_digits() {
        let good = "12b03cb8f92b374996a79e683f18784d571e4a3cfc20b34f0777d3d5f2016392";
        assert_eq!(decoded(good.as_bytes()).map(|bytes| (bytes[0], bytes[31])), Some((0x12, 0x92)));
        for bad in [
            "",
            "12",
            good.trim_start_matches('1'),
            &format!("{good}0"),
            &good.to_uppercase(),
            &good.replace('f', "g"),
        ] {
            assert_eq!(decoded(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn whom_an_event_speaks_of() {
        let told = |body: &str| read(body.as_bytes());
        let ids = |body| told(body).flatten().and_then(|told| told.id).map(|id| id.0);
        let uuid = "05b02d17-6e1d-4405-ae2e-7c2580631330";
        let of_v2 = format!(r#"{{"event":"user.new","data":{{"uuid":"{uuid}","id":2}}}}"#);
        assert_eq!(ids(&of_v2).as_deref(), Some(uuid));
        assert_eq!(
            ids(r#"{"event":"user.modified","data":{"id":2,"trojanPassword":[]}}"#).as_deref(),
            Some("2")
        );
        assert_eq!(told(r#"{"event":"node.created","data":{"id":2}}"#), Some(None));
        assert_eq!(told(r#"{"event":"service.panel_started"}"#), Some(None));
        for odd in [
            "",
            "[]",
            "{}",
            r#"{"event":5}"#,
            r#"{"event":"user.modified"}"#,
            r#"{"event":"user.modified","data":{}}"#,
            r#"{"event":"user.modified","data":{"shortUuid":"","username":null}}"#,
            r#"{"event":"user.modified","data":{"id":-1}}"#,
            r#"{"event":"user.modified","data":{"id":1}"#,
        ] {
            assert_eq!(told(odd), None, "{odd}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(body in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = (read(&body), decoded(&body));
        }
    }
}
