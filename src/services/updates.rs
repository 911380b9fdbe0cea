//! The stored intake: an update is kept before it is confirmed to Telegram, and handled from the table.

use super::error::Error;

/// An update as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingUpdate {
    /// Telegram's number for it.
    pub update_id: i64,
    /// Whose it is: updates of one sender are handled in order. 0 when nobody's.
    pub sender: i64,
    /// The JSON text as it arrived.
    pub payload: String,
}

/// Keeping updates until they are handled.
#[derive(Debug, Clone)]
pub struct Updates {}

impl Updates {
    /// Keeps a batch in one transaction; what is already there is left alone. Returns how many were new.
    /// After this the batch may be confirmed to Telegram.
    ///
    /// # Errors
    /// `Database`.
    pub async fn store(&self, _bot_id: i64, _batch: &[IncomingUpdate]) -> Result<u64, Error> {
        Ok(0)
    }

    /// Updates that are not handled yet, in order of arrival, at most `limit`, leaving out those of `busy` senders
    /// (their next one waits its turn) and at most one a sender.
    ///
    /// # Errors
    /// `Database`.
    pub async fn next(&self, _bot_id: i64, _busy: &[i64], _limit: u32) -> Result<Vec<IncomingUpdate>, Error> {
        Ok(vec![])
    }

    /// Notes that an update was handled.
    ///
    /// # Errors
    /// `Database`.
    pub async fn handled(&self, _bot_id: i64, _update_id: i64) -> Result<(), Error> {
        Ok(())
    }
}
