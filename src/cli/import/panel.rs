//! Panel users become clients.

use std::process::ExitCode;

use super::{BY, Go, Options, ask, bar, left_out, patiently};
use crate::cli::{UNDECIDED, fail};
use crate::domain::bulk::ImportProgress;
use crate::services::imports::ImportCounts;
use crate::services::{Error, Services};

/// Counts, asks, imports.
pub async fn run(services: &Services, options: &Options) -> Result<ExitCode, Error> {
    let Ok(counts) = services.imports.count(&BY).await? else {
        return Ok(fail(UNDECIDED, "an import begun in the bot is running: see there"));
    };
    say(&counts);
    let fresh = counts.fresh();
    if fresh == 0 {
        println!("nobody is left to import");
        return Ok(ExitCode::SUCCESS);
    }
    if let Go::No(code) = ask(options, &format!("Import {fresh}?")) {
        return Ok(code);
    }
    let done = import(services, counts.total).await?;
    println!(
        "imported  {}, of them {} blocked, {} expired, {} linked to Telegram accounts",
        done.adopted, done.blocked, done.expired, done.linked
    );
    left_out(&done.left_out, done.taken + done.unfit);
    Ok(ExitCode::SUCCESS)
}

fn say(counts: &ImportCounts) {
    let ImportCounts { total, clients, active, disabled, expired, .. } = counts;
    println!("the panel has {total} users, of whom {clients} are clients already");
    println!("to import {}: {active} active, {disabled} disabled, {expired} expired", counts.fresh());
    left_out(&counts.left_out, counts.taken + counts.unfit);
}

async fn import(services: &Services, total: u64) -> Result<ImportProgress, Error> {
    let bar = bar(total);
    let mut import = ImportProgress::default();
    loop {
        let part = patiently(&bar, async || services.imports.go_on(&BY, import.clone()).await);
        let (further, over) = part.await?;
        import = further;
        bar.set_length(import.total.max(1));
        bar.set_position(if over { import.total } else { import.seen });
        if over {
            bar.finish_and_clear();
            return Ok(import);
        }
    }
}
