//! What was asked for, by whom, and what they were told: everything else is compared with this.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::domain::operation::Action;

/// For so long around a cut the bot may handle an update once more, and answer it once more.
const AGAIN: TimeDelta = TimeDelta::seconds(3);

/// A time in which what was on the way was lost.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Only what Telegram answered; else all that a process had in mind.
    pub only_telegram: bool,
}

impl Cut {
    /// Whether a message that Telegram took then may have been sent once more.
    pub fn repeats(&self, sent: DateTime<Utc>) -> bool {
        // As long as Telegram's answer may be waited for, and what a message's date leaves out of a second.
        sent >= self.from - TimeDelta::seconds(12) && sent <= self.to + TimeDelta::seconds(1)
    }
}

/// One thing that was asked for, once, however often it was sent.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its place in the whole run.
    pub number: usize,
    /// In which round.
    pub round: u32,
    /// Who asked, as the log names them.
    pub actor: String,
    /// The client's name.
    pub username: String,
    pub action: Action,
    /// Of a creation or an extension.
    pub days: Option<i64>,
    /// By what words or buttons.
    pub how: String,
    pub tries: Vec<Try>,
}

/// One sending of it.
#[derive(Debug, Clone)]
pub struct Try {
    pub began: DateTime<Utc>,
    pub ended: DateTime<Utc>,
    pub end: End,
}

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It is done. With the new date, where it was told.
    Done(Option<DateTime<Utc>>),
    /// It cannot be, as things are; nothing was tried.
    Refused(String),
    /// The panel did not do it.
    Failed,
    /// Not now: somebody else is at it, or the database is away.
    Busy,
    /// Nothing was heard.
    Silent(String),
}

/// How often something may be found in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    pub least: usize,
    pub most: usize,
}

impl Bounds {
    pub fn hold(self, found: usize) -> bool {
        (self.least..=self.most).contains(&found)
    }

    pub fn add(&mut self, other: Self) {
        self.least += other.least;
        self.most += other.most;
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.least == self.most {
            write!(f, "{}", self.least)
        } else {
            write!(f, "{} to {}", self.least, self.most)
        }
    }
}

impl Asked {
    fn done(&self) -> bool {
        self.tries.iter().any(|sent| matches!(sent.end, End::Done(_)))
    }

    fn is_bots(&self) -> bool {
        self.actor.starts_with("telegram:")
    }

    /// Whether this ending may have been another one's answer, or may have been followed by another one.
    fn in_doubt(&self, sent: &Try, cuts: &[Cut]) -> bool {
        let near = |cut: &&Cut| cut.to >= sent.began - AGAIN && cut.from <= sent.ended + AGAIN;
        let mut near = cuts.iter().filter(near);
        match sent.end {
            End::Done(_) => false,
            End::Silent(_) => true,
            End::Busy | End::Refused(_) | End::Failed if self.is_bots() => near.next().is_some(),
            // Left over: the database away, a 503, and a power cut before that could be written down.
            End::Busy => near.any(|cut| !cut.only_telegram),
            End::Refused(_) | End::Failed => false,
        }
    }

    /// How often it may stand. An answer that was given after all that is in doubt was over decides.
    pub fn stands(&self, cuts: &[Cut]) -> Bounds {
        if self.done() {
            return Bounds { least: 1, most: 1 };
        }
        let doubtful =
            self.tries.iter().filter(|sent| self.in_doubt(sent, cuts)).map(|sent| sent.ended).max();
        let decided = |after: DateTime<Utc>| {
            let firm = |sent: &&Try| matches!(sent.end, End::Failed | End::Refused(_)) && sent.began >= after;
            self.tries.iter().filter(|sent| !self.in_doubt(sent, cuts)).any(|sent| firm(&sent))
        };
        Bounds { least: 0, most: usize::from(doubtful.is_some_and(|after| !decided(after))) }
    }

    /// How many failures of it may be in the log: refusals are none.
    pub fn failures(&self, cuts: &[Cut]) -> Bounds {
        let failed = self.tries.iter().any(|sent| sent.end == End::Failed && !self.in_doubt(sent, cuts));
        let might = |sent: &&Try| match &sent.end {
            End::Failed | End::Busy | End::Silent(_) => true,
            // A name that is taken in the panel was tried there.
            End::Refused(_) => self.action == Action::Create || self.in_doubt(sent, cuts),
            // An update that was handled twice, or a button that was tapped twice, may have failed at first.
            End::Done(_) => self.is_bots() || self.tries.len() > 1,
        };
        let most = self.tries.iter().filter(might).count() * if self.is_bots() { 3 } else { 1 };
        Bounds { least: usize::from(failed && !self.done()), most }
    }

    /// One word for the table.
    pub fn outcome(&self) -> &'static str {
        let last = self.tries.last().map(|sent| &sent.end);
        match last {
            _ if self.done() => "done",
            Some(End::Refused(_)) => "refused",
            Some(End::Failed) => "failed",
            Some(End::Busy) => "busy",
            _ => "no answer",
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, round, actor, how, .. } = self;
        write!(f, "#{number} round {round} {actor}: {how}")?;
        for Try { began, ended, end } in &self.tries {
            write!(
                f,
                "\n      {} … {}: {end:?}",
                began.format("%H:%M:%S%.3f"),
                ended.format("%H:%M:%S%.3f")
            )?;
        }
        Ok(())
    }
}

/// All that was asked for.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Vec<Asked>>);

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes it before it is sent; gives its number.
    pub fn open(&self, asked: Asked) -> usize {
        let mut all = self.lock();
        let number = all.len();
        all.push(Asked { number, ..asked });
        number
    }

    /// Notes what came of one sending.
    pub fn told(&self, number: usize, sent: Try) {
        if let Some(asked) = self.lock().get_mut(number) {
            asked.tries.push(sent);
        }
    }

    pub fn all(&self) -> Vec<Asked> {
        self.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    /// Sent at these seconds, each for a second.
    fn asked(actor: &str, tries: &[(i64, End)]) -> Asked {
        let sent =
            |(second, end): &(i64, End)| Try { began: at(*second), ended: at(second + 1), end: end.clone() };
        Asked {
            number: 0,
            round: 1,
            actor: actor.to_owned(),
            username: "alice".to_owned(),
            action: Action::Extend,
            days: Some(7),
            how: String::new(),
            tries: tries.iter().map(sent).collect(),
        }
    }

    fn stands(actor: &str, tries: &[(i64, End)], cuts: &[Cut]) -> String {
        asked(actor, tries).stands(cuts).to_string()
    }

    const SHOP: &str = "token:shop";
    const OLGA: &str = "telegram:1001";

    #[test]
    fn what_was_told_stands_once_and_an_error_does_not() {
        let silent = || End::Silent(String::new());
        assert_eq!(stands(SHOP, &[(0, End::Done(None)), (5, End::Done(None))], &[]), "1");
        assert_eq!(stands(SHOP, &[(0, End::Done(None)), (5, silent())], &[]), "1");
        assert_eq!(stands(SHOP, &[(0, End::Failed)], &[]), "0");
        assert_eq!(stands(SHOP, &[(0, silent())], &[]), "0 to 1");
        // Asked again, it is known; asked at the same moment, it is not.
        assert_eq!(stands(SHOP, &[(0, silent()), (5, End::Failed)], &[]), "0");
        assert_eq!(stands(SHOP, &[(0, silent()), (0, End::Failed)], &[]), "0 to 1");
        assert_eq!(stands(SHOP, &[(0, silent()), (5, End::Busy)], &[]), "0 to 1");
    }

    #[test]
    fn near_a_cut_the_bot_may_have_answered_again() {
        let power = [Cut { from: at(3), to: at(3), only_telegram: false }];
        let telegram = [Cut { from: at(2), to: at(4), only_telegram: true }];
        for cuts in [power, telegram] {
            assert_eq!(stands(OLGA, &[(0, End::Failed)], &cuts), "0 to 1");
            assert_eq!(stands(OLGA, &[(60, End::Failed)], &cuts), "0");
            assert_eq!(stands(SHOP, &[(0, End::Failed)], &cuts), "0");
        }
        assert_eq!(stands(SHOP, &[(0, End::Busy)], &power), "0 to 1");
        assert_eq!(stands(SHOP, &[(0, End::Busy)], &telegram), "0");
    }

    #[test]
    fn failures_are_in_the_log_and_refusals_are_not() {
        let failures = |tries: &[(i64, End)]| asked(SHOP, tries).failures(&[]).to_string();
        assert_eq!(failures(&[(0, End::Failed)]), "1");
        assert_eq!(failures(&[(0, End::Refused(String::new()))]), "0");
        assert_eq!(failures(&[(0, End::Failed), (5, End::Done(None))]), "0 to 2");
        assert_eq!(failures(&[(0, End::Done(None))]), "0");
    }
}
