//! What goes wrong: power cuts anywhere and inside panel calls, panel and Telegram faults, PostgreSQL gone for a moment.

use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

use orchestrator::demo::panel::{Fault, Matcher, What, When};
use orchestrator::demo::telegram::{TgFault, TgFaultKind};
use rand::RngExt as _;
use rand::rngs::StdRng;
use tokio::time::{sleep, timeout};

use crate::Res;
use crate::options::Kind;
use crate::stage::Stage;

/// How long a request of some kind is waited for before the power is cut anyway.
const COMES: Duration = Duration::from_secs(3);
/// Requests that change something on the panel, and the look before them.
const CALLS: [(&str, &str); 8] = [
    ("POST", "/api/users"),
    ("PATCH", "/api/users"),
    // Extensions are what most people ask for.
    ("PATCH", "/api/users"),
    ("POST", "/api/users/*/actions/disable"),
    ("POST", "/api/users/*/actions/enable"),
    ("POST", "/api/users/*/actions/revoke"),
    ("DELETE", "/api/users/*"),
    ("GET", "/api/users/*"),
];

/// One round's trouble, one after another.
pub struct Trouble<'a> {
    stage: &'a Stage,
    chance: StdRng,
}

/// Where the power is cut.
#[derive(Debug, Clone, Copy)]
enum Place {
    Anywhere,
    BeforeEffect,
    AfterEffect,
    /// The request arrives, and has its effect when the next process runs already.
    LateEffect,
}

impl<'a> Trouble<'a> {
    pub fn new(stage: &'a Stage) -> Self {
        let chance = stage.chance(&format!("trouble {}", stage.round()));
        Self { stage, chance }
    }

    /// So many power cuts, with other trouble between them.
    pub async fn run(mut self, kills: u32) -> Res<()> {
        let done = self.all(kills).await;
        self.stage.troubled.store(false, Ordering::SeqCst);
        done
    }

    async fn all(&mut self, kills: u32) -> Res<()> {
        for left in (0..=kills).rev() {
            for _ in 0..self.chance.random_range(1..4) {
                self.wait(50..600).await;
                self.fault().await?;
            }
            if left > 0 {
                self.wait(50..900).await;
                self.kill().await?;
            }
        }
        Ok(())
    }

    async fn wait(&mut self, millis: std::ops::Range<u64>) {
        sleep(Duration::from_millis(self.chance.random_range(millis))).await;
    }

    async fn kill(&mut self) -> Res<()> {
        let place = match self.chance.random_range(0..8) {
            0..3 => Place::Anywhere,
            3..5 => Place::BeforeEffect,
            5..7 => Place::AfterEffect,
            _ => Place::LateEffect,
        };
        let place = self.reach(place).await;
        let count = self.stage.replicas.len();
        let first = self.chance.random_range(0..count);
        // Sometimes the power fails for all of them.
        let how_many = if self.chance.random_bool(0.2) { count } else { 1 };
        let dead: Vec<_> = self.stage.replicas.iter().cycle().skip(first).take(how_many).collect();
        self.stage.cut();
        for replica in &dead {
            replica.kill()?;
        }
        self.stage.cut();
        self.stage.count(format!("power cuts, {place}"));
        // What hangs in the panel goes on, or not, now that nobody hears of it.
        self.stage.panel.clear_faults();
        self.wait(0..500).await;
        for replica in dead {
            self.revive(replica).await?;
        }
        Ok(())
    }

    async fn revive(&self, replica: &crate::replica::Replica) -> Res<()> {
        let telegram = &self.stage.telegram;
        // The dead one's poll ends a moment after it; a new one that comes before would be told of another consumer.
        let quiet = telegram.wait(|telegram| (!telegram.polled()).then_some(()));
        let _still_polled = timeout(Duration::from_secs(1), quiet).await;
        replica.start().await
    }

    /// Waits until a request is where it should be when the power fails; says where it was.
    async fn reach(&mut self, place: Place) -> &'static str {
        let (when, what, said) = match place {
            Place::Anywhere => return "anywhere",
            Place::BeforeEffect => (When::BeforeEffect, What::Hang, "before the panel's effect"),
            Place::AfterEffect => (When::AfterEffect, What::Hang, "after the panel's effect"),
            Place::LateEffect => {
                let late = Duration::from_millis(self.chance.random_range(1000..5000));
                (When::BeforeEffect, What::Delay(late), "before a late effect")
            }
        };
        let on = self.call();
        let panel = &self.stage.panel;
        panel.clear_calls();
        panel.fault(Fault { on: on.clone(), times: Some(1), when, what });
        let there = |call: &orchestrator::demo::panel::Call| {
            on.matches(&call.method, &call.path)
                && !call.finished
                && call.applied == (when == When::AfterEffect)
        };
        match timeout(COMES, panel.wait_for_call(there)).await {
            Ok(_) => said,
            Err(_) => "anywhere, no such call came",
        }
    }

    fn call(&mut self) -> Matcher {
        let (method, path) =
            CALLS.into_iter().nth(self.chance.random_range(0..CALLS.len())).unwrap_or_default();
        Matcher::new(method, path)
    }

    async fn fault(&mut self) -> Res<()> {
        let postgres = self.stage.options.database == Kind::Postgres;
        match self.chance.random_range(0..20) {
            0 if postgres => self.restart_postgres().await,
            1 => self.panel_down().await,
            2..7 => {
                self.telegram();
                Ok(())
            }
            _ => {
                self.panel();
                Ok(())
            }
        }
    }

    fn panel(&mut self) {
        let on = if self.chance.random_bool(0.3) { Matcher::any() } else { self.call() };
        let when = if self.chance.random_bool(0.5) { When::BeforeEffect } else { When::AfterEffect };
        let late = Duration::from_millis(self.chance.random_range(100..4500));
        let what = match self.chance.random_range(0..12) {
            0 => What::Status(500, None),
            1 => What::Status(503, None),
            2 => What::Html,
            3 => What::HtmlOk,
            4 => What::Empty,
            5 => What::Truncated,
            6 => What::CutOff,
            7 => What::Drop,
            8 => What::Hang,
            9 => What::RateLimited,
            _ => What::Delay(late),
        };
        // Who says "too many requests" has done nothing.
        let when = if what == What::RateLimited { When::BeforeEffect } else { when };
        let side = if when == When::BeforeEffect { "before" } else { "after" };
        let word = format!("{what:?}");
        let word = word.split(['(', ' ']).next().unwrap_or_default().to_lowercase();
        self.stage.count(format!("panel faults, {word} {side} the effect"));
        let times = Some(self.chance.random_range(1..4));
        self.stage.panel.fault(Fault { on, times, when, what });
    }

    async fn panel_down(&mut self) -> Res<()> {
        self.stage.count("panel down and up");
        self.stage.panel.stop().await;
        self.wait(200..2500).await;
        Ok(self.stage.panel.restart().await?)
    }

    fn telegram(&mut self) {
        let (kind, word) = match self.chance.random_range(0..8) {
            0..2 => (TgFaultKind::TooManyRequests(1), "429"),
            2 => (TgFaultKind::BadGateway, "502"),
            3..5 => (TgFaultKind::Drop, "dropped"),
            5 => (TgFaultKind::Hang, "silent"),
            _ => (TgFaultKind::Slow(Duration::from_millis(self.chance.random_range(100..2000))), "slow"),
        };
        let methods = ["sendMessage", "editMessageText", "sendPhoto", "answerCallbackQuery", "getUpdates"];
        // A poll without an answer is waited for 40 s, in which nobody would do anything: silence is for the other calls.
        let methods = if kind == TgFaultKind::Hang { &methods[..4] } else { &methods[..] };
        let on = methods.get(self.chance.random_range(0..methods.len())).copied().unwrap_or_default();
        let fault = TgFault::new(kind).on(on).times(self.chance.random_range(1..3));
        self.stage.telegram_is_ill();
        self.stage.count(format!("Telegram faults, {word}"));
        let after = self.chance.random_bool(0.5);
        self.stage.telegram.fault(if after { fault.after_effect() } else { fault });
    }

    async fn restart_postgres(&mut self) -> Res<()> {
        self.stage.count("PostgreSQL restarts");
        let command = std::env::var("CHAOS_POSTGRES_RESTART")?;
        self.stage.cut();
        let status = tokio::task::spawn_blocking(move || Command::new(command).status()).await??;
        self.stage.cut();
        if status.success() { Ok(()) } else { Err(format!("PostgreSQL was not restarted: {status}").into()) }
    }

    /// The end of all trouble.
    pub async fn calm(stage: &Stage) -> Res<()> {
        stage.panel.clear_faults();
        stage.telegram.clear_faults();
        stage.telegram_is_well();
        for replica in stage.replicas.iter().filter(|replica| replica.url().is_none()) {
            replica.start().await?;
        }
        Ok(())
    }
}
