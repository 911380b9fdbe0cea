//! What is handed on to a client's owner: the link as a QR code, and invites to the bot.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use chrono::TimeDelta;
use http_body_util::BodyExt;
use orchestrator::api::settings::{ApiAuth, ApiSettings, ApiToken};
use orchestrator::domain::actor::{Role, TokenScope};
use orchestrator::domain::clock::OsEntropy;
use orchestrator::domain::ids::{ClientId, TelegramId};
use orchestrator::domain::username::Username;
use orchestrator::repositories::clients;
use orchestrator::services::Services;
use orchestrator::services::views::Redeemed;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Answer, READ, WRITE, send};
use crate::support::db::{Kind, on_both};
use crate::support::world::{World, person, token};

on_both!(
    the_link_is_drawn_as_png_or_svg,
    only_a_client_with_a_link_has_a_picture,
    an_invite_opens_the_bot_for_its_client,
    refusals_of_invites,
    the_same_key_is_the_same_invite_everywhere,
    many_at_once_with_one_key_are_one_invite,
    refusals_are_kept_for_their_key,
    who_has_another_token_gets_no_invite_of_that_key,
    without_tokens_keys_work_too,
);

fn router(services: &Services, secret: &str, auth: ApiAuth) -> Router {
    let token =
        |name: &str, secret: &str, scope| ApiToken { name: name.into(), secret: secret.into(), scope };
    let tokens = vec![token("shop", secret, TokenScope::Write), token("eye", READ, TokenScope::Read)];
    orchestrator::api::router(
        services.clone(),
        ApiSettings { tokens, auth, ..ApiSettings::default() },
        Arc::new(OsEntropy),
    )
}

/// A request with that secret.
async fn ask(services: &Services, secret: &str, method: &str, path: &str, key: Option<&str>) -> Answer {
    let request =
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {secret}"));
    let request = match key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    };
    send(&router(services, secret_of(secret), ApiAuth::Required), request.body(Body::empty()).unwrap()).await
}

/// The write token of a router that knows this secret.
fn secret_of(secret: &str) -> &str {
    if secret == READ { WRITE } else { secret }
}

async fn invite(world: &World, id: ClientId, key: Option<&str>) -> Answer {
    ask(&world.services, WRITE, "POST", &format!("/api/v1/clients/{id}/invite"), key).await
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

async fn client(world: &World, name: &str) -> ClientId {
    let username: Username = name.parse().unwrap();
    let days = 30.try_into().unwrap();
    world.services.clients.create(&token(), username, days, None).await.unwrap().id
}

async fn linked(world: &World, id: ClientId, person: i64) {
    let mut tx = world.opened.db.begin().await.unwrap();
    assert!(
        clients::link(&mut tx, id, TelegramId(person), "2026-05-12T11:00:00Z".parse().unwrap())
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
}

async fn picture(world: &World, id: ClientId, accept: Option<&str>) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = Request::builder()
        .uri(format!("/api/v1/clients/{id}/qr"))
        .header("authorization", format!("Bearer {READ}"));
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    let router = router(&world.services, WRITE, ApiAuth::Required);
    let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status.as_u16(), parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

async fn the_link_is_drawn_as_png_or_svg(kind: Kind) {
    let world = World::new(kind).await;
    let id = client(&world, "alice").await;
    let mut tx = world.opened.db.begin().await.unwrap();
    let url = clients::find_in(&mut tx, id).await.unwrap().unwrap().subscription_url.unwrap();
    drop(tx);
    for accept in
        [None, Some("*/*"), Some("image/png"), Some("text/html"), Some("image/svg+xml;q=0.1, image/*")]
    {
        let (status, headers, bytes) = picture(&world, id, accept).await;
        assert_eq!((status, &headers["content-type"]), (200, &"image/png".parse().unwrap()), "{accept:?}");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["vary"], "accept");
        let drawn = image::load_from_memory(&bytes).unwrap().to_luma8();
        let (_, text) = rqrr::PreparedImage::prepare(drawn).detect_grids()[0].decode().unwrap();
        assert_eq!(text, url.expose());
    }
    let (status, headers, bytes) = picture(&world, id, Some("image/svg+xml, image/png;q=0.9")).await;
    assert_eq!((status, &headers["content-type"]), (200, &"image/svg+xml".parse().unwrap()));
    assert!(String::from_utf8(bytes).unwrap().starts_with("<svg xmlns="));

    let log = ask(&world.services, READ, "GET", &format!("/api/v1/operations?client_id={id}"), None).await;
    let items = json_of(&log)["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 7, "the creation, and each picture");
    assert_eq!((&items[0]["action"], &items[0]["result"]), (&json!("get_config"), &json!("success")));
}

async fn only_a_client_with_a_link_has_a_picture(kind: Kind) {
    let world = World::new(kind).await;
    let nobody = ClientId(uuid::Uuid::nil());
    let (status, _, body) = picture(&world, nobody, None).await;
    assert_eq!(status, 404);
    assert_eq!(String::from_utf8(body).unwrap(), format!(r#"{{"detail":"Клиент с id={nobody} не найден"}}"#));

    let id = client(&world, "alice").await;
    let mut tx = world.opened.db.begin().await.unwrap();
    let mut unlinked = clients::find_in(&mut tx, id).await.unwrap().unwrap();
    unlinked.id = ClientId(uuid::Uuid::from_u128(7));
    unlinked.username = Username::stored("local");
    (unlinked.remnawave_uuid, unlinked.short_uuid, unlinked.subscription_url) = (None, None, None);
    clients::insert(&mut tx, &unlinked).await.unwrap();
    tx.commit().await.unwrap();
    let (status, _, body) = picture(&world, unlinked.id, None).await;
    assert_eq!(status, 404);
    assert_eq!(
        String::from_utf8(body).unwrap(),
        r#"{"detail":"Конфигурация клиента недоступна — отсутствует привязка к RemnaWave"}"#
    );
}

async fn an_invite_opens_the_bot_for_its_client(kind: Kind) {
    let world = World::new(kind).await;
    let id = client(&world, "alice").await;
    let before = json_of(&invite(&world, id, None).await);
    assert_eq!(before["url"], Value::Null, "what the bot is called is not known yet");
    world.services.invites.bot_is_called("example_vpn_bot");
    let made = invite(&world, id, None).await;
    assert_eq!((made.status, made.header("cache-control")), (201, Some("no-store")));
    let invite = json_of(&made);
    assert_eq!(invite.as_object().unwrap().keys().collect::<Vec<_>>(), ["url", "token", "expires_at"]);
    let token = invite["token"].as_str().unwrap();
    assert_eq!(invite["url"], format!("https://t.me/example_vpn_bot?start={token}"));
    assert!(
        invite["expires_at"].as_str().unwrap().starts_with("2026-05-19T11:00:00."),
        "seven days: {invite}"
    );

    let redeemed = world.services.invites.redeem(&person(5, Role::Stranger), token).await.unwrap();
    assert!(matches!(redeemed, Redeemed::Client { client, .. } if client.id == id));
}

async fn refusals_of_invites(kind: Kind) {
    let world = World::new(kind).await;
    let id = client(&world, "alice").await;
    let path = format!("/api/v1/clients/{id}/invite");
    assert_eq!(ask(&world.services, READ, "POST", &path, None).await.status, 403);
    let nobody = ClientId(uuid::Uuid::nil());
    for key in [None, Some("k")] {
        let answer = invite(&world, nobody, key).await;
        let body = format!(r#"{{"detail":"Клиент с id={nobody} не найден"}}"#);
        assert_eq!((answer.status, answer.body), (404, body));
    }
    linked(&world, id, 5).await;
    for key in [None, Some("k")] {
        let answer = invite(&world, id, key).await;
        let body = r#"{"detail":"Клиент уже привязан к другому аккаунту Telegram"}"#;
        assert_eq!((answer.status, answer.body.as_str()), (409, body));
    }
    let wrong = ask(&world.services, WRITE, "POST", "/api/v1/clients/x/invite", Some("")).await;
    let places: Vec<_> =
        wrong.errors().as_array().unwrap().iter().map(|error| error["loc"].clone()).collect();
    assert_eq!(places, [json!(["path", "client_id"]), json!(["header", "idempotency-key"])]);
}

async fn the_same_key_is_the_same_invite_everywhere(kind: Kind) {
    let world = World::new(kind).await;
    let id = client(&world, "alice").await;
    let first = invite(&world, id, Some("order-1")).await;
    assert_eq!(first.status, 201);
    world.clock.advance(TimeDelta::days(20));
    let path = format!("/api/v1/clients/{id}/invite");
    let replica = world.another();
    for services in [&world.services, &replica] {
        let again = ask(services, WRITE, "POST", &path, Some("order-1")).await;
        assert_eq!((again.status, &again.body), (201, &first.body));
    }
    let other = invite(&world, id, Some("order-2")).await;
    assert_ne!(json_of(&other)["token"], json_of(&first)["token"]);
    let second = client(&world, "bob").await;
    assert_ne!(json_of(&invite(&world, second, Some("order-1")).await)["token"], json_of(&first)["token"]);

    world.services.reconciler.tidy().await.unwrap();
    assert_eq!(invite(&world, id, Some("order-1")).await.body, first.body, "not before 30 days");
    world.clock.advance(TimeDelta::days(11));
    world.services.reconciler.tidy().await.unwrap();
    assert_ne!(invite(&world, id, Some("order-1")).await.body, first.body);
}

async fn many_at_once_with_one_key_are_one_invite(kind: Kind) {
    let world = World::new(kind).await;
    let id = client(&world, "alice").await;
    let answers = (0..16).map(|_| invite(&world, id, Some("order-1")));
    let answers = futures::future::join_all(answers).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{:?}", answers[0].body);
    let bodies: BTreeSet<&str> = answers.iter().map(|answer| answer.body.as_str()).collect();
    assert_eq!(bodies.len(), 1);
    let token = json_of(&answers[0])["token"].as_str().unwrap().to_owned();
    world.services.invites.redeem(&person(5, Role::Stranger), &token).await.unwrap();
}

async fn refusals_are_kept_for_their_key(kind: Kind) {
    let world = World::new(kind).await;
    let id = client(&world, "alice").await;
    let first = invite(&world, id, Some("before")).await;
    linked(&world, id, 5).await;
    assert_eq!(invite(&world, id, Some("after")).await.status, 409);
    assert_eq!(invite(&world, id, Some("before")).await.body, first.body);
    assert_eq!(invite(&world, id, Some("after")).await.status, 409);
}

async fn who_has_another_token_gets_no_invite_of_that_key(kind: Kind) {
    let world = World::new(kind).await;
    let id = client(&world, "alice").await;
    let path = format!("/api/v1/clients/{id}/invite");
    assert_eq!(invite(&world, id, Some("order-1")).await.status, 201);
    // The token `shop` was given a new secret, or is another's now.
    let answer = ask(&world.services, "another-token-0123456789", "POST", &path, Some("order-1")).await;
    let body = r#"{"detail":"Idempotency-Key использован с другим запросом"}"#;
    assert_eq!((answer.status, answer.body.as_str()), (422, body));
}

async fn without_tokens_keys_work_too(kind: Kind) {
    let world = World::new(kind).await;
    let id = client(&world, "alice").await;
    let open = router(&world.services, WRITE, ApiAuth::Off);
    let mut bodies = BTreeSet::new();
    for authorization in ["Bearer one", "Bearer two"] {
        let request = Request::builder().method("POST").uri(format!("/api/v1/clients/{id}/invite"));
        let request = request.header("idempotency-key", "k").header("authorization", authorization);
        let answer = send(&open, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 201);
        bodies.insert(answer.body);
    }
    assert_eq!(bodies.len(), 1, "what nobody asked for changes nothing");
}
