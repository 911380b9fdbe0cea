//! Who is told of a change that stands: its client's person, when it was somebody else, and owners.

use crate::domain::change::{Change, Intent};
use crate::domain::client::{Access, Client};
use crate::domain::notice::{Notice, OwnerNotice};
use crate::repositories::Tx;
use crate::repositories::clients::Linked;

use super::core::Core;
use super::error::Error;
use super::outbox::{notify, notify_owners};

/// An extension of more days than these is told to owners.
const LONG: i64 = 90;

/// Writes the notices of an intent whose change stands, in the transaction that says so: the client as it was changed, and whose
/// it is now (the person may have been linked or unlinked while the panel was asked). Said once, however often the intent is
/// looked at again.
///
/// # Errors
/// `Database`.
pub(super) async fn of_change(
    core: &Core,
    tx: &mut Tx,
    intent: &Intent,
    client: &Client,
    kept: Option<Linked>,
) -> Result<(), Error> {
    let once = format!("intent:{}", intent.id);
    if let Some(notice) = to_owners(intent) {
        notify_owners(core, tx, notice, Some(&once)).await?;
    }
    let person = kept.and_then(|linked| linked.0).filter(|person| person.label() != intent.actor);
    match (person, to_person(intent, client)) {
        (Some(person), Some(notice)) => notify(core, tx, person, notice, Some(&once)).await,
        _ => Ok(()),
    }
}

fn to_person(intent: &Intent, client: &Client) -> Option<Notice> {
    let Client { id, username, access, expires_at, .. } = client.clone();
    let client = id;
    match &intent.wanted {
        Change::Expiry(new) => Some(Notice::Extended {
            client,
            username,
            days: new.days,
            expires_at: new.expires_at,
            open: access == Access::Open,
        }),
        Change::Access { to: Access::Blocked } => Some(Notice::Blocked { client, username }),
        Change::Access { to: Access::Open } => Some(Notice::Unblocked { client, username, expires_at }),
        Change::Rotate { .. } => Some(Notice::Rotated { client, username }),
        // That the date has passed is told when it passes, not when access is taken away because of it.
        Change::Access { to: Access::Lapsed } => None,
        // Nobody is linked to a new client, and to a deleted one nobody is any more.
        // The link is the same as before.
        Change::Remake { .. } => None,
        Change::Create(_) | Change::Delete => None,
    }
}

fn to_owners(intent: &Intent) -> Option<OwnerNotice> {
    let (client, username, by) = (intent.client_id, intent.username.clone(), intent.actor.clone());
    match &intent.wanted {
        Change::Delete => Some(OwnerNotice::Deleted { client, username, by }),
        Change::Expiry(new) if new.days > LONG => {
            let (days, expires_at) = (new.days, new.expires_at);
            Some(OwnerNotice::LongExtension { client, username, days, expires_at, by })
        }
        Change::Create(_)
        | Change::Remake { .. }
        | Change::Expiry(_)
        | Change::Access { .. }
        | Change::Rotate { .. } => None,
    }
}
