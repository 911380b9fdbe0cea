//! What an update from Telegram asks: the intake, who it is from, their dialogue; and invites and tokens.

use chrono::TimeDelta;
use orchestrator::domain::actor::{Role, TokenScope};
use orchestrator::domain::ids::TokenId;
use orchestrator::domain::person::{Invite, InvitePurpose, Lang};
use orchestrator::domain::search::{SearchId, SearchText};
use orchestrator::domain::token::{ApiToken, TokenHash, TokenName};
use orchestrator::repositories::people::Held;
use orchestrator::repositories::updates::{Claim, UpdateRow};
use orchestrator::repositories::{dialogues, facts, invites, people, searches, tokens, updates};

use super::filled::{BOT, ago, client, id, now, person};
use super::watch::{Watch, asks};
use crate::support::seed::somebody;

pub async fn ask(watch: &mut Watch) {
    intake(watch).await;
    who(watch).await;
    said(watch).await;
    invited(watch).await;
    tokens_of_the_api(watch).await;
}

async fn intake(watch: &mut Watch) {
    let new = UpdateRow { update_id: 900_000, sender: 1_000_005, payload: "{}".to_owned() };
    let until = now() + TimeDelta::seconds(20);
    let claim = |busy| Claim { bot_id: BOT, owner: "process", now: now(), until, busy, limit: 64 };
    asks!(watch, updates::insert(tx, BOT, std::slice::from_ref(&new), now()));
    asks!(watch, updates::claim(db, claim(&[])));
    asks!(watch, updates::claim(db, claim(&[1_004_701, 1_004_702])));
    asks!(watch, updates::handled(db, BOT, &[59_701, 59_702], now()));
    asks!(watch, updates::forget(tx, ago(TimeDelta::hours(48) - TimeDelta::minutes(2))));
    asks!(watch, updates::forget_of_others(tx, BOT, ago(TimeDelta::hours(48))));
    asks!(watch, updates::renew(db, BOT, "process", &[59_703, 59_704], until));
    asks!(watch, updates::release(db, BOT, "process"));
    asks!(watch, facts::find(db, "bot"));
    asks!(watch, facts::replace(tx, "bot", "7"));
}

async fn who(watch: &mut Watch) {
    let known = person(20_000);
    asks!(watch, people::find(db, known));
    asks!(watch, people::with_link(db, known));
    asks!(watch, people::with_links(db, &[known, person(30_000), person(900_000)]));
    asks!(watch, people::find_in(tx, known));
    asks!(watch, people::hold(tx, known, Held::ToRead));
    asks!(watch, people::hold(tx, known, Held::ToChange));
    asks!(watch, people::put(tx, &somebody(known.0), now()));
    asks!(watch, people::put_unseen(tx, person(900_000), now()));
    asks!(watch, people::set_lang(tx, known, Lang::Ru));
    asks!(watch, people::set_role(tx, known, Some(Role::Viewer)));
    asks!(watch, people::set_blocked_bot(tx, known, now()));
    asks!(watch, people::make_first_owner(tx, known));
    asks!(watch, people::has_owner(db));
    asks!(watch, people::owners_in(tx));
    asks!(watch, people::with_role(db));
    asks!(watch, people::find_by_telegram_username(db, "User_20000"));
}

async fn said(watch: &mut Watch) {
    let known = person(20);
    let text = SearchText::typed("client").unwrap();
    let search = SearchId::of(known, &text);
    asks!(watch, dialogues::find(db, person(100), ago(TimeDelta::hours(24))));
    asks!(watch, dialogues::put(tx, person(100), "{}", now()));
    asks!(watch, dialogues::remove(tx, person(100)));
    asks!(watch, dialogues::forget(tx, ago(TimeDelta::hours(24) - TimeDelta::minutes(1))));
    asks!(watch, searches::find(db, known, search));
    asks!(watch, searches::put(tx, known, search, &text, now()));
    asks!(watch, searches::forget(tx, ago(TimeDelta::days(30) - TimeDelta::minutes(20))));
}

async fn invited(watch: &mut Watch) {
    let hash = format!("{:064}", 11_995);
    let known = client(50_000);
    let new = Invite {
        token_hash: "f".repeat(64),
        purpose: InvitePurpose::Client(known.id),
        created_by: "token:shop".to_owned(),
        created_at: now(),
        expires_at: now(),
        used_by: None,
        used_at: None,
    };
    asks!(watch, invites::insert(tx, &new));
    asks!(watch, invites::find(tx, &hash));
    asks!(watch, invites::take(tx, &hash, person(20_000), now()));
    asks!(watch, invites::forget_unused(tx, &hash));
    asks!(watch, invites::hold_owner_links(tx));
    asks!(watch, invites::forget_owner_links(tx));
    asks!(watch, invites::end_open_of(tx, "telegram:1000005", now()));
    asks!(watch, invites::end_open_for(tx, known.id, now()));
    asks!(watch, invites::forget(tx, ago(TimeDelta::days(35) - TimeDelta::minutes(10))));
}

async fn tokens_of_the_api(watch: &mut Watch) {
    let (known, name) = (TokenId(id(5_000_051)), "shop51".parse::<TokenName>().unwrap());
    let new = ApiToken {
        id: TokenId(id(5_900_000)),
        name: "new".parse().unwrap(),
        generation: 1,
        hash: TokenHash::of(b"new"),
        scope: TokenScope::Read,
        created_by: "telegram:1000001".to_owned(),
        created_key: None,
        created_at: now(),
        last_used_at: None,
        revoked_at: None,
    };
    asks!(watch, tokens::live(db));
    asks!(watch, tokens::find(db, known));
    asks!(watch, tokens::find_live(db, &name));
    asks!(watch, tokens::find_live_in(tx, &name));
    asks!(watch, tokens::count_live(tx));
    asks!(watch, tokens::next_generation(tx, &name));
    asks!(watch, tokens::insert(tx, &new));
    asks!(watch, tokens::replace_secret(tx, known, &new.hash));
    asks!(watch, tokens::used(tx, known, now(), now()));
    asks!(watch, tokens::revoke(tx, known, now()));
    asks!(watch, tokens::revoke_all_of(tx, "telegram:1000005", now()));
}
