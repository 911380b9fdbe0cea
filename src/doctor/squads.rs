//! The internal squads that new users go into: whether they are there, and whether their members get keys.

use crate::domain::panel_problem::PanelProblem;
use crate::panel::{Met, SquadSeen, SquadsSeen};

use super::finding::Finding;

/// The name of the check.
pub const CHECK: &str = "panel squads";
/// The most names that are shown.
const NAMES: usize = 8;

/// What there is to say of them.
pub fn findings(seen: Option<&Result<SquadsSeen, Met>>) -> Vec<Finding> {
    match seen {
        Some(Ok(seen)) => missing(seen).map_or_else(|| keys(&seen.chosen), |missing| vec![missing]),
        Some(Err(Met::Own { status: 403, .. })) => {
            vec![Finding::unchecked(CHECK, "the token lacks internal-squads:read")]
        }
        Some(Err(_)) => vec![Finding::unchecked(CHECK, "the panel does not list them")],
        None => vec![Finding::unchecked(CHECK, "the panel was not asked")],
    }
}

fn missing(seen: &SquadsSeen) -> Option<Finding> {
    let SquadsSeen { there, missing, chosen } = seen;
    let broken = |detail: String, cause: String, remedy: &str| {
        Some(Finding::broken(CHECK, detail).because(cause).so(remedy).told())
    };
    if there.is_empty() {
        let what = PanelProblem::NoSquad.what();
        let remedy = "make one in the panel, under Internal Squads, and give it inbounds";
        return broken("the panel has none".to_owned(), what.to_owned(), remedy);
    }
    if !missing.is_empty() {
        return broken(
            format!("the panel has no {}", listed(missing)),
            format!("REMNAWAVE_INTERNAL_SQUADS asks for it; the panel has {}", listed(there)),
            "correct REMNAWAVE_INTERNAL_SQUADS (capital letters count), or make the squad in the panel",
        );
    }
    if chosen.is_empty() {
        return broken(
            "it is not known which are for new users".to_owned(),
            format!("the panel has {}, and none is called Default-Squad", listed(there)),
            PanelProblem::NoSquad.remedy(),
        );
    }
    None
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMES).map(|name| format!("{name:?}")).collect();
    let more = if names.len() > NAMES { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Whether members get keys: by inbounds, and by hosts where the token may ask for those.
fn keys(chosen: &[SquadSeen]) -> Vec<Finding> {
    let empty: Vec<Finding> = chosen.iter().filter_map(empty).collect();
    // With keys from another squad a configuration is not empty.
    let all = empty.len() == chosen.len();
    if !empty.is_empty() {
        return match all {
            true => empty,
            false => empty.into_iter().map(milder).collect(),
        };
    }
    let squads: Vec<String> = chosen.iter().map(described).collect();
    let unasked = chosen.iter().any(|squad| squad.hosts.is_none());
    let note = if unasked { " (hosts were not looked at: the token lacks hosts:list)" } else { "" };
    vec![Finding::well(CHECK, format!("{}{note}", squads.join("; ")))]
}

fn milder(finding: Finding) -> Finding {
    let detail = finding.detail;
    let Some((cause, remedy)) = finding.cause.zip(finding.remedy) else {
        return Finding::warning(CHECK, detail);
    };
    Finding::warning(CHECK, detail).because(cause).so(remedy)
}

fn empty(squad: &SquadSeen) -> Option<Finding> {
    let name = &squad.name;
    match (squad.inbounds, squad.hosts) {
        (0, _) => Some(
            Finding::broken(CHECK, format!("{name:?} has no inbounds"))
                .because("whoever is in it gets no keys from it: an empty configuration")
                .so(format!("choose its inbounds in the panel, under Internal Squads, {name:?}")),
        ),
        (_, Some(0)) => Some(
            Finding::broken(CHECK, format!("{name:?} has inbounds, but no host leads to them"))
                .because("keys are made of hosts: whoever is in it gets an empty configuration")
                .so("make a host for one of its inbounds in the panel, under Hosts: neither disabled nor hidden, and not \
                     excluding this squad"),
        ),
        _ => None,
    }
}

fn described(squad: &SquadSeen) -> String {
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let hosts = squad.hosts.map(|hosts| format!(", {}", count(hosts, "host"))).unwrap_or_default();
    format!("{:?} with {}{hosts}", squad.name, count(squad.inbounds, "inbound"))
}
