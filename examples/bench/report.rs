//! What was measured: one table, and the document.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use crate::Res;
use crate::options::{Kind, Options};
use crate::plot;

/// What is wanted of a figure.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

#[derive(Debug, Clone)]
pub struct Figure {
    pub kind: Option<Kind>,
    pub what: String,
    pub floor: String,
    pub measured: String,
    /// What the goal is about: a ratio to the floor, or the figure itself.
    pub value: f64,
    pub unit: &'static str,
    pub goal: Goal,
}

impl Figure {
    pub fn is_met(&self) -> bool {
        match self.goal {
            Goal::AtLeast(least) => self.value >= least,
            Goal::AtMost(most) => self.value <= most,
        }
    }

    fn wanted(&self) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        match self.goal {
            Goal::AtLeast(least) => format!("≥ {least}{unit}"),
            Goal::AtMost(most) => format!("≤ {most}{unit}"),
        }
    }

    fn database(&self) -> String {
        self.kind.map_or_else(|| "–".to_owned(), |kind| kind.to_string())
    }
}

pub struct Report {
    figures: Vec<Figure>,
    notes: Vec<(String, String)>,
    how: String,
}

impl Report {
    pub fn new(options: &Options) -> Self {
        let full = if options.full { " --full" } else { "" };
        Self { figures: Vec::new(), notes: Vec::new(), how: format!("scripts/bench{full}") }
    }

    /// Something done so often a second, beside how often the floor does it.
    pub fn rate(&mut self, kind: Kind, what: &str, floor: f64, measured: f64, goal: Goal) {
        let value = measured / floor;
        let (floor, measured) = (per_second(floor), per_second(measured));
        self.push(Figure { kind: Some(kind), what: what.to_owned(), floor, measured, value, unit: "", goal });
    }

    /// A time, beside the floor's.
    pub fn time(&mut self, kind: Kind, what: &str, floor: Duration, measured: Duration, goal: Goal) {
        let value = measured.as_secs_f64() / floor.as_secs_f64();
        let (floor, measured) = (time(floor), time(measured));
        self.push(Figure { kind: Some(kind), what: what.to_owned(), floor, measured, value, unit: "", goal });
    }

    /// A figure that speaks for itself.
    pub fn plain(
        &mut self,
        kind: Kind,
        what: &str,
        floor: &str,
        measured: f64,
        unit: &'static str,
        goal: Goal,
    ) {
        let (floor, value, measured) = (floor.to_owned(), measured, format!("{measured:.1} {unit}"));
        self.push(Figure { kind: Some(kind), what: what.to_owned(), floor, measured, value, unit, goal });
    }

    /// One that has nothing to do with a database.
    pub fn once(&mut self, what: &str, floor: &str, measured: f64, unit: &'static str, goal: Goal) {
        let (floor, value, measured) = (floor.to_owned(), measured, format!("{measured:.2} {unit}"));
        self.push(Figure { kind: None, what: what.to_owned(), floor, measured, value, unit, goal });
    }

    /// A figure without a goal.
    pub fn note(&mut self, what: &str, figure: &str) {
        self.notes.push((what.to_owned(), figure.to_owned()));
    }

    fn push(&mut self, figure: Figure) {
        let Figure { what, measured, floor, value, .. } = &figure;
        eprintln!("  {what}: {measured} (floor {floor}), {value:.2}");
        self.figures.push(figure);
    }

    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// All figures as a Markdown table.
    pub fn table(&self) -> String {
        let mut table = "| what | database | floor | measured | ratio | goal | |\n| --- | --- | --- | --- | --- | --- | --- |\n".to_owned();
        for figure in &self.figures {
            let ratio =
                if figure.unit.is_empty() { format!("{:.2}", figure.value) } else { "–".to_owned() };
            let floor = if figure.floor.is_empty() { "–" } else { &figure.floor };
            let mark = if figure.is_met() { "✓" } else { "missed" };
            let (what, database, measured) = (&figure.what, figure.database(), &figure.measured);
            let wanted = figure.wanted();
            // Writing to a String does not fail.
            let _written = writeln!(
                table,
                "| {what} | {database} | {floor} | {measured} | {ratio} | {wanted} | {mark} |"
            );
        }
        for (what, figure) in &self.notes {
            let _written = writeln!(table, "| {what} | – | – | {figure} | – | – | |");
        }
        table
    }

    /// Puts the table between the marks of the document, and draws the pictures.
    pub fn write(&self, options: &Options) -> Res<()> {
        let Some(docs) = &options.docs else { return Ok(()) };
        let path = docs.join("performance.md");
        let text = fs::read_to_string(&path)?;
        let (before, rest) =
            text.split_once(BEGIN).ok_or("docs/performance.md has no place for the table")?;
        let (_, after) = rest.split_once(END).ok_or("docs/performance.md has no end of the table")?;
        let (how, built, table) = (&self.how, &options.built, self.table());
        let made = format!("{BEGIN}\n\nMade by `{how}`, {built}.\n\n{table}\n{END}");
        fs::write(&path, format!("{before}{made}{after}"))?;
        plot::draw(self.figures(), docs)
    }
}

const BEGIN: &str = "<!-- figures: written by scripts/bench -->";
const END: &str = "<!-- end of figures -->";

fn per_second(rate: f64) -> String {
    if rate < 100.0 { format!("{rate:.2}/s") } else { format!("{rate:.0}/s") }
}

fn time(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    match milliseconds {
        ms if ms < 10.0 => format!("{ms:.2} ms"),
        ms if ms < 10_000.0 => format!("{ms:.1} ms"),
        ms => format!("{:.2} s", ms / 1000.0),
    }
}
