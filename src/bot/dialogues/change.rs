//! A change that asks for a number, a date or a text.

use serde::{Deserialize, Serialize};

use crate::bot::handlers::change::{ask_date, ask_days, ask_note, date, extend, note};
use crate::bot::spot::Spot;
use crate::bot::turn::{Handled, Turn};
use crate::domain::ids::ClientId;
use crate::domain::reason::Reason;

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeStep {
    ask: Asked,
    client: ClientId,
    /// Where in the list Back leads.
    spot: String,
}

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    /// How many days more?
    Days,
    /// Until which date?
    Date,
    /// What is there to note?
    Note,
}

impl ChangeStep {
    /// How many days more?
    pub fn days(client: ClientId, spot: Spot) -> Self {
        Self { ask: Asked::Days, client, spot: spot.to_string() }
    }

    /// Until which date?
    pub fn date(client: ClientId, spot: Spot) -> Self {
        Self { ask: Asked::Date, client, spot: spot.to_string() }
    }

    /// What is there to note?
    pub fn note(client: ClientId, spot: Spot) -> Self {
        Self { ask: Asked::Note, client, spot: spot.to_string() }
    }

    fn spot(&self) -> Spot {
        self.spot.parse().unwrap_or_default()
    }
}

/// A text: the answer to the question that waits. `asked_now`: this very update has asked it before.
pub async fn typed(turn: &Turn, step: ChangeStep, asked_now: bool, text: &str) -> Handled {
    let (client, spot) = (step.client, step.spot());
    if asked_now {
        return again(turn, &step).await;
    }
    match step.ask {
        Asked::Days => match text.parse() {
            Ok(days) => extend(turn, client, days, (turn.key(), None), spot).await,
            Err(_) => ask_days(turn, client, Some(&turn.eyes.t.html("change-days-wrong", &[])), spot).await,
        },
        Asked::Date => date(turn, client, text, spot).await,
        Asked::Note => match Reason::of(text) {
            Some(text) => note(turn, client, Some(&text), spot).await,
            None => again(turn, &step).await,
        },
    }
}

/// Something that is no text: the question once more.
pub async fn not_text(turn: &Turn, step: &ChangeStep) -> Handled {
    again(turn, step).await
}

async fn again(turn: &Turn, step: &ChangeStep) -> Handled {
    match step.ask {
        Asked::Days => ask_days(turn, step.client, None, step.spot()).await,
        Asked::Date => ask_date(turn, step.client, None, step.spot()).await,
        Asked::Note => ask_note(turn, step.client, step.spot()).await,
    }
}
