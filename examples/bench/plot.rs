//! One picture for each database: how near each figure is to its floor.

use std::path::Path;

use plotters::prelude::*;

use crate::Res;
use crate::options::Kind;
use crate::report::{Figure, Goal};

const WIDTH: u32 = 1000;
const ROW: u32 = 34;
const FOOT: u32 = 40;
const LEFT: i32 = 470;
/// How wide a value is.
const VALUE: i32 = 40;
const INK: RGBColor = RGBColor(36, 41, 47);
const MET: RGBColor = RGBColor(46, 125, 110);
const MISSED: RGBColor = RGBColor(190, 90, 60);
const GRID: RGBColor = RGBColor(222, 226, 230);
const FONT: &[u8] = include_bytes!("../../assets/fonts/chart.ttf");

pub fn draw(figures: &[Figure], docs: &Path) -> Res<()> {
    // Once for the process; a second time it is there already.
    let _there = plotters::style::register_font("sans-serif", FontStyle::Normal, FONT);
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let shown: Vec<&Figure> =
            figures.iter().filter(|figure| figure.kind == Some(kind) && figure.unit.is_empty()).collect();
        if !shown.is_empty() {
            let name = format!("performance-{}.png", kind.to_string().to_lowercase());
            ratios(&shown, &docs.join(name))?;
        }
    }
    Ok(())
}

/// Bars as long as the ratio to the floor, the goal as a stroke across.
fn ratios(figures: &[&Figure], path: &Path) -> Res<()> {
    let height = ROW * u32::try_from(figures.len())? + FOOT;
    let mut pixels = vec![255; usize::try_from(WIDTH * height * 3)?];
    rows(figures, &mut pixels, height)?;
    let picture = image::RgbImage::from_raw(WIDTH, height, pixels).ok_or("too few pixels")?;
    Ok(picture.save(path)?)
}

fn rows(figures: &[&Figure], pixels: &mut [u8], height: u32) -> Res<()> {
    let root = BitMapBackend::with_buffer(pixels, (WIDTH, height)).into_drawing_area();
    let most = figures.iter().map(|figure| figure.value).fold(1.5_f64, f64::max).min(3.0);
    let place = |ratio: f64| LEFT + (ratio.min(most) / most * f64::from(WIDTH as i32 - LEFT - 70)) as i32;
    let text = ("sans-serif", 16).into_font().color(&INK);
    let bottom = height as i32 - FOOT as i32;
    for ratio in [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0].into_iter().filter(|ratio| *ratio <= most) {
        let x = place(ratio);
        root.draw(&PathElement::new([(x, 4), (x, bottom)], GRID))?;
        root.draw(&Text::new(format!("{ratio}"), (x - 8, bottom + 8), text.clone()))?;
    }
    for (row, figure) in figures.iter().enumerate() {
        let top = i32::try_from(row)? * ROW as i32 + 6;
        let color = if figure.is_met() { MET } else { MISSED };
        root.draw(&Rectangle::new([(LEFT, top), (place(figure.value), top + 22)], color.filled()))?;
        let (Goal::AtLeast(goal) | Goal::AtMost(goal)) = figure.goal;
        root.draw(&Rectangle::new([(place(goal) - 1, top - 3), (place(goal) + 1, top + 25)], INK.filled()))?;
        root.draw(&Text::new(figure.what.replace('`', ""), (8, top + 3), text.clone()))?;
        let (value, end) = (format!("{:.2}", figure.value), place(figure.value) + 8);
        // Not across the stroke of the goal.
        let hidden = (end - 4..end + VALUE).contains(&place(goal));
        let at = if hidden { place(goal) + 8 } else { end };
        root.draw(&Text::new(value, (at, top + 3), text.clone()))?;
    }
    Ok(root.present()?)
}
