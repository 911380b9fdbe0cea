//! Telegram's HTML: escaping, and how long a text is once the markup is read.

/// The longest text of a message, in UTF-16 units after the markup is read.
pub const TEXT_LIMIT: usize = 4096;
/// The longest caption, in the same units.
pub const CAPTION_LIMIT: usize = 1024;

/// Any text as HTML that shows it.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for char in text.chars().filter(|char| is_shown(*char)) {
        match char {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Any text as a button shows it: what [`escape`] leaves of it, without markup.
pub fn visible(text: &str) -> String {
    text.chars().filter(|char| is_shown(*char)).collect()
}

/// Control characters are shown by nobody, and those that turn the direction of writing turn the rest of the line with
/// them.
fn is_shown(char: char) -> bool {
    matches!(char, '\n' | '\t') || !(char.is_control() || turns_direction(char))
}

/// Overrides, embeddings and isolates of the bidirectional algorithm; plain marks stay.
fn turns_direction(char: char) -> bool {
    matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A piece of our own HTML.
enum Piece<'a> {
    Open(&'a str, &'a str),
    Close(&'a str),
    Shown(&'a str, usize),
}

impl Piece<'_> {
    /// Whether it leaves a mark.
    fn is_seen(&self) -> bool {
        matches!(self, Piece::Shown(text, _) if !text.trim().is_empty())
    }
}

/// Whether that can be said at a glance: a text has no more UTF-16 units than bytes.
fn is_short(html: &str, limit: usize) -> bool {
    html.len() <= limit
}

/// Cuts HTML that [`escape`] and the locales made, so that at most `limit` units are shown. Tags stay balanced.
pub fn fit(html: &str, limit: usize) -> String {
    if is_short(html, limit) || length(html) <= limit {
        return html.to_owned();
    }
    let mut left = limit.saturating_sub(1);
    let mut cut = String::new();
    let mut open: Vec<&str> = vec![];
    for piece in pieces(html) {
        match piece {
            Piece::Open(tag, name) => {
                open.push(name);
                cut.push_str(tag);
            }
            Piece::Close(tag) => {
                open.pop();
                cut.push_str(tag);
            }
            Piece::Shown(text, units) if units <= left => {
                left -= units;
                cut.push_str(text);
            }
            Piece::Shown(..) => break,
        }
    }
    cut.push('…');
    for name in open.iter().rev() {
        cut.push_str(&format!("</{name}>"));
    }
    cut
}

/// The same HTML as texts of at most `limit` units each, in order: broken at ends of lines, inside a line only when it is
/// longer than that by itself. Tags that are open at a break are closed before it and opened again after it.
pub fn split(html: &str, limit: usize) -> Vec<String> {
    if is_short(html, limit) && pieces(html).any(|piece| piece.is_seen()) {
        return vec![html.to_owned()];
    }
    let pieces: Vec<Piece<'_>> = pieces(html).collect();
    let mut rest = pieces.as_slice();
    let mut open: Vec<(&str, &str)> = vec![];
    let mut parts = vec![];
    while let Some((taken, after)) = rest.split_at_checked(part_length(rest, limit)) {
        let mut part: String = open.iter().map(|(tag, _)| *tag).collect();
        for piece in taken {
            match piece {
                Piece::Open(tag, name) => {
                    open.push((tag, name));
                    part.push_str(tag);
                }
                Piece::Close(tag) => {
                    open.pop();
                    part.push_str(tag);
                }
                Piece::Shown(text, _) => part.push_str(text),
            }
        }
        for (_, name) in open.iter().rev() {
            part.push_str(&format!("</{name}>"));
        }
        if taken.iter().any(Piece::is_seen) {
            parts.push(part);
        }
        rest = match after {
            [] => break,
            [Piece::Shown("\n", _), after @ ..] | after => after,
        };
    }
    parts
}

/// How many of the pieces the next part takes.
fn part_length(pieces: &[Piece<'_>], limit: usize) -> usize {
    let mut units = 0;
    let mut line_end = None;
    for (at, piece) in pieces.iter().enumerate() {
        if let Piece::Shown(text, more) = piece {
            if *text == "\n" {
                line_end = Some(at);
            }
            units += more;
            if units > limit {
                return line_end.unwrap_or(at).max(1);
            }
        }
    }
    pieces.len()
}

/// What is shown, without markup.
pub fn plain(html: &str) -> String {
    pieces(html)
        .map(|piece| match piece {
            Piece::Shown("&amp;", _) => "&",
            Piece::Shown("&lt;", _) => "<",
            Piece::Shown("&gt;", _) => ">",
            Piece::Shown("&quot;", _) => "\"",
            Piece::Shown(text, _) => text,
            Piece::Open(..) | Piece::Close(_) => "",
        })
        .collect()
}

/// How many UTF-16 units are shown.
pub fn length(html: &str) -> usize {
    pieces(html)
        .map(|piece| match piece {
            Piece::Shown(_, units) => units,
            Piece::Open(..) | Piece::Close(_) => 0,
        })
        .sum()
}

fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match first {
            '<' => rest.find('>').map_or(rest.len(), |at| at + 1),
            '&' => rest.find(';').map_or(rest.len(), |at| at + 1),
            other => other.len_utf8(),
        };
        let (piece, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(match (first, piece.strip_prefix("</"), piece.strip_prefix('<')) {
            (_, Some(_), _) => Piece::Close(piece),
            (_, None, Some(inside)) => {
                let name = inside.split([' ', '>']).next().unwrap_or_default();
                Piece::Open(piece, name)
            }
            // Every reference that `escape` writes stands for one unit.
            ('&', ..) => Piece::Shown(piece, 1),
            (other, ..) => Piece::Shown(piece, other.len_utf16()),
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_is_shown_counts() {
        assert_eq!(length("<b>a&amp;b</b>"), 3);
        assert_eq!(length("😀"), 2);
        assert_eq!(fit("<b>12345</b>", 3), "<b>12…</b>");
        assert_eq!(fit("<b>123</b>", 3), "<b>123</b>");
        assert_eq!(fit("😀😀", 3), "😀…");
    }

    #[test]
    fn a_long_text_breaks_at_ends_of_lines() {
        assert_eq!(split("", 10), Vec::<String>::new());
        assert_eq!(split("one", 10), ["one"]);
        assert_eq!(split("one\ntwo\nthree", 8), ["one\ntwo", "three"]);
        assert_eq!(split("<b>one\ntwo</b> x", 5), ["<b>one</b>", "<b>two</b> x"]);
        let link = r#"<a href="https://x">aaa bbb</a>"#;
        assert_eq!(split(link, 4), [r#"<a href="https://x">aaa </a>"#, r#"<a href="https://x">bbb</a>"#]);
        assert_eq!(split("😀😀😀", 5), ["😀😀", "😀"]);
        assert_eq!(split("a\n\n\n\n\nb", 2), ["a\n", "b"], "nothing that shows nothing");
    }

    proptest! {
        #[test]
        fn parts_are_whole_html_short_enough_and_lose_nothing(
            lines in proptest::collection::vec("[a&<\"😀é ]{0,12}", 0..12), limit in 2_usize..40
        ) {
            let text = lines.join("\n");
            let html = format!("<b>x <code>{}</code></b>", escape(&text));
            let parts = split(&html, limit);
            for part in &parts {
                prop_assert!(length(part) <= limit);
                prop_assert_eq!(part.matches("<b>").count(), part.matches("</b>").count());
                prop_assert_eq!(part.matches("<code>").count(), part.matches("</code>").count());
            }
            let seen = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(seen(&parts.iter().map(|part| plain(part)).collect::<String>()), seen(&format!("x {text}")));
        }

        #[test]
        fn a_cut_text_is_whole_html_and_short_enough(text in any::<String>(), limit in 1_usize..40) {
            let html = format!("<b>x <code>{}</code></b>", escape(&text));
            let cut = fit(&html, limit);
            prop_assert!(length(&cut) <= limit.max(1));
            prop_assert_eq!(cut.matches("<b>").count(), cut.matches("</b>").count());
            prop_assert_eq!(cut.matches("<code>").count(), cut.matches("</code>").count());
        }
    }
}
