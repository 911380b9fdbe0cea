//! What needs a person: seen by staff, decided by owners.

use std::sync::Arc;

use crate::bot::callback::{Aside, Decision, MatterTap, Nonce};
use crate::bot::screens::matters as screen;
use crate::bot::spot::Spot;
use crate::bot::turn::{Handled, Turn};
use crate::domain::change::Key;
use crate::domain::ids::{ClientId, ClientRef};
use crate::services::resettle::How;

use super::{clients, home, restored};

/// Any of these buttons.
pub async fn tapped(turn: Arc<Turn>, tap: MatterTap) -> Handled {
    match tap {
        MatterTap::List | MatterTap::No => list(&turn).await,
        MatterTap::LookAgain => look_again(&turn).await,
        MatterTap::Differences => restored::command(turn).await,
        MatterTap::Ask(decision) => ask(&turn, decision).await,
        MatterTap::AskRemake(client) => ask_remake(&turn, client).await,
        MatterTap::Yes(_, nonce) | MatterTap::YesRemake(_, nonce) | MatterTap::GoOn(nonce)
            if nonce.stale(turn.eyes.now) =>
        {
            home::outdated(turn).await
        }
        MatterTap::GoOn(_) => restored::go_on(&turn).await,
        MatterTap::Yes(decision, _) => decide(&turn, decision).await,
        MatterTap::YesRemake(client, nonce) => remake(turn, client, nonce).await,
        MatterTap::Aside(aside) => put_aside(&turn, aside).await,
    }
}

async fn ask_remake(turn: &Turn, client: ClientId) -> Handled {
    let client = turn.door.services.clients.find(turn.by(), &ClientRef::Id(client)).await?;
    let nonce = Nonce::new(turn.eyes.now, turn.door.entropy.as_ref());
    turn.show(&screen::ask_remake(&client, nonce, &turn.eyes)).await
}

/// A second tap finds what the first one did.
async fn remake(turn: Arc<Turn>, client: ClientId, nonce: Nonce) -> Handled {
    let key = Key::button(turn.door.bot_id(), &nonce.text());
    turn.door.services.resettle.make_again(turn.by(), client, key).await?;
    clients::card(turn, (client, Spot::default())).await
}

async fn list(turn: &Turn) -> Handled {
    let open = turn.door.services.matters.open(turn.by()).await?;
    turn.show(&screen::list(&open, turn.role(), &turn.eyes)).await
}

async fn look_again(turn: &Turn) -> Handled {
    let well = turn.door.services.matters.look_again(turn.by()).await?;
    turn.show(&screen::looked(well, &turn.eyes)).await
}

async fn ask(turn: &Turn, decision: Decision) -> Handled {
    turn.door.services.matters.may_decide(turn.by())?;
    let nonce = Nonce::new(turn.eyes.now, turn.door.entropy.as_ref());
    turn.show(&screen::ask(decision, nonce, &turn.eyes)).await
}

async fn decide(turn: &Turn, decision: Decision) -> Handled {
    let services = &turn.door.services;
    match decision {
        Decision::Allow => services.deactivation.allow(turn.by()).await?,
        Decision::MakeAgain => services.resettle.begin(turn.by(), How::MakeAgain).await?,
        Decision::LetGo => services.resettle.begin(turn.by(), How::LetGo).await?,
    }
    turn.show(&screen::decided(decision, &turn.eyes)).await
}

async fn put_aside(turn: &Turn, aside: Aside) -> Handled {
    turn.door.services.matters.put_aside(turn.by(), &aside.key()).await?;
    list(turn).await
}
