//! The list of hosts, against the recordings of hosts as they were made.

use std::collections::BTreeSet;

use orchestrator::demo::panel::PanelVersion;
use serde_json::Value;

use super::{HandClock, NOW, answer, start};

fn fields(host: &Value) -> BTreeSet<&str> {
    host.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_host_in_the_list_has_the_fields_that_it_was_made_with() {
    for (version, recording) in [
        (PanelVersion::V2, include_str!("../../fixtures/panel/2.7.4/013-host-create.json")),
        (PanelVersion::V3, include_str!("../../fixtures/panel/3.3.2/036-host-create-ws.json")),
    ] {
        let recorded: Value = serde_json::from_str(recording).unwrap();
        let sim = start(version, HandClock::at(NOW)).await;
        let (status, list) = answer(&sim, "GET", "/api/hosts", None).await;
        let hosts = list["response"].as_array().unwrap();
        assert_eq!((status, hosts.len()), (200, 2));
        for host in hosts {
            assert_eq!(fields(host), fields(&recorded["response"]["body"]["response"]));
        }
    }
}
