//! Files: pictures looked at as Telegram does, and what is kept of a file.

use bytes::Bytes;
use serde_json::{Value, json};

use super::refusal::Refusal;

/// The largest photo that a bot may send.
const MAX_PHOTO: usize = 10 * 1024 * 1024;
/// The largest file of any other kind.
pub(super) const MAX_DOCUMENT: usize = 50 * 1024 * 1024;
/// The limit on width plus height of a photo.
const MAX_SIDES: u32 = 10_000;
/// The limit on how many times longer one side is than the other.
const MAX_RATIO: u32 = 20;
/// The longer side of each size that Telegram makes of a photo.
const SIZES: &[u32] = &[90, 320, 800, 1280];

/// A photo or a document that the server keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredFile {
    pub id: String,
    pub name: Option<String>,
    pub bytes: Bytes,
    /// Width and height; none for a document.
    pub picture: Option<(u32, u32)>,
}

impl StoredFile {
    /// Where the file can be fetched, below `/file/bot<token>/`.
    pub(super) fn path(&self) -> String {
        let folder = if self.picture.is_some() { "photos" } else { "documents" };
        format!("{folder}/{}", self.id)
    }

    /// The Bot API's `PhotoSize` list; all sizes have the same bytes here.
    pub(super) fn photo_sizes(&self) -> Value {
        let (width, height) = self.picture.unwrap_or((1, 1));
        let longer = width.max(height).max(1);
        let mut sides: Vec<u32> = SIZES.iter().copied().filter(|side| *side < longer).collect();
        if longer <= 1280 {
            sides.push(longer);
        }
        let scaled = |own: u32, side: u32| {
            u32::try_from(u64::from(own) * u64::from(side) / u64::from(longer)).unwrap_or(side).max(1)
        };
        let size = |side: &u32| {
            let (width, height) = (scaled(width, *side), scaled(height, *side));
            self.json(json!({ "width": width, "height": height }), &format!("-{side}"))
        };
        Value::Array(sides.iter().map(size).collect())
    }

    /// The Bot API's `Document`.
    pub(super) fn document(&self) -> Value {
        let mime = mime_of(self.name.as_deref().unwrap_or_default());
        self.json(json!({ "file_name": self.name, "mime_type": mime }), "")
    }

    /// The Bot API's `File`.
    pub(super) fn file(&self) -> Value {
        self.json(json!({ "file_path": self.path() }), "")
    }

    fn json(&self, mut fields: Value, size: &str) -> Value {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("file_id".to_owned(), json!(format!("{}{size}", self.id)));
            fields.insert("file_unique_id".to_owned(), json!(format!("u{}{size}", self.id)));
            fields.insert("file_size".to_owned(), json!(self.bytes.len()));
        }
        fields
    }
}

fn mime_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("txt" | "log") => "text/plain",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("json") => "application/json",
        Some("csv") => "text/csv",
        _ => "application/octet-stream",
    }
}

/// Looks at a photo as Telegram does; gives width and height.
pub(super) fn photo(bytes: &Bytes) -> Result<(u32, u32), Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::bad("file must be non-empty"));
    }
    if bytes.len() > MAX_PHOTO {
        return Err(Refusal::bad(format!(
            "file of size {} bytes is too big for a photo; the maximum size is {MAX_PHOTO} bytes",
            bytes.len()
        )));
    }
    let (width, height) = dimensions(bytes).ok_or_else(|| Refusal::bad("IMAGE_PROCESS_FAILED"))?;
    let (longer, shorter) = (width.max(height), width.min(height));
    if shorter == 0 || width.saturating_add(height) > MAX_SIDES || longer > shorter.saturating_mul(MAX_RATIO)
    {
        return Err(Refusal::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    if is_png(bytes) && !is_whole(bytes) {
        return Err(Refusal::bad("IMAGE_PROCESS_FAILED"));
    }
    Ok((width, height))
}

fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n")
}

/// Whether the PNG can be read to its end.
fn is_whole(bytes: &[u8]) -> bool {
    let Ok(mut reader) = png::Decoder::new(std::io::Cursor::new(bytes)).read_info() else { return false };
    while let Ok(row) = reader.next_row() {
        if row.is_none() {
            return true;
        }
    }
    false
}

fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    if is_png(bytes) {
        let side = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        return (bytes.get(12..16)? == b"IHDR").then_some((side(16)?, side(20)?));
    }
    bytes.starts_with(&[0xff, 0xd8, 0xff]).then(|| jpeg_dimensions(bytes)).flatten()
}

/// Walks the segments of a JPEG to its frame header.
fn jpeg_dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let short = |at: usize| bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes);
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        let is_frame = (0xc0..=0xcf).contains(&marker) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            return Some((u32::from(short(at + 7)?), u32::from(short(at + 5)?)));
        }
        at += 2 + usize::from(short(at + 2)?);
    }
}

/// A small grey picture: what a person's photo looks like here.
pub(super) fn sample_photo() -> Bytes {
    let mut bytes = Vec::new();
    let mut png = png::Encoder::new(&mut bytes, 64, 64);
    png.set_color(png::ColorType::Grayscale);
    let written = png.write_header().and_then(|mut png| png.write_image_data(&[128; 64 * 64]));
    written.map(|()| Bytes::from(bytes)).unwrap_or_default()
}
