//! What a caller would rather have: `Accept` and `Accept-Encoding` with their weights.

use axum::http::header::{ACCEPT, ACCEPT_ENCODING};
use axum::http::{HeaderMap, HeaderName};

/// The weight of something nobody may be sent.
const NEVER: u16 = 0;
/// The greatest weight, in thousandths.
const MOST: u16 = 1000;

/// The offer that `Accept` prefers. Of equals, and when none is acceptable, it is the first.
pub fn preferred<T: Copy>(headers: &HeaderMap, offers: [(&'static str, T); 2]) -> (&'static str, T) {
    let ranges = ranges(headers, &ACCEPT);
    let [first, second] = offers;
    if weight_of_type(&ranges, second.0) > weight_of_type(&ranges, first.0) { second } else { first }
}

/// Whether an answer may be compressed with gzip.
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let codings = ranges(headers, &ACCEPT_ENCODING);
    let weight = |wanted: &str| codings.iter().find(|(name, _)| name == wanted).map(|(_, weight)| *weight);
    weight("gzip").or_else(|| weight("x-gzip")).or_else(|| weight("*")).is_some_and(|weight| weight > NEVER)
}

/// The weight of a media type: the most exact range decides. Without a range everything is fine.
fn weight_of_type(ranges: &[(String, u16)], media_type: &str) -> u16 {
    if ranges.is_empty() {
        return MOST;
    }
    let group = media_type.split('/').next().unwrap_or_default();
    let weight = |wanted: &str| ranges.iter().find(|(range, _)| range == wanted).map(|(_, weight)| *weight);
    weight(media_type).or_else(|| weight(&format!("{group}/*"))).or_else(|| weight("*/*")).unwrap_or(NEVER)
}

/// The elements of such a header in lower case without their parameters, with their weights in thousandths.
fn ranges(headers: &HeaderMap, name: &HeaderName) -> Vec<(String, u16)> {
    let texts = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let elements =
        texts.flat_map(|text| text.split(',')).map(str::trim).filter(|element| !element.is_empty());
    elements
        .map(|element| {
            let mut parts = element.split(';').map(str::trim);
            let range = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            (range, weight.map_or(MOST, thousandths))
        })
        .collect()
}

/// A weight as `0.25` writes it; what is none counts as none.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{fraction:0<3}");
    match (whole, fraction.len() <= 3, digits.parse::<u16>()) {
        ("0", true, Ok(weight)) => weight,
        ("1", true, Ok(0)) => MOST,
        _ => NEVER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: HeaderName, value: &str) -> HeaderMap {
        [(name, value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn the_better_picture_is_chosen() {
        let offers = [("image/png", 'p'), ("image/svg+xml", 's')];
        assert_eq!(preferred(&HeaderMap::new(), offers).1, 'p');
        for (accept, chosen) in [
            ("", 'p'),
            ("*/*", 'p'),
            ("image/*", 'p'),
            ("image/svg+xml", 's'),
            ("IMAGE/SVG+XML", 's'),
            ("image/svg+xml, image/png", 'p'),
            ("image/svg+xml, */*;q=0.8", 's'),
            ("image/svg+xml;q=0.5, image/png;q=0.25", 's'),
            ("image/svg+xml; charset=utf-8 ; q=0.9,image/*;q=0.95", 'p'),
            ("image/png;q=0, */*", 's'),
            ("image/svg+xml;q=0", 'p'),
            ("image/svg+xml;q=0, image/png;q=0", 'p'),
            ("application/json", 'p'),
            ("image/svg+xml;q=2, image/png;q=0.001", 'p'),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", 'p'),
        ] {
            assert_eq!(preferred(&of(ACCEPT, accept), offers).1, chosen, "{accept}");
        }
    }

    #[test]
    fn gzip_is_for_those_who_ask() {
        assert!(!takes_gzip(&HeaderMap::new()));
        for (value, taken) in [
            ("gzip", true),
            ("GZIP;q=0.1", true),
            ("deflate, gzip, br", true),
            ("*", true),
            ("*, gzip;q=0", false),
            ("gzip;q=0.000", false),
            ("identity", false),
            ("br", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&of(ACCEPT_ENCODING, value)), taken, "{value}");
        }
    }
}
