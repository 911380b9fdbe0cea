//! Updates that Telegram sends by itself (`TELEGRAM_MODE=webhook`): the API hands them in, the bot's intake keeps them in
//! batches, and only then is Telegram answered.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::domain::token::TokenHash;

use super::error::Error;

/// So many may wait to be kept.
const WAITING: usize = 256;
/// Telegram sends again what was not kept within this time.
const PATIENCE: Duration = Duration::from_secs(10);

/// What Telegram sends along, made of the bot's token: every replica makes the same, and nobody else can.
///
/// # Errors
/// None that can happen: HMAC takes keys of any length.
pub fn secret_of(bot_token: &SecretString) -> Result<SecretString, Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(bot_token.expose_secret().as_bytes())
        .map_err(|error| Error::Internal(error.to_string()))?;
    mac.update(b"the secret of the Telegram webhook");
    Ok(SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
}

/// An update that waits to be kept.
#[derive(Debug)]
pub struct Delivered {
    /// As Telegram wrote it.
    pub update: Value,
    kept: oneshot::Sender<Result<(), String>>,
}

impl Delivered {
    /// Says whether it was kept: only then Telegram is told that it arrived.
    pub fn answer(self, kept: Result<(), String>) {
        // Whoever asked may have gone: then Telegram sends it again, and it is kept once.
        self.kept.send(kept).unwrap_or_default();
    }
}

/// Where Telegram's updates come in; closed until the bot opens it.
#[derive(Debug, Clone, Default)]
pub struct Webhook(Arc<RwLock<Option<Open>>>);

#[derive(Debug, Clone)]
struct Open {
    secret: TokenHash,
    queue: mpsc::Sender<Delivered>,
}

/// What a request to the webhook finds.
#[derive(Debug)]
pub enum Found {
    /// There is no webhook.
    Closed,
    /// The secret is wrong: this is not Telegram.
    Forged,
    /// It may hand in its update.
    Entrance(Entrance),
}

/// Hands in one update.
#[derive(Debug)]
pub struct Entrance(mpsc::Sender<Delivered>);

impl Webhook {
    /// Opens it: whoever knows the secret may hand in updates, and here they come out.
    pub fn open(&self, secret: &SecretString) -> mpsc::Receiver<Delivered> {
        let (queue, arriving) = mpsc::channel(WAITING);
        let secret = TokenHash::of(secret.expose_secret().as_bytes());
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Open { secret, queue });
        arriving
    }

    /// With the secret as it was sent; compared in the same time whatever it is.
    pub fn find(&self, presented: &[u8]) -> Found {
        match &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            None => Found::Closed,
            Some(open) if open.secret.is(&TokenHash::of(presented)) => {
                Found::Entrance(Entrance(open.queue.clone()))
            }
            Some(_) => Found::Forged,
        }
    }
}

impl Entrance {
    /// Returns when the update is kept.
    ///
    /// # Errors
    /// `Database`: it may not be, and Telegram must send it again.
    pub async fn hand_in(self, update: Value) -> Result<(), Error> {
        let (kept, answer) = oneshot::channel();
        let handed = async {
            let gone = || Error::Database("the bot takes nothing in".to_owned());
            self.0.send(Delivered { update, kept }).await.map_err(|_| gone())?;
            answer.await.map_err(|_| gone())?.map_err(Error::Database)
        };
        let late = |_| Err(Error::Database("an update was not kept in time".to_owned()));
        timeout(PATIENCE, handed).await.unwrap_or_else(late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_the_tokens_own_and_telegram_takes_it() {
        let secret = |token: &str| secret_of(&SecretString::from(token)).unwrap().expose_secret().to_owned();
        assert_eq!(secret("7000:a"), secret("7000:a"));
        assert_ne!(secret("7000:a"), secret("7000:b"));
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        assert!(secret("7000:a").bytes().all(letters) && secret("7000:a").len() == 43);
        assert!(!secret("7000:a").contains("7000"));
    }

    #[tokio::test]
    async fn only_with_the_secret_and_only_when_kept() {
        let webhook = Webhook::default();
        assert!(matches!(webhook.find(b"s"), Found::Closed));
        let mut arriving = webhook.open(&SecretString::from("secret"));
        for wrong in [&b""[..], b"secre", b"secrets", b"\xff"] {
            assert!(matches!(webhook.find(wrong), Found::Forged));
        }
        for (kept, is_ok) in [(Ok(()), true), (Err("away".to_owned()), false)] {
            let Found::Entrance(entrance) = webhook.find(b"secret") else { panic!("open") };
            let handed = tokio::spawn(entrance.hand_in(Value::from(1)));
            let delivered = arriving.recv().await.unwrap();
            assert_eq!(delivered.update, Value::from(1));
            delivered.answer(kept);
            assert_eq!(handed.await.unwrap().is_ok(), is_ok);
        }
        drop(arriving);
        let Found::Entrance(entrance) = webhook.find(b"secret") else { panic!("open") };
        assert!(entrance.hand_in(Value::from(2)).await.is_err(), "the bot has ended");
    }
}
