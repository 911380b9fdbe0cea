//! Words become commands.

use super::*;
use crate::domain::actor::TokenScope;
use crate::domain::ids::TelegramId;
use crate::domain::operation::Action;
use crate::domain::token::TokenName;

fn read(text: &str) -> Command {
    Command::read(text).unwrap()
}

#[test]
fn words_become_commands() {
    assert_eq!(read("/start"), Command::Home);
    assert_eq!(read("/Menu@vpn_bot"), Command::Home);
    assert_eq!(read("/start abc_-9"), Command::Redeem("abc_-9".to_owned()));
    assert_eq!(read("/start <b>"), Command::BadToken);
    assert_eq!(read(&format!("/start {}", "a".repeat(65))), Command::BadToken);
    assert_eq!(
        read("/new  alice_1\n30"),
        Command::New(NewCommand { username: Some("alice_1".to_owned()), days: Some("30".to_owned()) })
    );
    assert_eq!(read("/new a b c"), Command::Misused(Usage::New));
    assert_eq!(
        read("/clients expired BLOCKED"),
        Command::Clients(Spot {
            status: Some(Status::Blocked),
            expiry: Some(Expiry::Expired),
            ..Spot::default()
        })
    );
    assert_eq!(read("/clients active blocked"), Command::Misused(Usage::Clients));
    assert_eq!(read("/client"), Command::Client(None));
    assert_eq!(read("/client alice"), Command::Client(Some(ClientRef::Name("alice".to_owned()))));
    assert_eq!(read("/ops alice"), Command::Ops(Some(ClientRef::Name("alice".to_owned()))));
    assert_eq!(read("/"), Command::Unknown);
    assert_eq!(read("/никакая"), Command::Unknown);
    assert_eq!(Command::read("hello /start"), None);
}
#[test]
fn tokens_are_made_listed_and_revoked_by_name() {
    let shop = || "shop".parse::<TokenName>().unwrap();
    for (text, words) in [
        ("/token", TokenWords::Explain),
        ("/token list", TokenWords::List),
        ("/token new shop", TokenWords::New(shop(), TokenScope::Write)),
        ("/token NEW shop Read", TokenWords::New(shop(), TokenScope::Read)),
        ("/token new shop write", TokenWords::New(shop(), TokenScope::Write)),
        ("/token revoke shop", TokenWords::Revoke(shop())),
        ("/token new", TokenWords::Wrong),
        ("/token new shop admin", TokenWords::Wrong),
        ("/token new shop read now", TokenWords::Wrong),
        ("/token new <b>", TokenWords::Wrong),
        ("/token revoke", TokenWords::Wrong),
        ("/token list all", TokenWords::Wrong),
        ("/token shop", TokenWords::Wrong),
    ] {
        assert_eq!(read(text), Command::Token(words), "{text}");
    }
}

#[test]
fn words_of_the_log_tell_by_their_form_what_they_are() {
    let alice = || Some(ClientRef::Name("alice".to_owned()));
    let words = |client, who, action| Command::Log(LogWords { client, who, action });
    assert_eq!(read("/log"), words(None, None, None));
    let shop = || Some(Who::Label("token:shop".to_owned()));
    assert_eq!(read("/log alice token:shop extend"), words(alice(), shop(), Some(Action::Extend)));
    assert_eq!(read("/log Get_Config token:shop alice"), words(alice(), shop(), Some(Action::GetConfig)));
    assert_eq!(read("/log @Olga"), words(None, Some(Who::At("Olga".to_owned())), None));
    assert_eq!(read("/log 1001 block"), words(None, Some(Who::Id(TelegramId(1001))), Some(Action::Block)));
    let id = uuid::Uuid::from_u128(7);
    let by_id = Some(ClientRef::Id(crate::domain::ids::ClientId(id)));
    assert_eq!(read(&format!("/log {id}")), words(by_id, None, None));
    // A client may have the name of an action: the second one is a name.
    let create = Some(ClientRef::Name("create".to_owned()));
    assert_eq!(read("/log create create"), words(create, None, Some(Action::Create)));
    for wrong in ["/log alice bob", "/log 1 2", "/log @a token:b", "/log alice 1 block more"] {
        assert_eq!(read(wrong), Command::Misused(Usage::Log), "{wrong}");
    }
}
