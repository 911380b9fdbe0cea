//! Scripted trouble: what the caller sees, what has happened, what the log says.

use std::time::Duration;

use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, PanelSim, PanelVersion, SimStatus, What, When};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::{HandClock, NOW, answer, ask, send, start};

async fn with_user() -> PanelSim {
    let sim = start(PanelVersion::V3, HandClock::at(NOW)).await;
    let expire_at = "2027-01-01T00:00:00Z".parse().unwrap();
    sim.insert_user(NewSimUser { username: "victim".to_owned(), short_uuid: None, expire_at });
    sim
}

const DISABLE: &str = "/api/users/1/actions/disable";

fn disabling() -> Matcher {
    Matcher::new("POST", "/api/users/*/actions/disable")
}

fn state(sim: &PanelSim) -> SimStatus {
    sim.user("victim").unwrap().status
}

#[tokio::test]
async fn an_error_comes_before_or_after_the_effect_and_only_as_often_as_scripted() {
    let sim = with_user().await;
    sim.fault(Fault::before(disabling(), What::Status(500, Some("A028".to_owned()))));
    let (status, body) = answer(&sim, "POST", DISABLE, None).await;
    assert_eq!((status, body["errorCode"].as_str()), (500, Some("A028")));
    assert_eq!(state(&sim), SimStatus::Active);
    sim.fault(Fault::after(disabling(), What::Status(503, None)));
    assert_eq!(answer(&sim, "GET", "/api/users/1", None).await.0, 200);
    assert_eq!(answer(&sim, "POST", DISABLE, None).await.0, 503);
    assert_eq!(state(&sim), SimStatus::Disabled);
    let (status, body) = answer(&sim, "POST", DISABLE, None).await;
    assert_eq!((status, body["errorCode"].as_str()), (400, Some("A029")));
    let calls: Vec<_> =
        sim.calls().into_iter().map(|call| (call.number, call.status, call.applied)).collect();
    assert_eq!(
        calls,
        [(0, Some(500), false), (1, Some(200), true), (2, Some(503), true), (3, Some(400), true)]
    );
}

#[tokio::test]
async fn nonsense_instead_of_an_answer() {
    let sim = with_user().await;
    let get = || Matcher::path("/api/users/**");
    let read = async || {
        let answer = send(&sim, "GET", "/api/users/1", None).await;
        (answer.status().as_u16(), answer.text().await)
    };
    sim.fault(Fault::before(get(), What::Html));
    let (status, text) = read().await;
    assert!(status == 502 && text.unwrap().starts_with("<html>"));
    sim.fault(Fault::before(get(), What::HtmlOk));
    assert_eq!(read().await.0, 200);
    sim.fault(Fault::after(get(), What::Empty));
    assert_eq!(read().await.1.unwrap(), "");
    sim.fault(Fault::after(get(), What::Truncated));
    let text = read().await.1.unwrap();
    assert!(text.starts_with("{\"response\":{\"id\":1,") && !text.ends_with('}'));
    sim.fault(Fault::after(get(), What::CutOff));
    assert!(read().await.1.is_err());
    sim.fault(Fault::before(get(), What::RateLimited));
    let limited = send(&sim, "GET", "/api/users/1", None).await;
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"1".parse().unwrap()));
}

#[tokio::test]
async fn a_dropped_connection_leaves_the_effect_where_it_was_scripted() {
    let sim = with_user().await;
    sim.fault(Fault::before(disabling(), What::Drop));
    assert!(ask(&sim, "POST", DISABLE).send().await.is_err());
    assert_eq!(state(&sim), SimStatus::Active);
    sim.fault(Fault { on: Matcher::any(), times: None, when: When::AfterEffect, what: What::Drop });
    assert!(ask(&sim, "POST", DISABLE).send().await.is_err());
    assert_eq!(state(&sim), SimStatus::Disabled);
    assert!(ask(&sim, "GET", "/api/users/1").send().await.is_err());
    sim.clear_faults();
    assert_eq!(answer(&sim, "GET", "/api/users/1", None).await.0, 200);
    let dropped = sim.calls().iter().filter(|call| call.finished && call.status.is_none()).count();
    assert_eq!(dropped, 3);
}

#[tokio::test]
async fn a_call_that_hangs_is_seen_and_let_go() {
    let sim = with_user().await;
    sim.fault(Fault::after(disabling(), What::Hang));
    let caller = tokio::spawn(ask(&sim, "POST", DISABLE).send());
    let call = sim.wait_for_call(|call| call.applied).await;
    assert_eq!((call.method.as_str(), call.path.as_str(), call.status), ("POST", DISABLE, None));
    assert_eq!(state(&sim), SimStatus::Disabled);
    sim.clear_faults();
    assert_eq!(caller.await.unwrap().unwrap().status(), 200);

    sim.fault(Fault::before(Matcher::new("DELETE", "/api/users/*"), What::Hang));
    let caller = tokio::spawn(ask(&sim, "DELETE", "/api/users/1").send());
    sim.wait_for_call(|call| call.method == "DELETE").await;
    sim.clear_faults();
    assert!(caller.await.unwrap().is_err());
    assert!(sim.user("victim").is_some());
}

#[tokio::test]
async fn the_panel_finishes_what_it_began_although_the_caller_is_gone() {
    let sim = with_user().await;
    sim.fault(Fault::before(disabling(), What::Delay(Duration::from_millis(50))));
    let caller = tokio::spawn(ask(&sim, "POST", DISABLE).send());
    sim.wait_for_call(|call| call.path == DISABLE).await;
    caller.abort();
    sim.wait_for_call(|call| call.applied).await;
    assert_eq!(state(&sim), SimStatus::Disabled);
}

#[tokio::test]
async fn every_answer_can_be_slow() {
    let sim = with_user().await;
    sim.set_delay(Duration::from_millis(60));
    let before = Instant::now();
    assert_eq!(answer(&sim, "GET", "/api/users/1", None).await.0, 200);
    assert!(before.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn stopped_it_refuses_and_restarted_it_remembers() {
    let sim = with_user().await;
    sim.fault(Fault::before(disabling(), What::Hang));
    let caller = tokio::spawn(ask(&sim, "POST", DISABLE).send());
    sim.wait_for_call(|call| call.path == DISABLE).await;
    sim.stop().await;
    assert!(caller.await.unwrap().is_err());
    assert!(ask(&sim, "GET", "/api/users/1").send().await.unwrap_err().is_connect());
    let url = sim.url();
    sim.restart().await.unwrap();
    assert_eq!(sim.url(), url);
    let (_, user) = answer(&sim, "GET", "/api/users/1", None).await;
    assert_eq!(user["response"]["username"], "victim");
}

#[tokio::test]
async fn it_ends_with_its_last_handle() {
    let sim = with_user().await;
    let other = sim.clone();
    drop(sim);
    assert_eq!(answer(&other, "GET", "/api/users/1", None).await.0, 200);
    let address = other.url();
    let idle = TcpStream::connect(address.strip_prefix("http://").unwrap()).await.unwrap();
    drop(other);
    idle.readable().await.unwrap();
    // Closed (0) or reset, but nothing more to read.
    assert!(matches!(idle.try_read(&mut [0; 16]), Ok(0) | Err(_)));
}
