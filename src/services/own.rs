//! What people do to their own clients.

use chrono::TimeDelta;

use crate::domain::actor::Actor;
use crate::domain::ask::Ask;
use crate::domain::change::Key;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, ClientRef};
use crate::repositories::{audit, clients};

use super::access::{Permission, may, require_for};
use super::clients::Clients;
use super::error::Error;

/// A link that may be replaced now.
#[derive(Debug, Clone)]
pub struct Replaceable {
    /// Whose link it is.
    pub client: Client,
    /// How long this person will have to wait before they may do it again; `None` for those who need not.
    pub pause: Option<TimeDelta>,
}

impl Clients {
    /// Whether this person may replace this link now: what can be said before they are asked to confirm it.
    ///
    /// # Errors
    /// `TooSoon`, `NotLinked`, `Forbidden`, `ClientNotFound`, `Database`.
    pub async fn replaceable(&self, by: &Actor, id: ClientId) -> Result<Replaceable, Error> {
        let client = self.rotatable(by, id).await?;
        if client.remnawave_uuid.is_none() {
            return Err(Error::NotLinked);
        }
        let pause = (!may(by, Permission::RotateLinks)).then_some(self.core.rules.rotate_cooldown);
        if let Some(pause) = pause {
            let mut tx = self.core.db.begin().await?;
            let after = self.core.clock.now() - pause;
            if let Some(last) = audit::last_rotation(&mut tx, id, &by.label(), after).await? {
                return Err(Error::TooSoon { until: last + pause });
            }
        }
        Ok(Replaceable { client, pause })
    }

    /// Replaces the link of one's own client: the old one stops working at once. At most once in `ROTATE_COOLDOWN_HOURS`,
    /// except for those who may replace any link; what failed does not count. Whose client it is and when its link was
    /// replaced last is decided under the change's lock.
    ///
    /// # Errors
    /// `TooSoon`, and as [`Self::rotate`]. A client that is not theirs is `ClientNotFound`, as one that does not exist.
    pub async fn rotate_own(&self, by: &Actor, id: ClientId, key: Option<Key>) -> Result<Client, Error> {
        self.rotatable(by, id).await?;
        let short_uuid = self.new_short_uuid();
        let ask = match by.telegram_id() {
            Some(owner) if !may(by, Permission::RotateLinks) => {
                Ask::RotateOwn { owner, short_uuid, pause: self.core.rules.rotate_cooldown }
            }
            _ => Ask::Rotate { short_uuid },
        };
        self.alter(by, id, ask, key.into()).await
    }

    async fn rotatable(&self, by: &Actor, id: ClientId) -> Result<Client, Error> {
        let asked = ClientRef::Id(id);
        let found = clients::find(&self.core.db, id).await?;
        let client = found.ok_or_else(|| Error::ClientNotFound(asked.clone()))?;
        require_for(by, Permission::RotateLinks, &client, &asked)?;
        Ok(client)
    }
}
