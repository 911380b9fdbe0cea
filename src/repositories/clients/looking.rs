//! Which clients' panel users have to be looked at, because something may have changed there.

use chrono::{DateTime, Utc};

use crate::repositories::db::execute;
use crate::repositories::{Result, Tx};

/// Whom the panel speaks of.
#[derive(Debug, Clone, Copy)]
pub struct Mentioned<'a> {
    /// Its key in the panel's dialect.
    pub panel_user: Option<&'a str>,
    /// The secret part of its link.
    pub short_uuid: Option<&'a str>,
    /// Its name.
    pub username: Option<&'a str>,
}

/// Notes that every client that may be meant is to be looked at now; how many.
pub async fn look_at_mentioned(tx: &mut Tx, who: &Mentioned<'_>, now: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE clients SET panel_look_at = $4 WHERE remnawave_uuid = $1 OR short_uuid = $2 OR username = $3"
        )
        .bind(who.panel_user)
        .bind(who.short_uuid)
        .bind(who.username)
        .bind(now)
    )
}
