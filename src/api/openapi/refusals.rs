//! What can go wrong: each refusal once, as a response component, and the sets of them that endpoints name in their
//! `responses(...)`. A set that comes later replaces the same status of an earlier one.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::IntoResponses;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Ref, RefOr};

use super::headers;

/// Each line: the component's name, its status, when it comes, and what `detail` may say. `again` says when it is worth
/// trying again.
macro_rules! refusals {
    ($($name:ident $status:literal $description:literal $details:expr $(, $again:ident)?;)+) => {
        /// An answer of refusal.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Refusal {
            $(#[doc = $description] $name,)+
        }

        impl Refusal {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name of its component.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            fn status(self) -> &'static str {
                match self { $(Self::$name => $status,)+ }
            }

            fn description(self) -> &'static str {
                match self { $(Self::$name => $description,)+ }
            }

            fn details(self) -> &'static [&'static str] {
                match self { $(Self::$name => &$details,)+ }
            }

            fn says_when(self) -> bool {
                match self { $(Self::$name => false $(|| stringify!($again) == "again")?,)+ }
            }
        }
    };
}

refusals! {
    UnreadableBody "400" "The body is not UTF-8, broke off, or is nested too deeply." ["There was an error parsing the body"];
    Unauthenticated "401" "No token, or an unknown one." ["Not authenticated"];
    ReadOnly "403" "The token may only read." ["Not enough permissions"];
    ClientNotFound "404" "No client has this id." [NO_CLIENT];
    ClientOrLinkNotFound "404" "No client has this id, or it has no link to the panel." [NO_CLIENT, NO_LINK];
    BodyTooSlow "408" "The body did not arrive in time." ["Request Timeout"];
    KeyInProgress "409" "The request with this key is still under way." [KEY_RUNS], again;
    UsernameTaken "409" "The name is taken here or on the panel, or the request with this key is still under way."
        ["Клиент с username='alice' уже существует", KEY_RUNS], again;
    AlreadyBlocked "409" "The client is blocked already, or the request with this key is still under way."
        ["Клиент уже заблокирован", KEY_RUNS], again;
    NotBlocked "409" "The client is not blocked, or the request with this key is still under way."
        ["Клиент не заблокирован", KEY_RUNS], again;
    AlreadyLinked "409" "The client has a Telegram account already." ["Клиент уже привязан к другому аккаунту Telegram"];
    BodyTooLarge "413" "The body is over 64 KiB." ["Request Entity Too Large"];
    Invalid "422" "Something in the request is not as it should be; everything wrong is told at once." [];
    InvalidOrKeyReused "422" "Something in the request is not as it should be, or the key was used with another request."
        ["Idempotency-Key использован с другим запросом"];
    TooManyGuesses "429" "Too many unknown tokens came from this address. A valid token is never held up by that."
        ["Too Many Requests"], again;
    Internal "500" "A mistake of this service; the log says more under the same request id." ["Внутренняя ошибка сервера"];
    PanelFailed "502" "The panel did not do it, or did not say that it did." ["Ошибка взаимодействия с VPN-провайдером"];
    Unavailable "503" "The database does not answer, or there are too many requests at once."
        ["Сервис временно недоступен"], again;
}

const NO_CLIENT: &str = "Клиент с id=f0deca00-9b5d-4a33-94d6-8c694d48137e не найден";
const NO_LINK: &str = "Конфигурация клиента недоступна — отсутствует привязка к RemnaWave";
const KEY_RUNS: &str = "Запрос с этим Idempotency-Key ещё выполняется";

impl Refusal {
    /// The component.
    pub fn response(self) -> Response {
        let mut response = ResponseBuilder::new().description(self.description());
        if self.status() == "401" {
            response = response.header("WWW-Authenticate", headers::www_authenticate());
        }
        if self.says_when() {
            response = response.header("Retry-After", headers::retry_after());
        }
        let schema = if self.status() == "422" { "ValidationError" } else { "Error" };
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema)));
        let mut examples = self.examples();
        let content = match (examples.pop(), examples.is_empty()) {
            (Some(only), true) => content.example(Some(only)),
            (last, _) => content.examples_from_iter(examples.into_iter().chain(last).enumerate().map(
                |(place, value)| {
                    (format!("case{}", place + 1), ExampleBuilder::new().value(Some(value)).build())
                },
            )),
        };
        response.content("application/json", content.build()).build()
    }

    fn examples(self) -> Vec<Value> {
        let invalid = (self.status() == "422").then(invalid);
        invalid.into_iter().chain(self.details().iter().map(|detail| json!({ "detail": detail }))).collect()
    }
}

fn invalid() -> Value {
    json!({
        "detail": "Ошибка валидации входных данных",
        "errors": [{
            "type": "uuid_parsing",
            "loc": ["path", "client_id"],
            "msg": "Input should be a valid UUID, invalid length: expected length 32 for simple format, found 2",
            "input": "17",
            "ctx": {"error": "invalid length: expected length 32 for simple format, found 2"}
        }]
    })
}

macro_rules! sets {
    ($($(#[$doc:meta])* $name:ident: $($refusal:ident)+;)+) => {
        $($(#[$doc])* #[derive(Debug)] pub enum $name {}

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                [$(Refusal::$refusal),+]
                    .map(|refusal| {
                        (refusal.status().to_owned(), Ref::from_response_name(refusal.name()).into())
                    })
                    .into()
            }
        })+
    };
}

sets! {
    /// Every endpoint that asks for a token and reads something of the request.
    Reading: Unauthenticated Invalid TooManyGuesses Internal Unavailable;
    /// An endpoint that those ask who watch the service.
    Watching: Unauthenticated TooManyGuesses Internal Unavailable;
    /// Every endpoint that changes something, and so knows keys. Besides [`Reading`].
    Writing: ReadOnly KeyInProgress InvalidOrKeyReused;
    /// Every endpoint that reads a body.
    WithBody: UnreadableBody BodyTooSlow BodyTooLarge;
    /// Every endpoint of one client.
    OfClient: ClientNotFound;
    /// An endpoint that hands out the client's link.
    OfLink: ClientOrLinkNotFound;
    /// Every endpoint that asks the panel.
    OnPanel: PanelFailed;
    /// An endpoint that makes a client.
    Naming: UsernameTaken;
    /// An endpoint that blocks.
    Blocking: AlreadyBlocked;
    /// An endpoint that unblocks.
    Unblocking: NotBlocked;
    /// An endpoint that invites.
    Inviting: AlreadyLinked;
}
