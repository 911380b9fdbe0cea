//! Dates, lengths of time and amounts, as people read them.

use chrono::{DateTime, Offset as _, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::client::State;
use crate::domain::person::Lang;

use super::locale::{Key, Texts, args};

/// From where someone looks: language, time zone, moment. What a screen needs besides its view.
#[derive(Debug, Clone, Copy)]
pub struct Eyes {
    /// The language.
    pub t: Texts,
    /// In which dates are shown.
    pub timezone: Tz,
    /// The present.
    pub now: DateTime<Utc>,
}

impl Eyes {
    /// `12.05.2026 14:00 (UTC+3)`.
    pub fn date(&self, moment: DateTime<Utc>) -> String {
        let local = moment.with_timezone(&self.timezone);
        let minutes = local.offset().fix().local_minus_utc() / 60;
        let offset = match (minutes / 60, minutes.abs() % 60) {
            (0, 0) => "UTC".to_owned(),
            (hours, 0) => format!("UTC{hours:+}"),
            (hours, rest) => format!("UTC{}{}:{rest:02}", if minutes < 0 { '-' } else { '+' }, hours.abs()),
        };
        let pattern = match self.t.0 {
            Lang::Ru => "%d.%m.%Y %H:%M",
            Lang::En => "%Y-%m-%d %H:%M",
        };
        format!("{} ({offset})", local.format(pattern))
    }

    /// `2026-05-12`, the same in every language: as it is typed.
    pub fn day(&self, moment: DateTime<Utc>) -> String {
        moment.with_timezone(&self.timezone).format("%Y-%m-%d").to_string()
    }

    /// `in 12 days`, `3 hours ago`. What is still to come is rounded to the nearest: a month bought a moment ago, or in a
    /// moment, has 30 days.
    pub fn relative(&self, moment: DateTime<Utc>) -> String {
        let delta = moment.signed_duration_since(self.now);
        let ahead = delta > TimeDelta::zero();
        let length = self.length(delta);
        match (length, ahead) {
            (None, _) => self.t.plain("time-now", &[]),
            (Some(length), true) => self.t.plain("time-in", args![length = length]),
            (Some(length), false) => self.t.plain("time-ago", args![length = length]),
        }
    }

    /// What is left until then, short, for a button: `12 days`; `None` when it is over.
    pub fn left(&self, moment: DateTime<Utc>) -> Option<String> {
        let delta = moment.signed_duration_since(self.now);
        if delta > TimeDelta::zero() { self.length(delta) } else { None }
    }

    /// `12 days`, in the largest unit that fits; `None` for less than a minute gone by (a negative one).
    pub fn length(&self, delta: TimeDelta) -> Option<String> {
        let seconds = delta.num_milliseconds().unsigned_abs().div_ceil(1000);
        let count = |unit: u64| {
            let whole =
                if delta > TimeDelta::zero() { ((seconds + unit / 2) / unit).max(1) } else { seconds / unit };
            i64::try_from(whole).unwrap_or(i64::MAX)
        };
        Some(match seconds {
            0..60 if delta <= TimeDelta::zero() => return None,
            0..=3_600 => self.t.plain("minutes", args![minutes = count(60)]),
            3_601..=86_400 => self.t.plain("hours", args![hours = count(3_600)]),
            _ => self.t.plain("days", args![days = count(86_400)]),
        })
    }

    /// `1.5 GB`.
    pub fn bytes(&self, bytes: u64) -> String {
        let units = [
            Key("unit-bytes"),
            Key("unit-kilobytes"),
            Key("unit-megabytes"),
            Key("unit-gigabytes"),
            Key("unit-terabytes"),
        ];
        // Exact to the tenth that is shown: 53 bits hold 8 PB to the byte.
        let mut amount = bytes as f64;
        let mut chosen = Key("unit-bytes");
        for (step, unit) in units.into_iter().enumerate() {
            chosen = unit;
            if amount < 1024.0 || step == 4 {
                break;
            }
            amount /= 1024.0;
        }
        let number = format!("{amount:.1}");
        let number = number.strip_suffix(".0").unwrap_or(&number).to_owned();
        let number = if self.t.0 == Lang::Ru { number.replace('.', ",") } else { number };
        self.t.plain(chosen, args![number = number])
    }
}

/// The emoji of a state, the same everywhere.
pub fn emoji(state: State) -> &'static str {
    match state {
        State::Active => "✅",
        State::Blocked => "🚫",
        State::Expired => "⌛",
        State::TrafficUsedUp => "🪫",
    }
}

/// The word for a state.
pub fn word(state: State) -> Key {
    match state {
        State::Active => Key("state-active"),
        State::Blocked => Key("state-blocked"),
        State::Expired => Key("state-expired"),
        State::TrafficUsedUp => Key("state-traffic"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eyes(lang: Lang, timezone: Tz) -> Eyes {
        Eyes { t: Texts(lang), timezone, now: "2026-05-12T11:00:00Z".parse().unwrap() }
    }

    #[test]
    fn dates_carry_their_offset() {
        let moment = "2026-05-12T11:00:00Z".parse().unwrap();
        assert_eq!(eyes(Lang::En, Tz::UTC).date(moment), "2026-05-12 11:00 (UTC)");
        assert_eq!(eyes(Lang::Ru, Tz::Europe__Moscow).date(moment), "12.05.2026 14:00 (UTC+3)");
        assert_eq!(eyes(Lang::En, Tz::Asia__Kolkata).date(moment), "2026-05-12 16:30 (UTC+5:30)");
        assert_eq!(eyes(Lang::En, Tz::America__St_Johns).date(moment), "2026-05-12 08:30 (UTC-2:30)");
    }

    #[test]
    fn time_is_told_in_the_largest_unit() {
        let eyes = eyes(Lang::Ru, Tz::UTC);
        let at = |seconds| eyes.relative(eyes.now + TimeDelta::seconds(seconds));
        assert_eq!(at(30 * 86_400 - 5), "через 30 дней");
        assert_eq!(at(7 * 86_400 + 1), "через 7 дней");
        assert_eq!(at(86_401), "через 1 день");
        assert_eq!(at(86_400), "через 24 часа");
        assert_eq!(at(59), "через 1 минуту");
        assert_eq!(at(0), "только что");
        assert_eq!(at(-59), "только что");
        assert_eq!(at(-3 * 86_400 - 7), "3 дня назад");
        assert_eq!(eyes.left(eyes.now), None);
    }

    #[test]
    fn amounts_have_one_digit_after_the_point() {
        assert_eq!(eyes(Lang::En, Tz::UTC).bytes(0), "0 B");
        assert_eq!(eyes(Lang::Ru, Tz::UTC).bytes(1_610_612_736), "1,5 ГБ");
        assert_eq!(eyes(Lang::En, Tz::UTC).bytes(100 << 30), "100 GB");
        assert_eq!(eyes(Lang::En, Tz::UTC).bytes(u64::MAX), "16777216 TB");
    }
}
