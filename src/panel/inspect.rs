//! A close look at the panel, for whoever asks what is wrong: what each request met, not only whether all is well.
//! Nothing of it is remembered and nothing is changed.

use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use crate::domain::panel_problem::PanelProblem;
use crate::domain::unreached::Unreached;

use super::check::{METADATA, short_version};
use super::client::Heard;
use super::dialect::Dialect;
use super::errors::OwnError;
use super::models::{Envelope, RawHost, RawMetadata, RawSquads};
use super::request::Call;
use super::scopes::{SCOPES, SQUADS};
use super::squads::{LIST, Picked};
use super::status::is_tested;
use super::{Deadline, Panel};

/// What a request met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// The panel's answer.
    Fine,
    /// The panel's own refusal or failure.
    Own {
        /// The HTTP status.
        status: u16,
        /// Its error code, such as `A116`.
        code: Option<String>,
        /// What it says about it.
        message: Option<String>,
    },
    /// Something answers that is not the panel.
    Foreign {
        /// The HTTP status.
        status: u16,
        /// Whether it is a web page.
        is_page: bool,
        /// Where it sends us instead.
        leads_to: Option<String>,
    },
    /// No answer.
    Nothing(Unreached),
}

/// What a close look saw.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The setting that is missing, if one is.
    pub unset: Option<PanelProblem>,
    /// What the first request met, the one for the version.
    pub first: Met,
    /// The panel's version.
    pub version: Option<String>,
    /// Whether that version is one of those that were tested.
    pub is_tested: bool,
    /// Whether `REMNAWAVE_API_VERSION` says something else than the version.
    pub is_contradicted: bool,
    /// What the token may do; `None` when it was not asked.
    pub scopes: Option<Scopes>,
    /// The internal squads; what was met instead; `None` when they were not asked for.
    pub squads: Option<Result<SquadsSeen, Met>>,
    /// The panel's clock minus ours, if it told the time.
    pub skew: Option<TimeDelta>,
}

/// What the token may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    /// Scopes that it lacks.
    pub missing: Vec<&'static str>,
    /// Scopes that it lacks, but there is another way.
    pub dispensable: Vec<&'static str>,
    /// Whether it may do nothing at all.
    pub none: bool,
    /// Whether some requests had no answer of the panel's.
    pub uncertain: bool,
}

/// The internal squads, as far as they matter to new users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SquadsSeen {
    /// The names of all.
    pub there: Vec<String>,
    /// Those of the setting that are not there.
    pub missing: Vec<String>,
    /// Those that new users go into.
    pub chosen: Vec<SquadSeen>,
}

/// A squad that new users go into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SquadSeen {
    /// Its name.
    pub name: String,
    /// How many inbounds it has.
    pub inbounds: usize,
    /// How many hosts its members get keys for; `None` when the token may not ask.
    pub hosts: Option<usize>,
}

impl Met {
    /// An answer as it came, and what could be read of it.
    fn of<T: DeserializeOwned>(heard: Result<Heard, Unreached>) -> Result<T, Self> {
        let heard = heard.map_err(Self::Nothing)?;
        let Heard { status, body, is_page, location } = heard;
        if (200..300).contains(&status)
            && let Ok(answer) = serde_json::from_slice::<Envelope<T>>(&body)
        {
            return Ok(answer.response);
        }
        Err(match OwnError::read(&body) {
            Some(OwnError { code, message, .. }) => Self::Own { status, code, message },
            None => Self::Foreign { status, is_page, leads_to: location },
        })
    }

    /// Without the path of the request in the address that it was sent on to: what is left is where the panel may be.
    fn without(mut self, path: &str) -> Self {
        if let Self::Foreign { leads_to: Some(place), .. } = &mut self
            && let Some(beginning) = place.strip_suffix(path)
        {
            *place = format!("{beginning}/");
        }
        self
    }

    fn in_short<T>(answer: &Result<T, Self>) -> Self {
        answer.as_ref().err().cloned().unwrap_or(Self::Fine)
    }
}

impl Panel {
    /// Looks at everything that the service needs of the panel, within this time.
    pub async fn inspect(&self, within: Duration) -> Inspection {
        let deadline = Deadline::after(within).0;
        let unset = self.0.http.unset();
        let mut call = Call::get(METADATA);
        if unset.is_some() {
            call = call.without_token();
        }
        let metadata = Met::of::<RawMetadata>(self.0.http.hear(&call, deadline).await);
        let first = Met::in_short(&metadata).without(METADATA);
        let version = metadata.ok().map(|metadata| short_version(&metadata.version));
        let dialect = version.as_deref().and_then(Dialect::of_version);
        let is_the_panels = matches!(first, Met::Fine | Met::Own { .. });
        let goes_on = unset.is_none() && matches!(first, Met::Fine | Met::Own { status: 403, .. });
        let (scopes, squads) = match goes_on {
            true => {
                let (scopes, squads) = tokio::join!(self.scopes(deadline), self.seen_squads(deadline));
                (Some(scopes), Some(squads))
            }
            false => (None, None),
        };
        Inspection {
            unset,
            first,
            is_tested: version.as_deref().is_none_or(is_tested),
            is_contradicted: self.0.dialect.set().zip(dialect).is_some_and(|(set, told)| set != told),
            version,
            scopes,
            squads,
            skew: self.clock_skew().filter(|_| is_the_panels),
        }
    }

    async fn scopes(&self, deadline: Instant) -> Scopes {
        let asked = SCOPES.iter().map(async |scope| {
            let met = Met::of::<Value>(self.0.http.hear(&(scope.probe)(), deadline).await);
            (scope, Met::in_short(&met))
        });
        let by_uuid = self.0.squads.by_uuid().is_some();
        let mut seen = Scopes { none: true, ..Scopes::default() };
        for (scope, met) in join_all(asked).await {
            match met {
                Met::Own { status: 403, .. } if scope.dispensable || (by_uuid && scope.name == SQUADS) => {
                    seen.dispensable.push(scope.name);
                }
                Met::Own { status: 403, .. } => seen.missing.push(scope.name),
                Met::Fine | Met::Own { .. } => seen.none = false,
                Met::Foreign { .. } | Met::Nothing(_) => seen.uncertain = true,
            }
        }
        seen.none &= !seen.uncertain;
        seen
    }

    async fn seen_squads(&self, deadline: Instant) -> Result<SquadsSeen, Met> {
        let (squads, hosts) = (Call::get(LIST).list(), Call::get("/api/hosts").list());
        let (squads, hosts) =
            tokio::join!(self.0.http.hear(&squads, deadline), self.0.http.hear(&hosts, deadline));
        let there = Met::of::<RawSquads>(squads)?.internal_squads;
        let hosts = Met::of::<Vec<RawHost>>(hosts).ok();
        let Picked { chosen, missing } = self.0.squads.pick(&there);
        let seen = chosen.iter().map(|squad| SquadSeen {
            name: squad.name.clone(),
            inbounds: squad.inbounds.len(),
            hosts: hosts.as_ref().map(|hosts| hosts.iter().filter(|host| host.serves(squad)).count()),
        });
        Ok(SquadsSeen {
            chosen: seen.collect(),
            missing: missing.into_iter().map(str::to_owned).collect(),
            there: there.iter().map(|squad| squad.name.clone()).collect(),
        })
    }
}
