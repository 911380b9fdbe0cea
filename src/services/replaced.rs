//! Is it still the same panel? One that was installed anew, or brought back from an old copy, does not know the clients.

use futures::stream::{self, StreamExt as _};
use tokio::time::Instant;

use crate::domain::client::Client;
use crate::domain::matter::Matter;
use crate::repositories::clients;

use super::core::Core;
use super::error::Error;
use super::job::most_at_once;
use super::matters::raise_now;
use super::relink;

/// So many clients are asked about.
const SAMPLE: usize = 20;
/// With fewer clients nothing can be said: one deleted user would be half of all.
const LEAST: usize = 3;
/// So many that are not found at once are suspicious whatever was seen a moment ago.
pub(super) const SUSPICIOUS: usize = 3;

/// Looks whether the panel knows the clients, when so many were not found; if not, an owner has to decide, and changes
/// pause until then. Whether it is so.
///
/// # Errors
/// `Panel`, `Database`.
pub(super) async fn look(core: &Core, missing: u64) -> Result<bool, Error> {
    let all = clients::count_on_panel(&core.db).await?;
    if missing > most_at_once(all) {
        raise_now(core, Matter::PanelReplaced { missing, looked_for: all }).await?;
        return Ok(true);
    }
    let Some(replaced) = knows_hardly_anybody(core).await? else { return Ok(false) };
    raise_now(core, replaced).await?;
    Ok(true)
}

/// The matter, when the panel does not know most of a sample of the clients.
///
/// # Errors
/// `Panel`, `Database`.
pub(super) async fn knows_hardly_anybody(core: &Core) -> Result<Option<Matter>, Error> {
    let sample = sample(core).await?;
    let looked_for = sample.len();
    let not_there = not_there(core, sample).await?;
    if looked_for < LEAST || not_there * 2 <= looked_for {
        return Ok(None);
    }
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Ok(Some(Matter::PanelReplaced { missing: count(not_there), looked_for: count(looked_for) }))
}

/// Some clients, from anywhere.
async fn sample(core: &Core) -> Result<Vec<Client>, Error> {
    let limit = i64::try_from(SAMPLE).unwrap_or(i64::MAX);
    let mut some = clients::on_panel_after(&core.db, core.entropy.uuid(), limit).await?;
    if some.len() < SAMPLE {
        let first = clients::on_panel_after(&core.db, uuid::Uuid::nil(), limit).await?;
        some.extend(first);
        some.sort_by_key(|client| client.id);
        some.dedup_by_key(|client| client.id);
        some.truncate(SAMPLE);
    }
    Ok(some)
}

async fn not_there(core: &Core, sample: Vec<Client>) -> Result<usize, Error> {
    let until = Instant::now() + core.panel.timeout();
    let looks = stream::iter(sample).map(|client| async move {
        let left = until.saturating_duration_since(Instant::now());
        let user = relink::panel_user(core, &client, None, left).await?;
        Ok::<_, Error>(user.is_none_or(|user| user.username != client.username.as_str()))
    });
    let found: Vec<Result<bool, Error>> = looks.buffer_unordered(8).collect().await;
    let absent: Vec<bool> = found.into_iter().collect::<Result<_, _>>()?;
    Ok(absent.into_iter().filter(|absent| *absent).count())
}
