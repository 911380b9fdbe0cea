//! What jobs ask of clients.

use crate::domain::actor::Actor;
use crate::domain::ask::Ask;
use crate::domain::change::{Key, request_hash};
use crate::domain::ids::ClientId;

use super::begin::{Request, Wanted};
use super::error::Error;

/// A job's request; with a key it is carried out once.
///
/// # Errors
/// `Internal`: what is asked cannot be written down.
pub(super) fn request(
    job: &'static str,
    client_id: ClientId,
    ask: Ask,
    key: Option<String>,
) -> Result<Request, Error> {
    let by = Actor::Job(job);
    Ok(Request {
        actor: by.label(),
        source: by.source(),
        key: key.map(|key| Key { scope: format!("job:{job}"), key }),
        hash: request_hash(&(client_id, &ask)).map_err(|error| Error::Internal(error.to_string()))?,
        client_id,
        wanted: Wanted::Other(ask),
        reason: None,
    })
}

/// The most clients that a job touches at once without asking: twenty, or one in twenty of all.
pub(super) fn most_at_once(all: u64) -> u64 {
    all.div_ceil(20).max(20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_or_one_in_twenty() {
        assert_eq!([0, 19, 400, 401, 10_000].map(most_at_once), [20, 20, 20, 21, 500]);
    }
}
