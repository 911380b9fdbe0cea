//! QR codes as pictures.

use fast_qr::{ECL, QRBuilder, QRCode};

/// The smallest side of a picture, in pixels: phones still read it from a screen at arm's length.
const MIN_SIDE: u32 = 400;

/// White modules around the code, as the standard asks for.
const QUIET_ZONE: u32 = 4;

/// A kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// Black and white, one bit a pixel.
    Png,
    /// One black path on white.
    Svg,
}

/// Why there is no QR code.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// More than a QR code holds at correction level M (2,331 bytes).
    #[error("the text is too long for a QR code")]
    TooLong,
    /// The picture could not be written.
    #[error("the QR code could not be drawn: {0}")]
    Drawing(#[from] png::EncodingError),
    /// The thread that draws did not end well.
    #[error("the QR code could not be drawn: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// The text as a QR code with error correction M and its quiet zone. It takes milliseconds, so a thread for such work
/// draws it.
///
/// # Errors
/// A text too long for a QR code.
pub async fn draw(text: String, picture: Picture) -> Result<Vec<u8>, QrError> {
    tokio::task::spawn_blocking(move || {
        let code = Code::of(&text)?;
        match picture {
            Picture::Png => code.png(),
            Picture::Svg => Ok(code.svg().into_bytes()),
        }
    })
    .await?
}

/// A code before it is a picture.
struct Code {
    code: QRCode,
    modules: u32,
}

impl Code {
    fn of(text: &str) -> Result<Self, QrError> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| QrError::TooLong)?;
        let modules = u32::try_from(code.size).map_err(|_| QrError::TooLong)?;
        Ok(Self { code, modules })
    }

    /// Modules of a side, quiet zone included.
    fn side(&self) -> u32 {
        self.modules + 2 * QUIET_ZONE
    }

    /// Pixels of a module.
    fn scale(&self) -> u32 {
        MIN_SIDE.div_ceil(self.side()).max(2)
    }

    /// Whether the module at that place, quiet zone included, is dark.
    fn dark(&self, x: u32, y: u32) -> bool {
        let inside = |place: u32| {
            place
                .checked_sub(QUIET_ZONE)
                .filter(|place| *place < self.modules)
                .and_then(|place| usize::try_from(place).ok())
        };
        let (Some(x), Some(y)) = (inside(x), inside(y)) else { return false };
        let place = y * self.code.size + x;
        self.code.data.get(place).is_some_and(|module| module.value())
    }

    /// One bit a pixel: a tenth of the work of a byte, and no bigger.
    fn png(&self) -> Result<Vec<u8>, QrError> {
        let pixels = self.side() * self.scale();
        let mut bytes = Vec::with_capacity(4096);
        let mut png = png::Encoder::new(&mut bytes, pixels, pixels);
        png.set_color(png::ColorType::Grayscale);
        png.set_depth(png::BitDepth::One);
        png.set_compression(png::Compression::Fast);
        // Most rows are the same as the one above.
        png.set_filter(png::Filter::Up);
        let mut written = png.write_header()?;
        let rows: Vec<u8> = (0..self.side()).flat_map(|y| self.row(y).repeat(self.rows())).collect();
        written.write_image_data(&rows)?;
        written.finish()?;
        Ok(bytes)
    }

    /// Rows of pixels that a row of modules takes.
    fn rows(&self) -> usize {
        usize::try_from(self.scale()).unwrap_or_default()
    }

    /// A row of pixels, eight a byte, the first one in the highest bit; white is 1.
    fn row(&self, y: u32) -> Vec<u8> {
        let scale = self.rows();
        let dark = (0..self.side()).flat_map(|x| std::iter::repeat_n(self.dark(x, y), scale));
        let dark: Vec<bool> = dark.collect();
        let byte = |eight: &[bool]| {
            (0..8).fold(0, |byte, place| byte << 1 | u8::from(eight.get(place) == Some(&false)))
        };
        dark.chunks(8).map(byte).collect()
    }

    /// One unit of the picture is one module; of each row every run of dark modules is a bar of the path.
    fn svg(&self) -> String {
        let (side, pixels) = (self.side(), self.side() * self.scale());
        let mut bars = String::new();
        for y in 0..side {
            let mut x = 0;
            while x < side {
                let length = (x..side).take_while(|x| self.dark(*x, y)).map(|_| 1).sum::<u32>();
                if length > 0 {
                    bars.push_str(&format!("M{x} {y}h{length}v1h-{length}z"));
                }
                x += length.max(1);
            }
        }
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{bars}"/></svg>"##
        )
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    const URLS: [&str; 2] = [
        "https://panel.example.com/sub/AbCdEf_0123456789-xyz",
        "https://t.me/vpn_bot?start=0123456789abcdefABCDEF",
    ];

    fn png(text: &str) -> GrayImage {
        image::load_from_memory(&Code::of(text).unwrap().png().unwrap()).unwrap().to_luma8()
    }

    fn read(picture: GrayImage) -> String {
        let mut prepared = rqrr::PreparedImage::prepare(picture);
        prepared.detect_grids()[0].decode().unwrap().1
    }

    /// The bars of an SVG, four pixels a module.
    fn painted(svg: &str) -> GrayImage {
        let side: u32 =
            svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let mut picture = GrayImage::from_pixel(side * 4, side * 4, Luma([255]));
        for bar in svg.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap().split_terminator('z') {
            let numbers: Vec<u32> =
                bar.split(['M', ' ', 'h', 'v', '-']).filter_map(|number| number.parse().ok()).collect();
            let [x, y, length, 1, back] = numbers[..] else { panic!("{bar}") };
            assert_eq!(length, back);
            for (x, y) in (x * 4..(x + length) * 4).flat_map(|x| (y * 4..(y + 1) * 4).map(move |y| (x, y))) {
                picture.put_pixel(x, y, Luma([0]));
            }
        }
        picture
    }

    #[test]
    fn what_is_drawn_is_read() {
        for url in [URLS[0], URLS[1], &format!("https://example.com/{}", "q".repeat(700))] {
            let picture = png(url);
            assert!(picture.width() >= MIN_SIDE);
            assert_eq!(read(picture), url);
            assert_eq!(read(painted(&Code::of(url).unwrap().svg())), url);
        }
    }

    #[test]
    fn the_quiet_zone_is_white() {
        let picture = png(URLS[0]);
        assert!((0..picture.width()).all(|x| picture.get_pixel(x, 0).0 == [255]));
        assert!((0..picture.height()).all(|y| picture.get_pixel(0, y).0 == [255]));
    }

    #[tokio::test]
    async fn too_long_is_an_error() {
        let drawn = draw("x".repeat(3000), Picture::Png).await;
        assert!(matches!(drawn, Err(QrError::TooLong)));
    }
}
