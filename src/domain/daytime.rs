//! Day and night, where people are awake.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;

/// The hour from which on people may be written to without need.
const MORNING: u32 = 9;
/// The hour from which on they are left in peace.
const NIGHT: u32 = 22;
/// Clocks are put forward by a multiple of this.
const STEP: TimeDelta = TimeDelta::minutes(15);
/// So many steps are a day.
const STEPS: i32 = 96;

/// Whether people may be woken: from 9 to 22.
pub fn is_day(moment: DateTime<Utc>, zone: Tz) -> bool {
    (MORNING..NIGHT).contains(&moment.with_timezone(&zone).hour())
}

/// This moment if it is by day, else the next 9:00.
pub fn by_day(moment: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    if is_day(moment, zone) {
        return moment;
    }
    let local = moment.with_timezone(&zone);
    let today = local.date_naive();
    let day = if local.hour() < MORNING { today } else { after(today) };
    at(day, NaiveTime::from_hms_opt(MORNING, 0, 0).unwrap_or_default(), zone)
}

/// The date there.
pub fn date(moment: DateTime<Utc>, zone: Tz) -> NaiveDate {
    moment.with_timezone(&zone).date_naive()
}

/// Where that day begins there, and where the next one does.
pub fn day(date: NaiveDate, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    (at(date, NaiveTime::MIN, zone), at(after(date), NaiveTime::MIN, zone))
}

/// When it is so late there on that day: for the first time, where the clocks are put back; where they are put forward
/// over it, as soon as they were.
pub fn at(date: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let wanted = date.and_time(time);
    (0..=STEPS)
        .find_map(|step| zone.from_local_datetime(&(wanted + STEP * step)).earliest())
        .map_or_else(|| wanted.and_utc(), |moment| moment.with_timezone(&Utc))
}

fn after(date: NaiveDate) -> NaiveDate {
    date.succ_opt().unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn what_can_wait_waits_for_nine_in_the_morning() {
        let zone = Tz::Europe__Moscow;
        for (now, then) in [
            ("2026-05-12T05:59:59Z", "2026-05-12T06:00:00Z"),
            ("2026-05-12T06:00:00Z", "2026-05-12T06:00:00Z"),
            ("2026-05-12T18:59:59Z", "2026-05-12T18:59:59Z"),
            ("2026-05-12T19:00:00Z", "2026-05-13T06:00:00Z"),
            ("2026-05-12T21:30:00Z", "2026-05-13T06:00:00Z"),
        ] {
            assert_eq!(by_day(moment(now), zone), moment(then), "{now}");
        }
        // The clocks go forward in that night.
        assert_eq!(
            by_day(moment("2026-03-28T22:00:00Z"), Tz::Europe__Berlin),
            moment("2026-03-29T07:00:00Z")
        );
    }

    #[test]
    fn a_day_is_as_long_as_the_clocks_make_it() {
        let zone = Tz::Europe__Berlin;
        let (from, until) = day("2026-03-29".parse().unwrap(), zone);
        assert_eq!((until - from).num_hours(), 23);
        assert_eq!(
            at("2026-03-29".parse().unwrap(), "02:30:00".parse().unwrap(), zone),
            moment("2026-03-29T01:00:00Z")
        );
        // Twice there: the first time counts.
        assert_eq!(
            at("2026-10-25".parse().unwrap(), "02:30:00".parse().unwrap(), zone),
            moment("2026-10-25T00:30:00Z")
        );
        // In Cairo a day begins at 1 o'clock when the clocks go forward at midnight.
        let (from, _) = day("2026-04-24".parse().unwrap(), Tz::Africa__Cairo);
        assert_eq!(from, moment("2026-04-23T22:00:00Z"));
    }
}
