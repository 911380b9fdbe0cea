//! The log: all of it, or that of one client.

use std::sync::Arc;

use crate::bot::commands::{LogWords, Who};
use crate::bot::log_spot::LogSpot;
use crate::bot::screens::log as screen;
use crate::bot::spot::{Purpose, Spot};
use crate::bot::turn::{Handled, Turn};
use crate::domain::ids::{ClientId, ClientRef};
use crate::domain::operation::AuditFilter;
use crate::services::audit::{Audit, label};

use super::{clients, home};

/// `/log [client] [who] [action]`
pub async fn command(turn: Arc<Turn>, words: LogWords) -> Handled {
    let mut filter = words.client.as_ref().map(Audit::about).unwrap_or_default();
    filter.action = words.action;
    filter.actor = match words.who {
        None => None,
        Some(Who::Label(label)) => Some(label),
        Some(Who::Id(id)) => Some(label(id)),
        Some(Who::At(name)) => match turn.door.services.audit.actor_named(turn.by(), &name).await? {
            Some(label) => Some(label),
            None => return turn.say(&screen::unknown_person(&name, &turn.eyes)).await,
        },
    };
    show(&turn, filter, 0).await
}

/// `/ops CLIENT`: the client may be gone; without one, the picker.
pub async fn of_client(turn: Arc<Turn>, client: Option<ClientRef>) -> Handled {
    match client {
        Some(client) => show(&turn, Audit::about(&client), 0).await,
        None => clients::list(turn, Spot { purpose: Purpose::Log, ..Spot::default() }).await,
    }
}

/// A button that leads to a place in the log.
pub async fn spot(turn: Arc<Turn>, spot: LogSpot) -> Handled {
    match spot {
        LogSpot::All => show(&turn, AuditFilter::default(), 0).await,
        LogSpot::Client(id) => show(&turn, of(id), 0).await,
        LogSpot::Like { row, columns, page } => {
            match turn.door.services.audit.like(turn.by(), row, columns).await? {
                Some(filter) => show(&turn, filter, page).await,
                None => home::outdated(turn).await,
            }
        }
    }
}

fn of(id: ClientId) -> AuditFilter {
    Audit::about(&ClientRef::Id(id))
}

async fn show(turn: &Turn, filter: AuditFilter, page: u32) -> Handled {
    let audit = &turn.door.services.audit;
    let view = audit.screen(turn.by(), filter.clone(), page, screen::PER_PAGE).await?;
    turn.show(&screen::log(&view, &filter, &turn.eyes)).await
}
