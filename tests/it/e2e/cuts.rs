//! Power cuts: in the middle of a dialogue, and of a creation.

use orchestrator::demo::panel::{Fault, Matcher, PanelVersion, What, When};
use serde_json::json;

use super::Stage;
use crate::support::chat::{Chat, Screen};
use crate::support::db::{Kind, on_both};

on_both!(
    a_dialogue_goes_on_after_a_cut_at_every_step,
    a_creation_cut_on_either_side_of_the_effect_is_finished
);

async fn a_dialogue_goes_on_after_a_cut_at_every_step(kind: Kind) {
    let mut stage = Stage::new(kind, PanelVersion::V3).await;
    let olga = stage.olga();
    olga.send("/new").await;
    stage.cut().await;
    let wrong = olga.send("аб в").await;
    assert!(wrong.labels().iter().any(|label| label.contains("Отмена")), "it asks again: {wrong}");
    olga.send("bob").await;
    stage.cut().await;
    olga.press("90").await;
    until(&olga, "Создать клиента bob на 90 дней?").await;
    stage.cut().await;
    olga.press("Да").await;
    until(&olga, "Клиент bob создан").await;
    stage.assert_agreement().await;
    assert_eq!(stage.panel.users().len(), 1);
    stage.end().await;
}

async fn a_creation_cut_on_either_side_of_the_effect_is_finished(kind: Kind) {
    let mut stage = Stage::new(kind, PanelVersion::V2).await;
    let olga = stage.olga();
    for (name, when) in [("before", When::BeforeEffect), ("after", When::AfterEffect)] {
        let hang = Fault { on: Matcher::new("POST", "/api/users"), times: Some(1), when, what: What::Hang };
        stage.panel.fault(hang);
        stage.panel.clear_calls();
        olga.write(&format!("/new {name} 7"));
        let applied = when == When::AfterEffect;
        stage.panel.wait_for_call(|call| call.method == "POST" && call.applied == applied).await;
        stage.kill().await;
        stage.panel.clear_faults();
        stage.restart().await;
        // The update was kept before it was confirmed: it is handled again, with the same key.
        until(&olga, &format!("Клиент {name} создан")).await;
        stage.assert_agreement().await;
    }
    let (_, log) = stage.get("/api/v1/operations").await;
    assert_eq!(log["total"], 2, "{log}");
    let (status, _) = stage.post("/api/v1/clients", &json!({"username": "after"})).await;
    assert_eq!(status, 409);
    stage.end().await;
}

/// Waits until the bot has said this.
async fn until(chat: &Chat, text: &str) {
    chat.until(text, |chat| {
        let bots = chat.messages().into_iter().filter(|message| message.from_bot);
        bots.into_iter().any(|message| Screen { message }.text().contains(text))
    })
    .await;
}
