//! Role × action, by command, by button and by forged callback data: allowed or refused as the table of roles says. What is
//! refused changes nothing and tells nothing.

use chrono::{DateTime, Utc};
use orchestrator::bot::callback::{
    BulkTap, ChangeTap, NewClientOffer, NewTap, Nonce, PeopleTap, Tap, TokenTap,
};
use orchestrator::bot::callback::{KeySpot, MineTap};
use orchestrator::bot::log_spot::LogSpot;
use orchestrator::bot::spot::{Purpose, Spot};
use orchestrator::demo::telegram::ReactionKind;
use orchestrator::domain::actor::{GivenRole, Role};
use orchestrator::domain::clock::{Clock, OsEntropy};
use orchestrator::domain::ids::{BulkTaskId, ClientId, TelegramId, TokenId};
use orchestrator::services::links::Link;
use uuid::Uuid;

use super::stage::Stage;
use crate::support::chat::{Chat, Screen};
use crate::support::seed;

/// Something that can be asked for, whoever asks.
struct Action {
    what: &'static str,
    least: Role,
    commands: Vec<String>,
    taps: Vec<Tap>,
}

/// Everything there is, about the client of this id and name.
struct Everything<'a> {
    id: ClientId,
    name: &'a str,
    now: DateTime<Utc>,
}

impl Everything<'_> {
    fn action(&self, what: &'static str, least: Role, commands: &[&str], taps: Vec<Tap>) -> Action {
        let commands = commands.iter().map(|text| text.replace("NAME", self.name)).collect();
        Action { what, least, commands, taps }
    }

    fn actions(&self) -> Vec<Action> {
        let (id, spot) = (self.id, Spot::default());
        let nonce = || Nonce::new(self.now, &OsEntropy);
        let change = |tap| vec![Tap::Change(tap)];
        let people = |tap| vec![Tap::People(tap)];
        let bulk = |tap| vec![Tap::Bulk(tap)];
        let token = |tap| vec![Tap::Token(tap)];
        let someone = TelegramId(777);
        let link = Link { client: id, person: TelegramId(50) };
        let offer = NewClientOffer {
            username: "forged_1".parse().unwrap(),
            days: "30".parse().unwrap(),
            nonce: nonce(),
        };
        let key = KeySpot { client: id, place: 0, mark: "00000000".to_owned() };
        let of = |purpose| Tap::List(Spot { purpose, ..spot });
        vec![
            self.action("list", Role::Viewer, &["/clients", "/client"], vec![of(Purpose::Card)]),
            self.action("card", Role::Viewer, &["/client NAME"], vec![Tap::Card(id, spot)]),
            self.action("find", Role::Viewer, &["/find NAME"], bulk(BulkTap::Find(Purpose::Card))),
            self.action(
                "log",
                Role::Viewer,
                &["/log", "/ops NAME"],
                vec![Tap::Log(LogSpot::All), Tap::Log(LogSpot::Client(id))],
            ),
            self.action("stats", Role::Viewer, &["/stats"], bulk(BulkTap::Stats)),
            self.action(
                "create",
                Role::Operator,
                &["/new made_1 30", "/new"],
                vec![Tap::New(NewTap::Begin), Tap::New(NewTap::Yes(offer))],
            ),
            self.action(
                "extend",
                Role::Operator,
                &["/extend NAME 7"],
                vec![
                    Tap::Change(ChangeTap::Extend(id, spot)),
                    Tap::Change(ChangeTap::ExtendBy(id, "7".parse().unwrap(), nonce(), spot)),
                ],
            ),
            self.action(
                "block",
                Role::Operator,
                &["/block NAME"],
                change(ChangeTap::Block(id, nonce(), spot)),
            ),
            self.action(
                "unblock",
                Role::Operator,
                &["/unblock NAME"],
                change(ChangeTap::Unblock(id, nonce(), spot)),
            ),
            self.action(
                "note",
                Role::Operator,
                &["/note NAME secret note"],
                vec![Tap::Change(ChangeTap::Note(id, spot)), Tap::Change(ChangeTap::YesUnnote(id, spot))],
            ),
            self.action(
                "config",
                Role::Operator,
                &["/config NAME"],
                vec![
                    Tap::Config(id),
                    Tap::Qr(id),
                    Tap::Mine(MineTap::Keys(id, 0)),
                    Tap::Mine(MineTap::Key(key)),
                ],
            ),
            self.action("invite", Role::Operator, &["/invite NAME"], vec![Tap::Invite(id)]),
            self.action(
                "unlink",
                Role::Operator,
                &["/unlink NAME"],
                vec![
                    Tap::People(PeopleTap::AskUnlink(id, None)),
                    Tap::People(PeopleTap::YesUnlink(link, nonce())),
                ],
            ),
            self.action("move", Role::Operator, &[], people(PeopleTap::YesMove(link, nonce(), false))),
            self.action(
                "move and replace",
                Role::Admin,
                &[],
                people(PeopleTap::YesMove(link, nonce(), true)),
            ),
            self.action("date", Role::Admin, &["/date NAME 2099-01-01"], change(ChangeTap::Date(id, spot))),
            self.action(
                "rotate",
                Role::Admin,
                &["/rotate NAME"],
                vec![
                    Tap::Change(ChangeTap::Rotate(id, spot)),
                    Tap::Change(ChangeTap::YesRotate(id, nonce(), spot)),
                    Tap::Mine(MineTap::Rotate(id)),
                    Tap::Mine(MineTap::YesRotate(id, nonce())),
                ],
            ),
            self.action(
                "tokens",
                Role::Admin,
                &["/token", "/token list", "/token new forged"],
                vec![Tap::Token(TokenTap::List(0)), Tap::Token(TokenTap::Revoke(TokenId(Uuid::nil())))],
            ),
            self.action(
                "revoke a token",
                Role::Admin,
                &[],
                token(TokenTap::YesRevoke(TokenId(Uuid::nil()), nonce())),
            ),
            self.action(
                "import",
                Role::Admin,
                &["/import"],
                vec![Tap::Bulk(BulkTap::Import), Tap::Bulk(BulkTap::YesImport(nonce()))],
            ),
            self.action(
                "broadcast",
                Role::Admin,
                &["/broadcast"],
                vec![
                    Tap::Bulk(BulkTap::Broadcast),
                    Tap::Bulk(BulkTap::YesBroadcast(nonce())),
                    Tap::Bulk(BulkTap::Stop(BulkTaskId(Uuid::nil()))),
                ],
            ),
            self.action(
                "delete",
                Role::Admin,
                &["/delete NAME"],
                vec![
                    Tap::Change(ChangeTap::Delete(id, spot)),
                    Tap::Change(ChangeTap::YesDelete(id, nonce(), spot)),
                ],
            ),
            self.action(
                "roles",
                Role::Owner,
                &["/roles", "/grant 777 viewer", "/revoke 777"],
                vec![
                    Tap::People(PeopleTap::Roles(0)),
                    Tap::People(PeopleTap::Person(someone)),
                    Tap::People(PeopleTap::AskRole(someone, Some(GivenRole::Admin))),
                    Tap::People(PeopleTap::YesRole(someone, Some(GivenRole::Admin), nonce())),
                    Tap::People(PeopleTap::YesRole(TelegramId(10), None, nonce())),
                ],
            ),
        ]
    }
}

/// All that a refusal must not change.
async fn everything(stage: &Stage) -> String {
    let db = &stage.world.opened.db;
    let mut all = format!("{:?}", stage.world.panel.users());
    for rows in [
        "SELECT hex(id) || username || status || expires_at || coalesce(telegram_id, '') || coalesce(note, '')
            || coalesce(short_uuid, '') FROM clients ORDER BY id",
        "SELECT action || username FROM audit ORDER BY id",
        "SELECT hex(id) || name || coalesce(revoked_at, '') FROM api_tokens ORDER BY id",
        "SELECT token_hash || coalesce(used_by, '') FROM invites ORDER BY token_hash",
        "SELECT telegram_id || coalesce(role, '') FROM people ORDER BY telegram_id",
        "SELECT state FROM intents ORDER BY id",
        "SELECT state FROM bulk_tasks ORDER BY id",
        "SELECT notice FROM outbox ORDER BY id",
    ] {
        all.push_str(&seed::texts(db, rows).await.join("\n"));
    }
    all
}

async fn seeded() -> Stage {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    olga.send("/new bob_2 30").await;
    stage.with_role(10, "Adam", Role::Admin).await;
    let db = &stage.world.opened.db;
    seed::execute(
        db,
        "UPDATE clients SET telegram_id = 50, note = 'known to staff' WHERE username = 'alice_1'",
    )
    .await;
    stage.idle().await;
    stage
}

async fn who(stage: &Stage, role: Role) -> Chat {
    match role {
        Role::Owner => stage.owner(),
        Role::User => Chat::new(&stage.telegram, 50, "Ann", "ru"),
        Role::Stranger => Chat::new(&stage.telegram, 51, "Eve", "ru"),
        role => stage.with_role(60, "Somebody", role).await,
    }
}

async fn asked(stage: &Stage, chat: &Chat, text: &str) -> Vec<Screen> {
    let since = stage.telegram.moment();
    chat.write(text);
    said(stage, chat, since).await
}

/// As if a button of the newest message had carried it.
async fn forged(stage: &Stage, chat: &Chat, tap: &Tap) -> Vec<Screen> {
    let since = stage.telegram.moment();
    chat.forge(chat.last().message.id, &tap.to_string()).await;
    said(stage, chat, since).await
}

async fn said(stage: &Stage, chat: &Chat, since: u64) -> Vec<Screen> {
    chat.next().await;
    stage.idle().await;
    // Nobody is held up for writing too much.
    stage.world.clock.advance(chrono::TimeDelta::seconds(1));
    let shows = |kind| matches!(kind, ReactionKind::Sent | ReactionKind::Edited | ReactionKind::NotModified);
    let reactions = stage.telegram.reactions(&chat.person, since).into_iter();
    let reactions = reactions.filter(|reaction| shows(reaction.kind));
    reactions.filter_map(|reaction| reaction.message).map(|message| Screen { message }).collect()
}

fn text(screens: &[Screen]) -> String {
    screens.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n--\n")
}

fn refusal(role: Role, what: &str, screens: &[Screen], secrets: &[String]) {
    let said = text(screens);
    for secret in secrets {
        assert!(!said.contains(secret), "{role:?} {what} learns {secret}:\n{said}");
    }
    let refused = match role {
        Role::Stranger => said.contains("по приглашениям"),
        // Of what is not theirs users are told that it is not there.
        Role::User => said.contains("⛔") || said.contains("🤷") || said.contains("/config"),
        _ => said.contains("⛔"),
    };
    assert!(refused, "{role:?} {what}:\n{said}");
}

async fn refused_changes_nothing_and_tells_nothing(role: Role) {
    let stage = seeded().await;
    let chat = who(&stage, role).await;
    chat.send("/start").await;
    stage.idle().await;
    let bob = stage.client("bob_2").await;
    let now = stage.world.clock.now();
    let before = everything(&stage).await;
    let secrets = [stage.link("bob_2"), stage.world.panel.user("bob_2").unwrap().short_uuid];
    for action in (Everything { id: bob.id, name: "bob_2", now }).actions() {
        if role >= action.least {
            continue;
        }
        let what = action.what;
        for command in &action.commands {
            let screens = asked(&stage, &chat, command).await;
            refusal(role, &format!("{what} by {command}"), &screens, &secrets);
        }
        // The name was not in what was tapped.
        let tapped_secrets: Vec<String> =
            secrets.iter().cloned().chain((role < Role::Viewer).then(|| "bob_2".to_owned())).collect();
        for tap in &action.taps {
            let screens = forged(&stage, &chat, tap).await;
            refusal(role, &format!("{what} by {tap}"), &screens, &tapped_secrets);
        }
        assert_eq!(everything(&stage).await, before, "{role:?} {what} changed something");
    }
    stage.end().await;
}

/// A client that is not theirs and one that is not there are answered alike.
#[tokio::test]
async fn nobody_learns_whether_a_client_exists() {
    for role in [Role::Stranger, Role::User] {
        let stage = seeded().await;
        let chat = who(&stage, role).await;
        chat.send("/start").await;
        let now = stage.world.clock.now();
        let there = stage.client("bob_2").await.id;
        let nowhere = ClientId(Uuid::from_u128(7));
        let actions = |id, name| Everything { id, name, now }.actions();
        for (real, made_up) in actions(there, "bob_2").into_iter().zip(actions(nowhere, "eve_3")) {
            for (real, made_up) in real.commands.iter().zip(&made_up.commands) {
                let one = text(&asked(&stage, &chat, real).await);
                let other = text(&asked(&stage, &chat, made_up).await);
                assert_eq!(one.replace("bob_2", "eve_3"), other, "{role:?} {real}");
            }
            for (real, made_up) in real.taps.iter().zip(&made_up.taps) {
                let one = text(&forged(&stage, &chat, real).await);
                let other = text(&forged(&stage, &chat, made_up).await);
                assert_eq!(one.replace(&there.to_string(), &nowhere.to_string()), other, "{role:?} {real}");
            }
        }
        stage.end().await;
    }
}

async fn allowed_is_done(role: Role) {
    let stage = seeded().await;
    let olga = stage.owner();
    let chat = who(&stage, role).await;
    chat.send("/start").await;
    for number in 0.. {
        // Each action has a client of its own, so that none is in another's way.
        let name = format!("own_{number}");
        olga.send(&format!("/new {name} 30")).await;
        stage.idle().await;
        let id = stage.client(&name).await.id;
        let now = stage.world.clock.now();
        let mut actions = Everything { id, name: &name, now }.actions();
        if number >= actions.len() {
            break;
        }
        let action = actions.swap_remove(number);
        if role < action.least {
            continue;
        }
        for command in &action.commands {
            let said = text(&asked(&stage, &chat, command).await);
            assert!(!said.contains("⛔") && !said.contains("Номер"), "{role:?} {command}:\n{said}");
        }
        for tap in &action.taps {
            let said = text(&forged(&stage, &chat, tap).await);
            assert!(!said.contains("⛔") && !said.contains("Номер"), "{role:?} {tap}:\n{said}");
        }
    }
    stage.world.assert_agreement().await;
    stage.end().await;
}

macro_rules! for_each_role {
    ($($test:ident: $role:ident),+ $(,)?) => {
        $(mod $test {
            use super::*;

            #[tokio::test]
            async fn what_is_refused_changes_nothing_and_tells_nothing() {
                refused_changes_nothing_and_tells_nothing(Role::$role).await;
            }

            #[tokio::test]
            async fn what_is_allowed_is_done() {
                allowed_is_done(Role::$role).await;
            }
        })+
    };
}

for_each_role!(
    a_stranger: Stranger,
    a_user: User,
    a_viewer: Viewer,
    an_operator: Operator,
    an_admin: Admin,
    an_owner: Owner,
);
