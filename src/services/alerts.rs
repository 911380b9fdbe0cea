//! What owners must hear at once, whoever met it.

use std::time::Duration;

use tokio::time::timeout;

use crate::domain::client::Client;
use crate::domain::matter::Matter;

use super::core::Core;
use super::error::Error;
use super::matters::raise_now;

/// Whoever meets the trouble does not wait longer for the database.
const PATIENCE: Duration = Duration::from_secs(1);

/// The panel has somebody else under this client's id.
pub(super) async fn another_user(core: &Core, client: &Client) {
    raise(core, Matter::AnotherUser { client: client.id, username: client.username.clone() }).await;
}

/// Raises a matter where the work goes on however that ends: whoever meets it again raises it again.
pub(super) async fn raise(core: &Core, matter: Matter) {
    let key = matter.key();
    let raised = timeout(PATIENCE, raise_now(core, matter)).await;
    let raised = raised.unwrap_or_else(|_| Err(Error::Database("no answer in time".to_owned())));
    if let Err(error) = raised {
        tracing::error!(key, %error, "nobody could be told; it is only in the log");
    }
}
