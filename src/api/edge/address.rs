//! Where a request comes from. Only proxies that are trusted by the settings are believed about others.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use ipnet::IpNet;

/// Each proxy appends to it the address it was asked from. (`Forwarded`, RFC 7239, is not read: hardly any proxy sends it.)
const FORWARDED_FOR: &str = "x-forwarded-for";

/// How the client spoke to the proxy.
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Headers that tell of a proxy.
const FORWARDED: [&str; 5] = ["forwarded", FORWARDED_FOR, FORWARDED_PROTO, "x-real-ip", "via"];

/// The most proxies in a row that are followed.
const HOPS: usize = 32;

/// Words for `TRUSTED_PROXIES`, and their networks.
const WORDS: [(&str, &[&str]); 2] = [
    ("loopback", &["127.0.0.0/8", "::1/128"]),
    ("private", &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]),
];

/// `TRUSTED_PROXIES`: whose word about addresses counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// Why a list of proxies cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {entry}: it is no address, network or known word")]
pub struct NoProxy {
    /// Which one, from 1.
    entry: usize,
}

impl FromStr for TrustedProxies {
    type Err = NoProxy;

    /// Addresses, networks (`10.0.0.0/8`), `loopback` and `private`, separated by commas.
    fn from_str(text: &str) -> Result<Self, NoProxy> {
        let mut networks = vec![];
        for (item, entry) in text.split(',').map(str::trim).filter(|item| !item.is_empty()).zip(1..) {
            networks.extend(networks_of(item).ok_or(NoProxy { entry })?);
        }
        Ok(Self(networks))
    }
}

fn networks_of(item: &str) -> Option<Vec<IpNet>> {
    if let Some((_, networks)) = WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(item)) {
        return networks.iter().map(|network| network.parse().ok()).collect();
    }
    if let Ok(address) = item.parse::<IpAddr>() {
        return Some(vec![IpNet::from(address.to_canonical())]);
    }
    // Callers are compared as IPv4 where they can be: a network of IPv4 addresses in IPv6 form would never match.
    let mapped = |network: &IpNet| network.addr().is_ipv6() && network.addr().to_canonical().is_ipv4();
    item.parse().ok().filter(|network| !mapped(network)).map(|network| vec![network])
}

impl TrustedProxies {
    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// What the connection's peer and the headers tell, as far as they can be believed.
    pub fn origin(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Origin {
        let Some(peer) = peer.map(|peer| peer.to_canonical()) else {
            return Origin::default();
        };
        let trusted = self.trust(peer);
        let client = if trusted { self.walk(peer, headers) } else { peer };
        // A loopback address in a header of another machine is that machine's. A proxy that does not say for whom it
        // asks asks for anybody.
        let direct = !FORWARDED.iter().any(|name| headers.contains_key(*name));
        let told = trusted && headers.contains_key(FORWARDED_FOR);
        Origin {
            client: Some(client),
            on_this_machine: peer.is_loopback() && client.is_loopback() && (direct || told),
            https: trusted && nearest(headers, FORWARDED_PROTO).is_some_and(|word| word == b"https"),
        }
    }

    /// From the nearest proxy outwards: the first address that is not a trusted proxy's. What cannot be read ends the
    /// walk at the last that could.
    fn walk(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        for entry in entries(headers, FORWARDED_FOR).take(HOPS) {
            let Some(address) = address(entry) else {
                break;
            };
            client = address;
            if !self.trust(address) {
                break;
            }
        }
        client
    }
}

/// The entries of a header that is a list, on all its lines, the last one first.
fn entries<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a [u8]> {
    let lines: Vec<_> = headers.get_all(name).iter().map(|value| value.as_bytes()).collect();
    let entries = lines.into_iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
    entries.map(<[u8]>::trim_ascii).filter(|entry| !entry.is_empty())
}

fn nearest<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    entries(headers, name).next()
}

/// An address, with or without a port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// The address a request comes from, in the request's extensions. IPv4 is always written as IPv4. Missing when the router
/// is used without a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Where a request comes from, in the request's extensions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin {
    /// The same as [`ClientAddress`].
    pub client: Option<IpAddr>,
    /// Whether the caller is on this machine, with nobody in between who is not trusted.
    pub on_this_machine: bool,
    /// Whether a trusted proxy says that the client came by https.
    pub https: bool,
}

/// Puts [`Origin`] and [`ClientAddress`] into the request.
pub fn find(proxies: &TrustedProxies, request: &mut Request) -> Origin {
    let peer = request.extensions().get().map(|ConnectInfo::<SocketAddr>(peer)| peer.ip());
    let origin = proxies.origin(peer, request.headers());
    request.extensions_mut().insert(origin);
    if let Some(client) = origin.client {
        request.extensions_mut().insert(ClientAddress(client));
    }
    origin
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        lines.iter().map(line).collect()
    }

    fn origin(trusted: &str, peer: &str, lines: &[(&'static str, &str)]) -> Origin {
        let trusted: TrustedProxies = trusted.parse().unwrap();
        trusted.origin(Some(peer.parse().unwrap()), &headers(lines))
    }

    #[test]
    fn the_list_of_proxies() {
        for (text, count) in
            [("", 0), (" , ", 0), ("10.0.0.1", 1), ("loopback, Private,2001:db8::/32,192.0.2.7/24", 8)]
        {
            assert_eq!(text.parse::<TrustedProxies>().unwrap().0.len(), count, "{text}");
        }
        for (text, entry) in
            [("proxy", 1), ("loopback,,10.0.0.0/33", 2), ("10.0.0.1:80", 1), ("::ffff:10.0.0.0/104", 1)]
        {
            assert_eq!(text.parse::<TrustedProxies>(), Err(NoProxy { entry }), "{text}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let claim = [("x-forwarded-for", "203.0.113.7")];
        for (trusted, peer, client) in [
            ("", "127.0.0.1", "127.0.0.1"),
            ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
            ("10.0.0.1", "10.0.0.1", "203.0.113.7"),
            ("10.0.0.0/8", "::ffff:10.9.9.9", "203.0.113.7"),
            ("::ffff:10.0.0.1", "10.0.0.1", "203.0.113.7"),
            ("loopback", "::1", "203.0.113.7"),
        ] {
            assert_eq!(
                origin(trusted, peer, &claim).client,
                Some(client.parse().unwrap()),
                "{trusted} {peer}"
            );
        }
    }

    #[test]
    fn the_walk_goes_from_the_right_over_trusted_proxies_only() {
        for (value, client) in [
            ("", "10.0.0.1"),
            ("203.0.113.7", "203.0.113.7"),
            ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
            ("198.51.100.1,203.0.113.7 , 10.0.0.2,,10.0.0.3", "203.0.113.7"),
            ("10.0.0.2, 10.0.0.3", "10.0.0.2"),
            ("203.0.113.7, nonsense, 10.0.0.3", "10.0.0.3"),
            ("203.0.113.7, unknown", "10.0.0.1"),
            ("203.0.113.7:4711", "203.0.113.7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("ж", "10.0.0.1"),
        ] {
            let found = origin("10.0.0.0/8", "10.0.0.1", &[("x-forwarded-for", value)]);
            assert_eq!(found.client, Some(client.parse().unwrap()), "{value}");
        }
        let lines = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.7, 10.0.0.2")];
        assert_eq!(origin("10.0.0.0/8", "10.0.0.1", &lines).client, Some("203.0.113.7".parse().unwrap()));
        let long = format!("203.0.113.7{}", ", 10.0.0.2".repeat(1000));
        let found = origin("10.0.0.0/8", "10.0.0.1", &[("x-forwarded-for", &long)]);
        assert_eq!(found.client, Some("10.0.0.2".parse().unwrap()));
    }

    #[test]
    fn on_this_machine_means_that_nobody_untrusted_is_in_between() {
        let local = |trusted: &str, peer: &str, lines: &[_]| origin(trusted, peer, lines).on_this_machine;
        for (peer, is_local) in
            [("127.0.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("192.0.2.1", false)]
        {
            assert_eq!(local("", peer, &[]), is_local, "{peer}");
        }
        assert_eq!(TrustedProxies::default().origin(None, &HeaderMap::new()), Origin::default());
        let (other, this) = ([("x-forwarded-for", "203.0.113.7")], [("x-forwarded-for", "127.0.0.1")]);
        for (name, lines) in [("other", &other), ("this", &this)] {
            assert!(!local("", "127.0.0.1", lines), "{name}, through a proxy that is not trusted");
            assert!(!local("10.0.0.1", "10.0.0.1", lines), "{name}, through another machine's");
        }
        assert!(!local("loopback", "127.0.0.1", &other));
        assert!(local("loopback", "127.0.0.1", &this), "through a proxy here, from here");
        for name in ["via", "forwarded", "x-real-ip", "x-forwarded-proto"] {
            assert!(!local("loopback", "127.0.0.1", &[(name, "x")]), "for whom does it ask? {name}");
        }
    }

    #[test]
    fn https_is_what_the_nearest_trusted_proxy_says() {
        for (trusted, value, https) in [
            ("loopback", "https", true),
            ("loopback", "http, https", true),
            ("loopback", "https, http", false),
            ("loopback", "HTTPS!", false),
            ("", "https", false),
        ] {
            assert_eq!(origin(trusted, "127.0.0.1", &[("x-forwarded-proto", value)]).https, https, "{value}");
        }
    }

    proptest! {
        /// Whatever a client makes up stands to the left of what the proxy appends.
        #[test]
        fn nobody_chooses_their_own_address(
            made_up in "[ -~]{0,30}|((127\\.0\\.0\\.1|10\\.0\\.0\\.[1-9]|198\\.51\\.100\\.[1-9]), ?){1,5}",
            lines in 0_usize..3,
            proxies in prop::collection::vec("10\\.[0-9]\\.[0-9]\\.[1-9]", 0..5),
            client in any::<[u8; 4]>().prop_map(IpAddr::from),
        ) {
            prop_assume!(!matches!(client, IpAddr::V4(address) if address.octets()[0] == 10));
            let mut told: Vec<_> = vec![("x-forwarded-for", made_up.clone()); lines];
            let appended = [made_up, client.to_string()].into_iter().chain(proxies).collect::<Vec<_>>().join(",");
            told.push(("x-forwarded-for", appended));
            let told: Vec<_> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let found = origin("10.0.0.0/8", "10.0.0.1", &told);
            prop_assert_eq!(found.client, Some(client));
            prop_assert!(!found.on_this_machine);
        }

        #[test]
        fn any_bytes_have_an_answer(bytes in prop::collection::vec(32_u8..=255, 0..200)) {
            let mut headers = HeaderMap::new();
            let bytes: Vec<_> = bytes.into_iter().filter(|byte| *byte != 127).collect();
            headers.insert(FORWARDED_FOR, HeaderValue::from_bytes(&bytes).unwrap());
            let trusted: TrustedProxies = "private".parse().unwrap();
            prop_assert!(trusted.origin(Some([10, 0, 0, 1].into()), &headers).client.is_some());
        }
    }
}
