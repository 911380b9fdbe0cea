//! The original service's clients and log come over.

use std::process::ExitCode;

use secrecy::SecretString;

use super::{Go, Options, ask, bar, left_out, patiently};
use crate::cli::{SETTINGS, fail};
use crate::repositories::original::{Original, OriginalError};
use crate::services::original::{TakeOver, TakenOver};
use crate::services::{Error, Services};

/// Counts, asks, takes over.
pub async fn run(services: &Services, url: &SecretString, options: &Options) -> Result<ExitCode, Error> {
    let original = match TakeOver::open(url).await {
        Ok(original) => original,
        Err(error @ OriginalError::Away(_)) => return Ok(fail(1, &error.to_string())),
        Err(error) => return Ok(fail(SETTINGS, &format!("--from: {error}"))),
    };
    let done = counted(services, &original, options).await;
    original.close().await;
    done
}

async fn counted(services: &Services, original: &Original, options: &Options) -> Result<ExitCode, Error> {
    let (clients, operations) = original.count().await?;
    println!("the original service has {clients} clients and {operations} rows of its log");
    if let Go::No(code) = ask(options, "Take them over?") {
        return Ok(code);
    }
    let done = take_over(services, original, u64::try_from(clients).unwrap_or_default()).await?;
    println!(
        "taken over {} clients ({} linked to Telegram accounts by the panel), {} rows of the log; {} were here before",
        done.clients, done.linked, done.operations, done.known
    );
    left_out(&done.left_out, done.left_out.len() as u64);
    Ok(ExitCode::SUCCESS)
}

async fn take_over(services: &Services, original: &Original, clients: u64) -> Result<TakenOver, Error> {
    let bar = bar(clients);
    let people = patiently(&bar, async || services.take_over.people().await).await?;
    let mut done = TakenOver::default();
    while !services.take_over.go_on(original, &people, &mut done).await? {
        bar.set_position(done.seen());
    }
    bar.finish_and_clear();
    Ok(done)
}
