//! Those who run the VPN from the bot: commands, dialogues, buttons tapped twice, changes taken back, deletions confirmed.

use chrono::TimeDelta;
use orchestrator::bot::callback::{ChangeTap, NewTap, Tap};
use orchestrator::demo::telegram::SimMessage;
use orchestrator::domain::operation::Action;
use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::ledger::{Asked, End, Try};
use crate::stage::{FOREIGN, Known, OPERATOR, Stage, now};
use crate::talk::{Talk, button, verdict, words};
use crate::{Res, days};

/// One of them, for one round.
pub struct Person<'a> {
    stage: &'a Stage,
    talk: Talk,
    chance: StdRng,
    made: u32,
    /// What was asked for last: never the same twice running, so that a repeated answer is not taken for the next one.
    last: (Action, String, Option<i64>),
    updates: Vec<i64>,
}

impl<'a> Person<'a> {
    pub fn new(stage: &'a Stage, id: i64, name: &str) -> Self {
        let chance = stage.chance(&format!("{id} {}", stage.round()));
        let talk = Talk::new(&stage.telegram, id, name);
        Self { stage, talk, chance, made: 0, last: (Action::GetConfig, String::new(), None), updates: vec![] }
    }

    /// Does things until the round is over.
    pub async fn run(mut self) -> Res<()> {
        while !self.stage.is_over() {
            self.stage.pause(&mut self.chance).await;
            self.one().await;
            if self.chance.random_bool(0.1)
                && let Some(update) = self.updates.last()
            {
                // As Telegram does after a confirmation that it did not hear.
                self.stage.telegram.redeliver(*update);
                self.stage.count("updates delivered again");
            }
        }
        Ok(())
    }

    async fn one(&mut self) {
        let Some(client) = self.stage.any(&mut self.chance) else { return self.create().await };
        let may_all = self.talk.person != OPERATOR;
        match self.chance.random_range(0..100) {
            0..10 => self.create().await,
            10..18 => self.create_in_steps().await,
            18..33 => self.extend(client).await,
            33..55 => self.card(client).await,
            55..67 => self.switch(client, Action::Block, "/block", " is blocked now").await,
            67..79 => self.switch(client, Action::Unblock, "/unblock", " has access again").await,
            79..85 => self.config(client).await,
            85..93 if may_all => self.rotate(client).await,
            93..97 if may_all && client.person.is_none() => self.delete(client).await,
            _ => self.card(client).await,
        }
    }

    /// Notes what is about to be asked; nothing if it was asked just before.
    fn open(&mut self, client: &Known, action: Action, days: Option<i64>, how: String) -> Option<usize> {
        let this = (action, client.username.clone(), days);
        if self.last == this {
            return None;
        }
        self.last = this;
        Some(self.stage.open(Asked {
            number: 0,
            round: 0,
            actor: format!("telegram:{}", self.talk.person),
            username: client.username.clone(),
            action,
            days,
            how,
            tries: vec![],
        }))
    }

    fn told(
        &self,
        number: usize,
        began: chrono::DateTime<chrono::Utc>,
        moment: u64,
        end: Option<End>,
    ) -> bool {
        let end = end.unwrap_or_else(|| {
            let what =
                format!("operation #{number}: the bot gave no answer; it said: {}", self.talk.since(moment));
            self.stage.differ(what, None);
            End::Silent("no answer".to_owned())
        });
        let done = matches!(end, End::Done(_));
        self.stage.ledger.told(number, Try { began, ended: now(), end });
        done
    }

    /// A command that acts at once.
    async fn command(
        &mut self,
        client: &Known,
        (action, days): (Action, Option<i64>),
        text: &str,
        done: &str,
    ) -> bool {
        let Some(number) = self.open(client, action, days, text.to_owned()) else { return false };
        let (began, moment) = (now(), self.talk.telegram.moment());
        let (end, update) = self.talk.say(text, |message| verdict(words(message), done)).await;
        self.updates.push(update);
        self.told(number, began, moment, end)
    }

    /// A button, perhaps tapped twice at once.
    async fn tap(
        &mut self,
        client: &Known,
        (action, days): (Action, Option<i64>),
        (message, data): (i64, &str),
        done: &str,
    ) -> Option<SimMessage> {
        let twice = self.chance.random_bool(0.4);
        let how = format!("{}{data} ({})", if twice { "twice " } else { "" }, client.username);
        let number = self.open(client, action, days, how)?;
        let (began, moment) = (now(), self.talk.telegram.moment());
        let heard = self.talk.tap((message, data), twice, done).await;
        let (end, message) = heard.unzip();
        self.told(number, began, moment, end).then_some(message).flatten()
    }

    fn new_name(&mut self) -> String {
        self.made += 1;
        let round = self.stage.round();
        match self.chance.random_range(0..20) {
            0 => FOREIGN.into_iter().next().unwrap_or_default().to_owned(),
            1..=5 => format!("all_{round}_{}", self.chance.random_range(0..3)),
            _ => format!("bot{}_{round}_{}", self.talk.person, self.made),
        }
    }

    async fn create(&mut self) {
        let (username, days) = (self.new_name(), days(&mut self.chance, 1..=80));
        let client = Known { id: uuid::Uuid::nil(), username: username.clone(), person: None };
        let done = format!("The client {username} was created");
        self.command(&client, (Action::Create, Some(days)), &format!("/new {username} {days}"), &done).await;
    }

    /// The dialogue, step by step; the process may be cut at each.
    async fn create_in_steps(&mut self) {
        let (username, days) = (self.new_name(), days(&mut self.chance, 1..=80));
        let client = Known { id: uuid::Uuid::nil(), username: username.clone(), person: None };
        let says =
            |part: &'static str| move |message: &SimMessage| words(message).contains(part).then_some(());
        let (asked, _) = self.talk.say("/new", says("Send me the name")).await;
        let question = |message: &SimMessage| {
            let taken = words(message).contains("is taken. Send another one");
            (taken || words(message).contains("For how many days?")).then_some(!taken)
        };
        let (asked, free) = match asked {
            Some(()) => (true, self.talk.say(&username, question).await.0),
            None => (false, None),
        };
        let offered = |message: &SimMessage| {
            button(
                message,
                |tap| matches!(tap, Tap::New(NewTap::Yes(offer)) if offer.username.as_str() == username),
            )
        };
        match free {
            Some(true) => match self.talk.say(&days.to_string(), offered).await.0 {
                Some((message, data)) => {
                    let done = format!("The client {username} was created");
                    self.tap(&client, (Action::Create, Some(days)), (message, &data), &done).await;
                }
                None => self.stage.differ("the dialogue for a new client did not go on after the days", None),
            },
            Some(false) => drop(self.talk.say("/cancel", |_| Some(())).await),
            None => self
                .stage
                .differ(format!("the dialogue for a new client did not go on (began: {asked})"), None),
        }
    }

    async fn extend(&mut self, client: Known) {
        let days = days(&mut self.chance, 1..=90);
        let done = format!("Extended by {}", spelled(days));
        let text = format!("/extend {} {days} by chance", client.username);
        self.command(&client, (Action::Extend, Some(days)), &text, &done).await;
    }

    async fn switch(&mut self, client: Known, action: Action, command: &str, done: &str) {
        let done = format!("{}{done}", client.username);
        self.command(&client, (action, None), &format!("{command} {}", client.username), &done).await;
    }

    /// The card's buttons, and taking an extension back.
    async fn card(&mut self, client: Known) {
        let week = if self.last.2 == Some(7) { 30 } else { 7 };
        let wanted = |tap: &Tap| matches!(tap, Tap::Change(ChangeTap::ExtendBy(id, days, ..)) if id.0 == client.id && days.get() == week);
        let Some((message, data)) = self.question(&format!("/client {}", client.username), wanted).await
        else {
            return;
        };
        let done = format!("Extended by {}", spelled(week));
        let extended = self.tap(&client, (Action::Extend, Some(week)), (message, &data), &done).await;
        let undo =
            |message: &SimMessage| button(message, |tap| matches!(tap, Tap::Change(ChangeTap::Undo(..))));
        if let Some((message, data)) = extended.as_ref().and_then(undo)
            && self.chance.random_bool(0.5)
        {
            let done = format!("The extension by {} was undone", spelled(week));
            self.tap(&client, (Action::Extend, Some(-week)), (message, &data), &done).await;
        }
    }

    async fn rotate(&mut self, client: Known) {
        let wanted =
            |tap: &Tap| matches!(tap, Tap::Change(ChangeTap::YesRotate(id, ..)) if id.0 == client.id);
        let asked = self.question(&format!("/rotate {}", client.username), wanted).await;
        if let Some((message, data)) = asked {
            let done = format!("The link of {} was replaced", client.username);
            self.tap(&client, (Action::RotateConfig, None), (message, &data), &done).await;
        }
    }

    async fn delete(&mut self, client: Known) {
        let wanted =
            |tap: &Tap| matches!(tap, Tap::Change(ChangeTap::YesDelete(id, ..)) if id.0 == client.id);
        let asked = self.question(&format!("/delete {}", client.username), wanted).await;
        if let Some((message, data)) = asked {
            let done = format!("Client {} was deleted", client.username);
            if self.tap(&client, (Action::Delete, None), (message, &data), &done).await.is_some() {
                self.stage.forget(client.id);
            }
        }
    }

    /// Asks for a screen with such a button; nothing when the client is gone.
    async fn question(&mut self, text: &str, wanted: impl Fn(&Tap) -> bool) -> Option<(i64, String)> {
        let moment = self.talk.telegram.moment();
        let read = |message: &SimMessage| match button(message, &wanted) {
            Some(found) => Some(Some(found)),
            None => words(message).contains("There is no client").then_some(None),
        };
        let (asked, update) = self.talk.say(text, read).await;
        self.updates.push(update);
        if asked.is_none() {
            self.stage
                .differ(format!("no answer to {text}; the bot said: {}", self.talk.since(moment)), None);
        }
        asked.flatten()
    }

    async fn config(&mut self, client: Known) {
        self.stage.count("configurations asked of the bot");
        let began = now();
        let text = format!("/config {}", client.username);
        let moment = self.talk.telegram.moment();
        let read = |message: &SimMessage| crate::users::is_an_answer(message).then_some(());
        let (heard, update) = self.talk.say(&text, read).await;
        self.updates.push(update);
        if heard.is_none() {
            self.stage
                .differ(format!("no answer to {text}; the bot said: {}", self.talk.since(moment)), None);
        }
        if now() - began > TimeDelta::seconds(10) {
            self.stage.count("answers of the bot that took more than 10 s");
        }
    }
}

/// As the bot writes it in English.
fn spelled(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
