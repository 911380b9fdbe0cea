//! Messages of every kind, as Telegram's apps show them; the test is the bot.

use fantoccini::Locator;
use serde_json::{Value, json};

use super::alone::Alone;
use super::{ANNA, DESK, ESCAPE, OLGA, Tab};
use crate::browser::chromium::Device;

/// The newest message's text as pairs of what it is marked with and what is written in it.
const PARTS: &str = "(() => {
    const message = [...document.querySelectorAll('.list:not([hidden]) .message')].at(-1);
    const walk = document.createTreeWalker(message.querySelector('.text'), NodeFilter.SHOW_TEXT);
    const parts = [];
    while (walk.nextNode()) {
        const marks = [];
        for (let at = walk.currentNode.parentElement; !at.matches('.text'); at = at.parentElement) marks.unshift(at.className || at.localName);
        if (!marks.some((mark) => ['meta', 'unseen'].includes(mark))) parts.push([marks.join(' '), walk.currentNode.data]);
    }
    return parts;
})()";

async fn started() -> (Alone, Tab) {
    let alone = Alone::new().await;
    alone.telegram.send_text(OLGA, "/start");
    let tab = Tab::open(&alone.page(), DESK).await;
    (alone, tab)
}

#[tokio::test]
async fn marks_are_shown_and_nothing_becomes_markup() {
    let (alone, tab) = started().await;
    let evil = "&lt;img src=x onerror=\"document.title='evil'\"&gt;";
    let html = format!(
        "😀 <b>{evil} 😀<i> both</i></b> <u>u</u><s>s</s>\n<code>a  b</code> <pre>{{}}\n</pre><a href=\"https://example.com/x?a=1\">there</a> \
         <tg-spoiler>hid<b>den</b></tg-spoiler> <blockquote>q</blockquote> /new @anna_user https://example.org/y. end"
    );
    alone.call("sendMessage", json!({"chat_id": OLGA, "parse_mode": "HTML", "text": html})).await;
    tab.told("end").await;
    let evil = "<img src=x onerror=\"document.title='evil'\">";
    let expected = json!([
        ["", "😀 "],
        ["b", format!("{evil} 😀")],
        ["b i", " both"],
        ["", " "],
        ["u", "u"],
        ["s", "s"],
        ["", "\n"],
        ["code", "a  b"],
        ["", " "],
        ["pre", "{}\n"],
        ["a", "there"],
        ["", " "],
        ["spoiler", "hid"],
        ["spoiler b", "den"],
        ["", " "],
        ["blockquote", "q"],
        ["", " "],
        ["inline", "/new"],
        ["", " "],
        ["named", "@anna_user"],
        ["", " "],
        ["a", "https://example.org/y"],
        ["", ". end"],
    ]);
    assert_eq!(tab.eval(PARTS).await, expected);
    let links =
        tab.eval("[...document.querySelectorAll('.text a')].map((a) => [a.href, a.target, a.rel])").await;
    let link = |href| json!([href, "_blank", "noopener noreferrer"]);
    assert_eq!(links, json!([link("https://example.com/x?a=1"), link("https://example.org/y")]));
    tab.click(".spoiler").await;
    assert_eq!(tab.eval("document.querySelector('.spoiler')").await, Value::Null);

    // What people write is theirs: no marks, and no markup either.
    tab.say("<b>x</b> <img src=x onerror=alert(1)>").await;
    tab.told("<b>x</b> <img src=x onerror=alert(1)>").await;
    assert_eq!(tab.eval("document.querySelectorAll('#messages img, #messages script').length").await, 0);
    assert_eq!(tab.eval("document.title").await, "RemnaWave Orchestrator, demo");
    assert_eq!(alone.telegram.chat(OLGA).last().unwrap().text, "<b>x</b> <img src=x onerror=alert(1)>");
    tab.was_quiet().await;
    tab.browser.end().await;
}

#[tokio::test]
async fn a_message_changes_in_place_and_goes() {
    let (alone, tab) = started().await;
    let rows = |rows: Value| json!({"inline_keyboard": rows});
    let two = rows(json!([[{"text": "One", "callback_data": "1"}, {"text": "Two", "callback_data": "2"}]]));
    let sent =
        alone.call("sendMessage", json!({"chat_id": OLGA, "text": "first", "reply_markup": two})).await;
    let later = alone.call("sendMessage", json!({"chat_id": OLGA, "text": "later"})).await;
    tab.told("later").await;
    tab.eval("[...document.querySelectorAll('.key')].at(-1).focus()").await;
    let id = &sent["message_id"];
    let one = rows(json!([[{"text": "Three", "callback_data": "3"}]]));
    alone
        .call(
            "editMessageText",
            json!({"chat_id": OLGA, "message_id": id, "text": "second", "reply_markup": one}),
        )
        .await;
    let item = format!("document.querySelector('[data-id=\"{id}\"]')");
    tab.until(&format!("{item}.querySelector('.text').innerText.includes('second')")).await;
    assert_eq!(
        tab.eval(&format!("{item}.querySelector('.meta').textContent.startsWith('edited')")).await,
        true
    );
    assert_eq!(
        tab.eval("document.activeElement.textContent").await,
        "Three",
        "the focus stays in the message"
    );
    tab.told("later").await;
    alone.call("deleteMessage", json!({"chat_id": OLGA, "message_id": later["message_id"]})).await;
    tab.told("second").await;

    // Only so many are kept.
    for number in 0..230 {
        alone.call("sendMessage", json!({"chat_id": OLGA, "text": format!("message {number}")})).await;
    }
    tab.told("message 229").await;
    tab.until("document.querySelectorAll('.list:not([hidden]) .message').length === 200").await;
    assert_eq!(tab.eval("document.querySelector('.message').textContent.includes('message 30')").await, true);
    tab.browser.client.refresh().await.unwrap();
    tab.ready().await;
    assert_eq!(tab.eval("document.querySelectorAll('.list:not([hidden]) .message').length").await, 200);
    tab.was_quiet().await;
    tab.browser.end().await;
}

#[tokio::test]
async fn a_tap_waits_for_its_answer() {
    let (alone, tab) = started().await;
    let keys = json!({"inline_keyboard": [[{"text": "Press", "callback_data": "client:7"}]]});
    alone.call("sendMessage", json!({"chat_id": OLGA, "text": "well?", "reply_markup": keys})).await;
    tab.told("well?").await;
    for (text, alert) in [("No <b>", true), ("Done & done", false)] {
        tab.tap("Press").await;
        tab.until("document.querySelector('.key').ariaBusy === 'true'").await;
        let tap = alone.telegram.wait(|telegram| telegram.unanswered_callbacks().pop()).await;
        assert_eq!((tap.person, tap.data.as_str()), (OLGA, "client:7"));
        let answer = json!({"callback_query_id": tap.id, "text": text, "show_alert": alert});
        alone.call("answerCallbackQuery", answer).await;
        tab.until("document.querySelector('.key').ariaBusy === null").await;
        if alert {
            tab.until("document.getElementById('alert').open").await;
            assert_eq!(tab.eval("document.getElementById('alert-text').textContent").await, text);
            tab.press(ESCAPE).await;
            tab.until("!document.getElementById('alert').open").await;
        } else {
            tab.until(&format!("document.querySelector('.toast')?.textContent === {text:?}")).await;
        }
    }
    tab.was_quiet().await;
    tab.browser.end().await;
}

#[tokio::test]
async fn buttons_copy_and_open_what_they_say() {
    let (alone, tab) = started().await;
    let keys = json!({"inline_keyboard": [
        [{"text": "Copy", "copy_text": {"text": "vless://<x>&y"}}],
        [{"text": "Site", "url": "https://example.com/a"}, {"text": "App", "web_app": {"url": "https://vpn.demo.example/connect#x"}}],
        [{"text": "Invite", "url": "https://t.me/vpn_bot?start=abc"}, {"text": "Other", "url": "tg://resolve?domain=x"}],
    ]});
    let html = "<code>code to copy</code>";
    alone
        .call(
            "sendMessage",
            json!({"chat_id": OLGA, "text": html, "parse_mode": "HTML", "reply_markup": keys}),
        )
        .await;
    tab.told("code to copy").await;
    let pasted = async || {
        let field = tab.browser.client.find(Locator::Id("message")).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys("\u{e009}v").await.unwrap();
        field.prop("value").await.unwrap().unwrap()
    };
    tab.tap("Copy").await;
    tab.until("document.querySelector('.toast')?.textContent === 'Copied'").await;
    assert_eq!(pasted().await, "vless://<x>&y");
    // Where the browser refuses, the old way.
    tab.eval("(navigator.clipboard.writeText = () => Promise.reject(new Error('no')))").await;
    tab.click(".text code").await;
    tab.until(
        "document.querySelectorAll('.toast').length === 2 || document.querySelector('.toast') === null",
    )
    .await;
    assert_eq!(pasted().await, "code to copy");
    let links = tab.eval("[...document.querySelectorAll('a.key')].map((a) => a.getAttribute('href'))").await;
    let own = format!("http://localhost:{}/connect#x", alone.port);
    assert_eq!(links, json!(["https://example.com/a", own]), "our own page is at this address here");
    tab.tap("Other").await;
    tab.until(
        "[...document.querySelectorAll('.toast')].at(-1)?.textContent.startsWith('Links of the simulated')",
    )
    .await;
    tab.tap("Invite").await;
    tab.until("document.getElementById('open-as').open").await;
    assert_eq!(tab.eval("document.activeElement.dataset.person").await, ANNA.to_string());
    tab.press(super::ENTER).await;
    let sent = alone.telegram.wait(|telegram| telegram.chat(ANNA).pop()).await;
    assert_eq!(sent.text, "/start abc");
    tab.told("/start").await;
    tab.was_quiet().await;
    tab.browser.end().await;
}

#[tokio::test]
async fn files_are_saved_and_the_bot_is_seen_at_work() {
    let (alone, tab) = started().await;
    alone.call("sendChatAction", json!({"chat_id": OLGA, "action": "typing"})).await;
    tab.until("document.getElementById('bot-status').textContent === 'typing…'").await;
    alone.call("sendChatAction", json!({"chat_id": OLGA, "action": "upload_document"})).await;
    tab.until("document.getElementById('bot-status').textContent === 'sending a file…'").await;
    let url = format!("{}/bot{}/sendDocument", alone.telegram.url(), super::alone::BOT);
    let file = reqwest::multipart::Part::bytes(b"dmxlc3M=".to_vec()).file_name("keys «1».txt");
    let form = reqwest::multipart::Form::new()
        .text("chat_id", OLGA.to_string())
        .text("caption", "yours")
        .part("document", file);
    assert!(reqwest::Client::new().post(url).multipart(form).send().await.unwrap().status().is_success());
    tab.told("yours").await;
    assert_eq!(tab.eval("document.getElementById('bot-status').textContent").await, "bot");
    assert_eq!(tab.eval("document.querySelector('.file').innerText").await, "keys «1».txt\n8 B");
    let fetched = "fetch(document.querySelector('.file').href).then(async (answer) => [
        answer.headers.get('content-disposition'), answer.headers.get('content-type'), await answer.text()])";
    let saved = "attachment; filename*=UTF-8''keys%20%C2%AB1%C2%BB%2Etxt";
    assert_eq!(tab.eval(fetched).await, json!([saved, "application/octet-stream", "dmxlc3M="]));
    tab.was_quiet().await;
    tab.browser.end().await;
}

#[tokio::test]
async fn the_page_comes_back_by_itself() {
    let (mut alone, tab) = started().await;
    tab.eval("(window.stayed = true)").await;
    alone.stop().await;
    tab.until("!document.getElementById('away').hidden").await;
    alone.telegram.send_text(OLGA, "meanwhile");
    alone.start().await;
    tab.until("document.getElementById('away').hidden").await;
    tab.told("meanwhile").await;
    assert_eq!(tab.eval("document.querySelectorAll('.list:not([hidden]) .message').length").await, 2);
    assert_eq!(tab.eval("window.stayed").await, true);
    tab.browser.end().await;
}

#[tokio::test]
async fn pages_from_elsewhere_can_neither_look_nor_act() {
    let (alone, tab) = started().await;
    let foreign = format!("http://vpn.test:{}/demo", alone.port);
    tab.browser.client.goto(&foreign).await.unwrap();
    assert_eq!(tab.eval("document.body.innerText.trim()").await, "only the demo's own page may do this");
    // A page of another port on this machine.
    tab.browser.client.goto(&alone.telegram.url()).await.unwrap();
    let acts = format!(
        "Promise.all(['POST', 'GET'].map((method) => fetch('http://localhost:{}/demo/people/1001/send', {{
            method, mode: 'no-cors', body: method === 'POST' ? '{{\"text\":\"evil\"}}' : undefined }}).then((answer) => answer.type, () => 'refused')))",
        alone.port
    );
    tab.eval(&acts).await;
    assert_eq!(alone.telegram.chat(OLGA).len(), 1);
    let look = format!(
        "new Promise((told) => {{ const source = new EventSource('http://localhost:{}/demo/events');
            source.onerror = () => told(source.readyState); source.onmessage = () => told('heard'); }})",
        alone.port
    );
    assert_eq!(tab.eval(&look).await, 2, "closed");
    // A link from elsewhere opens it, as any page.
    let link = format!("(location.href = {:?})", alone.page());
    tab.eval(&link).await;
    tab.ready().await;
    tab.browser.end().await;
}

#[tokio::test]
async fn the_end_stays_in_sight_until_one_looks_back() {
    let (alone, tab) = started().await;
    for number in 0..30 {
        alone.call("sendMessage", json!({"chat_id": OLGA, "text": format!("message {number}\n\n.")})).await;
    }
    tab.told("message 29").await;
    let hidden = "(({ scrollHeight, scrollTop, clientHeight }) => Math.round(scrollHeight - scrollTop - clientHeight))(document.getElementById('messages'))";
    tab.until(&format!("{hidden} === 0")).await;
    // A keyboard comes up, and goes.
    for height in [420, 800] {
        tab.browser.become_device(Device { height, ..DESK }).await;
        tab.until(&format!("innerHeight === {height} && {hidden} === 0")).await;
    }
    tab.eval("document.getElementById('messages').scrollTo(0, 200)").await;
    tab.until("!document.getElementById('down').hidden").await;
    alone.call("sendMessage", json!({"chat_id": OLGA, "text": "one more"})).await;
    tab.told("one more").await;
    tab.until("document.getElementById('down').classList.contains('news')").await;
    assert_eq!(tab.eval("document.getElementById('messages').scrollTop").await, 200);
    tab.click("#down").await;
    tab.until(&format!("{hidden} === 0 && document.getElementById('down').hidden")).await;
    tab.was_quiet().await;
    tab.browser.end().await;
}
