//! How a client really stands, and what keeps its VPN from working: asked of the panel at that moment.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use tokio::time::Instant;

use crate::domain::actor::Actor;
use crate::domain::client::{Client, State};
use crate::domain::ids::{ClientId, ClientRef};
use crate::panel::{PanelUser, PanelUserStatus};

use super::clients::{CARD_WAIT, Clients, facts};
use super::error::Error;
use super::relink;
use super::views::{PanelFacts, Unfit};

/// At most so many of one's own clients are looked at.
pub const MOST: usize = 20;
/// So many of them at once.
const AT_ONCE: usize = 4;
/// After so long without a connection something may be wrong on the person's side.
const LONG_AGO: TimeDelta = TimeDelta::days(1);

/// A client, and what was found.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// The client.
    pub client: Client,
    /// How it stands, the panel's word included.
    pub state: State,
    /// What was found.
    pub finding: Finding,
    /// What the panel knows besides; `None` when it could not be asked in time.
    pub panel: Option<PanelFacts>,
}

/// What keeps a client's VPN from working, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Nothing: it works, and was used lately.
    Well,
    /// It would work, but nobody ever connected.
    NeverOnline,
    /// It would work, but nobody has connected since then.
    LongOffline(DateTime<Utc>),
    /// There is no working configuration.
    Unfit(Unfit),
    /// The panel could not be asked in time, and nothing is known to be wrong.
    PanelSilent,
}

impl Clients {
    /// How this client stands; the panel is asked for at most two seconds.
    ///
    /// # Errors
    /// `ClientNotFound`, `Database`.
    pub async fn diagnose(&self, by: &Actor, id: ClientId) -> Result<Diagnosis, Error> {
        let client = self.find(by, &ClientRef::Id(id)).await?;
        Ok(self.diagnosis_of(client).await)
    }

    /// How a client stands that was read just now, as one that whoever asks may see.
    pub(crate) async fn diagnosis_of(&self, client: Client) -> Diagnosis {
        self.look_at(client, Instant::now() + CARD_WAIT).await
    }

    /// How the clients of the person who asks stand, newest first, at most [`MOST`]; the panel is asked for at most two
    /// seconds in all.
    ///
    /// # Errors
    /// `Database`.
    pub async fn diagnose_mine(&self, by: &Actor) -> Result<Vec<Diagnosis>, Error> {
        let until = Instant::now() + CARD_WAIT;
        let mine = self.mine(by).await?.into_iter().take(MOST);
        let looks = futures::stream::iter(mine).map(|client| self.look_at(client, until));
        Ok(looks.buffered(AT_ONCE).collect().await)
    }

    async fn look_at(&self, client: Client, until: Instant) -> Diagnosis {
        let now = self.core.clock.now();
        let state = client.state(now);
        let without = |client, finding| Diagnosis { client, state, finding, panel: None };
        if client.remnawave_uuid.is_none() {
            return without(client, Finding::Unfit(Unfit::NotLinked));
        };
        // In a box, so that whatever asks for a diagnosis does not become that much larger.
        match Box::pin(relink::panel_user(&self.core, &client, None, time_until(until))).await {
            Ok(Some(user)) if user.username == client.username.as_str() => {
                let state = with_panel(state, &user, now);
                let finding = self.finding(state, &client, &user, until).await;
                Diagnosis { client, state, finding, panel: Some(facts(&user)) }
            }
            Ok(_) => without(client, Finding::Unfit(Unfit::NotLinked)),
            Err(error) => {
                tracing::debug!(client = %client.id, %error, "a diagnosis without the panel");
                without(client, by_state(state).map_or(Finding::PanelSilent, Finding::Unfit))
            }
        }
    }

    async fn finding(&self, state: State, client: &Client, user: &PanelUser, until: Instant) -> Finding {
        if let Some(unfit) = by_state(state) {
            return Finding::Unfit(unfit);
        }
        if self.leads_nowhere(client, user, until).await {
            return Finding::Unfit(Unfit::NoSquad);
        }
        match user.online_at {
            None => Finding::NeverOnline,
            Some(last) if last < self.core.clock.now() - LONG_AGO => Finding::LongOffline(last),
            Some(_) => Finding::Well,
        }
    }

    /// Whether the panel would serve nothing that works. Where it does not say in time, the user's squads tell.
    async fn leads_nowhere(&self, client: &Client, user: &PanelUser, until: Instant) -> bool {
        let Some(short) = &client.short_uuid else { return true };
        match self.core.panel.subscription(short, time_until(until)).await {
            Ok(Some(subscription)) => subscription.leads_nowhere(),
            Ok(None) | Err(_) => user.squads.is_empty(),
        }
    }
}

fn time_until(moment: Instant) -> Duration {
    moment.saturating_duration_since(Instant::now())
}

/// What the database knows to be over is over; of the rest the panel knows more.
fn with_panel(known: State, user: &PanelUser, now: DateTime<Utc>) -> State {
    match (known, user.status) {
        (State::Active, PanelUserStatus::Expired) => State::Expired,
        (State::Active, PanelUserStatus::Disabled) => State::Blocked,
        (State::Active, PanelUserStatus::Limited) => State::TrafficUsedUp,
        (State::Active, _) if user.expire_at <= now => State::Expired,
        (known, _) => known,
    }
}

fn by_state(state: State) -> Option<Unfit> {
    match state {
        State::Active => None,
        State::Blocked => Some(Unfit::Blocked),
        State::Expired => Some(Unfit::Expired),
        State::TrafficUsedUp => Some(Unfit::TrafficUsedUp),
    }
}
