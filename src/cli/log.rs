//! The log on stderr: text for people, or JSON.

use std::fmt::{self, Write as _};
use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use crate::config::LogFormat;

/// Begins it. In colours on a terminal.
pub fn begin(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Json => builder.json().flatten_event(true).init(),
        LogFormat::Text if std::io::stderr().is_terminal() => builder.init(),
        LogFormat::Text => builder.with_ansi(false).fmt_fields(plain()).init(),
    }
}

/// Fields as tracing writes them, but for colours, which it asks about at each part of each field even where there are none;
/// and no text from elsewhere begins a line of its own.
fn plain() -> impl for<'a> FormatFields<'a> + Send + Sync + 'static {
    let field = |writer: &mut Writer<'_>, field: &tracing::field::Field, value: &dyn fmt::Debug| {
        match field.name() {
            "message" => {}
            name => write!(writer, "{name}=")?,
        }
        write!(OneLine(writer), "{value:?}")
    };
    debug_fn(field).delimited(" ")
}

/// Writes control characters as Rust would.
struct OneLine<'a, 'w>(&'a mut Writer<'w>);

impl fmt::Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !text.contains(char::is_control) {
            return self.0.write_str(text);
        }
        text.chars().try_for_each(|char| match char.is_control() {
            true => write!(self.0, "{}", char.escape_default()),
            false => self.0.write_char(char),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::Written;

    /// What is written of a few events, by tracing's own way or by ours.
    fn written(ours: bool, tell: fn()) -> String {
        let written = Written::default();
        let writer = written.clone();
        let builder = tracing_subscriber::fmt().without_time().with_ansi(false);
        let builder = builder.with_writer(move || writer.clone());
        match ours {
            true => tracing::subscriber::with_default(builder.fmt_fields(plain()).finish(), tell),
            false => tracing::subscriber::with_default(builder.finish(), tell),
        }
        written.take()
    }

    #[test]
    fn a_line_is_as_tracing_writes_it() {
        let tell = || {
            let span =
                tracing::error_span!("http", request_id = %"a-1", caller = tracing::field::Empty, n = 7);
            let _entered = span.enter();
            tracing::info!(status = 200, some = ?Some("x \" y"), none = None::<i32>, "answered {}", "well");
            span.record("caller", "token:shop");
            tracing::warn!(error = %fmt::Error, "ё");
            tracing::info!(only = true);
        };
        let ours = written(true, tell);
        assert_eq!(ours, written(false, tell));
        assert!(ours.contains(r#"http{request_id=a-1 n=7 caller="token:shop"}"#), "{ours}");
    }

    #[test]
    fn what_others_write_stays_in_its_line() {
        let text = written(true, || tracing::warn!(error = %"a\nINFO b\u{1b}[2J", "c\n{}", "d\r"));
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains(r#"c\nd\r error=a\nINFO b\u{1b}[2J"#), "{text}");
    }
}
