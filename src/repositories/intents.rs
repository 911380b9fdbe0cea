//! The table `intents`: what was decided, and how far it is.

mod past;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::actor::Source;
use crate::domain::change::{Answer, Change, Intent, IntentState, Key};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, IntentId};
use crate::domain::reason::Reason;
use crate::domain::username::Username;

use super::db::{execute, many, on_db, on_tx};
use super::json::JsonText;
use super::{Db, Result, Tx};

pub use past::{end_all, extended_by, forget, forget_bot_keys, history, was_to_be_made};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    key_scope: Option<String>,
    key: Option<String>,
    request_hash: String,
    actor: String,
    source: Source,
    client_id: Uuid,
    username: String,
    reason: Option<String>,
    before: Option<JsonText>,
    wanted: JsonText,
    state: IntentState,
    error: Option<String>,
    answer: Option<JsonText>,
    lease_owner: String,
    lease_until: DateTime<Utc>,
    created_at: DateTime<Utc>,
    verify_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Intent {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: IntentId(row.id),
            key: row.key_scope.zip(row.key).map(|(scope, key)| Key { scope, key }),
            request_hash: row.request_hash,
            actor: row.actor,
            source: row.source,
            client_id: ClientId(row.client_id),
            username: Username::stored(row.username),
            reason: row.reason.map(Reason::stored),
            before: row.before.map(|text| text.read::<Box<Client>>()).transpose()?,
            wanted: row.wanted.read::<Change>()?,
            state: row.state,
            error: row.error,
            answer: row.answer.map(|text| text.read::<Answer>()).transpose()?,
            lease_owner: row.lease_owner,
            lease_until: row.lease_until,
            created_at: row.created_at,
            verify_at: row.verify_at,
            ended_at: row.ended_at,
        })
    }
}

fn one(row: Option<Row>) -> Result<Option<Intent>> {
    row.map(Intent::try_from).transpose()
}

/// Writes an open intent down, unless another one holds its client, its name or its key; whether it did.
pub async fn insert(tx: &mut Tx, intent: &Intent) -> Result<bool> {
    Ok(insert_all(tx, &[intent]).await?.contains(&intent.id))
}

/// Writes open intents down, except those whose client, name or key another one holds; which it did.
pub async fn insert_all(tx: &mut Tx, intents: &[&Intent]) -> Result<HashSet<IntentId>> {
    if intents.is_empty() {
        return Ok(HashSet::new());
    }
    let json = |intent: &&Intent| {
        let before = intent.before.as_ref().map(JsonText::of).transpose()?;
        Ok((before, JsonText::of(&intent.wanted)?))
    };
    let json = intents.iter().map(json).collect::<Result<Vec<_>>>()?;
    let inserted: Vec<Uuid> = many!(tx, intents, query => {
        query.push(
            "INSERT INTO intents (id, key_scope, key, request_hash, actor, source, client_id, username, before,
                                  wanted, state, lease_owner, lease_until, created_at, reason) ");
        query.push_values(intents.iter().zip(json), |mut row, (intent, (before, wanted))| {
            row.push_bind(intent.id.0).push_bind(intent.key.as_ref().map(|key| key.scope.as_str()));
            row.push_bind(intent.key.as_ref().map(|key| key.key.as_str()));
            row.push_bind(intent.request_hash.as_str()).push_bind(intent.actor.as_str());
            row.push_bind(intent.source).push_bind(intent.client_id.0).push_bind(intent.username.as_str());
            row.push_bind(before).push_bind(wanted).push_bind(intent.state);
            row.push_bind(intent.lease_owner.as_str()).push_bind(intent.lease_until);
            row.push_bind(intent.created_at).push_bind(intent.reason.as_ref().map(Reason::as_str));
        });
        query.push(" ON CONFLICT DO NOTHING RETURNING id");
    }, build_query_scalar)?;
    Ok(inserted.into_iter().map(IntentId).collect())
}

/// What was decided turned out otherwise under the lock: what is wanted now, and of which client.
pub async fn decide_anew(tx: &mut Tx, intent: &Intent) -> Result<()> {
    let before = intent.before.as_ref().map(JsonText::of).transpose()?;
    let wanted = JsonText::of(&intent.wanted)?;
    execute!(
        tx,
        sqlx::query("UPDATE intents SET before = $2, wanted = $3 WHERE id = $1")
            .bind(intent.id.0)
            .bind(before)
            .bind(wanted)
    )
    .map(|_| ())
}

/// A request that was refused without asking the panel, kept for its key.
#[derive(Debug)]
pub struct Refused<'a> {
    /// Its own id.
    pub id: IntentId,
    /// The door's key.
    pub key: &'a Key,
    /// The hash of what was asked.
    pub request_hash: &'a str,
    /// Who asked.
    pub actor: &'a str,
    /// Through which door.
    pub source: Source,
    /// The client it was about; perhaps there is none.
    pub client_id: ClientId,
    /// What is answered again.
    pub answer: &'a Answer,
    /// When.
    pub now: DateTime<Utc>,
}

/// Keeps a refusal for its key, unless somebody used the key at the same moment; whether it did.
pub async fn insert_refused(tx: &mut Tx, refused: &Refused<'_>) -> Result<bool> {
    let answer = JsonText::of(refused.answer)?;
    execute!(tx, sqlx::query(
        "INSERT INTO intents (id, key_scope, key, request_hash, actor, source, client_id, username, wanted, state,
                              answer, lease_owner, lease_until, created_at, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, '', 'null', $8, $9, '', $10, $10, $10)
         ON CONFLICT DO NOTHING")
        .bind(refused.id.0)
        .bind(refused.key.scope.as_str())
        .bind(refused.key.key.as_str())
        .bind(refused.request_hash)
        .bind(refused.actor)
        .bind(refused.source)
        .bind(refused.client_id.0)
        .bind(IntentState::Failed)
        .bind(answer)
        .bind(refused.now))
    .map(|rows| rows > 0)
}

/// What is known of a key.
#[derive(Debug)]
pub struct Known {
    /// The intent, or the refusal.
    pub id: IntentId,
    /// The hash of what was asked with it.
    pub request_hash: String,
    /// What was answered, once it has ended.
    pub answer: Option<Answer>,
}

/// What is known of that key.
pub async fn find_by_key(tx: &mut Tx, key: &Key) -> Result<Option<Known>> {
    let row: Option<(Uuid, String, Option<JsonText>)> = on_tx!(tx, conn => sqlx::query_as(
        "SELECT id, request_hash, answer FROM intents WHERE key_scope = $1 AND key = $2")
        .bind(key.scope.as_str())
        .bind(key.key.as_str())
        .fetch_optional(conn))?;
    let known = row.map(|(id, request_hash, answer)| {
        let answer = answer.map(|text| text.read::<Answer>()).transpose()?;
        Ok(Known { id: IntentId(id), request_hash, answer })
    });
    known.transpose()
}

/// The intent of that id, open or ended.
pub async fn find(db: &Db, id: IntentId) -> Result<Option<Intent>> {
    one(
        on_db!(db, pool => sqlx::query_as("SELECT * FROM intents WHERE id = $1").bind(id.0).fetch_optional(pool))?,
    )
}

/// The intent that holds this client or this name.
pub async fn find_open(tx: &mut Tx, client: ClientId, username: &Username) -> Result<Option<Intent>> {
    one(on_tx!(tx, conn => sqlx::query_as(
        "SELECT * FROM intents WHERE state IN ('open', 'undoing') AND (client_id = $1 OR username = $2) LIMIT 1")
        .bind(client.0)
        .bind(username.as_str())
        .fetch_optional(conn))?)
}

/// Takes an open intent over, if nobody works on it. It stays as it is now (not as somebody read it before), unless it
/// becomes `state`.
pub async fn claim(
    tx: &mut Tx,
    id: IntentId,
    owner: &str,
    state: Option<IntentState>,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Intent>> {
    one(on_tx!(tx, conn => sqlx::query_as(
        "UPDATE intents SET lease_owner = $2, lease_until = $3, state = COALESCE($4, state)
         WHERE id = $1 AND state IN ('open', 'undoing') AND lease_until <= $5 RETURNING *")
        .bind(id.0)
        .bind(owner)
        .bind(until)
        .bind(state)
        .bind(now)
        .fetch_optional(conn))?)
}

/// How an intent ends, or becomes one that is undone.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// As it is now.
    pub intent: &'a Intent,
    /// As it was while it was worked on.
    pub was: IntentState,
    /// When it ended, if it did.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Ends an intent, or puts it into `undoing`, if its owner still holds it as it `was`; whether it did.
pub async fn settle(
    tx: &mut Tx,
    intent: &Intent,
    was: IntentState,
    ended_at: Option<DateTime<Utc>>,
) -> Result<bool> {
    Ok(settle_all(tx, &[Ending { intent, was, ended_at }]).await?.contains(&intent.id))
}

/// The same for several; which of them.
pub async fn settle_all(tx: &mut Tx, endings: &[Ending<'_>]) -> Result<HashSet<IntentId>> {
    if endings.is_empty() {
        return Ok(HashSet::new());
    }
    let answer = |ending: &Ending<'_>| ending.intent.answer.as_ref().map(JsonText::of).transpose();
    let answers = endings.iter().map(answer).collect::<Result<Vec<_>>>()?;
    let settled: Vec<Uuid> = many!(tx, endings, query => {
        query.push("WITH settled (which, holder, was, scope, word, becomes, why, said, until, ended, verify) AS (");
        query.push_values(endings.iter().zip(answers), |mut row, (Ending { intent, was, ended_at }, answer)| {
            row.push_bind(intent.id.0).push_bind(intent.lease_owner.as_str()).push_bind(*was);
            row.push_bind(intent.key.as_ref().map(|key| key.scope.as_str()));
            row.push_bind(intent.key.as_ref().map(|key| key.key.as_str()));
            row.push_bind(intent.state).push_bind(intent.error.as_deref()).push_bind(answer);
            row.push_bind(intent.lease_until).push_bind(*ended_at).push_bind(intent.verify_at);
        });
        query.push(
            ") UPDATE intents SET key_scope = scope, key = word, state = becomes, error = why, answer = said,
                                  lease_until = until, ended_at = COALESCE(ended, ended_at), verify_at = verify
             FROM settled WHERE id = which AND lease_owner = holder AND state = was RETURNING id");
    }, build_query_scalar)?;
    Ok(settled.into_iter().map(IntentId).collect())
}

/// Open intents that nobody works on.
pub async fn abandoned(db: &Db, now: DateTime<Utc>) -> Result<Vec<Intent>> {
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM intents WHERE state IN ('open', 'undoing') AND lease_until <= $1 ORDER BY created_at LIMIT 500")
        .bind(now)
        .fetch_all(pool))?;
    Ok(readable(rows))
}

/// Open intents that were decided before that moment; the oldest hundred.
pub async fn decided_before(db: &Db, before: DateTime<Utc>) -> Result<Vec<Intent>> {
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM intents WHERE state IN ('open', 'undoing') AND COALESCE(ended_at, created_at) <= $1
         ORDER BY created_at LIMIT 100")
        .bind(before)
        .fetch_all(pool))?;
    Ok(readable(rows))
}

/// One row that cannot be read (of a newer version, say) must not keep the others from being finished.
fn readable(rows: Vec<Row>) -> Vec<Intent> {
    let read = rows.into_iter().filter_map(|row| {
        let id = row.id;
        Intent::try_from(row)
            .inspect_err(|error| tracing::error!(%id, %error, "an intent cannot be read"))
            .ok()
    });
    read.collect()
}

/// Ended intents whose panel user must be looked at once more.
pub async fn to_verify(db: &Db, now: DateTime<Utc>) -> Result<Vec<Intent>> {
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM intents WHERE verify_at IS NOT NULL AND verify_at <= $1 ORDER BY verify_at LIMIT 500")
        .bind(now)
        .fetch_all(pool))?;
    Ok(readable(rows))
}

/// Whether a change of this client is under way, or one had no answer from the panel that may still come.
pub async fn is_in_doubt(tx: &mut Tx, client: ClientId) -> Result<bool> {
    on_tx!(tx, conn => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM intents
                        WHERE client_id = $1 AND (state IN ('open', 'undoing') OR verify_at IS NOT NULL))")
        .bind(client.0)
        .fetch_one(conn))
}

/// Whether the intent of that key is open.
pub async fn is_open_by_key(db: &Db, key: &Key) -> Result<bool> {
    on_db!(db, pool => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM intents WHERE key_scope = $1 AND key = $2 AND state IN ('open', 'undoing'))")
        .bind(key.scope.as_str())
        .bind(key.key.as_str())
        .fetch_one(pool))
}

/// Takes the lock of an ended intent once more, for its second look; `None` when it was had or its client is held. What
/// was answered for its key stays.
pub async fn reopen(tx: &mut Tx, id: IntentId, owner: &str, until: DateTime<Utc>) -> Result<Option<Intent>> {
    one(on_tx!(tx, conn => sqlx::query_as(
        "UPDATE intents SET state = 'undoing', verify_at = NULL, lease_owner = $2, lease_until = $3
         WHERE id = $1 AND state IN ('done', 'failed') AND verify_at IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM intents AS other WHERE other.state IN ('open', 'undoing')
                AND (other.client_id = intents.client_id OR other.username = intents.username))
         RETURNING *")
        .bind(id.0)
        .bind(owner)
        .bind(until)
        .fetch_optional(conn))?)
}

/// Decides that an open intent must not stand, of `owner` only or of whoever holds it; whether it did.
pub async fn undo(tx: &mut Tx, id: IntentId, owner: Option<&str>) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE intents SET state = 'undoing'
             WHERE id = $1 AND state = 'open' AND ($2 IS NULL OR lease_owner = $2)"
        )
        .bind(id.0)
        .bind(owner)
    )?;
    Ok(changed > 0)
}

/// Ends every lease: for the one process of a SQLite file, at its start.
pub async fn release_all(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query("UPDATE intents SET lease_until = $1 WHERE state IN ('open', 'undoing')").bind(now)
    )
}

/// How many intents are open.
pub async fn count_open(db: &Db) -> Result<i64> {
    on_db!(db, pool =>
        sqlx::query_scalar("SELECT count(*) FROM intents WHERE state IN ('open', 'undoing')").fetch_one(pool))
}

/// How many are open, and since when the oldest is.
pub async fn open_since(db: &Db) -> Result<(i64, Option<DateTime<Utc>>)> {
    on_db!(db, pool => sqlx::query_as(
        "SELECT count(*), min(created_at) FROM intents WHERE state IN ('open', 'undoing')").fetch_one(pool))
}
