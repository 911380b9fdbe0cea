//! Tokens at the door: those of the settings and those made in the bot, revoked ones, and a database that is away.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use chrono::TimeDelta;
use orchestrator::api::settings::{ApiSettings, ApiToken};
use orchestrator::domain::actor::{Actor, Role, TokenScope};
use orchestrator::domain::change::Key;
use orchestrator::domain::clock::OsEntropy;
use orchestrator::repositories::Db;
use orchestrator::services::error::TokenError;
use orchestrator::services::views::NewToken;
use orchestrator::services::{Error, Services};
use secrecy::ExposeSecret;

use super::{Answer, WRITE, send};
use crate::support::db::{Kind, on_both};
use crate::support::world::{World, person};

on_both!(
    a_token_opens_the_door_as_soon_as_it_is_made_and_no_longer_than_it_lives,
    a_read_token_changes_nothing,
    another_replica_refuses_a_revoked_token_within_a_second,
    a_new_token_of_an_old_name_is_another_to_the_log_and_to_idempotency,
    without_the_database_only_the_settings_tokens_are_known,
    uses_are_noted_once_a_minute,
    the_settings_win_over_a_token_of_the_same_name,
    the_same_request_again_gives_the_same_token_another_secret,
    a_name_has_one_live_token_however_many_ask_at_once,
);

pub const ADDRESS: &str = "192.0.2.7:1000";

pub fn olga() -> Actor {
    person(1, Role::Owner)
}

pub fn settings() -> ApiSettings {
    let shop = ApiToken { name: "env".to_owned(), secret: WRITE.into(), scope: TokenScope::Write };
    ApiSettings { tokens: vec![shop], ..ApiSettings::default() }
}

pub fn door(services: &Services) -> Router {
    orchestrator::api::router(services.clone(), settings(), Arc::new(OsEntropy))
}

pub async fn make(services: &Services, name: &str, scope: TokenScope) -> NewToken {
    services.tokens.create(&olga(), name.parse().unwrap(), scope, None).await.unwrap()
}

pub async fn knock(door: &Router, method: &str, secret: Option<&str>, address: &str, body: &str) -> Answer {
    let request =
        Request::builder().method(method).uri("/api/v1/clients").header("idempotency-key", "order-1");
    let request = match secret {
        Some(secret) => request.header("authorization", format!("Bearer {secret}")),
        None => request,
    };
    let mut request = request.body(Body::from(body.to_owned())).unwrap();
    request.extensions_mut().insert(ConnectInfo(address.parse::<std::net::SocketAddr>().unwrap()));
    send(door, request).await
}

pub async fn get(door: &Router, secret: &str) -> u16 {
    knock(door, "GET", Some(secret), ADDRESS, "").await.status
}

async fn close(db: &Db) {
    match db {
        Db::Postgres(pool) => pool.close().await,
        Db::Sqlite { read, write } => {
            read.close().await;
            write.close().await;
        }
    }
}

async fn a_token_opens_the_door_as_soon_as_it_is_made_and_no_longer_than_it_lives(kind: Kind) {
    let world = World::new(kind).await;
    let tokens = &world.services.tokens;
    let door = door(&world.services);
    assert_eq!(get(&door, "rwo_nobody").await, 401, "the list of tokens is in memory now");
    let shop = make(&world.services, "shop", TokenScope::Write).await;
    let eye = make(&world.services, "eye", TokenScope::Read).await;
    let secret = shop.secret.expose_secret();
    assert_eq!(get(&door, secret).await, 200);
    assert_eq!(get(&door, &secret[..46]).await, 401);
    assert_eq!(get(&door, &format!("{secret}x")).await, 401);
    assert!(!tokens.revoke(&olga(), shop.token.id).await.unwrap().again);
    assert_eq!(get(&door, secret).await, 401);
    assert!(tokens.revoke(&olga(), shop.token.id).await.unwrap().again);
    assert_eq!(get(&door, eye.secret.expose_secret()).await, 200, "the others stay");
}

async fn a_read_token_changes_nothing(kind: Kind) {
    let world = World::new(kind).await;
    let door = door(&world.services);
    let eye = make(&world.services, "eye", TokenScope::Read).await;
    let secret = Some(eye.secret.expose_secret());
    let answer = knock(&door, "POST", secret, ADDRESS, r#"{"username":"alice"}"#).await;
    assert_eq!((answer.status, answer.body.as_str()), (403, r#"{"detail":"Not enough permissions"}"#));
    assert_eq!(knock(&door, "GET", secret, ADDRESS, "").await.status, 200);
    assert!(world.panel.users().is_empty());
}

async fn another_replica_refuses_a_revoked_token_within_a_second(kind: Kind) {
    // SQLite serves one process: there is no other.
    if kind == Kind::Sqlite {
        return;
    }
    let world = World::new(kind).await;
    let replica = world.another();
    let door = door(&replica);
    let shop = make(&world.services, "shop", TokenScope::Write).await;
    let secret = shop.secret.expose_secret();
    assert_eq!(get(&door, secret).await, 200);
    let late = make(&world.services, "late", TokenScope::Write).await;
    world.services.tokens.revoke(&olga(), shop.token.id).await.unwrap();
    world.clock.advance(TimeDelta::milliseconds(499));
    assert_eq!(
        get(&door, secret).await,
        200,
        "the copy is still trusted: a request does not wait for the database"
    );
    world.clock.advance(TimeDelta::milliseconds(2));
    assert_eq!(get(&door, secret).await, 401);
    assert_eq!(get(&door, late.secret.expose_secret()).await, 200);
    // A clock that is set back makes no copy younger.
    world.services.tokens.revoke(&olga(), late.token.id).await.unwrap();
    world.clock.advance(TimeDelta::seconds(-30));
    assert_eq!(get(&door, late.secret.expose_secret()).await, 401);
}

async fn a_new_token_of_an_old_name_is_another_to_the_log_and_to_idempotency(kind: Kind) {
    let world = World::new(kind).await;
    let door = door(&world.services);
    let body = r#"{"username":"alice"}"#;
    let first = make(&world.services, "shop", TokenScope::Write).await;
    let made = knock(&door, "POST", Some(first.secret.expose_secret()), ADDRESS, body).await;
    assert_eq!(made.status, 201);
    world.services.tokens.revoke(&olga(), first.token.id).await.unwrap();
    let second = make(&world.services, "shop", TokenScope::Write).await;
    assert_eq!((first.token.known_as(), second.token.known_as()), ("shop".to_owned(), "shop#2".to_owned()));
    let secret = Some(second.secret.expose_secret());
    assert_eq!(knock(&door, "POST", secret, ADDRESS, body).await.status, 409, "not the first one's answer");
    let other = r#"{"username":"bob_1"}"#;
    let mut request = Request::builder().method("POST").uri("/api/v1/clients");
    request = request.header("authorization", format!("Bearer {}", second.secret.expose_secret()));
    assert_eq!(send(&door, request.body(Body::from(other)).unwrap()).await.status, 201);
}

async fn without_the_database_only_the_settings_tokens_are_known(kind: Kind) {
    let world = World::new(kind).await;
    let door = door(&world.services);
    let shop = make(&world.services, "shop", TokenScope::Write).await;
    close(&world.opened.db).await;
    for secret in [shop.secret.expose_secret(), "rwo_nobody"] {
        let answer = knock(&door, "GET", Some(secret), ADDRESS, "").await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (503, r#"{"detail":"Сервис временно недоступен"}"#)
        );
        assert!(answer.header("retry-after").is_some());
    }
    // Known, let in, and then told that the database is away: a request that is wrong is told so.
    let answer = knock(&door, "POST", Some(WRITE), ADDRESS, "{}").await;
    assert_eq!(answer.status, 422);
    assert_eq!(knock(&door, "GET", None, ADDRESS, "").await.status, 401);
}

async fn uses_are_noted_once_a_minute(kind: Kind) {
    let world = World::new(kind).await;
    let door = door(&world.services);
    let shop = make(&world.services, "shop", TokenScope::Read).await;
    let used = async || {
        world.services.close().await;
        world.services.tokens.list(&olga()).await.unwrap().made[0].token.last_used_at
    };
    assert_eq!(used().await, None);
    let secret = shop.secret.expose_secret();
    assert_eq!(get(&door, secret).await, 200);
    let first = used().await.unwrap();
    world.clock.advance(TimeDelta::seconds(59));
    for _ in 0..20 {
        assert_eq!(get(&door, secret).await, 200);
    }
    assert_eq!(used().await, Some(first));
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(get(&door, secret).await, 200);
    let second = used().await.unwrap();
    assert!(second - first >= TimeDelta::seconds(60), "{first} {second}");
    // Another replica finds it noted.
    let replica = world.another();
    world.clock.advance(TimeDelta::seconds(30));
    assert_eq!(get(&super::tokens::door(&replica), secret).await, 200);
    replica.close().await;
    assert_eq!(used().await, Some(second));
}

async fn the_settings_win_over_a_token_of_the_same_name(kind: Kind) {
    let world = World::new(kind).await;
    let made = make(&world.services, "env", TokenScope::Write).await;
    // The next start has a token of that name in its settings.
    let mut core = crate::support::world::core(&world.opened, &world.panel, &world.clock);
    core.rules.api_tokens = settings().tokens.iter().map(ApiToken::for_rules).collect();
    let services = Services::new(core);
    let door = door(&services);
    assert_eq!(get(&door, WRITE).await, 200);
    assert_eq!(get(&door, made.secret.expose_secret()).await, 401);
    let list = services.tokens.list(&olga()).await.unwrap();
    assert!(list.made[0].hidden && list.settings.len() == 1);
    let refused = services.tokens.create(&olga(), "env".parse().unwrap(), TokenScope::Read, None).await;
    assert!(refused.unwrap_err().to_string().contains("API_TOKENS"));
    services.tokens.revoke(&olga(), made.token.id).await.unwrap();
}

async fn the_same_request_again_gives_the_same_token_another_secret(kind: Kind) {
    let world = World::new(kind).await;
    let door = door(&world.services);
    let tokens = &world.services.tokens;
    let ask = async |actor: Actor, number: i64, scope| {
        tokens.create(&actor, "shop".parse().unwrap(), scope, Some(Key::update(7, number))).await
    };
    let first = ask(olga(), 1, TokenScope::Write).await.unwrap();
    assert_eq!(get(&door, first.secret.expose_secret()).await, 200);
    let again = ask(olga(), 1, TokenScope::Write).await.unwrap();
    assert!(!first.again && again.again);
    assert_eq!(again.token.id, first.token.id);
    assert_eq!(get(&door, first.secret.expose_secret()).await, 401, "at once");
    assert_eq!(get(&door, again.secret.expose_secret()).await, 200);
    for other in [
        ask(olga(), 2, TokenScope::Write).await,
        ask(olga(), 1, TokenScope::Read).await,
        ask(person(50, Role::Admin), 1, TokenScope::Write).await,
        tokens.create(&olga(), "shop".parse().unwrap(), TokenScope::Write, None).await,
    ] {
        assert!(matches!(other, Err(Error::Token(TokenError::NameTaken))), "{other:?}");
    }
    // Telegram's numbers start anew one day.
    world.clock.advance(TimeDelta::hours(49));
    let much_later = ask(olga(), 1, TokenScope::Write).await;
    assert!(matches!(much_later, Err(Error::Token(TokenError::NameTaken))), "{much_later:?}");
    assert_eq!(get(&door, again.secret.expose_secret()).await, 200);
}

async fn a_name_has_one_live_token_however_many_ask_at_once(kind: Kind) {
    let world = World::new(kind).await;
    let other = if kind == Kind::Postgres { world.another() } else { world.services.clone() };
    let storm = (0..24).map(|number| {
        let services = if number % 2 == 0 { world.services.clone() } else { other.clone() };
        let key = Some(Key::update(7, number));
        tokio::spawn(async move {
            services.tokens.create(&olga(), "shop".parse().unwrap(), TokenScope::Write, key).await
        })
    });
    let storm: Vec<_> = storm.collect();
    let mut made = vec![];
    for asked in storm {
        match asked.await.unwrap() {
            Ok(token) => made.push(token),
            Err(Error::Token(TokenError::NameTaken)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(made.len(), 1);
    assert_eq!(get(&door(&world.services), made[0].secret.expose_secret()).await, 200);
    for number in 0..99 {
        make(&world.services, &format!("t{number}"), TokenScope::Read).await;
    }
    let one_more =
        world.services.tokens.create(&olga(), "last".parse().unwrap(), TokenScope::Read, None).await;
    assert!(matches!(one_more, Err(Error::Token(TokenError::TooMany))), "{one_more:?}");
}

/// Every way in that must be shut (promise 11), as far as the API's own tokens go.
#[tokio::test]
async fn nobody_makes_or_revokes_tokens_but_admins_and_owners() {
    let world = World::new(Kind::Sqlite).await;
    let shop = make(&world.services, "shop", TokenScope::Write).await;
    let tokens = &world.services.tokens;
    let write = Actor::Token { name: "shop".to_owned(), scope: TokenScope::Write };
    for actor in [
        person(50, Role::Stranger),
        person(50, Role::User),
        person(50, Role::Viewer),
        person(50, Role::Operator),
        write,
        Actor::Anyone,
    ] {
        let made = tokens.create(&actor, "eve".parse().unwrap(), TokenScope::Read, None).await;
        assert!(made.unwrap_err().to_string().contains("may not"), "{actor:?}");
        assert!(tokens.revoke(&actor, shop.token.id).await.is_err());
        assert!(tokens.list(&actor).await.is_err());
        assert!(tokens.find(&actor, &shop.token.name).await.is_err());
        assert!(tokens.get(&actor, shop.token.id).await.is_err());
    }
    assert_eq!(tokens.list(&person(50, Role::Admin)).await.unwrap().made.len(), 1);
    assert_eq!(get(&door(&world.services), shop.secret.expose_secret()).await, 200);
}
