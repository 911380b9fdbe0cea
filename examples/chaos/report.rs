//! What is printed: a line a round, every difference with what led to it, one table at the end.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use crate::read::State;
use crate::stage::Stage;

/// Of one run, so many differences are told whole.
const TOLD: usize = 20;

pub fn round(stage: &Stage, elapsed: Duration) {
    let differences = stage.differences.lock().unwrap_or_else(PoisonError::into_inner).len();
    let grown = stage.replicas.iter().map(crate::replica::Replica::grown).max().unwrap_or_default();
    println!(
        "round {:>3} of {}  {:>5} operations  {:>4} clients  grown {grown} MiB  {:>4} s  {differences} differences",
        stage.round(),
        stage.options.rounds(),
        stage.ledger.all().len(),
        stage.known().len(),
        elapsed.as_secs()
    );
}

/// Every difference, with all that was asked for about the client, and what the log has of it.
pub fn differences(stage: &Stage, state: Option<&State>) {
    let differences = stage.differences.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for difference in differences.iter().take(TOLD) {
        println!("\nDIFFERENCE (seed {}, round {}): {}", stage.seed, difference.round, difference.what);
        let Some(username) = &difference.username else { continue };
        println!("  about {username}; what was asked for:");
        for asked in stage.ledger.all().iter().filter(|asked| asked.username == *username) {
            println!("    {asked}");
        }
        println!("  what the log has:");
        for entry in state.iter().flat_map(|state| &state.log) {
            if entry.username.as_str() == username {
                let (at, result) = (entry.created_at.format("%H:%M:%S%.6f"), entry.result.as_str());
                let payload = entry.payload.as_ref().map(ToString::to_string).unwrap_or_default();
                let error = entry.error.as_deref().unwrap_or_default();
                let (action, actor, id) = (entry.action.as_str(), &entry.actor, entry.client_id);
                println!("    {at} {action} {result} by {actor} {payload} {error} {id}");
            }
        }
    }
    if differences.len() > TOLD {
        println!("\n… and {} more differences", differences.len() - TOLD);
    }
}

/// One table of all that was done.
pub fn table(stage: &Stage, elapsed: Duration) {
    let mut operations: BTreeMap<&str, BTreeMap<&str, u32>> = BTreeMap::new();
    let all = stage.ledger.all();
    for asked in &all {
        *operations.entry(asked.action.as_str()).or_default().entry(asked.outcome()).or_default() += 1;
    }
    let outcomes = ["done", "refused", "failed", "busy", "no answer"];
    println!("\n{:<20}{}", "operation", outcomes.map(|outcome| format!("{outcome:>11}")).concat());
    for (action, counts) in operations {
        let counts =
            outcomes.map(|outcome| format!("{:>11}", counts.get(outcome).copied().unwrap_or_default()));
        println!("{action:<20}{}", counts.concat());
    }
    println!();
    for (what, times) in stage.counted() {
        println!("{what:<50}{times:>8}");
    }
    let differences = stage.differences.lock().unwrap_or_else(PoisonError::into_inner).len();
    let sent: usize = all.iter().map(|asked| asked.tries.len()).sum();
    println!("{:<50}{:>8}", "operations", all.len());
    println!("{:<50}{sent:>8}", "requests and messages for them");
    println!("{:<50}{:>8}", "rounds", stage.round());
    println!("{:<50}{:>8}", "seconds", elapsed.as_secs());
    println!("{:<50}{differences:>8}", "differences");
    println!("seed {}", stage.seed);
}
