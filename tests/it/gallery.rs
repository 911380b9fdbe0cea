//! `docs/screens.md`: every screen as people see it, made of the screens' snapshots, so that it cannot go stale.

mod names;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use names::NAMES;

const PREFIX: &str = "orchestrator__bot__screens__samples__";

/// Under which heading a screen stands: by the beginning of its name.
const SECTIONS: [(&str, &[&str]); 8] = [
    ("Home, list, search, card", &["home", "list", "card", "find", "search"]),
    ("Changing a client", &["change", "created", "new"]),
    ("Handing over", &["delivery", "unfit", "invite", "key", "config"]),
    ("People: roles, links", &["role", "people", "link", "unlink", "move", "take", "owner"]),
    (
        "What clients see",
        &["user", "mine", "status", "diagnosis", "rotate", "own", "stranger", "help_user", "lang"],
    ),
    ("Log, statistics, tokens", &["log", "stats", "token"]),
    ("Import and broadcast", &["import", "broadcast"]),
    ("What the bot writes by itself, and everything else", &[""]),
];

/// A screen's name in words.
fn heading(name: &str) -> &'static str {
    let named = NAMES.iter().find(|(screen, _)| *screen == name);
    named.unwrap_or_else(|| panic!("{name} has no heading in tests/it/gallery/names.rs")).1
}

/// As GitHub makes it of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The screens by name, each in both languages.
fn screens() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut screens = BTreeMap::<String, BTreeMap<String, String>>::new();
    for entry in std::fs::read_dir(project("src/bot/screens/snapshots")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let Some(name) = file.strip_prefix(PREFIX) else { continue };
        let (name, lang) = name.rsplit_once('_').unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let screen = text.splitn(3, "---\n").nth(2).unwrap().trim_end().to_owned();
        screens.entry(name.to_owned()).or_default().insert(lang.to_owned(), screen);
    }
    screens
}

/// A row of buttons, if the line is one: `[label | data] [label | data]`.
fn buttons(line: &str) -> Option<Vec<&str>> {
    let inner = line.strip_prefix('[')?.strip_suffix(']')?;
    inner.split("] [").map(|button| button.rsplit_once(" | ").map(|(label, _)| label)).collect()
}

fn cell(screen: &str) -> String {
    let lines = screen.lines().map(|line| match buttons(line) {
        Some(labels) => {
            let keys: Vec<String> =
                labels.iter().map(|label| format!("<kbd>{}</kbd>", label.replace('<', "&lt;"))).collect();
            keys.join(" ")
        }
        None => line.replace("<pre>", "<code>").replace("</pre>", "</code>"),
    });
    // A pipe would end the cell.
    lines.collect::<Vec<_>>().join("<br>").replace('|', "&#124;")
}

fn page() -> String {
    let mut left = screens();
    let mut page = "# Screens\n\nEvery screen of the bot with made-up people, in Russian and in English. \
                    This page is made by the tests (`INSTA_UPDATE=always scripts/test`).\n\n"
        .to_owned();
    for (title, _) in SECTIONS {
        writeln!(page, "- [{title}](#{})", anchor(title)).unwrap();
    }
    for (title, beginnings) in SECTIONS {
        let names: Vec<String> = left
            .keys()
            .filter(|name| beginnings.iter().any(|beginning| name.starts_with(beginning)))
            .cloned()
            .collect();
        if names.is_empty() {
            continue;
        }
        write!(page, "\n## {title}\n").unwrap();
        for name in names {
            let languages = left.remove(&name).unwrap();
            assert_eq!(languages.keys().collect::<Vec<_>>(), ["en", "ru"], "{name}");
            let (ru, en) = (cell(&languages["ru"]), cell(&languages["en"]));
            let heading = heading(&name);
            write!(page, "\n### {heading}\n\n| Русский | English |\n| --- | --- |\n| {ru} | {en} |\n")
                .unwrap();
        }
    }
    page
}

#[test]
fn the_gallery_shows_every_screen_as_it_is() {
    let path = project("docs/screens.md");
    let page = page();
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/screens.md is stale: run INSTA_UPDATE=always scripts/test -E 'test(gallery)'"
    );
}
