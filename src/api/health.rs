//! Health: whether the process lives, and whether it can work.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::services::views::{Component, ComponentState, Readiness};

use super::ApiState;
use super::edge::Origin;

/// That the process lives.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alive)]
pub struct AliveBody {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Says that the process lives, whatever else is down.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "health",
    tag = "health",
    security(()),
    responses((status = 200, description = "It lives.", body = AliveBody))
)]
pub async fn alive() -> Json<AliveBody> {
    Json(AliveBody { status: "ok" })
}

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ready)]
pub struct ReadyBody {
    /// `ok`; `degraded` when a part does not work; `down` when nothing does.
    #[schema(example = "degraded")]
    status: &'static str,
    /// Without it nothing works.
    database: PartBody,
    /// Without it nothing can be changed.
    panel: PartBody,
    /// Without it the bot is silent.
    telegram: PartBody,
    /// Whether something needs a person: `warning` then.
    attention: PartBody,
}

/// One part.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Part)]
struct PartBody {
    /// `ok`, `warning`, `down`, or `unknown` when it was not asked yet.
    #[schema(example = "ok")]
    state: &'static str,
    /// What is wrong and what to do, for those who may know.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<String>,
}

/// Says whether the service can work, part by part; 503 only when the database is away.
///
/// The reasons are for those who run the service: whoever has a token, or asks from this machine.
#[utoipa::path(
    get,
    path = "/health/ready",
    operation_id = "ready",
    tag = "health",
    security((), ("token" = [])),
    responses(
        (status = 200, description = "It can work.", body = ReadyBody),
        (status = 503, description = "The database is away.", body = ReadyBody)
    )
)]
pub async fn ready(
    State(api): State<ApiState>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    extensions: Extensions,
) -> (StatusCode, Json<ReadyBody>) {
    let readiness = api.services.health.readiness().await;
    let insider = origin.on_this_machine || api.auth.authenticate(&headers, &extensions).await.is_ok();
    rendered(readiness, insider)
}

fn rendered(readiness: Readiness, insider: bool) -> (StatusCode, Json<ReadyBody>) {
    let parts = [&readiness.database, &readiness.panel, &readiness.telegram, &readiness.attention];
    let (code, status) = if readiness.database.state == ComponentState::Down {
        (StatusCode::SERVICE_UNAVAILABLE, "down")
    } else if parts.iter().all(|part| part.state == ComponentState::Ok) {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::OK, "degraded")
    };
    let part = |component: Component| PartBody {
        state: component.state.as_str(),
        reason: component.reason.filter(|_| insider),
    };
    let body = ReadyBody {
        status,
        database: part(readiness.database),
        panel: part(readiness.panel),
        telegram: part(readiness.telegram),
        attention: part(readiness.attention),
    };
    (code, Json(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(state: ComponentState, reason: Option<&str>) -> Component {
        Component { state, reason: reason.map(str::to_owned) }
    }

    fn answer(database: ComponentState, panel: ComponentState, insider: bool) -> (u16, String) {
        let readiness = Readiness {
            database: part(database, None),
            panel: part(panel, Some("set REMNAWAVE_API_TOKEN")),
            telegram: part(ComponentState::Ok, None),
            attention: part(ComponentState::Ok, None),
        };
        let (code, Json(body)) = rendered(readiness, insider);
        (code.as_u16(), serde_json::to_string(&body).unwrap())
    }

    #[test]
    fn only_the_database_makes_it_unready() {
        use ComponentState::{Down, Ok, Warning};
        assert_eq!(
            answer(Ok, Down, true),
            (
                200,
                concat!(
                    r#"{"status":"degraded","database":{"state":"ok"},"#,
                    r#""panel":{"state":"down","reason":"set REMNAWAVE_API_TOKEN"},"telegram":{"state":"ok"},"attention":{"state":"ok"}}"#
                )
                .to_owned()
            )
        );
        assert_eq!(answer(Down, Ok, true).0, 503);
        assert!(answer(Down, Warning, false).1.starts_with(r#"{"status":"down","#));
        assert!(answer(Ok, Ok, false).1.starts_with(r#"{"status":"ok","#));
        assert!(!answer(Ok, Down, false).1.contains("reason"));
    }
}
