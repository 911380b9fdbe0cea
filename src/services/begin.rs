//! The first half of a change: is it new, is it possible, is its client free? Decided and written in one transaction.

use tokio::time::{Instant, timeout_at};

use crate::domain::actor::Source;
use crate::domain::change::{Answer, Change, Intent, IntentState, Key};
use crate::domain::ids::{ClientId, IntentId};
use crate::domain::username::Username;
use crate::repositories::{Tx, clients, intents};

use super::changes::Changes;
use super::creation::Attempt;
use super::error::Error;

/// A change that is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks, as the log names actors.
    pub actor: String,
    /// Through which door.
    pub source: Source,
    /// What makes it the same request again.
    pub key: Option<Key>,
    /// The hash of what was asked.
    pub hash: String,
    /// The client it is about.
    pub client_id: ClientId,
    /// The client's name.
    pub username: Username,
    /// What is wanted.
    pub wanted: Change,
}

/// What came of beginning.
#[derive(Debug)]
pub enum Begun {
    /// The intent is written and ours to carry out.
    Mine(Box<Intent>, Attempt),
    /// The key has its answer already, or the answer needs no panel.
    Answered(Answer),
    /// Another intent is in the way whose worker is gone; it is claimed and must be finished first.
    Left(Box<Intent>),
    /// Another intent is in the way, and somebody works on it: the one of the same key, or another request's.
    Waiting {
        /// Whether the key is the same.
        same_key: bool,
    },
}

impl Changes {
    /// Begins a change, or says what is in its way.
    pub(super) async fn begin(&self, request: &Request, deadline: Instant) -> Result<Begun, Error> {
        let begun = timeout_at(deadline, self.core.db.begin()).await;
        let mut tx = begun.map_err(|_| Error::Database("no connection in time".to_owned()))??;
        let begun = self.begin_in(&mut tx, request).await?;
        if let Err(error) = tx.commit().await {
            // Perhaps it was written all the same; whoever hears of an error must not find the change standing later.
            if let Begun::Mine(intent, _) = &begun {
                self.give_up(intent.id);
            }
            return Err(error.into());
        }
        Ok(begun)
    }

    async fn begin_in(&self, tx: &mut Tx, request: &Request) -> Result<Begun, Error> {
        if let Some(key) = &request.key
            && let Some(known) = intents::find_by_key(tx, key).await?
        {
            return self.again(tx, request, known).await;
        }
        if clients::username_taken(tx, &request.username).await? {
            return self.refuse(tx, request, Answer::UsernameTaken).await;
        }
        let intent = self.intent(request, IntentState::Open, None);
        if intents::insert(tx, &intent).await? {
            return self.check_again(tx, intent).await;
        }
        match intents::find_open(tx, request.client_id, &request.username).await? {
            Some(other) => {
                let left = self.claim(tx, other.id, None).await?;
                Ok(left.map_or(Begun::Waiting { same_key: false }, |left| Begun::Left(Box::new(left))))
            }
            // It ended between the two statements (PostgreSQL), or somebody used the same key at the same moment.
            None => Ok(Begun::Waiting { same_key: false }),
        }
    }

    /// Another replica may have made the client between the first look and the lock; from the lock on the answer is firm.
    async fn check_again(&self, tx: &mut Tx, mut intent: Intent) -> Result<Begun, Error> {
        if !clients::username_taken(tx, &intent.username).await? {
            return Ok(Begun::Mine(Box::new(intent), Attempt::First));
        }
        intent.state = IntentState::Failed;
        intent.answer = Some(Answer::UsernameTaken);
        intents::settle(tx, &intent, Some(self.core.clock.now())).await?;
        Ok(Begun::Answered(Answer::UsernameTaken))
    }

    /// The key is known: its answer, or going on with what is open.
    async fn again(&self, tx: &mut Tx, request: &Request, known: Intent) -> Result<Begun, Error> {
        if known.request_hash != request.hash {
            return Err(Error::KeyReused);
        }
        if let Some(answer) = known.answer {
            return Ok(Begun::Answered(answer));
        }
        // Being undone or left open, it goes forward again: whoever holds the key still wants it.
        let mine = self.claim(tx, known.id, Some(IntentState::Open)).await?;
        Ok(mine.map_or(Begun::Waiting { same_key: true }, |intent| {
            Begun::Mine(Box::new(intent), Attempt::Again)
        }))
    }

    async fn claim(
        &self,
        tx: &mut Tx,
        id: IntentId,
        state: Option<IntentState>,
    ) -> Result<Option<Intent>, Error> {
        let core = &self.core;
        Ok(intents::claim(tx, id, &core.worker, state, core.clock.now(), core.lease_until()).await?)
    }

    /// A refusal that needs no panel; kept where there is a key.
    async fn refuse(&self, tx: &mut Tx, request: &Request, answer: Answer) -> Result<Begun, Error> {
        if request.key.is_some() {
            intents::insert(tx, &self.intent(request, IntentState::Failed, Some(answer.clone()))).await?;
        }
        Ok(Begun::Answered(answer))
    }

    fn intent(&self, request: &Request, state: IntentState, answer: Option<Answer>) -> Intent {
        let core = &self.core;
        Intent {
            id: IntentId(core.entropy.uuid()),
            key: request.key.clone(),
            request_hash: request.hash.clone(),
            actor: request.actor.clone(),
            source: request.source,
            client_id: request.client_id,
            username: request.username.clone(),
            wanted: request.wanted.clone(),
            state,
            error: None,
            answer,
            lease_owner: core.worker.clone(),
            lease_until: core.lease_until(),
            created_at: core.clock.now(),
            verify_at: None,
        }
    }
}
