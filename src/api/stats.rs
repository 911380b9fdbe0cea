//! `/api/v1/stats`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use utoipa::ToSchema;

use crate::domain::operation::{Action, Outcome};
use crate::services::views::Stats;

use super::ApiState;
use super::auth::Caller;
use super::bodies::utc;
use super::error::ApiError;
use super::openapi::refusals::Reading;
use super::openapi::schemas;

/// Shows how many clients there are, how the panel is, and what was done in the last 24 hours.
#[utoipa::path(
    get,
    path = "/api/v1/stats",
    operation_id = "get_stats",
    tag = "log",
    responses((status = 200, description = "The numbers.", body = StatsBody), Reading)
)]
pub async fn show(State(api): State<ApiState>, Caller(by): Caller) -> Result<Json<StatsBody>, ApiError> {
    Ok(Json(api.services.stats.now(&by).await?.into()))
}

/// Numbers, as they are now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stats)]
pub struct StatsBody {
    /// How many clients of each kind.
    pub clients: ClientsBody,
    /// How the panel is, as last seen.
    pub panel: PanelBody,
    /// What was done in the last 24 hours; it counts deleted clients too.
    pub operations: OperationsBody,
}

/// How many clients of each kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientNumbers)]
pub struct ClientsBody {
    /// All of them: active, blocked and expired ones together.
    pub total: i64,
    /// Active and not expired.
    pub active: i64,
    /// Blocked and not expired.
    pub blocked: i64,
    /// The date has passed.
    pub expired: i64,
    /// Active, and the date passes within three days.
    pub expiring: i64,
    /// Linked to a Telegram account.
    pub linked: i64,
}

/// How the panel is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PanelState)]
pub struct PanelBody {
    /// `ok`, `warning` (it works with a reservation), `down`, or `unknown` (not asked yet).
    pub state: &'static str,
    /// Its version, once it has told it; else `null`.
    #[schema(required = true)]
    pub version: Option<String>,
    /// What is wrong and what to do, in English; `null` when all is well.
    #[schema(required = true)]
    pub reason: Option<String>,
}

/// What was done lately.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OperationNumbers)]
pub struct OperationsBody {
    /// Since when, as `2026-12-22T07:30:32.809193Z`.
    #[schema(schema_with = schemas::time)]
    pub since: String,
    /// How often each action succeeded and failed, by the contract's words; all eight are there.
    #[schema(value_type = std::collections::BTreeMap<String, EndsBody>)]
    pub actions: ActionsBody,
}

/// Successes and failures of each action.
#[derive(Debug)]
pub struct ActionsBody(Vec<(Action, EndsBody)>);

/// How often an action ended in which way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ends)]
pub struct EndsBody {
    /// It stands.
    pub success: i64,
    /// It does not stand.
    pub fail: i64,
}

impl Serialize for ActionsBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (action, ends) in &self.0 {
            map.serialize_entry(action.as_str(), ends)?;
        }
        map.end()
    }
}

impl From<Stats> for StatsBody {
    fn from(stats: Stats) -> Self {
        let count = |action, result| {
            let found = stats.operations.iter().find(|row| row.action == action && row.result == result);
            found.map_or(0, |row| row.count)
        };
        let ends = |action| EndsBody {
            success: count(action, Outcome::Success),
            fail: count(action, Outcome::Fail),
        };
        let actions = Action::ALL.into_iter().map(|action| (action, ends(action))).collect();
        let counts = stats.counts;
        Self {
            clients: ClientsBody {
                total: counts.total,
                active: counts.active,
                blocked: counts.blocked,
                expired: counts.expired,
                expiring: counts.expiring,
                linked: stats.linked,
            },
            panel: PanelBody {
                state: stats.panel.state.as_str(),
                version: stats.panel_version,
                reason: stats.panel.reason,
            },
            operations: OperationsBody { since: utc(stats.operations_since), actions: ActionsBody(actions) },
        }
    }
}
