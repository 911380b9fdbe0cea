//! Which scopes a token needs, and requests that tell whether it has them without doing anything.
//!
//! The panel looks at the token before it looks at what is asked. So a request that cannot succeed, about a user that
//! cannot exist, is answered 403 where the scope is missing, and else 400 or 404.

use reqwest::Method;
use serde_json::json;

use super::check::METADATA;
use super::request::Call;
use super::squads::LIST;

/// No name, no number, no UUID and no short UUID in any version of the panel.
const NOBODY: &str = "~";

/// A scope that the service uses.
pub(super) struct Scope {
    /// As the README names it.
    pub(super) name: &'static str,
    /// Whether there is another way without it.
    pub(super) dispensable: bool,
    /// What is refused without it, and does nothing with it.
    pub(super) probe: fn() -> Call,
}

const fn needed(name: &'static str, probe: fn() -> Call) -> Scope {
    Scope { name, dispensable: false, probe }
}

const fn useful(name: &'static str, probe: fn() -> Call) -> Scope {
    Scope { name, dispensable: true, probe }
}

/// All of them; the one for squads is dispensable where the setting names all squads by UUID.
pub(super) const SCOPES: [Scope; 13] = [
    needed("users:create", || Call::new(Method::POST, "/api/users").json(Some(json!({})))),
    needed("users:update", || Call::new(Method::PATCH, "/api/users").json(Some(json!({})))),
    needed("users:disable", || act("/api/users/{id}/actions/disable")),
    needed("users:enable", || act("/api/users/{id}/actions/enable")),
    needed("users:revoke-subscription", || act("/api/users/{id}/actions/revoke")),
    needed("users:delete", || Call::new(Method::DELETE, "/api/users/{id}").at(NOBODY)),
    needed("users:by-id", || Call::get("/api/users/{id}").at(NOBODY)),
    needed("users:by-username", || Call::get("/api/users/by-username/{username}").at(NOBODY)),
    needed("users:by-short-uuid", || Call::get("/api/users/by-short-uuid/{shortUuid}").at(NOBODY)),
    needed("users:list", || Call::get("/api/users").query("start", 0).query("size", 1)),
    useful("subscriptions:read", || Call::get("/api/subscriptions/by-short-uuid/{shortUuid}").at(NOBODY)),
    useful("system:metadata", || Call::get(METADATA)),
    needed(SQUADS, || Call::get(LIST)),
];

/// The scope for the list of squads.
pub(super) const SQUADS: &str = "internal-squads:read";

fn act(template: &'static str) -> Call {
    Call::new(Method::POST, template).at(NOBODY).json(Some(json!({})))
}
