//! What the service costs, as ratios against floors that do only the unavoidable, measured in the same run.
//!
//! `scripts/bench` builds and starts it. It plays Telegram, the panel and the integrations in this process; the service and the
//! floors are processes of their own, on another core where there are two. `docs/performance.md` is what it writes.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what it measures is told on standard output, how far it is on the other"
)]

mod changes;
mod database;
mod floors;
mod jobs;
mod lists;
mod load;
mod options;
mod pictures;
mod plot;
mod reads;
mod report;
mod stage;
mod telegram;
mod updates;
mod weight;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser as _;

use options::{Options, Part, What};
use report::Report;
use stage::Stage;

type Res<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = match options.what {
        // A floor has one core, as the service has.
        Some(_) => tokio::runtime::Builder::new_multi_thread().enable_all().build(),
        None => tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build(),
    };
    let done = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match options.what.clone() {
                Some(What::Floor { database }) => floors::api(&database).await,
                Some(What::Dispatcher { database, telegram, token }) => {
                    floors::dispatcher(&database, &telegram, token).await
                }
                None => measure(&options).await,
            }
        })
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("not measured: {error}");
            ExitCode::from(2)
        }
    }
}

/// Every part on each database; what was measured stands, whether the goals are met or not.
async fn measure(options: &Options) -> Res<()> {
    let mut report = Report::new(options);
    for kind in options.databases() {
        let stage = Stage::new(options, kind).await?;
        for part in options.parts() {
            eprintln!("{kind}: {part:?}");
            match part {
                Part::Start => weight::start(&stage, &mut report).await?,
                Part::Reads => reads::measure(&stage, &mut report).await?,
                Part::Lists => lists::measure(&stage, &mut report).await?,
                Part::Changes => changes::measure(&stage, &mut report).await?,
                Part::Slow => reads::beside_slow_configurations(&stage, &mut report).await?,
                Part::Updates => updates::measure(&stage, &mut report).await?,
                Part::Patience => updates::beside_a_slow_handler(&stage, &mut report).await?,
                Part::Deactivation => jobs::deactivation(&stage, &mut report).await?,
                Part::Broadcast => jobs::broadcast(&stage, &mut report).await?,
                Part::Memory => weight::memory(&stage, &mut report).await?,
            }
        }
    }
    if options.parts().contains(&Part::Start) {
        pictures::measure(&mut report).await?;
        weight::binary(options, &mut report)?;
    }
    println!("{}", report.table());
    report.write(options)
}
