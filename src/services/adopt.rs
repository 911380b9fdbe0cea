//! Taking over what was changed in the panel: the panel's word counts, unless a change of ours is under way or in doubt.
//!
//! Each difference is an intent that is opened and ended in one transaction: so nothing of ours can be decided in between,
//! and the log and the notices are those of any change.

use crate::domain::actor::Source;
use crate::domain::change::{Change, Intent, IntentState, NewExpiry};
use crate::domain::client::{Access, Client};
use crate::domain::ids::IntentId;
use crate::panel::{PanelUser, PanelUserStatus};
use crate::repositories::{Tx, clients, intents};

use super::core::Core;
use super::error::Error;
use super::log::{self, Entry, Has};
use super::notices;
use super::pause;

/// How the log names whoever did it in the panel.
const ACTOR: &str = "panel";

/// What became of taking over.
pub(super) enum Adopted {
    /// Both sides are equal; the client as it is now.
    All(Box<Client>),
    /// A change of the client is under way or in doubt, or it has changed since it was read: not now.
    Held,
}

/// Takes over everything in which the panel's user differs from the client.
///
/// # Errors
/// `Database`.
pub(super) async fn differences(core: &Core, client: &Client, user: &PanelUser) -> Result<Adopted, Error> {
    let found = found(client, user);
    if found.is_empty() {
        return Ok(Adopted::All(Box::new(client.clone())));
    }
    let mut tx = core.db.begin().await?;
    if intents::is_in_doubt(&mut tx, client.id).await? {
        return Ok(Adopted::Held);
    }
    let mut now = client.clone();
    let mut ended = vec![];
    for change in found {
        let Some(intent) = open(core, &mut tx, &now, client, change).await? else { return Ok(Adopted::Held) };
        now = intent.wanted.applied(now);
        intents::settle(&mut tx, &intent, IntentState::Open, Some(core.clock.now())).await?;
        ended.push(intent);
    }
    now.subscription_url = Some(user.subscription_url.clone());
    now.remnawave_uuid = Some(user.id.clone());
    now.updated_at = core.clock.now();
    let kept = clients::update(&mut tx, &now).await?;
    let restored = pause::is_restored_in(&mut tx).await?;
    for intent in &ended {
        for entry in Entry::of_intent(intent) {
            log::write(core, &mut tx, entry, Has::Client).await?;
        }
        // What was done between a backup and its restore is old news to everybody.
        if !restored {
            notices::of_change(core, &mut tx, intent, &now, kept).await?;
        }
    }
    tx.commit().await?;
    core.posted.notify_one();
    for intent in &ended {
        let action = intent.wanted.action().as_str();
        tracing::info!(action, client = %client.id, username = %client.username, "changed in the panel: taken over");
    }
    Ok(Adopted::All(Box::new(now)))
}

/// What differs, as changes of the client. The panel tells an expired user apart only while it is not disabled.
fn found(client: &Client, user: &PanelUser) -> Vec<Change> {
    let mut found = vec![];
    if user.expire_at != client.expires_at {
        let days = (user.expire_at - client.expires_at).num_days();
        found.push(Change::Expiry(NewExpiry { days, expires_at: user.expire_at, reopens: false }));
    }
    match (client.access, user.status == PanelUserStatus::Disabled) {
        (Access::Open, true) => found.push(Change::Access { to: Access::Blocked }),
        (Access::Blocked | Access::Lapsed, false) => found.push(Change::Access { to: Access::Open }),
        _ => {}
    }
    if client.short_uuid.as_ref() != Some(&user.short_uuid) {
        found.push(Change::Rotate { short_uuid: user.short_uuid.clone() });
    }
    found
}

/// Takes the client's lock for one difference, if the client is as it was when the panel was asked; none when it is not to
/// be had.
async fn open(
    core: &Core,
    tx: &mut Tx,
    now: &Client,
    read: &Client,
    wanted: Change,
) -> Result<Option<Intent>, Error> {
    let at = core.clock.now();
    let mut intent = Intent {
        id: IntentId(core.entropy.uuid()),
        key: None,
        request_hash: String::new(),
        actor: ACTOR.to_owned(),
        source: Source::Panel,
        client_id: now.id,
        username: now.username.clone(),
        reason: None,
        before: Some(Box::new(now.clone())),
        wanted,
        state: IntentState::Open,
        error: None,
        answer: None,
        lease_owner: core.worker.clone(),
        lease_until: at,
        created_at: at,
        verify_at: None,
        ended_at: None,
    };
    if !intents::insert(tx, &intent).await? {
        return Ok(None);
    }
    // Under the lock: whatever ended before it is written.
    let same = clients::find_in(tx, now.id).await?.is_some_and(|there| there.updated_at == read.updated_at);
    intent.state = IntentState::Done;
    Ok(same.then_some(intent))
}
