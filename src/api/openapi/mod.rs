//! The API described as OpenAPI 3.1, from the types and handlers themselves.
//!
//! A handler has `#[utoipa::path(...)]`: what it takes are the types of [`super::inputs`] ([`params`] says how they
//! look), what it gives are those of [`super::bodies`], and what can go wrong are sets of [`refusals`]. It is named once
//! more in [`Document`]; a test compares that with the routes.

mod headers;
mod links;
mod params;
pub mod refusals;
pub mod schemas;
mod shapes;

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Response};
use utoipa::{Modify, OpenApi as _};

use super::{audit, clients, health, invites, metrics, operations, stats};
use refusals::Refusal;

/// The name of the component of the header that every answer has.
const REQUEST_ID: &str = "X-Request-Id";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "RemnaWave Orchestrator",
        description = "Clients of a VPN on a RemnaWave panel: made, extended, blocked, deleted; their configurations; \
                       the log of everything that was done.\n\n\
                       Every call needs a token: `Authorization: Bearer TOKEN`. Tokens come from the setting `API_TOKENS` \
                       or from the bot's command `/token`.",
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "clients", description = "Clients and what is done with them."),
        (name = "configuration", description = "What a client's app imports. Secret: whoever has it has the VPN."),
        (name = "log", description = "What was done, and how it ended."),
        (name = "health", description = "Whether the service lives and can work, and its numbers. From its own machine no token is needed."),
    ),
    security(("token" = [])),
    components(schemas(super::error::Detail<'static>, super::error::Invalid)),
    paths(
        clients::create,
        clients::list,
        clients::show,
        clients::extend,
        clients::block,
        clients::unblock,
        clients::delete,
        clients::config,
        clients::qr,
        clients::rotate,
        invites::create,
        operations::list,
        audit::list,
        stats::show,
        health::alive,
        health::ready,
        metrics::show,
    ),
    modifiers(&Completion),
)]
struct Document;

/// What is the same everywhere, and so is written here instead of at each handler.
struct Completion;

impl Modify for Completion {
    fn modify(&self, document: &mut OpenApi) {
        links::add(document);
        let components = document.components.get_or_insert_with(Components::new);
        components.add_security_scheme("token", token());
        components.headers.insert(REQUEST_ID.to_owned(), headers::request_id().into());
        let described = document.paths.paths.values_mut().flat_map(|path| {
            [&mut path.get, &mut path.post, &mut path.delete]
                .into_iter()
                .flatten()
                .flat_map(|operation| operation.responses.responses.values_mut())
        });
        for response in described {
            match response {
                RefOr::T(response) => add_request_id(response),
                RefOr::Ref(named) => {
                    let refusal = Refusal::ALL.iter().find(|refusal| {
                        Ref::from_response_name(refusal.name()).ref_location == named.ref_location
                    });
                    if let Some(refusal) = refusal {
                        let mut response = refusal.response();
                        add_request_id(&mut response);
                        components.responses.insert(refusal.name().to_owned(), response.into());
                    }
                }
            }
        }
    }
}

fn add_request_id(response: &mut Response) {
    let header = Ref::new(format!("#/components/headers/{REQUEST_ID}"));
    response.headers.insert(REQUEST_ID.to_owned(), RefOr::Ref(header));
}

fn token() -> SecurityScheme {
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.description = Some("A token from `API_TOKENS` or from the bot's `/token`.".to_owned());
    SecurityScheme::Http(scheme)
}

/// The document as JSON.
///
/// # Errors
/// None that can happen: only a value that JSON cannot hold.
pub fn json() -> Result<String, serde_json::Error> {
    Document::openapi().to_json()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    /// The pages themselves are for people, not for programs; webhooks are for those who describe them.
    const OTHERS: [&str; 6] =
        ["/docs", "/docs/{file}", "/redoc", "/openapi.json", "/connect", "/webhooks/telegram"];

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let document: Value = serde_json::from_str(&super::json().unwrap()).unwrap();
        let described: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
                methods.map(|method| (path.clone(), method.to_uppercase()))
            })
            .collect();
        let routed: BTreeSet<(String, String)> = super::super::table()
            .methods
            .into_iter()
            .filter(|(path, _)| !OTHERS.contains(path))
            .flat_map(|(path, methods)| {
                methods.split(", ").map(move |method| (path.to_owned(), method.to_owned()))
            })
            .collect();
        assert_eq!(described, routed);
    }
}
