//! Views for the snapshots of the screens.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::bot::format::Eyes;
use crate::bot::locale::Texts;
use crate::bot::screen::Screen;
use crate::domain::client::{Access, Client};
use crate::domain::ids::{ClientId, PanelUserId, ShortUuid, SubscriptionUrl, TelegramId};
use crate::domain::person::{Lang, Person};
use crate::domain::username::Username;

pub(crate) fn now() -> DateTime<Utc> {
    "2026-05-12T11:00:00Z".parse().unwrap()
}

pub(crate) fn days(number: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(number)
}

pub(crate) fn client(username: &str) -> Client {
    Client {
        id: ClientId(Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef)),
        username: Username::stored(username),
        remnawave_uuid: Some(PanelUserId("1".to_owned())),
        short_uuid: Some(ShortUuid::new("AbCdEf0123456789")),
        subscription_url: Some(SubscriptionUrl::new("https://panel.example.com/api/sub/AbCdEf0123456789")),
        access: Access::Open,
        expires_at: days(22),
        created_at: days(-8),
        updated_at: days(-8),
        telegram_id: None,
    }
}

pub(crate) fn person() -> Person {
    Person {
        id: TelegramId(7_000_000_001),
        name: "Ann <script> \u{202e}& Co 😀".to_owned(),
        telegram_username: Some("ann".to_owned()),
        language_code: Some("en".to_owned()),
        lang: None,
        role: None,
        blocked_bot_at: None,
        must_start: false,
    }
}

/// Compares a screen with its snapshot in each language.
pub(crate) fn snapshot(name: &str, screen: impl Fn(&Eyes) -> Screen) {
    for lang in Lang::ALL {
        let eyes = Eyes { t: Texts(lang), timezone: Tz::Europe__Moscow, now: now() };
        insta::assert_snapshot!(format!("{name}_{}", lang.code()), screen(&eyes));
    }
}

pub(crate) fn eyes() -> Eyes {
    Eyes { t: Texts(Lang::En), timezone: Tz::UTC, now: now() }
}

#[derive(Debug)]
struct Sevens;

impl crate::domain::clock::Entropy for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

pub(crate) fn entropy() -> impl crate::domain::clock::Entropy {
    Sevens
}
