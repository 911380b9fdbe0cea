//! Cursors: a place in a list, as integrations hand it back. Neither a secret nor a right: only a place.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, Datelike, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::page::Place;

/// The version of every cursor.
const VERSION: u8 = 1;
/// Bytes of the sum that tells a mistyped or cut cursor from a whole one.
const SUM: usize = 4;
/// Bytes before the sum: version, list, microseconds, id.
const BODY: usize = 1 + 1 + 8 + 16;

/// Whose place it is: a cursor of one list is none of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `GET /api/v1/clients`
    Clients,
    /// `GET /api/v1/operations`
    Operations,
    /// `GET /api/v1/audit`
    Audit,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Clients => b'c',
            Self::Operations => b'o',
            Self::Audit => b'a',
        }
    }
}

/// No cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct Foreign;

/// The place as 40 url-safe characters.
pub fn write(kind: Kind, place: Place) -> String {
    let mut bytes = Vec::with_capacity(BODY + SUM);
    bytes.extend([VERSION, kind.byte()]);
    bytes.extend(place.created_at.timestamp_micros().to_be_bytes());
    bytes.extend(place.id.as_bytes());
    let sum = sum(&bytes);
    bytes.extend(sum);
    BASE64.encode(bytes)
}

/// The place again.
///
/// # Errors
/// `Foreign` for everything that [`write`] does not write for this list.
pub fn read(kind: Kind, text: &str) -> Result<Place, Foreign> {
    let bytes = BASE64.decode(text).map_err(|_| Foreign)?;
    let (body, ours) = bytes.split_first_chunk::<BODY>().ok_or(Foreign)?;
    let (head, rest) = body.split_first_chunk::<2>().ok_or(Foreign)?;
    let (micros, id) = rest.split_first_chunk::<8>().ok_or(Foreign)?;
    if ours != sum(body) || *head != [VERSION, kind.byte()] {
        return Err(Foreign);
    }
    let created_at = DateTime::from_timestamp_micros(i64::from_be_bytes(*micros)).ok_or(Foreign)?;
    let id = Uuid::from_slice(id).map_err(|_| Foreign)?;
    // The databases keep and order no others alike.
    four_digits(created_at).then_some(Place { created_at, id }).ok_or(Foreign)
}

fn four_digits(time: DateTime<Utc>) -> bool {
    (1..=9999).contains(&time.year())
}

fn sum(body: &[u8]) -> [u8; SUM] {
    let digest: [u8; 32] = Sha256::digest(body).into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places() -> impl Strategy<Value = Place> {
        // The years 1 to 9999.
        (-62_135_596_800_000_000_i64..=253_402_300_799_999_999, any::<u128>()).prop_map(|(micros, id)| {
            Place { created_at: DateTime::from_timestamp_micros(micros).unwrap(), id: Uuid::from_u128(id) }
        })
    }

    proptest! {
        #[test]
        fn every_place_is_read_back_by_its_own_list(place in places()) {
            let text = write(Kind::Clients, place);
            prop_assert_eq!(text.len(), 40);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
            prop_assert_eq!(read(Kind::Clients, &text), Ok(place));
            prop_assert_eq!(read(Kind::Operations, &text), Err(Foreign));
            prop_assert_eq!(read(Kind::Audit, &text), Err(Foreign));
        }

        #[test]
        fn a_changed_character_is_noticed(place in places(), at in 0_usize..40, to in "[A-Za-z0-9_-]") {
            let text = write(Kind::Audit, place);
            let mut changed = text.clone();
            changed.replace_range(at..=at, &to);
            prop_assert_eq!(read(Kind::Audit, &changed).is_ok(), changed == text);
        }

        #[test]
        fn any_text_has_an_answer(any in "\\PC*", near in "[A-Za-z0-9_=-]{0,44}") {
            prop_assert_eq!(read(Kind::Clients, &any), Err(Foreign));
            prop_assert_eq!(read(Kind::Clients, &near), Err(Foreign));
        }

        #[test]
        fn a_sum_alone_is_not_enough(body in any::<[u8; BODY]>()) {
            let text = BASE64.encode([&body[..], &sum(&body)].concat());
            if let Ok(place) = read(Kind::Clients, &text) {
                prop_assert_eq!(write(Kind::Clients, place), text);
            }
        }
    }

    #[test]
    fn times_that_no_database_keeps_are_foreign() {
        for micros in [i64::MIN, -62_135_596_800_000_001, 253_402_300_800_000_000, i64::MAX] {
            let mut body = vec![VERSION, b'c'];
            body.extend(micros.to_be_bytes());
            body.extend([7; 16]);
            let text = BASE64.encode([&body[..], &sum(&body)].concat());
            assert_eq!(read(Kind::Clients, &text), Err(Foreign), "{micros}");
        }
    }
}
