//! Bad input, each with its exact answer, in both languages.

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, What};

use super::stage::Stage;
use crate::support::chat::{Chat, qr_of};

/// What was sent and what came back, as a text for a snapshot.
struct Record {
    chat: Chat,
    text: String,
}

impl Record {
    fn new(chat: Chat) -> Self {
        Self { chat, text: String::new() }
    }

    async fn send(&mut self, text: &str) {
        let answer = self.chat.send(text).await.to_string();
        let shown: String = text.chars().take(60).collect();
        self.text += &format!("> {shown}\n{}\n\n", without_reference(&answer));
    }
}

/// The reference in an error is random; that there is one stays visible.
fn without_reference(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("<code>") {
        Some((before, _))
            if before.contains("администратора") || before.contains("admin") && before.contains(':') =>
        {
            format!("{before}<code>…</code>")
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

async fn names_and_days(lang: &str) -> String {
    let stage = Stage::new().await;
    let mut record = Record::new(Chat::new(&stage.telegram, 1, "Olga", lang));
    record.chat.send("/new taken 30").await;
    let expire_at = chrono::DateTime::UNIX_EPOCH + TimeDelta::days(30_000);
    stage.world.panel.insert_user(NewSimUser { username: "panels".to_owned(), short_uuid: None, expire_at });
    for name in ["al", &"a".repeat(37), "алиса", "al<b>", "😀😀😀"] {
        record.send(&format!("/new {name} 30")).await;
    }
    for days in ["0", "3651", "x", "-5", "1.5"] {
        record.send(&format!("/new alice {days}")).await;
    }
    record.send("/new taken 30").await;
    record.send("/new panels 30").await;
    record.send("/new al ice 30").await;
    record.send("/client nobody").await;
    record.send("/client 11111111-1111-4111-8111-111111111111").await;
    record.send("/config nobody").await;
    record.send("/invite <b>nobody</b>").await;
    record.send("/nonsense").await;
    assert_eq!(stage.clients().await.len(), 1);
    stage.end().await;
    record.text
}

async fn panel_trouble(lang: &str) -> String {
    let stage = Stage::new().await;
    let mut record = Record::new(Chat::new(&stage.telegram, 1, "Olga", lang));
    for what in [What::Status(500, None), What::Html, What::Empty, What::Drop, What::Hang] {
        record.text += &format!("({what:?})\n");
        stage.world.panel.fault(Fault::before(Matcher::path("/api/users/**"), what).always());
        record.send("/new alice 30").await;
        stage.world.panel.clear_faults();
        stage.world.services.reconciler.run_once().await.unwrap();
    }
    stage.world.panel.stop().await;
    record.text += "(down)\n";
    record.send("/new alice 30").await;
    stage.world.panel.restart().await.unwrap();
    assert_eq!(stage.clients().await.len(), 0);
    assert_eq!(stage.world.panel.users().len(), 0);
    stage.end().await;
    record.text
}

async fn invites(lang: &str) -> String {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice 30").await;
    olga.write("/invite alice");
    let link = qr_of(&olga.last_photo().await);
    let token = link.rsplit('=').next().unwrap().to_owned();
    let mut anna = Record::new(Chat::new(&stage.telegram, 50, "Anna", lang));
    let mut eve = Record::new(Chat::new(&stage.telegram, 51, "Eve", lang));
    let open = format!("/start {token}");
    for record in [&mut anna, &mut eve] {
        record.send("/start forged_forged_forged").await;
    }
    anna.send(&open).await;
    anna.send(&open).await;
    eve.send(&open).await;
    olga.send("/new bob 30").await;
    olga.write("/invite bob");
    let link = qr_of(&olga.last_photo().await);
    stage.world.clock.advance(TimeDelta::days(7));
    eve.send(&format!("/start {}", link.rsplit('=').next().unwrap())).await;
    stage.end().await;
    format!("{}---\n{}", anna.text, eve.text)
        .replace(&token, "TOKEN")
        .replace(link.rsplit('=').next().unwrap(), "OLD")
}

#[tokio::test]
async fn names_and_days_are_answered_word_by_word() {
    for lang in ["ru", "en"] {
        insta::assert_snapshot!(format!("names_and_days_{lang}"), names_and_days(lang).await);
    }
}

#[tokio::test]
async fn panel_trouble_is_answered_word_by_word() {
    for lang in ["ru", "en"] {
        insta::assert_snapshot!(format!("panel_trouble_{lang}"), panel_trouble(lang).await);
    }
}

#[tokio::test]
async fn invites_are_answered_word_by_word() {
    for lang in ["ru", "en"] {
        insta::assert_snapshot!(format!("invites_{lang}"), invites(lang).await);
    }
}
