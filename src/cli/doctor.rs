//! `orchestrator doctor`: what is wrong, why, and what to do; for people, or as JSON.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{SETTINGS, fail};
use crate::config::Settings;
use crate::doctor::{Finding, Read, State, examine};
use crate::domain::clock::SystemClock;

/// The width that lines are broken at, in characters.
const WIDTH: usize = 100;
/// The column where what was found begins.
const COLUMN: usize = 20;
/// What stands while it is looked, on a terminal.
const LOOKING: &str = "looking, at most 15 s …";

/// What `doctor` can be told.
#[derive(Debug, Args)]
pub struct Options {
    /// Print an array of {check, state, detail, cause, remedy}; state: well, unchecked, warning, broken
    #[arg(long)]
    json: bool,
}

/// Looks, prints, and says by the exit code how it is.
pub async fn run(options: Options) -> ExitCode {
    let (settings, faults) = Settings::rest_from_env();
    let read = Read { settings, faults };
    let is_watched = std::io::stderr().is_terminal();
    if is_watched {
        eprint!("{LOOKING}");
    }
    let findings = examine(&read, Arc::new(SystemClock)).await;
    if is_watched {
        eprint!("\r{}\r", " ".repeat(LOOKING.chars().count()));
    }
    if options.json {
        match serde_json::to_string_pretty(&findings) {
            Ok(json) => println!("{json}"),
            Err(error) => return fail(1, &format!("the findings cannot be written: {error}")),
        }
    } else {
        let is_coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        for finding in &findings {
            print!("{}", shown(finding, is_coloured));
        }
        println!("\n{}", summed_up(&findings));
    }
    match findings.iter().any(|finding| finding.state == State::Broken) {
        _ if read.faults.is_some() => ExitCode::from(SETTINGS),
        broken => ExitCode::from(u8::from(broken)),
    }
}

/// A finding as lines. Names come from the panel and from Telegram: nothing of them steers the terminal.
fn shown(finding: &Finding, is_coloured: bool) -> String {
    let (mark, colour) = match finding.state {
        State::Well => ('✓', "32"),
        State::Unchecked => ('–', "2"),
        State::Warning => ('!', "33"),
        State::Broken => ('✗', "31"),
    };
    let mark = if is_coloured { format!("\x1b[{colour}m{mark}\x1b[0m") } else { mark.to_string() };
    let name = finding.check;
    let mut text = format!("{mark} {name:<width$}{}\n", broken_up(&finding.detail, ""), width = COLUMN - 2);
    for (label, what) in [("cause: ", &finding.cause), ("do:    ", &finding.remedy)] {
        if let Some(what) = what {
            text.push_str(&format!("{:COLUMN$}{}\n", "", broken_up(what, label)));
        }
    }
    text
}

/// Text behind a label, in lines that all begin below the first.
fn broken_up(text: &str, label: &str) -> String {
    let clean: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let indent = COLUMN + label.chars().count();
    let mut lines = label.to_owned();
    let mut at = indent;
    for (number, word) in clean.split_whitespace().enumerate() {
        let length = word.chars().count();
        if number > 0 && at + 1 + length > WIDTH {
            lines.push_str(&format!("\n{:indent$}", ""));
            at = indent;
        } else if number > 0 {
            lines.push(' ');
            at += 1;
        }
        lines.push_str(word);
        at += length;
    }
    lines
}

fn summed_up(findings: &[Finding]) -> String {
    let count = |state: State| findings.iter().filter(|finding| finding.state == state).count();
    let number = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts = [
        number(count(State::Broken), "broken"),
        number(count(State::Warning), if count(State::Warning) == 1 { "warning" } else { "warnings" }),
        number(count(State::Unchecked), "not checked"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "All is well.".to_owned() } else { format!("{}.", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_begin_below_each_other() {
        let finding = Finding::broken("panel", "a\u{1b}[31mb").so("word ".repeat(30));
        let text = shown(&finding, false);
        assert!(text.starts_with("✗ panel             a [31mb\n"), "{text}");
        assert!(text.contains("\n                    do:    word word"), "{text}");
        assert!(text.contains("\n                           word word"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(shown(&finding, true).starts_with("\u{1b}[31m✗\u{1b}[0m panel"));
    }

    #[test]
    fn the_last_line_counts() {
        let well = Finding::well("clock", "agrees");
        assert_eq!(summed_up(std::slice::from_ref(&well)), "All is well.");
        let all = [well, Finding::broken("panel", "x"), Finding::unchecked("panel token", "x")];
        assert_eq!(summed_up(&all), "1 broken, 1 not checked.");
    }
}
