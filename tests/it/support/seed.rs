//! Many rows at once.

use chrono::TimeDelta;
use orchestrator::demo::panel::{NewSimUser, PanelSim};
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::clock::Clock;
use orchestrator::domain::ids::{ClientId, PanelUserId, ShortUuid, SubscriptionUrl, TelegramId};
use orchestrator::domain::person::Person;
use orchestrator::repositories::{Db, clients};
use sqlx::AssertSqlSafe;

/// Clients `c1` to `cN`, oldest first, three of each moment, written by the database itself. (A microsecond more than the
/// millisecond: on SQLite a moment has one text only, the one without zeros at its end.)
pub async fn clients(db: &Db, count: i64) {
    match db {
        Db::Postgres(pool) => {
            let insert = "INSERT INTO clients (id, username, remnawave_uuid, short_uuid, subscription_url, status,
                                               expires_at, created_at, updated_at)
                SELECT gen_random_uuid(), 'c' || i, i, 's' || i, 'https://sub.example.test/api/sub/s' || i, 'active',
                       TIMESTAMPTZ '2030-01-01Z', moment, moment
                FROM (SELECT i, TIMESTAMPTZ '2026-01-01Z' + (i / 3) * INTERVAL '1 ms' AS moment
                      FROM generate_series(1, $1) AS i) AS made";
            sqlx::query(insert).bind(count).execute(pool).await.unwrap();
        }
        Db::Sqlite { write, .. } => {
            let insert = "INSERT INTO clients (id, username, remnawave_uuid, short_uuid, subscription_url, status,
                                               expires_at, created_at, updated_at)
                WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < $1),
                     made AS (SELECT i, printf('2026-01-01T00:%02d:%02d.%03d001+00:00',
                                               i / 180000, i / 3000 % 60, i / 3 % 1000) AS moment FROM numbers)
                SELECT randomblob(16), 'c' || i, i, 's' || i, 'https://sub.example.test/api/sub/s' || i, 'active',
                       '2030-01-01T00:00:00+00:00', moment, moment FROM made";
            sqlx::query(insert).bind(count).execute(write).await.unwrap();
        }
    }
}

/// Clients `client_0` and on, good for 30 days, that the panel has, too.
pub async fn on_both_sides(db: &Db, panel: &PanelSim, count: usize, clock: &dyn Clock) {
    let expires_at = clock.now_millis() + TimeDelta::days(30);
    let mut tx = db.begin().await.unwrap();
    for number in 0..count {
        let username = format!("client_{number}");
        let new = NewSimUser { username: username.clone(), short_uuid: None, expire_at: expires_at };
        let user = panel.insert_user(new);
        let id = ClientId(uuid::Uuid::from_u128(number as u128 + 1));
        panel.edit_user(&username, |user| user.description = Some(format!("orchestrator:{id}")));
        let url = format!("https://sub.example.test/api/sub/{}", user.short_uuid);
        let client = Client {
            id,
            username: username.parse().unwrap(),
            remnawave_uuid: Some(PanelUserId(user.uuid.to_string())),
            subscription_url: Some(SubscriptionUrl::new(url)),
            short_uuid: Some(ShortUuid::new(user.short_uuid)),
            access: Access::Open,
            expires_at,
            created_at: clock.now(),
            updated_at: clock.now(),
            telegram_id: None,
        };
        clients::insert(&mut tx, &client).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Any one statement.
pub async fn execute(db: &Db, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Postgres(pool) => {
            sqlx::query(sql).execute(pool).await.unwrap();
        }
        Db::Sqlite { write, .. } => {
            sqlx::query(sql).execute(write).await.unwrap();
        }
    }
}

/// How many rows `of` has: a table, perhaps with a condition.
pub async fn count(db: &Db, of: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT count(*) FROM {of}"));
    match db {
        Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_one(read).await.unwrap(),
    }
}

/// The texts of a query's only column.
pub async fn texts(db: &Db, sql: &'static str) -> Vec<String> {
    match db {
        Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_all(read).await.unwrap(),
    }
}

/// Somebody who has started the bot, before their row is kept.
pub fn somebody(id: i64) -> Person {
    Person {
        id: TelegramId(id),
        name: "Ann".to_owned(),
        telegram_username: None,
        language_code: None,
        lang: None,
        role: None,
        blocked_bot_at: None,
        must_start: false,
    }
}
