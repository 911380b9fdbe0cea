//! QR codes as pictures.

use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};
use qrcode::{Color, EcLevel, QrCode};

/// The smallest side of a picture, in pixels: phones still read it from a screen at arm's length.
const MIN_SIDE: u32 = 400;

/// White modules around the code, as the standard asks for.
const QUIET_ZONE: u32 = 4;

/// Why there is no QR code.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// More than a QR code holds at correction level M (2,331 bytes).
    #[error("the text is too long for a QR code")]
    TooLong,
    /// The picture could not be written.
    #[error("the QR code could not be drawn: {0}")]
    Drawing(#[from] image::ImageError),
}

/// A PNG (8-bit grey) with the quiet zone kept, error correction M. Takes milliseconds: call it off the async threads.
///
/// # Errors
/// A text too long for a QR code.
pub fn png(text: &str) -> Result<Vec<u8>, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| QrError::TooLong)?;
    let modules = u32::try_from(code.width()).map_err(|_| QrError::TooLong)?;
    let colors = code.to_colors();
    let side = modules + 2 * QUIET_ZONE;
    let scale = MIN_SIDE.div_ceil(side).max(2);
    let picture = GrayImage::from_fn(side * scale, side * scale, |x, y| {
        Luma([if dark(&colors, modules, x / scale, y / scale) { 0 } else { 255 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// Whether the module at that place, quiet zone included, is dark.
fn dark(colors: &[Color], modules: u32, x: u32, y: u32) -> bool {
    let (Some(x), Some(y)) = (x.checked_sub(QUIET_ZONE), y.checked_sub(QUIET_ZONE)) else { return false };
    let place = usize::try_from(y * modules + x).ok();
    x < modules && place.and_then(|place| colors.get(place)) == Some(&Color::Dark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (u32, String) {
        let picture = image::load_from_memory(bytes).unwrap().to_luma8();
        let side = picture.width();
        let mut prepared = rqrr::PreparedImage::prepare(picture);
        let (_, text) = prepared.detect_grids()[0].decode().unwrap();
        (side, text)
    }

    #[test]
    fn what_is_drawn_is_read() {
        for url in [
            "https://panel.example.com/sub/AbCdEf_0123456789-xyz",
            "https://t.me/vpn_bot?start=0123456789abcdefABCDEF",
            &format!("https://example.com/{}", "q".repeat(700)),
        ] {
            let (side, text) = read(&png(url).unwrap());
            assert_eq!(text, url);
            assert!(side >= MIN_SIDE);
        }
    }

    #[test]
    fn the_quiet_zone_is_white() {
        let picture = image::load_from_memory(&png("https://example.com").unwrap()).unwrap().to_luma8();
        assert!((0..picture.width()).all(|x| picture.get_pixel(x, 0).0 == [255]));
        assert!((0..picture.height()).all(|y| picture.get_pixel(0, y).0 == [255]));
    }

    #[test]
    fn too_long_is_an_error() {
        assert!(matches!(png(&"x".repeat(3000)), Err(QrError::TooLong)));
    }
}
