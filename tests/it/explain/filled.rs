//! A database as it is after two years with 100,000 clients, written by the database itself.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::domain::change::{Answer, Change};
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::ids::{ClientId, PanelUserId, ShortUuid, SubscriptionUrl, TelegramId};
use orchestrator::repositories::Db;
use uuid::Uuid;

use crate::support::seed;

const CLIENTS: i64 = 100_000;
/// The bot whose updates are kept.
pub const BOT: i64 = 7;
/// The broadcast whose messages wait.
pub const BROADCAST: i64 = 900_000_002;
/// The present, in seconds since 1970.
const PRESENT: i64 = 1_778_583_600;
/// A prime: what is counted becomes numbers below it that jump about, none twice.
const PRIME: i64 = 2_147_483_647;

/// The present.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(PRESENT, 1000).unwrap()
}

/// So long ago.
pub fn ago(by: TimeDelta) -> DateTime<Utc> {
    now() - by
}

/// The id of the row of that number, in any table: like real ones they are in no order.
pub fn id(number: i64) -> Uuid {
    Uuid::from_slice(format!("{:016}", number * 48_271 % PRIME).as_bytes()).unwrap()
}

/// The person of that number.
pub fn person(number: i64) -> TelegramId {
    TelegramId(1_000_000 + number)
}

/// So many are asked about or changed at once.
pub const GROUP: i64 = 40;

/// The client of that number, as far as anybody compares it with its row.
pub fn client(number: i64) -> Client {
    Client {
        id: ClientId(id(number)),
        username: format!("client_{number}").parse().unwrap(),
        remnawave_uuid: Some(PanelUserId(number.to_string())),
        short_uuid: Some(ShortUuid::new(format!("short{number}"))),
        subscription_url: Some(SubscriptionUrl::new(format!("https://sub.example.test/short{number}"))),
        access: Access::Open,
        expires_at: now() + TimeDelta::days(30),
        created_at: now(),
        updated_at: now(),
        telegram_id: None,
    }
}

/// Writes rows into either database; `i` counts them from 1.
struct Rows<'a>(&'a Db);

impl Rows<'_> {
    fn is_postgres(&self) -> bool {
        matches!(self.0, Db::Postgres(_))
    }

    /// So many rows of a table: `row` has the values of `columns`, told by `i`.
    async fn write(&self, count: i64, table: &str, columns: &str, row: &str) {
        let sql = if self.is_postgres() {
            format!(
                "INSERT INTO {table} ({columns}) SELECT {row} FROM generate_series({count}::bigint, 1, -1) AS i"
            )
        } else {
            format!(
                "INSERT INTO {table} ({columns})
                 WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count})
                 SELECT {row} FROM numbers"
            )
        };
        seed::execute(self.0, &sql).await;
    }

    /// The moment so many seconds from now, as sqlx writes it.
    fn at(&self, seconds: &str) -> String {
        if self.is_postgres() {
            format!("to_timestamp({PRESENT} + ({seconds})) + INTERVAL '1 microsecond'")
        } else {
            format!("strftime('%Y-%m-%dT%H:%M:%S.000001+00:00', {PRESENT} + ({seconds}), 'unixepoch')")
        }
    }

    /// As [`id`].
    fn id(&self, number: &str) -> String {
        if self.is_postgres() {
            let digits = format!("lpad((({number})::bigint * 48271 % {PRIME})::text, 16, '0')");
            format!("encode(convert_to({digits}, 'UTF8'), 'hex')::uuid")
        } else {
            format!("CAST(printf('%016d', ({number}) * 48271 % {PRIME}) AS BLOB)")
        }
    }

    /// A value of a type that only PostgreSQL has.
    fn of(&self, kind: &str, value: &str) -> String {
        if self.is_postgres() { format!("({value})::{kind}") } else { format!("({value})") }
    }

    async fn clients(&self) {
        let (id, at) = (self.id("i"), |seconds: &str| self.at(seconds));
        // Twenty have just expired; of the others two fifths are long gone and one in twenty was blocked.
        let lapsed = format!("(i > 20 AND {} < 40)", some(16_807, 100));
        let active = format!("(i <= 20 OR {} >= 45)", some(16_807, 100));
        let expires = at(&format!(
            "CASE WHEN i <= 20 THEN -i WHEN {lapsed} THEN -100 - {} ELSE 100 + {} END",
            some(69_621, 300 * 86_400),
            some(69_621, 90 * 86_400)
        ));
        let (made, a_few) = (at("(i - 100000) * 600"), |from: i64, then: &str| {
            format!("CASE WHEN i BETWEEN {from} AND {} THEN {then} END", from + 49)
        });
        let row = [
            id,
            "'client_' || i, CAST(i AS TEXT), 'short' || i, 'https://sub.example.test/short' || i".to_owned(),
            self.of("client_status", &format!("CASE WHEN {active} THEN 'active' ELSE 'blocked' END")),
            format!("{expires}, {made}, {made}, {made}"),
            format!("CASE WHEN {} < 7 THEN 1000000 + i / 2 END, {lapsed}", some(39_373, 10)),
            format!("CASE WHEN {lapsed} THEN {expires} END"),
            "CASE WHEN i % 10 = 0 THEN 'flat ' || i || ', pays in cash' END".to_owned(),
            a_few(1000, &at("-i")),
            a_few(2000, &at("-i")),
        ];
        let columns =
            "id, username, remnawave_uuid, short_uuid, subscription_url, status, expires_at, created_at,
            updated_at, notices_from, telegram_id, lapsed, lapsed_for, note, panel_look_at, telegram_look_at";
        self.write(CLIENTS, "clients", columns, &row.join(", ")).await;
    }

    async fn people(&self) {
        let seen = self.at("-i * 60");
        let row = format!(
            "1000000 + i, 'Ann ' || i, 'user_' || i,
             CASE WHEN i <= 3 THEN 'owner' WHEN i <= 10 THEN 'admin' WHEN i <= 30 THEN 'operator' END,
             CASE WHEN i % 20 = 0 THEN {seen} END, {seen}, {seen}, i % 5000 = 1"
        );
        let columns =
            "telegram_id, name, telegram_username, role, blocked_bot_at, created_at, seen_at, must_start";
        self.write(60_000, "people", columns, &row).await;
    }

    async fn logs(&self) {
        let action = format!(
            "CASE WHEN {n} < 50 THEN 'extend' WHEN {n} < 60 THEN 'create' WHEN {n} < 65 THEN 'block'
                  WHEN {n} < 70 THEN 'unblock' WHEN {n} < 85 THEN 'get_config' WHEN {n} < 90 THEN 'rotate_config'
                  WHEN {n} < 98 THEN 'auto_deactivate' ELSE 'delete' END",
            n = some(16_807, 100)
        );
        let (action, result) = (
            self.of("operation_action", &action),
            self.of("operation_result", "CASE WHEN i % 50 = 7 THEN 'fail' ELSE 'success' END"),
        );
        let payload = self.of("json", "'{\"days\":30}'");
        let (id, client) = (self.id("1000000 + i"), self.id("1 + i * 7919 % 100000"));
        let made = self.at("(i - 100000) * 600");
        let columns = "id, client_id, action, payload, result, created_at";
        let row = format!("{id}, {client}, {action}, {payload}, {result}, {made}");
        self.write(100_000, "operations", columns, &row).await;

        let client = self.id("1 + i * 7919 % 120000");
        let who = |shop: &str, one: &str, job: &str, panel: &str, others: &str| {
            format!(
                "CASE WHEN {n} < 60 THEN {shop} WHEN {n} < 80 THEN {one} WHEN {n} < 93 THEN {job}
                      WHEN {n} < 95 THEN {panel} ELSE {others} END",
                n = some(39_373, 100)
            )
        };
        let others = "'telegram:' || (1000000 + i % 1000)";
        let actor = who("'token:shop'", "'telegram:1000001'", "'job:deactivate'", "'job:sync'", others);
        let source = self.of("change_source", &who("'api'", "'bot'", "'job'", "'panel'", "'bot'"));
        let columns = "id, client_id, username, actor, source, action, payload, result, created_at";
        let row = format!(
            "{id}, {client}, 'client_' || (1 + i * 7919 % 120000), {actor}, {source}, {action}, {payload}, {result}, {}",
            self.at("(i - 100000) * 600")
        );
        self.write(100_000, "audit", columns, &row).await;
    }

    /// Thirty days of them; the last twenty are open, and as many have to be looked at once more.
    async fn intents(&self) {
        let made = self.at("(i - 40000) * 64.8");
        let json = |value: String| self.of("json", &format!("'{value}'"));
        let before = json(serde_json::to_string(&client(1)).unwrap());
        let wanted = json(serde_json::to_string(&Change::Access { to: Access::Open }).unwrap());
        let stands = Answer::Stands { client: Box::new(client(1)) };
        let answer = json(serde_json::to_string(&stands).unwrap());
        let state = "CASE WHEN i > 39980 THEN 'open' WHEN i % 30 = 1 THEN 'failed' ELSE 'done' END";
        let by_bot = "i % 3 = 1";
        let row = [
            self.id("3000000 + i"),
            format!("CASE WHEN i % 3 = 0 THEN 'token:shop POST /v1/clients' WHEN {by_bot} AND i > 37400 THEN 'bot:7'
                          WHEN i % 3 = 2 THEN 'job:deactivate' END"),
            format!("CASE WHEN NOT {by_bot} OR i > 37400 THEN 'key' || i END, '{:064}'", 0),
            "'token:shop'".to_owned(),
            self.of("change_source", "'api'"),
            self.id("1 + i * 7919 % 100000"),
            "'client_' || (1 + i * 7919 % 100000)".to_owned(),
            format!("{before}, {wanted}, {}, {answer}", self.of("intent_state", state)),
            format!("'process', {made}, {made}, CASE WHEN i <= 39980 THEN {made} END"),
            format!("CASE WHEN i BETWEEN 39901 AND 39920 THEN {} END", self.at("i - 39910")),
        ];
        let columns =
            "id, key_scope, key, request_hash, actor, source, client_id, username, before, wanted, state,
            answer, lease_owner, lease_until, created_at, ended_at, verify_at";
        self.write(40_000, "intents", columns, &row.join(", ")).await;
        let row = format!(
            "CASE WHEN i > 8700 THEN 'bot:7' ELSE 'token:shop POST /v1/invites' END, 'key' || i, '{:064}', {}, {}",
            0,
            self.of("json", "'{}'"),
            self.at("(i - 9000) * 288")
        );
        self.write(9_000, "kept_answers", "key_scope, key, request_hash, answer, created_at", &row).await;
    }

    /// Two days of updates, of which the last 300 wait.
    async fn bot(&self) {
        let at = self.at("(i - 60000) * 2.88");
        let row = format!(
            "{BOT}, i, 1000000 + i % 5000, '{}', {at}, CASE WHEN i <= 59700 THEN {at} END",
            serde_json::json!({"update_id": 1, "message": {"text": "x".repeat(200)}})
        );
        let columns = "bot_id, update_id, sender, payload, received_at, handled_at";
        self.write(60_000, "updates", columns, &row).await;
        let row = format!("1000000 + i, '{{}}', {}", self.at("(i - 200) * 432"));
        self.write(200, "dialogues", "telegram_id, state, updated_at", &row).await;
        let row = format!("1000000 + i % 30, i, 'client_' || i, {}", self.at("(i - 12000) * 216"));
        self.write(12_000, "searches", "telegram_id, id, text, used_at", &row).await;
        let hash = if self.is_postgres() { "lpad(CAST(i AS TEXT), 64, '0')" } else { "printf('%064d', i)" };
        let row = format!(
            "{hash}, {}, CASE WHEN i % 2 = 0 THEN 'token:shop' ELSE 'telegram:' || (1000000 + i % 30) END, {}, {},
             CASE WHEN i % 5 > 0 THEN 1000000 + i END",
            self.id("1 + i * 7919 % 100000"),
            self.at("(i - 12000) * 302.4"),
            self.at("(i - 10000) * 302.4")
        );
        let columns = "token_hash, client_id, created_by, created_at, expires_at, used_by";
        self.write(12_000, "invites", columns, &row).await;
    }

    /// Two days of messages that were sent. A broadcast to 20,000 waits, and what was put in for the morning.
    async fn outbox(&self) {
        let notice = self.of("json", "'{\"v\":1,\"notice\":\"broadcast\",\"text\":\"Hello\"}'");
        let at = self.at("(i - 40000) * 4.32");
        let row = format!(
            "1000000 + i % 40000, 1, {notice}, 'sent' || i, CASE WHEN i > 20000 THEN {} END, {at}, {at}, {}, 1,
             {at}, {at}, 'sent'",
            self.id("900000001"),
            self.at("(i - 40000) * 4.32 + 21600")
        );
        let columns =
            "chat, priority, notice, dedupe, batch, created_at, not_before, drop_after, attempts, claimed_at,
            ended_at, outcome";
        self.write(40_000, "outbox", columns, &row).await;
        let columns = "chat, priority, notice, batch, created_at, not_before, drop_after";
        let (at, drop) = (self.at("-1"), self.at("21600 + i"));
        let batch = self.id(&BROADCAST.to_string());
        let row = format!("1000000 + i, 2, {notice}, {batch}, {at}, {at}, {drop}");
        self.write(20_000, "outbox", columns, &row).await;
        let row = format!("1030000 + i, 1, {notice}, NULL, {at}, {}, {}", self.at("7200"), self.at("28800"));
        self.write(2_000, "outbox", columns, &row).await;
        let row = format!("1000000 + i, {}", self.at("i - 25"));
        self.write(50, "outbox_holds", "chat, until", &row).await;
        for (hours, until) in [(72, 71), (24, 23), (0, 0)] {
            let told = format!(
                "INSERT INTO expiry_notices (client_id, expires_at, hours) SELECT id, expires_at, {hours} FROM clients
                 WHERE expires_at > {} AND expires_at < {} AND telegram_id IS NOT NULL",
                self.at("-172790"),
                self.at(&format!("{until} * 3600"))
            );
            seed::execute(self.0, &told).await;
        }
    }

    /// What stays small.
    async fn rest(&self) {
        let (id, at) = (self.id("5000000 + i"), self.at("-i * 3600"));
        let hash = if self.is_postgres() {
            "decode(lpad(CAST(i AS TEXT), 64, '0'), 'hex')"
        } else {
            "unhex(printf('%064d', i))"
        };
        let row = format!(
            "{id}, 'shop' || i, 1, {hash}, 'write', 'telegram:' || (1000001 + i % 10), {at}, CASE WHEN i % 2 = 0 THEN {at} END"
        );
        let columns = "id, name, generation, hash, scope, created_by, created_at, revoked_at";
        self.write(150, "api_tokens", columns, &row).await;
        let row = format!(
            "{id}, 'import', 'done', 1000001, 'telegram:1000001', 'key' || i, '{{\"kind\":\"import\"}}', 'process', {at}, {at}, {at}, {at}"
        );
        let columns = "id, kind, state, started_by, actor, key, progress, lease_owner, lease_until, created_at, ended_at, told_at";
        self.write(20, "bulk_tasks", columns, &row).await;
        let row = format!("'job' || i, 'process', {at}, {at}");
        self.write(12, "leases", "name, owner, until, due_at", &row).await;
        let matter = self.of("json", "'{\"matter\":\"clocks_differ\",\"seconds\":300}'");
        self.write(10, "matters", "key, matter, raised_at", &format!("'matter' || i, {matter}, {at}")).await;
    }
}

/// A number below `limit` that jumps about with `i`, with each prime in another way.
fn some(prime: i64, limit: i64) -> String {
    format!("(i * {prime} % {PRIME} / 100 % {limit})")
}

/// Fills it, with what the database knows of its rows afterwards: PostgreSQL looks by itself, SQLite has to be told and is
/// not by the service. Indexes are made when the rows are there, which is sooner done.
pub async fn fill(db: &Db) {
    let rows = Rows(db);
    if rows.is_postgres() {
        // Nothing has to survive a crash. Those that refer to others come first.
        for table in ["operations", "invites", "expiry_notices", "clients", "audit", "intents", "outbox"] {
            seed::execute(db, &format!("ALTER TABLE {table} SET UNLOGGED")).await;
        }
    }
    let indexes = take_indexes(db).await;
    rows.clients().await;
    rows.people().await;
    rows.logs().await;
    rows.intents().await;
    rows.bot().await;
    rows.outbox().await;
    rows.rest().await;
    for index in indexes {
        seed::execute(db, &index).await;
    }
    if rows.is_postgres() {
        seed::execute(db, "VACUUM ANALYZE").await;
    }
}

/// Takes away every index that is no table's key, and gives what makes them again.
async fn take_indexes(db: &Db) -> Vec<String> {
    let all = match db {
        Db::Postgres(_) => {
            "SELECT indexname || '=' || indexdef FROM pg_indexes WHERE schemaname = current_schema()
             AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)"
        }
        Db::Sqlite { .. } => {
            "SELECT name || '=' || sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        }
    };
    let mut made = vec![];
    for index in seed::texts(db, all).await {
        let (name, sql) = index.split_once('=').unwrap();
        seed::execute(db, &format!("DROP INDEX {name}")).await;
        made.push(sql.to_owned());
    }
    made
}
