//! QR codes.

use orchestrator::services::qr::{Picture, draw};
use tokio::time::Instant;

use crate::Res;
use crate::load::median;
use crate::report::{Goal, Report};

/// Codes that are drawn.
const CODES: usize = 200;

pub async fn measure(report: &mut Report) -> Res<()> {
    let link = format!("https://subscription.example.com/{}", "a1B2".repeat(17).split_at(67).0);
    let mut times = Vec::new();
    let mut bytes = 0;
    for _ in 0..CODES {
        let begun = Instant::now();
        bytes = draw(link.clone(), Picture::Png).await?.len();
        times.push(begun.elapsed());
    }
    let about = format!("a link of {} bytes", link.len());
    let milliseconds = median(&mut times).as_secs_f64() * 1000.0;
    report.once("QR code as PNG, time", &about, milliseconds, "ms", Goal::AtMost(1.0));
    report.once("QR code as PNG, size", &about, bytes as f64 / 1024.0, "KB", Goal::AtMost(4.0));
    Ok(())
}
