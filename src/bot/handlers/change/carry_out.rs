//! The changes themselves.

use chrono::{DateTime, NaiveDate, Utc};

use crate::bot::callback::{ChangeTap, Nonce};
use crate::bot::dialogues::state;
use crate::bot::errors::words;
use crate::bot::handlers::clients::card_screen;
use crate::bot::handlers::config;
use crate::bot::screen::Screen;
use crate::bot::screens::change as screen;
use crate::bot::spot::{Purpose, Spot};
use crate::bot::turn::{Handled, Turn};
use crate::domain::change::Key;
use crate::domain::client::Client;
use crate::domain::days::Days;
use crate::domain::ids::ClientId;
use crate::domain::reason::Reason;
use crate::services::Error;
use crate::services::orders::With;

use super::{ask_date, ask_days};

type Once = (Key, Option<Reason>);

/// A button that changes something. One that is a day old shows how the client is now.
pub async fn tapped(turn: &Turn, tap: ChangeTap) -> Handled {
    match tap {
        ChangeTap::ExtendBy(id, days, nonce, spot) => {
            let Some(key) = key(turn, nonce, "extend") else { return outdated(turn, id, spot).await };
            // Another number of days from the same screen is another request.
            let key = Key { key: format!("{}:{days}", key.key), ..key };
            extend(turn, id, days, (key, None), spot).await
        }
        ChangeTap::Block(id, nonce, spot) => match key(turn, nonce, "block") {
            Some(key) => block(turn, id, (key, None), spot).await,
            None => outdated(turn, id, spot).await,
        },
        ChangeTap::Unblock(id, nonce, spot) => match key(turn, nonce, "unblock") {
            Some(key) => unblock(turn, id, key, spot).await,
            None => outdated(turn, id, spot).await,
        },
        ChangeTap::Undo(id, days, changed_at, spot) => undo(turn, id, (days, changed_at), spot).await,
        ChangeTap::YesDelete(id, nonce, spot) => match key(turn, nonce, "delete") {
            Some(key) => delete(turn, id, key, spot).await,
            None => outdated(turn, id, spot).await,
        },
        ChangeTap::YesRotate(id, nonce, spot) => match key(turn, nonce, "rotate") {
            Some(key) => rotate(turn, id, key, spot).await,
            None => outdated(turn, id, spot).await,
        },
        ChangeTap::YesUnnote(id, spot) => note(turn, id, None, spot).await,
        // Questions: answered before.
        _ => Ok(()),
    }
}

/// The key of all taps of this one button; none when it is out of date.
fn key(turn: &Turn, nonce: Nonce, action: &str) -> Option<Key> {
    let text = format!("{action}:{}", nonce.text());
    (!nonce.stale(turn.eyes.now)).then(|| Key::button(turn.door.bot_id(), &text))
}

/// So many days more.
pub async fn extend(turn: &Turn, id: ClientId, days: Days, (key, reason): Once, spot: Spot) -> Handled {
    let with = With { key: Some(key), reason };
    let done = turn.door.services.clients.extend(turn.by(), id, days, with).await;
    if let Err(error @ (Error::TooManyDays { .. } | Error::BeyondCalendar(_))) = &done {
        return ask_days(turn, id, Some(&words(error, turn.role(), &turn.eyes)), spot).await;
    }
    show(
        turn,
        id,
        spot,
        done,
        |client| screen::extended(client, days, &turn.eyes),
        |client| screen::undo(client, days, spot.further(), &turn.eyes),
    )
    .await
}

async fn undo(turn: &Turn, id: ClientId, (days, changed_at): (Days, DateTime<Utc>), spot: Spot) -> Handled {
    let text = format!("undo:{id}:{}", changed_at.timestamp_micros());
    let key = Key::button(turn.door.bot_id(), &text);
    let done = turn.door.services.clients.undo_extension(turn.by(), id, (days, changed_at), Some(key)).await;
    show(turn, id, spot, done, |client| screen::undone(client, days, &turn.eyes), |_| vec![]).await
}

/// This date, as typed; says what is wrong and asks again when it cannot be.
pub async fn date(turn: &Turn, id: ClientId, text: &str, spot: Spot) -> Handled {
    let Some(date) = read_date(text.trim()) else {
        return ask_date(turn, id, Some(&turn.eyes.t.html("change-date-wrong", &[])), spot).await;
    };
    let zone = turn.door.settings.timezone;
    let done = turn.door.services.clients.set_date(turn.by(), id, (date, zone), Some(turn.key())).await;
    if let Err(error @ (Error::DatePassed | Error::SameDate)) = &done {
        return ask_date(turn, id, Some(&words(error, turn.role(), &turn.eyes)), spot).await;
    }
    show(turn, id, spot, done, |client| screen::dated(client, &turn.eyes), |_| vec![]).await
}

/// As asked for, or as Russian screens show dates.
fn read_date(text: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%d.%m.%Y"].into_iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

/// Access off.
pub async fn block(turn: &Turn, id: ClientId, (key, reason): Once, spot: Spot) -> Handled {
    let with = With { key: Some(key), reason };
    let done = turn.door.services.clients.block(turn.by(), id, with).await;
    show(turn, id, spot, done, |client| screen::blocked(client, &turn.eyes), |_| vec![]).await
}

/// Access on.
pub async fn unblock(turn: &Turn, id: ClientId, key: Key, spot: Spot) -> Handled {
    let done = turn.door.services.clients.unblock(turn.by(), id, Some(key)).await;
    show(turn, id, spot, done, |client| screen::unblocked(client, &turn.eyes), |_| vec![]).await
}

/// What staff know of a client, or nothing any more.
pub async fn note(turn: &Turn, id: ClientId, text: Option<&Reason>, spot: Spot) -> Handled {
    let done = turn.door.services.clients.set_note(turn.by(), id, text).await;
    show(turn, id, spot, done, |client| screen::noted(client, text, &turn.eyes), |_| vec![]).await
}

async fn delete(turn: &Turn, id: ClientId, key: Key, spot: Spot) -> Handled {
    let client = turn.door.services.clients.delete(turn.by(), id, Some(key)).await?;
    turn.show(&screen::deleted(&client, spot, &turn.eyes)).await
}

/// Then the new configuration, as the client gets it.
async fn rotate(turn: &Turn, id: ClientId, key: Key, spot: Spot) -> Handled {
    let done = turn.door.services.clients.rotate(turn.by(), id, Some(key)).await;
    let rotated = done.is_ok();
    show(turn, id, spot, done, |client| screen::rotated(client, &turn.eyes), |_| vec![]).await?;
    if rotated { config::deliver(turn, id, true).await } else { Ok(()) }
}

/// The card as it is now, under what was done or why not.
async fn show(
    turn: &Turn,
    id: ClientId,
    spot: Spot,
    done: Result<Client, Error>,
    line: impl FnOnce(&Client) -> String,
    first: impl FnOnce(&Client) -> Vec<crate::bot::screen::Button>,
) -> Handled {
    let (line, first) = match done {
        Ok(client) => (line(&client), first(&client)),
        Err(error) if is_about_the_client(&error) => (words(&error, turn.role(), &turn.eyes), vec![]),
        Err(error) => return Err(error.into()),
    };
    state::end(turn).await?;
    let card: Screen = card_screen(turn, id, spot.further()).await?;
    let card = card.under(&line).headed(first);
    if spot.purpose == Purpose::Today { turn.say(&card).await } else { turn.show(&card).await }
}

/// It could not be done as the client is: seeing how that is, one knows what to do.
fn is_about_the_client(error: &Error) -> bool {
    matches!(
        error,
        Error::AlreadyBlocked | Error::NotBlocked | Error::NotLinked | Error::UserGone | Error::CannotUndo
    )
}

async fn outdated(turn: &Turn, id: ClientId, spot: Spot) -> Handled {
    tracing::info!(actor = turn.by().label(), client = %id, "a button that is out of date");
    let card = card_screen(turn, id, spot).await?;
    turn.show(&card.under(&turn.eyes.t.html("outdated", &[]))).await
}
