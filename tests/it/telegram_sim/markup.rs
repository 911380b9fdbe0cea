//! HTML, lengths and keyboards, read as Telegram reads them.

use proptest::prelude::{ProptestConfig, any, prop, prop_assert, proptest};
use proptest::strategy::Strategy;
use serde_json::{Value, json};

use super::{OLGA, World};

fn html(text: &str) -> Value {
    json!({ "chat_id": OLGA, "text": text, "parse_mode": "HTML" })
}

#[tokio::test]
async fn html_becomes_plain_text_with_entities() {
    let world = World::started().await;
    let cases = [
        ("<b>a</b><STRONG>b</STRONG>", "ab", vec![("bold", 0, 1), ("bold", 1, 1)]),
        ("<i>a</i><em>b</em>", "ab", vec![("italic", 0, 1), ("italic", 1, 1)]),
        ("<u>a</u><ins>b</ins>", "ab", vec![("underline", 0, 1), ("underline", 1, 1)]),
        (
            "<s>a</s><strike>b</strike><del>c</del>",
            "abc",
            vec![("strikethrough", 0, 1), ("strikethrough", 1, 1), ("strikethrough", 2, 1)],
        ),
        (
            "<tg-spoiler>a</tg-spoiler><span class='tg-spoiler'>b</span>",
            "ab",
            vec![("spoiler", 0, 1), ("spoiler", 1, 1)],
        ),
        (
            "<blockquote>a</blockquote><blockquote expandable>b</blockquote>",
            "ab",
            vec![("blockquote", 0, 1), ("expandable_blockquote", 1, 1)],
        ),
        ("<b>1<i>2</i></b>", "12", vec![("bold", 0, 2), ("italic", 1, 1)]),
        ("<code class=\"language-x\">a</code>", "a", vec![("code", 0, 1)]),
        ("😀<b>😀</b>", "😀😀", vec![("bold", 2, 2)]),
        ("&lt;b&gt; &amp; &quot; &#33;&#x21; &nbsp; &copy A&B", "<b> & \" !! &nbsp; &copy A&B", vec![]),
        (
            "<a href=\"happ://add/x\">a</a> <a href=\"https://example.com/?a=1&amp;b=2\">b</a>",
            "a b",
            vec![("text_link", 2, 1)],
        ),
        ("<tg-emoji emoji-id=\"5368324170671202286\">👍</tg-emoji>", "👍", vec![("custom_emoji", 0, 2)]),
        ("  <b> padded </b>\n", "padded", vec![("bold", 0, 6)]),
        ("a\r\nb\tc", "a\nb c", vec![]),
        ("<b></b>x", "x", vec![]),
        (
            "/new https://example.com/a. @someone",
            "/new https://example.com/a. @someone",
            vec![("bot_command", 0, 4), ("url", 5, 21), ("mention", 28, 8)],
        ),
        ("<code>/new</code>", "/new", vec![("code", 0, 4)]),
    ];
    for (source, text, entities) in cases {
        let message = world.ok("sendMessage", html(source)).await;
        assert_eq!(message["text"], text, "{source}");
        let found: Vec<(&str, u64, u64)> = message["entities"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| {
                (
                    one["type"].as_str().unwrap(),
                    one["offset"].as_u64().unwrap(),
                    one["length"].as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(found, entities, "{source}");
    }
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn broken_html_is_refused_with_the_reason() {
    let world = World::started().await;
    let cases = [
        ("a <script>", "Unsupported start tag \"script\" at byte offset 2"),
        ("1 < 2", "Unsupported start tag \"\" at byte offset 2"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>я</i>", "Unmatched end tag at byte offset 5, expected \"</b>\", found \"</i>\""),
        ("<b><i>x</b></i>", "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\""),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ("<a href=\"x>y</a>", "Unclosed start tag \"a\" at byte offset 0"),
        ("<br/>", "Unsupported start tag \"br/\" at byte offset 0"),
        ("<tg-emoji>x</tg-emoji>", "Tag \"tg-emoji\" must have attribute \"emoji-id\" at byte offset 0"),
        ("<b =x>y</b>", "Empty attribute name in the tag \"b\" at byte offset 0"),
    ];
    for (source, reason) in cases {
        let description = world.violates("sendMessage", html(source)).await;
        assert_eq!(description, format!("Bad Request: can't parse entities: {reason}"), "{source}");
    }
    let mode =
        world.violates("sendMessage", json!({ "chat_id": OLGA, "text": "x", "parse_mode": "BBCode" })).await;
    assert_eq!(mode, "Bad Request: unsupported parse_mode");
}

#[tokio::test]
async fn without_a_parse_mode_nothing_is_markup() {
    let world = World::started().await;
    let sent = world.ok("sendMessage", json!({ "chat_id": OLGA, "text": "<b>&amp;" })).await;
    assert_eq!(sent["text"], "<b>&amp;");
    let entities = json!([{ "type": "bold", "offset": 0, "length": 2 }]);
    let sent =
        world.ok("sendMessage", json!({ "chat_id": OLGA, "text": "hello", "entities": entities })).await;
    assert_eq!(sent["entities"], entities);
}

#[tokio::test]
async fn lengths_are_utf16_units_after_parsing() {
    let world = World::started().await;
    world.ok("sendMessage", html(&format!("<pre>{}</pre>", "я".repeat(4096)))).await;
    world.ok("sendMessage", html(&"&lt;".repeat(4096))).await;
    world.ok("sendMessage", html(&"😀".repeat(2048))).await;
    let long = world.violates("sendMessage", html(&"😀".repeat(2049))).await;
    assert_eq!(long, "Bad Request: message is too long");
    for empty in ["", " \n ", "<b></b>"] {
        assert_eq!(world.violates("sendMessage", html(empty)).await, "Bad Request: message text is empty");
    }
    let none = world.violates("sendMessage", json!({ "chat_id": OLGA })).await;
    assert_eq!(none, "Bad Request: message text is empty");
}

#[tokio::test]
async fn buttons_are_checked() {
    let world = World::started().await;
    let one = |button: Value| json!({ "reply_markup": { "inline_keyboard": [[button]] } });
    let good = [
        json!({ "text": "a", "callback_data": "x".repeat(64) }),
        json!({ "text": "a", "url": "https://example.com/x?y#z" }),
        json!({ "text": "a", "url": "http://127.0.0.1:8000/connect" }),
        json!({ "text": "a", "url": "t.me/demo_bot" }),
        json!({ "text": "a", "url": "tg://user?id=1" }),
        json!({ "text": "a", "copy_text": { "text": "я".repeat(256) } }),
        json!({ "text": "a", "switch_inline_query": "" }),
    ];
    for button in good {
        world.send(one(button)).await;
    }
    let url = |url: &str, reason: &str| {
        let refusal = format!("inline keyboard button URL '{url}' is invalid: {reason}");
        (json!({ "text": "a", "url": url }), refusal)
    };
    let data = |text: &str| (json!({ "text": "a", "callback_data": text }), "BUTTON_DATA_INVALID".to_owned());
    let parse =
        |button: Value, reason: &str| (button, format!("can't parse inline keyboard button: {reason}"));
    let copy = |text: &str| {
        (json!({ "text": "a", "copy_text": { "text": text } }), "BUTTON_COPY_TEXT_INVALID".to_owned())
    };
    let bad = [
        data(""),
        data(&"я".repeat(33)),
        url("happ://add/x", "Unsupported URL protocol"),
        url("http://localhost:8000/", "Wrong HTTP URL"),
        url("https://", "URL host is empty"),
        url("", "URL host is empty"),
        copy(""),
        copy(&"x".repeat(257)),
        parse(json!({ "text": "a" }), "Text buttons are unallowed in the inline keyboard"),
        parse(
            json!({ "text": "a", "url": "https://a.b", "callback_data": "x" }),
            "a button must have exactly one action",
        ),
        parse(json!({ "text": "", "callback_data": "x" }), "field \"text\" must be a non-empty String"),
        parse(json!({ "text": "a", "callback": "x" }), "unknown field \"callback\""),
    ];
    for (button, reason) in bad {
        let mut call = one(button);
        call["chat_id"] = json!(OLGA);
        call["text"] = json!("x");
        assert_eq!(world.violates("sendMessage", call).await, format!("Bad Request: {reason}"));
    }
}

#[tokio::test]
async fn keyboards_have_limits() {
    let world = World::started().await;
    let button = json!({ "text": "a", "callback_data": "x" });
    let keyboard =
        |rows: usize, row: usize| json!({ "inline_keyboard": vec![vec![button.clone(); row]; rows] });
    let send = |markup: Value| json!({ "chat_id": OLGA, "text": "x", "reply_markup": markup });
    world.ok("sendMessage", send(keyboard(12, 8))).await;
    let long = world.violates("sendMessage", send(keyboard(13, 8))).await;
    assert_eq!(long, "Bad Request: reply markup is too long");
    let wide = world.violates("sendMessage", send(keyboard(1, 9))).await;
    assert!(wide.contains("a row has 9 buttons"), "{wide}");
    let unknown = world.violates("sendMessage", send(json!({ "inline_buttons": [] }))).await;
    assert!(unknown.contains("can't parse reply markup"), "{unknown}");
    // Another kind of markup is not part of the message; an empty keyboard is none.
    let sent = world.ok("sendMessage", send(json!({ "remove_keyboard": true }))).await;
    assert_eq!(sent.get("reply_markup"), None);
    let sent = world.ok("sendMessage", send(keyboard(0, 0))).await;
    assert_eq!(sent.get("reply_markup"), None);
}

/// Pieces of markup in any order, and any text.
fn soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<b>",
        "</b>",
        "<a href=\"",
        "\">",
        "</a>",
        "<",
        ">",
        "&",
        "&#",
        "&#x",
        ";",
        "</",
        "<pre><code class=\"language-",
        "я",
        "😀",
        " ",
        "\n",
        "\r",
        "\u{1}",
        "'",
        "=",
        "/",
        "<span class='tg-spoiler'>",
        "</span>",
        "<blockquote expandable>",
    ]);
    let piece = proptest::prop_oneof![4 => pieces.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever the text, there is an answer, and entities lie within the text.
    #[test]
    fn any_html_is_answered(sources in prop::collection::vec(soup(), 20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::started().await;
            for source in sources {
                let answer = world.call("sendMessage", html(&source)).await;
                let message = &answer["result"];
                let length = message["text"].as_str().unwrap_or_default().encode_utf16().count() as u64;
                for entity in message["entities"].as_array().into_iter().flatten() {
                    let end = entity["offset"].as_u64().unwrap() + entity["length"].as_u64().unwrap();
                    prop_assert!(end <= length, "{source:?}: {answer}");
                }
            }
            Ok(())
        })?;
    }
}
