//! Health: whether the process lives, and whether it can work.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use serde::Serialize;

use crate::services::views::{Component, ComponentState, Readiness};

use super::ApiState;
use super::edge::Origin;

/// `GET /health`
#[derive(Debug, Serialize)]
pub struct AliveBody {
    status: &'static str,
}

/// The process lives, whatever else is down.
pub async fn alive() -> Json<AliveBody> {
    Json(AliveBody { status: "ok" })
}

/// `GET /health/ready`
#[derive(Debug, Serialize)]
pub struct ReadyBody {
    status: &'static str,
    database: PartBody,
    panel: PartBody,
    telegram: PartBody,
}

#[derive(Debug, Serialize)]
struct PartBody {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Part by part; 503 only when the database is away. The reasons are for those who run the service: whoever has a token,
/// or asks from this machine.
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
    let parts = [&readiness.database, &readiness.panel, &readiness.telegram];
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
                    r#""panel":{"state":"down","reason":"set REMNAWAVE_API_TOKEN"},"telegram":{"state":"ok"}}"#
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
