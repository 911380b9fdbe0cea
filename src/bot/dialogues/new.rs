//! `/new`: username, days, yes.

use std::sync::Arc;

use crate::bot::callback::{NewClientOffer, Nonce, Tap};
use crate::bot::handlers::{help, home};
use crate::bot::locale::args;
use crate::bot::screens::{created, new as screen, notice};
use crate::bot::turn::{Handled, Turn};
use crate::domain::actor::Role;
use crate::domain::change::Key;
use crate::domain::days::Days;
use crate::domain::ids::ClientRef;
use crate::domain::username::Username;
use crate::services::Error;

use super::state::{self, Step};

/// `/new [USERNAME [DAYS]]`: with both it acts at once, else it asks for what is missing.
pub async fn command(turn: Arc<Turn>, (username, days): (Option<String>, Option<String>)) -> Handled {
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
    state::save(&turn, Step::Days { username }).await?;
    turn.show(&screen::bad_days(&turn.eyes)).await
}

/// The first question.
pub async fn begin(turn: Arc<Turn>) -> Handled {
    turn.require(Role::Operator, "create clients")?;
    state::save(&turn, Step::Username).await?;
    turn.show(&screen::ask_username(&turn.eyes)).await
}

/// A text: the answer to the question that waits.
pub async fn typed(turn: Arc<Turn>, text: String) -> Handled {
    let Some(waiting) = state::load(&turn).await? else { return help::help(turn).await };
    if waiting.asked_now {
        return ask(&turn, &waiting.step).await;
    }
    match waiting.step {
        Step::Username => match checked(&turn, text.trim()).await? {
            Some(username) => ask_days(&turn, username).await,
            None => Ok(()),
        },
        Step::Days { username } => match text.parse() {
            Ok(days) => confirm(&turn, username, days).await,
            Err(_) => turn.show(&screen::bad_days(&turn.eyes)).await,
        },
        step @ Step::Confirm { .. } => ask(&turn, &step).await,
    }
}

/// A photo, a sticker, a voice message: no answer to anything.
pub async fn not_text(turn: Arc<Turn>) -> Handled {
    match state::load(&turn).await? {
        Some(waiting) if waiting.step == Step::Username => turn.show(&screen::not_text(&turn.eyes)).await,
        Some(waiting) => ask(&turn, &waiting.step).await,
        None => help::help(turn).await,
    }
}

/// One of the buttons under "how many days?".
pub async fn days(turn: Arc<Turn>, days: Days) -> Handled {
    match state::load(&turn).await?.map(|waiting| waiting.step) {
        Some(Step::Days { username }) => confirm(&turn, username, days).await,
        Some(step @ Step::Confirm { .. }) => match step.offer() {
            Some(offer) if offer.days != days => confirm(&turn, offer.username, days).await,
            _ => ask(&turn, &step).await,
        },
        Some(Step::Username) | None => home::outdated(turn).await,
    }
}

/// "Yes": all that is needed stands in the button, so a second tap finds the result of the first.
pub async fn yes(turn: Arc<Turn>, offer: NewClientOffer) -> Handled {
    if offer.nonce.stale(turn.eyes.now) {
        return home::outdated(turn).await;
    }
    let key = Key::button(turn.door.bot_id(), &offer.nonce.text());
    create(&turn, offer, key).await
}

/// "No", and the cancel button of each question.
pub async fn no(turn: Arc<Turn>) -> Handled {
    state::end(&turn).await?;
    turn.show(&notice::cancelled(&turn.eyes)).await
}

/// `/cancel`
pub async fn cancel(turn: Arc<Turn>) -> Handled {
    let screen = match state::end(&turn).await? {
        true => notice::cancelled(&turn.eyes),
        false => notice::nothing_to_cancel(&turn.eyes),
    };
    turn.show(&screen).await
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
    state::save(turn, Step::Username).await?;
    turn.show(&wrong).await?;
    Ok(None)
}

async fn ask_days(turn: &Turn, username: Username) -> Handled {
    let question = screen::ask_days(&username, &turn.eyes);
    state::save(turn, Step::Days { username }).await?;
    turn.show(&question).await
}

async fn confirm(turn: &Turn, username: Username, days: Days) -> Handled {
    let offer = offer(turn, username, days);
    state::save(turn, Step::confirm(&offer)).await?;
    turn.show(&screen::confirm(&offer, &turn.eyes)).await
}

fn offer(turn: &Turn, username: Username, days: Days) -> NewClientOffer {
    NewClientOffer { username, days, nonce: Nonce::new(turn.eyes.now, turn.door.entropy.as_ref()) }
}

/// The question that waits, once more.
async fn ask(turn: &Turn, step: &Step) -> Handled {
    let question = match (step, step.offer()) {
        (Step::Days { username }, _) => screen::ask_days(username, &turn.eyes),
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
            finish(turn, &Tap::YesNew(offer)).await?;
            turn.show(&created::created(&client, days, &turn.eyes)).await
        }
        // Taken in the panel perhaps, where nobody could look before.
        Err(Error::UsernameTaken(username)) => {
            state::save(turn, Step::Username).await?;
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
            turn.show(&notice::with_retry(words.join("\n\n"), Tap::YesNew(offer), &turn.eyes)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends the dialogue that asked this question, not one begun since.
async fn finish(turn: &Turn, tapped: &Tap) -> Handled {
    let waiting = state::load(turn).await?.map(|waiting| waiting.step);
    if let Some(Step::Confirm { yes: asked }) = waiting
        && asked == tapped.to_string()
    {
        state::end(turn).await?;
    }
    Ok(())
}
