//! The chart of `/stats`: what ends in the coming days, what was made and extended in the last ones. A PNG, light, its text
//! large enough to be read on a phone.

use std::sync::LazyLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::errors::Failure;

/// The picture, in pixels.
pub const SIZE: (u32, u32) = (1000, 1060);
/// Where the lower half begins.
const HALF: i32 = 530;
/// The room of the bars: left, right, top and bottom within each half.
const ROOM: (i32, i32, i32, i32) = (84, 970, 130, 450);
const FONT: &str = "chart";
const INK: RGBColor = RGBColor(33, 37, 41);
const PALE: RGBColor = RGBColor(108, 117, 125);
const LINE: RGBColor = RGBColor(222, 226, 230);
const ORANGE: RGBColor = RGBColor(232, 119, 34);
const GREEN: RGBColor = RGBColor(47, 158, 68);
const BLUE: RGBColor = RGBColor(34, 113, 209);

/// DejaVu Sans, cut down by `scripts/vendor-font`; its licence lies beside it.
static FONT_IS_THERE: LazyLock<bool> = LazyLock::new(|| {
    register_font(FONT, FontStyle::Normal, include_bytes!("../../assets/fonts/chart.ttf")).is_ok()
});

/// What is drawn, in words of the person's language.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// Above the upper half.
    pub ending_title: String,
    /// A label and a number for each coming day.
    pub ending: Vec<(String, i64)>,
    /// Above the lower half.
    pub past_title: String,
    /// The name of the first number of each past day.
    pub made: String,
    /// The name of the second.
    pub extended: String,
    /// A label and both numbers for each past day.
    pub past: Vec<(String, i64, i64)>,
    /// Instead of bars where there are none.
    pub nothing: String,
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;
type Drawn = Result<(), String>;

/// The picture as PNG. Slow: not for the threads that answer people.
///
/// # Errors
/// `Broken`.
pub fn png(chart: &Chart) -> Result<Vec<u8>, Failure> {
    let (width, height) = SIZE;
    let bytes = usize::try_from(width * height * 3).unwrap_or_default();
    let mut pixels = vec![255; bytes];
    draw(chart, &mut pixels).map_err(|error| Failure::Broken(format!("the chart: {error}")))?;
    written(&pixels).map_err(|error| Failure::Broken(format!("the chart: {error}")))
}

fn written(pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut png = png::Encoder::new(&mut bytes, SIZE.0, SIZE.1);
    png.set_color(png::ColorType::Rgb);
    png.set_compression(png::Compression::High);
    png.set_filter(png::Filter::Adaptive);
    let mut written = png.write_header()?;
    written.write_image_data(pixels)?;
    written.finish()?;
    Ok(bytes)
}

fn draw(chart: &Chart, pixels: &mut [u8]) -> Drawn {
    if !*FONT_IS_THERE {
        return Err("its font cannot be read".to_owned());
    }
    let area = BitMapBackend::with_buffer(pixels, SIZE).into_drawing_area();
    let coming: Vec<Bar<'_>> =
        chart.ending.iter().map(|(label, count)| Bar { label, parts: [*count, 0] }).collect();
    title(&area, 0, &chart.ending_title)?;
    bars(&area, 0, &coming, [ORANGE, ORANGE], &chart.nothing)?;
    let past: Vec<Bar<'_>> =
        chart.past.iter().map(|(label, made, extended)| Bar { label, parts: [*made, *extended] }).collect();
    title(&area, HALF, &chart.past_title)?;
    legend(&area, HALF + 82, &[(GREEN, &chart.made), (BLUE, &chart.extended)])?;
    bars(&area, HALF, &past, [GREEN, BLUE], &chart.nothing)?;
    area.present().map_err(|error| error.to_string())
}

/// One day.
struct Bar<'a> {
    label: &'a str,
    /// One upon the other.
    parts: [i64; 2],
}

impl Bar<'_> {
    fn sum(&self) -> i64 {
        self.parts.iter().sum()
    }
}

fn title(area: &Area<'_>, top: i32, words: &str) -> Drawn {
    text(area, words, (40, top + 30), 36, INK, (HPos::Left, VPos::Top))
}

/// Coloured squares with their names.
fn legend(area: &Area<'_>, top: i32, names: &[(RGBColor, &String)]) -> Drawn {
    let mut left = 42;
    for (colour, name) in names {
        fill(area, (left, top), (left + 22, top + 22), *colour)?;
        text(area, name, (left + 34, top), 26, INK, (HPos::Left, VPos::Top))?;
        let (width, _) = style(26, INK).font.box_size(name).map_err(|error| error.to_string())?;
        left += 34 + i32::try_from(width).unwrap_or_default() + 44;
    }
    Ok(())
}

fn bars(area: &Area<'_>, top: i32, days: &[Bar<'_>], colours: [RGBColor; 2], nothing: &str) -> Drawn {
    let (left, right, above, below) = ROOM;
    let (above, below) = (top + above, top + below);
    let highest = days.iter().map(Bar::sum).max().unwrap_or_default();
    let scale = Scale { highest: round_up(highest), bottom: below, height: below - above };
    grid(area, (left, right), &scale)?;
    if highest == 0 {
        text(
            area,
            nothing,
            ((left + right) / 2, (above + below) / 2),
            30,
            PALE,
            (HPos::Center, VPos::Center),
        )?;
    }
    let count = i32::try_from(days.len()).unwrap_or(1).max(1);
    let room = right - left;
    for (place, day) in (0..).zip(days) {
        let from = left + room * place / count;
        let until = left + room * (place + 1) / count;
        let gap = ((until - from) / 8).max(2);
        let mut base = 0;
        for (part, colour) in day.parts.into_iter().zip(colours) {
            if part > 0 {
                fill(area, (from + gap, scale.y(base + part)), (until - gap, scale.y(base)), colour)?;
                base += part;
            }
        }
        if base > 0 && count <= 14 {
            let at = ((from + until) / 2, scale.y(base) - 6);
            text(area, &base.to_string(), at, 24, INK, (HPos::Center, VPos::Bottom))?;
        }
        // So many labels as have room; today has one.
        let labelled = if count <= 14 { place % 2 == 0 } else { (count - 1 - place) % 5 == 0 };
        if labelled {
            let at = ((from + until) / 2, below + 14);
            text(area, day.label, at, 24, PALE, (HPos::Center, VPos::Top))?;
        }
    }
    Ok(())
}

/// From numbers to heights.
struct Scale {
    highest: i64,
    bottom: i32,
    height: i32,
}

impl Scale {
    fn y(&self, number: i64) -> i32 {
        let height = i64::from(self.height) * number / self.highest.max(1);
        self.bottom - i32::try_from(height).unwrap_or(self.height)
    }
}

/// Four lines at most, at whole numbers.
fn grid(area: &Area<'_>, (left, right): (i32, i32), scale: &Scale) -> Drawn {
    let step = (scale.highest / 4).max(1);
    let mut number = 0;
    while number <= scale.highest {
        let y = scale.y(number);
        let line = PathElement::new(vec![(left, y), (right, y)], LINE.stroke_width(2));
        area.draw(&line).map_err(|error| error.to_string())?;
        text(area, &short(number), (left - 14, y + 4), 24, PALE, (HPos::Right, VPos::Center))?;
        number += step;
    }
    Ok(())
}

/// The next number that four equal steps of a round size reach.
fn round_up(highest: i64) -> i64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            if step * factor * 4 >= highest || step > i64::MAX / 100 {
                return step * factor * 4;
            }
        }
        step *= 10;
    }
}

/// `1200` is `1.2k`: there is little room on the left.
fn short(number: i64) -> String {
    match number {
        0..1000 => number.to_string(),
        1000..1_000_000 if number % 1000 == 0 => format!("{}k", number / 1000),
        1000..1_000_000 => format!("{}.{}k", number / 1000, number % 1000 / 100),
        _ => format!("{}M", number / 1_000_000),
    }
}

fn fill(area: &Area<'_>, from: (i32, i32), until: (i32, i32), colour: RGBColor) -> Drawn {
    area.draw(&Rectangle::new([from, until], colour.filled())).map_err(|error| error.to_string())
}

fn style(size: u32, colour: RGBColor) -> TextStyle<'static> {
    TextStyle { font: (FONT, size).into_font(), color: colour.to_backend_color(), pos: Pos::default() }
}

fn text(
    area: &Area<'_>,
    words: &str,
    at: (i32, i32),
    size: u32,
    colour: RGBColor,
    (h, v): (HPos, VPos),
) -> Drawn {
    let style = style(size, colour).pos(Pos::new(h, v));
    area.draw(&Text::new(words, at, style)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round() {
        for (highest, wanted) in [(0, 4), (1, 4), (4, 4), (5, 8), (9, 20), (21, 40), (41, 80), (999, 2000)] {
            assert_eq!(round_up(highest), wanted, "{highest}");
        }
        assert!(round_up(i64::MAX) > 0);
        assert_eq!(
            ["999", "1k", "1.2k", "12k", "3M"],
            [999, 1000, 1299, 12_000, 3_000_000].map(short).as_slice()
        );
    }
}
