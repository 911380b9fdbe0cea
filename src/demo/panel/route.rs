//! Which endpoint a request means, which scope it needs, and who answers it.

use super::PanelVersion::{self, V2, V3};
use super::ask::{Answer, Ask};
use super::bulk::Bulk;
use super::errors::{HOSTS_FAILED, SQUADS_FAILED};
use super::http::Reply;
use super::store::TokenState;
use super::validate::{Issues, Problem, parse_uuid};
use super::{hosts, squads, system};

/// How a user is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The version's own key: uuid or number.
    Key,
    /// The number, where version 2 has a path of its own for it.
    Id,
    Username,
    ShortUuid,
    TelegramId,
    Tag,
}

/// `POST /api/users/{key}/actions/…`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Disable,
    Enable,
    Revoke,
    ResetTraffic,
    Extend,
}

/// What can be asked of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Endpoint<'a> {
    AuthStatus,
    Metadata,
    CreateUser,
    UpdateUser,
    DeleteUser(&'a str),
    ListUsers,
    StreamUsers,
    GetUser(By, &'a str),
    Resolve,
    Act(Action, &'a str),
    Bulk(Bulk),
    Squads,
    Squad(&'a str),
    Hosts,
    Subscription(By, &'a str),
    ConnectionKeys(&'a str),
    /// Public: the file a client downloads, perhaps of a client type named in the path.
    Sub(&'a str, Option<&'a str>),
    SubInfo(&'a str),
}

impl<'a> Endpoint<'a> {
    fn find(version: PanelVersion, method: &str, segments: &[&'a str]) -> Option<Self> {
        let ["api", rest @ ..] = segments else { return None };
        match (method, rest) {
            ("GET", ["auth", "status"]) => Some(Self::AuthStatus),
            ("GET", ["system", "metadata"]) => Some(Self::Metadata),
            ("GET", ["internal-squads"]) => Some(Self::Squads),
            ("GET", ["hosts"]) => Some(Self::Hosts),
            ("GET", ["internal-squads", uuid]) => Some(Self::Squad(uuid)),
            ("GET" | "HEAD", ["sub", short]) => Some(Self::Sub(short, None)),
            ("GET" | "HEAD", ["sub", short, "info"]) => Some(Self::SubInfo(short)),
            ("GET" | "HEAD", ["sub", short, client]) => Some(Self::Sub(short, Some(client))),
            (_, ["users", rest @ ..]) => Self::find_users(version, method, rest),
            ("GET", ["subscriptions", rest @ ..]) => Self::find_subscriptions(version, rest),
            _ => None,
        }
    }

    fn find_users(version: PanelVersion, method: &str, rest: &[&'a str]) -> Option<Self> {
        match (method, rest, version) {
            ("POST", [], _) => Some(Self::CreateUser),
            ("PATCH", [], _) => Some(Self::UpdateUser),
            ("GET", [], _) => Some(Self::ListUsers),
            ("GET", ["stream"], V3) => Some(Self::StreamUsers),
            ("POST", ["resolve"], _) => Some(Self::Resolve),
            ("POST", ["bulk", action], _) => Bulk::find(action).map(Self::Bulk),
            ("GET", ["by-username", name], _) => Some(Self::GetUser(By::Username, name)),
            ("GET", ["by-short-uuid", short], _) => Some(Self::GetUser(By::ShortUuid, short)),
            ("GET", ["by-id", id], V2) => Some(Self::GetUser(By::Id, id)),
            ("GET", ["by-telegram-id", id], V2) => Some(Self::GetUser(By::TelegramId, id)),
            ("GET", ["by-tag", tag], V2) => Some(Self::GetUser(By::Tag, tag)),
            ("GET", [key], _) => Some(Self::GetUser(By::Key, key)),
            ("DELETE", [key], _) => Some(Self::DeleteUser(key)),
            ("POST", [key, "actions", action], _) => {
                let action = match *action {
                    "disable" => Action::Disable,
                    "enable" => Action::Enable,
                    "revoke" => Action::Revoke,
                    "reset-traffic" => Action::ResetTraffic,
                    "extend" if version == V3 => Action::Extend,
                    _ => return None,
                };
                Some(Self::Act(action, key))
            }
            _ => None,
        }
    }

    fn find_subscriptions(version: PanelVersion, rest: &[&'a str]) -> Option<Self> {
        match (rest, version) {
            (["by-username", name], _) => Some(Self::Subscription(By::Username, name)),
            (["by-short-uuid", short], _) => Some(Self::Subscription(By::ShortUuid, short)),
            (["by-uuid", key], V2) | (["by-id", key], V3) => Some(Self::Subscription(By::Key, key)),
            (["connection-keys", key], _) => Some(Self::ConnectionKeys(key)),
            _ => None,
        }
    }

    /// The scope's resource, its own name, and `read` or `write`; `None` for what is public.
    fn scope(&self) -> Option<(&'static str, &'static str, &'static str)> {
        Some(match self {
            Self::AuthStatus | Self::Sub(..) | Self::SubInfo(_) => return None,
            Self::Metadata => ("system", "metadata", "read"),
            Self::CreateUser => ("users", "create", "write"),
            Self::UpdateUser => ("users", "update", "write"),
            Self::DeleteUser(_) => ("users", "delete", "write"),
            Self::ListUsers => ("users", "list", "read"),
            Self::StreamUsers => ("users", "stream", "read"),
            Self::GetUser(By::Username, _) => ("users", "by-username", "read"),
            Self::GetUser(By::ShortUuid, _) => ("users", "by-short-uuid", "read"),
            Self::GetUser(_, _) => ("users", "by-id", "read"),
            Self::Resolve => ("users", "resolve", "read"),
            Self::Act(Action::Disable, _) => ("users", "disable", "write"),
            Self::Act(Action::Enable, _) => ("users", "enable", "write"),
            Self::Act(Action::Revoke, _) => ("users", "revoke-subscription", "write"),
            Self::Act(Action::ResetTraffic, _) => ("users", "reset-traffic", "write"),
            Self::Act(Action::Extend, _) => ("users", "extend", "write"),
            Self::Bulk(bulk) => ("users", bulk.scope(), "write"),
            Self::Squads => ("internal-squads", "list", "read"),
            Self::Squad(_) => ("internal-squads", "get", "read"),
            Self::Hosts => ("hosts", "list", "read"),
            Self::Subscription(By::Username, _) => ("subscriptions", "by-username", "read"),
            Self::Subscription(By::ShortUuid, _) => ("subscriptions", "by-short-uuid-protected", "read"),
            Self::Subscription(_, _) => ("subscriptions", "by-id", "read"),
            Self::ConnectionKeys(_) => ("subscriptions", "connection-keys", "read"),
        })
    }
}

/// Answers a request whose connection the panel did not destroy.
pub(super) fn answer(mut ask: Ask<'_>) -> Reply {
    let request = ask.request;
    match request.json() {
        Ok(body) => ask.body = body,
        Err(refusal) => return refusal,
    }
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let Some(endpoint) = Endpoint::find(ask.version(), &request.method, &segments) else {
        return Reply::framework(404, &format!("Cannot {} {}", request.method, request.path));
    };
    if let Some(scope) = endpoint.scope()
        && let Err(refusal) = authorise(&mut ask, scope)
    {
        return refusal;
    }
    run(ask, &endpoint).unwrap_or_else(|refusal| refusal)
}

fn run(ask: Ask<'_>, endpoint: &Endpoint<'_>) -> Answer {
    match *endpoint {
        Endpoint::AuthStatus => Ok(system::auth_status()),
        Endpoint::Metadata => Ok(system::metadata(ask.store.told_version())),
        Endpoint::CreateUser => ask.create(),
        Endpoint::UpdateUser => ask.update(),
        Endpoint::DeleteUser(key) => ask.delete(key),
        Endpoint::ListUsers => ask.list(),
        Endpoint::StreamUsers => ask.stream(),
        Endpoint::GetUser(by, key) => ask.get(by, key),
        Endpoint::Resolve => ask.resolve(),
        Endpoint::Act(Action::Disable, key) => ask.disable(key),
        Endpoint::Act(Action::Enable, key) => ask.enable(key),
        Endpoint::Act(Action::Revoke, key) => ask.revoke(key),
        Endpoint::Act(Action::ResetTraffic, key) => ask.reset_traffic(key),
        Endpoint::Act(Action::Extend, key) => ask.extend(key),
        Endpoint::Bulk(bulk) => ask.bulk(bulk),
        Endpoint::Squads => ask.database(SQUADS_FAILED).map(|()| squads::list(ask.store)),
        Endpoint::Squad(uuid) => squad(&ask, uuid),
        Endpoint::Hosts => ask.database(HOSTS_FAILED).map(|()| hosts::list(ask.store)),
        Endpoint::Subscription(by, key) => ask.subscription(by, key),
        Endpoint::ConnectionKeys(key) => ask.connection_keys(key),
        Endpoint::Sub(short, client) => Ok(ask.sub(short, client)),
        Endpoint::SubInfo(short) => ask.sub_info(short),
    }
}

fn squad(ask: &Ask<'_>, uuid: &str) -> Answer {
    let Some(uuid) = parse_uuid(uuid) else {
        return Err(Issues::only(ask.version(), &[serde_json::json!("uuid")], &Problem::Uuid, None));
    };
    ask.database(SQUADS_FAILED)?;
    // Not recorded: nothing of ours asks for a single squad.
    squads::get(ask.store, uuid).ok_or_else(|| Reply::framework(404, "Internal squad not found"))
}

/// Lets the request pass if its token may.
fn authorise(ask: &mut Ask<'_>, (resource, name, kind): (&str, &str, &str)) -> Result<(), Reply> {
    let version = ask.version();
    let database_down = ask.store.database_down;
    let forbidden = || Reply::framework(403, "Forbidden resource");
    let bearer = ask.request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let token = bearer.and_then(|token| ask.store.tokens.get_mut(token)).ok_or_else(Reply::unauthorized)?;
    match token.state {
        TokenState::Expired => return Err(Reply::unauthorized()),
        TokenState::Deleted => return Err(forbidden()),
        TokenState::Live if database_down && !token.used => return Err(forbidden()),
        TokenState::Live => {}
    }
    // Any scope's look-up fills the panel's cache.
    token.used = true;
    let covers = |scope: &String| match scope.split_once(':') {
        None => scope == "*",
        Some((of, what)) => of == resource && (what == "*" || what == kind || what == name),
    };
    if version == V3 && !token.scopes.iter().any(covers) {
        return Err(forbidden());
    }
    Ok(())
}
