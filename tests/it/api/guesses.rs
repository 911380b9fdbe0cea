//! Wrong tokens: held up, counted by where they come from, and never in the log.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use orchestrator::api::settings::{ApiAuth, ApiSettings, ApiToken};
use orchestrator::domain::actor::TokenScope;
use secrecy::ExposeSecret;

use super::tokens::{ADDRESS, door, get, knock, make, olga, settings};
use super::{WRITE, edges, send};
use crate::support::db::Kind;
use crate::support::world::World;

#[tokio::test]
async fn ten_thousand_guesses_are_held_up_and_no_valid_token_is() {
    let world = World::new(Kind::Sqlite).await;
    let door = door(&world.services);
    let shop = make(&world.services, "shop", TokenScope::Read).await;
    let started = tokio::time::Instant::now();
    let mut refused = 0;
    for number in 0..10_000 {
        let answer = knock(&door, "GET", Some(&format!("rwo_guess-{number}")), ADDRESS, "").await;
        match answer.status {
            401 => refused += 1,
            429 => {
                assert_eq!(answer.body, r#"{"detail":"Too Many Requests"}"#);
                let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
                assert!((1..=6).contains(&wait), "{wait}");
            }
            other => panic!("{other}"),
        }
        if number % 1_000 == 999 {
            assert_eq!(get(&door, shop.secret.expose_secret()).await, 200);
            assert_eq!(get(&door, WRITE).await, 200);
            assert_eq!(knock(&door, "GET", None, ADDRESS, "").await.status, 401, "no token is no guess");
        }
    }
    let more = started.elapsed().as_secs() / 6;
    assert!(
        (10..=10 + more).contains(&refused),
        "ten at once, then one every six seconds: {refused}, {more}"
    );
    assert_eq!(knock(&door, "GET", Some("rwo_x"), "192.0.2.8:1", "").await.status, 401, "another address");
    assert_eq!(
        knock(&door, "GET", Some("rwo_x"), "[::ffff:192.0.2.7]:1", "").await.status,
        429,
        "the same one"
    );
}

#[tokio::test]
async fn a_wrong_token_learns_nothing_on_the_health_page_and_is_counted_there() {
    let world = World::new(Kind::Sqlite).await;
    let door = door(&world.services);
    let ready = async |secret: &str| {
        let request =
            Request::builder().uri("/health/ready").header("authorization", format!("Bearer {secret}"));
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(ADDRESS.parse::<std::net::SocketAddr>().unwrap()));
        send(&door, request).await
    };
    for _ in 0..20 {
        let answer = ready("rwo_guess").await;
        assert!(answer.status == 200 && !answer.body.contains("reason"), "{}", answer.body);
    }
    assert_eq!(get(&door, "rwo_guess").await, 429);
    assert!(ready(WRITE).await.body.contains("reason"));
}

#[tokio::test]
async fn the_log_never_has_a_token() {
    let log = edges::Log::default();
    let _guards = log.listen();
    let world = World::new(Kind::Sqlite).await;
    let door = door(&world.services);
    let shop = make(&world.services, "shop", TokenScope::Write).await;
    let secret = shop.secret.expose_secret();
    for _ in 0..12 {
        get(&door, "rwo_canary-guess").await;
    }
    assert_eq!(get(&door, secret).await, 200);
    world.services.tokens.revoke(&olga(), shop.token.id).await.unwrap();
    assert_eq!(get(&door, secret).await, 429);
    tracing::info!("{shop:?}");
    orchestrator::api::advise(&world.services, &settings()).await;
    orchestrator::api::advise(&world.services, &ApiSettings::default()).await;
    let short = ApiToken { name: "short".to_owned(), secret: "canary".into(), scope: TokenScope::Read };
    orchestrator::api::advise(
        &world.services,
        &ApiSettings { tokens: vec![short], auth: ApiAuth::Off, ..ApiSettings::default() },
    )
    .await;
    world.services.close().await;
    let text = log.text();
    assert_eq!(
        text.matches("too many wrong API tokens").count(),
        1,
        "one line an address, not one a request"
    );
    for there in [
        "an API token was made",
        "an API token was revoked",
        "192.0.2.7",
        "/token new NAME",
        "API_TOKENS=",
        "API_AUTH=off",
        "short enough to be guessed",
    ] {
        assert!(text.contains(there), "{there} in {text}");
    }
    for gone in [secret, &secret[4..], WRITE, "canary"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
}
