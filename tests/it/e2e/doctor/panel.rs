//! Panels that are not reached, stand behind the wrong proxy, refuse the token or part of it, or give no keys.

use orchestrator::demo::panel::{Fault, Matcher, PanelVersion, What};

use super::{answering, doctor, elsewhere, page, shown};
use crate::e2e::Stage;
use crate::support::db::Kind;

/// What the README asks for, in part.
const SOME: [&str; 5] =
    ["users:create", "users:by-id", "users:update", "users:by-username", "internal-squads:read"];

async fn stage() -> Stage {
    Stage::empty(Kind::Sqlite, PanelVersion::V3).await
}

/// A line and the two below it.
fn part<'a>(said: &'a str, beginning: &str) -> &'a str {
    let at = said.find(beginning).unwrap_or_else(|| panic!("no {beginning:?} in:\n{said}"));
    said[at..].split("\n✓").next().unwrap().split("\n–").next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_that_is_away_is_told() {
    let stage = stage().await;
    stage.panel.stop().await;
    insta::assert_snapshot!("the_panel_is_away", shown(&stage, &[]).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_stands_before_the_panel_is_told_apart() {
    let stage = stage().await;
    let mut told = String::new();
    for what in [What::Drop, What::Html, What::HtmlOk, What::Truncated, What::RateLimited] {
        stage.panel.fault(Fault::before(Matcher::any(), what).always());
        told += part(&shown(&stage, &[]).await, "✗ panel ");
        told += "\n\n";
        stage.panel.clear_faults();
    }
    // A token that was used before is known without the database, and another one is not.
    for warm in [false, true] {
        stage.panel.set_database_down(true);
        told += part(&shown(&stage, &[]).await, "✗ panel ");
        stage.panel.set_database_down(false);
        if !warm {
            told += "\n\n";
            shown(&stage, &[]).await;
        }
    }
    for url in [answering(elsewhere()).await, answering(page()).await, format!("{}/api", stage.panel.url())] {
        let said = shown(&stage, &[("REMNAWAVE_BASE_URL", url.clone())]).await;
        told += "\n\n";
        told += &part(&said, "✗ panel ").replace(&url, "http://other.test");
    }
    insta::assert_snapshot!("before_the_panel", told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_refused_is_told_from_one_that_was_deleted() {
    let stage = stage().await;
    insta::assert_snapshot!(
        "the_token_is_refused",
        shown(&stage, &[("REMNAWAVE_API_TOKEN", "canary".to_owned())]).await
    );
    stage.panel.delete_token(stage.panel.token());
    let said = shown(&stage, &[]).await;
    insta::assert_snapshot!("the_token_was_deleted", part(&said, "✗ panel token "));
    let said = shown(&stage, &[("REMNAWAVE_API_TOKEN", String::new())]).await;
    insta::assert_snapshot!("the_token_is_missing", part(&said, "✗ panel token "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_scope_that_is_missing_is_named() {
    let stage = stage().await;
    stage.panel.set_scopes(&SOME);
    insta::assert_snapshot!("scopes_are_missing", shown(&stage, &[]).await);

    stage.panel.set_scopes(&["users:*", "internal-squads:read"]);
    let said = shown(&stage, &[]).await;
    let line = "! panel scopes      the token lacks subscriptions:read, system:metadata";
    assert!(said.contains(line) && said.ends_with("exit code 0\n"), "{said}");
    assert!(said.contains("(hosts were not looked at"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_readme_asks_for_is_enough() {
    let readme = include_str!("../../../../README.md");
    let stage = stage().await;
    let (_, rest) = readme.split_once("`users:` ").unwrap();
    let (users, rest) = rest.split_once(';').unwrap();
    let mut scopes: Vec<String> =
        users.split('`').skip(1).step_by(2).map(|name| format!("users:{name}")).collect();
    let (others, _) = rest.split_once("\n3.").unwrap();
    scopes.extend(others.split('`').skip(1).step_by(2).filter(|name| name.contains(':')).map(str::to_owned));
    stage.panel.set_scopes(&scopes.iter().map(String::as_str).collect::<Vec<_>>());
    let (code, said) = doctor(&stage, &[], &[]).await;
    assert_eq!((code, said.contains("All is well.")), (0, true), "{scopes:?}\n{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_nobody_tested_is_a_warning_and_a_wrong_setting_is_not() {
    let stage = stage().await;
    stage.panel.claim_version("4.0.1");
    let said = shown(&stage, &[]).await;
    insta::assert_snapshot!("an_untested_version", part(&said, "! panel version "));
    assert!(said.ends_with("exit code 0\n"), "{said}");
    let said = shown(&stage, &[("REMNAWAVE_API_VERSION", "v2".to_owned())]).await;
    insta::assert_snapshot!("a_contradicted_version", part(&said, "✗ panel version "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn squads_that_are_missing_or_give_no_keys_are_told() {
    let stage = stage().await;
    let squads = |named: &str| [("REMNAWAVE_INTERNAL_SQUADS", named.to_owned())];
    let mut told = vec![shown(&stage, &squads("Default-Squad,premium")).await];
    let [usual] = &stage.panel.squads()[..] else { panic!("{:?}", stage.panel.squads()) };

    let (mut hostless, mut bare, mut other) = (usual.clone(), usual.clone(), usual.clone());
    hostless.inbounds.iter_mut().for_each(|inbound| inbound.host = None);
    stage.panel.set_squads(vec![hostless]);
    told.push(shown(&stage, &[]).await);

    bare.inbounds.clear();
    (other.name, other.uuid) = ("Other".to_owned(), uuid::Uuid::from_u128(7));
    stage.panel.set_squads(vec![bare, other.clone()]);
    told.push(shown(&stage, &[]).await);
    told.push(shown(&stage, &squads("Default-Squad,Other")).await);

    let mut third = other.clone();
    (third.name, third.uuid) = ("Third\u{1b}[31m".to_owned(), uuid::Uuid::from_u128(8));
    stage.panel.set_squads(vec![other, third]);
    told.push(shown(&stage, &[]).await);
    stage.panel.set_squads(vec![]);
    told.push(shown(&stage, &[]).await);

    let parts = told.iter().map(|said| {
        let at = said.find(" panel squads ").unwrap();
        let mark = said[..at].chars().next_back().unwrap();
        part(said, &format!("{mark} panel squads "))
    });
    insta::assert_snapshot!("squads", parts.collect::<Vec<_>>().join("\n\n"));
}
