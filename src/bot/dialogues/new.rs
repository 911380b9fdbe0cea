//! `/new`: username, days, yes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::bot::callback::{NewClientOffer, NewTap, Nonce, Tap};
use crate::bot::commands::NewCommand;
use crate::bot::handlers::config::picture;
use crate::bot::handlers::home;
use crate::bot::html;
use crate::bot::locale::args;
use crate::bot::screens::{created, new as screen, notice};
use crate::bot::turn::{Handled, Turn};
use crate::domain::actor::Role;
use crate::domain::change::Key;
use crate::domain::client::Client;
use crate::domain::days::Days;
use crate::domain::ids::ClientRef;
use crate::domain::username::Username;
use crate::services::Error;

use super::state::{self, Step};

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum NewStep {
    /// Which name?
    Username,
    /// For how many days?
    Days {
        /// The name, checked.
        username: Username,
    },
    /// Really?
    Confirm {
        /// The data of the "yes" button.
        yes: String,
    },
}

impl NewStep {
    /// The last question.
    fn confirm(offer: &NewClientOffer) -> Self {
        Self::Confirm { yes: Tap::New(NewTap::Yes(offer.clone())).to_string() }
    }

    /// What the "yes" of the last question offers.
    fn offer(&self) -> Option<NewClientOffer> {
        let Self::Confirm { yes } = self else { return None };
        match yes.parse() {
            Ok(Tap::New(NewTap::Yes(offer))) => Some(offer),
            _ => None,
        }
    }
}

fn of_this(step: Step) -> Option<NewStep> {
    match step {
        Step::New(step) => Some(step),
        _ => None,
    }
}

/// Any of its buttons.
pub async fn tapped(turn: Arc<Turn>, tap: NewTap) -> Handled {
    match tap {
        NewTap::Begin => begin(turn).await,
        NewTap::Days(days) => chosen(turn, days).await,
        NewTap::Yes(offer) => yes(turn, offer).await,
        NewTap::No => super::no(turn).await,
    }
}

/// `/new [USERNAME [DAYS]]`: with both it acts at once, else it asks for what is missing.
pub async fn command(turn: Arc<Turn>, NewCommand { username, days }: NewCommand) -> Handled {
    turn.require(Role::Operator, "create clients")?;
    let Some(text) = username else { return begin(turn).await };
    let days = days.map(|days| days.parse::<Days>());
    // Whether the name is taken is not asked first: handled again after a crash, it is taken by this very command.
    if let (Ok(username), Some(Ok(days))) = (text.parse(), &days) {
        return create(&turn, offer(&turn, username, *days), turn.key()).await;
    }
    let Some(username) = checked(&turn, &text).await? else { return Ok(()) };
    if days.is_none() {
        return ask_days(&turn, username).await;
    }
    state::save(&turn, Step::New(NewStep::Days { username })).await?;
    turn.show(&screen::bad_days(&turn.eyes)).await
}

/// The first question.
async fn begin(turn: Arc<Turn>) -> Handled {
    turn.require(Role::Operator, "create clients")?;
    state::save(&turn, Step::New(NewStep::Username)).await?;
    turn.show(&screen::ask_username(&turn.eyes)).await
}

/// A text: the answer to the question that waits. `asked_now`: this very update has asked it before.
pub async fn typed(turn: &Turn, step: NewStep, asked_now: bool, text: &str) -> Handled {
    if asked_now {
        return ask(turn, &step).await;
    }
    match step {
        NewStep::Username => match checked(turn, text.trim()).await? {
            Some(username) => ask_days(turn, username).await,
            None => Ok(()),
        },
        NewStep::Days { username } => match text.parse() {
            Ok(days) => confirm(turn, username, days).await,
            Err(_) => turn.show(&screen::bad_days(&turn.eyes)).await,
        },
        step @ NewStep::Confirm { .. } => ask(turn, &step).await,
    }
}

/// A photo, a sticker, a voice message: no answer to anything.
pub async fn not_text(turn: &Turn, step: &NewStep) -> Handled {
    match step {
        NewStep::Username => turn.show(&screen::not_text(&turn.eyes)).await,
        step => ask(turn, step).await,
    }
}

/// One of the buttons under "how many days?".
async fn chosen(turn: Arc<Turn>, days: Days) -> Handled {
    let waiting = state::load(&turn).await?.map(|waiting| waiting.step);
    match waiting.and_then(of_this) {
        Some(NewStep::Days { username }) => confirm(&turn, username, days).await,
        Some(step @ NewStep::Confirm { .. }) => match step.offer() {
            Some(offer) if offer.days != days => confirm(&turn, offer.username, days).await,
            _ => ask(&turn, &step).await,
        },
        Some(NewStep::Username) | None => home::outdated(turn).await,
    }
}

/// "Yes": all that is needed stands in the button, so a second tap finds the result of the first.
async fn yes(turn: Arc<Turn>, offer: NewClientOffer) -> Handled {
    if offer.nonce.stale(turn.eyes.now) {
        return home::outdated(turn).await;
    }
    let key = Key::button(turn.door.bot_id(), &offer.nonce.text());
    create(&turn, offer, key).await
}

/// A name that can be used, or the question once more with what is wrong.
async fn checked(turn: &Turn, text: &str) -> Result<Option<Username>, crate::bot::errors::Failure> {
    let wrong = match text.parse::<Username>() {
        Err(error) => screen::bad_username(error, &turn.eyes),
        Ok(username) => {
            let name = ClientRef::Name(username.as_str().to_owned());
            match turn.door.services.clients.find(turn.by(), &name).await {
                Err(Error::ClientNotFound(_)) => return Ok(Some(username)),
                Ok(_) => screen::taken(&username, &turn.eyes),
                Err(error) => return Err(error.into()),
            }
        }
    };
    state::save(turn, Step::New(NewStep::Username)).await?;
    turn.show(&wrong).await?;
    Ok(None)
}

async fn ask_days(turn: &Turn, username: Username) -> Handled {
    let question = screen::ask_days(&username, &turn.eyes);
    state::save(turn, Step::New(NewStep::Days { username })).await?;
    turn.show(&question).await
}

async fn confirm(turn: &Turn, username: Username, days: Days) -> Handled {
    let offer = offer(turn, username, days);
    state::save(turn, Step::New(NewStep::confirm(&offer))).await?;
    turn.show(&screen::confirm(&offer, &turn.eyes)).await
}

fn offer(turn: &Turn, username: Username, days: Days) -> NewClientOffer {
    NewClientOffer { username, days, nonce: Nonce::new(turn.eyes.now, turn.door.entropy.as_ref()) }
}

/// The question that waits, once more.
async fn ask(turn: &Turn, step: &NewStep) -> Handled {
    let question = match (step, step.offer()) {
        (NewStep::Days { username }, _) => screen::ask_days(username, &turn.eyes),
        (_, Some(offer)) => screen::confirm(&offer, &turn.eyes),
        _ => screen::ask_username(&turn.eyes),
    };
    turn.show(&question).await
}

/// The offer is also the button to tap once more when the panel fails.
async fn create(turn: &Turn, offer: NewClientOffer, key: Key) -> Handled {
    let (username, days) = (offer.username.clone(), offer.days);
    match turn.door.services.clients.create(turn.by(), username, days, Some(key)).await {
        Ok(client) => {
            finish(turn, &Tap::New(NewTap::Yes(offer))).await?;
            success(turn, &client, days).await
        }
        // Taken in the panel perhaps, where nobody could look before.
        Err(Error::UsernameTaken(username)) => {
            state::save(turn, Step::New(NewStep::Username)).await?;
            turn.show(&screen::taken(&username, &turn.eyes)).await
        }
        Err(Error::Panel(error)) => {
            let reference = turn.door.reference();
            tracing::error!(reference, error, "a client was not created");
            let t = turn.eyes.t;
            let words = [
                t.html("new-failed", args![username = offer.username.as_str()]),
                t.html("error-reference", args![reference = &reference]),
            ];
            turn.show(&notice::with_retry(words.join("\n\n"), Tap::New(NewTap::Yes(offer)), &turn.eyes)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// With the QR code of the link, where there is one that fits. A question that was tapped is answered in its place.
async fn success(turn: &Turn, client: &Client, days: Days) -> Handled {
    let screen = created::created(client, days, &turn.eyes);
    let fits = html::length(&screen.text) <= html::CAPTION_LIMIT;
    let link = client.subscription_url.as_ref().filter(|_| fits);
    let drawn = match link {
        Some(url) => picture(url.expose()).await?,
        None => None,
    };
    let Some(png) = drawn else { return turn.show(&screen).await };
    if turn.editable.is_some() {
        turn.show(&created::line(client, days, &turn.eyes)).await?;
    }
    turn.chat.photo(&format!("{}.png", client.username), png, &screen).await
}

/// Ends the dialogue that asked this question, not one begun since.
async fn finish(turn: &Turn, tapped: &Tap) -> Handled {
    let waiting = state::load(turn).await?.map(|waiting| waiting.step);
    if let Some(NewStep::Confirm { yes: asked }) = waiting.and_then(of_this)
        && asked == tapped.to_string()
    {
        state::end(turn).await?;
    }
    Ok(())
}
