//! Whom the panel need not be asked about once more before it is asked to change them.
//!
//! A change looks at the panel's user first (`alteration`), because ids are used again after a panel was reinstalled or put
//! back from a backup. In a burst of changes that would be the same question hundreds of times a second. Ids are given in
//! order: while the newest user of ours is there under its id, no older id can have gone to somebody else. So in a burst one
//! look at the newest user in a second vouches for all older ones; every answer still names its user and is compared.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::change::Change;
use crate::domain::ids::PanelUserId;
use crate::panel::PanelUser;
use crate::repositories::clients;

use super::core::Core;

/// So many changes within [`LASTS`] are a burst. One who changes a client now and then waits for the look.
const BURST: usize = 8;
/// How long the newest user vouches for the others.
const LASTS: Duration = Duration::from_secs(1);
/// How long a user that a list showed counts as read.
const READ: Duration = Duration::from_secs(30);

/// What is known of the panel's users for a moment.
#[derive(Debug, Default)]
pub struct Vouched(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// When the last changes began.
    begun: VecDeque<Instant>,
    /// Until when the newest user vouches, and up to which id.
    until: Option<(Instant, PanelUserId)>,
    /// Somebody is asking the panel for it.
    asking: bool,
    /// What a list showed a moment ago.
    read: HashMap<PanelUserId, (Instant, PanelUser)>,
}

impl Vouched {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a change begins; whether its user may be changed without a look.
    pub(super) fn covers(&self, change: &Change, id: &PanelUserId, now: Instant) -> bool {
        let mut inner = self.lock();
        inner.begun.push_back(now);
        while inner.begun.len() > BURST {
            inner.begun.pop_front();
        }
        // What is deleted cannot be put back.
        *change != Change::Delete
            && inner.until.as_ref().is_some_and(|(until, newest)| now < *until && is_older(id, newest))
    }

    /// Whether it is a burst and nobody vouches or is being asked; whoever hears so asks ([`vouch`]).
    fn is_wanted(&self, now: Instant) -> bool {
        let mut inner = self.lock();
        let burst = inner.begun.len() >= BURST
            && inner.begun.front().is_some_and(|first| now.duration_since(*first) < LASTS);
        let wanted = burst && !inner.asking && inner.until.as_ref().is_none_or(|(until, _)| now >= *until);
        inner.asking |= wanted;
        wanted
    }

    fn asked(&self, newest: Option<PanelUserId>, now: Instant) {
        let mut inner = self.lock();
        inner.asking = false;
        inner.until = newest.map(|newest| (now + LASTS, newest));
    }

    /// Something was not as it should be: every user is looked at again.
    pub(super) fn forget(&self) {
        let mut inner = self.lock();
        inner.until = None;
        inner.read.clear();
    }

    /// Keeps what a list showed of these users.
    pub(super) fn keep(&self, users: Vec<PanelUser>, now: Instant) {
        self.lock().read.extend(users.into_iter().map(|user| (user.id.clone(), (now, user))));
    }

    /// The user as a list showed it a moment ago; once.
    pub(super) fn take(&self, id: &PanelUserId, now: Instant) -> Option<PanelUser> {
        let (at, user) = self.lock().read.remove(id)?;
        (now.duration_since(at) < READ).then_some(user)
    }
}

/// Looks at the newest user of ours, where a burst wants it.
pub(super) async fn vouch(core: &Core, within: Duration) {
    if !core.vouched.is_wanted(Instant::now()) {
        return;
    }
    let newest = newest(core, within).await;
    core.vouched.asked(newest, Instant::now());
}

/// Its id, if the panel has it as we do.
async fn newest(core: &Core, within: Duration) -> Option<PanelUserId> {
    let client = clients::newest_on_panel(&core.db).await.ok().flatten()?;
    let id = client.remnawave_uuid?;
    let user = core.panel.user(&id, within).await.ok().flatten()?;
    let is_ours =
        user.username == client.username.as_str() && Some(&user.short_uuid) == client.short_uuid.as_ref();
    is_ours.then_some(id)
}

/// Numbers are given in order; UUIDs (before version 3) are never given again.
fn is_older(id: &PanelUserId, newest: &PanelUserId) -> bool {
    match (id.0.parse::<u64>(), newest.0.parse::<u64>()) {
        (Ok(id), Ok(newest)) => id <= newest,
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::Access;

    const BLOCK: Change = Change::Access { to: Access::Blocked };

    fn id(text: &str) -> PanelUserId {
        PanelUserId(text.to_owned())
    }

    #[test]
    fn only_a_burst_wants_somebody_to_vouch_and_only_for_a_second() {
        let (vouched, now) = (Vouched::default(), Instant::now());
        for _ in 1..BURST {
            assert!(!vouched.covers(&BLOCK, &id("5"), now));
            assert!(!vouched.is_wanted(now));
        }
        assert!(!vouched.covers(&BLOCK, &id("5"), now));
        assert!(vouched.is_wanted(now));
        assert!(!vouched.is_wanted(now), "one asks, not all");
        vouched.asked(Some(id("10")), now);
        assert!(vouched.covers(&BLOCK, &id("9"), now));
        assert!(
            !vouched.covers(&BLOCK, &id("11"), now),
            "newer than the newest of ours: perhaps somebody else's"
        );
        assert!(!vouched.covers(&Change::Delete, &id("9"), now), "what is deleted cannot be put back");
        assert!(!vouched.covers(&BLOCK, &id("11111111-1111-4111-8111-111111111111"), now));
        assert!(!vouched.covers(&BLOCK, &id("9"), now + LASTS));
    }

    #[test]
    fn whoever_changes_now_and_then_looks_each_time() {
        let (vouched, began) = (Vouched::default(), Instant::now());
        for time in 0..30 {
            let now = began + time * LASTS / 4;
            assert!(!vouched.covers(&BLOCK, &id("5"), now));
            assert!(!vouched.is_wanted(now));
        }
    }

    #[test]
    fn what_is_not_as_it_should_be_ends_it() {
        let (vouched, now) = (Vouched::default(), Instant::now());
        vouched.asked(Some(id("10")), now);
        vouched.forget();
        assert!(!vouched.covers(&BLOCK, &id("9"), now));
    }
}
