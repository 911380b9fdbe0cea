//! What people do to their own clients.

use crate::domain::actor::Actor;
use crate::domain::change::{Ask, Key};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, ClientRef};
use crate::repositories::clients;

use super::access::{Permission, may, require_for};
use super::clients::Clients;
use super::error::Error;

impl Clients {
    /// Replaces the link of one's own client: the old one stops working at once. At most once in `ROTATE_COOLDOWN_HOURS`,
    /// except for those who may replace any link; what failed does not count. Whose client it is and when its link was
    /// replaced last is decided under the change's lock.
    ///
    /// # Errors
    /// `TooSoon`, and as [`Self::rotate`]. A client that is not theirs is `ClientNotFound`, as one that does not exist.
    pub async fn rotate_own(&self, by: &Actor, id: ClientId, key: Option<Key>) -> Result<Client, Error> {
        let asked = ClientRef::Id(id);
        let found = clients::find(&self.core.db, id).await?;
        let client = found.ok_or_else(|| Error::ClientNotFound(asked.clone()))?;
        require_for(by, Permission::RotateLinks, &client, &asked)?;
        let short_uuid = self.new_short_uuid();
        let ask = match by.telegram_id() {
            Some(owner) if !may(by, Permission::RotateLinks) => {
                Ask::RotateOwn { owner, short_uuid, pause: self.core.rules.rotate_cooldown }
            }
            _ => Ask::Rotate { short_uuid },
        };
        self.alter(by, id, ask, key).await
    }
}
