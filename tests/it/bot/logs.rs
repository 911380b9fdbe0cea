//! One id from Telegram to the panel: every line that an update causes has its number.

use super::stage::Stage;
use crate::support::log::Captured;

#[tokio::test]
async fn every_line_of_an_update_has_its_number() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    stage.idle().await;
    let (log, _guard) = Captured::start("trace");
    let update = olga.write("/new alice_1 30");
    olga.next().await;
    stage.idle().await;
    let span = format!("update{{update_id={update}}}");
    let lines = log.lines();
    let panel = lines.iter().find(|line| line.contains("orchestrator::panel"));
    assert!(panel.is_some_and(|line| line.contains(&span)), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("orchestrator::services::settle")), "{lines:#?}");
    for line in
        lines.iter().filter(|line| line.contains("orchestrator::services") || line.contains("::panel"))
    {
        assert!(line.contains(&span), "{line}");
    }
    stage.end().await;
}
