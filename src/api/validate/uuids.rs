//! UUIDs, with the messages integrations know: those of an older `uuid` crate, whose words the current one has changed.

use uuid::Uuid;

use super::problem::Problem;

/// Digits of each of the five groups.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
/// Digits without dashes.
const DIGITS: usize = 32;
/// Bytes of five groups with their dashes.
const GROUPED: usize = 36;
/// Where the last group begins.
const LAST_GROUP: usize = 24;
/// The prefix of a URN, lower case only.
const URN: &str = "urn:uuid:";

/// A UUID: 32 digits, or five groups; groups may also follow `urn:uuid:` or stand in braces.
///
/// # Errors
/// `UuidParsing` with the reason.
pub fn uuid(text: &str) -> Result<Uuid, Problem> {
    let (bare, offset) = unwrapped(text);
    // The current crate takes the same digits in the same two lengths; of other lengths it has forms of its own.
    let fits = bare.len() == GROUPED || (offset == 0 && bare.len() == DIGITS);
    fits.then(|| Uuid::try_parse(bare).ok()).flatten().ok_or_else(|| {
        // What has the length of five groups was judged by the old crate as if nothing were around it.
        let (text, bare, offset) = if bare.len() == GROUPED { (bare, bare, 0) } else { (text, bare, offset) };
        Problem::UuidParsing(reason(text, bare, offset))
    })
}

/// What is inside braces or behind the URN prefix, and how many bytes come before it.
fn unwrapped(text: &str) -> (&str, usize) {
    let braced = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    if let Some(inside) = braced {
        (inside, 1)
    } else if let Some(rest) = text.strip_prefix(URN) {
        (rest, URN.len())
    } else {
        (text, 0)
    }
}

/// Why it is none: the first wrong character, else the length, the number of groups, or the first wrong group.
fn reason(text: &str, bare: &str, offset: usize) -> String {
    let wrong =
        bare.char_indices().find(|(_, character)| !character.is_ascii_hexdigit() && *character != '-');
    if let Some((index, character)) = wrong {
        return format!(
            "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], \
             found `{character}` at {}",
            offset + index + 1
        );
    }
    let lengths: Vec<usize> = bare.split('-').map(str::len).collect();
    if lengths.len() == 1 && offset == 0 {
        return format!("invalid length: expected length {DIGITS} for simple format, found {}", text.len());
    }
    if lengths.len() != GROUPS.len() {
        return format!("invalid group count: expected {}, found {}", GROUPS.len(), lengths.len());
    }
    let groups = || lengths.iter().copied().zip(GROUPS).enumerate();
    match groups().take(GROUPS.len() - 1).find(|(_, (found, expected))| found != expected) {
        Some((group, (found, expected))) => {
            format!("invalid group length in group {group}: expected {expected}, found {found}")
        }
        // The old crate counted the last group from the 24th byte of the whole text, wrapping included.
        None => {
            let found = text.len().saturating_sub(LAST_GROUP);
            format!("invalid group length in group 4: expected 12, found {found}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-1111-4111-8111-11111111abcd";

    #[test]
    fn every_spelling_is_the_same_id() {
        let id = Uuid::parse_str(ID).unwrap();
        for spelling in [
            ID.to_owned(),
            ID.to_uppercase(),
            ID.replace('-', ""),
            format!("urn:uuid:{ID}"),
            format!("{{{ID}}}"),
        ] {
            assert_eq!(uuid(&spelling), Ok(id), "{spelling}");
        }
    }

    /// Recorded from pydantic 2.10.
    #[test]
    fn reasons_are_as_recorded() {
        let recorded: Vec<(String, Option<String>)> =
            serde_json::from_str(include_str!("../../../tests/fixtures/contract/uuids.json")).unwrap();
        assert!(recorded.len() > 100);
        for (text, expected) in recorded {
            let ours = match uuid(&text) {
                Ok(_) => None,
                Err(Problem::UuidParsing(why)) => Some(why),
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(ours, expected, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_an_answer(any in "\\PC*", near in "(urn:uuid:|\\{)?[0-9a-fA-F-]{30,38}\\}?") {
            for text in [any, near] {
                // The current crate reads more spellings of the prefix; whatever we read, it reads the same.
                if let Ok(id) = uuid(&text) {
                    assert_eq!(Uuid::parse_str(&text), Ok(id));
                }
            }
        }
    }
}
