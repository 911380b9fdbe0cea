//! Roles, links, and what ends with them.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::domain::actor::{Role, TokenScope};
use orchestrator::domain::change::Key;
use orchestrator::domain::ids::{TelegramId, TokenId};
use orchestrator::domain::person::{Invite, InvitePurpose, Person};
use orchestrator::domain::token::{ApiToken, TokenHash, TokenName};
use orchestrator::repositories::kept_answers::{self, Kept};
use orchestrator::repositories::people::Held;
use orchestrator::repositories::{Db, invites, people, tokens};
use uuid::Uuid;

use super::now as present;
use crate::support::db::{Kind, TestDb, on_both};

on_both!(
    a_role_can_wait_for_somebody_who_never_wrote,
    what_a_person_made_ends_and_what_others_made_does_not,
    what_a_bot_was_answered_is_forgotten_sooner,
);

/// Always the same moment.
fn now() -> DateTime<Utc> {
    static NOW: std::sync::OnceLock<DateTime<Utc>> = std::sync::OnceLock::new();
    *NOW.get_or_init(present)
}

fn ann(id: i64) -> Person {
    Person {
        id: TelegramId(id),
        name: "Ann <b>\u{202e}😀".to_owned(),
        telegram_username: None,
        language_code: Some("en".to_owned()),
        lang: None,
        role: None,
        blocked_bot_at: None,
        must_start: false,
    }
}

async fn a_role_can_wait_for_somebody_who_never_wrote(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let mut tx = db.begin().await.unwrap();
    people::put(&mut tx, &ann(5), now()).await.unwrap();
    for id in [5, 6] {
        people::put_unseen(&mut tx, TelegramId(id), now()).await.unwrap();
    }
    people::set_role(&mut tx, TelegramId(5), Some(Role::Admin)).await.unwrap();
    people::set_role(&mut tx, TelegramId(6), Some(Role::Viewer)).await.unwrap();
    let held = people::hold(&mut tx, TelegramId(6), Held::ToChange).await.unwrap().unwrap();
    assert_eq!((held.name.as_str(), held.role), ("", Some(Role::Viewer)));
    assert!(held.blocked_bot_at.is_some(), "nobody who never wrote can be written to");
    assert!(people::hold(&mut tx, TelegramId(7), Held::ToRead).await.unwrap().is_none());
    tx.commit().await.unwrap();
    let names = |people: Vec<Person>| people.into_iter().map(|p| (p.id.0, p.name)).collect::<Vec<_>>();
    let all = names(people::with_role(&db).await.unwrap());
    assert_eq!(all, [(5, ann(5).name), (6, String::new())], "known names stay");
    let mut tx = db.begin().await.unwrap();
    people::put(&mut tx, &ann(6), now()).await.unwrap();
    people::set_role(&mut tx, TelegramId(5), None).await.unwrap();
    tx.commit().await.unwrap();
    let there = people::find(&db, TelegramId(6)).await.unwrap();
    assert_eq!(there, Some(Person { role: Some(Role::Viewer), ..ann(6) }), "the role has waited");
    assert_eq!(people::with_role(&db).await.unwrap().len(), 1);
}

async fn what_a_person_made_ends_and_what_others_made_does_not(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let later = now() + TimeDelta::days(7);
    let mut tx = db.begin().await.unwrap();
    for (number, maker) in ["telegram:5", "telegram:5", "telegram:55", "token:shop"].iter().enumerate() {
        tokens::insert(&mut tx, &token(number, maker)).await.unwrap();
        invites::insert(&mut tx, &invite(number, maker, later)).await.unwrap();
    }
    // One is used, one is over.
    assert!(invites::take(&mut tx, &hash(0), TelegramId(9), now()).await.unwrap());
    invites::insert(&mut tx, &invite(8, "telegram:5", now() - TimeDelta::days(1))).await.unwrap();
    // Through tokens of theirs, one of them the second of its name; and through somebody else's.
    tokens::insert(&mut tx, &ApiToken { generation: 2, ..token(9, "telegram:5") }).await.unwrap();
    for (number, maker) in [(10, "token:shop-0"), (11, "token:shop-9#2"), (12, "token:shop-2")] {
        invites::insert(&mut tx, &invite(number, maker, later)).await.unwrap();
    }
    assert_eq!(tokens::revoke_all_of(&mut tx, "telegram:5", now()).await.unwrap(), 3);
    assert_eq!(tokens::revoke_all_of(&mut tx, "telegram:5", now()).await.unwrap(), 0, "once");
    assert_eq!(invites::end_open_of(&mut tx, "telegram:5", now()).await.unwrap(), 3);
    tx.commit().await.unwrap();
    let live = tokens::live(&db).await.unwrap();
    let mut makers: Vec<_> = live.into_iter().map(|token| token.created_by).collect();
    makers.sort();
    assert_eq!(makers, ["telegram:55", "token:shop"]);
    let mut tx = db.begin().await.unwrap();
    assert!(
        !invites::take(&mut tx, &hash(1), TelegramId(9), now()).await.unwrap(),
        "it was found before it ended"
    );
    drop(tx);
    for ended in [1, 10, 11] {
        assert_eq!(expiry(&db, ended).await, now());
    }
    assert_eq!(expiry(&db, 12).await, later);
    assert_eq!((expiry(&db, 0).await, expiry(&db, 2).await), (later, later));
    let mut tx = db.begin().await.unwrap();
    for number in [0, 2] {
        invites::forget_unused(&mut tx, &hash(number)).await.unwrap();
    }
    assert!(invites::find(&mut tx, &hash(0)).await.unwrap().is_some(), "it was used");
    assert!(invites::find(&mut tx, &hash(2)).await.unwrap().is_none());
}

fn hash(number: usize) -> String {
    format!("{number:064}")
}

fn token(number: usize, maker: &str) -> ApiToken {
    ApiToken {
        id: TokenId(Uuid::from_u128(number as u128)),
        name: TokenName::stored(format!("shop-{number}")),
        generation: 1,
        hash: TokenHash::of(&[number as u8]),
        scope: TokenScope::Write,
        created_by: maker.to_owned(),
        created_key: None,
        created_at: now(),
        last_used_at: None,
        revoked_at: None,
    }
}

fn invite(number: usize, maker: &str, expires_at: DateTime<Utc>) -> Invite {
    Invite {
        token_hash: hash(number),
        purpose: InvitePurpose::Owner,
        created_by: maker.to_owned(),
        created_at: now(),
        expires_at,
        used_by: None,
        used_at: None,
    }
}

async fn expiry(db: &Db, number: usize) -> DateTime<Utc> {
    let mut tx = db.begin().await.unwrap();
    invites::find(&mut tx, &hash(number)).await.unwrap().unwrap().expires_at
}

async fn what_a_bot_was_answered_is_forgotten_sooner(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let keys = [Key::update(7, 1), Key { scope: "shop POST /x".to_owned(), key: "bot:1".to_owned() }];
    let mut tx = db.begin().await.unwrap();
    for key in &keys {
        let kept = Kept { request_hash: hash(1), answer: "five" };
        assert!(kept_answers::insert(&mut tx, key, &kept, now()).await.unwrap());
    }
    assert_eq!(kept_answers::forget_bot_keys(&mut tx, now()).await.unwrap(), 0);
    let later = now() + TimeDelta::seconds(1);
    assert_eq!(kept_answers::forget_bot_keys(&mut tx, later).await.unwrap(), 1);
    assert!(kept_answers::find::<String>(&mut tx, &keys[0]).await.unwrap().is_none());
    assert_eq!(kept_answers::find::<String>(&mut tx, &keys[1]).await.unwrap().unwrap().answer, "five");
    kept_answers::remove(&mut tx, &keys[1]).await.unwrap();
    assert!(kept_answers::find::<String>(&mut tx, &keys[1]).await.unwrap().is_none());
}
