//! Numbers: the caption of the chart, and what the chart says.

use chrono::{DateTime, Utc};

use crate::bot::callback::{BulkTap, Tap};
use crate::bot::chart::Chart;
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::domain::operation::{Action, Outcome};
use crate::domain::person::Lang;
use crate::services::numbers::{DayBounds, DayNumbers};
use crate::services::views::{ComponentState, Stats};

/// The numbers of this moment.
pub fn caption(stats: &Stats, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let counts = stats.counts;
    let done = |action| {
        let fits = |count: &&crate::domain::operation::ActionCount| {
            count.action == action && count.result == Outcome::Success
        };
        stats.operations.iter().find(fits).map_or(0, |count| count.count)
    };
    let lately = args![
        made = done(Action::Create),
        extended = done(Action::Extend),
        configs = done(Action::GetConfig)
    ];
    Screen::lines([
        t.html("stats-title", args![date = eyes.date(eyes.now)]),
        String::new(),
        t.html("stats-total", args![total = counts.total, linked = stats.linked]),
        t.html(
            "stats-kinds",
            args![active = counts.active, blocked = counts.blocked, expired = counts.expired],
        ),
        t.html("stats-soon", args![count = counts.expiring]),
        t.html("stats-lately", lately),
        panel(stats, eyes),
    ])
    .row([
        Button::Tap(t.plain("stats-refresh", &[]), Tap::Bulk(BulkTap::Stats)),
        Button::Tap(t.plain("button-home", &[]), Tap::Home),
    ])
}

fn panel(stats: &Stats, eyes: &Eyes) -> String {
    let key = match stats.panel.state {
        ComponentState::Ok => Key("stats-panel-ok"),
        ComponentState::Warning => Key("stats-panel-warning"),
        ComponentState::Down => Key("stats-panel-down"),
        ComponentState::Unknown => Key("stats-panel-unknown"),
    };
    let version = stats.panel_version.as_deref().unwrap_or("?");
    eyes.t.html(key, args![version = version])
}

/// What the chart says.
pub fn chart(numbers: &DayNumbers, days: &DayBounds, eyes: &Eyes) -> Chart {
    let t = eyes.t;
    let label = |moment: &DateTime<Utc>| {
        let pattern = match t.0 {
            Lang::Ru => "%d.%m",
            Lang::En => "%m-%d",
        };
        moment.with_timezone(&eyes.timezone).format(pattern).to_string()
    };
    let both = numbers.made.iter().zip(&numbers.extended);
    Chart {
        ending_title: t.plain("stats-chart-ending", &[]),
        ending: days.coming.iter().map(label).zip(numbers.ending.iter().copied()).collect(),
        past_title: t.plain("stats-chart-past", &[]),
        made: t.plain("stats-chart-made", &[]),
        extended: t.plain("stats-chart-extended", &[]),
        past: days
            .past
            .iter()
            .map(label)
            .zip(both)
            .map(|(label, (made, more))| (label, *made, *more))
            .collect(),
        nothing: t.plain("stats-chart-nothing", &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{days, now, snapshot};
    use super::*;
    use crate::domain::client::ClientCounts;
    use crate::domain::operation::ActionCount;
    use crate::services::views::Component;

    fn stats(state: ComponentState) -> Stats {
        let count = |action, count| ActionCount { action, result: Outcome::Success, count };
        Stats {
            counts: ClientCounts { total: 1523, active: 1200, blocked: 21, expired: 302, expiring: 38 },
            linked: 950,
            panel: Component { state, reason: None },
            panel_version: Some("3.3.2".to_owned()),
            operations_since: now(),
            operations: vec![count(Action::Create, 7), count(Action::GetConfig, 143)],
        }
    }

    fn bounds() -> DayBounds {
        DayBounds { coming: (0..=14).map(days).collect(), past: (-29..=1).map(days).collect() }
    }

    fn numbers(factor: i64) -> DayNumbers {
        DayNumbers {
            ending: (0..14).map(|day| factor * (day * 37 % 19)).collect(),
            made: (0..30).map(|day| factor * (day * 13 % 7)).collect(),
            extended: (0..30).map(|day| factor * (day * 29 % 23)).collect(),
        }
    }

    #[test]
    fn stats_screens() {
        snapshot("stats", |eyes| caption(&stats(ComponentState::Ok), eyes));
        snapshot("stats_panel", |eyes| {
            let states = [ComponentState::Warning, ComponentState::Down, ComponentState::Unknown];
            Screen::lines(states.map(|state| panel(&stats(state), eyes)))
        });
    }

    /// Written to `CHART_FOLDER` when it is set, for people to look at.
    #[test]
    fn charts_are_small_pictures() {
        for lang in Lang::ALL {
            let eyes = Eyes { t: crate::bot::locale::Texts(lang), ..super::super::samples::eyes() };
            for (name, factor) in [("empty", 0), ("small", 1), ("large", 137)] {
                let png = crate::bot::chart::png(&chart(&numbers(factor), &bounds(), &eyes)).unwrap();
                let picture = image::load_from_memory(&png).unwrap();
                assert_eq!((picture.width(), picture.height()), crate::bot::chart::SIZE);
                assert!(png.len() < 64 * 1024, "{}", png.len());
                if let Some(folder) = std::env::var_os("CHART_FOLDER") {
                    let file = format!("{name}-{}.png", lang.code());
                    std::fs::write(std::path::Path::new(&folder).join(file), &png).unwrap();
                }
            }
        }
    }
}
