//! What the API refuses and how it says so: the contract's bodies, all in this one place.

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::client::BeyondCalendar;
use crate::domain::matter::Pause;
use crate::services::Error;
use crate::services::error::{InviteError, TokenError};

use super::validate::{Json as Given, Problem, Problems, Step};

/// When it is worth trying again after the database was away.
const DATABASE_PAUSE: Duration = Duration::from_secs(5);
/// The same while changes wait for an owner.
const OWNER: Duration = Duration::from_secs(60);

/// Why a request gets no success.
#[derive(Debug)]
pub enum ApiError {
    /// No token, or one that is not known.
    Unauthenticated {
        /// Whether there was one.
        wrong: bool,
    },
    /// Too many wrong tokens from one address.
    TooManyGuesses {
        /// When the next one is looked at, in whole seconds.
        retry_after: Duration,
    },
    /// The token may only read.
    ReadOnly,
    /// No such route.
    NotFound,
    /// The route has only these methods.
    MethodNotAllowed(&'static str),
    /// The body is over 64 KiB.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// The body is no UTF-8, broke off, or is nested too deeply.
    UnreadableBody,
    /// Something in the request is not as it should be.
    Invalid(Problems),
    /// The service refused or failed.
    Service(Error),
    /// A mistake of ours.
    Internal,
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

/// Why a request was refused.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Error)]
pub struct Detail<'a> {
    /// The reason, for people.
    detail: &'a str,
}

/// Why a request was refused, with every wrong value.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ValidationError)]
pub struct Invalid {
    /// The reason, for people.
    detail: &'static str,
    /// What is wrong where; not there when it is the `Idempotency-Key` that was used with another request.
    #[schema(value_type = Vec<super::validate::FieldError>, required = false)]
    errors: Problems,
}

fn detail(status: StatusCode, detail: &str) -> Response {
    (status, Json(Detail { detail })).into_response()
}

fn unavailable(retry_after: Duration) -> Response {
    later(StatusCode::SERVICE_UNAVAILABLE, "Сервис временно недоступен", retry_after)
}

/// A refusal that is worth another try after a while.
fn later(status: StatusCode, detail: &str, retry_after: Duration) -> Response {
    let seconds = retry_after.as_secs().max(1).to_string();
    (status, [(RETRY_AFTER, seconds)], Json(Detail { detail })).into_response()
}

fn internal() -> Response {
    detail(StatusCode::INTERNAL_SERVER_ERROR, "Внутренняя ошибка сервера")
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthenticated { wrong } => unauthenticated(wrong),
            Self::TooManyGuesses { retry_after } => {
                later(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests", retry_after)
            }
            Self::ReadOnly => detail(StatusCode::FORBIDDEN, "Not enough permissions"),
            Self::NotFound => detail(StatusCode::NOT_FOUND, "Not Found"),
            Self::MethodNotAllowed(methods) => {
                let body = Json(Detail { detail: "Method Not Allowed" });
                (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, methods)], body).into_response()
            }
            Self::TooLarge => detail(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::TooSlow => detail(StatusCode::REQUEST_TIMEOUT, "Request Timeout"),
            Self::UnreadableBody => detail(StatusCode::BAD_REQUEST, "There was an error parsing the body"),
            Self::Invalid(errors) => {
                let body =
                    Invalid { detail: "Ошибка валидации входных данных", errors };
                (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
            }
            Self::Service(error) => service(&error),
            Self::Internal => internal(),
        }
    }
}

/// RFC 6750: the reason is told only to who sent a token.
fn unauthenticated(wrong: bool) -> Response {
    let challenge = if wrong { "Bearer error=\"invalid_token\"" } else { "Bearer" };
    let body = Json(Detail { detail: "Not authenticated" });
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)], body).into_response()
}

fn service(error: &Error) -> Response {
    match error {
        Error::ClientNotFound(which) => {
            detail(StatusCode::NOT_FOUND, &format!("Клиент с id={which} не найден"))
        }
        Error::UsernameTaken(username) => {
            detail(StatusCode::CONFLICT, &format!("Клиент с username='{username}' уже существует"))
        }
        Error::NotLinked => detail(
            StatusCode::NOT_FOUND,
            "Конфигурация клиента недоступна — отсутствует привязка к RemnaWave",
        ),
        Error::AlreadyBlocked => detail(StatusCode::CONFLICT, "Клиент уже заблокирован"),
        Error::NotBlocked => detail(StatusCode::CONFLICT, "Клиент не заблокирован"),
        Error::BeyondCalendar(beyond) => beyond_calendar(*beyond),
        Error::DatePassed => detail(StatusCode::CONFLICT, "Новая дата уже прошла"),
        Error::SameDate => detail(StatusCode::CONFLICT, "У клиента уже эта дата"),
        Error::CannotUndo => detail(StatusCode::CONFLICT, "Продление больше нельзя отменить"),
        Error::TooManyDays { most } => {
            detail(StatusCode::FORBIDDEN, &format!("Не больше {most} дней за раз"))
        }
        Error::Forbidden { .. } => detail(StatusCode::FORBIDDEN, "Not enough permissions"),
        Error::Invite(why) => invite(*why),
        Error::Token(why) => token(*why),
        // No route changes roles.
        Error::Role(_) => detail(StatusCode::CONFLICT, "Роль изменить нельзя"),
        Error::Panel(_) | Error::UserGone => {
            tracing::warn!(why = %error, "the panel did not do it");
            detail(StatusCode::BAD_GATEWAY, "Ошибка взаимодействия с VPN-провайдером")
        }
        // It is for an owner to decide, in the bot; integrations may try again.
        Error::Paused(pause) => later(StatusCode::SERVICE_UNAVAILABLE, paused(*pause), OWNER),
        Error::Busy { retry_after } => unavailable(*retry_after),
        Error::KeyInProgress { retry_after } => {
            later(StatusCode::CONFLICT, "Запрос с этим Idempotency-Key ещё выполняется", *retry_after)
        }
        Error::KeyReused => {
            detail(StatusCode::UNPROCESSABLE_ENTITY, "Idempotency-Key использован с другим запросом")
        }
        Error::Database(why) => {
            tracing::error!(%why, "the database does not answer");
            unavailable(DATABASE_PAUSE)
        }
        // Only jobs ask for such things.
        Error::NotNeeded => internal(),
        Error::Internal(why) => {
            tracing::error!(%why, "a mistake of ours");
            internal()
        }
        // Only people are held to a pause; tokens are not.
        Error::TooSoon { .. } => detail(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"),
    }
}

fn paused(pause: Pause) -> &'static str {
    match pause {
        Pause::Restored => {
            "Изменения приостановлены: база восстановлена из резервной копии, владелец ещё не написал боту /resume"
        }
        Pause::PanelReplaced => {
            "Изменения приостановлены: панель не узнаёт клиентов, решает владелец (/log в боте)"
        }
    }
}

/// The original failed here; it is the number of days that is wrong.
fn beyond_calendar(beyond: BeyondCalendar) -> Response {
    let mut problems = Problems::default();
    let loc = [Step::Name("body"), Step::Name("days")];
    problems.add(loc, &Given::Int(beyond.days.to_string()), &Problem::AtMost(beyond.most));
    ApiError::Invalid(problems).into_response()
}

fn invite(why: InviteError) -> Response {
    match why {
        InviteError::AlreadyLinked => {
            detail(StatusCode::CONFLICT, "Клиент уже привязан к другому аккаунту Telegram")
        }
        InviteError::Unknown => detail(StatusCode::NOT_FOUND, "Приглашение не найдено"),
        InviteError::Used | InviteError::Expired => {
            detail(StatusCode::GONE, "Приглашение больше не действует")
        }
    }
}

/// No endpoint makes tokens today.
fn token(why: TokenError) -> Response {
    match why {
        TokenError::NameTaken | TokenError::InSettings => {
            detail(StatusCode::CONFLICT, "Токен с таким именем уже существует")
        }
        TokenError::Unknown => detail(StatusCode::NOT_FOUND, "Токен не найден"),
        TokenError::TooMany => detail(StatusCode::CONFLICT, "Токенов слишком много"),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::domain::ids::{ClientId, ClientRef};
    use crate::domain::username::Username;

    #[tokio::test]
    async fn each_error_of_the_rules_has_its_answer() {
        let id = ClientRef::Id(ClientId(uuid::Uuid::nil()));
        let pause = Duration::from_secs(7);
        for (error, status, retry, body) in [
            (
                Error::ClientNotFound(id),
                404,
                None,
                "Клиент с id=00000000-0000-0000-0000-000000000000 не найден",
            ),
            (
                Error::UsernameTaken(Username::stored("alice")),
                409,
                None,
                "Клиент с username='alice' уже существует",
            ),
            (
                Error::NotLinked,
                404,
                None,
                "Конфигурация клиента недоступна — отсутствует привязка к RemnaWave",
            ),
            (
                Error::Forbidden { actor: "token:shop".to_owned(), action: "make a client" },
                403,
                None,
                "Not enough permissions",
            ),
            (Error::UserGone, 502, None, "Ошибка взаимодействия с VPN-провайдером"),
            (Error::Panel("secret".to_owned()), 502, None, "Ошибка взаимодействия с VPN-провайдером"),
            (Error::Busy { retry_after: pause }, 503, Some("7"), "Сервис временно недоступен"),
            (Error::KeyReused, 422, None, "Idempotency-Key использован с другим запросом"),
            (Error::Database("secret".to_owned()), 503, Some("5"), "Сервис временно недоступен"),
            (Error::Internal("secret".to_owned()), 500, None, "Внутренняя ошибка сервера"),
        ] {
            let response = ApiError::from(error).into_response();
            assert_eq!(response.status().as_u16(), status, "{body}");
            let header = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(header.as_deref(), retry, "{body}");
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(bytes, format!("{{\"detail\":\"{body}\"}}"));
        }
    }
}
