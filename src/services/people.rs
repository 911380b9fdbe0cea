//! People who write to the bot: who they are, what they may do, which language they read.

use std::sync::Arc;

use crate::domain::actor::{Actor, Role};
use crate::domain::ids::TelegramId;
use crate::domain::notice::OwnerNotice;
use crate::domain::person::{Lang, Person};
use crate::repositories::{clients, facts, people};

use super::core::{Core, Rules};
use super::error::Error;
use super::outbox::alert;

/// What an update tells of its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The account.
    pub id: TelegramId,
    /// First and last name; cut to 128 characters when kept.
    pub name: String,
    /// The `@name` without the at sign.
    pub telegram_username: Option<String>,
    /// Telegram's `language_code`.
    pub language_code: Option<String>,
}

/// A person at the door: who, as what, in which language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Whom the services decide by.
    pub actor: Actor,
    /// The role it has now.
    pub role: Role,
    /// What is known of the account.
    pub person: Person,
    /// The language to answer in: chosen, else Telegram's, else the default.
    pub lang: Lang,
}

/// Keeping people and their roles.
#[derive(Debug, Clone)]
pub struct People {
    core: Arc<Core>,
}

/// The fact that says which bot people know: its number.
pub(super) const BOT: &str = "bot";
/// Longest kept name, in characters; Telegram's own limit is 64 for each of the two parts.
const NAME: usize = 128;
/// Longest kept `@name`; Telegram's own limit is 32.
const USERNAME: usize = 64;
/// Longest kept language tag (BCP 47 recommends room for 35).
const LANGUAGE: usize = 35;

impl People {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Notes who wrote, and says who that is to us. Owners come from `ADMIN_IDS` or the owner link.
    ///
    /// # Errors
    /// `Database`.
    pub async fn seen(&self, seen: Seen) -> Result<Visitor, Error> {
        let (known, linked) = match self.core.lookups.person(&self.core.db, seen.id).await? {
            Some((known, linked)) => (Some(known), linked),
            None => (None, clients::is_linked(&self.core.db, seen.id).await?),
        };
        let person = Person {
            id: seen.id,
            name: printable(&seen.name, NAME),
            telegram_username: seen.telegram_username.map(|name| printable(&name, USERNAME)),
            language_code: seen.language_code.map(|code| printable(&code, LANGUAGE)),
            lang: known.as_ref().and_then(|known| known.lang),
            role: known.as_ref().and_then(|known| known.role),
            blocked_bot_at: None,
            must_start: false,
        };
        // Most updates tell nothing new: then nothing is written.
        if known.as_ref() != Some(&person) {
            let mut tx = self.core.db.begin().await?;
            people::put(&mut tx, &person, self.core.clock.now()).await?;
            tx.commit().await?;
        }
        let role = self.role(&person, linked);
        let lang = lang_of(&self.core.rules, &person);
        Ok(Visitor { actor: Actor::Person { id: person.id, role }, role, person, lang })
    }

    /// The language in which to write to somebody who has not just written.
    ///
    /// # Errors
    /// `Database`.
    pub async fn lang_of(&self, id: TelegramId) -> Result<Lang, Error> {
        let person = people::find(&self.core.db, id).await?;
        Ok(person.map_or(self.core.rules.default_lang, |person| lang_of(&self.core.rules, &person)))
    }

    /// The same for somebody who has just written, but whom nobody may have noted yet: else what Telegram told of them.
    ///
    /// # Errors
    /// `Database`.
    pub async fn lang_of_sender(&self, id: TelegramId, told: Option<&str>) -> Result<Lang, Error> {
        let told = told.and_then(Lang::from_code).unwrap_or(self.core.rules.default_lang);
        let person = people::find(&self.core.db, id).await?;
        Ok(person.map_or(told, |person| lang_of(&self.core.rules, &person)))
    }

    fn role(&self, person: &Person, linked: bool) -> Role {
        match person.role {
            _ if self.core.rules.admin_ids.contains(&person.id) => Role::Owner,
            Some(role) => role,
            None if linked => Role::User,
            None => Role::Stranger,
        }
    }

    /// Keeps the language a person chose.
    ///
    /// # Errors
    /// `Database`.
    pub async fn choose_lang(&self, id: TelegramId, lang: Lang) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        people::set_lang(&mut tx, id, lang).await?;
        Ok(tx.commit().await?)
    }

    /// Notes which bot runs. When it is another one than before, it may write to nobody who has not pressed Start in it:
    /// everybody is marked, and those who look after the service are told how many had been within reach.
    ///
    /// # Errors
    /// `Database`.
    pub async fn bot_is(&self, id: i64) -> Result<(), Error> {
        let core = &self.core;
        let id = id.to_string();
        if facts::find(&core.db, BOT).await?.as_ref() == Some(&id) {
            return Ok(());
        }
        let mut tx = core.db.begin().await?;
        if let Some(before) = facts::replace(&mut tx, BOT, &id).await? {
            let people = people::must_start(&mut tx, core.clock.now()).await?;
            tracing::warn!(
                before,
                now = id,
                people,
                "another bot: people must press Start before it may write to them"
            );
            let people = i64::try_from(people).unwrap_or(i64::MAX);
            alert(core, &mut tx, OwnerNotice::AnotherBot { people }, None).await?;
        }
        tx.commit().await?;
        core.posted.notify_one();
        Ok(())
    }

    /// Marks that this person has blocked the bot; undone when they write again.
    ///
    /// # Errors
    /// `Database`.
    pub async fn blocked_bot(&self, id: TelegramId) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        people::set_blocked_bot(&mut tx, id, self.core.clock.now()).await?;
        Ok(tx.commit().await?)
    }
}

/// The chosen one, else Telegram's, else the default.
pub(super) fn lang_of(rules: &Rules, person: &Person) -> Lang {
    let told = person.language_code.as_deref().and_then(Lang::from_code);
    person.lang.or(told).unwrap_or(rules.default_lang)
}

/// What people call themselves, without control characters (a database refuses NUL) and cut to `longest` characters.
fn printable(text: &str, longest: usize) -> String {
    text.chars().filter(|character| !character.is_control()).take(longest).collect()
}
