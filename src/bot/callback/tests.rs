//! Every button fits and is read back; anything else is out of date.

use proptest::prelude::*;

use super::super::spot::{Expiry, LAST_PAGE, Purpose};
use super::*;
use crate::domain::client::Status;
use crate::domain::ids::{BulkTaskId, OperationId, TokenId};
use crate::domain::search::{ClientOrder, SearchId};
use crate::services::views::LogColumns;

fn spots() -> impl Strategy<Value = Spot> {
    (
        prop::sample::select(vec![
            Purpose::Card,
            Purpose::Config,
            Purpose::Invite,
            Purpose::Log,
            Purpose::Extend,
            Purpose::Date,
            Purpose::Note,
            Purpose::Delete,
            Purpose::Unlink,
            Purpose::Block,
            Purpose::Unblock,
            Purpose::Rotate,
            Purpose::Today,
        ]),
        prop::sample::select(vec![None, Some(Status::Active), Some(Status::Blocked)]),
        prop::sample::select(vec![None, Some(Expiry::Valid), Some(Expiry::Expired), Some(Expiry::Soon)]),
        prop::sample::select(vec![ClientOrder::Newest, ClientOrder::Expiry]),
        any::<Option<[u8; 4]>>().prop_map(|bytes| bytes.map(SearchId::from)),
        0..=LAST_PAGE,
    )
        .prop_map(|(purpose, status, expiry, order, search, page)| Spot {
            purpose,
            status,
            expiry,
            order,
            search,
            page,
        })
}

fn offers() -> impl Strategy<Value = NewClientOffer> {
    ("[A-Za-z0-9_-]{3,36}", 1_i64..=3650, any::<u32>(), any::<[u8; 6]>()).prop_map(
        |(username, days, minute, random)| NewClientOffer {
            username: username.parse().unwrap(),
            days: days.try_into().unwrap(),
            nonce: Nonce { minute, random },
        },
    )
}

fn log_spots() -> impl Strategy<Value = LogSpot> {
    let columns = any::<[bool; 4]>().prop_map(|[client, username, actor, action]| LogColumns {
        client,
        username,
        actor,
        action,
    });
    prop_oneof![
        Just(LogSpot::All),
        any::<u128>().prop_map(|bits| LogSpot::Client(ClientId(Uuid::from_u128(bits)))),
        (any::<u128>(), columns, any::<u32>()).prop_map(|(bits, columns, page)| LogSpot::Like {
            row: OperationId(Uuid::from_u128(bits)),
            columns,
            page,
        }),
    ]
}

fn own_taps() -> impl Strategy<Value = MineTap> {
    let id = || any::<u128>().prop_map(|bits| ClientId(Uuid::from_u128(bits)));
    let key = (id(), any::<u16>(), "[0-9a-f]{8}");
    prop_oneof![
        prop::sample::select(vec![MineTap::Statuses, MineTap::Check, MineTap::Rotations]),
        id().prop_map(MineTap::Status),
        (id(), any::<u32>()).prop_map(|(id, page)| MineTap::Keys(id, page)),
        key.prop_map(|(client, place, mark)| MineTap::Key(KeySpot { client, place, mark })),
        id().prop_map(MineTap::Rotate),
        (id(), any::<u32>(), any::<[u8; 6]>())
            .prop_map(|(id, minute, random)| MineTap::YesRotate(id, Nonce { minute, random })),
        id().prop_map(MineTap::NoRotate),
    ]
}

fn taps() -> impl Strategy<Value = Tap> {
    let id = || any::<u128>().prop_map(|bits| ClientId(Uuid::from_u128(bits)));
    prop_oneof![
        prop::sample::select(vec![
            Tap::Home,
            Tap::Help,
            Tap::New(NewTap::Begin),
            Tap::New(NewTap::No),
            Tap::Lang,
            Tap::SetLang(Lang::Ru),
            Tap::SetLang(Lang::En),
            Tap::Token(TokenTap::NoRevoke),
            Tap::Bulk(BulkTap::Find(Purpose::Log)),
            Tap::Bulk(BulkTap::NoFind),
            Tap::Bulk(BulkTap::Import),
            Tap::Bulk(BulkTap::NoImport),
            Tap::Bulk(BulkTap::Broadcast),
            Tap::Bulk(BulkTap::NoBroadcast),
            Tap::Bulk(BulkTap::Stats),
            Tap::Wipe,
        ]),
        spots().prop_map(Tap::List),
        any::<u128>().prop_map(|bits| Tap::Bulk(BulkTap::Stop(BulkTaskId(Uuid::from_u128(bits))))),
        (any::<u32>(), any::<[u8; 6]>(), any::<bool>()).prop_map(|(minute, random, import)| {
            let nonce = Nonce { minute, random };
            Tap::Bulk(if import { BulkTap::YesImport(nonce) } else { BulkTap::YesBroadcast(nonce) })
        }),
        (id(), spots()).prop_map(|(id, spot)| Tap::Card(id, spot)),
        id().prop_map(Tap::Config),
        id().prop_map(Tap::Qr),
        id().prop_map(Tap::Invite),
        log_spots().prop_map(Tap::Log),
        (1_i64..=3650).prop_map(|days| Tap::New(NewTap::Days(days.try_into().unwrap()))),
        offers().prop_map(|offer| Tap::New(NewTap::Yes(offer))),
        any::<u32>().prop_map(|page| Tap::Token(TokenTap::List(page))),
        any::<u128>().prop_map(|bits| Tap::Token(TokenTap::Revoke(TokenId(Uuid::from_u128(bits))))),
        own_taps().prop_map(Tap::Mine),
        (any::<u128>(), any::<u32>(), any::<[u8; 6]>()).prop_map(|(bits, minute, random)| {
            Tap::Token(TokenTap::YesRevoke(TokenId(Uuid::from_u128(bits)), Nonce { minute, random }))
        }),
    ]
}

proptest! {
    #[test]
    fn every_button_fits_and_is_read_back(tap in taps()) {
        let data = tap.to_string();
        prop_assert!(data.len() <= LIMIT, "{data}");
        prop_assert_eq!(data.parse::<Tap>(), Ok(tap));
    }

    #[test]
    fn anything_else_is_out_of_date_and_never_a_panic(data in any::<String>()) {
        let _ = data.parse::<Tap>();
    }

    #[test]
    fn what_nearly_is_a_button_neither(action in "home|list|card|config|log|yes|no|key|keys|rotate|status|lang|new|invite|token|wipe",
                                       version in "[0-9]{0,2}", rest in "[:A-Za-z0-9_-]{0,60}") {
        if let Ok(tap) = format!("{action}:{version}:{rest}").parse::<Tap>() {
            prop_assert!(tap.to_string().len() <= LIMIT);
        }
    }
}

#[test]
fn an_older_version_is_out_of_date() {
    assert_eq!("home:0".parse::<Tap>(), Err(Outdated));
    assert_eq!("home".parse::<Tap>(), Err(Outdated));
    assert_eq!("home:1:more".parse::<Tap>(), Err(Outdated));
}
