//! Those who use the VPN, and somebody who should not: own configuration, own link replaced, forged buttons.

use orchestrator::bot::callback::{ChangeTap, MineTap, Nonce, Tap};
use orchestrator::bot::spot::Spot;
use orchestrator::demo::telegram::SimMessage;
use orchestrator::domain::clock::OsEntropy;
use orchestrator::domain::days::Days;
use orchestrator::domain::ids::ClientId;
use orchestrator::domain::operation::Action;
use rand::RngExt as _;
use rand::rngs::StdRng;
use tokio::time::{Duration, timeout};

use crate::Res;
use crate::ledger::{Asked, End, Try};
use crate::stage::{STRANGER, Stage, now};
use crate::talk::{Talk, button, is_by_itself, words};

/// How long a forged tap may stay without an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// One of them, for one round.
pub struct User<'a> {
    stage: &'a Stage,
    talk: Talk,
    chance: StdRng,
}

impl<'a> User<'a> {
    pub fn new(stage: &'a Stage, id: i64) -> Self {
        let chance = stage.chance(&format!("{id} {}", stage.round()));
        Self { stage, talk: Talk::new(&stage.telegram, id, "Anna"), chance }
    }

    /// The first word to the bot, and the link to a client.
    pub async fn redeem(&self, token: &str, username: &str) -> Res<()> {
        let welcome = |message: &SimMessage| words(message).contains(username).then_some(());
        let (welcome, _) = self.talk.say(&format!("/start {token}"), welcome).await;
        Ok(welcome.ok_or_else(|| format!("{username} was not linked"))?)
    }

    /// Does things until the round is over.
    pub async fn run(mut self) -> Res<()> {
        while !self.stage.is_over() {
            self.stage.pause(&mut self.chance).await;
            match self.chance.random_range(0..10) {
                0..4 if self.talk.person != STRANGER => self.look("/config").await,
                4..6 if self.talk.person != STRANGER => self.look("/status").await,
                6..8 if self.talk.person != STRANGER => self.rotate().await,
                _ => self.forge().await,
            }
        }
        Ok(())
    }

    async fn look(&self, text: &str) {
        self.stage.count("looks at one's own client");
        let moment = self.talk.telegram.moment();
        if self.talk.say(text, |message| is_an_answer(message).then_some(())).await.0.is_none() {
            self.stage
                .differ(format!("no answer to {text}; the bot said: {}", self.talk.since(moment)), None);
        }
    }

    /// One's own link, after the question.
    async fn rotate(&mut self) {
        let known = self.stage.known();
        let Some(own) = known.into_iter().find(|client| client.person == Some(self.talk.person)) else {
            return;
        };
        let read = |message: &SimMessage| {
            let yes = button(message, |tap| matches!(tap, Tap::Mine(MineTap::YesRotate(..))));
            // Several clients, or none: no such question.
            (yes.is_some() || is_an_answer(message)).then_some(yes)
        };
        let (asked, _) = self.talk.say(&format!("/rotate {}", own.username), read).await;
        let Some((message, data)) = asked.flatten() else { return };
        let number = self.stage.open(Asked {
            number: 0,
            round: 0,
            actor: format!("telegram:{}", self.talk.person),
            username: own.username.clone(),
            action: Action::RotateConfig,
            days: None,
            how: format!("{data} ({})", own.username),
            tries: vec![],
        });
        let (began, moment) = (now(), self.talk.telegram.moment());
        let done = format!("The link of {} was replaced", own.username);
        let twice = self.chance.random_bool(0.4);
        let end = self.talk.tap((message, &data), twice, &done).await;
        let end = end.map(|(end, _)| end).unwrap_or_else(|| {
            let said = self.talk.since(moment);
            self.stage.differ(format!("operation #{number}: no answer; the bot said: {said}"), None);
            End::Silent("no answer".to_owned())
        });
        self.stage.ledger.told(number, Try { began, ended: now(), end });
    }

    /// A button that only staff have, about somebody's client: nothing may come of it, which the log will show.
    async fn forge(&mut self) {
        self.stage.count("forged buttons");
        let Some(client) = self.stage.any(&mut self.chance) else { return };
        let (id, spot) = (ClientId(client.id), Spot::default());
        let nonce = Nonce::new(now(), &OsEntropy);
        let tap = match self.chance.random_range(0..5) {
            0 => ChangeTap::Block(id, nonce, spot),
            1 => ChangeTap::YesDelete(id, nonce, spot),
            2 => ChangeTap::YesRotate(id, nonce, spot),
            3 => ChangeTap::Unblock(id, nonce, spot),
            _ => match Days::try_from(30) {
                Ok(days) => ChangeTap::ExtendBy(id, days, nonce, spot),
                Err(_) => return,
            },
        };
        let data = Tap::Change(tap).to_string();
        let tap = self.stage.telegram.tap(self.talk.person, 1, &data);
        let answered = self.stage.telegram.wait(|telegram| telegram.callback(&tap)?.answer);
        // What Telegram lost of the answer is no fault of the bot's: the button spins on, nothing else.
        if timeout(PATIENCE, answered).await.is_err() {
            self.stage.count("forged buttons without an answer");
        }
    }
}

/// Whether the bot says something that it was asked for.
pub fn is_an_answer(message: &SimMessage) -> bool {
    message.photo.is_some() || message.document.is_some() || !is_by_itself(words(message))
}
