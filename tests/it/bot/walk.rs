//! Every button of every screen, as each role: walked from the home screen and from every command. There is always an
//! answer, no error, nothing forbidden, and a way on; Back leads back.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::telegram::ReactionKind;
use orchestrator::domain::actor::Role;

use super::stage::Stage;
use crate::support::chat::{Chat, LIMIT, Screen};
use crate::support::seed;

/// What each role can write, both ways where there are two.
const COMMANDS: [(Role, &str); 44] = [
    (Role::User, "/start"),
    (Role::User, "/config"),
    (Role::User, "/status"),
    (Role::User, "/rotate"),
    (Role::User, "/lang"),
    (Role::User, "/help"),
    (Role::User, "it does not work"),
    (Role::User, "/unheard_of"),
    (Role::Viewer, "/clients"),
    (Role::Viewer, "/clients blocked"),
    (Role::Viewer, "/client"),
    (Role::Viewer, "/client alice_1"),
    (Role::Viewer, "/client bob_2"),
    (Role::Viewer, "/client carl_3"),
    (Role::Viewer, "/find"),
    (Role::Viewer, "/find client"),
    (Role::Viewer, "/find nobody_at_all"),
    (Role::Viewer, "/log"),
    (Role::Viewer, "/ops"),
    (Role::Viewer, "/ops alice_1"),
    (Role::Viewer, "/stats"),
    (Role::Operator, "/new"),
    (Role::Operator, "/new walk_1"),
    (Role::Operator, "/new walk_2 30"),
    (Role::Operator, "/extend"),
    (Role::Operator, "/extend client_05 7 because"),
    (Role::Operator, "/block"),
    (Role::Operator, "/block client_06"),
    (Role::Operator, "/unblock"),
    (Role::Operator, "/unblock client_06"),
    (Role::Operator, "/note"),
    (Role::Operator, "/note client_05 a note"),
    (Role::Operator, "/config client_05"),
    (Role::Operator, "/invite"),
    (Role::Operator, "/invite client_05"),
    (Role::Operator, "/unlink"),
    (Role::Admin, "/date"),
    (Role::Admin, "/delete"),
    (Role::Admin, "/delete client_07"),
    (Role::Admin, "/rotate client_07"),
    (Role::Admin, "/token"),
    (Role::Admin, "/import"),
    (Role::Admin, "/broadcast"),
    (Role::Owner, "/roles"),
];

struct Button {
    message: i64,
    label: String,
    data: String,
    /// The first line of the screen it stands on.
    from: String,
}

struct Walk<'a> {
    stage: &'a Stage,
    chat: Chat,
    /// How many updates the bot must have handled.
    updates: i64,
    seen: BTreeSet<String>,
    /// Walked first; then what answers "yes".
    plain: VecDeque<Button>,
    yes: VecDeque<Button>,
    /// Last of all.
    languages: VecDeque<Button>,
    visited: Vec<String>,
}

/// One button of its kind is enough: names and numbers do not count.
fn kind(label: &str, data: &str) -> String {
    let mut parts = data.split(':');
    let action = parts.next().unwrap_or_default();
    let what = if matches!(action, "yes" | "no") { parts.nth(1).unwrap_or_default() } else { "" };
    let label = ["alice_1", "bob_2", "carl_3", "walk_1", "walk_2"]
        .into_iter()
        .fold(label.to_owned(), |label, name| label.replace(name, "client_0"));
    // Of a client's button in a list the name alone.
    let label = label.split(" · ").next().unwrap_or(&label).trim_end_matches(|c: char| c.is_ascii_digit());
    let label: String = label.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
    format!("{action}/{what} {label}")
}

impl Walk<'_> {
    /// Waits until the bot is through with everything, and gives all that it did since.
    async fn answers(&mut self, since: u64, what: &str) -> Vec<Screen> {
        self.updates += 1;
        let handled = async {
            while seed::count(&self.stage.world.opened.db, "updates WHERE handled_at IS NOT NULL").await
                < self.updates
            {
                tokio::task::yield_now().await;
            }
        };
        let done = tokio::time::timeout(LIMIT, handled).await;
        assert!(done.is_ok(), "{what} is never handled\n{}", self.chat.transcript());
        let shows =
            |kind| matches!(kind, ReactionKind::Sent | ReactionKind::Edited | ReactionKind::NotModified);
        let reactions = self.stage.telegram.reactions(&self.chat.person, since).into_iter();
        let screens =
            reactions.filter(|reaction| shows(reaction.kind)).filter_map(|reaction| reaction.message);
        screens.map(|message| Screen { message }).collect()
    }

    async fn write(&mut self, text: &str) {
        let since = self.stage.telegram.moment();
        self.chat.write(text);
        let screens = self.answers(since, text).await;
        self.check(&screens, text);
        self.take(&screens);
    }

    async fn tap(&mut self, button: Button) {
        let since = self.stage.telegram.moment();
        let what = format!("[{}] {} on \"{}\"", button.label, button.data, button.from);
        self.visited.push(kind(&button.label, &button.data));
        self.chat.forge(button.message, &button.data).await;
        let screens = self.answers(since, &what).await;
        // What removes its own message needs no other answer.
        if !button.data.starts_with("wipe:") {
            self.check(&screens, &what);
        }
        self.take(&screens);
    }

    fn check(&self, screens: &[Screen], what: &str) {
        assert!(!screens.is_empty(), "{what}: no answer\n{}", self.chat.transcript());
        let texts = || screens.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n--\n");
        for wrong in ["Номер для администратора", "Reference for", "⛔", "Эта кнопка устарела", "out of date"]
        {
            assert!(!texts().contains(wrong), "{what}: {wrong}\n{}", texts());
        }
        let way_on = screens.iter().any(|screen| !screen.message.keyboard.is_empty());
        assert!(way_on, "{what}: a dead end\n{}", texts());
    }

    /// Buttons not seen before wait for their turn.
    fn take(&mut self, screens: &[Screen]) {
        for screen in screens {
            let from = screen.text().lines().next().unwrap_or_default().to_owned();
            for button in screen.message.keyboard.iter().flatten() {
                let Some(data) = button.callback_data.clone() else { continue };
                if self.seen.insert(kind(&button.text, &data)) {
                    let queue = match data.as_str() {
                        data if data.starts_with("yes:") => &mut self.yes,
                        data if data.starts_with("lang:1:") => &mut self.languages,
                        _ => &mut self.plain,
                    };
                    let (message, label) = (screen.message.id, button.text.clone());
                    queue.push_back(Button { message, label, data, from: from.clone() });
                }
            }
        }
    }

    async fn all(&mut self) {
        // Another language comes last, so that each language sees everything.
        let next = |walk: &mut Self| {
            walk.plain.pop_front().or_else(|| walk.yes.pop_front()).or_else(|| walk.languages.pop_front())
        };
        while let Some(button) = next(self) {
            self.tap(button).await;
        }
    }
}

async fn seeded() -> Stage {
    let stage = Stage::new().await;
    let olga = stage.owner();
    for name in ["alice_1 300", "bob_2 300", "carl_3 1"] {
        olga.send(&format!("/new {name}")).await;
    }
    for number in 1..=12 {
        stage.world.clock.advance(TimeDelta::seconds(1));
        olga.send(&format!("/new client_{number:02} {}", 100 + number)).await;
    }
    olga.send("/block bob_2").await;
    stage.world.clock.advance(TimeDelta::days(2));
    let db = &stage.world.opened.db;
    seed::execute(db, "UPDATE clients SET telegram_id = 50 WHERE username IN ('alice_1', 'bob_2', 'carl_3')")
        .await;
    stage.idle().await;
    stage
}

async fn walk(role: Role, language: &str) -> (Stage, Vec<String>) {
    let stage = seeded().await;
    let chat = match role {
        Role::Owner => Chat::new(&stage.telegram, 1, "Olga", language),
        Role::User => Chat::new(&stage.telegram, 50, "Ann", language),
        role => stage.with_role(60, "Somebody", role).await,
    };
    stage.idle().await;
    let updates = seed::count(&stage.world.opened.db, "updates WHERE handled_at IS NOT NULL").await;
    let mut walk = Walk {
        stage: &stage,
        chat,
        updates,
        seen: BTreeSet::new(),
        plain: VecDeque::new(),
        yes: VecDeque::new(),
        languages: VecDeque::new(),
        visited: vec![],
    };
    for (_, command) in COMMANDS.iter().filter(|(least, _)| role >= *least) {
        walk.write(command).await;
        // A person in a hurry does not write 20 messages a second.
        stage.world.clock.advance(TimeDelta::seconds(5));
        walk.all().await;
    }
    let visited = walk.visited;
    (stage, visited)
}

/// The walk of each role, with the list of buttons it found as a snapshot: what is new or gone is seen.
async fn walked(role: Role, language: &str) {
    let limit = Duration::from_secs(600);
    let (stage, mut visited) =
        tokio::time::timeout(limit, walk(role, language)).await.expect("an endless walk");
    visited.sort();
    insta::assert_snapshot!(format!("walk_{}_{language}", role.as_str()), visited.join("\n"));
    stage.end().await;
}

#[tokio::test]
async fn of_an_owner_in_russian() {
    walked(Role::Owner, "ru").await;
}

#[tokio::test]
async fn of_an_admin() {
    walked(Role::Admin, "ru").await;
}

#[tokio::test]
async fn of_an_operator() {
    walked(Role::Operator, "ru").await;
}

#[tokio::test]
async fn of_a_viewer() {
    walked(Role::Viewer, "ru").await;
}

#[tokio::test]
async fn of_a_user_in_russian() {
    walked(Role::User, "ru").await;
}

#[tokio::test]
async fn of_an_owner_in_english() {
    walked(Role::Owner, "en").await;
}

#[tokio::test]
async fn of_a_user_in_english() {
    walked(Role::User, "en").await;
}

#[tokio::test]
async fn back_leads_back() {
    let stage = seeded().await;
    let olga = stage.owner();
    olga.send("/clients active").await;
    for label in ["➡️", "client_03"] {
        olga.tap(label).await;
        stage.world.clock.advance(TimeDelta::seconds(1));
    }
    let card = olga.last();
    // Each question of the card leads back to it, and the card to its place in the list.
    for label in ["Другой срок", "Заметка", "Дата", "Заменить ссылку", "Удалить"]
    {
        let question = olga.tap(label).await;
        assert_ne!(question.text(), card.text());
        let back = if question.labels().iter().any(|label| label.contains("Назад")) {
            "Назад"
        } else {
            "Нет"
        };
        assert_eq!(olga.tap(back).await.text(), card.text(), "{label}");
        stage.world.clock.advance(TimeDelta::seconds(1));
    }
    assert!(olga.tap("Назад").await.text().contains("Страница: 2 из 2"), "{}", olga.last());
    stage.end().await;
}
