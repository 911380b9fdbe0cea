//! Numbers, with a chart.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::bot::chart;
use crate::bot::errors::Failure;
use crate::bot::format::Eyes;
use crate::bot::screens::stats as screen;
use crate::bot::turn::{Handled, Turn};
use crate::services::numbers::DayBounds;

/// How many days are shown: to come, and past.
const DAYS: (u64, u64) = (14, 30);

/// A new photo each time: what it shows is of this moment.
pub async fn stats(turn: &Turn) -> Handled {
    let services = &turn.door.services;
    let stats = services.stats.now(turn.by()).await?;
    let days = bounds(&turn.eyes);
    let numbers = services.numbers.by_day(turn.by(), &days).await?;
    let caption = screen::caption(&stats, &turn.eyes);
    let chart = screen::chart(&numbers, &days, &turn.eyes);
    let drawn = tokio::task::spawn_blocking(move || chart::png(&chart)).await;
    match drawn.map_err(|error| Failure::Broken(error.to_string())).flatten() {
        Ok(png) => turn.chat.photo("stats.png", png, &caption).await,
        // The numbers are worth more than their picture.
        Err(error) => {
            tracing::error!(%error, "the numbers go without their chart");
            turn.say(&caption).await
        }
    }
}

/// Where days begin for this person.
fn bounds(eyes: &Eyes) -> DayBounds {
    let today = eyes.now.with_timezone(&eyes.timezone).date_naive();
    let (coming, past) = DAYS;
    let begin = |day: Option<NaiveDate>| day.map(|day| beginning(day, eyes.timezone));
    DayBounds {
        coming: (0..=coming).filter_map(|day| begin(today.checked_add_days(Days::new(day)))).collect(),
        past: (0..=past)
            .rev()
            .filter_map(|day| begin((today + Days::new(1)).checked_sub_days(Days::new(day))))
            .collect(),
    }
}

/// The first moment of a day; where the clocks skip midnight, the first after it.
fn beginning(day: NaiveDate, timezone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let first = (0..4).find_map(|hour| {
        timezone.from_local_datetime(&(midnight + chrono::TimeDelta::hours(hour))).earliest()
    });
    first.map_or(midnight.and_utc(), |moment| moment.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::screens::samples::eyes;

    #[test]
    fn days_begin_at_midnight_where_the_person_is() {
        let eyes = Eyes { timezone: Tz::Asia__Vladivostok, ..eyes() };
        let days = bounds(&eyes);
        assert_eq!((days.coming.len(), days.past.len()), (15, 31));
        assert_eq!(days.coming.first().unwrap().to_rfc3339(), "2026-05-11T14:00:00+00:00");
        assert_eq!(days.past.last(), days.coming.get(1));
        let beirut = beginning(NaiveDate::from_ymd_opt(2026, 3, 29).unwrap(), Tz::Asia__Beirut);
        assert_eq!(beirut.to_rfc3339(), "2026-03-28T22:00:00+00:00");
    }
}
