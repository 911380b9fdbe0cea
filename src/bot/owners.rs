//! What owners are told without having asked. Best effort: each in their own language, and nobody waits for it.

use std::sync::Arc;

use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::domain::ids::TelegramId;
use crate::services::alerts::Alert;

use super::door::Door;
use super::format::Eyes;
use super::render::Chat;
use super::screen::Screen;
use super::screens::alert;

/// Tells every owner but the one who knows already.
pub async fn tell(door: &Arc<Door>, knows: Option<TelegramId>, words: impl Fn(&Eyes) -> Screen) {
    let owners = match door.services.people.owners().await {
        Ok(owners) => owners,
        Err(error) => return tracing::warn!(%error, "the owners were not told"),
    };
    let others = owners.into_iter().filter(|(owner, _)| Some(*owner) != knows);
    let telling = others.map(|(owner, lang)| {
        let screen = words(&door.eyes(lang));
        async move {
            if let Err(error) = Chat::new(Arc::clone(door), owner).send(&screen).await {
                tracing::warn!(%error, %owner, "an owner was not told");
            }
        }
    });
    join_all(telling).await;
}

/// Passes on what the rules say needs a person.
pub async fn alert(door: Arc<Door>, shutdown: CancellationToken) {
    loop {
        let next = tokio::select! {
            () = shutdown.cancelled() => return,
            next = door.services.alerts.next() => next,
        };
        match next {
            Some(Alert::AnotherUser { client, username }) => {
                tell(&door, None, |eyes| alert::another_user(client, &username, eyes)).await;
            }
            None => return,
        }
    }
}
