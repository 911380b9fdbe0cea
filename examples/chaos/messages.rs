//! What the bot says by itself: everything that happened was told, and twice only where the first time could not be noted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use orchestrator::domain::operation::{Action, AuditEntry, Outcome};

use crate::compare::days_of;
use crate::read::State;
use crate::stage::{OWNERS, Stage};
use crate::talk::words;

/// An extension of more days than these is told to owners.
const LONG: i64 = 90;

/// Holds every chat against the log.
pub fn compare(stage: &Stage, state: &State) {
    let mut expected: BTreeMap<i64, BTreeMap<String, (usize, String)>> = BTreeMap::new();
    let links = stage.links();
    for entry in state.log.iter().filter(|entry| entry.result == Outcome::Success) {
        let person = links.iter().find(|(client, _)| *client == entry.client_id.0).map(|(_, person)| *person);
        let to_person = person.and_then(|person| Some((person, to_person(entry)?)));
        let to_owners = to_owner(entry);
        let to_owners = OWNERS.iter().filter_map(|owner| Some((*owner, to_owners.clone()?)));
        for (chat, words) in to_person.into_iter().chain(to_owners) {
            if entry.actor != format!("telegram:{chat}") {
                let told = expected.entry(chat).or_default().entry(words).or_default();
                told.0 += 1;
                told.1 = entry.username.to_string();
            }
        }
    }
    for (chat, notices) in expected {
        let said = stage.telegram.chat(chat);
        let bots = said.iter().filter(|message| message.from_bot);
        let texts: Vec<(&str, DateTime<Utc>)> = bots.map(|message| (words(message), message.date)).collect();
        for (notice, (times, username)) in notices {
            let dates: Vec<_> =
                texts.iter().filter(|(text, _)| text.contains(&notice)).map(|said| said.1).collect();
            one(stage, (chat, &username), &notice, times, &dates);
        }
    }
    // An upload that a power cut ended is nobody's fault.
    let violations = stage.telegram.take_violations().into_iter();
    for violation in violations.filter(|violation| !violation.contains("the request ended too early")) {
        stage.differ(format!("Telegram: {violation}"), None);
    }
}

fn one(stage: &Stage, (chat, username): (i64, &str), notice: &str, times: usize, dates: &[DateTime<Utc>]) {
    if dates.len() < times {
        let what = format!("\"{notice}\" was told {chat} {} times, it happened {times} times", dates.len());
        stage.differ(what, Some(username));
    }
    let cuts = stage.cuts();
    let explained = dates.iter().filter(|date| cuts.iter().any(|cut| cut.repeats(**date))).count();
    if dates.len() > times + explained {
        let what = format!(
            "\"{notice}\" was told {chat} {} times, it happened {times} times, {explained} may repeat",
            dates.len()
        );
        stage.differ(what, Some(username));
    }
}

fn to_person(entry: &AuditEntry) -> Option<String> {
    let name = &entry.username;
    Some(match entry.action {
        Action::Extend => match days_of(entry)? {
            days if days > 0 => format!("Your access {name} was extended by {days} day"),
            _ => format!("The date of your access {name} was changed"),
        },
        Action::Block => format!("Your access {name} was closed"),
        Action::Unblock => format!("Your access {name} is open again"),
        Action::RotateConfig => format!("The link of your access {name} was replaced"),
        _ => return None,
    })
}

fn to_owner(entry: &AuditEntry) -> Option<String> {
    let name = &entry.username;
    match (entry.action, days_of(entry)) {
        (Action::Delete, _) => Some(format!(" deleted the client {name}.")),
        (Action::Extend, Some(days)) if days > LONG => {
            Some(format!(" extended the client {name} by {days} day"))
        }
        _ => None,
    }
}
