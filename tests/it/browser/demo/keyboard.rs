//! By keyboard alone, and for those who listen.

use serde_json::{Value, json};

use super::alone::Alone;
use super::{ANNA, DESK, DOWN, ENTER, ESCAPE, OLGA, RIGHT, TAB, Tab};

#[tokio::test]
async fn everything_is_reached_and_seen_to_be_reached() {
    let alone = Alone::new().await;
    alone.telegram.send_text(OLGA, "/start");
    let keys = json!({"inline_keyboard": [[{"text": "Key", "callback_data": "1"}]]});
    alone.call("sendMessage", json!({"chat_id": OLGA, "text": "hello", "reply_markup": keys})).await;
    let tab = Tab::open(&alone.page(), DESK).await;
    tab.told("hello").await;
    let mut reached = vec![];
    for _ in 0..17 {
        tab.press(TAB).await;
        let place = "document.activeElement.id || document.activeElement.className || document.activeElement.textContent";
        reached.push(tab.eval(place).await.as_str().unwrap().to_owned());
        let seen = "(() => {
            const style = getComputedStyle(document.activeElement);
            return style.outlineStyle === 'solid' || (document.activeElement.id === 'message' && style.borderColor === 'rgb(79, 70, 229)');
        })()";
        tab.until(seen).await;
    }
    let order = [
        "skip",
        "plain",
        "language",
        "person-1001",
        "speaks",
        "messages",
        "inline",
        "key",
        "commands",
        "message",
        "guide-fold",
        "run",
        "panel-down",
        "flood",
        "days",
        "users",
        "entries",
    ];
    assert_eq!(reached, order);
    named(&tab).await;
    tab.browser.end().await;
}

/// Everything that does something says what.
async fn named(tab: &Tab) {
    let tree = tab.browser.cdp("Accessibility.getFullAXTree", json!({})).await;
    let text = |node: &Value, field: &str| node[field]["value"].as_str().unwrap_or_default().to_owned();
    let mut roles = vec![];
    for node in tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] != true) {
        let (role, name) = (text(node, "role"), text(node, "name"));
        if ["link", "button", "textbox", "image", "heading", "tab", "tabpanel", "tablist", "log"]
            .contains(&role.as_str())
        {
            assert!(!name.is_empty(), "{node}");
        }
        roles.push((role, name));
    }
    for wanted in [
        ("tab", "Olga owner"),
        ("tabpanel", "Olga owner"),
        ("log", "Messages"),
        ("textbox", "Message"),
        ("tablist", "Who you are"),
    ] {
        assert!(
            roles.iter().any(|(role, name)| (role.as_str(), name.as_str()) == wanted),
            "{wanted:?}: {roles:?}"
        );
    }
}

#[tokio::test]
async fn arrows_choose_people_and_commands() {
    let alone = Alone::new().await;
    let commands = |names: &[&str]| {
        names
            .iter()
            .map(|name| json!({"command": name, "description": format!("about {name}")}))
            .collect::<Value>()
    };
    alone.call("setMyCommands", json!({"commands": commands(&["start", "config"])})).await;
    alone.telegram.send_text(ANNA, "hi");
    let scope = json!({"type": "chat", "chat_id": ANNA});
    alone
        .call("setMyCommands", json!({"commands": commands(&["new", "note", "find"]), "scope": scope}))
        .await;
    let tab = Tab::open(&alone.page(), DESK).await;
    tab.eval("document.getElementById('person-1001').focus()").await;
    tab.press(RIGHT).await;
    tab.press(RIGHT).await;
    tab.until(&format!(
        "document.activeElement.id === 'person-{ANNA}' && document.activeElement.ariaSelected === 'true'"
    ))
    .await;
    tab.told("hi").await;

    let offered = "[...document.querySelectorAll('#menu:not([hidden]) [role=option] b')].map((name) => name.textContent)";
    tab.eval("document.getElementById('message').focus()").await;
    tab.press("/").await;
    tab.until(&format!("({offered}).length === 3")).await;
    tab.press("n").await;
    tab.until(&format!("({offered}).join() === '/new,/note'")).await;
    tab.press(ESCAPE).await;
    assert_eq!(tab.eval(offered).await, json!([]));
    tab.press("o").await;
    tab.press(TAB).await;
    assert_eq!(tab.eval("document.getElementById('message').value").await, "/note ");
    tab.press(&format!("twice\u{e008}{ENTER}\u{e000}as long")).await;
    assert_eq!(tab.eval("document.getElementById('message').value").await, "/note twice\nas long");
    tab.press(ENTER).await;
    tab.told("/note twice").await;
    tab.press("/").await;
    tab.press(DOWN).await;
    tab.press(DOWN).await;
    tab.press(ENTER).await;
    tab.told("/find").await;
    let sent: Vec<String> = alone.telegram.chat(ANNA).into_iter().map(|message| message.text).collect();
    assert_eq!(sent, ["hi", "/note twice\nas long", "/find"]);
    tab.was_quiet().await;
    tab.browser.end().await;
}
