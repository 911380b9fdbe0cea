//! The panel's list instead of a look at each: so many users are shown by one answer.

use std::collections::HashMap;
use std::sync::Arc;

use futures::stream::{self, Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::domain::client::Client;
use crate::domain::ids::PanelUserId;

use super::super::core::Core;
use super::super::drift::Pages;

/// From so many on the panel's list is read; a page of it costs about as much as so many looks.
const LISTED: usize = 50;

type Unseen = HashMap<PanelUserId, Client>;

/// The clients in the order in which they are best worked on: where they are many, as the panel's list shows them, page by
/// page and while the next one is read. Whoever it does not show in time comes last, and is looked at.
pub(super) fn as_listed(core: &Arc<Core>, due: Vec<Client>) -> impl Stream<Item = Client> + use<> {
    // One page is ready while another is worked on.
    let (found, seen) = mpsc::channel(1);
    if due.len() >= LISTED {
        tokio::spawn(read(Arc::clone(core), due, found).in_current_span());
    } else {
        // There is room for one.
        let _ = found.try_send(due);
    }
    let pages = stream::unfold(seen, |mut seen| async { seen.recv().await.map(|clients| (clients, seen)) });
    pages.flat_map(stream::iter)
}

/// Ends early when nobody works on what it finds.
async fn read(core: Arc<Core>, due: Vec<Client>, found: mpsc::Sender<Vec<Client>>) {
    let most = due.len().div_ceil(LISTED);
    let (mut unseen, mut rest) = (Unseen::new(), Vec::new());
    for client in due {
        match client.remnawave_uuid.clone() {
            Some(id) => rest.extend(unseen.insert(id, client)),
            None => rest.push(client),
        }
    }
    let mut pages = Pages::new(&core);
    for _ in 0..most {
        if unseen.is_empty() {
            break;
        }
        match pages.next().await {
            Ok(Some(users)) => {
                let (users, clients): (Vec<_>, Vec<_>) = users
                    .into_iter()
                    .filter_map(|user| unseen.remove(&user.id).map(|client| (user, client)))
                    .unzip();
                core.vouched.keep(users, Instant::now());
                if found.send(clients).await.is_err() {
                    return;
                }
            }
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(%error, "the panel's list cannot be read; each of its users is looked at");
                break;
            }
        }
    }
    rest.extend(unseen.into_values());
    // Whoever does not listen any more does not work on them either.
    let _ = found.send(rest).await;
}
