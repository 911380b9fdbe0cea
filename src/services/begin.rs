//! The first half of a change: is it new, is it possible, is its client free? Decided and written in one transaction.

mod group;

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use crate::domain::actor::Source;
use crate::domain::ask::{Ask, Refusal};
use crate::domain::change::{Answer, Change, Intent, IntentState, Key, NewClient};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, IntentId};
use crate::domain::matter::Pause;
use crate::domain::reason::Reason;
use crate::domain::username::Username;
use crate::repositories::intents::{Known, Refused};
use crate::repositories::{Tx, audit, clients, intents, matters};

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
    /// The client it is about (chosen here for a new one).
    pub client_id: ClientId,
    /// What is wanted.
    pub wanted: Wanted,
    /// Why, in the words of whoever asks.
    pub reason: Option<Reason>,
}

/// What is wanted of a client.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// That there be one.
    New(NewClient),
    /// Something else than now.
    Other(Ask),
}

impl Request {
    /// In whose queue it waits: that of the name for a new client, else that of the client.
    pub(super) fn turn(&self) -> String {
        match &self.wanted {
            Wanted::New(new) => new.username.to_string(),
            Wanted::Other(_) => self.client_id.to_string(),
        }
    }

    /// The name of the client to be made; empty where there is none.
    pub(super) fn username(&self) -> Username {
        match &self.wanted {
            Wanted::New(new) => new.username.clone(),
            Wanted::Other(_) => Username::stored(""),
        }
    }
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

/// A request judged by what the database says now.
pub(super) enum Judged {
    Possible { username: Username, before: Option<Box<Client>>, wanted: Change },
    Refused(Answer),
}

impl Changes {
    /// Begins a change, or says what is in its way: together with others where the database is busy.
    pub(super) async fn begin(&self, request: &Arc<Request>, deadline: Instant) -> Result<Begun, Error> {
        let alone = || self.begin_alone(request, deadline);
        let begun = self.beginning.run(Arc::clone(request), deadline, alone, |lead| {
            let this = self.clone();
            self.tasks.spawn(async move { lead.work(|group| this.begin_group(group)).await });
        });
        begun.await.unwrap_or_else(|| Err(late()))
    }

    async fn begin_alone(&self, request: &Request, deadline: Instant) -> Result<Begun, Error> {
        let decided = async {
            let mut tx = self.core.db.begin().await?;
            let begun = self.begin_in(&mut tx, request).await?;
            Ok::<_, Error>((tx, begun))
        };
        let (tx, begun) = timeout_at(deadline, decided).await.map_err(|_| late())??;
        let committed = timeout_at(deadline, tx.commit()).await;
        if let Err(error) = committed.map_err(|_| late()).and_then(|done| done.map_err(Error::from)) {
            self.never_begun(&begun);
            return Err(error);
        }
        Ok(begun)
    }

    /// Perhaps it was written all the same; whoever hears of an error must not find the change standing later.
    fn never_begun(&self, begun: &Begun) {
        if let Begun::Mine(intent, _) = begun {
            self.give_up(intent, Some(self.core.worker.clone()));
        }
    }

    async fn begin_in(&self, tx: &mut Tx, request: &Request) -> Result<Begun, Error> {
        if let Some(key) = &request.key
            && let Some(known) = intents::find_by_key(tx, key).await?
        {
            return self.again(tx, request, known).await;
        }
        let seen = unless_paused(tx, request).await?;
        let intent = match self.judge(tx, request, seen).await? {
            Judged::Refused(answer) => return self.refuse(tx, request, answer).await,
            Judged::Possible { username, before, wanted } => self.intent(request, username, before, wanted),
        };
        if intents::insert(tx, &intent).await? {
            return match self.core.db.is_shared() {
                true => self.judge_again(tx, request, intent).await,
                // Nobody else has written since the look: this transaction has had the one writing connection.
                false => Ok(Begun::Mine(Box::new(intent), Attempt::First)),
            };
        }
        match intents::find_open(tx, intent.client_id, &intent.username).await? {
            Some(other) => {
                let left = self.claim(tx, other.id, None).await?;
                Ok(left.map_or(Begun::Waiting { same_key: false }, |left| Begun::Left(Box::new(left))))
            }
            // It ended between the two statements (PostgreSQL), or somebody used the same key at the same moment.
            None => Ok(Begun::Waiting { same_key: false }),
        }
    }

    /// What the request means for the client as the database has it now; as it was `seen` a moment ago, if it was.
    pub(super) async fn judge(
        &self,
        tx: &mut Tx,
        request: &Request,
        seen: Option<Client>,
    ) -> Result<Judged, Error> {
        let ask = match &request.wanted {
            Wanted::New(new) if clients::username_taken(tx, &new.username).await? => {
                return Ok(Judged::Refused(Answer::UsernameTaken));
            }
            Wanted::New(new) => {
                let wanted = Change::Create(new.clone());
                return Ok(Judged::Possible { username: new.username.clone(), before: None, wanted });
            }
            Wanted::Other(ask) => ask,
        };
        let client = match seen {
            Some(client) => client,
            None => match clients::find_in(tx, request.client_id).await? {
                Some(client) => client,
                None => return Ok(Judged::Refused(Answer::ClientNotFound)),
            },
        };
        Ok(match ask.of(&client, self.core.clock.now_millis()) {
            Ok(wanted) => match self.refused_besides(tx, request, ask).await? {
                Some(answer) => Judged::Refused(answer),
                None => {
                    let username = client.username.clone();
                    Judged::Possible { username, before: Some(Box::new(client)), wanted }
                }
            },
            Err(Refusal::AlreadyBlocked) => Judged::Refused(Answer::AlreadyBlocked),
            Err(Refusal::NotBlocked) => Judged::Refused(Answer::NotBlocked),
            Err(Refusal::NotLinked) => Judged::Refused(Answer::NotLinked),
            Err(Refusal::NotTheirs) => Judged::Refused(Answer::ClientNotFound),
            Err(Refusal::DatePassed) => Judged::Refused(Answer::DatePassed),
            Err(Refusal::SameDate) => Judged::Refused(Answer::SameDate),
            Err(Refusal::NotNeeded) => Judged::Refused(Answer::NotNeeded),
            Err(Refusal::CannotUndo) => Judged::Refused(Answer::CannotUndo),
            Err(Refusal::BeyondCalendar(beyond)) => return Err(beyond.into()),
        })
    }

    /// What only the past can tell. Asked again under the lock: what ended before it is written, client, log and intent in
    /// one transaction.
    async fn refused_besides(
        &self,
        tx: &mut Tx,
        request: &Request,
        ask: &Ask,
    ) -> Result<Option<Answer>, Error> {
        match ask {
            Ask::RotateOwn { pause, .. } => {
                let after = self.core.clock.now() - *pause;
                let last = audit::last_rotation(tx, request.client_id, &request.actor, after).await?;
                Ok(last.map(|last| Answer::TooSoon { until: last + *pause }))
            }
            // The button says how many days; only as many as were added are taken back.
            Ask::Undo { days, changed_at } => {
                let was = intents::extended_by(tx, request.client_id, days.get(), *changed_at).await?;
                Ok((!was).then_some(Answer::CannotUndo))
            }
            _ => Ok(None),
        }
    }

    /// Another replica may have changed the client between the look and the lock; from the lock on the answer is firm.
    async fn judge_again(&self, tx: &mut Tx, request: &Request, mut intent: Intent) -> Result<Begun, Error> {
        match self.judge(tx, request, None).await? {
            Judged::Possible { before, wanted, .. } => {
                if before != intent.before {
                    (intent.before, intent.wanted) = (before, wanted);
                    intents::decide_anew(tx, &intent).await?;
                }
                Ok(Begun::Mine(Box::new(intent), Attempt::First))
            }
            Judged::Refused(answer) => {
                intent.state = IntentState::Failed;
                if passes(&answer) {
                    intent.key = None;
                }
                intent.answer = Some(answer.clone());
                intents::settle(tx, &intent, IntentState::Open, Some(self.core.clock.now())).await?;
                Ok(Begun::Answered(answer))
            }
        }
    }

    /// The key is known: its answer, or going on with what is open.
    async fn again(&self, tx: &mut Tx, request: &Request, known: Known) -> Result<Begun, Error> {
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
        if let Some(key) = request.key.as_ref().filter(|_| !passes(&answer)) {
            let refused = Refused {
                id: IntentId(self.core.entropy.uuid()),
                key,
                request_hash: &request.hash,
                actor: &request.actor,
                source: request.source,
                client_id: request.client_id,
                answer: &answer,
                now: self.core.clock.now(),
            };
            if !intents::insert_refused(tx, &refused).await? {
                // The same request at the same moment on another replica: its answer counts.
                return Ok(Begun::Waiting { same_key: true });
            }
        }
        Ok(Begun::Answered(answer))
    }

    pub(super) fn intent(
        &self,
        request: &Request,
        username: Username,
        before: Option<Box<Client>>,
        wanted: Change,
    ) -> Intent {
        let core = &self.core;
        let now = core.clock.now();
        Intent {
            id: IntentId(core.entropy.uuid_at(now)),
            key: request.key.clone(),
            request_hash: request.hash.clone(),
            actor: request.actor.clone(),
            source: request.source,
            client_id: request.client_id,
            username,
            reason: request.reason.clone(),
            before,
            wanted,
            state: IntentState::Open,
            error: None,
            answer: None,
            lease_owner: core.worker.clone(),
            lease_until: core.lease_until(),
            created_at: now,
            verify_at: None,
            ended_at: None,
        }
    }
}

/// Nothing is changed while a pause lasts, but what ends it. The client, where it was read by the way.
async fn unless_paused(tx: &mut Tx, request: &Request) -> Result<Option<Client>, Error> {
    if let Wanted::Other(_) = request.wanted
        && let Some((client, false)) = clients::find_to_change(tx, request.client_id).await?
    {
        return Ok(Some(client));
    }
    let remake = matches!(request.wanted, Wanted::Other(Ask::Remake { .. }));
    match matters::paused_in(tx).await? {
        Some(Pause::PanelReplaced) if remake => Ok(None),
        Some(pause) => Err(Error::Paused(pause)),
        None => Ok(None),
    }
}

fn late() -> Error {
    Error::Database("no answer in time".to_owned())
}

/// Whether the same request may be answered otherwise later: then this answer is not kept for its key.
fn passes(answer: &Answer) -> bool {
    matches!(answer, Answer::TooSoon { .. } | Answer::NotNeeded)
}
