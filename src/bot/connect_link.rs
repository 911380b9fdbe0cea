//! Links as Telegram takes them in buttons, and the one behind "Add to app".

use std::net::IpAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

use crate::domain::ids::SubscriptionUrl;
use crate::domain::person::Lang;

/// What JavaScript's `encodeURIComponent` encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The page of this service that brings a subscription into an app: `PUBLIC_URL/connect#LINK&lang=ru`. Browsers send no
/// fragment, so that the link stands in nobody's log.
pub fn link(public_url: &Url, subscription: &SubscriptionUrl, lang: Lang) -> Url {
    let mut page = public_url.clone();
    page.set_path(&format!("{}/connect", public_url.path().trim_end_matches('/')));
    page.set_query(None);
    let encoded = utf8_percent_encode(subscription.expose(), COMPONENT);
    page.set_fragment(Some(&format!("{encoded}&lang={}", lang.code())));
    page
}

/// The link as Telegram takes it in a button: http or https, at a host that a phone elsewhere can reach. Telegram
/// refuses the whole message for `http://localhost`.
pub fn openable(link: &str) -> Option<Url> {
    let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let reachable = match url.host()? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            let top = name.rsplit_once('.')?.1;
            !matches!(top, "localhost" | "local" | "internal" | "lan")
        }
        Host::Ipv4(address) => public(IpAddr::V4(address)),
        Host::Ipv6(address) => public(IpAddr::V6(address)),
    };
    reachable.then_some(url)
}

fn public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !(v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified()),
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_gets_the_subscription_in_its_fragment() {
        let subscription = SubscriptionUrl::new("https://sub.example.com/api/sub/Ab-_9?x=1&y=ё#z (1)");
        let page = |public: &str, lang| link(&public.parse().unwrap(), &subscription, lang).to_string();
        let fragment = "https%3A%2F%2Fsub.example.com%2Fapi%2Fsub%2FAb-_9%3Fx%3D1%26y%3D%D1%91%23z%20(1)";
        assert_eq!(
            page("https://vpn.example.com", Lang::Ru),
            format!("https://vpn.example.com/connect#{fragment}&lang=ru")
        );
        assert_eq!(
            page("https://example.com/vpn/", Lang::En),
            format!("https://example.com/vpn/connect#{fragment}&lang=en")
        );
    }

    #[test]
    fn only_links_that_telegram_takes_become_buttons() {
        for good in ["https://sub.example.com/x", "http://1.2.3.4:8000/x", "https://sub.example.com./x"] {
            assert!(openable(good).is_some(), "{good}");
        }
        for bad in [
            "http://localhost:3000/x",
            "http://127.0.0.1/x",
            "http://192.168.1.5/x",
            "http://[::1]/x",
            "http://panel.local/x",
            "http://panel/x",
            "happ://add/x",
            "nonsense",
        ] {
            assert!(openable(bad).is_none(), "{bad}");
        }
    }
}
