//! Whose clock is wrong: ours is compared with those of the panel and of Telegram, by the time in their answers.

use chrono::TimeDelta;

use crate::domain::skew::APART;

use super::finding::Finding;

const CHECK: &str = "clock";
const HARM: &str =
    "nobody's access is ended by date while clocks are apart, and tokens and certificates may be refused";

/// The clocks of panel and Telegram minus ours.
pub fn finding(panel: Option<TimeDelta>, telegram: Option<TimeDelta>) -> Finding {
    let apart = |skew: TimeDelta| skew.abs() > APART;
    match (panel, telegram) {
        (None, None) => Finding::unchecked(CHECK, "neither the panel nor Telegram tells the time"),
        (Some(panel), Some(telegram)) if apart(panel) && !apart(telegram) => {
            let detail = format!("the panel's clock is {}", how_far(panel));
            Finding::broken(CHECK, format!("{detail}; this machine's agrees with Telegram's"))
                .because(HARM)
                .so("set the clock of the panel's machine right: timedatectl set-ntp true")
        }
        (_, Some(telegram)) if apart(telegram) => {
            Finding::broken(CHECK, format!("this machine's clock is {}, by Telegram's", how_far(-telegram)))
                .because(HARM)
                .so("set this machine's clock right: timedatectl set-ntp true")
        }
        (Some(panel), _) if apart(panel) => {
            Finding::broken(CHECK, format!("the panel's and this machine's are {} apart", length(panel)))
                .because(HARM)
                .so("see on both machines which is wrong, and set it right: timedatectl set-ntp true")
        }
        (Some(_), Some(_)) => Finding::well(CHECK, "agrees with the panel's and with Telegram's"),
        (Some(_), None) => Finding::well(CHECK, "agrees with the panel's"),
        (None, Some(_)) => Finding::well(CHECK, "agrees with Telegram's"),
    }
}

fn how_far(skew: TimeDelta) -> String {
    let way = if skew < TimeDelta::zero() { "behind" } else { "ahead" };
    format!("{} {way}", length(skew))
}

fn length(skew: TimeDelta) -> String {
    match skew.num_seconds().abs() {
        short @ ..600 => format!("{short} s"),
        middle @ 600..36_000 => format!("{} minutes", middle / 60),
        long => format!("{} hours", long / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn whose_clock_is_wrong_is_told() {
        let seconds = |it: Option<i64>| it.map(TimeDelta::seconds);
        for (panel, telegram, state, says) in [
            (None, None, State::Unchecked, "neither"),
            (Some(1), Some(-120), State::Well, "the panel's and with Telegram's"),
            (Some(0), None, State::Well, "the panel's"),
            (None, Some(0), State::Well, "Telegram's"),
            (Some(300), Some(0), State::Broken, "the panel's clock is 300 s ahead; this machine's agrees"),
            (Some(-700), None, State::Broken, "the panel's and this machine's are 11 minutes apart"),
            (Some(0), Some(7200), State::Broken, "this machine's clock is 120 minutes behind"),
            (Some(-90_000), Some(-90_000), State::Broken, "this machine's clock is 25 hours ahead"),
        ] {
            let found = finding(seconds(panel), seconds(telegram));
            assert_eq!(found.state, state, "{found:?}");
            assert!(found.detail.contains(says), "{found:?}");
        }
    }
}
