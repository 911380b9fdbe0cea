//! What is accepted, what is refused, and that a refusal helps without giving anything away.

use std::collections::BTreeSet;

use secrecy::ExposeSecret;

use std::path::PathBuf;

use super::*;
use crate::api::edge::TrustedProxies;
use crate::domain::actor::TokenScope;

fn map(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn accepted(pairs: &[(&str, &str)]) -> Settings {
    Settings::from_map(&map(pairs)).unwrap()
}

fn refused(name: &str, value: &str) -> String {
    let error = Settings::from_map(&map(&[(name, value)])).expect_err(value);
    assert_eq!(error.problems().len(), 1, "{error}");
    assert!(error.problems()[0].starts_with(&format!("{name}: ")), "{error}");
    assert!(error.problems()[0].contains(". Expected: "), "{error}");
    error.to_string()
}

#[test]
fn nothing_set_gives_the_defaults() {
    for settings in [accepted(&[]), accepted(&[("APP_PORT", " "), ("ADMIN_IDS", ""), ("RUST_LOG", "")])] {
        assert_eq!((settings.host.to_string().as_str(), settings.port), ("127.0.0.1", 8000));
        assert!(
            matches!(settings.database_url, DatabaseUrl::Sqlite(path) if path.as_os_str() == "data/orchestrator.db")
        );
        assert_eq!(settings.telegram.api_url.as_str(), "https://api.telegram.org/");
        assert!(settings.telegram.token.is_none() && settings.panel.base_url.is_none());
        assert_eq!(settings.panel.timeout, Duration::from_secs(10));
        assert_eq!(settings.panel.version, VersionSetting::Auto);
        assert_eq!((settings.api.auth, settings.api.tokens.len()), (ApiAuth::Required, 0));
        assert_eq!(
            (settings.api.concurrency, settings.api.trusted_proxies),
            (256, TrustedProxies::default())
        );
        assert_eq!((settings.default_locale, settings.timezone), (Lang::Ru, Tz::UTC));
        assert_eq!(settings.reconcile_interval, Duration::from_secs(60));
        assert_eq!(settings.intent_lease, Duration::from_secs(30));
        assert_eq!(settings.shutdown_timeout, Duration::from_secs(10));
        assert_eq!((settings.log_filter.as_str(), settings.log_format), ("info", LogFormat::Text));
    }
}

#[test]
fn the_example_names_every_variable_and_no_other_and_its_values_are_the_defaults() {
    let example = include_str!("../../.env.example");
    let lines: Vec<_> = example.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let written: Vec<_> = lines.iter().map(|line| line.split_once('=').unwrap()).collect();
    let names: BTreeSet<_> = written.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, VARIABLES.iter().map(|variable| variable.name).collect());
    assert_eq!(names.len(), written.len(), "each once");

    let nothing = HashMap::new();
    let mut reader = Reader::new(&nothing);
    Settings::read(&mut reader).unwrap();
    assert_eq!(names, reader.asked.into_iter().collect(), "what is listed is what is read");
    assert_eq!(format!("{:?}", accepted(&written)), format!("{:?}", accepted(&[])));
}

#[test]
fn databases() {
    for (text, path) in [
        ("sqlite://data/x.db", "data/x.db"),
        ("sqlite:data/x.db", "data/x.db"),
        ("sqlite:///var/lib/x.db", "/var/lib/x.db"),
    ] {
        let DatabaseUrl::Sqlite(found) = accepted(&[("DATABASE_URL", text)]).database_url else {
            panic!("{text}")
        };
        assert_eq!(found, PathBuf::from(path));
    }
    for text in [
        "postgres://me:pw@db/x?sslmode=require",
        "postgresql://me:pw@db/x?sslmode=require",
        "postgresql+asyncpg://me:pw@db/x?sslmode=require",
    ] {
        let DatabaseUrl::Postgres(url) = accepted(&[("DATABASE_URL", text)]).database_url else {
            panic!("{text}")
        };
        assert_eq!(url.expose_secret(), "postgres://me:pw@db/x?sslmode=require");
    }
    accepted(&[("DATABASE_URL", "postgres:///x?host=/tmp/socket")]);
    for text in ["sqlite::memory:", "sqlite://:memory:"] {
        assert!(refused("DATABASE_URL", text).contains("in memory"));
    }
    for text in [
        "sqlite://",
        "sqlite:x?mode=rwc",
        "mysql://hunter2@db/x",
        "hunter2",
        "postgres:hunter2",
        "postgres://me:hunter2@db:port/x",
    ] {
        assert!(!refused("DATABASE_URL", text).contains("hunter2"));
    }
}

#[test]
fn recipients_of_backups() {
    let key = "age1jga7y3tj5ftjgeum0dej907gtxve5hznugsl9dzscfdv2prx4v6q73rx2l";
    assert!(accepted(&[]).backup_recipients.is_empty());
    let several = format!("{key}, {key}");
    assert_eq!(accepted(&[("BACKUP_RECIPIENT", &several)]).backup_recipients.count(), 2);
    assert!(refused("BACKUP_RECIPIENT", "age1hunter2").contains("age-keygen"));
    let secret = refused("BACKUP_RECIPIENT", "AGE-SECRET-KEY-1HUNTER2");
    assert!(secret.contains("only the public one") && !secret.contains("HUNTER2"), "{secret}");
}

#[test]
fn tokens() {
    let settings = accepted(&[(
        "API_TOKENS",
        "shop:0123456789abcdef, eye:0123456789abcdeF:read,bot:0123456789abcde/:write,",
    )]);
    let tokens: Vec<_> = settings.api.tokens.iter().map(|token| (token.name.as_str(), token.scope)).collect();
    assert_eq!(tokens, [("shop", TokenScope::Write), ("eye", TokenScope::Read), ("bot", TokenScope::Write)]);
    for wrong in [
        "hunter2-hunter2-hunter2",
        "shop:",
        ":hunter2-hunter2-hunter2",
        "a b:hunter2-hunter2-hunter2",
        "shop:hunter2-hunter2-hunter2:admin",
        "shop:hunter2-hunter2-hunter2:read:",
        "shop:hunter2 hunter2 hunter2",
        "shop:hunter2-hunter2-hunter2,shop:hunter3-hunter3-hunter3",
        "shop:hunter2-hunter2-hunter2,eye:hunter2-hunter2-hunter2:read",
    ] {
        assert!(!refused("API_TOKENS", wrong).contains("hunter"), "{wrong}");
    }
    assert!(!format!("{settings:?}").contains("0123456789"));
}

#[test]
fn telegram_and_its_token() {
    let settings = accepted(&[
        ("TELEGRAM_BOT_TOKEN", "123:AA-b_C"),
        ("TELEGRAM_PROXY", "socks5h://me:pw@127.0.0.1:1080"),
        ("TELEGRAM_API_URL", "http://127.0.0.1:8081"),
        ("ADMIN_IDS", "1001, 1002,1001"),
    ]);
    assert_eq!(settings.telegram.token.unwrap().expose_secret(), "123:AA-b_C");
    assert_eq!(settings.telegram.proxy.unwrap().expose_secret(), "socks5h://me:pw@127.0.0.1:1080");
    assert_eq!(settings.admin_ids, [TelegramId(1001), TelegramId(1002)]);
    for wrong in ["hunter2", "bot123:hunter2", "123:", ":hunter2", "123:hun:ter2", "123:hunter2!"] {
        assert!(!refused("TELEGRAM_BOT_TOKEN", wrong).contains("hunter2"));
    }
    for wrong in ["ftp://hunter2@host", "hunter2", "socks4://hunter2", "http://"] {
        assert!(!refused("TELEGRAM_PROXY", wrong).contains("hunter2"));
    }
    for wrong in ["0", "-5", "@me", "1;2", "99999999999999999999"] {
        refused("ADMIN_IDS", wrong);
    }
}

#[test]
fn the_panel_and_its_headers() {
    let settings = accepted(&[
        ("REMNAWAVE_BASE_URL", "https://panel.example.com/"),
        ("REMNAWAVE_API_VERSION", "3"),
        ("REMNAWAVE_INTERNAL_SQUADS", "Default-Squad, Premium users,"),
        ("PANEL_EXTRA_HEADERS", "Cookie: a=b; c=d, e || X-Api-Key:key\nX-More: x:y"),
    ]);
    assert_eq!(settings.panel.version, VersionSetting::V3);
    assert_eq!(settings.panel.squads, ["Default-Squad", "Premium users"]);
    let headers: Vec<_> = settings
        .panel
        .extra_headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose_secret()))
        .collect();
    assert_eq!(headers, [("Cookie", "a=b; c=d, e"), ("X-Api-Key", "key"), ("X-More", "x:y")]);
    for wrong in ["hunter2", "a b: hunter2", "Cookie:", ": hunter2", "X: hunter2\u{1}"] {
        assert!(!refused("PANEL_EXTRA_HEADERS", wrong).contains("hunter2"));
    }
    for wrong in
        ["panel.example.com", "ftp://x", "https://x?a=b", "https://x#a", "http://", "https://me:hunter2@host"]
    {
        assert!(!refused("REMNAWAVE_BASE_URL", wrong).contains("hunter2"));
    }
    refused("REMNAWAVE_API_TOKEN", "two words");
    refused("REMNAWAVE_API_VERSION", "v4");
}

#[test]
fn everything_else_that_can_be_wrong() {
    for (name, wrong) in [
        ("APP_HOST", "nowhere"),
        ("APP_PORT", "-1"),
        ("APP_PORT", "65536"),
        ("PUBLIC_URL", "vpn.example.com"),
        ("PANEL_TIMEOUT", "0"),
        ("PANEL_TIMEOUT", "301"),
        ("PANEL_TIMEOUT", "1.5"),
        ("RECONCILE_INTERVAL", "-1"),
        ("INTENT_LEASE", "1h"),
        ("SHUTDOWN_TIMEOUT", "301"),
        ("API_AUTH", "no"),
        ("API_CONCURRENCY", "0"),
        ("API_CONCURRENCY", "10001"),
        ("API_CONCURRENCY", "many"),
        ("TRUSTED_PROXIES", "proxy.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.0/40"),
        ("DEFAULT_LOCALE", "de"),
        ("TIMEZONE", "Moscow"),
        ("RUST_LOG", "orchestrator=loud"),
        ("LOG_FORMAT", "xml"),
    ] {
        refused(name, wrong);
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let error = Settings::from_map(&map(&[
        ("APP_PORT", "http"),
        ("TIMEZONE", &"x".repeat(500)),
        ("TELEGRAM_BOT_TOKEN", "hunter2"),
        ("PANEL_TIMEOUT", "x"),
    ]))
    .unwrap_err();
    let text = error.to_string();
    assert_eq!(text.lines().count(), 5, "{text}");
    assert!(text.contains(
        "APP_PORT: it is no port (\"http\"). Expected: a port from 0 (any free one) to 65535, such as 8000"
    ));
    assert!(text.contains(&format!("(\"{}\"…)", "x".repeat(60))));
    assert!(!text.contains("hunter2"));
}

#[test]
fn faults_do_not_keep_the_rest_from_being_read() {
    let (rest, told) = Settings::rest_from_map(map(&[
        ("APP_PORT", "http"),
        ("PUBLIC_URL", "vpn.example.com"),
        ("TELEGRAM_MODE", "webhook"),
        ("PANEL_TIMEOUT", "7"),
    ]));
    let (rest, told) = (rest.unwrap(), told.unwrap());
    assert_eq!((rest.port, rest.panel.timeout.as_secs()), (8000, 7));
    assert_eq!(told.names(), ["APP_PORT", "PUBLIC_URL", "TELEGRAM_MODE"]);
    let (rest, told) = Settings::rest_from_map(map(&[]));
    assert!(rest.is_some() && told.is_none());
}

#[test]
fn a_dotenv_file_is_read_without_touching_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    let mut problems = vec![];
    assert!(reader::dotenv(&path, &mut problems).is_empty());
    std::fs::write(&path, "# x\nAPP_PORT=9000\nPANEL_EXTRA_HEADERS='Cookie: a=b; c=$d # e'\n").unwrap();
    let found = reader::dotenv(&path, &mut problems);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(found["APP_PORT"], "9000");
    assert_eq!(found["PANEL_EXTRA_HEADERS"], "Cookie: a=b; c=$d # e");
    assert_ne!(std::env::var("APP_PORT").as_deref(), Ok("9000"));

    assert!(reader::dotenv(folder.path(), &mut problems).is_empty(), "a folder is no file");
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.clear();

    std::fs::write(&path, "TELEGRAM_BOT_TOKEN='hunter2\nAPP_PORT=9000\n").unwrap();
    reader::dotenv(&path, &mut problems);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with(".env: ") && !problems[0].contains("hunter2"), "{problems:?}");
}

proptest::proptest! {
    #[test]
    fn any_value_has_an_answer(value in "\\PC*") {
        for variable in &VARIABLES {
            let _answer = Settings::from_map(&map(&[(variable.name, &value)]));
        }
    }
}
